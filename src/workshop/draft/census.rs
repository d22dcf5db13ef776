//! What stands where in all the messages, piece by piece.

use std::collections::{BTreeMap, BTreeSet};

use super::Standard;
use crate::codec::{Delimiters, Message, Record, Transmission};
use crate::limits;

/// The smallest place of a message; 0 is "not divided so far".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) record: String,
    pub(super) field: usize,
    pub(super) component: usize,
    pub(super) subcomponent: usize,
}

/// What stood at a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) count: usize,
    /// Different texts, padding removed, up to a bound.
    pub(super) texts: BTreeSet<String>,
}

/// Everything that stood anywhere.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// In messages with results.
    pub(super) places: BTreeMap<Place, Seen>,
    /// In questions.
    pub(super) asked: BTreeMap<Place, Seen>,
    /// Result records.
    pub(super) results: usize,
    /// First texts of each result: test code and the name beside it.
    pub(super) tests: BTreeMap<String, String>,
}

impl Census {
    pub(super) fn take(&mut self, transmission: &Transmission<'_>, standard: Standard) {
        for message in &transmission.messages {
            let asks = message.records().any(|record| asks(record.name()));
            for record in message.records() {
                self.record(message, record, standard, asks);
            }
        }
    }

    fn record(
        &mut self,
        message: &Message<'_>,
        record: Record<'_>,
        standard: Standard,
        asks: bool,
    ) {
        let delimiters = message.delimiters();
        let places = if asks { &mut self.asked } else { &mut self.places };
        for (field, piece) in record.fields() {
            if is_structure(standard, record.name(), field) {
                continue;
            }
            for repeat in piece.repeats(delimiters) {
                let whole = Place::of(record.name(), field);
                leaves(&whole, repeat, delimiters, |place, text| note(places, place, text));
            }
        }
        if record.name() == result_record(standard) && !asks {
            self.results += 1;
            if let Some((code, name)) = test(record, delimiters, standard) {
                self.tests.entry(code).or_insert(name);
            }
        }
    }
}

impl Place {
    pub(super) fn of(record: &str, field: usize) -> Place {
        Place { record: record.to_owned(), field, component: 1, subcomponent: 1 }
    }

    /// As profiles write it, down to the depth to which its field is divided anywhere.
    pub(super) fn path(&self, standard: Standard, depth: Depth) -> String {
        let separator = if standard == Standard::Hl7 { '-' } else { '.' };
        let Place { record, field, component, subcomponent } = self;
        match depth {
            Depth::Field => format!("{record}{separator}{field}"),
            Depth::Component => format!("{record}{separator}{field}.{component}"),
            Depth::Subcomponent => {
                format!("{record}{separator}{field}.{component}.{subcomponent}")
            }
        }
    }

    /// How deep this place must be named among these.
    pub(super) fn depth<'p>(&self, others: impl Iterator<Item = &'p Place>) -> Depth {
        let same = |other: &&Place| other.record == self.record && other.field == self.field;
        others.filter(same).fold(Depth::Field, |depth, other| {
            let within = other.component == self.component && other.subcomponent > 1;
            match depth {
                Depth::Subcomponent => depth,
                Depth::Field | Depth::Component if within => Depth::Subcomponent,
                Depth::Field if other.component > 1 || other.subcomponent > 1 => Depth::Component,
                Depth::Field | Depth::Component => depth,
            }
        })
    }
}

/// How far a field is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    Field,
    Component,
    Subcomponent,
}

fn leaves(
    whole: &Place,
    repeat: crate::codec::Piece<'_>,
    delimiters: &Delimiters,
    mut note: impl FnMut(Place, &str),
) {
    for (component, piece) in (1..).zip(repeat.components(delimiters)) {
        for (subcomponent, piece) in (1..).zip(piece.subcomponents(delimiters)) {
            let text = piece.text.trim();
            if !text.is_empty() && text != "\"\"" {
                note(Place { component, subcomponent, ..whole.clone() }, text);
            }
        }
    }
}

fn note(places: &mut BTreeMap<Place, Seen>, place: Place, text: &str) {
    let seen = places.entry(place).or_default();
    seen.count += 1;
    if seen.texts.len() < limits::DRAFT_TEXTS_MAX {
        seen.texts.insert(text.to_owned());
    }
}

fn asks(record: &str) -> bool {
    matches!(record, "Q" | "QPD" | "QRD")
}

/// The record that carries a result.
pub(super) const fn result_record(standard: Standard) -> &'static str {
    match standard {
        Standard::Hl7 => "OBX",
        Standard::Lis02 => "R",
    }
}

/// Delimiters, sequence numbers and set ids, which every profile ignores.
fn is_structure(standard: Standard, record: &str, field: usize) -> bool {
    match standard {
        Standard::Hl7 if record == "MSH" => field <= 2,
        Standard::Hl7 => {
            field == 1 && matches!(record, "OBX" | "OBR" | "SPM" | "PID" | "NTE" | "PV1")
        }
        Standard::Lis02 => field == 2 || record == "L",
    }
}

/// Code and name of the test of a result: the first two texts of its test field.
fn test(
    record: Record<'_>,
    delimiters: &Delimiters,
    standard: Standard,
) -> Option<(String, String)> {
    let piece = record.field(3)?;
    let mut texts =
        piece.components(delimiters).map(|piece| piece.text.trim()).filter(|text| !text.is_empty());
    let code = texts.next()?;
    let code = match standard {
        // Roche writes code/dilution.
        Standard::Lis02 => code.split('/').next().unwrap_or(code),
        Standard::Hl7 => code,
    };
    Some((code.to_owned(), texts.next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_place_so_many_different_texts_are_remembered_and_all_are_counted() {
        for (texts, remembered) in [(64, 64), (65, 64)] {
            let mut places = BTreeMap::new();
            for number in 0..texts {
                note(&mut places, Place::of("R", 4), &number.to_string());
            }
            let seen = &places[&Place::of("R", 4)];
            assert_eq!((seen.count, seen.texts.len()), (texts, remembered));
        }
        assert_eq!(limits::DRAFT_TEXTS_MAX, 64);
    }

    #[test]
    fn a_place_is_named_as_deep_as_its_field_is_divided() {
        let place = Place::of("SPM", 2);
        let beside = Place { subcomponent: 2, ..place.clone() };
        let other = Place { component: 2, ..place.clone() };
        let depth = |others: &[Place]| place.depth(others.iter());
        assert_eq!(place.path(Standard::Hl7, depth(&[])), "SPM-2");
        assert_eq!(place.path(Standard::Hl7, depth(std::slice::from_ref(&other))), "SPM-2.1");
        assert_eq!(place.path(Standard::Lis02, depth(&[other, beside])), "SPM.2.1.1");
    }
}
