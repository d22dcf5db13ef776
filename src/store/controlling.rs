//! A control comes in: its row, its run, and the donations whose results it speaks for.

use rusqlite::{Connection, OptionalExtension, params};

use super::book::{Book, Touched};
use super::chain::Cell;
use super::controls::Bench;
use super::errors::Trouble;
use super::pools;
use super::rows::Until;
use super::schema::Table;
use crate::domain::{DonationNumber, RecordedObservation, SpecimenKind};

impl Book {
    /// Notes a control, and which donations it speaks about: those with a result since the control
    /// before it, and those of its own message. `first` is that message's first observation.
    pub(super) fn append_control(
        &mut self,
        connection: &Connection,
        control: &RecordedObservation,
        material: &str,
        first: i64,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let (analyser, test_code) = (&control.analyser, &control.observation.test_code);
        let run = run_of(connection, control, material)?;
        let cells = [
            Cell::Integer(control.id),
            Cell::Integer(control.message),
            Cell::Text(analyser),
            Cell::Text(test_code),
            Cell::Text(material),
            Cell::Text(control.observation.reagent_lot.as_deref().unwrap_or_default()),
            Cell::Integer(run),
        ];
        self.append_always(connection, Table::Control, &cells)?;
        self.cases.view.catalogue.learn(connection, analyser, test_code)?;
        let records = self.cases.view.catalogue.of(analyser, test_code);
        let Some(records) = records.filter(|records| records.has_targets()) else {
            return Ok(());
        };
        let bench = Bench { connection, records, until: Until::NOW };
        let begins = bench.bracket_begins(control, first)?;
        touched.all_changed(donations_between(connection, control, begins)?);
        Ok(())
    }
}

/// A run goes on while no result of the test comes between its controls, and no control of a
/// material stands in it twice.
fn run_of(
    connection: &Connection,
    control: &RecordedObservation,
    material: &str,
) -> Result<i64, Trouble> {
    let (analyser, test_code) = (&control.analyser, &control.observation.test_code);
    let last: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT observation, run FROM control WHERE analyser = ?1 AND test_code = ?2 \
             ORDER BY observation DESC LIMIT 1",
        )?
        .query_row((analyser, test_code), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((observation, run)) = last else { return Ok(1) };
    let mut twice = connection.prepare_cached(
        "SELECT 1 FROM control WHERE analyser = ?1 AND test_code = ?2 AND material = ?3 \
         AND run = ?4 ORDER BY observation DESC LIMIT 1",
    )?;
    let mut between = connection.prepare_cached(
        "SELECT 1 FROM observation o JOIN message m ON m.id = o.message \
         WHERE json_extract(o.payload, '$.test_code') = ?1 AND o.id > ?2 AND o.id < ?3 \
         AND m.analyser = ?4 LIMIT 1",
    )?;
    let is_over = twice.exists(params![analyser, test_code, material, run])?
        || between.exists(params![test_code, observation, control.id, analyser])?;
    Ok(if is_over { run + 1 } else { run })
}

/// The donations with a result of a control's test and analyser after an observation and before
/// the control.
fn donations_between(
    connection: &Connection,
    control: &RecordedObservation,
    after: i64,
) -> Result<Vec<DonationNumber>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT o.din, json_extract(o.payload, '$.specimen_id'), json_extract(o.payload, '$.kind') \
         FROM observation o JOIN message m ON m.id = o.message \
         WHERE json_extract(o.payload, '$.test_code') = ?1 AND o.id > ?2 AND o.id < ?3 \
         AND m.analyser = ?4 ORDER BY o.id",
    )?;
    let key = params![control.observation.test_code, after, control.id, control.analyser];
    let mut rows = statement.query(key)?;
    let mut donations = Vec::new();
    while let Some(row) = rows.next()? {
        let (din, specimen, kind): (String, Option<String>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        donations.extend(spoken_of(connection, din, specimen.as_deref(), &kind)?);
    }
    Ok(donations)
}

/// Whom a result is about: its donation, or the members of the pool that its specimen is.
pub(super) fn spoken_of(
    connection: &Connection,
    din: String,
    specimen: Option<&str>,
    kind: &str,
) -> Result<Vec<DonationNumber>, Trouble> {
    if !din.is_empty() {
        return Ok(vec![DonationNumber::restored(din)]);
    }
    match specimen.filter(|_| kind == SpecimenKind::Donor.id()) {
        Some(specimen) => pools::members_in(connection, specimen),
        None => Ok(Vec::new()),
    }
}
