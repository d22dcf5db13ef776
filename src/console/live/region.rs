//! One region in one language: rendered when there is news, for everybody who looks at it.

use std::time::Duration;

use axum::body::Bytes;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::sleep;

use super::hash;
use crate::clock;
use crate::console::regions;
use crate::console::state::ConsoleState;
use crate::console::text::text;
use crate::limits;
use crate::rules::words::Lang;

/// What a region shows now.
#[derive(Clone, Default)]
pub(super) struct Shown {
    /// The hash of its HTML; empty before it was rendered.
    pub(super) hash: String,
    /// The event that puts it on a page.
    pub(super) event: Bytes,
}

/// What the page's script reads.
#[derive(Serialize)]
struct Told<'h> {
    id: &'h str,
    hash: &'h str,
    html: &'h str,
}

/// Keeps a region until nobody looks at it any more.
pub(super) async fn keep(state: ConsoleState, key: (Lang, String), tell: watch::Sender<Shown>) {
    let (lang, id) = &key;
    let mut floor = state.floor.news();
    let (mut seen, mut last) = (None, Duration::ZERO);
    loop {
        // Looked at before rendering: what comes while it is rendered is news again.
        let news = Some((*floor.borrow_and_update(), state.store.counters().commits));
        let now = clock::moment().since_start();
        if news != seen || now.saturating_sub(last) >= limits::LIVE_ANYWAY {
            (seen, last) = (news, now);
            if let Some(html) = regions::render(&state, text(*lang), id).await {
                show(&state, id, &html, &tell);
            }
            sleep(limits::LIVE_EVERY).await;
        }
        tokio::select! {
            () = tell.closed() => if state.live.forget(&key) { return },
            _ = floor.changed() => {}
            () = sleep(limits::LIVE_LOOK) => {}
        }
    }
}

/// Tells everybody who looks at it, where it is another than before.
fn show(state: &ConsoleState, id: &str, html: &str, tell: &watch::Sender<Shown>) {
    let hash = hash(html);
    if tell.borrow().hash == hash {
        return;
    }
    let Ok(told) = serde_json::to_string(&Told { id, hash: &hash, html }) else { return };
    // Who comes back is told apart from who is new by the number that it brings back.
    let event = Bytes::from(format!("event: region\nid: 1\ndata: {told}\n\n"));
    tell.send_replace(Shown { hash, event });
    state.live.tell();
}
