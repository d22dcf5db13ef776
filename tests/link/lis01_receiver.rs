//! The LIS01 receiver, as scripts of the wire.

use std::time::Duration;

use hemogate::codec::lis01::{ACK, ENQ, EOT, NAK, OVERHEAD, STX, frame};
use hemogate::limits;
use hemogate::link::lis01::Receiver;
use hemogate::link::{
    Answer, Deadline, Interruption, Link, LinkFaultKind as Kind, Moment, Timer, Token,
};

use crate::bench::{Bench, at, etb, etx};

const H: &str = "H|\\^&|||ANALYSER\r";
const P: &str = "P|1\r";
const L: &str = "L|1|N\r";
const HPL: &str = "H|\\\\^&|||ANALYSER\\rP|1\\rL|1|N\\r";
const HL: &str = "H|\\\\^&|||ANALYSER\\rL|1|N\\r";

fn receiver() -> Bench<Receiver> {
    Bench::new(Receiver::new())
}

/// A receiver that has acknowledged ENQ.
fn in_transfer() -> Bench<Receiver> {
    let mut bench = receiver();
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    bench
}

fn session(frames: &[Vec<u8>]) -> Vec<u8> {
    [vec![ENQ], frames.concat(), vec![EOT]].concat()
}

#[test]
fn a_message_is_acknowledged_only_after_it_is_stored() {
    let mut bench = in_transfer();
    assert_eq!(bench.feed(&etx(1, H)), [ACK]);
    assert_eq!(bench.feed(&etx(2, P)), [ACK]);
    assert!(bench.feed(&etx(3, L)).is_empty());
    assert_eq!(bench.messages(), [HPL]);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert!(bench.feed(&[EOT]).is_empty());
    assert_eq!(bench.link.deadline(), None);
    assert!(bench.faults().is_empty() && bench.incomplete().is_empty());
}

#[test]
fn a_message_that_was_stored_unread_is_acknowledged() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, &[H, L].concat()));
    assert_eq!(bench.answer(Answer::StoredUnread("no P record".to_owned())), [ACK]);
}

#[test]
fn a_refused_message_comes_again_with_a_new_token_and_is_then_stored() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    bench.feed(&etx(2, L));
    let first = bench.last_token();
    assert_eq!(bench.answer(Answer::Refused("disk full".to_owned())), [NAK]);
    assert!(bench.feed(&etx(2, L)).is_empty());
    assert_ne!(bench.last_token(), first);
    assert_eq!(bench.messages(), [HL, HL]);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert!(bench.faults().is_empty());
}

#[test]
fn a_refused_message_that_is_given_up_leaves_evidence() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    bench.feed(&etx(2, L));
    bench.answer(Answer::Refused("disk full".to_owned()));
    bench.feed(&[EOT]);
    let h = H.as_bytes().escape_ascii().to_string();
    assert_eq!(bench.incomplete(), [(h, Interruption::EndOfTransmission)]);
}

#[test]
fn an_answer_to_an_older_token_is_ignored() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, &[H, L].concat()));
    let old = bench.last_token();
    bench.answer(Answer::Refused(String::new()));
    bench.feed(&etx(1, &[H, L].concat()));
    bench.link.answer(at(0), old, Answer::Stored);
    bench.link.answer(at(0), Token(99), Answer::Stored);
    assert!(bench.drain().is_empty());
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert!(bench.answer(Answer::Stored).is_empty());
}

#[test]
fn a_record_cut_by_etb_is_joined() {
    let mut bench = in_transfer();
    bench.feed_and_store(&[etb(1, "H|\\^&\rP|1\rO|1|D00"), etx(2, "01\rL|1|N\r")].concat());
    assert_eq!(bench.messages(), ["H|\\\\^&\\rP|1\\rO|1|D0001\\rL|1|N\\r"]);
}

#[test]
fn an_l_record_in_an_intermediate_frame_completes_nothing_yet() {
    let mut bench = in_transfer();
    assert_eq!(bench.feed(&etb(1, &[H, L].concat())), [ACK]);
    assert!(bench.messages().is_empty());
    bench.feed(&etx(2, ""));
    assert_eq!(bench.messages(), [HL]);
}

#[test]
fn an_l_record_without_its_cr_ends_the_message_in_an_end_frame() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, "H|\\^&\rL|1|N"));
    assert_eq!(bench.messages(), ["H|\\\\^&\\rL|1|N"]);
}

#[test]
fn two_messages_in_one_read_are_delivered_one_after_the_other() {
    let mut bench = receiver();
    let bytes = session(&[etx(1, H), etx(2, L), etx(3, H), etx(4, P), etx(5, L)]);
    assert_eq!(bench.feed(&bytes), [ACK, ACK]);
    assert_eq!(bench.messages(), [HL]);
    assert_eq!(bench.answer(Answer::Stored), [ACK, ACK, ACK]);
    assert_eq!(bench.messages(), [HL, HPL]);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert!(bench.faults().is_empty() && bench.incomplete().is_empty());
}

#[test]
fn two_sessions_in_one_read_are_two_sessions() {
    let mut bench = receiver();
    let one = session(&[etx(1, H), etx(2, L)]);
    let sent = bench.feed_and_store(&[one.clone(), one].concat());
    assert_eq!(sent, [ACK; 6]);
    assert_eq!(bench.messages(), [HL, HL]);
    assert!(bench.faults().is_empty());
}

#[test]
fn one_frame_over_many_reads_is_one_frame() {
    let mut bench = receiver();
    let mut sent = Vec::new();
    for byte in session(&[etx(1, H), etx(2, P), etx(3, L)]) {
        sent.extend(bench.feed_and_store(&[byte]));
    }
    assert_eq!(sent, [ACK; 4]);
    assert_eq!(bench.messages(), [HPL]);
    assert!(bench.faults().is_empty());
}

#[test]
fn the_way_the_bytes_are_cut_changes_nothing() {
    let torn = &etx(3, "R|1|torn\r")[..8];
    let noisy = [
        b"\r\nxx".to_vec(),
        vec![ENQ],
        etx(1, H),
        b"??".to_vec(),
        etx(0, P),
        etx(2, P),
        etx(2, P),
        b"\x023R|1|E\x05xx\x03AA\r\n".to_vec(),
        torn.to_vec(),
        etx(3, L),
        vec![EOT],
        etx(1, H),
    ]
    .concat();
    let mut whole = receiver();
    let expected = whole.feed_and_store(&noisy);
    whole.link.disconnect(at(0));
    whole.drain();
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..200 {
        let mut bench = receiver();
        let mut sent = Vec::new();
        let mut rest = &noisy[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(random.usize(1..=rest.len().min(9)));
            sent.extend(bench.feed_and_store(now));
            rest = later;
        }
        bench.link.disconnect(at(0));
        bench.drain();
        assert_eq!(sent, expected, "round {round} of seed 11");
        assert_eq!(bench.events, whole.events, "round {round} of seed 11");
    }
}

#[test]
fn noise_before_and_between_frames_is_ignored_and_told() {
    let mut bench = receiver();
    assert!(bench.feed(b"AT+\r\n").is_empty());
    assert!(bench.feed(b"OK\x06\x15").is_empty());
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    assert_eq!(bench.feed(&[b"\x11\x13".to_vec(), etx(1, H)].concat()), [ACK]);
    assert!(bench.feed(&[b"xyz".to_vec(), etx(2, L)].concat()).is_empty());
    let noise = [(Kind::Noise, 0, 9), (Kind::Noise, 10, 2), (Kind::Noise, 36, 3)];
    assert_eq!(bench.fault_places(), noise);
    assert_eq!(bench.faults()[0].excerpt, b"AT+\r\nOK\x06\x15");
    assert_eq!(bench.messages(), [HL]);
}

#[test]
fn a_lonely_eot_is_not_noise() {
    let mut bench = receiver();
    assert!(bench.feed(&[EOT, EOT]).is_empty());
    assert!(bench.events.is_empty());
}

#[test]
fn frames_outside_a_session_are_noise_without_reply() {
    let mut bench = receiver();
    let frame = etx(1, &[H, L].concat());
    assert!(bench.feed(&frame).is_empty());
    bench.feed(&[ENQ]);
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, frame.len())]);
    assert!(bench.messages().is_empty());
}

#[test]
fn endless_noise_is_told_in_pieces() {
    let mut bench = receiver();
    bench.feed(&vec![b'x'; limits::NOISE_RUN_MAX - 1]);
    assert!(bench.events.is_empty());
    bench.feed(b"x");
    bench.feed(b"x");
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, limits::NOISE_RUN_MAX)]);
    assert_eq!(bench.faults()[0].excerpt.len(), limits::FAULT_EXCERPT_MAX);
}

#[test]
fn a_damaged_frame_is_refused_and_the_repetition_taken() {
    let mut bench = in_transfer();
    let mut damaged = etx(1, H);
    damaged[3] ^= 1;
    assert_eq!(bench.feed(&damaged), [NAK]);
    assert_eq!(bench.feed(&etx(1, H)), [ACK]);
    assert_eq!(bench.fault_places(), [(Kind::Checksum, 1, damaged.len())]);
    assert_eq!(bench.faults()[0].excerpt, damaged);
}

#[test]
fn a_wrong_number_is_refused() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    assert_eq!(bench.feed(&etx(3, P)), [NAK]);
    assert_eq!(bench.feed(&etx(2, P)), [ACK]);
    assert_eq!(bench.fault_kinds(), [Kind::FrameNumber]);
}

#[test]
fn number_zero_as_first_frame_is_refused() {
    let mut bench = in_transfer();
    assert_eq!(bench.feed(&etx(0, H)), [NAK]);
    assert_eq!(bench.fault_kinds(), [Kind::FrameNumber]);
}

#[test]
fn a_lost_ack_makes_a_repetition_that_is_not_appended() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    bench.feed(&etx(2, P));
    assert_eq!(bench.feed(&etx(2, P)), [ACK]);
    bench.feed(&etx(3, L));
    assert_eq!(bench.messages(), [HPL]);
    assert_eq!(bench.fault_kinds(), [Kind::Repeated]);
}

#[test]
fn the_repetition_of_a_last_frame_is_acknowledged_and_not_delivered_again() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    bench.feed(&etx(2, L));
    bench.answer(Answer::Stored);
    assert_eq!(bench.feed(&etx(2, L)), [ACK]);
    assert_eq!(bench.messages(), [HL]);
    assert_eq!(bench.fault_kinds(), [Kind::Repeated]);
}

#[test]
fn the_last_number_with_another_text_is_refused() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    assert_eq!(bench.feed(&etx(1, P)), [NAK]);
    assert_eq!(bench.fault_kinds(), [Kind::RepeatDiffers]);
    bench.feed(&etx(2, L));
    assert_eq!(bench.messages(), [HL]);
}

#[test]
fn numbers_go_from_seven_to_zero_and_on_over_messages() {
    let mut bench = in_transfer();
    for (index, text) in [H, P, P, P, P, P, P, P, L, H, L].iter().enumerate() {
        let number = u8::try_from((index + 1) % 8).unwrap();
        assert_eq!(bench.feed_and_store(&etx(number, text)), [ACK]);
    }
    assert_eq!(bench.messages().len(), 2);
    assert_eq!(bench.messages()[1], HL);
    assert!(bench.faults().is_empty());
}

#[test]
fn a_torn_frame_is_told_and_the_next_one_refused_once() {
    let mut bench = in_transfer();
    let torn = &etx(1, H)[..7];
    assert_eq!(bench.feed(&[torn, torn, &etx(1, H)].concat()), [NAK]);
    let (places, length) = (bench.fault_places(), etx(1, H).len());
    assert_eq!(places, [(Kind::Malformed, 1, 14), (Kind::Malformed, 15, length)]);
    assert_eq!(bench.feed(&etx(1, H)), [ACK]);
}

/// The sum of the frame number and of what stands before the harmed byte is 0 with it, and the
/// number that is expected stands behind it: what is left is a good frame by itself.
#[test]
fn a_frame_that_fits_behind_a_character_that_became_stx_is_not_accepted() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    let head = "R|1|^^^HBSAG|0.128|S/CO||N||F||||202601";
    let whole = etx(2, &format!("{head}02\r"));
    let (mut torn, at) = (whole.clone(), 2 + head.len());
    torn[at] = STX;
    assert!(frame(&torn[at..]).is_ok_and(|frame| frame.number == 2));
    assert_eq!(bench.feed(&torn), [NAK]);
    assert_eq!(bench.feed(&whole), [ACK]);
    bench.feed(&etx(3, L));
    let message = format!("{H}{head}02\r{L}");
    assert_eq!(bench.messages(), [message.as_bytes().escape_ascii().to_string()]);
}

#[test]
fn a_transfer_begun_anew_forgets_that_a_frame_was_torn() {
    let torn = &etx(1, H)[..7];
    for between in [&[EOT, ENQ][..], &[ENQ, ENQ]] {
        let mut bench = in_transfer();
        let sent = bench.feed(&[torn, b"\x021R", between].concat());
        assert_eq!(sent.last(), Some(&ACK), "{between:?}");
        assert_eq!(bench.feed(&etx(1, H)), [ACK], "{between:?}");
    }
}

#[test]
fn a_frame_without_its_line_feed_is_cut_by_the_next() {
    let mut bench = in_transfer();
    let frame = etx(1, H);
    let cut = &frame[..frame.len() - 1];
    assert_eq!(bench.feed(&[cut, &frame].concat()), [ACK]);
    assert_eq!(bench.fault_places(), [(Kind::Malformed, 1, cut.len())]);
}

#[test]
fn keep_alive_bytes_inside_a_session_disturb_nothing() {
    let mut bench = in_transfer();
    assert!(bench.feed(b"\x02").is_empty());
    assert!(bench.feed(b"\x02").is_empty());
    assert_eq!(bench.feed(&etx(1, H)), [ACK]);
    assert_eq!(bench.fault_places(), [(Kind::Malformed, 1, 2)]);
}

#[test]
fn an_enquiry_inside_a_frame_is_refused_once() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    let mut damaged = etx(2, "R|1|E\r");
    damaged[6] ^= b'E' ^ ENQ;
    assert_eq!(bench.feed(&damaged), [NAK]);
    assert!(bench.feed(&etx(2, L)).is_empty());
    assert_eq!(bench.fault_kinds(), [Kind::Malformed, Kind::Noise]);
    assert_eq!(bench.messages(), [HL]);
}

#[test]
fn an_enquiry_inside_a_transfer_begins_a_new_session() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    let h = H.as_bytes().escape_ascii().to_string();
    assert_eq!(bench.incomplete(), [(h, Interruption::Restarted)]);
    assert_eq!(bench.fault_places(), [(Kind::UnexpectedEnquiry, 25, 1)]);
    bench.feed(&etx(1, H));
    bench.feed(&etx(2, L));
    assert_eq!(bench.messages(), [HL]);
}

#[test]
fn an_enquiry_in_an_empty_transfer_leaves_no_evidence() {
    let mut bench = in_transfer();
    bench.now = at(1);
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    assert!(bench.incomplete().is_empty());
    assert_eq!(bench.fault_kinds(), [Kind::UnexpectedEnquiry]);
}

/// EOT and ENQ are one bit apart. Two ACKs for one bid would count one frame too far for the rest
/// of the session, and the sender would believe in a last frame that was refused.
#[test]
fn a_bid_behind_an_eot_that_became_enq_is_granted_once() {
    let mut bench = receiver();
    bench.feed_and_store(&session(&[etx(1, H), etx(2, L)])[..]);
    bench.feed_and_store(&[&[ENQ][..], &etx(1, H), &etx(2, L)].concat());
    let damaged_eot = ENQ;
    assert_eq!(bench.feed(&[damaged_eot]), [ACK]);
    assert!(bench.feed(&[ENQ]).is_empty());
    assert!(bench.feed(&[ENQ]).is_empty());
    assert_eq!(bench.feed(&etx(1, H)), [ACK]);
    assert_eq!(bench.fault_kinds(), [Kind::UnexpectedEnquiry; 3]);
    assert_eq!(bench.feed(&[ENQ]), [ACK], "not after a frame");
}

#[test]
fn of_two_enquiries_close_together_one_is_answered() {
    let mut bench = receiver();
    assert_eq!(bench.feed(&[ENQ, ENQ]), [ACK]);
    bench.link.receive(Moment::after(Duration::from_millis(499)), &[ENQ]);
    assert!(bench.drain().is_empty());
    assert_eq!(bench.link.deadline().unwrap().at, at(30), "and starts no timer again");
    assert_eq!(bench.fault_kinds(), [Kind::UnexpectedEnquiry; 2]);
    bench.link.receive(Moment::after(Duration::from_millis(500)), &[ENQ]);
    assert_eq!(bench.drain(), [ACK]);
    bench.feed(&etx(1, H));
    assert_eq!(bench.feed(&[ENQ]), [ACK], "after a frame it is a restart");
}

#[test]
fn an_incomplete_message_is_kept_and_the_complete_one_follows() {
    let mut bench = receiver();
    bench.feed(&session(&[etx(1, H), etx(2, P)]));
    bench.feed_and_store(&session(&[etx(1, H), etx(2, P), etx(3, L)]));
    let kept = [H, P].concat().as_bytes().escape_ascii().to_string();
    assert_eq!(bench.incomplete(), [(kept, Interruption::EndOfTransmission)]);
    assert_eq!(bench.messages(), [HPL]);
}

#[test]
fn silence_of_thirty_seconds_ends_the_transfer() {
    let mut bench = in_transfer();
    bench.now = at(10);
    bench.feed(&etx(1, H));
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::NextFrame, at: at(40) }));
    bench.wait_until(39);
    assert!(bench.incomplete().is_empty());
    bench.feed(&etx(2, P)[..4]);
    bench.wait_until(40);
    let h = H.as_bytes().escape_ascii().to_string();
    assert_eq!(bench.incomplete(), [(h, Interruption::Silence)]);
    assert_eq!(bench.fault_kinds(), [Kind::Malformed]);
    assert_eq!(bench.link.deadline(), None);
    assert!(bench.feed(&etx(2, P)).is_empty());
}

#[test]
fn silence_after_enquiry_or_message_leaves_nothing() {
    let mut bench = in_transfer();
    bench.wait_until(30);
    assert!(bench.events.is_empty());
    bench.feed(&[ENQ]);
    bench.feed(&etx(1, &[H, L].concat()));
    assert_eq!(bench.link.deadline(), None, "we owe the reply, the peer does not");
    bench.wait_until(100);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert_eq!(bench.link.deadline().unwrap().at, at(130));
    bench.wait_until(130);
    assert!(bench.incomplete().is_empty());
}

#[test]
fn bytes_that_come_too_late_come_after_the_silence() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    bench.now = at(31);
    assert!(bench.feed(&etx(2, L)).is_empty());
    assert_eq!(bench.incomplete().len(), 1);
}

#[test]
fn a_lost_line_leaves_what_was_accepted() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, H));
    bench.feed(&etx(2, P)[..3]);
    bench.link.disconnect(at(0));
    assert!(bench.drain().is_empty());
    let h = H.as_bytes().escape_ascii().to_string();
    assert_eq!(bench.incomplete(), [(h, Interruption::Disconnected)]);
    assert_eq!(bench.fault_kinds(), [Kind::Malformed]);
    assert!(bench.feed(b"x").is_empty());
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    assert_eq!(bench.fault_places()[1], (Kind::Noise, 0, 1));
}

#[test]
fn a_lost_line_forgets_the_answer_that_was_owed() {
    let mut bench = in_transfer();
    bench.feed(&[etx(1, &[H, L].concat()), etx(2, H)].concat());
    bench.link.disconnect(at(0));
    assert!(bench.answer(Answer::Stored).is_empty());
    assert!(bench.incomplete().is_empty());
    assert_eq!(bench.fault_places(), [(Kind::Noise, 31, etx(2, H).len())]);
}

#[test]
fn the_end_of_a_session_waits_for_the_answer_before_it() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, &[H, L].concat()));
    assert!(bench.feed(&[EOT]).is_empty());
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert_eq!(bench.link.deadline(), None);
}

#[test]
fn a_peer_that_lost_patience_and_bids_again_gets_one_reply_only() {
    for given_up in [&[EOT, ENQ][..], &[ENQ]] {
        for answer in [Answer::Stored, Answer::Refused(String::new())] {
            let mut bench = in_transfer();
            bench.feed(&etx(1, &[H, L].concat()));
            assert!(bench.feed(given_up).is_empty());
            assert_eq!(bench.answer(answer), [ACK]);
            assert_eq!(bench.feed(&etx(1, H)), [ACK]);
            bench.feed_and_store(&etx(2, L));
            assert_eq!(bench.messages(), [HL, HL]);
        }
    }
}

#[test]
fn an_idle_line_holds_almost_no_memory() {
    let mut bench = receiver();
    assert!(size_of::<Receiver>() < 1_024);
    assert_eq!(bench.link.memory(), 0);
    let long = "x".repeat(limits::FRAME_TEXT_MAX);
    bench.feed_and_store(&session(&[etb(1, &long), etb(2, &long), etx(3, "\rL|1\r")]));
    assert_eq!(bench.messages().len(), 1);
    assert_eq!(bench.link.memory(), 0);
    bench.feed(&[ENQ]);
    bench.feed(&etb(1, &long));
    assert!(bench.link.memory() > limits::FRAME_TEXT_MAX);
    bench.now = at(30);
    bench.wait_until(30);
    assert_eq!(bench.link.memory(), 0);
}

#[test]
fn a_full_backlog_stops_reading_and_loses_nothing() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, &[H, L].concat()));
    bench.feed(&vec![b'x'; limits::LINK_BACKLOG_MAX - 1]);
    assert!(bench.link.wants_bytes());
    bench.feed(b"x");
    assert!(!bench.link.wants_bytes());
    bench.feed(&etx(2, &[H, L].concat()));
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert!(bench.link.wants_bytes());
    assert_eq!(bench.messages().len(), 2);
    let noise: usize = bench.faults().iter().map(|fault| fault.length).sum();
    assert_eq!(noise, limits::LINK_BACKLOG_MAX);
}

#[test]
fn the_longest_frame_is_accepted_and_one_byte_more_is_not() {
    for chunk in [usize::MAX, 1_000] {
        let longest = "x".repeat(limits::FRAME_TEXT_MAX);
        let mut bench = in_transfer();
        assert_eq!(feed_in(&mut bench, &etx(1, &longest), chunk), [ACK]);
        let frame = etx(2, &[&longest, "x"].concat());
        assert_eq!(feed_in(&mut bench, &frame, chunk), [NAK]);
        let length = limits::FRAME_TEXT_MAX + 1 + OVERHEAD;
        let offset = (limits::FRAME_TEXT_MAX + OVERHEAD + 1) as u64;
        assert_eq!(bench.fault_places(), [(Kind::TooLong, offset, length)]);
        assert_eq!(bench.faults()[0].excerpt, frame[..limits::FAULT_EXCERPT_MAX]);
        assert_eq!(bench.feed(&etx(2, P)), [ACK]);
    }
}

fn feed_in(bench: &mut Bench<Receiver>, bytes: &[u8], chunk: usize) -> Vec<u8> {
    bytes.chunks(chunk).flat_map(|piece| bench.feed(piece)).collect()
}

#[test]
fn a_frame_of_ten_megabytes_is_refused_once() {
    let mut bench = in_transfer();
    assert!(bench.feed(b"\x021").is_empty());
    for _ in 0..2_560 {
        assert!(bench.feed(&[b'x'; 4_096]).is_empty());
        assert!(bench.link.memory() < 3 * limits::FRAME_TEXT_MAX);
    }
    assert!(bench.link.memory() < 1_024, "dropped while it passes");
    assert!(bench.events.is_empty());
    assert_eq!(bench.feed(b"\x0300\r\n"), [NAK]);
    assert_eq!(bench.fault_places(), [(Kind::TooLong, 1, 2_560 * 4_096 + OVERHEAD)]);
    assert_eq!(bench.feed(&etx(1, H)), [ACK]);
}

#[test]
fn an_endless_frame_is_ended_by_eot_enq_or_stx() {
    let endless = [b"\x021".to_vec(), vec![b'x'; limits::FRAME_TEXT_MAX + 1]].concat();
    let ends: [(&[u8], &[u8], &[Kind]); 3] = [
        (&[EOT], &[], &[Kind::TooLong]),
        (&[ENQ], &[NAK], &[Kind::TooLong]),
        (&etx(1, H), &[NAK], &[Kind::TooLong, Kind::Malformed]),
    ];
    for (end, reply, faults) in ends {
        let mut bench = in_transfer();
        assert!(bench.feed(&endless).is_empty());
        assert_eq!(bench.feed(end), reply);
        assert_eq!(bench.fault_kinds(), faults);
    }
}

#[test]
fn the_longest_message_is_delivered_and_one_byte_more_is_not() {
    for (more, delivered) in [(0, true), (1, false)] {
        let mut bench = in_transfer();
        let mut number = 1;
        let mut room = limits::MESSAGE_MAX + more - L.len();
        while room > 0 {
            let text = "x".repeat(room.min(limits::FRAME_TEXT_MAX - 1)) + "\r";
            let text = &text[text.len() - room.min(text.len())..];
            assert_eq!(bench.feed(&etb(number, text)), [ACK]);
            room -= text.len();
            number = (number + 1) % 8;
        }
        let reply = bench.feed_and_store(&etx(number, L));
        assert_eq!(reply, if delivered { [ACK] } else { [NAK] });
        assert_eq!(bench.messages().len(), usize::from(delivered));
        if !delivered {
            let (kept, why) = bench.incomplete().remove(0);
            assert_eq!(why, Interruption::TooLong);
            assert!(kept.len() >= limits::MESSAGE_MAX + more - L.len());
        }
    }
}

#[test]
fn after_a_message_that_was_too_long_everything_is_refused_until_the_end() {
    let mut bench = in_transfer();
    let text = "x".repeat(limits::FRAME_TEXT_MAX);
    let mut number = 1;
    while bench.feed(&etb(number, &text)) == [ACK] {
        number = (number + 1) % 8;
    }
    assert_eq!(bench.feed(&etb(number, "x")), [NAK]);
    assert_eq!(bench.feed(&etx(number, L)), [NAK]);
    assert!(bench.feed(&[EOT]).is_empty());
    assert_eq!(bench.incomplete().len(), 1);
    assert!(bench.messages().is_empty());
    bench.feed(&session(&[etx(1, &[H, L].concat())]));
    assert_eq!(bench.messages(), [HL]);
}

#[test]
fn control_characters_that_the_sender_means_reach_the_record_reader() {
    let mut bench = in_transfer();
    bench.feed(&etx(1, "H|\\^&\rC|1|\x11\x06\rL|1\r"));
    assert_eq!(bench.messages(), ["H|\\\\^&\\rC|1|\\x11\\x06\\rL|1\\r"]);
}
