//! Both roles on one line (LIS01-A2 6.2 to 6.5): whose turn it is, and who hears a byte.
//!
//! Exists because a host answers queries on the line on which it receives results. [`Receiver`]
//! and [`Sender`] do the work, each with its own table; this one only joins them. It refuses to
//! let both act at once: at any time at most one of them is in a session.
//!
//! ```text
//!              peer's ENQ / ACK                        something to send, no pause / ENQ
//!   +-----------+ <------------- +---------+ -----------------------------> +---------+
//!   | Receiving |                | Neutral |                                | Sending |
//!   +-----------+ -------------> +---------+ <----------------------------- +---------+
//!         ^       EOT, T5           |   ^     end of session / EOT; NAK, ENQ,    |  ^
//!         |                         |   |     T1, T4: a pause runs               |  |
//!         |                         `---'                                        |  |
//!         |        peer's ENQ while busy, or while our turn is due / NAK         `--'
//!         `----------------------------------------------------------- ENQ, frames, replies
//!                ENQ that crossed ours, if it is acknowledged / ACK
//! ```
//!
//! | state | event | sent | next |
//! |---|---|---|---|
//! | Neutral | something to send, no pause | ENQ | Sending |
//! | Neutral | ENQ | ACK | Receiving |
//! | Neutral | ENQ while not ready | NAK | Neutral |
//! | Neutral | ENQ, host, our turn is due | NAK | Neutral, pause 1 s |
//! | Neutral | other bytes | | Neutral, noise |
//! | Receiving | bytes | as [`Receiver`] | Receiving |
//! | Receiving | message handed over | | Receiving, it waits |
//! | Receiving | EOT, T5; nothing to send or a pause | | Neutral |
//! | Receiving | EOT, T5; something to send, no pause | ENQ | Sending |
//! | Receiving | EOT that cuts a frame | | Neutral, pause 15 s |
//! | Sending | reply | as [`Sender`] | Sending |
//! | Sending | end of session, refusal or timeout | as [`Sender`] | Neutral |
//! | Sending, our ENQ not yet with the driver | ENQ | ACK in its place | Receiving |
//! | Sending, bidding as host | ENQ | | Neutral, the pause is T3 |
//! | the same, crossed bids are acknowledged | ENQ | ACK | Receiving |
//! | any | line lost | | Neutral |
//!
//! What ends a pause beside its time: the end of the peer's session ends T3 (6.5.2.2), and T7 when
//! a message came in it (6.3.5.3). T2 and the pause after a failure run their time.
//!
//! Decisions:
//!
//! * **Our turn is due** when `limits::TURNS_GIVEN_MAX` sessions of the peer went by while
//!   something waited here. An instrument that never leaves the line alone would otherwise
//!   keep its host from answering for ever; "busy" is the one word that makes it wait (6.2.6),
//!   and it loses nothing. It is said once, then the instrument has its turns again.
//! * **The peer is first** when its ENQ is read before the driver has taken ours: nobody saw
//!   ours, so it is taken back.
//! * **An EOT that cuts a frame** may be a damaged character of it, and its sender still waits for a
//!   reply. An ENQ now could be taken for one, and, damaged too, even for an acceptance. We bid
//!   when that sender has given up (T4).
//! * **Order of one reading**: overdue replies, then the bytes, then our own bid. A bid that is due
//!   at the moment in which the peer's ENQ is read gives way.

use std::collections::VecDeque;
use std::mem;

use super::{Receiver, Role, Sender, Settings};
use crate::codec::lis01::ENQ;
use crate::limits;
use crate::link::{Answer, Deadline, Event, Link, Moment, Sending, Token};

/// Receives and sends LIS01-A2 sessions on one line. Takes almost no memory while nothing
/// happens and nothing waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Duplex {
    settings: Settings,
    receiver: Receiver,
    sender: Sender,
    ready: bool,
    /// Sessions of the peer that went by while something waited here.
    turns_given: u32,
    /// In the peer's session that is open.
    message_came: bool,
    outbox: Vec<u8>,
    events: VecDeque<Event>,
}

impl Duplex {
    /// Both roles on a neutral line.
    pub fn new(settings: Settings) -> Duplex {
        Duplex {
            settings,
            receiver: Receiver::with(settings),
            sender: Sender::with(settings),
            ready: true,
            turns_given: 0,
            message_came: false,
            outbox: Vec::new(),
            events: VecDeque::new(),
        }
    }

    /// Bytes of memory held for this line: messages that wait counted whole, events not yet taken
    /// without their contents. Next to nothing between sessions.
    pub fn memory(&self) -> usize {
        let events = self.events.capacity().saturating_mul(size_of::<Event>());
        let parts = [self.receiver.memory(), self.sender.memory(), self.outbox.capacity()];
        parts.into_iter().fold(events, usize::saturating_add)
    }

    /// Whether nobody has the line and nobody asks for it.
    pub fn is_neutral(&self) -> bool {
        self.receiver.is_neutral() && !self.sender.owns_the_line()
    }

    fn expire_replies(&mut self, now: Moment) {
        self.sender.expire_replies(now);
        self.collect();
        self.receiver.expire(now);
        self.follow_sessions(now);
    }

    fn read(&mut self, now: Moment, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((byte, later)) = rest.split_first() {
            if *byte == ENQ && self.sender.take_back_bid() {
                self.outbox.pop();
            }
            if !self.sender.owns_the_line() {
                return self.receive_session(now, rest);
            }
            self.hear_reply(now, *byte);
            rest = later;
        }
    }

    fn hear_reply(&mut self, now: Moment, byte: u8) {
        let bidding = self.sender.is_bidding();
        let meant = self.sender.hear(now, byte);
        let yielded = bidding && meant && byte == ENQ && !self.sender.owns_the_line();
        self.collect();
        if yielded && self.settings.acknowledge_contention {
            self.receive_session(now, &[byte]);
        } else {
            self.receiver.overhear(byte, meant);
            self.collect();
        }
    }

    fn receive_session(&mut self, now: Moment, bytes: &[u8]) {
        self.brief_receiver();
        self.receiver.receive(now, bytes);
        self.follow_sessions(now);
    }

    /// Tells the receiver what to say to ENQ and to good frames.
    fn brief_receiver(&mut self) {
        self.receiver.set_busy(!self.ready || self.our_turn_is_due());
        self.receiver.set_asks(self.settings.ask_by_interrupt && !self.sender.is_idle());
    }

    fn our_turn_is_due(&self) -> bool {
        let host = self.settings.role == Role::Host;
        host && self.turns_given >= limits::TURNS_GIVEN_MAX && self.sender.waits_for_its_turn()
    }

    /// Tells the sender what the receiver has seen.
    fn follow_sessions(&mut self, now: Moment) {
        let course = self.receiver.take_course();
        self.message_came |= course.message_came;
        if course.begun && !self.sender.is_idle() {
            self.turns_given = self.turns_given.saturating_add(1);
        }
        let taken = !self.receiver.is_neutral();
        let was_taken = self.sender.set_line_taken(taken);
        if !taken && (was_taken || course.begun) {
            self.sender.peer_had_its_turn(mem::take(&mut self.message_came));
        }
        if course.torn {
            self.sender.pause_for_the_peer(now);
        }
        if course.refused && self.ready {
            self.turns_given = 0;
            self.sender.pause_shortly(now);
        }
        self.collect();
    }

    /// Keeps the order of what both sides say.
    fn collect(&mut self) {
        self.outbox.extend(self.receiver.transmit().unwrap_or_default());
        self.outbox.extend(self.sender.collect());
        while let Some(event) = self.receiver.event() {
            self.events.push_back(event);
        }
        while let Some(event) = self.sender.event() {
            self.events.push_back(event);
        }
        if self.sender.is_sending() {
            self.turns_given = 0;
        }
    }

    fn take_turn(&mut self, now: Moment) {
        self.sender.take_turn(now);
        self.collect();
    }
}

impl Link for Duplex {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire_replies(now);
        self.read(now, bytes);
        self.take_turn(now);
    }

    fn expire(&mut self, now: Moment) {
        self.expire_replies(now);
        self.take_turn(now);
    }

    fn answer(&mut self, now: Moment, token: Token, answer: Answer) {
        self.brief_receiver();
        self.receiver.answer(now, token, answer);
        self.follow_sessions(now);
        self.take_turn(now);
    }

    fn disconnect(&mut self, now: Moment) {
        self.receiver.disconnect(now);
        self.sender.disconnect(now);
        self.collect();
        self.receiver.take_course();
        self.outbox = Vec::new();
        self.turns_given = 0;
        self.message_came = false;
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        self.sender.handed_over();
        (!self.outbox.is_empty()).then(|| mem::take(&mut self.outbox))
    }

    fn event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.events.shrink_to_fit();
        }
        event
    }

    fn deadline(&self) -> Option<Deadline> {
        let deadlines = [self.receiver.deadline(), self.sender.deadline()];
        deadlines.into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    fn wants_bytes(&self) -> bool {
        self.receiver.wants_bytes()
    }

    fn set_ready(&mut self, _now: Moment, ready: bool) {
        self.ready = ready;
    }
}

impl Sending for Duplex {
    /// Bids at once on a neutral line; otherwise the message waits for its turn.
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        self.sender.send(now, token, message);
        self.collect();
    }

    /// Works as long as the message is not under way: also while we bid for it, and while the peer
    /// sends because its interrupt was honoured.
    fn withdraw(&mut self, now: Moment, token: Token) -> bool {
        self.sender.withdraw(now, token)
    }

    fn is_idle(&self) -> bool {
        self.sender.is_idle()
    }
}
