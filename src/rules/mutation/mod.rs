//! Would a wrong rule set be noticed? A set is made wrong in one place at a time, in every place,
//! and each such mutant is given to the proof and to the case files.
//!
//! A mutant that decides no combination of answers otherwise is no mutant: it is recognised by going
//! through all of them, and counted apart. One that neither the proof nor a case notices survives,
//! and is told with its line: somebody could make that mistake and ship it.

mod checks;
mod rows;

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

/// What becomes of every mutant of this set; `progress` is told how many of how many are done.
pub fn score(
    rules: &RuleSet,
    notices: impl Fn(&RuleSet) -> bool,
    mut progress: impl FnMut(usize, usize),
) -> Score {
    let mutants = mutants(rules);
    let mut score = Score::default();
    for (done, mutant) in mutants.iter().enumerate() {
        match fate(rules, mutant, &notices) {
            Fate::Refused => score.refused += 1,
            Fate::Noticed => score.noticed += 1,
            Fate::Equivalent => score.equivalent += 1,
            Fate::Survived => score.survivors.push((mutant.line, mutant.what.clone())),
        }
        progress(done + 1, mutants.len());
    }
    score
}

#[cfg(test)]
mod tests;
