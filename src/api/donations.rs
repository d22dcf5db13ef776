//! Donations: registered by inventory, shown with everything on record.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::oneshot;

use super::body::body;
use super::language::Language;
use super::problem::Problem;
use super::registration::{self, Given, RegistrationShape};
use super::{ApiState, PROGRAM, query, records};
use crate::domain::{
    Assay, Details, OrderStanding, OtherMember, PoolFacts, PoolMembers, Reading, Record,
    RecordedObservation, RecordedStatement, Registration, Statement,
};
use crate::limits;
use crate::shape::{
    CheckShape, DonorEventShape, NextStepShape, ObservationShape, ReasonShape, RuleSetShape,
    StatementShape,
};
use crate::store::{DonationRecord, OrderRecord, Registered, StoreError};

/// `POST /api/v1/donations`: 201 new, 200 the same again, 409 another one is on record.
pub(super) async fn register(
    State(state): State<ApiState>,
    request: Request,
) -> Result<Response, Problem> {
    let bytes = body(request, limits::HTTP_BODY_MAX).await?;
    let Given { registration, details, by } = registration::read(&bytes, &state.scheme)?;
    let shape = RegistrationShape::from(&registration);
    if let Some(details) = details {
        put_details(&state, &registration, details, by).await?;
    }
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
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Result<Response, Problem> {
    let mut parameters = query::Parameters::of(&uri)?;
    let language = Language::asked(&mut parameters, &headers);
    parameters.finish()?;
    let Path(din) = din.map_err(|refused| Problem::shape(refused.body_text()))?;
    let din = registration::donation_number(&din, &state.scheme)?;
    let asked = din.clone();
    let record = state.read(move |store| store.donation(&asked)).await?;
    let record = record.ok_or_else(|| Problem::unknown_donation(din.as_str()))?;
    Ok(Json(DonationShape::new(&record, state.rule_set.clone(), language)).into_response())
}

/// A donation as JSON.
#[derive(Serialize)]
struct DonationShape {
    din: String,
    registration: Option<RegistrationShape>,
    observations: Vec<RecordedShape>,
    statements: Vec<SaidShape>,
    pools: Vec<PoolFactsShape>,
    orders: Vec<OrderShape>,
    verdict: String,
    version: i64,
    reasons: Vec<ReasonShape>,
    next_steps: Vec<NextStepShape>,
    passed: Vec<CheckShape>,
    remarks: Vec<ReasonShape>,
    labels: Vec<String>,
    donor: Vec<DonorEventShape>,
    rule_set: RuleSetShape,
    /// Version of the program that answers (FM-36).
    program: &'static str,
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
    fn new(record: &DonationRecord, rule_set: RuleSetShape, language: Language) -> DonationShape {
        let mut decision = record.decision.clone();
        language.reasons(&mut decision.reasons);
        language.reasons(&mut decision.remarks);
        language.steps(&mut decision.next_steps);
        DonationShape {
            din: record.din.as_str().to_owned(),
            registration: record.registration.as_ref().map(RegistrationShape::from),
            observations: record.observations.iter().map(RecordedShape::from).collect(),
            statements: record.statements.iter().map(SaidShape::from).collect(),
            pools: record.pools.iter().map(PoolFactsShape::from).collect(),
            orders: record.orders.iter().map(OrderShape::from).collect(),
            verdict: decision.verdict,
            version: record.version,
            reasons: decision.reasons,
            next_steps: decision.next_steps,
            passed: decision.passed,
            remarks: decision.remarks,
            labels: decision.labels,
            donor: decision.donor,
            rule_set,
            program: PROGRAM,
        }
    }
}

/// What somebody put on record about the donation.
#[derive(Serialize)]
struct SaidShape {
    number: i64,
    by: String,
    at: String,
    /// The last observation on record when it was made.
    after_observation: i64,
    #[serde(flatten)]
    statement: StatementShape,
}

impl From<&RecordedStatement> for SaidShape {
    fn from(said: &RecordedStatement) -> Self {
        SaidShape {
            number: said.id,
            by: said.by.clone(),
            at: said.at.to_string(),
            after_observation: said.after_observation,
            statement: StatementShape::from(&said.statement),
        }
    }
}

/// A pool as this donation sees it.
#[derive(Serialize)]
struct PoolFactsShape {
    id: String,
    /// `recorded`, `unknown`, `added_later` or `duplicate`.
    members: &'static str,
    /// How many members are on record.
    size: u32,
    observations: Vec<RecordedShape>,
    others: Vec<OtherMemberShape>,
}

/// Another member, and what its single tests say since.
#[derive(Serialize)]
struct OtherMemberShape {
    din: String,
    single: Option<&'static str>,
    assay: Option<&'static str>,
}

impl From<&PoolFacts> for PoolFactsShape {
    fn from(pool: &PoolFacts) -> Self {
        let members = match pool.members {
            PoolMembers::Recorded => "recorded",
            PoolMembers::Unknown => "unknown",
            PoolMembers::AddedLater => "added_later",
            PoolMembers::Duplicate => "duplicate",
        };
        let other = |other: &OtherMember| OtherMemberShape {
            din: other.din.as_str().to_owned(),
            single: other.single.map(Reading::id),
            assay: other.assay.map(Assay::id),
        };
        PoolFactsShape {
            id: pool.id.clone(),
            members,
            size: pool.size,
            observations: pool.observations.iter().map(RecordedShape::from).collect(),
            others: pool.others.iter().map(other).collect(),
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

/// Details are on record before the registration: no verdict is concluded without them. A
/// registration that contradicts the one on record changes nothing, its details included.
async fn put_details(
    state: &ApiState,
    registration: &Registration,
    details: Details,
    by: String,
) -> Result<(), Problem> {
    let din = registration.din.clone();
    let asked = din.clone();
    let known = state.read(move |store| store.donation(&asked)).await?;
    let other = known.and_then(|known| known.registration);
    if let Some(other) = other.filter(|other| other != registration) {
        return Err(Problem::conflict(RegistrationShape::from(&other)));
    }
    let record = Record::Donation(din, Statement::Details(details));
    records::committed(state, vec![(record, by)]).await.map(drop)
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
