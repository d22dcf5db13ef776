//! Rows of orders back to domain words.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::errors::Trouble;
use super::ordering::Time;
use super::rows::{self, Until};
use super::schema::{self, Table};
use super::{OrderPage, OrderRecord, ordering};
use crate::domain::{Assay, DonationNumber, OrderReply, OrderStanding, Sighting, Verdict};
use crate::limits;

/// An order and the last that was said about it.
const COLUMNS: &str = "w.id, w.order_id, w.analyser, w.din, w.assay, w.rack, w.position, \
                       w.issued_at, w.message_to, r.standing, r.text \
                       FROM work_order w LEFT JOIN order_reply r ON r.id = \
                       (SELECT max(id) FROM order_reply WHERE work_order = w.id)";

/// The last orders of a donation, oldest first; at most [`limits::ORDERS_PER_DONATION_READ`].
pub(super) fn of_donation(
    connection: &Connection,
    din: &DonationNumber,
) -> Result<Vec<OrderRecord>, Trouble> {
    let sql = format!("SELECT {COLUMNS} WHERE w.din = ?1 ORDER BY w.id DESC LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((din.as_str(), limits::ORDERS_PER_DONATION_READ))?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        orders.push(read(row)?);
    }
    orders.reverse();
    Ok(orders)
}

/// Of the orders of an analyser after a number, at most `limit`, those that wait for a result.
pub(super) fn open(
    connection: &Connection,
    analyser: &str,
    after: i64,
    limit: u64,
    now: Timestamp,
) -> Result<OrderPage, Trouble> {
    let sql =
        format!("SELECT {COLUMNS} WHERE w.analyser = ?1 AND w.id > ?2 ORDER BY w.id LIMIT ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query((analyser, after, limit))?;
    let (mut orders, mut next, mut seen) = (Vec::new(), None, HashMap::new());
    while let Some(row) = rows.next()? {
        let order = read(row)?;
        next = Some(order.number);
        if !seen.contains_key(&order.din) {
            seen.insert(order.din.clone(), open_numbers(connection, &order.din, now)?);
        }
        if seen.get(&order.din).is_some_and(|open| open.contains(&order.number)) {
            orders.push(order);
        }
    }
    Ok(OrderPage { orders, next })
}

fn open_numbers(
    connection: &Connection,
    din: &DonationNumber,
    now: Timestamp,
) -> Result<Vec<i64>, Trouble> {
    let issued = of_donation(connection, din)?;
    let received = rows::observations(connection, din, Until::NOW)?;
    let observations: Vec<_> = received.into_iter().map(|(found, _)| found).collect();
    let time = Time { now, before: 0, settle_wait: limits::ORDER_SETTLE_WAIT };
    let open = ordering::open(&issued, &observations, time);
    Ok(open.into_iter().map(|order| order.number).collect())
}

fn read(row: &Row<'_>) -> Result<OrderRecord, Trouble> {
    let (assay, standing): (String, Option<String>) = (row.get(4)?, row.get(9)?);
    let unknown = |field: &str, word: &str| {
        Trouble::Entry(format!("stored {field} is {word:?}, which this version does not know"))
    };
    let standing = standing
        .map(|word| OrderStanding::from_id(&word).ok_or_else(|| unknown("standing", &word)))
        .transpose()?;
    Ok(OrderRecord {
        number: row.get(0)?,
        order_id: row.get(1)?,
        analyser: row.get(2)?,
        din: DonationNumber::restored(row.get(3)?),
        assay: Assay::from_id(&assay).ok_or_else(|| unknown("assay", &assay))?,
        rack: row.get(5)?,
        position: row.get(6)?,
        issued_at: row.get::<_, String>(7)?.parse()?,
        message_to: row.get(8)?,
        standing,
        text: row.get(10)?,
    })
}

/// The number of an order; where `analyser` says whose: only if it was issued to that one.
pub(super) fn number(
    connection: &Connection,
    order_id: &str,
    analyser: Option<&str>,
) -> Result<Option<i64>, Trouble> {
    let found: Option<(i64, String)> = connection
        .prepare_cached("SELECT id, analyser FROM work_order WHERE order_id = ?1")?
        .query_row([order_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (number, owner) = match found {
        Some(found) => found,
        None => return Ok(None),
    };
    Ok(analyser.is_none_or(|analyser| analyser == owner).then_some(number))
}

/// Whether a reply says something else of its order than the last one did; one that is about no
/// order of ours never does.
pub(super) fn is_news(
    connection: &Connection,
    order: Option<i64>,
    reply: &OrderReply,
) -> Result<bool, Trouble> {
    let Some(order) = order else { return Ok(false) };
    let last: Option<(String, String)> = connection
        .prepare_cached(
            "SELECT standing, text FROM order_reply WHERE work_order = ?1 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([order], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(last.is_none_or(|(standing, text)| standing != reply.standing.id() || text != reply.text))
}

/// Whether the verdict on record leaves anything to be tested.
pub(super) fn may_have_work(
    connection: &Connection,
    din: &DonationNumber,
) -> Result<bool, Trouble> {
    let verdict: Option<String> = connection
        .prepare_cached("SELECT verdict FROM verdict WHERE din = ?1 ORDER BY version DESC LIMIT 1")?
        .query_row([din.as_str()], |row| row.get(0))
        .optional()?;
    Ok(match verdict.as_deref().and_then(Verdict::from_id) {
        Some(Verdict::Pending | Verdict::Hold) => true,
        Some(Verdict::Releasable | Verdict::Reject | Verdict::Recalled) | None => false,
    })
}

/// Where a donation was asked for at two places at once.
pub(super) fn sightings(
    connection: &Connection,
    din: &DonationNumber,
    until: Until,
) -> Result<Vec<Sighting>, Trouble> {
    if schema::version(connection)? < Table::Sighting.since() {
        // A store that is proved before it is migrated.
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(
        "SELECT message, text FROM sighting WHERE din = ?1 AND message <= ?2 ORDER BY id",
    )?;
    let found = statement.query_map((din.as_str(), until.message), |row| {
        Ok(Sighting { message: row.get(0)?, text: row.get(1)? })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
