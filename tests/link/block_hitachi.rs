//! Hitachi over the wire: texts answered with texts.

use std::time::Duration;

use hemogate::codec::block::{Form, Tail, encode};
use hemogate::limits;
use hemogate::link::block::Role;
use hemogate::link::block::hitachi::{Exchange, NEXT_WAIT, REPLY_AFTER, REPLY_WAIT, Settings};
use hemogate::link::{
    Answer, Deadline, Interruption, Link, LinkFaultKind as Kind, Sending, Timer, Token,
};

use crate::bench::Bench;

fn end(role: Role) -> Bench<Exchange> {
    Bench::new(Exchange::new(Settings::default(), role))
}

fn text(text: &[u8]) -> Vec<u8> {
    encode(text, false, &Settings::default().form)
}

const ANY: &[u8] = b">";
const MOR: &[u8] = b">";
const REP: &[u8] = b"?";
const SUS: &[u8] = b"@";
const REC: &[u8] = b"A";

fn wait(bench: &mut Bench<Exchange>, duration: Duration) -> Vec<u8> {
    bench.now = bench.now.plus(duration);
    bench.link.expire(bench.now);
    bench.drain()
}

/// What is said to a text, 100 ms later.
fn say(bench: &mut Bench<Exchange>, bytes: &[u8]) -> Vec<u8> {
    assert!(bench.feed(&text(bytes)).is_empty());
    wait(bench, REPLY_AFTER)
}

/// What is said after the answer to the message delivered last.
fn settle(bench: &mut Bench<Exchange>, answer: Answer) -> Vec<u8> {
    assert!(bench.answer(answer).is_empty());
    wait(bench, REPLY_AFTER)
}

#[test]
fn whoever_asks_and_there_is_nothing_is_told_to_go_on_after_100_ms() {
    let mut bench = end(Role::Host);
    assert!(bench.feed(&text(ANY)).is_empty());
    let at = bench.now.plus(REPLY_AFTER);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::ReplyPause, at }));
    assert!(wait(&mut bench, REPLY_AFTER - Duration::from_millis(1)).is_empty());
    assert_eq!(wait(&mut bench, Duration::from_millis(1)), text(MOR));
    assert_eq!(bench.link.deadline(), None);
}

#[test]
fn a_host_that_is_not_ready_suspends() {
    let mut bench = end(Role::Host);
    bench.link.set_ready(bench.now, false);
    assert_eq!(say(&mut bench, ANY), text(SUS));
    bench.link.set_ready(bench.now, true);
    assert_eq!(say(&mut bench, ANY), text(MOR));
}

#[test]
fn a_sample_is_one_message_and_goes_on_only_when_it_is_stored() {
    let mut bench = end(Role::Host);
    assert_eq!(say(&mut bench, b"1N1"), text(MOR));
    assert_eq!(say(&mut bench, b"2N2"), text(MOR));
    assert!(bench.feed(&text(b":N3")).is_empty());
    assert_eq!(bench.messages(), ["1N1\\r2N2\\r:N3"]);
    assert!(wait(&mut bench, NEXT_WAIT).is_empty());
    assert_eq!(settle(&mut bench, Answer::Stored), text(MOR));
    assert!(bench.faults().is_empty() && bench.incomplete().is_empty());
    assert_eq!(bench.link.deadline(), None);
}

#[test]
fn a_refused_sample_is_asked_for_again_and_delivered_again() {
    let mut bench = end(Role::Host);
    say(&mut bench, b"1N1");
    bench.feed(&text(b":N2"));
    assert_eq!(settle(&mut bench, Answer::Refused("busy".to_owned())), text(REP));
    bench.feed(&text(b":N2"));
    assert_eq!(bench.messages(), ["1N1\\r:N2", "1N1\\r:N2"]);
    assert_eq!(settle(&mut bench, Answer::StoredUnread("odd".to_owned())), text(MOR));
}

#[test]
fn a_damaged_text_is_asked_for_again_until_a_good_one_comes() {
    let mut bench = end(Role::Host);
    for _ in 0..20 {
        assert!(bench.feed(b"\x02:N1\x03!").is_empty());
        assert_eq!(wait(&mut bench, REPLY_AFTER), text(REP));
    }
    bench.feed(&text(b":N1"));
    assert_eq!(bench.messages(), [":N1"]);
    assert_eq!(bench.fault_kinds(), [Kind::Checksum; 20]);
}

#[test]
fn a_text_that_does_not_end_and_one_too_long_are_asked_for_again() {
    let mut bench = end(Role::Host);
    bench.feed(b"\x02:N");
    wait(&mut bench, Duration::from_secs(2));
    assert_eq!(wait(&mut bench, REPLY_AFTER), text(REP));
    assert_eq!(bench.fault_kinds(), [Kind::Malformed]);
    for (length, refused) in [(253, false), (254, true)] {
        let mut bench = end(Role::Host);
        let long = [vec![b':'], vec![b'x'; length - 1]].concat();
        bench.feed(&text(&long));
        assert_eq!(bench.messages().is_empty(), refused);
        assert_eq!(bench.fault_kinds().contains(&Kind::TooLong), refused);
    }
}

#[test]
fn a_repeated_text_goes_on_and_is_not_delivered_again() {
    let mut bench = end(Role::Host);
    say(&mut bench, b"1N1");
    assert_eq!(say(&mut bench, b"1N1"), text(MOR));
    bench.feed(&text(b":N2"));
    settle(&mut bench, Answer::Stored);
    assert_eq!(say(&mut bench, b":N2"), text(MOR));
    assert_eq!(bench.messages(), ["1N1\\r:N2"]);
    assert_eq!(bench.fault_kinds(), [Kind::Repeated, Kind::Repeated]);
    say(&mut bench, ANY);
    bench.feed(&text(b":N2"));
    assert_eq!(bench.messages().len(), 2, "after ANY it is no repetition");
}

#[test]
fn an_analyser_that_did_not_understand_is_told_again() {
    let mut bench = end(Role::Host);
    say(&mut bench, ANY);
    assert_eq!(say(&mut bench, REP), text(MOR));
    bench.feed(b"\x02:N1\x03!");
    wait(&mut bench, REPLY_AFTER);
    assert_eq!(say(&mut bench, REP), text(REP), "never MOR for a text that was damaged");
}

#[test]
fn an_answer_after_the_analyser_sent_again_is_not_sent() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b":N1"));
    bench.feed(&text(b":N1"));
    assert!(bench.answer(Answer::Stored).is_empty());
    assert_eq!(wait(&mut bench, REPLY_AFTER), text(MOR));
    assert!(wait(&mut bench, REPLY_AFTER).is_empty(), "one word for both");
    assert_eq!(bench.messages(), [":N1"]);
    assert_eq!(bench.fault_kinds(), [Kind::Repeated]);
}

#[test]
fn a_sample_that_does_not_go_on_leaves_evidence() {
    let mut bench = end(Role::Host);
    say(&mut bench, b"1N1");
    let at = bench.now.plus(NEXT_WAIT);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::NextBlock, at }));
    wait(&mut bench, NEXT_WAIT);
    say(&mut bench, b"1N2");
    bench.feed(&text(b";I"));
    bench.answer(Answer::Stored);
    wait(&mut bench, REPLY_AFTER);
    say(&mut bench, b"1N3");
    say(&mut bench, ANY);
    say(&mut bench, b"1N4");
    bench.link.disconnect(bench.now);
    bench.drain();
    let expected = [
        ("1N1".to_owned(), Interruption::Silence),
        ("1N2".to_owned(), Interruption::Restarted),
        ("1N3".to_owned(), Interruption::Restarted),
        ("1N4".to_owned(), Interruption::Disconnected),
    ];
    assert_eq!(bench.incomplete(), expected);
}

#[test]
fn an_inquiry_is_answered_with_the_selection_in_place_of_mor() {
    let mut bench = end(Role::Host);
    bench.feed(&text(b";I0001"));
    assert_eq!(settle(&mut bench, Answer::StoredReply(b";S0001".to_vec())), text(b";S0001"));
    assert_eq!(say(&mut bench, REC), text(MOR));
    assert!(bench.accepted().is_empty(), "nobody waits for it");
    assert!(bench.link.is_idle());
    bench.feed(&text(b";I0001"));
    assert_eq!(bench.messages().len(), 2, "whoever asks again wants an answer");
}

#[test]
fn a_selection_goes_out_at_our_turn_and_is_accepted_when_it_is_receipted() {
    let mut bench = end(Role::Host);
    assert!(bench.send(1, b";S0001").is_empty(), "nobody asked yet");
    assert_eq!(bench.link.deadline(), None);
    assert_eq!(say(&mut bench, ANY), text(b";S0001"));
    let at = bench.now.plus(NEXT_WAIT);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::TextReply, at }));
    assert_eq!(say(&mut bench, REC), text(MOR));
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_selection_that_was_not_understood_goes_again_so_often() {
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    say(&mut bench, ANY);
    for _ in 1..limits::BLOCK_TRANSMISSIONS_MAX {
        assert_eq!(say(&mut bench, REP), text(b";S0001"));
    }
    assert_eq!(say(&mut bench, REP), text(MOR), "one past the bound");
    assert_eq!(bench.given_up(), [(1, "it was asked for again".to_owned())]);
}

#[test]
fn a_suspended_selection_waits_for_the_next_turn() {
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    say(&mut bench, ANY);
    assert!(say(&mut bench, SUS).is_empty());
    assert_eq!(say(&mut bench, ANY), text(b";S0001"));
    say(&mut bench, REC);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_selection_without_a_receipt_is_given_up_and_never_credited() {
    for next in [ANY, b":N1"] {
        let mut bench = end(Role::Host);
        bench.send(1, b";S0001");
        say(&mut bench, ANY);
        bench.feed(&text(next));
        let why = "the analyser went on without a receipt";
        assert_eq!(bench.given_up(), [(1, why.to_owned())]);
    }
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    say(&mut bench, ANY);
    assert!(wait(&mut bench, NEXT_WAIT).is_empty());
    assert_eq!(bench.given_up(), [(1, "no receipt came".to_owned())]);
    assert_eq!(say(&mut bench, REC), text(MOR), "a late one is credited to nothing");
    assert!(bench.accepted().is_empty());
}

/// The selection was the reply to a text: where it is lost, the text comes again. It is no new
/// sample, least of all the last part of one.
#[test]
fn a_selection_that_was_not_heard_goes_again_and_the_sample_is_not_delivered_twice() {
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    say(&mut bench, b"1N1");
    assert_eq!(say(&mut bench, REC), text(MOR));
    bench.send(2, b";S0002");
    bench.feed(&text(b":N2"));
    assert_eq!(settle(&mut bench, Answer::Stored), text(b";S0002"));
    for _ in 1..limits::BLOCK_TRANSMISSIONS_MAX {
        assert_eq!(say(&mut bench, b":N2"), text(b";S0002"));
    }
    assert_eq!(say(&mut bench, b":N2"), text(MOR), "one past the bound");
    assert_eq!(bench.given_up(), [(2, "the analyser did not hear it".to_owned())]);
    assert_eq!(bench.messages(), ["1N1\\r:N2"]);
    assert!(bench.faults().iter().all(|fault| fault.kind == Kind::Repeated));
}

/// Our word after a receipt may be lost, and the receipt comes again: it must not count for another
/// selection that the analyser never heard.
#[test]
fn a_receipt_that_comes_again_is_credited_to_nothing() {
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    bench.send(2, b";S0002");
    assert_eq!(say(&mut bench, ANY), text(b";S0001"));
    for _ in 0..3 {
        assert_eq!(say(&mut bench, REC), text(MOR));
    }
    assert_eq!(bench.accepted(), [1]);
    assert_eq!(say(&mut bench, ANY), text(b";S0002"));
    assert_eq!(say(&mut bench, REC), text(MOR));
    assert_eq!(bench.accepted(), [1, 2]);
}

/// What was receipted is behind us: the same text afterwards is a new one.
#[test]
fn the_same_text_after_a_receipt_is_no_repetition() {
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    bench.feed(&text(b":N1"));
    assert_eq!(settle(&mut bench, Answer::Stored), text(b";S0001"));
    assert_eq!(say(&mut bench, REC), text(MOR));
    bench.feed(&text(b":N1"));
    assert_eq!(bench.messages().len(), 2);
}

#[test]
fn a_damaged_receipt_is_asked_for_again_and_then_credited() {
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    say(&mut bench, ANY);
    bench.feed(b"\x02A\x03!");
    assert_eq!(wait(&mut bench, REPLY_AFTER), text(REP));
    assert_eq!(say(&mut bench, REC), text(MOR));
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn each_of_the_five_ends_is_understood() {
    for tail in Tail::ALL {
        let form = Form { tail, ..Settings::default().form };
        let settings = Settings { form, ..Settings::default() };
        let mut bench = Bench::new(Exchange::new(settings, Role::Host));
        bench.feed(&encode(b":N1", false, &form));
        assert_eq!(bench.messages(), [":N1"], "{tail:?}");
        assert_eq!(settle(&mut bench, Answer::Stored), encode(MOR, false, &form));
    }
}

#[test]
fn an_end_of_another_kind_is_never_a_text() {
    for tail in [Tail::Nothing, Tail::CrLfBefore, Tail::CrLf, Tail::SumCr] {
        let other = Form { tail, ..Settings::default().form };
        let mut bench = end(Role::Host);
        bench.feed(&encode(b":N1", false, &other));
        wait(&mut bench, Duration::from_secs(3));
        wait(&mut bench, REPLY_AFTER);
        bench.feed(&text(b":N2"));
        assert_eq!(bench.messages(), [":N2"], "{tail:?}");
        assert!(!bench.faults().is_empty());
    }
}

#[test]
fn every_flipped_bit_is_asked_for_again_or_noise_and_never_a_different_text() {
    let good = text(b":N 0001 24.0");
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[place] ^= 1 << bit;
            let mut bench = end(Role::Host);
            bench.feed(&bad);
            wait(&mut bench, Duration::from_secs(3));
            wait(&mut bench, REPLY_AFTER);
            assert!(bench.messages().is_empty(), "byte {place}, bit {bit}");
            bench.feed(&good);
            assert_eq!(bench.messages(), [":N 0001 24.0"], "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn cut_anywhere_into_reads_the_events_are_the_same() {
    let all = [text(b"1N1"), b"xx".to_vec(), text(b":N2"), b"\x02:N3\x03!".to_vec(), text(ANY)];
    let all = all.concat();
    let run = |cut: usize| {
        let mut bench = end(Role::Host);
        let mut sent = Vec::new();
        for piece in [&all[..cut], &all[cut..]] {
            sent.extend(bench.feed(piece));
        }
        for _ in 0..8 {
            sent.extend(wait(&mut bench, REPLY_AFTER));
            if let Some(token) = bench.tokens().last().copied() {
                bench.link.answer(bench.now, token, Answer::Stored);
            }
        }
        (sent, bench.events)
    };
    let whole = run(0);
    // None for the sample: when it was stored, the analyser had spoken again.
    assert_eq!(whole.0, [text(MOR), text(REP), text(MOR)].concat());
    for cut in 0..all.len() {
        assert_eq!(run(cut), whole, "cut at {cut}");
    }
}

#[test]
fn an_instrument_sends_one_text_for_each_go_on() {
    let mut bench = end(Role::Instrument);
    assert_eq!(bench.send(1, b"1N1\r:N2"), text(b"1N1"));
    assert_eq!(say(&mut bench, MOR), text(b":N2"));
    assert!(say(&mut bench, MOR).is_empty());
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn an_instrument_sends_again_on_rep_silence_and_damage() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b":N1");
    assert_eq!(say(&mut bench, REP), text(b":N1"));
    wait(&mut bench, REPLY_WAIT);
    assert_eq!(wait(&mut bench, REPLY_AFTER), text(b":N1"));
    bench.feed(b"\x02>\x03!");
    assert_eq!(wait(&mut bench, REPLY_AFTER), text(REP));
    assert_eq!(say(&mut bench, REP), text(b":N1"), "the damaged word was REP");
    say(&mut bench, MOR);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn an_instrument_gives_up_at_the_bound() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b":N1");
    for _ in 1..limits::BLOCK_TRANSMISSIONS_MAX {
        assert_eq!(say(&mut bench, REP), text(b":N1"));
    }
    assert!(say(&mut bench, REP).is_empty());
    assert_eq!(bench.given_up(), [(1, "it was asked for again".to_owned())]);
}

#[test]
fn an_instrument_that_is_suspended_sends_later() {
    let mut bench = end(Role::Instrument);
    bench.send(1, b":N1");
    assert!(say(&mut bench, SUS).is_empty());
    assert_eq!(wait(&mut bench, REPLY_WAIT), text(b":N1"));
}

#[test]
fn an_instrument_receipts_a_selection_when_it_is_stored() {
    let poll = Some(Duration::from_secs(3));
    let settings = Settings { poll, ..Settings::default() };
    let mut bench = Bench::new(Exchange::new(settings, Role::Instrument));
    assert_eq!(wait(&mut bench, Duration::ZERO), text(ANY));
    bench.feed(&text(b";S0001"));
    assert_eq!(bench.messages(), [";S0001"]);
    assert_eq!(settle(&mut bench, Answer::Stored), text(REC));
    assert_eq!(say(&mut bench, REP), text(REC));
    assert!(say(&mut bench, MOR).is_empty());
    assert_eq!(wait(&mut bench, Duration::from_secs(3)), text(ANY));
}

#[test]
fn what_was_never_sent_can_be_taken_back() {
    let mut bench = end(Role::Host);
    bench.send(1, b";S0001");
    assert!(bench.link.withdraw(bench.now, Token(1)));
    assert_eq!(say(&mut bench, ANY), text(MOR));
    bench.send(2, b";S0002");
    say(&mut bench, ANY);
    assert!(!bench.link.withdraw(bench.now, Token(2)));
}

#[test]
fn what_no_text_can_hold_is_given_up_at_once() {
    let mut bench = end(Role::Host);
    bench.send(1, &[b'x'; 254]);
    bench.send(2, b"");
    let why: Vec<String> = bench.given_up().into_iter().map(|(_, why)| why).collect();
    assert_eq!(why, ["254 bytes, a text may have 253", "it is empty"]);
}
