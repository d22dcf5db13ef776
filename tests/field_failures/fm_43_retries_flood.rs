//! FM-43: timeouts and retries flooded the peer with thousands of duplicates and mismatched
//! acknowledgements. Here a message that comes again is acknowledged and changes nothing.

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Mllp, Sent};

#[test]
fn fm_43_a_thousand_copies_are_one_result() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let mut line = Mllp::dial(bench.daemon.address("alt")).unwrap();
    for attempt in 0..1000 {
        // Some analysers keep the control id when they try again, some take a new one.
        let id = if attempt % 2 == 0 { "77".to_owned() } else { format!("R{attempt}") };
        let message = messages::mindray_alt(&din, "22", &id);
        assert_eq!(line.send(&message, &id), Sent::Acknowledged);
    }
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 1);
    assert_eq!(bench.daemon.feed().len(), 2, "registered, then one result");
    let (_, metrics) = bench.daemon.get_text("/metrics");
    assert!(metrics.contains("hemogate_store_messages_total 1\n"), "stored once: {metrics}");
}
