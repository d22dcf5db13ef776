//! What is still to be run of what a decision asks for, as far as somebody can run it.
//!
//! Refuses work for a donation that is decided for ever, whose donor is deferred, or whose tube
//! was seen at two places: then only a person can go on.

use std::collections::BTreeSet;

use crate::domain::{Action, Assay, Decision, Facts, RecordedObservation, Statement, Verdict};

use super::accord;
use super::content::CheckRule;
use super::rule_set::RuleSet;

/// An assay that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<'f> {
    /// The assay.
    pub assay: Assay,
    /// Why: for the first time, again, or in duplicate.
    pub action: Action,
    /// How many determinations.
    pub count: u32,
    /// The result that is to be repeated with its own kit.
    pub repeats: Option<&'f RecordedObservation>,
    /// Results with whose kits it is not to be run: another round wants another kit.
    pub beside: Vec<&'f RecordedObservation>,
}

/// What somebody who can run certain assays should run, given what was decided from these facts.
pub fn wanted<'f>(
    facts: &'f Facts,
    decision: &Decision,
    rules: &RuleSet,
    runs: &BTreeSet<Assay>,
) -> Vec<Wanted<'f>> {
    if is_settled(facts, decision) {
        return Vec::new();
    }
    let mut wanted = steps(facts, decision, rules);
    for check in rules.checks() {
        wanted.extend(instead(check, facts, &wanted, runs));
    }
    wanted.retain(|wanted| runs.contains(&wanted.assay));
    wanted
}

/// Whether no analyser can do anything for the donation.
fn is_settled(facts: &Facts, decision: &Decision) -> bool {
    let closed = match decision.verdict {
        Verdict::Releasable | Verdict::Reject | Verdict::Recalled => true,
        Verdict::Pending | Verdict::Hold => false,
    };
    let registration = &accord::corrected(facts).registration;
    let deferred = registration.as_ref().is_none_or(|known| known.donor.deferred)
        || facts.statements.iter().any(|said| said.statement == Statement::Deferred);
    closed || deferred || !facts.sightings.is_empty()
}

fn steps<'f>(facts: &'f Facts, decision: &Decision, rules: &RuleSet) -> Vec<Wanted<'f>> {
    let find = |id: i64| facts.observations.iter().find(|recorded| recorded.id == id);
    let mut wanted = Vec::new();
    for step in &decision.next_steps {
        let is_run = match step.action {
            Action::Test | Action::TestAgain | Action::RepeatInDuplicate | Action::TestSingly => {
                true
            }
            Action::Review
            | Action::Register
            | Action::RunControls
            | Action::PutOnRecord
            | Action::NewSpecimen
            | Action::Sign
            | Action::Confirm
            | Action::IdentifyTubes => false,
        };
        if let (true, Some(assay)) = (is_run, step.assay) {
            let (action, count) = (step.action, step.count);
            let beside = beside(facts, assay, action, rules);
            let repeats = step.repeats.and_then(find);
            wanted.push(Wanted { assay, action, count, repeats, beside });
        }
    }
    wanted
}

/// The results of the rounds before, where a first test of an assay is one more round.
fn beside<'f>(
    facts: &'f Facts,
    assay: Assay,
    action: Action,
    rules: &RuleSet,
) -> Vec<&'f RecordedObservation> {
    let has_rounds = |check: &CheckRule| {
        check.rounds > 1 && check.evidence.iter().flatten().any(|known| *known == assay)
    };
    if action != Action::Test || !rules.checks().iter().any(has_rounds) {
        return Vec::new();
    }
    facts.observations.iter().filter(|seen| seen.observation.assay == Some(assay)).collect()
}

/// A decision asks for the first of several sets of evidence. Where nothing of the check was begun
/// and nothing of that set can be run here, the first set that can be run as a whole will do.
fn instead<'f>(
    check: &CheckRule,
    facts: &Facts,
    wanted: &[Wanted<'f>],
    runs: &BTreeSet<Assay>,
) -> Vec<Wanted<'f>> {
    let of_check = |assay: Assay| check.evidence.iter().any(|set| set.contains(&assay));
    let asked: Vec<Assay> =
        wanted.iter().map(|wanted| wanted.assay).filter(|assay| of_check(*assay)).collect();
    let mut on_record = facts.observations.iter().filter_map(|o| o.observation.assay);
    if asked.is_empty() || asked.iter().any(|assay| runs.contains(assay)) || on_record.any(of_check)
    {
        return Vec::new();
    }
    let whole = check.evidence.iter().find(|set| set.iter().all(|assay| runs.contains(assay)));
    let test = |assay: &Assay| {
        let (action, count, repeats) = (Action::Test, 1, None);
        Wanted { assay: *assay, action, count, repeats, beside: Vec::new() }
    };
    whole.into_iter().flatten().map(test).collect()
}
