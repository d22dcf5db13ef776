//! Lots and kits: how they stand, how they came to, and when results were made with them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Mark, of_kind};
use crate::domain::{Kit, KitRecord, LotRecord, LotStanding, Record};
use crate::limits;
use crate::store::errors::Trouble;
use crate::store::rows;

/// A reagent lot of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotEntry {
    /// Profile, or analyser id, whose test code it is.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// The lot, as results name it.
    pub lot: String,
    /// Everything on record about it, oldest first; none where only results name it.
    pub history: Vec<LotStep>,
    /// The first result made with it, where one is found among the first
    /// [`limits::LOT_USES_READ`] results that name it.
    pub first_use: Option<LotUse>,
    /// The last one, looked for in the same way.
    pub last_use: Option<LotUse>,
}

/// One word on a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotStep {
    /// Who said so, and when.
    pub mark: Mark,
    /// How it stands.
    pub standing: LotStanding,
    /// Its last day.
    pub expiry: Option<Date>,
}

/// A result made with a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotUse {
    /// Number of the observation.
    pub observation: i64,
    /// Analyser.
    pub analyser: String,
    /// Its profile.
    pub profile: String,
    /// When its message was received, UTC.
    pub at: Timestamp,
}

/// A kit on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitEntry {
    /// Profile, or analyser id, whose test code it is.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// What was said of it, oldest first; the last is in force for what comes after it.
    pub history: Vec<(Mark, Kit)>,
}

impl LotEntry {
    /// How it stands now.
    pub fn standing(&self) -> LotStanding {
        self.history.last().map_or(LotStanding::NotRecorded, |step| step.standing)
    }

    /// Its last day.
    pub fn expiry(&self) -> Option<Date> {
        self.history.last().and_then(|step| step.expiry)
    }
}

/// Name of a profile or an analyser, test code, lot.
type Key = [String; 3];

/// Lots on record, and those that only results name.
pub(super) fn register(connection: &Connection) -> Result<Vec<LotEntry>, Trouble> {
    let mut histories: BTreeMap<Key, Vec<LotStep>> = BTreeMap::new();
    for row in of_kind(connection, "lot")? {
        let mark = Mark::of(&row);
        let Record::Lot(LotRecord { profile, test_code, lot, standing, expiry }) = row.record
        else {
            continue;
        };
        let steps = histories.entry([profile, test_code, lot]).or_default();
        steps.push(LotStep { mark, standing, expiry });
    }
    let used = unknown(connection, &histories)?;
    histories.extend(used.into_iter().map(|key| (key, Vec::new())));
    let entry = |(key, history): (Key, Vec<LotStep>)| entry(connection, key, history);
    histories.into_iter().map(entry).collect()
}

fn entry(connection: &Connection, key: Key, history: Vec<LotStep>) -> Result<LotEntry, Trouble> {
    let first_use = used(connection, &key, "ASC")?;
    let last_use = used(connection, &key, "DESC")?;
    let [profile, test_code, lot] = key;
    Ok(LotEntry { profile, test_code, lot, history, first_use, last_use })
}

/// The first or the last result of a test that names a lot.
fn used(
    connection: &Connection,
    [name, test_code, lot]: &Key,
    order: &str,
) -> Result<Option<LotUse>, Trouble> {
    let sql = format!(
        "SELECT o.id, m.analyser, m.profile, m.received_at FROM \
         (SELECT id, message, payload FROM observation INDEXED BY observation_lot \
          WHERE json_extract(payload, '$.reagent_lot') = ?1 ORDER BY id {order} LIMIT ?2) o \
         JOIN message m ON m.id = o.message \
         WHERE json_extract(o.payload, '$.test_code') = ?3 AND (m.analyser = ?4 OR m.profile = ?4) \
         ORDER BY o.id {order} LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement
        .query_row(params![lot, limits::LOT_USES_READ, test_code, name], |row| {
            let (observation, analyser, profile) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let at = rows::read_time(row, 3);
            Ok(at.map(|at| LotUse { observation, analyser, profile, at }))
        })
        .optional()?;
    found.transpose()
}

/// Lots that results name and nobody put on record, each with the test of the last result; looked
/// for from one lot to the next greater one.
fn unknown(
    connection: &Connection,
    known: &BTreeMap<Key, Vec<LotStep>>,
) -> Result<Vec<Key>, Trouble> {
    let mut next = connection.prepare_cached(
        "SELECT json_extract(payload, '$.reagent_lot') FROM observation INDEXED BY observation_lot \
         WHERE json_extract(payload, '$.reagent_lot') > ?1 \
         ORDER BY json_extract(payload, '$.reagent_lot') LIMIT 1",
    )?;
    let mut last = connection.prepare_cached(
        "SELECT m.analyser, m.profile, json_extract(o.payload, '$.test_code') \
         FROM observation o INDEXED BY observation_lot JOIN message m ON m.id = o.message \
         WHERE json_extract(o.payload, '$.reagent_lot') = ?1 ORDER BY o.id DESC LIMIT 1",
    )?;
    let (mut unknown, mut after) = (Vec::new(), String::new());
    for _ in 0..limits::LOTS_LISTED_MAX {
        let lot: Option<String> = next.query_row([&after], |row| row.get(0)).optional()?;
        let Some(lot) = lot else { break };
        let [analyser, profile, test_code]: [String; 3] =
            last.query_row([&lot], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        let of = |name: &String| [name.clone(), test_code.clone(), lot.clone()];
        let is_known = [&analyser, &profile].iter().any(|name| known.contains_key(&of(name)));
        if !is_known {
            unknown.push(of(&profile));
        }
        after = lot;
    }
    Ok(unknown)
}

/// Kits on record, by test.
pub(super) fn kits(connection: &Connection) -> Result<Vec<KitEntry>, Trouble> {
    let mut kits: BTreeMap<[String; 2], Vec<(Mark, Kit)>> = BTreeMap::new();
    for row in of_kind(connection, "kit")? {
        let mark = Mark::of(&row);
        let Record::Kit(KitRecord { profile, test_code, kit }) = row.record else { continue };
        kits.entry([profile, test_code]).or_default().push((mark, kit));
    }
    let entry = |([profile, test_code], history): ([String; 2], Vec<(Mark, Kit)>)| KitEntry {
        profile,
        test_code,
        history,
    };
    Ok(kits.into_iter().map(entry).collect())
}
