//! How often first results are reactive, by reagent lot, for people and dashboards.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::ApiState;
use super::problem::Problem;
use super::query::Parameters;
use crate::store::LotRate;

#[derive(Serialize)]
struct Page {
    lots: Vec<Lot>,
}

#[derive(Serialize)]
struct Lot {
    profile: String,
    test_code: String,
    lot: String,
    /// Donations whose first result of this test was made with it, among the latest results.
    donations: u64,
    /// Those of them whose first result was reactive or in the grey zone.
    reactive: u64,
}

/// `GET /api/v1/lots`.
pub(super) async fn page(State(state): State<ApiState>, uri: Uri) -> Result<Response, Problem> {
    Parameters::of(&uri)?.finish()?;
    let rates = state.read(|store| store.lot_rates()).await?;
    let lots = rates.into_iter().map(Lot::from).collect();
    Ok(Json(Page { lots }).into_response())
}

impl From<LotRate> for Lot {
    fn from(rate: LotRate) -> Self {
        let LotRate { profile, test_code, lot, donations, reactive } = rate;
        Lot { profile, test_code, lot, donations, reactive }
    }
}
