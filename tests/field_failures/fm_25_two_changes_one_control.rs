//! FM-25: two consumables were changed at once, and the control that followed was of one of them
//! only. Here each material and each test is an obligation of its own, discharged by itself.

use hemogate::domain::{Expected, Reading};

use crate::support::laboratory::{
    ANTI_HCV, HBSAG, Laboratory, SEROLOGY, control, kit, result, rules, target,
};

fn laboratory() -> Laboratory {
    let laboratory = Laboratory::new(rules(&[("run_controls", "required")]));
    for code in [HBSAG, ANTI_HCV] {
        laboratory.put(kit(SEROLOGY, code, "Alpha", &["POS"]));
        laboratory.put(target("POS", code, None, Expected::Reading(Reading::Reactive)));
        laboratory.send(SEROLOGY, &control("POS", code, 1, 1, ("C1", "L1")));
    }
    laboratory.register(1);
    laboratory
}

fn void(laboratory: &Laboratory) -> Vec<String> {
    let reasons = laboratory.reasons(1).into_iter();
    let of_runs = reasons
        .filter(|reason| ["RUN_INVALID:hbsag", "RUN_INVALID:anti-hcv"].contains(&reason.as_str()));
    of_runs.collect()
}

fn results(laboratory: &Laboratory, lot: &str) {
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, lot));
    laboratory.send(SEROLOGY, &result(1, ANTI_HCV, -1, 11, lot));
}

#[test]
fn fm_25_a_control_of_one_changed_reagent_does_not_discharge_the_other() {
    let laboratory = laboratory();
    laboratory.send(SEROLOGY, &control("POS", HBSAG, 1, 2, ("C1", "L2")));
    results(&laboratory, "L2");
    assert_eq!(void(&laboratory), ["RUN_INVALID:anti-hcv"]);
}

#[test]
fn fm_25_both_changed_and_both_controlled_count() {
    let laboratory = laboratory();
    for code in [HBSAG, ANTI_HCV] {
        laboratory.send(SEROLOGY, &control("POS", code, 1, 2, ("C1", "L2")));
    }
    results(&laboratory, "L2");
    assert_eq!(void(&laboratory), [] as [&str; 0]);
}

#[test]
fn fm_25_controls_from_before_the_change_discharge_neither() {
    let laboratory = laboratory();
    results(&laboratory, "L2");
    assert_eq!(void(&laboratory).len(), 2, "{:?}", laboratory.reasons(1));
}
