//! Two rule sets beside each other: which answers change verdict, how many and which, and what else
//! they say differently.
//!
//! Tables are compared where they judge the same: registration with registration, the table of
//! check `hbsag` with the table of check `hbsag`. All combinations of answers are gone through.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Verdict;

use super::content::{CheckRule, Limit, Need};
use super::proof::Tongue;
use super::proof::pair::Pair;
use super::question::Judges;
use super::rule_set::RuleSet;
use super::table::{Answers, Table};

/// How two rule sets differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Tables that decide something otherwise.
    pub tables: Vec<TableDiff>,
    /// Everything else that differs, by what it is: name, before, after (`None`: not there).
    pub values: Vec<ValueDiff>,
}

/// How two tables that judge the same differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDiff {
    /// Names of the tables, before and after.
    pub names: (String, String),
    /// What they judge.
    pub judges: Judges,
    /// The checks that they judge so; empty where it is the donation as a whole.
    pub checks: Vec<String>,
    /// Combinations that facts can give.
    pub combinations: usize,
    /// Those that are judged otherwise.
    pub changes: Vec<Change>,
}

/// Combinations that change from one verdict to another; to the same, where reasons, labels, next
/// steps or consequences for the donor differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The verdict before; none is a gap.
    pub from: Option<Verdict>,
    /// The verdict after.
    pub to: Option<Verdict>,
    /// How many combinations.
    pub combinations: usize,
    /// The plainest of them.
    pub example: Answers,
    /// The reason codes there before.
    pub before: Vec<&'static str>,
    /// The reason codes there after.
    pub after: Vec<&'static str>,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueDiff {
    /// What it is, e.g. `check alt: limits`.
    pub what: String,
    /// Before; none where it is not there.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
}

impl Diff {
    /// Whether nothing differs that decides.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.values.is_empty()
    }
}

impl TableDiff {
    /// Combinations that are judged otherwise.
    pub fn changed(&self) -> usize {
        self.changes.iter().map(|change| change.combinations).sum()
    }
}

impl Change {
    /// The example in laboratory words.
    pub fn words(&self, tongue: Tongue) -> String {
        self.example.words(tongue)
    }
}

/// How `after` differs from `before`.
pub fn diff(before: &RuleSet, after: &RuleSet) -> Diff {
    let mut diff = Diff::default();
    let mut pairs = Pairs::default();
    for judges in Judges::ALL {
        match (before.table(judges), after.table(judges)) {
            (Some(old), Some(new)) => pairs.add(old, new, None),
            (None, None) => {}
            (old, new) => {
                let name = |table: Option<&Table>| table.map(|table| table.name.clone());
                let what = format!("judged as a whole: {}", judges.id());
                diff.values.push(ValueDiff { what, before: name(old), after: name(new) });
            }
        }
    }
    checks(before, after, &mut pairs, &mut diff);
    whole(before, after, &mut diff);
    diff.tables = pairs.differing();
    diff
}

/// Tables that judge the same, each pair once.
#[derive(Default)]
struct Pairs<'r> {
    found: BTreeMap<(&'r str, &'r str), (&'r Table, &'r Table, Vec<String>)>,
}

impl<'r> Pairs<'r> {
    fn add(&mut self, old: &'r Table, new: &'r Table, check: Option<&str>) {
        if old.judges != new.judges {
            return;
        }
        let pair = self.found.entry((&old.name, &new.name));
        let (_, _, checks) = pair.or_insert_with(|| (old, new, Vec::new()));
        checks.extend(check.map(str::to_owned));
    }

    fn differing(self) -> Vec<TableDiff> {
        let pairs = self.found.into_values();
        let diffs = pairs.filter_map(|(old, new, checks)| {
            let (combinations, changes) = compare(old, new);
            let names = (old.name.clone(), new.name.clone());
            let judges = old.judges;
            let differ = !changes.is_empty();
            differ.then_some(TableDiff { names, judges, checks, combinations, changes })
        });
        diffs.collect()
    }
}

fn compare(old: &Table, new: &Table) -> (usize, Vec<Change>) {
    let pair = Pair::new(old, new);
    let mut changes: BTreeMap<(Option<Verdict>, Option<Verdict>), Change> = BTreeMap::new();
    let mut combinations = 0;
    for (own, its, same) in pair.walk() {
        combinations += 1;
        if same {
            continue;
        }
        let example = pair.answers(own.index);
        let change = changes.entry((own.verdict, its.verdict)).or_insert_with(|| Change {
            from: own.verdict,
            to: its.verdict,
            combinations: 0,
            example,
            before: codes(old, &example),
            after: codes(new, &example),
        });
        change.combinations += 1;
        if example.weight() < change.example.weight() {
            change.example = example;
            (change.before, change.after) = (codes(old, &example), codes(new, &example));
        }
    }
    (combinations, changes.into_values().collect())
}

fn codes(table: &Table, answers: &Answers) -> Vec<&'static str> {
    let codes: BTreeSet<_> = table.deciding(answers).filter_map(|row| row.then.code).collect();
    codes.into_iter().map(|code| code.id()).collect()
}

fn checks<'r>(before: &'r RuleSet, after: &'r RuleSet, pairs: &mut Pairs<'r>, diff: &mut Diff) {
    let names = |rules: &'r RuleSet| rules.checks().iter().map(|check| check.name.as_str());
    let find = |rules: &'r RuleSet, name: &str| rules.checks().iter().find(|c| c.name == name);
    let all: BTreeSet<&str> = names(before).chain(names(after)).collect();
    for name in all {
        match (find(before, name), find(after, name)) {
            (Some(old), Some(new)) => check(old, new, pairs, diff),
            (old, new) => {
                let say = |check: Option<&CheckRule>| check.map(summary);
                let what = format!("check {name}");
                diff.values.push(ValueDiff { what, before: say(old), after: say(new) });
            }
        }
    }
}

fn summary(check: &CheckRule) -> String {
    let table = check.table.judges.id();
    format!("{}, {table}, {}", need(check.required), evidence(check))
}

fn need(need: Need) -> &'static str {
    match need {
        Need::Yes => "required",
        Need::WhereRun => "not required",
    }
}

fn evidence(check: &CheckRule) -> String {
    let sets = check.evidence.iter().map(|set| {
        let ids: Vec<&str> = set.iter().map(|assay| assay.id()).collect();
        ids.join(" + ")
    });
    sets.collect::<Vec<_>>().join(" or ")
}

fn check<'r>(old: &'r CheckRule, new: &'r CheckRule, pairs: &mut Pairs<'r>, diff: &mut Diff) {
    let old_tables: BTreeMap<Judges, &Table> = old.tables().collect();
    let new_tables: BTreeMap<Judges, &Table> = new.tables().collect();
    for judges in Judges::ALL {
        match (old_tables.get(&judges), new_tables.get(&judges)) {
            (Some(own), Some(its)) => pairs.add(own, its, Some(&old.name)),
            (None, None) => {}
            (own, its) => {
                let name = |table: Option<&&Table>| table.map(|table| table.name.clone());
                let what = format!("check {}: {} table", old.name, judges.id());
                diff.values.push(ValueDiff { what, before: name(own), after: name(its) });
            }
        }
    }
    let mut say = |what: &str, before: String, after: String| {
        if before != after {
            let what = format!("check {}: {what}", old.name);
            diff.values.push(ValueDiff { what, before: Some(before), after: Some(after) });
        }
    };
    for (what, value) in values() {
        say(what, value(old), value(new));
    }
}

type Value = fn(&CheckRule) -> String;

/// What a check says beside its tables.
fn values() -> [(&'static str, Value); 12] {
    [
        ("required", |check| need(check.required).to_owned()),
        ("not for", |check| {
            let kinds: Vec<&str> = check.not_for.iter().map(|kind| kind.id()).collect();
            kinds.join(", ")
        }),
        ("from", |check| day(check.from)),
        ("until", |check| day(check.until)),
        ("evidence", evidence),
        ("rounds", |check| check.rounds.to_string()),
        ("repeats", |check| check.repeats.to_string()),
        ("same kit", |check| check.same_kit.to_string()),
        ("discriminatory", |check| {
            let ids: Vec<&str> = check.discriminatory.iter().map(|assay| assay.id()).collect();
            ids.join(", ")
        }),
        ("limits", |check| check.limits.iter().map(limit).collect::<Vec<_>>().join("; ")),
        ("determinations", |check| {
            let wanted = check.determinations;
            format!("{} first, {} repeat", wanted.first, wanted.repeat)
        }),
        ("history and confirmation", |check| {
            let confirms = check.confirms.map_or("none", |assay| assay.id());
            let history = if check.history { "must agree" } else { "not compared" };
            format!("{history}, {confirms}")
        }),
    ]
}

fn day(day: Option<jiff::civil::Date>) -> String {
    day.map_or_else(|| "-".to_owned(), |day| day.to_string())
}

fn limit(limit: &Limit) -> String {
    let or_equal = if limit.or_equal { "=" } else { "" };
    let mut said = vec![format!("from {}", limit.from)];
    said.extend(limit.sex.map(|sex| sex.id().to_owned()));
    said.extend(limit.kinds.iter().map(|kind| kind.id().to_owned()));
    said.extend(limit.above.map(|number| format!(">{or_equal} {number}")));
    said.extend(limit.below.map(|number| format!("<{or_equal} {number}")));
    said.push(limit.units.join("/"));
    said.extend(limit.within_months.map(|months| format!("within {months} months")));
    said.join(" ")
}

/// What is said for the whole set.
fn whole(before: &RuleSet, after: &RuleSet, diff: &mut Diff) {
    let mut say = |what: String, before: Option<String>, after: Option<String>| {
        if before != after {
            diff.values.push(ValueDiff { what, before, after });
        }
    };
    let rules = |rules: &[crate::domain::WestgardRule]| {
        let mut ids: Vec<&str> = rules.iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        Some(ids.join(", "))
    };
    say("control rules that warn".to_owned(), rules(before.warn()), rules(after.warn()));
    say("control rules that reject".to_owned(), rules(before.reject()), rules(after.reject()));
    let counts = |rules: &RuleSet| Some(rules.without_status_counts().to_string());
    say("a result without status counts".to_owned(), counts(before), counts(after));
    let ignored = |rules: &RuleSet| {
        let ids: BTreeSet<&str> = rules.ignored().iter().map(|known| known.assay.id()).collect();
        Some(ids.into_iter().collect::<Vec<_>>().join(", "))
    };
    say("not judged".to_owned(), ignored(before), ignored(after));
    let names: BTreeSet<&String> =
        before.switches().keys().chain(after.switches().keys()).collect();
    for name in names {
        let value = |rules: &RuleSet| rules.switches().get(name).map(|switch| switch.value.clone());
        say(format!("switch {name}"), value(before), value(after));
    }
}

#[cfg(test)]
mod tests;
