//! MLLP release 2: every block is committed by a block of one byte.

use hemogate::limits;
use hemogate::link::mllp::{Duplex, Settings};
use hemogate::link::{Answer, Event, Link, LinkFaultKind as Kind, Sending};

use crate::bench::{Bench, at};
use crate::mllp_client::{acknowledgement, block};
use crate::mllp_duplex::{message, order, result, said, settings};

fn committing() -> Bench<Duplex> {
    Bench::new(Duplex::new(Settings { commit: true, ..settings() }))
}

fn ack() -> Vec<u8> {
    block(b"\x06")
}

fn nak() -> Vec<u8> {
    block(b"\x15")
}

#[test]
fn a_result_is_committed_when_it_is_stored_and_then_acknowledged() {
    let mut bench = committing();
    assert!(bench.feed(&block(&result("r1"))).is_empty());
    assert_eq!(said(&bench.answer(Answer::Stored)), ["ACK", "AA r1"]);
    assert!(bench.feed(&ack()).is_empty());
    assert_eq!(bench.link.deadline(), None);
}

#[test]
fn a_result_that_is_not_stored_gets_nak_and_no_other_word() {
    let mut bench = committing();
    bench.feed(&block(&result("r1")));
    assert_eq!(said(&bench.answer(Answer::Refused("disk full".to_owned()))), ["NAK"]);
    bench.feed(&block(&result("r1")));
    assert_eq!(said(&bench.answer(Answer::StoredUnread("odd".to_owned()))), ["ACK", "AE r1"]);
}

#[test]
fn empty_and_long_blocks_get_nak_in_their_turn() {
    let mut bench = committing();
    assert_eq!(said(&bench.feed(b"\x0b\x1c\r")), ["NAK"]);
    let mut long = result("r2");
    long.resize(limits::MESSAGE_MAX + 1, b'x');
    bench.feed(&[block(&result("r1")), block(&long)].concat());
    assert_eq!(said(&bench.answer(Answer::Stored)), ["ACK", "AA r1", "NAK"]);
}

#[test]
fn the_next_block_leaves_when_the_one_before_is_committed() {
    let mut bench = committing();
    bench.feed(&block(&result("r1")));
    assert_eq!(said(&bench.send(1, &order("o1"))), ["o1"]);
    assert_eq!(said(&bench.answer(Answer::Stored)), ["ACK"], "the AA waits for the commit of o1");
    assert_eq!(said(&bench.feed(&ack())), ["AA r1"]);
    bench.feed(&ack());
    assert_eq!(said(&bench.feed(&acknowledgement("AA", "o1", ""))), ["ACK"]);
    assert_eq!(bench.accepted(), [1]);
    assert!(bench.link.is_idle() && bench.faults().is_empty());
}

#[test]
fn the_wait_for_the_answer_begins_with_the_commit() {
    let mut bench = committing();
    bench.send(1, &order("o1"));
    bench.wait_until(4);
    bench.feed(&ack());
    assert_eq!(bench.link.deadline().unwrap().at, at(9));
    bench.wait_until(8);
    bench.feed(&acknowledgement("AA", "o1", ""));
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_block_is_sent_again_up_to_the_bound_and_then_the_connection_goes() {
    let mut bench = committing();
    bench.send(1, &order("o1"));
    for _ in 0..limits::COMMIT_RETRIES_MAX {
        assert_eq!(bench.feed(&nak()), block(&order("o1")));
        assert!(!bench.link.must_close());
    }
    assert!(bench.feed(&nak()).is_empty());
    assert!(bench.link.must_close());
    assert_eq!(bench.given_up(), [(1, "the peer would not commit a block".to_owned())]);
}

#[test]
fn fm_41_a_late_commit_is_never_credited_to_the_next_block() {
    let mut bench = committing();
    bench.send(1, &order("o1"));
    bench.send(2, &order("o2"));
    bench.wait_until(5);
    assert!(bench.link.must_close());
    assert!(bench.feed(&ack()).is_empty());
    assert_eq!(bench.given_up(), [(1, "no commit in time".to_owned())]);
    let mut bench = committing();
    bench.feed(&ack());
    assert_eq!(bench.fault_kinds(), [Kind::StrayAnswer]);
    assert!(bench.link.must_close());
}

#[test]
fn a_message_that_asks_for_silence_is_accepted_by_its_commit() {
    let mut bench = committing();
    bench.send(1, &message("OML^O33", "o1", "NE", "NE"));
    assert!(bench.accepted().is_empty() && !bench.link.is_idle());
    bench.feed(&ack());
    assert_eq!(bench.accepted(), [1]);
    assert!(bench.link.is_idle());
    bench.send(2, &message("OML^O33", "o2", "NE", "NE"));
    bench.link.disconnect(at(1));
    bench.drain();
    assert_eq!(bench.given_up().len(), 1);
}

#[test]
fn a_commit_never_overtakes_the_one_that_is_owed_before() {
    let mut bench = committing();
    bench.send(1, &order("o1"));
    bench.feed(&[ack(), block(&result("r1")), acknowledgement("AA", "o1", "")].concat());
    assert_eq!(bench.accepted(), [1]);
    let refused = bench.answer(Answer::Refused("disk full".to_owned()));
    assert_eq!(said(&refused), ["NAK", "ACK"], "r1 first: commits name no block");
}

#[test]
fn commits_owed_are_bounded_too() {
    let mut bench = committing();
    bench.feed(&block(&result("r1")));
    let mut fed = 0;
    while bench.link.wants_bytes() {
        bench.feed(b"\x0b\x1c\r");
        fed += 1;
        bench.events.retain(|event| matches!(event, Event::Message { .. }));
    }
    assert!(fed < limits::LINK_BACKLOG_MAX);
    let sent = said(&bench.answer(Answer::Stored));
    assert_eq!(sent.iter().filter(|word| *word == "NAK").count(), fed);
}

#[test]
fn the_wait_for_a_commit_begins_anew_with_each_try() {
    let mut bench = committing();
    bench.send(1, &order("o1"));
    bench.wait_until(4);
    bench.feed(&nak());
    assert_eq!(bench.link.deadline().unwrap().at, at(9));
    bench.wait_until(8);
    assert!(!bench.link.must_close());
    bench.feed(&ack());
    assert!(!bench.link.must_close());
}

/// NAK makes its sender send it again, silent or not.
#[test]
fn a_message_that_asks_for_silence_and_is_not_stored_gets_nak() {
    let mut bench = committing();
    bench.feed(&block(&message("ORU^R01", "r1", "NE", "NE")));
    assert_eq!(said(&bench.answer(Answer::Refused("disk full".to_owned()))), ["NAK"]);
    assert_eq!(bench.link.deadline(), None);
}

/// The answer itself says that the block arrived: its commit is not waited for to settle it.
#[test]
fn a_message_whose_answer_overtakes_its_commit_is_settled_once() {
    let mut bench = committing();
    bench.send(1, &order("o1"));
    bench.feed(&acknowledgement("AA", "o1", ""));
    assert_eq!(bench.accepted(), [1]);
    assert!(bench.link.is_idle());
    bench.link.disconnect(at(1));
    bench.drain();
    assert!(bench.given_up().is_empty());
}
