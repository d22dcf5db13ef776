//! State machines without I/O: bytes and `now` in; bytes, events and the next deadline out.
//!
//! Drive a link like this, and in this order: feed it ([`Link::receive`], [`Link::expire`],
//! [`Link::answer`]), then drain it ([`Link::transmit`] and [`Link::event`] until both are
//! `None`), then sleep until bytes, an answer or [`Link::deadline`].

pub mod bare;
pub mod block;
pub mod fault;
pub mod lis01;
pub mod mllp;
pub mod whole;

mod backlog;
mod evidence;
mod stream;

use std::time::Duration;

use jiff::Timestamp;

/// Monotonic time since some fixed start. Links never read a clock; they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(Duration);

impl Moment {
    /// The moment this long after the start.
    pub const fn after(start: Duration) -> Moment {
        Moment(start)
    }

    /// Time since the start.
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// This much later.
    pub const fn plus(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(duration))
    }
}

/// A point in time on both clocks. No machine reads the second one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Monotonic, for measuring.
    pub moment: Moment,
    /// UTC, for people.
    pub utc: Timestamp,
}

/// Names one delivered message until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub u64);

/// What a link tells its driver.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A complete message. The link sends no acknowledgement until [`Link::answer`] is called
    /// with this token, and delivers nothing further before that.
    Message {
        /// To answer with.
        token: Token,
        /// The message: frames checked and joined, block envelope removed.
        bytes: Vec<u8>,
    },
    /// A transfer that ended before its message was complete. To be kept as evidence; no answer
    /// is expected and none was sent to the peer for its missing part.
    Incomplete {
        /// What was accepted so far.
        bytes: Vec<u8>,
        /// Why it ended.
        why: Interruption,
    },
    /// Bytes were refused or ignored. For the log, the counters and `decode`.
    Fault(LinkFault),
    /// Sender role: the message handed over by [`Sending::send`] was accepted by the peer.
    Accepted {
        /// As given to `send`.
        token: Token,
        /// MLLP: the acknowledgement as received; empty for LIS01.
        reply: Vec<u8>,
    },
    /// Sender role: the message was given up; it may be sent again.
    GaveUp {
        /// As given to `send`.
        token: Token,
        /// Why.
        why: String,
    },
}

/// Why a transfer ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interruption {
    /// EOT before the message was complete.
    EndOfTransmission,
    /// ENQ inside a transfer: the peer started again.
    Restarted,
    /// T5: nothing came for 30 s.
    Silence,
    /// The line was lost.
    Disconnected,
    /// The message grew over `limits::MESSAGE_MAX`.
    TooLong,
}

/// Bytes that were refused or ignored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LinkFault {
    /// Offset of the first byte concerned, counted over all bytes received on this connection.
    pub offset: u64,
    /// How many bytes.
    pub length: usize,
    /// What was wrong.
    pub kind: LinkFaultKind,
    /// The first bytes of it (at most `limits::FAULT_EXCERPT_MAX`).
    pub excerpt: Vec<u8>,
}

/// What was wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkFaultKind {
    /// Bytes between frames or blocks, or outside a transfer.
    Noise,
    /// A frame without a proper end.
    Malformed,
    /// The checksum does not match.
    Checksum,
    /// Neither the expected nor the last accepted frame number.
    FrameNumber,
    /// The last frame number again but with another text: not a retransmission.
    RepeatDiffers,
    /// The frame before, sent again; acknowledged, not delivered again. Harmless.
    Repeated,
    /// Longer than the bound.
    TooLong,
    /// ENQ inside a transfer.
    UnexpectedEnquiry,
    /// An answer that cannot be credited to a message of ours.
    StrayAnswer,
}

/// The answer to a delivered message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Committed: LIS01 ACK, HL7 AA.
    Stored,
    /// Committed, but it could not be read: LIS01 ACK, HL7 AE with this text.
    StoredUnread(String),
    /// Committed, and this whole message is the reply: HL7 sends it in place of the acknowledgement
    /// (a response to a query carries its own MSA); LIS01 has no such place and sends ACK.
    StoredReply(Vec<u8>),
    /// Not committed: LIS01 NAK, HL7 AR with this text. The peer will send again.
    Refused(String),
}

/// A named timer, for deadlines and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// T1, sender: reply to ENQ, 15 s (LIS01-A2 6.5.2.1).
    EnquiryReply,
    /// T2, sender: pause after NAK to ENQ, 10 s (6.2.6).
    BusyPause,
    /// T3, instrument: pause after contention, 1 s (6.2.7.1).
    ContentionPause,
    /// T3, host: it waits for the instrument to bid again, 20 s (6.5.2.2).
    ContentionWait,
    /// T7, sender: pause after an interrupt that was honoured, 15 s (6.3.5.3).
    InterruptPause,
    /// Sender: pause after a transfer that was given up, 1 s (sender's figure of LIS01-A2).
    AbortPause,
    /// A reply, or an ENQ out of turn, is in doubt until the line was quiet for 1 s or 0.5 s (ours;
    /// LIS01-A2 is silent).
    ReplyQuiet,
    /// T4, sender: reply to a frame, 15 s (6.5.2.3).
    FrameReply,
    /// T5, receiver: next frame or EOT, 30 s (6.5.2.4).
    NextFrame,
    /// Records without a link layer: more of a message that has begun (ours; as T5).
    RecordGap,
    /// MLLP: acknowledgement or commit of what we sent.
    Acknowledgement,
    /// MLLP: a message that was not stored and that nobody will send again is delivered again.
    Redelivery,
    /// T2 of block protocols: a text begun must end.
    TextEnd,
    /// Block protocols: the next part of a text that goes on.
    NextBlock,
    /// t4 of block protocols: a reply must not come sooner.
    ReplyPause,
    /// T4 of block protocols, sender: reply to a text.
    TextReply,
    /// T5, T6 of block protocols, sender: pause before a text.
    TextPause,
    /// Hitachi, instrument: it asks whether there is anything for it.
    Poll,
}

/// When to call [`Link::expire`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// Which timer.
    pub timer: Timer,
    /// When it runs out.
    pub at: Moment,
}

/// One end of one line, without I/O.
pub trait Link: Send {
    /// Bytes arrived. May be any piece of the stream.
    fn receive(&mut self, now: Moment, bytes: &[u8]);

    /// The time of [`Link::deadline`] has come (harmless when it has not).
    fn expire(&mut self, now: Moment);

    /// What became of a delivered message. An answer whose transfer has meanwhile ended is
    /// ignored: the peer will send again, and sending again is harmless.
    fn answer(&mut self, now: Moment, token: Token, answer: Answer);

    /// The line was lost: what was half received becomes [`Event::Incomplete`].
    fn disconnect(&mut self, now: Moment);

    /// Bytes to send now, if any.
    fn transmit(&mut self) -> Option<Vec<u8>>;

    /// The next event, if any.
    fn event(&mut self) -> Option<Event>;

    /// When the next timer runs out, if one runs.
    fn deadline(&self) -> Option<Deadline>;

    /// Whether the driver should read: false while the backlog is full.
    fn wants_bytes(&self) -> bool;

    /// The connection can no longer be trusted: close it, call [`Link::disconnect`], open a new
    /// one. Until then nothing is sent and nothing credited.
    fn must_close(&self) -> bool {
        false
    }

    /// Says whether new transfers can be taken at present (they can until this is called). While
    /// they cannot, a link that has a word for "busy" says it; one that has none goes on, and its
    /// messages are refused one by one.
    fn set_ready(&mut self, _now: Moment, _ready: bool) {}
}

/// A link that can also send messages of its own.
pub trait Sending: Link {
    /// Queues a message. [`Event::Accepted`] or [`Event::GaveUp`] will name the token.
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>);

    /// Takes a message back of which not one byte was sent, or of which the peer has discarded
    /// what was. True: it will not be sent, and no event will name it. False: it is under way, or
    /// unknown.
    fn withdraw(&mut self, now: Moment, token: Token) -> bool;

    /// Whether everything handed over was accepted or given up.
    fn is_idle(&self) -> bool;
}
