//! FM-48: the change of daylight saving time altered checks and timers. Here the order of facts is
//! the order of commits, and no time zone has any influence.

use crate::support::bench::Bench;
use crate::support::messages;

#[test]
fn fm_48_an_analyser_clock_that_jumps_back_changes_no_order() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    // First reactive at 02:30, then the clock goes back an hour, then the repeats at 01:40, 01:41.
    bench.astm("serology", &messages::e601(&din, 515, 1, "1.80", "20261025023000"));
    assert!(bench.reasons(&din).contains(&"INITIAL_REACTIVE".to_owned()));
    bench.astm("serology", &messages::e601(&din, 515, -1, "0.30", "20261025014000"));
    assert!(bench.reasons(&din).contains(&"RETEST_INCOMPLETE".to_owned()));
    bench.astm("serology", &messages::e601(&din, 515, 1, "1.70", "20261025014100"));
    assert_eq!(bench.verdict(&din), "reject", "the repeat was reactive, whatever the clock says");
}

#[test]
fn fm_48_times_are_utc_and_the_feed_is_ordered_by_number() {
    let bench = Bench::start();
    for number in 0..5 {
        bench.daemon.register(&messages::registration(&messages::din(number)));
    }
    for row in bench.daemon.feed() {
        let decided_at = row["decided_at"].as_str().unwrap();
        assert!(decided_at.ends_with('Z'), "{decided_at}");
    }
}
