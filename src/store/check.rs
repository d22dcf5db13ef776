//! What is proved before a store is used: it is ours, undamaged, and nothing is missing.
//!
//! Every check is a streaming pass. The chain of hashes is followed over the whole ledger, the
//! rows themselves over the last [`limits::STORE_PROOF_TAIL`] commits; [`prove`] goes over all of
//! them and takes as long as reading the file does.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::chain::{self, Head};
use super::errors::Trouble;
use super::file::{self, HeadFile, shown};
use super::replay::NotConcludedAgain;
use super::schema::{self, Table};
use super::{OpenError, errors, replay};
use crate::limits;

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Commits, every row of each as it was written.
    pub commits: i64,
    /// Verdicts, each concluded again from the facts and the rule set of its time, but for those of
    /// `not_concluded_again`.
    pub verdicts: i64,
    /// Rule sets written in a language that this version does not read any more, and how many of
    /// the verdicts are theirs. These stand in the chain as they were written, and no more is
    /// proved of them.
    pub not_concluded_again: Vec<NotConcludedAgain>,
}

/// Proves the whole store: every row of every commit is as it was written, and every verdict
/// comes out as it stands when it is concluded again. Opens the file for reading only; a daemon
/// may be using it meanwhile.
///
/// # Errors
/// What was found; see [`OpenError`].
pub fn prove(path: &Path) -> Result<Proof, OpenError> {
    let connection = file::connect_reader(path).map_err(|error| refused(path, &error.into()))?;
    if is_new(&connection, path)? {
        return Err(foreign(path, "it is empty"));
    }
    proved_and_replayed(&connection).map_err(|trouble| refused(path, &trouble))
}

fn proved_and_replayed(connection: &Connection) -> Result<Proof, Trouble> {
    connection.execute_batch("BEGIN")?;
    let head = proved(connection, 0, u64::MAX)?;
    let verdicts = head.marks.of(Table::Verdict);
    let not_concluded_again = replay::recompute_all(connection, verdicts)?;
    Ok(Proof { commits: head.n, verdicts, not_concluded_again })
}

/// Whether the file holds no store yet. Refuses files that are not ours, or newer than we are.
pub(super) fn is_new(connection: &Connection, path: &Path) -> Result<bool, OpenError> {
    let read = |sql: &str| {
        connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map_err(|error| refused(path, &error.into()))
    };
    let objects = read("SELECT count(*) FROM sqlite_schema")?;
    let application = read("PRAGMA application_id")?;
    let version = read("PRAGMA user_version")?;
    if objects == 0 && application == 0 && version == 0 {
        return Ok(true);
    }
    if application != schema::APPLICATION_ID {
        return Err(foreign(path, "it is a database of another program; name another path"));
    }
    if version > schema::VERSION {
        let why = format!(
            "its tables are of version {version}, this program knows up to {}: use the newer \
             program, or restore the copy made before the upgrade to another path",
            schema::VERSION
        );
        return Err(foreign(path, &why));
    }
    Ok(false)
}

/// Proves a store before it is used, as far as its size allows at every start.
pub(super) fn prove_at_start(
    connection: &Connection,
    path: &Path,
    witness: &HeadFile,
) -> Result<Head, Trouble> {
    let size = fs::metadata(path).map_or(0, |found| found.len());
    let last: Option<i64> =
        connection.query_row("SELECT max(n) FROM ledger", [], |row| row.get(0))?;
    let rows_after = last.unwrap_or_default().saturating_sub(limits::STORE_PROOF_TAIL);
    let head = proved(connection, rows_after, size)?;
    witnessed(connection, head, witness)
}

/// Refuses a database that ends before what its head file has seen.
pub(super) fn nothing_was_lost(path: &Path, witness: &HeadFile) -> Result<(), OpenError> {
    match witness.read() {
        Some((n, _)) if n > 0 => Err(OpenError::Damaged {
            path: shown(path),
            why: format!(
                "the database is gone or empty, and its head file {} has seen {n} commits",
                file::beside(path, ".head").display()
            ),
        }),
        _ => Ok(()),
    }
}

/// Whether a database that was opened again is the one that `head` was committed to; returns its
/// end, which may be later where a COMMIT was reported as failed but reached the disk.
pub(super) fn continues(connection: &Connection, head: &Head) -> Result<Head, Trouble> {
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let same = head.n == 0 || chain::hash_of(connection, head.n)? == Some(head.hash);
    if application != schema::APPLICATION_ID || !same {
        let why = "another file, or an older copy, was put in its place";
        return Err(Trouble::Damaged(why.to_owned()));
    }
    chain::walk(connection, *head, head.n)
}

/// The words of a refusal to open.
pub(super) fn refused(path: &Path, trouble: &Trouble) -> OpenError {
    let path_shown = shown(path);
    match trouble {
        Trouble::Damaged(why) => OpenError::Damaged { path: path_shown, why: why.clone() },
        Trouble::Entry(why) => OpenError::Unusable { path: path_shown, why: why.clone() },
        Trouble::Moved => {
            OpenError::Unusable { path: path_shown, why: "it was moved meanwhile".to_owned() }
        }
        Trouble::Sqlite(error) => refused_by_sqlite(path, error),
    }
}

fn refused_by_sqlite(path: &Path, error: &rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode;
    let path_shown = shown(path);
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => foreign(
            path,
            "it is not a database; if it was a store, its first page is damaged: keep it, and \
             restore the latest good copy to another path",
        ),
        Some(ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { path: path_shown, why: error.to_string() }
        }
        Some(_) => {
            OpenError::Unusable { path: path_shown, why: errors::told(error, path).to_string() }
        }
        // A row that cannot be read as what it should be.
        None => OpenError::Damaged { path: path_shown, why: error.to_string() },
    }
}

fn foreign(path: &Path, why: &str) -> OpenError {
    OpenError::Foreign { path: shown(path), why: why.to_owned() }
}

fn proved(connection: &Connection, rows_after: i64, size: u64) -> Result<Head, Trouble> {
    tables_are_whole(connection)?;
    pages_are_whole(connection, size)?;
    let head = chain::walk(connection, Head::default(), rows_after)?;
    let version = schema::version(connection)?;
    for table in Table::ALL.into_iter().filter(|table| table.since() <= version) {
        ends_where_the_ledger_says(connection, table, head.marks.of(table))?;
    }
    let ledgers = [("ledger_2", 2), ("ledger_3", 3), ("ledger_4", 4)];
    for (ledger, _) in ledgers.iter().filter(|(_, v)| *v <= version) {
        counts_no_commit_too_many(connection, ledger, head.n)?;
    }
    feed_is_gapless(connection, head.marks.of(Table::Verdict))?;
    Ok(head)
}

/// The later ledgers are read beside the first; what stands after its end would be read by nobody.
fn counts_no_commit_too_many(
    connection: &Connection,
    ledger: &str,
    last: i64,
) -> Result<(), Trouble> {
    let sql = format!("SELECT 1 FROM {ledger} WHERE n > ?1");
    match connection.query_row(&sql, [last], |_| Ok(())).optional()? {
        None => Ok(()),
        Some(()) => Err(Trouble::Damaged(format!("{ledger} counts a commit that never was"))),
    }
}

fn tables_are_whole(connection: &Connection) -> Result<(), Trouble> {
    let version = schema::version(connection)?;
    if schema::found(connection)? == schema::expected(version)? {
        return Ok(());
    }
    let why = "a table, an index or a trigger that guards history was changed or removed";
    Err(Trouble::Damaged(why.to_owned()))
}

fn pages_are_whole(connection: &Connection, size: u64) -> Result<(), Trouble> {
    let whole = size == u64::MAX;
    let small = size <= limits::STORE_FULL_CHECK_BYTES || whole;
    let checks: &[&str] = if size <= limits::STORE_INDEX_CHECK_BYTES || whole {
        // What a record touches is found through indexes.
        &["PRAGMA integrity_check(1)"]
    } else if small {
        &["PRAGMA quick_check(1)"]
    } else {
        &["PRAGMA quick_check(ledger)", "PRAGMA quick_check(verdict)"]
    };
    for check in checks {
        match connection.query_row(check, [], |row| row.get::<_, String>(0)) {
            Ok(found) if found == "ok" => {}
            Ok(found) => return Err(Trouble::Damaged(found)),
            // A row that an index cannot be computed from.
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown) => {
                return Err(Trouble::Damaged(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    if !small {
        return Ok(());
    }
    match connection.query_row("PRAGMA foreign_key_check", [], |_| Ok(())).optional()? {
        None => Ok(()),
        Some(()) => Err(Trouble::Damaged("a row names one that is gone".to_owned())),
    }
}

fn ends_where_the_ledger_says(
    connection: &Connection,
    table: Table,
    mark: i64,
) -> Result<(), Trouble> {
    let name = table.name();
    let sql = format!("SELECT coalesce(max(rowid), 0) FROM {name}");
    let last: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
    if last == mark {
        return Ok(());
    }
    let why = format!("table {name} ends with row {last}, the ledger says {mark}");
    Err(Trouble::Damaged(why))
}

fn feed_is_gapless(connection: &Connection, last: i64) -> Result<(), Trouble> {
    let count: i64 = connection.query_row("SELECT count(*) FROM verdict", [], |row| row.get(0))?;
    if count == last {
        return Ok(());
    }
    Err(Trouble::Damaged(format!("the feed has {count} verdicts and ends with number {last}")))
}

fn witnessed(connection: &Connection, head: Head, witness: &HeadFile) -> Result<Head, Trouble> {
    let Some((n, hash)) = witness.read().filter(|(n, _)| *n > 0) else { return Ok(head) };
    match chain::hash_of(connection, n)? {
        Some(found) if found == hash => Ok(head),
        Some(_) => {
            Err(Trouble::Damaged("it is not the database that its head file belongs to".to_owned()))
        }
        None => Err(Trouble::Damaged(format!(
            "it ends with commit {}, and its head file has seen {n}: commits were lost (was the \
             -wal file cut or deleted, or an old copy put in place? where that was meant, the \
             .head file must be put away with the old files)",
            head.n
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_up_to_the_bound_is_checked_page_by_page() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, 0, schema::VERSION).unwrap();
        let orphan = "PRAGMA foreign_keys = OFF;
                      INSERT INTO message_resolution VALUES (1, 7, 8, 'of nothing')";
        connection.execute_batch(orphan).unwrap();
        assert!(pages_are_whole(&connection, limits::STORE_FULL_CHECK_BYTES).is_err());
        assert!(pages_are_whole(&connection, limits::STORE_FULL_CHECK_BYTES + 1).is_ok());
        assert!(pages_are_whole(&connection, u64::MAX).is_err());
    }

    #[test]
    fn a_feed_with_a_gap_is_damaged() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, 0, schema::VERSION).unwrap();
        let row = |seq: i64| {
            format!(
                "INSERT INTO verdict VALUES \
                 ({seq}, 'D', {seq}, 'pending', '{{}}', 1, '', 'message', 1, 0, 0);"
            )
        };
        let rows = format!("PRAGMA foreign_keys = OFF; {}{}", row(1), row(3));
        connection.execute_batch(&rows).unwrap();
        assert!(matches!(feed_is_gapless(&connection, 3), Err(Trouble::Damaged(_))));
        connection.execute_batch(&row(2)).unwrap();
        assert!(feed_is_gapless(&connection, 3).is_ok());
    }
}
