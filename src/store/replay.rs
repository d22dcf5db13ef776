//! An old verdict concluded once more, from the facts and the rule set of its time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension};

use super::case::Case;
use super::errors::Trouble;
use super::release_stop::{is_withheld, withheld};
use super::view::View;
use super::{record_rows, rows};
use crate::domain::{DonationNumber, Facts};
use crate::rules::RuleSet;
use crate::shape::{DecisionShape, RuleSetShape};

/// The verdict with number `seq`, concluded again; refused where it comes out differently.
pub(super) fn recompute(
    connection: &Connection,
    seq: i64,
) -> Result<Option<DecisionShape>, Trouble> {
    let Some(verdict) = verdict(connection, seq)? else { return Ok(None) };
    let rules = rules_then(connection, verdict.rule_set)?.map_err(Trouble::Entry)?;
    let mut view = View::new(&rules.identity().sha256);
    concluded_again(connection, &mut view, &verdict, &rules).map(Some)
}

/// The facts that a verdict was concluded from.
pub(super) fn facts_of(connection: &Connection, seq: i64) -> Result<Option<Facts>, Trouble> {
    let Some(verdict) = verdict(connection, seq)? else { return Ok(None) };
    let sql = "SELECT sha256 FROM rule_set WHERE id = ?1";
    let rules: String = connection.query_row(sql, [verdict.rule_set], |row| row.get(0))?;
    let mut case = case_then(connection, &mut View::new(&rules), &verdict)?;
    case.stand_before(&rules);
    Ok(Some(case.facts))
}

/// Every verdict up to `last`, concluded again; those whose rule set this version cannot read are
/// counted by rule set.
pub(super) fn recompute_all(
    connection: &Connection,
    last: i64,
) -> Result<Vec<NotConcludedAgain>, Trouble> {
    let mut rule_sets: HashMap<i64, Result<(RuleSet, View), NotConcludedAgain>> = HashMap::new();
    for seq in 1..=last {
        let Some(verdict) = verdict(connection, seq)? else {
            return Err(Trouble::Damaged(format!("verdict {seq} is missing")));
        };
        let rules = match rule_sets.entry(verdict.rule_set) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(readable(connection, verdict.rule_set)?),
        };
        match rules {
            Ok((rules, view)) => drop(concluded_again(connection, view, &verdict, rules)?),
            Err(unreadable) => unreadable.verdicts += 1,
        }
    }
    let mut not_again: Vec<(i64, NotConcludedAgain)> =
        rule_sets.into_iter().filter_map(|(id, rules)| Some((id, rules.err()?))).collect();
    not_again.sort_unstable_by_key(|(id, _)| *id);
    Ok(not_again.into_iter().map(|(_, rule_set)| rule_set).collect())
}

/// Verdicts whose rule set is written in a language that this version does not read any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConcludedAgain {
    /// The rule set.
    pub rule_set: RuleSetShape,
    /// How many verdicts it concluded.
    pub verdicts: i64,
    /// The first thing in it that is not understood.
    pub why: String,
}

fn readable(
    connection: &Connection,
    rule_set: i64,
) -> Result<Result<(RuleSet, View), NotConcludedAgain>, Trouble> {
    match rules_then(connection, rule_set)? {
        Ok(rules) => {
            let view = View::new(&rules.identity().sha256);
            Ok(Ok((rules, view)))
        }
        Err(why) => {
            let sql = "SELECT name, version, sha256 FROM rule_set WHERE id = ?1";
            let rule_set = connection.query_row(sql, [rule_set], |row| {
                Ok(RuleSetShape { name: row.get(0)?, version: row.get(1)?, sha256: row.get(2)? })
            })?;
            Ok(Err(NotConcludedAgain { rule_set, verdicts: 0, why }))
        }
    }
}

fn concluded_again(
    connection: &Connection,
    view: &mut View,
    verdict: &VerdictRow,
    rules: &RuleSet,
) -> Result<DecisionShape, Trouble> {
    let mut case = case_then(connection, view, verdict)?;
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
pub(super) fn case_at(
    connection: &Connection,
    view: &mut View,
    seq: i64,
) -> Result<Option<Case>, Trouble> {
    verdict(connection, seq)?.map(|verdict| case_then(connection, view, &verdict)).transpose()
}

/// The case file as it stood when the verdict was concluded.
fn case_then(
    connection: &Connection,
    view: &mut View,
    verdict: &VerdictRow,
) -> Result<Case, Trouble> {
    let then = rows::Until {
        message: verdict.message_to,
        resolution: verdict.resolution_to,
        version: verdict.version - 1,
        record: record_rows::last_before(connection, verdict.seq)?,
    };
    Case::load_until(connection, view, verdict.din.clone(), then)
}

/// The rule set of a verdict, or why this version cannot read it.
fn rules_then(connection: &Connection, rule_set: i64) -> Result<Result<RuleSet, String>, Trouble> {
    let (name, text): (String, String) = connection
        .prepare_cached("SELECT name, text FROM rule_set WHERE id = ?1")?
        .query_row([rule_set], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(RuleSet::parse(&name, &text).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        format!("the rule set of its time can no longer be read: {first}")
    }))
}
