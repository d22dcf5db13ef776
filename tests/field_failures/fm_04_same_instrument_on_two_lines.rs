//! FM-04: an analyser sent on its serial and its Ethernet line at once; streams crossed, results
//! were doubled, missing or another patient's. Here each line has its own parser; two copies that
//! agree are one result, two that disagree hold the donation.

use crate::support::bench::Bench;
use crate::support::messages;

const LINES: [(&str, &str); 2] =
    [("e601-serial", "roche-cobas-e601"), ("e601-ethernet", "roche-cobas-e601")];

#[test]
fn fm_04_two_copies_that_agree_count_once() {
    let bench = Bench::with(&LINES);
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let message = messages::e601(&din, 515, 1, "3.20", "20260105115617");
    bench.astm("e601-serial", &message);
    bench.astm("e601-ethernet", &message);
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 1, "{donation}");
    let reasons = bench.reasons(&din);
    assert!(reasons.contains(&"INITIAL_REACTIVE".to_owned()), "a copy is no repeat: {reasons:?}");
}

#[test]
fn fm_04_two_copies_that_disagree_hold_the_donation() {
    let bench = Bench::with(&LINES);
    let din = messages::din(2);
    bench.daemon.register(&messages::registration(&din));
    let time = "20260105115617";
    bench.astm("e601-serial", &messages::e601(&din, 515, -1, "0.30", time));
    bench.astm("e601-ethernet", &messages::e601(&din, 515, -1, "0.40", time));
    assert_eq!(bench.verdict(&din), "hold");
    assert!(bench.reasons(&din).contains(&"DUPLICATE_ID_CONFLICT".to_owned()));
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 2, "both are kept");
}
