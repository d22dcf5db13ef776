//! What can go wrong while writing, and whom it concerns: one entry, or everybody in the batch.

use std::path::Path;

use rusqlite::ErrorCode;

use super::StoreError;
use crate::shape::{RecordError, ShapeError};

/// A write that did not happen.
#[derive(Debug)]
pub(super) enum Trouble {
    /// SQLite or the disk said so.
    Sqlite(rusqlite::Error),
    /// One entry cannot be stored; the others can.
    Entry(String),
    /// The file that was opened no longer stands at its path.
    Moved,
    /// What stands in the file is not what was written.
    Damaged(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble::Sqlite(error)
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Trouble::Entry(format!("a row cannot be written or read as JSON: {error}"))
    }
}

impl From<ShapeError> for Trouble {
    fn from(error: ShapeError) -> Self {
        Trouble::Entry(error.to_string())
    }
}

impl From<RecordError> for Trouble {
    fn from(error: RecordError) -> Self {
        Trouble::Entry(error.to_string())
    }
}

impl From<jiff::Error> for Trouble {
    fn from(error: jiff::Error) -> Self {
        Trouble::Entry(format!("a stored time cannot be read: {error}"))
    }
}

impl Trouble {
    /// Whether the transaction can go on without the entry that met it.
    pub(super) fn concerns_one_entry(&self) -> bool {
        match self {
            Trouble::Entry(_) => true,
            Trouble::Moved | Trouble::Damaged(_) => false,
            Trouble::Sqlite(error) => error.sqlite_error_code().is_none_or(is_about_the_values),
        }
    }

    /// Whether the connection must be opened again before the next attempt.
    pub(super) fn spoils_connection(&self) -> bool {
        match self {
            Trouble::Entry(_) => false,
            Trouble::Moved | Trouble::Damaged(_) => true,
            Trouble::Sqlite(error) => !matches!(
                error.sqlite_error_code(),
                None | Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::ConstraintViolation
                        | ErrorCode::TooBig
                        | ErrorCode::TypeMismatch
                )
            ),
        }
    }

    /// The words for those who wait.
    pub(super) fn told(&self, path: &Path) -> StoreError {
        match self {
            Trouble::Entry(why) => StoreError::Failed(why.clone()),
            Trouble::Moved => StoreError::ReadOnly(path.display().to_string()),
            Trouble::Damaged(why) => StoreError::Damaged(why.clone()),
            Trouble::Sqlite(error) => told(error, path),
        }
    }
}

fn is_about_the_values(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
}

/// What SQLite reported, in the words of the store.
pub(super) fn told(error: &rusqlite::Error, path: &Path) -> StoreError {
    let Some(code) = error.sqlite_error_code() else {
        return StoreError::Failed(error.to_string());
    };
    match code {
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => read_only(path),
        ErrorCode::CannotOpen if !path.exists() => read_only(path),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Locked,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            StoreError::Damaged(error.to_string())
        }
        _ => StoreError::Failed(error.to_string()),
    }
}

fn read_only(path: &Path) -> StoreError {
    StoreError::ReadOnly(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn trouble(code: i32) -> Trouble {
        Trouble::Sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn every_failure_of_the_disk_has_its_own_words() {
        let path = Path::new("/nowhere/hemogate.db");
        let read_only = StoreError::ReadOnly("/nowhere/hemogate.db".to_owned());
        assert_eq!(trouble(ffi::SQLITE_FULL).told(path), StoreError::Full);
        assert_eq!(trouble(ffi::SQLITE_READONLY).told(path), read_only);
        assert_eq!(trouble(ffi::SQLITE_READONLY_DBMOVED).told(path), read_only);
        assert_eq!(trouble(ffi::SQLITE_CANTOPEN).told(path), read_only);
        assert_eq!(trouble(ffi::SQLITE_BUSY).told(path), StoreError::Locked);
        assert_eq!(trouble(ffi::SQLITE_LOCKED).told(path), StoreError::Locked);
        assert!(matches!(trouble(ffi::SQLITE_CORRUPT).told(path), StoreError::Damaged(_)));
        assert!(matches!(trouble(ffi::SQLITE_NOTADB).told(path), StoreError::Damaged(_)));
        assert!(matches!(trouble(ffi::SQLITE_IOERR_FSYNC).told(path), StoreError::Failed(_)));
    }

    #[test]
    fn only_what_is_about_the_values_concerns_one_entry() {
        assert!(trouble(ffi::SQLITE_CONSTRAINT_CHECK).concerns_one_entry());
        assert!(trouble(ffi::SQLITE_TOOBIG).concerns_one_entry());
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR, ffi::SQLITE_BUSY, ffi::SQLITE_CORRUPT] {
            assert!(!trouble(code).concerns_one_entry(), "{code}");
        }
        assert!(!trouble(ffi::SQLITE_CONSTRAINT_CHECK).spoils_connection());
        assert!(!trouble(ffi::SQLITE_FULL).spoils_connection());
        assert!(trouble(ffi::SQLITE_IOERR_FSYNC).spoils_connection());
    }
}
