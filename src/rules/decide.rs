//! The one function that concludes: every contribution is asked for, the worst wins.

use crate::domain::{Action, Assay, Decision, Facts, ReasonCode, Registration, Verdict};

use super::determination::{Determination, determinations};
use super::docket::Docket;
use super::ruleset::{CheckRule, Kind, RuleSet};
use super::{group, integrity, marker, quantity, wording};

/// Name of the check that inventory has registered the donation.
const REGISTERED: &str = "registered";
/// Name of the check that the donor is not deferred.
const NOT_DEFERRED: &str = "donor-not-deferred";
/// Name of the check that everything that names the donation was understood.
const UNDERSTOOD: &str = "everything-understood";

/// Concludes from the facts of one donation. Pure: the same facts and rule set give the same
/// decision, byte for byte, for ever.
pub fn decide(facts: &Facts, rules: &RuleSet) -> Decision {
    let mut docket = Docket::default();
    integrity::judge(facts, &mut docket);
    unread(facts, &mut docket);
    sightings(facts, &mut docket);
    if docket.is_clear() {
        docket.pass(UNDERSTOOD, Vec::new());
    }
    donation(facts, rules, &mut docket);
    for check in rules.checks() {
        judge(check, facts, rules, &mut docket);
    }
    demand_evidence(rules, &mut docket);
    docket.conclude(facts.release)
}

fn unread(facts: &Facts, docket: &mut Docket) {
    let messages = |cut_short: bool| -> Vec<i64> {
        let such = facts.unread.iter().filter(|unread| unread.cut_short == cut_short);
        such.map(|unread| unread.message).collect()
    };
    let (cut, unreadable) = (messages(true), messages(false));
    if !unreadable.is_empty() {
        let found = wording::messages(&unreadable);
        let text = format!("what names this donation could not be read ({found})");
        docket.unread(unreadable, text);
    }
    if !cut.is_empty() {
        let found = wording::messages(&cut);
        let text = format!(
            "a transfer that names this donation was cut short ({found}): it must be sent again"
        );
        docket.await_resending(cut, text);
    }
}

/// A tube is not at two places at once: one of them holds another tube with this number.
fn sightings(facts: &Facts, docket: &mut Docket) {
    let Some(first) = facts.sightings.first() else { return };
    let messages: Vec<i64> = facts.sightings.iter().map(|sighting| sighting.message).collect();
    let found = wording::messages(&messages);
    docket.two_places(messages, format!("{} ({found})", first.text));
}

/// What inventory says of the donation and its donor.
fn donation(facts: &Facts, rules: &RuleSet, docket: &mut Docket) {
    let Some(registration) = registration(facts) else {
        let text = "inventory has not registered this donation".to_owned();
        docket.reason(ReasonCode::NotRegistered, Verdict::Pending, None, Vec::new(), text);
        let text = "register the donation".to_owned();
        return docket.step(Action::Register, None, 0, text);
    };
    docket.pass(REGISTERED, Vec::new());
    if registration.donor.deferred {
        let text = "the donor was deferred when the donation was registered".to_owned();
        docket.reason(ReasonCode::DonorDeferred, rules.deferred(), None, Vec::new(), text);
        return;
    }
    docket.pass(NOT_DEFERRED, Vec::new());
}

/// A registration of this donation; one of another is none.
fn registration(facts: &Facts) -> Option<&Registration> {
    facts.registration.as_ref().filter(|registration| registration.din == facts.din)
}

/// Every assay of the check that was run must pass, and one set of evidence must be complete.
fn judge(check: &CheckRule, facts: &Facts, rules: &RuleSet, docket: &mut Docket) {
    let mut course = Vec::new();
    for assay in assays(check) {
        let results = determinations(facts, assay, rules.without_status_counts());
        if !results.is_empty() {
            course.push((assay, judge_assay(assay, &results, check, facts, docket)));
        }
    }
    let missing = missing(check, &course);
    let evidence: Option<Vec<i64>> = course
        .iter()
        .map(|(_, ids)| ids.as_deref())
        .collect::<Option<Vec<_>>>()
        .map(|ids| ids.concat());
    match evidence {
        Some(ids) if missing.is_empty() && !ids.is_empty() => docket.pass(&check.name, ids),
        Some(_) | None if check.required => ask_for(check, &missing, docket),
        Some(_) | None => {}
    }
}

fn judge_assay(
    assay: Assay,
    results: &[Determination<'_>],
    check: &CheckRule,
    facts: &Facts,
    docket: &mut Docket,
) -> Option<Vec<i64>> {
    match &check.kind {
        Kind::Marker(policy) => marker::judge(assay, results, policy, docket),
        Kind::Quantity(rule) => quantity::judge(assay, results, rule, docket),
        Kind::Group(rule) => group::judge(assay, results, *rule, facts, docket),
    }
}

/// The assays of a check, each once, in the order of the file.
fn assays(check: &CheckRule) -> Vec<Assay> {
    let mut found = Vec::new();
    for assay in check.evidence.iter().flatten() {
        if !found.contains(assay) {
            found.push(*assay);
        }
    }
    found
}

type Judged = (Assay, Option<Vec<i64>>);

/// What the evidence that is nearest to complete still lacks: assays of which nothing is on
/// record. Nothing, where one set is on record as a whole.
fn missing(check: &CheckRule, course: &[Judged]) -> Vec<Assay> {
    let has_run = |assay: &Assay| course.iter().any(|(run, _)| run == assay);
    let lacking = |set: &Vec<Assay>| -> Vec<Assay> {
        set.iter().copied().filter(|assay| !has_run(assay)).collect()
    };
    let sets = || check.evidence.iter();
    if let Some(complete) = sets().map(lacking).find(Vec::is_empty) {
        return complete;
    }
    let begun = sets().rev().max_by_key(|set| set.iter().filter(|a| has_run(a)).count());
    begun.map(lacking).unwrap_or_default()
}

fn ask_for(check: &CheckRule, missing: &[Assay], docket: &mut Docket) {
    for assay in missing {
        let label = wording::label(*assay);
        let text = format!("{label}: no result on record (check {})", check.name);
        docket.reason(ReasonCode::Missing, Verdict::Pending, Some(*assay), Vec::new(), text);
        docket.step(Action::Test, Some(*assay), 1, format!("{label}: test"));
    }
}

/// The last gate: what was not proved to have passed is missing, even if nothing spoke against it.
fn demand_evidence(rules: &RuleSet, docket: &mut Docket) {
    if !docket.is_clear() {
        return;
    }
    for check in rules.checks().iter().filter(|check| check.required) {
        if !docket.has_passed(&check.name) {
            let text = format!("check {} has not passed", check.name);
            let assay = check.evidence.iter().flatten().next().copied();
            docket.reason(ReasonCode::Missing, Verdict::Pending, assay, Vec::new(), text);
        }
    }
}
