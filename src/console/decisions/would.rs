//! What a verdict would be if this were on record too: concluded by the rules from the facts of
//! now, shown before anybody signs, kept nowhere.

use jiff::Timestamp;

use crate::domain::{Facts, RecordedStatement, Statement};
use crate::rules::{self, RuleSet};
use crate::shape::DecisionShape;

/// Stands for whoever will say it; a user's name holds no blank.
const ANOTHER: &str = "another person";

/// The decision with one more statement, of somebody who said nothing before.
pub(in crate::console) fn would_be(
    facts: &Facts,
    rules: &RuleSet,
    statement: Statement,
) -> DecisionShape {
    let mut facts = facts.clone();
    add(&mut facts, ANOTHER, statement);
    DecisionShape::from(rules::decide(&facts, rules))
}

/// The decision if a proposal of somebody were made now and somebody else agreed.
pub(in crate::console) fn agreed(
    facts: &Facts,
    rules: &RuleSet,
    proposed: Statement,
) -> DecisionShape {
    let mut facts = facts.clone();
    let record = add(&mut facts, "one person", proposed);
    add(&mut facts, ANOTHER, Statement::Agreed(record));
    DecisionShape::from(rules::decide(&facts, rules))
}

fn add(facts: &mut Facts, by: &str, statement: Statement) -> i64 {
    let last = facts.statements.last();
    let id = last.map_or(1, |said| said.id.saturating_add(1));
    let at = last.map_or(Timestamp::UNIX_EPOCH, |said| said.at);
    let after_observation = facts.observations.iter().map(|found| found.id).max();
    facts.statements.push(RecordedStatement {
        id,
        by: by.to_owned(),
        at,
        after_observation: after_observation.unwrap_or_default(),
        statement,
    });
    id
}
