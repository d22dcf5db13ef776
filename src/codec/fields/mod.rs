//! Delimited text, common to LIS02-A2 and HL7 v2: records of fields, repeats, components and
//! sub-components (drawn in [`super`]). Splitting is lazy and copies nothing.
//!
//! A message is read in one pass that notes where each field ends; a [`Record`] is a view over
//! those marks, and everything below a field is split only when somebody asks. Nothing is
//! unescaped before the lowest piece has been split off, and only by [`Piece::unescaped`].
//!
//! It refuses to guess: delimiters that can't be told apart make a message unreadable, which is a
//! fault, and not a message with wrong fields.

mod escapes;
mod faults;
mod scan;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

pub use faults::{Fault, FaultKind};
pub(in crate::codec) use faults::{Faults, excerpt};
use scan::Controls;
pub(in crate::codec) use scan::{next_line, next_start};

/// The delimiters of one message, as its header declares them. All are ASCII graphic characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// Between fields, usually `|`.
    pub field: u8,
    /// Between repeats, usually `\` (LIS02) or `~` (HL7).
    pub repeat: u8,
    /// Between components, usually `^`.
    pub component: u8,
    /// Between sub-components, usually `&`; LIS02 has none.
    pub subcomponent: Option<u8>,
    /// Escape character, usually `&` (LIS02) or `\` (HL7).
    pub escape: u8,
    /// Which escape sequences are known.
    pub escapes: Escapes,
}

/// The escape sequences of a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Escapes {
    /// LIS02-A2 5.4.5.1: F S R E H N X.. Z..; an unpaired escape character is literal.
    Lis02,
    /// HL7 v2.5.1 2.7: F S T R E H N X.. Z.. and formatting; an unpaired one is literal.
    Hl7,
    /// None: every text stands for itself.
    None,
    /// Tables: the quote that surrounds a cell is written twice inside it; nothing else.
    Doubled,
}

/// Everything found in one delivered text: messages, and what lies outside or is wrong.
#[derive(Clone, Debug)]
pub struct Transmission<'t> {
    /// Messages in order (LIS02: H to L; HL7: MSH to the next MSH, batches unwrapped).
    pub messages: Vec<Message<'t>>,
    /// Faults in the order of their offsets; offsets in the text.
    pub faults: Vec<Fault>,
}

/// One message: its delimiters and its records.
#[derive(Clone, Debug)]
pub struct Message<'t> {
    delimiters: Delimiters,
    /// The whole transmission: all offsets count from its start.
    whole: &'t str,
    start: usize,
    end: usize,
    spans: Vec<Span<'t>>,
    /// Where each field ends, record after record.
    ends: Vec<u32>,
}

/// Where a record stands, and which of the message's `ends` are its own.
#[derive(Clone, Copy, Debug)]
struct Span<'t> {
    /// Its name and how its fields are counted, where it does not begin with its name.
    named: Option<(&'t str, Counting)>,
    start: u32,
    first_end: u32,
    last_end: u32,
}

/// One record (LIS02) or segment (HL7).
#[derive(Clone, Copy, Debug)]
pub struct Record<'m> {
    whole: &'m str,
    start: usize,
    name: &'m str,
    ends: &'m [u32],
    counting: Counting,
}

/// How the pieces of a record are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec) enum Counting {
    /// The record type is field 1.
    Lis02,
    /// The segment name has no number.
    Hl7,
    /// As HL7, but the separator after the name is field 1.
    Hl7Header,
    /// Cut by widths: the first piece is field 1, and nothing stands between two.
    Cut,
    /// Each piece stands on its own: the marks are pairs of start and end. The first pair is the
    /// record itself, the second field 1.
    Placed,
}

impl Counting {
    /// Bytes between one field and the next.
    const fn gap(self) -> usize {
        match self {
            Counting::Lis02 | Counting::Hl7 | Counting::Hl7Header => 1,
            Counting::Cut | Counting::Placed => 0,
        }
    }
}

/// A piece of the text with its place. Escapes are not yet resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'t> {
    /// The text as sent.
    pub text: &'t str,
    /// Byte offset in the decoded text of the whole transmission.
    pub offset: usize,
}

impl<'t> Message<'t> {
    /// The delimiters of this message.
    pub fn delimiters(&self) -> &Delimiters {
        &self.delimiters
    }

    /// The text of this message, header to end, without the terminator of its last record.
    pub fn text(&self) -> &'t str {
        self.whole.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether an escape character stands anywhere behind the header's declaration of it. Where
    /// none does, every piece is its own text.
    pub fn has_escapes(&self) -> bool {
        let declares = |span: &&Span<'_>| span.named.is_none();
        let header = self.spans.first().filter(declares);
        let declared = header.and_then(|span| self.record(span)?.nth(1));
        let behind = declared.map_or(self.start, |piece| piece.offset + piece.text.len());
        let text = self.whole.get(behind..self.end).unwrap_or_default();
        memchr(self.delimiters.escape, text.as_bytes()).is_some()
    }

    /// The records in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.spans.iter().filter_map(|span| self.record(span))
    }

    fn record(&self, span: &Span<'t>) -> Option<Record<'_>> {
        let (whole, start) = (self.whole, span.start as usize);
        let ends = self.ends.get(span.first_end as usize..span.last_end as usize)?;
        let line = whole.get(start..)?;
        let (name, counting) = match self.delimiters.escapes {
            Escapes::Lis02 => (super::lis02::record_type(line)?, Counting::Lis02),
            Escapes::Hl7 => (line.get(..3)?, super::hl7::counting(line)),
            Escapes::None | Escapes::Doubled => span.named?,
        };
        Some(Record { whole, start, name, ends, counting })
    }

    /// Starts a message whose records are cut by widths.
    pub(in crate::codec) fn begin_cut(whole: &'t str) -> Self {
        let (spans, ends) = (Vec::new(), Vec::new());
        Message { delimiters: Delimiters::NONE, whole, start: 0, end: 0, spans, ends }
    }

    /// Begins a record that is cut by widths.
    pub(in crate::codec) fn begin_record(&mut self, name: &'t str, start: usize) {
        let end = self.ends.len() as u32;
        let (named, start) = (Some((name, Counting::Cut)), start as u32);
        self.spans.push(Span { named, start, first_end: end, last_end: end });
    }

    /// Starts a message whose records are made of pieces that stand anywhere; `quote` is written
    /// twice where it stands inside a piece.
    pub(in crate::codec) fn begin_placed(whole: &'t str, quote: Option<u8>) -> Self {
        let mut message = Message::begin_cut(whole);
        message.end = whole.len();
        if let Some(escape) = quote {
            let escapes = Escapes::Doubled;
            message.delimiters = Delimiters { escape, escapes, ..Delimiters::NONE };
        }
        message
    }

    /// Adds a record that stands between two offsets, with its fields in order.
    pub(in crate::codec) fn add_placed(
        &mut self,
        name: &'t str,
        record: Range<usize>,
        fields: impl IntoIterator<Item = Range<usize>>,
    ) {
        let first_end = self.ends.len() as u32;
        let start = record.start as u32;
        let marks = std::iter::once(record).chain(fields);
        self.ends.extend(marks.flat_map(|mark| [mark.start as u32, mark.end as u32]));
        let last_end = self.ends.len() as u32;
        let named = Some((name, Counting::Placed));
        self.spans.push(Span { named, start, first_end, last_end });
    }

    /// Adds a field to the record begun last, from where its last one ended up to `end`.
    pub(in crate::codec) fn extend_cut(&mut self, end: usize) {
        let Some(span) = self.spans.last_mut() else { return };
        self.ends.push(end as u32);
        span.last_end = self.ends.len() as u32;
        self.end = end;
    }

    /// Takes the record begun last out again if it has no field.
    pub(in crate::codec) fn end_record(&mut self) {
        self.spans.pop_if(|span| span.first_end == span.last_end);
    }

    /// Whether it has no record.
    pub(in crate::codec) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Starts a message whose header stands at `start`, with room for as many fields as `like`
    /// has, or the first in its text for as many as the text is likely to have.
    pub(in crate::codec) fn begin(
        whole: &'t str,
        start: usize,
        delimiters: Delimiters,
        like: Option<&Message<'_>>,
    ) -> Self {
        let first = || (whole.len().saturating_sub(start) / BYTES_PER_FIELD).min(FIRST_FIELDS);
        let ends = Vec::with_capacity(like.map_or_else(first, |like| like.ends.len()));
        let spans = Vec::with_capacity(like.map_or(FIRST_RECORDS, |like| like.spans.len()));
        Message { delimiters, whole, start, end: start, spans, ends }
    }

    /// Scans the line at `start`, takes it into the message, and returns where it ends.
    pub(in crate::codec) fn take_line(&mut self, start: usize, faults: &mut Faults) -> usize {
        let first = self.ends.len();
        let dialect = Controls { field: self.delimiters.field, escapes: self.delimiters.escapes };
        self.end = scan::line(self.whole.as_bytes(), start, dialect, &mut self.ends, faults);
        let (first_end, last_end) = (first as u32, self.ends.len() as u32);
        self.spans.push(Span { named: None, start: start as u32, first_end, last_end });
        self.end
    }

    /// Takes the last line out again (it was no record); it stays in the text.
    pub(in crate::codec) fn drop_line(&mut self) {
        if let Some(span) = self.spans.pop() {
            self.ends.truncate(span.first_end as usize);
        }
    }

    /// The last line taken, up to its first field separator.
    pub(in crate::codec) fn last_name(&self) -> &'t str {
        let Some(span) = self.spans.last() else { return "" };
        let end = self.ends.get(span.first_end as usize).copied().unwrap_or(span.start);
        self.whole.get(span.start as usize..end as usize).unwrap_or_default()
    }

    /// The last record taken.
    pub(in crate::codec) fn last_record(&self) -> Option<Record<'_>> {
        self.record(self.spans.last()?)
    }
}

/// Fields and records for which room is made at once in the first message of a text, and how
/// long a field is likely to be. Guesses: they cost time when wrong, nothing else.
const FIRST_FIELDS: usize = 1_024;
const FIRST_RECORDS: usize = 16;
const BYTES_PER_FIELD: usize = 4;

impl<'m> Record<'m> {
    /// The whole record without its terminator.
    pub fn line(&self) -> Piece<'m> {
        if self.counting == Counting::Placed {
            return self.placed(0).unwrap_or(Piece { text: "", offset: self.start });
        }
        let end = self.ends.last().map_or(self.start, |end| *end as usize);
        between(self.whole, self.start, end)
    }

    /// Record type (`H`, `P`, `O`, upper-cased), segment name (`MSH`, `OBX`), or the name that a
    /// template or a table gives.
    pub fn name(&self) -> &'m str {
        self.name
    }

    /// Field by the number the standard gives it: LIS02 counts the record type as 1, HL7 counts
    /// the first field after the name as 1 and MSH-1 is the field separator itself. Where fields
    /// are cut by widths, the first is 1.
    pub fn field(&self, number: usize) -> Option<Piece<'m>> {
        match (self.counting, number) {
            (_, 0) => None,
            (Counting::Placed, _) => self.placed(number),
            (Counting::Lis02 | Counting::Hl7Header, 2..) => self.nth(number - 1),
            (Counting::Lis02, _) => self.nth(0),
            (Counting::Cut, _) => self.nth(number - 1),
            (Counting::Hl7, _) => self.nth(number),
            (Counting::Hl7Header, _) => self.separator(),
        }
    }

    /// Every field with its number, in order, the record type or segment name left out.
    pub fn fields(&self) -> impl Iterator<Item = (usize, Piece<'m>)> {
        let (before, first) = match self.counting {
            Counting::Lis02 => (None, 2),
            Counting::Hl7 => (None, 1),
            Counting::Hl7Header => (self.separator(), 2),
            Counting::Cut => (self.nth(0), 2),
            Counting::Placed => (None, 1),
        };
        before.map(|piece| (1, piece)).into_iter().chain((first..).zip(self.after_name()))
    }

    fn after_name(&self) -> impl Iterator<Item = Piece<'m>> + use<'m> {
        let (whole, gap) = (self.whole, self.counting.gap());
        let is_placed = self.counting == Counting::Placed;
        let before = if is_placed { 2 } else { 1 };
        let (name, rest) = self.ends.split_at_checked(before).unwrap_or_default();
        let mut start = name.first().map_or(0, |name| *name as usize + gap);
        let mut marks = rest.iter().map(|mark| *mark as usize);
        std::iter::from_fn(move || {
            if is_placed {
                start = marks.next()?;
            }
            let end = marks.next()?;
            let piece = between(whole, start, end);
            start = end + gap;
            Some(piece)
        })
    }

    /// The piece between the marks of a pair.
    fn placed(&self, pair: usize) -> Option<Piece<'m>> {
        let (start, end) = (self.ends.get(pair * 2)?, self.ends.get(pair * 2 + 1)?);
        Some(between(self.whole, *start as usize, *end as usize))
    }

    fn nth(&self, index: usize) -> Option<Piece<'m>> {
        let start = match index.checked_sub(1) {
            None => self.start,
            Some(before) => *self.ends.get(before)? as usize + self.counting.gap(),
        };
        Some(between(self.whole, start, *self.ends.get(index)? as usize))
    }

    fn separator(&self) -> Option<Piece<'m>> {
        let at = *self.ends.first()? as usize;
        Some(between(self.whole, at, at + 1))
    }
}

/// The piece between two offsets, which the pass over the text has found.
fn between(whole: &str, start: usize, end: usize) -> Piece<'_> {
    Piece { text: whole.get(start..end).unwrap_or_default(), offset: start }
}

impl<'t> Piece<'t> {
    /// Nothing stands here.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The repeats of a field; an empty field has one, empty.
    pub fn repeats(self, delimiters: &Delimiters) -> impl Iterator<Item = Piece<'t>> + use<'t> {
        self.split(Some(delimiters.repeat))
    }

    /// The components of a repeat.
    pub fn components(self, delimiters: &Delimiters) -> impl Iterator<Item = Piece<'t>> + use<'t> {
        self.split(Some(delimiters.component))
    }

    /// The sub-components of a component; one in a dialect without them.
    pub fn subcomponents(
        self,
        delimiters: &Delimiters,
    ) -> impl Iterator<Item = Piece<'t>> + use<'t> {
        self.split(delimiters.subcomponent)
    }

    /// The n-th component (from 1) of the first repeat.
    pub fn component(self, delimiters: &Delimiters, number: usize) -> Option<Piece<'t>> {
        self.repeats(delimiters).next()?.components(delimiters).nth(number.checked_sub(1)?)
    }

    /// The text with escapes resolved: highlighting becomes nothing, hexadecimal data becomes
    /// the characters that its bytes are in UTF-8, or else in ISO 8859-1.
    ///
    /// # Errors
    /// An escape sequence that the dialect does not know; the offset is in the whole text.
    pub fn unescaped(self, delimiters: &Delimiters) -> Result<Cow<'t, str>, Fault> {
        escapes::resolve(self, delimiters)
    }

    /// The same content in other delimiters, from fields down: every smallest piece is unescaped
    /// and escaped again. Where an escape is not known, the piece stays as it is.
    pub fn restated(self, from: &Delimiters, to: &Delimiters) -> String {
        if from == to {
            return self.text.to_owned();
        }
        let within = to.subcomponent.unwrap_or(to.component);
        self.joined(Some(from.field), to.field, |field| {
            field.joined(Some(from.repeat), to.repeat, |repeat| {
                repeat.joined(Some(from.component), to.component, |component| {
                    component.joined(from.subcomponent, within, |piece| {
                        let text = piece.unescaped(from);
                        to.escape(&text.unwrap_or(Cow::Borrowed(piece.text)))
                    })
                })
            })
        })
    }

    fn joined(self, at: Option<u8>, with: u8, each: impl Fn(Piece<'t>) -> String) -> String {
        let parts: Vec<String> = self.split(at).map(each).collect();
        parts.join(&char::from(with).to_string())
    }

    fn split(self, separator: Option<u8>) -> Split<'t> {
        Split { rest: Some(self), separator }
    }
}

/// Pieces between separators; without a separator the piece itself.
struct Split<'t> {
    rest: Option<Piece<'t>>,
    separator: Option<u8>,
}

impl<'t> Iterator for Split<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let whole = self.rest.take()?;
        let separator = |byte| whole.text.bytes().position(|found| found == byte);
        let found = self.separator.and_then(separator);
        let Some((head, tail)) = found.and_then(|at| whole.text.split_at_checked(at)) else {
            return Some(whole);
        };
        let after = tail.get(1..).unwrap_or_default();
        self.rest = Some(Piece { text: after, offset: whole.offset + head.len() + 1 });
        Some(Piece { text: head, offset: whole.offset })
    }
}

impl Delimiters {
    /// A text without delimiters: bytes that no text in UTF-8 has, so that nothing is ever split
    /// and nothing escaped.
    pub const NONE: Delimiters = Delimiters {
        field: 0xFF,
        repeat: 0xFF,
        component: 0xFF,
        subcomponent: None,
        escape: 0xFF,
        escapes: Escapes::None,
    };

    /// Writes text so that it survives splitting: every delimiter in it is escaped, and every
    /// control character (a CR would end the record) is written as hexadecimal data.
    /// [`Piece::unescaped`] gives the same text back.
    pub fn escape(&self, text: &str) -> String {
        escapes::write(text, self)
    }

    /// Whether a reader can tell them apart: ASCII graphic, no letters or digits, all different.
    pub fn possible(&self) -> bool {
        let all = [self.field, self.repeat, self.component, self.escape];
        let subcomponent = self.subcomponent.as_slice();
        let both = all.iter().chain(subcomponent);
        let mut seen = 0_u128;
        both.copied().all(|byte| {
            let bit = 1_u128.checked_shl(u32::from(byte)).unwrap_or(0);
            let fresh = seen & bit == 0;
            seen |= bit;
            fresh && byte.is_ascii_punctuation()
        })
    }
}
