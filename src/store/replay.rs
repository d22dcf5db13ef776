//! An old verdict concluded once more, from the facts and the rule set of its time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension};

use super::case::Case;
use super::errors::Trouble;
use super::release_stop::{is_withheld, withheld};
use super::rows;
use crate::domain::DonationNumber;
use crate::rules::RuleSet;
use crate::shape::DecisionShape;

/// The verdict with number `seq`, concluded again; refused where it comes out differently.
pub(super) fn recompute(
    connection: &Connection,
    seq: i64,
) -> Result<Option<DecisionShape>, Trouble> {
    let Some(verdict) = verdict(connection, seq)? else { return Ok(None) };
    concluded_again(connection, &verdict, &rules_then(connection, verdict.rule_set)?).map(Some)
}

/// Every verdict up to `last`, concluded again.
pub(super) fn recompute_all(connection: &Connection, last: i64) -> Result<(), Trouble> {
    let mut rule_sets: HashMap<i64, RuleSet> = HashMap::new();
    for seq in 1..=last {
        let Some(verdict) = verdict(connection, seq)? else {
            return Err(Trouble::Damaged(format!("verdict {seq} is missing")));
        };
        let rules = match rule_sets.entry(verdict.rule_set) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(rules_then(connection, verdict.rule_set)?),
        };
        concluded_again(connection, &verdict, rules)?;
    }
    Ok(())
}

fn concluded_again(
    connection: &Connection,
    verdict: &VerdictRow,
    rules: &RuleSet,
) -> Result<DecisionShape, Trouble> {
    let mut case = case_then(connection, verdict)?;
    let mut decision = DecisionShape::from(case.decide(rules));
    if is_withheld(&serde_json::from_str(&verdict.decision)?) {
        decision = withheld(decision);
    }
    if serde_json::to_string(&decision)? == verdict.decision {
        return Ok(decision);
    }
    let seq = verdict.seq;
    Err(Trouble::Damaged(format!("verdict {seq} comes out differently when it is concluded again")))
}

struct VerdictRow {
    seq: i64,
    din: DonationNumber,
    version: i64,
    decision: String,
    rule_set: i64,
    message_to: i64,
    resolution_to: i64,
}

fn verdict(connection: &Connection, seq: i64) -> Result<Option<VerdictRow>, Trouble> {
    let found = connection
        .prepare_cached(
            "SELECT din, version, decision, rule_set, message_to, resolution_to \
             FROM verdict WHERE seq = ?1",
        )?
        .query_row([seq], |row| {
            Ok(VerdictRow {
                seq,
                din: DonationNumber::restored(row.get(0)?),
                version: row.get(1)?,
                decision: row.get(2)?,
                rule_set: row.get(3)?,
                message_to: row.get(4)?,
                resolution_to: row.get(5)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// The case file as it stood when the verdict with this number was concluded; `None` where there is
/// none.
pub(super) fn case_at(connection: &Connection, seq: i64) -> Result<Option<Case>, Trouble> {
    verdict(connection, seq)?.map(|verdict| case_then(connection, &verdict)).transpose()
}

/// The case file as it stood when the verdict was concluded.
fn case_then(connection: &Connection, verdict: &VerdictRow) -> Result<Case, Trouble> {
    let then = rows::Until {
        message: verdict.message_to,
        resolution: verdict.resolution_to,
        version: verdict.version - 1,
    };
    Case::load_until(connection, verdict.din.clone(), then)
}

fn rules_then(connection: &Connection, rule_set: i64) -> Result<RuleSet, Trouble> {
    let (name, text): (String, String) = connection
        .prepare_cached("SELECT name, text FROM rule_set WHERE id = ?1")?
        .query_row([rule_set], |row| Ok((row.get(0)?, row.get(1)?)))?;
    RuleSet::parse(&name, &text).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Trouble::Entry(format!("the rule set of its time can no longer be read: {first}"))
    })
}
