//! LIS02-A2 (ASTM E1394-97) records: H P O R C Q M S L, delimiters taken from H.
//!
//! ```text
//! H|\^&|||...        field |  repeat \  component ^  escape &    they hold until L
//! P|1|...            records end in CR; trailing delimiters may be there or not
//! O|1|D0000000001|.. field 1 is the record type, field 2 the sequence number
//! R|1|^^^HBsAg|...
//! L|1|N              a new H may follow
//! ```
//!
//! Any header that a sender may legally shorten is accepted, down to `H|\^&` and nothing after.
//! A header whose delimiters can't be told apart makes its message unreadable up to its L. The
//! nesting of records (R under O under P) is not checked here: analysers bend it, and what it
//! means is for their profiles to say.

use nom::character::complete::{one_of, satisfy};
use nom::{IResult, Parser};

use super::fields::{Faults, Message, excerpt, next_line, next_start};
use super::{Delimiters, Escapes, FaultKind, Transmission};

/// The usual delimiters `|\^&`.
pub const USUAL: Delimiters = Delimiters {
    field: b'|',
    repeat: b'\\',
    component: b'^',
    subcomponent: None,
    escape: b'&',
    escapes: Escapes::Lis02,
};

/// Reads records separated by CR (LF and CRLF are tolerated and reported as nothing).
pub fn read(text: &str) -> Transmission<'_> {
    let mut reading = Reading { text, at: 0, faults: Faults::default(), messages: Vec::new() };
    if u32::try_from(text.len()).is_err() {
        let why = || "longer than 4 GiB".to_owned();
        reading.faults.note(FaultKind::TooLong, 0, text.len(), why);
        reading.at = text.len();
    }
    while let Some((start, end)) = next_line(text, reading.at) {
        reading.at = end;
        reading.outside(start, end);
    }
    Transmission { messages: reading.messages, faults: reading.faults.finish() }
}

struct Reading<'t> {
    text: &'t str,
    at: usize,
    faults: Faults,
    messages: Vec<Message<'t>>,
}

impl<'t> Reading<'t> {
    /// A line with no message open: it should be a header.
    fn outside(&mut self, start: usize, end: usize) {
        let line = self.text.get(start..end).unwrap_or_default();
        let letter = line.get(..1).unwrap_or_default();
        match header(line) {
            Ok((_, delimiters)) if delimiters.possible() => self.message(start, delimiters),
            Ok(_) | Err(_) if opens_header(line) => self.unreadable(start, end),
            Ok(_) | Err(_) if is_record_like(line) => {
                let why = || format!("record {letter:?} without a header before it");
                self.faults.note(FaultKind::Header, start, end, why);
            }
            Ok(_) | Err(_) => {
                let why = || "text outside any message".to_owned();
                self.faults.note(FaultKind::Stray, start, end, why);
            }
        }
    }

    /// Reads from a good header to L, to the next header or to the end of the text.
    fn message(&mut self, start: usize, delimiters: Delimiters) {
        let mut message = Message::begin(self.text, start, delimiters, self.messages.last());
        self.header_line(&mut message, start);
        let mut complete = false;
        while let Some(start) = self.next_record().filter(|_| !complete) {
            complete = self.record(&mut message, start);
        }
        if !complete {
            let why = || "the message ends without an L record".to_owned();
            self.faults.note(FaultKind::Truncated, self.at, self.at, why);
        }
        self.messages.push(message);
    }

    /// Where the next line starts, unless it is the header of another message.
    fn next_record(&self) -> Option<usize> {
        let start = next_start(self.text, self.at)?;
        let ahead = self.text.get(start..)?;
        let opens = opens_header(ahead) && ahead.len() > 1 && is_record_like(ahead);
        (!opens).then_some(start)
    }

    fn header_line(&mut self, message: &mut Message<'t>, start: usize) {
        self.at = message.take_line(start, &mut self.faults);
        let declared = message.last_record().and_then(|record| record.field(2));
        let Some(declared) = declared.filter(|piece| piece.text.len() > 3) else { return };
        let (offset, end) = (declared.offset + 3, declared.offset + declared.text.len());
        let extra = declared.text.get(3..).unwrap_or_default();
        let why = || format!("the header declares more than four delimiters: {}", excerpt(extra));
        self.faults.note(FaultKind::Header, offset, end, why);
    }

    /// Takes one record; true if it ends the message.
    fn record(&mut self, message: &mut Message<'t>, start: usize) -> bool {
        self.at = message.take_line(start, &mut self.faults);
        let name = message.last_name();
        if name.len() == 1 && record_type(name).is_some_and(|letter| letter != "H") {
            return matches!(name, "L" | "l");
        }
        let why = || format!("no record of a message has the type {}", excerpt(name));
        self.faults.note(FaultKind::Record, start, self.at, why);
        message.drop_line();
        false
    }

    /// A header that can't be used: everything up to its L or to the next header is one fault.
    fn unreadable(&mut self, start: usize, end: usize) {
        let line = self.text.get(start..end).unwrap_or_default();
        let quoted = excerpt(line.get(..line.floor_char_boundary(6)).unwrap_or_default());
        while let Some((next, end)) = next_line(self.text, self.at) {
            let line = self.text.get(next..end).unwrap_or_default();
            if opens_header(line) && is_record_like(line) {
                break;
            }
            self.at = end;
            if line.starts_with(['L', 'l']) && is_record_like(line) {
                break;
            }
        }
        let why = || format!("header {quoted} declares no usable delimiters");
        self.faults.note(FaultKind::Header, start, self.at, why);
    }
}

/// `H`, field, repeat, component, escape.
fn header(line: &str) -> IResult<&str, Delimiters> {
    let delimiter = || satisfy(|c| c.is_ascii());
    let (rest, (_, field, repeat, component, escape)) =
        (one_of("Hh"), delimiter(), delimiter(), delimiter(), delimiter()).parse(line)?;
    let [field, repeat, component, escape] = [field, repeat, component, escape].map(|c| c as u8);
    let escapes = Escapes::Lis02;
    Ok((rest, Delimiters { field, repeat, component, subcomponent: None, escape, escapes }))
}

fn opens_header(line: &str) -> bool {
    line.starts_with(['H', 'h'])
}

/// A letter of the standard, alone or with something that may be a delimiter after it.
fn is_record_like(line: &str) -> bool {
    let second = line.as_bytes().get(1);
    record_type(line).is_some() && second.is_none_or(u8::is_ascii_punctuation)
}

/// The record type that this line begins with, upper-cased.
pub(super) fn record_type(line: &str) -> Option<&'static str> {
    Some(match line.bytes().next()?.to_ascii_uppercase() {
        b'H' => "H",
        b'P' => "P",
        b'O' => "O",
        b'R' => "R",
        b'C' => "C",
        b'Q' => "Q",
        b'M' => "M",
        b'S' => "S",
        b'L' => "L",
        _ => return None,
    })
}

/// A record to be written: name, then fields from 2 on (for H from 3 on: its field 2, the
/// delimiters, is written by [`write`]). [`plain`] and [`components`] help with the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOut {
    /// `H`, `P`, ...
    pub name: String,
    /// Fields from 2 on; for H from 3 on.
    pub fields: Vec<Field>,
}

/// A field to be written: repeats of components of plain text (escaped on writing).
pub type Field = Vec<Vec<String>>;

/// A field with one repeat and one component.
pub fn plain(text: &str) -> Field {
    vec![vec![text.to_owned()]]
}

/// A field with one repeat and these components.
pub fn components(parts: &[&str]) -> Field {
    vec![parts.iter().map(|part| (*part).to_owned()).collect()]
}

/// Writes records, each ended by CR.
pub fn write(records: &[RecordOut], delimiters: &Delimiters) -> String {
    let mut out = String::new();
    for record in records {
        out.push_str(&record.name);
        if record.name.eq_ignore_ascii_case("H") {
            let Delimiters { field, repeat, component, escape, .. } = *delimiters;
            out.extend([field, repeat, component, escape].map(char::from));
        }
        for field in &record.fields {
            out.push(char::from(delimiters.field));
            out.push_str(&field_text(field, delimiters));
        }
        out.push('\r');
    }
    out
}

fn field_text(field: &Field, delimiters: &Delimiters) -> String {
    let repeat = |components: &Vec<String>| {
        let escaped: Vec<String> = components.iter().map(|text| delimiters.escape(text)).collect();
        escaped.join(&char::from(delimiters.component).to_string())
    };
    let repeats: Vec<String> = field.iter().map(repeat).collect();
    repeats.join(&char::from(delimiters.repeat).to_string())
}
