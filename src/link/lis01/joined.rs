//! The text of the message that is being received.
//!
//! Exists to know, in time proportional to each frame and not to the message, whether the last
//! record so far is an L record, which ends a LIS02-A2 message. It refuses nothing: the bound on
//! its length is the receiver's.

use memchr::memrchr2;

use crate::codec::lis01::{CR, LF};

/// Frames joined so far, and where their records stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Joined {
    bytes: Vec<u8>,
    record: LastRecord,
}

/// The last record that has any text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct LastRecord {
    /// Its first byte, the record type.
    letter: Option<u8>,
    /// Whether its CR was seen.
    ended: bool,
}

/// A place to return to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    length: usize,
    record: LastRecord,
}

impl Joined {
    pub(super) fn append(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.record = self.record.after(text);
    }

    /// Whether the last record is an L record. In an end frame (ETX) its CR may be missing.
    pub(super) fn ends_with_terminator(&self) -> bool {
        matches!(self.record.letter, Some(b'L' | b'l'))
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { length: self.bytes.len(), record: self.record }
    }

    pub(super) fn return_to(&mut self, mark: Mark) {
        self.bytes.truncate(mark.length);
        self.record = mark.record;
    }

    pub(super) fn since(&self, mark: Mark) -> &[u8] {
        self.bytes.get(mark.length..).unwrap_or_default()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// Takes the text out and gives its memory away with it.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self).bytes
    }

    /// Forgets the text but keeps its memory for the next message of the session.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.record = LastRecord::default();
    }
}

impl LastRecord {
    fn after(self, text: &[u8]) -> LastRecord {
        let terminators = text.iter().rev().take_while(|byte| matches!(**byte, CR | LF)).count();
        let body = text.get(..text.len().saturating_sub(terminators)).unwrap_or_default();
        let ended = terminators > 0;
        if body.is_empty() {
            return LastRecord { ended: self.ended || ended, ..self };
        }
        let letter = match memrchr2(CR, LF, body) {
            Some(before) => body.get(before + 1).copied(),
            None if self.ended || self.letter.is_none() => body.first().copied(),
            None => self.letter,
        };
        LastRecord { letter, ended }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(texts: &[&str]) -> bool {
        let mut joined = Joined::default();
        texts.iter().for_each(|text| joined.append(text.as_bytes()));
        joined.ends_with_terminator()
    }

    #[test]
    fn an_l_record_at_the_end_is_seen_however_it_is_cut() {
        assert!(ends(&["H|\\^&\rL|1|N\r"]));
        assert!(ends(&["H|\\^&\r", "L|1|N\r"]));
        assert!(ends(&["H|\\^&\rL", "|1|N", "\r"]));
        assert!(ends(&["H|\\^&", "\r", "l|1\r\n"]));
        assert!(ends(&["H|\\^&\r\nL|1|N"]));
    }

    #[test]
    fn an_l_elsewhere_ends_nothing() {
        assert!(!ends(&[""]));
        assert!(!ends(&["H|\\^&", "L|1|N\r"]));
        assert!(!ends(&["H|\\^&\rC|1|", "L|1|N\r"]));
        assert!(!ends(&["L|1|N\rH|\\^&\r"]));
        assert!(!ends(&["L|1|N\r", "H|\\^&"]));
    }

    #[test]
    fn returning_to_a_mark_forgets_what_came_after() {
        let mut joined = Joined::default();
        joined.append(b"H|\\^&\r");
        let mark = joined.mark();
        joined.append(b"L|1|N\r");
        assert_eq!(joined.since(mark), b"L|1|N\r");
        joined.return_to(mark);
        assert_eq!(joined.bytes(), b"H|\\^&\r");
        assert!(!joined.ends_with_terminator());
    }
}
