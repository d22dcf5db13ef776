//! A donation: everything on one page, and what people decide about it.

mod bytes;
mod file;
mod history;
mod places;
mod pool;
mod results;
mod sheet;
mod sheets;
mod timeline;
pub(super) mod words;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::explained::{self, Marked, PieceRow, Stretch};
use super::page::{Page, shown};
use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use super::{barcode, decisions, live};
use crate::domain::RecordedObservation;
use crate::rules::RuleSet;
use crate::store::DossierMessage;

pub(super) use file::{CaseFile, case_file, decoded, encoded, number};
pub(super) use sheet::{ReasonRow, RegistrationRow, reason_row, registration_rows};
pub(super) use sheets::Sheets;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/donations/{din}", get(show))
        .route("/pools/{pool}", get(pool::show))
        .route("/donations/{din}/results/{observation}/bytes", get(bytes_of))
}

/// Its regions: `donation:` and the number as it stands in an address.
pub(super) async fn region(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    let din = number(state, &decoded(id.strip_prefix("donation:")?));
    let asked = din.clone();
    let record = state.read(move |store| store.donation(&asked)).await.ok()??;
    if let Some(html) = state.sheets.of(text.lang(), &record) {
        return Some(html);
    }
    let file = case_file(state, &din).await.ok()?;
    let html = sheet::Sheet::new(text, &file, &state.rules).render().ok()?;
    state.sheets.keep(text.lang(), file.record, html.clone());
    Some(html)
}

#[derive(Template)]
#[template(path = "donation.html")]
struct DonationPage {
    page: Page,
    din: String,
    path: String,
    barcode: Option<String>,
    hash: String,
    sheet: String,
    forms: String,
}

async fn show(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let file = case_file(&state, &number(&state, &din)).await?;
    let page = Page::new(Some(&visitor), "donation");
    let page = match DONE.iter().find(|done| asked.done.as_deref() == Some(**done)) {
        Some(done) => {
            let told = page.word("done", done);
            page.telling("good", told)
        }
        None => page,
    };
    page_of(&state.rules, page, &visitor, &file)
}

/// What was just done, by its word.
#[derive(Deserialize)]
struct Asked {
    done: Option<String>,
}

const DONE: [&str; 5] = ["proposed", "agreed", "turned-down", "said", "signed"];

/// The whole page, with what happened last.
pub(super) fn page_of(
    rules: &RuleSet,
    page: Page,
    visitor: &Visitor,
    file: &CaseFile,
) -> Result<Response, Trouble> {
    let unmade = |error: askama::Error| Trouble::Unmade(error.to_string());
    let din = file.record.din.to_string();
    let sheet = sheet::Sheet::new(page.text(), file, rules).render().map_err(unmade)?;
    shown(&DonationPage {
        hash: live::hash(&sheet),
        sheet,
        forms: decisions::forms(&page, visitor, file, rules)?,
        barcode: barcode::code128(&din),
        path: encoded(&din),
        din,
        page,
    })
}

#[derive(Template)]
#[template(path = "donation_bytes.html")]
struct BytesPage {
    page: Page,
    din: String,
    path: String,
    observation: i64,
    message: i64,
    analyser: String,
    profile: String,
    received: String,
    length: usize,
    assay: String,
    value: String,
    missing: Option<String>,
    stretches: Vec<Stretch>,
    rows: Vec<PieceRow>,
}

/// `GET /donations/{din}/results/{observation}/bytes`.
async fn bytes_of(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path((din, observation)): Path<(String, i64)>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let file = case_file(&state, &number(&state, &din)).await?;
    let missing = || Trouble::NotFound(observation.to_string());
    let result = result_of(&file, observation).ok_or_else(missing)?;
    let mut messages = file.dossier.messages.iter();
    let message = messages.find(|one| one.message == result.message).ok_or_else(missing)?;
    shown(&laid_out(Page::new(Some(&visitor), "donation"), &file, message, result))
}

fn result_of(file: &CaseFile, observation: i64) -> Option<&RecordedObservation> {
    let facts = &file.dossier.facts_now;
    let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
    let mut results = facts.observations.iter().chain(pooled);
    results.find(|found| found.id == observation)
}

fn laid_out(
    page: Page,
    file: &CaseFile,
    message: &DossierMessage,
    result: &RecordedObservation,
) -> BytesPage {
    let text = page.text();
    let seen = &result.observation;
    let value = [seen.value.as_deref(), seen.unit.as_deref()];
    let (missing, stretches, rows) = match bytes::behind(&file.dossier, message, result) {
        Ok(behind) => {
            let mark = |piece: &_| behind.mark(piece);
            let stretches = explained::stretches(text, &behind.pieces, mark);
            (None, stretches, explained::rows(text, &behind.pieces, mark))
        }
        Err(bytes::Missing::Profile) => {
            (Some(text.say("bytes-no-profile")), Vec::new(), Vec::new())
        }
        Err(bytes::Missing::Unreadable) => {
            (Some(text.say("bytes-unreadable")), Vec::new(), Vec::new())
        }
    };
    BytesPage {
        din: file.record.din.to_string(),
        path: encoded(file.record.din.as_str()),
        observation: result.id,
        message: message.message,
        analyser: message.analyser.clone(),
        profile: message.profile.clone(),
        received: words::time(text, message.received_at),
        length: message.bytes.len(),
        assay: match seen.assay {
            Some(assay) => words::assay(text, assay.id()),
            None => seen.test_code.clone(),
        },
        value: value.into_iter().flatten().collect::<Vec<_>>().join(" "),
        missing,
        stretches,
        rows,
        page,
    }
}
