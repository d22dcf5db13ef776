//! What is wrong with a record: the field, what stands in it, and what may.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use thiserror::Error;

/// A record that cannot be what it says.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("record: {field} is {value:?}; it may be {may}")]
pub struct RecordError {
    /// The field, as in the JSON.
    pub field: &'static str,
    /// What stands there.
    pub value: String,
    /// What may stand there.
    pub may: String,
}

impl RecordError {
    pub(super) fn new(field: &'static str, value: &str, may: &str) -> RecordError {
        RecordError { field, value: value.to_owned(), may: may.to_owned() }
    }
}

/// A text that must say something.
pub(super) fn said(field: &'static str, text: String) -> Result<String, RecordError> {
    if text.trim().is_empty() {
        return Err(RecordError::new(field, &text, "any text that is not blank"));
    }
    Ok(text)
}

/// One of a closed list of words.
pub(super) fn word<T: Copy>(
    field: &'static str,
    all: &[T],
    id: fn(T) -> &'static str,
    text: &str,
) -> Result<T, RecordError> {
    let known = all.iter().copied().find(|known| id(*known) == text);
    known.ok_or_else(|| {
        let ids: Vec<&str> = all.iter().map(|known| id(*known)).collect();
        RecordError::new(field, text, &format!("one of {}", ids.join(", ")))
    })
}

/// Some of a closed list of words.
pub(super) fn words<T: Copy>(
    field: &'static str,
    all: &[T],
    id: fn(T) -> &'static str,
    texts: &[String],
) -> Result<Vec<T>, RecordError> {
    texts.iter().map(|text| word(field, all, id, text)).collect()
}

/// A day.
pub(super) fn day(field: &'static str, text: &str) -> Result<Date, RecordError> {
    text.parse().map_err(|_| RecordError::new(field, text, "a day as YYYY-MM-DD"))
}

/// A time.
pub(super) fn time(field: &'static str, text: &str) -> Result<Timestamp, RecordError> {
    let may = "a time as 2026-01-31T12:00:00Z or with an offset";
    text.parse().map_err(|_| RecordError::new(field, text, may))
}

/// An exact number.
pub(super) fn decimal(field: &'static str, text: &str) -> Result<Decimal, RecordError> {
    text.parse().map_err(|_| RecordError::new(field, text, "a number as text, e.g. \"1.25\""))
}
