//! How a scenario plays out in one assay: the first result, and what the repeats bring.

use fastrand::Rng;
use rust_decimal::Decimal;

use super::{Outcome, Scenario};
use crate::domain::{AboGroup, Assay, HistoricGroup, Measure, Reading, RhdType};

/// The results of one assay on one donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Course {
    /// The first result; `None` where none comes.
    pub first: Option<Outcome>,
    /// What comes of running it again.
    pub repeats: Vec<Outcome>,
}

impl Course {
    /// How `scenario` plays out in `assay` for a donor of this group.
    pub fn of(scenario: Scenario, assay: Assay, group: HistoricGroup, rng: &mut Rng) -> Course {
        match assay.measure() {
            Measure::Marker => marker(scenario, assay, rng),
            Measure::Abo => Course::single(Outcome::Group(Reading::Abo(group.abo))),
            Measure::Rhd => Course::single(Outcome::Group(Reading::Rhd(group.rhd))),
            Measure::Quantity => Course::single(Outcome::Quantity(quantity(scenario, rng))),
        }
    }

    const fn single(outcome: Outcome) -> Course {
        Course { first: Some(outcome), repeats: Vec::new() }
    }
}

fn marker(scenario: Scenario, assay: Assay, rng: &mut Rng) -> Course {
    let clean = nonreactive(rng);
    let (first, repeats) = match scenario {
        Scenario::ReactiveCleared(m) if m == assay => cleared(rng),
        Scenario::NatReactiveOnce if assay == Assay::Nat => cleared(rng),
        Scenario::RepeatReactive(m) if m == assay => {
            let second = if rng.bool() { reactive(rng) } else { nonreactive(rng) };
            (reactive(rng), vec![reactive(rng), second])
        }
        Scenario::RepeatsOpen(m) if m == assay => (reactive(rng), vec![]),
        Scenario::OneRepeatOpen(m) if m == assay => (reactive(rng), vec![nonreactive(rng)]),
        Scenario::GreyZone(m) if m == assay => (grey(rng), vec![]),
        Scenario::NatFailedThenRun if assay == Assay::Nat => (Outcome::Failed, vec![clean]),
        Scenario::NatFailed if assay == Assay::Nat => (Outcome::Failed, vec![]),
        Scenario::NatMissing if assay == Assay::Nat => {
            return Course { first: None, repeats: Vec::new() };
        }
        Scenario::Clean
        | Scenario::AltHigh
        | Scenario::ReactiveCleared(_)
        | Scenario::RepeatReactive(_)
        | Scenario::RepeatsOpen(_)
        | Scenario::OneRepeatOpen(_)
        | Scenario::GreyZone(_)
        | Scenario::NatReactiveOnce
        | Scenario::NatFailedThenRun
        | Scenario::NatFailed
        | Scenario::NatMissing
        | Scenario::UnknownFlag(_)
        | Scenario::AboMismatch
        | Scenario::RhdMismatch
        | Scenario::Deferred => (clean, vec![]),
    };
    Course { first: Some(first), repeats }
}

fn cleared(rng: &mut Rng) -> (Outcome, Vec<Outcome>) {
    (reactive(rng), vec![nonreactive(rng), nonreactive(rng)])
}

fn nonreactive(rng: &mut Rng) -> Outcome {
    Outcome::Marker(Reading::Nonreactive, thousandths(rng.i64(20..=600)))
}

fn grey(rng: &mut Rng) -> Outcome {
    Outcome::Marker(Reading::GreyZone, thousandths(rng.i64(920..=980)))
}

fn reactive(rng: &mut Rng) -> Outcome {
    Outcome::Marker(Reading::Reactive, thousandths(rng.i64(1_500..=40_000)))
}

/// ALT in U/L: most donors lie well under 50.
fn quantity(scenario: Scenario, rng: &mut Rng) -> Decimal {
    let tenths = if scenario == Scenario::AltHigh { 560..=1_800 } else { 80..=450 };
    Decimal::new(rng.i64(tenths), 1)
}

fn thousandths(value: i64) -> Decimal {
    Decimal::new(value, 3)
}

/// A donor's group, about as often as among Chinese donors.
pub(super) fn group(rng: &mut Rng) -> HistoricGroup {
    let abo = match rng.u32(0..100) {
        0..31 => AboGroup::O,
        31..60 => AboGroup::A,
        60..91 => AboGroup::B,
        _ => AboGroup::Ab,
    };
    // One in a hundred would be negative, and need a confirmation that no analyser of the bench
    // runs. Drawn all the same, so that a seed keeps its morning.
    rng.u32(0..100);
    HistoricGroup { abo, rhd: RhdType::Positive }
}

/// The group on record where it is not what the analyser finds today.
pub(super) fn group_on_record(scenario: Scenario, found: HistoricGroup) -> HistoricGroup {
    HistoricGroup {
        abo: if scenario == Scenario::AboMismatch { another_abo(found.abo) } else { found.abo },
        rhd: if scenario == Scenario::RhdMismatch { another_rhd(found.rhd) } else { found.rhd },
    }
}

const fn another_abo(group: AboGroup) -> AboGroup {
    match group {
        AboGroup::A => AboGroup::B,
        AboGroup::B => AboGroup::O,
        AboGroup::O => AboGroup::A,
        AboGroup::Ab => AboGroup::A,
    }
}

const fn another_rhd(rhd: RhdType) -> RhdType {
    match rhd {
        RhdType::Positive => RhdType::Negative,
        RhdType::Negative => RhdType::Positive,
    }
}
