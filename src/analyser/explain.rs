//! What became of every byte of a message: for who writes a profile, and for who must believe it.
//!
//! ```text
//! R|1|^^^HBSAG|0.188|S/CO||N
//! ^                            R[1]      structure: record R
//!    ^                         R[1].2    structure: sequence number
//!        ^^^^^                 R[1].3.4  mapped: test code, assay hbsag
//!              ^^^^^           R[1].4.1  mapped: value, number 0.188
//! ```
//!
//! The ranges come one behind the other: every byte stands in exactly one. It is no second reader:
//! records are taken apart by the profile's own plans, pieces come from the reader's own lists, and
//! what the reader reports is laid on top. Refuses to show what stands in records about people.

use std::ops::Range;

use super::{Analyser, reading};

/// A piece of a message, and what it became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Its bytes in the message.
    pub range: Range<usize>,
    /// Where in the record structure, e.g. `R[2].4.1` or `OBX[3]-8.2`; empty outside of records.
    pub place: String,
    /// The text as sent, what is no text by its bytes; `None` in what may name a person.
    pub text: Option<String>,
    /// What became of it.
    pub became: Became,
    /// What the reader reports of this place although it understood these bytes: what is lacking
    /// here, or what contradicts it.
    pub doubts: Vec<String>,
}

/// What became of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It holds the message together: a record's name, delimiters, numbers of records, padding.
    Structure(&'static str),
    /// The profile reads it.
    Mapped {
        /// What it is for, in words, e.g. `specimen id`.
        role: String,
        /// What it was understood as, where that is more than its text.
        meaning: Option<String>,
    },
    /// Dismissed by name, for this reason.
    Ignored(String),
    /// Nobody understood it, for this reason.
    Unaccounted(String),
}

impl Explained {
    /// Whether nothing is left that a person must look at.
    pub fn is_accounted(&self) -> bool {
        !matches!(self.became, Became::Unaccounted(_)) && self.doubts.is_empty()
    }
}

impl Analyser {
    /// What became of every byte of one delivered message, in order.
    pub fn explain(&self, bytes: &[u8]) -> Vec<Explained> {
        reading::explain(self, bytes)
    }
}
