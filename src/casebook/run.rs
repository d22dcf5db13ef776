//! Cases run under a rule set.

use std::collections::BTreeMap;

use crate::domain::{Decision, Facts};
use crate::rules::{RuleSet, decide};

use super::book::{Case, Casebook, From};
use super::{bench::Bench, expected, shipped_baselines, told};

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The case's id.
    pub id: String,
    /// The case in its own words.
    pub given: String,
    /// The line of its file.
    pub line: usize,
    /// The rule set it was run under.
    pub rules: String,
    /// What is not as expected; empty where the case passed.
    pub complaints: Vec<String>,
    /// The facts that were told, and what was decided; `None` where they could not be told.
    pub decided: Option<(Facts, Decision)>,
}

impl Outcome {
    /// Whether everything is as expected.
    pub fn passed(&self) -> bool {
        self.complaints.is_empty()
    }

    /// What follows for the donor, where something was decided.
    pub fn donor(&self) -> Option<&'static str> {
        let (_, decision) = self.decided.as_ref()?;
        Some(expected::consequence(decision).id())
    }
}

/// Runs every case of a file that is of this rule set, with the switches that it asks for.
pub fn run(book: &Casebook, rules: &RuleSet) -> Vec<Outcome> {
    let mut chosen = Chosen { rules, sets: BTreeMap::new() };
    let name = rules.identity().name.clone();
    let of_rules = |case: &&Case| case.rules.is_empty() || case.rules.contains(&name);
    book.cases.iter().filter(of_rules).map(|case| outcome(book, case, &name, &mut chosen)).collect()
}

fn outcome(book: &Casebook, case: &Case, name: &str, chosen: &mut Chosen<'_>) -> Outcome {
    let mut outcome = Outcome {
        id: case.id.clone(),
        given: case.given.clone(),
        line: case.line,
        rules: name.to_owned(),
        complaints: Vec::new(),
        decided: None,
    };
    let mut switches = book.switches.clone();
    switches.extend(case.switches.clone());
    let decided = facts(book, case, name).and_then(|facts| {
        let decision = decide(&facts, chosen.with(&switches)?);
        Ok((facts, decision))
    });
    match decided {
        Ok((facts, decision)) => {
            outcome.complaints = case.expected.complaints(&decision);
            outcome.decided = Some((facts, decision));
        }
        Err(why) => outcome.complaints.push(why),
    }
    outcome
}

/// The facts of a case.
fn facts(book: &Casebook, case: &Case, rules: &str) -> Result<Facts, String> {
    let baselines = shipped_baselines();
    let start = match &book.baseline.from {
        From::Nothing => None,
        From::Named(name) => baselines.get(name),
        From::RuleSet => Some(baselines.get(rules).ok_or_else(|| {
            format!("no baseline is shipped for {rules:?}: say baseline = \"cn\", or tell one")
        })?),
    };
    let mut bench = Bench::new();
    let told = start.into_iter().flatten().chain(&book.baseline.facts).chain(&case.change);
    told.into_iter().try_for_each(|sentence| bench.apply(sentence))?;
    Ok(told::facts(&bench))
}

/// A rule set with the switches that cases ask for, each kind made once.
struct Chosen<'r> {
    rules: &'r RuleSet,
    sets: BTreeMap<BTreeMap<String, String>, Result<RuleSet, String>>,
}

impl Chosen<'_> {
    fn with(&mut self, switches: &BTreeMap<String, String>) -> Result<&RuleSet, String> {
        if switches.is_empty() {
            return Ok(self.rules);
        }
        let rules = self.rules;
        let made = self.sets.entry(switches.clone()).or_insert_with(|| switched(rules, switches));
        made.as_ref().map_err(Clone::clone)
    }
}

fn switched(rules: &RuleSet, switches: &BTreeMap<String, String>) -> Result<RuleSet, String> {
    let text = RuleSet::with_site(rules.text(), switches).map_err(|why| why.to_string())?;
    RuleSet::parse("rule set with the case's switches", &text).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        all.join("; ")
    })
}
