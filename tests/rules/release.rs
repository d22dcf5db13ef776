//! What a release needs, and what happens after one.

use hemogate::domain::{
    Action, Assay, Facts, Reading, ReasonCode as Code, ReleaseHistory, Statement, Verdict,
};
use hemogate::rules::{Need, decide};

use crate::case::{Bench, Case, REQUIRED, RESULTS, din, good, marker, short};

#[test]
fn an_empty_case_file_is_pending_and_asks_for_everything() {
    let decision = decide(&Facts::new(din()), &RESULTS);
    assert_eq!(decision.verdict, Verdict::Pending);
    assert_eq!(decision.reasons[0].code, Code::NotRegistered);
    let missing: Vec<Assay> = decision
        .reasons
        .iter()
        .filter(|reason| reason.code == Code::Missing)
        .filter_map(|reason| reason.assay)
        .collect();
    assert_eq!(missing, REQUIRED);
    let steps: Vec<Action> = decision.next_steps.iter().map(|step| step.action).collect();
    assert_eq!(steps.iter().filter(|action| **action == Action::Test).count(), 8);
    assert!(steps.contains(&Action::Register));
}

#[test]
fn all_results_without_a_registration_are_pending() {
    let mut case = Case::baseline();
    case.facts.registration = None;
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::NotRegistered]));
    let mut foreign = Case::baseline();
    let other = hemogate::domain::DonationNumber::restored("G123417654321".to_owned());
    foreign.facts.registration.as_mut().unwrap().din = other;
    assert_eq!(short(&foreign.decide()), (Verdict::Pending, vec![Code::NotRegistered]));
}

#[test]
fn a_release_says_all_ok_alone_and_proves_every_required_check() {
    let decision = Case::baseline().decide();
    assert_eq!(short(&decision), (Verdict::Releasable, vec![Code::AllOk]));
    assert!(decision.next_steps.is_empty());
    for check in RESULTS.checks().iter().filter(|check| check.required == Need::Yes) {
        let passed = decision.passed.iter().find(|passed| passed.name == check.name).unwrap();
        assert!(!passed.observations.is_empty(), "{}", check.name);
    }
    for name in ["registered", "donor-not-deferred", "everything-understood"] {
        assert!(decision.passed.iter().any(|passed| passed.name == name), "{name}");
    }
    assert_eq!(decision.reasons[0].observations, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_deferred_donor_rejects() {
    let case = Case::baseline().deferred();
    assert_eq!(short(&case.decide()), (Verdict::Reject, vec![Code::DonorDeferred]));
    let later = Case::baseline().said("clerk", Statement::Deferred).decide();
    assert_eq!(short(&later), (Verdict::Reject, vec![Code::DonorDeferred]));
}

#[test]
fn an_unread_message_blocks_and_is_named() {
    let decision = Case::baseline().unread().decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::UnprocessedMessage]));
    assert_eq!(decision.reasons[0].messages, [77]);
}

#[test]
fn what_was_released_and_is_found_wanting_is_recalled() {
    let released = |case: Case| case.history(ReleaseHistory::Released).decide();
    assert_eq!(short(&released(Case::baseline())), (Verdict::Releasable, vec![Code::AllOk]));
    let worse = [
        (Case::baseline().unread(), Code::UnprocessedMessage),
        (Case::baseline().deferred(), Code::DonorDeferred),
        (Case::baseline().with(marker(Assay::Htlv, Reading::Reactive)), Code::InitialReactive),
        (Case::baseline().with(good(Assay::Hiv).not_understood()), Code::Unaccounted),
    ];
    for (case, cause) in worse {
        let decision = released(case);
        assert_eq!(short(&decision), (Verdict::Recalled, vec![Code::Recalled, cause]));
        assert!(decision.next_steps.iter().any(|step| step.action == Action::Review));
    }
}

#[test]
fn a_transfer_cut_short_blocks_a_release_but_does_not_recall_it() {
    let released = |case: Case| case.history(ReleaseHistory::Released).decide();
    let decision = released(Case::baseline().cut());
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::UnprocessedMessage]));
    assert_eq!(decision.reasons[0].messages, [78]);
    assert!(decision.reasons[0].text.contains("sent again"), "{}", decision.reasons[0].text);
    for worse in [Case::baseline().cut().unread(), Case::baseline().cut().without(Assay::Tp)] {
        assert_eq!(released(worse).verdict, Verdict::Recalled);
    }
    let recalled = Case::baseline().cut().history(ReleaseHistory::Recalled).decide();
    assert_eq!(recalled.verdict, Verdict::Recalled);
}

#[test]
fn a_recall_names_everything_behind_it() {
    let case = Case::baseline().with(marker(Assay::Htlv, Reading::Reactive));
    let htlv = case.last();
    let case = case.with(good(Assay::Hiv).not_understood()).unread();
    let hiv = case.last();
    let decision = case.history(ReleaseHistory::Released).decide();
    let recall = &decision.reasons[0];
    assert_eq!(recall.code, Code::Recalled);
    assert_eq!((&recall.observations[..], &recall.messages[..]), (&[htlv, hiv][..], &[77][..]));
}

#[test]
fn a_recalled_donation_stays_recalled() {
    let decision = Case::baseline().history(ReleaseHistory::Recalled).decide();
    assert_eq!(short(&decision), (Verdict::Recalled, vec![Code::Recalled]));
    let decision = Case::registered().history(ReleaseHistory::Recalled).decide();
    assert_eq!(decision.verdict, Verdict::Recalled);
}

#[test]
fn reasons_stand_worst_first() {
    let decision = Case::baseline()
        .without(Assay::Tp)
        .deferred()
        .with(good(Assay::Htlv).concern("ALARM", hemogate::domain::Effect::Holds))
        .history(ReleaseHistory::Released)
        .decide();
    let codes = [Code::Recalled, Code::DonorDeferred, Code::ResultFlagged, Code::Missing];
    assert_eq!(short(&decision), (Verdict::Recalled, codes.to_vec()));
}
