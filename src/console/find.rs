//! Finds what goes by an id that somebody typed or scanned, in any form. What is exactly one thing
//! is shown at once; nothing is guessed, and what was not found is said as it was read.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::donation::encoded;
use super::page::{Page, shown};
use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::domain::{DonationNumberError, DonationNumberScheme};
use crate::store::{Matches, Store, StoreError};

/// Its page.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new().route("/find", get(find))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

/// Something that goes by the id.
#[derive(Debug, PartialEq, Eq)]
struct Hit {
    kind: &'static str,
    name: String,
    link: String,
}

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    page: Page,
    asked: String,
    hits: Vec<(String, String, String)>,
    /// What is wrong with it as a donation number.
    fault: Option<String>,
}

async fn find(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(Asked { q }): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = q.trim().to_owned();
    let page = Page::new(Some(&visitor), "");
    if asked.is_empty() {
        return shown(&FindPage { page, asked, hits: Vec::new(), fault: None });
    }
    let parsed = state.scheme.parse(&asked);
    let number = parsed.as_ref().ok().map(|scanned| scanned.din.as_str().to_owned());
    let text = asked.clone();
    let hits = state.read(move |store| hits(store, &text, number.as_deref())).await?;
    if let [Hit { link, .. }] = hits.as_slice() {
        return Ok(Redirect::to(link).into_response());
    }
    let fault = parsed.err().map(|fault| explained(page.text(), &state.scheme, &fault));
    let status = if hits.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let told = |hit: Hit| (page.word("found", hit.kind), hit.name, hit.link);
    let hits = hits.into_iter().map(told).collect();
    let shown = shown(&FindPage { hits, asked, fault, page: page.clone() })?;
    Ok((status, shown).into_response())
}

/// Everything that goes by the text, or by the donation number that it is.
fn hits(store: &Store, text: &str, number: Option<&str>) -> Result<Vec<Hit>, StoreError> {
    let mut hits = listed(store.find(text)?);
    if let Some(number) = number.filter(|number| *number != text) {
        let more = listed(store.find(number)?);
        let new: Vec<Hit> = more.into_iter().filter(|hit| !hits.contains(hit)).collect();
        hits.extend(new);
    }
    Ok(hits)
}

fn listed(found: Matches) -> Vec<Hit> {
    let hit = |kind, name: String, link: String| Hit { kind, name, link };
    let donation = found.donation.into_iter().map(|din| {
        let link = format!("/donations/{}", encoded(din.as_str()));
        hit("donation", din.to_string(), link)
    });
    let pool = found.pool.into_iter().map(|pool| {
        let link = format!("/pools/{}", encoded(&pool));
        hit("pool", pool, link)
    });
    let loadings = found.loadings.into_iter().map(|loading| {
        let link = format!("/racks/{}", encoded(&loading));
        hit("rack", loading, link)
    });
    let message = |number: i64| hit("message", number.to_string(), format!("/unread/{number}"));
    let messages = found.message.into_iter().map(message);
    let strays = found.specimen_messages.into_iter();
    let strays =
        strays.map(|number| hit("specimen", number.to_string(), format!("/unread/{number}")));
    donation.chain(pool).chain(loadings).chain(messages).chain(strays).collect()
}

/// Why it is no donation number, and what to do. Nothing is put into upper case here.
fn explained(text: &Text, scheme: &DonationNumberScheme, fault: &DonationNumberError) -> String {
    match fault {
        DonationNumberError::CheckCharacter { text: seen, .. } => {
            text.with("find-check-character", "seen", seen)
        }
        DonationNumberError::Shape { text: seen, .. } => {
            let upper = seen.to_ascii_uppercase();
            let key = match upper != *seen && scheme.parse(&upper).is_ok() {
                true => "find-lower-case",
                false => "find-no-number",
            };
            text.with(key, "seen", seen)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::text;
    use super::*;
    use crate::rules::words::Lang;

    fn told(seen: &str) -> Option<String> {
        let scheme = DonationNumberScheme::Isbt128;
        let fault = scheme.parse(seen).err()?;
        Some(explained(text(Lang::En), &scheme, &fault))
    }

    #[test]
    fn a_number_in_lower_case_or_with_a_wrong_check_character_is_explained() {
        let say = |key, seen: &str| Some(text(Lang::En).with(key, "seen", seen));
        assert_eq!(told("g123498654321"), say("find-lower-case", "g123498654321"));
        assert_eq!(told("G123498654321J"), say("find-check-character", "G123498654321J"));
        assert_eq!(told("P17"), say("find-no-number", "P17"));
        for number in ["=G12349865432100", "G123498654321", "G1234 98 654321 H"] {
            assert_eq!(told(number), None, "{number}");
        }
    }
}
