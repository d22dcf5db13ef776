//! Bodies of requests: JSON that says so, whole, in time and within its bound.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, StatusCode};

use super::problem::Problem;
use crate::limits;

/// The body of a request; the router refuses what is longer than `most` bytes.
pub(super) async fn body(request: Request, most: usize) -> Result<Bytes, Problem> {
    if !may_be_json(request.headers()) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::body(status, "send it with content-type: application/json".into()));
    }
    let wait: Duration = limits::HTTP_BODY_WAIT;
    match tokio::time::timeout(wait, Bytes::from_request(request, &())).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Problem::body(refused.status(), format!("a body has at most {most} bytes")))
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
