//! One open page: what it has not seen yet goes to it, together.

use std::convert::Infallible;

use axum::body::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::{interval, sleep};

use super::Live;
use super::region::Shown;
use crate::limits;

/// A region as a page looks at it.
pub(super) struct Watched {
    pub(super) shown: watch::Receiver<Shown>,
    /// The hash of what the page shows of it.
    pub(super) has: Option<String>,
}

/// A place among the open streams; free again when it is dropped.
pub(super) struct Place {
    pub(super) live: Live,
    pub(super) visitor: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.live.leave(&self.visitor);
    }
}

/// An open page.
pub(super) struct Page {
    pub(super) watched: Vec<Watched>,
    pub(super) rendered: watch::Receiver<u64>,
    pub(super) tell: mpsc::Sender<Result<Bytes, Infallible>>,
    pub(super) place: Place,
}

/// The page may come back after so many milliseconds.
const HELLO: &str = "retry: 2000\n\n";
/// Nothing has happened, and the line is whole.
const HEARTBEAT: &str = ": here\n\n";

impl Page {
    /// Sends what changes until nobody reads any more: the page was left, or whoever guards
    /// sessions has ended the answer.
    pub(super) async fn run(mut self) {
        let mut heartbeat = interval(limits::LIVE_HEARTBEAT);
        let mut bytes = HELLO.to_owned().into_bytes();
        loop {
            self.rendered.mark_unchanged();
            self.gather(&mut bytes);
            let news = Bytes::from(std::mem::take(&mut bytes));
            if !news.is_empty() && self.tell.send(Ok(news)).await.is_err() {
                break;
            }
            tokio::select! {
                () = self.tell.closed() => break,
                _ = heartbeat.tick() => bytes.extend_from_slice(HEARTBEAT.as_bytes()),
                // What is rendered at the same time is sent together.
                _ = self.rendered.changed() => sleep(limits::LIVE_TOGETHER).await,
            }
        }
        drop(self.place);
    }

    /// Everything that the page does not show yet.
    fn gather(&mut self, bytes: &mut Vec<u8>) {
        for region in &mut self.watched {
            let shown = region.shown.borrow_and_update();
            if !shown.hash.is_empty() && region.has.as_ref() != Some(&shown.hash) {
                bytes.extend_from_slice(&shown.event);
                region.has = Some(shown.hash.clone());
            }
        }
    }
}
