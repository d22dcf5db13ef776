//! What the quality department looks at: control charts, registers, runs, assessment rounds.

use hemogate::domain::{
    Assay, ControlFailure, ControlSource, ControlTarget, EqaOutcome, EqaRecord, EqaStep, Expected,
    Kit, KitControls, KitRecord, LotRecord, LotStanding, Observation, Reading, Record, RunRecord,
    SpecimenKind, WestgardRule,
};
use hemogate::limits;
use hemogate::store::{ControlKey, ControlState, RunJudged, SeriesPoint, Store};

use crate::bench::*;

fn number(text: &str) -> rust_decimal::Decimal {
    text.parse().unwrap()
}

fn key(material: &str) -> ControlKey {
    let (analyser, test_code) = ("e601".to_owned(), "HBSAG".to_owned());
    ControlKey { analyser, test_code, material: material.to_owned() }
}

fn control(material: &str, value: &str) -> Observation {
    Observation {
        kind: SpecimenKind::Control,
        specimen_id: Some(material.to_owned()),
        din: None,
        reading: Some(Reading::Reactive),
        control_lot: Some("C1".to_owned()),
        ..observation(0, Assay::Hbsag, value)
    }
}

fn target(material: &str, level: u32, source: ControlSource, expected: Expected) -> Record {
    Record::Target(ControlTarget {
        analyser: "e601".to_owned(),
        test_code: "HBSAG".to_owned(),
        material: material.to_owned(),
        control_lot: Some("C1".to_owned()),
        level,
        source,
        expected,
    })
}

fn ten_and_one() -> Expected {
    Expected::Distribution(number("10"), number("1"))
}

fn run(store: &Store, name: &str, observations: Vec<Observation>) {
    for (at, observation) in observations.into_iter().enumerate() {
        record(store, message(&format!("{name} {at}"), vec![observation]));
    }
}

fn result(number: u32) -> Observation {
    observation(number, Assay::Hbsag, "0.42")
}

fn states(points: &[SeriesPoint]) -> Vec<&'static str> {
    points.iter().map(|point| point.state.id()).collect()
}

#[test]
fn a_chart_has_each_point_with_its_target_and_its_marks() {
    let bench = Bench::new();
    let store = bench.open();
    run(&store, "early", vec![control("QC", "10.1"), result(1)]);
    put(&store, target("QC", 1, ControlSource::External, ten_and_one()), "u1");
    for (at, value) in ["10.5", "12.5", "12.6", "13.2", "9.8"].into_iter().enumerate() {
        run(&store, &format!("day {at}"), vec![control("QC", value), result(2 + at as u32)]);
    }
    let series = store.control_series(&key("QC"), 50).unwrap();
    assert!(!series.has_older);
    let words = ["not_judged", "in_control", "warning", "rejected", "rejected", "in_control"];
    assert_eq!(states(&series.points), words);
    assert_eq!(series.points[0].target, None, "it ran before its target");
    assert_eq!(series.points[2].violations, [WestgardRule::OneTwoS]);
    let two = [WestgardRule::OneTwoS, WestgardRule::TwoTwoS];
    assert_eq!(series.points[3].violations, two);
    let three = [WestgardRule::OneTwoS, WestgardRule::OneThreeS, WestgardRule::TwoTwoS];
    assert_eq!(series.points[4].violations, three);
    assert_eq!(series.points[4].z, Some(number("3.2")));
    assert_eq!(series.points[4].target.as_ref().unwrap().level, 1);
    let runs: Vec<u64> = series.points.iter().map(|point| point.run).collect();
    assert_eq!(runs, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_chart_says_what_results_are_judged_by() {
    let bench = Bench::new();
    let store = bench.open();
    for (level, material) in [(1, "Q1"), (2, "Q2")] {
        put(&store, target(material, level, ControlSource::External, ten_and_one()), "u1");
    }
    let days = [("12.3", "7.8"), ("10.1", "10.2"), ("12.4", "12.2"), ("10.3", "10.4")];
    for (at, (one, two)) in days.into_iter().enumerate() {
        let both = vec![control("Q1", one), control("Q2", two), result(1 + at as u32)];
        run(&store, &format!("day {at}"), both);
    }
    let charts = ["Q1", "Q2"].map(|name| store.control_series(&key(name), 50).unwrap().points);
    // The opening controls of the last result are the run's own.
    for (at, day) in (1..=4).zip(0..) {
        let found = facts(&store, at).observations[0].circumstances.controls.clone();
        let mut marks: Vec<_> = charts.iter().flat_map(|chart| &chart[day].violations).collect();
        marks.sort_unstable();
        marks.dedup();
        let judged: Vec<_> = found.external.violations.iter().collect();
        let missing = marks.iter().filter(|mark| !judged.contains(mark)).count();
        assert_eq!(missing, 0, "day {day}: {marks:?} {judged:?}");
    }
    assert_eq!(charts[1][0].violations, [WestgardRule::OneTwoS, WestgardRule::RangeFourS]);
    assert_eq!(charts[1][2].violations, [WestgardRule::OneTwoS, WestgardRule::TwoTwoS]);
}

#[test]
fn a_control_of_the_kit_is_rejected_beyond_three_and_has_no_marks() {
    let bench = Bench::new();
    let store = bench.open();
    put(&store, target("PC", 1, ControlSource::Kit, ten_and_one()), "u1");
    let must = Expected::Reading(Reading::Nonreactive);
    put(&store, target("NC", 1, ControlSource::Kit, must), "u1");
    let values = ["12.9", "13", "13.1"];
    run(&store, "kit", values.map(|value| control("PC", value)).to_vec());
    run(&store, "none", vec![control("NC", "0.1")]);
    let points = store.control_series(&key("PC"), 50).unwrap().points;
    assert_eq!(states(&points), ["in_control", "in_control", "rejected"]);
    assert!(points.iter().all(|point| point.violations.is_empty()));
    let points = store.control_series(&key("NC"), 50).unwrap().points;
    assert_eq!(states(&points), ["rejected"], "it reads reactive");
}

#[test]
fn a_chart_has_so_many_points_and_no_more() {
    let bench = Bench::new();
    let store = bench.open();
    let count = limits::CONTROL_SERIES_POINTS_MAX + 1;
    let controls: Vec<Observation> = (0..count)
        .map(|at| Observation { position: Some(at.to_string()), ..control("QC", "10") })
        .collect();
    record(&store, message("many", controls));
    let all = store.control_series(&key("QC"), usize::MAX).unwrap();
    assert_eq!((all.points.len(), all.has_older), (limits::CONTROL_SERIES_POINTS_MAX, true));
    let few = store.control_series(&key("QC"), 3).unwrap();
    assert_eq!(few.points, all.points[all.points.len() - 3..]);
    let none = store.control_series(&key("other"), 3).unwrap();
    assert!(none.points.is_empty() && !none.has_older);
}

#[test]
fn a_chart_does_not_show_points_whose_past_was_not_read() {
    let bench = Bench::new();
    let store = bench.open();
    let count = limits::CONTROL_SERIES_ROWS;
    let material = |at: usize| if at < limits::CONTROL_CHART_ROWS { "Q1" } else { "Q2" };
    let controls = |range: std::ops::Range<usize>| -> Vec<Observation> {
        let named = |at: usize| Observation {
            position: Some(at.to_string()),
            ..control(material(at), "10")
        };
        range.map(named).collect()
    };
    record(&store, message("before", controls(0..count - 1)));
    let points = |name: &str| store.control_series(&key(name), usize::MAX).unwrap();
    assert_eq!(points("Q1").points.len(), limits::CONTROL_SERIES_POINTS_MAX);
    record(&store, message("at the bound", controls(count - 1..count)));
    assert_eq!((points("Q1").points.len(), points("Q1").has_older), (0, true));
    let seen = store.controls_seen().unwrap();
    let names: Vec<&str> = seen.iter().map(|seen| seen.key.material.as_str()).collect();
    assert_eq!(names, ["Q1", "Q2"], "its last point is found all the same");
    assert_eq!(seen[0].last.observation, limits::CONTROL_CHART_ROWS as i64);
}

#[test]
fn controls_are_listed_with_their_last_point_and_targets_with_the_one_in_force() {
    let bench = Bench::new();
    let store = bench.open();
    let other = Expected::Distribution(number("11"), number("1"));
    put(&store, target("QC", 1, ControlSource::External, other), "u1");
    put(&store, target("QC", 1, ControlSource::External, ten_and_one()), "u2");
    run(&store, "a", vec![control("QC", "10"), control("NC", "0.1"), control("QC", "14")]);
    let seen = store.controls_seen().unwrap();
    let words: Vec<(&str, ControlState)> =
        seen.iter().map(|seen| (seen.key.material.as_str(), seen.last.state)).collect();
    assert_eq!(words, [("NC", ControlState::NotJudged), ("QC", ControlState::Rejected)]);
    let targets = store.control_targets().unwrap();
    let words: Vec<(&str, bool)> =
        targets.iter().map(|entry| (entry.mark.by.as_str(), entry.is_in_force)).collect();
    assert_eq!(words, [("u2", true), ("u1", false)]);
}

fn lot(name: &str, standing: LotStanding) -> Record {
    Record::Lot(LotRecord {
        profile: "roche-cobas-e601".to_owned(),
        test_code: "HBSAG".to_owned(),
        lot: name.to_owned(),
        standing,
        expiry: Some("2027-01-31".parse().unwrap()),
    })
}

#[test]
fn the_register_of_lots_has_their_history_and_their_use() {
    let bench = Bench::new();
    let store = bench.open();
    put(&store, lot("L1", LotStanding::NotReleased), "u1");
    put(&store, lot("L1", LotStanding::DeliveryNotAccepted), "u2");
    put(&store, lot("L1", LotStanding::Released), "u1");
    let of_lot = |lot: &str, number: u32| Observation {
        reagent_lot: Some(lot.to_owned()),
        ..result(number)
    };
    let other_test = observation(1, Assay::Hiv, "0.1");
    let other_test = Observation { reagent_lot: Some("L1".to_owned()), ..other_test };
    run(&store, "a", vec![other_test, of_lot("L1", 1), of_lot("L1", 2), of_lot("L9", 3)]);
    let register = store.lot_register().unwrap();
    let lots: Vec<(&str, &str)> =
        register.iter().map(|entry| (entry.lot.as_str(), entry.standing().id())).collect();
    assert_eq!(lots, [("L1", "released"), ("L9", "not_recorded")]);
    let known = &register[0];
    let by: Vec<&str> = known.history.iter().map(|step| step.mark.by.as_str()).collect();
    assert_eq!(by, ["u1", "u2", "u1"]);
    assert_eq!(known.expiry(), Some("2027-01-31".parse().unwrap()));
    let uses = [&known.first_use, &known.last_use].map(|one| one.as_ref().unwrap().observation);
    assert_eq!(uses, [2, 3], "another test's lot of that name is another lot");
    assert_eq!(register[1].profile, "roche-cobas-e601");
}

#[test]
fn a_use_of_a_lot_is_looked_for_among_so_many_results() {
    let bench = Bench::new();
    let store = bench.open();
    put(&store, lot("L1", LotStanding::Released), "u1");
    let other = |at: u32| Observation {
        reagent_lot: Some("L1".to_owned()),
        ..observation(at, Assay::Hiv, "0.1")
    };
    let most = limits::LOT_USES_READ;
    record(&store, message("others", (1..most).map(other).collect()));
    let own = |at| Observation { reagent_lot: Some("L1".to_owned()), ..result(at) };
    record(&store, message("own", vec![own(1)]));
    let found = |store: &Store| store.lot_register().unwrap()[0].first_use.clone();
    assert_eq!(found(&store).unwrap().observation, i64::from(most), "at the bound");
    let bench = Bench::new();
    let store = bench.open();
    put(&store, lot("L1", LotStanding::Released), "u1");
    record(&store, message("others", (1..=most).map(other).collect()));
    record(&store, message("own", vec![own(1)]));
    assert_eq!(found(&store), None, "one past");
}

#[test]
fn the_register_of_kits_has_their_history() {
    let bench = Bench::new();
    let store = bench.open();
    for name in ["HBsAg I", "HBsAg II"] {
        let kit = Kit {
            maker: "Acme".to_owned(),
            name: name.to_owned(),
            containers: Vec::new(),
            stability_hours: None,
            pool_max: None,
            controls: Vec::new(),
        };
        let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
        put(&store, Record::Kit(KitRecord { profile, test_code, kit }), "u1");
    }
    let kits = store.kit_register().unwrap();
    assert_eq!(kits.len(), 1);
    let names: Vec<&str> = kits[0].history.iter().map(|(_, kit)| kit.name.as_str()).collect();
    assert_eq!(names, ["HBsAg I", "HBsAg II"]);
}

fn window(from: &str, to: &str, accepted: bool) -> RunRecord {
    RunRecord {
        analyser: "e601".to_owned(),
        test_code: "HBSAG".to_owned(),
        plate: "P1".to_owned(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        accepted,
        text: "looked at".to_owned(),
    }
}

#[test]
fn a_run_has_its_controls_its_results_and_what_people_said() {
    let bench = Bench::new();
    let store = bench.open();
    put(&store, target("PC", 1, ControlSource::Kit, Expected::Reading(Reading::Reactive)), "u1");
    let plate = |name: &str, numbers: [u32; 2], pc: &str, time: &str| {
        let received_at = time.parse().unwrap();
        let observations = vec![result(numbers[0]), control("PC", pc), result(numbers[1])];
        record(&store, hemogate::store::Entry { received_at, ..message(name, observations) });
    };
    plate("one", [1, 2], "9", "2026-11-21T08:00:00Z");
    plate("two", [3, 4], "9.5", "2026-11-21T09:00:00Z");
    let accepted = window("2026-11-21T07:59:00Z", "2026-11-21T08:01:00Z", true);
    put(&store, Record::Run(accepted), "u2");
    let runs = store.control_runs("e601", "HBSAG").unwrap();
    let words: Vec<(u64, usize, usize)> =
        runs.iter().map(|run| (run.run, run.controls.len(), run.results)).collect();
    assert_eq!(words, [(2, 1, 2), (1, 1, 2)], "latest first");
    assert_eq!(runs[0].spoken.as_ref().unwrap().kit, KitControls::Passed);
    assert!(runs[0].judged.is_empty());
    assert!(matches!(&runs[1].judged[..], [RunJudged::Judged(mark, _)] if mark.by == "u2"));
    assert_eq!(store.control_runs("e601", "HIV").unwrap(), []);
}

#[test]
fn what_a_rejected_run_would_touch_is_what_it_touches() {
    let bench = Bench::new();
    let store = bench.open();
    for at in 1..=3 {
        register(&store, registration(at)).unwrap();
    }
    record(&store, message("one", full_panel(1)));
    record(&store, message("two", full_panel(2)));
    record(&store, message("three", vec![result(3)]));
    let run = window("2026-11-21T11:00:00Z", "2026-11-21T13:00:00Z", false);
    let reach = store.run_reach(&run).unwrap();
    let words = (reach.results, reach.donations, reach.releasable, reach.has_more);
    assert_eq!(words, (3, 3, 2, false));
    let failure = ControlFailure {
        analyser: run.analyser.clone(),
        test_code: run.test_code.clone(),
        from: run.from,
        to: run.to,
    };
    let records = vec![Record::Run(run.clone()), Record::ControlFailure(failure)];
    put_all(&store, records.into_iter().map(|one| (one, "u1".to_owned())).collect()).unwrap();
    let recalled = (1..=3).filter(|at| verdict_of(&store, *at) == "recalled").count();
    assert_eq!(recalled, reach.releasable);
    assert_eq!(store.run_reach(&run).unwrap().releasable, 0);
    let elsewhere = RunRecord { analyser: "e602".to_owned(), ..run };
    assert_eq!(store.run_reach(&elsewhere).unwrap().results, 0);
}

#[test]
fn results_of_a_run_are_counted_up_to_a_bound() {
    let bench = Bench::new();
    let store = bench.open();
    run(&store, "control", vec![control("QC", "10")]);
    let most = limits::RUN_RESULTS_COUNTED as u32;
    record(&store, message("many", (1..=most).map(result).collect()));
    let found = |store: &Store| {
        let run = store.control_runs("e601", "HBSAG").unwrap().remove(0);
        (run.results, run.has_more)
    };
    assert_eq!(found(&store), (limits::RUN_RESULTS_COUNTED, false));
    record(&store, message("one more", vec![result(most + 1)]));
    assert_eq!(found(&store), (limits::RUN_RESULTS_COUNTED, true));
    for at in 0..limits::RUNS_LISTED_MAX {
        run(&store, &format!("run {at}"), vec![control("QC", "10"), result(1)]);
        let listed = store.control_runs("e601", "HBSAG").unwrap().len();
        assert_eq!(listed, (at + 2).min(limits::RUNS_LISTED_MAX));
    }
}

fn eqa(round: &str, step: EqaStep) -> Record {
    let (scheme, round) = ("NCCL".to_owned(), round.to_owned());
    Record::Eqa(EqaRecord { scheme, round, step })
}

#[test]
fn a_round_is_put_together_from_its_steps() {
    let bench = Bench::new();
    let store = bench.open();
    let opened = |due: &str| EqaStep::Opened {
        assays: vec![Assay::Hbsag, Assay::Hiv],
        due: due.parse().unwrap(),
    };
    let reported = |assay, result: &str| EqaStep::Reported {
        sample: "2611".to_owned(),
        assay,
        result: result.to_owned(),
    };
    put(&store, eqa("2026-1", opened("2026-03-31")), "u1");
    put(&store, eqa("2026-2", opened("2026-11-20")), "u1");
    put(&store, eqa("2026-2", reported(Assay::Hbsag, "negative")), "u1");
    put(&store, eqa("2026-2", reported(Assay::Hbsag, "positive")), "u2");
    let today = "2026-11-21".parse().unwrap();
    let rounds = store.eqa_rounds().unwrap();
    let names: Vec<&str> = rounds.iter().map(|round| round.round.as_str()).collect();
    assert_eq!(names, ["2026-1", "2026-2"]);
    assert!(rounds[1].is_overdue(today), "HIV was not reported");
    assert!(!rounds[1].is_overdue("2026-11-20".parse().unwrap()), "it is the last day");
    put(&store, eqa("2026-2", reported(Assay::Hiv, "negative")), "u2");
    assert!(!store.eqa_rounds().unwrap()[1].is_overdue(today));
    let assessed = EqaStep::Assessed {
        sample: "2611".to_owned(),
        assay: Assay::Hbsag,
        expected: "positive".to_owned(),
        outcome: EqaOutcome::Acceptable,
    };
    put(&store, eqa("2026-2", assessed), "u2");
    put(&store, eqa("2026-1", EqaStep::Closed("all as expected".to_owned())), "u1");
    let rounds = store.eqa_rounds().unwrap();
    assert_eq!(rounds[0].round, "2026-2", "open ones first");
    let result = &rounds[0].results[0];
    assert_eq!(result.reported.as_ref().unwrap().1, "positive", "the latest word counts");
    assert_eq!(result.assessed.as_ref().unwrap().2, EqaOutcome::Acceptable);
    assert!(!rounds[0].is_assessed());
    assert_eq!(rounds[0].history.len(), 5);
    assert!(rounds[1].closed.is_some() && !rounds[1].is_overdue(today));
}

#[test]
fn so_many_controls_and_lots_are_listed_and_no_more() {
    let bench = Bench::new();
    let store = bench.open();
    let named = |at: usize| control(&format!("M{at:04}"), "10");
    record(&store, message("controls", (0..limits::CONTROLS_LISTED_MAX).map(named).collect()));
    assert_eq!(store.controls_seen().unwrap().len(), limits::CONTROLS_LISTED_MAX);
    record(&store, message("one more", vec![named(limits::CONTROLS_LISTED_MAX)]));
    let seen = store.controls_seen().unwrap();
    assert_eq!(seen.len(), limits::CONTROLS_LISTED_MAX);
    assert_eq!(seen[0].key.material, "M0000");

    let bench = Bench::new();
    let store = bench.open();
    let of_lot = |at: usize| Observation {
        reagent_lot: Some(format!("L{at:04}")),
        replicate: Some(at.to_string()),
        ..result(1)
    };
    record(&store, message("lots", (0..limits::LOTS_LISTED_MAX).map(of_lot).collect()));
    assert_eq!(store.lot_register().unwrap().len(), limits::LOTS_LISTED_MAX);
    record(&store, message("one lot more", vec![of_lot(limits::LOTS_LISTED_MAX)]));
    assert_eq!(store.lot_register().unwrap().len(), limits::LOTS_LISTED_MAX);
}

#[test]
fn what_a_run_would_touch_is_looked_for_in_so_many_results() {
    let bench = Bench::new();
    let store = bench.open();
    let most = limits::RUN_REACH_SLICES * limits::REDECISION_SLICE;
    let of =
        |at: usize| Observation { replicate: Some(at.to_string()), ..result(1 + (at % 50) as u32) };
    let all: Vec<Observation> = (0..most).map(of).collect();
    for (at, part) in all[..most - 1].chunks(limits::REDECISION_SLICE).enumerate() {
        record(&store, message(&format!("part {at}"), part.to_vec()));
    }
    let run = window("2026-11-21T11:00:00Z", "2026-11-21T13:00:00Z", false);
    let reach = store.run_reach(&run).unwrap();
    assert_eq!((reach.results, reach.donations, reach.has_more), (most - 1, 50, false));
    record(&store, message("the last", all[most - 1..].to_vec()));
    let reach = store.run_reach(&run).unwrap();
    assert_eq!((reach.results, reach.has_more), (most, true), "there may be more");
}

#[test]
fn a_register_is_put_together_from_so_many_records() {
    let bench = Bench::new();
    let store = bench.open();
    let most = limits::QUALITY_RECORDS_READ as usize;
    let closed = |at: usize| {
        let step = EqaStep::Closed("done".to_owned());
        (eqa(&format!("{at:05}"), step), "u1".to_owned())
    };
    let all: Vec<(Record, String)> = (0..most).map(closed).collect();
    for part in all.chunks(limits::RECORDS_PER_REQUEST_MAX) {
        put_all(&store, part.to_vec()).unwrap();
    }
    let last = |store: &Store| store.eqa_rounds().unwrap().last().unwrap().round.clone();
    assert_eq!((store.eqa_rounds().unwrap().len(), last(&store)), (most, "00000".to_owned()));
    put_all(&store, vec![closed(most)]).unwrap();
    assert_eq!((store.eqa_rounds().unwrap().len(), last(&store)), (most, "00001".to_owned()));
}
