//! One determination of an assay: which results are new ones, and which of them count.
//!
//! The same result can arrive more than once: analysers send again, lines are restarted, one
//! instrument may speak over two lines. A copy is never a second determination, or the copy of one
//! nonreactive repeat would pass for the second (LIS02-A2 4.2; IHE LAW: retransmission is normal).

use super::accord::Accord;
use crate::domain::{
    Assay, Effect, Facts, InstrumentTime, Judgement, Observation, Reading, RecordedObservation,
    ResultStatus, SpecimenKind, Verdict,
};

/// One result of one assay of this donation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Determination<'f> {
    /// The result.
    pub(super) recorded: &'f RecordedObservation,
    /// How it stands, its circumstances included.
    pub(super) standing: Standing,
    /// What its circumstances alone say: anything but releasable is told as a reason.
    pub(super) circumstances: Verdict,
    /// Whether its circumstances are worth a remark.
    pub(super) remarked: bool,
    /// What two people made of its message, where they did.
    pub(super) judgement: Option<Judgement>,
}

/// How a result stands, before anybody looks at what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It counts.
    Counts,
    /// Something about it blocks the donation elsewhere (not understood, flagged): its adverse
    /// side counts, its good side does not.
    Blocked,
    /// It does not count, and why.
    Void(&'static str),
}

impl<'f> Determination<'f> {
    /// The number of the observation.
    pub(super) const fn id(&self) -> i64 {
        self.recorded.id
    }

    /// The observation.
    pub(super) const fn observation(&self) -> &'f Observation {
        &self.recorded.observation
    }

    /// Whether it corrects an earlier result.
    pub(super) fn is_correction(&self) -> bool {
        self.observation().status == Some(ResultStatus::Corrected)
    }

    /// Why it is blocked, where nothing else tells it: its message was set aside.
    pub(super) fn set_aside(&self) -> Option<&'static str> {
        match self.judgement {
            Some(Judgement::Rejected) => Some("two people rejected its message"),
            Some(Judgement::ReadAgain) => Some("its message was read again"),
            Some(Judgement::Accepted) | None => None,
        }
    }

    /// Whether both were made with the same kit: same profile and same test code.
    pub(super) fn same_kit(&self, other: &Determination<'_>) -> bool {
        self.recorded.profile == other.recorded.profile
            && self.observation().test_code == other.observation().test_code
    }
}

/// Whether this result may speak about this donation at all.
pub(super) fn speaks_for(facts: &Facts, recorded: &RecordedObservation) -> bool {
    recorded.observation.kind == SpecimenKind::Donor
        && recorded.observation.din.as_ref() == Some(&facts.din)
}

/// The determinations of each assay, by its place, in the order of commits, copies dropped; and the
/// number of the last result that is no copy. Whether a result is a copy never depends on its
/// circumstances: sent again later, it came about no differently.
pub(super) fn by_assay<'f>(
    facts: &'f Facts,
    accord: &Accord<'_>,
    without_status_counts: bool,
) -> (Vec<Vec<Determination<'f>>>, Option<i64>) {
    let mut found: Vec<Vec<Determination<'f>>> = vec![Vec::new(); Assay::ALL.len()];
    let mut last = None;
    for recorded in &facts.observations {
        if recorded.observation.kind != SpecimenKind::Donor {
            continue;
        }
        let place = recorded.observation.assay.filter(|_| speaks_for(facts, recorded));
        let Some(results) = place.and_then(|assay| found.get_mut(assay as usize)) else {
            last = Some(recorded.id);
            continue;
        };
        if take(recorded, results, accord, without_status_counts) {
            last = Some(recorded.id);
        }
    }
    (found, last)
}

/// The determinations of these results of one assay, copies dropped.
pub(super) fn of_pool<'f>(
    results: impl Iterator<Item = &'f RecordedObservation>,
    accord: &Accord<'_>,
    without_status_counts: bool,
) -> Vec<Determination<'f>> {
    let mut found = Vec::new();
    for recorded in results {
        take(recorded, &mut found, accord, without_status_counts);
    }
    found
}

/// Adds a result, unless it is a copy.
fn take<'f>(
    recorded: &'f RecordedObservation,
    earlier: &mut Vec<Determination<'f>>,
    accord: &Accord<'_>,
    without_status_counts: bool,
) -> bool {
    let judgement = accord.judgement(recorded.message);
    let standing = standing(&recorded.observation, judgement, without_status_counts);
    let (circumstances, remarked) = (Verdict::Releasable, false);
    let determination = Determination { recorded, standing, circumstances, remarked, judgement };
    let is_new = !is_copy(&determination, earlier);
    if is_new {
        earlier.push(determination);
    }
    is_new
}

fn standing(
    observation: &Observation,
    judgement: Option<Judgement>,
    without_status_counts: bool,
) -> Standing {
    if let Some(why) = void_by_status(observation.status, without_status_counts) {
        return Standing::Void(why);
    }
    if observation.reading == Some(Reading::Invalid) {
        return Standing::Void("the analyser reports it as invalid");
    }
    if observation.concerns.iter().any(|concern| concern.effect == Effect::Invalidates) {
        return Standing::Void("a flag or alarm of the analyser invalidates it");
    }
    let is_understood = match judgement {
        None => observation.unaccounted.is_empty(),
        Some(Judgement::Accepted) => true,
        Some(Judgement::Rejected | Judgement::ReadAgain) => false,
    };
    if observation.concerns.is_empty() && is_understood {
        return Standing::Counts;
    }
    Standing::Blocked
}

const fn void_by_status(
    status: Option<ResultStatus>,
    without_status_counts: bool,
) -> Option<&'static str> {
    match status {
        Some(ResultStatus::Final | ResultStatus::Corrected | ResultStatus::Retransmitted) => None,
        Some(ResultStatus::Preliminary | ResultStatus::Pending | ResultStatus::Partial) => {
            Some("it is not final")
        }
        Some(ResultStatus::Failed) => Some("the analyser could not obtain it"),
        Some(ResultStatus::Withdrawn) => Some("the analyser withdrew it"),
        Some(ResultStatus::Questionable) => Some("the analyser questions its validity"),
        None if without_status_counts => None,
        None => Some("the analyser gave no result status"),
    }
}

/// A result that only says again what is on record. One that says more (it is void, flagged or
/// not understood) is never a copy, and neither is a correction. The second reading of a message
/// is no copy of the first, which does not count.
fn is_copy(determination: &Determination<'_>, earlier: &[Determination<'_>]) -> bool {
    determination.standing == Standing::Counts
        && !determination.is_correction()
        && earlier
            .iter()
            .filter(|other| other.judgement != Some(Judgement::ReadAgain))
            .any(|other| repeats(determination.observation(), other.observation()))
}

/// Whatever a copy lost on its way, its time included, it is no new result: one that says the same
/// as another counts as a new one only where both say when they were made, and differ.
fn repeats(observation: &Observation, earlier: &Observation) -> bool {
    !is_interim(earlier.status)
        && observation.test_code == earlier.test_code
        && !differ(observation.replicate.as_ref(), earlier.replicate.as_ref())
        && says_the_same(observation, earlier)
        && (observation.status == Some(ResultStatus::Retransmitted)
            || same_moment(observation, earlier)
            || moment(observation).is_none()
            || moment(earlier).is_none())
}

/// Whether another result will follow this one.
pub(super) const fn is_interim(status: Option<ResultStatus>) -> bool {
    match status {
        Some(ResultStatus::Preliminary | ResultStatus::Pending | ResultStatus::Partial) => true,
        Some(
            ResultStatus::Final
            | ResultStatus::Corrected
            | ResultStatus::Failed
            | ResultStatus::Retransmitted
            | ResultStatus::Withdrawn
            | ResultStatus::Questionable,
        )
        | None => false,
    }
}

/// Whether two results say the same: reading, and number or else text.
pub(super) fn says_the_same(one: &Observation, other: &Observation) -> bool {
    one.reading == other.reading
        && match (one.number, other.number) {
            (Some(first), Some(second)) => first == second && Bound::of(one) == Bound::of(other),
            (None, None) => one.value == other.value,
            (Some(_), None) | (None, Some(_)) => false,
        }
}

/// What a number says of the true value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// The value itself.
    Exactly,
    /// The value lies below: `<5`, below the measuring range.
    Below,
    /// The value lies above: `> 250.0`, above the measuring range.
    Above,
    /// Both signs, or neither strict: nothing can be said.
    Unclear,
}

impl Bound {
    /// Read from the value as sent, and from flags that are a bare sign.
    pub(super) fn of(observation: &Observation) -> Bound {
        let flags = observation.flags.iter().map(|flag| flag.trim());
        let signs = flags.filter(|flag| matches!(*flag, "<" | ">"));
        let mut texts = observation.value.as_deref().into_iter().chain(signs);
        let (mut below, mut above, mut unclear) = (false, false, false);
        for character in texts.by_ref().flat_map(str::chars) {
            below |= matches!(character, '<' | '\u{ff1c}');
            above |= matches!(character, '>' | '\u{ff1e}');
            unclear |= matches!(character, '\u{2264}' | '\u{2265}' | '~');
        }
        match (below, above, unclear) {
            (false, false, false) => Bound::Exactly,
            (true, false, false) => Bound::Below,
            (false, true, false) => Bound::Above,
            (true, true, _) | (_, _, true) => Bound::Unclear,
        }
    }
}

/// Both there, and not the same.
pub(super) fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// Whether the analyser's clock showed the same time for both.
pub(super) fn same_moment(one: &Observation, other: &Observation) -> bool {
    let (Some(one), Some(other)) = (moment(one), moment(other)) else { return false };
    one.civil == other.civil && !differ(one.offset, other.offset)
}

/// When it was completed. Midnight sharp is what a date without a time of day looks like: no
/// moment at all.
pub(super) fn moment(observation: &Observation) -> Option<&InstrumentTime> {
    let midnight = jiff::civil::Time::midnight();
    observation.completed_at.as_ref().filter(|time| time.civil.time() != midnight)
}
