//! The sending side of MLLP: one message, then its acknowledgement, then the next.
//!
//! Exists so that an acknowledgement is credited only to the message it names. It refuses to go on
//! with a connection where that can no longer be known: after a timeout, or after an
//! acknowledgement for another message, it asks to be closed, because the late acknowledgement
//! may still come.
//!
//! ```text
//!            message / block               AA, CA, AE, AR with our control id
//!   +-------+ -----------> +-----------------+ ---------------------> back to Ready
//!   | Ready |              | Acknowledgement |
//!   +-------+ <----------. +-----------------+
//!             line lost  |        | timeout, other control id, unreadable
//!                        |        v
//!                        |   +-----------+
//!                        `---| MustClose |  (sends nothing, credits nothing)
//!                            +-----------+
//! ```
//!
//! | state | event | sent | next |
//! |---|---|---|---|
//! | Ready | message | block | Acknowledgement, timer |
//! | Ready | message that wants no answer (MSH-15, MSH-16 NE) | block | Ready, accepted |
//! | Acknowledgement | AA or CA, MSA-2 is our MSH-10 | | Ready, accepted |
//! | Acknowledgement | AE, AR, CE, CR, MSA-2 is our MSH-10 | | Ready, given up |
//! | Acknowledgement | another MSA-2, no MSA, too long | | MustClose, given up |
//! | Acknowledgement | timer | | MustClose, given up |
//! | Ready, MustClose | any block | | no change, noise |
//! | any | line lost | | Ready, everything given up |

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use crate::codec::hl7::ack_header;
use crate::codec::mllp::{CR, FS, VT, wrap};
use crate::limits;
use crate::link::evidence::{Ignored, excerpt, fault};
use crate::link::stream::advance;
use crate::link::{
    Answer, Deadline, Event, Link, LinkFault, LinkFaultKind, Moment, Sending, Timer, Token,
};

const LOST: &str = "the connection was lost";

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Ready,
    Acknowledgement { token: Token, control_id: String, until: Moment },
    MustClose,
}

/// A message handed over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Outgoing {
    token: Token,
    message: Vec<u8>,
}

/// Sends HL7 messages on one MLLP connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    acknowledgement_timeout: Duration,
    state: State,
    queue: VecDeque<Outgoing>,
    outbox: Vec<u8>,
    /// Accepted as soon as the outbox is written.
    silent: Vec<Token>,
    offset: u64,
    /// The block begun, without VT.
    block: Option<Vec<u8>>,
    after_end: bool,
    ignored: Ignored,
    events: VecDeque<Event>,
}

impl Client {
    /// A client on a fresh connection that waits so long for each acknowledgement.
    pub fn new(acknowledgement_timeout: Duration) -> Client {
        Client {
            acknowledgement_timeout,
            state: State::Ready,
            queue: VecDeque::new(),
            outbox: Vec::new(),
            silent: Vec::new(),
            offset: 0,
            block: None,
            after_end: false,
            ignored: Ignored::default(),
            events: VecDeque::new(),
        }
    }

    /// Writes messages until one of them has to be acknowledged.
    fn begin(&mut self, now: Moment) {
        while matches!(self.state, State::Ready) {
            let Some(Outgoing { token, message }) = self.queue.pop_front() else { return };
            self.outbox.extend_from_slice(&wrap(&message));
            match ack_header(&message) {
                Some(header) if header.silent => self.silent.push(token),
                header => {
                    let control_id = header.map(|header| header.control_id).unwrap_or_default();
                    let until = now.plus(self.acknowledgement_timeout);
                    self.state = State::Acknowledgement { token, control_id, until };
                }
            }
        }
    }

    fn between(&mut self, rest: &mut &[u8]) {
        if mem::take(&mut self.after_end) && rest.first() == Some(&CR) {
            advance(&mut self.offset, rest, 1);
            return;
        }
        let start = memchr::memchr(VT, rest);
        let noise = advance(&mut self.offset, rest, start.unwrap_or(rest.len()));
        self.ignored.noise(self.offset, noise);
        if start.is_some() {
            self.ignored.end();
            advance(&mut self.offset, rest, 1);
            self.block = Some(Vec::new());
        }
        self.report_ignored();
    }

    fn inside(&mut self, now: Moment, rest: &mut &[u8], mut block: Vec<u8>) {
        let stop = memchr::memchr2(VT, FS, rest);
        block.extend_from_slice(advance(&mut self.offset, rest, stop.unwrap_or(rest.len())));
        match rest.first() {
            _ if block.len() > limits::MESSAGE_MAX => self.reply_too_long(&block),
            None => self.block = Some(block),
            Some(&FS) => {
                advance(&mut self.offset, rest, 1);
                self.after_end = true;
                self.reply(now, block);
            }
            Some(_) => self.report(LinkFaultKind::Malformed, &block),
        }
    }

    fn reply_too_long(&mut self, block: &[u8]) {
        self.report(LinkFaultKind::TooLong, block);
        self.distrust("the acknowledgement has no end");
    }

    /// A complete block.
    fn reply(&mut self, now: Moment, reply: Vec<u8>) {
        let State::Acknowledgement { token, control_id, .. } = &self.state else {
            return self.report(LinkFaultKind::Noise, &reply);
        };
        let Some(said) = Said::read(&reply).filter(|said| said.control_id == *control_id) else {
            self.report(LinkFaultKind::Noise, &reply);
            return self.distrust("an acknowledgement for another message came");
        };
        let token = *token;
        self.state = State::Ready;
        self.events.push_back(match said.code.as_str() {
            "AA" | "CA" => Event::Accepted { token, reply },
            code => Event::GaveUp { token, why: format!("{code} {}", said.words) },
        });
        self.begin(now);
    }

    /// Gives the message in flight up, and the connection with it.
    fn distrust(&mut self, why: &str) {
        match mem::replace(&mut self.state, State::MustClose) {
            State::Acknowledgement { token, .. } => {
                self.events.push_back(Event::GaveUp { token, why: why.to_owned() });
            }
            State::Ready | State::MustClose => {}
        }
    }

    fn report(&mut self, kind: LinkFaultKind, block: &[u8]) {
        let length = block.len();
        let offset = self.offset.saturating_sub(length as u64);
        let fault = LinkFault { offset, length, kind, excerpt: excerpt(block) };
        self.events.push_back(Event::Fault(fault));
    }

    fn report_ignored(&mut self) {
        self.events.extend(self.ignored.take().into_iter().map(Event::Fault));
    }
}

impl Link for Client {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.block.take() {
                None => self.between(&mut rest),
                Some(block) => self.inside(now, &mut rest, block),
            }
        }
    }

    fn expire(&mut self, now: Moment) {
        if self.deadline().is_some_and(|deadline| deadline.at <= now) {
            self.distrust("no acknowledgement in time");
        }
    }

    /// A client delivers nothing, so there is nothing to answer.
    fn answer(&mut self, _now: Moment, _token: Token, _answer: Answer) {}

    fn disconnect(&mut self, _now: Moment) {
        self.distrust(LOST);
        let waiting = mem::take(&mut self.queue).into_iter().map(|outgoing| outgoing.token);
        for token in mem::take(&mut self.silent).into_iter().chain(waiting) {
            self.events.push_back(Event::GaveUp { token, why: LOST.to_owned() });
        }
        if let Some(block) = self.block.take() {
            let offset = self.offset.saturating_sub(block.len() as u64);
            self.ignored.end();
            self.ignored.add(fault(offset, &block, LinkFaultKind::Malformed));
        }
        self.ignored.end();
        self.report_ignored();
        let events = mem::take(&mut self.events);
        *self = Client { events, ..Client::new(self.acknowledgement_timeout) };
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        if self.outbox.is_empty() {
            return None;
        }
        let bytes = mem::take(&mut self.outbox);
        for token in mem::take(&mut self.silent) {
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
        Some(bytes)
    }

    fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn deadline(&self) -> Option<Deadline> {
        match self.state {
            State::Acknowledgement { until, .. } => {
                Some(Deadline { timer: Timer::Acknowledgement, at: until })
            }
            State::Ready | State::MustClose => None,
        }
    }

    fn wants_bytes(&self) -> bool {
        true
    }

    fn must_close(&self) -> bool {
        matches!(self.state, State::MustClose)
    }
}

impl Sending for Client {
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        self.queue.push_back(Outgoing { token, message });
        self.begin(now);
    }

    fn withdraw(&mut self, _now: Moment, token: Token) -> bool {
        let place = self.queue.iter().position(|outgoing| outgoing.token == token);
        place.is_some_and(|place| self.queue.remove(place).is_some())
    }

    fn is_idle(&self) -> bool {
        let waiting = matches!(self.state, State::Acknowledgement { .. });
        self.queue.is_empty() && self.silent.is_empty() && !waiting
    }
}

/// MSA-1, MSA-2 and MSA-3 of an acknowledgement.
struct Said {
    code: String,
    control_id: String,
    words: String,
}

impl Said {
    fn read(reply: &[u8]) -> Option<Said> {
        let mut segments = reply.split(|byte| matches!(*byte, CR | b'\n'));
        let msa = segments.find_map(|segment| segment.strip_prefix(b"MSA"))?;
        let (separator, fields) = msa.split_first()?;
        let mut fields = fields.split(|byte| byte == separator);
        let mut next = || fields.next().map(|field| String::from_utf8_lossy(field).into_owned());
        let code = next()?;
        let control_id = next()?;
        Some(Said { code, control_id, words: next().unwrap_or_default() })
    }
}
