//! FM-31: a West Nile virus test was reactive, its retest was not, and the unit was transfused; the
//! lot of the reagent had a raised rate of reactive results. Here a negative repeat erases nothing
//! without a protocol that says so, and such a protocol keeps the first result in view.

use hemogate::domain::{Assay, Reading, ReasonCode, Verdict};

use crate::case::{Bench, Case, marker, site};

/// S/CO 2.22, then 0.07.
fn wnv(case: Case, retests: usize) -> Case {
    let first = marker(Assay::WnvRna, Reading::Reactive).says("2.22");
    let retest = || marker(Assay::WnvRna, Reading::Nonreactive).says("0.07");
    (0..retests).fold(case.with(first), |case, _| case.with(retest()))
}

#[test]
fn fm_31_a_negative_repeat_of_a_nucleic_acid_test_never_releases() {
    for choice in ["reject", "repeat_then_reject", "repeat_then_hold"] {
        let rules = site(&[("single_nat", choice)]);
        for retests in 0..5 {
            let decision = wnv(Case::baseline(), retests).decide_by(&rules);
            assert_ne!(decision.verdict, Verdict::Releasable, "{choice}, {retests} retests");
        }
    }
}

#[test]
fn fm_31_one_negative_repeat_is_not_a_protocol() {
    let rules = site(&[("single_nat", "repeat_then_release")]);
    let decision = wnv(Case::baseline(), 1).decide_by(&rules);
    assert_eq!(decision.verdict, Verdict::Pending, "{:?}", decision.reasons);
}

#[test]
fn fm_31_where_a_protocol_resolves_it_the_first_result_stays_in_view() {
    let rules = site(&[("single_nat", "repeat_then_release")]);
    let decision = wnv(Case::baseline(), 2).decide_by(&rules);
    assert_eq!(decision.verdict, Verdict::Releasable, "{:?}", decision.reasons);
    let recorded = decision.remarks.iter().find(|remark| remark.assay == Some(Assay::WnvRna));
    let recorded = recorded.unwrap();
    assert_eq!(recorded.code, ReasonCode::InitialReactiveRecorded);
    assert!(!recorded.observations.is_empty());
}
