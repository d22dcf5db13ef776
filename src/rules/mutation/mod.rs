//! Would a wrong rule set be noticed? A set is made wrong in one place at a time, in every place,
//! and each such mutant is given to the proof and to the case files.
//!
//! A mutant that decides no combination of answers otherwise is no mutant: it is recognised by
//! going through all of them, but for answers that no check of the set can be given (a number above
//! where nothing has an upper limit), and counted apart. One that neither the proof nor a case
//! notices survives, and is told with its line: somebody could make that mistake and ship it.

mod checks;
mod reach;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::content::{CheckRule, Content};
use super::proof;
use super::rule_set::RuleSet;
use super::table::Table;

/// A rule set made wrong in one place.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What was done to it.
    pub what: String,
    /// The line of the row, where it is one row's.
    pub line: Option<usize>,
    /// What sort of mistake it is.
    pub sort: Sort,
    wrong: Wrong,
}

/// What sort of mistake a mutant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// A row dropped, or its verdict weakened.
    Row,
    /// A condition of a row widened or dropped.
    Condition,
    /// A row's reason, label, next step or consequence for the donor changed.
    Said,
    /// Something beside rows: what is required, limits, tables that are not asked.
    Wiring,
}

impl Sort {
    /// Every sort.
    pub const ALL: [Sort; 4] = [Sort::Row, Sort::Condition, Sort::Said, Sort::Wiring];

    /// What is wrong, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Sort::Row => "rows dropped or weakened",
            Sort::Condition => "conditions widened or dropped",
            Sort::Said => "reasons, steps, labels, consequences changed",
            Sort::Wiring => "requirements, limits, controls, gates taken away",
        }
    }
}

/// How many mutants there are of a sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that decide something otherwise.
    pub mutants: usize,
    /// Those of them that were noticed, by the proof or by a case.
    pub noticed: usize,
}

/// What it says otherwise.
#[derive(Clone, Debug)]
enum Wrong {
    Table(Arc<Table>),
    /// The check at this place; none where it is dropped.
    Check(usize, Option<Box<CheckRule>>),
    /// Something said for the whole set.
    Whole(checks::Whole),
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It decides every combination like the set itself.
    Equivalent,
    /// Nobody noticed.
    Survived,
    /// A case comes out otherwise.
    Noticed,
    /// The proof refuses it.
    Refused,
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
    /// The same by sort.
    pub sorts: BTreeMap<Sort, Tally>,
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
    if mutant.is_equivalent(rules.content()) {
        return Fate::Equivalent;
    }
    let content = mutant.content(rules.content());
    if proof::refuses(&content, mutant.table()) {
        return Fate::Refused;
    }
    match notices(&rules.saying(content)) {
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

/// What becomes of every mutant of a set, tried with each of these choices of its switches until
/// one notices it: rows that one choice takes away are mutants of another. `progress` is told after
/// each mutant how many of how many are done with the choice at hand.
pub fn score(runs: &[Run<'_>], mut progress: impl FnMut(usize, usize)) -> Score {
    let mut fates: BTreeMap<(Option<usize>, String), (Sort, Fate)> = BTreeMap::new();
    for run in runs {
        let mutants = mutants(run.rules);
        for (done, mutant) in mutants.iter().enumerate() {
            let known = fates.entry((mutant.line, mutant.what.clone()));
            let (_, known) = known.or_insert((mutant.sort, Fate::Equivalent));
            if *known <= Fate::Survived {
                *known = fate(run.rules, mutant, run.notices).max(*known);
            }
            progress(done + 1, mutants.len());
        }
    }
    let sorts = Sort::ALL.map(|sort| (sort, Tally::default()));
    let mut score = Score { sorts: BTreeMap::from(sorts), ..Score::default() };
    for (mutant, (sort, fate)) in fates {
        let tally = score.sorts.entry(sort).or_default();
        tally.mutants += usize::from(fate != Fate::Equivalent);
        tally.noticed += usize::from(fate > Fate::Survived);
        match fate {
            Fate::Refused => score.refused += 1,
            Fate::Noticed => score.noticed += 1,
            Fate::Equivalent => score.equivalent += 1,
            Fate::Survived => score.survivors.push(mutant),
        }
    }
    score
}

impl Mutant {
    /// The name of the table that says something else.
    fn table(&self) -> Option<&str> {
        match &self.wrong {
            Wrong::Table(table) => Some(&table.name),
            Wrong::Check(..) | Wrong::Whole(_) => None,
        }
    }

    fn is_equivalent(&self, right: &Content) -> bool {
        match &self.wrong {
            Wrong::Table(table) => {
                let own = right.tables.get(&table.name);
                own.is_some_and(|own| rows::decide_alike(right, own, table))
            }
            Wrong::Check(..) | Wrong::Whole(_) => false,
        }
    }

    /// What it says.
    fn content(&self, right: &Content) -> Content {
        let mut content = right.clone();
        match &self.wrong {
            Wrong::Table(table) => content.put_table(Arc::clone(table)),
            Wrong::Check(at, None) if *at < content.checks.len() => {
                drop(content.checks.remove(*at))
            }
            Wrong::Check(at, check) => {
                let own = content.checks.get_mut(*at).zip(check.as_deref());
                own.into_iter().for_each(|(own, wrong)| own.clone_from(wrong));
            }
            Wrong::Whole(wrong) => wrong.apply(&mut content),
        }
        content
    }
}

#[cfg(test)]
mod tests;
