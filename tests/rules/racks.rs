//! A rack that is reported at other places than its manifest is in doubt as a whole.

use hemogate::domain::{
    Action, Assay, Decision, Placement, RackDoubt, RackSettled, Reading, ReasonCode as Code,
    Statement, Verdict,
};

use crate::case::{CN, Case, REQUIRED, good, marker, short};

fn placed(case: Case, loading: &str) -> Case {
    placed_for(case, loading, Some("a1"))
}

/// Put into a loading for this analyser; `None`: one that is compared with none.
fn placed_for(case: Case, loading: &str, analyser: Option<&str>) -> Case {
    let (loading, rack) = (loading.to_owned(), "R7".to_owned());
    let analyser = analyser.map(str::to_owned);
    case.said("wang", Statement::Placed(Placement { loading, rack, position: 3, analyser }))
}

fn doubted(case: Case, loading: &str, message: i64) -> Case {
    doubted_for(case, loading, message, "a1")
}

fn doubted_for(case: Case, loading: &str, message: i64, analyser: &str) -> Case {
    let [loading, rack, analyser] = [loading, "R7", analyser].map(str::to_owned);
    let text = "P4 reported for the tube of P3".to_owned();
    let doubt = RackDoubt { loading, rack, analyser, message, text };
    case.said("hemogate 1", Statement::RackInDoubt(doubt))
}

fn settled(case: Case, loading: &str, people: [&str; 2]) -> Case {
    let [proposed_by, agreed_by] = people.map(str::to_owned);
    let (loading, analyser) = (loading.to_owned(), "a1".to_owned());
    let settled = RackSettled { loading, analyser, proposed_by, agreed_by };
    case.said("hemogate 1", Statement::RackSettled(settled))
}

/// Every result of the baseline from one loading.
fn loaded() -> Case {
    REQUIRED.into_iter().fold(placed(Case::registered(), "L1"), |case, one| case.with(good(one)))
}

fn again(case: Case) -> Case {
    REQUIRED.into_iter().fold(case, |case, one| case.with(good(one)))
}

fn told(decision: &Decision) -> Vec<Option<Assay>> {
    let told = decision.reasons.iter().filter(|reason| reason.code == Code::RackMismatch);
    told.map(|reason| reason.assay).collect()
}

#[test]
fn fm_05_a_rack_shifted_by_one_holds_every_tube_of_it() {
    let case = doubted(loaded(), "L1", 500);
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Hold);
    assert_eq!(told(&decision).len(), REQUIRED.len());
    let first = &decision.reasons[0];
    assert_eq!((first.code, first.subject.as_deref()), (Code::RackMismatch, Some("R7")));
    assert_eq!((&first.messages[..], first.observations.len()), (&[500][..], 1));
    assert!(first.text.contains("P4 reported for the tube of P3"), "{}", first.text);
    let asks = |step: &hemogate::domain::NextStep| step.action == Action::IdentifyTubes;
    assert!(decision.next_steps.iter().any(asks));
    assert!(case.decide_by(&CN).verdict >= Verdict::Hold);
    assert!(!decision.passed.iter().any(|check| check.name == "hbsag"));
}

#[test]
fn a_tube_of_the_rack_whose_results_are_still_awaited_is_held_too() {
    let case = doubted(placed(Case::baseline(), "L1"), "L1", 500);
    assert_eq!(told(&case.decide()), [None]);
    let moved = placed(case, "L2");
    assert_eq!(moved.decide().verdict, Verdict::Hold);
    assert_eq!(moved.with(good(Assay::Hbsag)).decide().verdict, Verdict::Releasable);
}

#[test]
fn another_analyser_another_loading_and_what_came_before_are_not_in_doubt() {
    let other = doubted_for(loaded(), "L1", 500, "a2");
    assert_eq!(told(&other.decide()), [None]);
    let before = doubted(placed(Case::baseline(), "L1").with(good(Assay::Tp)), "L1", 500);
    assert_eq!(told(&before.decide()), [Some(Assay::Tp)]);
    let not_ours = Case::baseline();
    assert_eq!(not_ours.decide().verdict, Verdict::Releasable);
}

#[test]
fn tested_again_from_another_loading_it_goes_on_and_stays_visible() {
    let case = placed(doubted(loaded(), "L1", 500), "L2");
    assert_eq!(case.decide().verdict, Verdict::Hold);
    let some = case.clone().with(good(Assay::Hbsag)).decide();
    assert!(!told(&some).contains(&Some(Assay::Hbsag)) && told(&some).len() == REQUIRED.len() - 1);
    let decision = again(case).decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
    let told = decision.remarks.iter().filter(|remark| remark.code == Code::RackMismatch);
    assert_eq!(told.count(), REQUIRED.len());
}

#[test]
fn tested_again_in_the_rack_in_doubt_or_taken_out_of_it_helps_nothing() {
    let same = again(doubted(loaded(), "L1", 500));
    assert_eq!(same.decide().verdict, Verdict::Hold);
    let out = doubted(loaded(), "L1", 500).said("li", Statement::TakenOut("L1".to_owned()));
    assert_eq!(again(out).decide().verdict, Verdict::Hold);
}

#[test]
fn another_analyser_s_result_from_the_same_loading_does_not_answer_for_the_rack() {
    let case = doubted(loaded(), "L1", 500);
    let other = |case: Case| {
        REQUIRED.into_iter().fold(case, |case, one| case.with_analyser(good(one), "a2"))
    };
    assert_eq!(other(case.clone()).decide().verdict, Verdict::Hold);
    assert_eq!(other(placed(case.clone(), "L2")).decide().verdict, Verdict::Hold);
    for analyser in [Some("a2"), None] {
        let moved = placed_for(case.clone(), "L2", analyser);
        assert_eq!(other(moved).decide().verdict, Verdict::Releasable, "{analyser:?}");
    }
}

#[test]
fn a_tube_of_the_donation_in_a_rack_of_another_analyser_takes_none_out_of_this_one() {
    let case = placed_for(placed(Case::registered(), "L1"), "N1", Some("nat"));
    let case = REQUIRED.into_iter().fold(case, |case, one| case.with(good(one)));
    assert_eq!(case.clone().decide().verdict, Verdict::Releasable);
    assert_eq!(doubted(case, "L1", 500).decide().verdict, Verdict::Hold);
}

#[test]
fn a_result_of_the_rack_in_doubt_that_is_sent_again_later_is_no_new_one() {
    let case = placed(doubted(loaded(), "L1", 500), "L2");
    let copies: Vec<_> =
        case.facts.observations.iter().map(|seen| seen.observation.clone()).collect();
    let case = copies.into_iter().fold(case, Case::with);
    assert_eq!(case.decide().verdict, Verdict::Hold);
}

#[test]
fn reactive_in_a_rack_in_doubt_counts_against_the_donation() {
    let reactive = || marker(Assay::Hbsag, Reading::Reactive);
    let case = doubted(loaded().with(reactive()).with(reactive()), "L1", 500);
    let decision = case.decide();
    assert_eq!(short(&decision).1[0], Code::RepeatReactive);
    let moved = again(placed(case, "L2"));
    assert_eq!(moved.decide().verdict, Verdict::Reject);
}

#[test]
fn two_people_settle_a_doubt_and_a_new_one_is_open_again() {
    let case = doubted(loaded(), "L1", 500);
    for people in [["li", "Li "], ["li", ""], ["", "li"]] {
        assert_eq!(settled(case.clone(), "L1", people).decide().verdict, Verdict::Hold);
    }
    assert_eq!(settled(case.clone(), "L2", ["li", "wang"]).decide().verdict, Verdict::Hold);
    let early = doubted(settled(loaded(), "L1", ["li", "wang"]), "L1", 500);
    assert_eq!(early.decide().verdict, Verdict::Hold);
    let case = settled(case, "L1", ["li", "wang"]);
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
    let remark = &decision.remarks[0];
    assert!(remark.text.contains("li") && remark.text.contains("wang"), "{}", remark.text);
    assert_eq!(doubted(case, "L1", 501).decide().verdict, Verdict::Hold);
}

#[test]
fn a_tube_that_was_reported_in_a_rack_without_being_put_there_is_held_until_it_is_placed_anew() {
    let case = doubted(Case::baseline(), "L1", 500);
    assert_eq!(told(&case.decide()).len(), REQUIRED.len());
    let case = again(placed(case, "L2"));
    assert_eq!(case.decide().verdict, Verdict::Releasable);
}
