//! The one function that concludes: every contribution is asked for, the worst wins.

use crate::domain::{Decision, Facts, ReasonCode, ResultStatus, Verdict};

use super::casefile::CaseFile;
use super::content::CheckRule;
use super::docket::{About, Docket};
use super::question::Judges;
use super::rule_set::RuleSet;
use super::table::Answers;
use super::trace::{self, Derivation};
use super::{donation, group, integrity, marker, quantity, wording};

/// Name of the check that everything that names the donation was understood.
const UNDERSTOOD: &str = "everything-understood";

/// Concludes from the facts of one donation. Pure: the same facts and rule set give the same
/// decision, byte for byte, for ever.
pub fn decide(facts: &Facts, rules: &RuleSet) -> Decision {
    let case = CaseFile::new(facts, rules);
    let mut docket = Docket::default();
    weigh(&case, &mut docket);
    docket.conclude(facts.release, &corrections(facts))
}

/// The same decision, and how it came about.
pub fn derive(facts: &Facts, rules: &RuleSet) -> Derivation {
    let case = CaseFile::new(facts, rules);
    let mut docket = Docket::noting();
    weigh(&case, &mut docket);
    let mut rulings = trace::of_results(&case);
    rulings.extend(std::mem::take(&mut docket.trace).into_rulings());
    let checks = rules.checks().iter().map(|check| (check.name.clone(), case.needs(check)));
    let checks = checks.collect();
    let decision = docket.conclude(facts.release, &corrections(facts));
    Derivation { decision, checks, rulings }
}

fn weigh(case: &CaseFile<'_>, docket: &mut Docket) {
    let facts = case.facts;
    integrity::judge(facts, docket);
    unread(facts, docket);
    sightings(facts, docket);
    if docket.is_clear() {
        docket.pass(UNDERSTOOD, Vec::new());
    }
    donation::judge(case, docket);
    for check in case.rules.checks() {
        docket.trace.enter(Some(&check.name));
        judge(case, check, docket);
    }
    docket.trace.enter(None);
    demand_evidence(case, docket);
    donation::judge_signature(case, docket);
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

/// Everything on record that speaks of a check.
fn judge(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
    match check.table.judges {
        Judges::Marker => marker::judge(case, check, docket),
        Judges::Label => marker::label(case, check, docket),
        Judges::Quantity => quantity::judge(case, check, docket),
        Judges::Abo => group::abo(case, check, docket),
        Judges::Rhd => group::rhd(case, check, docket),
        other @ (Judges::Registration
        | Judges::Donor
        | Judges::Signature
        | Judges::Process
        | Judges::Reagent
        | Judges::Run
        | Judges::Specimen
        | Judges::Rounds
        | Judges::Pool) => docket.gap(&check.table, &Answers::of(other), &About::default()),
    }
}

/// The last gate: what was not proved to have passed is missing, even if nothing spoke against it.
fn demand_evidence(case: &CaseFile<'_>, docket: &mut Docket) {
    if !docket.is_clear() {
        return;
    }
    for check in case.rules.checks().iter().filter(|check| case.needs(check)) {
        if !docket.has_passed(&check.name) {
            let text = format!("check {} has not passed", check.name);
            let assay = check.evidence.iter().flatten().next().copied();
            docket.reason(ReasonCode::Missing, Verdict::Pending, assay, Vec::new(), text);
            docket.review(assay);
        }
    }
}

/// Results that correct others, of the donation and of its pools.
fn corrections(facts: &Facts) -> Vec<i64> {
    let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
    let all = facts.observations.iter().chain(pooled);
    let corrections = all.filter(|seen| seen.observation.status == Some(ResultStatus::Corrected));
    corrections.map(|seen| seen.id).collect()
}
