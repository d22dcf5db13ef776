//! Rows of records back to domain words.

use rusqlite::{Connection, OptionalExtension, Row};

use super::errors::Trouble;
use super::rows;
use super::schema::{self, Table};
use crate::domain::{DonationNumber, Record, RecordedStatement};
use crate::shape::RecordShape;

/// A record with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RecordRow {
    pub(super) id: i64,
    pub(super) made_by: String,
    pub(super) recorded_at: jiff::Timestamp,
    pub(super) after_observation: i64,
    pub(super) after_verdict: i64,
    pub(super) record: Record,
}

const COLUMNS: &str = "SELECT id, made_by, recorded_at, after_observation, after_verdict, payload \
                       FROM record";

/// Whether the tables are those of a store that is proved before it is migrated.
pub(super) fn are_older(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(schema::version(connection)? < Table::Record.since())
}

/// Records about one test of a profile or an analyser, oldest first.
pub(super) fn about_test(
    connection: &Connection,
    name: &str,
    test_code: &str,
) -> Result<Vec<RecordRow>, Trouble> {
    if are_older(connection)? {
        return Ok(Vec::new());
    }
    let sql = format!("{COLUMNS} WHERE subject = ?1 AND test_code = ?2 AND din = '' ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    collect(statement.query((name, test_code))?)
}

/// Records about one pool, oldest first. Pools have no test code.
pub(super) fn about_pool(connection: &Connection, pool: &str) -> Result<Vec<RecordRow>, Trouble> {
    about_test(connection, pool, "")
}

/// Records about one loading of a rack, and what was said about donations because of it, oldest
/// first.
pub(super) fn about_loading(
    connection: &Connection,
    loading: &str,
) -> Result<Vec<RecordRow>, Trouble> {
    about_subject(connection, "rack", loading)
}

/// Records about one message, and what was said about donations because of it, oldest first.
pub(super) fn about_message(
    connection: &Connection,
    message: i64,
) -> Result<Vec<RecordRow>, Trouble> {
    about_subject(connection, "message", &message_subject(message))
}

/// The subject of what is on record about a message.
pub(super) fn message_subject(message: i64) -> String {
    format!("message {message}")
}

fn about_subject(
    connection: &Connection,
    kind: &str,
    subject: &str,
) -> Result<Vec<RecordRow>, Trouble> {
    // Left to itself, SQLite takes the index of kinds, and reads every record of that kind.
    let by = "INDEXED BY record_subject";
    let own = format!("{COLUMNS} {by} WHERE subject = ?1 AND kind = ?2 AND din = ''");
    let mut found = collect(connection.prepare_cached(&own)?.query((subject, kind))?)?;
    let said = format!("{COLUMNS} WHERE subject = ?1 AND subject <> '' AND din <> ''");
    found.extend(collect(connection.prepare_cached(&said)?.query([subject])?)?);
    found.sort_unstable_by_key(|row| row.id);
    Ok(found)
}

/// Records about one donation up to one of them, oldest first.
pub(super) fn about_donation(
    connection: &Connection,
    din: &DonationNumber,
    to: i64,
) -> Result<Vec<RecordRow>, Trouble> {
    if are_older(connection)? {
        return Ok(Vec::new());
    }
    let sql = format!("{COLUMNS} WHERE din = ?1 AND din <> '' AND id <= ?2 ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    collect(statement.query((din.as_str(), to))?)
}

/// The records after a number, oldest first.
pub(super) fn after(
    connection: &Connection,
    after: i64,
    limit: u64,
) -> Result<Vec<RecordRow>, Trouble> {
    let sql = format!("{COLUMNS} WHERE id > ?1 ORDER BY id LIMIT ?2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(connection.prepare_cached(&sql)?.query((after, limit))?)
}

/// The last records of one kind, latest first. The kind stands in the statement: an index of some
/// kinds alone is not found for a value that is put in.
pub(super) fn last_of_kind(
    connection: &Connection,
    kind: &'static str,
    limit: u64,
) -> Result<Vec<RecordRow>, Trouble> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(connection.prepare_cached(&last_of(kind))?.query([limit])?)
}

fn last_of(kind: &'static str) -> String {
    format!("{COLUMNS} WHERE kind = '{kind}' ORDER BY id DESC LIMIT ?1")
}

/// One record.
pub(super) fn one(connection: &Connection, id: i64) -> Result<Option<RecordRow>, Trouble> {
    let sql = format!("{COLUMNS} WHERE id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], |row| Ok(read(row))).optional()?.transpose()
}

/// The last record that a verdict could be concluded from.
pub(super) fn last_before(connection: &Connection, verdict: i64) -> Result<i64, Trouble> {
    if are_older(connection)? {
        return Ok(0);
    }
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(id) FROM record WHERE after_verdict < ?1")?
        .query_row([verdict], |row| row.get(0))?;
    Ok(last.unwrap_or_default())
}

impl RecordRow {
    /// The same as what is said about a donation.
    pub(super) fn into_statement(self) -> Option<RecordedStatement> {
        let Record::Donation(_, statement) = self.record else { return None };
        Some(RecordedStatement {
            id: self.id,
            by: self.made_by,
            at: self.recorded_at,
            after_observation: self.after_observation,
            statement,
        })
    }
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<RecordRow>, Trouble> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<RecordRow, Trouble> {
    let shape: RecordShape = serde_json::from_str(&row.get::<_, String>(5)?)?;
    let restored = |text: &str| Some(DonationNumber::restored(text.to_owned()));
    Ok(RecordRow {
        id: row.get(0)?,
        made_by: row.get(1)?,
        recorded_at: rows::read_time(row, 2)?,
        after_observation: row.get(3)?,
        after_verdict: row.get(4)?,
        record: shape.restore(restored)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_the_quality_department_are_found_by_their_kind() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, 0, schema::VERSION).unwrap();
        for kind in ["kit", "lot", "control_target", "eqa"] {
            let sql = format!("EXPLAIN QUERY PLAN {}", last_of(kind));
            let plan: String = connection.query_row(&sql, [1], |row| row.get(3)).unwrap();
            assert!(plan.contains("record_kind (kind=?)"), "{kind}: {plan}");
        }
    }
}
