//! Parts of pages that are sent anew when they change: `<section data-live="today-verdicts">`.
//! Every part of the console knows its own.

use super::state::ConsoleState;
use super::text::Text;
use super::{decisions, donation, links, racks, today, unread, worklists};

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
