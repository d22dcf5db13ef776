//! Beckman PK over the wire.

use std::time::Duration;

use hemogate::codec::block::{Form, encode};
use hemogate::codec::lis01::{ACK, NAK};
use hemogate::limits;
use hemogate::link::block::{Exchange, Role, pk};
use hemogate::link::{Answer, Deadline, Interruption, Link, LinkFaultKind as Kind, Timer};

use crate::bench::Bench;

fn settings() -> pk::Settings {
    pk::Settings { reply_after: Duration::ZERO, ..pk::Settings::default() }
}

/// A host that replies at once.
fn host() -> Bench<Exchange> {
    Bench::new(settings().exchange(Role::Host))
}

fn text(text: &[u8]) -> Vec<u8> {
    encode(text, false, &Form::STX_ETX_BCC)
}

fn part(text: &[u8]) -> Vec<u8> {
    encode(text, true, &Form::STX_ETX_BCC)
}

/// A header of 53 bytes, the number of a part, data.
fn d(number: &str, data: &str) -> Vec<u8> {
    format!("{:<53}{number}{data}", "D 15210120260101       G123498654321").into_bytes()
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn wait(bench: &mut Bench<Exchange>, milliseconds: u64) -> Vec<u8> {
    bench.now = bench.now.plus(Duration::from_millis(milliseconds));
    bench.link.expire(bench.now);
    bench.drain()
}

#[test]
fn a_text_is_acknowledged_only_after_it_is_stored() {
    let mut bench = host();
    assert!(bench.feed(&text(&d("EE", "ABO2 O"))).is_empty());
    assert_eq!(bench.messages(), [shown(&d("EE", "ABO2 O"))]);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert_eq!(bench.link.deadline(), None);
    assert!(bench.faults().is_empty());
}

#[test]
fn every_kind_of_stored_is_acknowledged_and_a_refused_text_comes_again() {
    for answer in [Answer::StoredUnread("odd".to_owned()), Answer::StoredReply(vec![b'S'])] {
        let mut bench = host();
        bench.feed(&text(&d("EE", "A")));
        assert_eq!(bench.answer(answer), [ACK]);
    }
    let mut bench = host();
    bench.feed(&text(&d("EE", "A")));
    assert_eq!(bench.answer(Answer::Refused("disk full".to_owned())), [NAK]);
    bench.feed(&text(&d("EE", "A")));
    assert_eq!(bench.messages().len(), 2);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert!(bench.faults().is_empty());
}

#[test]
fn begin_and_end_are_acknowledged_and_are_no_messages() {
    let mut bench = host();
    for marker in [&b"SB15"[..], b"DB15", b"DE15"] {
        assert_eq!(bench.feed(&text(marker)), [ACK]);
    }
    assert!(bench.messages().is_empty());
    bench.feed(&text(b"SB15 and more"));
    assert_eq!(bench.messages(), ["SB15 and more"], "what says something is kept");
}

#[test]
fn a_whole_transmission_is_one_message_for_each_text_that_says_something() {
    let texts = [&b"SB15"[..], b"M 15abc", b"QR15x", b"QD15y", b"DB15"];
    let blocks: Vec<Vec<u8>> = texts.iter().map(|t| text(t)).collect();
    let all = [blocks.concat(), text(&d("EE", "ABO2 O")), text(b"DE15")].concat();
    let mut bench = host();
    let sent = bench.feed_and_store(&all);
    assert_eq!(sent, [ACK; 7]);
    let d = shown(&d("EE", "ABO2 O"));
    assert_eq!(bench.messages(), ["M 15abc", "QR15x", "QD15y", d.as_str()]);
    assert!(bench.faults().is_empty());
}

#[test]
fn a_bcc_equal_to_a_byte_around_texts_is_taken_by_its_place() {
    for wanted in [0x02, 0x03, 0x17, 0x06, 0x15] {
        let filler =
            (0x20..0x7F).find(|byte| text(&[b'M', b' ', *byte, b'1']).ends_with(&[wanted]));
        let filler =
            filler.or_else(|| (0x20..0x7F).find(|b| text(&[b'M', *b]).ends_with(&[wanted])));
        let Some(filler) = filler else { panic!("no text has the BCC {wanted:02X}") };
        let one = [b'M', b' ', filler, b'1'];
        let one = if text(&one).ends_with(&[wanted]) { one.to_vec() } else { vec![b'M', filler] };
        let mut bench = host();
        let sent = bench.feed_and_store(&[text(&one), text(b"DE15")].concat());
        assert_eq!(sent, [ACK, ACK], "{wanted:02X}");
        assert!(bench.faults().is_empty(), "{wanted:02X}");
    }
}

#[test]
fn parts_are_joined_without_their_repeated_headers() {
    let mut bench = host();
    assert_eq!(bench.feed(&part(&d("00", "ABO2 "))), [ACK]);
    assert_eq!(bench.feed(&part(&d("01", "O    "))), [ACK]);
    assert!(bench.feed(&text(&d("EE", "D-2  RH+"))).is_empty());
    assert_eq!(bench.messages(), [shown(&d("00", "ABO2 O    D-2  RH+"))]);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
    assert!(bench.faults().is_empty() && bench.incomplete().is_empty());
}

#[test]
fn a_refused_last_part_completes_the_text_again() {
    let mut bench = host();
    bench.feed(&part(&d("00", "A")));
    bench.feed(&text(&d("EE", "B")));
    assert_eq!(bench.answer(Answer::Refused("busy".to_owned())), [NAK]);
    bench.feed(&text(&d("EE", "B")));
    assert_eq!(bench.messages(), [shown(&d("00", "AB")), shown(&d("00", "AB"))]);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
}

#[test]
fn a_part_out_of_turn_is_refused_and_the_right_one_still_taken() {
    let mut bench = host();
    assert_eq!(bench.feed(&part(&d("01", "A"))), [NAK]);
    assert_eq!(bench.feed(&part(&d("00", "A"))), [ACK]);
    assert_eq!(bench.feed(&part(&d("02", "C"))), [NAK]);
    assert_eq!(bench.feed(&text(&d("02", "C"))), [NAK], "an end without the mark of the last");
    assert_eq!(bench.feed(&part(b"M 15")), [NAK], "a text that cannot go on");
    assert_eq!(
        bench.fault_kinds(),
        [Kind::FrameNumber, Kind::FrameNumber, Kind::FrameNumber, Kind::Malformed]
    );
    assert_eq!(bench.incomplete(), [(shown(&d("00", "A")), Interruption::Restarted)]);
}

#[test]
fn another_text_inside_one_that_goes_on_leaves_evidence() {
    let other = |number: &str, data: &str| {
        format!("{:<53}{number}{data}", "D 15210120260101       G123498654322").into_bytes()
    };
    for next in [text(&other("EE", "B")), part(&other("00", "B")), part(&d("00", "B"))] {
        let mut bench = host();
        bench.feed(&part(&d("00", "A")));
        bench.feed(&next);
        assert_eq!(bench.incomplete(), [(shown(&d("00", "A")), Interruption::Restarted)]);
        assert!(bench.faults().is_empty());
    }
}

/// What makes a text lose a part.
type Cause<'c> = &'c dyn Fn(&mut Bench<Exchange>);

#[test]
fn the_rest_of_a_text_that_lost_a_part_is_never_taken_for_a_text() {
    let begun = |bench: &mut Bench<Exchange>| {
        bench.feed(&part(&d("00", "A")));
        wait(bench, 15_000);
    };
    let out_of_turn = |bench: &mut Bench<Exchange>| drop(bench.feed(&part(&d("01", "B"))));
    let damaged = |bench: &mut Bench<Exchange>| {
        let mut bytes = part(&d("00", "A"));
        bytes[56] ^= 1;
        bench.feed(&bytes);
    };
    let lost = |bench: &mut Bench<Exchange>| {
        bench.feed(&part(&d("00", "A")));
        bench.link.disconnect(bench.now);
        bench.drain();
    };
    let causes: [Cause<'_>; 4] = [&begun, &out_of_turn, &damaged, &lost];
    for cause in causes {
        let mut bench = host();
        cause(&mut bench);
        assert_eq!(bench.feed(&text(&d("EE", "B"))), [NAK]);
        assert!(bench.messages().is_empty());
        assert_eq!(bench.fault_kinds().last(), Some(&Kind::FrameNumber));
        bench.feed(&part(&d("00", "A")));
        bench.feed(&text(&d("EE", "B")));
        assert_eq!(bench.messages(), [shown(&d("00", "AB"))]);
    }
}

/// ETX became ETB: the mark of the last says that the text was whole, and it must not be lost.
#[test]
fn a_whole_text_whose_end_was_damaged_is_taken_when_it_comes_again() {
    let mut bench = host();
    let whole = text(&d("EE", "ABO2 O"));
    let damaged = [&whole[..whole.len() - 2], &[0x17], &whole[whole.len() - 1..]].concat();
    assert_eq!(bench.feed(&damaged), [NAK]);
    assert_eq!(bench.faults()[0].kind, Kind::Checksum);
    assert!(bench.feed(&whole).is_empty());
    assert_eq!(bench.messages(), [shown(&d("EE", "ABO2 O"))]);
    assert_eq!(bench.answer(Answer::Stored), [ACK]);
}

#[test]
fn a_part_that_never_comes_leaves_evidence() {
    let mut bench = host();
    bench.feed(&part(&d("00", "A")));
    let at = bench.now.plus(hemogate::link::block::au::NEXT_WAIT);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::NextBlock, at }));
    wait(&mut bench, 14_999);
    assert!(bench.incomplete().is_empty());
    wait(&mut bench, 1);
    assert_eq!(bench.incomplete(), [(shown(&d("00", "A")), Interruption::Silence)]);
    assert_eq!(bench.link.deadline(), None);
}

#[test]
fn a_repeated_block_is_acknowledged_and_not_delivered() {
    let mut bench = host();
    bench.feed_and_store(&text(&d("EE", "A")));
    assert_eq!(bench.feed(&text(&d("EE", "A"))), [ACK]);
    assert_eq!(bench.messages().len(), 1);
    bench.feed(&part(&d("00", "X")));
    assert_eq!(bench.feed(&part(&d("00", "X"))), [ACK]);
    bench.feed_and_store(&text(&d("EE", "Y")));
    assert_eq!(bench.messages()[1], shown(&d("00", "XY")));
    assert_eq!(bench.fault_kinds(), [Kind::Repeated, Kind::Repeated]);
}

#[test]
fn every_flipped_bit_of_a_block_is_refused_or_noise_and_never_a_different_text() {
    let good = text(&d("EE", "ABO2 O       "));
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[place] ^= 1 << bit;
            let mut bench = host();
            bench.feed(&bad);
            wait(&mut bench, 6_000);
            assert!(bench.messages().is_empty(), "byte {place}, bit {bit}");
            bench.feed(&good);
            assert!(!bench.faults().is_empty());
            let told = bench.messages();
            assert_eq!(told, [shown(&d("EE", "ABO2 O       "))], "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn a_block_without_a_text_is_malformed_and_no_message() {
    for empty in [text(b""), part(b"")] {
        let mut bench = host();
        assert_eq!(bench.feed(&empty), [NAK]);
        assert_eq!(bench.fault_kinds(), [Kind::Malformed]);
        assert!(bench.messages().is_empty());
    }
}

#[test]
fn a_wrong_bcc_is_refused() {
    let mut bench = host();
    assert_eq!(bench.feed(b"\x02DE15\x03\x07"), [NAK]);
    assert_eq!(bench.fault_places(), [(Kind::Checksum, 0, 7)]);
}

#[test]
fn a_block_that_does_not_end_is_refused_when_t2_is_over() {
    let mut bench = host();
    bench.feed(b"noise\x02D 15");
    let at = bench.now.plus(hemogate::link::block::au::TEXT_WAIT);
    assert_eq!(bench.link.deadline(), Some(Deadline { timer: Timer::TextEnd, at }));
    assert_eq!(wait(&mut bench, 5_620), [NAK]);
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, 5), (Kind::Malformed, 5, 5)]);
}

#[test]
fn a_block_cut_by_another_is_told_and_answered_once() {
    let mut bench = host();
    assert_eq!(bench.feed(&[&b"\x02D 15"[..], &text(b"DE15")].concat()), [ACK]);
    assert_eq!(bench.fault_places(), [(Kind::Malformed, 0, 5)]);
}

#[test]
fn cut_anywhere_into_reads_the_events_are_the_same() {
    let all = [
        b"??".to_vec(),
        text(b"SB15"),
        part(&d("00", "AB")),
        text(&d("EE", "CD")),
        b"\x02DE15\x03\x07".to_vec(),
        text(b"DE15"),
        vec![ACK],
    ]
    .concat();
    let whole = {
        let mut bench = host();
        let sent = bench.feed_and_store(&all);
        (sent, bench.events)
    };
    for cut in 0..all.len() {
        let mut bench = host();
        let mut sent = bench.feed(&all[..cut]);
        let mut answered = 0;
        for piece in [&all[cut..], &[]] {
            while let Some(token) = bench.tokens().get(answered).copied() {
                bench.link.answer(bench.now, token, Answer::Stored);
                sent.extend(bench.drain());
                answered += 1;
            }
            sent.extend(bench.feed(piece));
        }
        assert_eq!((sent, bench.events), whole, "cut at {cut}");
    }
}

#[test]
fn a_text_at_the_bound_is_taken_and_one_past_it_refused() {
    for (length, refused) in [(limits::BLOCK_TEXT_MAX, false), (limits::BLOCK_TEXT_MAX + 1, true)] {
        let mut bench = host();
        let sent = bench.feed(&text(&vec![b'M'; length]));
        assert_eq!(sent, if refused { vec![NAK] } else { vec![] });
        assert_eq!(bench.messages().len(), usize::from(!refused));
        assert!(bench.link.memory() < 3 * limits::BLOCK_TEXT_MAX);
    }
}

#[test]
fn a_lost_line_leaves_evidence_of_what_was_half_received() {
    let mut bench = host();
    bench.feed(&[part(&d("00", "A")), b"\x02D ".to_vec()].concat());
    bench.link.disconnect(bench.now);
    bench.drain();
    assert_eq!(bench.incomplete(), [(shown(&d("00", "A")), Interruption::Disconnected)]);
    assert_eq!(bench.fault_kinds(), [Kind::Malformed]);
    bench.feed_and_store(&[part(&d("00", "A")), text(&d("EE", "B"))].concat());
    assert_eq!(bench.messages(), [shown(&d("00", "AB"))], "the line works again");
}

#[test]
fn a_message_handed_over_when_the_line_was_lost_is_no_evidence() {
    let mut bench = host();
    bench.feed(&[part(&d("00", "A")), text(&d("EE", "B"))].concat());
    bench.link.disconnect(bench.now);
    bench.drain();
    assert!(bench.incomplete().is_empty());
}

#[test]
fn without_answers_nothing_is_sent_and_everything_delivered() {
    let class_a = pk::Settings { acknowledged: false, ..settings() };
    let mut bench = Bench::new(class_a.exchange(Role::Host));
    let all = [text(b"SB15"), text(&d("EE", "A")), text(&d("EE", "A")), b"\x02M\x03x".to_vec()];
    assert!(bench.feed_and_store(&all.concat()).is_empty());
    assert_eq!(bench.messages().len(), 2);
    assert_eq!(bench.fault_kinds(), [Kind::Checksum]);
}

#[test]
fn parts_as_many_as_two_digits_count_and_one_more() {
    let instrument = |room: usize, data: usize| {
        let settings = pk::Settings { text_max: 55 + room, ..settings() };
        let mut bench = Bench::new(settings.exchange(Role::Instrument));
        bench.send(1, &d("EE", &"x".repeat(data)));
        bench.given_up().is_empty()
    };
    assert!(instrument(1, limits::BLOCK_PARTS_MAX + 1));
    assert!(!instrument(1, limits::BLOCK_PARTS_MAX + 2));
}
