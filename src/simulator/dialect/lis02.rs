//! Records written by field number, as the standard and the manuals count.

use crate::codec::lis02::{Field, RecordOut, USUAL, components, plain, write};

/// A record with these fields, each with the number that LIS02-A2 gives it (the record type is
/// field 1); fields between them stay empty.
pub(super) fn record<const N: usize>(name: &str, fields: [(usize, Field); N]) -> RecordOut {
    let first = if name == "H" { 3 } else { 2 };
    let mut written: Vec<Field> = Vec::new();
    for (number, field) in fields {
        let place = number.saturating_sub(first);
        written.resize_with(place.max(written.len()), || plain(""));
        written.push(field);
    }
    RecordOut { name: name.to_owned(), fields: written }
}

/// A field with one value.
pub(super) fn one(text: impl AsRef<str>) -> Field {
    plain(text.as_ref())
}

/// A field with components.
pub(super) fn parts(parts: &[&str]) -> Field {
    components(parts)
}

/// The record with its sequence number (field 2).
pub(super) fn numbered(index: usize) -> (usize, Field) {
    (2, plain(&(index + 1).to_string()))
}

/// A whole message with the usual delimiters.
pub(super) fn text(records: &[RecordOut]) -> String {
    write(records, &USUAL)
}
