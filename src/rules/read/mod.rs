//! The language of rule sets: TOML in the words of a laboratory director, read into
//! [`super::content`]. `config/rules/cn.toml` is its reference.
//!
//! A file is refused whole, with all its faults at once. Beyond shapes it is checked here that
//! nothing it names is absent and nothing it has is unused, that no assay is judged twice, and that
//! only a quantity can be ignored, because a reactive marker never is. Whether it asks for enough,
//! and whether its tables are safe to decide with, is shown afterwards ([`super::proof`]).

mod checks;
mod coverage;
mod known;
mod quantities;
mod rows;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::{self, Fault};
use crate::domain::{Assay, Measure, WestgardRule};
use crate::limits;

use super::content::{Content, Ignored};
use super::question::Judges;
use super::table::Table;
use known::Known;
pub(super) use words::is_word;
use words::{choice, named, needed, words};

/// Tables by name; one that could not be read is there all the same.
type Tables = BTreeMap<String, Option<Arc<Table>>>;

/// Reads a rule set.
///
/// # Errors
/// Every fault of the file at once.
pub(super) fn read(file: &str, text: &str) -> Result<Content, Vec<Fault>> {
    document::read(file, text, |root| content(root, None))
}

/// The keys that are asked for in this text.
pub(super) fn asked(text: &str) -> BTreeSet<String> {
    document::asked_keys(text, |root| drop(content(root, None)))
}

/// Reads a rule set as it is with this choice of this switch.
///
/// # Errors
/// Every fault of the file at once.
pub(super) fn read_choosing(
    file: &str,
    text: &str,
    switch: &str,
    choice: &str,
) -> Result<Content, Vec<Fault>> {
    document::read(file, text, |root| content(root, Some((switch, choice))))
}

/// The tables that judge the donation as a whole; whether a set can be without.
const WHOLE: [(Judges, bool); 4] = [
    (Judges::Registration, true),
    (Judges::Donor, true),
    (Judges::Signature, false),
    (Judges::Process, true),
];

fn content(root: &document::Table<'_>, choice: Option<(&str, &str)>) -> Option<Content> {
    let name = words(root, "name");
    let version = words(root, "version");
    let dated = needed(root, "dated", root.date("dated"));
    let status = words(root, "status");
    let known = Known::read(root, choice);
    let without_status = without_status(root, &known);
    let westgard = westgard(root, &known);
    let tables = rows::tables(root, &known);
    let decide = whole(root, &tables);
    let checks = checks::read(root, &known, &tables);
    let ignored = ignored(root, &known);
    coverage::judge(&checks, &ignored);
    coverage::used(root, &tables, &decide, &checks);
    known.judge_use();
    let (without_status_counts, without_status_clause) = without_status?;
    let (warn, reject, westgard_clause) = westgard?;
    let tables = tables.into_iter().map(|(name, table)| Some((name, table?)));
    Some(Content {
        name: name?,
        version: version?,
        dated: dated?.value,
        status: status?,
        without_status_counts,
        without_status_clause,
        warn,
        reject,
        westgard_clause,
        tables: tables.collect::<Option<_>>()?,
        decide,
        checks: checks.whole()?,
        ignored,
        clauses: known.clauses,
        switches: known.switches,
    })
}

fn without_status(root: &document::Table<'_>, known: &Known) -> Option<(bool, String)> {
    let table = root.required_table("results")?;
    let counts = choice(&table, "without_status", &[("counts", true), ("does_not_count", false)]);
    let clause = known.clause(&table, "by");
    Some((counts?, clause?))
}

type Westgard = (Vec<WestgardRule>, Vec<WestgardRule>, String);

fn westgard(root: &document::Table<'_>, known: &Known) -> Option<Westgard> {
    let table = root.required_table("westgard")?;
    let warn = named(&table, "warn", WestgardRule::from_id, &WestgardRule::ALL.map(|r| r.id()));
    let reject = named(&table, "reject", WestgardRule::from_id, &WestgardRule::ALL.map(|r| r.id()));
    for rule in warn.iter().filter(|rule| reject.contains(rule)) {
        table.fault(&table.place(), format!("{} cannot both warn and reject", rule.id()));
    }
    Some((warn, reject, known.clause(&table, "by")?))
}

/// The tables that judge the donation as a whole.
fn whole(root: &document::Table<'_>, tables: &Tables) -> BTreeMap<Judges, String> {
    let mut decide = BTreeMap::new();
    let Some(table) = root.required_table("decide") else { return decide };
    for (judges, must) in WHOLE {
        if must && !table.has(judges.id()) {
            table.fault(
                &table.place(),
                format!("{} is missing: {}", judges.id(), judges.words()[0]),
            );
        }
        if let Some(name) = words::table_name(&table, judges.id(), &[judges], tables) {
            decide.insert(judges, name);
        }
    }
    decide
}

fn ignored(root: &document::Table<'_>, known: &Known) -> Vec<Ignored> {
    let ignored = |table: &document::Table<'_>| {
        let clause = known.clause(table, "by");
        let id = table.required_string("assay")?;
        let assay = words::assay(table, &id.place, &id.value)?;
        if assay.measure() != Measure::Quantity {
            table.fault(&id.place, format!("{assay} may not be ignored, only a quantity may"));
        }
        Some(Ignored { assay, clause: clause? })
    };
    let tables = root.tables("ignore");
    if tables.len() > Assay::ALL.len() {
        root.fault(&root.place(), format!("more than {} assays are ignored", Assay::ALL.len()));
    }
    tables.iter().take(Assay::ALL.len()).filter_map(|table| ignored(table)).collect()
}

/// How many of something there are, where there may be only so many.
fn bounded(root: &document::Table<'_>, count: usize, most: usize, what: &str) {
    if count > most {
        root.fault(&root.place(), format!("more than {most} {what}"));
    }
}

/// The rounds, repeats and determinations that a check may want.
const COUNT: std::ops::RangeInclusive<i64> = 1..=limits::REPEATS_MAX;

#[cfg(test)]
pub(super) mod tests;
