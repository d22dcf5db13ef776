//! What is to be done next over the open donations, for people and programs that hand out work.
//!
//! It is concluded from what is on record when it is asked for. Refuses to look at everything at
//! once: a page is what the next [`limits::WORKLIST_PAGE_MAX`] registrations want, and says where
//! to go on.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::ApiState;
use super::language::Language;
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::{Action, Assay};
use crate::limits;
use crate::shape::NextStepShape;
use crate::store::{Worklist, WorklistEntry};

const LIMIT_USUAL: u64 = 200;

/// `GET /api/v1/worklist?assay=ID&action=ID&after=NUMBER&limit=N`.
pub(super) async fn page(
    State(state): State<ApiState>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (asked, language) = Asked::read(&uri, &headers)?;
    let (after, limit) = (asked.after, asked.limit);
    let worklist = state.read(move |store| store.worklist(after, limit)).await?;
    Ok(Json(asked.page(worklist, language)).into_response())
}

struct Asked {
    assay: Option<Assay>,
    action: Option<Action>,
    after: Option<i64>,
    limit: u64,
}

#[derive(Serialize)]
struct Page {
    work: Vec<DonationWork>,
    /// What to ask for as `after` next time; null at the end.
    next: Option<i64>,
}

/// The steps of one donation.
#[derive(Serialize)]
struct DonationWork {
    /// Number of its registration, as `after` counts.
    number: i64,
    din: String,
    verdict: String,
    next_steps: Vec<NextStepShape>,
}

impl Asked {
    fn read(uri: &Uri, headers: &HeaderMap) -> Result<(Asked, Language), Problem> {
        let mut parameters = Parameters::of(uri)?;
        let language = Language::asked(&mut parameters, headers);
        let assay = parameters.text("assay").and_then(|id| {
            let assay = Assay::from_id(&id);
            known(&mut parameters, "assay", &id, assay, &Assay::ALL.map(Assay::id))
        });
        let action = parameters.text("action").and_then(|id| {
            let action = Action::from_id(&id);
            known(&mut parameters, "action", &id, action, &Action::ALL.map(Action::id))
        });
        // Numbers never come near this one.
        let after = parameters.number("after", 0, u64::MAX);
        let limit = parameters.number("limit", 1, LIMIT_USUAL).min(limits::WORKLIST_PAGE_MAX);
        parameters.finish()?;
        let after = i64::try_from(after).ok();
        Ok((Asked { assay, action, after, limit }, language))
    }

    fn page(&self, worklist: Worklist, language: Language) -> Page {
        let work = worklist.entries.into_iter().filter_map(|entry| self.work(entry, language));
        Page { work: work.collect(), next: worklist.next }
    }

    fn work(&self, entry: WorklistEntry, language: Language) -> Option<DonationWork> {
        let mut next_steps = entry.next_steps;
        next_steps.retain(|step| self.wants(step));
        if next_steps.is_empty() {
            return None;
        }
        language.steps(&mut next_steps);
        let din = entry.din.as_str().to_owned();
        Some(DonationWork { number: entry.number, din, verdict: entry.verdict, next_steps })
    }

    fn wants(&self, step: &NextStepShape) -> bool {
        let is_assay = self.assay.is_none_or(|assay| step.assay.as_deref() == Some(assay.id()));
        let is_action = self.action.is_none_or(|action| step.action == action.id());
        is_assay && is_action
    }
}

fn known<T>(
    parameters: &mut Parameters,
    name: &str,
    id: &str,
    found: Option<T>,
    ids: &[&str],
) -> Option<T> {
    if found.is_none() {
        parameters.fault(name, format!("{id:?} is none of {}", ids.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_taken_up_to_its_bound() {
        let asked = |limit: u64| {
            let uri = format!("/api/v1/worklist?limit={limit}").parse().unwrap();
            Asked::read(&uri, &HeaderMap::new()).unwrap().0.limit
        };
        let most = limits::WORKLIST_PAGE_MAX;
        assert_eq!((asked(most), asked(most + 1)), (most, most));
    }
}
