//! What the floor reads from the store, in its own words.

use jiff::Timestamp;

use super::book::{Row, Want, Why};
use crate::domain::{Action, Assay, ReasonCode, RecordedObservation, Verdict};
use crate::shape::{NextStepShape, ReasonShape};
use crate::store::{Standing, Store, StoreError};

/// The rows of the feed after a number.
pub(super) fn rows(store: &Store, after: i64, limit: u64) -> Result<Vec<Row>, StoreError> {
    store.standings(after, limit)?.into_iter().map(|standing| row(store, standing)).collect()
}

/// The last rows of donations that are open, after the row with this number; empty at the end.
pub(super) fn open(store: &Store, after: i64, limit: u64) -> Result<Vec<Row>, StoreError> {
    store.open_standings(after, limit)?.into_iter().map(|standing| row(store, standing)).collect()
}

/// When the row with this number, or the first after it, was committed.
pub(super) fn time_of(store: &Store, seq: i64) -> Result<Option<Timestamp>, StoreError> {
    Ok(store.feed(seq.saturating_sub(1), 1)?.first().map(|entry| entry.decided_at))
}

fn row(store: &Store, standing: Standing) -> Result<Row, StoreError> {
    // A word that this version does not know is no word for "good".
    let verdict = |id: &str| Verdict::from_id(id).unwrap_or(Verdict::Hold);
    let mut wants = wants(&standing.next_steps);
    if standing.open_since.is_some() && wants.iter().any(|want| is_again(want.action)) {
        trace(store, &standing, &mut wants)?;
    }
    Ok(Row {
        seq: standing.seq,
        version: standing.version,
        verdict: verdict(&standing.verdict),
        before: standing.before.as_deref().map(verdict),
        decided_at: standing.decided_at,
        registered_at: standing.registered_at,
        collected_at: standing.collected_at,
        site: Some(standing.site).filter(|site| !site.is_empty()),
        reasons: whys(&standing.reasons),
        wants,
        open_since: standing.open_since.unwrap_or(standing.decided_at),
        din: standing.din,
    })
}

/// Whether it follows a result that is on record.
const fn is_again(action: Action) -> bool {
    match action {
        Action::TestAgain | Action::RepeatInDuplicate | Action::TestSingly => true,
        Action::Test
        | Action::IdentifyTubes
        | Action::Review
        | Action::Register
        | Action::RunControls
        | Action::PutOnRecord
        | Action::NewSpecimen
        | Action::Sign
        | Action::Confirm => false,
    }
}

/// Where the results were run that are to be run again: the first one behind a reason for it.
fn trace(store: &Store, standing: &Standing, wants: &mut [Want]) -> Result<(), StoreError> {
    let Some(found) = store.donation(&standing.din)? else { return Ok(()) };
    for want in wants.iter_mut().filter(|want| is_again(want.action)) {
        let Some(assay) = want.assay else { continue };
        let reasons = standing.reasons.iter();
        let mut about = reasons.filter(|reason| reason.assay.as_deref() == Some(assay.id()));
        let behind = about.clone().flat_map(|reason| &reason.observations).next();
        let is_first = |result: &&RecordedObservation| match behind {
            Some(id) => result.id == *id,
            None => result.observation.assay == Some(assay),
        };
        if let Some(first) = found.observations.iter().find(is_first) {
            let kit = first.circumstances.kit.as_ref();
            want.analyser = Some(first.analyser.clone());
            want.kit = kit.map(|kit| kit.name.clone());
        }
        want.subject = about.find_map(|reason| reason.subject.clone());
    }
    Ok(())
}

fn whys(reasons: &[ReasonShape]) -> Vec<Why> {
    let why = |reason: &ReasonShape| {
        Some(Why {
            code: ReasonCode::from_id(&reason.code)?,
            assay: reason.assay.as_deref().and_then(Assay::from_id),
            subject: reason.subject.clone(),
        })
    };
    reasons.iter().filter_map(why).collect()
}

fn wants(steps: &[NextStepShape]) -> Vec<Want> {
    let want = |step: &NextStepShape| {
        Some(Want {
            action: Action::from_id(&step.action)?,
            assay: step.assay.as_deref().and_then(Assay::from_id),
            subject: None,
            analyser: None,
            kit: None,
            count: step.count,
        })
    };
    steps.iter().filter_map(want).collect()
}
