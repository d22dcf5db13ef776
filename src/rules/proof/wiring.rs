//! That a set asks for enough, and what it does not ask for.

use std::fmt;

use crate::domain::{Assay, WestgardRule};

use super::super::content::{CheckRule, Content, Need};
use super::super::question::Judges;
use super::example::Tongue;
use super::table::TableProof;

/// Something that a rule set does not demand: no fault, and worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The line of the file, where it is one row's.
    pub line: Option<usize>,
    /// What it does not demand, in words.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Tables that judge the donation as a whole and must be there.
const WHOLE: [Judges; 3] = [Judges::Registration, Judges::Donor, Judges::Process];

/// Why nothing can be decided with a set, whatever its tables say.
pub(super) fn refusals(content: &Content) -> Vec<String> {
    let absent = WHOLE.into_iter().filter(|judges| !content.decide.contains_key(judges));
    let mut found: Vec<String> =
        absent.map(|judges| format!("nothing judges: {}", judges.words()[0])).collect();
    if !content.checks.iter().any(|check| check.required == Need::Yes) {
        found.push("no check is required: everything would be releasable".to_owned());
    }
    for check in content.checks.iter().filter(|check| check.needs.is_none()) {
        let name = &check.name;
        if check.required == Need::Yes || check.rounds > 1 {
            found.push(format!(
                "check {name}: needs is missing: nothing judges whether there are enough results"
            ));
        }
    }
    let unjudged = Assay::ALL.into_iter().filter(|assay| !is_judged(content, *assay));
    found.extend(unjudged.map(|assay| format!("{assay} is in no check and not ignored by name")));
    found
}

fn is_judged(content: &Content, assay: Assay) -> bool {
    let judges = |check: &CheckRule| {
        check.evidence.iter().flatten().any(|known| *known == assay)
            || check.confirms == Some(assay)
    };
    content.checks.iter().any(judges) || content.ignored.iter().any(|known| known.assay == assay)
}

/// What a set does not demand.
pub(super) fn warnings(content: &Content, tables: &[TableProof]) -> Vec<Warning> {
    let mut found: Vec<Warning> = tables.iter().flat_map(passing).collect();
    let mut say = |text: String| found.push(Warning { line: None, text });
    if !content.decide.contains_key(&Judges::Signature) {
        say("a donation that nobody reviewed and signed is released".to_owned());
    }
    if content.without_status_counts {
        say("a result counts for which the analyser sent no status".to_owned());
    }
    for rule in WestgardRule::ALL {
        if !content.warn.contains(&rule) && !content.reject.contains(&rule) {
            say(format!("the control rule {} neither warns nor rejects", rule.id()));
        }
    }
    absent(content, &mut say);
    optional(content, &mut say);
    found
}

/// Adverse answers that pass while everything else is in order.
fn passing(table: &TableProof) -> Vec<Warning> {
    let warning = |passing: &super::Passing| Warning {
        line: Some(passing.line),
        text: format!(
            "[table.{}] lets pass: {}",
            table.name,
            passing.example.words(Tongue::English)
        ),
    };
    table.passing.iter().map(warning).collect()
}

/// Tables that checks are without.
fn absent(content: &Content, say: &mut impl FnMut(String)) {
    type Has = fn(&CheckRule) -> bool;
    let gates: [(&str, Has); 4] = [
        ("the reagent lot of a result is not judged", |check| check.reagent.is_some()),
        ("the controls of a result are not judged", |check| check.run.is_some()),
        ("the specimen of a result is not judged", |check| check.specimen.is_some()),
        ("the group or type on record is not compared", |check| {
            check.history || !matches!(check.table.judges, Judges::Abo | Judges::Rhd)
        }),
    ];
    for (what, has) in gates {
        let without = content.checks.iter().filter(|check| !has(check));
        tell(what, without, say);
    }
    if !content.checks.iter().any(|check| check.pool.is_some()) {
        say("pools are not judged: no check takes one as evidence".to_owned());
    }
}

/// What may stay away.
fn optional(content: &Content, say: &mut impl FnMut(String)) {
    let optional = content.checks.iter().filter(|check| check.required == Need::WhereRun);
    tell("not required, judged where it was run", optional, say);
    let other_kits = content.checks.iter();
    let other_kits = other_kits.filter(|c| c.table.judges == Judges::Marker && !c.same_kit);
    tell("repeats with another kit count", other_kits, say);
    for check in content.checks.iter().filter(|check| !check.not_for.is_empty()) {
        let kinds: Vec<&str> = check.not_for.iter().map(|kind| kind.id()).collect();
        say(format!("{} is not required for {}", check.name, kinds.join(", ")));
    }
    for check in content.checks.iter().filter(|c| c.from.is_some() || c.until.is_some()) {
        say(format!("{} is required only for donations of some days", check.name));
    }
    if !content.ignored.is_empty() {
        let assays: Vec<&str> = content.ignored.iter().map(|known| known.assay.id()).collect();
        say(format!("not judged, whatever it says: {}", assays.join(", ")));
    }
}

fn tell<'c>(what: &str, checks: impl Iterator<Item = &'c CheckRule>, say: &mut impl FnMut(String)) {
    let names: Vec<&str> = checks.map(|check| check.name.as_str()).collect();
    if !names.is_empty() {
        say(format!("{what}: {}", names.join(", ")));
    }
}
