//! Parts of pages that are sent anew when they change: `<section data-live="today-verdicts">`.
//! Every part of the console knows its own.

use super::live;
use super::state::ConsoleState;
use super::text::Text;
use super::{decisions, donation, links, racks, today, unread, worklists};

/// A region on a page that is made: templates put it as
/// `<section data-live="{{ r.id }}" data-hash="{{ r.hash }}">{{ r.html|safe }}</section>`.
pub(super) struct Region {
    pub(super) id: String,
    pub(super) hash: String,
    pub(super) html: String,
}

/// The region as it is now; empty where it cannot be told now: its stream will.
pub(super) async fn shown(state: &ConsoleState, text: &'static Text, id: String) -> Region {
    let html = render(state, text, &id).await.unwrap_or_default();
    Region { hash: live::hash(&html), id, html }
}

/// The HTML inside a region; `None` where nobody knows it or it cannot be told now.
pub(super) async fn render(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    let part = id.split(['-', ':']).next().unwrap_or_default();
    match part {
        "today" => today::region(state, text, id).await,
        "worklists" => worklists::region(state, text, id).await,
        "rack" | "racks" => racks::region(state, text, id).await,
        "decisions" => decisions::region(state, text, id).await,
        "donation" => donation::region(state, text, id).await,
        "unread" => unread::region(state, text, id).await,
        "links" => links::region(state, text, id).await,
        _ => None,
    }
}
