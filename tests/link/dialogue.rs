//! Reads dialogues of `fixtures/link` and plays one side of them with one of our machines.
//!
//! A line is `A:` (analyser) or `H:` (host), a remark in parentheses, bytes with C escapes. A
//! remark may hold the time: `t=15 s`, `t>=10 s`, or, alone on its line, a pause `15 s`.

use std::path::Path;
use std::time::Duration;

use hemogate::codec::lis01::{ACK, ENQ, frame, next_number};
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
    pub remark: String,
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

/// Plays one side of a dialogue and returns the bench for a last look. Before each line, with its
/// index, `act` may do something; it returns what is sent at once.
pub fn play<L: Link>(
    name: &str,
    ours: Side,
    mut bench: Bench<L>,
    mut act: impl FnMut(usize, &mut Bench<L>) -> Vec<u8>,
) -> Bench<L> {
    let lines = dialogue(&format!("link/{name}"));
    let mut sent = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        sent.extend(act(index, &mut bench));
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

/// The messages that one side sends, put together from its good frames.
pub fn messages(name: &str, side: Side) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    let mut message = Vec::new();
    let mut last = None;
    let mut expected = 1;
    for line in dialogue(&format!("link/{name}")).iter().filter(|line| line.side == side) {
        let Ok(frame) = frame(&line.bytes) else { continue };
        if frame.number != expected || last == Some(line.bytes.clone()) {
            continue;
        }
        last = Some(line.bytes.clone());
        expected = next_number(frame.number);
        message.extend_from_slice(frame.text);
        if message.rsplit(|byte| *byte == b'\r').nth(1).is_some_and(|record| record[0] == b'L') {
            messages.push(std::mem::take(&mut message));
        }
    }
    messages
}
