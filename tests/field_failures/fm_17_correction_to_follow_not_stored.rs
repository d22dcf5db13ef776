//! FM-17: the flag "a correcting result will follow" was not stored, so an uncorrected result was
//! released. Here an unknown flag is not releasable and a preliminary status stays one.

use crate::support::bench::Bench;
use crate::support::messages;

#[test]
fn fm_17_a_flag_nobody_knows_blocks_release() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let flagged = messages::e601_clean(&din).replacen("|COI||N||F|", "|COI||S||F|", 1);
    bench.astm("serology", &flagged);
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"][0]["flags"], serde_json::json!(["S"]));
    assert_eq!(donation["verdict"], "pending");
    assert!(bench.reasons(&din).contains(&"UNACCOUNTED".to_owned()));
}

#[test]
fn fm_17_a_preliminary_result_stays_preliminary() {
    let bench = Bench::start();
    let din = messages::din(2);
    bench.daemon.register(&messages::registration(&din));
    let preliminary = messages::e601_clean(&din).replacen("|COI||N||F|", "|COI||N||P|", 1);
    bench.astm("serology", &preliminary);
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"][0]["status"], "preliminary", "{donation}");
    let passed = donation["passed"].as_array().unwrap();
    assert!(!passed.iter().any(|check| check["name"] == "anti-hcv"), "{donation}");
}
