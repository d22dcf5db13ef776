//! The files: the database, its log, and beside them the head file that keeps a second daemon out.
//!
//! The head file holds the number and hash of the last commit. It is written after COMMIT and
//! never before, so it can be behind the database but not ahead of it: a database that ends before
//! its head file has lost commits that were acknowledged (a log that was cut short or deleted, an
//! old copy put in place), which SQLite itself cannot notice.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::OpenError;
use super::chain::Head;
use super::errors::Trouble;
use super::keys::Key;
use crate::limits;

const HEAD_BYTES: usize = 8 + 32 + 32;

/// Statements kept prepared: all of them.
const STATEMENTS: usize = 192;

/// The head file, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct HeadFile {
    file: File,
}

impl HeadFile {
    /// Creates the head file where there is none and locks it.
    pub(super) fn claim(database: &Path) -> Result<HeadFile, OpenError> {
        let path = beside(database, ".head");
        let unusable = |why: String| OpenError::Unusable { path: shown(database), why };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| {
                let path = path.display();
                unusable(format!(
                    "{path} cannot be written ({error}): is the folder there and ours?"
                ))
            })?;
        match file.try_lock() {
            Ok(()) => Ok(HeadFile { file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: shown(database) }),
            Err(TryLockError::Error(error)) => Err(unusable(format!(
                "{} cannot be locked ({error}): use a disk of this machine",
                path.display()
            ))),
        }
    }

    /// The last commit it knows of; `None` where it was never written, or only half.
    pub(super) fn read(&self) -> Option<(i64, Key)> {
        let mut bytes = [0; HEAD_BYTES];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        let (content, check) = bytes.split_last_chunk::<32>()?;
        let (n, hash) = content.split_first_chunk::<8>()?;
        if <[u8; 32]>::from(Sha256::digest(content)) != *check {
            return None;
        }
        Some((i64::from_be_bytes(*n), hash.try_into().ok()?))
    }

    /// Notes a commit. Not synced: it need only outlive the process. A failure leaves the file
    /// behind the database, which is allowed.
    pub(super) fn note(&self, head: &Head) {
        let mut content = Vec::with_capacity(HEAD_BYTES);
        content.extend(head.n.to_be_bytes());
        content.extend(head.hash);
        content.extend(Sha256::digest(&content));
        if let Err(error) = self.file.write_all_at(&content, 0) {
            tracing::warn!(%error, "the head file beside the store cannot be written");
        }
    }
}

/// What was opened: the files behind the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    database: (u64, u64),
    log: Option<(u64, u64)>,
}

impl Identity {
    /// The files that stand at the path now.
    pub(super) fn at(path: &Path) -> Result<Identity, Trouble> {
        let database = inode(path).ok_or(Trouble::Moved)?;
        Ok(Identity { database, log: inode(&beside(path, "-wal")) })
    }

    /// Whether it is the same database file, whatever became of its log.
    pub(super) fn is_same_database(&self, other: &Identity) -> bool {
        self.database == other.database
    }
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// Refuses a path that cannot be a store, before anything is touched.
pub(super) fn usable(path: &Path) -> Result<(), OpenError> {
    let unusable = |why: String| OpenError::Unusable { path: shown(path), why };
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(unusable("it is not a file".to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unusable(format!("{error}: is every folder above it ours?"))),
    }
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(unusable(format!("{error}: make the file writable for this user"))),
    }
}

/// Whether there is a database at the path.
pub(super) fn is_there(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() > 0)
}

/// Opens the file for writing, creating it only where told to. Changes nothing in it, not even
/// when it is closed again, until [`make_durable`].
pub(super) fn connect(path: &Path, create: bool) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(limits::STORE_BUSY_WAIT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    keep_plans(&connection)?;
    Ok(connection)
}

/// Opens the file for reading.
pub(super) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(limits::STORE_BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    keep_plans(&connection)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")?;
    Ok(connection)
}

/// Without this a prepared statement that compares a column with a parameter (`id <= ?2`) is parsed
/// and planned again for every new value.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Makes a connection write the way the store promises: a commit is on the disk when it returns.
pub(super) fn make_durable(connection: &Connection) -> Result<(), Trouble> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Trouble::Entry(format!(
            "the disk cannot keep a write-ahead log (journal mode is {mode}): use a local disk"
        )));
    }
    connection.pragma_update(None, "cache_size", -limits::STORE_PAGE_CACHE_KIB)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(())
}

/// The path in words.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A file that belongs to the database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_back_and_half_a_head_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let file = HeadFile::claim(&path).unwrap();
        assert_eq!(file.read(), None);
        let head = Head { n: 7, hash: [9; 32], ..Head::default() };
        file.note(&head);
        assert_eq!(file.read(), Some((7, [9; 32])));
        file.file.write_all_at(&[1], 3).unwrap();
        assert_eq!(file.read(), None);
    }

    #[test]
    fn a_head_is_claimed_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let first = HeadFile::claim(&path).unwrap();
        assert!(HeadFile::claim(&path).unwrap_err().to_string().contains("another hemogate"));
        drop(first);
        assert!(HeadFile::claim(&path).is_ok());
    }

    #[test]
    fn a_commit_is_on_the_disk_when_it_returns() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connect(&folder.path().join("a.db"), true).unwrap();
        make_durable(&connection).unwrap();
        let set = |name: &str| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!(set("synchronous"), 2, "FULL: the log is synced at every commit");
        assert_eq!(set("foreign_keys"), 1);
        let mode: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }
}
