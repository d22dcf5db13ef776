//! Whether the analysers deliver what the rule set asks for, and the rule set judges what they
//! deliver. None of it is a fault, because all of it errs on the safe side: what nobody delivers
//! leaves donations pending. But somebody wanted it otherwise.

use std::collections::BTreeSet;

use super::AnalyserConfig;
use crate::document::Table;
use crate::domain::Assay;
use crate::rules::{CheckRule, Need, RuleSet};

/// What an administrator should know, each with the place to look at.
pub(super) fn remarks(
    root: &Table<'_>,
    rules: &RuleSet,
    analysers: &[AnalyserConfig],
) -> Vec<String> {
    if analysers.is_empty() {
        return Vec::new();
    }
    let delivered: BTreeSet<Assay> =
        analysers.iter().flat_map(|line| line.analyser.reports()).collect();
    let mut remarks = undelivered(root, rules, &delivered);
    remarks.extend(unjudged(root, rules, analysers));
    remarks
}

fn undelivered(root: &Table<'_>, rules: &RuleSet, delivered: &BTreeSet<Assay>) -> Vec<String> {
    let Some(table) = root.table("rules") else { return Vec::new() };
    let place = table.string("file").map_or(table.place(), |file| file.place);
    let lacking = |check: &&CheckRule| {
        let complete = |set: &Vec<Assay>| set.iter().all(|assay| delivered.contains(assay));
        check.required == Need::Yes && !check.evidence.iter().any(complete)
    };
    let told = rules.checks().iter().filter(lacking).map(|check| {
        let name = &check.name;
        let sets: Vec<String> = check.evidence.iter().map(|set| together(set)).collect();
        let message = format!(
            "the check {name} is required, and no analyser here reports {}: every donation stays \
             pending. Name the code in [analyser.tests] of the analyser that runs it",
            sets.join(" or ")
        );
        table.told(&place, message).to_string()
    });
    told.collect()
}

fn together(assays: &[Assay]) -> String {
    assays.iter().map(|assay| assay.id()).collect::<Vec<_>>().join(" and ")
}

fn unjudged(root: &Table<'_>, rules: &RuleSet, analysers: &[AnalyserConfig]) -> Vec<String> {
    let tables = root.tables("analyser");
    let judged: BTreeSet<Assay> = rules.checks().iter().flat_map(CheckRule::looks_at).collect();
    let mut told = Vec::new();
    for (table, line) in tables.iter().zip(analysers) {
        for assay in line.analyser.reports().iter().filter(|assay| !judged.contains(assay)) {
            let (set, id) = (&rules.identity().name, line.analyser.id());
            let message = format!(
                "{id} reports {assay}, which no check of the rule set {set} uses: its results are \
                 on record and judge nothing"
            );
            told.push(table.told(&table.place(), message).to_string());
        }
    }
    told
}
