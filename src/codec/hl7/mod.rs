//! HL7 v2 segments: delimiters from MSH-1/MSH-2, character set from MSH-18, batches unwrapped,
//! acknowledgements built.
//!
//! ```text
//! FHS|^~\&|..        file   ┐ optional; unwrapped, and a fault where they do not balance
//! BHS|^~\&|..        batch  │
//! MSH|^~\&|sender..  message: MSH-1 is the separator |, MSH-2 the other delimiters ^~\&
//! OBX|1|ST|..        segments [A-Z][A-Z0-9]{2}, ended by CR
//! MSH|^~\&|..        the next message
//! BTS|2              batch  │
//! FTS|1              file   ┘
//! ```
//!
//! Segments are read as a flat sequence: no message structure is required, because analysers bend
//! every one of them. Not supported: continuation segments (ADD, DSC), and escape sequences that
//! switch the character set (`\C..\`, `\M..\`), which are faults.

mod acknowledge;
mod answered;
mod header;
mod read;
mod wanted;

use super::{Delimiters, Escapes};

pub use acknowledge::{AckCode, AckHeader, Acknowledgement, ack_header, acknowledgement};
pub use answered::{Answered, answered};
pub use header::{Charsets, declared_charset};
pub(super) use read::counting;
pub use read::read;
pub use wanted::{Wanted, When};

/// The usual delimiters `|^~\&`.
pub const USUAL: Delimiters = Delimiters {
    field: b'|',
    repeat: b'~',
    component: b'^',
    subcomponent: Some(b'&'),
    escape: b'\\',
    escapes: Escapes::Hl7,
};

/// A segment to be written; fields from 1 on (for MSH, FHS and BHS from 3 on: the delimiters are
/// written by [`write`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentOut {
    /// `MSH`, `OBX`, ...
    pub name: String,
    /// Repeats of components of sub-components of plain text (escaped on writing).
    pub fields: Vec<Vec<Vec<Vec<String>>>>,
}

/// Writes segments, each ended by CR. Where the delimiters have none for sub-components, they
/// are written as components.
pub fn write(segments: &[SegmentOut], delimiters: &Delimiters) -> String {
    let mut out = String::new();
    for segment in segments {
        out.push_str(&segment.name);
        if read::has_delimiters(&segment.name) {
            out.push(char::from(delimiters.field));
            out.push_str(&encoding_characters(delimiters));
        }
        for field in &segment.fields {
            out.push(char::from(delimiters.field));
            out.push_str(&field_text(field, delimiters));
        }
        out.push('\r');
    }
    out
}

/// MSH-2.
fn encoding_characters(delimiters: &Delimiters) -> String {
    let Delimiters { component, repeat, escape, subcomponent, .. } = *delimiters;
    [component, repeat, escape].into_iter().chain(subcomponent).map(char::from).collect()
}

fn field_text(field: &[Vec<Vec<String>>], delimiters: &Delimiters) -> String {
    let within = delimiters.subcomponent.unwrap_or(delimiters.component);
    let component =
        |parts: &Vec<String>| joined(parts.iter().map(|x| delimiters.escape(x)), within);
    let repeat =
        |parts: &Vec<Vec<String>>| joined(parts.iter().map(component), delimiters.component);
    joined(field.iter().map(repeat), delimiters.repeat)
}

fn joined(parts: impl Iterator<Item = String>, delimiter: u8) -> String {
    parts.collect::<Vec<_>>().join(&char::from(delimiter).to_string())
}
