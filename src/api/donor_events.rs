//! What follows for donors, as a feed of its own: each event is told until inventory says that it
//! has taken it over (FM-29).

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::ApiState;
use super::body::body;
use super::problem::{FieldFault, Problem};
use super::query::Parameters;
use super::record_form::{user, user_wanted};
use super::registration::unreadable;
use crate::limits;
use crate::shape::DonorEventShape;
use crate::store::{Acknowledged, DonorEventEntry, StoreError};

const LIMIT_USUAL: u64 = 100;

/// `GET /api/v1/donor-events?after=NUMBER&limit=N&state=open`.
pub(super) async fn page(State(state): State<ApiState>, uri: Uri) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&uri)?;
    let after = parameters.number("after", 0, 0);
    let limit = parameters.number("limit", 1, LIMIT_USUAL).min(limits::DONOR_EVENTS_PAGE_MAX);
    let open = match parameters.text("state").as_deref() {
        None | Some("all") => false,
        Some("open") => true,
        Some(other) => {
            parameters.fault("state", format!("{other:?} is not a state: open, all"));
            false
        }
    };
    parameters.finish()?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let (events, waiting) = state
        .read(move |store| {
            let events = match open {
                true => store.donor_events_unacknowledged(after, limit)?,
                false => store.donor_events(after, limit)?,
            };
            Ok((events, store.donor_events_waiting()?))
        })
        .await?;
    let next = events.last().map_or(after, |last| last.number);
    let events = events.into_iter().map(EventShape::from).collect();
    Ok(Json(Page { events, next, waiting }).into_response())
}

/// `POST /api/v1/donor-events/{number}/acknowledge` with `{"by": USER}`.
pub(super) async fn acknowledge(
    State(state): State<ApiState>,
    number: Result<Path<i64>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(number) = number.map_err(|refused| Problem::shape(refused.body_text()))?;
    let bytes = body(request, limits::HTTP_BODY_MAX).await?;
    let by = by(&bytes)?;
    let outcome = match committed(&state, number, &by).await? {
        Acknowledged::New => "acknowledged",
        Acknowledged::Before => "acknowledged_before",
        Acknowledged::Unknown => return Err(Problem::unknown_donor_event(number)),
    };
    Ok(Json(Answer { number, outcome }).into_response())
}

fn by(bytes: &[u8]) -> Result<String, Problem> {
    let body: Value = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
    let mut faults = Vec::new();
    let known = body.as_object();
    let names = known.into_iter().flat_map(|object| object.keys());
    faults.extend(
        names
            .filter(|name| name.as_str() != "by")
            .map(|name| FieldFault::new(name, "is not a known field; known is by")),
    );
    let by = known.and_then(|object| object.get("by")).and_then(Value::as_str).and_then(user);
    if by.is_none() {
        faults.push(FieldFault::new("by", user_wanted()));
    }
    match by {
        Some(by) if faults.is_empty() => Ok(by.to_owned()),
        Some(_) | None => Err(Problem::fields(faults)),
    }
}

async fn committed(state: &ApiState, number: i64, by: &str) -> Result<Acknowledged, Problem> {
    let (tell, told) = oneshot::channel();
    let reply = move |outcome: Result<Acknowledged, StoreError>| {
        // A caller who went away will send the same again.
        let _gone = tell.send(outcome);
    };
    state.store.acknowledge_donor_event(number, by, Box::new(reply));
    match tokio::time::timeout(limits::COMMIT_WAIT, told).await {
        Ok(Ok(outcome)) => outcome.map_err(|error| Problem::store(&error)),
        Ok(Err(_)) => Err(Problem::store(&StoreError::Closed)),
        Err(_) => Err(Problem::commit_slow()),
    }
}

#[derive(Serialize)]
struct Answer {
    number: i64,
    /// `acknowledged`, or `acknowledged_before`: the first one stands.
    outcome: &'static str,
}

#[derive(Serialize)]
struct Page {
    events: Vec<EventShape>,
    /// What to ask for as `after` next time.
    next: i64,
    /// How many nobody acknowledged, whatever the page.
    waiting: u64,
}

#[derive(Serialize)]
struct EventShape {
    number: i64,
    din: String,
    /// Number in the feed of the verdict that it follows from.
    verdict: i64,
    #[serde(flatten)]
    event: DonorEventShape,
    concluded_at: String,
    /// Who acknowledged it and when; null until then.
    acknowledged: Option<AcknowledgedShape>,
}

#[derive(Serialize)]
struct AcknowledgedShape {
    by: String,
    at: String,
}

impl From<DonorEventEntry> for EventShape {
    fn from(entry: DonorEventEntry) -> Self {
        let acknowledged = entry.acknowledged;
        EventShape {
            number: entry.number,
            din: entry.din.as_str().to_owned(),
            verdict: entry.verdict,
            event: entry.event,
            concluded_at: entry.concluded_at.to_string(),
            acknowledged: acknowledged.map(|(by, at)| AcknowledgedShape { by, at: at.to_string() }),
        }
    }
}
