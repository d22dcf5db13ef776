//! Where a piece of a message stands: `R.4.2`, `OBX-5.1`, `SPM-2.1.1`.
//!
//! Refuses places that the dialect cannot have: records it does not know, field 0, sub-components
//! in LIS02 (unless the profile splits the component itself).

use std::fmt;

use crate::codec::{Delimiters, hl7, lis02};
use crate::limits;

/// What the wire speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// LIS02-A2 records in LIS01-A2 frames.
    Lis02,
    /// HL7 v2 in MLLP blocks.
    Hl7,
    /// Fixed-width texts in blocks; the profile says how they are cut.
    Blocks,
}

/// What a record speaks about, and so which results its content belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// The message as a whole.
    Message,
    /// A person; every specimen below.
    Patient,
    /// A specimen; every order below.
    Specimen,
    /// The container of the specimen before it, or of one that is not described.
    Container,
    /// An order; every result below.
    Order,
    /// What is to happen with the order before or after it.
    OrderControl,
    /// More about the order before it, wherever it stands among its results.
    OrderPart,
    /// One result.
    Result,
    /// Whatever record stands before it.
    Attached,
    /// A question of the analyser.
    Query,
    /// What is said about a message before.
    Reply,
}

/// Name of a record or segment: up to three ASCII letters or digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RecordName([u8; 3]);

/// A place in a message. What is left out means: all of it when ignored, the first when read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Path {
    pub(crate) record: RecordName,
    pub(crate) field: Option<usize>,
    pub(crate) component: Option<usize>,
    pub(crate) subcomponent: Option<usize>,
}

impl Dialect {
    /// The records of the dialect; the profile names those of blocks.
    const fn records(self) -> &'static [(&'static str, Scope)] {
        match self {
            Dialect::Lis02 => &LIS02_RECORDS,
            Dialect::Hl7 => &HL7_RECORDS,
            Dialect::Blocks => &[],
        }
    }

    /// Every record of the dialect with its scope.
    pub(crate) fn scopes(self) -> impl Iterator<Item = (RecordName, Scope)> {
        self.records().iter().filter_map(|(name, scope)| Some((RecordName::of(name)?, *scope)))
    }

    /// Whether a message can have this record. Which ones a text in blocks has is checked where the
    /// profile is read.
    fn may_have(self, name: RecordName) -> bool {
        self == Dialect::Blocks || self.scopes().any(|(known, _)| known == name)
    }

    /// The record that carries a result.
    pub(crate) const fn result_record(self) -> RecordName {
        match self {
            Dialect::Lis02 | Dialect::Blocks => RecordName(*b"R  "),
            Dialect::Hl7 => RecordName(*b"OBX"),
        }
    }

    /// The record a message begins with.
    pub(crate) const fn header(self) -> RecordName {
        match self {
            Dialect::Lis02 | Dialect::Blocks => RecordName(*b"H  "),
            Dialect::Hl7 => RecordName(*b"MSH"),
        }
    }

    /// Fields that only hold the record structure together: delimiters and sequence numbers
    /// (LIS02-A2 5.4, 6-14; HL7 v2.5.1 2.15.9.1-2 and the set ids of its segments).
    pub(crate) fn is_structural(self, record: RecordName, field: usize) -> bool {
        match self {
            // L.3 is the reason why the message ended; the reader looks at it itself.
            Dialect::Lis02 => field == 2 || field == 3 && record.is("L"),
            Dialect::Hl7 if record == self.header() => field <= 2,
            Dialect::Hl7 => field == 1 && SET_IDS.iter().any(|name| record.is(name)),
            Dialect::Blocks => false,
        }
    }

    /// Whether this record is a question of the analyser.
    pub(crate) fn asks(self, record: &str) -> bool {
        match self {
            Dialect::Lis02 => record == "Q",
            Dialect::Hl7 => matches!(record, "QRD" | "QPD"),
            Dialect::Blocks => false,
        }
    }

    /// Whether the word ALL in place of an id or a code means everything (LIS02-A2, Q.3 and Q.5).
    pub(crate) const fn has_all(self) -> bool {
        match self {
            Dialect::Lis02 => true,
            Dialect::Hl7 | Dialect::Blocks => false,
        }
    }

    /// The delimiters that the standards recommend; texts in blocks have none of their own.
    pub(crate) const fn usual_delimiters(self) -> Delimiters {
        match self {
            Dialect::Lis02 | Dialect::Blocks => lis02::USUAL,
            Dialect::Hl7 => hl7::USUAL,
        }
    }

    /// What ends each line of a message; the records of texts in blocks have no end of their own.
    pub(crate) const fn line_end(self) -> &'static str {
        match self {
            Dialect::Lis02 | Dialect::Hl7 => "\r",
            Dialect::Blocks => "",
        }
    }

    /// The name in profiles.
    pub const fn id(self) -> &'static str {
        match self {
            Dialect::Lis02 => "lis02",
            Dialect::Hl7 => "hl7",
            Dialect::Blocks => "blocks",
        }
    }

    /// The dialect with this name.
    pub fn from_id(id: &str) -> Option<Dialect> {
        let all = [Dialect::Lis02, Dialect::Hl7, Dialect::Blocks];
        all.into_iter().find(|dialect| dialect.id() == id)
    }
}

impl Scope {
    /// The scope of a record of a text in blocks, by its name in profiles.
    pub(crate) fn from_id(id: &str) -> Option<Scope> {
        Some(match id {
            "message" => Scope::Message,
            "order" => Scope::Order,
            "order-part" => Scope::OrderPart,
            "result" => Scope::Result,
            "attached" => Scope::Attached,
            "query" => Scope::Query,
            _ => return None,
        })
    }
}

const LIS02_RECORDS: [(&str, Scope); 8] = [
    ("R", Scope::Result),
    ("C", Scope::Attached),
    ("O", Scope::Order),
    ("M", Scope::Attached),
    ("P", Scope::Patient),
    ("H", Scope::Message),
    ("L", Scope::Message),
    ("Q", Scope::Query),
];

const HL7_RECORDS: [(&str, Scope); 29] = [
    ("OBX", Scope::Result),
    ("OBR", Scope::Order),
    ("ORC", Scope::OrderControl),
    ("SPM", Scope::Specimen),
    ("SAC", Scope::Container),
    ("PID", Scope::Patient),
    ("MSH", Scope::Message),
    ("NTE", Scope::Attached),
    ("INV", Scope::Attached),
    ("TCD", Scope::Attached),
    ("SID", Scope::Attached),
    ("TQ1", Scope::Attached),
    ("TQ2", Scope::Attached),
    ("CTI", Scope::Attached),
    ("CTD", Scope::Attached),
    ("PD1", Scope::Attached),
    ("PV1", Scope::Attached),
    ("PV2", Scope::Attached),
    ("NK1", Scope::Attached),
    ("SFT", Scope::Message),
    ("DSC", Scope::Message),
    ("QRD", Scope::Query),
    ("QRF", Scope::Query),
    ("QPD", Scope::Query),
    ("RCP", Scope::Query),
    ("MSA", Scope::Reply),
    ("ERR", Scope::Reply),
    ("QAK", Scope::Reply),
    ("DSP", Scope::Reply),
];

const SET_IDS: [&str; 6] = ["OBX", "OBR", "SPM", "PID", "NTE", "PV1"];

impl RecordName {
    /// The name, if it is one.
    pub(crate) fn of(text: &str) -> Option<RecordName> {
        match *text.as_bytes() {
            [a] => Some(RecordName([a, b' ', b' '])),
            [a, b] => Some(RecordName([a, b, b' '])),
            [a, b, c] => Some(RecordName([a, b, c])),
            _ => None,
        }
    }

    pub(crate) fn is(self, text: &str) -> bool {
        RecordName::of(text) == Some(self)
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }
}

impl fmt::Debug for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Path {
    /// Reads a path of a dialect.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn parse(text: &str, dialect: Dialect) -> Result<Path, String> {
        let (name, rest) = match dialect {
            Dialect::Lis02 | Dialect::Blocks => text.split_once('.').unwrap_or((text, "")),
            Dialect::Hl7 => text.split_once('-').unwrap_or((text, "")),
        };
        let record = RecordName::of(name)
            .filter(|name| dialect.may_have(*name))
            .ok_or_else(|| format!("{name:?} is not a record that {} has", dialect.id()))?;
        let numbers = numbers(rest).ok_or_else(|| shape(text, dialect))?;
        let [field, component, subcomponent] = numbers;
        if dialect == Dialect::Blocks && component.is_some() {
            return Err("a field of a text in blocks has no components".to_owned());
        }
        if dialect == Dialect::Lis02 && field == Some(1) {
            return Err("field 1 of a LIS02 record is its type; fields count from 2".to_owned());
        }
        Ok(Path { record, field, component, subcomponent })
    }

    /// Whether one of the two covers the other, as what is ignored covers all below it.
    pub(crate) fn overlaps(&self, other: &Path) -> bool {
        let agree = |a: Option<usize>, b: Option<usize>| a.is_none() || b.is_none() || a == b;
        self.record == other.record
            && agree(self.field, other.field)
            && agree(self.component, other.component)
            && agree(self.subcomponent, other.subcomponent)
    }

    /// The same place with what is left out set to the first.
    pub(crate) fn leaf(&self) -> Path {
        let component = self.component.unwrap_or(1);
        Path {
            component: Some(component),
            subcomponent: Some(self.subcomponent.unwrap_or(1)),
            ..*self
        }
    }
}

/// Up to three numbers with dots between.
fn numbers(text: &str) -> Option<[Option<usize>; 3]> {
    let mut numbers = [None; 3];
    if text.is_empty() {
        return Some(numbers);
    }
    let mut slots = numbers.iter_mut();
    for part in text.split('.') {
        let number = part.parse().ok().filter(|n| (1..=limits::PROFILE_PATH_MAX).contains(n))?;
        *slots.next()? = Some(number);
    }
    Some(numbers)
}

fn shape(text: &str, dialect: Dialect) -> String {
    let example = match dialect {
        Dialect::Lis02 => "R.4 or R.4.2",
        Dialect::Hl7 => "OBX-5, OBX-5.1 or OBX-5.1.2",
        Dialect::Blocks => "D.4",
    };
    let max = limits::PROFILE_PATH_MAX;
    format!("{text:?} is not a path; write {example} with numbers from 1 to {max}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_in_the_notation_of_their_dialect() {
        let path = Path::parse("R.3.4", Dialect::Lis02).unwrap();
        assert_eq!((path.record.as_str(), path.field, path.component), ("R", Some(3), Some(4)));
        let path = Path::parse("SPM-2.1.1", Dialect::Hl7).unwrap();
        assert_eq!((path.record.as_str(), path.subcomponent), ("SPM", Some(1)));
        assert_eq!(Path::parse("P", Dialect::Lis02).unwrap().field, None);
    }

    #[test]
    fn paths_that_the_dialect_cannot_have_are_refused() {
        for wrong in ["X.3", "R.0", "R.1", "R-3", "R.3.", "R.3.4.5.6", "", "R.3x", "R.256"] {
            assert!(Path::parse(wrong, Dialect::Lis02).is_err(), "{wrong}");
        }
        for wrong in ["OBX.5", "R-3", "OBX-0", "OBX-1.2.3.4"] {
            assert!(Path::parse(wrong, Dialect::Hl7).is_err(), "{wrong}");
        }
        assert!(Path::parse("R.255", Dialect::Lis02).is_ok(), "at the bound");
    }
}
