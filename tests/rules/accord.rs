//! What two people agree on counts as they looked at it, and not a step further.

use hemogate::domain::{
    AboGroup, AmendedReason, Assay, Correction, Decision, Donor, DonorKind, Ground, Grounds,
    Judgement, Label, Matter, MessageJudged, Proposal, Reading, Reason, ReasonCode as Code,
    ReleaseHistory, ReviewStep, RhdType, Statement, Supplemental, Verdict,
};
use hemogate::rules::{self, PactStanding, are_two, can_be_amended};

use crate::case::{Bench, CN, Case, RESULTS, good, marker, result, short};

pub fn grounds(text: &str) -> Grounds {
    Grounds { ground: Ground::MedicalDecision, text: text.to_owned() }
}

pub fn proposed(matter: Matter) -> Statement {
    Statement::Proposed(Proposal { matter, grounds: grounds("looked at"), version: 1 })
}

/// Every reason of a decision, as it was looked at.
pub fn amendment(decision: &Decision) -> Matter {
    Matter::Amendment(decision.reasons.iter().map(as_seen).collect())
}

fn as_seen(reason: &Reason) -> AmendedReason {
    AmendedReason {
        code: reason.code,
        assay: reason.assay,
        subject: reason.subject.clone(),
        observations: reason.observations.clone(),
        messages: reason.messages.clone(),
    }
}

impl Case {
    /// What the next record's number will be.
    pub fn next_record(&self) -> i64 {
        self.facts.statements.len() as i64 + 1
    }

    /// Somebody proposes to amend everything that stands against the donation now.
    pub fn amend(self, by: &str) -> Case {
        let matter = amendment(&self.decide());
        self.said(by, proposed(matter))
    }

    /// Somebody agrees to the latest record.
    pub fn agreed(self, by: &str) -> Case {
        let number = self.next_record() - 1;
        self.said(by, Statement::Agreed(number))
    }

    /// Two people correct the registration.
    fn corrected(self, correction: Correction) -> Case {
        self.said("li", proposed(Matter::Correction(correction))).agreed("wang")
    }
}

fn reactive() -> Case {
    let again = || marker(Assay::Hbsag, Reading::Reactive);
    Case::baseline().without(Assay::Hbsag).with(again()).with(again())
}

/// A remark of the decision.
fn remark(decision: &Decision, code: Code) -> &Reason {
    decision.remarks.iter().find(|remark| remark.code == code).unwrap()
}

#[test]
fn two_people_amend_what_they_looked_at_and_it_stays_visible() {
    let rejected = reactive().decide();
    let decision = reactive().amend("li").agreed("wang").decide();
    assert_eq!(short(&decision), (Verdict::Releasable, vec![Code::AllOk]));
    let amended = remark(&decision, Code::Amended);
    assert_eq!(amended.observations, rejected.reasons[0].observations);
    assert_eq!((amended.assay, amended.verdict), (Some(Assay::Hbsag), Verdict::Releasable));
    for said in ["REPEAT_REACTIVE", "li", "wang", "looked at", rejected.reasons[0].text.as_str()] {
        assert!(amended.text.contains(said), "{said}: {}", amended.text);
    }
    assert_eq!(decision.donor, rejected.donor);
    assert_eq!(decision.next_steps, []);
    assert!(!decision.passed.iter().any(|check| check.name == "hbsag"));
}

#[test]
fn one_person_changes_nothing_however_the_name_is_written() {
    for (proposer, agreer) in
        [("li", "li"), ("li", "LI"), (" li ", "li"), ("li", ""), ("", "li"), ("李", "李 ")]
    {
        let case = reactive().amend(proposer).agreed(agreer);
        assert_eq!(case.decide().verdict, Verdict::Reject, "{proposer:?} {agreer:?}");
        assert!(!are_two(proposer, agreer));
    }
    assert!(are_two("li", "wang"));
    assert_eq!(reactive().amend("li").decide().verdict, Verdict::Reject);
}

#[test]
fn the_proposer_s_own_agreement_does_not_keep_another_person_from_agreeing() {
    let case = reactive().amend("li").agreed("li");
    let number = case.next_record() - 2;
    let case = case.said("wang", Statement::Agreed(number));
    assert_eq!(case.decide().verdict, Verdict::Releasable);
}

#[test]
fn what_was_turned_down_is_agreed_to_no_more_and_what_was_agreed_to_stays() {
    let proposal = reactive().next_record();
    let down = reactive().amend("li").said("zhao", Statement::TurnedDown(proposal));
    let late = down.said("wang", Statement::Agreed(proposal));
    assert_eq!(late.decide().verdict, Verdict::Reject);
    let agreed = reactive().amend("li").agreed("wang");
    let after = agreed.said("zhao", Statement::TurnedDown(proposal));
    assert_eq!(after.decide().verdict, Verdict::Releasable);
}

#[test]
fn an_agreement_before_its_proposal_or_to_something_else_counts_for_nothing() {
    let proposal = reactive().next_record() + 1;
    let early = reactive().said("wang", Statement::Agreed(proposal)).amend("li");
    assert_eq!(early.decide().verdict, Verdict::Reject);
    let other = reactive().amend("li").said("wang", Statement::Agreed(99));
    assert_eq!(other.decide().verdict, Verdict::Reject);
}

#[test]
fn a_proposal_without_grounds_never_counts() {
    let matter = amendment(&reactive().decide());
    let proposal = Proposal { matter, grounds: grounds(" \u{3000}"), version: 1 };
    let case = reactive().said("li", Statement::Proposed(proposal)).agreed("wang");
    assert_eq!(case.decide().verdict, Verdict::Reject);
}

#[test]
fn with_one_more_result_behind_it_a_reason_is_another_one() {
    let case = reactive().amend("li").agreed("wang");
    let case = case.with(marker(Assay::Hbsag, Reading::Reactive));
    assert_eq!(short(&case.decide()), (Verdict::Reject, vec![Code::RepeatReactive]));
}

#[test]
fn what_the_reference_laboratory_finds_afterwards_is_news() {
    let amended = reactive().amend("li").agreed("wang");
    for (finding, verdict) in
        [(Supplemental::Negative, Verdict::Releasable), (Supplemental::Positive, Verdict::Reject)]
    {
        let case = amended.clone().said("lab", Statement::Supplemental(Assay::Hbsag, finding));
        assert_eq!(case.decide().verdict, verdict, "{finding:?}");
    }
    let other = amended.said("lab", Statement::Supplemental(Assay::Tp, Supplemental::Positive));
    assert_eq!(other.decide().verdict, Verdict::Releasable);
}

#[test]
fn an_amended_flag_of_the_donor_does_not_cover_the_next_one() {
    use hemogate::domain::DonorRecord::Flagged;
    let flagged = Case::baseline().said("registry", Statement::DonorRecord(Flagged));
    let amended = flagged.amend("li").agreed("wang");
    assert_eq!(amended.decide().verdict, Verdict::Releasable);
    let again = amended.said("registry", Statement::DonorRecord(Flagged));
    assert_eq!(again.decide().verdict, Verdict::Hold);
}

#[test]
fn an_amendment_that_names_results_says_nothing_of_a_reason_without_any() {
    use hemogate::domain::DonorRecord::Flagged;
    let flagged = Case::baseline().said("registry", Statement::DonorRecord(Flagged));
    let mut reason = as_seen(&flagged.decide().reasons[0]);
    reason.observations = vec![1, 2, 3];
    let matter = Matter::Amendment(vec![reason]);
    let case = flagged.said("li", proposed(matter)).agreed("wang");
    assert_eq!(case.decide().verdict, Verdict::Hold);
}

#[test]
fn what_is_waited_for_is_not_amended() {
    let missing = Case::baseline().without(Assay::Hbsag).amend("li").agreed("wang");
    assert_eq!(short(&missing.decide()), (Verdict::Pending, vec![Code::Missing]));
    let unread = Case::baseline().unread().amend("li").agreed("wang");
    assert_eq!(unread.decide().verdict, Verdict::Pending);
    let mut unknown = Case::baseline();
    unknown.facts.registration = None;
    let unknown = unknown.amend("li").agreed("wang");
    assert!(unknown.decide().verdict > Verdict::Releasable);
    for code in Code::ALL {
        for verdict in [Verdict::Releasable, Verdict::Pending, Verdict::Recalled] {
            assert!(!can_be_amended(code, verdict), "{code:?}");
        }
    }
    assert!(can_be_amended(Code::RepeatReactive, Verdict::Reject));
    for code in [Code::Missing, Code::NotSigned, Code::RuleGap, Code::UnmatchedSample] {
        assert!(!can_be_amended(code, Verdict::Hold), "{code:?}");
    }
}

#[test]
fn every_other_check_must_still_pass() {
    let case = reactive().without(Assay::Tp).amend("li").agreed("wang");
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::Missing]));
}

#[test]
fn what_a_worse_row_hid_comes_to_light_when_that_is_amended() {
    let void = good(Assay::Abo).reads(Reading::Invalid);
    let case = Case::baseline().with(result(Assay::Abo).reads(Reading::Abo(AboGroup::O)));
    let held = case.clone().decide();
    assert_eq!(held.verdict, Verdict::Hold);
    let case = Case::baseline().donor(|donor| {
        donor.historic_group.iter_mut().for_each(|group| group.abo = AboGroup::O);
    });
    let case = case.with(void);
    assert_eq!(short(&case.decide()), (Verdict::Hold, vec![Code::AboHistoryMismatch]));
    let case = case.amend("li").agreed("wang");
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::Invalid]));
}

#[test]
fn no_type_is_concluded_from_results_that_were_amended() {
    let differing =
        Case::baseline().with(result(Assay::Rhd).reads(Reading::Rhd(RhdType::Negative)));
    let decision = differing.amend("li").agreed("wang").decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
    assert_eq!(decision.labels, []);
    assert_eq!(Case::baseline().decide().labels, [Label::RhdPositive]);
    let abo = Case::baseline().with(result(Assay::Abo).reads(Reading::Abo(AboGroup::O)));
    let decision = abo.amend("li").agreed("wang").decide();
    assert_eq!((decision.verdict, decision.labels), (Verdict::Releasable, Vec::new()));
}

#[test]
fn what_is_recalled_stays_recalled_and_what_was_never_released_is_not_recalled() {
    for history in [ReleaseHistory::Released, ReleaseHistory::Recalled] {
        let case = reactive().history(history);
        assert_eq!(case.decide().verdict, Verdict::Recalled);
        let case = reactive().amend("li").agreed("wang").history(ReleaseHistory::Recalled);
        assert_eq!(case.decide().verdict, Verdict::Recalled);
    }
    let released = reactive().amend("li").agreed("wang").history(ReleaseHistory::Released);
    assert_eq!(released.decide().verdict, Verdict::Releasable);
    let news = released.with(marker(Assay::Tp, Reading::Reactive));
    assert_eq!(news.decide().verdict, Verdict::Recalled);
}

#[test]
fn a_signature_is_given_and_not_amended() {
    let case = Case::baseline().said("tester", Statement::Signature(ReviewStep::Tested));
    let one = |case: Case, step| case.said("tester", Statement::Signature(step));
    let case = one(one(case, ReviewStep::Reviewed), ReviewStep::Signed);
    let held = case.decide_by(&CN);
    assert!(held.reasons.iter().any(|reason| reason.code == Code::DualReviewMissing));
    let matter = amendment(&held);
    let case = case.said("li", proposed(matter)).agreed("wang");
    let decision = case.decide_by(&CN);
    assert!(decision.reasons.iter().any(|reason| reason.code == Code::DualReviewMissing));
}

#[test]
fn a_correction_replaces_what_it_names_and_is_told() {
    let before = Case::baseline().donor(|donor| {
        donor.historic_group.iter_mut().for_each(|group| group.abo = AboGroup::O);
    });
    assert_eq!(before.decide().verdict, Verdict::Hold);
    let donor = Case::registered().facts.registration.map(|known| known.donor);
    let case = before.corrected(Correction { donor, ..Correction::default() });
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
    let told = &remark(&decision, Code::RegistrationCorrected).text;
    assert!(["li", "wang", "A positive"].iter().all(|said| told.contains(said)), "{told}");
}

#[test]
fn a_corrected_day_of_collection_is_the_one_that_results_are_compared_with() {
    let mut case = Case::baseline();
    for seen in &mut case.facts.observations {
        let time = seen.observation.completed_at.as_mut().unwrap();
        time.offset = Some(jiff::tz::Offset::UTC);
    }
    let late = |time: &str| Correction {
        collected_at: Some(time.parse().unwrap()),
        ..Correction::default()
    };
    let held = case.clone().corrected(late("2026-02-01T01:00:00Z")).decide();
    assert_eq!(held.verdict, Verdict::Hold);
    assert!(held.reasons.iter().all(|reason| reason.code == Code::TimeImplausible));
    let twice =
        case.corrected(late("2026-02-01T01:00:00Z")).corrected(late("2026-01-01T02:00:00Z"));
    assert_eq!(twice.decide().verdict, Verdict::Releasable);
}

#[test]
fn a_deferral_is_corrected_into_a_registration_and_never_out_of_it() {
    let donor = |deferred| {
        let donor = Donor { kind: DonorKind::Repeat, deferred, historic_group: None };
        Correction { donor: Some(donor), ..Correction::default() }
    };
    let deferred = Case::baseline().deferred().corrected(donor(false));
    assert_eq!(short(&deferred.decide()), (Verdict::Reject, vec![Code::DonorDeferred]));
    let newly = Case::baseline().corrected(donor(true));
    assert_eq!(newly.decide().verdict, Verdict::Reject);
    let back = newly.corrected(donor(false));
    assert_eq!(back.decide().verdict, Verdict::Reject);
    let decision = Case::baseline().corrected(donor(true)).decide();
    let runs = Assay::ALL.into_iter().collect();
    let facts = Case::baseline().without(Assay::Tp).corrected(donor(true)).facts;
    assert_eq!(rules::wanted(&facts, &decision, &RESULTS, &runs), []);
}

#[test]
fn what_follows_for_the_donor_is_not_corrected_away() {
    let case = Case::baseline().without(Assay::Alt);
    let case = case.with(crate::case::quantity(Assay::Alt, "400"));
    let before = case.decide().donor;
    assert!(!before.is_empty());
    // Before the first day of any limit.
    let time = Some("1990-01-01T00:00:00Z".parse().unwrap());
    let case = case.corrected(Correction { collected_at: time, ..Correction::default() });
    let decision = case.decide();
    assert!(decision.reasons.iter().all(|reason| reason.code != Code::AltHigh));
    assert_eq!(decision.donor, before);
}

fn judged(case: Case, message: i64, judgement: Judgement, people: [&str; 2]) -> Case {
    let [proposed_by, agreed_by] = people.map(str::to_owned);
    let judged = MessageJudged { message, judgement, proposed_by, agreed_by };
    case.said("hemogate", Statement::MessageJudged(judged))
}

const TWO: [&str; 2] = ["li", "wang"];

#[test]
fn an_accepted_message_counts_and_a_rejected_one_only_against_the_donation() {
    let odd = Case::baseline().without(Assay::Hbsag).with(good(Assay::Hbsag).not_understood());
    let message = 100 + odd.last();
    assert_eq!(short(&odd.decide()), (Verdict::Pending, vec![Code::Unaccounted]));
    let accepted = judged(odd.clone(), message, Judgement::Accepted, TWO);
    assert_eq!(accepted.decide().verdict, Verdict::Releasable);
    for judgement in [Judgement::Rejected, Judgement::ReadAgain] {
        let case = judged(odd.clone(), message, judgement, TWO);
        assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::Invalid]));
        let again = case.with(good(Assay::Hbsag)).decide();
        assert_eq!(again.verdict, Verdict::Releasable);
        let told = remark(&again, Code::MessageJudged);
        assert_eq!(
            (&told.messages[..], &told.observations[..]),
            (&[message][..], &[odd.last()][..])
        );
    }
    let alone = judged(odd.clone(), message, Judgement::Accepted, ["li", "Li"]);
    assert_eq!(alone.decide().verdict, Verdict::Pending);
}

#[test]
fn the_harder_of_two_judgements_counts_in_either_order() {
    let odd = Case::baseline().without(Assay::Hbsag).with(good(Assay::Hbsag).not_understood());
    let message = 100 + odd.last();
    for pair in
        [[Judgement::Accepted, Judgement::Rejected], [Judgement::Rejected, Judgement::Accepted]]
    {
        let case = pair.into_iter().fold(odd.clone(), |case, one| judged(case, message, one, TWO));
        assert_eq!(case.decide().verdict, Verdict::Pending);
    }
}

#[test]
fn reactive_in_a_rejected_message_stays_reactive() {
    let odd = || marker(Assay::Hbsag, Reading::Reactive).not_understood();
    for judgement in Judgement::ALL {
        let case = Case::baseline().without(Assay::Hbsag).with(odd());
        let message = 100 + case.last();
        let case = judged(case, message, judgement, TWO);
        assert_eq!(short(&case.decide()).1, [Code::InitialReactive], "{judgement:?}");
        let case = case.with(marker(Assay::Hbsag, Reading::Reactive));
        assert_eq!(case.decide().verdict, Verdict::Reject, "{judgement:?}");
    }
}

#[test]
fn a_judged_message_that_could_not_be_read_keeps_nothing_back() {
    for judgement in Judgement::ALL {
        for case in [Case::baseline().unread(), Case::baseline().cut()] {
            let message = case.facts.unread[0].message;
            assert_eq!(case.decide().verdict, Verdict::Pending);
            let other = judged(case.clone(), message + 1, judgement, TWO);
            assert_eq!(other.decide().verdict, Verdict::Pending);
            let case = judged(case, message, judgement, TWO);
            assert_eq!(case.decide().verdict, Verdict::Releasable, "{judgement:?}");
        }
    }
}

#[test]
fn an_adverse_result_that_nobody_mapped_is_held_whatever_becomes_of_its_message() {
    for judgement in Judgement::ALL {
        let mut odd = marker(Assay::Hbsag, Reading::Reactive);
        odd.assay = None;
        let case = Case::baseline().with(odd);
        let message = 100 + case.last();
        let case = judged(case, message, judgement, TWO);
        assert_eq!(short(&case.decide()), (Verdict::Hold, vec![Code::ResultFlagged]));
        let mut harmless = good(Assay::Hbsag);
        (harmless.assay, harmless.reading) = (None, None);
        let case = Case::baseline().with(harmless);
        let message = 100 + case.last();
        assert_eq!(judged(case, message, judgement, TWO).decide().verdict, Verdict::Releasable);
    }
}

#[test]
fn a_second_reading_is_no_copy_of_the_first_and_no_repeat_of_it() {
    let first = || Case::baseline().without(Assay::Hbsag);
    let misread = first().with(good(Assay::Hbsag).untimed().not_understood());
    let message = 100 + misread.last();
    let again = misread.with(good(Assay::Hbsag).untimed());
    let case = judged(again, message, Judgement::ReadAgain, TWO);
    assert_eq!(case.decide().verdict, Verdict::Releasable);
    let reactive = marker(Assay::Hbsag, Reading::Reactive).untimed().not_understood();
    let misread = first().with(reactive);
    let message = 100 + misread.last();
    let again = misread.with(good(Assay::Hbsag).untimed());
    let case = judged(again, message, Judgement::ReadAgain, TWO);
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Hold);
    assert!(decision.reasons.iter().any(|reason| reason.code == Code::DuplicateIdConflict));
}

#[test]
fn how_it_came_about_tells_every_proposal_and_what_it_lifted() {
    let case = reactive().amend("li").amend("zhao");
    let first = case.next_record() - 2;
    let case = case.said("wang", Statement::Agreed(first));
    let derivation = rules::derive(&case.facts, &RESULTS);
    assert_eq!(derivation.decision, case.decide());
    let [lifted, open] = derivation.pacts.as_slice() else { panic!("{:?}", derivation.pacts) };
    let PactStanding::InForce(pact) = &lifted.standing else { panic!("{lifted:?}") };
    assert_eq!((pact.proposed_by.as_str(), pact.agreed_by.as_str()), ("li", "wang"));
    assert_eq!(lifted.lifted[0].code, Code::RepeatReactive);
    assert_eq!((&open.standing, open.lifted.len()), (&PactStanding::Open, 0));
}
