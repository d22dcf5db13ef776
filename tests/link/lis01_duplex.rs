//! Both roles on one LIS01 line, as scripts of the wire: one test for each row of the table.

use std::time::Duration;

use hemogate::codec::lis01::{ACK, ENQ, EOT, NAK};
use hemogate::limits;
use hemogate::link::lis01::{Duplex, Packing, Settings};
use hemogate::link::{
    Answer, Deadline, Event, Interruption, Link, LinkFaultKind as Kind, Sending, Timer, Token,
};

use crate::bench::{Bench, at, etb, etx};

const RESULT: &str = "H|\\^&\rR|1\rL|1|N\r";
const ORDER: &[u8] = b"H|\\^&\rO|1\rL|1|N\r";

fn packed(settings: Settings) -> Bench<Duplex> {
    Bench::new(Duplex::new(Settings { packing: Packing::Packed, ..settings }))
}

fn host() -> Bench<Duplex> {
    packed(Settings::host())
}

fn instrument() -> Bench<Duplex> {
    packed(Settings::instrument())
}

fn order() -> String {
    String::from_utf8(ORDER.to_vec()).unwrap()
}

/// Takes one whole session of the peer and stores its message.
fn peer_sends(bench: &mut Bench<Duplex>) -> Vec<u8> {
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    assert!(bench.feed(&etx(1, RESULT)).is_empty());
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    bench.feed(&[EOT])
}

/// Sends what waits: the bid was made already.
fn peer_grants(bench: &mut Bench<Duplex>) {
    assert_eq!(bench.feed(&[ACK]), etx(1, &order()));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
}

fn timer(bench: &Bench<Duplex>) -> Option<(Timer, Duration)> {
    bench.link.deadline().map(|deadline| (deadline.timer, deadline.at.since_start()))
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_neutral_line_is_taken_by_whoever_bids() {
    for mut bench in [host(), instrument()] {
        assert_eq!(bench.send(1, ORDER), [ENQ]);
        peer_grants(&mut bench);
        assert!(bench.link.is_neutral());
        assert!(peer_sends(&mut bench).is_empty());
        assert!(bench.link.is_neutral() && bench.link.is_idle());
        assert_eq!(bench.accepted(), [1]);
        assert_eq!(bench.messages().len(), 1);
        assert_eq!(bench.link.deadline(), None);
    }
}

#[test]
fn noise_on_a_neutral_line_is_reported_and_changes_nothing() {
    let mut bench = host();
    assert!(bench.feed(&[ACK, NAK, b'x', EOT]).is_empty());
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, 3)]);
    assert!(bench.link.is_neutral());
}

#[test]
fn while_not_ready_every_bid_is_answered_with_busy() {
    let mut bench = host();
    bench.link.set_ready(at(0), false);
    assert_eq!(bench.feed(&[ENQ]), [NAK]);
    assert!(bench.link.is_neutral());
    assert_eq!(bench.feed(&[ENQ]), [NAK]);
    assert_eq!(bench.send(1, ORDER), [ENQ], "sending needs no store");
    peer_grants(&mut bench);
    bench.link.set_ready(at(0), true);
    peer_sends(&mut bench);
}

#[test]
fn a_session_that_is_open_when_we_become_busy_goes_on() {
    let mut bench = host();
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    bench.link.set_ready(at(0), false);
    assert!(bench.feed(&etx(1, RESULT)).is_empty());
    assert_eq!(bench.answer(Answer::Refused("full".to_owned())), [NAK]);
    assert_eq!(bench.feed(&[ENQ]), [NAK], "the peer begins again");
    assert!(bench.link.is_neutral());
}

#[test]
fn a_busy_instrument_is_asked_again_after_ten_seconds() {
    let mut bench = host();
    bench.send(1, ORDER);
    assert!(bench.feed(&[NAK]).is_empty());
    assert_eq!(timer(&bench), Some((Timer::BusyPause, seconds(10))));
    assert!(peer_sends(&mut bench).is_empty(), "its own session does not shorten the pause");
    assert!(bench.wait_until(9).is_empty());
    assert_eq!(bench.wait_until(10), [ENQ]);
    peer_grants(&mut bench);
}

#[test]
fn a_message_handed_over_while_the_peer_sends_waits_for_its_end() {
    let mut bench = host();
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    assert!(bench.send(1, ORDER).is_empty());
    assert!(bench.feed(&etx(1, RESULT)).is_empty());
    assert!(bench.send(2, ORDER).is_empty());
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert_eq!(bench.feed(&[EOT]), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, &order()));
    assert_eq!(bench.feed(&[ACK]), etx(2, &order()), "numbers run on in the session");
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [1, 2]);
}

#[test]
fn the_end_that_waits_in_the_backlog_frees_the_line_after_the_answer() {
    let mut bench = host();
    assert_eq!(bench.feed(&[&[ENQ][..], &etx(1, RESULT), &[EOT]].concat()), [ACK]);
    assert!(bench.send(1, ORDER).is_empty());
    assert_eq!(bench.answer(Answer::Stored), [ACK, ENQ]);
}

#[test]
fn a_peer_that_falls_silent_loses_the_line_to_us_after_thirty_seconds() {
    let mut bench = host();
    bench.feed(&[ENQ]);
    bench.feed(&etb(1, "H|\\^&\r"));
    bench.send(1, ORDER);
    assert_eq!(timer(&bench), Some((Timer::NextFrame, seconds(30))));
    assert!(bench.wait_until(29).is_empty());
    assert_eq!(bench.wait_until(30), [ENQ]);
    assert_eq!(bench.incomplete(), [("H|\\\\^&\\r".to_owned(), Interruption::Silence)]);
}

#[test]
fn how_long_the_next_frame_may_take_is_a_setting() {
    let settings = Settings { next_frame_wait: seconds(15), ..Settings::host() };
    let mut bench = packed(settings);
    bench.feed(&[ENQ]);
    assert_eq!(timer(&bench), Some((Timer::NextFrame, seconds(15))));
}

#[test]
fn a_host_whose_bid_is_crossed_waits_for_the_instrument_and_then_bids() {
    let mut bench = host();
    assert_eq!(bench.send(1, ORDER), [ENQ]);
    assert!(bench.feed(&[ENQ]).is_empty(), "the first ENQ is not acknowledged");
    assert_eq!(timer(&bench), Some((Timer::ContentionWait, seconds(20))));
    assert!(bench.wait_until(1).is_empty());
    assert_eq!(peer_sends(&mut bench), [ENQ], "its end is our turn");
    peer_grants(&mut bench);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_host_bids_again_when_the_instrument_that_crossed_it_stays_silent() {
    let mut bench = host();
    bench.send(1, ORDER);
    bench.feed(&[ENQ]);
    assert!(bench.wait_until(19).is_empty());
    assert_eq!(bench.wait_until(20), [ENQ]);
    peer_grants(&mut bench);
}

#[test]
fn an_instrument_whose_bid_is_crossed_bids_again_after_a_second() {
    let mut bench = instrument();
    bench.send(1, ORDER);
    assert!(bench.feed(&[ENQ]).is_empty());
    assert_eq!(timer(&bench), Some((Timer::ContentionPause, seconds(1))));
    assert_eq!(bench.wait_until(1), [ENQ]);
    peer_grants(&mut bench);
}

#[test]
fn a_host_may_acknowledge_the_bid_that_crossed_its_own() {
    let settings = Settings { acknowledge_contention: true, ..Settings::host() };
    let mut bench = packed(settings);
    bench.send(1, ORDER);
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    assert!(bench.feed(&etx(1, RESULT)).is_empty());
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert_eq!(bench.feed(&[EOT]), [ENQ]);
    peer_grants(&mut bench);
    assert!(bench.faults().is_empty());
}

#[test]
fn a_busy_host_refuses_the_bid_that_crossed_its_own() {
    let settings = Settings { acknowledge_contention: true, ..Settings::host() };
    let mut bench = packed(settings);
    bench.link.set_ready(at(0), false);
    bench.send(1, ORDER);
    assert_eq!(bench.feed(&[ENQ]), [NAK]);
    assert_eq!(bench.wait_until(20), [ENQ]);
}

#[test]
fn an_instrument_takes_the_grant_of_a_bid_that_was_crossed() {
    let settings = Settings { acknowledge_contention: true, ..Settings::instrument() };
    let mut bench = packed(settings);
    bench.send(1, ORDER);
    assert!(bench.feed(&[ENQ]).is_empty());
    assert!(bench.feed(&[ENQ]).is_empty(), "a second one changes nothing");
    peer_grants(&mut bench);
    assert_eq!(bench.accepted(), [1]);

    let mut bench = packed(settings);
    bench.send(1, ORDER);
    bench.feed(&[ENQ]);
    assert_eq!(timer(&bench), Some((Timer::ContentionPause, seconds(1))));
    assert_eq!(bench.wait_until(1), [ENQ], "it was not granted");
    bench.feed(&[ENQ]);
    assert!(bench.feed(&[NAK]).is_empty());
    assert_eq!(timer(&bench), Some((Timer::BusyPause, seconds(11))));
}

#[test]
fn a_bid_the_driver_has_not_taken_yet_gives_way() {
    let mut bench = host();
    bench.link.send(at(0), Token(1), ORDER.to_vec());
    bench.link.receive(at(0), &[ENQ]);
    assert_eq!(bench.drain(), [ACK], "nobody saw our ENQ");
    bench.feed(&etx(1, RESULT));
    bench.answer(Answer::Stored);
    assert_eq!(bench.feed(&[EOT]), [ENQ]);
    peer_grants(&mut bench);
}

#[test]
fn a_bid_that_is_due_when_the_peer_bids_gives_way() {
    let mut bench = host();
    bench.send(1, ORDER);
    bench.feed(&[NAK]);
    bench.now = at(10);
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
}

#[test]
fn a_reply_that_comes_with_its_own_timeout_is_too_late() {
    let mut bench = host();
    bench.send(1, ORDER);
    bench.feed(&[ACK]);
    bench.now = at(15);
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert!(bench.accepted().is_empty());
    assert_eq!(bench.given_up(), [(1, "no reply to frame 1 in 15 s".to_owned())]);
    bench.link.disconnect(at(15));
    bench.drain();
    assert_eq!(bench.fault_places(), [(Kind::Noise, 1, 1)]);
}

#[test]
fn bytes_after_a_reply_are_noise_until_our_next_bytes_are_out() {
    let mut bench = packed(Settings::host());
    bench.send(1, ORDER);
    assert_eq!(bench.feed(&[ACK, ACK, b'x']), etx(1, &order()));
    assert_eq!(bench.feed(&[ACK, ACK]), [EOT]);
    bench.link.disconnect(at(0));
    bench.drain();
    assert_eq!(bench.fault_places(), [(Kind::Noise, 1, 2), (Kind::Noise, 4, 1)]);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_line_that_is_lost_in_each_state_leaves_a_neutral_one() {
    let receiving: &[&[u8]] = &[&[ENQ], &[2, b'1', b'H']];
    let bidding: &[&[u8]] = &[];
    let sending: &[&[u8]] = &[&[ACK]];
    let pausing: &[&[u8]] = &[&[NAK]];
    for (bid, bytes) in [(false, receiving), (true, bidding), (true, sending), (true, pausing)] {
        let mut bench = host();
        if bid {
            bench.send(1, ORDER);
        }
        bytes.iter().for_each(|bytes| drop(bench.feed(bytes)));
        if !bid {
            bench.send(1, ORDER);
        }
        bench.link.disconnect(at(0));
        assert!(bench.drain().is_empty());
        assert_eq!(bench.given_up(), [(1, "the line was lost".to_owned())]);
        assert!(bench.link.is_neutral() && bench.link.is_idle());
        assert_eq!(bench.link.deadline(), None);
        assert_eq!(bench.send(2, ORDER), [ENQ]);
        peer_grants(&mut bench);
    }
}

#[test]
fn an_instrument_that_never_leaves_the_line_alone_is_made_to_wait_once() {
    let mut bench = host();
    let session = [&[EOT, ENQ][..], &etx(1, RESULT)].concat();
    assert_eq!(bench.feed(&[&[ENQ][..], &etx(1, RESULT)].concat()), [ACK]);
    bench.send(1, ORDER);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    for _ in 0..limits::TURNS_GIVEN_MAX {
        assert_eq!(bench.feed(&session), [ACK]);
        assert_eq!(bench.answer(Answer::Stored), [ACK]);
    }
    assert_eq!(bench.feed(&[EOT, ENQ]), [NAK], "our turn is due");
    assert_eq!(timer(&bench), Some((Timer::AbortPause, seconds(1))));
    assert_eq!(bench.wait_until(1), [ENQ]);
    peer_grants(&mut bench);
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
}

#[test]
fn busy_is_said_once_and_then_the_instrument_has_its_turns_again() {
    let mut bench = host();
    bench.feed(&[ENQ]);
    bench.send(1, ORDER);
    for _ in 0..limits::TURNS_GIVEN_MAX {
        assert_eq!(bench.feed(&[EOT, ENQ]), [ACK]);
    }
    assert_eq!(bench.feed(&[EOT, ENQ]), [NAK]);
    assert_eq!(bench.feed(&[ENQ]), [ACK], "it did not wait");
}

#[test]
fn an_instrument_never_makes_its_host_wait_for_its_own_turn() {
    let mut bench = instrument();
    bench.feed(&[ENQ]);
    bench.send(1, ORDER);
    for _ in 0..=limits::TURNS_GIVEN_MAX {
        assert_eq!(bench.feed(&[EOT, ENQ]), [ACK]);
    }
}

#[test]
fn an_eot_that_cuts_a_frame_keeps_us_off_the_line_until_its_sender_gave_up() {
    let mut bench = host();
    bench.feed(&[ENQ]);
    bench.send(1, ORDER);
    assert!(bench.feed(b"\x021H|\\^&|\x04onor\r\x0312\r\n").is_empty());
    assert_eq!(timer(&bench), Some((Timer::AbortPause, seconds(15))));
    assert!(bench.feed(&[EOT]).is_empty());
    assert_eq!(bench.wait_until(15), [ENQ]);
}

fn asking() -> Bench<Duplex> {
    packed(Settings { ask_by_interrupt: true, ..Settings::host() })
}

#[test]
fn the_line_is_asked_for_with_each_good_frame_while_something_waits() {
    let mut bench = asking();
    bench.feed(&[ENQ]);
    assert_eq!(bench.feed(&etb(1, "H|\\^&\r")), [ACK], "nothing waits yet");
    bench.send(1, ORDER);
    assert_eq!(bench.feed(&etb(2, "P|1\r")), [EOT]);
    assert_eq!(bench.feed(&etb(2, "P|1\r")), [EOT], "a repeated frame is accepted again");
    assert_eq!(bench.feed(b"\x023P|1\r\x0300\r\n"), [NAK], "a bad one is not");
    assert_eq!(bench.feed(&etb(3, "O|1\r")), [EOT], "the request was ignored");
    assert_eq!(bench.feed(&[EOT]), [ENQ], "and is now honoured");
    let half = "H|\\\\^&\\rP|1\\rO|1\\r".to_owned();
    assert_eq!(bench.incomplete(), [(half, Interruption::EndOfTransmission)]);
    peer_grants(&mut bench);
}

#[test]
fn the_frame_that_completes_a_message_asks_only_when_it_is_stored() {
    let mut bench = asking();
    bench.feed(&[ENQ]);
    bench.send(1, ORDER);
    assert!(bench.feed(&etx(1, RESULT)).is_empty());
    assert_eq!(bench.answer(Answer::Refused("full".to_owned())), [NAK]);
    assert!(bench.feed(&etx(1, RESULT)).is_empty());
    assert_eq!(bench.answer(Answer::Stored), [EOT]);
    assert_eq!(bench.feed(&[EOT]), [ENQ]);
    assert!(bench.incomplete().is_empty());
}

#[test]
fn a_message_withdrawn_asks_for_nothing() {
    let mut bench = asking();
    bench.feed(&[ENQ]);
    bench.send(1, ORDER);
    assert!(bench.link.withdraw(at(0), Token(1)));
    assert_eq!(bench.feed(&etb(1, "H|\\^&\r")), [ACK]);
    assert!(bench.feed(&[EOT]).is_empty());
}

fn yielding() -> Bench<Duplex> {
    let settings = Settings { honour_interrupt: true, ..Settings::instrument() };
    let packing = Packing::RecordPerFrame;
    Bench::new(Duplex::new(Settings { packing, ..settings }))
}

#[test]
fn an_interrupted_message_is_sent_again_from_its_start_when_the_peer_has_sent_its_own() {
    let mut bench = yielding();
    assert_eq!(bench.send(1, ORDER), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, "H|\\^&\r"));
    assert_eq!(bench.feed(&[ACK]), etx(2, "O|1\r"));
    assert_eq!(bench.feed(&[EOT]), [EOT]);
    assert_eq!(timer(&bench), Some((Timer::InterruptPause, seconds(15))));
    assert!(bench.given_up().is_empty() && !bench.link.is_idle());
    assert_eq!(peer_sends(&mut bench), [ENQ], "it had its turn");
    assert_eq!(bench.feed(&[ACK]), etx(1, "H|\\^&\r"));
    assert_eq!(bench.feed(&[ACK]), etx(2, "O|1\r"));
    assert_eq!(bench.feed(&[ACK]), etx(3, "L|1|N\r"));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_peer_that_interrupts_and_sends_nothing_has_fifteen_seconds() {
    let mut bench = yielding();
    bench.send(1, ORDER);
    bench.feed(&[ACK]);
    bench.feed(&[EOT]);
    assert_eq!(bench.feed(&[ENQ]), [ACK]);
    assert!(bench.feed(&[EOT]).is_empty(), "an empty session is no message");
    assert!(bench.wait_until(14).is_empty());
    assert_eq!(bench.wait_until(15), [ENQ]);
}

#[test]
fn an_interrupt_at_the_last_frame_accepts_the_message() {
    let mut bench = packed(Settings { honour_interrupt: true, ..Settings::instrument() });
    bench.send(1, ORDER);
    bench.send(2, ORDER);
    bench.feed(&[ACK]);
    assert_eq!(bench.feed(&[EOT]), [EOT]);
    assert_eq!(bench.accepted(), [1]);
    assert_eq!(bench.wait_until(15), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, &order()));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [1, 2]);
}

#[test]
fn interrupts_of_one_message_are_honoured_up_to_the_bound_and_then_ignored() {
    let mut bench = yielding();
    bench.send(1, ORDER);
    for round in 1..=u64::from(limits::INTERRUPTIONS_MAX) {
        assert_eq!(bench.feed(&[ACK]), etx(1, "H|\\^&\r"));
        assert_eq!(bench.feed(&[EOT]), [EOT]);
        assert_eq!(bench.wait_until(round * 15), [ENQ]);
    }
    assert_eq!(bench.feed(&[ACK]), etx(1, "H|\\^&\r"));
    assert_eq!(bench.feed(&[EOT]), etx(2, "O|1\r"), "one past the bound");
    assert_eq!(bench.feed(&[EOT]), etx(3, "L|1|N\r"));
    assert_eq!(bench.feed(&[EOT]), [EOT]);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn an_interrupted_message_can_be_withdrawn() {
    let mut bench = yielding();
    bench.send(1, ORDER);
    bench.feed(&[ACK]);
    assert!(!bench.link.withdraw(at(0), Token(1)), "it is under way");
    bench.feed(&[EOT]);
    assert!(bench.link.withdraw(at(0), Token(1)));
    assert!(bench.wait_until(15).is_empty());
    assert!(bench.link.is_idle() && bench.given_up().is_empty());
}

#[test]
fn what_is_withdrawn_in_a_contention_is_not_bid_for() {
    let mut bench = host();
    bench.send(1, ORDER);
    bench.feed(&[ENQ]);
    assert!(bench.link.withdraw(at(0), Token(1)));
    assert!(bench.wait_until(20).is_empty());
    assert_eq!(bench.link.deadline(), None);
}

#[test]
fn a_session_granted_for_what_was_withdrawn_ends_at_once() {
    let mut bench = host();
    bench.send(1, ORDER);
    assert!(bench.link.withdraw(at(0), Token(1)));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert!(bench.link.is_neutral());
}

#[test]
fn enq_inside_a_frame_is_refused_or_begins_a_new_session() {
    let torn = b"\x021H|\\^&|\x05";
    let mut bench = host();
    bench.feed(&[ENQ]);
    bench.feed(&etb(1, "H|\\^&\r"));
    assert_eq!(bench.feed(torn), [NAK]);
    assert!(bench.incomplete().is_empty());

    let mut bench = packed(Settings { restart_on_enquiry: true, ..Settings::host() });
    bench.feed(&[ENQ]);
    bench.feed(&etb(1, "H|\\^&\r"));
    assert_eq!(bench.feed(torn), [ACK]);
    assert_eq!(bench.incomplete(), [("H|\\\\^&\\r".to_owned(), Interruption::Restarted)]);
    assert_eq!(bench.fault_places(), [(Kind::Malformed, 14, 9)]);
    assert_eq!(bench.feed(&etx(1, "H|\\^&\r")), [ACK], "number 1 again");
}

#[test]
fn next_to_no_memory_is_held_between_sessions() {
    let mut bench = host();
    peer_sends(&mut bench);
    bench.send(1, &ORDER.repeat(1_000));
    assert!(bench.link.memory() >= ORDER.len() * 1_000);
    bench.feed(&[ACK]);
    while !bench.link.is_idle() {
        bench.feed(&[ACK]);
    }
    assert_eq!(bench.link.memory(), 0);
}

#[test]
fn events_come_in_the_order_in_which_things_happened() {
    let mut bench = host();
    bench.send(1, ORDER);
    bench.feed(&[ACK]);
    bench.link.receive(at(15), &[&[ENQ][..], &etx(1, RESULT)].concat());
    bench.drain();
    let kinds: Vec<_> = bench
        .events
        .iter()
        .map(|event| match event {
            Event::GaveUp { .. } => "given up",
            Event::Message { .. } => "message",
            Event::Incomplete { .. } | Event::Fault(_) | Event::Accepted { .. } => "other",
        })
        .collect();
    assert_eq!(kinds, ["given up", "message"]);
}

#[test]
fn a_deadline_that_is_over_is_never_offered_again() {
    let mut bench = host();
    bench.send(1, ORDER);
    bench.feed(&[NAK]);
    bench.now = at(5);
    bench.feed(&[ENQ]);
    bench.wait_until(10);
    let expected = Deadline { timer: Timer::NextFrame, at: at(35) };
    assert_eq!(bench.link.deadline(), Some(expected), "not the pause that is over");
}
