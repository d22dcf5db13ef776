//! One tube, one donation, one moment: what cannot be true at once is held.

use hemogate::domain::{
    Action, Assay, DonationNumber, Effect, InstrumentTime, Observation, Reading,
    ReasonCode as Code, ResultStatus, SpecimenKind, Verdict,
};
use jiff::tz::Offset;

use crate::case::{Bench, Case, good, marker, short};

const NOON: &str = "2026-01-02T12:00:00";

fn hbsag() -> Observation {
    good(Assay::Hbsag)
}

fn bare() -> Case {
    Case::baseline().without(Assay::Hbsag)
}

#[test]
fn fm_04_the_copy_over_a_second_line_must_agree() {
    let first = || bare().with_analyser(hbsag().at(NOON), "serial");
    let same = first().with_analyser(hbsag().at(NOON), "tcp");
    assert_eq!(same.decide().verdict, Verdict::Releasable);
    let other = first().with_analyser(hbsag().at(NOON).says("0.31"), "tcp");
    assert_eq!(short(&other.decide()), (Verdict::Hold, vec![Code::DuplicateIdConflict]));
    let below = first().with_analyser(hbsag().at(NOON).says("<0.12"), "tcp");
    assert_eq!(short(&below.decide()), (Verdict::Hold, vec![Code::DuplicateIdConflict]));
    let zoned = InstrumentTime { civil: NOON.parse().unwrap(), offset: Some(Offset::constant(8)) };
    let mut other = hbsag().says("0.31");
    other.completed_at = Some(zoned);
    let other = first().with_analyser(other, "tcp");
    assert_eq!(short(&other.decide()), (Verdict::Hold, vec![Code::DuplicateIdConflict]));
}

#[test]
fn a_conflict_stays_whatever_comes_later() {
    let case = bare().with(hbsag().at(NOON)).with(hbsag().at(NOON).says("0.3")).with(hbsag());
    assert_eq!(short(&case.decide()), (Verdict::Hold, vec![Code::DuplicateIdConflict]));
}

#[test]
fn two_values_in_one_message_without_times_are_a_conflict() {
    let case = bare().with(hbsag().untimed()).with(hbsag().untimed().says("0.3"));
    assert_eq!(case.decide().verdict, Verdict::Releasable);
    let decision = case.in_one_message().decide();
    assert_eq!(short(&decision), (Verdict::Hold, vec![Code::DuplicateIdConflict]));
}

#[test]
fn a_date_without_a_time_of_day_is_no_moment() {
    let mut case = bare().with(hbsag()).with(hbsag().says("0.3"));
    for recorded in &mut case.facts.observations {
        recorded.observation.completed_at = Some(crate::case::time("2026-01-02T00:00:00"));
    }
    assert_eq!(case.decide().verdict, Verdict::Releasable);
}

#[test]
fn fm_08_a_tube_read_in_a_second_place_is_held() {
    for (rack, position) in [("R1", "4"), ("R2", "3")] {
        let case = bare().with(hbsag().place("R1", "3")).with(hbsag().place(rack, position));
        let decision = case.decide();
        assert_eq!(short(&decision), (Verdict::Hold, vec![Code::DuplicateTube]));
        assert_eq!(decision.reasons[0].observations.len(), 2);
        assert_eq!(decision.next_steps[0].action, Action::Review);
    }
    let same = bare().with(hbsag().place("R1", "3")).with(hbsag().place("R1", "3"));
    assert_eq!(same.decide().verdict, Verdict::Releasable);
    let elsewhere = bare().with(hbsag().place("R1", "3"));
    let elsewhere = elsewhere.with_analyser(hbsag().place("R9", "1"), "a2");
    assert_eq!(elsewhere.decide().verdict, Verdict::Releasable);
}

#[test]
fn fm_08_a_repeat_that_was_called_for_may_stand_elsewhere() {
    for reading in [Reading::Reactive, Reading::GreyZone, Reading::Invalid] {
        let decision = bare()
            .with(marker(Assay::Hbsag, reading).place("R1", "3"))
            .with(hbsag().place("R2", "1"))
            .with(hbsag().place("R2", "1").says("0.2"))
            .decide();
        assert_eq!(decision.verdict, Verdict::Releasable, "{reading:?} {:?}", decision.reasons);
    }
}

#[test]
fn fm_08_two_places_of_one_rack_in_one_message_are_held() {
    let tubes = |position| {
        Case::baseline()
            .without(Assay::Hiv)
            .without(Assay::Hbsag)
            .with(hbsag().place("R1", "3"))
            .with(good(Assay::Hiv).place("R1", position))
    };
    let decision = tubes("4").in_one_message().decide();
    assert_eq!(short(&decision), (Verdict::Hold, vec![Code::DuplicateTube]));
    assert_eq!(tubes("4").decide().verdict, Verdict::Releasable);
    assert_eq!(tubes("3").in_one_message().decide().verdict, Verdict::Releasable);
}

#[test]
fn a_time_before_collection_is_judged_only_with_its_zone() {
    let at = |civil: &str, offset| {
        let mut observation = hbsag();
        observation.completed_at = Some(InstrumentTime { civil: civil.parse().unwrap(), offset });
        bare().with(observation).decide()
    };
    let china = Some(Offset::constant(8));
    let early = at("2026-01-01T08:59:59", china);
    assert_eq!(short(&early), (Verdict::Hold, vec![Code::TimeImplausible]));
    assert_eq!(at("2026-01-01T09:00:00", china).verdict, Verdict::Releasable);
    assert_eq!(at("2026-01-01T08:59:59", None).verdict, Verdict::Releasable);
    // Before the collection in every zone: without one, it is not judged all the same.
    assert_eq!(at("2025-12-30T00:30:00", None).verdict, Verdict::Releasable);
}

#[test]
fn one_time_of_day_in_two_zones_is_not_one_moment() {
    let reactive = |offset| {
        let mut observation = marker(Assay::Hbsag, Reading::Reactive);
        let offset = Some(Offset::constant(offset));
        observation.completed_at = Some(InstrumentTime { civil: NOON.parse().unwrap(), offset });
        observation
    };
    let here = bare().with(reactive(8));
    assert_eq!(here.clone().with(reactive(8)).decide().verdict, Verdict::Pending, "a copy");
    assert_eq!(here.with(reactive(9)).decide().verdict, Verdict::Reject, "a repeat");
}

#[test]
fn fm_16_fm_17_what_was_not_understood_blocks_whatever_comes_later() {
    let case = bare().with(hbsag().not_understood());
    for case in [case.clone(), case.with(hbsag())] {
        let decision = case.decide();
        assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Unaccounted]));
        assert_eq!(decision.next_steps[0].action, Action::Review);
    }
}

#[test]
fn an_unmapped_test_code_blocks() {
    let mut observation = hbsag();
    observation.assay = None;
    observation.test_code = "999".to_owned();
    let decision = Case::baseline().with(observation.clone()).decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Unaccounted]));
    assert!(decision.reasons[0].text.contains("999"), "{}", decision.reasons[0].text);
    observation.test_code = "混".repeat(1_000);
    let decision = Case::baseline().with(observation).decide();
    assert!(decision.reasons[0].text.len() < 200);
}

#[test]
fn a_flag_that_needs_a_person_holds_for_good() {
    let flagged = bare().with(hbsag().concern("ALARM_27", Effect::Holds)).with(hbsag());
    let decision = flagged.decide();
    assert_eq!(short(&decision), (Verdict::Hold, vec![Code::ResultFlagged]));
    assert!(decision.reasons[0].text.contains("ALARM_27"));
}

#[test]
fn a_withdrawn_result_holds() {
    let case = Case::baseline().with(hbsag().status(ResultStatus::Withdrawn));
    let (verdict, codes) = short(&case.with(hbsag()).decide());
    assert_eq!((verdict, codes), (Verdict::Hold, vec![Code::ResultWithdrawn]));
}

#[test]
fn a_withdrawn_result_is_no_evidence() {
    let decision = bare().with(hbsag().status(ResultStatus::Withdrawn)).decide();
    assert_eq!(short(&decision), (Verdict::Hold, vec![Code::ResultWithdrawn, Code::Invalid]));
}

#[test]
fn only_a_donors_own_results_speak() {
    for kind in [SpecimenKind::Control, SpecimenKind::Calibration, SpecimenKind::Other] {
        let mut control = hbsag();
        control.kind = kind;
        let decision = bare().with(control.clone()).decide();
        assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Missing]), "{kind:?}");
        control.reading = Some(Reading::Reactive);
        assert_eq!(Case::baseline().with(control).decide().verdict, Verdict::Releasable);
    }
    for other in [None, Some(DonationNumber::restored("G123417654321".to_owned()))] {
        let mut foreign = hbsag();
        foreign.din = other;
        let decision = bare().with(foreign).decide();
        let codes = vec![Code::DuplicateIdConflict, Code::Missing];
        assert_eq!(short(&decision), (Verdict::Hold, codes));
    }
}

#[test]
fn reasons_name_no_person_and_no_specimen() {
    let decision = bare().with(marker(Assay::Hbsag, Reading::Reactive)).decide();
    for reason in &decision.reasons {
        assert!(!reason.text.contains(crate::case::din().as_str()), "{}", reason.text);
    }
}
