//! What the proof and the case files notice of a rule set that is made wrong in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::check::report;
use super::super::say::complain;
use super::super::{FOUND_WRONG, USED_WRONGLY};
use super::test::{Refused, case_text};
use crate::casebook::{self, Casebook, Outcome as CaseOutcome, Told};
use crate::rules::{self, RuleSet, Run, Score, Tally};

/// What came out.
pub(super) struct Outcome {
    score: Score,
    cases: usize,
    choices: usize,
}

/// The set with some choices of its switches, and the cases that ask for those.
type Choice<'b> = (RuleSet, Vec<Told<'b>>);

/// Runs every mutant of the set past the proof and these case files; without one, past those that
/// we ship for this set.
pub(super) fn run(rules: &RuleSet, files: &[String]) -> Result<Outcome, ExitCode> {
    let refuse = |refused| match refused {
        Refused::Faults(faults) => {
            report(&faults);
            ExitCode::from(FOUND_WRONG)
        }
        Refused::Used(words) => {
            complain(&words);
            ExitCode::from(USED_WRONGLY)
        }
    };
    let books = books(rules, files).map_err(refuse)?;
    let choices = choices(rules, &books).map_err(|words| {
        complain(&words);
        ExitCode::from(FOUND_WRONG)
    })?;
    let notices: Vec<_> = choices.iter().map(|(_, cases)| notices(cases)).collect();
    let runs = choices.iter().zip(&notices);
    let runs: Vec<Run<'_>> = runs.map(|((rules, _), notices)| Run { rules, notices }).collect();
    let score = rules::score(&runs, |_, _| {});
    let cases = choices.iter().map(|(_, cases)| cases.len()).sum();
    Ok(Outcome { score, cases, choices: choices.len() })
}

/// Whether a case comes out otherwise under a set.
fn notices(cases: &[Told<'_>]) -> impl Fn(&RuleSet) -> bool {
    move |wrong: &RuleSet| cases.iter().any(|case| !case.holds(wrong))
}

fn books(rules: &RuleSet, files: &[String]) -> Result<Vec<Casebook>, Refused> {
    let read = |file: &str, text: &str| casebook::read(file, text).map_err(Refused::Faults);
    if files.is_empty() {
        let shipped = casebook::shipped_cases();
        let all = shipped.map(|(name, text)| read(&format!("{name}.toml"), text));
        let all = all.collect::<Result<Vec<_>, _>>()?;
        let name = &rules.identity().name;
        return Ok(all.into_iter().filter(|book| book.rules.contains(name)).collect());
    }
    let text = |file: &String| match case_text(file)? {
        Some(text) => read(file, &text),
        None => Err(Refused::Used(format!("{file} is no case file"))),
    };
    files.iter().map(text).collect()
}

/// The cases by the choices that they ask for, those that ask for none first; all of them come out
/// as expected under the set itself.
fn choices<'b>(rules: &RuleSet, books: &'b [Casebook]) -> Result<Vec<Choice<'b>>, String> {
    let name = &rules.identity().name;
    let mut asked: BTreeSet<_> = books.iter().flat_map(|book| book.switch_sets(name)).collect();
    asked.insert(BTreeMap::new());
    let choice = |switches: &BTreeMap<String, String>| {
        let chosen = casebook::switched(rules, switches)?;
        let cases: Vec<Told<'b>> = books.iter().flat_map(|b| b.told(name, switches)).collect();
        match cases.iter().map(|case| case.outcome(&chosen)).find(|outcome| !outcome.passed()) {
            Some(CaseOutcome { id, .. }) => Err(format!(
                "case {id} does not come out as expected under the rule set itself: \
                 see `rules test`"
            )),
            None => Ok((chosen, cases)),
        }
    };
    asked.iter().map(choice).collect()
}

impl Outcome {
    /// Whether every mutant was noticed.
    pub(super) fn is_good(&self) -> bool {
        self.score.survivors.is_empty()
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let Score { refused, noticed, equivalent, survivors, .. } = &self.score;
        let survived = survivors.iter().map(|(line, what)| match line {
            Some(line) => format!("survived: line {line}: {what}"),
            None => format!("survived: {what}"),
        });
        let mut lines: Vec<String> = survived.collect();
        lines.extend(self.score.sorts.iter().map(|(sort, tally)| {
            let Tally { mutants, noticed } = tally;
            format!("mutants of {}: {noticed} of {mutants} noticed", sort.words())
        }));
        lines.push(format!(
            "mutation score {} %: of {} mutants {refused} refused by the proof, {noticed} noticed \
             by {} cases with {} choices of switches, {} survived; {equivalent} decide everything \
             alike",
            self.score.percent(),
            self.score.mutants(),
            self.cases,
            self.choices,
            survivors.len(),
        ));
        lines
    }

    /// For programs.
    pub(super) fn object(&self) -> Value {
        let survivors = self.score.survivors.iter();
        let survivors = survivors.map(|(line, what)| json!({ "line": line, "what": what }));
        let sorts = self.score.sorts.iter().map(|(sort, tally)| {
            json!({ "sort": sort.words(), "mutants": tally.mutants, "noticed": tally.noticed })
        });
        json!({
            "sorts": sorts.collect::<Vec<_>>(),
            "mutants": self.score.mutants(),
            "refused": self.score.refused,
            "noticed": self.score.noticed,
            "equivalent": self.score.equivalent,
            "percent": self.score.percent(),
            "cases": self.cases,
            "choices": self.choices,
            "survivors": survivors.collect::<Vec<_>>(),
        })
    }
}
