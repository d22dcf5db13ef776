//! A pool: its members with their verdicts, and what its tube showed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::file::{case_file, encoded};
use super::results::{self, ResultRow};
use super::words;
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::DonationNumber;
use crate::limits;
use crate::store::{Store, StoreError};

#[derive(Template)]
#[template(path = "pool.html")]
struct PoolPage {
    page: Page,
    pool: String,
    members: Vec<Member>,
    more: usize,
    results: Vec<ResultRow>,
    /// A member, under whose address the bytes of the results are.
    first: String,
}

struct Member {
    din: String,
    path: String,
    verdict: String,
    word: String,
    shape: &'static str,
}

/// `GET /pools/{pool}`.
pub(super) async fn show(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(pool): Path<String>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "");
    let asked = pool.clone();
    let (members, stand) = state.read(move |store| members(store, &asked)).await?;
    let Some(first) = members.first() else { return Err(Trouble::NotFound(pool)) };
    let facts = case_file(&state, first).await?.dossier.facts_now;
    let text = page.text();
    let of_pool = |row: &ResultRow| row.pool.as_deref() == Some(pool.as_str());
    shown(&PoolPage {
        results: results::rows(text, &facts).into_iter().filter(of_pool).collect(),
        first: encoded(first.as_str()),
        more: members.len().saturating_sub(stand.len()),
        members: members.iter().zip(&stand).map(|(din, is)| member(text, din, is)).collect(),
        pool,
        page,
    })
}

/// The members, and the verdicts of the first of them.
fn members(store: &Store, pool: &str) -> Result<(Vec<DonationNumber>, Vec<String>), StoreError> {
    let members = store.pool_members(pool)?;
    let shown = members.iter().take(limits::CONSOLE_MEMBERS_SHOWN);
    let verdict = |din: &DonationNumber| {
        let known = store.donation(din)?;
        Ok(known.map(|known| known.decision.verdict).unwrap_or_default())
    };
    let stand = shown.map(verdict).collect::<Result<_, StoreError>>()?;
    Ok((members, stand))
}

fn member(text: &Text, din: &DonationNumber, verdict: &str) -> Member {
    Member {
        din: din.to_string(),
        path: encoded(din.as_str()),
        verdict: verdict.to_owned(),
        word: words::verdict(text, verdict),
        shape: words::shape(verdict),
    }
}
