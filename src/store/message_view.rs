//! One message for who judges it: its bytes, how it was read, and what two people said of it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::errors::Trouble;
use super::judging::{self, Judging};
use super::rack_view::ProposalDecided;
use super::{Store, StoreError, rows};
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

fn read(connection: &Connection, message: i64) -> Result<Option<MessageOnRecord>, Trouble> {
    let found = connection
        .prepare_cached(
            "SELECT m.id, m.received_at, m.analyser, m.profile, m.profile_sha256, p.text, m.bytes, \
             m.unread, m.incomplete, r.resolved_by, m.faults, a.read_as FROM message m \
             LEFT JOIN profile p ON p.sha256 = m.profile_sha256 AND p.name = m.profile \
             LEFT JOIN message_resolution r ON r.message = m.id \
             LEFT JOIN reading_again a ON a.message = m.id WHERE m.id = ?1",
        )?
        .query_row([message], |row| Ok(read_row(row)))
        .optional()?;
    let Some(found) = found.transpose()? else { return Ok(None) };
    let judging = Judging::load(connection, message)?;
    Ok(Some(MessageOnRecord {
        donations: judging::donations_of(connection, message)?,
        observations: observations(connection, message)?,
        judged: judging.judged(message).map(|(_, judged)| judged),
        proposals: judging.proposals,
        ..found
    }))
}

fn read_row(row: &Row<'_>) -> Result<MessageOnRecord, Trouble> {
    Ok(MessageOnRecord {
        message: row.get(0)?,
        received_at: rows::read_time(row, 1)?,
        analyser: row.get(2)?,
        profile: row.get(3)?,
        profile_sha256: row.get(4)?,
        profile_text: row.get(5)?,
        bytes: row.get(6)?,
        unread: row.get(7)?,
        incomplete: row.get(8)?,
        made_good_by: row.get(9)?,
        faults: rows::read_faults(row, 10)?,
        donations: Vec::new(),
        observations: Vec::new(),
        judged: None,
        read_as: row.get(11)?,
        proposals: Vec::new(),
    })
}

/// What was read from a message, its circumstances left open.
pub(super) fn observations(
    connection: &Connection,
    message: i64,
) -> Result<Vec<RecordedObservation>, Trouble> {
    let (from, to) = judging::observations_of(connection, message)?;
    let mut statement = connection.prepare_cached(
        "SELECT o.id, o.message, m.analyser, m.profile, o.number, o.payload \
         FROM observation o JOIN message m ON m.id = o.message \
         WHERE o.id >= ?1 AND o.id < ?2 ORDER BY o.id",
    )?;
    let mut rows = statement.query((from, to))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(rows::read_observation(row)?);
    }
    Ok(found)
}
