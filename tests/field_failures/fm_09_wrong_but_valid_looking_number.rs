//! FM-09: more than one scan in 84,000 gave a wrong number that looked right. Here the check
//! character decides wherever it is sent, and an unknown number never creates a donation.

use serde_json::json;

use crate::support::bench::Bench;
use crate::support::messages;

#[test]
fn fm_09_a_typed_number_with_a_wrong_check_character_is_refused() {
    let bench = Bench::start();
    // ST-001: H belongs to G123498654321; here the last two digits are swapped.
    let mut registration = messages::registration("G123498654312H");
    let (status, problem) = bench.daemon.post("/api/v1/donations", &registration);
    assert_eq!(status, 422, "{problem}");
    registration["din"] = json!("G123498654321H");
    assert_eq!(bench.daemon.post("/api/v1/donations", &registration).0, 201);
    // Scanned with check flags, it is the same donation.
    registration["din"] = json!("=G12349865432177");
    assert_eq!(bench.daemon.post("/api/v1/donations", &registration).0, 200);
    registration["din"] = json!("=G12349865431277");
    assert_eq!(bench.daemon.post("/api/v1/donations", &registration).0, 422);
}

#[test]
fn fm_09_an_unknown_number_never_creates_a_donation() {
    let bench = Bench::start();
    let din = messages::din(7);
    bench.astm("serology", &messages::e601_clean(&din));
    let waiting = bench.daemon.donation(&din);
    assert!(waiting["registration"].is_null(), "{waiting}");
    assert_eq!(waiting["verdict"], "pending");
    assert!(bench.daemon.feed().is_empty(), "nobody registered it, so nobody is told of it");
    // What waited joins when inventory registers it.
    bench.daemon.register(&messages::registration(&din));
    let joined = bench.daemon.donation(&din);
    assert_eq!(joined["observations"].as_array().unwrap().len(), 4);
    assert_eq!(bench.daemon.feed().len(), 1);
}

#[test]
fn fm_09_a_result_whose_scanned_check_fails_joins_no_donation() {
    let bench = Bench::start();
    bench.daemon.register(&messages::registration("G123498654312"));
    let misread = messages::e601("=G12349865431277", 515, -1, "0.30", "20260105115617");
    bench.astm("serology", &misread);
    let donation = bench.daemon.donation("G123498654312");
    assert!(donation["observations"].as_array().unwrap().is_empty(), "{donation}");
}
