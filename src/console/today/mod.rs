//! Today: what is stuck, and what to do next.
//!
//! What is important stands first and large, to be read from two metres; the rest is for whoever
//! comes near. Nothing here decides or changes anything.

mod analysers;
mod numbers;
mod racks;
mod stuck;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::page::{Page, shown};
use super::regions::{self, Region};
use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new().route("/", get(today))
}

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    page: Page,
    said: Region,
    numbers: Region,
    analysers: Region,
    stuck: Region,
    racks: Region,
}

async fn today(State(state): State<ConsoleState>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "today");
    let region = |id: &str| regions::shown(&state, page.text(), id.to_owned());
    let said = region("today-said").await;
    let numbers = region("today-numbers").await;
    let analysers = region("today-analysers").await;
    let stuck = region("today-stuck").await;
    let racks = region("today-racks").await;
    shown(&Today { page, said, numbers, analysers, stuck, racks })
}

/// Its regions.
pub(super) async fn region(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    match id {
        "today-said" => Some(numbers::said(state, text)),
        "today-numbers" => numbers::region(state, text).await,
        "today-analysers" => analysers::region(state, text),
        "today-stuck" => stuck::region(state, text),
        "today-racks" => racks::region(state, text).await,
        _ => None,
    }
}
