//! The controls that speak for a result, joined from analysers' reports and recorded targets.

use hemogate::domain::{
    Assay, Bracket, ControlSource, ControlTarget, Controls, Expected, Kit, KitControls, KitRecord,
    Observation, Reading, Record, ResultStatus, SpecimenKind, WestgardRule,
};
use hemogate::limits;
use hemogate::store::{Store, prove};

use crate::bench::*;

const LOT: &str = "C1";

/// A control of HBsAg, as the analyser reports it.
fn control(material: &str, reading: Reading, value: &str) -> Observation {
    Observation {
        kind: SpecimenKind::Control,
        specimen_id: Some(material.to_owned()),
        din: None,
        reading: Some(reading),
        control_lot: Some(LOT.to_owned()),
        ..observation(0, Assay::Hbsag, value)
    }
}

fn positive(value: &str) -> Observation {
    control("PC", Reading::Reactive, value)
}

fn negative(value: &str) -> Observation {
    control("NC", Reading::Nonreactive, value)
}

fn target(material: &str, source: ControlSource, expected: Expected) -> Record {
    Record::Target(ControlTarget {
        analyser: "e601".to_owned(),
        test_code: "HBSAG".to_owned(),
        material: material.to_owned(),
        control_lot: Some(LOT.to_owned()),
        level: 1,
        source,
        expected,
    })
}

/// A bench whose kit has two controls with targets.
fn bench_with_kit() -> (Bench, Store) {
    let bench = Bench::new();
    let store = bench.open();
    let must = |material, reading| target(material, ControlSource::Kit, Expected::Reading(reading));
    put(&store, must("PC", Reading::Reactive), "u1");
    put(&store, must("NC", Reading::Nonreactive), "u1");
    (bench, store)
}

/// Records each in a message of its own.
fn run(store: &Store, name: &str, observations: Vec<Observation>) {
    for (at, observation) in observations.into_iter().enumerate() {
        record(store, message(&format!("{name} {at}"), vec![observation]));
    }
}

fn result(number: u32) -> Observation {
    observation(number, Assay::Hbsag, "0.42")
}

fn controls(store: &Store, number: u32) -> Controls {
    facts(store, number).observations[0].circumstances.controls.clone()
}

#[test]
fn controls_around_a_result_speak_for_it_and_close_its_bracket() {
    let (bench, store) = bench_with_kit();
    run(&store, "a", vec![positive("9.0"), negative("0.1"), result(1)]);
    let opened = controls(&store, 1);
    assert_eq!((opened.kit, opened.bracket), (KitControls::Passed, Bracket::Open));
    assert_eq!(opened.observations, [1, 2]);
    run(&store, "b", vec![positive("9.1")]);
    assert_eq!(controls(&store, 1).bracket, Bracket::Open, "one of two");
    run(&store, "c", vec![negative("0.2")]);
    let closed = controls(&store, 1);
    assert_eq!((closed.kit, closed.bracket), (KitControls::Passed, Bracket::Closed));
    assert_eq!(closed.observations, [1, 2, 4, 5]);
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn fm_23_one_control_of_several_that_fails_is_a_failure() {
    let (_bench, store) = bench_with_kit();
    run(&store, "a", vec![positive("9.0"), negative("0.1"), result(1)]);
    run(&store, "b", vec![control("NC", Reading::Reactive, "3.0"), result(2)]);
    assert_eq!(controls(&store, 2).kit, KitControls::Failed, "the opening of the second");
    assert_eq!(controls(&store, 1).kit, KitControls::Failed, "the closing of the first");
    run(&store, "c", vec![positive("9.2"), result(3)]);
    assert_eq!(controls(&store, 3).kit, KitControls::Failed, "another that passes does not help");
    run(&store, "d", vec![negative("0.3"), result(4)]);
    assert_eq!(controls(&store, 4).kit, KitControls::Passed);
}

#[test]
fn fm_23_a_control_that_the_kit_needs_and_nobody_ran_is_missing() {
    let (_bench, store) = bench_with_kit();
    let controls_of_kit = ["PC", "NC", "CO"].map(str::to_owned).to_vec();
    let kit = Kit {
        maker: "Acme".to_owned(),
        name: "HBsAg II".to_owned(),
        containers: Vec::new(),
        stability_hours: None,
        pool_max: None,
        controls: controls_of_kit,
    };
    let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
    put(&store, Record::Kit(KitRecord { profile, test_code, kit }), "u1");
    run(&store, "a", vec![positive("9.0"), negative("0.1"), result(1)]);
    assert_eq!(controls(&store, 1).kit, KitControls::NotRecorded);
}

#[test]
fn fm_24_a_control_of_another_lot_than_the_active_one_does_not_count_and_fails() {
    let (_bench, store) = bench_with_kit();
    let other = Observation { control_lot: Some("C0".to_owned()), ..positive("9.0") };
    let none = Observation { control_lot: None, ..positive("9.0") };
    for (number, wrong) in [(1, other), (2, none)] {
        run(&store, &format!("a{number}"), vec![wrong, negative("0.1"), result(number)]);
        assert_eq!(controls(&store, number).kit, KitControls::Failed, "{number}");
    }
    run(&store, "b", vec![positive("9.3"), result(3)]);
    assert_eq!(controls(&store, 3).kit, KitControls::Passed);
}

#[test]
fn fm_25_each_control_is_owed_by_itself_after_a_change_of_the_reagent_lot() {
    let (_bench, store) = bench_with_kit();
    let of_lot = |lot: &str, observation: Observation| Observation {
        reagent_lot: Some(lot.to_owned()),
        ..observation
    };
    run(&store, "a", vec![positive("9.0"), negative("0.1"), result(1)]);
    assert_eq!(controls(&store, 1).kit, KitControls::Passed);
    run(&store, "b", vec![of_lot("L2", result(2))]);
    assert_eq!(controls(&store, 2).kit, KitControls::NotRecorded, "no control of the new lot");
    run(&store, "c", vec![of_lot("L2", positive("9.1")), of_lot("L2", result(3))]);
    assert_eq!(controls(&store, 3).kit, KitControls::NotRecorded, "one of two");
    run(&store, "d", vec![of_lot("L2", negative("0.1")), of_lot("L2", result(4))]);
    assert_eq!(controls(&store, 4).kit, KitControls::Passed);
    run(&store, "e", vec![result(5)]);
    assert_eq!(controls(&store, 5).kit, KitControls::Passed, "the old lot still has its own");
}

#[test]
fn a_control_after_a_result_that_had_none_before_closes_nothing() {
    let (_bench, store) = bench_with_kit();
    run(&store, "a", vec![result(1), positive("9.0"), negative("0.1")]);
    let found = controls(&store, 1);
    assert_eq!((found.kit, found.bracket), (KitControls::NotRecorded, Bracket::Open));
}

#[test]
fn the_controls_of_a_results_own_message_are_those_of_its_run() {
    let (_bench, store) = bench_with_kit();
    run(&store, "before", vec![control("PC", Reading::Nonreactive, "0.2"), negative("0.1")]);
    record(&store, message("plate", vec![result(1), positive("9.0"), negative("0.1"), result(2)]));
    run(&store, "after", vec![control("PC", Reading::Nonreactive, "0.3")]);
    for number in [1, 2] {
        let found = controls(&store, number);
        assert_eq!((found.kit, found.bracket), (KitControls::Passed, Bracket::Closed), "{number}");
        assert_eq!(found.observations, [4, 5]);
    }
}

#[test]
fn a_control_without_a_target_and_one_that_is_not_finished_is_none() {
    let bench = Bench::new();
    let store = bench.open();
    run(&store, "a", vec![positive("9.0"), result(1)]);
    assert_eq!(controls(&store, 1), Controls::default());
    let must = Expected::Reading(Reading::Reactive);
    put(&store, target("PC", ControlSource::Kit, must), "u1");
    run(&store, "b", vec![result(2)]);
    assert_eq!(controls(&store, 2).kit, KitControls::NotRecorded, "it ran before its target");
    assert_eq!(controls(&store, 1), Controls::default(), "a target speaks for what comes after");
    let status = Some(ResultStatus::Preliminary);
    run(&store, "c", vec![Observation { status, ..positive("9.1") }, result(3)]);
    assert_eq!(controls(&store, 3).kit, KitControls::NotRecorded);
    let status = Some(ResultStatus::Questionable);
    run(&store, "d", vec![Observation { status, ..positive("9.2") }, result(4)]);
    assert_eq!(controls(&store, 4).kit, KitControls::Failed);
}

#[test]
fn external_controls_are_judged_by_their_chart() {
    let bench = Bench::new();
    let store = bench.open();
    let number = |text: &str| text.parse().unwrap();
    let expected = Expected::Distribution(number("10"), number("1"));
    put(&store, target("QC", ControlSource::External, expected), "u1");
    let qc = |value: &str| control("QC", Reading::Reactive, value);
    run(&store, "a", vec![qc("10.5"), result(1)]);
    let found = controls(&store, 1);
    assert!(found.external.recorded && !found.external.wrong_reading);
    assert_eq!(found.external.violations, []);
    assert_eq!(found.kit, KitControls::NotRecorded);
    run(&store, "b", vec![qc("12.5"), result(2)]);
    assert_eq!(controls(&store, 2).external.violations, [WestgardRule::OneTwoS]);
    assert_eq!(controls(&store, 1).external.violations, [WestgardRule::OneTwoS], "it closes it");
    run(&store, "c", vec![qc("12.6"), result(3)]);
    let both = [WestgardRule::OneTwoS, WestgardRule::TwoTwoS];
    assert_eq!(controls(&store, 3).external.violations, both);
    assert_eq!(controls(&store, 2).external.violations, both);
    assert_eq!(controls(&store, 1).external.violations, [WestgardRule::OneTwoS], "not its own");
    let wrong = Observation { number: None, ..qc("?") };
    run(&store, "d", vec![wrong, result(4)]);
    assert!(controls(&store, 4).external.wrong_reading, "what cannot be told is wrong");
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn a_range_is_not_taken_across_runs() {
    let bench = Bench::new();
    let store = bench.open();
    let number = |text: &str| text.parse().unwrap();
    for (level, material) in [(1, "Q1"), (2, "Q2")] {
        let expected = Expected::Distribution(number("10"), number("1"));
        let Record::Target(target) = target(material, ControlSource::External, expected) else {
            panic!("no target")
        };
        put(&store, Record::Target(ControlTarget { level, ..target }), "u1");
    }
    let qc = |material: &str, value: &str| control(material, Reading::Reactive, value);
    run(&store, "one run", vec![qc("Q1", "12.3"), qc("Q2", "7.8"), result(1)]);
    let range = [WestgardRule::OneTwoS, WestgardRule::RangeFourS];
    assert_eq!(controls(&store, 1).external.violations, range);
    run(&store, "again", vec![qc("Q1", "10.1"), qc("Q2", "10.2"), result(2)]);
    run(&store, "two runs", vec![qc("Q1", "12.4"), result(3), qc("Q2", "7.7"), result(4)]);
    assert_eq!(controls(&store, 4).external.violations, [WestgardRule::OneTwoS]);
}

#[test]
fn a_control_is_looked_for_among_so_many_and_no_more() {
    let (_bench, store) = bench_with_kit();
    let of_lot = |lot: &str, observation: Observation| Observation {
        reagent_lot: Some(lot.to_owned()),
        ..observation
    };
    run(&store, "own", vec![of_lot("L1", positive("9")), of_lot("L1", negative("0"))]);
    let others = |name: &str, count: usize| {
        let both = |at: usize| {
            let (high, low) = (format!("9.{at}"), format!("0.{at}"));
            [of_lot("L2", positive(&format!("{high}{name}"))), of_lot("L2", negative(&low))]
        };
        let found = (0..count).flat_map(both).map(|o| Observation { position: None, ..o });
        run(&store, name, found.collect());
    };
    others("1", limits::CONTROL_LOOK_AROUND - 1);
    run(&store, "at the bound", vec![of_lot("L1", result(1))]);
    assert_eq!(controls(&store, 1).kit, KitControls::Passed);
    run(&store, "past", vec![of_lot("L2", positive("8")), of_lot("L2", negative("-1"))]);
    run(&store, "one past", vec![of_lot("L1", result(2))]);
    assert_eq!(controls(&store, 2).kit, KitControls::NotRecorded);
}
