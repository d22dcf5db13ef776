//! The language of rule sets: TOML in the words of a laboratory director, read into
//! [`super::ruleset`]. `config/rules/cn.toml` is its reference.
//!
//! A file is refused whole, with all its faults at once. Beyond shapes it proves that the set is
//! safe to decide with: something is required, no assay is judged twice, none falls through
//! unjudged, and only a quantity can be ignored, because a reactive marker never is.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::document::{self, Fault, Placed, Table};
use crate::domain::{Assay, Measure, UnknownAssay, Verdict};
use crate::limits;

use super::ruleset::{
    CheckRule, Clause, Comparison, Confidence, Content, CorrectionPolicy, GreyRepeatPolicy,
    GroupRule, InitialReactivePolicy, Kind, MarkerPolicy, NonreactiveRepeatsPolicy, QuantityRule,
};

/// Reads a rule set.
///
/// # Errors
/// Every fault of the file at once.
pub(super) fn read(file: &str, text: &str) -> Result<Content, Vec<Fault>> {
    document::read(file, text, content)
}

type Policies = BTreeMap<String, Option<MarkerPolicy>>;

fn content(root: &Table<'_>) -> Option<Content> {
    let name = words(root, "name");
    let version = words(root, "version");
    let dated = needed(root, "dated", root.date("dated"));
    let status = words(root, "status");
    let mut clauses = Vec::new();
    registration(root, &mut clauses);
    let deferred = donor(root, &mut clauses);
    let without_status_counts = results(root, &mut clauses);
    let policies = policies(root);
    let (checks, faultless) = checks(root, &policies);
    let ignored = ignored(root, &mut clauses);
    judged_once(&checks, &ignored);
    if faultless {
        covered(root, &checks, &ignored);
    }
    Some(Content {
        name: name?,
        version: version?,
        dated: dated?.value,
        status: status?,
        deferred: deferred?,
        without_status_counts: without_status_counts?,
        clauses,
        checks: checks.into_iter().map(|(check, _)| check).collect(),
    })
}

fn registration(root: &Table<'_>, into: &mut Vec<Clause>) {
    let Some(table) = root.required_table("registration") else { return };
    into.extend(clauses(&table));
    let required = needed(&table, "required", table.boolean("required"));
    if let Some(Placed { value: false, place }) = required {
        table.fault(&place, "must be true: an unknown donation is never released");
    }
}

fn donor(root: &Table<'_>, into: &mut Vec<Clause>) -> Option<Verdict> {
    let table = root.required_table("donor")?;
    into.extend(clauses(&table));
    choice(&table, "deferred", &[("reject", Verdict::Reject), ("hold", Verdict::Hold)])
}

fn results(root: &Table<'_>, into: &mut Vec<Clause>) -> Option<bool> {
    let table = root.required_table("results")?;
    into.extend(clauses(&table));
    choice(&table, "without_status", &[("counts", true), ("does_not_count", false)])
}

fn policies(root: &Table<'_>) -> Policies {
    let Some(table) = root.table("policy") else { return Policies::new() };
    let names = table.keys();
    let policy = |name: &Placed<String>| table.table(&name.value).and_then(|p| marker_policy(&p));
    names.iter().map(|name| (name.value.clone(), policy(name))).collect()
}

fn marker_policy(table: &Table<'_>) -> Option<MarkerPolicy> {
    use InitialReactivePolicy::{Duplicate, RejectAtOnce};
    use NonreactiveRepeatsPolicy as Repeats;
    let first = [("duplicate", Duplicate), ("reject_at_once", RejectAtOnce)];
    let initial_reactive = choice(table, "initial_reactive", &first);
    let grey_zone = choice(table, "grey_zone", &first);
    let repeats = needed(table, "repeats", table.integer("repeats", 2..=limits::REPEATS_MAX));
    let same_kit = needed(table, "same_kit", table.boolean("same_kit"));
    let grey_repeat = [("rejects", GreyRepeatPolicy::Rejects), ("holds", GreyRepeatPolicy::Holds)];
    let grey_repeat = choice(table, "grey_repeat", &grey_repeat);
    let nonreactive =
        [("passes", Repeats::Passes), ("holds", Repeats::Holds), ("rejects", Repeats::Rejects)];
    let repeats_nonreactive = choice(table, "repeats_nonreactive", &nonreactive);
    let corrected =
        [("rejects", CorrectionPolicy::Rejects), ("duplicate", CorrectionPolicy::Duplicate)];
    let corrected_to_reactive = choice(table, "corrected_to_reactive", &corrected);
    let clauses = clauses(table);
    Some(MarkerPolicy {
        initial_reactive: initial_reactive?,
        grey_zone: grey_zone?,
        repeats: u32::try_from(repeats?.value).ok()?,
        same_kit: same_kit?.value,
        grey_repeat: grey_repeat?,
        repeats_nonreactive: repeats_nonreactive?,
        corrected_to_reactive: corrected_to_reactive?,
        clauses,
    })
}

type CheckTable<'d> = std::rc::Rc<Table<'d>>;

/// The checks, and whether all of them could be read.
fn checks<'d>(root: &Table<'d>, policies: &Policies) -> (Vec<(CheckRule, CheckTable<'d>)>, bool) {
    let tables = root.tables("check");
    let count = tables.len();
    if tables.len() > limits::CHECKS_MAX {
        let message = format!("more than {} checks", limits::CHECKS_MAX);
        root.fault(&root.place(), message);
    }
    let mut names = BTreeSet::new();
    let checks: Vec<_> = tables
        .into_iter()
        .take(limits::CHECKS_MAX)
        .filter_map(|table| {
            let rule = check(&table, policies)?;
            if !names.insert(rule.name.clone()) {
                table.fault(&table.place(), format!("the name {:?} is taken", rule.name));
            }
            Some((rule, table))
        })
        .collect();
    let faultless = checks.len() == count;
    (checks, faultless)
}

fn check(table: &Table<'_>, policies: &Policies) -> Option<CheckRule> {
    let name = words(table, "name");
    let required = needed(table, "required", table.boolean("required"));
    let kind = words(table, "kind");
    let evidence = evidence(table);
    let clauses = clauses(table);
    let kind = match kind?.as_str() {
        "marker" => marker(table, &evidence, policies),
        "quantity" => quantity(table, &evidence),
        "group" => group(table, &evidence),
        other => {
            let message = format!("kind {other:?} is not one of marker, quantity, group");
            table.fault(&table.place(), message);
            None
        }
    };
    let required = required?.value;
    Some(CheckRule { name: name?, required, evidence, kind: kind?, clauses })
}

/// Each text names the assays that are evidence together, joined by `+`.
fn evidence(table: &Table<'_>) -> Vec<Vec<Assay>> {
    let sets = table.strings("evidence");
    if sets.is_empty() {
        table.fault(&table.place(), "evidence must name at least one assay");
    }
    sets.iter()
        .map(|set| set.value.split('+').filter_map(|id| assay(table, set, id.trim())).collect())
        .collect()
}

fn assay(table: &Table<'_>, placed: &Placed<String>, id: &str) -> Option<Assay> {
    let known = id.parse();
    known.map_err(|error: UnknownAssay| table.fault(&placed.place, error.to_string())).ok()
}

fn marker(table: &Table<'_>, evidence: &[Vec<Assay>], policies: &Policies) -> Option<Kind> {
    let name = table.required_string("policy");
    measured(table, evidence, &[Measure::Marker], "a marker");
    let name = name?;
    let Some(policy) = policies.get(&name.value) else {
        table.fault(&name.place, format!("there is no table [policy.{}]", name.value));
        return None;
    };
    policy.clone().map(Kind::Marker)
}

fn quantity(table: &Table<'_>, evidence: &[Vec<Assay>]) -> Option<Kind> {
    measured(table, evidence, &[Measure::Quantity], "a quantity");
    single(table, evidence);
    if evidence.iter().flatten().any(|assay| *assay != Assay::Alt) {
        table.fault(&table.place(), "only alt has a limit and a reason code in this version");
    }
    let signs = [Comparison::Above, Comparison::AtOrAbove].map(|c| (c.sign(), c));
    let unqualified = choice(table, "unqualified", &signs);
    let limit = needed(table, "limit", table.decimal("limit"));
    if let Some(limit) = limit.as_ref().filter(|limit| limit.value <= Decimal::ZERO) {
        table.fault(&limit.place, "must be above zero");
    }
    let limit_dated = needed(table, "limit_dated", table.date("limit_dated"));
    let units: Vec<String> = table.strings("units").into_iter().map(|unit| unit.value).collect();
    if units.is_empty() || units.iter().any(|unit| unit.trim().is_empty()) {
        table.fault(
            &table.place(),
            "units must list the units of the limit: a number alone is no limit",
        );
    }
    Some(Kind::Quantity(QuantityRule {
        unqualified: unqualified?,
        limit: limit?.value,
        units,
        limit_dated: limit_dated?.value,
    }))
}

fn group(table: &Table<'_>, evidence: &[Vec<Assay>]) -> Option<Kind> {
    measured(table, evidence, &[Measure::Abo, Measure::Rhd], "a blood group");
    single(table, evidence);
    let history = [("must_agree", true), ("not_compared", false)];
    let compare_history = choice(table, "history", &history)?;
    Some(Kind::Group(GroupRule { compare_history }))
}

fn measured(table: &Table<'_>, evidence: &[Vec<Assay>], right: &[Measure], words: &str) {
    for assay in evidence.iter().flatten().filter(|assay| !right.contains(&assay.measure())) {
        table.fault(&table.place(), format!("{assay} is not {words}"));
    }
}

fn single(table: &Table<'_>, evidence: &[Vec<Assay>]) {
    if evidence.len() > 1 || evidence.iter().any(|set| set.len() > 1) {
        table.fault(&table.place(), "a check of this kind has one assay");
    }
}

fn ignored(root: &Table<'_>, into: &mut Vec<Clause>) -> Vec<Assay> {
    root.tables("ignore")
        .iter()
        .filter_map(|table| {
            into.extend(clauses(table));
            let id = table.required_string("assay")?;
            let assay = assay(table, &id, &id.value)?;
            if assay.measure() != Measure::Quantity {
                table.fault(&id.place, format!("{assay} may not be ignored, only a quantity may"));
            }
            Some(assay)
        })
        .collect()
}

/// Proves that no assay is judged twice.
fn judged_once(checks: &[(CheckRule, CheckTable<'_>)], ignored: &[Assay]) {
    let mut judged: BTreeSet<Assay> = ignored.iter().copied().collect();
    for (check, table) in checks {
        let own: BTreeSet<Assay> = check.evidence.iter().flatten().copied().collect();
        for assay in own.intersection(&judged) {
            table.fault(&table.place(), format!("{assay} is judged or ignored elsewhere already"));
        }
        judged.extend(own);
    }
}

/// Proves that something is required, and that no assay falls through unjudged.
fn covered(root: &Table<'_>, checks: &[(CheckRule, CheckTable<'_>)], ignored: &[Assay]) {
    if !checks.iter().any(|(check, _)| check.required) {
        root.fault(&root.place(), "no check is required: everything would be releasable");
    }
    let judged =
        |assay| checks.iter().any(|(c, _)| c.evidence.iter().flatten().any(|a| *a == assay));
    for assay in Assay::ALL.into_iter().filter(|assay| !judged(*assay) && !ignored.contains(assay))
    {
        root.fault(&root.place(), format!("{assay} is in no check and not ignored by name"));
    }
}

fn clauses(table: &Table<'_>) -> Vec<Clause> {
    let tables = table.tables("clause");
    if tables.is_empty() {
        table.fault(&table.place(), "has no clause: say what it rests on");
    }
    tables.iter().filter_map(|clause| read_clause(clause)).collect()
}

fn read_clause(table: &Table<'_>) -> Option<Clause> {
    let text = words(table, "text");
    let source = words(table, "source");
    let confidence = choice(
        table,
        "confidence",
        &[
            ("V", Confidence::Verified),
            ("S", Confidence::Secondary),
            ("G", Confidence::General),
            ("D", Confidence::Design),
        ],
    );
    Some(Clause { text: text?, source: source?, confidence: confidence? })
}

/// A text that must be there and say something.
fn words(table: &Table<'_>, key: &str) -> Option<String> {
    let text = table.required_string(key)?;
    if text.value.trim().is_empty() {
        table.fault(&text.place, "is empty");
        return None;
    }
    Some(text.value.trim().to_owned())
}

/// A value that must be there.
fn needed<T>(table: &Table<'_>, key: &str, value: Option<T>) -> Option<T> {
    if value.is_none() && !table.has(key) {
        table.fault(&table.place(), format!("{key} is missing"));
    }
    value
}

/// One of a few words that must be there.
fn choice<T: Copy>(table: &Table<'_>, key: &str, known: &[(&str, T)]) -> Option<T> {
    let word = table.required_string(key)?;
    let found = known.iter().find(|(id, _)| *id == word.value).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
        let message = format!("{:?} is not one of {}", word.value, known.join(", "));
        table.fault(&word.place, message);
    }
    found
}
