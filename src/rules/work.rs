//! What is still to be run of what a decision asks for, as far as somebody can run it.
//!
//! Refuses work for a donation that is decided for ever, whose donor is deferred, or whose tube
//! was seen at two places: then only a person can go on.

use std::collections::BTreeSet;

use crate::domain::{Action, Assay, Decision, Facts, RecordedObservation, Verdict};

use super::content::CheckRule;
use super::rule_set::RuleSet;

/// An assay that is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'f> {
    /// The assay.
    pub assay: Assay,
    /// Why: for the first time, again, or in duplicate.
    pub action: Action,
    /// How many determinations.
    pub count: u32,
    /// The result that is to be repeated with its own kit.
    pub repeats: Option<&'f RecordedObservation>,
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
    let mut wanted = steps(facts, decision);
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
    let deferred = facts.registration.as_ref().is_none_or(|known| known.donor.deferred);
    closed || deferred || !facts.sightings.is_empty()
}

fn steps<'f>(facts: &'f Facts, decision: &Decision) -> Vec<Wanted<'f>> {
    let find = |id: i64| facts.observations.iter().find(|recorded| recorded.id == id);
    let mut wanted = Vec::new();
    for step in &decision.next_steps {
        let is_run = match step.action {
            Action::Test | Action::TestAgain | Action::RepeatInDuplicate => true,
            Action::Review
            | Action::Register
            | Action::TestSingly
            | Action::RunControls
            | Action::PutOnRecord
            | Action::NewSpecimen
            | Action::Sign
            | Action::Confirm => false,
        };
        if let (true, Some(assay)) = (is_run, step.assay) {
            let (action, count) = (step.action, step.count);
            wanted.push(Wanted { assay, action, count, repeats: step.repeats.and_then(find) });
        }
    }
    wanted
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
    let test =
        |assay: &Assay| Wanted { assay: *assay, action: Action::Test, count: 1, repeats: None };
    whole.into_iter().flatten().map(test).collect()
}
