//! What is to be done next over the open donations, in the order in which they were registered.

use rusqlite::Connection;

use super::case::Case;
use super::errors::Trouble;
use super::view::View;
use super::{Worklist, WorklistEntry, order_rows, rows};
use crate::limits;
use crate::rules::RuleSet;
use crate::shape::DecisionShape;

/// What the next registrations want; without `after`, those of the last
/// [`limits::ORDER_LOOKBACK`].
pub(super) fn page(
    connection: &Connection,
    rules: &RuleSet,
    after: Option<i64>,
    limit: u64,
) -> Result<Worklist, Trouble> {
    let last = rows::last_registration(connection)?;
    let after = after.unwrap_or(last.saturating_sub(limits::ORDER_LOOKBACK).max(0));
    let donations = rows::registered(connection, after, limit)?;
    let next = donations.last().map(|(number, _)| *number).filter(|number| *number < last);
    let mut entries = Vec::new();
    let mut view = View::new(&rules.identity().sha256);
    for (number, din) in donations {
        if !order_rows::may_have_work(connection, &din)? {
            continue;
        }
        let mut case = Case::load(connection, &mut view, din)?;
        let decision = DecisionShape::from(case.decide(rules));
        if !decision.next_steps.is_empty() {
            let (verdict, next_steps) = (decision.verdict, decision.next_steps);
            entries.push(WorklistEntry { number, din: case.facts.din, verdict, next_steps });
        }
    }
    Ok(Worklist { entries, next })
}
