//! What the laboratory put on record about tests: kits, lots, targets and failures of controls,
//! kept in memory by whose test it is.
//!
//! What is on record about an analyser goes before what is on record about its profile, but for
//! lots, of which the latest word counts. A kit and a target speak for what comes after them; only
//! results before the first kit of a test are spoken for by that one, because they had none.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;

use super::errors::Trouble;
use super::record_rows;
use crate::domain::{ControlSource, ControlTarget, Kit, LotStanding, Record};

/// Records by the name of a profile or an analyser, and by test code; read when first asked for.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    names: HashMap<String, HashMap<String, TestRecords>>,
}

/// What is on record about one test of one profile or analyser, oldest first.
#[derive(Debug, Default)]
pub(super) struct TestRecords {
    kits: Vec<Since<Kit>>,
    lots: HashMap<String, Vec<Lot>>,
    targets: Vec<Since<ControlTarget>>,
    failures: Vec<Failure>,
}

/// Something that speaks for what comes after it.
#[derive(Debug)]
struct Since<T> {
    record: i64,
    after_observation: i64,
    what: T,
}

#[derive(Debug)]
struct Lot {
    record: i64,
    standing: LotStanding,
    expiry: Option<Date>,
}

#[derive(Debug)]
struct Failure {
    record: i64,
    from: Timestamp,
    to: Timestamp,
}

impl Catalogue {
    /// Reads what is on record about a test, where it is not in memory.
    pub(super) fn learn(
        &mut self,
        connection: &Connection,
        name: &str,
        test_code: &str,
    ) -> Result<(), Trouble> {
        if self.of(name, test_code).is_none() {
            let records = TestRecords::load(connection, name, test_code)?;
            let tests = self.names.entry(name.to_owned()).or_default();
            tests.insert(test_code.to_owned(), records);
        }
        Ok(())
    }

    /// What is in memory about a test.
    pub(super) fn of(&self, name: &str, test_code: &str) -> Option<&TestRecords> {
        self.names.get(name)?.get(test_code)
    }

    /// Forgets a test: there is a new record about it.
    pub(super) fn forget(&mut self, name: &str, test_code: &str) {
        if let Some(tests) = self.names.get_mut(name) {
            tests.remove(test_code);
        }
    }
}

impl TestRecords {
    fn load(connection: &Connection, name: &str, test_code: &str) -> Result<TestRecords, Trouble> {
        let mut records = TestRecords::default();
        for found in record_rows::about_test(connection, name, test_code)? {
            let (record, after_observation) = (found.id, found.after_observation);
            match found.record {
                Record::Kit(kit) => {
                    records.kits.push(Since { record, after_observation, what: kit.kit });
                }
                Record::Target(what) => {
                    records.targets.push(Since { record, after_observation, what });
                }
                Record::Lot(lot) => {
                    let (standing, expiry) = (lot.standing, lot.expiry);
                    let known = records.lots.entry(lot.lot).or_default();
                    known.push(Lot { record, standing, expiry });
                }
                Record::ControlFailure(failure) => {
                    let (from, to) = (failure.from, failure.to);
                    records.failures.push(Failure { record, from, to });
                }
                Record::Donation(..)
                | Record::Pool(_)
                | Record::Rack(_)
                | Record::Message(_)
                | Record::Run(_)
                | Record::Eqa(_) => {}
            }
        }
        Ok(records)
    }

    /// The kit that an observation was made with.
    pub(super) fn kit(&self, observation: i64, record_to: i64) -> Option<&Kit> {
        let visible = || self.kits.iter().filter(|kit| kit.record <= record_to);
        let before = visible().rfind(|kit| kit.after_observation < observation);
        before.or_else(|| visible().next()).map(|kit| &kit.what)
    }

    /// The latest word on a lot: number of the record, standing, last day.
    pub(super) fn lot(
        &self,
        lot: &str,
        record_to: i64,
    ) -> Option<(i64, LotStanding, Option<Date>)> {
        let last = self.lots.get(lot)?.iter().rfind(|known| known.record <= record_to)?;
        Some((last.record, last.standing, last.expiry))
    }

    /// Whether a failure was found later for what was received then.
    pub(super) fn failed_later(&self, received_at: Timestamp, record_to: i64) -> bool {
        let meant = |failure: &Failure| {
            failure.record <= record_to && failure.from <= received_at && received_at <= failure.to
        };
        self.failures.iter().any(meant)
    }

    /// Materials of one source that had a target before an observation, each once.
    pub(super) fn materials(
        &self,
        source: ControlSource,
        observation: i64,
        record_to: i64,
    ) -> Vec<&str> {
        let mut materials: Vec<&str> = self
            .targets_before(observation, record_to)
            .filter(|target| target.source == source)
            .map(|target| target.material.as_str())
            .collect();
        materials.sort_unstable();
        materials.dedup();
        materials
    }

    /// The targets of a material that were on record before a control ran, latest first.
    pub(super) fn targets_of(
        &self,
        material: &str,
        observation: i64,
        record_to: i64,
    ) -> Vec<&ControlTarget> {
        let before = self.targets_before(observation, record_to);
        before.rev().filter(|target| target.material == material).collect()
    }

    /// Whether any control has a target: without one, controls say nothing.
    pub(super) fn has_targets(&self) -> bool {
        !self.targets.is_empty()
    }

    /// Whether this is the material of a control that has a target.
    pub(super) fn has_target_of(&self, material: &str) -> bool {
        self.targets.iter().any(|target| target.what.material == material)
    }

    fn targets_before(
        &self,
        observation: i64,
        record_to: i64,
    ) -> impl DoubleEndedIterator<Item = &ControlTarget> {
        let speaks = move |target: &&Since<ControlTarget>| {
            target.record <= record_to && target.after_observation < observation
        };
        self.targets.iter().filter(speaks).map(|target| &target.what)
    }
}
