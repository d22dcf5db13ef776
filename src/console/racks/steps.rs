//! Steps of a loading besides scans: a tube is taken out, the manifest is fixed, it is over.
//!
//! Each is refused where the page showed another state than the one on record (FM-02).

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::fields::fields;
use super::{loaded, not_taken, told};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{RackRecord, RackStep, Record, Statement};
use crate::limits;
use crate::store::{Loading, LoadingState};

#[derive(Template)]
#[template(path = "rack_tube.html")]
struct TubePage {
    page: Page,
    loading: String,
    rack: String,
    position: u32,
    tube: String,
    by: String,
    at: String,
    version: String,
    may_take_out: bool,
}

/// `GET /racks/{loading}/tubes/{position}`.
pub(super) async fn tube(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path((name, position)): Path<(String, u32)>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "racks");
    let loading = loaded(&state, &name).await?;
    let tube = loading.tubes.iter().find(|tube| tube.position == position);
    let Some(tube) = tube else { return Err(Trouble::NotFound(format!("{name} {position}"))) };
    shown(&TubePage {
        may_take_out: page.may(Duty::LoadRacks) && loading.state == LoadingState::Open,
        rack: loading.rack.clone(),
        position,
        tube: tube.din.to_string(),
        by: tube.by.clone(),
        at: super::list::moment(tube.at),
        version: told::version(&loading),
        loading: name,
        page,
    })
}

/// `POST /racks/{loading}/tubes/{position}`: it is taken out. Its number is scanned once more, so
/// that the tube in the hand is the one that is meant.
pub(super) async fn take_out(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path((name, position)): Path<(String, u32)>,
    request: Request,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let form = fields(&state, request).await?;
    let bench = state.racks.bench(&name);
    let _turn = bench.lock().await;
    let loading = seen(&state, &name, form.trimmed("version")).await?;
    if loading.state != LoadingState::Open {
        return Err(Trouble::Refused("rack-not-open", name));
    }
    let tube = loading.tubes.iter().find(|tube| tube.position == position);
    let Some(tube) = tube else { return Err(Trouble::NotFound(format!("{name} {position}"))) };
    let scanned = form.trimmed("tube");
    if !state.scheme.parse(scanned).is_ok_and(|scanned| scanned.din == tube.din) {
        return Err(Trouble::Refused("rack-other-tube", scanned.to_owned()));
    }
    let record = Record::Donation(tube.din.clone(), Statement::TakenOut(name.clone()));
    put(&state, &visitor.user, &name, vec![record]).await
}

/// `POST /racks/{loading}/close`: every tube is in its place.
pub(super) async fn close(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let form = fields(&state, request).await?;
    let bench = state.racks.bench(&name);
    let _turn = bench.lock().await;
    let loading = seen(&state, &name, form.trimmed("version")).await?;
    if loading.state != LoadingState::Open {
        return Err(Trouble::Refused("rack-not-open", name));
    }
    // As many tubes as the hand counted: one that fell out is noticed here (FM-05).
    let counted = form.trimmed("count");
    if counted.parse() != Ok(loading.tubes.len()) {
        return Err(Trouble::Refused("rack-other-count", counted.to_owned()));
    }
    put(&state, &visitor.user, &name, vec![step(&loading, RackStep::Closed)]).await
}

/// `POST /racks/{loading}/end`: its results are in, or it was given up; why.
pub(super) async fn end(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let form = fields(&state, request).await?;
    let why = words(form.trimmed("why"))?;
    let bench = state.racks.bench(&name);
    let _turn = bench.lock().await;
    let loading = seen(&state, &name, form.trimmed("version")).await?;
    if matches!(loading.state, LoadingState::Ended { .. }) {
        return Err(Trouble::Refused("rack-ended-already", name));
    }
    put(&state, &visitor.user, &name, vec![step(&loading, RackStep::Ended(why))]).await
}

/// Somebody's own words; never blank, never too many.
pub(super) fn words(text: &str) -> Result<String, Trouble> {
    match text.chars().count() {
        0 => Err(Trouble::Refused("rack-no-words", String::new())),
        count if count > limits::RACK_WORDS_MAX => {
            Err(Trouble::Refused("rack-many-words", limits::RACK_WORDS_MAX.to_string()))
        }
        _ => Ok(text.to_owned()),
    }
}

/// The loading, if it is still as the page showed it.
pub(super) async fn seen(
    state: &ConsoleState,
    name: &str,
    version: &str,
) -> Result<Loading, Trouble> {
    let loading = loaded(state, name).await?;
    match told::version(&loading) == version {
        true => Ok(loading),
        false => Err(Trouble::Refused("rack-stale", name.to_owned())),
    }
}

/// A step as a record.
pub(super) fn step(loading: &Loading, step: RackStep) -> Record {
    let (loading, rack) = (loading.loading.clone(), loading.rack.clone());
    Record::Rack(RackRecord { loading, rack, step })
}

/// Puts it on record and goes back to the loading.
pub(super) async fn put(
    state: &ConsoleState,
    by: &str,
    name: &str,
    records: Vec<Record>,
) -> Result<Response, Trouble> {
    let outcomes = state.put(by, records).await?;
    match not_taken(&outcomes) {
        Some(why) => Err(Trouble::Refused("racks-not-taken", why)),
        None => Ok(Redirect::to(&format!("/racks/{name}")).into_response()),
    }
}
