//! What controls must show, as it was put on record.

use rusqlite::Connection;

use super::{Mark, of_kind};
use crate::domain::{ControlTarget, Record};
use crate::store::errors::Trouble;

/// A target on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetEntry {
    /// Who put it there, and when.
    pub mark: Mark,
    /// What it says.
    pub target: ControlTarget,
    /// Whether none later is for the same material and lot.
    pub is_in_force: bool,
}

/// Every target, latest first.
pub(super) fn all(connection: &Connection) -> Result<Vec<TargetEntry>, Trouble> {
    let mut entries: Vec<TargetEntry> = Vec::new();
    for row in of_kind(connection, "control_target")?.into_iter().rev() {
        let mark = Mark::of(&row);
        let Record::Target(target) = row.record else { continue };
        let is_in_force = !entries.iter().any(|later| is_for_the_same(&later.target, &target));
        entries.push(TargetEntry { mark, target, is_in_force });
    }
    Ok(entries)
}

fn is_for_the_same(one: &ControlTarget, other: &ControlTarget) -> bool {
    one.analyser == other.analyser
        && one.test_code == other.test_code
        && one.material == other.material
        && one.control_lot == other.control_lot
}
