//! Texts answered with ACK or NAK, as Beckman AU (class B) and PK exchange them; without answers as
//! class A does it.
//!
//! Exists so that a text is acknowledged only after it was stored, within the window in which its
//! sender listens, and so that our own texts go out only while the line is free.
//!
//! ```text
//!          marker, part, repeat, bad block             good text / message
//!   +----------+ <------------------- +------+ ---------------------> +-------------+
//!   | Replying |                      | Idle |   too late: no reply   | AwaitAnswer |
//!   +----------+ -------------------> +------+ <--------------------- +-------------+
//!      ^   t4 is over / ACK, NAK       |    ^                                |
//!      |                               |    |                                |
//!      |            our text, T5 or T6 |    | ACK, NAK, T4                   |
//!      |                               v    |                                |
//!      | good or bad block      +------------+                               |
//!      +----------------------- | AwaitReply |                               |
//!      |                        +------------+                               |
//!      `---------------------------------------------------------------------'
//!                       answer: stored, refused
//! ```
//!
//! | state | event | sent | next |
//! |---|---|---|---|
//! | Idle, AwaitReply | good text | | AwaitAnswer |
//! | Idle, AwaitReply | good text that only marks begin or end | | Replying ACK |
//! | Idle, AwaitReply | part of a text, in turn | | Replying ACK, next block awaited |
//! | Idle, AwaitReply | the block accepted last, again | | Replying ACK, repeated |
//! | Idle, AwaitReply | damaged, empty, out of turn, too long, rest of a text | | Replying NAK |
//! | Idle, AwaitReply | another text inside one that goes on | | as above, incomplete |
//! | Idle | ACK, NAK | | Idle, noise |
//! | Idle | T5 and T6 are over, a message waits | text | AwaitReply, T4 |
//! | Idle, AwaitReply | T2: the block begun does not end | | Replying NAK, malformed |
//! | Idle, AwaitReply | next block does not come | | no change, incomplete |
//! | Replying | t4 is over | ACK, NAK | Idle |
//! | Replying, AwaitAnswer | bytes | | no change, backlog |
//! | AwaitAnswer | stored, refused, within T4 | | Replying ACK, NAK |
//! | AwaitAnswer | stored, refused, later | | Idle |
//! | AwaitReply | ACK | | Idle, next block or accepted |
//! | AwaitReply | NAK, T4, the first times | | Idle, the same block again after T6 |
//! | AwaitReply | NAK, T4, once too often | | Idle, given up |
//! | any | line lost | | Idle, incomplete, all messages given up |
//!
//! Timers (Olympus AU2700/AU5400 on-line specifications 4.2; all are settings): T2 from the start
//! of a text to its end; T4 from the end of a text to its reply, 2 s; t4 before a reply, 0.5 s; T5
//! between two texts, 2 s; T6 after a text received, 1 s. How long the next part of a text may take
//! is our own choice.
//!
//! Decisions where the specification is silent:
//!
//! * **A text is a message.** DB and DE only embrace; each text names its donation and can be
//!   used, refused and sent again by itself. Nothing waits for a DE that may never come.
//! * **No reply to a peer that gave up.** After T4 it sends the text again; a late ACK would meet
//!   that text on the line, or be taken for the reply to another. Its repetition is acknowledged.
//! * **Repeated is what is byte-equal and follows directly**, with no text of ours in between. A
//!   question is never taken for a repetition: whoever asks again wants an answer.
//! * **The last part of a text looks like a whole text** where both carry the mark of the last. So
//!   the header of a text that lost a part is remembered, and its rest refused until it begins
//!   anew. (What stays: a first part damaged in its very header, given up by its sender. Its rest
//!   is delivered as a text, and cut by widths that cannot fit it.)
//! * **A collision** is our loss: the text that arrives is taken, ours goes again.
//! * **Class A**: no replies are sent or awaited, and a damaged or refused text is lost; the fault
//!   is told. Sent is accepted.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::Role;
use super::deframer::{Deframer, Found};
use super::outgoing::{Outgoing, blocks};
use super::parts::{Parts, Standing, standing};
use crate::codec::block::{Block, BlockFault, Continuation, Form, Numbering, Part, block};
use crate::codec::lis01::{ACK, NAK};
use crate::limits;
use crate::link::backlog::Backlog;
use crate::link::evidence::fault;
use crate::link::{
    Answer, Deadline, Event, Interruption, Link, LinkFault, LinkFaultKind, Moment, Sending, Timer,
    Token,
};

/// How both ends of a line behave.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Manners {
    /// What surrounds a text.
    pub form: Form,
    /// Longest text, in bytes; at most `limits::BLOCK_TEXT_MAX`.
    pub text_max: usize,
    /// Class B: each text is answered with ACK or NAK.
    pub acknowledged: bool,
    /// Texts of this code and at most [`Manners::marker_max`] bytes only mark begin and end: they
    /// are acknowledged and not delivered.
    pub markers: Vec<Vec<u8>>,
    /// Longest text that can be a marker: code and unit number.
    pub marker_max: usize,
    /// Texts with these codes are questions: one that comes again is delivered again.
    pub questions: Vec<Vec<u8>>,
    /// Texts that may go on over several blocks.
    pub continuations: Vec<Continuation>,
    /// How their parts are numbered.
    pub numbering: Numbering,
    /// t4: a reply is not sent sooner after a text.
    pub reply_after: Duration,
    /// T4: a reply is not sent later after a text.
    pub reply_within: Duration,
    /// How long we wait for a reply, from the moment a text is handed over: T4 and the time the
    /// text takes on the line.
    pub reply_wait: Duration,
    /// T2: a text begun must have ended.
    pub text_wait: Duration,
    /// How long the next part of a text that goes on may take after the reply.
    pub next_wait: Duration,
    /// T5: between a text of ours and the next.
    pub text_pause: Duration,
    /// T6: between a text received, or a NAK, and a text of ours.
    pub turn_pause: Duration,
    /// How often a block is sent.
    pub transmissions_max: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum State {
    #[default]
    Idle,
    Replying {
        reply: u8,
        at: Moment,
    },
    AwaitAnswer(Pending),
    AwaitReply(Moment),
}

/// The block that completed a message, until the message is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pending {
    token: Token,
    ended: Moment,
}

/// One end of a line on which texts are answered with ACK and NAK.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exchange {
    manners: Manners,
    role: Role,
    state: State,
    deframer: Deframer,
    /// A block is begun and must end.
    text_until: Option<Moment>,
    parts: Option<Parts>,
    /// Header of a text of which an earlier part is missing.
    broken: Option<Vec<u8>>,
    /// The next part must come.
    next_until: Option<Moment>,
    /// The text of the block that waits for an answer, and of the one accepted last.
    candidate: Vec<u8>,
    accepted: Option<Vec<u8>>,
    backlog: Backlog,
    queue: VecDeque<Outgoing>,
    /// No text of ours before.
    free_at: Moment,
    outbox: Vec<u8>,
    events: VecDeque<Event>,
    next_token: u64,
}

impl Exchange {
    /// An end of an idle line.
    pub fn new(manners: Manners, role: Role) -> Exchange {
        Exchange {
            deframer: Deframer::new(manners.form, manners.text_max.min(limits::BLOCK_TEXT_MAX)),
            manners,
            role,
            state: State::Idle,
            text_until: None,
            parts: None,
            broken: None,
            next_until: None,
            candidate: Vec::new(),
            accepted: None,
            backlog: Backlog::default(),
            queue: VecDeque::new(),
            free_at: Moment::default(),
            outbox: Vec::new(),
            events: VecDeque::new(),
            next_token: 1,
        }
    }

    /// Bytes of memory held for this line, events not yet taken left out.
    pub fn memory(&self) -> usize {
        let parts = self.parts.as_ref().map_or(0, |parts| parts.joined.capacity());
        let accepted = self.accepted.as_ref().map_or(0, Vec::capacity);
        [self.candidate.capacity(), accepted, self.backlog.memory(), self.outbox.capacity()]
            .into_iter()
            .fold(parts, usize::saturating_add)
    }

    /// Reads until the bytes are used up or an answer or reply is owed; returns the rest.
    fn read<'i>(&mut self, now: Moment, bytes: &'i [u8]) -> &'i [u8] {
        let mut rest = bytes;
        loop {
            match self.state {
                State::AwaitAnswer(_) | State::Replying { .. } => return rest,
                State::Idle | State::AwaitReply(_) => {}
            }
            let found = self.deframer.next(&mut rest);
            self.report_ignored();
            let Some(found) = found else { break };
            self.text_until = None;
            match found {
                Found::Block { offset, bytes } => self.check(now, offset, &bytes),
                Found::Reply { offset, byte } => self.take_reply(now, offset, byte),
                Found::TooLong(fault) => self.refuse(now, fault),
            }
        }
        self.watch_text(now);
        rest
    }

    /// T2 runs from the first byte of a block.
    fn watch_text(&mut self, now: Moment) {
        match self.deframer.is_inside() {
            true if self.text_until.is_none() => {
                self.text_until = Some(now.plus(self.manners.text_wait));
            }
            true => {}
            false => self.text_until = None,
        }
    }

    fn check(&mut self, now: Moment, offset: u64, bytes: &[u8]) {
        self.collide(now);
        let form = self.manners.form;
        match block(bytes, &form) {
            Ok(Block { text: [], .. }) | Err(BlockFault::Malformed) => {
                self.refuse(now, fault(offset, bytes, LinkFaultKind::Malformed));
            }
            Ok(block) => self.take_block(now, offset, bytes, block),
            Err(BlockFault::Check { .. }) => {
                self.note_broken(bytes);
                self.refuse(now, fault(offset, bytes, LinkFaultKind::Checksum));
            }
        }
    }

    /// A damaged part may never come again whole: its sender gives it up after the second time and
    /// goes on with the next. One that has the mark of the last is a whole text of which the end
    /// was damaged: it must be taken when it comes again.
    fn note_broken(&mut self, bytes: &[u8]) {
        let form = &self.manners.form;
        let ended = bytes.len().checked_sub(form.tail.length().saturating_add(1));
        let goes_on = ended.and_then(|at| bytes.get(at)).copied() == form.part_end;
        let text = bytes.get(1..).unwrap_or_default();
        let last = &self.manners.numbering.last;
        let header = self.part(text).filter(|part| part.number != last).map(|part| part.header);
        if let (None, true, Some(header)) = (&self.parts, goes_on, header) {
            self.broken = Some(header.to_vec());
        }
    }

    fn part<'b>(&self, text: &'b [u8]) -> Option<Part<'b>> {
        let digits = self.manners.numbering.digits;
        self.manners.continuations.iter().find_map(|known| known.part(text, digits))
    }

    /// The peer sends although a reply is awaited: our block will go again.
    fn collide(&mut self, now: Moment) {
        if let State::AwaitReply(_) = self.state {
            self.state = State::Idle;
            self.again(now, "the analyser sent a text instead of a reply");
        }
    }

    fn take_block(&mut self, now: Moment, offset: u64, bytes: &[u8], block: Block<'_>) {
        if self.is_repeated(block.text) {
            self.events.push_back(Event::Fault(fault(offset, bytes, LinkFaultKind::Repeated)));
            return self.reply(now, now, ACK);
        }
        self.candidate = block.text.to_vec();
        let part = self.part(block.text);
        let numbering = self.manners.numbering.clone();
        match standing(self.parts.as_ref(), part, block.goes_on, &numbering) {
            Standing::Whole if self.is_rest(part) => {
                self.refuse(now, fault(offset, bytes, LinkFaultKind::FrameNumber));
            }
            Standing::Whole if self.is_marker(block.text) => self.accept(now),
            Standing::Whole => self.deliver(now, block.text.to_vec()),
            Standing::First(part) => {
                self.broken = None;
                self.parts = Some(Parts::begin(part));
                self.accept(now);
            }
            Standing::Next(part, last) => self.next_part(now, offset, bytes, part, last),
            Standing::Another => {
                self.cut_short(Interruption::Restarted);
                self.take_block(now, offset, bytes, block);
            }
            Standing::Misplaced(kind) => {
                if self.parts.is_none() {
                    self.broken = part.map(|part| part.header.to_vec());
                }
                self.refuse(now, fault(offset, bytes, kind));
            }
        }
    }

    /// The last part of a text whose beginning is missing looks like a whole text, but is none.
    fn is_rest(&self, part: Option<Part<'_>>) -> bool {
        part.is_some_and(|part| self.broken.as_deref() == Some(part.header))
    }

    fn next_part(&mut self, now: Moment, offset: u64, bytes: &[u8], part: Part<'_>, last: bool) {
        let Some(parts) = &mut self.parts else { return };
        if last {
            let whole = [&parts.joined, part.data].concat();
            if whole.len() <= limits::MESSAGE_MAX {
                return self.deliver(now, whole);
            }
        } else if parts.add(part) {
            return self.accept(now);
        }
        self.cut_short(Interruption::TooLong);
        self.refuse(now, fault(offset, bytes, LinkFaultKind::TooLong));
    }

    fn is_repeated(&self, text: &[u8]) -> bool {
        let asks = self.manners.questions.iter().any(|code| text.starts_with(code));
        self.manners.acknowledged && !asks && self.accepted.as_deref() == Some(text)
    }

    fn is_marker(&self, text: &[u8]) -> bool {
        let known = self.manners.markers.iter().any(|code| text.starts_with(code));
        known && text.len() <= self.manners.marker_max
    }

    /// The block is taken; the text goes on, or says nothing by itself.
    fn accept(&mut self, now: Moment) {
        self.accepted = Some(mem::take(&mut self.candidate));
        self.reply(now, now, ACK);
    }

    fn deliver(&mut self, now: Moment, bytes: Vec<u8>) {
        let token = Token(self.next_token);
        self.next_token = self.next_token.wrapping_add(1);
        self.events.push_back(Event::Message { token, bytes });
        self.state = State::AwaitAnswer(Pending { token, ended: now });
        self.next_until = None;
    }

    fn refuse(&mut self, now: Moment, fault: LinkFault) {
        self.collide(now);
        self.events.push_back(Event::Fault(fault));
        self.reply(now, now, NAK);
    }

    /// Owes a reply to a text that ended at `ended`; class A has none.
    fn reply(&mut self, now: Moment, ended: Moment, reply: u8) {
        self.wait_for_next(now);
        self.hold_back(now.plus(self.manners.turn_pause));
        self.state = State::Idle;
        if self.manners.acknowledged {
            self.state = State::Replying { reply, at: ended.plus(self.manners.reply_after) };
            self.send_reply(now);
        }
    }

    fn send_reply(&mut self, now: Moment) {
        match self.state {
            State::Replying { reply, at } if at <= now => {
                self.outbox.push(reply);
                self.state = State::Idle;
                self.wait_for_next(now);
                self.hold_back(now.plus(self.manners.turn_pause));
            }
            State::Replying { .. } | State::Idle | State::AwaitAnswer(_) | State::AwaitReply(_) => {
            }
        }
    }

    fn wait_for_next(&mut self, now: Moment) {
        self.next_until = self.parts.as_ref().map(|_| now.plus(self.manners.next_wait));
    }

    fn cut_short(&mut self, why: Interruption) {
        self.next_until = None;
        if let Some(parts) = self.parts.take() {
            self.broken = Some(parts.header);
            self.accepted = None;
            self.events.push_back(Event::Incomplete { bytes: parts.joined, why });
        }
    }

    fn hold_back(&mut self, until: Moment) {
        self.free_at = self.free_at.max(until);
    }

    /// ACK or NAK. One that arrives before our text has left is older than the text.
    fn take_reply(&mut self, now: Moment, offset: u64, byte: u8) {
        let (State::AwaitReply(_), true) = (self.state, self.outbox.is_empty()) else {
            let fault = fault(offset, &[byte], LinkFaultKind::Noise);
            return self.events.push_back(Event::Fault(fault));
        };
        self.state = State::Idle;
        match byte {
            ACK => self.sent(now),
            _ => self.again(now, "the analyser refused it"),
        }
    }

    /// The block in flight was accepted.
    fn sent(&mut self, now: Moment) {
        self.hold_back(now.plus(self.manners.text_pause));
        let Some(first) = self.queue.front_mut() else { return };
        first.at = first.at.saturating_add(1);
        first.transmissions = 0;
        if first.at >= first.blocks.len() {
            let token = first.token;
            self.queue.pop_front();
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
    }

    /// The block in flight was not accepted: it is sent again, or the message given up.
    fn again(&mut self, now: Moment, why: &str) {
        let sent = self.queue.front().map_or(0, |first| first.transmissions);
        if sent < self.manners.transmissions_max {
            return self.hold_back(now.plus(self.manners.turn_pause));
        }
        // A late reply must not be taken for the reply to what comes next.
        self.hold_back(now.plus(self.manners.text_pause).plus(self.manners.reply_wait));
        self.give_up(format!("sent {sent} times: {why}"));
    }

    fn give_up(&mut self, why: String) {
        if let Some(Outgoing { token, .. }) = self.queue.pop_front() {
            self.events.push_back(Event::GaveUp { token, why });
        }
    }

    /// Sends the next block, if the line is free and it is time.
    fn talk(&mut self, now: Moment) {
        while self.may_talk() && self.free_at <= now {
            let Some(first) = self.queue.front_mut() else { return };
            let Some(block) = first.blocks.get(first.at) else { return };
            self.outbox.extend_from_slice(block);
            first.transmissions = first.transmissions.saturating_add(1);
            self.accepted = None;
            if self.manners.acknowledged {
                self.state = State::AwaitReply(now.plus(self.manners.reply_wait));
            } else {
                self.sent(now);
            }
        }
    }

    /// The host lets an analyser finish a text that goes on; the analyser has no such reason.
    fn may_talk(&self) -> bool {
        let yields = self.role == Role::Host && self.parts.is_some();
        self.state == State::Idle && !self.deframer.is_inside() && !yields && !self.is_idle()
    }

    fn text_did_not_end(&mut self, now: Moment) {
        self.text_until = None;
        if self.deframer.abandon() {
            self.report_ignored();
            self.collide(now);
            self.reply(now, now, NAK);
        }
    }

    fn report_ignored(&mut self) {
        self.events.extend(self.deframer.ignored().into_iter().map(Event::Fault));
    }

    fn read_backlog(&mut self, now: Moment) {
        let (bytes, from) = self.backlog.take();
        let unread = self.read(now, bytes.get(from..).unwrap_or_default()).len();
        self.backlog.restore(bytes, unread);
    }

    /// What the answer to a message does to it, and the reply to its last block.
    fn settle(&mut self, answer: &Answer) -> u8 {
        let candidate = mem::take(&mut self.candidate);
        match answer {
            Answer::Stored | Answer::StoredUnread(_) | Answer::StoredReply(_) => {
                self.accepted = Some(candidate);
                self.parts = None;
                ACK
            }
            Answer::Refused(_) => NAK,
        }
    }

    fn expire_one(&mut self, now: Moment, timer: Timer) {
        match timer {
            Timer::TextEnd => self.text_did_not_end(now),
            Timer::NextBlock => self.cut_short(Interruption::Silence),
            Timer::ReplyPause => {
                self.send_reply(now);
                self.read_backlog(now);
            }
            Timer::TextReply => {
                self.state = State::Idle;
                self.again(now, "no reply came");
            }
            Timer::TextPause => self.talk(now),
            // Timers of other links.
            _ => {}
        }
    }
}

impl Link for Exchange {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        if !self.backlog.unread().is_empty() {
            return self.backlog.push(bytes);
        }
        let unread = self.read(now, bytes);
        self.backlog.push(unread);
    }

    fn expire(&mut self, now: Moment) {
        while let Some(due) = self.deadline().filter(|deadline| deadline.at <= now) {
            self.expire_one(now, due.timer);
        }
    }

    fn answer(&mut self, now: Moment, token: Token, answer: Answer) {
        let State::AwaitAnswer(pending) = self.state else { return };
        if pending.token != token {
            return;
        }
        let reply = self.settle(&answer);
        if now <= pending.ended.plus(self.manners.reply_within) {
            self.reply(now, pending.ended, reply);
        } else {
            self.state = State::Idle;
            self.wait_for_next(now);
            self.hold_back(now.plus(self.manners.turn_pause));
        }
        self.read_backlog(now);
    }

    fn disconnect(&mut self, _now: Moment) {
        if let State::AwaitAnswer(_) = self.state {
            self.parts = None;
        }
        self.deframer.abandon();
        self.report_ignored();
        self.events.extend(self.backlog.lost(self.deframer.offset()));
        self.cut_short(Interruption::Disconnected);
        while !self.queue.is_empty() {
            self.give_up("the line was lost".to_owned());
        }
        let (events, next_token) = (mem::take(&mut self.events), self.next_token);
        let (free_at, broken) = (self.free_at, self.broken.take());
        let fresh = Exchange::new(self.manners.clone(), self.role);
        *self = Exchange { events, next_token, free_at, broken, ..fresh };
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
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
        let due = |timer, at: Option<Moment>| at.map(|at| Deadline { timer, at });
        let (reply, answer) = match self.state {
            State::Replying { at, .. } => (Some(at), None),
            State::AwaitReply(until) => (None, Some(until)),
            State::Idle | State::AwaitAnswer(_) => (None, None),
        };
        let all = [
            due(Timer::ReplyPause, reply),
            due(Timer::TextEnd, self.text_until),
            due(Timer::NextBlock, self.next_until),
            due(Timer::TextReply, answer),
            due(Timer::TextPause, self.may_talk().then_some(self.free_at)),
        ];
        all.into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    fn wants_bytes(&self) -> bool {
        !self.backlog.is_full()
    }
}

impl Sending for Exchange {
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        let Manners { form, text_max, continuations, numbering, .. } = &self.manners;
        match blocks(&message, form, *text_max, continuations, numbering) {
            Ok(blocks) => self.queue.push_back(Outgoing::new(token, blocks)),
            Err(why) => self.events.push_back(Event::GaveUp { token, why }),
        }
        self.talk(now);
    }

    fn withdraw(&mut self, _now: Moment, token: Token) -> bool {
        let known = |outgoing: &Outgoing| outgoing.token == token && outgoing.is_unsent();
        let place = self.queue.iter().position(known);
        place.is_some_and(|place| self.queue.remove(place).is_some())
    }

    fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }
}
