//! What the reader reports, laid on what was laid out: nothing that it reports may look understood.

use std::ops::Range;

use super::super::super::MessageReading;
use super::super::super::explain::{Became, Explained};
use crate::codec::charset::Text;
use crate::codec::{Fault, readable};

/// Bytes and records that could not be read, with their length.
pub(super) fn paint(
    explained: &mut Vec<Explained>,
    bytes: &[u8],
    text: &Text<'_>,
    faults: &[Fault],
) {
    for fault in text.faults() {
        let range = fault.offset..fault.offset + fault.length;
        paint_one(explained, bytes, range, &fault.text);
    }
    for fault in faults {
        let start = text.offset_in_bytes(fault.offset);
        let end = text.offset_in_bytes(fault.offset + fault.length);
        paint_one(explained, bytes, start..end, &fault.text);
    }
}

/// Everything between two places is unaccounted; a piece that goes on beyond it is cut.
fn paint_one(explained: &mut Vec<Explained>, bytes: &[u8], range: Range<usize>, why: &str) {
    let mut painted = Vec::with_capacity(explained.len() + 2);
    for piece in explained.drain(..) {
        let inner = range.start.max(piece.range.start)..range.end.min(piece.range.end);
        if inner.start >= inner.end {
            painted.push(piece);
            continue;
        }
        let parts = [piece.range.start..inner.start, inner.clone(), inner.end..piece.range.end];
        for range in parts.into_iter().filter(|range| range.start < range.end) {
            let is_whole = range == piece.range;
            let mut part = Explained { range, ..piece.clone() };
            if part.range == inner {
                part.became = Became::Unaccounted(why.to_owned());
            }
            if !is_whole && part.text.is_some() {
                part.text = Some(readable(bytes.get(part.range.clone()).unwrap_or_default()));
            }
            painted.push(part);
        }
    }
    *explained = painted;
}

/// Lays on every report: what the observations leave unaccounted, and the faults.
pub(super) fn lay_on(explained: &mut [Explained], reading: &MessageReading) {
    for piece in reading.observations.iter().flat_map(|observation| &observation.unaccounted) {
        let report = Report { offset: piece.offset, place: &piece.path, why: &piece.why };
        report.lay_on(explained);
    }
    for fault in &reading.faults {
        let place = fault.text.split_once(": ").map_or("", |(place, _)| place);
        Report { offset: fault.offset, place, why: &fault.text }.lay_on(explained);
    }
}

struct Report<'r> {
    offset: usize,
    place: &'r str,
    why: &'r str,
}

impl Report<'_> {
    fn lay_on(&self, explained: &mut [Explained]) {
        let last = explained.len().saturating_sub(1);
        let at = explained.iter().position(|piece| piece.range.contains(&self.offset));
        let Some(piece) = explained.get_mut(at.unwrap_or(last)) else { return };
        let whole_record = piece.place == self.place
            && piece.became == Became::Structure("record")
            && piece.range.start == self.offset;
        if whole_record {
            let record = piece.place.clone();
            return self.take_record(explained, &record);
        }
        match &mut piece.became {
            // Said already, in the reader's words.
            Became::Unaccounted(why) if self.why.ends_with(why.as_str()) => {}
            Became::Mapped { .. } | Became::Ignored(_)
                if piece.place == self.place && piece.range.start == self.offset =>
            {
                piece.became = Became::Unaccounted(self.why.to_owned());
            }
            Became::Mapped { .. }
            | Became::Ignored(_)
            | Became::Structure(_)
            | Became::Unaccounted(_) => self.doubt(piece),
        }
    }

    fn doubt(&self, piece: &mut Explained) {
        if !piece.doubts.iter().any(|known| known == self.why) {
            piece.doubts.push(self.why.to_owned());
        }
    }

    /// Nothing of the record was read.
    fn take_record(&self, explained: &mut [Explained], record: &str) {
        for piece in explained.iter_mut().filter(|piece| is_in(&piece.place, record)) {
            match piece.became {
                Became::Structure(_) => {}
                Became::Mapped { .. } | Became::Ignored(_) | Became::Unaccounted(_) => {
                    piece.became = Became::Unaccounted(self.why.to_owned());
                }
            }
        }
        if let Some(name) = explained.iter_mut().find(|piece| piece.place == record) {
            self.doubt(name);
        }
    }
}

/// Whether a place stands in a record, `R[2].4` in `R[2]`.
fn is_in(place: &str, record: &str) -> bool {
    place.strip_prefix(record).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}
