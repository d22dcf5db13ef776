//! What a text that somebody typed or scanned may be: everything of that exact name, by indexes.

use rusqlite::{Connection, OptionalExtension};

use super::errors::Trouble;
use super::{Store, StoreError};
use crate::domain::DonationNumber;
use crate::limits;

/// What goes by a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// A donation of which anything is on record.
    pub donation: Option<DonationNumber>,
    /// The id of a pool on record.
    pub pool: Option<String>,
    /// Loadings of that name, or of the rack of that name, the latest first; at most
    /// [`limits::FOUND_MAX`].
    pub loadings: Vec<String>,
    /// The number of a message.
    pub message: Option<i64>,
    /// The id of a specimen that is no donation and of which analysers brought results.
    pub specimen: Option<String>,
    /// The messages that brought them, the latest first; at most [`limits::FOUND_MAX`].
    pub specimen_messages: Vec<i64>,
}

impl Matches {
    /// Whether nothing goes by it.
    pub fn is_empty(&self) -> bool {
        *self == Matches::default()
    }
}

impl Store {
    /// What goes by exactly this text, blanks around it apart.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn find(&self, text: &str) -> Result<Matches, StoreError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Matches::default());
        }
        self.handle.readers.read(|connection| matches(connection, text))
    }
}

impl Store {
    /// The members of a pool on record, in their order; none where nobody said.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn pool_members(&self, pool: &str) -> Result<Vec<DonationNumber>, StoreError> {
        let sql = "SELECT din FROM pool_member WHERE pool = ?1 ORDER BY id";
        self.handle.readers.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let members = statement.query_map([pool], |row| row.get(0))?;
            Ok(members.map(|din| din.map(DonationNumber::restored)).collect::<Result<_, _>>()?)
        })
    }
}

const LOADINGS: &str = "SELECT loading FROM (SELECT subject AS loading, id FROM record \
                        WHERE subject = ?1 AND test_code = 'opened' AND din = '' AND kind = 'rack' \
                        UNION ALL SELECT loading, max(record) FROM rack_tube WHERE rack = ?1 \
                        GROUP BY loading) GROUP BY loading ORDER BY max(id) DESC LIMIT ?2";

const STRAYS: &str = "SELECT DISTINCT message FROM observation WHERE din = '' \
                      AND json_extract(payload, '$.specimen_id') = ?1 \
                      ORDER BY message DESC LIMIT ?2";

fn matches(connection: &Connection, text: &str) -> Result<Matches, Trouble> {
    let specimen_messages: Vec<i64> = list(connection, STRAYS, text)?;
    Ok(Matches {
        donation: is_donation(connection, text)?.then(|| DonationNumber::restored(text.to_owned())),
        pool: exists(connection, "SELECT 1 FROM pool_member WHERE pool = ?1", text)?
            .then(|| text.to_owned()),
        loadings: list(connection, LOADINGS, text)?,
        message: message(connection, text)?,
        specimen: (!specimen_messages.is_empty()).then(|| text.to_owned()),
        specimen_messages,
    })
}

fn is_donation(connection: &Connection, text: &str) -> Result<bool, Trouble> {
    for sql in [
        "SELECT 1 FROM registration WHERE din = ?1",
        "SELECT 1 FROM observation WHERE din = ?1",
        "SELECT 1 FROM record WHERE din = ?1 AND din <> ''",
        "SELECT 1 FROM message_donation WHERE din = ?1 AND blocks = 1",
    ] {
        if exists(connection, sql, text)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn exists(connection: &Connection, sql: &str, text: &str) -> Result<bool, Trouble> {
    Ok(connection.prepare_cached(sql)?.exists([text])?)
}

fn list<T: rusqlite::types::FromSql>(
    connection: &Connection,
    sql: &str,
    text: &str,
) -> Result<Vec<T>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map((text, limits::FOUND_MAX), |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn message(connection: &Connection, text: &str) -> Result<Option<i64>, Trouble> {
    let Ok(number) = text.parse::<i64>() else { return Ok(None) };
    let sql = "SELECT id FROM message WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()?)
}
