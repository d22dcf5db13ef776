//! What the quality department looks at: controls beside their targets, lots and kits, runs, rounds
//! of external quality assessment.
//!
//! Reads only, and judges nothing itself: a control is what [`super::controls`] says it is for a
//! result, a mark is what [`crate::rules`] finds. Every look goes by an index and is bounded, so
//! that it takes no longer as the store grows.

mod eqa;
mod lots;
mod runs;
mod series;
mod targets;

use jiff::Timestamp;
use rusqlite::Connection;

use super::errors::Trouble;
use super::record_rows::{self, RecordRow};
use super::{Store, StoreError};
use crate::domain::RunRecord;
use crate::limits;

pub use eqa::{EqaResult, EqaRound};
pub use lots::{KitEntry, LotEntry, LotStep, LotUse};
pub use runs::{RunEntry, RunJudged, RunReach};
pub use series::{ControlKey, ControlSeen, ControlSeries, ControlState, SeriesPoint};
pub use targets::TargetEntry;

impl Store {
    /// The last points of a control, oldest first; at most `limit` and never more than
    /// [`limits::CONTROL_SERIES_POINTS_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn control_series(
        &self,
        key: &ControlKey,
        limit: usize,
    ) -> Result<ControlSeries, StoreError> {
        let limit = limit.min(limits::CONTROL_SERIES_POINTS_MAX);
        let rules = &self.handle.rules;
        self.handle.readers.read(|connection| series::read(connection, rules, key, limit))
    }

    /// The last points of every control of a test, as [`Store::control_series`] has them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn control_charts(
        &self,
        analyser: &str,
        test_code: &str,
        limit: usize,
    ) -> Result<Vec<ControlSeries>, StoreError> {
        let limit = limit.min(limits::CONTROL_SERIES_POINTS_MAX);
        let (rules, test) = (&self.handle.rules, (analyser, test_code));
        let readers = &self.handle.readers;
        readers.read(|connection| Ok(series::of_test(connection, rules, test, limit)?.series))
    }

    /// Every control that ran, with how its last point stands; at most
    /// [`limits::CONTROLS_LISTED_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn controls_seen(&self) -> Result<Vec<ControlSeen>, StoreError> {
        let rules = &self.handle.rules;
        self.handle.readers.read(|connection| series::seen(connection, rules))
    }

    /// Every target on record, latest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn control_targets(&self) -> Result<Vec<TargetEntry>, StoreError> {
        self.handle.readers.read(targets::all)
    }

    /// Every reagent lot on record or named by a result, by test.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn lot_register(&self) -> Result<Vec<LotEntry>, StoreError> {
        self.handle.readers.read(lots::register)
    }

    /// Every kit on record, by test.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn kit_register(&self) -> Result<Vec<KitEntry>, StoreError> {
        self.handle.readers.read(lots::kits)
    }

    /// The last runs of a test, latest first; at most [`limits::RUNS_LISTED_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn control_runs(
        &self,
        analyser: &str,
        test_code: &str,
    ) -> Result<Vec<RunEntry>, StoreError> {
        let rules = &self.handle.rules;
        self.handle.readers.read(|connection| runs::last(connection, rules, analyser, test_code))
    }

    /// What would be decided again if a run were rejected.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn run_reach(&self, run: &RunRecord) -> Result<RunReach, StoreError> {
        self.handle.readers.read(|connection| runs::reach(connection, run))
    }

    /// Every round of external quality assessment, those that are due first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn eqa_rounds(&self) -> Result<Vec<EqaRound>, StoreError> {
        self.handle.readers.read(eqa::rounds)
    }
}

/// Who put something on record, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Number of the record.
    pub record: i64,
    /// Who.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
}

impl Mark {
    fn of(row: &RecordRow) -> Mark {
        Mark { record: row.id, by: row.made_by.clone(), at: row.recorded_at }
    }
}

/// The records of one kind, oldest first: the last
/// [`limits::QUALITY_RECORDS_READ`].
fn of_kind(connection: &Connection, kind: &'static str) -> Result<Vec<RecordRow>, Trouble> {
    let mut rows = record_rows::last_of_kind(connection, kind, limits::QUALITY_RECORDS_READ)?;
    rows.reverse();
    Ok(rows)
}
