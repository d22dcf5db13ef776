//! Quality control and statistics: controls and their targets, reagent lots, runs, external quality
//! assessment, blood-safety statistics.
//!
//! Whoever looks at donations may look at everything here; who changes something has the duty for
//! it and says once more, at that moment, who they are. Nothing is filled in for anybody, and what
//! was recorded is never changed: the next word stands beside it.

mod chart;
mod control_chart;
mod controls;
mod eqa;
mod form;
mod lots;
mod overview;
mod rates;
mod runs;
mod sheet;
mod sign;
mod statistics;
mod words;

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::page::Page;
use super::state::ConsoleState;
use super::trouble::Trouble;
use super::visitor::Visitor;
use crate::clock;
use crate::store::PutOnRecord;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/quality", get(overview::page))
        .route("/quality/controls", get(controls::list))
        .route("/quality/controls/chart", get(controls::chart))
        .route("/quality/targets", get(controls::targets).post(controls::add_target))
        .route("/quality/lots", get(lots::list).post(lots::add))
        .route("/quality/lots/one", get(lots::one).post(lots::step))
        .route("/quality/rates", get(rates::page))
        .route("/quality/runs", get(runs::list))
        .route("/quality/runs/one", get(runs::one))
        .route("/quality/runs/accept", post(runs::accept))
        .route("/quality/runs/reject", post(runs::reject))
        .route("/quality/eqa", get(eqa::list).post(eqa::open))
        .route("/quality/eqa/round", get(eqa::round))
        .route("/quality/eqa/report", post(eqa::report))
        .route("/quality/eqa/assess", post(eqa::assess))
        .route("/quality/eqa/close", post(eqa::close))
        .route("/quality/eqa.csv", get(eqa::export))
        .route("/statistics", get(statistics::page))
        .route("/statistics.csv", get(statistics::export))
}

/// What the fields of an address or a form come as.
type Pairs = Vec<(String, String)>;

/// The day of now, UTC.
fn today() -> Date {
    clock::utc().to_zoned(TimeZone::UTC).date()
}

/// The frame of a page here, with what was just recorded, where something was.
fn frame(visitor: &Visitor, here: &'static str, done: &str) -> Page {
    let page = Page::new(Some(visitor), here);
    let known = ["target", "lot", "run-accepted", "run-rejected", "eqa", "same"];
    match known.contains(&done) {
        true => {
            let words = page.word("quality-done", done);
            page.telling("good", words)
        }
        false => page,
    }
}

/// Goes on to a page that says what was recorded.
fn recorded(
    outcome: &[PutOnRecord],
    path: &str,
    asked: &[(&str, &str)],
    done: &str,
) -> Result<Response, Trouble> {
    let mut done = done;
    for one in outcome {
        match one {
            PutOnRecord::New { .. } => {}
            PutOnRecord::Same { .. } => done = "same",
            PutOnRecord::Stale { version } => return Err(Trouble::Stale(*version)),
            PutOnRecord::Conflict { why, .. } => {
                return Err(Trouble::Refused("quality-refused-conflict", why.clone()));
            }
        }
    }
    let asked: Vec<(&str, &str)> = asked.iter().copied().chain([("done", done)]).collect();
    Ok(Redirect::to(&form::address(path, &asked)).into_response())
}
