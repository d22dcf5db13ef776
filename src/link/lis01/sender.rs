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
//!     |                          T4, sixth refusal, honoured interrupt / EOT     |
//!     `--------------------------------------------------------------------------'
//!                          ACK to the last frame of the last message / EOT
//!
//!   in doubt, instead of acting on a reply:   Bidding, AwaitingReply --> Settling --> as above
//! ```
//!
//! | state | event | sent | next |
//! |---|---|---|---|
//! | Neutral | message handed over, the line is free | ENQ | Bidding, T1 |
//! | Neutral | message handed over, the peer has the line | | Neutral until the line is free |
//! | Bidding | ACK | frame 1 | AwaitingReply, T4 |
//! | Bidding | ACK, nothing waits any more | EOT | Neutral |
//! | Bidding | NAK | | Pausing 10 s (T2), then ENQ again |
//! | Bidding | ENQ | | Pausing 1 s (instrument) or 20 s (host) (T3), then ENQ again |
//! | Bidding | ENQ, instrument whose host grants at once | | Crossed 1 s (T3) |
//! | Bidding | T1 | EOT | Pausing 1 s, message given up, in doubt |
//! | Bidding | other byte | | Bidding, T1 runs on |
//! | Crossed | ACK, NAK | | as in Bidding |
//! | Crossed | T3 | ENQ | Bidding, T1 |
//! | AwaitingReply | ACK, EOT | next frame | AwaitingReply, T4 |
//! | AwaitingReply | ACK, EOT to the last frame | frame of the next message, or EOT | Neutral |
//! | AwaitingReply | EOT, interrupts are honoured | EOT | Pausing 15 s (T7), message from its start |
//! | AwaitingReply | NAK | the same frame | AwaitingReply, T4 |
//! | AwaitingReply | any other byte | the same frame | AwaitingReply, T4, in doubt |
//! | AwaitingReply | the sixth refusal (N1) | EOT | Pausing 1 s, message given up |
//! | AwaitingReply | T4 | EOT | Pausing 1 s, message given up, in doubt |
//! | Bidding, AwaitingReply in doubt | any reply | | Settling 1 s |
//! | Settling | ACK, NAK | | Settling: the last one counts |
//! | Settling | ENQ to a bid | | as in Bidding |
//! | Settling | 1 s over | | what the last reply does there, no longer in doubt |
//! | Neutral, Pausing | any byte | | no change |
//! | any | line lost | | Neutral, everything given up |
//!
//! Timers: T1 15 s (6.5.2.1), T2 10 s (6.2.6), T3 1 s or 20 s (6.2.7.1, 6.5.2.2), T4 15 s
//! (6.5.2.3), T7 15 s (6.3.5.3).
//!
//! Decisions:
//!
//! * **A reply cannot be older than what it answers.** Bytes that arrived before a frame or ENQ was
//!   handed to the driver are ignored, so a doubled reply is never credited to the next frame.
//! * **In doubt the last reply counts.** Replies have no numbers. After a transmission that stayed
//!   unanswered, and after a byte that was no reply at all, one reply more may still be on its way
//!   than there are questions. The next one is then not taken for an answer before the line
//!   was quiet for a second, and an EOT not for an acceptance: a peer that had begun to bid and gave
//!   up sends EOT too. So a late ACK is not credited to the frame after it.
//! * **Receiver interrupt**: EOT instead of ACK means that the frame was accepted and the line is
//!   wanted. Unless it is honoured the next frame follows, as 6.3.5 allows. Honoured, the message
//!   is sent again from its start, and after `limits::INTERRUPTIONS_MAX` of them not any more.
//! * **Contention**: the pause is kept here; answering the instrument's ENQ meanwhile is for a
//!   link that owns both roles. Messages that are waiting go in one session.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::outgoing::Queue;
use super::{
    ABORT_PAUSE, BUSY_PAUSE, CONTENTION_PAUSE_HOST, CONTENTION_PAUSE_INSTRUMENT, ENQUIRY_REPLY,
    FRAME_REPLY, INTERRUPT_PAUSE, Packing, REPLY_QUIET, Settings, TRANSMISSIONS_MAX,
};
use crate::codec::lis01::{ACK, ENQ, EOT, NAK};
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Neutral,
    Pausing(Deadline),
    /// Until T1.
    Bidding(Moment),
    /// Until T3; the host may still grant the bid that crossed its own.
    Crossed(Moment),
    /// Until T4.
    AwaitingReply(Moment),
    Settling(Settling),
}

/// A reply in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Settling {
    asked: Asked,
    reply: u8,
    until: Moment,
}

/// What a reply answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    Bid,
    Frame,
}

/// Sends messages in LIS01-A2 sessions on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sender {
    role: Role,
    honours_interrupt: bool,
    granted_when_crossed: bool,
    state: State,
    queue: Queue,
    /// The peer is sending: no bid before it is done.
    line_taken: bool,
    /// A reply to something earlier may still come.
    in_doubt: bool,
    bids: u32,
    interruptions: u32,
    outbox: Vec<u8>,
    /// What was sent last has not been handed to the driver yet.
    unsent: bool,
    events: VecDeque<Event>,
}

impl Sender {
    /// A sender on a neutral line. `frame_text_max` is the longest text of a frame in bytes
    /// (`limits::FRAME_TEXT_SENT` on a serial line); 0 counts as 1.
    pub fn new(role: Role, frame_text_max: usize, packing: Packing) -> Sender {
        Sender::with(Settings { role, frame_text_max, packing, ..Settings::host() })
    }

    /// A sender with these habits; those of a receiver have no meaning here.
    pub fn with(settings: Settings) -> Sender {
        let granted_when_crossed = match settings.role {
            Role::Instrument => settings.acknowledge_contention,
            Role::Host => false,
        };
        Sender {
            role: settings.role,
            honours_interrupt: settings.honour_interrupt,
            granted_when_crossed,
            state: State::Neutral,
            queue: Queue::new(settings.frame_text_max, settings.packing),
            line_taken: false,
            in_doubt: false,
            bids: 0,
            interruptions: 0,
            outbox: Vec::new(),
            unsent: false,
            events: VecDeque::new(),
        }
    }

    /// Whether the next byte of the line is for us.
    pub(super) fn owns_the_line(&self) -> bool {
        match self.state {
            State::Neutral | State::Pausing(_) => false,
            State::Bidding(_)
            | State::Crossed(_)
            | State::AwaitingReply(_)
            | State::Settling(_) => true,
        }
    }

    /// One byte of the line; false when it means nothing here.
    pub(super) fn hear(&mut self, now: Moment, byte: u8) -> bool {
        !self.unsent && self.take(now, byte)
    }

    /// What is to be sent, for somebody who hands it on; see [`Self::handed_over`].
    pub(super) fn collect(&mut self) -> Vec<u8> {
        mem::take(&mut self.outbox)
    }

    /// Everything collected is on its way: replies to it can come.
    pub(super) fn handed_over(&mut self) {
        self.unsent = false;
    }

    /// Takes back an ENQ that was not handed to the driver: the peer was first.
    pub(super) fn take_back_bid(&mut self) -> bool {
        let taken_back = self.unsent && matches!(self.state, State::Bidding(_));
        if taken_back {
            self.state = State::Neutral;
            self.bids = self.bids.saturating_sub(1);
            self.unsent = false;
        }
        taken_back
    }

    /// Whether the peer is sending: no bid before it is done. Returns what was known before.
    pub(super) fn set_line_taken(&mut self, taken: bool) -> bool {
        mem::replace(&mut self.line_taken, taken)
    }

    /// The peer had its turn: nobody waits for it after a contention any more, nor, when it did
    /// send a message, after an interrupt (6.3.5.3).
    pub(super) fn peer_had_its_turn(&mut self, message_came: bool) {
        let State::Pausing(pause) = self.state else { return };
        let over = match pause.timer {
            Timer::ContentionPause | Timer::ContentionWait => true,
            Timer::InterruptPause => message_came,
            Timer::EnquiryReply
            | Timer::BusyPause
            | Timer::AbortPause
            | Timer::FrameReply
            | Timer::ReplyQuiet
            | Timer::NextFrame
            | Timer::RecordGap
            | Timer::Acknowledgement
            | Timer::TextEnd
            | Timer::NextBlock
            | Timer::ReplyPause
            | Timer::TextReply
            | Timer::TextPause
            | Timer::Poll => false,
        };
        if over {
            self.state = State::Neutral;
        }
    }

    /// A short pause before the next bid, in place of any other: the peer was told to wait.
    pub(super) fn pause_shortly(&mut self, now: Moment) {
        self.pause(now, Timer::AbortPause, ABORT_PAUSE);
    }

    /// A pause as long as the peer may still wait for the reply to a frame (T4).
    pub(super) fn pause_for_the_peer(&mut self, now: Moment) {
        self.pause(now, Timer::AbortPause, FRAME_REPLY);
    }

    /// The replies that are overdue.
    pub(super) fn expire_replies(&mut self, now: Moment) {
        if self.deadline().is_none_or(|deadline| deadline.at > now) {
            return;
        }
        match self.state {
            State::Neutral | State::Pausing(_) | State::Crossed(_) => {}
            State::Settling(settling) => self.settle(now, settling),
            State::Bidding(_) => self.no_reply(now, "no reply to ENQ in 15 s".to_owned()),
            State::AwaitingReply(_) => {
                let number = self.queue.number();
                self.no_reply(now, format!("no reply to frame {number} in 15 s"));
            }
        }
    }

    /// Bids when there is something to send, no pause runs and the line is free.
    pub(super) fn take_turn(&mut self, now: Moment) {
        match self.state {
            State::Pausing(Deadline { at, .. }) if at <= now => self.state = State::Neutral,
            State::Crossed(at) if at <= now => self.state = State::Neutral,
            State::Neutral
            | State::Pausing(_)
            | State::Crossed(_)
            | State::Bidding(_)
            | State::AwaitingReply(_)
            | State::Settling(_) => {}
        }
        if self.state == State::Neutral && !self.line_taken && !self.queue.is_empty() {
            self.bid(now);
        }
    }

    /// Whether the line was asked for and not granted yet.
    pub(super) fn is_bidding(&self) -> bool {
        match self.state {
            State::Bidding(_) | State::Crossed(_) => true,
            State::Settling(settling) => settling.asked == Asked::Bid,
            State::Neutral | State::Pausing(_) | State::AwaitingReply(_) => false,
        }
    }

    /// Whether frames are being sent.
    pub(super) fn is_sending(&self) -> bool {
        self.owns_the_line() && !self.is_bidding()
    }

    /// Whether something would be sent now if the peer did not always come first.
    pub(super) fn waits_for_its_turn(&self) -> bool {
        let waits = match self.state {
            State::Neutral => true,
            State::Pausing(pause) => {
                matches!(pause.timer, Timer::ContentionPause | Timer::ContentionWait)
            }
            State::Bidding(_)
            | State::Crossed(_)
            | State::AwaitingReply(_)
            | State::Settling(_) => false,
        };
        waits && !self.queue.is_empty()
    }

    /// Bytes of memory held, events not yet taken counted without their contents.
    pub fn memory(&self) -> usize {
        let events = self.events.capacity().saturating_mul(size_of::<Event>());
        self.queue.memory().saturating_add(events).saturating_add(self.outbox.capacity())
    }

    fn bid(&mut self, now: Moment) {
        self.bids = self.bids.saturating_add(1);
        self.put(&[ENQ]);
        self.state = State::Bidding(now.plus(ENQUIRY_REPLY));
    }

    fn put(&mut self, bytes: &[u8]) {
        self.outbox.extend_from_slice(bytes);
        self.unsent = true;
    }

    fn take(&mut self, now: Moment, byte: u8) -> bool {
        match self.state {
            State::Neutral | State::Pausing(_) => false,
            State::Bidding(_) if self.in_doubt && matches!(byte, ACK | NAK) => {
                self.doubt(now, Asked::Bid, byte)
            }
            State::Bidding(_) | State::Crossed(_) => self.reply_to_bid(now, byte),
            State::AwaitingReply(_) if self.in_doubt => self.doubt(now, Asked::Frame, byte),
            State::AwaitingReply(_) => self.reply_to_frame(now, byte),
            State::Settling(Settling { asked: Asked::Bid, .. }) if byte == ENQ => {
                self.reply_to_bid(now, byte)
            }
            State::Settling(settling) => self.further_reply(settling, byte),
        }
    }

    fn reply_to_bid(&mut self, now: Moment, byte: u8) -> bool {
        match byte {
            ACK => self.begin_session(now),
            NAK => self.bid_refused(now, Timer::BusyPause, BUSY_PAUSE),
            ENQ => return self.contention(now),
            _ => return false,
        }
        true
    }

    fn reply_to_frame(&mut self, now: Moment, byte: u8) -> bool {
        match byte {
            ACK => self.frame_accepted(now),
            EOT if self.honours() => self.give_the_line_away(now),
            EOT => self.frame_accepted(now),
            NAK => self.frame_refused(now),
            _ => {
                self.in_doubt = true;
                self.frame_refused(now);
            }
        }
        true
    }

    fn doubt(&mut self, now: Moment, asked: Asked, reply: u8) -> bool {
        let until = now.plus(REPLY_QUIET);
        self.state = State::Settling(Settling { asked, reply, until });
        true
    }

    fn further_reply(&mut self, settling: Settling, byte: u8) -> bool {
        let counts = matches!(byte, ACK | NAK);
        if counts {
            self.state = State::Settling(Settling { reply: byte, ..settling });
        }
        counts
    }

    /// An EOT is no acceptance here, and what is no reply leaves the next one in doubt too.
    fn settle(&mut self, now: Moment, settling: Settling) {
        self.in_doubt = !matches!(settling.reply, ACK | NAK);
        match (settling.asked, settling.reply) {
            (Asked::Bid, ACK) => self.begin_session(now),
            (Asked::Bid, _) => self.bid_refused(now, Timer::BusyPause, BUSY_PAUSE),
            (Asked::Frame, ACK) => self.frame_accepted(now),
            (Asked::Frame, _) => self.frame_refused(now),
        }
    }

    /// False as long as the bid still stands.
    fn contention(&mut self, now: Moment) -> bool {
        match (self.role, self.state) {
            (Role::Instrument, State::Crossed(_)) => return false,
            (Role::Instrument, _) if self.granted_when_crossed => {
                self.state = State::Crossed(now.plus(CONTENTION_PAUSE_INSTRUMENT));
            }
            (Role::Instrument, _) => {
                self.bid_refused(now, Timer::ContentionPause, CONTENTION_PAUSE_INSTRUMENT);
            }
            (Role::Host, _) => self.bid_refused(now, Timer::ContentionWait, CONTENTION_PAUSE_HOST),
        }
        true
    }

    fn bid_refused(&mut self, now: Moment, timer: Timer, pause: Duration) {
        if self.bids >= limits::BIDS_MAX {
            self.give_up(format!("the line was not granted in {} bids", self.bids));
        }
        self.pause(now, timer, pause);
    }

    fn begin_session(&mut self, now: Moment) {
        self.bids = 0;
        if self.queue.is_empty() {
            return self.end_session();
        }
        self.queue.begin_session();
        self.begin_message(now);
    }

    fn begin_message(&mut self, now: Moment) {
        self.queue.begin_message();
        self.next_frame(now);
    }

    fn next_frame(&mut self, now: Moment) {
        self.queue.next_frame();
        self.transmit_frame(now);
    }

    fn transmit_frame(&mut self, now: Moment) {
        let Some(frame) = self.queue.transmission() else { return self.end_session() };
        self.put(&frame);
        self.state = State::AwaitingReply(now.plus(FRAME_REPLY));
    }

    fn frame_accepted(&mut self, now: Moment) {
        if !self.queue.at_last_frame() {
            return self.next_frame(now);
        }
        self.message_accepted();
        if self.queue.is_empty() { self.end_session() } else { self.begin_message(now) }
    }

    fn message_accepted(&mut self) {
        self.interruptions = 0;
        if let Some(token) = self.queue.pop() {
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
    }

    fn frame_refused(&mut self, now: Moment) {
        if self.queue.transmissions() >= TRANSMISSIONS_MAX {
            let number = self.queue.number();
            self.abort(now, format!("frame {number} was refused {TRANSMISSIONS_MAX} times"));
        } else {
            self.transmit_frame(now);
        }
    }

    fn honours(&self) -> bool {
        self.honours_interrupt && self.interruptions < limits::INTERRUPTIONS_MAX
    }

    /// The frame counts as accepted; a message that it does not complete will be sent again.
    fn give_the_line_away(&mut self, now: Moment) {
        if self.queue.at_last_frame() {
            self.message_accepted();
        } else {
            self.interruptions = self.interruptions.saturating_add(1);
        }
        self.put(&[EOT]);
        self.pause(now, Timer::InterruptPause, INTERRUPT_PAUSE);
    }

    fn end_session(&mut self) {
        self.put(&[EOT]);
        self.state = State::Neutral;
    }

    fn no_reply(&mut self, now: Moment, why: String) {
        self.in_doubt = true;
        self.abort(now, why);
    }

    /// Ends the session and gives the message up; others that wait go in another session.
    fn abort(&mut self, now: Moment, why: String) {
        self.put(&[EOT]);
        self.give_up(why);
        self.pause(now, Timer::AbortPause, ABORT_PAUSE);
    }

    fn pause(&mut self, now: Moment, timer: Timer, pause: Duration) {
        self.state = State::Pausing(Deadline { timer, at: now.plus(pause) });
    }

    fn give_up(&mut self, why: String) {
        self.bids = 0;
        self.interruptions = 0;
        if let Some(token) = self.queue.pop() {
            self.events.push_back(Event::GaveUp { token, why });
        }
    }
}

impl Link for Sender {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        for byte in bytes {
            self.hear(now, *byte);
        }
    }

    fn expire(&mut self, now: Moment) {
        self.expire_replies(now);
        self.take_turn(now);
    }

    /// A sender delivers nothing, so there is nothing to answer.
    fn answer(&mut self, _now: Moment, _token: Token, _answer: Answer) {}

    fn disconnect(&mut self, _now: Moment) {
        while !self.queue.is_empty() {
            self.give_up("the line was lost".to_owned());
        }
        self.outbox = Vec::new();
        self.unsent = false;
        self.line_taken = false;
        self.in_doubt = false;
        self.bids = 0;
        self.state = State::Neutral;
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        self.handed_over();
        (!self.outbox.is_empty()).then(|| self.collect())
    }

    fn event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.events.shrink_to_fit();
        }
        event
    }

    fn deadline(&self) -> Option<Deadline> {
        let (timer, at) = match self.state {
            State::Neutral => return None,
            State::Pausing(deadline) => return Some(deadline),
            State::Bidding(at) => (Timer::EnquiryReply, at),
            State::Crossed(at) => (Timer::ContentionPause, at),
            State::AwaitingReply(at) => (Timer::FrameReply, at),
            State::Settling(Settling { until, .. }) => (Timer::ReplyQuiet, until),
        };
        Some(Deadline { timer, at })
    }

    fn wants_bytes(&self) -> bool {
        true
    }
}

impl Sending for Sender {
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        self.queue.push(token, message);
        self.take_turn(now);
    }

    /// While it bids, and while an interrupt is honoured, the first message is not under way; a
    /// session that is granted for nothing is ended at once.
    fn withdraw(&mut self, _now: Moment, token: Token) -> bool {
        let first_is_under_way = self.is_sending();
        let removed = self.queue.remove(token, first_is_under_way);
        if removed && !first_is_under_way {
            self.interruptions = 0;
        }
        removed
    }

    fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }
}
