//! Rounds of external quality assessment, each put together from its steps.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::Connection;

use super::{Mark, of_kind};
use crate::domain::{Assay, EqaOutcome, EqaStep, Record};
use crate::store::errors::Trouble;

/// A round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqaRound {
    /// Who runs the scheme.
    pub scheme: String,
    /// The round, as the scheme names it.
    pub round: String,
    /// What is assessed, in the order in which it was said.
    pub assays: Vec<Assay>,
    /// The last day for results; `None` where nobody opened the round.
    pub due: Option<Date>,
    /// What was reported and how it was assessed, by sample and assay.
    pub results: Vec<EqaResult>,
    /// What was done about it, once it is over.
    pub closed: Option<(Mark, String)>,
    /// Every step, oldest first.
    pub history: Vec<(Mark, EqaStep)>,
}

/// What was reported of one sample for one assay. The latest word counts; all stand in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqaResult {
    /// The sample.
    pub sample: String,
    /// The assay.
    pub assay: Assay,
    /// Our result.
    pub reported: Option<(Mark, String)>,
    /// What was expected, and how we did.
    pub assessed: Option<(Mark, String, EqaOutcome)>,
}

impl EqaRound {
    fn new(scheme: &str, round: &str) -> EqaRound {
        EqaRound {
            scheme: scheme.to_owned(),
            round: round.to_owned(),
            assays: Vec::new(),
            due: None,
            results: Vec::new(),
            closed: None,
            history: Vec::new(),
        }
    }

    /// Whether an assay has no result although the last day for results is over.
    pub fn is_overdue(&self, today: Date) -> bool {
        let reported = |assay: &Assay| {
            let mut of = self.results.iter().filter(|result| result.assay == *assay);
            of.any(|result| result.reported.is_some())
        };
        self.closed.is_none()
            && self.due.is_some_and(|due| due < today)
            && !self.assays.iter().all(reported)
    }

    /// Whether everything that was reported was assessed.
    pub fn is_assessed(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|result| result.assessed.is_some())
    }

    fn take(&mut self, mark: Mark, step: EqaStep) {
        match &step {
            EqaStep::Opened { assays, due } => {
                (self.assays, self.due) = (assays.clone(), Some(*due));
            }
            EqaStep::Reported { sample, assay, result } => {
                let reported = Some((mark.clone(), result.clone()));
                self.change(sample, *assay, |found| found.reported = reported);
            }
            EqaStep::Assessed { sample, assay, expected, outcome } => {
                let assessed = Some((mark.clone(), expected.clone(), *outcome));
                self.change(sample, *assay, |found| found.assessed = assessed);
            }
            EqaStep::Closed(what) => self.closed = Some((mark.clone(), what.clone())),
        }
        self.history.push((mark, step));
    }

    fn change(&mut self, sample: &str, assay: Assay, change: impl FnOnce(&mut EqaResult)) {
        let is_it = |result: &&mut EqaResult| result.sample == sample && result.assay == assay;
        if let Some(found) = self.results.iter_mut().find(is_it) {
            return change(found);
        }
        let sample = sample.to_owned();
        let mut result = EqaResult { sample, assay, reported: None, assessed: None };
        change(&mut result);
        self.results.push(result);
    }
}

/// Every round: open ones first, those that are due first of them; then the others, latest first.
pub(super) fn rounds(connection: &Connection) -> Result<Vec<EqaRound>, Trouble> {
    let mut rounds: BTreeMap<[String; 2], EqaRound> = BTreeMap::new();
    for row in of_kind(connection, "eqa")? {
        let mark = Mark::of(&row);
        let Record::Eqa(record) = row.record else { continue };
        let round = rounds
            .entry([record.scheme.clone(), record.round.clone()])
            .or_insert_with(|| EqaRound::new(&record.scheme, &record.round));
        round.take(mark, record.step);
    }
    let (mut open, mut closed): (Vec<EqaRound>, Vec<EqaRound>) =
        rounds.into_values().partition(|round| round.closed.is_none());
    open.sort_by_key(|round| round.due);
    closed.sort_by_key(|round| std::cmp::Reverse(round.closed.as_ref().map(|(m, _)| m.record)));
    open.append(&mut closed);
    Ok(open)
}
