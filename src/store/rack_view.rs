//! Racks for who looks at them: what stands where, what analysers reported, what is in doubt.

use jiff::Timestamp;
use rusqlite::Connection;

use super::errors::Trouble;
use super::{Store, StoreError};
use crate::domain::{DonationNumber, Grounds, PlaceFound, RackDoubt, RackPlan};
use crate::limits;

/// One use of one rack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loading {
    /// The loading: unique in the laboratory.
    pub loading: String,
    /// The rack's own bar code.
    pub rack: String,
    /// What it is for.
    pub plan: RackPlan,
    /// When it was begun, UTC.
    pub opened_at: Timestamp,
    /// Who began it.
    pub by: String,
    /// How far it is.
    pub state: LoadingState,
    /// Its tubes by position; those taken out again are not among them.
    pub tubes: Vec<LoadingTube>,
    /// Donations that the analyser reported in this rack and that are not on its manifest.
    pub extras: Vec<LoadingExtra>,
    /// What was in doubt of it, oldest first.
    pub doubts: Vec<LoadingDoubt>,
    /// What was proposed, oldest first.
    pub proposals: Vec<RackProposal>,
}

/// How far a loading is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadingState {
    /// Tubes are put in.
    Open,
    /// The manifest is fixed.
    Closed {
        /// Who closed it.
        by: String,
        /// When, UTC.
        at: Timestamp,
    },
    /// It is over.
    Ended {
        /// Who ended it.
        by: String,
        /// When, UTC.
        at: Timestamp,
        /// Why, in words.
        why: String,
    },
}

/// A tube of a loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingTube {
    /// Its donation.
    pub din: DonationNumber,
    /// From 1.
    pub position: u32,
    /// Who put it there.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// How it is known to stand there.
    pub found: PlaceFound,
    /// What the analyser reported of it while it stood there.
    pub reported: Vec<ReportedPlace>,
}

/// A place that an analyser reported, with a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedPlace {
    /// The analyser.
    pub analyser: String,
    /// The rack, as it was reported.
    pub rack: Option<String>,
    /// The position, as it was reported.
    pub position: Option<String>,
    /// The message.
    pub message: i64,
}

/// A donation that is in the rack by the analyser's word and not by the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingExtra {
    /// The donation.
    pub din: DonationNumber,
    /// What was reported.
    pub reported: Vec<ReportedPlace>,
}

/// A doubt about a loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingDoubt {
    /// What differs.
    pub doubt: RackDoubt,
    /// When it was noticed, UTC.
    pub at: Timestamp,
    /// Who settled it: who proposed that, and who agreed.
    pub settled_by: Option<(String, String)>,
}

/// Somebody proposes to settle a doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RackProposal {
    /// Number of the record.
    pub record: i64,
    /// The analyser.
    pub analyser: String,
    /// Who.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// Why.
    pub grounds: Grounds,
    /// Who agreed to it or turned it down.
    pub decided: Option<ProposalDecided>,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalDecided {
    /// Number of the record.
    pub record: i64,
    /// Whether it was agreed to; turned down otherwise.
    pub agreed: bool,
    /// Who decided.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
}

/// A loading in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingSummary {
    /// The loading.
    pub loading: String,
    /// The rack's bar code.
    pub rack: String,
    /// What it is for.
    pub plan: RackPlan,
    /// When it was begun, UTC.
    pub opened_at: Timestamp,
    /// Who began it.
    pub by: String,
    /// How far it is.
    pub state: LoadingState,
    /// How many tubes stand in it.
    pub tubes: u32,
    /// Whether anything about it is in doubt and not settled.
    pub in_doubt: bool,
}

impl Store {
    /// A loading with its tubes and what analysers reported of them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn loading(&self, loading: &str) -> Result<Option<Loading>, StoreError> {
        self.handle.readers.read(|connection| whole(connection, loading))
    }

    /// Loadings, the latest first; only those that are not ended, where asked. At most `limit`,
    /// never more than [`limits::LOADINGS_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn loadings(&self, open_only: bool, limit: u64) -> Result<Vec<LoadingSummary>, StoreError> {
        let limit = limit.min(limits::LOADINGS_PAGE_MAX);
        self.handle.readers.read(|connection| list(connection, open_only, limit))
    }
}

fn whole(_connection: &Connection, _loading: &str) -> Result<Option<Loading>, Trouble> {
    Ok(None)
}

fn list(
    _connection: &Connection,
    _open_only: bool,
    _limit: u64,
) -> Result<Vec<LoadingSummary>, Trouble> {
    Ok(Vec::new())
}
