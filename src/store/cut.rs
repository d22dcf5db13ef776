//! Transfers that were cut short: evidence that blocks, until the whole is sent again.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension};

use super::book::{Book, Cause, Touched};
use super::chain::Cell;
use super::errors::Trouble;
use super::prepared::Prepared;
use super::schema::Table;
use super::{Entry, Recorded, rows};

impl Book {
    /// Evidence of a transfer that was cut short: no facts, but its donations are blocked.
    pub(super) fn record_cut(
        &mut self,
        connection: &Connection,
        prepared: &Prepared,
        why: &str,
    ) -> Result<Recorded, Trouble> {
        let entry = &prepared.entry;
        if let Some(message) = self.same_cut(connection, entry)? {
            return Ok(Recorded::Duplicate { message, unread: true });
        }
        let Some(message) = self.append_message(connection, prepared)? else {
            return Err(Trouble::Entry(format!("a cut transfer was not stored: {why}")));
        };
        self.cut.insert(entry.analyser.clone());
        let mut touched = Touched::default();
        self.append_donations(connection, entry, message)?;
        self.block(connection, entry, message, &mut touched)?;
        self.decide_touched(connection, touched, Cause::Message(message))?;
        Ok(Recorded::New { message, unread: true })
    }

    fn same_cut(&self, connection: &Connection, entry: &Entry) -> Result<Option<i64>, Trouble> {
        if !self.cut.contains(&entry.analyser) {
            return Ok(None);
        }
        let found = connection
            .prepare_cached(
                "SELECT id FROM message WHERE analyser = ?1 AND incomplete IS NOT NULL \
                 AND profile_sha256 = ?2 AND bytes = ?3 \
                 AND NOT EXISTS (SELECT 1 FROM message_resolution r WHERE r.message = message.id)",
            )?
            .query_row((&entry.analyser, &entry.profile_sha256, &entry.bytes), |row| row.get(0))
            .optional()?;
        Ok(found)
    }

    /// A complete message that begins with what a cut transfer of the same analyser brought is
    /// that transfer sent again: it no longer blocks.
    pub(super) fn make_good(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        if !self.cut.contains(&entry.analyser) {
            return Ok(());
        }
        for cut in cut_transfers_in(connection, entry)? {
            let why = Cell::Text("sent again completely");
            let cells = [Cell::Integer(cut), Cell::Integer(message), why];
            self.journal.append(connection, Table::MessageResolution, &cells)?;
            for din in rows::donations_blocked_by(connection, cut)? {
                let case = touched.case(&mut self.cases, connection, &din)?;
                case.facts.unread.retain(|unread| unread.message != cut);
            }
        }
        if !has_cut_transfers(connection, &entry.analyser)? {
            self.cut.remove(&entry.analyser);
        }
        Ok(())
    }
}

pub(super) fn cut_analysers(connection: &Connection) -> Result<HashSet<String>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT analyser FROM message WHERE incomplete IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM message_resolution r WHERE r.message = message.id)",
    )?;
    let analysers = statement.query_map([], |row| row.get(0))?;
    Ok(analysers.collect::<Result<_, _>>()?)
}

fn has_cut_transfers(connection: &Connection, analyser: &str) -> Result<bool, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM message WHERE analyser = ?1 AND incomplete IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM message_resolution r WHERE r.message = message.id)",
    )?;
    Ok(statement.exists([analyser])?)
}

/// Cut transfers of the same analyser that the entry begins with. One of which nothing could be
/// read as a record is no beginning of anything, unless nothing in it was unreadable either.
fn cut_transfers_in(connection: &Connection, entry: &Entry) -> Result<Vec<i64>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM message WHERE analyser = ?1 AND incomplete IS NOT NULL \
         AND substr(?2, 1, length(body)) = body AND (length(body) > 0 OR faults = '[]') \
         AND NOT EXISTS (SELECT 1 FROM message_resolution r WHERE r.message = message.id) \
         ORDER BY id",
    )?;
    let found = statement.query_map((&entry.analyser, &entry.body), |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}
