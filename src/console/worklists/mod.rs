//! Worklists, grouped as a bench works: what is to be done at which analyser with which assay.
//!
//! A row is there while the donation wants it and goes by itself when its results are in: nothing
//! is ticked off. On paper each donation has its bar code, and a file can be taken away as CSV.
//! Decides nothing, and orders nothing: analysers are told by `session`.

mod export;
mod list;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::page::{Page, shown};
use super::regions::{self, Region};
use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::domain::Assay;
use crate::limits;
use crate::rules::words;
use list::{Filter, Group, Kind};

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/worklists", get(page))
        .route("/worklists/print", get(print))
        .route("/worklists.csv", get(export::csv))
}

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    analyser: String,
    #[serde(default)]
    assay: String,
}

#[derive(Template)]
#[template(path = "worklists.html")]
struct Worklists {
    page: Page,
    filter: Filter,
    kinds: Region,
    list: Region,
    analysers: Vec<String>,
    assays: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "worklists_kinds.html")]
struct Kinds {
    text: &'static Text,
    kinds: Vec<(Kind, String, usize)>,
    here: Kind,
}

#[derive(Template)]
#[template(path = "worklists_list.html")]
struct List {
    text: &'static Text,
    kind: Kind,
    groups: Vec<Group>,
    left_out: usize,
    is_counting: bool,
    is_short: bool,
}

#[derive(Template)]
#[template(path = "worklists_print.html")]
struct Sheet {
    page: Page,
    filter: Filter,
    groups: Vec<Group>,
    left_out: usize,
    at: String,
}

async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let filter = Filter::of(&state, asked.kind, asked.analyser, asked.assay);
    let page = Page::new(Some(&visitor), "worklists");
    let kinds = regions::shown(&state, page.text(), filter.region("kinds")).await;
    let list = regions::shown(&state, page.text(), filter.region("list")).await;
    let analysers = state.desks.keys().cloned().collect();
    let lang = page.lang();
    let assays = Assay::ALL.map(|assay| (assay.id(), lang.of(words::assay(assay)))).to_vec();
    shown(&Worklists { page, filter, kinds, list, analysers, assays })
}

async fn print(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let filter = Filter::of(&state, asked.kind, asked.analyser, asked.assay);
    let page = Page::new(Some(&visitor), "worklists");
    let seen = state.glance.look(&state).await?;
    let most = limits::WORKLIST_ROWS_MAX;
    let (groups, left_out) = list::groups(&state, page.text(), &filter, &seen, most);
    let at = super::age::at(page.text(), crate::clock::utc());
    shown(&Sheet { page, filter, groups, left_out, at })
}

/// Its regions.
pub(super) async fn region(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    let (what, filter) = Filter::of_region(state, id)?;
    match what {
        "kinds" => {
            let kinds = list::counts(state).into_iter().map(|(kind, count)| {
                let path = Filter { kind, ..filter.clone() }.path("/worklists");
                (kind, path, count)
            });
            Kinds { text, kinds: kinds.collect(), here: filter.kind }.render().ok()
        }
        "list" => {
            let seen = state.glance.look(state).await.ok()?;
            let most = limits::WORKLIST_SHOWN_MAX;
            let (groups, left_out) = list::groups(state, text, &filter, &seen, most);
            let (is_counting, is_short) =
                state.floor.look(|book| (book.is_counting(), book.is_short()));
            let kind = filter.kind;
            List { text, kind, groups, left_out, is_counting, is_short }.render().ok()
        }
        _ => None,
    }
}
