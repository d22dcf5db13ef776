//! The controls that speak for a result, from what analysers reported and what the laboratory
//! put on record that they must show.
//!
//! ```text
//!   opening            results             closing          by the order of commits
//!  ──[control]── R ── R ── R ── R ── R ──[control]──►
//!     latest before            earliest after
//! ```
//!
//! Each material is an obligation of its own, discharged only by itself (FM-25); of the kit's, all
//! must pass (FM-23). A control whose lot has no target, where the material has one, does not count
//! as that control and fails (FM-24). A control that names another reagent lot than the result does
//! not speak for it. Controls in the message of the result are those of its run, and the only ones
//! asked; otherwise a control after the result closes the bracket if there was one before. Targets
//! are judged by as they stood when the control ran: a control from before its target is none.

use rusqlite::{Connection, Row, params};
use rust_decimal::Decimal;

use super::catalogue::TestRecords;
use super::errors::Trouble;
use super::rows::{self, Until};
use crate::domain::{
    Bracket, ControlSource, ControlTarget, Controls, Expected, Kit, KitControls, Observation,
    Reading, RecordedObservation, ResultStatus,
};
use crate::limits;
use crate::rules::{ControlPoint, violations_at_last};

/// A control on record.
#[derive(Clone, Debug)]
pub(super) struct ControlRow {
    pub(super) observation: i64,
    pub(super) run: u64,
    pub(super) reported: Observation,
}

/// What a control shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// What it must.
    Passed,
    /// Something else, or it cannot be told.
    Failed,
    /// So many standard deviations from its mean.
    Distance(Decimal),
}

/// The controls of one material that speak for a result.
#[derive(Default)]
struct Obligation {
    /// Those that count, with what they show.
    shown: Vec<(ControlRow, Shows)>,
    /// Whether there is one for the result at all.
    opened: bool,
    /// Whether one follows it.
    closed: bool,
}

/// Where controls are looked for.
pub(super) struct Bench<'a> {
    /// The tables.
    pub(super) connection: &'a Connection,
    /// What is on record about the test of the analyser.
    pub(super) records: &'a TestRecords,
    /// Up to where.
    pub(super) until: Until,
}

const COLUMNS: &str = "SELECT c.observation, c.run, o.message, o.number, o.payload \
                       FROM control c JOIN observation o ON o.id = c.observation \
                       WHERE c.analyser = ?1 AND c.test_code = ?2";

impl Bench<'_> {
    /// The controls that speak for a result made with a kit.
    pub(super) fn speak_for(
        &self,
        result: &RecordedObservation,
        kit: Option<&Kit>,
    ) -> Result<Controls, Trouble> {
        let mut controls = Controls::default();
        let kits = self.kit_materials(result, kit);
        let external: Vec<&str> = self
            .records
            .materials(ControlSource::External, result.id, self.until.record)
            .into_iter()
            .filter(|material| !kits.contains(material))
            .collect();
        let kits = self.obligations(result, &kits)?;
        let external = self.obligations(result, &external)?;
        controls.kit = kit_controls(&kits);
        controls.external.recorded = external.iter().any(|one| !one.shown.is_empty());
        controls.external.wrong_reading =
            shown(&external).any(|(_, shows)| *shows == Shows::Failed);
        controls.external.violations = self.violations(result, &external)?;
        controls.bracket = bracket(if external.is_empty() { &kits } else { &external });
        controls.observations =
            shown(&kits).chain(shown(&external)).map(|(row, _)| row.observation).collect();
        controls.observations.sort_unstable();
        Ok(controls)
    }

    /// What the kit brings: what its leaflet asks for, and what has a target as the kit's.
    fn kit_materials<'a>(
        &'a self,
        result: &RecordedObservation,
        kit: Option<&'a Kit>,
    ) -> Vec<&'a str> {
        let asked = kit.into_iter().flat_map(|kit| kit.controls.iter().map(String::as_str));
        let mut materials: Vec<&str> = asked.collect();
        materials.extend(self.records.materials(ControlSource::Kit, result.id, self.until.record));
        materials.sort_unstable();
        materials.dedup();
        materials
    }

    fn obligations(
        &self,
        result: &RecordedObservation,
        materials: &[&str],
    ) -> Result<Vec<Obligation>, Trouble> {
        materials.iter().map(|material| self.obligation(result, material)).collect()
    }

    fn obligation(
        &self,
        result: &RecordedObservation,
        material: &str,
    ) -> Result<Obligation, Trouble> {
        let own = self.judged(self.of_message(result, material)?);
        if !own.is_empty() {
            return Ok(Obligation { shown: own, opened: true, closed: true });
        }
        let lot = result.observation.reagent_lot.as_deref();
        let speaks = |rows: Vec<ControlRow>| {
            let mut speaking = rows.into_iter().filter(|row| row.is_of_lot(lot));
            self.judged(speaking.find(|row| self.judge(row).is_some()).into_iter().collect())
        };
        let opening = speaks(self.before(result, material)?);
        if opening.is_empty() {
            return Ok(Obligation::default());
        }
        let closing = speaks(self.after(result, material)?);
        let closed = !closing.is_empty();
        let shown = opening.into_iter().chain(closing).collect();
        Ok(Obligation { shown, opened: true, closed })
    }

    /// Those that count as a control at all, with what they show.
    fn judged(&self, rows: Vec<ControlRow>) -> Vec<(ControlRow, Shows)> {
        let judged = rows.into_iter().map(|row| (self.judge(&row), row));
        judged.filter_map(|(shows, row)| Some((row, shows?))).collect()
    }

    /// What a control shows; `None` where nobody said what it must, or it is not finished.
    pub(super) fn judge(&self, row: &ControlRow) -> Option<Shows> {
        let target = self.target(row)?;
        Some(target.map_or(Shows::Failed, |target| row.against(&target.expected)))
    }

    /// The target of a control: outer `None` where its material has none or it is not finished,
    /// inner `None` where there is none for its lot.
    pub(super) fn target<'a>(&'a self, row: &ControlRow) -> Option<Option<&'a ControlTarget>> {
        let material = row.reported.specimen_id.as_deref()?;
        if !is_finished(row.reported.status) {
            return None;
        }
        let targets = self.records.targets_of(material, row.observation, self.until.record);
        targets.first()?;
        let lot = row.reported.control_lot.as_deref();
        // Of several that fit the latest; a target that names no lot is one for any.
        let fits = |target: &&ControlTarget| {
            target.control_lot.is_none() || target.control_lot.as_deref() == lot
        };
        Some(targets.into_iter().find(fits))
    }

    /// The rules broken in the runs of the controls that speak, as they stand up to the result or
    /// in the run that closes its bracket.
    fn violations(
        &self,
        result: &RecordedObservation,
        external: &[Obligation],
    ) -> Result<Vec<crate::domain::WestgardRule>, Trouble> {
        let measured = |shows: &Shows| matches!(shows, Shows::Distance(_));
        let mut runs: Vec<u64> =
            shown(external).filter(|(_, shows)| measured(shows)).map(|(row, _)| row.run).collect();
        runs.sort_unstable();
        runs.dedup();
        let mut violations = Vec::new();
        for run in runs {
            let chart = self.chart(result, run)?;
            violations.extend(violations_at_last(&chart));
        }
        violations.sort_unstable_by_key(|rule| *rule as usize);
        violations.dedup();
        Ok(violations)
    }

    /// The control chart up to a run, oldest point first.
    fn chart(&self, result: &RecordedObservation, run: u64) -> Result<Vec<ControlPoint>, Trouble> {
        let sql = format!(
            "{COLUMNS} AND c.run <= ?3 AND c.message <= ?4 ORDER BY c.observation DESC LIMIT ?5"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let (analyser, test_code) = (&result.analyser, &result.observation.test_code);
        let run = i64::try_from(run).unwrap_or(i64::MAX);
        let limit = i64::try_from(limits::CONTROL_CHART_ROWS).unwrap_or(i64::MAX);
        let rows = statement.query(params![analyser, test_code, run, self.until.message, limit])?;
        let mut points: Vec<ControlPoint> =
            collect(rows)?.iter().filter_map(|row| self.point(row)).collect();
        points.reverse();
        Ok(points)
    }

    /// Its place in the chart, where it is a number with a mean.
    pub(super) fn point(&self, row: &ControlRow) -> Option<ControlPoint> {
        let target = self.target(row)??;
        let Shows::Distance(z) = row.against(&target.expected) else { return None };
        Some(ControlPoint { run: row.run, level: target.level, z })
    }

    fn of_message(
        &self,
        result: &RecordedObservation,
        material: &str,
    ) -> Result<Vec<ControlRow>, Trouble> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.observation, c.run, o.message, o.number, o.payload \
             FROM control c INDEXED BY control_message JOIN observation o ON o.id = c.observation \
             WHERE c.message = ?1 AND c.test_code = ?2 AND c.material = ?3 ORDER BY c.observation",
        )?;
        let key = params![result.message, result.observation.test_code, material];
        collect(statement.query(key)?)
    }

    fn before(
        &self,
        result: &RecordedObservation,
        material: &str,
    ) -> Result<Vec<ControlRow>, Trouble> {
        let sql = format!(
            "{COLUMNS} AND c.material = ?3 AND c.observation < ?4 AND c.message <= ?5 \
             ORDER BY c.observation DESC LIMIT ?6"
        );
        self.beside(result, material, &sql)
    }

    fn after(
        &self,
        result: &RecordedObservation,
        material: &str,
    ) -> Result<Vec<ControlRow>, Trouble> {
        let sql = format!(
            "{COLUMNS} AND c.material = ?3 AND c.observation > ?4 AND c.message <= ?5 \
             ORDER BY c.observation LIMIT ?6"
        );
        self.beside(result, material, &sql)
    }

    fn beside(
        &self,
        result: &RecordedObservation,
        material: &str,
        sql: &str,
    ) -> Result<Vec<ControlRow>, Trouble> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let (analyser, test_code) = (&result.analyser, &result.observation.test_code);
        let limit = i64::try_from(limits::CONTROL_LOOK_AROUND).unwrap_or(i64::MAX);
        let until = self.until.message;
        let key = params![analyser, test_code, material, result.id, until, limit];
        collect(statement.query(key)?)
    }
}

impl Bench<'_> {
    /// The observation after which a result may be that a new control speaks for as the one that
    /// closes its bracket; `first` is the first of the control's own message.
    pub(super) fn bracket_begins(
        &self,
        control: &RecordedObservation,
        first: i64,
    ) -> Result<i64, Trouble> {
        let Some(material) = control.observation.specimen_id.as_deref() else {
            return Ok(first.saturating_sub(1));
        };
        let lot = control.observation.reagent_lot.as_deref();
        let earlier = self.before(control, material)?;
        let (last, count) = (earlier.last().map(|row| row.observation), earlier.len());
        // One that speaks for every result this one could speak for.
        let closes = |row: &ControlRow| {
            let of = row.reported.reagent_lot.as_deref();
            self.judge(row).is_some() && (of.is_none() || of == lot)
        };
        let before = earlier.into_iter().find(closes).map(|row| row.observation);
        let begins = match (before, last) {
            (Some(before), _) => before,
            // Further back nobody looks for a control after a result either.
            (None, Some(last)) if count == limits::CONTROL_LOOK_AROUND => last,
            // Without a control before, only results of its own message.
            (None, _) => first,
        };
        Ok(begins.min(first.saturating_sub(1)))
    }
}

impl ControlRow {
    /// Whether it may speak for a result of a reagent lot; what names none speaks for any.
    fn is_of_lot(&self, lot: Option<&str>) -> bool {
        match (self.reported.reagent_lot.as_deref(), lot) {
            (Some(own), Some(other)) => own == other,
            (None, _) | (_, None) => true,
        }
    }

    fn against(&self, expected: &Expected) -> Shows {
        let control = &self.reported;
        if !is_conclusive(control) {
            return Shows::Failed;
        }
        match (expected, control.number) {
            (Expected::Reading(must), _) => passed(control.reading == Some(*must)),
            (Expected::Between(low, high), Some(number)) => {
                passed(*low <= number && number <= *high)
            }
            (Expected::Distribution(mean, deviation), Some(number)) => {
                let point = ControlPoint::of((self.run, 1), number, (*mean, *deviation));
                point.map_or(Shows::Failed, |point| Shows::Distance(point.z))
            }
            (Expected::Between(..) | Expected::Distribution(..), None) => Shows::Failed,
        }
    }
}

impl Shows {
    /// A control of the kit that is a number with a mean passes within three standard deviations.
    pub(super) fn fails_kit(self) -> bool {
        match self {
            Shows::Passed => false,
            Shows::Failed => true,
            Shows::Distance(z) => z.abs() > Decimal::from(3),
        }
    }
}

fn passed(is_so: bool) -> Shows {
    if is_so { Shows::Passed } else { Shows::Failed }
}

/// A control of which the analyser will say more is none yet.
const fn is_finished(status: Option<ResultStatus>) -> bool {
    match status {
        Some(ResultStatus::Preliminary | ResultStatus::Pending | ResultStatus::Partial) => false,
        Some(
            ResultStatus::Final
            | ResultStatus::Corrected
            | ResultStatus::Failed
            | ResultStatus::Retransmitted
            | ResultStatus::Withdrawn
            | ResultStatus::Questionable,
        )
        | None => true,
    }
}

/// Whether nothing is wrong with a control but what it may show.
pub(super) fn is_conclusive(observation: &Observation) -> bool {
    observation.status.is_none_or(ResultStatus::is_conclusive)
        && observation.reading != Some(Reading::Invalid)
        && observation.unaccounted.is_empty()
        && observation.concerns.is_empty()
}

fn shown(obligations: &[Obligation]) -> impl Iterator<Item = &(ControlRow, Shows)> {
    obligations.iter().flat_map(|one| &one.shown)
}

fn kit_controls(kits: &[Obligation]) -> KitControls {
    if shown(kits).any(|(_, shows)| shows.fails_kit()) {
        return KitControls::Failed;
    }
    match !kits.is_empty() && kits.iter().all(|one| one.opened) {
        true => KitControls::Passed,
        false => KitControls::NotRecorded,
    }
}

fn bracket(obligations: &[Obligation]) -> Bracket {
    match !obligations.is_empty() && obligations.iter().all(|one| one.closed) {
        true => Bracket::Closed,
        false => Bracket::Open,
    }
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<ControlRow>, Trouble> {
    let mut controls = Vec::new();
    while let Some(row) = rows.next()? {
        controls.push(read(row)?);
    }
    Ok(controls)
}

/// A control from its observation, run, message, exact number and JSON, in this order.
pub(super) fn read(row: &Row<'_>) -> Result<ControlRow, Trouble> {
    let run: i64 = row.get(1)?;
    Ok(ControlRow {
        observation: row.get(0)?,
        run: u64::try_from(run).unwrap_or_default(),
        reported: rows::read_reported(row, 3)?,
    })
}
