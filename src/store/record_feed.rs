//! Everything that was put on record, in the order of the records.

use jiff::Timestamp;
use rusqlite::Connection;

use super::errors::Trouble;
use super::record_rows;
use crate::domain::Record;

/// A record with who made it, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordEntry {
    /// Its number; rises with commit order, from 1.
    pub number: i64,
    /// Who put it on record.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// The last observation on record when it was made.
    pub after_observation: i64,
    /// What it says.
    pub record: Record,
}

/// The records after a number.
pub(super) fn page(
    connection: &Connection,
    after: i64,
    limit: u64,
) -> Result<Vec<RecordEntry>, Trouble> {
    let rows = record_rows::after(connection, after, limit)?;
    let entry = |row: record_rows::RecordRow| RecordEntry {
        number: row.id,
        by: row.made_by,
        at: row.recorded_at,
        after_observation: row.after_observation,
        record: row.record,
    };
    Ok(rows.into_iter().map(entry).collect())
}
