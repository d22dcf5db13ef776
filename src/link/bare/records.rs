//! Records without a link layer, both ways.
//!
//! Exists to turn such a stream into messages, one at a time and each until it is answered, and to
//! make a loss visible where no reply exists: after a message that was refused, or that is longer
//! than we take, the connection is given up.
//!
//! ```text
//!              letter, or STX                    end of the L record, or ETX after it
//!   +---------+ -------------> +--------+ ----------------------> +-------------+
//!   | Outside |                | Inside |<--. H record, STX:      | AwaitAnswer | bytes wait in
//!   +---------+ <------------- +--------+---' incomplete          +-------------+ the backlog
//!        ^  ^   silence, ETX       |                                 |     |
//!        |  |                      | message too long                |     | stored
//!        |  |                      v                                 |     |
//!        |  |   line lost       +--------+        refused            |     |
//!        |  `------------------ | Broken | <-------------------------'     |
//!        |                      +--------+                                 |
//!        `-----------------------------------------------------------------'
//! ```
//!
//! | state | event | next |
//! |---|---|---|
//! | Outside, no envelope | ASCII letter | Inside |
//! | Outside, STX and ETX | STX | Inside |
//! | Outside | CR, LF | Outside: they end what was before |
//! | Outside | other bytes | Outside, noise |
//! | Inside, no envelope | CR or LF that ends an L record | AwaitAnswer |
//! | Inside, STX and ETX | ETX, the last record is an L record | AwaitAnswer |
//! | Inside, STX and ETX | ETX, it is another | Outside, the message goes on with the next STX |
//! | Inside, STX and ETX | STX | Inside, incomplete: restarted (an empty block: noise) |
//! | Inside | H record that is not the first | Inside, incomplete: restarted |
//! | Inside | more than `limits::MESSAGE_MAX` | Broken, incomplete: too long |
//! | any with a message begun | silence | Outside, incomplete |
//! | AwaitAnswer | stored | Outside |
//! | AwaitAnswer | refused | Broken |
//! | Broken | any byte | Broken, noise |
//! | any | line lost | Outside, incomplete |
//!
//! One timer: a message that has begun goes on within the time given to [`Records::new`], counted
//! from its last byte. No standard gives one; T5 of LIS01-A2 is the measure.
//!
//! What a sent message is worth here: [`Event::Accepted`] says that the driver has written it.
//! Nobody says that it arrived.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::Envelope;
use crate::codec::lis01::{CR, ETX, LF, STX};
use crate::limits;
use crate::link::backlog::Backlog;
use crate::link::evidence::Ignored;
use crate::link::stream::advance;
use crate::link::{Answer, Deadline, Event, Interruption, Link, Moment, Sending, Timer, Token};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum State {
    #[default]
    Outside,
    Inside,
    AwaitAnswer(Token),
    Broken,
}

/// Where in the records of a message we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Place {
    /// The letter of the last record.
    letter: Option<u8>,
    /// The next byte is one, unless it ends a record once more.
    at_start: bool,
}

/// A message to be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Outgoing {
    token: Token,
    bytes: Vec<u8>,
}

/// Receives and sends records without a link layer on one connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Records {
    envelope: Envelope,
    record_wait: Duration,
    state: State,
    place: Place,
    message: Vec<u8>,
    silence: Option<Moment>,
    /// Bytes of the stream read so far.
    offset: u64,
    ignored: Ignored,
    backlog: Backlog,
    waiting: VecDeque<Outgoing>,
    /// The driver has it.
    writing: Option<Token>,
    events: VecDeque<Event>,
    next_token: u64,
}

impl Records {
    /// A link between messages. `record_wait` is how long a message that has begun may pause.
    pub fn new(envelope: Envelope, record_wait: Duration) -> Records {
        Records {
            envelope,
            record_wait,
            state: State::Outside,
            place: Place::default(),
            message: Vec::new(),
            silence: None,
            offset: 0,
            ignored: Ignored::default(),
            backlog: Backlog::default(),
            waiting: VecDeque::new(),
            writing: None,
            events: VecDeque::new(),
            next_token: 1,
        }
    }

    /// Bytes of memory held for this connection, events not yet taken counted without their
    /// contents. Next to nothing between messages.
    pub fn memory(&self) -> usize {
        let events = self.events.capacity().saturating_mul(size_of::<Event>());
        let waiting = self.waiting.iter().map(|outgoing| outgoing.bytes.capacity()).sum();
        let parts =
            [self.message.capacity(), self.backlog.memory(), self.ignored.memory(), waiting];
        parts.into_iter().fold(events, usize::saturating_add)
    }

    /// Reads until the bytes are used up or a message waits for its answer; returns the rest.
    fn read<'i>(&mut self, now: Moment, bytes: &'i [u8]) -> &'i [u8] {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.state {
                State::AwaitAnswer(_) => break,
                State::Outside => self.outside(&mut rest),
                State::Inside => self.inside(&mut rest),
                State::Broken => {
                    let all = rest.len();
                    self.noise(&mut rest, all);
                }
            }
        }
        self.watch_silence(now);
        rest
    }

    fn outside(&mut self, rest: &mut &[u8]) {
        let end = rest.iter().position(|byte| self.begins(*byte) || matches!(*byte, CR | LF));
        self.noise(rest, end.unwrap_or(rest.len()));
        match rest.first() {
            None => return,
            Some(&(CR | LF)) => {
                advance(&mut self.offset, rest, 1);
            }
            Some(_) => self.begin(rest),
        }
        self.report_ignored();
    }

    fn begins(&self, byte: u8) -> bool {
        match self.envelope {
            Envelope::None => byte.is_ascii_alphabetic(),
            Envelope::StxEtx => byte == STX,
        }
    }

    fn begin(&mut self, rest: &mut &[u8]) {
        self.state = State::Inside;
        self.place.at_start = true;
        match self.envelope {
            Envelope::None => {}
            Envelope::StxEtx => {
                advance(&mut self.offset, rest, 1);
            }
        }
    }

    fn inside(&mut self, rest: &mut &[u8]) {
        let Some(first) = rest.first().copied() else { return };
        let enveloped = self.envelope == Envelope::StxEtx;
        match first {
            ETX if enveloped => self.end_block(rest),
            STX if enveloped => self.begin_again(rest),
            CR | LF => self.end_record(rest),
            b'H' | b'h' if self.place.at_start && !self.message.is_empty() => {
                self.end_early(Interruption::Restarted);
            }
            _ => self.text(rest, first),
        }
    }

    fn text(&mut self, rest: &mut &[u8], first: u8) {
        if mem::take(&mut self.place.at_start) {
            self.place.letter = Some(first);
        }
        let end = match self.envelope {
            Envelope::None => memchr::memchr2(CR, LF, rest),
            Envelope::StxEtx => rest.iter().position(|byte| matches!(*byte, CR | LF | STX | ETX)),
        };
        self.keep(rest, end.unwrap_or(rest.len()));
    }

    fn end_record(&mut self, rest: &mut &[u8]) {
        self.place.at_start = true;
        self.keep(rest, 1);
        if self.envelope == Envelope::None && self.is_terminated() && self.state == State::Inside {
            self.deliver();
        }
    }

    fn end_block(&mut self, rest: &mut &[u8]) {
        advance(&mut self.offset, rest, 1);
        if self.is_terminated() {
            self.deliver();
        } else {
            self.state = State::Outside;
        }
    }

    /// STX in a block: the one before was cut, or was nothing but a sign of life.
    fn begin_again(&mut self, rest: &mut &[u8]) {
        if self.message.is_empty() {
            self.ignored.noise(self.offset, &[STX]);
            self.report_ignored();
        }
        self.end_early(Interruption::Restarted);
        self.begin(rest);
    }

    fn is_terminated(&self) -> bool {
        matches!(self.place.letter, Some(b'L' | b'l'))
    }

    fn keep(&mut self, rest: &mut &[u8], count: usize) {
        self.ignored.end();
        self.report_ignored();
        let text = advance(&mut self.offset, rest, count);
        if self.message.len().saturating_add(text.len()) > limits::MESSAGE_MAX {
            self.end_early(Interruption::TooLong);
            self.state = State::Broken;
        } else {
            self.message.extend_from_slice(text);
        }
    }

    fn deliver(&mut self) {
        let token = Token(self.next_token);
        self.next_token = self.next_token.wrapping_add(1);
        let bytes = mem::take(&mut self.message);
        self.events.push_back(Event::Message { token, bytes });
        self.place = Place::default();
        self.state = State::AwaitAnswer(token);
    }

    fn end_early(&mut self, why: Interruption) {
        let bytes = mem::take(&mut self.message);
        if !bytes.is_empty() {
            self.events.push_back(Event::Incomplete { bytes, why });
        }
        self.place = Place { at_start: true, letter: None };
    }

    /// A message that has begun, or a block, must go on in time.
    fn watch_silence(&mut self, now: Moment) {
        let begun = self.state == State::Inside || !self.message.is_empty();
        self.silence = begun.then(|| now.plus(self.record_wait));
    }

    fn noise(&mut self, rest: &mut &[u8], count: usize) {
        let noise = advance(&mut self.offset, rest, count);
        self.ignored.noise(self.offset, noise);
        if !rest.is_empty() {
            self.ignored.end();
        }
        self.report_ignored();
    }

    fn report_ignored(&mut self) {
        self.events.extend(self.ignored.take().into_iter().map(Event::Fault));
    }

    fn give_up(&mut self, token: Token, why: &str) {
        self.events.push_back(Event::GaveUp { token, why: why.to_owned() });
    }
}

impl Link for Records {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        if bytes.is_empty() {
            return;
        }
        let unread = self.read(now, bytes);
        self.backlog.push(unread);
    }

    fn expire(&mut self, now: Moment) {
        if self.silence.is_some_and(|at| at <= now) {
            self.silence = None;
            self.end_early(Interruption::Silence);
            self.state = State::Outside;
        }
    }

    fn answer(&mut self, now: Moment, token: Token, answer: Answer) {
        if self.state != State::AwaitAnswer(token) {
            return;
        }
        self.state = match answer {
            Answer::Stored | Answer::StoredUnread(_) | Answer::StoredReply(_) => State::Outside,
            Answer::Refused(_) => State::Broken,
        };
        let (bytes, from) = self.backlog.take();
        let unread = self.read(now, bytes.get(from..).unwrap_or_default()).len();
        self.backlog.restore(bytes, unread);
    }

    fn disconnect(&mut self, _now: Moment) {
        self.ignored.end();
        self.report_ignored();
        self.events.extend(self.backlog.lost(self.offset));
        self.end_early(Interruption::Disconnected);
        for token in self.writing.take().into_iter().collect::<Vec<_>>() {
            self.give_up(token, "the line was lost while it was written");
        }
        for outgoing in mem::take(&mut self.waiting) {
            self.give_up(outgoing.token, "the line was lost");
        }
        self.state = State::Outside;
        self.silence = None;
        self.offset = 0;
    }

    /// Asking again says that what was given before is written.
    fn transmit(&mut self) -> Option<Vec<u8>> {
        if let Some(token) = self.writing.take() {
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
        if self.must_close() {
            return None;
        }
        let Outgoing { token, bytes } = self.waiting.pop_front()?;
        self.waiting.shrink_to_fit();
        self.writing = Some(token);
        Some(bytes)
    }

    fn event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.events.shrink_to_fit();
        }
        event
    }

    fn deadline(&self) -> Option<Deadline> {
        self.silence.map(|at| Deadline { timer: Timer::RecordGap, at })
    }

    fn wants_bytes(&self) -> bool {
        !self.backlog.is_full()
    }

    fn must_close(&self) -> bool {
        self.state == State::Broken
    }
}

impl Sending for Records {
    fn send(&mut self, _now: Moment, token: Token, message: Vec<u8>) {
        match self.envelope.wrap(message) {
            Some(bytes) => self.waiting.push_back(Outgoing { token, bytes }),
            None => self.give_up(token, "it holds STX or ETX, which its envelope cannot carry"),
        }
    }

    fn withdraw(&mut self, _now: Moment, token: Token) -> bool {
        let place = self.waiting.iter().position(|outgoing| outgoing.token == token);
        place.is_some_and(|place| self.waiting.remove(place).is_some())
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.writing.is_none()
    }
}
