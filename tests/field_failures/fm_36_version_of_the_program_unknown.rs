//! FM-36: the fix had existed for years, and only the user who met the fault had it: nobody could
//! tell which version decided. Here every verdict names its rule set and the program that tells it.

use crate::support::bench::Bench;
use crate::support::messages;

#[test]
fn fm_36_every_verdict_names_rule_set_and_program() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    bench.send_clean(&din);
    let (_, page) = bench.daemon.get("/api/v1/verdicts?after=0");
    let donation = bench.daemon.donation(&din);
    assert_eq!(page["program"], env!("CARGO_PKG_VERSION"));
    assert_eq!(donation["program"], env!("CARGO_PKG_VERSION"));
    let rows = page["verdicts"].as_array().unwrap();
    assert!(rows.len() > 1);
    for row in rows.iter().chain([&donation]) {
        let set = &row["rule_set"];
        assert_eq!(set["name"], "cn", "{row}");
        assert!(!set["version"].as_str().unwrap().is_empty(), "{row}");
        assert_eq!(set["sha256"].as_str().unwrap().len(), 64, "{row}");
    }
}
