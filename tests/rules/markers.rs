//! Repeat testing of markers, on the bench.

use hemogate::domain::{
    Action, Assay, Effect, Observation, Reading, ReasonCode as Code, ResultStatus as Status,
    Verdict,
};

use crate::case::{Bench, Case, cn_with, good, marker, short, site};

fn bare() -> Case {
    Case::baseline().without(Assay::Hbsag)
}

fn hbsag(reading: Reading) -> Observation {
    marker(Assay::Hbsag, reading)
}

fn reactive() -> Observation {
    hbsag(Reading::Reactive)
}

fn nonreactive() -> Observation {
    hbsag(Reading::Nonreactive)
}

#[test]
fn a_first_reactive_result_asks_for_a_repeat_in_duplicate() {
    let case = bare().with(reactive());
    let decision = case.decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::InitialReactive]));
    assert_eq!(decision.reasons[0].observations, [case.last()]);
    assert_eq!(decision.reasons[0].assay, Some(Assay::Hbsag));
    let step = &decision.next_steps[0];
    assert_eq!(
        (step.action, step.assay, step.count),
        (Action::RepeatInDuplicate, Some(Assay::Hbsag), 2)
    );
    assert_eq!(decision.next_steps.len(), 1);
    assert!(decision.passed.iter().all(|check| check.name != "hbsag"));
}

#[test]
fn after_one_repeat_one_more_is_wanted() {
    let decision = bare().with(reactive()).with(nonreactive()).decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::RetestIncomplete]));
    assert_eq!(decision.next_steps[0].count, 1);
}

#[test]
fn nothing_helps_after_a_reactive_repeat() {
    let mut case = bare().with(reactive()).with(nonreactive()).with(reactive());
    for _ in 0..5 {
        assert_eq!(short(&case.decide()), (Verdict::Reject, vec![Code::RepeatReactive]));
        case = case.with(nonreactive());
    }
}

#[test]
fn a_nonreactive_result_before_the_reactive_one_is_no_repeat() {
    let case = bare().with(nonreactive()).with(reactive());
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::InitialReactive]));
    let case = case.with(nonreactive());
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::RetestIncomplete]));
    let decision = case.with(nonreactive()).decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
}

#[test]
fn fm_27_a_reactive_result_of_another_analyser_dominates() {
    let case = bare().with_analyser(nonreactive(), "a1").with_analyser(reactive(), "a2");
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::InitialReactive]));
    let both = bare().with(reactive()).with_profile(reactive(), "other");
    assert_eq!(short(&both.decide()), (Verdict::Reject, vec![Code::RepeatReactive]));
}

#[test]
fn a_copy_of_the_first_repeat_is_not_the_second() {
    let repeat = nonreactive().at("2026-01-02T15:00:00");
    let case = bare().with(reactive()).with(repeat.clone());
    for copy in [
        case.clone().with(repeat.clone()),
        case.clone().with_analyser(repeat.clone(), "a2"),
        case.clone().with_profile(repeat.clone(), "other"),
        case.clone().with(repeat.clone().status(Status::Retransmitted)),
        case.clone().with(repeat.status(Status::Retransmitted).at("2026-01-02T16:00:00")),
    ] {
        assert_eq!(short(&copy.decide()), (Verdict::Pending, vec![Code::RetestIncomplete]));
    }
}

#[test]
fn a_copy_of_the_first_reactive_result_is_no_reactive_repeat() {
    let first = reactive().at("2026-01-02T15:00:00");
    let case = bare().with(first.clone()).with(first.status(Status::Retransmitted));
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::InitialReactive]));
}

#[test]
fn untimed_repeats_that_say_the_same_are_one_unless_numbered() {
    let twins = |a: Observation, b: Observation| bare().with(reactive().untimed()).with(a).with(b);
    let one = || nonreactive().untimed();
    assert_eq!(twins(one(), one()).decide().verdict, Verdict::Pending);
    let numbered = twins(one().replicate("2"), one().replicate("3")).decide();
    assert_eq!(numbered.verdict, Verdict::Releasable);
    let differing = twins(one().says("0.11"), one().says("0.13")).decide();
    assert_eq!(differing.verdict, Verdict::Releasable);
}

#[test]
fn replicates_of_one_moment_are_two_determinations() {
    let well = |n| nonreactive().at("2026-01-02T15:00:00").replicate(n);
    let decision = bare().with(reactive()).with(well("1")).with(well("2")).decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
}

#[test]
fn a_repeat_with_another_kit_does_not_count_but_does_no_harm_beside_two_right_ones() {
    let mut other_code = nonreactive();
    other_code.test_code = "another".to_owned();
    let case = bare().with(reactive()).with(other_code.clone()).with(nonreactive());
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::RetestIncomplete]));
    assert_eq!(case.with(nonreactive()).decide().verdict, Verdict::Releasable);
    let wrong = bare().with(reactive()).with(other_code.clone()).with(other_code.says("0.2"));
    assert_eq!(short(&wrong.decide()), (Verdict::Pending, vec![Code::RetestWrongAssay]));
    assert_eq!(wrong.decide().next_steps[0].count, 2);
    let any_kit = cn_with("same_kit = true", "same_kit = false");
    assert_eq!(wrong.decide_by(&any_kit).verdict, Verdict::Releasable);
}

#[test]
fn the_grey_zone_is_repeated_like_a_reactive_result() {
    let grey = || hbsag(Reading::GreyZone);
    let case = bare().with(grey());
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::GreyZone]));
    assert_eq!(case.decide().next_steps[0].action, Action::RepeatInDuplicate);
    let passed = case.clone().with(nonreactive()).with(nonreactive().says("0.2"));
    assert_eq!(passed.decide().verdict, Verdict::Releasable);
    let again = case.clone().with(grey());
    assert_eq!(short(&again.decide()), (Verdict::Reject, vec![Code::RepeatReactive]));
    assert_eq!(case.with(reactive()).decide().verdict, Verdict::Reject);
}

#[test]
fn a_station_may_reject_at_once() {
    let at_once = |key: &str| site(&[(key, "reject_at_once")]);
    let decision = bare().with(reactive()).decide_by(&at_once("initial_reactive"));
    assert_eq!(short(&decision), (Verdict::Reject, vec![Code::Reactive]));
    let grey = bare().with(hbsag(Reading::GreyZone));
    assert_eq!(grey.decide_by(&at_once("grey_zone")).verdict, Verdict::Reject);
    assert_eq!(grey.decide_by(&at_once("initial_reactive")).verdict, Verdict::Pending);
    let void = bare().with(reactive().concern("CLOT", Effect::Invalidates)).with(nonreactive());
    let once = void.decide_by(&at_once("initial_reactive"));
    assert_eq!(short(&once), (Verdict::Pending, vec![Code::RetestIncomplete]));
    let twice = void.with(nonreactive()).decide_by(&at_once("initial_reactive"));
    assert_eq!(short(&twice), (Verdict::Hold, vec![Code::ResultFlagged]));
}

#[test]
fn a_result_that_does_not_count_is_tested_again() {
    let void = [
        hbsag(Reading::Invalid),
        nonreactive().concern("CLOT", Effect::Invalidates),
        nonreactive().status(Status::Failed),
        nonreactive().status(Status::Preliminary),
        nonreactive().status(Status::Pending),
        nonreactive().status(Status::Partial),
        nonreactive().status(Status::Questionable),
    ];
    for observation in void {
        let case = bare().with(observation.clone());
        assert_eq!(
            short(&case.decide()),
            (Verdict::Pending, vec![Code::Invalid]),
            "{observation:?}"
        );
        assert_eq!(case.decide().next_steps[0].action, Action::TestAgain);
        assert_eq!(case.with(nonreactive()).decide().verdict, Verdict::Releasable);
        let after = Case::baseline().with(observation);
        assert_eq!(short(&after.decide()), (Verdict::Pending, vec![Code::Invalid]));
    }
}

#[test]
fn a_result_without_a_reading_is_missing_never_nonreactive() {
    let mut silent = nonreactive();
    silent.reading = None;
    let decision = bare().with(silent).decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Missing]));
}

#[test]
fn a_reactive_result_that_does_not_count_is_not_forgotten() {
    let case = bare().with(reactive().concern("CONTROL", Effect::Invalidates));
    let codes = vec![Code::Invalid, Code::InitialReactive];
    assert_eq!(short(&case.decide()), (Verdict::Pending, codes));
    let once = case.clone().with(nonreactive());
    assert_eq!(short(&once.decide()), (Verdict::Pending, vec![Code::RetestIncomplete]));
    assert_eq!(once.with(nonreactive()).decide().verdict, Verdict::Releasable);
    // The void result is not the first one of a repeat-reactive pair.
    let confirmed = case.with(reactive());
    assert_eq!(short(&confirmed.decide()), (Verdict::Pending, vec![Code::InitialReactive]));
}

#[test]
fn a_reactive_repeat_that_does_not_count_needs_a_person() {
    let decision = bare()
        .with(reactive())
        .with(reactive().status(Status::Questionable))
        .with(nonreactive())
        .with(nonreactive())
        .decide();
    assert_eq!(short(&decision), (Verdict::Hold, vec![Code::ResultFlagged]));
    assert!(decision.next_steps.iter().any(|step| step.action == Action::Review));
}

#[test]
fn a_final_result_replaces_the_preliminary_one_of_the_same_determination() {
    let final_one = nonreactive().at("2026-01-02T12:00:00");
    let case = bare().with(final_one.clone().status(Status::Preliminary)).with(final_one);
    assert_eq!(case.decide().verdict, Verdict::Releasable);
}

#[test]
fn fm_28_a_correction_never_moves_towards_release() {
    let corrected = |reading| hbsag(reading).status(Status::Corrected);
    let edited = bare().with(reactive()).with(corrected(Reading::Nonreactive));
    assert_eq!(edited.decide().verdict, Verdict::Hold);
    assert!(edited.decide().reasons.iter().any(|reason| reason.code == Code::Corrected));
    let twice = edited.with(nonreactive()).with(corrected(Reading::Nonreactive));
    assert_eq!(twice.decide().verdict, Verdict::Hold);
    let invalid = bare().with(hbsag(Reading::Invalid)).with(corrected(Reading::Nonreactive));
    assert_eq!(short(&invalid.decide()), (Verdict::Pending, vec![Code::Invalid]));
    let unknown = bare().with(corrected(Reading::Nonreactive));
    assert_eq!(short(&unknown.decide()), (Verdict::Pending, vec![Code::Invalid]));
    let voided = Case::baseline().with(corrected(Reading::Invalid));
    assert_eq!(short(&voided.decide()), (Verdict::Pending, vec![Code::Invalid]));
    let same = Case::baseline().with(corrected(Reading::Nonreactive));
    assert_eq!(same.decide().verdict, Verdict::Releasable);
}

#[test]
fn a_correction_to_reactive_rejects() {
    let correction = reactive().status(Status::Corrected);
    let case = Case::baseline().with(correction.clone());
    assert_eq!(short(&case.decide()), (Verdict::Reject, vec![Code::Corrected]));
    // Of a result that was reactive already it says nothing new.
    let first = reactive().at("2026-01-02T12:00:00");
    let case = bare().with(first.clone()).with(first.status(Status::Corrected).says("4.1"));
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::InitialReactive]));
    let grey = Case::baseline().with(hbsag(Reading::GreyZone).status(Status::Corrected));
    assert_eq!(short(&grey.decide()), (Verdict::Pending, vec![Code::GreyZone]));
}

#[test]
fn either_form_of_the_nucleic_acid_test_is_enough() {
    let singles = [Assay::HbvDna, Assay::HcvRna, Assay::HivRna];
    let case = singles.iter().fold(Case::baseline().without(Assay::Nat), |c, a| c.with(good(*a)));
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
    let nat = decision.passed.iter().find(|check| check.name == "nat").unwrap();
    assert_eq!(nat.observations.len(), 3);
    for assay in singles {
        let decision = case.clone().without(assay).decide();
        assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Missing]));
        assert_eq!(decision.reasons[0].assay, Some(assay));
    }
}

#[test]
fn a_reactive_single_test_counts_beside_a_nonreactive_multiplex() {
    for assay in [Assay::HbvDna, Assay::HcvRna, Assay::HivRna] {
        let decision = Case::baseline().with(marker(assay, Reading::Reactive)).decide();
        assert_eq!(short(&decision), (Verdict::Pending, vec![Code::InitialReactive]));
        assert_eq!(decision.reasons[0].assay, Some(assay));
        let decision = Case::baseline().with(marker(assay, Reading::Invalid)).decide();
        assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Invalid]));
    }
}

#[test]
fn nonreactive_repeats_do_not_save_a_nucleic_acid_test() {
    let nat = |reading| marker(Assay::Nat, reading);
    let once = Case::baseline().without(Assay::Nat).with(nat(Reading::Reactive));
    assert_eq!(short(&once.decide()), (Verdict::Pending, vec![Code::InitialReactive]));
    let repeat = || nat(Reading::Nonreactive);
    let case = once.with(repeat()).with(repeat());
    assert_eq!(short(&case.decide()), (Verdict::Reject, vec![Code::NatReactive]));
    let voided = case.clone().with(nat(Reading::Invalid).status(Status::Corrected));
    assert_eq!(short(&voided.decide()), (Verdict::Reject, vec![Code::NatReactive]));
    let holds = site(&[("single_nat", "repeat_then_hold")]);
    assert_eq!(voided.decide_by(&holds).verdict, Verdict::Hold);
    assert_eq!(case.decide_by(&holds).verdict, Verdict::Hold);
    let passes = site(&[("single_nat", "repeat_then_release")]);
    assert_eq!(case.decide_by(&passes).verdict, Verdict::Releasable);
    let void = nat(Reading::Reactive).concern("CONTROL", Effect::Invalidates);
    let void = Case::baseline().without(Assay::Nat).with(void).with(repeat()).with(repeat());
    assert_eq!(short(&void.decide()), (Verdict::Hold, vec![Code::NatReactive]));
    let at_once = site(&[("single_nat", "reject")]);
    let once = Case::baseline().without(Assay::Nat).with(nat(Reading::Reactive));
    assert_eq!(short(&once.decide_by(&at_once)), (Verdict::Reject, vec![Code::NatReactive]));
}

#[test]
fn fm_31_a_test_that_is_not_required_still_blocks_when_adverse() {
    for assay in [Assay::WnvRna, Assay::Htlv, Assay::AntiHbc, Assay::AntibodyScreen] {
        let extra = |reading| Case::baseline().with(marker(assay, reading));
        let good = extra(Reading::Nonreactive).decide();
        assert_eq!(good.verdict, Verdict::Releasable);
        assert!(good.passed.iter().any(|check| check.name == assay.id()));
        let first = extra(Reading::Reactive);
        assert_eq!(short(&first.decide()), (Verdict::Pending, vec![Code::InitialReactive]));
        let again = first.with(marker(assay, Reading::Reactive));
        let code = if assay == Assay::WnvRna { Code::NatReactive } else { Code::RepeatReactive };
        assert_eq!(short(&again.decide()), (Verdict::Reject, vec![code]));
        let invalid = extra(Reading::Invalid).decide();
        assert_eq!(short(&invalid), (Verdict::Pending, vec![Code::Invalid]));
    }
}

#[test]
fn a_result_without_status_counts_only_where_the_rule_set_says_so() {
    let mut observation = nonreactive();
    observation.status = None;
    let case = bare().with(observation);
    assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::Invalid]));
    let lenient = cn_with("without_status = \"does_not_count\"", "without_status = \"counts\"");
    assert_eq!(case.decide_by(&lenient).verdict, Verdict::Releasable);
}

#[test]
fn a_repeat_that_was_not_understood_is_no_repeat() {
    let reactive = marker(Assay::Hbsag, Reading::Reactive);
    let case = Case::baseline().without(Assay::Hbsag).with(reactive);
    let decision = case.with(good(Assay::Hbsag).not_understood()).with(good(Assay::Hbsag)).decide();
    let (verdict, codes) = short(&decision);
    assert_eq!(verdict, Verdict::Pending, "{codes:?}");
    assert!(codes.contains(&Code::RetestIncomplete), "{codes:?}");
    let steps = decision.next_steps.iter();
    let wanted: u32 =
        steps.filter(|s| s.action == Action::RepeatInDuplicate).map(|s| s.count).sum();
    assert_eq!(wanted, 1, "one repeat counts, one is still wanted");
}
