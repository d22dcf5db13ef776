//! The recorded lines, driven again: bytes through the real link machines, at the recorded times,
//! answered as the journal says they were answered.
//!
//! What we sent is held against what the machine sends now. What it would have sent by itself is
//! passed over; what is left over when a message waits for its answer is that answer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use memchr::memmem;

use super::files::Taken;
use crate::analyser::{Framing, Profile};
use crate::codec::lis01::{ACK, EOT, NAK};
use crate::journal::{Kind, Record};
use crate::link::bare::{Envelope, Records};
use crate::link::{Answer, At, Event, Interruption, Link, Token, block, lis01, mllp};

/// How a message was answered on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fate {
    /// We acknowledged it.
    Acknowledged,
    /// We refused it.
    Refused,
    /// Neither before the line ended.
    Unanswered,
    /// This line has no acknowledgement: what came is ours.
    NoReply,
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
    /// The bytes are a file's, not a line's.
    file: Option<Taken>,
    link: Box<dyn Link>,
    replies: Replies,
    /// What the machine sends by itself, as far as the journal has not shown it yet.
    expected: VecDeque<u8>,
    /// The message that waits for its answer.
    waiting: Option<Waiting>,
    heard: Vec<(At, Vec<u8>, Fate)>,
    faults: u64,
}

/// What acknowledges a message on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replies {
    Lis01,
    Hl7,
    Blocks,
    None,
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
    /// Takes a record of an analyser with this profile; gives the messages that came to
    /// their end.
    pub(super) fn take(&mut self, record: &Record, profile: &Arc<Profile>) -> Vec<Heard> {
        let key = (record.analyser.clone(), record.connection);
        let line = self.open.entry(key.clone()).or_insert_with(|| Line::new(profile));
        match record.kind {
            Kind::Received => line.receive(record.at, &record.bytes),
            Kind::Sent => line.sent(record.at, &record.bytes),
            Kind::Closed => line.end(record.at, Some(&record.bytes)),
            Kind::Opened => line.file = Taken::begin(&record.bytes, profile),
            Kind::FileStart | Kind::Gap { .. } => {}
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
            line.end(at, None);
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
    fn new(profile: &Profile) -> Line {
        let (link, replies) = reader(profile);
        let (expected, heard) = (VecDeque::new(), Vec::new());
        Line { file: None, link, replies, expected, waiting: None, heard, faults: 0 }
    }

    fn receive(&mut self, at: At, bytes: &[u8]) {
        if let Some(file) = &mut self.file {
            return file.receive(bytes);
        }
        self.expire(at);
        if let Some(waiting) = &mut self.waiting {
            waiting.is_given_up = self.replies == Replies::Lis01;
        }
        self.link.receive(at.moment, bytes);
        self.drain(at);
        // A message that nobody answers, as HL7 allows, must not hold up those behind it.
        let is_held_up = |line: &Line| line.replies == Replies::None || !line.link.wants_bytes();
        while is_held_up(self) && self.settle(at, Fate::Unanswered, Answer::Stored) {}
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
            let Some(answer) = answer(self.replies, rest) else { return };
            if self.replies == Replies::Hl7 {
                self.pass_over_unanswered(at, field(rest, b"MSA", 2));
            }
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

    /// An HL7 answer names its message. Those before it got none: they asked for none, or they
    /// answer a message of ours.
    fn pass_over_unanswered(&mut self, at: At, answered: Option<&[u8]>) {
        while let Some(waiting) = &self.waiting
            && field(&waiting.bytes, b"MSH", 9) != answered
        {
            self.settle(at, Fate::Unanswered, Answer::Stored);
        }
    }

    /// Answers the message that waits; false where none does.
    fn settle(&mut self, at: At, fate: Fate, answer: Answer) -> bool {
        let Some(waiting) = self.waiting.take() else { return false };
        let fate = match self.replies {
            Replies::None => Fate::NoReply,
            Replies::Lis01 | Replies::Hl7 | Replies::Blocks if waiting.is_given_up => {
                Fate::Unanswered
            }
            Replies::Lis01 | Replies::Hl7 | Replies::Blocks => fate,
        };
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

    /// `why` as the journal tells it; `None`, where it does not.
    fn end(&mut self, at: At, why: Option<&[u8]>) {
        if let Some(file) = self.file.take() {
            let (messages, faults) = file.end(why);
            self.heard.extend(messages.into_iter().map(|(bytes, fate)| (at, bytes, fate)));
            self.faults += faults;
            return;
        }
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

/// The receiving machine of such a line, and what acknowledges there. What the analyser says to
/// messages of ours is a message like any other here: it is on record too.
fn reader(profile: &Profile) -> (Box<dyn Link>, Replies) {
    if let Some(parameters) = profile.blocks() {
        return (block::open(parameters, block::Role::Host), Replies::Blocks);
    }
    let habits = profile.link();
    let records = |envelope| Box::new(Records::new(envelope, habits.next_frame_wait));
    match habits.framing {
        Framing::Lis01 | Framing::Blocks | Framing::Files => {
            let settings = lis01::Settings {
                restart_on_enquiry: habits.restart_on_enquiry,
                next_frame_wait: habits.next_frame_wait,
                ..lis01::Settings::host()
            };
            (Box::new(lis01::Receiver::with(settings)), Replies::Lis01)
        }
        Framing::BareRecords => (records(Envelope::None), Replies::None),
        Framing::StxEtx => (records(Envelope::StxEtx), Replies::None),
        Framing::Mllp => (Box::new(mllp::Receiver::new(String::new)), Replies::Hl7),
        Framing::MllpCommit => {
            let usual = mllp::Settings::new(String::new, habits.acknowledgement_wait);
            let settings = mllp::Settings { commit: true, charsets: profile.charsets(), ..usual };
            (Box::new(mllp::Receiver::with(settings)), Replies::Hl7)
        }
    }
}

/// The answer that bytes of ours are to a message, if they are one.
fn answer(replies: Replies, sent: &[u8]) -> Option<Answer> {
    match replies {
        // EOT in place of ACK accepts the frame and asks for the line (LIS01-A2 6.3.5).
        Replies::Lis01 => match *sent.first()? {
            ACK | EOT => Some(Answer::Stored),
            NAK => Some(Answer::Refused(String::new())),
            _ => None,
        },
        Replies::Hl7 => acknowledgement(sent),
        // Hitachi has frames for both; what it refused shows as a message that is not on record.
        Replies::Blocks => match *sent.first()? {
            NAK => Some(Answer::Refused(String::new())),
            _ => Some(Answer::Stored),
        },
        Replies::None => None,
    }
}

/// MSA-1 (HL7 table 0008).
fn acknowledgement(sent: &[u8]) -> Option<Answer> {
    match field(sent, b"MSA", 1)? {
        b"AA" | b"CA" => Some(Answer::Stored),
        b"AE" | b"CE" => Some(Answer::StoredUnread(String::new())),
        b"AR" | b"CR" => Some(Answer::Refused(String::new())),
        _ => None,
    }
}

/// The text between the separators of the first segment with this name. MSH-1 is a separator, so
/// its fields count one less than in the standard.
fn field<'b>(block: &'b [u8], segment: &[u8; 3], separators: usize) -> Option<&'b [u8]> {
    let header = block.get(memmem::find(block, b"MSH")?..)?;
    let separator = *header.get(3)?;
    let mut segments = header.split(|byte| matches!(byte, b'\r' | b'\n' | 0x1C));
    let found = segments.find(|found| found.starts_with(segment))?;
    found.split(|byte| *byte == separator).nth(separators)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_block_are_found_by_segment_and_number() {
        let block = b"\x0bMSH|^~\\&|A|B|C|D|T||ACK|17|P|2.3.1\rMSA|AE|M9|words\r\x1c\r";
        assert_eq!(field(block, b"MSA", 1), Some(&b"AE"[..]));
        assert_eq!(field(block, b"MSA", 2), Some(&b"M9"[..]));
        assert_eq!(field(block, b"MSH", 9), Some(&b"17"[..]));
        assert_eq!(field(b"MSH|", b"MSA", 1), None);
        assert_eq!(field(b"", b"MSH", 9), None);
    }
}
