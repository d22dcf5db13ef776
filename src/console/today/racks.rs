//! Racks in progress, each tube in its place with what is known of its donation.

use askama::Template;

use crate::console::floor::Floor;
use crate::console::page;
use crate::console::paths;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::domain::{PlaceFound, Verdict};
use crate::rules::words;
use crate::store::{Loading, LoadingState, LoadingTube};

#[derive(Template)]
#[template(path = "today_racks.html")]
struct Racks {
    text: &'static Text,
    racks: Vec<Rack>,
    more: bool,
}

struct Rack {
    path: String,
    rack: String,
    analyser: Option<String>,
    state: &'static str,
    in_doubt: bool,
    tubes: usize,
    positions: u32,
    cells: Vec<Cell>,
}

/// One position.
struct Cell {
    position: u32,
    tube: Option<Tube>,
}

struct Tube {
    din: String,
    path: String,
    kind: &'static str,
    mark: &'static str,
    verdict: String,
    /// The analyser reported it at another place.
    is_elsewhere: bool,
    found: &'static str,
}

pub(super) async fn region(state: &ConsoleState, text: &'static Text) -> Option<String> {
    let seen = state.glance.look(state).await.ok()?;
    let racks = seen.loadings.iter().map(|loading| rack(&state.floor, text, loading)).collect();
    Racks { text, racks, more: seen.more_racks }.render().ok()
}

fn rack(floor: &Floor, text: &Text, loading: &Loading) -> Rack {
    let in_doubt = loading.doubts.iter().any(|doubt| doubt.settled_by.is_none());
    let state = match &loading.state {
        LoadingState::Open => "open",
        LoadingState::Closed { .. } => "closed",
        LoadingState::Ended { .. } => "ended",
    };
    let tube_at = |position| loading.tubes.iter().find(|tube| tube.position == position);
    let cell =
        |position| Cell { position, tube: tube_at(position).map(|known| tube(floor, text, known)) };
    Rack {
        state,
        in_doubt,
        tubes: loading.tubes.len(),
        positions: loading.plan.positions,
        cells: (1..=loading.plan.positions).map(cell).collect(),
        analyser: loading.plan.analyser.clone(),
        path: paths::below("/racks/", &loading.loading),
        rack: loading.rack.clone(),
    }
}

fn tube(floor: &Floor, text: &Text, tube: &LoadingTube) -> Tube {
    let verdict = floor.look(|book| book.verdict(&tube.din));
    let kind = verdict.map_or("unknown", Verdict::id);
    let told = |verdict| text.lang().of(words::verdict(verdict)).to_owned();
    Tube {
        din: tube.din.as_str().to_owned(),
        path: paths::donation(tube.din.as_str()),
        kind,
        mark: page::shape(kind),
        verdict: verdict.map_or_else(|| text.say("today-tube-unknown"), told),
        is_elsewhere: matches!(tube.found, PlaceFound::Elsewhere | PlaceFound::Extra),
        found: tube.found.id(),
    }
}
