//! A first profile from a transcript: what the standard says of a place, and what stands there.
//!
//! ```text
//! messages --census--> what stands where --plan--> roles, words, codes --write--> TOML
//!                                            '--> what could not be placed
//! ```
//!
//! Refuses to guess what can hurt: no test code is given an assay (the guess stands in a comment),
//! a word is a verdict only where the trade uses it for nothing else, and a place that neither the
//! standard nor the transcript explains is left out, so that whatever stands there blocks release
//! until a person has said what it is.

mod census;
mod plan;
mod standard;
mod words;
mod write;

use crate::analyser::Dialect;
use crate::codec::charset::{Charset, Text};
use crate::codec::hl7::Charsets;
use crate::codec::lis01::{ENQ, STX};
use crate::codec::mllp::VT;
use crate::codec::{Transmission, hl7, lis02};
use crate::domain::DonationNumberScheme;
use census::Census;
use plan::Plan;

/// A standard that says what stands where. How blocks and files are cut is in no standard: they
/// cannot be drafted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standard {
    /// LIS02-A2 records.
    Lis02,
    /// HL7 v2 segments.
    Hl7,
}

impl Standard {
    /// The dialect's name in profiles.
    pub const fn id(self) -> &'static str {
        match self {
            Standard::Lis02 => "lis02",
            Standard::Hl7 => "hl7",
        }
    }

    /// The dialect of profiles.
    pub const fn dialect(self) -> Dialect {
        match self {
            Standard::Lis02 => Dialect::Lis02,
            Standard::Hl7 => Dialect::Hl7,
        }
    }

    /// What a file begins with; `None` where that is neither. Texts in blocks also begin with STX:
    /// only a frame number and a record's letter behind it make it a frame.
    pub fn recognise(bytes: &[u8]) -> Option<Standard> {
        match bytes.trim_ascii_start() {
            [ENQ, ..] | [STX, b'0'..=b'7', b'A'..=b'Z', ..] => Some(Standard::Lis02),
            [b'H' | b'h', delimiter, ..] if delimiter.is_ascii_punctuation() => {
                Some(Standard::Lis02)
            }
            [VT, ..] | [b'M', b'S', b'H', ..] | [b'F' | b'B', b'H', b'S', ..] => {
                Some(Standard::Hl7)
            }
            _ => None,
        }
    }
}

/// What a draft is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// What its messages follow.
    pub standard: Standard,
    /// The character set of text that declares none.
    pub charset: Charset,
    /// How donation numbers are written here: that is how the specimen id is found.
    pub scheme: &'s DonationNumberScheme,
    /// Names of the transcripts, for `built_from`.
    pub transcripts: &'s [String],
}

/// A profile to go on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The profile. It is read by the checker, perhaps with faults that are left to do.
    pub toml: String,
    /// What stands in the transcript and could not be placed.
    pub unplaced: Vec<Unplaced>,
    /// What a person has to do before it can be used, in words.
    pub to_do: Vec<String>,
}

/// A place that neither the standard nor the transcript explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// Its path, as profiles write it.
    pub path: String,
    /// One text that stood there; not of a record about a person.
    pub example: String,
    /// How often.
    pub seen: usize,
    /// The key of `[fields]` that it makes one think of.
    pub thought: Option<&'static str>,
}

/// Why there is no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDraft {
    /// There was no result to learn from.
    #[error("no message with a result was found: a draft needs at least one")]
    NoResults,
}

/// Drafts a profile from these messages.
///
/// # Errors
/// No message has a result.
pub fn draft(source: Source<'_>, messages: &[Vec<u8>]) -> Result<Draft, NoDraft> {
    let mut census = Census::default();
    for bytes in messages {
        let charsets = Charsets { usual: source.charset, despite_ascii: false };
        let charset = match source.standard {
            Standard::Lis02 => source.charset,
            Standard::Hl7 => charsets.of(bytes).unwrap_or(source.charset),
        };
        let text = Text::decode(bytes, charset);
        census.take(&read(source.standard, text.as_str()), source.standard);
    }
    if census.results == 0 {
        return Err(NoDraft::NoResults);
    }
    let plan = Plan::of(&census, source);
    Ok(Draft { toml: write::toml(&plan, source), unplaced: plan.unplaced, to_do: plan.to_do })
}

fn read(standard: Standard, text: &str) -> Transmission<'_> {
    match standard {
        Standard::Hl7 => hl7::read(text),
        Standard::Lis02 => lis02::read(text),
    }
}
