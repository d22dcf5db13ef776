//! Faults: what could not be read, where, and how many of them are kept. A text that is nothing
//! but faults must not cost more memory than the text.

use std::fmt;

use crate::limits::{FAULT_EXCERPT_MAX, FAULTS_MAX};

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset (in what: see the function that returns it).
    pub offset: usize,
    /// How many bytes it concerns.
    pub length: usize,
    /// What kind of fault.
    pub kind: FaultKind,
    /// What was found there, in words, with the bytes quoted and escaped.
    pub text: String,
}

/// Kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// Bytes that the character set does not have.
    Charset,
    /// A control character inside text.
    ControlCharacter,
    /// No header record, or one that declares impossible delimiters.
    Header,
    /// A record or segment that is not of this standard, or stands in an impossible place.
    Record,
    /// An escape sequence that is not known.
    Escape,
    /// The message has no end (no L record, no block end).
    Truncated,
    /// Bytes outside any message.
    Stray,
    /// Longer than the bound in `limits`.
    TooLong,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.text)
    }
}

impl Fault {
    /// The offset of the first byte after it.
    pub(in crate::codec) fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// Faults being collected. The last one kept stands for all that follow it.
#[derive(Debug, Default)]
pub(in crate::codec) struct Faults {
    kept: Vec<Fault>,
    omitted: usize,
}

impl Faults {
    /// Notes a fault from `offset` to `end`.
    pub(in crate::codec) fn note(
        &mut self,
        kind: FaultKind,
        offset: usize,
        end: usize,
        text: impl FnOnce() -> String,
    ) {
        if self.kept.len() < FAULTS_MAX {
            let length = end.saturating_sub(offset);
            return self.kept.push(Fault { offset, length, kind, text: text() });
        }
        self.omitted += 1;
        self.stretch(end);
    }

    /// Notes one undecodable or control byte; a run of them is one fault.
    pub(in crate::codec) fn note_byte(
        &mut self,
        kind: FaultKind,
        offset: usize,
        text: impl FnOnce() -> String,
    ) {
        match self.kept.last() {
            Some(last) if last.kind == kind && last.end() == offset => self.stretch(offset + 1),
            Some(_) | None => self.note(kind, offset, offset + 1, text),
        }
    }

    fn stretch(&mut self, end: usize) {
        if let Some(last) = self.kept.last_mut() {
            last.length = last.length.max(end.saturating_sub(last.offset));
        }
    }

    /// The faults in the order of their offsets.
    pub(in crate::codec) fn finish(mut self) -> Vec<Fault> {
        if let Some(last) = self.kept.last_mut().filter(|_| self.omitted > 0) {
            last.text = format!("{}; {} more up to its end", last.text, self.omitted);
        }
        self.kept.sort_by_key(|fault| fault.offset);
        self.kept
    }
}

/// Text for a fault: quoted, escaped, and never longer than the bound.
pub(in crate::codec) fn excerpt(text: &str) -> String {
    let end = text.floor_char_boundary(FAULT_EXCERPT_MAX);
    let (head, more) = text.split_at_checked(end).unwrap_or((text, ""));
    format!("{head:?}{}", if more.is_empty() { "" } else { ".." })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(count: usize) -> Vec<Fault> {
        let mut faults = Faults::default();
        for at in 0..count {
            faults.note(FaultKind::Record, at * 2, at * 2 + 1, || "odd".to_owned());
        }
        faults.finish()
    }

    #[test]
    fn faults_at_the_bound_are_all_kept() {
        let faults = collected(FAULTS_MAX);
        assert_eq!(faults.len(), FAULTS_MAX);
        assert!(faults.iter().all(|fault| fault.text == "odd" && fault.length == 1));
    }

    #[test]
    fn one_fault_past_the_bound_stretches_the_last() {
        let faults = collected(FAULTS_MAX + 1);
        assert_eq!(faults.len(), FAULTS_MAX);
        let last = faults.last().unwrap();
        assert_eq!((last.length, last.text.as_str()), (3, "odd; 1 more up to its end"));
    }

    #[test]
    fn an_excerpt_is_cut_at_a_character() {
        assert_eq!(excerpt("a\r"), r#""a\r""#);
        assert_eq!(excerpt(&"x".repeat(FAULT_EXCERPT_MAX)).len(), FAULT_EXCERPT_MAX + 2);
        assert!(excerpt(&"中".repeat(FAULT_EXCERPT_MAX)).ends_with("中\".."));
    }
}
