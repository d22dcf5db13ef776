//! The donation as a whole: registered, specimen and number in order, donor, review and signature,
//! the way of release. What people put on record is read in the order of the records.

use crate::domain::{DonorRecord, Facts, Lookback, ReviewStep, RuleSetStanding, Statement};

use super::casefile::CaseFile;
use super::docket::{About, Docket};
use super::place::{Place, place};
use super::question::Judges;
use super::table::Answers;

/// Name of the check that inventory has registered the donation.
const REGISTERED: &str = "registered";
/// Name of the check that the donor is not deferred.
const NOT_DEFERRED: &str = "donor-not-deferred";
/// Name of the check that results were reviewed and signed.
const SIGNED: &str = "reviewed-and-signed";
/// Name of the check that the donation goes the way of this program.
const PROCESS: &str = "process";

/// Judges registration and donor.
pub(super) fn judge(case: &CaseFile<'_>, docket: &mut Docket) {
    table(case, registration(case), REGISTERED, docket);
    table(case, donor(case), NOT_DEFERRED, docket);
    table(case, process(case.facts), PROCESS, docket);
}

/// Judges review and signature, when everything else has spoken: what is not complete cannot be
/// signed yet.
pub(super) fn judge_signature(case: &CaseFile<'_>, docket: &mut Docket) {
    table(case, signature(case), SIGNED, docket);
}

fn table(case: &CaseFile<'_>, answers: Answers, name: &str, docket: &mut Docket) {
    let Some(table) = case.rules.table(answers.judges()) else { return };
    let about = About { subject: subject(&answers), ..About::default() };
    if docket.judge(table, &answers, &about) {
        docket.pass(name, Vec::new());
    }
}

/// What is missing where it is no result.
fn subject(answers: &Answers) -> Option<&'static str> {
    let not_received = place!(Registration, "sample", "not_received");
    (answers.judges() == Judges::Registration && answers.has(not_received)).then_some("SAMPLE")
}

fn registration(case: &CaseFile<'_>) -> Answers {
    let said = |wanted: &Statement| {
        case.facts.statements.iter().rposition(|said| said.statement == *wanted)
    };
    let registered = if case.registration.is_some() {
        place!(Registration, "registered", "yes")
    } else {
        place!(Registration, "registered", "no")
    };
    let results = if case.has_results() {
        place!(Registration, "results", "some")
    } else {
        place!(Registration, "results", "none")
    };
    let number = if said(&Statement::NumberCheckFailed).is_some() {
        place!(Registration, "number", "check_failed")
    } else {
        place!(Registration, "number", "verified")
    };
    let sample = if said(&Statement::SampleNotReceived) > said(&Statement::SampleReceived) {
        place!(Registration, "sample", "not_received")
    } else {
        place!(Registration, "sample", "received")
    };
    Answers::of(Judges::Registration).put(registered).put(results).put(number).put(sample)
}

fn donor(case: &CaseFile<'_>) -> Answers {
    let said_deferred =
        || case.facts.statements.iter().any(|said| said.statement == Statement::Deferred);
    let deferral = if case.donor().is_some_and(|donor| donor.deferred) || said_deferred() {
        place!(Donor, "deferral", "deferred")
    } else {
        place!(Donor, "deferral", "none")
    };
    let mut record = place!(Donor, "record", "clear");
    let mut identity = place!(Donor, "identity", "one");
    let mut is_reactive = false;
    for said in &case.facts.statements {
        let Statement::DonorRecord(said) = said.statement else { continue };
        match said {
            DonorRecord::Flagged if is_reactive => {}
            DonorRecord::Flagged => record = place!(Donor, "record", "flagged"),
            DonorRecord::PriorReactive => record = place!(Donor, "record", "prior_reactive"),
            DonorRecord::Reinstated | DonorRecord::Requalified => {
                record = place!(Donor, "record", "reinstated");
            }
            DonorRecord::Merged => identity = place!(Donor, "identity", "merged"),
        }
        is_reactive = match said {
            DonorRecord::PriorReactive => true,
            DonorRecord::Reinstated | DonorRecord::Requalified => false,
            DonorRecord::Flagged | DonorRecord::Merged => is_reactive,
        };
    }
    Answers::of(Judges::Donor).put(deferral).put(record).put(identity)
}

fn signature(case: &CaseFile<'_>) -> Answers {
    let steps = case.facts.statements.iter().filter_map(|said| {
        let Statement::Signature(step) = said.statement else { return None };
        Some((step, said))
    });
    let is_last = |after: i64| case.last_result.is_none_or(|last| after >= last);
    let (mut testers, mut reviewers, mut signers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut was_reviewed, mut was_signed) = (false, false);
    for (step, said) in steps {
        let is_last = is_last(said.after_observation);
        match step {
            ReviewStep::Tested => testers.push(said.by.as_str()),
            ReviewStep::Reviewed => {
                was_reviewed = true;
                reviewers.extend(is_last.then_some(said.by.as_str()));
            }
            ReviewStep::Signed => {
                was_signed = true;
                signers.extend(is_last.then_some(said.by.as_str()));
            }
        }
    }
    let signed = if !(was_reviewed && was_signed) {
        place!(Signature, "signed", "missing")
    } else if reviewers.is_empty() || signers.is_empty() {
        place!(Signature, "signed", "outdated")
    } else {
        place!(Signature, "signed", "complete")
    };
    Answers::of(Judges::Signature).put(signed).put(people(&testers, &reviewers, &signers))
}

/// Different, where one person reviewed and another one signed, and neither ran the tests.
fn people(testers: &[&str], reviewers: &[&str], signers: &[&str]) -> Place {
    let apart = |person: &&&str| !testers.contains(*person);
    let two = reviewers
        .iter()
        .filter(apart)
        .any(|reviewer| signers.iter().filter(apart).any(|signer| signer != reviewer));
    if two || reviewers.is_empty() || signers.is_empty() {
        place!(Signature, "people", "different")
    } else {
        place!(Signature, "people", "same")
    }
}

fn process(facts: &Facts) -> Answers {
    let mut lookback = place!(Process, "lookback", "none");
    let mut path = place!(Process, "path", "program");
    for said in &facts.statements {
        match said.statement {
            Statement::Lookback(Lookback::Open) => lookback = place!(Process, "lookback", "open"),
            Statement::Lookback(Lookback::Overdue) => {
                lookback = place!(Process, "lookback", "overdue");
            }
            Statement::Lookback(Lookback::Closed) => lookback = place!(Process, "lookback", "none"),
            Statement::ManualPath => path = place!(Process, "path", "manual"),
            Statement::Details(_)
            | Statement::Deferred
            | Statement::DonorRecord(_)
            | Statement::EarlierOccasion(_)
            | Statement::Supplemental(..)
            | Statement::Signature(_)
            | Statement::SampleNotReceived
            | Statement::SampleReceived
            | Statement::NumberCheckFailed
            | Statement::Container(_)
            | Statement::Reevaluated(_)
            | Statement::Placed(_)
            | Statement::TakenOut(_)
            | Statement::RackInDoubt(_)
            | Statement::RackSettled(_)
            | Statement::MessageJudged(_)
            | Statement::Proposed(_)
            | Statement::Agreed(_)
            | Statement::TurnedDown(_) => {}
        }
    }
    let rule_set = match facts.rule_set {
        RuleSetStanding::Unchanged => place!(Process, "rule_set", "unchanged"),
        RuleSetStanding::Changed => place!(Process, "rule_set", "changed"),
    };
    Answers::of(Judges::Process).put(lookback).put(path).put(rule_set)
}
