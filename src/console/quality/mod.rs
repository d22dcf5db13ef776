//! Quality control and statistics.

use axum::Router;

use super::state::ConsoleState;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
}
