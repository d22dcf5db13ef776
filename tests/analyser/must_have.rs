//! What every profile must be able to show: the same few transcripts, each read without a remark.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use hemogate::analyser::{Analyser, MessageReading, shipped_names};
use hemogate::domain::{
    Ask, AskedId, Assay, Effect, Measure, Observation, Reading, ResultStatus, SpecimenKind,
};
use rust_decimal::Decimal;

use crate::transcripts::{at_its_site, messages_of, transcripts};

/// The highest ALT that is normal in these transcripts, in U/L.
const NORMAL: Decimal = Decimal::from_parts(40, 0, 0, false, 0);

/// What cannot be shown, and why: profile, what, reason.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// Everything that a profile's transcripts say.
struct Shown {
    analyser: Analyser,
    readings: Vec<MessageReading>,
}

impl Shown {
    fn of(name: &str) -> Shown {
        let analyser = at_its_site(name);
        let mut readings = Vec::new();
        for file in transcripts(name) {
            let messages = messages_of(&analyser, &file);
            readings.extend(messages.iter().map(|message| analyser.read(message)));
        }
        Shown { analyser, readings }
    }

    fn results(&self) -> impl Iterator<Item = &Observation> {
        self.readings.iter().flat_map(|reading| &reading.observations)
    }

    /// A donor's finished results of a message in which nobody found anything to remark.
    fn clean(&self) -> impl Iterator<Item = (Assay, &Observation)> {
        let sound = self.readings.iter().filter(|reading| reading.faults.is_empty());
        let all = sound.flat_map(|reading| &reading.observations);
        all.filter(|one| is_clean(one)).filter_map(|one| Some((one.assay?, one)))
    }

    fn clean_readings(&self, measure: Measure) -> BTreeSet<&'static str> {
        let these = self.clean().filter(|(assay, _)| assay.measure() == measure);
        these.filter_map(|(_, one)| one.reading).map(Reading::id).collect()
    }

    fn clean_numbers(&self) -> Vec<Decimal> {
        let these = self.clean().filter(|(assay, _)| assay.measure() == Measure::Quantity);
        these.filter_map(|(_, one)| one.number).collect()
    }

    fn measures(&self) -> BTreeSet<u8> {
        self.analyser.tests().values().map(|assay| assay.measure() as u8).collect()
    }

    /// What it cannot show, in words.
    fn lacking(&self) -> Vec<&'static str> {
        let mut lacking = Vec::new();
        let mut need = |what, is_there: bool| {
            if !is_there {
                lacking.push(what);
            }
        };
        let measures = self.measures();
        if measures.contains(&(Measure::Marker as u8)) {
            let readings = self.clean_readings(Measure::Marker);
            need("a clean nonreactive result", readings.contains("nonreactive"));
            need("a clean reactive result", readings.contains("reactive"));
        }
        if measures.contains(&(Measure::Abo as u8)) {
            need("two clean ABO groups", self.clean_readings(Measure::Abo).len() > 1);
        }
        if measures.contains(&(Measure::Rhd as u8)) {
            need("both RhD types, clean", self.clean_readings(Measure::Rhd).len() > 1);
        }
        if measures.contains(&(Measure::Quantity as u8)) {
            let numbers = self.clean_numbers();
            need("a clean normal quantity", numbers.iter().any(|number| *number <= NORMAL));
            need("a clean high quantity", numbers.iter().any(|number| *number > NORMAL));
        }
        need("a donor's result that failed", self.results().any(is_failed));
        need("a control", self.results().any(|one| one.kind == SpecimenKind::Control));
        if self.analyser.profile().asks_us() {
            need("a query that is read with its id", self.readings.iter().any(asks_for_one));
        }
        lacking
    }
}

fn is_clean(one: &Observation) -> bool {
    one.kind == SpecimenKind::Donor
        && one.din.is_some()
        && one.status.is_some_and(ResultStatus::is_conclusive)
        && one.unaccounted.is_empty()
        && one.concerns.is_empty()
}

/// Where no status is sent, a failure is what the analyser says in its own words: a flag that
/// makes the result not count, or nothing in the place of the result and a reason to look.
fn is_failed(one: &Observation) -> bool {
    let said = one.status == Some(ResultStatus::Failed) || one.reading == Some(Reading::Invalid);
    let not_counted = one.concerns.iter().any(|concern| concern.effect == Effect::Invalidates);
    let is_empty = one.reading.is_none() && one.number.is_none() && !is_clean(one);
    one.kind == SpecimenKind::Donor && one.din.is_some() && (said || not_counted || is_empty)
}

fn asks_for_one(reading: &MessageReading) -> bool {
    let Some(query) = &reading.query else { return false };
    let Ask::Specimens(specimens) = &query.ask else { return false };
    let is_read = |id: &AskedId| matches!(id, AskedId::Donation(_));
    reading.faults.is_empty() && specimens.iter().any(|specimen| is_read(&specimen.id))
}

#[test]
fn every_profile_has_the_transcripts_that_it_must_have() {
    let mut told = String::new();
    for name in shipped_names() {
        for what in Shown::of(name).lacking() {
            let is_known = EXCEPTIONS.iter().any(|(own, lacks, _)| (*own, *lacks) == (name, what));
            if !is_known {
                writeln!(told, "{name}: {what}").unwrap();
            }
        }
    }
    assert!(told.is_empty(), "transcripts are missing:\n{told}");
}

#[test]
fn no_exception_outlives_its_reason() {
    for (name, what, why) in EXCEPTIONS {
        assert!(Shown::of(name).lacking().contains(&what), "{name} has {what} now; once: {why}");
    }
}
