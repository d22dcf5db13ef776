//! Messages that could not be understood, and what becomes of them: decoded as far as possible
//! beside the bytes, and judged by two people. Before anything is proposed or agreed to, the page
//! says what each donation would become.
//!
//! ```text
//!  unread ─► accept, reject ──────────────► proposed ─► somebody else ─► judged
//!        └─► read again: now -> then ─────►          └► turned down
//! ```

mod detail;
mod judge;
mod outlook;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;

use super::donation::{encoded, words};
use super::live;
use super::page::{Page, shown};
use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::limits;
use crate::store::UnreadEntry;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/unread", get(list))
        .route("/unread/{message}", get(detail::show))
        .route("/unread/{message}/outlook", get(detail::outlook))
        .route("/unread/{message}/propose", post(judge::propose))
        .route("/unread/{message}/agree", post(judge::agree))
        .route("/unread/{message}/turn-down", post(judge::turn_down))
}

/// Its regions: `unread:` and the number after which the list begins.
pub(super) async fn region(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    let after: i64 = id.strip_prefix("unread:")?.parse().ok()?;
    List::read(state, text, after).await.ok()?.render().ok()
}

/// The list itself.
#[derive(Template)]
#[template(path = "unread_list.html")]
struct List {
    text: &'static Text,
    rows: Vec<Row>,
    /// Where the next page begins.
    next: Option<i64>,
}

struct Row {
    message: i64,
    analyser: String,
    profile: String,
    at: String,
    age: String,
    length: usize,
    is_cut: bool,
    faults: usize,
    first: Option<String>,
    donations: Vec<(String, String)>,
    more: usize,
    is_proposed: bool,
}

#[derive(Template)]
#[template(path = "unread.html")]
struct UnreadPage {
    page: Page,
    after: i64,
    hash: String,
    list: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    after: i64,
}

async fn list(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(Asked { after }): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "unread");
    let list = List::read(&state, page.text(), after).await?.render();
    let list = list.map_err(|error| Trouble::Unmade(error.to_string()))?;
    shown(&UnreadPage { page, after, hash: live::hash(&list), list })
}

impl List {
    async fn read(state: &ConsoleState, text: &'static Text, after: i64) -> Result<List, Trouble> {
        let limit = limits::CONSOLE_UNREAD_PAGE;
        let entries = state.read(move |store| store.unread(after, limit)).await?;
        let now = state.door.now().utc;
        let next = entries.last().map(|last| last.message);
        let next = next.filter(|_| entries.len() as u64 == limit);
        Ok(List { text, next, rows: entries.iter().map(|entry| row(text, entry, now)).collect() })
    }
}

fn row(text: &Text, entry: &UnreadEntry, now: Timestamp) -> Row {
    let shown = entry.donations.iter().take(limits::CONSOLE_BLOCKED_SHOWN);
    let first = entry.incomplete.clone();
    let first = first.or_else(|| {
        entry.faults.first().map(|(offset, words)| {
            let values = [("offset", offset.to_string()), ("words", words.clone())];
            text.with_all("unread-fault", &values)
        })
    });
    Row {
        message: entry.message,
        analyser: entry.analyser.clone(),
        profile: entry.profile.clone(),
        at: words::time(text, entry.received_at),
        age: age(text, entry.received_at, now),
        length: entry.bytes.len(),
        is_cut: entry.incomplete.is_some(),
        faults: entry.faults.len(),
        first,
        donations: shown.map(|din| (din.to_string(), encoded(din.as_str()))).collect(),
        more: entry.donations.len().saturating_sub(limits::CONSOLE_BLOCKED_SHOWN),
        is_proposed: entry.is_proposed,
    }
}

/// How long it has been lying there.
fn age(text: &Text, then: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(then).as_mins().max(0);
    match minutes {
        0..=119 => text.with("unread-age-minutes", "count", minutes),
        120..=2_879 => text.with("unread-age-hours", "count", minutes / 60),
        _ => text.with("unread-age-days", "count", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::text;
    use super::*;
    use crate::rules::words::Lang;

    #[test]
    fn an_age_is_told_in_what_a_person_counts_in() {
        let then = Timestamp::UNIX_EPOCH;
        let told = |minutes: i64| {
            age(text(Lang::En), then, then + jiff::SignedDuration::from_mins(minutes))
        };
        assert_eq!(told(1), "1 minute");
        assert_eq!(told(119), "119 minutes");
        assert_eq!(told(120), "2 hours");
        assert_eq!(told(2_880), "2 days");
        assert_eq!(told(-5), "0 minutes");
    }
}
