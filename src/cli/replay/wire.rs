//! The recorded lines, driven again: bytes through the real link machines, at the recorded times,
//! answered as the journal says they were answered.
//!
//! What we sent is held against what the machine sends now. What it would have sent by itself is
//! passed over; what is left over when a message waits for its answer is that answer.

use std::collections::{BTreeMap, VecDeque};

use memchr::memmem;

use crate::analyser::Dialect;
use crate::codec::lis01::{ACK, EOT, NAK};
use crate::journal::{At, Kind, Record};
use crate::link::{Answer, Event, Interruption, Link, Token, lis01, mllp};

/// How a message was answered on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fate {
    /// We acknowledged it.
    Acknowledged,
    /// We refused it.
    Refused,
    /// Neither before the line ended.
    Unanswered,
    /// The transfer was cut short.
    Cut(Interruption),
}

/// A message of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// Analyser id.
    pub(super) analyser: String,
    /// When it was complete, or cut.
    pub(super) at: At,
    /// Run of the daemon.
    pub(super) run: i64,
    /// The message.
    pub(super) bytes: Vec<u8>,
    /// How it was answered.
    pub(super) fate: Fate,
}

/// All open connections of a journal.
#[derive(Default)]
pub(super) struct Lines {
    open: BTreeMap<(String, u64), Line>,
    run: i64,
    /// Faults that the machines found.
    pub(super) faults: u64,
}

struct Line {
    link: Box<dyn Link>,
    dialect: Dialect,
    /// What the machine sends by itself, as far as the journal has not shown it yet.
    expected: VecDeque<u8>,
    /// The message that waits for its answer.
    waiting: Option<Waiting>,
    heard: Vec<(At, Vec<u8>, Fate)>,
    faults: u64,
}

struct Waiting {
    token: Token,
    at: At,
    bytes: Vec<u8>,
    /// A LIS01 peer says nothing while it waits: one that does has given up, and what we send next
    /// answers something else.
    is_given_up: bool,
}

impl Lines {
    /// Takes a record of an analyser that speaks this dialect; gives the messages that came to
    /// their end.
    pub(super) fn take(&mut self, record: &Record, dialect: Dialect) -> Vec<Heard> {
        let key = (record.analyser.clone(), record.connection);
        let line = self.open.entry(key.clone()).or_insert_with(|| Line::new(dialect));
        match record.kind {
            Kind::Received => line.receive(record.at, &record.bytes),
            Kind::Sent => line.sent(record.at, &record.bytes),
            Kind::Closed => line.end(record.at),
            Kind::Opened | Kind::FileStart | Kind::Gap { .. } => {}
        }
        let heard = line.take_heard();
        if record.kind == Kind::Closed
            && let Some(line) = self.open.remove(&key)
        {
            self.faults += line.faults;
        }
        self.named(&record.analyser, heard)
    }

    /// Another run of the daemon began, if it is another: connections of the earlier one are gone.
    pub(super) fn begin_run(&mut self, run: i64, at: At) -> Vec<Heard> {
        let heard = if run == self.run { Vec::new() } else { self.end(at) };
        self.run = run;
        heard
    }

    /// Nothing follows on any connection.
    pub(super) fn end(&mut self, at: At) -> Vec<Heard> {
        let mut all = Vec::new();
        for ((analyser, _), mut line) in std::mem::take(&mut self.open) {
            line.end(at);
            let heard = line.take_heard();
            self.faults += line.faults;
            all.extend(self.named(&analyser, heard));
        }
        all
    }

    fn named(&self, analyser: &str, heard: Vec<(At, Vec<u8>, Fate)>) -> Vec<Heard> {
        let named = heard.into_iter().map(|(at, bytes, fate)| Heard {
            analyser: analyser.to_owned(),
            at,
            run: self.run,
            bytes,
            fate,
        });
        named.collect()
    }
}

impl Line {
    fn new(dialect: Dialect) -> Line {
        let link: Box<dyn Link> = match dialect {
            Dialect::Lis02 => Box::new(lis01::Receiver::new()),
            Dialect::Hl7 => Box::new(mllp::Receiver::new(String::new)),
        };
        let (expected, heard) = (VecDeque::new(), Vec::new());
        Line { link, dialect, expected, waiting: None, heard, faults: 0 }
    }

    fn receive(&mut self, at: At, bytes: &[u8]) {
        self.expire(at);
        if let Some(waiting) = &mut self.waiting {
            waiting.is_given_up = self.dialect == Dialect::Lis02;
        }
        self.link.receive(at.moment, bytes);
        self.drain(at);
        // A message that nobody answers, as HL7 allows, must not hold up those behind it.
        while !self.link.wants_bytes() && self.settle(at, Fate::Unanswered, Answer::Stored) {}
    }

    /// Lets every timer run out that ran out before this moment.
    fn expire(&mut self, at: At) {
        let mut before = None;
        while let Some(deadline) = self.link.deadline().filter(|next| next.at <= at.moment) {
            if before.replace(deadline) == Some(deadline) {
                return;
            }
            self.link.expire(deadline.at);
            self.drain(at);
        }
    }

    fn sent(&mut self, at: At, bytes: &[u8]) {
        self.expire(at);
        let mut rest = bytes;
        loop {
            rest = self.without_expected(rest);
            if rest.is_empty() {
                return;
            }
            self.expected.clear();
            let Some(answer) = answer(self.dialect, rest) else { return };
            let fate = match answer {
                Answer::Refused(_) => Fate::Refused,
                Answer::Stored | Answer::StoredUnread(_) | Answer::StoredReply(_) => {
                    Fate::Acknowledged
                }
            };
            if !self.settle(at, fate, answer) {
                return;
            }
        }
    }

    /// Answers the message that waits; false where none does.
    fn settle(&mut self, at: At, fate: Fate, answer: Answer) -> bool {
        let Some(waiting) = self.waiting.take() else { return false };
        let fate = if waiting.is_given_up { Fate::Unanswered } else { fate };
        self.heard.push((waiting.at, waiting.bytes, fate));
        self.link.answer(at.moment, waiting.token, answer);
        self.drain(at);
        true
    }

    /// What is left of bytes we sent when those are gone that the machine sends by itself.
    fn without_expected<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let mut rest = bytes;
        while let Some((first, behind)) = rest.split_first()
            && self.expected.pop_front_if(|byte| byte == first).is_some()
        {
            rest = behind;
        }
        rest
    }

    fn drain(&mut self, at: At) {
        loop {
            while let Some(bytes) = self.link.transmit() {
                self.expected.extend(bytes);
            }
            let Some(event) = self.link.event() else { return };
            match event {
                Event::Message { token, bytes } => {
                    self.waiting = Some(Waiting { token, at, bytes, is_given_up: false });
                }
                Event::Incomplete { bytes, why } => {
                    self.heard.push((at, bytes, Fate::Cut(why)));
                }
                Event::Fault(_) => self.faults += 1,
                // A receiver has none of these.
                Event::Accepted { .. } | Event::GaveUp { .. } => {}
            }
        }
    }

    fn end(&mut self, at: At) {
        self.expire(at);
        while self.settle(at, Fate::Unanswered, Answer::Stored) {}
        self.link.disconnect(at.moment);
        self.drain(at);
    }

    fn take_heard(&mut self) -> Vec<(At, Vec<u8>, Fate)> {
        let heard = std::mem::take(&mut self.heard);
        heard.into_iter().filter(|(_, bytes, _)| !bytes.is_empty()).collect()
    }
}

/// The answer that bytes of ours are to a message, if they are one.
fn answer(dialect: Dialect, sent: &[u8]) -> Option<Answer> {
    match dialect {
        // EOT in place of ACK accepts the frame and asks for the line (LIS01-A2 6.3.5).
        Dialect::Lis02 => match *sent.first()? {
            ACK | EOT => Some(Answer::Stored),
            NAK => Some(Answer::Refused(String::new())),
            _ => None,
        },
        Dialect::Hl7 => acknowledgement(sent),
    }
}

/// MSA-1 (HL7 table 0008).
fn acknowledgement(sent: &[u8]) -> Option<Answer> {
    let found = memmem::find(sent, b"\rMSA")?;
    let code = sent.get(found + 5..found + 7)?;
    match code {
        b"AA" | b"CA" => Some(Answer::Stored),
        b"AE" | b"CE" => Some(Answer::StoredUnread(String::new())),
        b"AR" | b"CR" => Some(Answer::Refused(String::new())),
        _ => None,
    }
}
