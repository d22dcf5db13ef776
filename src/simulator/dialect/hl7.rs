//! Segments written by field number, as the standard counts.

use crate::codec::hl7::{SegmentOut, USUAL, write};

/// Repeats of components of sub-components.
pub(super) type Field = Vec<Vec<Vec<String>>>;

/// A segment with these fields, each with the number that HL7 gives it (MSH from 3 on); fields
/// between them stay empty.
pub(super) fn segment<const N: usize>(name: &str, fields: [(usize, Field); N]) -> SegmentOut {
    let first = if name == "MSH" { 3 } else { 1 };
    let mut written: Vec<Field> = Vec::new();
    for (number, field) in fields {
        let place = number.saturating_sub(first);
        written.resize_with(place.max(written.len()), || one(""));
        written.push(field);
    }
    SegmentOut { name: name.to_owned(), fields: written }
}

/// A field with one value.
pub(super) fn one(text: impl AsRef<str>) -> Field {
    vec![component(text.as_ref())]
}

/// A field with components.
pub(super) fn parts(parts: &[&str]) -> Field {
    vec![parts.iter().map(|part| vec![(*part).to_owned()]).collect()]
}

/// A field with repeats of components.
pub(super) fn repeats(repeats: &[&[&str]]) -> Field {
    repeats
        .iter()
        .map(|parts| parts.iter().map(|part| vec![(*part).to_owned()]).collect())
        .collect()
}

/// A field with one component of two sub-components.
pub(super) fn pair(first: &str, second: &str) -> Field {
    vec![vec![vec![first.to_owned(), second.to_owned()]]]
}

/// A whole message with the usual delimiters.
pub(super) fn text(segments: &[SegmentOut]) -> String {
    write(segments, &USUAL)
}

fn component(text: &str) -> Vec<Vec<String>> {
    vec![vec![text.to_owned()]]
}
