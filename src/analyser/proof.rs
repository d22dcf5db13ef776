//! What a profile says is sent, held against what it reads of it: every kind of result of every
//! assay, written by `[upload]` and read back.
//!
//! Refuses to call a profile proven where it does not say how a failed result or a control is
//! sent: those are what a wrong profile turns into a donor's good result.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{DateTime, datetime};
use rust_decimal::Decimal;

use super::profile::tables::{Slot, Threshold};
use super::profile::{Dialect, Hole, Lines, QueryRole, Told, UploadPlan, wordings};
use super::upload::{Meant, MeantOutcome, MeantQuestion, MeantResult, MeantSpecimen, Unsendable};
use super::{Analyser, MessageReading, Stamp};
use crate::domain::{
    AboGroup, Ask, AskedId, Assay, Measure, Observation, Query, Reading, ResultStatus, RhdType,
    SpecimenKind,
};

/// An ISBT 128 number of a facility that does not exist.
const DONATION: &str = "G123498654321";
const CONTROL: &str = "C00000000000000000001";
const COMPLETED: DateTime = datetime(2026, 1, 5, 12, 15, 30, 0);

/// What was proven of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many results were written and read back.
    pub results: usize,
    /// Of how many assays.
    pub assays: usize,
    /// How many questions.
    pub questions: usize,
    /// What was read otherwise than meant, in words.
    pub differences: Vec<String>,
}

impl Analyser {
    /// What is read otherwise than meant of everything that the analyser can send; nothing: all
    /// was read as it was meant.
    pub fn proof(&self) -> Vec<String> {
        self.prove().differences
    }

    /// Writes every kind of result of every assay, with every word that the profile knows for it,
    /// and a question where the analyser asks; says in words what was read otherwise than meant.
    pub fn prove(&self) -> Proof {
        let mut proof = Proof::default();
        if !self.sends() {
            proof.differences.push("[upload] is missing: nothing can be proven".to_owned());
            return proof;
        }
        for assay in self.reports() {
            proof.assays += 1;
            self.prove_one(assay, &mut proof);
        }
        if proof.assays == 0 {
            proof.differences.push("no test has a code: nothing can be proven".to_owned());
        }
        proof.questions = usize::from(self.profile.asks_us());
        proof.differences.extend(self.proof_of_question());
        // What several assays have in common is said once.
        let mut said = BTreeSet::new();
        proof.differences.retain(|difference| said.insert(difference.clone()));
        proof
    }

    fn prove_one(&self, assay: Assay, proof: &mut Proof) {
        let mut trials = Vec::new();
        for outcome in self.outcomes(assay) {
            let wordings = 0..self.wordings(assay, outcome);
            trials.extend(wordings.map(|wording| (outcome, wording, SpecimenKind::Donor)));
        }
        trials.push((MeantOutcome::Failed, 0, SpecimenKind::Donor));
        trials.push((self.clean(assay), 0, SpecimenKind::Control));
        for (outcome, wording, kind) in trials {
            let tube = self.tube(assay, outcome, wording, kind);
            proof.results += tube.specimens.iter().map(|tube| tube.results.len()).sum::<usize>();
            proof.differences.extend(self.sent_and_read(&tube));
        }
    }

    /// One tube with this result, and clean ones of what is sent together with it.
    fn tube(
        &self,
        assay: Assay,
        outcome: MeantOutcome,
        wording: usize,
        kind: SpecimenKind,
    ) -> Meant {
        let together = self.profile.upload().map_or(&[][..], |plan| &plan.together);
        let mut results: Vec<MeantResult> = match together.contains(&assay) {
            true => together.iter().map(|other| result(*other, self.clean(*other), 0)).collect(),
            false => vec![result(assay, outcome, wording)],
        };
        for own in results.iter_mut().filter(|own| own.assay == assay) {
            *own = result(assay, outcome, wording);
        }
        // What is told in one value fails as one.
        if outcome == MeantOutcome::Failed && self.is_told_beside(assay) {
            results.iter_mut().for_each(|own| own.outcome = MeantOutcome::Failed);
        }
        let id = if kind == SpecimenKind::Control { CONTROL } else { DONATION };
        let id = id.get(..self.id_width(id)).unwrap_or(id);
        let (rack, position) = (Some("1".to_owned()), Some("2".to_owned()));
        let specimen = MeantSpecimen { id: id.to_owned(), kind, rack, position, results };
        Meant { specimens: vec![specimen] }
    }

    fn is_told_beside(&self, assay: Assay) -> bool {
        self.profile.upload().is_some_and(|plan| plan.tells_beside(assay))
    }

    /// How much of an id the analyser can send.
    fn id_width(&self, id: &str) -> usize {
        let lines = self.profile.upload().map(|plan| &plan.usual);
        let width = lines.and_then(|lines| lines.fit(&Hole::Id)).and_then(|fit| fit.width());
        width.map_or(id.len(), |width| width.min(id.len()))
    }

    /// Sends and reads; what differs, in words.
    fn sent_and_read(&self, meant: &Meant) -> Vec<String> {
        match self.upload(meant, STAMP) {
            Ok(messages) => {
                let read: Vec<_> = messages.iter().map(|message| self.read(message)).collect();
                self.differences(meant, &read)
            }
            Err(why) => vec![unsent(meant, &why)],
        }
    }

    fn proof_of_question(&self) -> Vec<String> {
        if !self.profile.asks_us() {
            return Vec::new();
        }
        let asked = MeantQuestion {
            id: DONATION.to_owned(),
            rack: Some("3".to_owned()),
            position: Some("4".to_owned()),
        };
        match self.question(&asked, STAMP) {
            Ok(Some(message)) => self.question_differences(&asked, &self.read(&message)),
            Ok(None) => vec!["the analyser asks: [upload.question] is missing".to_owned()],
            Err(why) => vec![format!("a question: {why}")],
        }
    }

    /// How a question was read otherwise than meant.
    pub fn question_differences(
        &self,
        asked: &MeantQuestion,
        read: &MessageReading,
    ) -> Vec<String> {
        let mut faults: Vec<String> =
            read.faults.iter().map(|fault| format!("a question: {}", fault.text)).collect();
        let Some(Query { ask: Ask::Specimens(specimens), .. }) = &read.query else {
            faults.push("a question is not read as one about specimens".to_owned());
            return faults;
        };
        let [specimen] = specimens.as_slice() else {
            faults.push(format!("a question about 1 specimen is read of {}", specimens.len()));
            return faults;
        };
        let id = match self.donation_number(&asked.id) {
            Some(din) => AskedId::Donation(din),
            None if asked.id.is_empty() => AskedId::Blank,
            None => AskedId::Unknown(asked.id.clone()),
        };
        let query = self.profile.query();
        let reads = |role| query.is_some_and(|plan| plan.places(role).next().is_some());
        let texts = [
            ("rack", QueryRole::Rack, &asked.rack, &specimen.rack, Hole::Rack),
            ("position", QueryRole::Position, &asked.position, &specimen.position, Hole::Position),
        ];
        if specimen.id != id {
            faults.push(format!("a question: meant {id:?}, read {:?}", specimen.id));
        }
        for (what, role, meant, read, hole) in texts {
            let written = self.profile.upload().and_then(|plan| plan.question.as_ref());
            let fit = written.and_then(|lines| lines.fit(&hole)).filter(|_| reads(role));
            let Some(fit) = fit else { continue };
            let meant = shown(&fit.fitted(meant.clone().unwrap_or_default()));
            if meant != *read {
                faults.push(format!("a question: {what}: meant {meant:?}, read {read:?}"));
            }
        }
        faults
    }

    /// One of each kind that the analyser can report for an assay, failed ones left out.
    pub fn outcomes(&self, assay: Assay) -> Vec<MeantOutcome> {
        let of = |reading: &Reading| MeantOutcome::Reading(*reading, self.number(assay, *reading));
        let readings: &[Reading] = match assay.measure() {
            Measure::Quantity => {
                return vec![MeantOutcome::Quantity(Decimal::new(224, 1))];
            }
            Measure::Marker => {
                &[Reading::Nonreactive, Reading::Reactive, Reading::GreyZone, Reading::Invalid]
            }
            Measure::Abo => &[
                Reading::Abo(AboGroup::A),
                Reading::Abo(AboGroup::B),
                Reading::Abo(AboGroup::O),
                Reading::Abo(AboGroup::Ab),
                Reading::Invalid,
            ],
            Measure::Rhd => &[
                Reading::Rhd(RhdType::Positive),
                Reading::Rhd(RhdType::Negative),
                Reading::Invalid,
            ],
        };
        readings.iter().filter(|reading| self.can_say(assay, **reading)).map(of).collect()
    }

    /// The numbers that go with a reading; `None` where no number is sent with it.
    pub fn numbers(&self, assay: Assay, reading: Reading) -> Option<RangeInclusive<Decimal>> {
        let lines = self.profile.upload()?.lines(assay, false, false).ok()?;
        if !lines.tell(Told::Number) {
            return None;
        }
        Some(match (reading, self.limits(assay)) {
            (Reading::Nonreactive, Some(limits)) if limits.falls => {
                parts(limits.reactive_from, 110)..=parts(limits.reactive_from, 250)
            }
            (Reading::Reactive, Some(limits)) if limits.falls => {
                parts(limits.reactive_from, 1)..=parts(limits.reactive_from, 90)
            }
            (Reading::Nonreactive, Some(limits)) => {
                let lowest = limits.grey_from.unwrap_or(limits.reactive_from);
                parts(lowest, 2)..=parts(lowest, 90)
            }
            (Reading::GreyZone, Some(limits)) => match limits.grey_from {
                Some(grey) => grey..=(grey + limits.reactive_from) / Decimal::TWO,
                None => parts(limits.reactive_from, 92)..=parts(limits.reactive_from, 98),
            },
            (Reading::Reactive, Some(limits)) => {
                limits.reactive_from..=limits.reactive_from * Decimal::from(40)
            }
            (Reading::Nonreactive, None) => Decimal::new(20, 3)..=Decimal::new(600, 3),
            (Reading::GreyZone, None) => Decimal::new(920, 3)..=Decimal::new(980, 3),
            (Reading::Reactive, None) => Decimal::new(1_500, 3)..=Decimal::from(40),
            (Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_), _) => return None,
        })
    }

    /// From where on a marker is reactive by what is sent; `None` where only words say it.
    pub fn cut_off(&self, assay: Assay) -> Option<Decimal> {
        self.limits(assay).map(|limits| limits.reactive_from)
    }

    /// Why something that the profile says is sent cannot be written, if it cannot.
    pub fn unsendable(&self) -> Option<String> {
        let assays = self.reports();
        let mut outcomes = assays.iter().flat_map(|assay| {
            let own = self.outcomes(*assay).into_iter();
            own.map(|outcome| (*assay, outcome))
        });
        outcomes.find_map(|(assay, outcome)| {
            let meant = self.tube(assay, outcome, 0, SpecimenKind::Donor);
            self.upload(&meant, STAMP).err().map(|why| unsent(&meant, &why))
        })
    }

    /// Rack and position by number, as far as the analyser's places are wide.
    pub fn place_sent(&self, rack: u32, position: u32) -> (String, String) {
        let lines = self.profile.upload().map(|plan| &plan.usual);
        let fitting = |number: u32, hole| {
            let fit = lines.and_then(|lines| lines.fit(&hole));
            let text = number.to_string();
            let first = fit.and_then(|fit| text.len().checked_sub(fit.width()?)).unwrap_or(0);
            let is_fixed = self.profile.dialect() == Dialect::Blocks;
            text.get(first..).filter(|_| is_fixed).map(str::to_owned).unwrap_or(text)
        };
        (fitting(rack, Hole::Rack), fitting(position, Hole::Position))
    }

    /// How many words, at most, tell an outcome.
    pub fn wordings(&self, assay: Assay, outcome: MeantOutcome) -> usize {
        let MeantOutcome::Reading(reading, _) = outcome else { return 1 };
        let Some(plan) = self.profile.upload() else { return 1 };
        let places = self.places(plan, assay);
        let layout = self.profile.layout();
        let words = (0..places).map(|place| wordings(plan, layout, assay, reading, place).len());
        words.max().unwrap_or(1).max(1)
    }

    fn places(&self, plan: &UploadPlan, assay: Assay) -> usize {
        let own = plan.lines(assay, false, false).map_or(0, |lines| lines.reading_places());
        own.max(usize::from(plan.tells_beside(assay)))
    }

    fn can_say(&self, assay: Assay, reading: Reading) -> bool {
        let Some(plan) = self.profile.upload() else { return false };
        let layout = self.profile.layout();
        let words = |place| !wordings(plan, layout, assay, reading, place).is_empty();
        match (self.places(plan, assay), reading) {
            (0, Reading::GreyZone) => {
                self.limits(assay).is_some_and(|limits| limits.grey_from.is_some())
            }
            (0, Reading::Nonreactive | Reading::Reactive) => self.limits(assay).is_some(),
            (0, Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_)) => false,
            (places, Reading::Invalid) => {
                // What only a result that failed says is no word of the profile.
                let known = layout.verdicts.iter().filter_map(|words| words.of(assay.measure()));
                let known = known.flat_map(|words| words.values());
                known.clone().any(|known| *known == Reading::Invalid) && (0..places).any(words)
            }
            (places, _) => (0..places).all(words),
        }
    }

    /// The limits in force for what is sent.
    fn limits(&self, assay: Assay) -> Option<&Threshold> {
        let unit = self.unit_read(assay)?;
        let thresholds = self.profile.layout().thresholds.iter().rev();
        let mut same = thresholds.filter(|limits| limits.unit == unit);
        let named = same.clone().find(|limits| limits.assays.contains(&assay));
        named.or_else(|| same.find(|limits| limits.assays.is_empty()))
    }

    fn number(&self, assay: Assay, reading: Reading) -> Option<Decimal> {
        let range = self.numbers(assay, reading)?;
        let middle = (*range.start() + *range.end()) / Decimal::TWO;
        Some(middle.round_dp(3).max(*range.start()))
    }

    fn clean(&self, assay: Assay) -> MeantOutcome {
        let first = self.outcomes(assay).into_iter().next();
        first.unwrap_or(MeantOutcome::Reading(Reading::Nonreactive, None))
    }

    /// What was read otherwise than meant, in words; nothing where all was read so.
    pub fn differences(&self, meant: &Meant, read: &[MessageReading]) -> Vec<String> {
        let faults = read.iter().flat_map(|reading| &reading.faults);
        let mut differences: Vec<String> =
            faults.map(|fault| format!("at byte {}: {}", fault.offset, fault.text)).collect();
        let mut left: Vec<&Observation> =
            read.iter().flat_map(|reading| &reading.observations).collect();
        for specimen in &meant.specimens {
            for result in &specimen.results {
                let is_it = |seen: &&Observation| {
                    seen.assay == Some(result.assay) && self.is_of(seen, specimen)
                };
                let is_exactly = |seen: &&Observation| {
                    is_it(seen) && self.differing(specimen, result, seen).is_empty()
                };
                let what = named(specimen, result);
                // Messages may come in another order than they were sent in.
                let exactly = left.iter().position(is_exactly);
                match exactly.or_else(|| left.iter().position(is_it)) {
                    Some(at) => {
                        let seen = left.remove(at);
                        let own = self.differing(specimen, result, seen);
                        differences.extend(own.into_iter().map(|text| format!("{what}: {text}")));
                    }
                    None => differences.push(format!("{what}: was not read")),
                }
            }
        }
        for seen in left {
            let assay = seen.assay.map_or("no assay", Assay::id);
            differences.push(format!("a result that nobody meant: {:?}, {assay}", seen.test_code));
        }
        differences
    }

    /// Whether it is this tube's: prefixes and check characters around a donation number are not
    /// the id's.
    fn is_of(&self, seen: &Observation, specimen: &MeantSpecimen) -> bool {
        let din = self.donation_number(&specimen.id);
        seen.specimen_id.as_deref() == Some(specimen.id.trim()) || din.is_some() && seen.din == din
    }

    fn differing(
        &self,
        specimen: &MeantSpecimen,
        result: &MeantResult,
        seen: &Observation,
    ) -> Vec<String> {
        let failed = result.outcome == MeantOutcome::Failed;
        let is_control = specimen.kind == SpecimenKind::Control;
        let lines = self.profile.upload().map(|plan| plan.lines(result.assay, failed, is_control));
        let Some(Ok(lines)) = lines else { return vec!["cannot be sent".to_owned()] };
        let mut differences = Differences::default();
        differences.of("kind", &specimen.kind.id(), &seen.kind.id());
        differences.of("donation", &self.donation_number(&specimen.id), &seen.din);
        self.texts(&lines, specimen, result, seen, &mut differences);
        match failed {
            // What is not understood of a result that failed holds the donation: that is safe.
            true => differences.of("counts", &false, &counts(seen)),
            false => self.outcome(&lines, specimen, result, seen, &mut differences),
        }
        differences.0
    }

    /// What stands beside the result, where it is sent and read.
    fn texts(
        &self,
        lines: &Lines,
        specimen: &MeantSpecimen,
        result: &MeantResult,
        seen: &Observation,
        differences: &mut Differences,
    ) {
        let told = Hole::Told;
        let texts = [
            ("rack", Hole::Rack, Slot::Rack, &specimen.rack, &seen.rack),
            ("position", Hole::Position, Slot::Position, &specimen.position, &seen.position),
            (
                "replicate",
                told(Told::Replicate),
                Slot::Replicate,
                &result.replicate,
                &seen.replicate,
            ),
            ("lot", told(Told::Lot), Slot::ReagentLot, &result.lot, &seen.reagent_lot),
            ("operator", told(Told::Operator), Slot::Operator, &result.operator, &seen.operator),
        ];
        for (what, hole, slot, meant, seen) in texts {
            let Some(fit) = lines.fit(&hole).filter(|_| self.profile.has(slot)) else { continue };
            // A control's layout may leave it out.
            if specimen.kind == SpecimenKind::Donor || seen.is_some() {
                let meant = shown(&fit.fitted(meant.clone().unwrap_or_default()));
                differences.of(what, &meant, seen);
            }
        }
        let completed = lines.fit(&told(Told::Completed));
        if let Some(fit) = completed.filter(|_| self.profile.has(Slot::CompletedAt)) {
            let stamp = |time: DateTime| time.strftime("%Y%m%d%H%M%S").to_string();
            let meant = format!("{:0<14}", fit.fitted(stamp(result.completed)).trim());
            let seen = seen.completed_at.map(|time| stamp(time.civil));
            differences.of("completed", &Some(meant), &seen);
        }
    }

    fn outcome(
        &self,
        lines: &Lines,
        specimen: &MeantSpecimen,
        result: &MeantResult,
        seen: &Observation,
        differences: &mut Differences,
    ) {
        let (reading, number) = match result.outcome {
            MeantOutcome::Reading(reading, number) => (Some(reading), number),
            MeantOutcome::Quantity(number) => (None, Some(number)),
            MeantOutcome::Failed => (None, None),
        };
        let by_number = lines.tell(Told::Number) && self.profile.layout().verdicts.is_empty();
        let by_word = lines.reading_places() > 0 || self.is_told_beside(result.assay);
        let is_told = by_word || by_number;
        // A control's own layout may judge by its number what a donor's says in words.
        if is_told || specimen.kind == SpecimenKind::Donor {
            differences.of("reading", &reading.filter(|_| is_told), &seen.reading);
        }
        if lines.tell(Told::Number) {
            differences.of("number", &number, &seen.number);
        }
        if lines.tell(Told::Unit) || self.profile.layout().units.contains_key(&result.assay) {
            let meant = self.unit_read(result.assay).map(str::to_owned);
            differences.of("unit", &meant, &seen.unit);
        }
        if specimen.kind == SpecimenKind::Donor {
            differences.of("status", &Some(ResultStatus::Final), &seen.status);
        }
        differences.unaccounted(seen);
        let expects_doubt = reading == Some(Reading::Invalid);
        for concern in seen.concerns.iter().filter(|_| !expects_doubt) {
            differences.0.push(format!("concern {}: {}", concern.code, concern.text));
        }
    }
}

const STAMP: Stamp = Stamp { time: Timestamp::UNIX_EPOCH, serial: 1 };

/// What differs between what was meant and what was read.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn of<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, meant: &T, read: &T) {
        if meant != read {
            self.0.push(format!("{what}: meant {meant:?}, read {read:?}"));
        }
    }
}

impl Differences {
    fn unaccounted(&mut self, seen: &Observation) {
        for piece in &seen.unaccounted {
            let text = format!("{} {:?} is unaccounted: {}", piece.path, piece.text, piece.why);
            self.0.push(text);
        }
    }
}

/// Whether a result says anything about the tube.
fn counts(seen: &Observation) -> bool {
    let says = match seen.assay.map(Assay::measure) {
        Some(Measure::Quantity) => seen.number.is_some(),
        Some(Measure::Marker | Measure::Abo | Measure::Rhd) | None => {
            seen.reading.is_some_and(|reading| reading != Reading::Invalid)
        }
    };
    says && seen.status.is_none_or(ResultStatus::is_conclusive)
        && seen.concerns.is_empty()
        && seen.unaccounted.is_empty()
}

/// A text as it is read: without padding, nothing where it is empty.
fn shown(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn named(specimen: &MeantSpecimen, result: &MeantResult) -> String {
    let outcome = match result.outcome {
        MeantOutcome::Reading(reading, _) => reading.id(),
        MeantOutcome::Quantity(_) => "quantity",
        MeantOutcome::Failed => "failed",
    };
    format!("{}'s {}, {outcome}", specimen.kind.id(), result.assay)
}

fn unsent(meant: &Meant, why: &Unsendable) -> String {
    let first = meant.specimens.first();
    let what = first.and_then(|specimen| Some(named(specimen, specimen.results.first()?)));
    match why {
        Unsendable::NoLines(why) => (*why).to_owned(),
        Unsendable::Kind(_)
        | Unsendable::NoCode(_)
        | Unsendable::NoWord(..)
        | Unsendable::Apart(_)
        | Unsendable::Bursts(_)
        | Unsendable::Inexact(_)
        | Unsendable::Charset => format!("{}: {why}", what.unwrap_or_default()),
    }
}

fn result(assay: Assay, outcome: MeantOutcome, wording: usize) -> MeantResult {
    MeantResult {
        assay,
        outcome,
        completed: COMPLETED,
        replicate: Some("1".to_owned()),
        lot: Some("LOT1".to_owned()),
        operator: Some("OPER01".to_owned()),
        wording,
    }
}

/// So many hundredths.
fn parts(number: Decimal, hundredths: i64) -> Decimal {
    (number * Decimal::new(hundredths, 2)).round_dp(3)
}
