//! One message for who judges it: its bytes, how it was read, and what two people said of it.

use jiff::Timestamp;
use rusqlite::Connection;

use super::errors::Trouble;
use super::rack_view::ProposalDecided;
use super::{Store, StoreError};
use crate::domain::{DonationNumber, Grounds, Judgement, MessageJudged, RecordedObservation};

/// A message on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageOnRecord {
    /// Its number.
    pub message: i64,
    /// When it was received, UTC.
    pub received_at: Timestamp,
    /// Analyser id.
    pub analyser: String,
    /// Profile name.
    pub profile: String,
    /// SHA-256 of the profile's text as it is kept.
    pub profile_sha256: String,
    /// That text: the profile with what the site added.
    pub profile_text: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether anything in it could not be read.
    pub unread: bool,
    /// Why the transfer was cut short, if it was.
    pub incomplete: Option<String>,
    /// The message that made a cut one good.
    pub made_good_by: Option<i64>,
    /// What could not be read: (byte offset, words); those of its observations included.
    pub faults: Vec<(usize, String)>,
    /// Donations it names, or has observations of.
    pub donations: Vec<DonationNumber>,
    /// What was read from it and was not on record already.
    pub observations: Vec<RecordedObservation>,
    /// What two people said becomes of it.
    pub judged: Option<MessageJudged>,
    /// The message that is its bytes read again, where they were.
    pub read_as: Option<i64>,
    /// What was proposed, oldest first.
    pub proposals: Vec<MessageProposal>,
}

/// Somebody proposes what becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageProposal {
    /// Number of the record.
    pub record: i64,
    /// Who.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// What.
    pub judgement: Judgement,
    /// Why.
    pub grounds: Grounds,
    /// Who agreed to it or turned it down.
    pub decided: Option<ProposalDecided>,
}

impl Store {
    /// One message with its bytes and what became of it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn message(&self, message: i64) -> Result<Option<MessageOnRecord>, StoreError> {
        self.handle.readers.read(|connection| read(connection, message))
    }
}

fn read(_connection: &Connection, _message: i64) -> Result<Option<MessageOnRecord>, Trouble> {
    Ok(None)
}
