//! Segments to messages: MSH opens one, the next MSH or a batch segment closes it.

use nom::bytes::complete::{tag, take_till};
use nom::character::complete::satisfy;
use nom::combinator::opt;
use nom::{IResult, Parser};

use crate::codec::fields::{Counting, Faults, Message, excerpt, next_line, next_start};
use crate::codec::{Delimiters, Escapes, FaultKind, Transmission};

/// Reads segments separated by CR (LF and CRLF are tolerated).
pub fn read(text: &str) -> Transmission<'_> {
    let (faults, messages) = (Faults::default(), Vec::new());
    let mut reading = Reading { text, at: 0, faults, messages, file: None, batch: None };
    if u32::try_from(text.len()).is_err() {
        let why = || "longer than 4 GiB".to_owned();
        reading.faults.note(FaultKind::TooLong, 0, text.len(), why);
        reading.at = text.len();
    }
    while let Some((start, end)) = next_line(text, reading.at) {
        reading.at = end;
        reading.outside(start, end);
    }
    reading.close(Level::Batch);
    reading.close(Level::File);
    Transmission { messages: reading.messages, faults: reading.faults.finish() }
}

struct Reading<'t> {
    text: &'t str,
    at: usize,
    faults: Faults,
    messages: Vec<Message<'t>>,
    file: Option<Envelope>,
    batch: Option<Envelope>,
}

/// An open FHS or BHS.
struct Envelope {
    offset: usize,
    delimiters: Delimiters,
    /// How many messages (of a batch) or batches (of a file) it had so far.
    count: usize,
}

#[derive(Clone, Copy)]
enum Level {
    File,
    Batch,
}

impl Level {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Level::File => ("FHS", "FTS"),
            Level::Batch => ("BHS", "BTS"),
        }
    }
}

impl<'t> Reading<'t> {
    /// A line with no message open.
    fn outside(&mut self, start: usize, end: usize) {
        let line = self.line(start, end);
        match envelope_name(line) {
            Some("MSH") => self.header(start, end),
            Some("FHS") => self.open(Level::File, start, end),
            Some("BHS") => self.open(Level::Batch, start, end),
            Some("FTS") => self.trailer(Level::File, start, end),
            Some("BTS") => self.trailer(Level::Batch, start, end),
            Some(_) | None => self.stray(line, start, end),
        }
    }

    fn stray(&mut self, line: &str, start: usize, end: usize) {
        let name = line.get(..3).filter(|name| is_segment_name(name));
        let text = || match name {
            Some(name) => format!("segment {name} without a header before it"),
            None => "text outside any message".to_owned(),
        };
        let kind = if name.is_some() { FaultKind::Header } else { FaultKind::Stray };
        self.faults.note(kind, start, end, text);
    }

    fn header(&mut self, start: usize, end: usize) {
        match usable(self.line(start, end)) {
            Some(delimiters) => self.message(start, delimiters),
            None => self.unreadable(start, end),
        }
    }

    /// Reads from a good MSH to the next one, to a batch segment or to the end of the text.
    fn message(&mut self, start: usize, delimiters: Delimiters) {
        let like = self.messages.last();
        let mut message = Message::begin(self.text, start, delimiters, like);
        self.at = message.take_line(start, &mut self.faults);
        self.extra_delimiters(&message);
        while let Some(start) = self.next_segment() {
            self.at = message.take_line(start, &mut self.faults);
            let name = message.last_name();
            if !is_segment_name(name) {
                let why = || format!("{} is no segment name", excerpt(name));
                self.faults.note(FaultKind::Record, start, self.at, why);
                message.drop_line();
            }
        }
        self.messages.push(message);
        if let Some(batch) = &mut self.batch {
            batch.count += 1;
        }
    }

    /// MSH-2 has four characters, or five where it names a truncation character (v2.7).
    fn extra_delimiters(&mut self, message: &Message<'_>) {
        let declared = message.last_record().and_then(|header| header.field(2));
        let Some(declared) = declared else { return };
        let Some(extra) = declared.text.get(5..).filter(|extra| !extra.is_empty()) else { return };
        let end = declared.offset + declared.text.len();
        let why = || format!("the header declares too many delimiters: {}", excerpt(extra));
        self.faults.note(FaultKind::Header, declared.offset + 5, end, why);
    }

    /// Where the next segment of this message starts.
    fn next_segment(&self) -> Option<usize> {
        let start = next_start(self.text, self.at)?;
        envelope_name(self.text.get(start..)?).is_none().then_some(start)
    }

    /// A header that can't be used: everything up to the next one is one fault.
    fn unreadable(&mut self, start: usize, end: usize) {
        let line = self.line(start, end);
        let quoted = excerpt(line.get(..line.floor_char_boundary(8)).unwrap_or_default());
        while let Some(next) = self.next_segment() {
            self.at = next_line(self.text, next).map_or(self.text.len(), |(_, end)| end);
        }
        let why = || format!("header {quoted} declares no usable delimiters");
        self.faults.note(FaultKind::Header, start, self.at, why);
    }

    fn open(&mut self, level: Level, start: usize, end: usize) {
        if matches!(level, Level::File) {
            self.close(Level::Batch);
        }
        self.close(level);
        let Some(delimiters) = usable(self.line(start, end)) else {
            return self.unreadable(start, end);
        };
        let mut line = Message::begin(self.text, start, delimiters, None);
        line.take_line(start, &mut self.faults);
        *self.slot(level) = Some(Envelope { offset: start, delimiters, count: 0 });
    }

    /// Closes without a trailer segment: a fault if anything was open.
    fn close(&mut self, level: Level) {
        let (header, trailer) = level.names();
        let Some(envelope) = self.slot(level).take() else { return };
        let why = || format!("{header} at byte {} has no {trailer}", envelope.offset);
        self.faults.note(FaultKind::Truncated, self.at, self.at, why);
    }

    fn trailer(&mut self, level: Level, start: usize, end: usize) {
        let (header, trailer) = level.names();
        if matches!(level, Level::File) {
            self.close(Level::Batch);
        }
        let Some(envelope) = self.slot(level).take() else {
            let why = || format!("{trailer} without {header}");
            return self.faults.note(FaultKind::Record, start, end, why);
        };
        if let (Level::Batch, Some(file)) = (level, &mut self.file) {
            file.count += 1;
        }
        self.check_count(&envelope, trailer, start, end);
    }

    /// BTS-1 counts messages and FTS-1 batches, if they are sent.
    fn check_count(&mut self, envelope: &Envelope, trailer: &str, start: usize, end: usize) {
        let mut line = Message::begin(self.text, start, envelope.delimiters, None);
        line.take_line(start, &mut self.faults);
        let stated = line.last_record().and_then(|record| record.field(1));
        let Some(stated) = stated.filter(|stated| !stated.is_empty()) else { return };
        if stated.text.trim().parse() != Ok(envelope.count) {
            let (stated, found) = (excerpt(stated.text), envelope.count);
            let why = || format!("{trailer} counts {stated}, but there are {found}");
            self.faults.note(FaultKind::Record, start, end, why);
        }
    }

    fn slot(&mut self, level: Level) -> &mut Option<Envelope> {
        match level {
            Level::File => &mut self.file,
            Level::Batch => &mut self.batch,
        }
    }

    fn line(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }
}

/// The delimiters that a header line declares, if a reader can use them.
pub(super) fn usable(line: &str) -> Option<Delimiters> {
    let (_, delimiters) = header(line).ok()?;
    delimiters.possible().then_some(delimiters)
}

/// Name, field separator, and then component, repeat, escape and (not always) sub-component.
fn header(line: &str) -> IResult<&str, Delimiters> {
    let delimiter = || satisfy(|c| c.is_ascii());
    let (rest, (_, separator)) =
        (nom::branch::alt((tag("MSH"), tag("FHS"), tag("BHS"))), delimiter()).parse(line)?;
    let (rest, characters) = take_till(|c| c == separator).parse(rest)?;
    let (_, (component, repeat, escape, subcomponent)) =
        (delimiter(), delimiter(), delimiter(), opt(delimiter())).parse(characters)?;
    let [field, component, repeat, escape] =
        [separator, component, repeat, escape].map(|c| c as u8);
    let (subcomponent, escapes) = (subcomponent.map(|c| c as u8), Escapes::Hl7);
    Ok((rest, Delimiters { field, repeat, component, subcomponent, escape, escapes }))
}

/// The name of a segment that stands outside messages or opens one.
fn envelope_name(line: &str) -> Option<&str> {
    let (name, after) = line.split_at_checked(3)?;
    let known = matches!(name, "MSH" | "FHS" | "BHS" | "BTS" | "FTS");
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == ' ');
    (known && ends).then_some(name)
}

/// Segments that repeat the delimiters after their name.
pub(super) fn has_delimiters(name: &str) -> bool {
    matches!(name, "MSH" | "FHS" | "BHS")
}

/// `[A-Z][A-Z0-9]{2}`.
fn is_segment_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() == 3
        && bytes.next().is_some_and(|first| first.is_ascii_uppercase())
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// How the fields of this segment are numbered.
pub(in crate::codec) fn counting(line: &str) -> Counting {
    let header = line.get(..3).is_some_and(has_delimiters);
    if header { Counting::Hl7Header } else { Counting::Hl7 }
}
