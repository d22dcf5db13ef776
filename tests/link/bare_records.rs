//! Records without a link layer, as scripts of the wire: one test for each row of the table.

use std::time::Duration;

use hemogate::codec::lis01::{ETX, STX};
use hemogate::limits;
use hemogate::link::bare::{Envelope, Records};
use hemogate::link::{
    Answer, Deadline, Interruption, Link, LinkFaultKind as Kind, Sending, Timer, Token,
};

use crate::bench::{Bench, at};

const MESSAGE: &[u8] = b"H|\\^&\rR|1|a\rL|1|N\r";
const TEXT: &str = "H|\\\\^&\\rR|1|a\\rL|1|N\\r";

fn records(envelope: Envelope) -> Bench<Records> {
    Bench::new(Records::new(envelope, Duration::from_secs(30)))
}

fn bare() -> Bench<Records> {
    records(Envelope::None)
}

fn enveloped() -> Bench<Records> {
    records(Envelope::StxEtx)
}

fn block(text: &[u8]) -> Vec<u8> {
    [&[STX], text, &[ETX]].concat()
}

fn store(bench: &mut Bench<Records>, bytes: &[u8]) {
    assert!(bench.feed_and_store(bytes).is_empty(), "nothing is ever acknowledged");
}

#[test]
fn a_message_ends_with_the_end_of_its_l_record() {
    let mut bench = bare();
    bench.feed(&MESSAGE[..MESSAGE.len() - 1]);
    assert!(bench.messages().is_empty());
    bench.feed(&MESSAGE[MESSAGE.len() - 1..]);
    assert_eq!(bench.messages(), [TEXT]);
    assert!(bench.answer(Answer::Stored).is_empty());
    assert_eq!(bench.link.deadline(), None);
    assert_eq!(bench.link.memory(), 0);
}

#[test]
fn line_feeds_are_tolerated_where_records_end() {
    for text in ["H|\\^&\r\nR|1|a\r\nL|1|N\r\n", "H|\\^&\nR|1|a\nL|1|N\n"] {
        let mut bench = bare();
        store(&mut bench, text.repeat(2).as_bytes());
        assert_eq!(bench.messages().len(), 2, "{text:?}");
        assert!(bench.faults().is_empty(), "{text:?}");
    }
}

#[test]
fn an_l_inside_a_record_ends_nothing() {
    let mut bench = bare();
    bench.feed(b"H|\\^&\rC|1|L|1|N\rR|L\r");
    assert!(bench.messages().is_empty());
}

#[test]
fn the_way_the_bytes_are_cut_changes_nothing() {
    for envelope in [Envelope::None, Envelope::StxEtx] {
        let whole = match envelope {
            Envelope::None => [b"\xff\0", MESSAGE, b"\n", MESSAGE, b"?H|\r"].concat(),
            Envelope::StxEtx => {
                [b"\xff\0".to_vec(), block(MESSAGE), b"\r\n".to_vec(), block(b"H|\r")].concat()
            }
        };
        let mut expected = records(envelope);
        store(&mut expected, &whole);
        assert!(!expected.messages().is_empty() && !expected.faults().is_empty());
        for size in 1..whole.len() {
            let mut bench = records(envelope);
            whole.chunks(size).for_each(|piece| store(&mut bench, piece));
            assert_eq!(bench.events, expected.events, "{size}");
        }
    }
}

#[test]
fn what_cannot_begin_a_message_is_noise() {
    let mut bench = bare();
    store(&mut bench, &[&[5, 0, 0xFF, b'|'], MESSAGE].concat());
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, 4)]);
    assert_eq!(bench.messages(), [TEXT]);
    let mut bench = enveloped();
    store(&mut bench, &[b"H|x", &block(MESSAGE)[..]].concat());
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, 3)]);
    assert_eq!(bench.messages(), [TEXT]);
}

#[test]
fn a_text_without_header_is_kept_as_a_message_all_the_same() {
    let mut bench = bare();
    store(&mut bench, b"R|1|a\rL|1|N\r");
    assert_eq!(bench.messages(), ["R|1|a\\rL|1|N\\r"]);
}

#[test]
fn a_header_inside_a_message_begins_another_one() {
    for (mut bench, text) in [
        (bare(), [b"H|1\rR|1\r", MESSAGE].concat()),
        (enveloped(), block(&[b"H|1\rR|1\r", MESSAGE].concat())),
        (enveloped(), [block(b"H|1\rR|1\r"), block(MESSAGE)].concat()),
    ] {
        store(&mut bench, &text);
        assert_eq!(bench.incomplete(), [("H|1\\rR|1\\r".to_owned(), Interruption::Restarted)]);
        assert_eq!(bench.messages(), [TEXT]);
    }
}

#[test]
fn a_message_may_be_one_block_or_a_block_for_each_record() {
    let mut bench = enveloped();
    store(&mut bench, &block(MESSAGE));
    let pieces = [block(b"H|\\^&\r"), block(b"R|1|a\r"), block(b"L|1|N\r")];
    store(&mut bench, &pieces.join(&b"\r\n"[..]));
    store(&mut bench, &block(b"H|\\^&\rL|1|N"));
    assert_eq!(bench.messages(), [TEXT, TEXT, "H|\\\\^&\\rL|1|N"]);
    assert!(bench.faults().is_empty());
}

#[test]
fn a_block_that_is_cut_by_another_is_incomplete() {
    let mut bench = enveloped();
    store(&mut bench, &[b"\x02H|1\rR|", &block(MESSAGE)[..]].concat());
    assert_eq!(bench.incomplete(), [("H|1\\rR|".to_owned(), Interruption::Restarted)]);
    assert_eq!(bench.messages(), [TEXT]);
}

#[test]
fn a_sign_of_life_is_noise_and_no_message() {
    let mut bench = enveloped();
    store(&mut bench, &[&[STX, STX][..], &block(MESSAGE)].concat());
    assert_eq!(bench.fault_kinds(), [Kind::Noise]);
    assert_eq!(bench.faults()[0].length, 2);
    assert_eq!(bench.messages(), [TEXT]);
}

#[test]
fn half_a_message_ends_with_silence() {
    for (mut bench, half) in [
        (bare(), &b"H|\\^&\rR|"[..]),
        (enveloped(), b"\x02H|\\^&\rR|"),
        (enveloped(), b"\x02H|\\^&\rR|\x03"),
    ] {
        bench.feed(&half[..3]);
        bench.now = at(20);
        bench.feed(&half[3..]);
        let deadline = Deadline { timer: Timer::RecordGap, at: at(50) };
        assert_eq!(bench.link.deadline(), Some(deadline));
        bench.wait_until(49);
        assert!(bench.incomplete().is_empty());
        bench.wait_until(50);
        assert_eq!(bench.incomplete(), [("H|\\\\^&\\rR|".to_owned(), Interruption::Silence)]);
        assert_eq!(bench.link.deadline(), None);
        assert_eq!(bench.link.memory(), 0);
    }
}

#[test]
fn half_a_message_ends_with_the_line() {
    for (mut bench, half) in [(bare(), &b"H|\\^&\rR|"[..]), (enveloped(), b"\x02H|\\^&\rR|")] {
        bench.feed(half);
        bench.link.disconnect(at(0));
        bench.drain();
        let half = ("H|\\\\^&\\rR|".to_owned(), Interruption::Disconnected);
        assert_eq!(bench.incomplete(), [half]);
        bench.link.disconnect(at(0));
        bench.drain();
        assert_eq!(bench.incomplete().len(), 1, "told once");
    }
}

#[test]
fn nothing_is_delivered_before_the_answer_to_the_message_before() {
    let mut bench = bare();
    bench.feed(&MESSAGE.repeat(2));
    assert_eq!(bench.messages().len(), 1);
    bench.link.answer(at(0), Token(99), Answer::Stored);
    bench.drain();
    assert_eq!(bench.messages().len(), 1, "not its token");
    bench.answer(Answer::StoredUnread("?".to_owned()));
    assert_eq!(bench.messages().len(), 2);
    assert!(bench.answer(Answer::StoredReply(b"x".to_vec())).is_empty());
    assert!(!bench.link.must_close());
}

#[test]
fn a_refused_message_costs_the_connection() {
    let mut bench = bare();
    bench.feed(&MESSAGE.repeat(2));
    assert!(bench.answer(Answer::Refused("full".to_owned())).is_empty());
    assert!(bench.link.must_close(), "nothing else can tell the analyser");
    assert_eq!(bench.messages().len(), 1, "what followed is not taken either");
    assert!(bench.send(1, MESSAGE).is_empty(), "and nothing is sent");
    bench.link.disconnect(at(0));
    bench.drain();
    assert!(!bench.link.must_close());
    assert_eq!(bench.fault_places(), [(Kind::Noise, MESSAGE.len() as u64, MESSAGE.len())]);
    assert_eq!(bench.given_up(), [(1, "the line was lost".to_owned())]);
    store(&mut bench, MESSAGE);
    assert_eq!(bench.messages().len(), 2);
}

#[test]
fn the_longest_message_is_taken_and_one_byte_more_costs_the_connection() {
    let filled = |length: usize| {
        let rest = length - "H|\rL\r".len();
        format!("H|{}\rL\r", "x".repeat(rest)).into_bytes()
    };
    let mut bench = bare();
    store(&mut bench, &filled(limits::MESSAGE_MAX));
    assert_eq!(bench.messages().len(), 1);
    assert!(!bench.link.must_close());
    bench.feed(&filled(limits::MESSAGE_MAX + 1));
    assert_eq!(bench.messages().len(), 1);
    assert_eq!(bench.incomplete()[0].1, Interruption::TooLong);
    assert!(bench.link.must_close());
}

#[test]
fn the_driver_stops_reading_when_the_backlog_is_full() {
    let mut bench = bare();
    bench.feed(MESSAGE);
    bench.feed(&vec![b'x'; limits::LINK_BACKLOG_MAX - 1]);
    assert!(bench.link.wants_bytes());
    bench.feed(b"x");
    assert!(!bench.link.wants_bytes());
    bench.answer(Answer::Stored);
    assert!(bench.link.wants_bytes());
}

#[test]
fn a_sent_message_counts_as_accepted_when_it_is_written() {
    for (mut bench, expected) in [(bare(), MESSAGE.to_vec()), (enveloped(), block(MESSAGE))] {
        bench.link.send(at(0), Token(1), MESSAGE.to_vec());
        bench.link.send(at(0), Token(2), MESSAGE.to_vec());
        assert!(!bench.link.is_idle());
        assert_eq!(bench.link.transmit(), Some(expected.clone()));
        assert_eq!(bench.link.event(), None, "the driver is still writing");
        assert_eq!(bench.link.transmit(), Some(expected));
        assert!(!bench.link.is_idle());
        bench.drain();
        assert_eq!(bench.accepted(), [1, 2]);
        assert!(bench.link.is_idle());
    }
}

#[test]
fn a_message_that_was_being_written_when_the_line_was_lost_is_given_up() {
    let mut bench = bare();
    bench.link.send(at(0), Token(1), MESSAGE.to_vec());
    bench.link.send(at(0), Token(2), MESSAGE.to_vec());
    bench.link.transmit();
    bench.link.disconnect(at(0));
    bench.drain();
    let tokens: Vec<_> = bench.given_up().iter().map(|(token, _)| *token).collect();
    assert_eq!(tokens, [1, 2]);
    assert!(bench.link.is_idle());
}

#[test]
fn a_message_is_withdrawn_until_it_is_written() {
    let mut bench = bare();
    bench.link.send(at(0), Token(1), MESSAGE.to_vec());
    bench.link.send(at(0), Token(2), MESSAGE.to_vec());
    assert!(bench.link.withdraw(at(0), Token(2)));
    bench.link.transmit();
    assert!(!bench.link.withdraw(at(0), Token(1)));
    bench.drain();
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn the_last_record_always_gets_its_end() {
    assert_eq!(bare().send(1, b"H|\\^&\rL|1"), b"H|\\^&\rL|1\r");
}

#[test]
fn what_its_envelope_would_cut_is_not_sent() {
    let mut bench = enveloped();
    assert!(bench.send(1, b"H|\x03\rL|1\r").is_empty());
    assert_eq!(bench.given_up().len(), 1);
    assert!(bench.link.is_idle());
}
