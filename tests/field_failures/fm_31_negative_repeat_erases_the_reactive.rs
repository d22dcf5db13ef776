//! FM-31: a West Nile virus test was reactive, its retest was not, and the unit was transfused; the
//! lot of the reagent had a raised rate of reactive results. Here a negative repeat erases nothing
//! without a protocol that says so, and such a protocol keeps the first result in view.

use hemogate::domain::{Assay, Reading, ReasonCode, Verdict};

use crate::case::{Bench as _, Case, marker, site};
use crate::support::bench::Bench;
use crate::support::laboratory::{HBSAG, Laboratory, SEROLOGY, result, rules};
use crate::support::messages;

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

#[test]
fn fm_31_the_rate_of_first_reactive_results_is_told_by_lot() {
    let laboratory = Laboratory::new(rules(&[]));
    for number in 0..10 {
        let lot = if number < 5 { "L1" } else { "L2" };
        let sign = if number < 5 || number == 9 { -1 } else { 1 };
        laboratory.send(SEROLOGY, &result(number, HBSAG, sign, number, lot));
    }
    // Neither its repeats nor a copy are first results.
    laboratory.send(SEROLOGY, &result(6, HBSAG, 1, 30, "L2"));
    laboratory.send(SEROLOGY, &result(7, HBSAG, 1, 7, "L2"));
    let rates = laboratory.store.lot_rates().unwrap();
    let told: Vec<_> =
        rates.iter().map(|rate| (rate.lot.as_str(), rate.donations, rate.reactive)).collect();
    assert_eq!(told, [("L1", 5, 0), ("L2", 5, 4)]);
}

const SITE: &str = "[lots]\nreactive_percent = 20\ndonations = 2\n\
                    [[analyser]]\nid = \"serology\"\nprofile = \"lots.toml\"\n\
                    tcp_listen = \"127.0.0.1:0\"\n";

const PROFILE: &str = r#"
extends = "roche-cobas-e601"
name = "e601-with-lots"
version = "1"
date = 2026-01-15
title = "cobas e 601 that sends its lots"
confidence = "low"
built_from = "an assumption"

[fields]
reagent_lot = "R.15"
"#;

#[test]
fn fm_31_a_lot_with_a_raised_rate_is_an_alarm_and_releases_nothing() {
    let mut bench = Bench::written(SITE, &[("lots.toml", PROFILE)]);
    for (number, sign) in [(1, 1), (2, 1), (3, -1)] {
        let din = messages::din(number);
        bench.daemon.register(&messages::registration(&din));
        let message = messages::e601(&din, 515, sign, "2.22", "20260105115617");
        bench.astm("serology", &message.replace("||E11\r", "||E11|L7\r"));
        assert_ne!(bench.verdict(&din), "releasable");
    }
    let (status, lots) = bench.daemon.get("/api/v1/lots");
    assert_eq!((status, &lots["lots"][0]["reactive"]), (200, &serde_json::json!(2)));
    // The first look comes with the start.
    bench.restart();
    bench.until("the alarm of the lot", |bench| {
        bench.metric("hemogate_alarms_total{source=\"lot\"}") == Some(1)
    });
}
