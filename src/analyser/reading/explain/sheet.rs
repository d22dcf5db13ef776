//! The sheet on which a text is laid out, piece behind piece. What stands between two pieces of a
//! record are delimiters; what stands between two records ends one. Nothing is left out.

use std::mem;
use std::ops::Range;

use super::super::super::explain::{Became, Explained};
use super::super::super::profile::{Dialect, Profile, RecordName};
use super::super::interpret;
use super::table;
use crate::codec::charset::Text;
use crate::codec::table::Form;
use crate::codec::{Piece, Record};

/// A text, laid out up to some place.
pub(in crate::analyser::reading) struct Sheet<'t> {
    dialect: Dialect,
    /// Of a file: its cells come in any order, a well of a plate in every block of it.
    form: Option<&'t Form>,
    text: &'t str,
    /// Up to here everything is laid out.
    at: usize,
    spans: Vec<Span>,
    /// How often each record came so far.
    counts: Vec<(String, u32)>,
    /// The record that is laid out, e.g. `R[2]`.
    record: String,
    /// It is about a person.
    is_personal: bool,
}

pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) place: String,
    pub(super) is_shown: bool,
    pub(super) became: Became,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(profile: &'t Profile, text: &'t str) -> Sheet<'t> {
        Sheet {
            dialect: profile.dialect(),
            form: profile.table(),
            text,
            at: 0,
            spans: Vec::new(),
            counts: Vec::new(),
            record: String::new(),
            is_personal: false,
        }
    }

    /// Each message counts its records from 1.
    pub(in crate::analyser::reading) fn begin_message(&mut self) {
        self.counts.clear();
    }

    /// Begins a record; returns its number among its kind.
    pub(in crate::analyser::reading) fn begin(&mut self, record: Record<'_>) -> u32 {
        let line = record.line();
        let number = self.count(record.name());
        self.record = format!("{}[{number}]", record.name());
        self.is_personal = RecordName::of(record.name()).is_some_and(interpret::is_personal);
        if self.form.is_some() {
            return number;
        }
        self.outside(line.offset);
        let named = self.dialect != Dialect::Blocks;
        let first = record.fields().next().filter(|_| named);
        // The separator behind a name is no part of it; that of MSH is its first field.
        let separator = if is_header_of_hl7(record) { 0 } else { 1 };
        let end = match first {
            Some((_, piece)) => piece.offset.saturating_sub(separator),
            None if named => line.offset + line.text.len(),
            None => line.offset,
        };
        self.push(line.offset..end, self.record.clone(), true, Became::Structure("record"));
        number
    }

    /// Every field of the record became the same.
    pub(in crate::analyser::reading) fn fields(&mut self, record: Record<'_>, became: &Became) {
        for (number, piece) in record.fields() {
            let place = self.field_place(number);
            self.put(piece, place, became.clone());
        }
    }

    /// The place of a field of this record.
    pub(in crate::analyser::reading) fn field_place(&self, number: usize) -> String {
        let separator = if self.dialect == Dialect::Hl7 { '-' } else { '.' };
        format!("{}{separator}{number}", self.record)
    }

    /// Lays out a piece of this record.
    pub(in crate::analyser::reading) fn put(
        &mut self,
        piece: Piece<'_>,
        place: String,
        became: Became,
    ) {
        self.put_shown(piece, place, became, true);
    }

    /// The same; what may name a person is not shown.
    pub(in crate::analyser::reading) fn put_shown(
        &mut self,
        piece: Piece<'_>,
        place: String,
        became: Became,
        is_shown: bool,
    ) {
        if piece.is_empty() {
            return;
        }
        let is_structure = matches!(became, Became::Structure(_));
        let is_shown = is_shown && (!self.is_personal || is_structure);
        let range = piece.offset..piece.offset + piece.text.len();
        if self.form.is_some() {
            return self.spans.push(Span { range, place, is_shown, became });
        }
        self.between(piece.offset);
        self.push(range, place, is_shown, became);
    }

    /// Ends the record: what is left of it are delimiters.
    pub(in crate::analyser::reading) fn end(&mut self, record: Record<'_>) {
        let line = record.line();
        if self.form.is_none() {
            self.between(line.offset + line.text.len());
        }
        self.record.clear();
        self.is_personal = false;
    }

    /// Everything laid out, with places in bytes.
    pub(super) fn finish(mut self, text: &Text<'_>) -> Vec<Explained> {
        match self.form {
            Some(form) => self.spans = table::whole(form, self.text, mem::take(&mut self.spans)),
            None => self.outside(self.text.len()),
        }
        let whole = self.text;
        let explained = |span: Span| Explained {
            range: text.offset_in_bytes(span.range.start)..text.offset_in_bytes(span.range.end),
            place: span.place,
            text: whole.get(span.range).filter(|_| span.is_shown).map(str::to_owned),
            became: span.became,
            doubts: Vec::new(),
        };
        self.spans.into_iter().map(explained).collect()
    }

    fn count(&mut self, name: &str) -> u32 {
        if let Some((_, count)) = self.counts.iter_mut().find(|(known, _)| known == name) {
            *count += 1;
            return *count;
        }
        self.counts.push((name.to_owned(), 1));
        1
    }

    /// Delimiters up to a place.
    fn between(&mut self, end: usize) {
        let place = self.record.clone();
        self.push(self.at..end, place, true, Became::Structure("delimiter"));
    }

    /// What stands between two records, up to a place: line ends, envelopes, or what nobody knows.
    fn outside(&mut self, end: usize) {
        while self.at < end {
            let rest = self.text.get(self.at..end).unwrap_or_default();
            let breaks = rest.bytes().take_while(|byte| is_line_end(*byte)).count();
            let length = match breaks {
                0 => rest.bytes().take_while(|byte| !is_line_end(*byte)).count(),
                breaks => breaks,
            };
            let line = rest.get(..length).unwrap_or(rest);
            let became = match breaks {
                0 if self.is_envelope(line) => Became::Structure("batch envelope"),
                0 => Became::Unaccounted("stands outside of every record".to_owned()),
                _ => Became::Structure("end of record"),
            };
            self.push(self.at..self.at + line.len().max(1), String::new(), true, became);
        }
    }

    /// A batch of HL7 messages is unwrapped.
    fn is_envelope(&self, line: &str) -> bool {
        let names = ["FHS", "BHS", "BTS", "FTS"];
        self.dialect == Dialect::Hl7 && names.iter().any(|name| line.starts_with(name))
    }

    fn push(&mut self, range: Range<usize>, place: String, is_shown: bool, became: Became) {
        let range = range.start.max(self.at)..range.end.min(self.text.len());
        if range.start < range.end {
            self.at = range.end;
            self.spans.push(Span { range, place, is_shown, became });
        }
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn is_header_of_hl7(record: Record<'_>) -> bool {
    record.name() == "MSH"
}
