//! The lines to the analysers, live: state, counters, alarms, notes, and what passed over them
//! lately.
//!
//! Recent traffic is what analysers send, donors' identity perhaps: it is shown to who has signed
//! in and may see donations, and is never logged. The console itself listens on loopback or with
//! TLS, so nobody in between reads it.

mod line;
mod traffic;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::page::{Page, shown};
use super::regions::{self, Region};
use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::traffic::{LinkState, LinkView};

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new().route("/links", get(all)).route("/links/{analyser}", get(one))
}

/// How a line stands, for the eye.
pub(super) struct LineState {
    /// `good`, `wait`, `warn` or `bad`.
    pub(super) kind: &'static str,
    pub(super) mark: &'static str,
    /// Its word.
    pub(super) word: &'static str,
}

/// How a line stands: what is wrong goes before what is open.
pub(super) fn line_state(view: &LinkView) -> LineState {
    let word = view.state.id();
    match (view.state, view.alarms.is_empty()) {
        (LinkState::Lost, _) => LineState { kind: "bad", mark: "✖", word },
        (LinkState::Connected | LinkState::Waiting, false) => {
            LineState { kind: "warn", mark: "▲", word }
        }
        (LinkState::Connected, true) => LineState { kind: "good", mark: "✔", word },
        (LinkState::Waiting, true) => LineState { kind: "wait", mark: "…", word },
    }
}

#[derive(Template)]
#[template(path = "links.html")]
struct Links {
    page: Page,
    lines: Region,
}

#[derive(Template)]
#[template(path = "link.html")]
struct Link {
    page: Page,
    analyser: String,
    line: Region,
    traffic: Region,
}

async fn all(State(state): State<ConsoleState>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "links");
    let lines = regions::shown(&state, page.text(), "links-all".to_owned()).await;
    shown(&Links { page, lines })
}

async fn one(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(analyser): Path<String>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    if state.board.link(&analyser).is_none() {
        return Err(Trouble::NotFound(analyser));
    }
    let page = Page::new(Some(&visitor), "links");
    let line = regions::shown(&state, page.text(), format!("links-line:{analyser}")).await;
    let traffic = regions::shown(&state, page.text(), format!("links-traffic:{analyser}")).await;
    shown(&Link { page, analyser, line, traffic })
}

/// Its regions.
pub(super) async fn region(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    if id == "links-all" {
        return line::all(state, text);
    }
    if let Some(analyser) = id.strip_prefix("links-line:") {
        return state.board.link(analyser).and_then(|post| line::one(text, &post));
    }
    let analyser = id.strip_prefix("links-traffic:")?;
    let post = state.board.link(analyser)?;
    traffic::region(text, &post)
}
