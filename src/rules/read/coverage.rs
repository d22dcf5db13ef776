//! That no assay is judged twice, and that every table judges something.

use std::collections::{BTreeMap, BTreeSet};

use crate::document;
use crate::domain::Assay;

use super::super::content::{CheckRule, Ignored};
use super::super::question::Judges;
use super::Tables;
use super::checks::Checks;

/// Questions about hepatitis B beside its core antibody, by the tables that may ask them.
const CORE_ONLY: [&str; 2] = ["anti_hbs", "hbv_dna"];

/// Judges the checks among each other.
pub(super) fn judge(checks: &Checks<'_>, ignored: &[Ignored]) {
    judged_once(checks, ignored);
    core_only(checks);
}

/// No assay is judged twice.
fn judged_once(checks: &Checks<'_>, ignored: &[Ignored]) {
    let mut judged: BTreeSet<Assay> = ignored.iter().map(|ignored| ignored.assay).collect();
    for (check, table) in &checks.read {
        let own: BTreeSet<Assay> = check.assays().into_iter().chain(check.confirms).collect();
        for assay in own.intersection(&judged) {
            table.fault(&table.place(), format!("{assay} is judged or ignored elsewhere already"));
        }
        judged.extend(own);
    }
}

/// What makes an exception for core antibody makes none for another marker.
fn core_only(checks: &Checks<'_>) {
    for (check, table) in &checks.read {
        let asks = |row: &super::super::table::Row| {
            row.given.iter().any(|(question, _)| {
                let question = check.table.judges.questions().get(*question);
                question.is_some_and(|question| CORE_ONLY.contains(&question.id))
            })
        };
        let is_marker = check.table.judges == Judges::Marker;
        let of_core = check.assays() == [Assay::AntiHbc];
        if is_marker && !of_core && check.table.rows.iter().any(asks) {
            let name = &check.table.name;
            let message = format!(
                "[table.{name}] asks {}: only a check of anti-hbc alone may be judged so",
                CORE_ONLY.join(" or ")
            );
            table.fault(&table.place(), message);
        }
        exception(check, table, is_marker && check.table.rows.iter().any(asks));
    }
}

/// Anti-HBs is enough above a limit; where nobody asks, no marker has one.
fn exception(check: &CheckRule, table: &document::Table<'_>, asks: bool) {
    if asks && check.limits.is_empty() {
        table.fault(&table.place(), "limits is missing: what anti-HBs must be above");
    }
    if !asks && check.table.judges == Judges::Marker && !check.limits.is_empty() {
        table.fault(&table.place(), "a marker has no limits, but for anti-HBs beside anti-HBc");
    }
}

/// Every table judges something.
pub(super) fn used(
    root: &document::Table<'_>,
    tables: &Tables,
    decide: &BTreeMap<Judges, String>,
    checks: &Checks<'_>,
) {
    if !checks.all {
        return;
    }
    let in_checks = checks.read.iter().flat_map(|(check, _)| {
        let parts = [&check.needs, &check.reagent, &check.run, &check.specimen, &check.pool];
        let parts = parts.into_iter().flatten().chain([&check.table]);
        parts.map(|table| table.name.as_str()).collect::<Vec<_>>()
    });
    let used: BTreeSet<&str> = decide.values().map(String::as_str).chain(in_checks).collect();
    for (name, table) in tables.iter().filter(|(name, _)| !used.contains(name.as_str())) {
        let place = root.table("table").and_then(|all| all.place_of(name));
        if table.is_some() {
            let place = place.unwrap_or_else(|| root.place());
            root.fault(&place, "no check and nothing in [decide] names this table");
        }
    }
}
