//! Worklists, grouped as a bench works.

use axum::Router;

use super::state::ConsoleState;
use super::text::Text;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
}

/// Its regions.
pub(super) async fn region(_: &ConsoleState, _: &'static Text, _: &str) -> Option<String> {
    None
}
