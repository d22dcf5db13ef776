//! The life of rule sets: what is on record, steps in it, and what one in the shadow says
//! otherwise.
//!
//! A step is what a person says; who it is, nobody proves here. Refuses what the table of
//! `rules::life` refuses, in its words, and a text that is not proved.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use tokio::sync::oneshot;

use super::body::body;
use super::problem::{FieldFault, Problem};
use super::{ApiState, PROGRAM, query};
use crate::limits;
use crate::rules::RuleSet;
use crate::rules::life::Step;
use crate::shape::{
    RuleDraftShape, RuleLifeShape, RuleLivesShape, RuleSetShape, RuleStepTakenShape,
    ShadowDifferenceShape, ShadowShape,
};
use crate::store::{RuleStep, ShadowDifference, Which};

const LIMIT_USUAL: u64 = 100;

/// `GET /api/v1/rules`: every rule set on record, with its life.
pub(super) async fn all(State(state): State<ApiState>, uri: Uri) -> Result<Response, Problem> {
    query::Parameters::of(&uri)?.finish()?;
    let sets = state.read(|store| store.rule_sets()).await?;
    let rule_sets = sets.iter().map(RuleLifeShape::from).collect();
    Ok(Json(RuleLivesShape { rule_sets }).into_response())
}

/// `POST /api/v1/rules`: a text is brought, and proved.
pub(super) async fn draft(
    State(state): State<ApiState>,
    request: Request,
) -> Result<Response, Problem> {
    let bytes = body(request, limits::RULES_BODY_MAX).await?;
    let draft: RuleDraftShape = read(&bytes)?;
    let text = draft.text;
    let proved = tokio::task::spawn_blocking(move || RuleSet::parse("text", &text)).await;
    let rules = proved.map_err(|_| Problem::stopping())?.map_err(|faults| {
        let fault = |fault: &crate::document::Fault| FieldFault::new("text", fault.to_string());
        Problem::fields(faults.iter().map(fault).collect())
    })?;
    step(&state, RuleStep::draft(&rules, &draft.by, PROGRAM)).await
}

/// `POST /api/v1/rules/steps`: a step in the life of a rule set on record.
pub(super) async fn take(
    State(state): State<ApiState>,
    request: Request,
) -> Result<Response, Problem> {
    let bytes = body(request, limits::HTTP_BODY_MAX).await?;
    let taken: RuleStepTakenShape = read(&bytes)?;
    let wrong = |field: &str, words: String| Problem::fields(vec![FieldFault::new(field, words)]);
    let from: Option<Date> = match taken.from.as_deref().map(str::parse).transpose() {
        Ok(from) => from,
        Err(_) => return Err(wrong("from", "is not a day, e.g. 2026-12-01".to_owned())),
    };
    let known = Step::restored(&taken.step, from).filter(|step| match step {
        Step::Shadow | Step::Approve | Step::Activate(_) | Step::Retire => true,
        Step::Draft | Step::Check => false,
    });
    let Some(known) = known else {
        let words = "is shadow, approved, active_from (with from) or retired";
        return Err(wrong("step", words.to_owned()));
    };
    let steps = vec![(known, taken.by, taken.detail)];
    step(&state, RuleStep { which: Which::Named(taken.sha256), steps }).await
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Problem::shape(error.to_string()),
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => Problem::malformed(error.to_string()),
    })
}

async fn step(state: &ApiState, step: RuleStep) -> Result<Response, Problem> {
    let (tell, answer) = oneshot::channel();
    // Who asked may be gone; the step is taken all the same.
    state.store.rule_step(step, Box::new(move |outcome| drop(tell.send(outcome))));
    let outcome = match tokio::time::timeout(limits::COMMIT_WAIT, answer).await {
        Ok(Ok(outcome)) => outcome.map_err(|error| Problem::store(&error))?,
        Ok(Err(_)) => return Err(Problem::stopping()),
        Err(_) => return Err(Problem::commit_slow()),
    };
    let record = outcome.map_err(|refused| Problem::step_refused(refused.0))?;
    Ok(Json(RuleLifeShape::from(&record)).into_response())
}

/// `GET /api/v1/rules/shadow?after=ID&limit=N`: what the rule set in the shadow says otherwise.
pub(super) async fn shadow(State(state): State<ApiState>, uri: Uri) -> Result<Response, Problem> {
    let mut parameters = query::Parameters::of(&uri)?;
    let after = i64::try_from(parameters.number("after", 0, 0)).unwrap_or(i64::MAX);
    let limit = parameters.number("limit", 1, LIMIT_USUAL).min(limits::SHADOW_PAGE_MAX);
    parameters.finish()?;
    let rule_set = state.rule_set.clone();
    let mut shape = ShadowShape {
        shadow: None,
        rule_set,
        compared: 0,
        differing: 0,
        failed: 0,
        left_out: 0,
        waiting: 0,
        differences: Vec::new(),
        next: after,
    };
    let Some(shadow) = &state.shadow else { return Ok(Json(shape).into_response()) };
    let count = shadow.count();
    let sha256 = count.rules.sha256.clone();
    let found = state.read(move |store| store.shadow_differences(&sha256, after, limit)).await?;
    shape.shadow = Some(RuleSetShape::from(&count.rules));
    (shape.compared, shape.differing) = (count.compared, count.differing);
    (shape.failed, shape.left_out) = (count.failed, count.left_out);
    shape.waiting = count.waiting;
    shape.next = found.last().map_or(after, |last| last.id);
    shape.differences = found.into_iter().map(difference_shape).collect();
    Ok(Json(shape).into_response())
}

fn difference_shape(found: ShadowDifference) -> ShadowDifferenceShape {
    ShadowDifferenceShape {
        id: found.id,
        din: found.din.as_str().to_owned(),
        seq: found.seq,
        verdict: found.verdict,
        reasons: found.reasons,
        would_be: found.would_be,
        would_be_reasons: found.would_be_reasons,
    }
}
