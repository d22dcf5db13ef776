//! The sending side of a LIS01-A2 session (6.2 to 6.5; state table of the standard's figure).
//!
//! Exists to hand whole messages to a peer and to say, for each, whether the peer took all of it.
//! It refuses to guess: what was not acknowledged to its last frame counts as not delivered.
//!
//! ```text
//!                     message / ENQ                     ACK / frame 1
//!   +---------+ -----------------------> +---------+ -----------------> +---------------+
//!   | Neutral |                          | Bidding |                    | AwaitingReply |--.
//!   +---------+ <---. pause over         +---------+                    +---------------+  |
//!     ^             |                         |                            |     |   ^     |
//!     |        +---------+  NAK, ENQ, T1 / EOT|                            |     |   `-----'
//!     |        | Pausing | <------------------'                            |     |  ACK / next
//!     |        +---------+ <-----------------------------------------------'     |  NAK / again
//!     |                          T4, sixth refusal / EOT                         |
//!     `--------------------------------------------------------------------------'
//!                          ACK to the last frame of the last message / EOT
//! ```
//!
//! | state | event | sent | next |
//! |---|---|---|---|
//! | Neutral | message handed over | ENQ | Bidding, T1 |
//! | Bidding | ACK | frame 1 | AwaitingReply, T4 |
//! | Bidding | NAK | | Pausing 10 s (T2), then ENQ again |
//! | Bidding | ENQ | | Pausing 1 s (instrument) or 20 s (host) (T3), then ENQ again |
//! | Bidding | T1 | EOT | Pausing 1 s, message given up |
//! | Bidding | other byte | | Bidding, T1 runs on |
//! | AwaitingReply | ACK, EOT | next frame | AwaitingReply, T4 |
//! | AwaitingReply | ACK, EOT to the last frame | frame of the next message, or EOT | Neutral |
//! | AwaitingReply | any other byte | the same frame | AwaitingReply, T4 |
//! | AwaitingReply | the sixth of them (N1) | EOT | Pausing 1 s, message given up |
//! | AwaitingReply | T4 | EOT | Pausing 1 s, message given up |
//! | Neutral, Pausing | any byte | | no change |
//! | any | line lost | | Neutral, everything given up |
//!
//! Timers: T1 15 s (6.5.2.1), T2 10 s (6.2.6), T3 1 s or 20 s (6.2.7.1, 6.5.2.2), T4 15 s
//! (6.5.2.3).
//!
//! Decisions:
//!
//! * **A reply cannot be older than what it answers.** Bytes that arrived before a frame or ENQ was
//!   handed to the driver are ignored, so a doubled reply is never credited to the next frame.
//! * **Receiver interrupt**: EOT instead of ACK means that the frame was accepted and the line is
//!   wanted. The request is not honoured: the next frame follows, as 6.3.5 allows. T7 is for a
//!   link that owns both roles.
//! * **Contention**: the pause is kept here; answering the instrument's ENQ meanwhile is for a
//!   link that owns both roles. Messages that are waiting go in one session.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::{
    ABORT_PAUSE, BUSY_PAUSE, CONTENTION_PAUSE_HOST, CONTENTION_PAUSE_INSTRUMENT, ENQUIRY_REPLY,
    FRAME_REPLY, TRANSMISSIONS_MAX,
};
use crate::codec::lis01::{ACK, CR, ENQ, EOT, End, NAK, encode_frame, next_number};
use crate::limits;
use crate::link::{Answer, Deadline, Event, Link, Moment, Sending, Timer, Token};

/// Who gives way when both sides bid at once (6.2.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Has priority: bids again after 1 s.
    Instrument,
    /// Lets the instrument bid for 20 s.
    Host,
}

/// How a message is laid into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Packing {
    /// Each record begins a frame and ends it with ETX; long records are cut with ETB.
    RecordPerFrame,
    /// Frames are filled to the bound and cut anywhere with ETB; the last one has ETX.
    Packed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Neutral,
    Pausing(Deadline),
    /// Until T1.
    Bidding(Moment),
    /// Until T4.
    AwaitingReply(Moment),
}

/// A message handed over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Outgoing {
    token: Token,
    text: Vec<u8>,
}

/// The frame in flight: a piece of the first message in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct InFlight {
    number: u8,
    from: usize,
    to: usize,
    transmissions: u32,
}

/// Sends messages in LIS01-A2 sessions on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sender {
    role: Role,
    frame_text_max: usize,
    packing: Packing,
    state: State,
    queue: VecDeque<Outgoing>,
    bids: u32,
    frame: InFlight,
    outbox: Vec<u8>,
    events: VecDeque<Event>,
}

impl Sender {
    /// A sender on a neutral line. `frame_text_max` is the longest text of a frame in bytes
    /// (`limits::FRAME_TEXT_SENT` on a serial line); 0 counts as 1.
    pub fn new(role: Role, frame_text_max: usize, packing: Packing) -> Sender {
        Sender {
            role,
            frame_text_max: frame_text_max.max(1),
            packing,
            state: State::Neutral,
            queue: VecDeque::new(),
            bids: 0,
            frame: InFlight::default(),
            outbox: Vec::new(),
            events: VecDeque::new(),
        }
    }

    fn bid(&mut self, now: Moment) {
        self.bids = self.bids.saturating_add(1);
        self.outbox.push(ENQ);
        self.state = State::Bidding(now.plus(ENQUIRY_REPLY));
    }

    fn take(&mut self, now: Moment, byte: u8) {
        match (self.state, byte) {
            (State::Bidding(_), ACK) => self.begin_session(now),
            (State::Bidding(_), NAK) => self.bid_refused(now, Timer::BusyPause, BUSY_PAUSE),
            (State::Bidding(_), ENQ) => self.contention(now),
            (State::AwaitingReply(_), ACK | EOT) => self.frame_accepted(now),
            (State::AwaitingReply(_), _) => self.frame_refused(now),
            (State::Neutral | State::Pausing(_) | State::Bidding(_), _) => {}
        }
    }

    fn contention(&mut self, now: Moment) {
        let pause = match self.role {
            Role::Instrument => CONTENTION_PAUSE_INSTRUMENT,
            Role::Host => CONTENTION_PAUSE_HOST,
        };
        self.bid_refused(now, Timer::ContentionPause, pause);
    }

    fn bid_refused(&mut self, now: Moment, timer: Timer, pause: Duration) {
        if self.bids >= limits::BIDS_MAX {
            self.give_up(format!("the line was not granted in {} bids", self.bids));
        }
        self.state = State::Pausing(Deadline { timer, at: now.plus(pause) });
    }

    fn begin_session(&mut self, now: Moment) {
        self.bids = 0;
        if self.queue.is_empty() {
            return self.end_session();
        }
        self.frame.number = 0;
        self.begin_message(now);
    }

    fn begin_message(&mut self, now: Moment) {
        self.frame.to = 0;
        self.next_frame(now);
    }

    fn next_frame(&mut self, now: Moment) {
        let number = next_number(self.frame.number);
        let from = self.frame.to;
        let to = self.piece_end(from);
        self.frame = InFlight { number, from, to, transmissions: 0 };
        self.transmit_frame(now);
    }

    fn transmit_frame(&mut self, now: Moment) {
        let InFlight { number, from, to, .. } = self.frame;
        let Some(message) = self.queue.front() else { return self.end_session() };
        let text = message.text.get(from..to).unwrap_or_default();
        let end = if self.record_end(from) == to { End::Etx } else { End::Etb };
        self.outbox.extend_from_slice(&encode_frame(number, text, end));
        self.frame.transmissions = self.frame.transmissions.saturating_add(1);
        self.state = State::AwaitingReply(now.plus(FRAME_REPLY));
    }

    /// Where the frame that begins at `from` ends.
    fn piece_end(&self, from: usize) -> usize {
        self.record_end(from).min(from.saturating_add(self.frame_text_max))
    }

    /// Where the text that may share a frame with the byte at `from` ends.
    fn record_end(&self, from: usize) -> usize {
        let text = self.queue.front().map(|message| &message.text[..]).unwrap_or_default();
        let rest = text.get(from..).unwrap_or_default();
        match self.packing {
            Packing::Packed => text.len(),
            Packing::RecordPerFrame => {
                memchr::memchr(CR, rest).map_or(text.len(), |end| from.saturating_add(end) + 1)
            }
        }
    }

    fn frame_accepted(&mut self, now: Moment) {
        let length = self.queue.front().map_or(0, |message| message.text.len());
        if self.frame.to < length {
            return self.next_frame(now);
        }
        if let Some(Outgoing { token, .. }) = self.queue.pop_front() {
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
        if self.queue.is_empty() { self.end_session() } else { self.begin_message(now) }
    }

    fn frame_refused(&mut self, now: Moment) {
        if self.frame.transmissions >= TRANSMISSIONS_MAX {
            let number = self.frame.number;
            self.abort(now, format!("frame {number} was refused {TRANSMISSIONS_MAX} times"));
        } else {
            self.transmit_frame(now);
        }
    }

    fn end_session(&mut self) {
        self.outbox.push(EOT);
        self.state = State::Neutral;
    }

    /// Ends the session and gives the message up; others that wait go in another session.
    fn abort(&mut self, now: Moment, why: String) {
        self.outbox.push(EOT);
        self.give_up(why);
        let at = now.plus(ABORT_PAUSE);
        self.state = State::Pausing(Deadline { timer: Timer::BusyPause, at });
    }

    fn give_up(&mut self, why: String) {
        self.bids = 0;
        if let Some(Outgoing { token, .. }) = self.queue.pop_front() {
            self.events.push_back(Event::GaveUp { token, why });
        }
    }

    fn pause_over(&mut self, now: Moment) {
        self.state = State::Neutral;
        if !self.queue.is_empty() {
            self.bid(now);
        }
    }
}

impl Link for Sender {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        for byte in bytes {
            if !self.outbox.is_empty() {
                return; // older than what it would answer
            }
            self.take(now, *byte);
        }
    }

    fn expire(&mut self, now: Moment) {
        let Some(deadline) = self.deadline() else { return };
        if deadline.at > now {
            return;
        }
        match self.state {
            State::Neutral => {}
            State::Pausing(_) => self.pause_over(now),
            State::Bidding(_) => self.abort(now, "no reply to ENQ in 15 s".to_owned()),
            State::AwaitingReply(_) => {
                let number = self.frame.number;
                self.abort(now, format!("no reply to frame {number} in 15 s"));
            }
        }
    }

    /// A sender delivers nothing, so there is nothing to answer.
    fn answer(&mut self, _now: Moment, _token: Token, _answer: Answer) {}

    fn disconnect(&mut self, _now: Moment) {
        while !self.queue.is_empty() {
            self.give_up("the line was lost".to_owned());
        }
        self.outbox.clear();
        self.state = State::Neutral;
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        (!self.outbox.is_empty()).then(|| mem::take(&mut self.outbox))
    }

    fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn deadline(&self) -> Option<Deadline> {
        match self.state {
            State::Neutral => None,
            State::Pausing(deadline) => Some(deadline),
            State::Bidding(at) => Some(Deadline { timer: Timer::EnquiryReply, at }),
            State::AwaitingReply(at) => Some(Deadline { timer: Timer::FrameReply, at }),
        }
    }

    fn wants_bytes(&self) -> bool {
        true
    }
}

impl Sending for Sender {
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        self.queue.push_back(Outgoing { token, text: message });
        match self.state {
            State::Neutral => self.bid(now),
            State::Pausing(_) | State::Bidding(_) | State::AwaitingReply(_) => {}
        }
    }

    /// While it bids, the first message is still unsent; a session that is granted for nothing is
    /// ended at once.
    fn withdraw(&mut self, _now: Moment, token: Token) -> bool {
        let under_way = matches!(self.state, State::AwaitingReply(_));
        let place = self.queue.iter().position(|outgoing| outgoing.token == token);
        let Some(place) = place.filter(|place| *place > 0 || !under_way) else { return false };
        self.queue.remove(place).is_some()
    }

    fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }
}
