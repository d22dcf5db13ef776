//! What the floor reads from the store, in its own words.

use jiff::Timestamp;

use super::Why;
use super::book::{Row, Want};
use crate::domain::{Action, Assay, ReasonCode, Verdict};
use crate::shape::{NextStepShape, ReasonShape};
use crate::store::{FeedEntry, Store, StoreError};

/// The rows of the feed after a number.
pub(super) fn rows(store: &Store, after: i64, limit: u64) -> Result<Vec<Row>, StoreError> {
    let feed = store.feed(after, limit)?;
    feed.into_iter().map(|entry| row(store, entry)).collect()
}

/// The last rows of donations that are open, after the row with this number; empty at the end.
pub(super) fn open(_: &Store, _: i64, _: u64) -> Result<Vec<Row>, StoreError> {
    Ok(Vec::new())
}

/// When the row with this number, or the first after it, was committed.
pub(super) fn time_of(store: &Store, seq: i64) -> Result<Option<Timestamp>, StoreError> {
    Ok(store.feed(seq.saturating_sub(1), 1)?.first().map(|entry| entry.decided_at))
}

fn row(store: &Store, entry: FeedEntry) -> Result<Row, StoreError> {
    let verdict = Verdict::from_id(&entry.verdict).unwrap_or(Verdict::Hold);
    let found = store.donation(&entry.din)?;
    let (wants, registration) = match found {
        Some(found) => (wants(&found.decision.next_steps), found.registration),
        None => (Vec::new(), None),
    };
    Ok(Row {
        seq: entry.seq,
        din: entry.din,
        version: entry.version,
        verdict,
        before: (entry.version > 1).then_some(Verdict::Pending),
        decided_at: entry.decided_at,
        registered_at: registration.as_ref().map(|known| known.collected_at),
        collected_at: registration.as_ref().map(|known| known.collected_at),
        site: registration.map(|known| known.site),
        reasons: whys(&entry.reasons),
        wants,
        open_since: entry.decided_at,
    })
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
