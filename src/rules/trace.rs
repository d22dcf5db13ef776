//! How a decision came about: every table that was asked, what facts answered, and the rows that
//! decided, each with its line and its clause.
//!
//! It is no second way to decide: [`derive`](super::derive) is [`decide`](super::decide) with a
//! docket that notes what it is asked.

use crate::domain::{
    Assay, Decision, Facts, Reason, ReasonCode, RecordedStatement, Statement, Verdict,
};

use super::accord::{Accord, Pact};
use super::casefile::CaseFile;
use super::docket::About;
use super::gates;
use super::question::Judges;
use super::table::{Answers, Row, Table};

/// A decision, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// What was decided.
    pub decision: Decision,
    /// Checks in the order of the rule set, and whether this donation needs each.
    pub checks: Vec<(String, bool)>,
    /// Every table that was asked, in the order in which it was.
    pub rulings: Vec<Ruling>,
    /// What people proposed about the donation, and whether it counts.
    pub pacts: Vec<PactFound>,
}

/// A proposal, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PactFound {
    /// Number of the record that proposed it.
    pub proposal: i64,
    /// Who proposed it.
    pub proposed_by: String,
    /// Whether it counts.
    pub standing: PactStanding,
    /// The reasons that it lifted, as they were; none of a correction.
    pub lifted: Vec<Reason>,
}

/// Whether a proposal counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PactStanding {
    /// It does.
    InForce(Pact),
    /// Nobody else has agreed yet, or it gives no grounds.
    Open,
    /// It was turned down before anybody agreed.
    TurnedDown,
}

/// What one table said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The check it was asked for; none for the donation as a whole.
    pub check: Option<String>,
    /// Its name.
    pub table: String,
    /// What it judges.
    pub judges: Judges,
    /// The assay it was asked about, if one.
    pub assay: Option<Assay>,
    /// What of it: a pool's id, a determination.
    pub subject: Option<String>,
    /// The observations behind the answers.
    pub observations: Vec<i64>,
    /// What facts answered.
    pub answers: Answers,
    /// What follows; none where no row fits.
    pub verdict: Option<Verdict>,
    /// The rows that decided.
    pub rows: Vec<DecidingRow>,
}

/// A row that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidingRow {
    /// The line of the rule set's text on which it stands.
    pub line: usize,
    /// What follows from it.
    pub verdict: Verdict,
    /// Its reason, or what it remarks.
    pub code: Option<ReasonCode>,
    /// The clause it rests on, by id.
    pub clause: String,
}

/// Notes of what is asked, where anybody wants them.
#[derive(Debug, Default)]
pub(super) struct Trace {
    notes: Option<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    check: Option<String>,
    rulings: Vec<Ruling>,
}

impl Trace {
    /// One that notes everything.
    pub(super) fn noting() -> Trace {
        Trace { notes: Some(Notes::default()) }
    }

    /// What follows is asked for this check.
    pub(super) fn enter(&mut self, check: Option<&str>) {
        self.notes.iter_mut().for_each(|notes| notes.check = check.map(str::to_owned));
    }

    /// A table is asked.
    pub(super) fn asked(&mut self, table: &Table, answers: &Answers, about: &About<'_>) {
        let Some(notes) = &mut self.notes else { return };
        let check = notes.check.clone();
        notes.rulings.push(ruling(check, table, answers, about));
    }

    /// What was noted.
    pub(super) fn into_rulings(self) -> Vec<Ruling> {
        self.notes.map(|notes| notes.rulings).unwrap_or_default()
    }
}

fn ruling(check: Option<String>, table: &Table, answers: &Answers, about: &About<'_>) -> Ruling {
    let row = |row: &Row| DecidingRow {
        line: row.line,
        verdict: row.then.verdict,
        code: row.then.code,
        clause: row.then.clause.clone(),
    };
    Ruling {
        check,
        table: table.name.clone(),
        judges: table.judges,
        assay: about.assay,
        subject: about.subject.map(str::to_owned),
        observations: about.observations.to_vec(),
        answers: *answers,
        verdict: table.verdict(answers),
        rows: table.deciding(answers).map(row).collect(),
    }
}

/// What became of every proposal.
pub(super) fn pacts(facts: &Facts, accord: &Accord<'_>, lifted: &[Reason]) -> Vec<PactFound> {
    let is_proposal = |said: &&RecordedStatement| matches!(said.statement, Statement::Proposed(_));
    let proposals = facts.statements.iter().filter(is_proposal);
    proposals
        .map(|said| {
            let amendment = accord.amendments.iter().find(|one| one.pact.proposal == said.id);
            let correction = accord.corrections.iter().find(|(pact, _)| pact.proposal == said.id);
            let pact = amendment.map(|one| &one.pact).or(correction.map(|(pact, _)| pact));
            let is_down = |one: &RecordedStatement| one.statement == Statement::TurnedDown(said.id);
            let standing = match pact {
                Some(pact) => PactStanding::InForce(pact.clone()),
                None if facts.statements.iter().any(is_down) => PactStanding::TurnedDown,
                None => PactStanding::Open,
            };
            let own = lifted.iter().filter(|reason| amendment.is_some_and(|a| a.lifts(reason)));
            PactFound {
                proposal: said.id,
                proposed_by: said.by.clone(),
                standing,
                lifted: own.cloned().collect(),
            }
        })
        .collect()
}

/// What the tables of checks say of how each result came about: asked before everything else.
pub(super) fn of_results(case: &CaseFile<'_>) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for check in case.rules.checks().iter().filter(|check| gates::has_any(check)) {
        for assay in check.assays().into_iter().chain(check.confirms) {
            for result in case.results(assay) {
                let collected = case.collected_at();
                let asked = gates::answers(result.recorded, check, case.rules, collected);
                let ids = [result.id()];
                let assay = Some(assay);
                let about = About { assay, observations: &ids, ..About::default() };
                rulings.extend(asked.map(|(table, answers)| {
                    ruling(Some(check.name.clone()), table, &answers, &about)
                }));
            }
        }
    }
    rulings
}
