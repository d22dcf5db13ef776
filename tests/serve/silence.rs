//! T5 on a real line: an analyser that falls silent in the middle of a message. Takes the 30 s of
//! the standard (LIS01-A2 6.5.2.4).

use std::time::{Duration, Instant};

use crate::bench::{Bench, both_listening};
use crate::wire::frame;

/// The longest time until the silence must have been noticed: T5 and half of it again.
const NOTICED_WITHIN: Duration = Duration::from_secs(45);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);

#[test]
#[allow(clippy::disallowed_methods)] // a bound for the test, not a timer of the product
fn silence_is_noticed_without_a_byte_and_what_was_received_is_kept() {
    let bench = Bench::new(&both_listening());
    let mut wire = bench.wire("e601");
    wire.say(&[0x05]);
    assert_eq!(wire.hear(), 0x06);
    wire.say(&frame(1, "H|\\^&\rP|1\r", true));
    assert_eq!(wire.hear(), 0x06);
    let start = Instant::now();
    while bench.unread().is_empty() && start.elapsed() < NOTICED_WITHIN {
        std::thread::park_timeout(LOOK_EVERY);
    }
    let unread = bench.unread();
    assert_eq!(unread.len(), 1, "{unread:?}");
    let why = unread[0]["incomplete"].as_str().unwrap();
    assert_eq!(why, "the analyser fell silent before the end");
}
