//! Whole dialogues from `fixtures/link`, byte for byte, with one side played by our machine.
//!
//! A line is `A:` (analyser) or `H:` (host), a remark in parentheses, bytes with C escapes. A
//! remark may hold the time: `t=15 s`, `t>=10 s`, or, alone on its line, a pause `15 s`.

use std::path::Path;
use std::time::Duration;

use hemogate::codec::lis01::{ACK, ENQ, frame};
use hemogate::link::lis01::{Packing, Receiver, Role, Sender};
use hemogate::link::{Link, Moment};

use crate::bench::Bench;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Analyser,
    Host,
}

#[derive(Debug)]
pub struct Line {
    pub side: Side,
    remark: String,
    pub bytes: Vec<u8>,
}

/// The remark and the bytes of what follows `A:` or `H:`.
fn remark_and_bytes(text: &str) -> (String, Vec<u8>) {
    let text = text.trim_start();
    match text.strip_prefix('(') {
        Some(rest) => {
            // A remark may hold a pair of parentheses: "(message is INCOMPLETE (no L record))".
            let end = rest.find(") \\").or_else(|| rest.rfind(')')).unwrap();
            (rest[..end].to_owned(), unescape(rest[end + 1..].trim_start()))
        }
        None => (String::new(), unescape(text)),
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, used) = match (*first, after) {
            (b'\\', [b'x', high, low, ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                (u8::from_str_radix(digits, 16).unwrap(), 4)
            }
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b'\\', ..]) => (b'\\', 2),
            (b'\\', _) => panic!("unknown escape in {text}"),
            (byte, _) => (byte, 1),
        };
        bytes.push(byte);
        rest = &rest[used..];
    }
    bytes
}

/// The lines of a dialogue in `fixtures`.
pub fn dialogue(file: &str) -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = Vec::new();
    let mut pause = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let side = match line.get(..2) {
            Some("A:") => Side::Analyser,
            Some("H:") => Side::Host,
            _ => {
                pause = line.to_owned();
                continue;
            }
        };
        let (remark, bytes) = remark_and_bytes(&line[2..]);
        lines.push(Line { side, remark: format!("{pause} {remark}"), bytes });
        pause.clear();
    }
    lines
}

/// The time that a remark gives as `t=` or `t>=`.
fn time_of(remark: &str) -> Option<Moment> {
    let (_, after) = remark.split_once("t=").or_else(|| remark.split_once("t>="))?;
    let number = after.split([' ', ')', ',']).next()?;
    number.parse().ok().map(|seconds| Moment::after(Duration::from_secs_f64(seconds)))
}

/// Plays one side of a dialogue and returns the bench for a last look.
fn play<L: Link>(name: &str, ours: Side, mut bench: Bench<L>, first: Vec<u8>) -> Bench<L> {
    let lines = dialogue(&format!("link/{name}"));
    let mut sent = first;
    for line in &lines {
        if let Some(time) = time_of(&line.remark) {
            bench.now = bench.now.max(time);
        }
        if line.side != ours {
            assert!(sent.is_empty() || sent == [ENQ], "{name}: only a bid may cross {line:?}");
            sent.extend(bench.feed_and_store(&line.bytes));
            continue;
        }
        if sent.is_empty() {
            let deadline = bench.link.deadline().expect("a timer runs").at;
            bench.now = bench.now.max(deadline);
            bench.link.expire(bench.now);
            sent = bench.drain();
        }
        let said = sent.drain(..line.bytes.len().min(sent.len())).collect::<Vec<_>>();
        let (said_text, line_text) = (said.escape_ascii(), line.bytes.escape_ascii());
        assert!(same(&said, line), "{name}: {said_text} instead of {line_text}");
    }
    let last = lines.last().unwrap();
    assert!(sent.is_empty() || last.side != ours, "{name}: more was sent");
    bench
}

/// Whether this is what was said, or what became of it on the line.
fn same(said: &[u8], line: &Line) -> bool {
    if line.remark.contains("ACK damaged in transit") {
        return said == [ACK];
    }
    let damaged = line.bytes.len() > 1 && frame(&line.bytes).is_err();
    let differ = said.iter().zip(&line.bytes).filter(|(one, other)| one != other).count();
    said.len() == line.bytes.len() && differ == usize::from(damaged)
}

fn as_receiver(name: &str) -> Bench<Receiver> {
    play(name, Side::Host, Bench::new(Receiver::new()), Vec::new())
}

const MESSAGE: &str = "H|\\^&|||ANALYSER|||||HOST||P|1|20260101120000\rP|1\r\
    O|1|D0000000001||^^^HBSAG|R||||||N||||||||||||||F\r\
    R|1|^^^HBSAG|0.35|S/CO||N||F||||20260101115900\rL|1|N\r";

/// The message of `link-16` with eight results instead of one.
fn long_message() -> String {
    let result = |n: usize| format!("R|{n}|^^^HBSAG|0.35|S/CO||N||F||||20260101115900\r");
    MESSAGE.replace(&result(1), &(1..=7).map(result).collect::<String>())
}

fn as_sender(name: &str, side: Side, messages: &[&str]) -> Bench<Sender> {
    let role = match side {
        Side::Analyser => Role::Instrument,
        Side::Host => Role::Host,
    };
    let mut bench = Bench::new(Sender::new(role, 240, Packing::RecordPerFrame));
    let mut first = Vec::new();
    for (token, message) in messages.iter().enumerate() {
        first.extend(bench.send(token as u64, message.as_bytes()));
    }
    play(name, side, bench, first)
}

fn escaped(text: &str) -> String {
    text.as_bytes().escape_ascii().to_string()
}

#[test]
fn the_receiver_plays_the_host() {
    for name in [
        "link-01-normal.dlg",
        "link-02-bad-checksum-nak-retransmit.dlg",
        "link-03-lost-ack-duplicate-frame.dlg",
        "link-13-wrong-frame-number.dlg",
    ] {
        let bench = as_receiver(name);
        assert_eq!(bench.messages(), [escaped(MESSAGE)], "{name}");
        assert!(bench.incomplete().is_empty(), "{name}");
        assert_eq!(bench.link.deadline(), None, "{name}");
    }
}

#[test]
fn the_receiver_follows_numbers_over_two_messages() {
    let bench = as_receiver("link-16-frame-number-rollover.dlg");
    assert_eq!(bench.messages(), [escaped(&long_message()), escaped(MESSAGE)]);
    assert!(bench.faults().is_empty());
}

#[test]
fn the_sender_plays_the_analyser() {
    for name in [
        "link-01-normal.dlg",
        "link-02-bad-checksum-nak-retransmit.dlg",
        "link-03-lost-ack-duplicate-frame.dlg",
        "link-04-contention-instrument-wins.dlg",
        "link-09-busy-receiver.dlg",
    ] {
        let bench = as_sender(name, Side::Analyser, &[MESSAGE]);
        assert_eq!(bench.accepted(), [0], "{name}");
    }
}

#[test]
fn the_sender_does_not_honour_a_receiver_interrupt() {
    let message = MESSAGE;
    let bench = as_sender("link-07-receiver-interrupt-ignored.dlg", Side::Analyser, &[message]);
    assert_eq!(bench.accepted(), [0]);
}

#[test]
fn the_sender_numbers_on_over_two_messages() {
    let long = long_message();
    let bench = as_sender("link-16-frame-number-rollover.dlg", Side::Analyser, &[&long, MESSAGE]);
    assert_eq!(bench.accepted(), [0, 1]);
}

#[test]
fn the_sender_gives_up_where_no_reply_comes() {
    let bench = as_sender("link-11-no-answer-to-frame.dlg", Side::Analyser, &[MESSAGE]);
    assert_eq!(bench.given_up(), [(0, "no reply to frame 2 in 15 s".to_owned())]);
    let bench = as_sender("link-10-no-answer-to-ENQ.dlg", Side::Host, &[MESSAGE]);
    assert_eq!(bench.given_up(), [(0, "no reply to ENQ in 15 s".to_owned())]);
}

#[test]
fn the_sender_as_host_lets_a_silent_instrument_bid_first() {
    as_sender("link-05-contention-instrument-silent.dlg", Side::Host, &[MESSAGE]);
}
