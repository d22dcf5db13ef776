//! The receiving side of a LIS01-A2 session (6.2 to 6.5; state table of the standard's figure).
//!
//! Exists to turn a stream of bytes into messages, each acknowledged only after it was stored.
//!
//! ```text
//!                ENQ / ACK                    good frame / ACK
//!   +---------+ ------------> +------------+ ------.
//!   | Neutral |               | AwaitFrame | <-----'   bad frame / NAK (no change)
//!   +---------+ <------------ +------------+ <--------------------------------.
//!      ^    ^     EOT, T5       |   |    ^                                    |
//!      |    |                   |   |    | answer: stored / ACK               |
//!      |    |    message too    |   |    | answer: refused / NAK              | ENQ / ACK
//!      |    |     long / NAK    |   v    |                                    |
//!      |    |         .---------'  +-------------+                            |
//!      |    |         v            | AwaitAnswer | bytes wait in the backlog  |
//!      |    |      +---------+     +-------------+                            |
//!      |    `------| Discard | frame / NAK ------------------------------------'
//!      |   EOT, T5 +---------+
//!      `--- line lost: from everywhere
//! ```
//!
//! | state | event | reply | next |
//! |---|---|---|---|
//! | Neutral | ENQ | ACK | AwaitFrame, number 1 expected, T5 |
//! | Neutral | ENQ while busy | NAK | Neutral |
//! | Neutral | EOT | | Neutral |
//! | Neutral | other bytes | | Neutral, noise |
//! | AwaitFrame | good frame, number expected | ACK | AwaitFrame, T5 |
//! | AwaitFrame | the same, completes a message | | AwaitAnswer |
//! | AwaitFrame | good frame, number and text of the last one | ACK | AwaitFrame, T5, repeated |
//! | AwaitFrame | damaged, other number, repeat that differs | NAK | AwaitFrame, T5 |
//! | AwaitFrame | the first frame behind STX in the text of one | NAK | AwaitFrame, T5, malformed |
//! | AwaitFrame | ENQ inside a frame | NAK | AwaitFrame, T5, malformed |
//! | AwaitFrame | the same, may be a restart; 0.5 s of quiet | ACK | as ENQ between frames |
//! | AwaitFrame | the same; ENQ again | ACK | as ENQ between frames |
//! | AwaitFrame | the same; EOT | | Neutral, incomplete |
//! | AwaitFrame | the same; any other byte | NAK | AwaitFrame, T5, malformed |
//! | AwaitFrame | frame that makes the message too long | NAK | Discard, T5, incomplete |
//! | AwaitFrame, Discard | ENQ between frames | ACK | AwaitFrame, number 1, T5, incomplete |
//! | AwaitFrame, Discard | the same while busy | NAK | Neutral, incomplete |
//! | AwaitFrame | ENQ within 0.5 s of our ACK to one | | AwaitFrame |
//! | AwaitFrame, Discard | EOT, T5 | | Neutral, incomplete |
//! | AwaitAnswer | stored | ACK | AwaitFrame, T5 |
//! | AwaitAnswer | refused | NAK | AwaitFrame, T5, same number expected |
//! | Discard | frame | NAK | Discard, T5 |
//! | any | line lost | | Neutral, incomplete |
//!
//! ACK to a good frame is EOT while the line is asked for.
//!
//! Timer: T5, next frame or EOT, 30 s after each reply (6.5.2.4). It does not run in AwaitAnswer:
//! there we owe the reply (T6, 15 s, 6.5.2.5, is kept by `limits::COMMIT_WAIT`).
//!
//! Decisions where the standard is silent or the field differs:
//!
//! * **One transmission, one reply.** A reply too many would be taken for the reply to the next
//!   frame, and a sender would believe in a frame that never arrived. So a frame that is cut by
//!   STX or EOT is reported but not refused: its sender has given it up already, and the frame
//!   that follows is answered for both.
//! * **STX in the text of a frame: what follows is refused once**, even if it is good. The STX may
//!   be a damaged character: where a digit that is the expected number stands behind it, and the
//!   sum up to it is 0 modulo 256, the rest of the damaged frame fits as a frame, and its ACK would
//!   count for the whole. A sender that really began its frame anew sends it once more.
//! * **No reply to a peer that gave up.** When the answer to a message comes so late that the peer
//!   has sent EOT and ENQ, the ACK of the old frame would be taken for the ACK of the new ENQ, and
//!   all later ones would count one frame too far. It is not sent; the peer sends the message
//!   again, which is harmless.
//! * **ENQ inside a frame is refused with NAK**, not taken for a new session. One flipped bit turns
//!   `E` into ENQ; an ACK would then count for the damaged frame. A peer that really began
//!   again takes the NAK as "busy" and bids once more (6.2.6). `Settings::restart_on_enquiry` is
//!   for analysers that never do; the ACK then waits for half a second of quiet, and the rest of a
//!   frame in that time proves the ENQ to be a damaged character.
//! * **A second ENQ right after our ACK of one** is reported and not answered. It was doubled on
//!   the line, or the first one was a damaged EOT before it; in both cases one of two ACKs would
//!   be taken for the reply to the first frame.
//! * **Other control characters in the text** (6.6 forbids SOH ACK DLE NAK SYN DC1-4) are let
//!   through when the checksum holds: the sender means them and would send them again for ever.
//!   The record reader reports them, so they cannot go unseen.
//! * **A message ends** with an end frame (ETX) whose last record is an L record. Its CR may be
//!   missing there. An L record in an intermediate frame (ETB) ends nothing yet.
//! * **T5** does not start again with noise, only with our replies.
//!
//! * **Asking for the line**: while something waits to be sent, the word for "accepted" may be EOT
//!   (6.3.5). It is repeated with each good frame; the frame that completes a message gets it only
//!   when the message is stored.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::deframer::{Deframer, Found};
use super::joined::{Joined, Mark};
use super::{ENQUIRY_QUIET, Settings};
use crate::codec::lis01::{ACK, ENQ, EOT, End, Frame, FrameFault, NAK, frame, next_number};
use crate::limits;
use crate::link::backlog::Backlog;
use crate::link::evidence::fault;
use crate::link::{
    Answer, Deadline, Event, Interruption, Link, LinkFault, LinkFaultKind, Moment, Timer, Token,
};

/// The number of the first frame of a session (6.3.1.2).
const FIRST_NUMBER: u8 = 1;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum State {
    #[default]
    Neutral,
    AwaitFrame,
    AwaitAnswer(Pending),
    Discard,
}

/// The frame that completed a message, until the message is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pending {
    token: Token,
    number: u8,
    before: Mark,
}

/// The frame accepted last in this session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Accepted {
    number: u8,
    text: Vec<u8>,
}

/// What a good frame is to us.
enum Standing {
    Expected,
    Repeated,
    RepeatDiffers,
    OtherNumber,
}

/// Receives LIS01-A2 sessions on one line. Takes almost no memory between sessions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receiver {
    state: State,
    deframer: Deframer,
    message: Joined,
    expected: u8,
    accepted: Option<Accepted>,
    silence: Option<Moment>,
    /// The last reply was the ACK to an ENQ; another ENQ before this is not answered.
    granted_until: Option<Moment>,
    /// ENQ inside a frame, of which it is not clear yet whether it is a restart.
    perhaps_restart: Option<PerhapsRestart>,
    backlog: Backlog,
    replies: Vec<u8>,
    events: VecDeque<Event>,
    next_token: u64,
    next_frame_wait: Duration,
    restart_on_enquiry: bool,
    busy: bool,
    /// Something waits to be sent: frames are accepted with EOT.
    asks: bool,
    course: Course,
}

/// A frame that ENQ cut. Unless more bytes follow soon, its sender began again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PerhapsRestart {
    fault: LinkFault,
    until: Moment,
}

/// What has happened to sessions since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Course {
    /// One began.
    pub(super) begun: bool,
    /// One was refused: busy.
    pub(super) refused: bool,
    /// A message was accepted.
    pub(super) message_came: bool,
    /// One ended with an EOT that cut a frame: perhaps a damaged character of it.
    pub(super) torn: bool,
}

impl Receiver {
    /// A receiver on a neutral line.
    pub fn new() -> Receiver {
        Receiver::with(Settings::host())
    }

    /// A receiver with these habits; those of a sender have no meaning here.
    pub fn with(settings: Settings) -> Receiver {
        Receiver {
            state: State::Neutral,
            deframer: Deframer::default(),
            message: Joined::default(),
            expected: FIRST_NUMBER,
            accepted: None,
            silence: None,
            granted_until: None,
            perhaps_restart: None,
            backlog: Backlog::default(),
            replies: Vec::new(),
            events: VecDeque::new(),
            next_token: 1,
            next_frame_wait: settings.next_frame_wait,
            restart_on_enquiry: settings.restart_on_enquiry,
            busy: false,
            asks: false,
            course: Course::default(),
        }
    }

    /// Bytes of memory held for this line, events not yet taken counted without their contents.
    /// Next to nothing between sessions.
    pub fn memory(&self) -> usize {
        let accepted = self.accepted.as_ref().map_or(0, |last| last.text.capacity());
        let events = self.events.capacity().saturating_mul(size_of::<Event>());
        let parts = [self.deframer.memory(), self.message.memory(), self.backlog.memory()];
        parts.into_iter().fold(accepted + events + self.replies.capacity(), usize::saturating_add)
    }

    /// Whether no session is open.
    pub(super) fn is_neutral(&self) -> bool {
        match self.state {
            State::Neutral => true,
            State::AwaitFrame | State::AwaitAnswer(_) | State::Discard => false,
        }
    }

    /// From now on ENQ is answered with NAK (6.2.6), or not.
    pub(super) fn set_busy(&mut self, busy: bool) {
        self.busy = busy;
    }

    /// From now on good frames are answered with EOT in place of ACK (6.3.5), or not.
    pub(super) fn set_asks(&mut self, asks: bool) {
        self.asks = asks;
    }

    /// What happened since the last call.
    pub(super) fn take_course(&mut self) -> Course {
        mem::take(&mut self.course)
    }

    /// A byte of the line that the sending side has heard; not `meant`, it is noise.
    pub(super) fn overhear(&mut self, byte: u8, meant: bool) {
        if meant {
            self.deframer.pass();
        } else {
            self.deframer.stray(byte);
        }
        self.report_ignored();
    }

    /// Reads until the bytes are used up or a message waits for its answer; returns the rest.
    fn read<'i>(&mut self, now: Moment, bytes: &'i [u8]) -> &'i [u8] {
        let mut rest = bytes;
        loop {
            if let Some(next) = rest.first() {
                self.decide_restart(now, *next);
            }
            let in_transfer = match self.state {
                State::AwaitAnswer(_) => return rest,
                State::Neutral => false,
                State::AwaitFrame | State::Discard => true,
            };
            let found = self.deframer.next(&mut rest, in_transfer);
            let torn = self.report_ignored();
            let Some(found) = found else { return rest };
            self.course.torn |= torn && matches!(found, Found::EndOfTransmission);
            self.take(now, found);
        }
    }

    fn take(&mut self, now: Moment, found: Found<'_>) {
        match found {
            Found::Enquiry { offset } => self.enquiry(now, offset),
            Found::EndOfTransmission => self.end_session(Interruption::EndOfTransmission),
            Found::Frame { offset, bytes } => self.check_frame(now, offset, &bytes),
            Found::EnquiryInFrame(fault) if self.restart_on_enquiry => self.suspect(now, fault),
            Found::EnquiryInFrame(fault) | Found::TooLong(fault) | Found::Doubtful(fault) => {
                self.refuse(now, fault);
            }
        }
    }

    fn enquiry(&mut self, now: Moment, offset: u64) {
        if !self.is_neutral() {
            let kind = LinkFaultKind::UnexpectedEnquiry;
            let fault = LinkFault { offset, length: 1, kind, excerpt: vec![ENQ] };
            self.events.push_back(Event::Fault(fault));
            if self.granted_until.is_some_and(|until| now < until) {
                return;
            }
            self.end_session(Interruption::Restarted);
        }
        self.begin_session(now);
    }

    /// ENQ inside a frame, from a peer that means a new session by it. Or a damaged character.
    fn suspect(&mut self, now: Moment, fault: LinkFault) {
        let until = now.plus(ENQUIRY_QUIET);
        self.perhaps_restart = Some(PerhapsRestart { fault, until });
    }

    /// What follows the ENQ tells: the rest of a frame, another bid, or the end of the attempt.
    fn decide_restart(&mut self, now: Moment, next: u8) {
        let Some(PerhapsRestart { fault, .. }) = self.perhaps_restart.take() else { return };
        match next {
            ENQ => self.restart(now, fault),
            EOT => self.events.push_back(Event::Fault(fault)),
            _ => self.refuse(now, fault),
        }
    }

    fn restart(&mut self, now: Moment, fault: LinkFault) {
        self.events.push_back(Event::Fault(fault));
        self.end_session(Interruption::Restarted);
        self.begin_session(now);
    }

    fn begin_session(&mut self, now: Moment) {
        if self.busy {
            self.course.refused = true;
            self.replies.push(NAK);
            return;
        }
        self.course.begun = true;
        self.state = State::AwaitFrame;
        self.reply(now, ACK);
        self.granted_until = Some(now.plus(ENQUIRY_QUIET));
    }

    fn check_frame(&mut self, now: Moment, offset: u64, bytes: &[u8]) {
        let kind = match (self.state, frame(bytes)) {
            (State::Discard, _) => LinkFaultKind::TooLong,
            (_, Err(FrameFault::Malformed)) => LinkFaultKind::Malformed,
            (_, Err(FrameFault::Checksum { .. })) => LinkFaultKind::Checksum,
            (_, Ok(frame)) => match self.standing(&frame) {
                Standing::Expected => return self.accept(now, &frame),
                Standing::Repeated => return self.repeated(now, offset, bytes),
                Standing::RepeatDiffers => LinkFaultKind::RepeatDiffers,
                Standing::OtherNumber => LinkFaultKind::FrameNumber,
            },
        };
        self.refuse(now, fault(offset, bytes, kind));
    }

    /// Before the first accepted frame nothing can be a repeat: number 0 is then just wrong.
    fn standing(&self, frame: &Frame<'_>) -> Standing {
        if frame.number == self.expected {
            return Standing::Expected;
        }
        match &self.accepted {
            Some(last) if last.number == frame.number && last.text == frame.text => {
                Standing::Repeated
            }
            Some(last) if last.number == frame.number => Standing::RepeatDiffers,
            Some(_) | None => Standing::OtherNumber,
        }
    }

    fn accept(&mut self, now: Moment, frame: &Frame<'_>) {
        if self.message.len().saturating_add(frame.text.len()) > limits::MESSAGE_MAX {
            return self.overflow(now);
        }
        let before = self.message.mark();
        self.message.append(frame.text);
        if frame.end == End::Etx && self.message.ends_with_terminator() {
            self.deliver(frame.number, before);
        } else {
            self.accept_frame(now, frame.number, before);
        }
    }

    fn accept_frame(&mut self, now: Moment, number: u8, before: Mark) {
        self.remember(number, before);
        self.reply(now, self.accepted_word());
    }

    fn remember(&mut self, number: u8, before: Mark) {
        let mut text = self.accepted.take().map(|last| last.text).unwrap_or_default();
        text.clear();
        text.extend_from_slice(self.message.since(before));
        self.accepted = Some(Accepted { number, text });
        self.expected = next_number(number);
    }

    /// The text is kept until the answer: a refused frame will come again and complete the
    /// message again.
    fn deliver(&mut self, number: u8, before: Mark) {
        let token = Token(self.next_token);
        self.next_token = self.next_token.wrapping_add(1);
        self.events.push_back(Event::Message { token, bytes: self.message.bytes().to_vec() });
        self.state = State::AwaitAnswer(Pending { token, number, before });
        self.silence = None;
        self.granted_until = None;
    }

    fn repeated(&mut self, now: Moment, offset: u64, bytes: &[u8]) {
        let fault = fault(offset, bytes, LinkFaultKind::Repeated);
        self.events.push_back(Event::Fault(fault));
        self.reply(now, self.accepted_word());
    }

    /// The reply to a good frame. EOT accepts it too, and asks for the line (6.3.5).
    fn accepted_word(&self) -> u8 {
        if self.asks { EOT } else { ACK }
    }

    fn refuse(&mut self, now: Moment, fault: LinkFault) {
        self.events.push_back(Event::Fault(fault));
        self.reply(now, NAK);
    }

    fn overflow(&mut self, now: Moment) {
        let bytes = self.message.take();
        self.events.push_back(Event::Incomplete { bytes, why: Interruption::TooLong });
        self.state = State::Discard;
        self.reply(now, NAK);
    }

    fn reply(&mut self, now: Moment, reply: u8) {
        self.replies.push(reply);
        self.granted_until = None;
        self.restart_silence(now);
    }

    /// The next frame or EOT may take 30 s from each reply (T5).
    fn restart_silence(&mut self, now: Moment) {
        self.silence = Some(now.plus(self.next_frame_wait));
    }

    /// What the answer to a message does to it, and the reply to its last frame.
    fn settle(&mut self, pending: Pending, answer: &Answer) -> u8 {
        match answer {
            Answer::Stored | Answer::StoredUnread(_) | Answer::StoredReply(_) => {
                self.remember(pending.number, pending.before);
                self.message.clear();
                self.course.message_came = true;
                self.accepted_word()
            }
            Answer::Refused(_) => {
                self.message.return_to(pending.before);
                NAK
            }
        }
    }

    /// Whether the peer ran out of patience and waits for the reply to a new ENQ.
    fn peer_bids_again(&self) -> bool {
        let unread = self.backlog.unread();
        unread.last() == Some(&ENQ) && unread.iter().all(|byte| matches!(*byte, EOT | ENQ))
    }

    /// Back to neutral, giving all memory back.
    fn end_session(&mut self, why: Interruption) {
        let bytes = self.message.take();
        if !bytes.is_empty() {
            self.events.push_back(Event::Incomplete { bytes, why });
        }
        self.state = State::Neutral;
        self.expected = FIRST_NUMBER;
        self.accepted = None;
        self.silence = None;
        self.granted_until = None;
        let suspect = self.perhaps_restart.take();
        self.events.extend(suspect.map(|suspect| Event::Fault(suspect.fault)));
    }

    /// Returns whether a frame that was cut is among them.
    fn report_ignored(&mut self) -> bool {
        let ignored = self.deframer.ignored();
        let torn = ignored.iter().any(|fault| fault.kind != LinkFaultKind::Noise);
        self.events.extend(ignored.into_iter().map(Event::Fault));
        torn
    }

    fn read_backlog(&mut self, now: Moment) {
        let (bytes, from) = self.backlog.take();
        let unread = self.read(now, bytes.get(from..).unwrap_or_default()).len();
        self.backlog.restore(bytes, unread);
    }
}

impl Default for Receiver {
    fn default() -> Receiver {
        Receiver::new()
    }
}

impl Link for Receiver {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        let unread = self.read(now, bytes);
        self.backlog.push(unread);
    }

    fn expire(&mut self, now: Moment) {
        if let Some(suspect) = self.perhaps_restart.take_if(|suspect| suspect.until <= now) {
            self.restart(now, suspect.fault);
        }
        if self.silence.is_some_and(|at| at <= now) {
            self.deframer.abandon();
            self.report_ignored();
            self.end_session(Interruption::Silence);
        }
    }

    fn answer(&mut self, now: Moment, token: Token, answer: Answer) {
        let State::AwaitAnswer(pending) = self.state else { return };
        if pending.token != token {
            return;
        }
        self.state = State::AwaitFrame;
        let waits = !self.peer_bids_again();
        let reply = self.settle(pending, &answer);
        if waits {
            self.reply(now, reply);
        } else {
            self.restart_silence(now);
        }
        self.read_backlog(now);
    }

    fn disconnect(&mut self, _now: Moment) {
        if let State::AwaitAnswer(_) = self.state {
            self.message.clear();
        }
        self.deframer.abandon();
        self.report_ignored();
        self.events.extend(self.backlog.lost(self.deframer.offset()));
        self.end_session(Interruption::Disconnected);
        self.deframer = Deframer::default();
        self.replies = Vec::new();
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        (!self.replies.is_empty()).then(|| mem::take(&mut self.replies))
    }

    fn event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.events.shrink_to_fit();
        }
        event
    }

    fn deadline(&self) -> Option<Deadline> {
        let suspect = self.perhaps_restart.as_ref();
        let restart =
            suspect.map(|suspect| Deadline { timer: Timer::ReplyQuiet, at: suspect.until });
        let silence = self.silence.map(|at| Deadline { timer: Timer::NextFrame, at });
        restart.into_iter().chain(silence).min_by_key(|deadline| deadline.at)
    }

    fn wants_bytes(&self) -> bool {
        !self.backlog.is_full()
    }

    fn set_ready(&mut self, _now: Moment, ready: bool) {
        self.set_busy(!ready);
    }
}
