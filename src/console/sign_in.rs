//! Signing in and out, one's own password and language, and how long a session still lasts.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::door::Denied;
use super::page::{Page, shown};
use super::session::{asked, drop_cookie, set_cookie, token};
use super::sign::{self, seconds};
use super::state::ConsoleState;
use super::trouble::Trouble;
use super::visitor::Visitor;
use crate::limits;
use crate::people::{Change, Password, PasswordFault, Refusal, Standing};
use crate::rules::words::Lang;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/sign-in", get(ask).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/password", get(ask_password).post(change_password))
        .route("/language", post(change_language))
        .route("/session", get(left))
        .route("/session/stay", post(stay))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    name: String,
    next: String,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    page: Page,
    must: bool,
    fewest: String,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
    #[serde(default)]
    over: String,
    #[serde(default)]
    lang: String,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    lang: String,
}

#[derive(Deserialize)]
struct NewPassword {
    password: String,
    new: String,
    again: String,
}

async fn ask(
    visitor: Option<Extension<Visitor>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let next = inside(&wanted.next);
    if visitor.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let page = Page::in_language(chosen(&wanted.lang, &headers), "");
    let page = match wanted.over.is_empty() {
        true => page,
        false => {
            let over = page.say("people-over");
            page.telling("warn", over)
        }
    };
    shown(&SignInPage { page, name: String::new(), next })
}

async fn sign_in(
    State(state): State<ConsoleState>,
    headers: HeaderMap,
    Form(entry): Form<Entry>,
) -> Result<Response, Trouble> {
    let next = inside(&entry.next);
    match state.door.sign_in(&entry.name, Password::typed(entry.password)).await? {
        Ok(new) => {
            // Whoever was signed in here is so no longer.
            if let Some(old) = token(&state, &headers) {
                state.door.end(&old);
            }
            Ok((set_cookie(&state, &new), Redirect::to(&next)).into_response())
        }
        Err(denied) => {
            let page = Page::in_language(chosen(&entry.lang, &headers), "");
            let words = words_of(&page, denied);
            let page = page.telling("bad", words);
            let shown = shown(&SignInPage { page, name: entry.name, next })?;
            Ok((status_of(denied), shown).into_response())
        }
    }
}

/// The language chosen on the page, else the browser's.
fn chosen(lang: &str, headers: &HeaderMap) -> Lang {
    Lang::from_id(lang).unwrap_or_else(|| asked(headers))
}

/// A name that nobody has and a wrong password are told in the same words.
fn words_of(page: &Page, denied: Denied) -> String {
    match denied {
        Denied::Pause(left) => page.with("people-pause", "seconds", seconds(left)),
        Denied::Wrong => page.say("people-wrong"),
        Denied::Standing(Standing::Open | Standing::Closed) => page.say("people-shut-closed"),
        Denied::Standing(Standing::Expired) => page.say("people-shut-expired"),
        Denied::Standing(Standing::Stale) => page.say("people-shut-stale"),
    }
}

const fn status_of(denied: Denied) -> StatusCode {
    match denied {
        Denied::Pause(_) => StatusCode::TOO_MANY_REQUESTS,
        Denied::Wrong | Denied::Standing(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn sign_out(State(state): State<ConsoleState>, headers: HeaderMap) -> Response {
    if let Some(token) = token(&state, &headers) {
        state.door.end(&token);
    }
    (drop_cookie(&state), Redirect::to("/sign-in")).into_response()
}

async fn ask_password(visitor: Visitor) -> Result<Response, Trouble> {
    password_page(&visitor, None)
}

fn password_page(visitor: &Visitor, told: Option<&'static str>) -> Result<Response, Trouble> {
    let page = Page::new(Some(visitor), "");
    let page = match told {
        Some(key) => {
            let words = page.with(key, "fewest", limits::PASSWORD_MIN);
            page.telling("bad", words)
        }
        None => page,
    };
    let fewest = limits::PASSWORD_MIN.to_string();
    shown(&PasswordPage { page, must: visitor.must_change(), fewest })
}

async fn change_password(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(entry): Form<NewPassword>,
) -> Result<Response, Trouble> {
    sign::check(&state, &visitor, &entry.password).await?;
    let refused = |key| {
        password_page(&visitor, Some(key))
            .map(|page| (StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    if entry.new != entry.again {
        return refused("people-password-differs");
    }
    if entry.new == entry.password {
        return refused(fault_key(PasswordFault::Same));
    }
    let (door, user) = (&state.door, visitor.id());
    let sealed = match door.seal(user, Password::typed(entry.new)).await? {
        Ok(sealed) => sealed,
        Err(fault) => return refused(fault_key(fault)),
    };
    let change = Change::Password { sealed, once: false };
    door.change(user, change, user).await?.map_err(refusal)?;
    // Every session with the old password has ended, this one too.
    let new = door.begin(user)?;
    Ok((set_cookie(&state, &new), Redirect::to("/")).into_response())
}

/// The key of the text for a password that is not taken.
pub(super) const fn fault_key(fault: PasswordFault) -> &'static str {
    match fault {
        PasswordFault::Short => "people-password-short",
        PasswordFault::Long => "people-password-long",
        PasswordFault::HoldsName => "people-password-name",
        PasswordFault::Same => "people-password-same",
        PasswordFault::NotSealed => "people-password-unsealed",
    }
}

/// Why an account is not changed, as a page.
pub(super) fn refusal(refusal: Refusal) -> Trouble {
    let key = match refusal {
        Refusal::Taken => "people-refused-taken",
        Refusal::Unknown => "people-refused-unknown",
        Refusal::Closed => "people-refused-closed",
        Refusal::NotAdministrator => "people-refused-not-administrator",
        Refusal::Oneself => "people-refused-oneself",
        Refusal::LastAdministrator => "people-refused-last",
        Refusal::TooMany => "people-refused-many",
    };
    Trouble::Refused(key, String::new())
}

async fn change_language(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let other = match visitor.lang {
        Lang::En => Lang::ZhCn,
        Lang::ZhCn => Lang::En,
    };
    let change = Change::Language(other.id().to_owned());
    state.door.change(visitor.id(), change, visitor.id()).await?.map_err(refusal)?;
    Ok(Redirect::to(&came_from(&headers)).into_response())
}

/// The page on which the button was, where the browser says so and it can be read again.
fn came_from(headers: &HeaderMap) -> String {
    let referer = headers.get(axum::http::header::REFERER).and_then(|value| value.to_str().ok());
    let path = referer.and_then(|text| text.parse::<axum::http::Uri>().ok());
    let path = path.and_then(|uri| uri.path_and_query().map(|path| path.as_str().to_owned()));
    inside(&path.unwrap_or_default())
}

/// Seconds until the session ends if nobody does anything; asking does not prolong it.
async fn left(visitor: Visitor) -> Response {
    Json(json!({ "left_s": visitor.left() })).into_response()
}

/// Somebody is there. The guard has noted it already.
async fn stay(visitor: Visitor) -> Response {
    Json(json!({ "left_s": visitor.left() })).into_response()
}

/// An address inside the console, or its first page.
fn inside(path: &str) -> String {
    let elsewhere = path.starts_with("//") || path.contains(['\\', '\r', '\n', '\t']);
    match path.starts_with('/') && !elsewhere {
        true => path.to_owned(),
        false => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        for (path, to) in [
            ("/racks?x=1", "/racks?x=1"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\t/evil.example", "/"),
        ] {
            assert_eq!(inside(path), to, "{path:?}");
        }
    }
}
