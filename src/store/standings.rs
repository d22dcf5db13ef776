//! The feed as the laboratory's floor wants it: each verdict with what it was before, since when
//! the donation is open, and where it came from.

use jiff::Timestamp;
use rusqlite::{Connection, Row, Rows};

use super::errors::Trouble;
use super::{Store, StoreError, rows};
use crate::domain::DonationNumber;
use crate::limits;
use crate::shape::{NextStepShape, ReasonShape};

/// A verdict with what the floor shows beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Number in the feed.
    pub seq: i64,
    /// The donation.
    pub din: DonationNumber,
    /// Version of the verdict.
    pub version: i64,
    /// Verdict id.
    pub verdict: String,
    /// Verdict id of the version before; `None` for the first.
    pub before: Option<String>,
    /// When it was committed, UTC.
    pub decided_at: Timestamp,
    /// When the donation was registered, UTC.
    pub registered_at: Option<Timestamp>,
    /// When the blood was drawn.
    pub collected_at: Option<Timestamp>,
    /// Where; empty where nobody said.
    pub site: String,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// What was to be done next when the verdict was concluded.
    pub next_steps: Vec<NextStepShape>,
    /// Since when it is pending or held without a break; `None` where it is neither.
    pub open_since: Option<Timestamp>,
}

impl Store {
    /// The feed after `seq`, at most `limit` rows and never more than [`limits::FEED_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn standings(&self, after_seq: i64, limit: u64) -> Result<Vec<Standing>, StoreError> {
        let limit = limit.min(limits::FEED_PAGE_MAX);
        self.handle.readers.read(|connection| after(connection, after_seq, limit))
    }

    /// The donations that are pending or held now, by the number of that verdict, after one of
    /// them; at most `limit` and never more than [`limits::FEED_PAGE_MAX`]. Only an empty page is
    /// the end.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn open_standings(&self, after: i64, limit: u64) -> Result<Vec<Standing>, StoreError> {
        let limit = limit.min(limits::FEED_PAGE_MAX);
        self.handle.readers.read(|connection| open(connection, after, limit))
    }
}

/// `v` is the verdict, `b` the one before, `r` the registration.
const COLUMNS: &str = "v.seq, v.din, v.version, v.verdict, b.verdict, v.decided_at, \
                       r.registered_at, r.collected_at, r.site, v.decision, \
                       CASE WHEN v.verdict = 'pending' OR v.verdict = 'hold' THEN \
                       (SELECT o.decided_at FROM verdict o WHERE o.din = v.din AND o.version = 1 + \
                       coalesce((SELECT max(c.version) FROM verdict c WHERE c.din = v.din \
                       AND c.version < v.version \
                       AND c.verdict NOT IN ('pending', 'hold')), 0)) END";

const JOINED: &str = "LEFT JOIN verdict b ON b.din = v.din AND b.version = v.version - 1 \
                      LEFT JOIN registration r ON r.din = v.din";

fn after(connection: &Connection, seq: i64, limit: u64) -> Result<Vec<Standing>, Trouble> {
    let sql = format!(
        "SELECT {COLUMNS} FROM verdict v {JOINED} WHERE v.seq > ?1 ORDER BY v.seq LIMIT ?2"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(connection.prepare_cached(&sql)?.query((seq, limit))?)
}

fn open(connection: &Connection, seq: i64, limit: u64) -> Result<Vec<Standing>, Trouble> {
    let sql = open_query();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(connection.prepare_cached(&sql)?.query((seq, limit))?)
}

/// Which are open is told from indexes alone; only of those is more read.
fn open_query() -> String {
    format!(
        "SELECT {COLUMNS} FROM \
         (SELECT p.seq FROM verdict p INDEXED BY verdict_open \
         WHERE (p.verdict = 'pending' OR p.verdict = 'hold') AND p.seq > ?1 AND NOT EXISTS \
         (SELECT 1 FROM verdict n WHERE n.din = p.din AND n.version = p.version + 1) \
         ORDER BY p.seq LIMIT ?2) open JOIN verdict v ON v.seq = open.seq {JOINED} ORDER BY v.seq"
    )
}

fn collect(mut rows: Rows<'_>) -> Result<Vec<Standing>, Trouble> {
    let mut standings = Vec::new();
    while let Some(row) = rows.next()? {
        standings.push(read(row)?);
    }
    Ok(standings)
}

fn read(row: &Row<'_>) -> Result<Standing, Trouble> {
    let decision = rows::read_decision(row, 9)?;
    let time = |column: usize| -> Result<Option<Timestamp>, Trouble> {
        let text: Option<String> = row.get(column)?;
        Ok(text.map(|text| text.parse()).transpose()?)
    };
    Ok(Standing {
        seq: row.get(0)?,
        din: DonationNumber::restored(row.get(1)?),
        version: row.get(2)?,
        verdict: row.get(3)?,
        before: row.get(4)?,
        decided_at: rows::read_time(row, 5)?,
        registered_at: time(6)?,
        collected_at: time(7)?,
        site: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
        reasons: decision.reasons,
        next_steps: decision.next_steps,
        open_since: time(10)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn open_donations_are_found_by_indexes_alone() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, 0, schema::VERSION).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", open_query());
        let mut statement = connection.prepare(&sql).unwrap();
        let plan: Vec<String> =
            statement.query_map((0, 10), |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("SEARCH p USING COVERING INDEX verdict_open (seq>?)"), "{plan}");
        assert!(plan.contains("SEARCH n USING COVERING INDEX"), "{plan}");
        let scans: Vec<&str> = plan.lines().filter(|line| line.starts_with("SCAN")).collect();
        assert_eq!(scans, ["SCAN open"], "{plan}");
    }
}
