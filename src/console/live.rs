//! Sends regions of open pages anew when they change.

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use std::convert::Infallible;

use super::state::ConsoleState;
use super::visitor::Visitor;
use crate::store::Store;

/// What the open pages share.
#[derive(Clone, Debug)]
pub(super) struct Live {}

impl Live {
    pub(super) fn new(_: &Store) -> Live {
        Live {}
    }
}

/// `GET /live?regions=a,b`: a stream of regions.
pub(super) async fn stream(
    State(_): State<ConsoleState>,
    _: Visitor,
) -> Sse<impl tokio_stream::Stream<Item = Result<Event, Infallible>>> {
    Sse::new(tokio_stream::empty())
}
