//! The LIS01 sender, as scripts of the wire.

use hemogate::codec::lis01::{ACK, ENQ, EOT, NAK};
use hemogate::limits;
use hemogate::link::lis01::{Packing, Role, Sender};
use hemogate::link::{Deadline, Link, Sending, Timer, Token};

use crate::bench::{Bench, at, etb, etx};

const MESSAGE: &str = "H|\\^&\rP|1\rL|1|N\r";

fn sender(packing: Packing) -> Bench<Sender> {
    Bench::new(Sender::new(Role::Instrument, 240, packing))
}

/// A sender whose first frame is on the line.
fn in_transfer() -> Bench<Sender> {
    let mut bench = sender(Packing::Packed);
    assert_eq!(bench.send(7, MESSAGE.as_bytes()), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, MESSAGE));
    bench
}

#[test]
fn a_packed_message_is_cut_at_the_bound() {
    let text = "R|1|".to_owned() + &"x".repeat(237);
    let mut bench = sender(Packing::Packed);
    bench.send(7, text.as_bytes());
    assert_eq!(bench.feed(&[ACK]), etb(1, &text[..240]));
    assert_eq!(bench.feed(&[ACK]), etx(2, &text[240..]));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [7]);
    assert!(bench.link.is_idle());
}

#[test]
fn a_message_that_just_fits_is_one_frame() {
    let text = "x".repeat(240);
    let mut bench = sender(Packing::Packed);
    bench.send(7, text.as_bytes());
    assert_eq!(bench.feed(&[ACK]), etx(1, &text));
}

#[test]
fn records_have_their_own_frames_and_long_ones_are_cut() {
    let mut bench = Bench::new(Sender::new(Role::Host, 6, Packing::RecordPerFrame));
    bench.send(7, b"H|\\^&\rP|12345\rL|1");
    let frames = [etx(1, "H|\\^&\r"), etb(2, "P|1234"), etx(3, "5\r"), etx(4, "L|1"), vec![EOT]];
    for frame in frames {
        assert_eq!(bench.feed(&[ACK]), frame);
    }
    assert_eq!(bench.accepted(), [7]);
}

#[test]
fn messages_that_wait_share_a_session() {
    let mut bench = sender(Packing::Packed);
    assert_eq!(bench.send(7, b"A\r"), [ENQ]);
    assert!(bench.send(8, b"B\r").is_empty());
    assert_eq!(bench.feed(&[ACK]), etx(1, "A\r"));
    assert_eq!(bench.feed(&[ACK]), etx(2, "B\r"));
    assert_eq!(bench.accepted(), [7]);
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.send(9, b"C\r"), [ENQ]);
    assert_eq!(bench.feed(&[ACK]), etx(1, "C\r"));
}

#[test]
fn the_sixth_refusal_is_the_last() {
    let mut bench = in_transfer();
    for _ in 0..5 {
        assert_eq!(bench.feed(&[NAK]), etx(1, MESSAGE));
    }
    assert!(bench.given_up().is_empty());
    assert_eq!(bench.feed(&[NAK]), [EOT]);
    assert_eq!(bench.given_up(), [(7, "frame 1 was refused 6 times".to_owned())]);
    assert!(bench.link.is_idle() && bench.accepted().is_empty());
}

#[test]
fn a_frame_accepted_at_the_sixth_try_counts() {
    let mut bench = in_transfer();
    for _ in 0..5 {
        bench.feed(&[NAK]);
    }
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [7]);
}

#[test]
fn a_message_given_up_can_be_sent_again_after_a_pause() {
    let mut bench = in_transfer();
    assert!(bench.wait_until(14).is_empty());
    assert_eq!(bench.wait_until(15), [EOT]);
    assert!(bench.send(8, MESSAGE.as_bytes()).is_empty());
    assert_eq!(bench.wait_until(16), [ENQ]);
    assert!(bench.feed(&[ACK]).is_empty());
    assert_eq!(bench.wait_until(17), etx(1, MESSAGE));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [8]);
}

#[test]
fn noise_in_a_bid_does_not_restart_its_timer() {
    let mut bench = sender(Packing::Packed);
    bench.send(7, b"A\r");
    bench.now = at(14);
    assert!(bench.feed(b"\x11\x13x").is_empty());
    let deadline = Deadline { timer: Timer::EnquiryReply, at: at(15) };
    assert_eq!(bench.link.deadline(), Some(deadline));
    assert_eq!(bench.wait_until(15), [EOT]);
    assert_eq!(bench.given_up(), [(7, "no reply to ENQ in 15 s".to_owned())]);
}

#[test]
fn a_busy_peer_is_asked_again_every_ten_seconds_and_then_no_more() {
    let mut bench = sender(Packing::Packed);
    bench.send(7, b"A\r");
    for bid in 1..u64::from(limits::BIDS_MAX) {
        assert!(bench.feed(&[NAK]).is_empty());
        assert!(bench.wait_until(bid * 10 - 1).is_empty());
        assert_eq!(bench.wait_until(bid * 10), [ENQ]);
    }
    assert!(bench.given_up().is_empty());
    assert!(bench.feed(&[NAK]).is_empty());
    assert_eq!(bench.given_up(), [(7, "the line was not granted in 6 bids".to_owned())]);
    assert!(bench.wait_until(1_000).is_empty());
}

#[test]
fn who_gives_way_depends_on_the_role() {
    let pauses =
        [(Role::Instrument, Timer::ContentionPause, 1), (Role::Host, Timer::ContentionWait, 20)];
    for (role, timer, pause) in pauses {
        let mut bench = Bench::new(Sender::new(role, 240, Packing::Packed));
        bench.send(7, b"A\r");
        assert!(bench.feed(&[ENQ]).is_empty());
        let deadline = Deadline { timer, at: at(pause) };
        assert_eq!(bench.link.deadline(), Some(deadline));
        assert_eq!(bench.wait_until(pause), [ENQ]);
    }
}

#[test]
fn a_doubled_reply_is_not_credited_to_the_next_frame() {
    let mut bench = sender(Packing::RecordPerFrame);
    bench.send(7, b"H|\\^&\rL|1\r");
    assert_eq!(bench.feed(&[ACK, ACK, ACK]), etx(1, "H|\\^&\r"));
    bench.link.receive(at(0), &[ACK]);
    bench.link.receive(at(0), &[ACK]);
    assert_eq!(bench.drain(), etx(2, "L|1\r"));
    assert!(bench.accepted().is_empty());
}

#[test]
fn a_byte_that_is_no_reply_repeats_the_frame_and_leaves_the_next_reply_in_doubt() {
    let mut bench = in_transfer();
    assert_eq!(bench.feed(b"?"), etx(1, MESSAGE));
    for second in 1..5 {
        assert!(bench.feed(b"?").is_empty());
        assert_eq!(bench.wait_until(second), etx(1, MESSAGE));
    }
    assert!(bench.feed(b"?").is_empty());
    assert_eq!(bench.wait_until(5), [EOT]);
    assert_eq!(bench.given_up(), [(7, "frame 1 was refused 6 times".to_owned())]);
}

#[test]
fn noise_beside_a_reply_never_credits_that_reply_twice() {
    let mut bench = sender(Packing::RecordPerFrame);
    bench.send(7, b"H|\\^&\rL|1\r");
    assert_eq!(bench.feed(&[ACK]), etx(1, "H|\\^&\r"));
    assert_eq!(bench.feed(b"?"), etx(1, "H|\\^&\r"), "noise, then the reply itself");
    assert!(bench.feed(&[ACK]).is_empty());
    assert!(bench.feed(&[ACK]).is_empty(), "the reply to the repeated frame");
    assert_eq!(bench.wait_until(1), etx(2, "L|1\r"));
    assert!(bench.accepted().is_empty());
    assert_eq!(bench.feed(&[ACK]), [EOT], "no longer in doubt");
    assert_eq!(bench.accepted(), [7]);
}

#[test]
fn a_late_reply_is_not_credited_to_the_next_bid() {
    let mut bench = in_transfer();
    bench.send(8, b"B\r");
    assert_eq!(bench.wait_until(15), [EOT]);
    assert_eq!(bench.wait_until(16), [ENQ]);
    assert!(bench.feed(&[ACK]).is_empty(), "of the frame");
    let settles = Deadline { timer: Timer::ReplyQuiet, at: at(17) };
    assert_eq!(bench.link.deadline(), Some(settles));
    assert!(bench.feed(&[NAK]).is_empty(), "of the ENQ");
    assert!(bench.wait_until(17).is_empty());
    assert_eq!(bench.link.deadline().unwrap().timer, Timer::BusyPause);
    assert!(bench.accepted().is_empty());
}

#[test]
fn an_eot_in_doubt_accepts_nothing() {
    let mut bench = in_transfer();
    assert_eq!(bench.feed(&[ENQ]), etx(1, MESSAGE), "a peer that began again and bids");
    assert!(bench.feed(&[EOT]).is_empty(), "and gives its bid up");
    assert_eq!(bench.wait_until(1), etx(1, MESSAGE));
    assert!(bench.accepted().is_empty());
}

#[test]
fn bytes_out_of_turn_change_nothing() {
    let mut bench = sender(Packing::Packed);
    assert!(bench.feed(&[ACK, NAK, ENQ, EOT, b'x']).is_empty());
    assert_eq!(bench.link.deadline(), None);
    assert!(bench.events.is_empty());
}

#[test]
fn a_lost_line_gives_everything_up() {
    let mut bench = in_transfer();
    bench.send(8, b"B\r");
    bench.link.disconnect(at(0));
    assert!(bench.drain().is_empty());
    let lost = "the line was lost".to_owned();
    assert_eq!(bench.given_up(), [(7, lost.clone()), (8, lost)]);
    assert!(bench.link.is_idle());
    assert_eq!(bench.send(9, b"C\r"), [ENQ]);
}

#[test]
fn a_message_is_withdrawn_until_its_first_byte_is_sent() {
    let mut bench = sender(Packing::Packed);
    bench.send(7, b"A\r");
    bench.send(8, b"B\r");
    assert!(bench.link.withdraw(at(0), Token(7)));
    assert!(!bench.link.withdraw(at(0), Token(7)), "it is gone already");
    assert_eq!(bench.feed(&[ACK]), etx(1, "B\r"));
    assert!(!bench.link.withdraw(at(0), Token(8)), "it is under way");
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert_eq!(bench.accepted(), [8]);
    assert!(bench.given_up().is_empty());
}

#[test]
fn a_session_granted_for_what_was_withdrawn_ends_at_once() {
    let mut bench = sender(Packing::Packed);
    bench.send(7, b"A\r");
    assert!(bench.link.withdraw(at(0), Token(7)));
    assert_eq!(bench.feed(&[ACK]), [EOT]);
    assert!(bench.link.is_idle());
    assert_eq!(bench.send(8, b"B\r"), [ENQ]);
}
