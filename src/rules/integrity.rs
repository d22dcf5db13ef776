//! Whether the results on record can belong to one tube of one donation, and whether each was
//! understood. Everything here holds whatever a rule set says.
//!
//! What is found never goes away by itself: no later result outvotes it.

use crate::domain::{
    Assay, Concern, Effect, Facts, Judgement, Measure, Observation, Reading, ReasonCode,
    RecordedObservation, ResultStatus, SpecimenKind, Verdict,
};

use super::casefile::{CaseFile, each_once};
use super::determination::{differ, is_interim, moment, same_moment, says_the_same, speaks_for};
use super::docket::Docket;
use super::wording;

/// Adds every doubt about identity, time and completeness.
pub(super) fn judge(case: &CaseFile<'_>, docket: &mut Docket) {
    let facts = case.facts;
    let mut doubts = Doubts::default();
    for recorded in donors(facts) {
        doubts.of_one(case, recorded);
    }
    for recorded in pooled(facts) {
        doubts.of_content(case, recorded);
    }
    doubts.of_messages(facts);
    for assay in each_once(donors(facts).filter_map(|recorded| recorded.observation.assay)) {
        doubts.of_assay(case, assay);
    }
    doubts.report(docket);
}

fn donors(facts: &Facts) -> impl Iterator<Item = &RecordedObservation> {
    facts.observations.iter().filter(|recorded| recorded.observation.kind == SpecimenKind::Donor)
}

/// Results of the tubes of pools that the donation is in.
fn pooled(facts: &Facts) -> impl Iterator<Item = &RecordedObservation> {
    let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
    pooled.filter(|recorded| recorded.observation.kind == SpecimenKind::Donor)
}

/// Doubts, joined by code and assay.
#[derive(Default)]
struct Doubts(Vec<Doubt>);

struct Doubt {
    code: ReasonCode,
    assay: Option<Assay>,
    observations: Vec<i64>,
    what: String,
}

impl Doubts {
    fn add(&mut self, code: ReasonCode, assay: Option<Assay>, ids: &[i64], what: &str) {
        let known = self.0.iter_mut().find(|doubt| doubt.code == code && doubt.assay == assay);
        let Some(doubt) = known else {
            let (observations, what) = (ids.to_vec(), what.to_owned());
            return self.0.push(Doubt { code, assay, observations, what });
        };
        for id in ids {
            if !doubt.observations.contains(id) {
                doubt.observations.push(*id);
            }
        }
    }

    fn of_one(&mut self, case: &CaseFile<'_>, recorded: &RecordedObservation) {
        let (facts, observation) = (case.facts, &recorded.observation);
        let (id, assay) = ([recorded.id], observation.assay);
        if !speaks_for(facts, recorded) {
            let what = "a result names another donation or none";
            self.add(ReasonCode::DuplicateIdConflict, assay, &id, what);
        }
        if is_before_collection(facts, observation) {
            let what = "a result was completed before the blood was drawn";
            self.add(ReasonCode::TimeImplausible, assay, &id, what);
        }
        self.of_content(case, recorded);
    }

    /// What a result itself says, whoever it speaks of.
    fn of_content(&mut self, case: &CaseFile<'_>, recorded: &RecordedObservation) {
        let observation = &recorded.observation;
        let (id, assay) = ([recorded.id], observation.assay);
        let is_judged = case.accord.is_judged(recorded.message);
        if assay.is_none() {
            self.of_unmapped(recorded, is_judged);
        }
        if !observation.unaccounted.is_empty() && !is_judged {
            let what = "a result carries something that was not understood";
            self.add(ReasonCode::Unaccounted, assay, &id, what);
        }
        if observation.status == Some(ResultStatus::Withdrawn) {
            let what = "the analyser withdrew a result";
            self.add(ReasonCode::ResultWithdrawn, assay, &id, what);
        }
        for concern in observation.concerns.iter().filter(|c| c.effect == Effect::Holds) {
            self.of_concern(assay, recorded.id, concern);
        }
    }

    /// A test that nobody mapped. Whatever two people made of its message, what is adverse in it
    /// stays.
    fn of_unmapped(&mut self, recorded: &RecordedObservation, is_judged: bool) {
        let code = wording::excerpt(&recorded.observation.test_code);
        let what = format!("test code {code:?} is mapped to no assay");
        if !is_judged {
            self.add(ReasonCode::Unaccounted, None, &[recorded.id], &what);
        } else if is_adverse(&recorded.observation) {
            let what = format!("{what}, and its result is adverse");
            self.add(ReasonCode::ResultFlagged, None, &[recorded.id], &what);
        }
    }

    fn of_concern(&mut self, assay: Option<Assay>, id: i64, concern: &Concern) {
        if concern.code == ReasonCode::ValueTextConflict.id() {
            let what = "value and text of a result contradict each other";
            return self.add(ReasonCode::ValueTextConflict, assay, &[id], what);
        }
        let what = format!("a result is flagged {:?}", wording::excerpt(&concern.code));
        self.add(ReasonCode::ResultFlagged, assay, &[id], &what);
    }

    /// One message (one run of one analyser) names one rack, but two positions in it.
    fn of_messages(&mut self, facts: &Facts) {
        let mut first: Option<&RecordedObservation> = None;
        for recorded in donors(facts).filter(|r| r.observation.rack.is_some()) {
            let same_message = first.is_some_and(|f| f.message == recorded.message);
            let Some(earlier) = first.filter(|_| same_message) else {
                first = Some(recorded);
                continue;
            };
            let (one, other) = (&earlier.observation, &recorded.observation);
            let same_rack = one.rack == other.rack;
            // Wells of one duplicate repeat are judged with their assay.
            if same_rack && one.assay != other.assay && elsewhere(one, other) {
                self.two_places(recorded.observation.assay, earlier.id, recorded.id);
            }
        }
    }

    fn two_places(&mut self, assay: Option<Assay>, one: i64, other: i64) {
        let what = "the donation number was read in two places";
        self.add(ReasonCode::DuplicateTube, assay, &[one, other], what);
    }

    fn of_assay(&mut self, case: &CaseFile<'_>, assay: Assay) {
        let results: Vec<&RecordedObservation> =
            donors(case.facts).filter(|r| r.observation.assay == Some(assay)).collect();
        let mut adverse_seen = false;
        for (index, recorded) in results.iter().enumerate() {
            let earlier = results.get(..index).unwrap_or_default();
            for other in earlier {
                self.of_conflict(case, other, recorded, adverse_seen);
            }
            if !adverse_seen {
                self.of_second_place(assay, earlier, recorded);
            }
            adverse_seen |= is_adverse(&recorded.observation);
        }
    }

    fn of_conflict(
        &mut self,
        case: &CaseFile<'_>,
        earlier: &RecordedObservation,
        recorded: &RecordedObservation,
        adverse_seen: bool,
    ) {
        let (one, other) = (&earlier.observation, &recorded.observation);
        let untimed = moment(one).is_none() && moment(other).is_none();
        let same_run = earlier.message == recorded.message && untimed && !adverse_seen;
        let again = is_read_again(case, earlier, recorded);
        if again && one.reading == Some(Reading::Nonreactive) {
            return;
        }
        let no_moment = moment(one).is_none() || moment(other).is_none();
        if one.test_code == other.test_code
            && (same_moment(one, other) || same_run || (again && no_moment))
            && !differ(one.replicate.as_ref(), other.replicate.as_ref())
            && contradict(one, other)
        {
            let what = "one determination is on record with two different values";
            let ids = [earlier.id, recorded.id];
            self.add(ReasonCode::DuplicateIdConflict, other.assay, &ids, what);
        }
    }

    /// A second place on the same analyser, although the first result called for no repeat.
    fn of_second_place(
        &mut self,
        assay: Assay,
        earlier: &[&RecordedObservation],
        recorded: &RecordedObservation,
    ) {
        let settled = earlier
            .iter()
            .rev()
            .take_while(|other| is_settled(&other.observation))
            .filter(|other| other.analyser == recorded.analyser);
        for other in settled {
            if elsewhere(&other.observation, &recorded.observation) {
                self.two_places(Some(assay), other.id, recorded.id);
            }
        }
    }

    fn report(self, docket: &mut Docket) {
        for Doubt { code, assay, observations, what } in self.0 {
            let about = assay.map_or("", wording::label);
            let separator = if about.is_empty() { "" } else { ": " };
            let found = wording::observations(&observations);
            let text = format!("{about}{separator}{what} ({found})");
            let is_open = code == ReasonCode::Unaccounted;
            let verdict = if is_open { Verdict::Pending } else { Verdict::Hold };
            if docket.reason(code, verdict, assay, observations, text) {
                docket.review(assay);
            }
        }
    }
}

/// Whether the later result may be the second reading of the earlier one. Where neither says when
/// it was made nothing tells a repeat from it, and what the first reading had against the donation
/// is not outvoted by the second.
fn is_read_again(
    case: &CaseFile<'_>,
    earlier: &RecordedObservation,
    recorded: &RecordedObservation,
) -> bool {
    earlier.message != recorded.message
        && case.accord.judgement(earlier.message) == Some(Judgement::ReadAgain)
}

/// Only where the analyser said which zone its time is in. Anti-HBs is no test of the donation: how
/// old it may be, the rule set says that asks for it.
fn is_before_collection(facts: &Facts, observation: &Observation) -> bool {
    if observation.assay == Some(Assay::AntiHbs) {
        return false;
    }
    let Some(registration) = &facts.registration else { return false };
    let completed = observation.completed_at.and_then(|time| {
        let offset = time.offset?;
        offset.to_timestamp(time.civil).ok()
    });
    completed.is_some_and(|completed| completed < registration.collected_at)
}

/// Different rack, or different position.
fn elsewhere(one: &Observation, other: &Observation) -> bool {
    differ(one.rack.as_ref(), other.rack.as_ref())
        || differ(one.position.as_ref(), other.position.as_ref())
}

/// Two results of one determination that cannot both be true. A correction is meant to differ, a
/// withdrawal is held as such, and an interim result may still lack what the final one has.
fn contradict(one: &Observation, other: &Observation) -> bool {
    let is_revision =
        |status| matches!(status, Some(ResultStatus::Corrected | ResultStatus::Withdrawn));
    if is_revision(one.status) || is_revision(other.status) {
        return false;
    }
    if is_interim(one.status) || is_interim(other.status) {
        return differ(one.reading, other.reading);
    }
    !says_the_same(one, other)
}

fn is_adverse(observation: &Observation) -> bool {
    matches!(observation.reading, Some(Reading::Reactive | Reading::GreyZone))
}

/// A good result that calls for no other.
fn is_settled(observation: &Observation) -> bool {
    let conclusive = observation.status.is_none_or(ResultStatus::is_conclusive);
    let invalidated = observation.concerns.iter().any(|c| c.effect == Effect::Invalidates);
    let says_something = match observation.assay.map(Assay::measure) {
        Some(Measure::Quantity) => observation.number.is_some(),
        Some(Measure::Marker | Measure::Abo | Measure::Rhd) | None => observation.reading.is_some(),
    };
    conclusive && !invalidated && says_something && observation.reading != Some(Reading::Invalid)
}
