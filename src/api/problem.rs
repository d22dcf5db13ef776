//! Answers that are not good, as problem+json (RFC 9457).

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::registration::RegistrationShape;
use crate::store::StoreError;

/// Something the caller must know. Boxed: it travels as the error of every handler.
#[derive(Debug)]
pub(super) struct Problem(Box<Body>);

#[derive(Debug, Serialize)]
struct Body {
    /// Stable: programs branch on it.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// One for each field or parameter that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldFault>,
    /// What is on record, where something else was asked to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    registered: Option<RegistrationShape>,
}

/// A field or parameter that is wrong.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(super) struct FieldFault {
    /// Dotted, e.g. `donor.kind`.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub detail: String,
}

impl FieldFault {
    pub(super) fn new(field: &str, detail: impl Into<String>) -> FieldFault {
        FieldFault { field: field.to_owned(), detail: detail.into() }
    }
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: String) -> Self {
        let status = status.as_u16();
        let (errors, registered) = (Vec::new(), None);
        Problem(Box::new(Body { kind, title, status, detail, errors, registered }))
    }

    /// 400: the query of the address is wrong.
    pub(super) fn parameters(errors: Vec<FieldFault>) -> Problem {
        let (kind, title) = ("urn:hemogate:wrong-parameter", "A parameter is wrong");
        let mut problem = Problem::new(StatusCode::BAD_REQUEST, kind, title, joined(&errors));
        problem.0.errors = errors;
        problem
    }

    /// 422: fields of the body or the path are wrong.
    pub(super) fn fields(errors: Vec<FieldFault>) -> Problem {
        let (kind, title) = ("urn:hemogate:wrong-field", "A field is wrong");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let mut problem = Problem::new(status, kind, title, joined(&errors));
        problem.0.errors = errors;
        problem
    }

    /// 400: the body is not JSON.
    pub(super) fn malformed(detail: String) -> Problem {
        let (kind, title) = ("urn:hemogate:malformed-json", "The body is not JSON");
        Problem::new(StatusCode::BAD_REQUEST, kind, title, detail)
    }

    /// 422: the body is JSON of another shape.
    pub(super) fn shape(detail: String) -> Problem {
        let (kind, title) = ("urn:hemogate:wrong-field", "A field is wrong");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, kind, title, detail)
    }

    /// The body did not come as it should.
    pub(super) fn body(status: StatusCode, detail: String) -> Problem {
        let (kind, title) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("urn:hemogate:body-too-large", "The body is too large")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("urn:hemogate:not-json", "The body must be application/json")
            }
            _ => ("urn:hemogate:body-cut-short", "The body did not arrive whole"),
        };
        Problem::new(status, kind, title, detail)
    }

    /// 409: another registration of this donation is on record.
    pub(super) fn conflict(registered: RegistrationShape) -> Problem {
        let (kind, title) = ("urn:hemogate:conflict", "The donation is registered otherwise");
        let detail = format!(
            "another registration of {} is on record and stays; find out which one is right",
            registered.din
        );
        let mut problem = Problem::new(StatusCode::CONFLICT, kind, title, detail);
        problem.0.registered = Some(registered);
        problem
    }

    /// 404: nothing is on record about the donation.
    pub(super) fn unknown_donation(din: &str) -> Problem {
        let (kind, title) = ("urn:hemogate:unknown-donation", "Nothing is on record");
        let detail = format!("nothing is on record about the donation {din}");
        Problem::new(StatusCode::NOT_FOUND, kind, title, detail)
    }

    /// 404: there is no donor event of this number.
    pub(super) fn unknown_donor_event(number: i64) -> Problem {
        let (kind, title) = ("urn:hemogate:unknown-donor-event", "There is no such donor event");
        let detail = format!("no donor event has the number {number}");
        Problem::new(StatusCode::NOT_FOUND, kind, title, detail)
    }

    /// 404: no analyser has this id.
    pub(super) fn unknown_analyser(id: &str, known: &[String]) -> Problem {
        let (kind, title) = ("urn:hemogate:unknown-analyser", "There is no such analyser");
        let detail = match known {
            [] => format!("there is no analyser {id:?}: none is configured"),
            known => format!("there is no analyser {id:?}: there are {}", known.join(", ")),
        };
        Problem::new(StatusCode::NOT_FOUND, kind, title, detail)
    }

    /// 403: what may hold a donor's identity is shown on this machine alone.
    pub(super) fn loopback_only() -> Problem {
        let (kind, title) = ("urn:hemogate:loopback-only", "Only on the machine itself");
        let detail = "traffic may hold donors' identity and is served where HTTP listens on \
                      loopback (http.listen = \"127.0.0.1:...\") and nowhere else"
            .to_owned();
        Problem::new(StatusCode::FORBIDDEN, kind, title, detail)
    }

    /// 409: the rule set cannot take this step now.
    pub(super) fn step_refused(detail: String) -> Problem {
        let (kind, title) = ("urn:hemogate:step-refused", "The rule set cannot take this step");
        Problem::new(StatusCode::CONFLICT, kind, title, detail)
    }

    /// 503: the store took or gave nothing.
    pub(super) fn store(error: &StoreError) -> Problem {
        let (kind, title) = ("urn:hemogate:store-failing", "The store is failing");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, title, error.to_string())
    }

    /// 503: the commit took too long; it may or may not have happened.
    pub(super) fn commit_slow() -> Problem {
        let (kind, title) = ("urn:hemogate:store-slow", "The store did not answer in time");
        let detail = "no commit in time: send the same again, it is harmless".to_owned();
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, title, detail)
    }

    /// 503: the daemon is being stopped.
    pub(super) fn stopping() -> Problem {
        let (kind, title) = ("urn:hemogate:stopping", "The daemon is stopping");
        let detail = "the daemon is stopping: ask again when it runs".to_owned();
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, title, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// 404 for an address that is not ours.
pub(super) async fn not_found(uri: Uri) -> Problem {
    let (kind, title) = ("urn:hemogate:no-such-address", "There is nothing here");
    Problem::new(StatusCode::NOT_FOUND, kind, title, format!("{} is not served", uri.path()))
}

/// 405 for an address of ours with another method.
pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let (kind, title) = ("urn:hemogate:wrong-method", "The method does not fit the address");
    let detail = format!("{} does not take {method}", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, kind, title, detail)
}

fn joined(errors: &[FieldFault]) -> String {
    let each: Vec<_> = errors.iter().map(|e| format!("{}: {}", e.field, e.detail)).collect();
    each.join("; ")
}
