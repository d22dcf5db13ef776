//! What happened to the accounts of people, as rows: who was added, with which roles, which
//! password, who was closed. What that amounts to now is not the store's business.
//!
//! Nothing here decides about a donation, so that a rule set is not needed: an administrator makes
//! the first account before the daemon has ever run.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::book::Book;
use super::chain::{Cell, Journal};
use super::errors::Trouble;
use super::file::HeadFile;
use super::schema::{self, Table};
use super::task::Task;
use super::{OpenError, Reply, Store, StoreError, check, file, open, rows, writer};

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEvent {
    /// Its number; rises with commit order, from 1. Whoever puts one on record need not say it.
    pub id: i64,
    /// The account.
    pub name: String,
    /// What happened.
    pub kind: String,
    /// More of it, as JSON.
    pub payload: String,
    /// Who did it.
    pub made_by: String,
    /// When, UTC.
    pub made_at: Timestamp,
}

impl Store {
    /// Everything that happened to accounts, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn user_events(&self) -> Result<Vec<UserEvent>, StoreError> {
        self.handle.readers.read(all)
    }

    /// Notes that something happened to an account. `reply` is called after COMMIT with the number
    /// of the event.
    pub fn put_user_event(&self, event: UserEvent, reply: Reply<i64>) {
        self.ask(Task::UserEvent(Box::new(event), reply));
    }
}

/// Everything that happened to accounts in a store that a daemon may be using, oldest first; none
/// where the store is empty.
///
/// # Errors
/// See [`OpenError`].
pub fn user_events(path: &Path) -> Result<Vec<UserEvent>, OpenError> {
    let refused = |trouble: Trouble| check::refused(path, &trouble);
    let connection = file::connect_reader(path).map_err(|error| refused(error.into()))?;
    if check::is_new(&connection, path)? {
        return Ok(Vec::new());
    }
    all(&connection).map_err(refused)
}

/// The accounts of a store that no daemon has open, for whoever makes the first of them.
pub struct UserDesk {
    connection: Connection,
    path: PathBuf,
    head_file: HeadFile,
    journal: Journal,
}

impl UserDesk {
    /// Opens or creates a store, proved as for a daemon.
    ///
    /// # Errors
    /// See [`OpenError`]; [`OpenError::InUse`] where a daemon has it.
    pub fn open(path: &Path) -> Result<UserDesk, OpenError> {
        let (connection, head, head_file) = open::claimed(path)?;
        let (path, journal) = (path.to_owned(), Journal::after(head));
        Ok(UserDesk { connection, path, head_file, journal })
    }

    /// Everything that happened to accounts, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn user_events(&self) -> Result<Vec<UserEvent>, StoreError> {
        all(&self.connection).map_err(|trouble| trouble.told(&self.path))
    }

    /// Notes that something happened to an account; its number. It is on the disk when this
    /// returns.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was changed.
    pub fn put(&mut self, event: &UserEvent) -> Result<i64, StoreError> {
        let before = self.journal.clone();
        self.written(event).map_err(|trouble| {
            self.journal = before;
            let _ended_already = writer::roll_back(&self.connection);
            trouble.told(&self.path)
        })
    }

    fn written(&mut self, event: &UserEvent) -> Result<i64, Trouble> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let number = append(&self.connection, &mut self.journal, event)?;
        let head = self.journal.seal(&self.connection)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.journal = Journal::after(head);
        self.head_file.note(&head);
        Ok(number)
    }
}

impl Book {
    /// Notes that something happened to an account.
    pub(super) fn put_user_event(
        &mut self,
        connection: &Connection,
        event: &UserEvent,
    ) -> Result<i64, Trouble> {
        append(connection, &mut self.journal, event)
    }
}

fn append(
    connection: &Connection,
    journal: &mut Journal,
    event: &UserEvent,
) -> Result<i64, Trouble> {
    let made_at = event.made_at.to_string();
    let cells = [
        Cell::Text(&event.name),
        Cell::Text(&event.kind),
        Cell::Text(&event.payload),
        Cell::Text(&event.made_by),
        Cell::Text(&made_at),
    ];
    let number = journal.append(connection, Table::UserEvent, &cells)?;
    number.ok_or_else(|| Trouble::Entry("an event of an account was not stored".to_owned()))
}

fn all(connection: &Connection) -> Result<Vec<UserEvent>, Trouble> {
    if schema::version(connection)? < Table::UserEvent.since() {
        return Ok(Vec::new());
    }
    let sql = "SELECT id, name, kind, payload, made_by, made_at FROM user_event ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read(row)?);
    }
    Ok(events)
}

fn read(row: &Row<'_>) -> Result<UserEvent, Trouble> {
    Ok(UserEvent {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        payload: row.get(3)?,
        made_by: row.get(4)?,
        made_at: rows::read_time(row, 5)?,
    })
}
