//! What the proof and the case files notice of a rule set that is made wrong in one place.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::USED_WRONGLY;
use super::super::say::complain;
use crate::rules::{self, RuleSet, Run, Score};

/// What came out.
pub(super) struct Outcome {
    score: Score,
    files: usize,
}

/// Runs every mutant of the set past the proof and these case files.
pub(super) fn run(rules: &RuleSet, cases: &[String]) -> Result<Outcome, ExitCode> {
    if !cases.is_empty() {
        complain("case files cannot be read yet: give --mutate without files");
        return Err(ExitCode::from(USED_WRONGLY));
    }
    let score = rules::score(&[Run { rules, notices: &|_| false }], |_, _| {});
    Ok(Outcome { score, files: cases.len() })
}

impl Outcome {
    /// Whether every mutant was noticed.
    pub(super) fn is_good(&self) -> bool {
        self.score.survivors.is_empty()
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let Score { refused, noticed, equivalent, survivors } = &self.score;
        let survived = survivors.iter().map(|(line, what)| match line {
            Some(line) => format!("survived: line {line}: {what}"),
            None => format!("survived: {what}"),
        });
        let mut lines: Vec<String> = survived.collect();
        lines.push(format!(
            "mutation score {} %: of {} mutants {refused} refused by the proof, {noticed} noticed by \
             cases of {} files, {} survived; {equivalent} decide everything alike",
            self.score.percent(),
            self.score.mutants(),
            self.files,
            survivors.len(),
        ));
        lines
    }

    /// For programs.
    pub(super) fn object(&self) -> Value {
        let survivors = self.score.survivors.iter();
        let survivors = survivors.map(|(line, what)| json!({ "line": line, "what": what }));
        json!({
            "mutants": self.score.mutants(),
            "refused": self.score.refused,
            "noticed": self.score.noticed,
            "equivalent": self.score.equivalent,
            "percent": self.score.percent(),
            "survivors": survivors.collect::<Vec<_>>(),
        })
    }
}
