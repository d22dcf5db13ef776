//! Runs of a test: their controls, whether those speak for the results, and what people said.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::Mark;
use super::series::{Charts, SeriesPoint};
use crate::domain::{ControlFailure, Controls, Record, RunRecord, SpecimenKind, Verdict};
use crate::limits;
use crate::rules::RuleSet;
use crate::store::catalogue::Catalogue;
use crate::store::errors::Trouble;
use crate::store::reach::{Reach, first_observation_of};
use crate::store::record_rows::{self, RecordRow};
use crate::store::rows::{self, Until};
use crate::store::view::View;

/// A run: its controls, and the results up to the controls of the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEntry {
    /// The analyser's id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// Its number among the runs of the test.
    pub run: u64,
    /// When the message with its first control was received, UTC.
    pub from: Timestamp,
    /// When the message with its last result or control was.
    pub to: Timestamp,
    /// Its controls: material and what it shows.
    pub controls: Vec<(String, SeriesPoint)>,
    /// Results of donors' specimens, up to [`limits::RUN_RESULTS_COUNTED`].
    pub results: usize,
    /// Whether there are more results than were counted.
    pub has_more: bool,
    /// What the controls say of its last result; `None` where it has none.
    pub spoken: Option<Controls>,
    /// What people said of it, oldest first.
    pub judged: Vec<RunJudged>,
}

/// What a person said of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunJudged {
    /// Whether it was accepted.
    Judged(Mark, RunRecord),
    /// Its controls were found to have failed.
    Failed(Mark, ControlFailure),
}

/// What would be decided again if a run were rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunReach {
    /// Results and members of pools that it speaks about.
    pub results: usize,
    /// Donations among them.
    pub donations: usize,
    /// Those of them that are releasable now, and would be recalled.
    pub releasable: usize,
    /// Whether there are more than were looked at.
    pub has_more: bool,
}

/// The last runs of a test, latest first.
pub(super) fn last(
    connection: &Connection,
    rules: &RuleSet,
    analyser: &str,
    test_code: &str,
) -> Result<Vec<RunEntry>, Trouble> {
    let mut catalogue = Catalogue::default();
    catalogue.learn(connection, analyser, test_code)?;
    let Some(records) = catalogue.of(analyser, test_code) else { return Ok(Vec::new()) };
    let rows = limits::CONTROL_SERIES_ROWS;
    let charts = Charts::read(connection, records, rules, (analyser, test_code), rows)?;
    let said = record_rows::about_test(connection, analyser, test_code)?;
    let mut view = View::new(&rules.identity().sha256);
    let points = charts.points();
    let mut runs = Vec::new();
    let mut ends = i64::MAX;
    let of_run = points.chunk_by(|one, other| one.1.run == other.1.run);
    for controls in of_run.rev().take(limits::RUNS_LISTED_MAX) {
        let Some((_, first)) = controls.first() else { continue };
        let begins = first_observation_of(connection, first.message)?;
        let results = results(connection, (analyser, test_code), (begins, ends))?;
        let mut entry = RunEntry::new(analyser, test_code, controls, first);
        entry.add_results(connection, &mut view, results)?;
        entry.judged = said.iter().filter_map(|row| entry.judged_by(row)).collect();
        runs.push(entry);
        ends = begins;
    }
    Ok(runs)
}

/// Observations of donors' specimens that are no controls, from one on and before another.
fn results(
    connection: &Connection,
    (analyser, test_code): (&str, &str),
    (begins, ends): (i64, i64),
) -> Result<Vec<i64>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT o.id FROM observation o INDEXED BY observation_test \
         JOIN message m ON m.id = o.message \
         WHERE json_extract(o.payload, '$.test_code') = ?1 AND o.id >= ?2 AND o.id < ?3 \
         AND m.analyser = ?4 AND json_extract(o.payload, '$.kind') = ?5 \
         AND NOT EXISTS (SELECT 1 FROM control c WHERE c.observation = o.id) \
         ORDER BY o.id LIMIT ?6",
    )?;
    let most = i64::try_from(limits::RUN_RESULTS_COUNTED + 1).unwrap_or(i64::MAX);
    let key = params![test_code, begins, ends, analyser, SpecimenKind::Donor.id(), most];
    let found = statement.query_map(key, |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

impl RunEntry {
    fn new(
        analyser: &str,
        test_code: &str,
        controls: &[(String, SeriesPoint)],
        first: &SeriesPoint,
    ) -> RunEntry {
        let times = controls.iter().map(|(_, point)| point.received_at);
        RunEntry {
            analyser: analyser.to_owned(),
            test_code: test_code.to_owned(),
            run: first.run,
            from: times.clone().min().unwrap_or(first.received_at),
            to: times.max().unwrap_or(first.received_at),
            controls: controls.to_vec(),
            results: 0,
            has_more: false,
            spoken: None,
            judged: Vec::new(),
        }
    }

    fn add_results(
        &mut self,
        connection: &Connection,
        view: &mut View,
        mut results: Vec<i64>,
    ) -> Result<(), Trouble> {
        self.has_more = results.len() > limits::RUN_RESULTS_COUNTED;
        results.truncate(limits::RUN_RESULTS_COUNTED);
        self.results = results.len();
        let Some(last) = results.last() else { return Ok(()) };
        let last = rows::observation(connection, *last)?;
        let received_at = rows::received_at(connection, last.message)?;
        let about = view.circumstances(connection, Until::NOW, &[], &last, received_at)?;
        self.to = self.to.max(received_at);
        self.spoken = Some(about.controls);
        Ok(())
    }

    fn judged_by(&self, row: &RecordRow) -> Option<RunJudged> {
        let meets = |from: Timestamp, to: Timestamp| from <= self.to && self.from <= to;
        match &row.record {
            Record::Run(run) => {
                meets(run.from, run.to).then(|| RunJudged::Judged(Mark::of(row), run.clone()))
            }
            Record::ControlFailure(failure) => meets(failure.from, failure.to)
                .then(|| RunJudged::Failed(Mark::of(row), failure.clone())),
            Record::Donation(..)
            | Record::Kit(_)
            | Record::Lot(_)
            | Record::Target(_)
            | Record::Pool(_)
            | Record::Rack(_)
            | Record::Message(_)
            | Record::Eqa(_) => None,
        }
    }
}

/// Looks for what a control failure of the run's window would touch, as the store does when it is
/// put on record.
pub(super) fn reach(connection: &Connection, run: &RunRecord) -> Result<RunReach, Trouble> {
    let failure = ControlFailure {
        analyser: run.analyser.clone(),
        test_code: run.test_code.clone(),
        from: run.from,
        to: run.to,
    };
    let mut found = RunReach::default();
    let Some(reach) = Reach::of(&Record::ControlFailure(failure), i64::MAX) else {
        return Ok(found);
    };
    let (mut donations, mut after) = (BTreeSet::new(), Some(0));
    for _ in 0..limits::RUN_REACH_SLICES {
        let Some(from) = after else { break };
        let (slice, next) = reach.slice(connection, from)?;
        found.results += slice.len();
        donations.extend(slice);
        after = next;
    }
    found.has_more = after.is_some();
    found.donations = donations.len();
    for din in &donations {
        let stand = rows::stand(connection, din, Until::NOW)?;
        let is_releasable =
            |decision: &str| Verdict::from_id(decision) == Some(Verdict::Releasable);
        found.releasable +=
            usize::from(stand.is_some_and(|stand| is_releasable(&stand.decision.verdict)));
    }
    Ok(found)
}
