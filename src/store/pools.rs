//! Pools as their members see them: who is in, what the pool's tube gave, what the others' single
//! tests say since.

use rusqlite::Connection;

use super::controls::is_conclusive;
use super::errors::Trouble;
use super::record_rows;
use super::rows::{self, Until};
use super::view::View;
use crate::domain::{
    Assay, DonationNumber, OtherMember, PoolFacts, PoolMembers, Reading, RecordedObservation,
    RecordedStatement,
};

/// A pool on record.
struct PoolRow {
    record: i64,
    id: String,
    after_observation: i64,
}

/// The pools that a donation is said to be in, in the order of their records.
pub(super) fn of_donation(
    connection: &Connection,
    view: &mut View,
    din: &DonationNumber,
    statements: &[RecordedStatement],
    until: Until,
) -> Result<Vec<PoolFacts>, Trouble> {
    let pools = said_to_hold(connection, din, until)?;
    pools.into_iter().map(|pool| facts(connection, view, din, statements, &pool, until)).collect()
}

fn facts(
    connection: &Connection,
    view: &mut View,
    din: &DonationNumber,
    statements: &[RecordedStatement],
    pool: &PoolRow,
    until: Until,
) -> Result<PoolFacts, Trouble> {
    let members = members_of(connection, pool.record)?;
    let mut observations = rows::of_specimen(connection, &pool.id, until)?;
    for (observation, received_at) in &mut observations {
        let about = view.circumstances(connection, until, statements, observation, *received_at)?;
        observation.circumstances = about;
    }
    let observations: Vec<_> = observations.into_iter().map(|(found, _)| found).collect();
    let ran_before = observations.iter().any(|found| found.id <= pool.after_observation);
    let since = tested_from(&observations);
    Ok(PoolFacts {
        id: pool.id.clone(),
        members: standing(&members, ran_before),
        size: u32::try_from(members.len()).unwrap_or(u32::MAX),
        others: others(connection, din, &members, since, until)?,
        observations,
    })
}

/// A pool of one is no pool: who else is in it, nobody said.
fn standing(members: &[DonationNumber], ran_before: bool) -> PoolMembers {
    let mut distinct: Vec<&DonationNumber> = members.iter().collect();
    distinct.sort_unstable_by_key(|din| din.as_str());
    distinct.dedup();
    if distinct.len() < members.len() {
        PoolMembers::Duplicate
    } else if members.len() < 2 {
        PoolMembers::Unknown
    } else if ran_before {
        PoolMembers::AddedLater
    } else {
        PoolMembers::Recorded
    }
}

/// Single tests count after the pool's first reactive result, or its first where none is.
fn tested_from(observations: &[RecordedObservation]) -> Option<i64> {
    let is_reactive =
        |found: &&RecordedObservation| found.observation.reading == Some(Reading::Reactive);
    observations.iter().find(is_reactive).or(observations.first()).map(|found| found.id)
}

fn others(
    connection: &Connection,
    din: &DonationNumber,
    members: &[DonationNumber],
    since: Option<i64>,
    until: Until,
) -> Result<Vec<OtherMember>, Trouble> {
    let mut others: Vec<OtherMember> = Vec::new();
    for member in members.iter().filter(|member| *member != din) {
        if others.iter().any(|known| known.din == *member) {
            continue;
        }
        let (single, assay) = match since {
            Some(since) => single(connection, member, since, until)?,
            None => (None, None),
        };
        others.push(OtherMember { din: member.clone(), single, assay });
    }
    Ok(others)
}

/// The worst conclusive single reading of a member; a reactive one explains the pool for others,
/// so one that anything is wrong with is none.
fn single(
    connection: &Connection,
    member: &DonationNumber,
    since: i64,
    until: Until,
) -> Result<(Option<Reading>, Option<Assay>), Trouble> {
    let mut worst: Option<(u8, Reading, Option<Assay>)> = None;
    for (found, _) in rows::observations(connection, member, until)? {
        let observation = &found.observation;
        let counts =
            found.id > since && is_nucleic(observation.assay) && is_conclusive(observation);
        let Some(reading) = observation.reading.filter(|_| counts) else { continue };
        let weight = weight(reading);
        if worst.is_none_or(|(known, ..)| known < weight) {
            worst = Some((weight, reading, observation.assay));
        }
    }
    Ok(worst.map_or((None, None), |(_, reading, assay)| (Some(reading), assay)))
}

const fn weight(reading: Reading) -> u8 {
    match reading {
        Reading::Reactive => 2,
        Reading::GreyZone => 1,
        Reading::Nonreactive | Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => 0,
    }
}

/// Whether an assay is a nucleic acid test: what pools are made for.
pub(super) const fn is_nucleic(assay: Option<Assay>) -> bool {
    match assay {
        Some(
            Assay::Nat
            | Assay::HbvDna
            | Assay::HcvRna
            | Assay::HivRna
            | Assay::WnvRna
            | Assay::HevRna
            | Assay::Babesia,
        ) => true,
        Some(
            Assay::Alt
            | Assay::Hbsag
            | Assay::AntiHcv
            | Assay::Hiv
            | Assay::Tp
            | Assay::Htlv
            | Assay::AntiHbc
            | Assay::Abo
            | Assay::Rhd
            | Assay::AntibodyScreen
            | Assay::Hb
            | Assay::AboForward
            | Assay::AboReverse
            | Assay::WeakD
            | Assay::AntiHbs
            | Assay::AntiCmv
            | Assay::TCruzi
            | Assay::Malaria,
        )
        | None => false,
    }
}

fn said_to_hold(
    connection: &Connection,
    din: &DonationNumber,
    until: Until,
) -> Result<Vec<PoolRow>, Trouble> {
    if record_rows::are_older(connection)? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT m.record, m.pool, r.after_observation \
         FROM pool_member m JOIN record r ON r.id = m.record \
         WHERE m.din = ?1 AND m.record <= ?2 ORDER BY m.record",
    )?;
    let found = statement.query_map((din.as_str(), until.record), |row| {
        Ok(PoolRow { record: row.get(0)?, id: row.get(1)?, after_observation: row.get(2)? })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn members_of(connection: &Connection, record: i64) -> Result<Vec<DonationNumber>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT din FROM pool_member WHERE pool = (SELECT subject FROM record WHERE id = ?1) \
         AND record = ?1 ORDER BY ordinal",
    )?;
    let dins = statement.query_map([record], |row| row.get(0).map(DonationNumber::restored))?;
    Ok(dins.collect::<Result<_, _>>()?)
}

/// The donations whose facts a specimen that is no donation speaks about: the members of its pool.
pub(super) fn members_in(
    connection: &Connection,
    specimen: &str,
) -> Result<Vec<DonationNumber>, Trouble> {
    let mut statement = connection
        .prepare_cached("SELECT DISTINCT din FROM pool_member WHERE pool = ?1 ORDER BY din")?;
    let dins = statement.query_map([specimen], |row| row.get(0).map(DonationNumber::restored))?;
    Ok(dins.collect::<Result<_, _>>()?)
}
