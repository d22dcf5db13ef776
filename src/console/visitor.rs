//! Who is at the page, and what they may do.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::state::ConsoleState;
use super::trouble::Trouble;
use crate::rules::words::Lang;

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
    pub(super) csrf: String,
    duties: Vec<Duty>,
}

/// Something that only some may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// See anything about donations.
    Look,
    /// Load racks, scan tubes, import manifests.
    LoadRacks,
    /// Sign that the tests were run.
    SignTested,
    /// Propose an amendment, a correction, what becomes of a message or of a rack in doubt.
    Propose,
    /// Agree to a proposal of somebody else, or turn it down.
    Agree,
    /// Review results and sign reports.
    Review,
    /// Control targets, lots, runs, assessment rounds.
    Quality,
    /// Users and their roles.
    Accounts,
    /// See who did what, users included.
    Audit,
}

impl Visitor {
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
