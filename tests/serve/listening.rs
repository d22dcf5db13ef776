//! Analysers that dial us.

use serde_json::json;

use crate::bench::Bench;
use crate::wire::{
    ACK, ENQ, EOT, NAK, acknowledged_id, acknowledgement_code, block, bs_alt, e601_panel, frame,
    frames,
};

#[test]
fn results_over_lis01_and_mllp_become_verdicts_over_http() {
    let bench = Bench::listening();
    bench.register("D0000000001");
    bench.wire("e601").send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(bench.wire("bs").send_block(&bs_alt("17", "D0000000001", "80.5")), "AA");

    let (status, donation) = bench.get("/api/v1/donations/D0000000001");
    assert_eq!(status, 200);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 5, "{donation}");
    let (_, feed) = bench.get("/api/v1/verdicts?after=0&limit=100&wait=0");
    let verdicts = feed["verdicts"].as_array().unwrap();
    let last = verdicts.last().unwrap();
    assert_eq!(last["din"], "D0000000001");
    assert_eq!(last["verdict"], donation["verdict"]);
    assert_ne!(last["verdict"], "releasable", "ALT is too high and NAT is missing: {last}");
    assert!(last["reasons"].to_string().to_lowercase().contains("alt"), "{last}");
    let numbers: Vec<_> = verdicts.iter().map(|row| row["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
}

#[test]
fn the_acknowledgement_means_that_the_result_can_be_asked_for() {
    let bench = Bench::listening();
    let mut wire = bench.wire("bs");
    for number in 1..=20 {
        let din = format!("D{number:010}");
        assert_eq!(wire.send_block(&bs_alt(&number.to_string(), &din, "20")), "AA");
        assert_eq!(bench.observations(&din).len(), 1, "{din}");
    }
}

#[test]
fn two_messages_in_one_segment_are_stored_and_acknowledged_each() {
    let bench = Bench::listening();
    let mut wire = bench.wire("bs");
    let both = [block(&bs_alt("1", "D0000000001", "20")), block(&bs_alt("2", "D0000000002", "30"))];
    wire.say(&both.concat());
    for (id, din) in [("1", "D0000000001"), ("2", "D0000000002")] {
        let reply = wire.hear_block();
        assert_eq!(
            (acknowledgement_code(&reply).as_str(), acknowledged_id(&reply)),
            ("AA", id.into())
        );
        assert_eq!(bench.observations(din).len(), 1);
    }
}

#[test]
fn two_lis01_transfers_in_one_segment_are_both_stored() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    let mut all = Vec::new();
    let mut replies = 0;
    for din in ["D0000000001", "D0000000002"] {
        let frames = frames(1, &e601_panel(din));
        replies += 1 + frames.len();
        all.push(ENQ);
        all.extend(frames.concat());
        all.push(EOT);
    }
    wire.say(&all);
    for number in 0..replies {
        assert_eq!(wire.hear(), ACK, "reply {number}");
    }
    assert_eq!(bench.observations("D0000000001").len(), 4);
    assert_eq!(bench.observations("D0000000002").len(), 4);
}

#[test]
fn a_transfer_that_comes_byte_by_byte_is_the_same_transfer() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), ACK);
    for frame in frames(1, &e601_panel("D0000000001")) {
        for byte in frame {
            wire.say(&[byte]);
        }
        assert_eq!(wire.hear(), ACK);
    }
    wire.say(&[EOT]);
    let mut wire = bench.wire("bs");
    for byte in block(&bs_alt("1", "D0000000001", "20")) {
        wire.say(&[byte]);
    }
    assert_eq!(acknowledgement_code(&wire.hear_block()), "AA");
    assert_eq!(bench.observations("D0000000001").len(), 5);
}

#[test]
fn noise_before_and_between_frames_is_told_and_changes_nothing() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    wire.say(b"\xff\x00 power-on self test \r\n");
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), ACK);
    for frame in frames(1, &e601_panel("D0000000001")) {
        wire.say(b"~~\x00");
        wire.say(&frame);
        assert_eq!(wire.hear(), ACK);
    }
    wire.say(&[EOT]);
    let mut wire = bench.wire("bs");
    wire.say(b"\r\n\r\n");
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    wire.say(b"+++");
    assert_eq!(wire.send_block(&bs_alt("2", "D0000000002", "20")), "AA");

    assert_eq!(bench.observations("D0000000001").len(), 5);
    assert!(bench.metric(r#"hemogate_link_faults_total{analyser="e601",kind="noise"}"#) > 0);
    assert!(bench.metric(r#"hemogate_link_faults_total{analyser="bs",kind="noise"}"#) > 0);
}

#[test]
fn a_damaged_frame_is_refused_and_taken_when_it_is_sent_again() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    let frames = frames(1, &e601_panel("D0000000001"));
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), ACK);
    for frame in &frames {
        let mut damaged = frame.clone();
        damaged[10] ^= 1;
        wire.say(&damaged);
        assert_eq!(wire.hear(), NAK);
        wire.say(frame);
        assert_eq!(wire.hear(), ACK);
    }
    wire.say(&[EOT]);
    assert_eq!(bench.observations("D0000000001").len(), 4);
}

#[test]
fn a_peer_that_ends_its_side_after_the_message_still_gets_the_answer() {
    let bench = Bench::listening();
    let mut wire = bench.wire("bs");
    let both = [block(&bs_alt("1", "D0000000001", "20")), block(&bs_alt("2", "D0000000002", "30"))];
    wire.say(&both.concat());
    wire.say_no_more();
    assert_eq!(acknowledged_id(&wire.hear_block()), "1");
    assert_eq!(acknowledged_id(&wire.hear_block()), "2");
    assert!(wire.is_ended());
}

#[test]
fn what_was_half_received_when_the_line_is_lost_is_kept_and_shown() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    let frames = frames(1, &e601_panel("D0000000001"));
    assert!(frames.len() > 2, "more than one frame is needed");
    wire.send_frames(&frames[..2]);
    drop(wire);
    bench.until("the cut transfer is listed", |bench| bench.unread().len() == 1);
    // The same transfer, whole: nothing is missing afterwards.
    bench.wire("e601").send_session(&frames);
    assert_eq!(bench.observations("D0000000001").len(), 4);
}

#[test]
fn a_message_that_cannot_be_read_is_kept_and_listed() {
    let bench = Bench::listening();
    let mut wire = bench.wire("bs");
    assert_eq!(
        wire.send_block("MSH|^~\\&|X|Y|||20260101||ZZZ^Z99|9|P|2.3.1\rZZZ|nobody knows\r"),
        "AE"
    );
    assert_eq!(bench.unread().len(), 1);
    let (status, _) = bench.get("/readyz");
    assert_eq!(status, 200, "one message that nobody understands is not a failing store");
    let mut wire = bench.wire("e601");
    wire.send_session(&[frame(1, "H|\\^&|||x\rX|what is this\rL|1|N\r", true)]);
    assert_eq!(bench.unread().len(), 2);
}

#[test]
fn a_result_beyond_the_scale_is_not_forgotten_when_a_good_one_follows() {
    let bench = Bench::listening();
    let mut wire = bench.wire("bs");
    for (number, value) in [">1000", "20"].into_iter().enumerate() {
        wire.send_block(&bs_alt(&number.to_string(), "D0000000001", value));
    }
    let (_, donation) = bench.get("/api/v1/donations/D0000000001");
    let mut reasons = donation["reasons"].as_array().unwrap().iter();
    let flagged = reasons.find(|reason| reason["code"] == "RESULT_FLAGGED").unwrap();
    assert_eq!((&flagged["assay"], &flagged["observations"]), (&"alt".into(), &json!([1])));
    assert!(flagged["text"].as_str().unwrap().contains("VALUE_NOT_UNDERSTOOD"), "{flagged}");
}
