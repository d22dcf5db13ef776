//! Read-only connections for everybody but the writer. Each reads a snapshot: what one commit
//! added is seen whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use super::errors::Trouble;
use super::file::{self, Identity};
use super::{StoreError, writer};
use crate::limits;

/// At most [`limits::STORE_READERS`] connections; who comes when all are in use waits.
pub(super) struct Readers {
    path: PathBuf,
    pool: Mutex<Pool>,
    freed: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Reader>,
    in_use: usize,
}

struct Reader {
    connection: Connection,
    identity: Identity,
}

impl Readers {
    /// No connection is opened before it is needed.
    pub(super) fn new(path: &Path) -> Readers {
        Readers { path: path.to_owned(), pool: Mutex::default(), freed: Condvar::new() }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads one snapshot.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let place = Place { readers: self, idle: self.take_place() };
        place.read(read).map_err(|trouble| trouble.told(&self.path))
    }

    fn take_place(&self) -> Option<Reader> {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pool = self
            .freed
            .wait_while(pool, |pool| pool.in_use >= limits::STORE_READERS)
            .unwrap_or_else(PoisonError::into_inner);
        pool.in_use += 1;
        pool.idle.pop()
    }

    fn connect(&self) -> Result<Reader, Trouble> {
        let identity = Identity::at(&self.path)?;
        let connection = file::connect_reader(&self.path)?;
        Ok(Reader { connection, identity })
    }
}

/// A right to read; given back when dropped.
struct Place<'a> {
    readers: &'a Readers,
    idle: Option<Reader>,
}

impl Place<'_> {
    fn read<T>(
        mut self,
        read: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let now = Identity::at(&self.readers.path)?;
        let reader = match self.idle.take().filter(|reader| reader.identity == now) {
            Some(reader) => reader,
            None => self.readers.connect()?,
        };
        let outcome = snapshot(&reader.connection, read);
        let ended = writer::roll_back(&reader.connection);
        if outcome.is_ok() && ended.is_ok() {
            self.idle = Some(reader);
        }
        outcome
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.in_use = pool.in_use.saturating_sub(1);
        pool.idle.extend(self.idle.take());
        self.readers.freed.notify_one();
    }
}

fn snapshot<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    read(connection)
}
