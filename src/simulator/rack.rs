//! One rack: what stands in it, what every analyser makes of it, and what is run again.

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::course::Course;
use super::dialect::{Envelope, messages};
use super::{
    Load, Model, Outcome, PlannedDonation, PlannedResult, Played, Scenario, Specimen, Tube,
};
use crate::domain::{AboGroup, Assay, Measure, Reading, RhdType};

/// A rack with its donations: run once, then run again where something must be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rack {
    /// From 1.
    pub number: u32,
    /// The donations in it, by number.
    pub dins: Vec<String>,
    /// Inventory registers these donations only after the results have arrived.
    pub registered_late: bool,
    /// The first run at every analyser.
    pub first: Vec<Session>,
    /// What is run again afterwards.
    pub repeats: Vec<Session>,
}

/// What one analyser sends when it has finished a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What was run.
    pub load: Load,
    /// The messages in the analyser's dialect, in order.
    pub messages: Vec<Vec<u8>>,
    /// The analyser sends these results for the second time.
    pub sent_before: bool,
    /// Under which numbers, and when.
    pub envelope: Envelope,
}

/// Which analysers there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bench {
    /// All six; the serology lines take racks in turn.
    Whole,
    /// One that runs every rack.
    Only(Played),
}

/// The tubes put into a rack.
pub(super) struct Filling<'d> {
    number: u32,
    donors: &'d [PlannedDonation],
    /// Position of a control among them, where there is one.
    control: Option<usize>,
}

/// Which run of a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    First,
    Repeats,
}

/// Positions of one rack (cobas racks and ARCHITECT carriers have five).
const POSITIONS: usize = 5;
/// One rack in so many carries a control among the donors.
const CONTROL_EVERY: u32 = 3;
/// One session in so many is sent twice.
const TWICE_EVERY: u32 = 5;
/// One rack in so many is registered after its results.
const LATE_EVERY: u32 = 4;
/// Minutes from one rack to the next.
const RACK_MINUTES: u32 = 12;
/// Minutes from the first run of a rack to its repeats.
const REPEAT_MINUTES: u32 = 6;
/// Seconds from one result of an analyser to the next.
const RESULT_SECONDS: i64 = 14;
/// Where donors are tested for West Nile virus too.
const WEST_NILE_SITE: &str = "Bus 2";
/// A flag that no profile explains.
pub(super) const ODD_FLAG: &str = "X9";

impl Bench {
    /// The analysers that run a rack; what is in it may need a kit with a grey zone.
    fn lines(&self, rack: u32, donors: &[PlannedDonation]) -> Vec<Played> {
        let grey = donors.iter().any(|donor| matches!(donor.scenario, Scenario::GreyZone(_)));
        match self {
            Bench::Only(played) => vec![played.clone()],
            Bench::Whole => {
                let [first, second, third] = Model::SEROLOGY;
                let serology = match rack % 3 {
                    1 => first,
                    2 => second,
                    _ if grey && !third.has_grey_zone() => first,
                    _ => third,
                };
                let others = [Model::Cobas6800, Model::MindrayBs, Model::Vision];
                std::iter::once(serology).chain(others).map(Played::from).collect()
            }
        }
    }
}

impl<'d> Filling<'d> {
    /// Takes the next tubes off the tray; leaves a place for a control now and then.
    pub fn next(number: u32, waiting: &mut &'d [PlannedDonation], rng: &mut Rng) -> Filling<'d> {
        let with_control = number == 1 || rng.u32(0..CONTROL_EVERY) == 0;
        let places = if with_control { POSITIONS - 1 } else { POSITIONS };
        let (donors, rest) = waiting.split_at_checked(places).unwrap_or((waiting, &[]));
        *waiting = rest;
        let control = with_control.then(|| rng.usize(0..=donors.len()));
        Filling { number, donors, control }
    }

    /// Runs the rack at every analyser of the bench.
    pub fn run(&self, bench: &Bench, start: DateTime, rng: &mut Rng) -> Rack {
        let starts = later(start, i64::from((self.number - 1) * RACK_MINUTES) * 60);
        let mut rack = Rack {
            number: self.number,
            dins: self.donors.iter().map(|donor| donor.din.clone()).collect(),
            registered_late: rng.u32(0..LATE_EVERY) == 0,
            first: Vec::new(),
            repeats: Vec::new(),
        };
        for model in bench.lines(self.number, self.donors) {
            let courses = self.courses(&model, rng);
            let first = self.load(&model, &courses, Run::First, starts);
            let again = later(starts, i64::from(REPEAT_MINUTES) * 60);
            let repeats = self.load(&model, &courses, Run::Repeats, again);
            rack.first.extend(sent(first, Run::First, rng));
            rack.repeats.extend(sent(repeats, Run::Repeats, rng));
        }
        rack
    }

    /// What every assay of this analyser yields, donor by donor.
    fn courses(&self, model: &Played, rng: &mut Rng) -> Vec<Vec<(Assay, Course)>> {
        let asked_for = |donor: &PlannedDonation, assay: Assay| {
            assay != Assay::WnvRna || donor.site == WEST_NILE_SITE
        };
        let courses = |donor: &PlannedDonation| {
            let runs = model.assays().into_iter().filter(|assay| asked_for(donor, *assay));
            let scenario = possible(donor.scenario, model);
            runs.map(|assay| (assay, Course::of(scenario, assay, donor.group, rng))).collect()
        };
        self.donors.iter().map(courses).collect()
    }

    fn load(
        &self,
        model: &Played,
        courses: &[Vec<(Assay, Course)>],
        run: Run,
        starts: DateTime,
    ) -> Load {
        let mut clock = later(starts, i64::from(model.ordinal()));
        let mut tubes = Vec::new();
        if run == Run::First {
            tubes.extend(self.calibrator(model, &mut clock));
        }
        for (place, (donor, courses)) in self.donors.iter().zip(courses).enumerate() {
            if run == Run::First && self.control == Some(place) {
                tubes.push(self.control_tube(model, place, &mut clock));
            }
            let past_control = usize::from(self.control.is_some_and(|control| control <= place));
            let scenario = possible(donor.scenario, model);
            let results = results(scenario, courses, run, &mut clock);
            let specimen = Specimen::Donor(donor.din.clone());
            tubes.push(Tube { specimen, position: position(place + past_control), results });
        }
        if run == Run::First && self.control == Some(self.donors.len()) {
            tubes.push(self.control_tube(model, self.donors.len(), &mut clock));
        }
        tubes.retain(|tube| !tube.results.is_empty());
        Load { model: model.clone(), rack: self.number, tubes, lot: None }
    }

    /// The chemistry analyser is calibrated before the first rack.
    fn calibrator(&self, model: &Played, clock: &mut DateTime) -> Option<Tube> {
        let due = self.number == 1 && *model == Model::MindrayBs;
        due.then(|| Tube {
            specimen: Specimen::Calibrator("CAL2602".to_owned()),
            position: 0,
            results: vec![result(Assay::Alt, Outcome::Quantity(Decimal::new(1_180, 1)), clock)],
        })
    }

    fn control_tube(&self, model: &Played, place: usize, clock: &mut DateTime) -> Tube {
        let results = model
            .assays()
            .into_iter()
            .map(|assay| result(assay, expected_of_control(assay), clock))
            .collect();
        let lot = format!("QC26{:02}", model.ordinal() + 1);
        Tube { specimen: Specimen::Control(lot), position: position(place), results }
    }
}

/// What a load becomes on the wire; now and then an analyser sends it all twice.
fn sent(load: Load, run: Run, rng: &mut Rng) -> Vec<Session> {
    if load.tubes.is_empty() {
        return Vec::new();
    }
    let times = if rng.u32(0..TWICE_EVERY) == 0 { 2 } else { 1 };
    let last = load.tubes.iter().flat_map(|tube| &tube.results).map(|r| r.completed).max();
    let ready = last.unwrap_or_default();
    (0..times)
        .map(|time| {
            let run = u32::from(run == Run::Repeats);
            let serial = ((load.rack * 2 + run) * 2 + time) * 100 + 1;
            let envelope = Envelope { serial, sent_at: later(ready, 20 + 30 * i64::from(time)) };
            let messages = messages(&load, envelope);
            Session { load: load.clone(), messages, sent_before: time > 0, envelope }
        })
        .collect()
}

fn results(
    scenario: Scenario,
    courses: &[(Assay, Course)],
    run: Run,
    clock: &mut DateTime,
) -> Vec<PlannedResult> {
    let mut results = Vec::new();
    for (assay, course) in courses {
        let outcomes: Vec<Outcome> = match run {
            Run::First => course.first.into_iter().collect(),
            Run::Repeats => course.repeats.clone(),
        };
        let odd = scenario == Scenario::UnknownFlag(*assay);
        results.extend(outcomes.into_iter().map(|outcome| PlannedResult {
            odd_flag: odd.then_some(ODD_FLAG),
            ..result(*assay, outcome, clock)
        }));
    }
    results
}

pub(super) fn result(assay: Assay, outcome: Outcome, clock: &mut DateTime) -> PlannedResult {
    *clock = later(*clock, RESULT_SECONDS);
    PlannedResult { assay, outcome, completed: *clock, odd_flag: None, order: None }
}

/// Positive control material for markers, a known level and a known group for the rest.
pub(super) const fn expected_of_control(assay: Assay) -> Outcome {
    match assay.measure() {
        Measure::Marker => {
            Outcome::Marker(Reading::Reactive, Decimal::from_parts(3_120, 0, 0, false, 3))
        }
        Measure::Quantity => Outcome::Quantity(Decimal::from_parts(335, 0, 0, false, 1)),
        Measure::Abo => Outcome::Group(Reading::Abo(AboGroup::A)),
        Measure::Rhd => Outcome::Group(Reading::Rhd(RhdType::Positive)),
    }
}

/// What the analyser can say of it: without a grey zone or flags, nothing remarkable.
fn possible(scenario: Scenario, model: &Played) -> Scenario {
    let grey = matches!(scenario, Scenario::GreyZone(_)) && !model.has_grey_zone();
    let flag = matches!(scenario, Scenario::UnknownFlag(_)) && !model.has_flags();
    if grey || flag { Scenario::Clean } else { scenario }
}

fn position(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1)
}

pub(super) fn later(time: DateTime, seconds: i64) -> DateTime {
    time.saturating_add(seconds.seconds())
}
