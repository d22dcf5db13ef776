//! The one function that concludes: every contribution is asked for, the worst wins.

use crate::domain::{Decision, Facts, ReasonCode, ResultStatus, Verdict};

use super::accord::Accord;
use super::casefile::CaseFile;
use super::content::CheckRule;
use super::docket::{About, Docket};
use super::question::Judges;
use super::rule_set::RuleSet;
use super::table::Answers;
use super::trace::{self, Derivation};
use super::{donation, group, integrity, marker, quantity, rack, wording};

/// Name of the check that everything that names the donation was understood.
const UNDERSTOOD: &str = "everything-understood";

/// Concludes from the facts of one donation. Pure: the same facts and rule set give the same
/// decision, byte for byte, for ever.
pub fn decide(facts: &Facts, rules: &RuleSet) -> Decision {
    let accord = Accord::of(facts);
    let seen = accord.corrected(facts);
    let mut docket = Docket::new(&accord.amendments);
    weigh(&CaseFile::new(&seen, rules, &accord), &mut docket);
    keep_donor_events(facts, &accord, rules, &mut docket);
    docket.conclude(facts.release, &corrections(facts))
}

/// The same decision, and how it came about.
pub fn derive(facts: &Facts, rules: &RuleSet) -> Derivation {
    let accord = Accord::of(facts);
    let seen = accord.corrected(facts);
    let case = CaseFile::new(&seen, rules, &accord);
    let mut docket = Docket::new(&accord.amendments).noting();
    weigh(&case, &mut docket);
    keep_donor_events(facts, &accord, rules, &mut docket);
    let mut rulings = trace::of_results(&case);
    rulings.extend(std::mem::take(&mut docket.trace).into_rulings());
    let checks = rules.checks().iter().map(|check| (check.name.clone(), case.needs(check)));
    let checks = checks.collect();
    let pacts = trace::pacts(facts, &accord, docket.lifted());
    let decision = docket.conclude(facts.release, &corrections(facts));
    Derivation { decision, checks, rulings, pacts }
}

fn weigh(case: &CaseFile<'_>, docket: &mut Docket) {
    integrity::judge(case, docket);
    unread(case, docket);
    sightings(case.facts, docket);
    rack::judge(case, docket);
    if docket.against() == 0 {
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
    case.accord.tell(case.facts, docket);
}

/// What followed for the donor from a registration as it was stands, whatever was corrected in it.
fn keep_donor_events(facts: &Facts, accord: &Accord<'_>, rules: &RuleSet, docket: &mut Docket) {
    if accord.corrections.is_empty() {
        return;
    }
    let mut before = Docket::new(&accord.amendments);
    weigh(&CaseFile::new(facts, rules, accord), &mut before);
    docket.keep_donor_events(before);
}

/// What two people judged keeps nothing back by itself any more.
fn unread(case: &CaseFile<'_>, docket: &mut Docket) {
    let messages = |cut_short: bool| -> Vec<i64> {
        let open = case.facts.unread.iter().filter(|one| !case.accord.is_judged(one.message));
        let such = open.filter(|unread| unread.cut_short == cut_short);
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
/// A check of which a reason was amended was looked at by two people.
fn demand_evidence(case: &CaseFile<'_>, docket: &mut Docket) {
    if !docket.is_clear() {
        return;
    }
    for check in case.rules.checks().iter().filter(|check| case.needs(check)) {
        let looked_at = check.assays().into_iter().chain(check.confirms).collect::<Vec<_>>();
        if !docket.has_passed(&check.name) && !docket.was_amended(&looked_at) {
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
