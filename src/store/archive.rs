//! A store read from its first message to its last, beside a daemon that may be writing: to hold
//! what is on record against the wire.
//!
//! Reads only. Each page is a snapshot of its own, so that the daemon's log can be folded into the
//! database meanwhile; rows are only added, so nothing read earlier becomes untrue.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::errors::Trouble;
use super::prepared::donation_of;
use super::{Dossier, OpenError, StoreError, check, dossier, file, keys, replay, rows, writer};
use crate::domain::{DonationNumber, Facts, Observation};
use crate::limits;

/// A store opened for reading it whole.
#[derive(Debug)]
pub struct Archive {
    pub(super) connection: Connection,
    path: PathBuf,
    /// Last message, and last observation, that was read.
    message: i64,
    observation: i64,
}

/// A message on record with what was read from it.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchivedMessage {
    /// Its number.
    pub message: i64,
    /// When it was received.
    pub received_at: Timestamp,
    /// Analyser id.
    pub analyser: String,
    /// See `analyser::MessageReading::content_key`.
    pub content_key: Vec<u8>,
    /// Why the transfer was cut short, if it was.
    pub incomplete: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What was read from it and was not on record already.
    pub observations: Vec<Observation>,
}

/// A fact that is read today and is not on record, or the other way round.
#[derive(Clone, Debug, PartialEq)]
pub enum Deviation {
    /// Read today, not on record.
    OnlyToday(Observation),
    /// On record, not read today.
    OnlyOnRecord(Observation),
}

impl Archive {
    /// Opens a store for reading.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path) -> Result<Archive, OpenError> {
        let refused = |trouble: Trouble| check::refused(path, &trouble);
        let connection = file::connect_reader(path).map_err(|error| refused(error.into()))?;
        if check::is_new(&connection, path)? {
            return Err(check::refused(path, &Trouble::Entry("it is empty".to_owned())));
        }
        Ok(Archive { connection, path: path.to_owned(), message: 0, observation: 0 })
    }

    /// The number of the last message.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn last_message(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM message";
        self.told(self.connection.query_row(sql, [], |row| row.get(0)).map_err(Trouble::from))
    }

    /// How an analyser's last message on record was read: the text of the profile with what the
    /// site added.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn kept_profile(&self, analyser: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT p.text FROM message m JOIN profile p \
                   ON p.sha256 = m.profile_sha256 AND p.name = m.profile \
                   WHERE m.analyser = ?1 ORDER BY m.id DESC LIMIT 1";
        let found = self.connection.query_row(sql, [analyser], |row| row.get(0)).optional();
        self.told(found.map_err(Trouble::from))
    }

    /// The next messages, oldest first; none at the end.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn next_page(&mut self) -> Result<Vec<ArchivedMessage>, StoreError> {
        let read = self.messages().and_then(|mut messages| {
            self.add_observations(&mut messages)?;
            Ok(messages)
        });
        self.told(read)
    }

    /// Everything that a donation's verdicts stand on, down to the bytes; `None` where nothing is
    /// on record about it. One snapshot.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn dossier(&self, din: &DonationNumber) -> Result<Option<Dossier>, StoreError> {
        self.snapshot(|connection| dossier::read(connection, din))
    }

    /// The facts that a verdict was concluded from, by its number in the feed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn facts_of_verdict(&self, seq: i64) -> Result<Option<Facts>, StoreError> {
        self.snapshot(|connection| replay::facts_of(connection, seq))
    }

    fn snapshot<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let begun = self.connection.execute_batch("BEGIN").map_err(Trouble::from);
        let read = begun.and_then(|()| read(&self.connection));
        let ended = writer::roll_back(&self.connection).map_err(Trouble::from);
        self.told(read.and_then(|read| ended.map(|()| read)))
    }

    /// How what is read from a message today deviates from what is on record.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn deviations(
        &self,
        on_record: &ArchivedMessage,
        today: &[Observation],
    ) -> Result<Vec<Deviation>, StoreError> {
        self.told(self.find_deviations(on_record, today))
    }

    fn find_deviations(
        &self,
        on_record: &ArchivedMessage,
        today: &[Observation],
    ) -> Result<Vec<Deviation>, Trouble> {
        let mut deviations = Vec::new();
        let mut keys_today = Vec::new();
        let mut known = self
            .connection
            .prepare_cached("SELECT 1 FROM observation WHERE din = ?1 AND observation_key = ?2")?;
        for observation in today {
            let key = keys::fact_key(observation, &on_record.content_key);
            let din = donation_of(observation).map_or("", DonationNumber::as_str);
            // The fact may have come with an earlier message: it is on record once. A control may
            // be from before those without a time were facts of their messages.
            let of_old = keys::observation_key(observation);
            if !known.exists((din, key))? && !known.exists((din, of_old))? {
                deviations.push(Deviation::OnlyToday(observation.clone()));
            }
            keys_today.push(key);
        }
        for observation in &on_record.observations {
            if !keys_today.contains(&keys::fact_key(observation, &on_record.content_key)) {
                deviations.push(Deviation::OnlyOnRecord(observation.clone()));
            }
        }
        Ok(deviations)
    }

    fn messages(&mut self) -> Result<Vec<ArchivedMessage>, Trouble> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, received_at, analyser, content_key, incomplete, bytes FROM message \
             WHERE id > ?1 ORDER BY id LIMIT ?2",
        )?;
        let mut rows = statement.query((self.message, limits::ARCHIVE_PAGE))?;
        let mut messages = Vec::new();
        while let Some(row) = rows.next()? {
            messages.push(read_message(row)?);
        }
        self.message = messages.last().map_or(self.message, |last| last.message);
        Ok(messages)
    }

    /// Observations stand in the order of their messages.
    fn add_observations(&mut self, messages: &mut [ArchivedMessage]) -> Result<(), Trouble> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, message, '', '', number, payload FROM observation \
             WHERE id > ?1 ORDER BY id",
        )?;
        let mut found = statement.query([self.observation])?;
        let mut messages = messages.iter_mut().peekable();
        while let Some(row) = found.next()? {
            let recorded = rows::read_observation(row)?;
            while messages.next_if(|other| other.message < recorded.message).is_some() {}
            match messages.peek_mut() {
                Some(message) if message.message == recorded.message => {
                    message.observations.push(recorded.observation);
                }
                Some(_) => {}
                // It belongs to the next page.
                None => return Ok(()),
            }
            self.observation = recorded.id;
        }
        Ok(())
    }

    pub(super) fn told<T>(&self, outcome: Result<T, Trouble>) -> Result<T, StoreError> {
        outcome.map_err(|trouble| trouble.told(&self.path))
    }
}

fn read_message(row: &Row<'_>) -> Result<ArchivedMessage, Trouble> {
    Ok(ArchivedMessage {
        message: row.get(0)?,
        received_at: rows::read_time(row, 1)?,
        analyser: row.get(2)?,
        content_key: row.get(3)?,
        incomplete: row.get(4)?,
        bytes: row.get(5)?,
        observations: Vec::new(),
    })
}
