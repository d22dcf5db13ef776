//! What follows for donors: a feed of its own, which inventory acknowledges entry by entry (FM-29).

use jiff::Timestamp;
use rusqlite::Connection;

use super::book::Book;
use super::chain::Cell;
use super::errors::Trouble;
use super::rows;
use super::schema::Table;
use crate::domain::{DonationNumber, DonorConsequence};
use crate::shape::DonorEventShape;

/// A consequence for the donor of a donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DonorEventEntry {
    /// Gapless and rising, from 1.
    pub number: i64,
    /// The donation.
    pub din: DonationNumber,
    /// Number in the feed of the verdict that it follows from.
    pub verdict: i64,
    /// What follows, and from which reason.
    pub event: DonorEventShape,
    /// When it was concluded, UTC.
    pub concluded_at: Timestamp,
    /// Who acknowledged it for inventory, and when; until then it must be told again.
    pub acknowledged: Option<(String, Timestamp)>,
}

/// What became of an acknowledgement, after COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// Noted.
    New,
    /// It was acknowledged before; the first one stands.
    Before,
    /// There is no event of this number.
    Unknown,
}

impl Book {
    /// Appends what follows for the donor, each consequence of a donation once. That nothing
    /// follows is no event.
    pub(super) fn append_donor_events(
        &mut self,
        connection: &Connection,
        din: &DonationNumber,
        verdict: i64,
        events: &[DonorEventShape],
    ) -> Result<(), Trouble> {
        let now = self.now().to_string();
        let nothing = DonorConsequence::None.id();
        for event in events.iter().filter(|event| event.consequence != nothing) {
            let cells = [
                Cell::Text(din.as_str()),
                Cell::Integer(verdict),
                Cell::Text(&event.consequence),
                Cell::Text(&event.code),
                Cell::Text(event.assay.as_deref().unwrap_or_default()),
                Cell::Text(&now),
            ];
            self.journal.append(connection, Table::DonorEvent, &cells)?;
        }
        Ok(())
    }

    /// Notes that inventory has taken an event over.
    pub(super) fn acknowledge(
        &mut self,
        connection: &Connection,
        number: i64,
        by: &str,
    ) -> Result<Acknowledged, Trouble> {
        if number < 1 || number > self.journal.marks().of(Table::DonorEvent) {
            return Ok(Acknowledged::Unknown);
        }
        let now = self.now().to_string();
        let cells = [Cell::Integer(number), Cell::Text(by), Cell::Text(&now)];
        let added = self.journal.append(connection, Table::DonorEventReply, &cells)?;
        Ok(added.map_or(Acknowledged::Before, |_| Acknowledged::New))
    }
}

const COLUMNS: &str = "SELECT e.id, e.din, e.verdict, e.consequence, e.code, e.assay, \
                       e.concluded_at, r.acknowledged_by, r.acknowledged_at \
                       FROM donor_event e LEFT JOIN donor_event_reply r ON r.donor_event = e.id";

/// The feed after a number.
pub(super) fn feed(
    connection: &Connection,
    after: i64,
    limit: u64,
) -> Result<Vec<DonorEventEntry>, Trouble> {
    page(connection, &format!("{COLUMNS} WHERE e.id > ?1 ORDER BY e.id LIMIT ?2"), after, limit)
}

/// Those of the feed after a number that nobody acknowledged.
pub(super) fn unacknowledged(
    connection: &Connection,
    after: i64,
    limit: u64,
) -> Result<Vec<DonorEventEntry>, Trouble> {
    let sql = format!("{COLUMNS} WHERE e.id > ?1 AND r.id IS NULL ORDER BY e.id LIMIT ?2");
    page(connection, &sql, after, limit)
}

/// How many nobody acknowledged.
pub(super) fn waiting(connection: &Connection) -> Result<u64, Trouble> {
    let last = |table: &str| -> rusqlite::Result<i64> {
        let sql = format!("SELECT coalesce(max(id), 0) FROM {table}");
        connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))
    };
    // Each has at most one reply, and both are gapless.
    let waiting = last("donor_event")?.saturating_sub(last("donor_event_reply")?);
    Ok(u64::try_from(waiting).unwrap_or_default())
}

fn page(
    connection: &Connection,
    sql: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<DonorEventEntry>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read(row)?);
    }
    Ok(events)
}

fn read(row: &rusqlite::Row<'_>) -> Result<DonorEventEntry, Trouble> {
    let assay: String = row.get(5)?;
    let by: Option<String> = row.get(7)?;
    let acknowledged = match by {
        Some(by) => Some((by, rows::read_time(row, 8)?)),
        None => None,
    };
    Ok(DonorEventEntry {
        number: row.get(0)?,
        din: DonationNumber::restored(row.get(1)?),
        verdict: row.get(2)?,
        event: DonorEventShape {
            consequence: row.get(3)?,
            code: row.get(4)?,
            assay: Some(assay).filter(|assay| !assay.is_empty()),
        },
        concluded_at: rows::read_time(row, 6)?,
        acknowledged,
    })
}

/// The events of one donation, oldest first.
pub(super) fn of_donation(
    connection: &Connection,
    din: &DonationNumber,
) -> Result<Vec<DonorEventEntry>, Trouble> {
    let sql = format!("{COLUMNS} WHERE e.din = ?1 ORDER BY e.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([din.as_str()])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read(row)?);
    }
    Ok(events)
}
