//! Control charts: the points of one control, each judged as it is for results.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use rust_decimal::Decimal;

use crate::domain::{
    ControlSource, ControlTarget, InstrumentTime, Reading, ResultStatus, WestgardRule,
};
use crate::limits;
use crate::rules::{ControlPoint, RuleSet, marks_at_last};
use crate::store::catalogue::{Catalogue, TestRecords};
use crate::store::controls::{self, Bench, ControlRow, Shows};
use crate::store::errors::Trouble;
use crate::store::rows::{self, Until};

/// Which control.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlKey {
    /// The analyser's id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// What the analyser calls the material.
    pub material: String,
}

/// A control that ran.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlSeen {
    /// Which.
    pub key: ControlKey,
    /// Its last point.
    pub last: SeriesPoint,
}

/// A control's last points.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlSeries {
    /// Which control.
    pub key: ControlKey,
    /// Oldest first.
    pub points: Vec<SeriesPoint>,
    /// Whether there are older ones.
    pub has_older: bool,
}

/// One result of a control.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesPoint {
    /// Number of the observation.
    pub observation: i64,
    /// Number of the message that brought it.
    pub message: i64,
    /// Its run.
    pub run: u64,
    /// When the message was received, UTC.
    pub received_at: Timestamp,
    /// When the analyser says it finished.
    pub completed_at: Option<InstrumentTime>,
    /// As sent.
    pub value: Option<String>,
    /// The number in it.
    pub number: Option<Decimal>,
    /// Its unit.
    pub unit: Option<String>,
    /// What it reads.
    pub reading: Option<Reading>,
    /// Result status.
    pub status: Option<ResultStatus>,
    /// Lot of the control.
    pub control_lot: Option<String>,
    /// Reagent lot.
    pub reagent_lot: Option<String>,
    /// The target in force when it ran, where there was one for its lot.
    pub target: Option<ControlTarget>,
    /// Distance from its mean in standard deviations, where it has one.
    pub z: Option<Decimal>,
    /// Control rules that end with this point; of the kit's own controls none are asked.
    pub violations: Vec<WestgardRule>,
    /// How it stands.
    pub state: ControlState,
}

/// How a point stands under the rule set in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlState {
    /// It shows what it must.
    InControl,
    /// It breaks a rule that warns.
    Warning,
    /// It breaks a rule that rejects, or shows something else than it must.
    Rejected,
    /// Nobody had said what it must show, or it is not finished: it counts as no control.
    NotJudged,
}

impl ControlState {
    /// Every one.
    pub const ALL: [ControlState; 4] =
        [Self::InControl, Self::Warning, Self::Rejected, Self::NotJudged];

    /// The word for it.
    pub const fn id(self) -> &'static str {
        match self {
            ControlState::InControl => "in_control",
            ControlState::Warning => "warning",
            ControlState::Rejected => "rejected",
            ControlState::NotJudged => "not_judged",
        }
    }
}

/// A control with when its message was received, and that message.
struct Found {
    row: ControlRow,
    message: i64,
    received_at: Timestamp,
}

/// The controls of one test up to now, oldest first, with what each is marked with.
pub(super) struct Charts<'a> {
    bench: Bench<'a>,
    rules: &'a RuleSet,
    found: Vec<Found>,
    marks: HashMap<i64, Vec<WestgardRule>>,
    /// Whether there are older rows than were read.
    is_cut: bool,
}

/// The last points of one control.
pub(super) fn read(
    connection: &Connection,
    rules: &RuleSet,
    key: &ControlKey,
    limit: usize,
) -> Result<ControlSeries, Trouble> {
    let all = of_test(connection, rules, (&key.analyser, &key.test_code), limit)?;
    let is_cut = all.is_cut;
    let found = all.series.into_iter().find(|series| series.key == *key);
    Ok(found.unwrap_or(ControlSeries { key: key.clone(), points: Vec::new(), has_older: is_cut }))
}

/// The series of every control of a test.
pub(super) struct OfTest {
    pub(super) series: Vec<ControlSeries>,
    /// Whether older rows were not read, of these controls or of others.
    is_cut: bool,
}

/// The last points of every control of a test, by material.
pub(super) fn of_test(
    connection: &Connection,
    rules: &RuleSet,
    (analyser, test_code): (&str, &str),
    limit: usize,
) -> Result<OfTest, Trouble> {
    let mut catalogue = Catalogue::default();
    catalogue.learn(connection, analyser, test_code)?;
    let Some(records) = catalogue.of(analyser, test_code) else {
        return Ok(OfTest { series: Vec::new(), is_cut: false });
    };
    let rows = limits::CONTROL_SERIES_ROWS;
    let charts = Charts::read(connection, records, rules, (analyser, test_code), rows)?;
    let mut materials: BTreeMap<String, Vec<SeriesPoint>> = BTreeMap::new();
    for (material, point) in charts.points() {
        materials.entry(material).or_default().push(point);
    }
    let is_cut = charts.is_cut;
    let series = |(material, mut points): (String, Vec<SeriesPoint>)| {
        let older = points.len().saturating_sub(limit);
        points.drain(..older);
        let (analyser, test_code) = (analyser.to_owned(), test_code.to_owned());
        let key = ControlKey { analyser, test_code, material };
        ControlSeries { key, points, has_older: older > 0 || is_cut }
    };
    Ok(OfTest { series: materials.into_iter().map(series).collect(), is_cut })
}

/// Every control that ran, with its last point.
pub(super) fn seen(connection: &Connection, rules: &RuleSet) -> Result<Vec<ControlSeen>, Trouble> {
    let keys = keys(connection)?;
    let mut catalogue = Catalogue::default();
    let mut seen = Vec::new();
    for of_test in keys.chunk_by(|one, other| one.test() == other.test()) {
        let Some(first) = of_test.first() else { continue };
        let (analyser, test_code) = first.test();
        catalogue.learn(connection, analyser, test_code)?;
        let Some(records) = catalogue.of(analyser, test_code) else { continue };
        let rows = limits::CONTROL_CHART_ROWS;
        let charts = Charts::read(connection, records, rules, (analyser, test_code), rows)?;
        for key in of_test {
            let last = charts.found.iter().rev().find(|found| found.row.is_of(&key.material));
            let last = match last {
                Some(last) => charts.point(last),
                None => charts.point(&last_of(connection, key)?),
            };
            seen.push(ControlSeen { key: key.clone(), last });
        }
    }
    Ok(seen)
}

/// Analyser, test code and material of every control, by looking for the next greater ones.
fn keys(connection: &Connection) -> Result<Vec<ControlKey>, Trouble> {
    let mut next = connection.prepare_cached(
        "SELECT analyser, test_code, material FROM control INDEXED BY control_material \
         WHERE (analyser, test_code, material) > (?1, ?2, ?3) \
         ORDER BY analyser, test_code, material LIMIT 1",
    )?;
    let mut keys: Vec<ControlKey> = Vec::new();
    while keys.len() < limits::CONTROLS_LISTED_MAX {
        let after = keys.last().map_or(["", "", ""], |key| {
            [key.analyser.as_str(), key.test_code.as_str(), key.material.as_str()]
        });
        let found = next
            .query_row(after, |row| {
                let (analyser, test_code, material) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(ControlKey { analyser, test_code, material })
            })
            .optional()?;
        let Some(found) = found else { break };
        keys.push(found);
    }
    Ok(keys)
}

const COLUMNS: &str = "SELECT c.observation, c.run, o.message, o.number, o.payload, m.received_at \
                       FROM control c JOIN observation o ON o.id = c.observation \
                       JOIN message m ON m.id = o.message \
                       WHERE c.analyser = ?1 AND c.test_code = ?2";

/// The last result of a control that ran too long ago to stand in the chart of its test.
fn last_of(connection: &Connection, key: &ControlKey) -> Result<Found, Trouble> {
    let sql = format!("{COLUMNS} AND c.material = ?3 ORDER BY c.observation DESC LIMIT 1");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row((&key.analyser, &key.test_code, &key.material), |row| Ok(found(row)))?
}

fn found(row: &rusqlite::Row<'_>) -> Result<Found, Trouble> {
    let (message, received_at) = (row.get(2)?, rows::read_time(row, 5)?);
    Ok(Found { row: controls::read(row)?, message, received_at })
}

impl<'a> Charts<'a> {
    /// Reads so many rows, of which the first [`limits::CONTROL_CHART_ROWS`] are the past of the
    /// others where there are more.
    pub(super) fn read(
        connection: &'a Connection,
        records: &'a TestRecords,
        rules: &'a RuleSet,
        (analyser, test_code): (&str, &str),
        rows: usize,
    ) -> Result<Charts<'a>, Trouble> {
        let bench = Bench { connection, records, until: Until::NOW };
        let sql = format!("{COLUMNS} ORDER BY c.observation DESC LIMIT ?3");
        let limit = i64::try_from(rows).unwrap_or(i64::MAX);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut read = statement.query(params![analyser, test_code, limit])?;
        let mut found = Vec::new();
        while let Some(row) = read.next()? {
            found.push(self::found(row)?);
        }
        found.reverse();
        let is_cut = found.len() == rows;
        let mut charts = Charts { bench, rules, found, marks: HashMap::new(), is_cut };
        charts.mark();
        Ok(charts)
    }

    /// Marks every run by the chart that a result in it is judged by.
    fn mark(&mut self) {
        let points: Vec<(i64, u64, Option<ControlPoint>)> = self
            .found
            .iter()
            .map(|found| &found.row)
            .map(|row| (row.observation, row.run, self.bench.point(row)))
            .collect();
        let mut end = 0;
        for run in points.chunk_by(|one, other| one.1 == other.1) {
            end += run.len();
            let begin = end.saturating_sub(limits::CONTROL_CHART_ROWS);
            let rows = points.get(begin..end).unwrap_or_default();
            let chart: Vec<ControlPoint> = rows.iter().filter_map(|(.., point)| *point).collect();
            let last = run.iter().filter(|(.., point)| point.is_some());
            if run.iter().any(|(.., point)| point.is_some()) {
                let marks = last.map(|(observation, ..)| *observation).zip(marks_at_last(&chart));
                self.marks.extend(marks);
            }
        }
    }

    /// Those of which the whole past was read.
    fn shown(&self) -> impl Iterator<Item = &Found> {
        let past = if self.is_cut { limits::CONTROL_CHART_ROWS } else { 0 };
        self.found.iter().skip(past)
    }

    /// Every point whose whole past was read, with its material, oldest first.
    pub(super) fn points(&self) -> Vec<(String, SeriesPoint)> {
        let material = |found: &Found| found.row.reported.specimen_id.clone().unwrap_or_default();
        self.shown().map(|found| (material(found), self.point(found))).collect()
    }

    fn point(&self, found: &Found) -> SeriesPoint {
        let (row, reported) = (&found.row, &found.row.reported);
        let target = self.bench.target(row).flatten();
        let z = self.bench.point(row).map(|point| point.z);
        let is_kits = target.is_some_and(|target| target.source == ControlSource::Kit);
        let marks = self.marks.get(&row.observation).filter(|_| !is_kits);
        let violations = marks.cloned().unwrap_or_default();
        SeriesPoint {
            observation: row.observation,
            message: found.message,
            run: row.run,
            received_at: found.received_at,
            completed_at: reported.completed_at,
            value: reported.value.clone(),
            number: reported.number,
            unit: reported.unit.clone(),
            reading: reported.reading,
            status: reported.status,
            control_lot: reported.control_lot.clone(),
            reagent_lot: reported.reagent_lot.clone(),
            target: target.cloned(),
            z,
            state: self.state(row, is_kits, &violations),
            violations,
        }
    }

    /// As a result that it speaks for would be judged by it.
    fn state(&self, row: &ControlRow, is_kits: bool, violations: &[WestgardRule]) -> ControlState {
        let Some(shows) = self.bench.judge(row) else { return ControlState::NotJudged };
        if is_kits {
            let failed = shows.fails_kit();
            return if failed { ControlState::Rejected } else { ControlState::InControl };
        }
        let broken = |rules: &[WestgardRule]| violations.iter().any(|rule| rules.contains(rule));
        match shows {
            Shows::Failed => ControlState::Rejected,
            Shows::Passed => ControlState::InControl,
            Shows::Distance(_) if broken(self.rules.reject()) => ControlState::Rejected,
            Shows::Distance(_) if broken(self.rules.warn()) => ControlState::Warning,
            Shows::Distance(_) => ControlState::InControl,
        }
    }
}

impl ControlRow {
    fn is_of(&self, material: &str) -> bool {
        self.reported.specimen_id.as_deref() == Some(material)
    }
}

impl ControlKey {
    fn test(&self) -> (&str, &str) {
        (&self.analyser, &self.test_code)
    }
}
