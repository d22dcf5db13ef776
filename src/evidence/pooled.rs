//! Pools, built again from their records and results: who is in, and what the others' single tests
//! say since.

use super::standing::Standing;
use crate::domain::{
    Assay, DonationNumber, Facts, OtherMember, Pool, PoolFacts, PoolMembers, Reading,
    RecordedObservation, ResultStatus,
};

/// The pools of a donation as their records have them, with the results that the facts name;
/// `singles` are the others' results.
pub(super) fn rebuilt(
    facts: &Facts,
    standing: &Standing,
    singles: &[RecordedObservation],
) -> Vec<PoolFacts> {
    let own = standing.pools().filter(|(_, pool)| pool.members.contains(&facts.din));
    own.map(|(after, pool)| {
        let named = facts.pools.iter().find(|known| known.id == pool.id);
        let observations = named.map(|known| known.observations.clone()).unwrap_or_default();
        let ran_before = observations.iter().any(|found| found.id <= after);
        let since = tested_from(&observations);
        PoolFacts {
            id: pool.id.clone(),
            members: members(pool, ran_before),
            size: u32::try_from(pool.members.len()).unwrap_or(u32::MAX),
            others: others(&facts.din, pool, since, singles),
            observations,
        }
    })
    .collect()
}

fn members(pool: &Pool, ran_before: bool) -> PoolMembers {
    let is_twice = |(at, one): (usize, &DonationNumber)| {
        pool.members.iter().skip(at + 1).any(|other| other == one)
    };
    if pool.members.iter().enumerate().any(is_twice) {
        PoolMembers::Duplicate
    } else if pool.members.len() < 2 {
        PoolMembers::Unknown
    } else if ran_before {
        PoolMembers::AddedLater
    } else {
        PoolMembers::Recorded
    }
}

/// Single tests count after the pool's first reactive result, or its first where none is.
fn tested_from(observations: &[RecordedObservation]) -> Option<i64> {
    let reactive =
        |found: &&RecordedObservation| found.observation.reading == Some(Reading::Reactive);
    observations.iter().find(reactive).or(observations.first()).map(|found| found.id)
}

fn others(
    din: &DonationNumber,
    pool: &Pool,
    since: Option<i64>,
    singles: &[RecordedObservation],
) -> Vec<OtherMember> {
    let mut others: Vec<OtherMember> = Vec::new();
    for member in pool.members.iter().filter(|member| *member != din) {
        if others.iter().any(|known| known.din == *member) {
            continue;
        }
        let (single, assay) = since.and_then(|since| worst(member, since, singles)).unzip();
        others.push(OtherMember { din: member.clone(), single, assay: assay.flatten() });
    }
    others
}

/// The first of the worst results that count.
fn worst(
    member: &DonationNumber,
    since: i64,
    singles: &[RecordedObservation],
) -> Option<(Reading, Option<Assay>)> {
    let of = singles.iter().filter(|one| one.id > since && counts(one));
    let of = of.filter(|one| one.observation.din.as_ref() == Some(member));
    let read = of.filter_map(|one| Some((one.observation.reading?, one.observation.assay)));
    read.reduce(|worst, next| if weight(next.0) > weight(worst.0) { next } else { worst })
}

fn counts(single: &RecordedObservation) -> bool {
    let observation = &single.observation;
    observation.status.is_none_or(ResultStatus::is_conclusive)
        && observation.reading != Some(Reading::Invalid)
        && observation.unaccounted.is_empty()
        && observation.concerns.is_empty()
}

const fn weight(reading: Reading) -> u8 {
    match reading {
        Reading::Reactive => 2,
        Reading::GreyZone => 1,
        Reading::Nonreactive | Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => 0,
    }
}
