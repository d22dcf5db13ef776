//! Sending again is harmless, whatever was lost.

use crate::bench::Bench;
use crate::wire::{ENQ, EOT, bs_alt, e601_panel, frames};

#[test]
fn a_session_sent_again_after_its_last_acknowledgement_was_lost_changes_nothing() {
    let bench = Bench::listening();
    let panel = frames(1, &e601_panel("D0000000001"));
    let mut wire = bench.wire("e601");
    let (last, before) = panel.split_last().unwrap();
    wire.send_frames(before);
    wire.say(last);
    drop(wire); // the ACK finds nobody
    bench.until("the message is on record", |bench| bench.observations("D0000000001").len() == 4);
    let before = bench.get("/api/v1/donations/D0000000001");
    bench.wire("e601").send_session(&panel);
    assert_eq!(bench.get("/api/v1/donations/D0000000001"), before);
}

#[test]
fn the_same_session_twice_on_one_line_is_acknowledged_twice_and_counted_once() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    for _ in 0..2 {
        wire.send_session(&frames(1, &e601_panel("D0000000001")));
    }
    assert_eq!(bench.messages("D0000000001").len(), 1);
    let mut wire = bench.wire("bs");
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000002", "20")), "AA");
    assert_eq!(wire.send_block(&bs_alt("2", "D0000000002", "20")), "AA");
    assert_eq!(bench.messages("D0000000002").len(), 1);
}

#[test]
fn a_frame_sent_again_because_its_acknowledgement_was_lost_counts_once() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    wire.say(&[ENQ]);
    wire.hear();
    for frame in frames(1, &e601_panel("D0000000001")) {
        for _ in 0..3 {
            wire.say(&frame);
            assert_eq!(wire.hear(), crate::wire::ACK);
        }
    }
    wire.say(&[EOT]);
    assert_eq!(bench.observations("D0000000001").len(), 4);
    assert!(bench.unread().is_empty());
}

#[test]
fn fm_42_what_cannot_be_committed_is_not_acknowledged_and_arrives_by_sending_again() {
    let bench = Bench::listening();
    let mut frames_wire = bench.wire("e601");
    let panel = frames(1, &e601_panel("D0000000002"));
    let (last, before) = panel.split_last().unwrap();
    frames_wire.send_frames(before);
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut wire = bench.wire("bs");
    let message = bs_alt("1", "D0000000001", "20");
    assert_eq!(wire.send_block(&message), "AR");
    frames_wire.say(last);
    assert_eq!(frames_wire.hear(), crate::wire::NAK);
    other.execute_batch("ROLLBACK").unwrap();

    assert_eq!(wire.send_block(&message), "AA");
    frames_wire.say(last);
    assert_eq!(frames_wire.hear(), crate::wire::ACK);
    assert_eq!(bench.observations("D0000000001").len(), 1);
    assert_eq!(bench.observations("D0000000002").len(), 4);
}

/// LIS01-A2 6.2.6: NAK to ENQ is "busy"; the instrument keeps its results and bids again.
#[test]
fn while_the_store_takes_nothing_a_bid_for_the_line_is_refused() {
    let bench = Bench::listening();
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(bench.wire("bs").send_block(&bs_alt("1", "D0000000001", "20")), "AR");
    bench.until("not ready", |bench| bench.get("/readyz").0 == 503);
    let reply_to_bid = |bench: &Bench| {
        let mut wire = bench.wire("e601");
        wire.say(&[crate::wire::ENQ]);
        wire.hear()
    };
    bench.until("busy", |bench| reply_to_bid(bench) == crate::wire::NAK);
    other.execute_batch("ROLLBACK").unwrap();
    bench.until("ready", |bench| bench.get("/readyz").0 == 200);
    bench.until("not busy", |bench| reply_to_bid(bench) == crate::wire::ACK);
}

#[test]
fn a_failing_store_raises_one_alarm_and_recovers_by_itself() {
    let bench = Bench::listening();
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut wire = bench.wire("bs");
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AR");
    let alarms = r#"hemogate_alarms_total{source="store"}"#;
    bench.until("the alarm", |bench| bench.metric(alarms) == 1);
    bench.until("not ready", |bench| bench.get("/readyz").0 == 503);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    bench.until("ready", |bench| bench.get("/readyz").0 == 200);
    assert_eq!(bench.metric(alarms), 1);
}
