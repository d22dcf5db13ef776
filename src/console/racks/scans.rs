//! One scan: a tube at a place.
//!
//! ```text
//!  page: sequence n, position, text, version ──> bench of the loading (one at a time)
//!                                                 │ n was answered ────────> the same answer
//!                                                 │ version is another ────> refused: look again
//!                                                 │ judged, put on record ─> answered, remembered
//! ```
//!
//! There is no last scan (FM-06): each has its number and its place from the moment at which it was
//! scanned, and what became of it is said of that one. Goes on to its end when the page is gone.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::desk::Answer;
use super::fields::{Fields, fields};
use super::judge::{self, Standing, judge, number, position};
use super::refusal::Refusal;
use super::{grid, known, loaded, not_taken, told};
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{DonationNumber, Placement, Record, Statement};
use crate::limits;
use crate::store::{Loading, LoadingState};

/// A scan as the page sends it.
struct Scan {
    page: String,
    sequence: u64,
    position: String,
    text: String,
    version: String,
}

/// What the page is told.
#[derive(Serialize)]
struct AnswerShape {
    sequence: u64,
    position: String,
    text: String,
    good: bool,
    /// The page showed another state of the loading than the one on record.
    stale: bool,
    /// The tube in its canonical form, where it stands there now.
    tube: Option<String>,
    words: String,
    todo: String,
    /// How the loading stands now.
    version: String,
    next: Option<u32>,
    /// The grid.
    html: String,
}

/// `POST /racks/{loading}/scans`.
pub(super) async fn take(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let wants_json = request
        .headers()
        .get(ACCEPT)
        .is_some_and(|kinds| kinds.to_str().is_ok_and(|kinds| kinds.contains("application/json")));
    let scan = scan(&fields(&state, request).await?)?;
    let page = scan.page.clone();
    let (desk, by, of) = (state.clone(), visitor.user.clone(), name.clone());
    // Not given up when the page is gone: it would not know whether the tube stands there.
    let answered = tokio::spawn(async move { answered(&desk, &by, &of, scan).await });
    let answer = answered.await.map_err(|_| Trouble::Stopping)??;
    if wants_json {
        let loading = loaded(&state, &name).await?;
        let text = crate::console::text::text(visitor.lang);
        return Ok(Json(shape(&loading, text, &answer)).into_response());
    }
    let sequence = answer.sequence;
    Ok(Redirect::to(&format!("/racks/{name}?page={page}&sequence={sequence}")).into_response())
}

fn scan(form: &Fields) -> Result<Scan, Trouble> {
    let sequence = form.trimmed("sequence");
    let page = form.trimmed("page");
    let is_plain = page.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if page.is_empty() || page.len() > limits::USER_ID_MAX || !is_plain {
        return Err(Trouble::Refused("racks-form", "page".to_owned()));
    }
    let Ok(sequence) = sequence.parse() else {
        return Err(Trouble::Refused("racks-form", "sequence".to_owned()));
    };
    let position = form.trimmed("position");
    if position.len() > limits::RACK_CODE_MAX {
        return Err(Trouble::Refused("racks-form", "position".to_owned()));
    }
    // Longer than any number: cut, it is still none.
    let text: String = form.get("text").chars().take(limits::RACK_WORDS_MAX).collect();
    Ok(Scan {
        page: page.to_owned(),
        sequence,
        position: position.to_owned(),
        text: text.trim().to_owned(),
        version: form.trimmed("version").to_owned(),
    })
}

async fn answered(
    state: &ConsoleState,
    by: &str,
    name: &str,
    scan: Scan,
) -> Result<Answer, Trouble> {
    let bench = state.racks.bench(name);
    let mut bench = bench.lock().await;
    if let Some(known) = bench.answered(&scan.page, scan.sequence) {
        return Ok(repeated(known, &scan));
    }
    let loading = loaded(state, name).await?;
    let outcome = match judged(state, &loading, &scan).await? {
        Judged::MayStand(din, position) => placed(state, by, &loading, din, position).await?,
        Judged::Stands(din, position) => Ok((din, position)),
        Judged::Refused(refusal) => Err(refusal),
    };
    let Scan { page, sequence, position, text, .. } = scan;
    let answer = Answer { sequence, position, text, outcome };
    bench.remember(page, answer.clone());
    Ok(answer)
}

/// The answer to the same scan once more; another scan with its number is none.
fn repeated(known: &Answer, scan: &Scan) -> Answer {
    if known.position == scan.position && known.text == scan.text {
        return known.clone();
    }
    let (position, text) = (scan.position.clone(), scan.text.clone());
    Answer { sequence: scan.sequence, position, text, outcome: Err(Refusal::OtherScan) }
}

/// What may become of a scan.
enum Judged {
    MayStand(DonationNumber, u32),
    /// It stands there already: the answer to an earlier scan of it was lost.
    Stands(DonationNumber, u32),
    Refused(Refusal),
}

async fn judged(state: &ConsoleState, loading: &Loading, scan: &Scan) -> Result<Judged, Trouble> {
    if loading.state != LoadingState::Open {
        return Ok(Judged::Refused(Refusal::NotOpen));
    }
    if told::in_doubt(loading) {
        return Ok(Judged::Refused(Refusal::InDoubt));
    }
    let (rack, name, plan) = (loading.rack.clone(), loading.loading.clone(), loading.plan.clone());
    let racks = state.read(move |store| known::racks(store, &rack)).await?;
    let tubes = told::tubes(loading);
    let din = match number(&scan.text, &state.scheme, &racks) {
        Ok(din) => din,
        Err(refusal) => return Ok(Judged::Refused(refusal)),
    };
    if scan.position.is_empty() && judge::next(&plan, &tubes).is_none() {
        return Ok(Judged::Refused(Refusal::Full { most: plan.positions }));
    }
    let position = match position(&scan.position, &plan) {
        Ok(position) => position,
        Err(refusal) => return Ok(Judged::Refused(refusal)),
    };
    if tubes.contains(&(position, din.clone())) {
        return Ok(Judged::Stands(din, position));
    }
    if scan.version != told::version(loading) {
        return Ok(Judged::Refused(Refusal::Stale));
    }
    let desk = plan.analyser.as_ref().and_then(|id| state.desks.get(id)).cloned();
    let tube = din.clone();
    let wanted = plan.clone();
    let (known, kits) = state
        .read(move |store| {
            Ok((known::about(store, &tube, &name)?, known::kits(store, desk.as_ref(), &wanted)?))
        })
        .await?;
    let rack = Standing { plan: &plan, tubes: &tubes, kits: &kits };
    Ok(match judge(&rack, position, &din, &known) {
        Ok(()) => Judged::MayStand(din, position),
        Err(refusal) => Judged::Refused(refusal),
    })
}

/// Puts it on record; the store refuses what changed meanwhile.
async fn placed(
    state: &ConsoleState,
    by: &str,
    loading: &Loading,
    din: DonationNumber,
    position: u32,
) -> Result<Result<(DonationNumber, u32), Refusal>, Trouble> {
    let placement = Placement {
        loading: loading.loading.clone(),
        rack: loading.rack.clone(),
        position,
        analyser: loading.plan.analyser.clone(),
    };
    let record = Record::Donation(din.clone(), Statement::Placed(placement));
    let outcomes = state.put(by, vec![record]).await?;
    Ok(match not_taken(&outcomes) {
        Some(why) => Err(Refusal::NotTaken { why }),
        None => Ok((din, position)),
    })
}

/// What was answered, in words: what happened, and what to do.
pub(super) fn words(text: &Text, answer: &Answer) -> [String; 2] {
    match &answer.outcome {
        Ok((tube, position)) => {
            let values = [("tube", tube.to_string()), ("position", position.to_string())];
            [text.with_all("scan-good", &values), String::new()]
        }
        Err(refusal) => refusal.told(text),
    }
}

fn shape(loading: &Loading, text: &'static Text, answer: &Answer) -> AnswerShape {
    let [words, todo] = words(text, answer);
    AnswerShape {
        sequence: answer.sequence,
        position: answer.position.clone(),
        text: answer.text.clone(),
        good: answer.outcome.is_ok(),
        stale: answer.outcome == Err(Refusal::Stale),
        tube: answer.outcome.as_ref().ok().map(|(tube, _)| tube.to_string()),
        words,
        todo,
        version: told::version(loading),
        next: judge::next(&loading.plan, &told::tubes(loading)),
        html: grid::html(loading, text).unwrap_or_default(),
    }
}
