//! Cases run under a rule set.

use std::collections::{BTreeMap, BTreeSet};

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

/// A case with its facts told, to be decided under rule sets of one name: the sentences are not
/// read again for each.
#[derive(Debug)]
pub struct Told<'b> {
    case: &'b Case,
    facts: Result<Facts, String>,
}

impl Told<'_> {
    /// Whether everything is decided as expected.
    pub fn holds(&self, rules: &RuleSet) -> bool {
        let decided = self.facts.as_ref().map(|facts| decide(facts, rules));
        decided.is_ok_and(|decision| self.case.expected.complaints(&decision).is_empty())
    }

    /// What becomes of the case under this rule set, as it is.
    pub fn outcome(&self, rules: &RuleSet) -> Outcome {
        let decided = self.facts.clone().map(|facts| {
            let decision = decide(&facts, rules);
            (facts, decision)
        });
        let (complaints, decided) = match decided {
            Ok((facts, decision)) => {
                (self.case.expected.complaints(&decision), Some((facts, decision)))
            }
            Err(why) => (vec![why], None),
        };
        self.with(rules.identity().name.clone(), complaints, decided)
    }

    fn refused(&self, rules: &RuleSet, why: String) -> Outcome {
        self.with(rules.identity().name.clone(), vec![why], None)
    }

    fn with(
        &self,
        rules: String,
        complaints: Vec<String>,
        decided: Option<(Facts, Decision)>,
    ) -> Outcome {
        let (id, given) = (self.case.id.clone(), self.case.given.clone());
        Outcome { id, given, line: self.case.line, rules, complaints, decided }
    }
}

impl Casebook {
    /// The switches that its cases of the rule set of this name ask for, each kind once; the empty
    /// one where a case takes the set as it is.
    pub fn switch_sets(&self, rules: &str) -> BTreeSet<BTreeMap<String, String>> {
        self.of(rules).map(|case| self.switches_of(case)).collect()
    }

    /// The cases of the rule set of this name that ask for exactly these switches, told.
    pub fn told(&self, rules: &str, switches: &BTreeMap<String, String>) -> Vec<Told<'_>> {
        let asking = self.of(rules).filter(|case| self.switches_of(case) == *switches);
        asking.map(|case| Told { case, facts: facts(self, case, rules) }).collect()
    }

    fn of(&self, rules: &str) -> impl Iterator<Item = &Case> {
        let is_of = move |case: &&Case| {
            case.rules.is_empty() || case.rules.iter().any(|name| name == rules)
        };
        self.cases.iter().filter(is_of)
    }

    fn switches_of(&self, case: &Case) -> BTreeMap<String, String> {
        let mut switches = self.switches.clone();
        switches.extend(case.switches.clone());
        switches
    }
}

/// Runs every case of a file that is of this rule set, with the switches that it asks for.
pub fn run(book: &Casebook, rules: &RuleSet) -> Vec<Outcome> {
    let name = rules.identity().name.as_str();
    let mut outcomes = Vec::new();
    for switches in book.switch_sets(name) {
        let told = book.told(name, &switches);
        if switches.is_empty() {
            outcomes.extend(told.iter().map(|told| told.outcome(rules)));
            continue;
        }
        match switched(rules, &switches) {
            Ok(chosen) => outcomes.extend(told.iter().map(|told| told.outcome(&chosen))),
            Err(why) => outcomes.extend(told.iter().map(|told| told.refused(rules, why.clone()))),
        }
    }
    outcomes.sort_by_key(|outcome| outcome.line);
    outcomes
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

/// A rule set with the choices that cases ask for.
///
/// # Errors
/// The set has no such switch or choice, or with it no longer stands the proof; in words.
pub fn switched(rules: &RuleSet, switches: &BTreeMap<String, String>) -> Result<RuleSet, String> {
    let text = RuleSet::with_site(rules.text(), switches).map_err(|why| why.to_string())?;
    RuleSet::parse("rule set with the case's switches", &text).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        all.join("; ")
    })
}
