//! What case files are read with: the records about tests, and the rule set in force.

use jiff::Timestamp;
use rusqlite::Connection;

use super::catalogue::{Catalogue, TestRecords};
use super::controls::Bench;
use super::errors::Trouble;
use super::rows::Until;
use crate::domain::{
    Circumstances, Container, Controls, Kit, LotStanding, RecordedObservation, RecordedStatement,
    Statement,
};

/// Records about tests, as far as they were asked for, and the SHA-256 of the rule set in force.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) catalogue: Catalogue,
    pub(super) rules: String,
}

impl View {
    /// Nothing read yet.
    pub(super) fn new(rules: &str) -> View {
        View { catalogue: Catalogue::default(), rules: rules.to_owned() }
    }

    /// Forgets what was read.
    pub(super) fn forget(&mut self) {
        self.catalogue = Catalogue::default();
    }

    /// How a result came about, as far as it is on record.
    pub(super) fn circumstances(
        &mut self,
        connection: &Connection,
        until: Until,
        statements: &[RecordedStatement],
        result: &RecordedObservation,
        received_at: Timestamp,
    ) -> Result<Circumstances, Trouble> {
        let test_code = &result.observation.test_code;
        self.catalogue.learn(connection, &result.analyser, test_code)?;
        self.catalogue.learn(connection, &result.profile, test_code)?;
        let of = |name: &str| self.catalogue.of(name, test_code);
        let (own, shared) = (of(&result.analyser), of(&result.profile));
        let kit = kit(own, shared, result, until);
        let (lot, lot_expiry) = lot(own, shared, result, until);
        let mut controls = controls(connection, own, kit, result, until)?;
        controls.failed_later =
            own.is_some_and(|records| records.failed_later(received_at, until.record));
        Ok(Circumstances {
            received_at: Some(received_at),
            kit: kit.cloned(),
            lot,
            lot_expiry,
            controls,
            container: container(statements, result.id),
        })
    }
}

fn kit<'a>(
    own: Option<&'a TestRecords>,
    shared: Option<&'a TestRecords>,
    result: &RecordedObservation,
    until: Until,
) -> Option<&'a Kit> {
    let of = |records: Option<&'a TestRecords>| records?.kit(result.id, until.record);
    of(own).or_else(|| of(shared))
}

fn lot(
    own: Option<&TestRecords>,
    shared: Option<&TestRecords>,
    result: &RecordedObservation,
    until: Until,
) -> (LotStanding, Option<jiff::civil::Date>) {
    let Some(lot) = result.observation.reagent_lot.as_deref() else {
        return (LotStanding::NotRecorded, None);
    };
    let words = own.into_iter().chain(shared).filter_map(|known| known.lot(lot, until.record));
    let latest = words.max_by_key(|(record, ..)| *record);
    latest.map_or((LotStanding::NotRecorded, None), |(_, standing, expiry)| (standing, expiry))
}

fn controls(
    connection: &Connection,
    own: Option<&TestRecords>,
    kit: Option<&Kit>,
    result: &RecordedObservation,
    until: Until,
) -> Result<Controls, Trouble> {
    let Some(records) = own else { return Ok(Controls::default()) };
    if !records.has_targets() && kit.is_none_or(|kit| kit.controls.is_empty()) {
        return Ok(Controls::default());
    }
    Bench { connection, records, until }.speak_for(result, kit)
}

/// What is said of the specimen holds for results that are read after it.
fn container(statements: &[RecordedStatement], observation: i64) -> Option<Container> {
    let before = |said: &&RecordedStatement| said.after_observation < observation;
    statements.iter().rev().filter(before).find_map(|said| {
        let Statement::Container(container) = said.statement else { return None };
        Some(container)
    })
}
