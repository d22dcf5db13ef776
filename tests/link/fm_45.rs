//! FM-45: after a NAK the next message was sent in place of the refused one, and the order was
//! lost without a word. Here the refusal is told before any byte of a successor leaves, and there
//! is time to take the successors back.

use hemogate::codec::lis01::{ACK, ENQ, EOT, NAK};
use hemogate::limits;
use hemogate::link::lis01::{Duplex, Packing, Settings};
use hemogate::link::{Sending, Token};

use crate::bench::{Bench, at, etx};

const FIRST: &str = "H|\\^&\rO|1|first\rL|1|N\r";
const SECOND: &str = "H|\\^&\rO|1|second\rL|1|N\r";

/// A host with two messages for one analyser.
fn with_two_messages() -> Bench<Duplex> {
    let settings = Settings { packing: Packing::Packed, ..Settings::host() };
    let mut bench = Bench::new(Duplex::new(settings));
    assert_eq!(bench.send(1, FIRST.as_bytes()), [ENQ]);
    assert!(bench.send(2, SECOND.as_bytes()).is_empty());
    bench
}

fn refused_six_times() -> Bench<Duplex> {
    let mut bench = with_two_messages();
    assert_eq!(bench.feed(&[ACK]), etx(1, FIRST));
    for _ in 0..5 {
        assert_eq!(bench.feed(&[NAK]), etx(1, FIRST), "the refused one again, not the next");
    }
    assert_eq!(bench.feed(&[NAK]), [EOT]);
    bench
}

#[test]
fn fm_45_a_refused_message_is_reported_before_its_successor_leaves() {
    let mut bench = refused_six_times();
    assert_eq!(bench.given_up(), [(1, "frame 1 was refused 6 times".to_owned())]);
    assert!(bench.accepted().is_empty());
    assert_eq!(bench.wait_until(1), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, SECOND));
}

#[test]
fn fm_45_the_successor_can_be_taken_back_and_sent_in_order() {
    let mut bench = refused_six_times();
    assert!(bench.link.withdraw(at(0), Token(2)));
    assert!(bench.send(1, FIRST.as_bytes()).is_empty());
    assert!(bench.send(2, SECOND.as_bytes()).is_empty());
    assert_eq!(bench.wait_until(1), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, FIRST));
    assert_eq!(bench.feed(&[ACK]), etx(2, SECOND));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [1, 2]);
}

#[test]
fn fm_45_a_line_that_is_never_granted_is_reported_before_the_successor_leaves() {
    let mut bench = with_two_messages();
    for bid in 1..u64::from(limits::BIDS_MAX) {
        assert!(bench.feed(&[NAK]).is_empty());
        assert_eq!(bench.wait_until(bid * 10), [ENQ]);
    }
    assert!(bench.feed(&[NAK]).is_empty());
    assert_eq!(bench.given_up().len(), 1);
    assert_eq!(bench.wait_until(60), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, SECOND));
}

#[test]
fn fm_45_without_a_reply_the_successor_waits_for_the_report_too() {
    let mut bench = with_two_messages();
    assert_eq!(bench.feed(&[ACK]), etx(1, FIRST));
    assert_eq!(bench.wait_until(15), [EOT]);
    assert_eq!(bench.given_up(), [(1, "no reply to frame 1 in 15 s".to_owned())]);
    assert_eq!(bench.wait_until(16), [ENQ]);
    assert!(bench.feed(&[ACK]).is_empty(), "it may be the late reply to the first one");
    assert_eq!(bench.wait_until(17), etx(1, SECOND));
    assert!(bench.accepted().is_empty());
}
