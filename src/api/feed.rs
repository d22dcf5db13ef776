//! The feed of verdicts: gapless, rising, with a long poll that is answered at the commit.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::language::Language;
use super::problem::Problem;
use super::query::Parameters;
use super::{ApiState, PROGRAM};
use crate::limits;
use crate::shape::{DonorEventShape, ReasonShape, RuleSetShape};
use crate::store::FeedEntry;

const LIMIT_USUAL: u64 = 100;

/// `GET /api/v1/verdicts?after=SEQ&limit=N&wait=SECONDS`.
pub(super) async fn page(
    State(state): State<ApiState>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = Asked::read(&uri, &headers)?;
    let mut verdicts = read(&state, &asked).await?;
    if verdicts.is_empty() && !asked.wait.is_zero() {
        wait_for_more(&state, &asked).await;
        verdicts = read(&state, &asked).await?;
    }
    let next = verdicts.last().map_or(asked.after, |last| last.seq);
    let head = state.store.feed_head();
    let language = asked.language;
    let verdicts = verdicts.into_iter().map(|entry| VerdictShape::new(entry, language)).collect();
    Ok(Json(Page { verdicts, next, head, program: PROGRAM }).into_response())
}

struct Asked {
    after: i64,
    limit: u64,
    wait: Duration,
    language: Language,
}

impl Asked {
    fn read(uri: &Uri, headers: &HeaderMap) -> Result<Asked, Problem> {
        let mut parameters = Parameters::of(uri)?;
        let language = Language::asked(&mut parameters, headers);
        let after = parameters.number("after", 0, 0);
        let limit = parameters.number("limit", 1, LIMIT_USUAL).min(limits::FEED_PAGE_MAX);
        let wait = Duration::from_secs(parameters.number("wait", 0, 0)).min(limits::FEED_WAIT_MAX);
        parameters.finish()?;
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        Ok(Asked { after, limit, wait, language })
    }
}

#[derive(Serialize)]
struct Page {
    verdicts: Vec<VerdictShape>,
    /// What to ask for as `after` next time.
    next: i64,
    /// The last number of the feed. Below `after` the store is not the one that gave `after`
    /// (an older copy was restored).
    head: i64,
    /// Version of the program that answers (FM-36).
    program: &'static str,
}

#[derive(Serialize)]
struct VerdictShape {
    seq: i64,
    din: String,
    verdict: String,
    version: i64,
    reasons: Vec<ReasonShape>,
    remarks: Vec<ReasonShape>,
    labels: Vec<String>,
    donor: Vec<DonorEventShape>,
    rule_set: RuleSetShape,
    decided_at: String,
}

impl VerdictShape {
    fn new(mut entry: FeedEntry, language: Language) -> VerdictShape {
        language.reasons(&mut entry.reasons);
        language.reasons(&mut entry.remarks);
        VerdictShape {
            seq: entry.seq,
            din: entry.din.as_str().to_owned(),
            verdict: entry.verdict,
            version: entry.version,
            reasons: entry.reasons,
            remarks: entry.remarks,
            labels: entry.labels,
            donor: entry.donor,
            rule_set: entry.rule_set,
            decided_at: entry.decided_at.to_string(),
        }
    }
}

async fn read(state: &ApiState, asked: &Asked) -> Result<Vec<FeedEntry>, Problem> {
    let (after, limit) = (asked.after, asked.limit);
    state.read(move |store| store.feed(after, limit)).await
}

/// Waits for a commit or the end of the wait. Beyond the bound on waiting
/// requests it does not wait: the caller sees an empty page and asks again.
async fn wait_for_more(state: &ApiState, asked: &Asked) {
    let Ok(_permit) = state.polls.try_acquire() else { return };
    let mut head = state.feed_head.clone();
    let news = head.wait_for(|head| *head > asked.after);
    // Running out of time is an answer too: an empty page.
    let _in_time = tokio::time::timeout(asked.wait, news).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_and_wait_are_taken_up_to_their_bounds() {
        let asked = |limit: u64, wait: u64| {
            let uri = format!("/api/v1/verdicts?limit={limit}&wait={wait}").parse().unwrap();
            let asked = Asked::read(&uri, &HeaderMap::new()).unwrap();
            (asked.limit, asked.wait)
        };
        let (page, wait) = (limits::FEED_PAGE_MAX, limits::FEED_WAIT_MAX);
        assert_eq!(asked(page, wait.as_secs()), (page, wait));
        assert_eq!(asked(page + 1, wait.as_secs() + 1), (page, wait));
        assert_eq!(asked(1, 0), (1, Duration::ZERO));
    }
}
