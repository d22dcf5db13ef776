//! The JSON of a bundle. Every field is known, and what is read must be written again just so:
//! nothing can stand in a bundle that nobody looks at.

mod circumstances;
mod facts;
mod whole;
mod words;

use thiserror::Error;

pub(super) use facts::ObservationForm;
pub(super) use whole::{CommitForm, Content, MessageForm, RecordForm, VerdictForm};

/// Something in a bundle that cannot be what it says.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {what}")]
pub struct FormError {
    /// Where.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl FormError {
    pub(super) fn at(place: &str, what: impl ToString) -> FormError {
        FormError { place: place.to_owned(), what: what.to_string() }
    }
}

/// A value read from its text by whoever knows how.
fn known<T>(place: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, FormError> {
    read(text).ok_or_else(|| FormError::at(place, format!("{text:?} is not known")))
}

/// The same where there may be none.
fn known_or_none<T>(
    place: &str,
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, FormError> {
    text.map(|text| known(place, text, read)).transpose()
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
