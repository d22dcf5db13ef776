//! Rows back to domain words.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use rust_decimal::Decimal;

use super::case::{Past, Stand};
use super::errors::Trouble;
use super::judging::Judging;
use super::{FeedEntry, UnreadEntry};
use crate::domain::{
    AboGroup, Circumstances, DonationNumber, Donor, DonorKind, HistoricGroup, Observation,
    RecordedObservation, Registration, RhdType, SpecimenKind, UnreadMessage, Verdict,
};
use crate::shape::{DecisionShape, ObservationShape, RuleSetShape};

/// Up to where the record is read: rows after these numbers do not count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    /// Last message.
    pub(super) message: i64,
    /// Last resolution of an unread message.
    pub(super) resolution: i64,
    /// Last version of the donation's verdict.
    pub(super) version: i64,
    /// Last record.
    pub(super) record: i64,
}

impl Until {
    /// Everything on record.
    pub(super) const NOW: Until =
        Until { message: i64::MAX, resolution: i64::MAX, version: i64::MAX, record: i64::MAX };
}

/// What inventory said about a donation.
pub(super) fn registration(
    connection: &Connection,
    din: &DonationNumber,
) -> Result<Option<Registration>, Trouble> {
    connection
        .prepare_cached(
            "SELECT collected_at, site, donor_kind, deferred, historic_abo, historic_rhd \
             FROM registration WHERE din = ?1",
        )?
        .query_row([din.as_str()], |row| Ok(read_registration(din, row)))
        .optional()?
        .transpose()
}

fn read_registration(din: &DonationNumber, row: &Row<'_>) -> Result<Registration, Trouble> {
    let collected_at: String = row.get(0)?;
    let donor = Donor {
        kind: donor_kind(&row.get::<_, String>(2)?)?,
        deferred: row.get(3)?,
        historic_group: historic_group(row.get(4)?, row.get(5)?)?,
    };
    Ok(Registration {
        din: din.clone(),
        collected_at: collected_at.parse()?,
        site: row.get(1)?,
        donor,
    })
}

fn donor_kind(word: &str) -> Result<DonorKind, Trouble> {
    DonorKind::from_id(word).ok_or_else(|| unknown("donor_kind", word))
}

fn historic_group(
    abo: Option<String>,
    rhd: Option<String>,
) -> Result<Option<HistoricGroup>, Trouble> {
    let (Some(abo), Some(rhd)) = (abo, rhd) else { return Ok(None) };
    let group = HistoricGroup {
        abo: AboGroup::from_id(&abo).ok_or_else(|| unknown("historic_abo", &abo))?,
        rhd: RhdType::from_id(&rhd).ok_or_else(|| unknown("historic_rhd", &rhd))?,
    };
    Ok(Some(group))
}

fn unknown(field: &str, word: &str) -> Trouble {
    Trouble::Entry(format!("stored {field} is {word:?}, which this version does not know"))
}

/// An observation, and when its message was received.
pub(super) type Received = (RecordedObservation, Timestamp);

/// A donation's observations, oldest first, their circumstances left open.
pub(super) fn observations(
    connection: &Connection,
    din: &DonationNumber,
    until: Until,
) -> Result<Vec<Received>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT o.id, o.message, m.analyser, m.profile, o.number, o.payload, m.received_at \
         FROM observation o JOIN message m ON m.id = o.message \
         WHERE o.din = ?1 AND o.message <= ?2 ORDER BY o.id",
    )?;
    collect_received(statement.query((din.as_str(), until.message))?)
}

/// Observations of a donor's specimen that is no donation, by its id, oldest first.
pub(super) fn of_specimen(
    connection: &Connection,
    specimen: &str,
    until: Until,
) -> Result<Vec<Received>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT o.id, o.message, m.analyser, m.profile, o.number, o.payload, m.received_at \
         FROM observation o JOIN message m ON m.id = o.message \
         WHERE o.din = '' AND json_extract(o.payload, '$.specimen_id') = ?1 AND o.message <= ?2 \
         ORDER BY o.id",
    )?;
    let found = collect_received(statement.query((specimen, until.message))?)?;
    let is_donors = |(found, _): &Received| found.observation.kind == SpecimenKind::Donor;
    Ok(found.into_iter().filter(is_donors).collect())
}

/// One observation.
pub(super) fn observation(
    connection: &Connection,
    number: i64,
) -> Result<RecordedObservation, Trouble> {
    connection
        .prepare_cached(
            "SELECT o.id, o.message, m.analyser, m.profile, o.number, o.payload \
             FROM observation o JOIN message m ON m.id = o.message WHERE o.id = ?1",
        )?
        .query_row([number], |row| Ok(read_observation(row)))?
}

/// When a message was received.
pub(super) fn received_at(connection: &Connection, message: i64) -> Result<Timestamp, Trouble> {
    connection
        .prepare_cached("SELECT received_at FROM message WHERE id = ?1")?
        .query_row([message], |row| Ok(read_time(row, 0)))?
}

fn collect_received(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Received>, Trouble> {
    let mut observations = Vec::new();
    while let Some(row) = rows.next()? {
        observations.push((read_observation(row)?, read_time(row, 6)?));
    }
    Ok(observations)
}

/// One observation: its number, message, analyser, profile, exact number and JSON, in this order.
pub(super) fn read_observation(row: &Row<'_>) -> Result<RecordedObservation, Trouble> {
    Ok(RecordedObservation {
        id: row.get(0)?,
        message: row.get(1)?,
        analyser: row.get(2)?,
        profile: row.get(3)?,
        observation: read_reported(row, 4)?,
        circumstances: Circumstances::default(),
    })
}

/// What an observation says: its exact number, and its JSON in the column after.
pub(super) fn read_reported(row: &Row<'_>, column: usize) -> Result<Observation, Trouble> {
    let number: Option<String> = row.get(column)?;
    let number = number
        .map(|text| text.parse::<Decimal>().map_err(|_| unknown("number", &text)))
        .transpose()?;
    let payload = row.get_ref(column + 1)?.as_str().map_err(damaged)?;
    Ok(serde_json::from_str::<ObservationShape>(payload)?.restore(number)?)
}

fn damaged(error: rusqlite::types::FromSqlError) -> Trouble {
    Trouble::Entry(format!("a stored row cannot be read: {error}"))
}

/// Messages that name a donation and could not be read.
pub(super) fn unread_of(
    connection: &Connection,
    din: &DonationNumber,
    until: Until,
) -> Result<Vec<UnreadMessage>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.incomplete, m.faults \
         FROM message_donation d JOIN message m ON m.id = d.message \
         WHERE d.din = ?1 AND d.blocks = 1 AND m.id <= ?2 \
         AND NOT EXISTS \
         (SELECT 1 FROM message_resolution r WHERE r.message = m.id AND r.id <= ?3) \
         ORDER BY m.id",
    )?;
    let mut rows = statement.query((din.as_str(), until.message, until.resolution))?;
    let mut unread = Vec::new();
    while let Some(row) = rows.next()? {
        let incomplete: Option<String> = row.get(1)?;
        let faults = read_faults(row, 2)?;
        let why = why_unread(incomplete.as_deref(), &faults);
        let cut_short = incomplete.is_some();
        unread.push(UnreadMessage { message: row.get(0)?, why, cut_short });
    }
    Ok(unread)
}

/// Why a message counts as unread, in words.
pub(super) fn why_unread(incomplete: Option<&str>, faults: &[(usize, String)]) -> String {
    match (incomplete, faults.first()) {
        (Some(why), _) => why.to_owned(),
        (None, Some((offset, words))) => format!("at byte {offset}: {words}"),
        (None, None) => String::new(),
    }
}

/// What could not be read of a message.
pub(super) fn read_faults(row: &Row<'_>, column: usize) -> Result<Vec<(usize, String)>, Trouble> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str().map_err(damaged)?)?)
}

/// The verdict on record for a donation.
pub(super) fn stand(
    connection: &Connection,
    din: &DonationNumber,
    until: Until,
) -> Result<Option<Stand>, Trouble> {
    connection
        .prepare_cached(
            "SELECT version, decision FROM verdict \
             WHERE din = ?1 AND version <= ?2 ORDER BY version DESC LIMIT 1",
        )?
        .query_row((din.as_str(), until.version), |row| {
            let version = row.get(0)?;
            Ok(read_decision(row, 1).map(|decision| Stand { version, decision }))
        })
        .optional()?
        .transpose()
}

pub(super) fn read_decision(row: &Row<'_>, column: usize) -> Result<DecisionShape, Trouble> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str().map_err(damaged)?)?)
}

/// Whether any verdict on record let the donation go, and which results another rule set than this
/// one judged.
pub(super) fn past(
    connection: &Connection,
    din: &DonationNumber,
    rules: &str,
    until: Until,
) -> Result<Past, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(max(v.verdict = ?3), 0), \
         coalesce(max(CASE WHEN r.sha256 <> ?4 THEN v.message_to END), 0), \
         coalesce(max(CASE WHEN r.sha256 <> ?4 THEN v.seq END), 0) \
         FROM verdict v JOIN rule_set r ON r.id = v.rule_set \
         WHERE v.din = ?1 AND v.version <= ?2",
    )?;
    let key = (din.as_str(), until.version, Verdict::Releasable.id(), rules);
    Ok(statement.query_row(key, |row| {
        Ok(Past {
            ever_releasable: row.get(0)?,
            judged_elsewhere: row.get(1)?,
            last_elsewhere: row.get(2)?,
        })
    })?)
}

/// The feed after a number.
pub(super) fn feed(
    connection: &Connection,
    after: i64,
    limit: u64,
) -> Result<Vec<FeedEntry>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT v.seq, v.din, v.verdict, v.version, v.decision, v.decided_at, \
         r.name, r.version, r.sha256 \
         FROM verdict v JOIN rule_set r ON r.id = v.rule_set \
         WHERE v.seq > ?1 ORDER BY v.seq LIMIT ?2",
    )?;
    let mut rows = statement.query((after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut feed = Vec::new();
    while let Some(row) = rows.next()? {
        feed.push(read_feed_entry(row)?);
    }
    Ok(feed)
}

fn read_feed_entry(row: &Row<'_>) -> Result<FeedEntry, Trouble> {
    let decision = read_decision(row, 4)?;
    Ok(FeedEntry {
        seq: row.get(0)?,
        din: DonationNumber::restored(row.get(1)?),
        verdict: row.get(2)?,
        version: row.get(3)?,
        reasons: decision.reasons,
        remarks: decision.remarks,
        labels: decision.labels,
        donor: decision.donor,
        decided_at: read_time(row, 5)?,
        rule_set: RuleSetShape { name: row.get(6)?, version: row.get(7)?, sha256: row.get(8)? },
    })
}

/// A time that was kept as text.
pub(super) fn read_time(row: &Row<'_>, column: usize) -> Result<Timestamp, Trouble> {
    Ok(row.get_ref(column)?.as_str().map_err(damaged)?.parse()?)
}

/// Messages after a number that could not be read completely and were neither made good nor judged
/// by two people, oldest first; ends early where their bytes reach `bytes_max`, but never before
/// the first.
pub(super) fn unread(
    connection: &Connection,
    after: i64,
    limit: u64,
    bytes_max: usize,
) -> Result<Vec<UnreadEntry>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT id, analyser, profile, received_at, incomplete, faults, bytes FROM message \
         WHERE unread = 1 AND id > ?1 \
         AND NOT EXISTS (SELECT 1 FROM message_resolution r WHERE r.message = message.id) \
         AND NOT EXISTS (SELECT 1 FROM record j INDEXED BY record_subject \
         WHERE j.subject = 'message ' || message.id AND j.test_code = 'agreed' \
         AND j.din = '' AND j.kind = 'message') \
         ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query((after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = read_unread(connection, row)?;
        bytes += entry.bytes.len();
        if bytes > bytes_max && !entries.is_empty() {
            break;
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn read_unread(connection: &Connection, row: &Row<'_>) -> Result<UnreadEntry, Trouble> {
    let message = row.get(0)?;
    Ok(UnreadEntry {
        message,
        analyser: row.get(1)?,
        profile: row.get(2)?,
        received_at: read_time(row, 3)?,
        incomplete: row.get(4)?,
        faults: read_faults(row, 5)?,
        bytes: row.get(6)?,
        donations: donations_named_by(connection, message)?,
        is_proposed: Judging::load(connection, message)?.is_open(),
    })
}

/// Donations that an unread message names.
fn donations_named_by(
    connection: &Connection,
    message: i64,
) -> Result<Vec<DonationNumber>, Trouble> {
    let mut statement = connection
        .prepare_cached("SELECT din FROM message_donation WHERE message = ?1 ORDER BY id")?;
    let dins = statement.query_map([message], |row| row.get(0).map(DonationNumber::restored))?;
    Ok(dins.collect::<Result<_, _>>()?)
}

/// Donations that an unread message blocks.
pub(super) fn donations_blocked_by(
    connection: &Connection,
    message: i64,
) -> Result<Vec<DonationNumber>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT din FROM message_donation WHERE message = ?1 AND blocks = 1 ORDER BY id",
    )?;
    let dins = statement.query_map([message], |row| row.get(0).map(DonationNumber::restored))?;
    Ok(dins.collect::<Result<_, _>>()?)
}

/// The number of the last registration; 0 while there is none.
pub(super) fn last_registration(connection: &Connection) -> Result<i64, Trouble> {
    let mut statement =
        connection.prepare_cached("SELECT coalesce(max(id), 0) FROM registration")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Registered donations after a row number, in order of registration.
pub(super) fn registered(
    connection: &Connection,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, DonationNumber)>, Trouble> {
    let mut statement = connection
        .prepare_cached("SELECT id, din FROM registration WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = statement.query_map((after, limit), |row| {
        Ok((row.get(0)?, DonationNumber::restored(row.get(1)?)))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
