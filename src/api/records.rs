//! What people and other systems put on record beside results: kits, lots, control targets, pools,
//! what is said about donations, always with who says it.
//!
//! A request is answered after the commit of the last verdict that it made necessary. The same once
//! more changes nothing. Refuses: a request of which any record is not what it must be (then
//! nothing of it is on record); a record that contradicts one on record (the others are on record
//! then).

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::oneshot;

use super::ApiState;
use super::body::body;
use super::problem::Problem;
use super::query::Parameters;
use super::record_form;
use crate::domain::Record;
use crate::limits;
use crate::shape::RecordShape;
use crate::store::{PutOnRecord, RecordEntry, StoreError};

const LIMIT_USUAL: u64 = 100;

/// `POST /api/v1/records`: 201 something is new, 200 all of it was on record, 409 a contradiction.
pub(super) async fn put(
    State(state): State<ApiState>,
    request: Request,
) -> Result<Response, Problem> {
    let bytes = body(request, limits::RECORDS_BODY_MAX).await?;
    let given = record_form::read(&bytes, &state.scheme)?;
    let by = given.by;
    let records = given.records.into_iter().map(|record| (record, by.clone())).collect();
    let became = committed(&state, records).await?;
    let status = status(&became);
    let records = became.into_iter().map(OutcomeShape::from).collect();
    Ok((status, Json(Answer { records })).into_response())
}

/// `GET /api/v1/records?after=NUMBER&limit=N`: everything that was put on record, oldest first.
pub(super) async fn page(State(state): State<ApiState>, uri: Uri) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&uri)?;
    let after = parameters.number("after", 0, 0);
    let limit = parameters.number("limit", 1, LIMIT_USUAL).min(limits::RECORDS_PAGE_MAX);
    parameters.finish()?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let records = state.read(move |store| store.records(after, limit)).await?;
    let next = records.last().map_or(after, |last| last.number);
    let records = records.into_iter().map(EntryShape::from).collect();
    Ok(Json(Page { records, next }).into_response())
}

/// Puts records on record and waits for the commit of the last verdict.
pub(super) async fn committed(
    state: &ApiState,
    records: Vec<(Record, String)>,
) -> Result<Vec<PutOnRecord>, Problem> {
    let (tell, told) = oneshot::channel();
    let reply = move |outcome: Result<Vec<PutOnRecord>, StoreError>| {
        // A caller who went away will send the same again.
        let _gone = tell.send(outcome);
    };
    state.store.put_on_record(records, Box::new(reply));
    match tokio::time::timeout(limits::RECORDS_COMMIT_WAIT, told).await {
        Ok(Ok(outcome)) => outcome.map_err(|error| Problem::store(&error)),
        Ok(Err(_)) => Err(Problem::store(&StoreError::Closed)),
        Err(_) => Err(Problem::commit_slow()),
    }
}

fn status(became: &[PutOnRecord]) -> StatusCode {
    let is_conflict = |one: &PutOnRecord| matches!(one, PutOnRecord::Conflict { .. });
    let is_new = |one: &PutOnRecord| matches!(one, PutOnRecord::New { .. });
    if became.iter().any(is_conflict) {
        StatusCode::CONFLICT
    } else if became.iter().any(is_new) {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

#[derive(Serialize)]
struct Answer {
    /// What became of each record, in the order given.
    records: Vec<OutcomeShape>,
}

/// What became of a record.
#[derive(Serialize)]
struct OutcomeShape {
    /// Its number, or that of the one on record.
    number: i64,
    /// `recorded`, `on_record` or `conflict`.
    outcome: &'static str,
    /// What is the matter, where it contradicts what is on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl From<PutOnRecord> for OutcomeShape {
    fn from(became: PutOnRecord) -> Self {
        let (number, outcome, detail) = match became {
            PutOnRecord::New { record } => (record, "recorded", None),
            PutOnRecord::Same { record } => (record, "on_record", None),
            PutOnRecord::Conflict { record, why } => (record, "conflict", Some(why)),
            PutOnRecord::Stale { .. } => (became.record(), "stale", None),
        };
        OutcomeShape { number, outcome, detail }
    }
}

#[derive(Serialize)]
struct Page {
    records: Vec<EntryShape>,
    /// What to ask for as `after` next time.
    next: i64,
}

/// A record as it is on record.
#[derive(Serialize)]
struct EntryShape {
    number: i64,
    by: String,
    at: String,
    /// The last observation on record when it was made.
    after_observation: i64,
    #[serde(flatten)]
    record: RecordShape,
}

impl From<RecordEntry> for EntryShape {
    fn from(entry: RecordEntry) -> Self {
        EntryShape {
            number: entry.number,
            by: entry.by,
            at: entry.at.to_string(),
            after_observation: entry.after_observation,
            record: RecordShape::from(&entry.record),
        }
    }
}
