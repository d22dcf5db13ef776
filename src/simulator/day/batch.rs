//! One batch of the day: registered, pooled, run on every analyser with controls around it,
//! repeated where something must be, reviewed and signed.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{DateTime, datetime};
use rust_decimal::Decimal;

use super::super::course::Course;
use super::super::dialect::{Envelope, messages};
use super::super::rack::{ODD_FLAG, later, result};
use super::super::{
    Intent, Load, Model, Outcome, PlannedDonation, PlannedResult, Scenario, Session, Specimen, Tube,
};
use super::controls::{Control, OUT, Tenths};
use super::{Act, Chapter, DayDonation, Show, intent, laboratory};
use crate::domain::{
    Assay, DonationNumber, DonorKind, Pool, Reading, ReasonCode, Record, ReviewStep, RhdType,
    Statement, Verdict,
};

/// The analysers' clocks when the first batch goes in.
const FIRST_BATCH: DateTime = datetime(2026, 3, 2, 8, 0, 0, 0);
/// Minutes from one batch to the next.
const BATCH_MINUTES: i64 = 90;
/// Minutes from one run of a batch to the next.
const RUN_MINUTES: i64 = 25;
/// One batch in so many is registered after its results.
const LATE_EVERY: u32 = 4;
/// One batch in so many has a donation that nobody signs.
const UNSIGNED_EVERY: usize = 3;
/// Who pipettes pools, tests, reviews and signs.
const POOLER: &str = "hamilton-1";
const REVIEW: [(ReviewStep, &str); 3] = [
    (ReviewStep::Tested, "li.bench"),
    (ReviewStep::Reviewed, "wang.review"),
    (ReviewStep::Signed, "zhao.release"),
];

/// What goes on from one batch to the next.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Runs so far of each analyser: external controls lie on either side of their mean by turns.
    runs: BTreeMap<Model, u32>,
    /// Number of the next message of each analyser.
    serials: BTreeMap<Model, u32>,
    /// Racks so far.
    racks: u32,
}

/// Donations that are tested together.
pub(super) struct Batch {
    number: usize,
    show: Show,
    pool: String,
    pub(super) donations: Vec<DayDonation>,
    /// Nobody signs this one.
    unsigned: Option<String>,
    late: bool,
}

impl Batch {
    pub(super) fn plan(
        place: usize,
        show: Show,
        numbers: &[String],
        scenarios: &mut impl Iterator<Item = Scenario>,
        rng: &mut Rng,
    ) -> Batch {
        let planned: Vec<PlannedDonation> = numbers
            .iter()
            .map(|din| {
                let dealt = match show {
                    Show::Usual => scenarios.next(),
                    Show::OutOfControl | Show::Expired | Show::Recalled => None,
                };
                let scenario = dealt.unwrap_or(Scenario::Clean);
                planned(din.clone(), scenario, rng)
            })
            .collect();
        let clean = planned.iter().find(|donation| donation.scenario == Scenario::Clean);
        let is_left = show == Show::Usual && place.is_multiple_of(UNSIGNED_EVERY);
        let unsigned = clean.filter(|_| is_left).map(|donation| donation.din.clone());
        let mut batch = Batch {
            number: place + 1,
            show,
            pool: format!("P2603{:04}", place + 1),
            donations: Vec::new(),
            unsigned,
            late: show == Show::Usual && rng.u32(0..LATE_EVERY) == 0,
        };
        let finally =
            |planned: PlannedDonation| DayDonation { finally: batch.finally(&planned), planned };
        batch.donations = planned.into_iter().map(finally).collect();
        batch
    }

    fn finally(&self, donation: &PlannedDonation) -> Intent {
        match (self.show, donation.scenario) {
            (Show::Recalled, _) => intent(Verdict::Recalled, ReasonCode::LotRecalled),
            (_, Scenario::NatReactiveOnce) => intent(Verdict::Reject, ReasonCode::NatReactive),
            _ if self.unsigned.as_ref() == Some(&donation.din) => {
                intent(Verdict::Pending, ReasonCode::NotSigned)
            }
            (_, scenario) => scenario.intent(),
        }
    }

    /// What happens with it, in order.
    pub(super) fn chapters(&self, turn: &mut Turn, rng: &mut Rng) -> Vec<Chapter> {
        match self.show {
            Show::Usual | Show::Recalled => vec![self.usual(turn, rng)],
            Show::OutOfControl => self.twice(
                [
                    "an external control of HBsAg on the ARCHITECT lies beyond 3 SD: held",
                    "controls and HBsAg are run again on the ARCHITECT",
                ],
                intent(Verdict::Hold, ReasonCode::QcFailExternal),
                turn,
                rng,
            ),
            Show::Expired => self.twice(
                [
                    "an expired reagent lot is on board of the ARCHITECT: its results are void",
                    "the same tubes on the ARCHITECT with a lot in date",
                ],
                intent(Verdict::Pending, ReasonCode::ReagentExpired),
                turn,
                rng,
            ),
        }
    }

    fn usual(&self, turn: &mut Turn, rng: &mut Rng) -> Chapter {
        let mut acts = self.first_acts(turn, rng);
        if self.late {
            acts.push(Act::Register(self.numbers()));
        }
        acts.extend(self.review());
        let then = |donation: &DayDonation| {
            let then = match self.show {
                Show::Recalled => intent(Verdict::Releasable, ReasonCode::AllOk),
                Show::Usual | Show::OutOfControl | Show::Expired => donation.finally,
            };
            (donation.planned.din.clone(), then)
        };
        let then = self.donations.iter().map(then).collect();
        Chapter { title: self.title(&self.told()), acts, then }
    }

    /// A run that must be repeated, and its repetition.
    fn twice(
        &self,
        [first, again]: [&str; 2],
        meanwhile: Intent,
        turn: &mut Turn,
        rng: &mut Rng,
    ) -> Vec<Chapter> {
        let mut acts = self.first_acts(turn, rng);
        acts.extend(self.review());
        let then = |intent: fn(&DayDonation, Intent) -> Intent| {
            let of = |donation: &DayDonation| {
                (donation.planned.din.clone(), intent(donation, meanwhile))
            };
            self.donations.iter().map(of).collect::<Vec<_>>()
        };
        let held = Chapter { title: self.title(first), acts, then: then(|_, meanwhile| meanwhile) };
        let mut acts = vec![self.run_again(turn, rng)];
        acts.extend(self.review());
        let done =
            Chapter { title: self.title(again), acts, then: then(|donation, _| donation.finally) };
        vec![held, done]
    }

    fn title(&self, what: &str) -> String {
        format!("Batch {}: {what}", self.number)
    }

    /// What a visitor may look for.
    fn told(&self) -> String {
        let count = self.donations.len();
        let reactive = if self.is_pool_reactive() {
            ", which is reactive: its members are tested singly"
        } else {
            ""
        };
        let late = if self.late { "; registered after their results" } else { "" };
        format!("{count} donations, pool {}{reactive}{late}", self.pool)
    }

    /// Registration, the pool, the first runs, and what is to be run again.
    fn first_acts(&self, turn: &mut Turn, rng: &mut Rng) -> Vec<Act> {
        let mut acts = Vec::new();
        if !self.late {
            acts.push(Act::Register(self.numbers()));
        }
        acts.push(Act::Record { by: POOLER, records: vec![self.pool_record()] });
        let rack = turn.rack();
        let courses = self.courses(rng);
        acts.push(Act::Run(self.first_runs(&courses, rack, turn)));
        let again = self.repeats(&courses, rack, turn);
        acts.extend((!again.is_empty()).then_some(Act::Run(again)));
        acts
    }

    fn numbers(&self) -> Vec<String> {
        self.donations.iter().map(|donation| donation.planned.din.clone()).collect()
    }

    fn pool_record(&self) -> Record {
        let members = self.members().map(|donation| number(&donation.planned)).collect();
        let made_by = Some(POOLER.to_owned());
        Record::Pool(Pool { id: self.pool.clone(), members, made_by })
    }

    /// Of one donation no specimen for nucleic acid tests came.
    fn members(&self) -> impl Iterator<Item = &DayDonation> {
        self.donations.iter().filter(|d| d.planned.scenario != Scenario::NatMissing)
    }

    fn is_pool_reactive(&self) -> bool {
        self.members().any(|donation| donation.planned.scenario == Scenario::NatReactiveOnce)
    }

    /// Every step of the review by somebody else, one after the other.
    fn review(&self) -> Vec<Act> {
        let signed = self.donations.iter().map(|donation| &donation.planned);
        let signed = signed.filter(|donation| self.unsigned.as_ref() != Some(&donation.din));
        let signed: Vec<DonationNumber> = signed.map(number).collect();
        let step = |(step, by): (ReviewStep, &'static str)| {
            let statement =
                |din: &DonationNumber| Record::Donation(din.clone(), Statement::Signature(step));
            Act::Record { by, records: signed.iter().map(statement).collect() }
        };
        REVIEW.map(step).into_iter().filter(|_| !signed.is_empty()).collect()
    }
}

/// What an analyser finds in the tubes of one donation.
struct Finds<'d> {
    donation: &'d PlannedDonation,
    courses: BTreeMap<(Model, Assay), Course>,
}

/// One run of one analyser: controls, tubes, a control that closes it.
struct Run {
    model: Model,
    rack: u32,
    /// Which run of the batch, from 0.
    number: i64,
    starts: DateTime,
    assays: Vec<Assay>,
    lot: Option<&'static str>,
    /// The assay whose external control is out of control.
    out: Option<Assay>,
}

impl Batch {
    /// The serology kits of a batch are of two makers. What a scenario brings shows on the second.
    const fn serology(&self) -> [Model; 2] {
        let first = if self.number % 2 == 1 { Model::CobasE601 } else { Model::Maglumi };
        [first, Model::Architect]
    }

    fn courses(&self, rng: &mut Rng) -> Vec<Finds<'_>> {
        let finds = |donation: &DayDonation| {
            let donation = &donation.planned;
            let mut courses = BTreeMap::new();
            for (model, scenario) in self.lines(donation.scenario) {
                for assay in model.assays().iter().filter(|assay| **assay != Assay::WnvRna) {
                    let course = Course::of(scenario, *assay, donation.group, rng);
                    courses.insert((model, *assay), course);
                }
            }
            courses
        };
        let courses: Vec<_> = self.donations.iter().map(finds).collect();
        let found = self.donations.iter().zip(courses);
        found.map(|(d, courses)| Finds { donation: &d.planned, courses }).collect()
    }

    fn lines(&self, scenario: Scenario) -> [(Model, Scenario); 4] {
        let [first, second] = self.serology();
        [
            (first, Scenario::Clean),
            (second, scenario),
            (Model::MindrayBs, scenario),
            (Model::Vision, scenario),
        ]
    }

    fn starts(&self, run: i64) -> DateTime {
        let batch = i64::try_from(self.number).unwrap_or(i64::MAX).saturating_sub(1);
        let minutes = batch.saturating_mul(BATCH_MINUTES).saturating_add(run * RUN_MINUTES);
        FIRST_BATCH.saturating_add(minutes.minutes())
    }

    fn run(&self, model: Model, rack: u32, number: i64) -> Run {
        let assays = model.assays().iter().copied().filter(|assay| *assay != Assay::WnvRna);
        let starts = later(self.starts(number), i64::from(model.ordinal()));
        Run {
            model,
            rack,
            number,
            starts,
            assays: assays.collect(),
            lot: self.lot(model),
            out: None,
        }
    }

    const fn lot(&self, model: Model) -> Option<&'static str> {
        match (model, self.show) {
            (Model::Architect, Show::Expired) => Some(laboratory::EXPIRED_LOT),
            (Model::Architect, Show::Recalled) => Some(laboratory::RECALLED_LOT),
            (Model::Architect, Show::Usual | Show::OutOfControl) => Some(laboratory::LOT),
            _ => None,
        }
    }

    fn first_runs(&self, courses: &[Finds<'_>], rack: u32, turn: &mut Turn) -> Vec<Session> {
        let mut sessions = Vec::new();
        for (model, _) in self.lines(Scenario::Clean) {
            let mut run = self.run(model, rack, 0);
            let is_out = self.show == Show::OutOfControl && model == Model::Architect;
            run.out = is_out.then_some(Assay::Hbsag);
            sessions.push(run.session(turn, |run, clock| tubes(run, courses, Which::First, clock)));
        }
        let run = self.run(Model::Cobas6800, rack, 0);
        sessions.push(run.session(turn, |run, clock| vec![self.pool_tube(run, clock)]));
        sessions
    }

    fn pool_tube(&self, run: &Run, clock: &mut DateTime) -> Tube {
        let scenarios = || self.members().map(|donation| donation.planned.scenario);
        let outcome = if scenarios().any(|s| s == Scenario::NatFailedThenRun) && run.number == 0 {
            Outcome::Failed
        } else {
            nat(self.is_pool_reactive())
        };
        let results = vec![result(Assay::Nat, outcome, clock)];
        Tube { specimen: Specimen::Donor(self.pool.clone()), position: 1, results }
    }

    /// What the first runs call for.
    fn repeats(&self, courses: &[Finds<'_>], rack: u32, turn: &mut Turn) -> Vec<Session> {
        let mut sessions = Vec::new();
        for (model, which) in [(Model::Architect, Which::Repeats), (Model::Vision, Which::Second)] {
            let run = self.run(model, rack, 1);
            let has_work = !tubes(&run, courses, which, &mut run.starts.clone()).is_empty();
            if has_work {
                sessions.push(run.session(turn, |run, clock| tubes(run, courses, which, clock)));
            }
        }
        let failed = self.members().any(|d| d.planned.scenario == Scenario::NatFailedThenRun);
        let reactive = self.is_pool_reactive();
        if failed || reactive {
            let run = self.run(Model::Cobas6800, rack, 1);
            sessions.push(run.session(turn, |run, clock| {
                let again = failed.then(|| self.pool_tube(run, clock));
                let singly = if reactive { self.singly(clock) } else { Vec::new() };
                again.into_iter().chain(singly).collect()
            }));
        }
        sessions
    }

    /// Every member of a reactive pool by itself.
    fn singly(&self, clock: &mut DateTime) -> Vec<Tube> {
        let tube = |(position, donation): (u32, &DayDonation)| {
            let reactive = donation.planned.scenario == Scenario::NatReactiveOnce;
            let results = vec![result(Assay::Nat, nat(reactive), clock)];
            let specimen = Specimen::Donor(donation.planned.din.clone());
            Tube { specimen, position, results }
        };
        (2..).zip(self.members()).map(tube).collect()
    }

    /// The ARCHITECT once more: only HBsAg where only its control was out.
    fn run_again(&self, turn: &mut Turn, rng: &mut Rng) -> Act {
        let courses = self.courses(rng);
        let mut run = self.run(Model::Architect, turn.racks, 2);
        run.lot = Some(laboratory::LOT);
        if self.show == Show::OutOfControl {
            run.assays = vec![Assay::Hbsag];
        }
        let session = |run: &Run, clock: &mut DateTime| tubes(run, &courses, Which::First, clock);
        Act::Run(vec![run.session(turn, session)])
    }
}

/// Which results of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    First,
    Repeats,
    /// Once more, for who donates for the first time.
    Second,
}

/// The tubes of a batch with what this run finds in them. A tube keeps its place.
fn tubes(run: &Run, courses: &[Finds<'_>], which: Which, clock: &mut DateTime) -> Vec<Tube> {
    let mut tubes = Vec::new();
    for (position, finds) in (1..).zip(courses) {
        let results: Vec<PlannedResult> = run
            .assays
            .iter()
            .flat_map(|assay| finds.results(run.model, *assay, which, clock))
            .collect();
        if !results.is_empty() {
            let specimen = Specimen::Donor(finds.donation.din.clone());
            tubes.push(Tube { specimen, position, results });
        }
    }
    tubes
}

impl Finds<'_> {
    fn results(
        &self,
        model: Model,
        assay: Assay,
        which: Which,
        clock: &mut DateTime,
    ) -> Vec<PlannedResult> {
        let Some(course) = self.courses.get(&(model, assay)) else { return Vec::new() };
        let outcomes: Vec<Outcome> = match which {
            Which::First => course.first.into_iter().collect(),
            Which::Repeats => course.repeats.clone(),
            Which::Second if self.donation.donor.kind == DonorKind::First => {
                course.first.into_iter().collect()
            }
            Which::Second => Vec::new(),
        };
        let odd =
            model == Model::Architect && self.donation.scenario == Scenario::UnknownFlag(assay);
        let flagged = |outcome| PlannedResult {
            odd_flag: odd.then_some(ODD_FLAG),
            ..result(assay, outcome, clock)
        };
        outcomes.into_iter().map(flagged).collect()
    }
}

impl Run {
    /// What the analyser sends: its controls, the tubes, the control that closes the run.
    fn session(
        &self,
        turn: &mut Turn,
        tubes: impl FnOnce(&Run, &mut DateTime) -> Vec<Tube>,
    ) -> Session {
        let mut clock = self.starts;
        let off = turn.off(self.model);
        let head = Control::head(self.model).iter();
        let mut all: Vec<Tube> =
            head.map(|control| self.control(*control, off, self.out, &mut clock)).collect();
        all.extend(tubes(self, &mut clock));
        let off = turn.off(self.model);
        all.push(self.control(Control::External, off, None, &mut clock));
        let lot = self.lot.map(str::to_owned);
        let load = Load { model: self.model.into(), rack: self.rack, tubes: all, lot };
        let serial = turn.serial(self.model);
        let envelope = Envelope { serial, sent_at: later(clock, 20) };
        let messages = messages(&load, envelope);
        turn.sent(self.model, messages.len());
        Session { load, messages, sent_before: false, envelope }
    }

    /// Controls have a rack of their own.
    fn control(
        &self,
        control: Control,
        off: Tenths,
        out: Option<Assay>,
        clock: &mut DateTime,
    ) -> Tube {
        let assays = self.assays.iter();
        let results = assays.map(|assay| {
            let off = if out == Some(*assay) { OUT } else { off };
            control.result(self.model, *assay, off, clock)
        });
        let results = results.collect();
        Tube { specimen: control.specimen(self.model), position: control.position(), results }
    }
}

impl Turn {
    fn rack(&mut self) -> u32 {
        self.racks = self.racks.saturating_add(1);
        self.racks
    }

    /// External controls lie half a deviation above their mean and below it by turns.
    fn off(&mut self, model: Model) -> Tenths {
        let runs = self.runs.entry(model).or_default();
        *runs = runs.wrapping_add(1);
        if runs.is_multiple_of(2) { 5 } else { -5 }
    }

    fn serial(&self, model: Model) -> u32 {
        self.serials.get(&model).copied().unwrap_or_default().saturating_add(1)
    }

    fn sent(&mut self, model: Model, messages: usize) {
        let serial = self.serials.entry(model).or_default();
        *serial = serial.saturating_add(u32::try_from(messages).unwrap_or_default());
    }
}

fn nat(reactive: bool) -> Outcome {
    let reading = if reactive { Reading::Reactive } else { Reading::Nonreactive };
    Outcome::Marker(reading, Decimal::ONE)
}

/// A nucleic acid test is judged by the pool, so the scenarios that are about a single one are not
/// dealt; nobody is RhD negative, which would have to be confirmed on a bench that has no test for
/// it.
fn planned(din: String, dealt: Scenario, rng: &mut Rng) -> PlannedDonation {
    let scenario = match dealt {
        Scenario::RepeatReactive(Assay::Nat) => Scenario::NatReactiveOnce,
        Scenario::NatFailed => Scenario::NatFailedThenRun,
        other => other,
    };
    PlannedDonation::with_rhd(din, scenario, RhdType::Positive, rng)
}

fn number(donation: &PlannedDonation) -> DonationNumber {
    DonationNumber::restored(donation.din.clone())
}
