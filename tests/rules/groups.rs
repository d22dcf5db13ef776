//! Blood groups: results among themselves, and against the record.

use hemogate::domain::{
    AboGroup, Assay, HistoricGroup, Observation, Reading, ReasonCode as Code, ResultStatus,
    RhdType, Verdict,
};

use crate::case::{Bench, Case, good, result, short};

fn abo(group: AboGroup) -> Observation {
    result(Assay::Abo).reads(Reading::Abo(group))
}

fn rhd(rhd: RhdType) -> Observation {
    result(Assay::Rhd).reads(Reading::Rhd(rhd))
}

#[test]
fn results_that_agree_pass_together() {
    let decision = Case::baseline().with(abo(AboGroup::A)).decide();
    assert_eq!(decision.verdict, Verdict::Releasable);
    let check = decision.passed.iter().find(|check| check.name == "abo").unwrap();
    assert_eq!(check.observations.len(), 2);
}

#[test]
fn results_that_differ_are_held_and_no_majority_decides() {
    let unknown = |case: Case| case.donor(|donor| donor.historic_group = None);
    let case = unknown(Case::baseline().with(abo(AboGroup::O)));
    assert_eq!(short(&case.decide()), (Verdict::Hold, vec![Code::AboDiscrepancy]));
    let majority = case.with(abo(AboGroup::A)).with(abo(AboGroup::A));
    let decision = majority.decide();
    assert_eq!(short(&decision), (Verdict::Hold, vec![Code::AboDiscrepancy]));
    assert_eq!(decision.reasons[0].observations.len(), 4);
    let case = unknown(Case::baseline().with(rhd(RhdType::Negative)));
    assert_eq!(short(&case.decide()), (Verdict::Hold, vec![Code::RhdDiscrepancy]));
}

#[test]
fn the_group_on_record_must_agree() {
    let record = |abo, rhd| {
        let group = Some(HistoricGroup { abo, rhd });
        Case::baseline().donor(|donor| donor.historic_group = group).decide()
    };
    for abo in [AboGroup::B, AboGroup::O, AboGroup::Ab] {
        let decision = record(abo, RhdType::Positive);
        assert_eq!(short(&decision), (Verdict::Hold, vec![Code::AboHistoryMismatch]));
    }
    let decision = record(AboGroup::A, RhdType::Negative);
    assert_eq!(short(&decision), (Verdict::Hold, vec![Code::RhdHistoryMismatch]));
    assert_eq!(record(AboGroup::A, RhdType::Positive).verdict, Verdict::Releasable);
    let first = Case::baseline().donor(|donor| donor.historic_group = None).decide();
    assert_eq!(first.verdict, Verdict::Releasable);
}

#[test]
fn a_group_that_is_not_one_is_no_evidence() {
    let bare = || Case::baseline().without(Assay::Abo);
    let no_group = bare().with(result(Assay::Abo));
    assert_eq!(short(&no_group.decide()), (Verdict::Pending, vec![Code::Missing]));
    let swapped = bare().with(result(Assay::Abo).reads(Reading::Rhd(RhdType::Positive)));
    assert_eq!(short(&swapped.decide()), (Verdict::Pending, vec![Code::Missing]));
    let invalid = bare().with(result(Assay::Abo).reads(Reading::Invalid));
    assert_eq!(short(&invalid.decide()), (Verdict::Pending, vec![Code::Invalid]));
    assert_eq!(invalid.with(good(Assay::Abo)).decide().verdict, Verdict::Releasable);
    let interim = bare().with(good(Assay::Abo).status(ResultStatus::Preliminary));
    assert_eq!(short(&interim.decide()), (Verdict::Pending, vec![Code::Invalid]));
}

#[test]
fn a_corrected_group_is_a_discrepancy() {
    let case = Case::baseline().with(abo(AboGroup::B).status(ResultStatus::Corrected));
    let codes = vec![Code::AboDiscrepancy, Code::AboHistoryMismatch];
    assert_eq!(short(&case.decide()), (Verdict::Hold, codes));
    let unknown = Case::baseline().without(Assay::Abo);
    let unknown = unknown.with(abo(AboGroup::A).status(ResultStatus::Corrected));
    assert_eq!(short(&unknown.decide()), (Verdict::Pending, vec![Code::Invalid]));
    let same = Case::baseline().with(abo(AboGroup::A).status(ResultStatus::Corrected));
    assert_eq!(same.decide().verdict, Verdict::Releasable);
}
