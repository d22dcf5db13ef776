//! Serves the inventory system's interface, and ends it.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::doorway::Doorway;
use super::health::Watching;
use crate::api::{self, ApiState};
use crate::config::Config;
use crate::limits;
use crate::session::Stop;
use crate::shape::RuleSetShape;
use crate::store::Shadow;

/// The routes of the interface.
pub(super) fn router(watching: &Watching, config: &Config, shadow: Option<Shadow>) -> Router {
    let (store, board) = (watching.store.clone(), watching.board.clone());
    let rule_set = RuleSetShape::from(config.rules.identity());
    let watched = watching.clone();
    let metrics = move || watched.telemetry.encode_metrics(&watched.measure());
    let scheme = Arc::clone(&config.scheme);
    let state = ApiState::new(store, scheme, rule_set, Arc::new(metrics));
    api::router(state.with_lines(board, config.http_listen).with_shadow(shadow))
}

/// Serves until the stop.
pub(super) async fn serve(listener: TcpListener, router: Router, stop: Stop) {
    // Answers are small and awaited; without this they may wait for the reader's delayed ACK.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let listener = Doorway::new(listener, limits::HTTP_CONNECTIONS_MAX);
    let mut ordered = stop.clone();
    let router = router.layer(from_fn(move |request, next| cut(request, next, stop.clone())));
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(async move { ordered.ordered().await });
    if let Err(error) = serving.await {
        tracing::error!(%error, "http ended");
    }
}

/// Waits for [`serve`] to end, but not for ever.
pub(super) async fn ended(mut serving: JoinHandle<()>) {
    if tokio::time::timeout(limits::HTTP_FAREWELL_WAIT, &mut serving).await.is_err() {
        serving.abort();
    }
}

/// A long poll must not hold up the stop; what only reads may be cut off and asked again.
async fn cut(request: Request, next: Next, mut stop: Stop) -> Response {
    let only_reads = request.method() == Method::GET;
    tokio::select! {
        biased;
        response = next.run(request) => response,
        () = stop.ordered(), if only_reads => {
            api::cut_short()
        }
    }
}
