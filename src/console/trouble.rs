//! What went wrong, as a page that says what happened and what to do.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::page::Page;
use super::text::text;
use super::visitor::{Duty, Visitor};
use crate::people::Role;
use crate::rules::words::Lang;
use crate::store::StoreError;

/// What went wrong with a request.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nobody signed in, or the session is over.
    NotSignedIn,
    /// They may not do this.
    NotAllowed(Duty),
    /// There is no such thing; what was asked for.
    NotFound(String),
    /// What was sent cannot be what it says; the key of the text, and what it is about.
    Refused(&'static str, String),
    /// What the page showed is no longer so: the version now.
    Stale(i64),
    /// It did not come from a page of this session.
    Foreign,
    /// More than is read at once.
    TooLong,
    /// The store.
    Store(StoreError),
    /// The daemon ends.
    Stopping,
    /// A page could not be made.
    Unmade(String),
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    page: Page,
    title: String,
    what: String,
    todo: String,
}

impl Trouble {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Trouble::NotSignedIn => StatusCode::UNAUTHORIZED,
            Trouble::NotAllowed(_) | Trouble::Foreign => StatusCode::FORBIDDEN,
            Trouble::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Trouble::NotFound(_) => StatusCode::NOT_FOUND,
            Trouble::Refused(..) => StatusCode::UNPROCESSABLE_ENTITY,
            Trouble::Stale(_) => StatusCode::CONFLICT,
            Trouble::Store(_) | Trouble::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Trouble::Unmade(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What happened, and what to do.
    pub(super) fn told(&self, lang: Lang) -> [String; 2] {
        let say = text(lang);
        match self {
            Trouble::NotSignedIn => [say.say("trouble-signed-out"), say.say("trouble-sign-in")],
            Trouble::NotAllowed(duty) => {
                let roles = Role::ALL.into_iter().filter(|role| role.may(*duty));
                let roles: Vec<String> =
                    roles.map(|role| say.word("people-role", role.id())).collect();
                let roles = roles.join(lang.of([", ", "、"]));
                [say.say("trouble-not-allowed"), say.with("trouble-ask", "roles", roles)]
            }
            Trouble::NotFound(what) => {
                [say.with("trouble-not-found", "what", what), say.say("trouble-check-number")]
            }
            Trouble::Refused(key, what) => {
                [say.with(key, "what", what), say.say("trouble-nothing-changed")]
            }
            Trouble::Stale(version) => {
                [say.with("trouble-stale", "version", version), say.say("trouble-look-again")]
            }
            Trouble::Foreign => [say.say("trouble-foreign"), say.say("trouble-form-again")],
            Trouble::TooLong => [say.say("trouble-too-long"), say.say("trouble-nothing-changed")],
            Trouble::Store(error) => {
                [say.with("trouble-store", "why", error), say.say("trouble-nothing-changed")]
            }
            Trouble::Stopping => [say.say("trouble-stopping"), say.say("trouble-nothing-changed")],
            Trouble::Unmade(why) => {
                [say.with("trouble-unmade", "why", why), say.say("trouble-nothing-changed")]
            }
        }
    }

    /// The page, in the language and the frame of whoever is there.
    pub(super) fn shown_in(&self, visitor: Option<&Visitor>, lang: Lang) -> Response {
        let page = match visitor {
            Some(visitor) => Page::new(Some(visitor), ""),
            None => Page::in_language(lang, ""),
        };
        let [what, todo] = self.told(page.lang());
        let title = page.say("trouble-title");
        let shown = TroublePage { page, title, what, todo }.render();
        (self.status(), Html(shown.unwrap_or_default())).into_response()
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Trouble::NotSignedIn => Redirect::to("/sign-in").into_response(),
            // The guard knows who is there, and shows it to them.
            other => (other.status(), Extension(Arc::new(other))).into_response(),
        }
    }
}

/// No such page.
pub(super) async fn not_found(uri: axum::http::Uri) -> Trouble {
    Trouble::NotFound(uri.path().to_owned())
}
