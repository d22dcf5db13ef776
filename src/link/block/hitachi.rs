//! Hitachi 902, and by assumption 7180 and 7600: texts answered with texts.
//!
//! Exists so that the analyser hears MOR ("go on") only when what it sent is stored, and so that a
//! test selection goes out when it is our turn. Refuses to speak unasked: the analyser leads.
//!
//! Known (902 service manual 16.1; host manual 1.3, contents only): the frame character behind
//! STX, the five ends, 256 or 512 bytes from STX to the end, half duplex, that MOR, ANY, REP, SUS
//! and REC have no data, that `;` selects tests and `:` is the last text of a sample, that the host
//! waits 100 ms, and that REP is repeated until a good text comes. **Not known**, so settings with
//! an assumption from other Hitachi models: the characters of MOR, ANY, REP, SUS, REC and of
//! texts that are not the last of a sample; how long either side waits; whether a test selection
//! is always receipted with REC; everything about the 7180 itself.
//!
//! ```text
//!             ANY, part, repeat,      +------+   good text / message
//!          .--- damaged, receipt ---- | Idle | ----------------------> +-------------+
//!          v                          +------+                         | AwaitAnswer |
//!   +----------+  100 ms / MOR,        ^    ^                          +-------------+
//!   | Replying | --- REP, SUS ---------'    | REC, SUS, no reply              |
//!   +----------+                            |                                 |
//!     ^  ^  |    100 ms / test      +------------+                            |
//!     |  |  `----- selection -----> | AwaitReply |                            |
//!     |  `------ REP, damaged ----- +------------+                            |
//!     `-----------------------------------------------------------------------'
//!                            answer: stored, refused
//! ```
//!
//! | host in state | event | sent | next |
//! |---|---|---|---|
//! | Idle | ANY | | Replying, our turn |
//! | Idle | receipt nobody awaits | | Replying MOR |
//! | Idle | ANY while not ready | | Replying SUS |
//! | Idle | text that is not the last of its sample | | Replying, our turn; next text awaited |
//! | Idle | last text, inquiry, any other text | | AwaitAnswer |
//! | Idle | the text accepted last, again | | Replying, our turn; repeated |
//! | Idle, AwaitReply | damaged, too long, text that does not end | | Replying REP |
//! | Idle | another text inside a sample | | as above, incomplete |
//! | Idle | REP | | Replying what was said last |
//! | Idle | next text of a sample does not come | | Idle, incomplete |
//! | Replying, our turn | 100 ms are over, nothing waits | MOR | Idle |
//! | Replying, our turn | 100 ms are over, a selection waits | selection | AwaitReply |
//! | Replying | 100 ms are over | MOR, REP, SUS | Idle |
//! | AwaitAnswer | stored | | Replying, our turn |
//! | AwaitAnswer | stored, with a reply | | Replying, our turn; the reply is the selection |
//! | AwaitAnswer | refused | | Replying REP |
//! | AwaitAnswer | stored, refused, after the analyser sent again | | Idle |
//! | AwaitReply | REC | | Replying MOR; accepted |
//! | AwaitReply | REP, the first times | | Replying, selection again |
//! | AwaitReply | the text accepted last, again | | as REP; repeated |
//! | AwaitReply | REP once too often | | Replying MOR, given up |
//! | AwaitReply | SUS | | Idle, the selection waits for the next turn |
//! | AwaitReply | another text, or none in time | | Idle, given up |
//! | any | line lost | | Idle, incomplete, all selections given up |
//!
//! The instrument (for simulation) sends its texts one by one: MOR or a selection is "accepted",
//! REP, silence and a damaged reply bring the text again, SUS brings it later. A selection is
//! receipted with REC when it is stored.
//!
//! A message is all texts of one sample with CR between, each with its frame character. Nothing
//! numbers the texts: whoever answers later than the other waits is misunderstood. No reply is sent
//! once the analyser has sent again. A receipt is answered with MOR, never with the next selection:
//! where that was lost, the analyser would receipt the one before again, and it would count twice.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::Role;
use super::deframer::{Deframer, Found};
use super::outgoing::{Outgoing, blocks};
use crate::codec::block::{BlockFault, Form, Frames, Numbering, Parameters, block, encode};
use crate::codec::lis01::CR;
use crate::limits;
use crate::link::backlog::Backlog;
use crate::link::evidence::fault;
use crate::link::{
    Answer, Deadline, Event, Interruption, Link, LinkFault, LinkFaultKind, Moment, Sending, Timer,
    Token,
};

/// The host is not heard sooner (host manual 5).
pub const REPLY_AFTER: Duration = Duration::from_millis(100);
/// A text begun must have ended: 512 characters of 12 bits at 4 800 bit/s are 1.3 s.
pub const TEXT_WAIT: Duration = Duration::from_secs(2);
/// How long the analyser waits for a reply; not known.
pub const REPLY_WAIT: Duration = Duration::from_secs(5);
/// How long we wait for the next text of a sample, and for a receipt; not known.
pub const NEXT_WAIT: Duration = Duration::from_secs(30);

/// What an analyser's parameters can change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// What surrounds a text: one of five ends.
    pub form: Form,
    /// Longest text from its frame character to the last byte of data.
    pub text_max: usize,
    /// Frame characters.
    pub frames: Frames,
    /// A reply is not sent sooner.
    pub reply_after: Duration,
    /// How long the instrument waits for a reply.
    pub reply_wait: Duration,
    /// A text begun must have ended.
    pub text_wait: Duration,
    /// How long the host waits for the next text of a sample, and for a receipt.
    pub next_wait: Duration,
    /// How often the instrument sends ANY while it has nothing else.
    pub poll: Option<Duration>,
    /// How often a text is sent.
    pub transmissions_max: u32,
}

impl Default for Settings {
    /// The 902 as it leaves the factory: 256 bytes, ETX and BCC.
    fn default() -> Settings {
        Settings {
            form: Form { part_end: None, ..Form::STX_ETX_BCC },
            text_max: 256 - AROUND_BCC,
            frames: Frames::default(),
            reply_after: REPLY_AFTER,
            reply_wait: REPLY_WAIT,
            text_wait: TEXT_WAIT,
            next_wait: NEXT_WAIT,
            poll: None,
            transmissions_max: limits::BLOCK_TRANSMISSIONS_MAX,
        }
    }
}

impl From<&Parameters> for Settings {
    fn from(set: &Parameters) -> Settings {
        let usual = Settings::default();
        Settings {
            form: set.form,
            text_max: set.text_max.unwrap_or(usual.text_max),
            frames: set.frames.clone(),
            reply_after: set.reply_after.unwrap_or(usual.reply_after),
            ..usual
        }
    }
}

/// STX, ETX and BCC.
const AROUND_BCC: usize = 3;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum State {
    #[default]
    Idle,
    Replying {
        say: Say,
        at: Moment,
        flight: Option<Flight>,
    },
    AwaitAnswer(Token),
    AwaitReply {
        flight: Flight,
        until: Moment,
    },
}

/// What is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Say {
    /// Whatever we have: a message, or MOR.
    Turn,
    /// A text without data.
    Control(u8),
}

/// What of ours awaits a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Flight {
    /// The first text of the queue.
    Message,
    /// A text without data.
    Control(u8),
}

/// One end of a line on which texts are answered with texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exchange {
    settings: Settings,
    role: Role,
    state: State,
    ready: bool,
    deframer: Deframer,
    text_until: Option<Moment>,
    /// Texts of the sample that is being received.
    sample: Vec<u8>,
    next_until: Option<Moment>,
    /// The text that waits for an answer, and the one accepted last.
    candidate: Vec<u8>,
    accepted: Option<Vec<u8>>,
    /// What was said last without data.
    said: u8,
    /// How often what is in flight was sent.
    tries: u32,
    backlog: Backlog,
    queue: VecDeque<Outgoing>,
    /// Of the messages in the queue, these answer an inquiry: nobody waits to hear of them.
    silent: Vec<Token>,
    free_at: Moment,
    outbox: Vec<u8>,
    events: VecDeque<Event>,
    next_token: u64,
}

impl Exchange {
    /// An end of an idle line.
    pub fn new(settings: Settings, role: Role) -> Exchange {
        Exchange {
            deframer: Deframer::new(settings.form, settings.text_max.min(limits::BLOCK_TEXT_MAX)),
            said: settings.frames.more,
            settings,
            role,
            state: State::Idle,
            ready: true,
            text_until: None,
            sample: Vec::new(),
            next_until: None,
            candidate: Vec::new(),
            accepted: None,
            tries: 0,
            backlog: Backlog::default(),
            queue: VecDeque::new(),
            silent: Vec::new(),
            free_at: Moment::default(),
            outbox: Vec::new(),
            events: VecDeque::new(),
            next_token: 1,
        }
    }

    fn read<'i>(&mut self, now: Moment, bytes: &'i [u8]) -> &'i [u8] {
        let mut rest = bytes;
        loop {
            match self.state {
                State::AwaitAnswer(_) | State::Replying { .. } => return rest,
                State::Idle | State::AwaitReply { .. } => {}
            }
            let found = self.deframer.next(&mut rest);
            self.report_ignored();
            let Some(found) = found else { break };
            self.text_until = None;
            match found {
                Found::Block { offset, bytes } => self.check(now, offset, &bytes),
                Found::Reply { offset, byte } => {
                    let fault = fault(offset, &[byte], LinkFaultKind::Noise);
                    self.events.push_back(Event::Fault(fault));
                }
                Found::TooLong(fault) => self.refuse(now, fault),
            }
        }
        let inside = self.deframer.is_inside();
        let until = self.text_until.unwrap_or(now.plus(self.settings.text_wait));
        self.text_until = inside.then_some(until);
        rest
    }

    fn check(&mut self, now: Moment, offset: u64, bytes: &[u8]) {
        let form = self.settings.form;
        let kind = match block(bytes, &form) {
            Ok(good) => match good.text.split_first() {
                Some((frame, data)) => return self.take(now, offset, good.text, *frame, data),
                None => LinkFaultKind::Malformed,
            },
            Err(BlockFault::Malformed) => LinkFaultKind::Malformed,
            Err(BlockFault::Check { .. }) => LinkFaultKind::Checksum,
        };
        self.refuse(now, fault(offset, bytes, kind));
    }

    /// A good text. Only texts without data are control frames.
    fn take(&mut self, now: Moment, offset: u64, text: &[u8], frame: u8, data: &[u8]) {
        let frames = &self.settings.frames;
        let control = data.is_empty();
        let (any, more) = (control && frame == frames.any, control && frame == frames.more);
        let host = self.role == Role::Host;
        match control {
            true if frame == frames.repeat => self.asked_again(now),
            true if frame == frames.suspend => self.suspended(now),
            true if frame == frames.received && host => self.receipted(now),
            true if any && host => self.invited(now),
            true if more && !host => self.go_on(now, offset, text),
            true | false => self.take_text(now, offset, text, frame),
        }
    }

    fn take_text(&mut self, now: Moment, offset: u64, text: &[u8], frame: u8) {
        let asks = frame == self.settings.frames.inquiry && self.role == Role::Host;
        if !asks && self.accepted.as_deref() == Some(text) {
            let fault = fault(offset, text, LinkFaultKind::Repeated);
            self.events.push_back(Event::Fault(fault));
            return self.repeated(now);
        }
        self.left_unreceipted(now);
        let goes_on = self.settings.frames.parts.contains(&frame);
        let belongs = goes_on || frame == self.settings.frames.last;
        if !belongs {
            self.cut_short(Interruption::Restarted);
        }
        self.candidate = text.to_vec();
        if self.sample.len().saturating_add(text.len()) >= limits::MESSAGE_MAX {
            self.cut_short(Interruption::TooLong);
            return self.refuse(now, fault(offset, text, LinkFaultKind::TooLong));
        }
        match goes_on {
            true => {
                self.join();
                self.accepted = Some(mem::take(&mut self.candidate));
                self.reply(now, self.good_reply());
            }
            false => self.deliver(text),
        }
    }

    /// Our reply to it was lost. To the host that reply may have been a selection.
    fn repeated(&mut self, now: Moment) {
        match (self.flight(), self.role) {
            (Some(Flight::Message), Role::Host) => {
                self.again(now, Flight::Message, "the analyser did not hear it");
            }
            (Some(_), Role::Instrument) | (Some(Flight::Control(_)) | None, _) => {
                self.left_unreceipted(now);
                self.reply(now, self.good_reply());
            }
        }
    }

    fn join(&mut self) {
        if !self.sample.is_empty() {
            self.sample.push(CR);
        }
        self.sample.extend_from_slice(&self.candidate);
    }

    fn deliver(&mut self, text: &[u8]) {
        let token = Token(self.next_token);
        self.next_token = self.next_token.wrapping_add(1);
        let gap: &[u8] = if self.sample.is_empty() { &[] } else { &[CR] };
        let bytes = [&self.sample, gap, text].concat();
        self.events.push_back(Event::Message { token, bytes });
        self.state = State::AwaitAnswer(token);
        self.next_until = None;
    }

    /// ANY. What follows is no repetition.
    fn invited(&mut self, now: Moment) {
        self.left_unreceipted(now);
        self.cut_short(Interruption::Restarted);
        self.accepted = None;
        let say = if self.ready { Say::Turn } else { Say::Control(self.settings.frames.suspend) };
        self.reply(now, say);
    }

    /// REC, to the host. It may come again where our word is lost, so that word is no selection.
    fn receipted(&mut self, now: Moment) {
        if self.flight() == Some(Flight::Message) {
            self.sent();
            self.accepted = None;
        }
        self.state = State::Idle;
        self.reply(now, Say::Control(self.settings.frames.more));
    }

    /// MOR, to the instrument.
    fn go_on(&mut self, now: Moment, offset: u64, text: &[u8]) {
        match self.flight() {
            Some(Flight::Message) => self.sent(),
            Some(Flight::Control(_)) => {}
            None => {
                let fault = fault(offset, text, LinkFaultKind::Noise);
                return self.events.push_back(Event::Fault(fault));
            }
        }
        self.tries = 0;
        self.state = State::Idle;
        self.hold_back(now.plus(self.settings.reply_after));
    }

    /// REP: what is in flight goes again, or what was said last.
    fn asked_again(&mut self, now: Moment) {
        match self.flight() {
            Some(flight) => self.again(now, flight, "it was asked for again"),
            None if self.role == Role::Host => self.reply(now, Say::Control(self.said)),
            None => {}
        }
    }

    /// SUS: what is in flight waits for another turn.
    fn suspended(&mut self, now: Moment) {
        if self.flight().is_some() {
            self.state = State::Idle;
            self.tries = 0;
            self.hold_back(now.plus(self.settings.reply_wait));
        }
    }

    /// The peer speaks of something else: to the instrument that is a reply, to the host none.
    fn left_unreceipted(&mut self, now: Moment) {
        match (self.flight(), self.role) {
            (Some(Flight::Message), Role::Host) => {
                self.give_up("the analyser went on without a receipt");
            }
            (Some(Flight::Message), Role::Instrument) => self.sent(),
            (Some(Flight::Control(_)) | None, _) => {}
        }
        self.tries = 0;
        self.state = State::Idle;
        self.hold_back(now.plus(self.settings.reply_after));
    }

    const fn flight(&self) -> Option<Flight> {
        match self.state {
            State::AwaitReply { flight, .. } => Some(flight),
            State::Replying { flight, .. } => flight,
            State::Idle | State::AwaitAnswer(_) => None,
        }
    }

    /// What is said to a good text that is stored.
    const fn good_reply(&self) -> Say {
        match self.role {
            Role::Host => Say::Turn,
            Role::Instrument => Say::Control(self.settings.frames.received),
        }
    }

    fn refuse(&mut self, now: Moment, fault: LinkFault) {
        self.events.push_back(Event::Fault(fault));
        self.reply(now, Say::Control(self.settings.frames.repeat));
    }

    fn reply(&mut self, now: Moment, say: Say) {
        let at = now.plus(self.settings.reply_after);
        self.state = State::Replying { say, at, flight: self.flight() };
        self.wait_for_next(now);
    }

    fn wait_for_next(&mut self, now: Moment) {
        let waits = !self.sample.is_empty();
        self.next_until = waits.then(|| now.plus(self.settings.next_wait));
    }

    fn speak(&mut self, now: Moment) {
        let State::Replying { say, at, flight } = self.state else { return };
        if at > now {
            return;
        }
        self.state = State::Idle;
        self.wait_for_next(now);
        let more = self.settings.frames.more;
        match say {
            Say::Turn if flight == Some(Flight::Message) || !self.queue.is_empty() => {
                self.send_text(now);
            }
            Say::Turn => self.say(now, more, None),
            Say::Control(frame) => self.say(now, frame, flight),
        }
    }

    /// Says something without data. The instrument then awaits a reply.
    fn say(&mut self, now: Moment, frame: u8, flight: Option<Flight>) {
        self.outbox.extend_from_slice(&encode(&[frame], false, &self.settings.form));
        self.said = frame;
        let own = (self.role == Role::Instrument).then_some(Flight::Control(frame));
        if let Some(flight) = flight.or(own) {
            self.await_reply(now, flight);
        }
    }

    fn send_text(&mut self, now: Moment) {
        let Some(first) = self.queue.front_mut() else { return };
        let Some(block) = first.blocks.get(first.at) else { return };
        self.outbox.extend_from_slice(block);
        first.transmissions = first.transmissions.saturating_add(1);
        self.tries = self.tries.saturating_add(1);
        // To the host it is the reply to that text, until it is receipted.
        if self.role == Role::Instrument {
            self.accepted = None;
        }
        self.await_reply(now, Flight::Message);
    }

    fn await_reply(&mut self, now: Moment, flight: Flight) {
        let wait = match self.role {
            Role::Host => self.settings.next_wait,
            Role::Instrument => self.settings.reply_wait,
        };
        self.state = State::AwaitReply { flight, until: now.plus(wait) };
    }

    fn again(&mut self, now: Moment, flight: Flight, why: &str) {
        let at = now.plus(self.settings.reply_after);
        let more = self.settings.frames.more;
        let may = self.tries < self.settings.transmissions_max;
        self.state = State::Idle;
        let say = match (flight, self.role) {
            (Flight::Message, _) if may => Say::Turn,
            (Flight::Control(frame), _) if may => {
                self.tries = self.tries.saturating_add(1);
                Say::Control(frame)
            }
            (Flight::Message, _) => {
                self.give_up(why);
                match self.role {
                    Role::Host => Say::Control(more),
                    Role::Instrument => return self.rest(now),
                }
            }
            (Flight::Control(_), _) => return self.rest(now),
        };
        let flight = may.then_some(flight);
        self.state = State::Replying { say, at, flight };
    }

    /// A late reply must not be taken for the reply to what comes next.
    fn rest(&mut self, now: Moment) {
        self.tries = 0;
        self.hold_back(now.plus(self.settings.reply_wait));
    }

    fn sent(&mut self) {
        self.tries = 0;
        let Some(first) = self.queue.front_mut() else { return };
        first.at = first.at.saturating_add(1);
        first.transmissions = 0;
        if first.at < first.blocks.len() {
            return;
        }
        let token = first.token;
        self.queue.pop_front();
        if !self.forget_silent(token) {
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
    }

    fn give_up(&mut self, why: &str) {
        self.tries = 0;
        let Some(Outgoing { token, .. }) = self.queue.pop_front() else { return };
        if !self.forget_silent(token) {
            self.events.push_back(Event::GaveUp { token, why: why.to_owned() });
        }
    }

    fn forget_silent(&mut self, token: Token) -> bool {
        let place = self.silent.iter().position(|silent| *silent == token);
        place.map(|place| self.silent.remove(place)).is_some()
    }

    fn no_reply(&mut self, now: Moment) {
        match (self.flight(), self.role) {
            (Some(flight), Role::Instrument) => self.again(now, flight, "no reply came"),
            (Some(Flight::Message), Role::Host) => {
                self.state = State::Idle;
                self.give_up("no receipt came");
            }
            (Some(Flight::Control(_)) | None, _) => self.state = State::Idle,
        }
    }

    fn hold_back(&mut self, until: Moment) {
        self.free_at = self.free_at.max(until);
    }

    fn cut_short(&mut self, why: Interruption) {
        self.next_until = None;
        let bytes = mem::take(&mut self.sample);
        if !bytes.is_empty() {
            self.accepted = None;
            self.events.push_back(Event::Incomplete { bytes, why });
        }
    }

    fn text_did_not_end(&mut self, now: Moment) {
        self.text_until = None;
        if self.deframer.abandon() {
            self.report_ignored();
            self.reply(now, Say::Control(self.settings.frames.repeat));
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

    /// What the answer to a message does to it, and what is said to its last text.
    fn settle(&mut self, answer: Answer) -> Say {
        let candidate = mem::take(&mut self.candidate);
        match answer {
            Answer::Refused(_) => return Say::Control(self.settings.frames.repeat),
            Answer::StoredReply(reply) => self.put_first(&reply),
            Answer::Stored | Answer::StoredUnread(_) => {}
        }
        self.accepted = Some(candidate);
        self.sample = Vec::new();
        self.good_reply()
    }

    /// The reply to an inquiry, before anything else that waits; one that fits no text is none.
    fn put_first(&mut self, reply: &[u8]) {
        if let Ok(blocks) = self.blocks_of(reply) {
            let token = Token(u64::MAX);
            self.silent.push(token);
            self.queue.push_front(Outgoing::new(token, blocks));
        }
    }

    /// Each line is a text.
    fn blocks_of(&self, message: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        let numbering = Numbering { digits: 0, last: Vec::new() };
        let Settings { form, text_max, .. } = &self.settings;
        let lines = message.split(|byte| *byte == CR).filter(|line| !line.is_empty());
        let texts: Result<Vec<_>, _> =
            lines.map(|line| blocks(line, form, *text_max, &[], &numbering)).collect();
        let texts = texts?.concat();
        if texts.is_empty() { Err("it is empty".to_owned()) } else { Ok(texts) }
    }

    /// The instrument sends, or asks, when the line is free.
    fn lead(&mut self, now: Moment) {
        if !self.may_lead() || self.free_at > now {
            return;
        }
        if !self.queue.is_empty() {
            self.send_text(now);
        } else if let Some(poll) = self.settings.poll {
            self.hold_back(now.plus(poll));
            self.say(now, self.settings.frames.any, None);
        }
    }

    fn may_lead(&self) -> bool {
        let wants = !self.queue.is_empty() || self.settings.poll.is_some();
        let free = self.state == State::Idle && !self.deframer.is_inside();
        self.role == Role::Instrument && free && wants
    }

    fn expire_one(&mut self, now: Moment, timer: Timer) {
        match timer {
            Timer::TextEnd => self.text_did_not_end(now),
            Timer::NextBlock => self.cut_short(Interruption::Silence),
            Timer::ReplyPause => {
                self.speak(now);
                self.read_backlog(now);
            }
            Timer::TextReply => self.no_reply(now),
            Timer::Poll => self.lead(now),
            // Timers of other links.
            _ => {}
        }
    }
}

impl Link for Exchange {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        let unread = self.read(now, bytes);
        self.backlog.push(unread);
    }

    fn expire(&mut self, now: Moment) {
        while let Some(due) = self.deadline().filter(|deadline| deadline.at <= now) {
            self.expire_one(now, due.timer);
        }
    }

    fn answer(&mut self, now: Moment, token: Token, answer: Answer) {
        if self.state != State::AwaitAnswer(token) {
            return;
        }
        self.state = State::Idle;
        let say = self.settle(answer);
        if self.backlog.unread().is_empty() {
            self.reply(now, say);
        } else {
            self.wait_for_next(now);
        }
        self.read_backlog(now);
    }

    fn disconnect(&mut self, _now: Moment) {
        if let State::AwaitAnswer(_) = self.state {
            self.sample = Vec::new();
        }
        self.deframer.abandon();
        self.report_ignored();
        self.events.extend(self.backlog.lost(self.deframer.offset()));
        self.cut_short(Interruption::Disconnected);
        while !self.queue.is_empty() {
            self.give_up("the line was lost");
        }
        let (events, next_token) = (mem::take(&mut self.events), self.next_token);
        let (ready, free_at) = (self.ready, self.free_at);
        let fresh = Exchange::new(self.settings.clone(), self.role);
        *self = Exchange { events, next_token, ready, free_at, ..fresh };
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
            State::AwaitReply { until, .. } => (None, Some(until)),
            State::Idle | State::AwaitAnswer(_) => (None, None),
        };
        let all = [
            due(Timer::ReplyPause, reply),
            due(Timer::TextEnd, self.text_until),
            due(Timer::NextBlock, self.next_until),
            due(Timer::TextReply, answer),
            due(Timer::Poll, self.may_lead().then_some(self.free_at)),
        ];
        all.into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    fn wants_bytes(&self) -> bool {
        !self.backlog.is_full()
    }

    fn set_ready(&mut self, _now: Moment, ready: bool) {
        self.ready = ready;
    }
}

impl Sending for Exchange {
    /// Host: it goes out at our next turn. Hand the answer to an inquiry over before you answer the
    /// inquiry, or as `Answer::StoredReply`.
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        match self.blocks_of(&message) {
            Ok(blocks) => self.queue.push_back(Outgoing::new(token, blocks)),
            Err(why) => self.events.push_back(Event::GaveUp { token, why }),
        }
        self.lead(now);
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
