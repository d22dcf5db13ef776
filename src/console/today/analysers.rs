//! The analysers: whether each is there, when it last said something, what waits for it.

use std::collections::BTreeSet;

use askama::Template;

use crate::clock;
use crate::console::age;
use crate::console::links::{LineState, line_state};
use crate::console::paths;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::domain::Assay;
use crate::traffic::LinkView;

#[derive(Template)]
#[template(path = "today_analysers.html")]
struct Analysers {
    text: &'static Text,
    cards: Vec<Card>,
}

struct Card {
    analyser: String,
    path: String,
    state: LineState,
    last: Option<String>,
    /// Determinations that are wanted and that it can run.
    waiting: u32,
    alarms: Vec<&'static str>,
}

pub(super) fn region(state: &ConsoleState, text: &'static Text) -> Option<String> {
    let cards = state.board.links().into_iter().map(|view| card(state, text, view)).collect();
    Analysers { text, cards }.render().ok()
}

fn card(state: &ConsoleState, text: &'static Text, view: LinkView) -> Card {
    let now = clock::utc();
    let waiting = waiting_for(state, &view.info.analyser);
    Card {
        state: line_state(&view),
        last: view.last_message.map(|at| age::ago(text, at.utc, now)),
        waiting,
        alarms: view.alarms.iter().map(|alarm| alarm.kind.id()).collect(),
        path: paths::below("/links/", &view.info.analyser),
        analyser: view.info.analyser,
    }
}

/// Determinations that open donations still want of assays that this analyser runs, those that must
/// be repeated elsewhere left out.
fn waiting_for(state: &ConsoleState, analyser: &str) -> u32 {
    let Some(desk) = state.desks.get(analyser) else { return 0 };
    let runs: BTreeSet<Assay> = desk.analyser.tests().values().copied().collect();
    state.floor.look(|book| {
        let wants = book.open().flat_map(|open| &open.steps).map(|step| &step.want);
        let here = wants.filter(|want| {
            want.is_run()
                && want.assay.is_some_and(|assay| runs.contains(&assay))
                && want.analyser.as_deref().is_none_or(|first| first == analyser)
        });
        here.map(|want| want.count).sum()
    })
}
