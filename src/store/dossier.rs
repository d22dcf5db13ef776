//! Everything that a donation's verdicts stand on, read from one snapshot: bytes, observations,
//! records, pools, controls, verdicts, the texts they were concluded and read with, and where all
//! of that stands in the chain of hashes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::case::Case;
use super::chain;
use super::donor_events::{self, DonorEventEntry};
use super::errors::Trouble;
use super::record_rows;
use super::rows::{self, Until};
use super::schema::Table;
use super::view::View;
use super::{pools, replay};
use crate::domain::{DonationNumber, Facts, Record, RecordedObservation};
use crate::shape::{DecisionShape, RuleSetShape};

/// Everything that a donation's verdicts stand on.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    /// The donation.
    pub din: DonationNumber,
    /// The facts that the last verdict was concluded from; those of now where there is none.
    pub facts: Facts,
    /// The facts as they are now: more may have come since that said nothing else.
    pub facts_now: Facts,
    /// Every message behind them, oldest first: its own, those of its pools' tubes and of the other
    /// members' single tests, those of the controls that speak for any of them.
    pub messages: Vec<DossierMessage>,
    /// The controls that speak for its results and those of its pools.
    pub controls: Vec<RecordedObservation>,
    /// Single tests of the other members of its pools.
    pub others: Vec<RecordedObservation>,
    /// What is on record about it, its pools, its tests and its lots, oldest first.
    pub records: Vec<DossierRecord>,
    /// Its verdicts, oldest first.
    pub verdicts: Vec<DossierVerdict>,
    /// What followed for the donor.
    pub donor_events: Vec<DonorEventEntry>,
    /// The rule sets that concluded its verdicts.
    pub rule_sets: Vec<KeptRuleSet>,
    /// The profiles that its messages were read with.
    pub profiles: Vec<KeptProfile>,
    /// The commits that hold all this, oldest first.
    pub ledger: Vec<LedgerLink>,
}

/// A message on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierMessage {
    /// Its number.
    pub message: i64,
    /// When it was received, UTC.
    pub received_at: Timestamp,
    /// Analyser id.
    pub analyser: String,
    /// Profile name.
    pub profile: String,
    /// SHA-256 of the profile's text, lower-case hex.
    pub profile_sha256: String,
    /// Why the transfer was cut short, if it was.
    pub incomplete: Option<String>,
    /// What could not be read: (byte offset, words).
    pub faults: Vec<(usize, String)>,
    /// The message that made a cut one good.
    pub made_good_by: Option<i64>,
    /// The bytes as received.
    pub bytes: Vec<u8>,
}

/// A record with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct DossierRecord {
    /// Its number.
    pub record: i64,
    /// Who made it.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// The last observation on record when it was made.
    pub after_observation: i64,
    /// The last verdict on record when it was made: it counts for those after it.
    pub after_verdict: i64,
    /// What it says.
    pub what: Record,
}

/// A verdict on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierVerdict {
    /// Number in the feed.
    pub seq: i64,
    /// Rises by one with every verdict of the donation.
    pub version: i64,
    /// The decision, as it stands in the store.
    pub decision: String,
    /// The same, read.
    pub read: DecisionShape,
    /// Which rule set concluded it.
    pub rule_set: RuleSetShape,
    /// When, UTC.
    pub decided_at: Timestamp,
    /// What made it necessary: `message`, `registration`, `rule_use` or `record`, and its number.
    pub cause: (String, i64),
    /// The last message it was concluded from.
    pub message_to: i64,
    /// The last record it was concluded from.
    pub record_to: i64,
}

/// The text of a rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRuleSet {
    /// Its identity.
    pub identity: RuleSetShape,
    /// Its text.
    pub text: String,
}

/// The text of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptProfile {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text, lower-case hex.
    pub sha256: String,
    /// Its text, with what the site added.
    pub text: String,
}

/// One commit in the chain of hashes. Its hash is that of the one before, its number, the last
/// number of every table of the first version, `digest`, and of the tables of each later version
/// the last numbers where any of them was added to; all numbers as 8 bytes, most significant first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLink {
    /// Number of the commit.
    pub n: i64,
    /// The hash before it; zeroes before the first.
    pub previous: [u8; 32],
    /// What its hash covers after the hash before it.
    pub hashed: Vec<u8>,
    /// Digest of the rows that it added.
    pub digest: [u8; 32],
    /// Its hash.
    pub hash: [u8; 32],
    /// The last number of every table after it, in the order of the ledgers' columns.
    pub counts: Vec<(&'static str, i64)>,
    /// The rows named in this dossier that it added: table and number.
    pub holds: Vec<(&'static str, i64)>,
}

/// The dossier of a donation; `None` where nothing is on record about it.
pub(super) fn read(
    connection: &Connection,
    din: &DonationNumber,
) -> Result<Option<Dossier>, Trouble> {
    let verdicts = verdicts(connection, din)?;
    let now = facts_now(connection, din)?;
    if now == Facts::new(din.clone()) {
        return Ok(None);
    }
    let facts = match verdicts.last() {
        Some(last) => replay::facts_of(connection, last.seq)?.unwrap_or_else(|| now.clone()),
        None => now.clone(),
    };
    let results = results(&now);
    let controls = controls(connection, &results)?;
    let others = others(connection, &now)?;
    let messages = messages(connection, &now, &results, &[&controls, &others])?;
    let records = records(connection, &now, &results)?;
    let mut dossier = Dossier {
        din: din.clone(),
        facts,
        controls,
        others,
        records,
        donor_events: donor_events::of_donation(connection, din)?,
        rule_sets: rule_sets(connection, &verdicts)?,
        profiles: profiles(connection, &messages)?,
        messages,
        verdicts,
        ledger: Vec::new(),
        facts_now: now,
    };
    dossier.ledger = ledger(connection, &dossier)?;
    Ok(Some(dossier))
}

fn facts_now(connection: &Connection, din: &DonationNumber) -> Result<Facts, Trouble> {
    let rules: Option<String> = connection
        .query_row(
            "SELECT r.sha256 FROM rule_use u JOIN rule_set r ON r.id = u.rule_set \
             ORDER BY u.id DESC LIMIT 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    let rules = rules.unwrap_or_default();
    let mut case = Case::load(connection, &mut View::new(&rules), din.clone())?;
    case.stand_before(&rules);
    Ok(case.facts)
}

/// Its own results and those of its pools' tubes.
fn results(facts: &Facts) -> Vec<RecordedObservation> {
    let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
    facts.observations.iter().chain(pooled).cloned().collect()
}

fn controls(
    connection: &Connection,
    results: &[RecordedObservation],
) -> Result<Vec<RecordedObservation>, Trouble> {
    let spoken = results.iter().flat_map(|result| &result.circumstances.controls.observations);
    let numbers: BTreeSet<i64> = spoken.copied().collect();
    numbers.into_iter().map(|number| rows::observation(connection, number)).collect()
}

fn others(connection: &Connection, facts: &Facts) -> Result<Vec<RecordedObservation>, Trouble> {
    let all = facts.pools.iter().flat_map(|pool| &pool.others);
    let members: BTreeMap<&str, &DonationNumber> =
        all.map(|other| (other.din.as_str(), &other.din)).collect();
    let mut found = Vec::new();
    for member in members.into_values() {
        let theirs = rows::observations(connection, member, Until::NOW)?;
        let single = theirs.into_iter().map(|(result, _)| result);
        found.extend(single.filter(|result| pools::is_nucleic(result.observation.assay)));
    }
    Ok(found)
}

fn messages(
    connection: &Connection,
    facts: &Facts,
    results: &[RecordedObservation],
    beside: &[&Vec<RecordedObservation>],
) -> Result<Vec<DossierMessage>, Trouble> {
    let beside = beside.iter().flat_map(|found| found.iter());
    let mut numbers: BTreeSet<i64> =
        results.iter().chain(beside).map(|result| result.message).collect();
    numbers.extend(facts.unread.iter().map(|unread| unread.message));
    numbers.extend(facts.sightings.iter().map(|sighting| sighting.message));
    // Also those that named it, could not be read, and were made good.
    let mut named = connection
        .prepare_cached("SELECT message FROM message_donation WHERE din = ?1 AND blocks = 1")?;
    for number in named.query_map([facts.din.as_str()], |row| row.get(0))? {
        numbers.insert(number?);
    }
    numbers.into_iter().map(|number| message(connection, number)).collect()
}

fn message(connection: &Connection, number: i64) -> Result<DossierMessage, Trouble> {
    connection
        .prepare_cached(
            "SELECT m.id, m.received_at, m.analyser, m.profile, m.profile_sha256, m.incomplete, \
             m.faults, r.resolved_by, m.bytes FROM message m \
             LEFT JOIN message_resolution r ON r.message = m.id WHERE m.id = ?1",
        )?
        .query_row([number], |row| Ok(read_message(row)))?
}

fn read_message(row: &Row<'_>) -> Result<DossierMessage, Trouble> {
    Ok(DossierMessage {
        message: row.get(0)?,
        received_at: rows::read_time(row, 1)?,
        analyser: row.get(2)?,
        profile: row.get(3)?,
        profile_sha256: row.get(4)?,
        incomplete: row.get(5)?,
        faults: rows::read_faults(row, 6)?,
        made_good_by: row.get(7)?,
        bytes: row.get(8)?,
    })
}

/// What is on record about the donation, its pools, and the tests and lots of its results.
fn records(
    connection: &Connection,
    facts: &Facts,
    results: &[RecordedObservation],
) -> Result<Vec<DossierRecord>, Trouble> {
    let mut found = record_rows::about_donation(connection, &facts.din, i64::MAX)?;
    let pools: BTreeSet<&str> = facts.pools.iter().map(|pool| pool.id.as_str()).collect();
    for pool in pools {
        found.extend(record_rows::about_pool(connection, pool)?);
    }
    let mut tests: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for result in results {
        for name in [&result.analyser, &result.profile] {
            let lots = tests.entry((name, &result.observation.test_code)).or_default();
            lots.extend(result.observation.reagent_lot.as_deref());
        }
    }
    for ((name, test_code), lots) in tests {
        let about = record_rows::about_test(connection, name, test_code)?;
        let concerns = |record: &Record| match record {
            Record::Lot(lot) => lots.contains(lot.lot.as_str()),
            Record::Donation(..)
            | Record::Kit(_)
            | Record::Target(_)
            | Record::ControlFailure(_)
            | Record::Pool(_) => true,
            Record::Rack(_) | Record::Message(_) | Record::Run(_) | Record::Eqa(_) => false,
        };
        found.extend(about.into_iter().filter(|row| concerns(&row.record)));
    }
    found.sort_unstable_by_key(|row| row.id);
    found.dedup_by_key(|row| row.id);
    Ok(found.into_iter().map(DossierRecord::from).collect())
}

impl From<record_rows::RecordRow> for DossierRecord {
    fn from(row: record_rows::RecordRow) -> Self {
        DossierRecord {
            record: row.id,
            by: row.made_by,
            at: row.recorded_at,
            after_observation: row.after_observation,
            after_verdict: row.after_verdict,
            what: row.record,
        }
    }
}

fn verdicts(connection: &Connection, din: &DonationNumber) -> Result<Vec<DossierVerdict>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT v.seq, v.version, v.decision, r.name, r.version, r.sha256, v.decided_at, v.cause, \
         v.cause_id, v.message_to, c.record FROM verdict v JOIN rule_set r ON r.id = v.rule_set \
         LEFT JOIN verdict_cause c ON c.verdict = v.seq WHERE v.din = ?1 ORDER BY v.version",
    )?;
    let mut rows = statement.query([din.as_str()])?;
    let mut verdicts = Vec::new();
    while let Some(row) = rows.next()? {
        verdicts.push(read_verdict(connection, row)?);
    }
    Ok(verdicts)
}

fn read_verdict(connection: &Connection, row: &Row<'_>) -> Result<DossierVerdict, Trouble> {
    let (seq, decision): (i64, String) = (row.get(0)?, row.get(2)?);
    let record: Option<i64> = row.get(10)?;
    let cause = match record {
        Some(record) => ("record".to_owned(), record),
        None => (row.get(7)?, row.get(8)?),
    };
    Ok(DossierVerdict {
        seq,
        version: row.get(1)?,
        read: serde_json::from_str(&decision)?,
        decision,
        rule_set: RuleSetShape { name: row.get(3)?, version: row.get(4)?, sha256: row.get(5)? },
        decided_at: rows::read_time(row, 6)?,
        cause,
        message_to: row.get(9)?,
        record_to: record_rows::last_before(connection, seq)?,
    })
}

fn rule_sets(
    connection: &Connection,
    verdicts: &[DossierVerdict],
) -> Result<Vec<KeptRuleSet>, Trouble> {
    let mut kept: Vec<KeptRuleSet> = Vec::new();
    for verdict in verdicts {
        if kept.iter().all(|known| known.identity != verdict.rule_set) {
            let sql = "SELECT text FROM rule_set WHERE sha256 = ?1";
            let text = connection.query_row(sql, [&verdict.rule_set.sha256], |row| row.get(0))?;
            kept.push(KeptRuleSet { identity: verdict.rule_set.clone(), text });
        }
    }
    Ok(kept)
}

/// A profile that was not kept has no text here.
fn profiles(
    connection: &Connection,
    messages: &[DossierMessage],
) -> Result<Vec<KeptProfile>, Trouble> {
    let read_with: BTreeSet<(&str, &str)> = messages
        .iter()
        .map(|message| (message.profile.as_str(), message.profile_sha256.as_str()))
        .collect();
    let mut kept = Vec::new();
    for (name, sha256) in read_with {
        let text: Option<String> = connection
            .prepare_cached("SELECT text FROM profile WHERE sha256 = ?1 AND name = ?2")?
            .query_row((sha256, name), |row| row.get(0))
            .optional()?;
        let (name, sha256) = (name.to_owned(), sha256.to_owned());
        kept.extend(text.map(|text| KeptProfile { name, sha256, text }));
    }
    Ok(kept)
}

/// The commits that added the rows named in a dossier.
fn ledger(connection: &Connection, dossier: &Dossier) -> Result<Vec<LedgerLink>, Trouble> {
    let mut links: BTreeMap<i64, Vec<(&'static str, i64)>> = BTreeMap::new();
    for (table, number) in named_rows(connection, dossier)? {
        if let Some(n) = chain::commit_of(connection, table, number)? {
            links.entry(n).or_default().push((table.name(), number));
        }
    }
    let mut ledger = Vec::new();
    for (n, holds) in links {
        let chain::Link { before, hashed, digest, after } = chain::link(connection, n)?;
        let counts = Table::ALL.into_iter().map(|table| (table.name(), after.marks.of(table)));
        ledger.push(LedgerLink {
            n,
            previous: before.hash,
            hashed,
            digest,
            hash: after.hash,
            counts: counts.collect(),
            holds,
        });
    }
    Ok(ledger)
}

fn named_rows(connection: &Connection, dossier: &Dossier) -> Result<Vec<(Table, i64)>, Trouble> {
    let now = &dossier.facts_now;
    let results = results(now);
    let observations = results.iter().chain(&dossier.controls).chain(&dossier.others);
    let mut rows: Vec<(Table, i64)> = Vec::new();
    rows.extend(dossier.messages.iter().map(|one| (Table::Message, one.message)));
    rows.extend(observations.map(|one| (Table::Observation, one.id)));
    rows.extend(dossier.records.iter().map(|one| (Table::Record, one.record)));
    rows.extend(dossier.verdicts.iter().map(|one| (Table::Verdict, one.seq)));
    rows.extend(dossier.donor_events.iter().map(|one| (Table::DonorEvent, one.number)));
    for (table, sql) in [
        (Table::Registration, "SELECT id FROM registration WHERE din = ?1"),
        (Table::RuleSet, "SELECT DISTINCT rule_set FROM verdict WHERE din = ?1 ORDER BY rule_set"),
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        for number in statement.query_map([now.din.as_str()], |row| row.get(0))? {
            rows.push((table, number?));
        }
    }
    Ok(rows)
}
