//! FM-24: a driver counted control results for the wrong lot of the control, so that failed ones
//! could look passed. Here a control speaks only for the lot for which a target is on record.

use hemogate::domain::{Expected, Reading};

use crate::support::laboratory::{
    HBSAG, Laboratory, SEROLOGY, control, kit, result, rules, target,
};

fn laboratory() -> Laboratory {
    let laboratory = Laboratory::new(rules(&[("run_controls", "required")]));
    laboratory.put(kit(SEROLOGY, HBSAG, "Alpha", &["POS"]));
    laboratory.put(target("POS", HBSAG, Some("C1"), Expected::Reading(Reading::Reactive)));
    laboratory.register(1);
    laboratory
}

fn is_void(laboratory: &Laboratory) -> bool {
    laboratory.reasons(1).contains(&"RUN_INVALID:hbsag".to_owned())
}

#[test]
fn fm_24_a_control_of_a_lot_without_a_target_passes_for_nothing() {
    for lot in ["C2", ""] {
        let laboratory = laboratory();
        laboratory.send(SEROLOGY, &control("POS", HBSAG, 1, 1, (lot, "L1")));
        laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
        assert!(is_void(&laboratory), "{lot:?}: {:?}", laboratory.reasons(1));
    }
}

#[test]
fn fm_24_a_new_lot_counts_once_its_target_is_on_record() {
    let laboratory = laboratory();
    laboratory.put(target("POS", HBSAG, Some("C2"), Expected::Reading(Reading::Reactive)));
    laboratory.send(SEROLOGY, &control("POS", HBSAG, 1, 1, ("C2", "L1")));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
    assert!(!is_void(&laboratory), "{:?}", laboratory.reasons(1));
}

#[test]
fn fm_24_a_control_of_another_reagent_lot_does_not_speak_for_the_result() {
    let laboratory = laboratory();
    laboratory.send(SEROLOGY, &control("POS", HBSAG, 1, 1, ("C1", "L2")));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
    assert!(is_void(&laboratory), "{:?}", laboratory.reasons(1));
}
