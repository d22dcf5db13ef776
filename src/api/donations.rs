//! Donations: registered by inventory, shown with everything on record.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::oneshot;

use super::problem::Problem;
use super::registration::{self, RegistrationShape};
use super::{ApiState, query};
use crate::domain::{OrderStanding, RecordedObservation, Registration};
use crate::limits;
use crate::shape::{CheckShape, NextStepShape, ObservationShape, ReasonShape, RuleSetShape};
use crate::store::{DonationRecord, OrderRecord, Registered, StoreError};

/// `POST /api/v1/donations`: 201 new, 200 the same again, 409 another one is on record.
pub(super) async fn register(
    State(state): State<ApiState>,
    request: Request,
) -> Result<Response, Problem> {
    let bytes = body(request).await?;
    let registration = registration::read(&bytes, &state.scheme)?;
    let shape = RegistrationShape::from(&registration);
    match committed(&state, registration).await? {
        Registered::New => {
            let location = format!("/api/v1/donations/{}", percent_encoded(&shape.din));
            Ok((StatusCode::CREATED, [(LOCATION, location)], Json(shape)).into_response())
        }
        Registered::Same => Ok(Json(shape).into_response()),
        Registered::Conflict(other) => Err(Problem::conflict(RegistrationShape::from(&*other))),
    }
}

/// `GET /api/v1/donations/{din}`: everything on record.
pub(super) async fn show(
    State(state): State<ApiState>,
    din: Result<Path<String>, PathRejection>,
    uri: axum::http::Uri,
) -> Result<Response, Problem> {
    query::Parameters::of(&uri)?.finish()?;
    let Path(din) = din.map_err(|refused| Problem::shape(refused.body_text()))?;
    let din = registration::donation_number(&din, &state.scheme)?;
    let asked = din.clone();
    let record = state.read(move |store| store.donation(&asked)).await?;
    let record = record.ok_or_else(|| Problem::unknown_donation(din.as_str()))?;
    Ok(Json(DonationShape::new(&record, state.rule_set.clone())).into_response())
}

/// A donation as JSON.
#[derive(Serialize)]
struct DonationShape {
    din: String,
    registration: Option<RegistrationShape>,
    observations: Vec<RecordedShape>,
    orders: Vec<OrderShape>,
    verdict: String,
    version: i64,
    reasons: Vec<ReasonShape>,
    next_steps: Vec<NextStepShape>,
    passed: Vec<CheckShape>,
    rule_set: RuleSetShape,
}

/// An observation with its place in the record.
#[derive(Serialize)]
struct RecordedShape {
    #[serde(flatten)]
    observation: ObservationShape,
    id: i64,
    analyser: String,
    profile: String,
    message: i64,
}

impl DonationShape {
    fn new(record: &DonationRecord, rule_set: RuleSetShape) -> DonationShape {
        let decision = record.decision.clone();
        DonationShape {
            din: record.din.as_str().to_owned(),
            registration: record.registration.as_ref().map(RegistrationShape::from),
            observations: record.observations.iter().map(RecordedShape::from).collect(),
            orders: record.orders.iter().map(OrderShape::from).collect(),
            verdict: decision.verdict,
            version: record.version,
            reasons: decision.reasons,
            next_steps: decision.next_steps,
            passed: decision.passed,
            rule_set,
        }
    }
}

/// An order and what the analyser last said about it.
#[derive(Serialize)]
struct OrderShape {
    order_id: String,
    analyser: String,
    assay: String,
    issued_at: String,
    /// `accepted`, `refused`, `unknown_specimen`, `delivered`, `undelivered`; null: nothing yet.
    standing: Option<&'static str>,
    text: Option<String>,
}

impl From<&OrderRecord> for OrderShape {
    fn from(order: &OrderRecord) -> Self {
        OrderShape {
            order_id: order.order_id.clone(),
            analyser: order.analyser.clone(),
            assay: order.assay.id().to_owned(),
            issued_at: order.issued_at.to_string(),
            standing: order.standing.map(OrderStanding::id),
            text: order.text.clone(),
        }
    }
}

impl From<&RecordedObservation> for RecordedShape {
    fn from(recorded: &RecordedObservation) -> Self {
        RecordedShape {
            observation: ObservationShape::from(&recorded.observation),
            id: recorded.id,
            analyser: recorded.analyser.clone(),
            profile: recorded.profile.clone(),
            message: recorded.message,
        }
    }
}

/// Registers and waits for the commit.
async fn committed(state: &ApiState, registration: Registration) -> Result<Registered, Problem> {
    let (tell, told) = oneshot::channel();
    let reply = move |outcome: Result<Registered, StoreError>| {
        // A caller who went away will send the same again.
        let _gone = tell.send(outcome);
    };
    state.store.register(registration, Box::new(reply));
    match tokio::time::timeout(limits::COMMIT_WAIT, told).await {
        Ok(Ok(outcome)) => outcome.map_err(|error| Problem::store(&error)),
        Ok(Err(_)) => Err(Problem::store(&StoreError::Closed)),
        Err(_) => Err(Problem::commit_slow()),
    }
}

async fn body(request: Request) -> Result<Bytes, Problem> {
    if !may_be_json(request.headers()) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::body(status, "send it with content-type: application/json".into()));
    }
    let wait: Duration = limits::HTTP_BODY_WAIT;
    match tokio::time::timeout(wait, Bytes::from_request(request, &())).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("a body has at most {} bytes", limits::HTTP_BODY_MAX);
            Err(Problem::body(refused.status(), detail))
        }
        Ok(Err(refused)) => Err(Problem::body(refused.status(), refused.body_text())),
        Err(_) => {
            let detail = format!("the body did not arrive within {} s", wait.as_secs());
            Err(Problem::body(StatusCode::REQUEST_TIMEOUT, detail))
        }
    }
}

/// Whether the body says that it is JSON, or says nothing. A page in a browser (which names its
/// origin) has to say it: then the browser asks us before it sends for somebody else's page.
fn may_be_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE) else { return !headers.contains_key(ORIGIN) };
    let kind = kind.to_str().unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// A donation number as part of an address (a site's own may hold anything).
fn percent_encoded(din: &str) -> String {
    let mut encoded = String::with_capacity(din.len());
    for byte in din.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
