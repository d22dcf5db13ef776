//! Racks: which tube stands where, scanned or imported, and what analysers report of them.
//!
//! ```text
//! GET  /racks                     what is open, what was of late; where a loading begins
//! GET  /racks/new?analyser=A      what it is for             POST /racks
//! GET  /racks/import              a sorter's file            POST the same, twice
//! GET  /racks/{loading}           grid, scan field, what analysers reported
//! POST /racks/{loading}/scans     one tube at one place
//! GET  /racks/{loading}/tubes/{n} a tube, to take out        POST the same
//! POST /racks/{loading}/close     the manifest is fixed      POST /racks/{loading}/end
//! GET  /racks/{loading}/manifest  on paper
//! GET  /racks/{loading}/settle    a doubt, by two people     POST the same
//! ```
//!
//! The server decides about each scan, with its own number and position (FM-06); what was decided
//! is answered the same once more. A page that shows an older state of a loading changes nothing
//! (FM-02).

mod begin;
mod desk;
mod faults;
mod fields;
mod grid;
mod import;
mod judge;
mod known;
mod list;
mod loading;
mod paper;
mod refusal;
mod scans;
mod settle;
mod steps;
mod told;

use axum::Router;
use axum::routing::{get, post};

use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use crate::store::{Loading, PutOnRecord};

pub(super) use desk::RackDesk;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/racks", get(list::page).post(begin::open))
        .route("/racks/new", get(begin::page))
        .route("/racks/import", get(import::page).post(import::take))
        .route("/racks/{loading}", get(loading::page))
        .route("/racks/{loading}/scans", post(scans::take))
        .route("/racks/{loading}/tubes/{position}", get(steps::tube).post(steps::take_out))
        .route("/racks/{loading}/close", post(steps::close))
        .route("/racks/{loading}/end", post(steps::end))
        .route("/racks/{loading}/manifest", get(paper::page))
        .route("/racks/{loading}/settle", get(settle::page).post(settle::take))
}

/// Its regions: `racks`, the list, and `rack:LOADING`.
pub(super) async fn region(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    match id.split_once(':') {
        Some(("rack", loading)) => grid::region(state, text, loading).await,
        _ if id == "racks" => list::region(state, text).await,
        _ => None,
    }
}

/// A loading as it is on record.
async fn loaded(state: &ConsoleState, name: &str) -> Result<Loading, Trouble> {
    let wanted = name.to_owned();
    let found = state.read(move |store| store.loading(&wanted)).await?;
    found.ok_or_else(|| Trouble::NotFound(name.to_owned()))
}

/// Why one of some records was not taken.
fn not_taken(outcomes: &[PutOnRecord]) -> Option<String> {
    outcomes.iter().find_map(|outcome| match outcome {
        PutOnRecord::Conflict { why, .. } => Some(why.clone()),
        PutOnRecord::Stale { version } => Some(format!("version {version}")),
        PutOnRecord::New { .. } | PutOnRecord::Same { .. } => None,
    })
}
