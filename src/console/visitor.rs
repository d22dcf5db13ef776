//! Who is at the page, and what they may do.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::sign::seconds;
use super::state::ConsoleState;
use super::trouble::Trouble;
use crate::people::{Token, UserId};
use crate::rules::words::Lang;

pub(super) use crate::people::Duty;

/// Somebody who signed in.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// Their user id: what records are put on record by.
    pub(super) user: String,
    /// Their name.
    pub(super) name: String,
    /// The language they chose.
    pub(super) lang: Lang,
    /// What every form of theirs must bring back.
    pub(super) csrf: Token,
    id: UserId,
    duties: Vec<Duty>,
    must_change: bool,
    left: Duration,
}

impl Visitor {
    pub(super) fn new(
        id: UserId,
        name: String,
        lang: Lang,
        csrf: Token,
        duties: Vec<Duty>,
    ) -> Visitor {
        Visitor {
            user: id.as_str().to_owned(),
            name,
            lang,
            csrf,
            id,
            duties,
            must_change: false,
            left: Duration::ZERO,
        }
    }

    /// The same with what their session is like.
    pub(super) fn within(self, must_change: bool, left: Duration) -> Visitor {
        Visitor { must_change, left, ..self }
    }

    /// Their user id, as such.
    pub(super) const fn id(&self) -> &UserId {
        &self.id
    }

    /// Whether they must choose a password of their own before anything else.
    pub(super) const fn must_change(&self) -> bool {
        self.must_change
    }

    /// Seconds until their session ends if they do nothing.
    pub(super) fn left(&self) -> u64 {
        seconds(self.left)
    }

    /// Whether they may change anything about blood.
    pub(super) fn may_change_blood(&self) -> bool {
        self.duties.iter().any(|duty| duty.changes() && *duty != Duty::Accounts)
    }

    /// Whether they may.
    pub(super) fn may(&self, duty: Duty) -> bool {
        self.duties.contains(&duty)
    }

    /// Refused where they may not.
    pub(super) fn must(&self, duty: Duty) -> Result<(), Trouble> {
        if self.may(duty) { Ok(()) } else { Err(Trouble::NotAllowed(duty)) }
    }
}

impl FromRequestParts<ConsoleState> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &ConsoleState) -> Result<Self, Trouble> {
        parts.extensions.get::<Visitor>().cloned().ok_or(Trouble::NotSignedIn)
    }
}
