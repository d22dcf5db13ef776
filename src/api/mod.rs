//! JSON for the inventory system: donations in, verdicts out as a gapless feed. For technicians:
//! the lines to the analysers, and what passed over them lately.
//!
//! Every answer that is not good is problem+json (RFC 9457) and says who must do what. Nothing
//! here decides anything: a verdict is shown as the store committed it. Refuses: unknown fields
//! and parameters, bodies over [`limits::HTTP_BODY_MAX`]. Asks for no password: it listens on
//! loopback unless the configuration says otherwise.

mod body;
mod donations;
mod donor_events;
mod feed;
mod language;
mod links;
mod lots;
mod problem;
mod query;
mod record_form;
mod records;
mod registration;
mod rules;
mod unread;
mod worklist;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::{Semaphore, watch};

use crate::domain::DonationNumberScheme;
use crate::limits;
use crate::shape::RuleSetShape;
use crate::store::{Health, Shadow, Store, StoreError};
use crate::traffic::Board;
use problem::Problem;

/// Version of the program, shown with every verdict (FM-36).
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Writes the metrics as OpenMetrics text.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// What the interface needs; cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    store: Store,
    scheme: Arc<DonationNumberScheme>,
    rule_set: RuleSetShape,
    metrics: MetricsText,
    feed_head: watch::Receiver<i64>,
    /// Reads of the store at once.
    reads: Arc<Semaphore>,
    /// Long polls that may still begin to wait.
    polls: Arc<Semaphore>,
    lines: Option<Lines>,
    shadow: Option<Shadow>,
}

/// The lines, where somebody watches them.
#[derive(Clone)]
struct Lines {
    board: Board,
    /// Whether recent traffic may be shown.
    on_loopback: bool,
}

impl ApiState {
    /// Joins the store with the site's donation numbers, the rule set that decides, and the
    /// metrics.
    pub fn new(
        store: Store,
        scheme: Arc<DonationNumberScheme>,
        rule_set: RuleSetShape,
        metrics: MetricsText,
    ) -> ApiState {
        let feed_head = feed_head(&store);
        ApiState {
            store,
            scheme,
            rule_set,
            metrics,
            feed_head,
            reads: Arc::new(Semaphore::new(limits::STORE_READERS)),
            polls: Arc::new(Semaphore::new(limits::LONG_POLLS_MAX)),
            lines: None,
            shadow: None,
        }
    }

    /// Shows the lines as well. `http` is where the interface listens: recent traffic may hold
    /// donors' identity and is shown on loopback alone.
    pub fn with_lines(mut self, board: Board, http: SocketAddr) -> ApiState {
        self.lines = Some(Lines { board, on_loopback: http.ip().is_loopback() });
        self
    }

    /// Shows what a rule set in the shadow says otherwise.
    pub fn with_shadow(mut self, shadow: Option<Shadow>) -> ApiState {
        self.shadow = shadow;
        self
    }

    /// Asks the store something without holding up the other requests.
    async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let Ok(_permit) = Arc::clone(&self.reads).acquire_owned().await else {
            return Err(Problem::stopping());
        };
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || ask(&store)).await {
            Ok(answer) => answer.map_err(|error| Problem::store(&error)),
            Err(_) => Err(Problem::stopping()),
        }
    }
}

/// The routes, fixed from version 1 on.
pub fn router(state: ApiState) -> Router {
    let rule_sets = get(rules::all).post(rules::draft);
    let rule_sets = rule_sets.layer(DefaultBodyLimit::max(limits::RULES_BODY_MAX));
    let donations = post(donations::register);
    let acknowledge = post(donor_events::acknowledge);
    let many = DefaultBodyLimit::max(limits::RECORDS_BODY_MAX);
    let records = post(records::put).layer(many).get(records::page);
    Router::new()
        .route("/api/v1/donations", donations)
        .route("/api/v1/donations/{din}", get(donations::show))
        .route("/api/v1/verdicts", get(feed::page))
        .route("/api/v1/donor-events", get(donor_events::page))
        .route("/api/v1/donor-events/{number}/acknowledge", acknowledge)
        .route("/api/v1/records", records)
        .route("/api/v1/worklist", get(worklist::page))
        .route("/api/v1/messages", get(unread::page))
        .route("/api/v1/rules", rule_sets)
        .route("/api/v1/rules/shadow", get(rules::shadow))
        .route("/api/v1/rules/steps", post(rules::take))
        .route("/api/v1/links", get(links::all))
        .route("/api/v1/links/{analyser}", get(links::one))
        .route("/api/v1/links/{analyser}/traffic", get(links::traffic))
        .route("/api/v1/lots", get(lots::page))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(limits::HTTP_BODY_MAX))
        .with_state(state)
}

/// The answer to a request that the end of the daemon cuts short (a long poll, usually).
pub fn cut_short() -> Response {
    Problem::stopping().into_response()
}

/// The feed's head as it moves. The callback is in place before the head is read, so that no
/// commit falls between the two.
fn feed_head(store: &Store) -> watch::Receiver<i64> {
    let (tell, head) = watch::channel(0);
    let tell = Arc::new(tell);
    let from_writer = Arc::clone(&tell);
    store.on_feed(Box::new(move |seq| rise(&from_writer, seq)));
    rise(&tell, store.feed_head());
    head
}

fn rise(head: &watch::Sender<i64>, seq: i64) {
    head.send_if_modified(|known| {
        let risen = seq > *known;
        if risen {
            *known = seq;
        }
        risen
    });
}

/// The process runs; where release is stopped, why.
async fn healthz(State(state): State<ApiState>) -> Response {
    match state.store.release_stopped() {
        None => Json(json!({ "status": "running" })).into_response(),
        Some(why) => {
            Json(json!({ "status": "running", "release": "stopped", "why": why })).into_response()
        }
    }
}

/// The store takes entries.
async fn readyz(State(state): State<ApiState>) -> Result<Response, Problem> {
    match state.store.health() {
        Health::Writing => Ok(Json(json!({ "status": "ready" })).into_response()),
        Health::Failing(error) => Err(Problem::store(&error)),
    }
}

async fn metrics(State(state): State<ApiState>) -> Response {
    let openmetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, openmetrics)], (state.metrics)()).into_response()
}
