//! The manifest on paper: the grid and the list, every code as a bar code.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::list::moment;
use super::loaded;
use super::told::assay_words;
use crate::console::barcode::code128;
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};

#[derive(Template)]
#[template(path = "rack_paper.html")]
struct Paper {
    page: Page,
    loading: String,
    rack: String,
    rack_bars: Option<String>,
    analyser: Option<String>,
    assays: String,
    opened: String,
    by: String,
    positions: u32,
    places: Vec<Place>,
    tubes: usize,
}

struct Place {
    position: u32,
    tube: Option<Tube>,
}

struct Tube {
    din: String,
    bars: Option<String>,
    by: String,
    at: String,
}

/// `GET /racks/{loading}/manifest`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "racks");
    let loading = loaded(&state, &name).await?;
    let place = |position: u32| {
        let tube = loading.tubes.iter().find(|tube| tube.position == position);
        let tube = tube.map(|tube| Tube {
            din: tube.din.to_string(),
            bars: code128(tube.din.as_str()),
            by: tube.by.clone(),
            at: moment(tube.at),
        });
        Place { position, tube }
    };
    let assays: Vec<_> =
        loading.plan.assays.iter().map(|assay| assay_words(&page, *assay)).collect();
    shown(&Paper {
        rack_bars: code128(&loading.rack),
        analyser: loading.plan.analyser.clone(),
        assays: assays.join(", "),
        opened: moment(loading.opened_at),
        by: loading.by.clone(),
        positions: loading.plan.positions,
        places: (1..=loading.plan.positions).map(place).collect(),
        tubes: loading.tubes.len(),
        rack: loading.rack.clone(),
        loading: name,
        page,
    })
}
