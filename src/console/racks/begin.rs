//! A loading begins: the rack's code is scanned, and somebody says what it is for.
//!
//! The code is never filled in before (FM-11). Refuses one that is a donation's number (FM-05), a
//! rack that is in use, and a container that a kit of the tests is not validated for.

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::fields::{Fields, fields};
use super::told::assay_words;
use super::{judge, known, not_taken};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{Assay, Container, RackPlan, RackRecord, RackStep, Record};
use crate::limits;

/// Positions where nobody loaded a rack for this analyser before.
const POSITIONS_USUAL: u32 = 10;

/// How many characters make one use of a rack another than the last.
const SUFFIX_LENGTH: usize = 6;

#[derive(Template)]
#[template(path = "racks_new.html")]
struct NewPage {
    page: Page,
    analyser: Option<String>,
    assays: Vec<Choice>,
    containers: Vec<Choice>,
    positions: u32,
    most: u32,
    code_most: usize,
}

/// Something to choose.
pub(super) struct Choice {
    pub(super) id: &'static str,
    pub(super) words: String,
}

/// `GET /racks/new?analyser=A`: without one places are not compared.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let page = Page::new(Some(&visitor), "racks");
    let analyser = asked.into_iter().find(|(name, _)| name == "analyser").map(|(_, id)| id);
    let analyser = analyser.filter(|id| !id.is_empty());
    let positions = usual_positions(&state, analyser.as_deref()).await?;
    let words =
        |assay: Assay| Choice { id: assay.id(), words: assay_words(&page, assay).to_owned() };
    let assays = assays_of(&state, analyser.as_deref())?.into_iter().map(words).collect();
    let (most, code_most) = (limits::RACK_POSITIONS_MAX, limits::RACK_CODE_MAX);
    let containers = containers(&page);
    shown(&NewPage { page, analyser, assays, containers, positions, most, code_most })
}

/// Every container, in words.
pub(super) fn containers(page: &Page) -> Vec<Choice> {
    let words =
        |one: Container| Choice { id: one.id(), words: page.word("rack-container", one.id()) };
    Container::ALL.into_iter().map(words).collect()
}

/// What an analyser tests; everything where none is chosen.
pub(super) fn assays_of(
    state: &ConsoleState,
    analyser: Option<&str>,
) -> Result<Vec<Assay>, Trouble> {
    let Some(id) = analyser else { return Ok(Assay::ALL.to_vec()) };
    let Some(desk) = state.desks.get(id) else { return Err(Trouble::NotFound(id.to_owned())) };
    let mut assays: Vec<Assay> = desk.analyser.tests().values().copied().collect();
    assays.sort_unstable();
    assays.dedup();
    Ok(assays)
}

/// As many as the last rack for this analyser had.
async fn usual_positions(state: &ConsoleState, analyser: Option<&str>) -> Result<u32, Trouble> {
    let recent = state.read(|store| store.loadings(false, limits::RACKS_RECENT_MAX)).await?;
    let last = recent.iter().find(|known| known.plan.analyser.as_deref() == analyser);
    Ok(last.map_or(POSITIONS_USUAL, |known| known.plan.positions))
}

/// `POST /racks`.
pub(super) async fn open(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let form = fields(&state, request).await?;
    let rack = rack_code(&state, form.trimmed("rack"))?;
    let plan = plan(&state, &form)?;
    // One at a time for one rack, so that it is not opened twice.
    let bench = state.racks.bench(&format!("rack {rack}"));
    let _turn = bench.lock().await;
    is_free(&state, &rack).await?;
    fits_its_kits(&state, &plan).await?;
    let loading = name_of(&rack);
    let opened = RackRecord { loading: loading.clone(), rack, step: RackStep::Opened(plan) };
    let outcomes = state.put(&visitor.user, vec![Record::Rack(opened)]).await?;
    match not_taken(&outcomes) {
        Some(why) => Err(Trouble::Refused("racks-not-taken", why)),
        None => Ok(Redirect::to(&format!("/racks/{loading}")).into_response()),
    }
}

/// A name for this use of a rack; letters that are not taken for each other.
pub(super) fn name_of(rack: &str) -> String {
    const LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let letter = |_| fastrand::choice(LETTERS).map_or('X', |byte| char::from(*byte));
    let suffix: String = (0..SUFFIX_LENGTH).map(letter).collect();
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    let rack: String = rack.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    format!("{rack}-{suffix}")
}

/// A rack's code that is not taken for a tube's.
pub(super) fn rack_code(state: &ConsoleState, text: &str) -> Result<String, Trouble> {
    if text.is_empty() {
        return Err(Trouble::Refused("racks-no-code", String::new()));
    }
    let is_printable = text.chars().all(|c| (' '..='~').contains(&c));
    if text.len() > limits::RACK_CODE_MAX || !is_printable {
        return Err(Trouble::Refused("racks-wrong-code", text.to_owned()));
    }
    match state.scheme.parse(text) {
        Ok(_) => Err(Trouble::Refused("racks-code-is-tube", text.to_owned())),
        Err(_) => Ok(text.to_owned()),
    }
}

fn plan(state: &ConsoleState, form: &Fields) -> Result<RackPlan, Trouble> {
    let analyser = Some(form.trimmed("analyser")).filter(|id| !id.is_empty()).map(str::to_owned);
    let known = assays_of(state, analyser.as_deref())?;
    let mut assays = Vec::new();
    for id in form.all("assay") {
        let assay = Assay::from_id(id).filter(|assay| known.contains(assay));
        assays.push(assay.ok_or_else(|| Trouble::Refused("racks-wrong-assay", id.to_owned()))?);
    }
    if assays.is_empty() {
        return Err(Trouble::Refused("racks-no-assay", String::new()));
    }
    let container = container(form.trimmed("container"))?;
    let text = form.trimmed("positions");
    let positions = text.parse().ok().filter(|n| (1..=limits::RACK_POSITIONS_MAX).contains(n));
    let Some(positions) = positions else {
        return Err(Trouble::Refused("racks-wrong-positions", text.to_owned()));
    };
    Ok(RackPlan { analyser, assays, container, positions, file: None })
}

fn container(id: &str) -> Result<Option<Container>, Trouble> {
    match (id, Container::from_id(id)) {
        ("", _) => Ok(None),
        (_, Some(container)) => Ok(Some(container)),
        (_, None) => Err(Trouble::Refused("racks-wrong-container", id.to_owned())),
    }
}

/// Refused where the rack is in use.
pub(super) async fn is_free(state: &ConsoleState, rack: &str) -> Result<(), Trouble> {
    let open = state.read(|store| store.loadings(true, limits::LOADINGS_PAGE_MAX)).await?;
    match open.iter().find(|known| known.rack == rack) {
        Some(known) => Err(Trouble::Refused("racks-in-use", known.loading.clone())),
        None => Ok(()),
    }
}

/// Refused where a kit is not validated for the container.
async fn fits_its_kits(state: &ConsoleState, plan: &RackPlan) -> Result<(), Trouble> {
    let Some(container) = plan.container else { return Ok(()) };
    let desk = plan.analyser.as_ref().and_then(|id| state.desks.get(id)).cloned();
    let wanted = plan.clone();
    let kits = state.read(move |store| known::kits(store, desk.as_ref(), &wanted)).await?;
    match judge::unfit(container, &kits) {
        Some(kit) => Err(Trouble::Refused("racks-wrong-for-kit", kit.name.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_of_a_rack_has_a_name_of_its_own_that_an_address_can_have() {
        let (one, other) = (name_of("R 0/1"), name_of("R 0/1"));
        assert_ne!(one, other);
        assert!(one.starts_with("R-0-1-"), "{one}");
        assert_eq!(one.len(), "R-0-1-".len() + SUFFIX_LENGTH);
    }
}
