//! Beckman AU over the wire: times, questions and answers.

use std::time::Duration;

use hemogate::codec::block::{Form, Tail, encode};
use hemogate::codec::lis01::{ACK, NAK};
use hemogate::link::block::au::{REPLY_AFTER, REPLY_WAIT, Settings, TEXT_PAUSE, TURN_PAUSE};
use hemogate::link::block::{Exchange, Role, au};
use hemogate::link::{Answer, Deadline, Link, LinkFaultKind as Kind, Sending, Timer, Token};

use crate::bench::Bench;

fn end(role: Role) -> Bench<Exchange> {
    Bench::new(au::Settings::default().exchange(role))
}

fn form() -> Form {
    Settings::default().form
}

fn text(text: &[u8]) -> Vec<u8> {
    encode(text, false, &form())
}

fn wait(bench: &mut Bench<Exchange>, duration: Duration) -> Vec<u8> {
    bench.now = bench.now.plus(duration);
    bench.link.expire(bench.now);
    bench.drain()
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn a_reply_waits_until_the_analyser_listens() {
    let mut bench = end(Role::Host);
    assert!(bench.feed(&text(b"DB")).is_empty());
    let at = bench.now.plus(REPLY_AFTER);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::ReplyPause, at }));
    assert!(wait(&mut bench, ms(499)).is_empty());
    assert_eq!(wait(&mut bench, ms(1)), [ACK]);
}

#[test]
fn the_pause_counts_from_the_end_of_the_text_not_from_the_commit() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b"D 0001"));
    wait(&mut bench, ms(400));
    assert!(bench.answer(Answer::Stored).is_empty());
    assert_eq!(wait(&mut bench, ms(100)), [ACK]);
    bench.feed(&text(b"D 0002"));
    wait(&mut bench, ms(700));
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
}

#[test]
fn a_late_answer_is_not_sent_and_the_repeated_text_is_acknowledged() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b"D 0001"));
    wait(&mut bench, ms(2_001));
    assert!(bench.feed(&text(b"D 0001")).is_empty(), "it waits");
    assert!(bench.answer(Answer::Stored).is_empty());
    assert_eq!(wait(&mut bench, REPLY_AFTER), [ACK]);
    assert_eq!(bench.messages(), ["D 0001"]);
    assert_eq!(bench.fault_kinds(), [Kind::Repeated]);
}

#[test]
fn a_late_refusal_is_not_sent_and_the_repeated_text_is_delivered() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b"D 0001"));
    wait(&mut bench, ms(2_001));
    assert!(bench.answer(Answer::Refused("slow".to_owned())).is_empty());
    bench.feed(&text(b"D 0001"));
    assert_eq!(bench.messages(), ["D 0001", "D 0001"]);
}

#[test]
fn at_the_end_of_the_window_a_reply_is_still_sent() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b"D 0001"));
    wait(&mut bench, ms(2_000));
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
}

#[test]
fn a_question_is_delivered_and_answered_with_a_text() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b"R 000101 0001   G123498654321"));
    assert_eq!(bench.messages(), ["R 000101 0001   G123498654321"]);
    bench.answer(Answer::Stored);
    assert!(bench.send(7, b"S 000101 0001   G12349865432101").is_empty());
    assert_eq!(wait(&mut bench, REPLY_AFTER), [ACK]);
    let at = bench.now.plus(TURN_PAUSE);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::TextPause, at }));
    assert_eq!(wait(&mut bench, TURN_PAUSE), text(b"S 000101 0001   G12349865432101"));
    let at = bench.now.plus(REPLY_WAIT);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::TextReply, at }));
    assert!(!bench.link.is_idle());
    bench.feed(&[ACK]);
    assert_eq!(bench.accepted(), [7]);
    assert!(bench.link.is_idle() && bench.faults().is_empty());
}

#[test]
fn a_question_that_comes_again_is_delivered_again() {
    let mut bench = end(Role::Host);
    for _ in 0..2 {
        bench.feed(&text(b"R 0001"));
        bench.answer(Answer::Stored);
        wait(&mut bench, REPLY_AFTER);
    }
    assert_eq!(bench.messages(), ["R 0001", "R 0001"]);
}

#[test]
fn a_text_of_ours_between_two_equal_texts_makes_the_second_a_new_one() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b"D 0001"));
    bench.answer(Answer::Stored);
    wait(&mut bench, REPLY_AFTER);
    bench.send(1, b"S 0001");
    wait(&mut bench, TURN_PAUSE);
    bench.feed(&[ACK]);
    bench.feed(&text(b"D 0001"));
    assert_eq!(bench.messages(), ["D 0001", "D 0001"]);
}

#[test]
fn a_refused_text_is_sent_once_more_and_then_given_up() {
    let mut bench = end(Role::Instrument);
    assert_eq!(bench.send(1, b"D 0001"), text(b"D 0001"));
    assert!(bench.feed(&[NAK]).is_empty());
    assert_eq!(wait(&mut bench, TURN_PAUSE), text(b"D 0001"));
    bench.feed(&[NAK]);
    assert_eq!(bench.given_up(), [(1, "sent 2 times: the analyser refused it".to_owned())]);
}

#[test]
fn a_text_without_reply_is_sent_once_more_and_then_given_up() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b"D 0001");
    assert!(wait(&mut bench, REPLY_WAIT).is_empty());
    assert_eq!(wait(&mut bench, TURN_PAUSE), text(b"D 0001"));
    wait(&mut bench, REPLY_WAIT);
    assert_eq!(bench.given_up(), [(1, "sent 2 times: no reply came".to_owned())]);
}

#[test]
fn a_late_acknowledgement_is_not_credited_to_the_next_text() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b"D 0001");
    bench.send(2, b"D 0002");
    wait(&mut bench, REPLY_WAIT);
    wait(&mut bench, TURN_PAUSE);
    wait(&mut bench, REPLY_WAIT);
    assert_eq!(bench.given_up().len(), 1);
    bench.feed(&[ACK]);
    assert_eq!(bench.fault_kinds(), [Kind::Noise]);
    assert_eq!(wait(&mut bench, TEXT_PAUSE + REPLY_WAIT), text(b"D 0002"));
    assert!(bench.accepted().is_empty());
}

#[test]
fn an_acknowledgement_older_than_the_text_is_noise() {
    let mut bench = end(Role::Instrument);
    bench.link.send(bench.now, Token(1), b"D 0001".to_vec());
    bench.feed(&[ACK]);
    assert!(bench.accepted().is_empty());
    assert_eq!(bench.fault_kinds(), [Kind::Noise]);
}

#[test]
fn between_two_texts_there_is_a_pause() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b"DB");
    assert!(bench.send(2, b"D 0001").is_empty());
    assert!(bench.feed(&[ACK]).is_empty());
    assert_eq!(wait(&mut bench, TEXT_PAUSE), text(b"D 0001"));
    bench.feed(&[ACK]);
    assert_eq!(bench.accepted(), [1, 2]);
}

#[test]
fn in_a_collision_the_text_that_arrives_is_taken_and_ours_goes_again() {
    let mut bench = end(Role::Host);
    bench.send(1, b"S 0001");
    bench.feed(&text(b"D 0001"));
    assert_eq!(bench.messages(), ["D 0001"]);
    bench.answer(Answer::Stored);
    assert_eq!(wait(&mut bench, REPLY_AFTER), [ACK]);
    assert_eq!(wait(&mut bench, TURN_PAUSE), text(b"S 0001"));
    bench.feed(&[ACK]);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_damaged_text_in_place_of_a_reply_is_refused_and_ours_goes_again() {
    let mut bench = end(Role::Host);
    bench.send(1, b"S 0001");
    bench.feed(b"\x02D 0001\x03?");
    assert_eq!(wait(&mut bench, REPLY_AFTER), [NAK]);
    assert_eq!(wait(&mut bench, TURN_PAUSE), text(b"S 0001"));
    assert_eq!(bench.fault_kinds(), [Kind::Checksum]);
}

#[test]
fn only_what_was_never_sent_can_be_taken_back() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b"D 0001");
    bench.send(2, b"D 0002");
    assert!(!bench.link.withdraw(bench.now, Token(1)));
    assert!(bench.link.withdraw(bench.now, Token(2)));
    assert!(!bench.link.withdraw(bench.now, Token(3)));
    bench.feed(&[ACK]);
    assert!(bench.link.is_idle());
    assert_eq!(wait(&mut bench, TEXT_PAUSE), b"");
}

#[test]
fn what_no_block_can_hold_is_given_up_at_once() {
    let mut bench =
        Bench::new(Settings { text_max: 6, ..Settings::default() }.exchange(Role::Host));
    bench.send(1, b"S \x03");
    bench.send(2, b"S 00012");
    let why: Vec<String> = bench.given_up().into_iter().map(|(_, why)| why).collect();
    assert_eq!(why, ["it holds a byte that begins or ends a text", "7 bytes, a text may have 6"]);
}

#[test]
fn start_end_and_bcc_are_settings() {
    let lf = Form { start: 0x02, end: 0x0A, part_end: None, tail: Tail::Nothing };
    let settings = Settings { form: lf, reply_after: Duration::ZERO, ..Settings::default() };
    let mut bench = Bench::new(settings.exchange(Role::Host));
    assert_eq!(bench.feed_and_store(b"\x02DB\n\x02D 0001\n\x02DE\n"), [ACK; 3]);
    assert_eq!(bench.messages(), ["D 0001"]);
}

#[test]
fn a_unit_number_may_follow_the_code_of_a_marker() {
    for (unit_digits, delivered) in [(0, 1), (2, 0)] {
        let settings = Settings { unit_digits, ..Settings::default() };
        let mut bench = Bench::new(settings.exchange(Role::Host));
        bench.feed(&text(b"DB01"));
        assert_eq!(bench.messages().len(), delivered);
    }
}

#[test]
fn without_answers_a_text_is_accepted_when_it_is_sent() {
    let settings = Settings { acknowledged: false, ..Settings::default() };
    let mut bench = Bench::new(settings.exchange(Role::Instrument));
    assert_eq!(bench.send(1, b"DB"), text(b"DB"));
    assert!(bench.send(2, b"DE").is_empty());
    assert_eq!(wait(&mut bench, TEXT_PAUSE), text(b"DE"));
    assert_eq!(bench.accepted(), [1, 2]);
}

#[test]
fn a_lost_line_gives_up_everything_that_waits() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b"D 0001");
    bench.send(2, b"D 0002");
    bench.link.disconnect(bench.now);
    bench.drain();
    assert_eq!(bench.given_up().len(), 2);
    assert!(bench.link.is_idle());
}

#[test]
fn bytes_that_come_while_an_answer_is_owed_wait_in_order() {
    let mut bench = end(Role::Host);
    bench.feed(&[text(b"D 0001"), text(b"D 0002")].concat());
    assert!(bench.link.wants_bytes());
    assert_eq!(bench.messages(), ["D 0001"]);
    bench.answer(Answer::Stored);
    assert_eq!(wait(&mut bench, REPLY_AFTER), [ACK]);
    assert_eq!(bench.messages(), ["D 0001", "D 0002"]);
    bench.feed(&vec![b'x'; hemogate::limits::LINK_BACKLOG_MAX]);
    assert!(!bench.link.wants_bytes());
}
