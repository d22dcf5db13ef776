//! FM-26: discrepant results could be released under very specific conditions. Here whatever else
//! is on record, and in whatever order, a discrepancy dominates.

use hemogate::domain::{
    AboGroup, Assay, Measure, Observation, Reading, ReleaseHistory, ResultStatus, RhdType, Verdict,
};

use crate::case::{Bench, Case, REQUIRED, good, marker, quantity, result};

/// The other thing that a test can say.
fn opposite(assay: Assay) -> Observation {
    match assay.measure() {
        Measure::Marker => marker(assay, Reading::Reactive),
        Measure::Abo => result(assay).reads(Reading::Abo(AboGroup::B)),
        Measure::Rhd => result(assay).reads(Reading::Rhd(RhdType::Negative)),
        Measure::Quantity => quantity(assay, "90"),
    }
}

/// The conditions that may make a discrepancy look like something else.
fn conditions(observation: Observation) -> Vec<Observation> {
    let same_time = observation.clone().at("2026-01-02T10:30:00");
    let mut conditions: Vec<Observation> =
        ResultStatus::ALL.into_iter().map(|status| observation.clone().status(status)).collect();
    conditions.push(observation.clone().untimed());
    conditions.push(observation.clone().replicate("2"));
    conditions.push(same_time);
    conditions.push(observation);
    conditions
}

#[test]
fn fm_26_a_discrepancy_in_any_place_and_condition_is_never_released() {
    for assay in REQUIRED {
        for other in conditions(opposite(assay)) {
            let after = Case::baseline().with(other.clone());
            assert_ne!(after.decide().verdict, Verdict::Releasable, "{assay}: {other:?}");
            // What is not final is no result yet, and the final one comes after it.
            if !other.status.is_none_or(ResultStatus::is_conclusive) {
                continue;
            }
            let first = Case::registered().with(other.clone());
            let before = REQUIRED.into_iter().fold(first, |case, assay| case.with(good(assay)));
            for case in [before, after.with(good(assay))] {
                assert_ne!(case.decide().verdict, Verdict::Releasable, "{assay}: {other:?}");
            }
        }
    }
}

#[test]
fn fm_26_two_results_of_one_moment_that_differ_are_held_whatever_follows() {
    for assay in REQUIRED {
        let one = good(assay).at("2026-01-02T10:30:00");
        let other = opposite(assay).at("2026-01-02T10:30:00");
        let case = Case::baseline().without(assay).with(one).with(other);
        let held = (0..3).fold(case, |case, _| case.with(good(assay))).decide();
        assert!(held.verdict >= Verdict::Hold, "{assay}: {:?}", held.reasons);
    }
}

#[test]
fn fm_26_a_discrepancy_after_a_release_recalls_it() {
    for assay in REQUIRED {
        let released = Case::baseline().history(ReleaseHistory::Released);
        let verdict = released.with(opposite(assay)).decide().verdict;
        assert_eq!(verdict, Verdict::Recalled, "{assay}");
    }
}
