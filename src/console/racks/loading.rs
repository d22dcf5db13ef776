//! The page of a loading: the scan field, the grid, and what can be done with it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;

use super::told::assay_words;
use super::{grid, judge, list, loaded, scans, told};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::store::{Loading, LoadingState};

#[derive(Template)]
#[template(path = "rack.html")]
struct RackPage {
    page: Page,
    loading: String,
    rack: String,
    analyser: Option<String>,
    assays: String,
    container: String,
    file: Option<String>,
    opened: String,
    by: String,
    closed: Option<[String; 2]>,
    ended: Option<[String; 3]>,
    state: &'static str,
    version: String,
    /// The page's own name: its scans are numbered by themselves.
    key: String,
    sequence: u64,
    next: Option<u32>,
    positions: u32,
    tubes: usize,
    answer: Option<Shown>,
    may_load: bool,
    grid: String,
}

/// What was answered to the scan before, without the script.
struct Shown {
    good: bool,
    words: String,
    todo: String,
    text: String,
}

/// `GET /racks/{loading}`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "racks");
    let loading = loaded(&state, &name).await?;
    let asked = |name: &str| asked.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone());
    let (key, sequence, answer) = match asked("page") {
        Some(key) => {
            let bench = state.racks.bench(&name);
            let bench = bench.lock().await;
            let number = asked("sequence").and_then(|text| text.parse().ok()).unwrap_or(0);
            let answer = bench.answered(&key, number).map(|answer| {
                let [words, todo] = scans::words(page.text(), answer);
                let (good, text) = (answer.outcome.is_ok(), answer.text.clone());
                Shown { good, words, todo, text }
            });
            let last = bench.last(&key);
            (key, last, answer)
        }
        None => (format!("{:016x}", fastrand::u64(..)), 0, None),
    };
    let mut whole = whole(page, &loading, key, sequence + 1, answer);
    let chosen = asked("position").and_then(|text| text.parse().ok());
    whole.next = chosen.filter(|at| (1..=whole.positions).contains(at)).or(whole.next);
    shown(&whole)
}

fn whole(
    page: Page,
    loading: &Loading,
    key: String,
    sequence: u64,
    answer: Option<Shown>,
) -> RackPage {
    let plan = &loading.plan;
    let assays: Vec<_> = plan.assays.iter().map(|assay| assay_words(&page, *assay)).collect();
    let container = plan.container.map(|container| page.word("rack-container", container.id()));
    let (closed, ended) = match &loading.state {
        LoadingState::Open => (None, None),
        LoadingState::Closed { by, at } => (Some([by.clone(), list::moment(*at)]), None),
        LoadingState::Ended { by, at, why } => {
            (None, Some([by.clone(), list::moment(*at), why.clone()]))
        }
    };
    RackPage {
        loading: loading.loading.clone(),
        rack: loading.rack.clone(),
        analyser: plan.analyser.clone(),
        assays: assays.join(", "),
        container: container.unwrap_or_else(|| page.say("rack-any-container")),
        file: plan.file.clone(),
        opened: list::moment(loading.opened_at),
        by: loading.by.clone(),
        closed,
        ended,
        state: told::state(&loading.state),
        version: told::version(loading),
        key,
        sequence,
        next: judge::next(plan, &told::tubes(loading)),
        positions: plan.positions,
        tubes: loading.tubes.len(),
        answer,
        may_load: page.may(Duty::LoadRacks),
        grid: grid::html(loading, page.text()).unwrap_or_default(),
        page,
    }
}
