//! What a sorter or a pooling robot wrote becomes loadings and pools: first shown, then imported.
//!
//! The same checks as at a scan, row by row. With one refusal nothing of the file is imported; what
//! is imported is one transaction. Refuses a pool that is on record already: its members were said
//! once.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::begin::{assays_of, name_of, rack_code};
use super::fields::fields;
use super::judge::{Standing, judge};
use super::refusal::Refusal;
use super::told::assay_words;
use super::{known, not_taken};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{DonationNumber, Placement, RackPlan, RackRecord, RackStep, Record, Statement};
use crate::limits;
use crate::manifest::{Content, Fault, Layout, Manifest, Rack};

#[derive(Template)]
#[template(path = "racks_import.html")]
struct ImportPage {
    page: Page,
    layouts: Vec<LayoutChoice>,
    analysers: Vec<String>,
    chosen: Chosen,
    preview: Option<Preview>,
}

/// A layout to choose.
struct LayoutChoice {
    name: String,
    title: String,
    charset: String,
    missing: Vec<String>,
}

/// What was chosen before.
#[derive(Default)]
struct Chosen {
    layout: String,
    analyser: String,
    file: String,
    text: String,
}

/// What would be imported.
struct Preview {
    refusals: Vec<Refused>,
    racks: Vec<RackRows>,
    pools: Vec<PoolRow>,
    records: usize,
    sha256: String,
    assays: String,
}

/// Why a row is not taken.
struct Refused {
    place: String,
    words: String,
    todo: String,
}

struct RackRows {
    rack: String,
    positions: u32,
    tubes: Vec<(u32, String)>,
}

struct PoolRow {
    id: String,
    members: Vec<String>,
}

/// `GET /racks/import`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let page = Page::new(Some(&visitor), "racks");
    shown(&import_page(&state, page, Chosen::default(), None)?)
}

/// `POST /racks/import`: with `act=preview` it is shown, with `act=import` imported.
pub(super) async fn take(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Trouble> {
    visitor.must(Duty::LoadRacks)?;
    let form = fields(&state, request).await?;
    let page = Page::new(Some(&visitor), "racks");
    let chosen = Chosen {
        layout: form.trimmed("layout").to_owned(),
        analyser: form.trimmed("analyser").to_owned(),
        file: form.trimmed("file").chars().take(limits::RACK_WORDS_MAX).collect(),
        text: form.get("text").to_owned(),
    };
    // One import at a time: what one puts in is seen by the next.
    let bench = state.racks.bench("import");
    let _turn = bench.lock().await;
    let (manifest, preview) = looked_at(&state, &page, &chosen).await?;
    let is_good = preview.refusals.is_empty();
    let is_seen = form.trimmed("sha256") == preview.sha256;
    match manifest.filter(|_| form.trimmed("act") == "import" && is_good && is_seen) {
        Some(manifest) => imported(&state, &visitor, &chosen, &manifest).await,
        None => shown(&import_page(&state, page, chosen, Some(preview))?),
    }
}

fn layout<'s>(state: &'s ConsoleState, name: &str) -> Result<&'s Layout, Trouble> {
    let found = state.layouts.iter().find(|layout| layout.name == name);
    found.ok_or_else(|| Trouble::Refused("import-no-layout", name.to_owned()))
}

fn import_page(
    state: &ConsoleState,
    page: Page,
    chosen: Chosen,
    preview: Option<Preview>,
) -> Result<ImportPage, Trouble> {
    let choice = |layout: &Layout| LayoutChoice {
        charset: layout.charset.name(),
        name: layout.name.clone(),
        title: layout.title.clone(),
        missing: layout.missing.clone(),
    };
    let layouts = state.layouts.iter().map(choice).collect();
    let analysers = state.desks.keys().cloned().collect();
    Ok(ImportPage { page, layouts, analysers, chosen, preview })
}

/// What the file says, and everything that stands against it.
async fn looked_at(
    state: &ConsoleState,
    page: &Page,
    chosen: &Chosen,
) -> Result<(Option<Manifest>, Preview), Trouble> {
    let layout = layout(state, &chosen.layout)?;
    let mut preview = Preview {
        refusals: Vec::new(),
        racks: Vec::new(),
        pools: Vec::new(),
        records: 0,
        sha256: String::new(),
        assays: String::new(),
    };
    let manifest = match layout.read_text(&chosen.text, &state.scheme) {
        Ok(manifest) => manifest,
        Err(faults) => {
            preview.refusals = faults.iter().map(|fault| fault_told(page, fault)).collect();
            return Ok((None, preview));
        }
    };
    let plan = plan(state, chosen, &manifest)?;
    if layout.content == Content::Racks {
        let words: Vec<_> = plan.assays.iter().map(|one| assay_words(page, *one)).collect();
        preview.assays = words.join(", ");
    }
    for rack in &manifest.racks {
        preview.refusals.extend(rack_refusals(state, page, &plan, rack).await?);
        let mut tubes: Vec<_> =
            rack.tubes.iter().map(|t| (t.position, t.din.to_string())).collect();
        tubes.sort_unstable();
        preview.racks.push(RackRows { rack: rack.rack.clone(), positions: rack.positions, tubes });
    }
    for pool in &manifest.pools {
        preview.refusals.extend(pool_refusals(state, page, pool).await?);
        let members = pool.members.iter().map(ToString::to_string).collect();
        preview.pools.push(PoolRow { id: pool.id.clone(), members });
    }
    preview.records = manifest.records();
    preview.sha256.clone_from(&manifest.sha256);
    Ok((Some(manifest), preview))
}

/// What every rack of the file is for; its container and size are the file's.
fn plan(state: &ConsoleState, chosen: &Chosen, read: &Manifest) -> Result<RackPlan, Trouble> {
    let analyser = Some(chosen.analyser.clone()).filter(|id| !id.is_empty());
    let assays = match &analyser {
        Some(id) => assays_of(state, Some(id))?,
        None => Vec::new(),
    };
    let name = if chosen.file.is_empty() { &chosen.layout } else { &chosen.file };
    let sha: String = read.sha256.chars().take(limits::SHA_SHOWN).collect();
    let file = Some(format!("{name} sha256 {sha}"));
    Ok(RackPlan { analyser, assays, container: None, positions: 1, file })
}

fn plan_of(plan: &RackPlan, rack: &Rack) -> RackPlan {
    RackPlan { container: rack.container, positions: rack.positions, ..plan.clone() }
}

async fn rack_refusals(
    state: &ConsoleState,
    page: &Page,
    plan: &RackPlan,
    rack: &Rack,
) -> Result<Vec<Refused>, Trouble> {
    let plan = plan_of(plan, rack);
    let mut refusals = Vec::new();
    if let Err(trouble) = rack_code(state, &rack.rack) {
        refusals.push(trouble_told(page, &rack.rack, &trouble));
    }
    let (code, desk) =
        (rack.rack.clone(), plan.analyser.as_ref().and_then(|id| state.desks.get(id)));
    let (desk, wanted) = (desk.cloned(), plan.clone());
    let (racks, kits) = state
        .read(move |store| {
            Ok((known::racks(store, &code)?, known::kits(store, desk.as_ref(), &wanted)?))
        })
        .await?;
    // Its own code is always among them.
    if racks.iter().filter(|known| **known == rack.rack).count() > 1 {
        let in_use = Trouble::Refused("racks-in-use", rack.rack.clone());
        refusals.push(trouble_told(page, &rack.rack, &in_use));
    }
    let mut standing: Vec<(u32, DonationNumber)> = Vec::new();
    for tube in &rack.tubes {
        let (din, place) =
            (tube.din.clone(), Standing { plan: &plan, tubes: &standing, kits: &kits });
        let known = state.read(move |store| known::about(store, &din, "")).await?;
        let is_rack = racks.iter().any(|code| code == tube.din.as_str());
        let judged = match is_rack {
            true => Err(Refusal::RackCode { text: tube.din.to_string() }),
            false => judge(&place, tube.position, &tube.din, &known),
        };
        if let Err(refusal) = judged {
            refusals.push(refusal_told(page, tube.line, &refusal));
        }
        standing.push((tube.position, tube.din.clone()));
    }
    Ok(refusals)
}

async fn pool_refusals(
    state: &ConsoleState,
    page: &Page,
    pool: &crate::domain::Pool,
) -> Result<Vec<Refused>, Trouble> {
    let mut refusals = Vec::new();
    let id = pool.id.clone();
    if state.read(move |store| store.find(&id)).await?.pool.is_some() {
        let on_record = Trouble::Refused("import-pool-known", pool.id.clone());
        refusals.push(trouble_told(page, &pool.id, &on_record));
    }
    let mut seen = BTreeSet::new();
    for din in &pool.members {
        let tube = din.clone();
        let known = state.read(move |store| known::about(store, &tube, "")).await?;
        let refusal = match (known.registered, known.deferred) {
            (false, _) => Some(Refusal::Unknown { tube: din.clone() }),
            (true, true) => Some(Refusal::Deferred { tube: din.clone() }),
            (true, false) => None,
        };
        if let Some(refusal) = refusal.filter(|_| seen.insert(din.clone())) {
            let [words, todo] = refusal.told(page.text());
            refusals.push(Refused { place: pool.id.clone(), words, todo });
        }
    }
    Ok(refusals)
}

async fn imported(
    state: &ConsoleState,
    visitor: &Visitor,
    chosen: &Chosen,
    manifest: &Manifest,
) -> Result<Response, Trouble> {
    let plan = plan(state, chosen, manifest)?;
    let mut records = Vec::with_capacity(manifest.records());
    for rack in &manifest.racks {
        records.extend(rack_records(&plan_of(&plan, rack), rack));
    }
    records.extend(manifest.pools.iter().cloned().map(Record::Pool));
    let outcomes = state.put(&visitor.user, records).await?;
    match not_taken(&outcomes) {
        Some(why) => Err(Trouble::Refused("import-not-taken", why)),
        None => Ok(Redirect::to("/racks").into_response()),
    }
}

/// A rack is opened, its tubes are placed, its manifest is fixed.
fn rack_records(plan: &RackPlan, rack: &Rack) -> Vec<Record> {
    let loading = name_of(&rack.rack);
    let step = |step: RackStep| {
        let (loading, rack) = (loading.clone(), rack.rack.clone());
        Record::Rack(RackRecord { loading, rack, step })
    };
    let mut records = vec![step(RackStep::Opened(plan.clone()))];
    for tube in &rack.tubes {
        let placement = Placement {
            loading: loading.clone(),
            rack: rack.rack.clone(),
            position: tube.position,
            analyser: plan.analyser.clone(),
        };
        records.push(Record::Donation(tube.din.clone(), Statement::Placed(placement)));
    }
    records.push(step(RackStep::Closed));
    records
}

fn refusal_told(page: &Page, line: u64, refusal: &Refusal) -> Refused {
    let [words, todo] = refusal.told(page.text());
    Refused { place: page.with("import-line", "line", line), words, todo }
}

fn trouble_told(page: &Page, place: &str, trouble: &Trouble) -> Refused {
    let [words, _] = trouble.told(page.lang());
    Refused { place: place.to_owned(), words, todo: String::new() }
}

fn fault_told(page: &Page, fault: &Fault) -> Refused {
    let text: &Text = page.text();
    let place = match (fault.line, fault.cell) {
        (0, _) => page.say("import-whole-file"),
        (line, None) => page.with("import-line", "line", line),
        (line, Some(cell)) => {
            let values = [("line", line.to_string()), ("cell", cell.to_string())];
            text.with_all("import-line-cell", &values)
        }
    };
    Refused { place, words: super::faults::told(text, &fault.kind), todo: String::new() }
}
