//! What every page has: its language, who looks at it, where it is.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use super::text::{Text, text};
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::domain::Verdict;
use crate::rules::words::{self, Lang};

/// The frame of a page; templates know it as `page`.
#[derive(Clone)]
pub(super) struct Page {
    text: &'static Text,
    visitor: Option<Visitor>,
    /// The part of the console it belongs to: marks it in the navigation.
    pub(super) here: &'static str,
    /// What just happened, above everything else.
    pub(super) told: Option<Told>,
}

/// What just happened.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// `good`, `warn` or `bad`.
    pub(super) kind: &'static str,
    /// In words.
    pub(super) words: String,
}

/// A place in the navigation.
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    pub(super) key: &'static str,
    duty: Duty,
}

const PLACES: [Place; 10] = [
    Place { name: "today", path: "/", key: "nav-today", duty: Duty::Look },
    Place { name: "racks", path: "/racks", key: "nav-racks", duty: Duty::Look },
    Place { name: "worklists", path: "/worklists", key: "nav-worklists", duty: Duty::Look },
    Place { name: "decisions", path: "/decisions", key: "nav-decisions", duty: Duty::Look },
    Place { name: "quality", path: "/quality", key: "nav-quality", duty: Duty::Look },
    Place { name: "statistics", path: "/statistics", key: "nav-statistics", duty: Duty::Look },
    Place { name: "unread", path: "/unread", key: "nav-unread", duty: Duty::Look },
    Place { name: "links", path: "/links", key: "nav-links", duty: Duty::Look },
    Place { name: "accounts", path: "/accounts", key: "nav-accounts", duty: Duty::Accounts },
    Place { name: "events", path: "/account-events", key: "nav-events", duty: Duty::Audit },
];

impl Page {
    /// The frame for this visitor.
    pub(super) fn new(visitor: Option<&Visitor>, here: &'static str) -> Page {
        let lang = visitor.map_or(Lang::ZhCn, |visitor| visitor.lang);
        Page { text: text(lang), visitor: visitor.cloned(), here, told: None }
    }

    /// In this language, for whoever has not signed in.
    pub(super) fn in_language(lang: Lang, here: &'static str) -> Page {
        Page { text: text(lang), visitor: None, here, told: None }
    }

    /// The same with what just happened.
    pub(super) fn telling(self, kind: &'static str, words: String) -> Page {
        Page { told: Some(Told { kind, words }), ..self }
    }

    pub(super) fn lang(&self) -> Lang {
        self.text.lang()
    }

    pub(super) fn text(&self) -> &'static Text {
        self.text
    }

    pub(super) fn say(&self, key: &str) -> String {
        self.text.say(key)
    }

    pub(super) fn with(&self, key: &str, name: &str, value: impl ToString) -> String {
        self.text.with(key, name, value)
    }

    pub(super) fn word(&self, family: &str, id: impl AsRef<str>) -> String {
        self.text.word(family, id)
    }

    pub(super) fn visitor(&self) -> Option<&Visitor> {
        self.visitor.as_ref()
    }

    /// What every form brings back.
    pub(super) fn csrf(&self) -> &str {
        self.visitor.as_ref().map_or("", |visitor| visitor.csrf.text())
    }

    pub(super) fn may(&self, duty: Duty) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.may(duty))
    }

    /// Where this visitor may go.
    pub(super) fn places(&self) -> impl Iterator<Item = &'static Place> {
        PLACES.iter().filter(|place| self.may(place.duty))
    }

    /// A verdict in the words of the trade.
    pub(super) fn verdict(&self, id: &str) -> &'static str {
        let verdict = Verdict::from_id(id);
        verdict.map_or("?", |verdict| self.lang().of(words::verdict(verdict)))
    }

    /// The character that stands for a verdict beside its colour and its word (FM-50).
    pub(super) fn shape(&self, id: &str) -> &'static str {
        shape(id)
    }
}

/// The same without a page.
pub(super) fn shape(id: &str) -> &'static str {
    match id {
        "releasable" => "✔",
        "pending" => "…",
        "hold" => "▲",
        "reject" => "✖",
        "recalled" => "⟲",
        _ => "?",
    }
}

/// Makes the answer of a page.
pub(super) fn shown(template: &impl Template) -> Result<Response, Trouble> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => Err(Trouble::Unmade(error.to_string())),
    }
}
