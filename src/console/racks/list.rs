//! The list of loadings: what is open, what was of late.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::told;
use super::told::assay_words;
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::limits;
use crate::store::LoadingSummary;

#[derive(Template)]
#[template(path = "racks.html")]
struct RacksPage {
    page: Page,
    may_load: bool,
    analysers: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "racks_region.html")]
struct RacksRegion {
    page: Page,
    rows: Vec<Row>,
}

/// A loading in the list.
struct Row {
    loading: String,
    rack: String,
    analyser: Option<String>,
    assays: String,
    tubes: String,
    state: &'static str,
    in_doubt: bool,
    opened: String,
    by: String,
}

impl Row {
    fn of(page: &Page, known: LoadingSummary) -> Row {
        let assays = known.plan.assays.iter().map(|assay| assay_words(page, *assay));
        Row {
            assays: assays.collect::<Vec<_>>().join(", "),
            tubes: format!("{} / {}", known.tubes, known.plan.positions),
            state: told::state(&known.state),
            in_doubt: known.in_doubt,
            opened: moment(known.opened_at),
            loading: known.loading,
            rack: known.rack,
            analyser: known.plan.analyser,
            by: known.by,
        }
    }

    fn mark(&self) -> &'static str {
        match self.state {
            "open" => "○",
            "closed" => "●",
            _ => "■",
        }
    }
}

/// A time to the second.
pub(super) fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

async fn rows(state: &ConsoleState, page: &Page) -> Result<Vec<Row>, Trouble> {
    let known = state
        .read(|store| {
            let mut known = store.loadings(true, limits::LOADINGS_PAGE_MAX)?;
            let recent = store.loadings(false, limits::RACKS_RECENT_MAX)?;
            known.extend(recent.into_iter().filter(|one| told::state(&one.state) == "ended"));
            Ok(known)
        })
        .await?;
    let (mut open, ended): (Vec<Row>, Vec<Row>) =
        known.into_iter().map(|known| Row::of(page, known)).partition(|row| row.state != "ended");
    open.sort_by_key(|row| !row.in_doubt);
    open.extend(ended);
    Ok(open)
}

/// `GET /racks`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "racks");
    let rows = rows(&state, &page).await?;
    let analysers = state.desks.keys().cloned().collect();
    shown(&RacksPage { may_load: page.may(Duty::LoadRacks), page, analysers, rows })
}

/// Region `racks`.
pub(super) async fn region(state: &ConsoleState, text: &'static Text) -> Option<String> {
    let page = Page::in_language(text.lang(), "racks");
    let rows = rows(state, &page).await.ok()?;
    RacksRegion { page, rows }.render().ok()
}
