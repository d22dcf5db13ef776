//! The technicians' console: pages for people at the bench, in Chinese and English.
//!
//! Rendered here, without a build step and without anything from elsewhere; what changes is sent to
//! the open page. Everything that somebody does becomes a record under their own name, after the
//! checks of the store, never a change. Refuses: whoever has not signed in, a form that did not
//! come from its own page, a page older than what it would decide about. Decides nothing: verdicts
//! are shown as the store committed them.

mod accounts;
mod age;
mod assets;
mod barcode;
mod decisions;
mod donation;
mod door;
mod explained;
mod find;
mod floor;
mod glance;
mod links;
mod live;
mod page;
mod paths;
mod putting;
mod quality;
mod racks;
mod regions;
mod session;
mod sign;
mod sign_in;
mod state;
mod text;
mod today;
mod trouble;
mod unread;
mod visitor;
mod worklists;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::limits;

pub use door::{Door, DoorPlan, Now};
pub use state::{ConsoleState, Desk};

/// Every page and what belongs to it.
pub fn router(state: ConsoleState) -> Router {
    Router::new()
        .route("/assets/{name}", get(assets::one))
        .route("/live", get(live::stream))
        .merge(sign_in::routes())
        .merge(accounts::routes())
        .merge(today::routes())
        .merge(worklists::routes())
        .merge(racks::routes())
        .merge(donation::routes())
        .merge(decisions::routes())
        .merge(find::routes())
        .merge(unread::routes())
        .merge(links::routes())
        .merge(quality::routes())
        .fallback(trouble::not_found)
        .layer(DefaultBodyLimit::max(limits::CONSOLE_BODY_MAX))
        .layer(from_fn_with_state(state.clone(), session::guard))
        .with_state(state)
}
