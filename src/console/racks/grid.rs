//! A loading as a grid: each place with its tube, and what analysers reported of it; live.

use askama::Template;

use super::told::{self, Found};
use super::{judge, loaded};
use crate::console::page::Page;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::domain::PlaceFound;
use crate::store::{Loading, LoadingState, ReportedPlace};

#[derive(Template)]
#[template(path = "rack_region.html")]
struct RackRegion {
    page: Page,
    loading: String,
    differences: Vec<String>,
    in_doubt: bool,
    was_settled: bool,
    counts: Vec<Count>,
    cells: Vec<Cell>,
    extras: Vec<String>,
    may_change: bool,
}

/// How many tubes there are of a kind.
struct Count {
    found: Found,
    number: usize,
}

/// A place.
struct Cell {
    position: u32,
    tube: Option<Standing>,
    is_next: bool,
}

/// What stands there.
struct Standing {
    din: String,
    found: Found,
    reported: String,
}

/// Region `rack:LOADING`.
pub(super) async fn region(
    state: &ConsoleState,
    text: &'static Text,
    loading: &str,
) -> Option<String> {
    html(&loaded(state, loading).await.ok()?, text)
}

/// What stands inside the region.
pub(super) fn html(loading: &Loading, text: &'static Text) -> Option<String> {
    let page = Page::in_language(text.lang(), "racks");
    let is_open = loading.state == LoadingState::Open;
    RackRegion {
        loading: loading.loading.clone(),
        differences: differences(loading, text),
        in_doubt: told::in_doubt(loading),
        was_settled: !loading.doubts.is_empty() && !told::in_doubt(loading),
        counts: counts(loading),
        cells: cells(loading, is_open, text),
        extras: loading.extras.iter().map(|extra| extra.din.to_string()).collect(),
        may_change: is_open,
        page,
    }
    .render()
    .ok()
}

fn counts(loading: &Loading) -> Vec<Count> {
    let expected = Found { id: "expected", mark: "○", class: "wait" };
    let mut counts = vec![Count { found: expected, number: loading.tubes.len() }];
    if loading.plan.analyser.is_none() {
        return counts;
    }
    for kind in PlaceFound::ALL {
        let number = match kind {
            PlaceFound::Extra => loading.extras.len(),
            PlaceFound::Awaited
            | PlaceFound::Confirmed
            | PlaceFound::NotReported
            | PlaceFound::Elsewhere => {
                loading.tubes.iter().filter(|tube| tube.found == kind).count()
            }
        };
        counts.push(Count { found: told::found(loading, kind), number });
    }
    counts
}

fn cells(loading: &Loading, is_open: bool, text: &Text) -> Vec<Cell> {
    let next = judge::next(&loading.plan, &told::tubes(loading)).filter(|_| is_open);
    let cell = |position: u32| {
        let tube = loading.tubes.iter().find(|tube| tube.position == position);
        let tube = tube.map(|tube| Standing {
            din: tube.din.to_string(),
            found: told::found(loading, tube.found),
            reported: match tube.found {
                PlaceFound::Elsewhere | PlaceFound::NotReported => reported(&tube.reported, text),
                PlaceFound::Awaited | PlaceFound::Confirmed | PlaceFound::Extra => String::new(),
            },
        });
        Cell { position, tube, is_next: next == Some(position) }
    };
    (1..=loading.plan.positions).map(cell).collect()
}

/// Where an analyser said that a tube stands.
fn reported(places: &[ReportedPlace], text: &Text) -> String {
    let told = places.iter().map(|place| {
        let unsaid = || text.say("rack-unsaid");
        let values = [
            ("analyser", place.analyser.clone()),
            ("rack", place.rack.clone().unwrap_or_else(unsaid)),
            ("position", place.position.clone().unwrap_or_else(unsaid)),
        ];
        text.with_all("rack-reported", &values)
    });
    let mut told: Vec<String> = told.collect();
    told.dedup();
    told.join("; ")
}

/// What differs between the manifest and what was reported, tube by tube (FM-03, FM-05).
pub(super) fn differences(loading: &Loading, text: &Text) -> Vec<String> {
    let moved = loading.tubes.iter().filter(|tube| tube.found == PlaceFound::Elsewhere);
    let moved = moved.map(|tube| {
        let values = [
            ("tube", tube.din.to_string()),
            ("position", tube.position.to_string()),
            ("reported", reported(&tube.reported, text)),
        ];
        text.with_all("rack-differs", &values)
    });
    let extra = loading.extras.iter().map(|extra| {
        let values =
            [("tube", extra.din.to_string()), ("reported", reported(&extra.reported, text))];
        text.with_all("rack-differs-extra", &values)
    });
    moved.chain(extra).collect()
}
