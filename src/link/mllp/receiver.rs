//! The receiving side of MLLP with HL7 acknowledgement (original mode).
//!
//! Exists to turn a stream of bytes into messages, and what became of each message into its
//! acknowledgement: one message at a time, in order.
//!
//! ```text
//!               VT                    FS / message
//!   +---------+ -----> +--------+ ------------------> +-------------+
//!   | Between |        | Inside |<--. VT: incomplete, | AwaitAnswer | bytes wait in the backlog
//!   +---------+ <----. +--------+---' start over      +-------------+
//!        ^           |   | message too long               |
//!        |           |   v                                | answer / AA, AE, AR or nothing
//!        |           | +---------+                        |
//!        |           `-| Discard | FS / AR                |
//!        |             +---------+                        |
//!        `------------------------------------------------'
//! ```
//!
//! | state | event | reply | next |
//! |---|---|---|---|
//! | Between | VT | | Inside |
//! | Between | CR right after FS | | Between |
//! | Between | other bytes | | Between, noise |
//! | Inside | FS | | AwaitAnswer (an empty block: Between, malformed) |
//! | Inside | VT | | Inside, incomplete: restarted |
//! | Inside | more than `limits::MESSAGE_MAX` | | Discard |
//! | Discard | FS | AR | Between, too long, incomplete |
//! | Discard | VT | | Inside, too long, incomplete |
//! | AwaitAnswer | stored | AA | Between |
//! | AwaitAnswer | stored unread | AE | Between |
//! | AwaitAnswer | stored, with a reply | the reply | Between |
//! | AwaitAnswer | refused | AR | Between |
//! | any | line lost | | Between, incomplete |
//!
//! There are no timers: MLLP names none for a receiver, and a block that never ends ends with
//! the line. A message whose MSH-15 and MSH-16 are both NE is answered with silence, but waits
//! for its answer like any other, so that order and back-pressure hold.
//!
//! VT and FS are never data: HL7 text has no control character but CR, and in GB 18030, GBK,
//! Big5, Shift-JIS and UTF-8 no byte of a longer character is below 0x20. So a block is complete
//! with FS, without waiting for the CR, and a VT inside a block is a new block.

use std::collections::VecDeque;
use std::mem;

use crate::codec::hl7::{AckCode, ack_header, acknowledgement};
use crate::codec::mllp::{CR, FS, VT, wrap};
use crate::limits;
use crate::link::backlog::Backlog;
use crate::link::evidence::{Ignored, excerpt};
use crate::link::mllp::TimeText;
use crate::link::stream::advance;
use crate::link::{
    Answer, Deadline, Event, Interruption, Link, LinkFault, LinkFaultKind, Moment, Token,
};

const TOO_LONG: &str = "message longer than this system accepts";

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
enum State {
    #[default]
    Between,
    Inside,
    Discard,
    AwaitAnswer(Pending),
}

/// A delivered message until it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    token: Token,
    /// Its beginning, to build the acknowledgement from; `None` where none is wanted.
    header: Option<Vec<u8>>,
}

/// Receives MLLP blocks on one connection. Takes almost no memory between blocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receiver {
    state: State,
    time_text: TimeText,
    /// Bytes of the stream read so far.
    offset: u64,
    /// The block begun, without VT; once it is too long, only its beginning.
    block: Vec<u8>,
    /// Bytes of the block begun, VT included.
    block_length: usize,
    /// The byte before was FS.
    after_end: bool,
    ignored: Ignored,
    backlog: Backlog,
    replies: Vec<u8>,
    events: VecDeque<Event>,
    next_token: u64,
}

impl Receiver {
    /// A receiver between blocks. `time_text` gives MSH-7 of acknowledgements
    /// (`YYYYMMDDHHMMSS`).
    pub fn new(time_text: fn() -> String) -> Receiver {
        Receiver {
            state: State::Between,
            time_text: TimeText(time_text),
            offset: 0,
            block: Vec::new(),
            block_length: 0,
            after_end: false,
            ignored: Ignored::default(),
            backlog: Backlog::default(),
            replies: Vec::new(),
            events: VecDeque::new(),
            next_token: 1,
        }
    }

    /// Bytes of memory held for this connection, events not yet taken counted without their
    /// contents. Next to nothing between blocks.
    pub fn memory(&self) -> usize {
        let events = self.events.capacity().saturating_mul(size_of::<Event>());
        let parts = [self.block.capacity(), self.backlog.memory(), self.ignored.memory()];
        parts.into_iter().fold(events + self.replies.capacity(), usize::saturating_add)
    }

    /// Reads until the bytes are used up or a message waits for its answer; returns the rest.
    fn read<'i>(&mut self, bytes: &'i [u8]) -> &'i [u8] {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.state {
                State::AwaitAnswer(_) => break,
                State::Between => self.between(&mut rest),
                State::Inside | State::Discard => self.inside(&mut rest),
            }
        }
        rest
    }

    fn between(&mut self, rest: &mut &[u8]) {
        if mem::take(&mut self.after_end) && rest.first() == Some(&CR) {
            advance(&mut self.offset, rest, 1);
            return;
        }
        let start = memchr::memchr(VT, rest);
        let noise = advance(&mut self.offset, rest, start.unwrap_or(rest.len()));
        self.ignored.noise(self.offset, noise);
        self.report_ignored();
        if start.is_some() {
            self.ignored.end();
            self.report_ignored();
            advance(&mut self.offset, rest, 1);
            self.block_length = 1;
            self.state = State::Inside;
        }
    }

    fn inside(&mut self, rest: &mut &[u8]) {
        let stop = memchr::memchr2(VT, FS, rest);
        let text = advance(&mut self.offset, rest, stop.unwrap_or(rest.len()));
        self.keep(text);
        match rest.first() {
            None => {}
            Some(&FS) => {
                advance(&mut self.offset, rest, 1);
                self.end_block();
            }
            Some(_) => {
                self.restart();
                advance(&mut self.offset, rest, 1);
            }
        }
    }

    fn keep(&mut self, text: &[u8]) {
        self.block_length = self.block_length.saturating_add(text.len());
        if self.block.len().saturating_add(text.len()) > limits::MESSAGE_MAX {
            self.state = State::Discard;
        }
        match self.state {
            State::Discard => keep_beginning(&mut self.block, text),
            State::Between | State::Inside | State::AwaitAnswer(_) => {
                self.block.extend_from_slice(text);
            }
        }
    }

    fn end_block(&mut self) {
        self.after_end = true;
        self.block_length = self.block_length.saturating_add(1);
        match self.state {
            State::Discard => {
                let header = wanted_header(&self.block);
                self.report_overlong();
                self.acknowledge(header, AckCode::Reject, TOO_LONG);
                self.state = State::Between;
            }
            State::Between | State::Inside | State::AwaitAnswer(_) => self.deliver(),
        }
    }

    fn deliver(&mut self) {
        let bytes = mem::take(&mut self.block);
        if bytes.is_empty() {
            self.fault(LinkFaultKind::Malformed, vec![VT, FS]);
            self.state = State::Between;
            return;
        }
        let token = Token(self.next_token);
        self.next_token = self.next_token.wrapping_add(1);
        self.state = State::AwaitAnswer(Pending { token, header: wanted_header(&bytes) });
        self.events.push_back(Event::Message { token, bytes });
    }

    /// VT where FS should have come.
    fn restart(&mut self) {
        match self.state {
            State::Discard => self.report_overlong(),
            State::Between | State::Inside | State::AwaitAnswer(_) => {
                self.report_incomplete(Interruption::Restarted);
            }
        }
        self.block_length = 1;
        self.state = State::Inside;
    }

    fn report_overlong(&mut self) {
        let excerpt = excerpt(&self.block);
        self.fault(LinkFaultKind::TooLong, excerpt);
        self.report_incomplete(Interruption::TooLong);
    }

    fn report_incomplete(&mut self, why: Interruption) {
        let bytes = mem::take(&mut self.block);
        if bytes.is_empty() {
            self.fault(LinkFaultKind::Malformed, vec![VT]);
        } else {
            self.events.push_back(Event::Incomplete { bytes, why });
        }
    }

    /// A fault that concerns the whole block up to here.
    fn fault(&mut self, kind: LinkFaultKind, excerpt: Vec<u8>) {
        let length = self.block_length;
        let offset = self.offset.saturating_sub(length as u64);
        self.events.push_back(Event::Fault(LinkFault { offset, length, kind, excerpt }));
    }

    fn acknowledge(&mut self, header: Option<Vec<u8>>, code: AckCode, text: &str) {
        let Some(header) = header else { return };
        let message = acknowledgement(&header, code, text, &(self.time_text.0)());
        self.replies.extend_from_slice(&wrap(&message));
    }

    fn report_ignored(&mut self) {
        self.events.extend(self.ignored.take().into_iter().map(Event::Fault));
    }

    fn read_backlog(&mut self) {
        let (bytes, from) = self.backlog.take();
        let unread = self.read(bytes.get(from..).unwrap_or_default()).len();
        self.backlog.restore(bytes, unread);
    }
}

impl Link for Receiver {
    fn receive(&mut self, _now: Moment, bytes: &[u8]) {
        let unread = self.read(bytes);
        self.backlog.push(unread);
    }

    fn expire(&mut self, _now: Moment) {}

    fn answer(&mut self, _now: Moment, token: Token, answer: Answer) {
        let header = match &mut self.state {
            State::AwaitAnswer(pending) if pending.token == token => pending.header.take(),
            State::Between | State::Inside | State::Discard | State::AwaitAnswer(_) => return,
        };
        self.state = State::Between;
        match answer {
            Answer::Stored => self.acknowledge(header, AckCode::Accept, ""),
            Answer::StoredUnread(text) => self.acknowledge(header, AckCode::Error, &text),
            Answer::StoredReply(reply) => self.replies.extend_from_slice(&wrap(&reply)),
            Answer::Refused(text) => self.acknowledge(header, AckCode::Reject, &text),
        }
        self.read_backlog();
    }

    fn disconnect(&mut self, _now: Moment) {
        self.ignored.end();
        self.report_ignored();
        match self.state {
            State::Inside => self.report_incomplete(Interruption::Disconnected),
            State::Discard => self.report_overlong(),
            State::Between | State::AwaitAnswer(_) => {}
        }
        self.events.extend(self.backlog.lost(self.offset));
        let kept = (mem::take(&mut self.events), self.next_token);
        *self = Receiver::new(self.time_text.0);
        (self.events, self.next_token) = kept;
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
        None
    }

    fn wants_bytes(&self) -> bool {
        !self.backlog.is_full()
    }
}

/// What an acknowledgement is built from: everything up to the end of the first MSH segment
/// (batch segments may stand before it). `None` where the message wants no acknowledgement.
fn wanted_header(message: &[u8]) -> Option<Vec<u8>> {
    let header = header(message);
    let silent = ack_header(header).is_some_and(|wanted| wanted.silent);
    (!silent).then(|| header.to_vec())
}

fn header(message: &[u8]) -> &[u8] {
    let beginning = message.get(..limits::OVERLONG_EVIDENCE_MAX).unwrap_or(message);
    let mut from = 0;
    while let Some(rest) = beginning.get(from..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr2(CR, b'\n', rest).map_or(rest.len(), |end| end + 1);
        from += length;
        if rest.starts_with(b"MSH") {
            return beginning.get(..from).unwrap_or(beginning);
        }
    }
    beginning
}

fn keep_beginning(block: &mut Vec<u8>, text: &[u8]) {
    let room = limits::OVERLONG_EVIDENCE_MAX.saturating_sub(block.len());
    block.extend_from_slice(text.get(..room).unwrap_or(text));
    block.truncate(limits::OVERLONG_EVIDENCE_MAX);
    block.shrink_to_fit();
}
