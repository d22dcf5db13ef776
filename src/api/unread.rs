//! Messages that could not be understood, for the people who must look at them.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::ApiState;
use super::problem::Problem;
use super::query::Parameters;
use crate::limits;
use crate::shape::hexadecimal;
use crate::store::{Store, StoreError, UnreadEntry};

const LIMIT_USUAL: u64 = 100;
/// Entries taken from the store at once: each may hold a message of the greatest length.
const STEP: u64 = 8;

/// `GET /api/v1/messages?state=unread&after=MESSAGE&limit=N`.
pub(super) async fn page(State(state): State<ApiState>, uri: Uri) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&uri)?;
    match parameters.text("state").as_deref() {
        Some("unread") => {}
        Some(other) => parameters.fault("state", format!("{other:?} is not a state: unread")),
        None => parameters.fault("state", "is missing: unread"),
    }
    let after = parameters.number("after", 0, 0);
    let limit = parameters.number("limit", 1, LIMIT_USUAL).min(limits::UNREAD_PAGE_MAX);
    parameters.finish()?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let messages = state.read(move |store| read(store, after, limit)).await?;
    let next = messages.last().map_or(after, |last| last.message);
    Ok(Json(Page { messages, next }).into_response())
}

#[derive(Serialize)]
struct Page {
    messages: Vec<UnreadShape>,
    next: i64,
}

#[derive(Serialize)]
struct UnreadShape {
    message: i64,
    analyser: String,
    profile: String,
    received_at: String,
    incomplete: Option<String>,
    faults: Vec<FaultShape>,
    donations: Vec<String>,
    /// Length of the whole message in bytes.
    length: usize,
    /// Its first bytes in hexadecimal, at most `limits::UNREAD_EXCERPT_MAX` of them.
    bytes: String,
    /// The same for the eye: ASCII, everything else escaped.
    text: String,
}

#[derive(Serialize)]
struct FaultShape {
    offset: usize,
    text: String,
}

impl From<UnreadEntry> for UnreadShape {
    fn from(entry: UnreadEntry) -> Self {
        let length = entry.bytes.len();
        let excerpt = entry.bytes.get(..limits::UNREAD_EXCERPT_MAX).unwrap_or(&entry.bytes);
        let faults = entry.faults.into_iter();
        UnreadShape {
            message: entry.message,
            analyser: entry.analyser,
            profile: entry.profile,
            received_at: entry.received_at.to_string(),
            incomplete: entry.incomplete,
            faults: faults.map(|(offset, text)| FaultShape { offset, text }).collect(),
            donations: entry.donations.iter().map(|din| din.as_str().to_owned()).collect(),
            length,
            bytes: hexadecimal(excerpt),
            text: excerpt.escape_ascii().to_string(),
        }
    }
}

fn read(store: &Store, after: i64, limit: u64) -> Result<Vec<UnreadShape>, StoreError> {
    let mut shapes: Vec<UnreadShape> = Vec::new();
    loop {
        let wanted = limit.saturating_sub(shapes.len() as u64).min(STEP);
        let from = shapes.last().map_or(after, |last| last.message);
        let entries = if wanted == 0 { Vec::new() } else { store.unread(from, wanted)? };
        if entries.is_empty() {
            return Ok(shapes);
        }
        shapes.extend(entries.into_iter().map(UnreadShape::from));
    }
}
