//! Would a wrong rule set be noticed? A set is made wrong in one place at a time, in every place,
//! and each such mutant is given to the proof and to the case files.
//!
//! A mutant that decides no combination of answers otherwise is no mutant: it is recognised by going
//! through all of them, and counted apart. One that neither the proof nor a case notices survives,
//! and is told with its line: somebody could make that mistake and ship it.

mod checks;
mod rows;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::content::Content;
use super::proof;
use super::rule_set::RuleSet;

/// A rule set made wrong in one place.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What was done to it.
    pub what: String,
    /// The line of the row, where it is one row's.
    pub line: Option<usize>,
    content: Content,
    /// The table that says something else.
    table: Option<String>,
    /// Whether it decides nothing otherwise.
    is_same: bool,
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// The proof refuses it.
    Refused,
    /// A case comes out otherwise.
    Noticed,
    /// Nobody noticed.
    Survived,
    /// It decides every combination like the set itself.
    Equivalent,
}

/// What became of all mutants of a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Refused by the proof.
    pub refused: usize,
    /// Noticed by a case.
    pub noticed: usize,
    /// No mutants at all.
    pub equivalent: usize,
    /// Those that nobody noticed: line, where it is one row's, and what was done.
    pub survivors: Vec<(Option<usize>, String)>,
}

impl Score {
    /// Mutants that decide something otherwise.
    pub fn mutants(&self) -> usize {
        self.refused + self.noticed + self.survivors.len()
    }

    /// Those of them that were noticed, in hundredths, rounded down: 100 says that all were.
    pub fn percent(&self) -> usize {
        let noticed = self.refused + self.noticed;
        (noticed * 100).checked_div(self.mutants()).unwrap_or(100)
    }
}

/// Every mutant of a rule set.
pub fn mutants(rules: &RuleSet) -> Vec<Mutant> {
    let content = rules.content();
    let mut found = rows::mutants(content);
    found.extend(checks::mutants(content));
    found
}

/// What becomes of a mutant of this set; `notices` says whether a case comes out otherwise with it.
pub fn fate(rules: &RuleSet, mutant: &Mutant, notices: impl FnOnce(&RuleSet) -> bool) -> Fate {
    if mutant.is_same {
        return Fate::Equivalent;
    }
    if proof::refuses(&mutant.content, mutant.table.as_deref()) {
        return Fate::Refused;
    }
    match notices(&rules.saying(mutant.content.clone())) {
        true => Fate::Noticed,
        false => Fate::Survived,
    }
}

/// A rule set with one choice of its switches, and who notices that it is wrong.
pub struct Run<'r> {
    /// The rule set.
    pub rules: &'r RuleSet,
    /// Whether a case comes out otherwise with this one.
    pub notices: &'r dyn Fn(&RuleSet) -> bool,
}

/// What becomes of every mutant of a set, tried with each of these choices of its switches until one
/// notices it: rows that one choice takes away are mutants of another. `progress` is told how many
/// trials of how many are done.
pub fn score(runs: &[Run<'_>], mut progress: impl FnMut(usize, usize)) -> Score {
    let trials: Vec<(&Run<'_>, Mutant)> =
        runs.iter().flat_map(|run| mutants(run.rules).into_iter().map(move |m| (run, m))).collect();
    let mut fates: BTreeMap<(Option<usize>, String), Fate> = BTreeMap::new();
    for (done, (run, mutant)) in trials.iter().enumerate() {
        let known = fates.entry((mutant.line, mutant.what.clone()));
        match known {
            Entry::Vacant(new) => {
                new.insert(fate(run.rules, mutant, run.notices));
            }
            Entry::Occupied(mut known) if !known.get().is_noticed() => {
                let fate = fate(run.rules, mutant, run.notices);
                if fate != Fate::Equivalent {
                    known.insert(fate);
                }
            }
            Entry::Occupied(_) => {}
        }
        progress(done + 1, trials.len());
    }
    let mut score = Score::default();
    for (mutant, fate) in fates {
        match fate {
            Fate::Refused => score.refused += 1,
            Fate::Noticed => score.noticed += 1,
            Fate::Equivalent => score.equivalent += 1,
            Fate::Survived => score.survivors.push(mutant),
        }
    }
    score
}

impl Fate {
    const fn is_noticed(self) -> bool {
        matches!(self, Fate::Refused | Fate::Noticed)
    }
}

#[cfg(test)]
mod tests;
