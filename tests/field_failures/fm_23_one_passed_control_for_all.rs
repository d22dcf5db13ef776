//! FM-23: a test had several control kits, and the status of a single one stood for all. Here every
//! control that the kit needs must pass, and a rule set that says otherwise is refused.

use hemogate::domain::{Expected, Reading};
use hemogate::rules::{RuleSet, shipped};

use crate::support::laboratory::{
    HBSAG, Laboratory, SEROLOGY, control, kit, result, rules, target,
};

const LOTS: (&str, &str) = ("C1", "L1");

fn laboratory() -> Laboratory {
    let laboratory = Laboratory::new(rules(&[("run_controls", "required")]));
    laboratory.put(kit(SEROLOGY, HBSAG, "Alpha", &["NEG", "POS"]));
    laboratory.put(target("NEG", HBSAG, None, Expected::Reading(Reading::Nonreactive)));
    laboratory.put(target("POS", HBSAG, None, Expected::Reading(Reading::Reactive)));
    laboratory.register(1);
    laboratory
}

fn is_void(laboratory: &Laboratory) -> bool {
    laboratory.reasons(1).contains(&"RUN_INVALID:hbsag".to_owned())
}

#[test]
fn fm_23_one_control_that_passes_does_not_speak_for_the_other() {
    let laboratory = laboratory();
    laboratory.send(SEROLOGY, &control("POS", HBSAG, 1, 1, LOTS));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
    assert!(is_void(&laboratory), "{:?}", laboratory.reasons(1));
}

#[test]
fn fm_23_of_two_controls_the_one_that_fails_decides() {
    for (negative, positive) in [(1, 1), (-1, -1)] {
        let laboratory = laboratory();
        laboratory.send(SEROLOGY, &control("NEG", HBSAG, negative, 1, LOTS));
        laboratory.send(SEROLOGY, &control("POS", HBSAG, positive, 2, LOTS));
        laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
        assert!(is_void(&laboratory), "{:?}", laboratory.reasons(1));
    }
}

#[test]
fn fm_23_where_all_controls_pass_the_run_counts() {
    let laboratory = laboratory();
    laboratory.send(SEROLOGY, &control("NEG", HBSAG, -1, 1, LOTS));
    laboratory.send(SEROLOGY, &control("POS", HBSAG, 1, 2, LOTS));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
    assert!(!is_void(&laboratory), "{:?}", laboratory.reasons(1));
}

#[test]
fn fm_23_a_rule_set_that_lets_a_failed_control_pass_is_refused() {
    let text = shipped("cn").unwrap();
    let failed = "{ kit_controls = \"failed\", then = \"pending\", reason = \"RUN_INVALID\", \
                  next = \"test_again\", by = \"kit-controls\" }";
    assert!(text.contains(failed));
    let weak = text
        .replace(failed, "{ kit_controls = \"failed\", then = \"pass\", by = \"kit-controls\" }");
    let faults = RuleSet::parse("weak.toml", &weak).unwrap_err();
    let told: String = faults.iter().map(ToString::to_string).collect();
    assert!(told.contains("a control of the kit that failed"), "{told}");
}
