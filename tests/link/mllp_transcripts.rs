//! Whole HL7 dialogues, with either side played by our machine: every block in its order.

use std::path::Path;

use hemogate::link::mllp::Duplex;
use hemogate::link::{Answer, Link, Sending};

use crate::bench::Bench;
use crate::dialogue::{Side, dialogue};
use crate::mllp_client::block;
use crate::mllp_duplex::{duplex, said};

const DIALOGUES: [&str; 3] = [
    "codec/law-query-order-result.dlg",
    "codec/mindray-bs-alt-result.dlg",
    "codec/mindray-bs-qc-result.dlg",
];

/// A field of the segment of this name, MSH-1 being the separator.
fn field(block: &[u8], segment: &str, number: usize) -> String {
    let text = String::from_utf8_lossy(block).into_owned();
    let lines = text.trim_start_matches('\x0b').split('\r');
    let line = lines.into_iter().find(|line| line.starts_with(segment)).unwrap_or_default();
    let number = if segment == "MSH" { number - 1 } else { number };
    line.split('|').nth(number).unwrap_or_default().to_owned()
}

/// What an acknowledgement must have in common with the one in the dialogue: all but its time, its
/// control id and what the host adds for people to read. Whether a name is that of an application
/// or of a facility (MSH-3, MSH-4), the two sides of a dialogue may see differently.
fn substance(block: &[u8]) -> Vec<String> {
    let header = |number| field(block, "MSH", number);
    let names = [(3, 4), (5, 6)].map(|(one, other)| header(one) + &header(other));
    let answer = [1, 2].map(|number| field(block, "MSA", number));
    names.into_iter().chain([9, 11, 12, 18, 21].map(header)).chain(answer).collect()
}

fn text(block: &[u8]) -> Vec<u8> {
    block[1..block.len() - 2].to_vec()
}

fn blocks(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = bytes.split_inclusive(|byte| *byte == 0x1c).map(<[u8]>::to_vec);
    let whole = text.filter(|piece| piece.len() > 1).map(|piece| [piece, b"\r".to_vec()].concat());
    whole
        .map(|block| block[block.iter().position(|byte| *byte == 0x0b).unwrap()..].to_vec())
        .collect()
}

/// Plays one side; bytes of the other side come in pieces of so many bytes.
fn play(name: &str, ours: Side, piece: usize) -> Bench<Duplex> {
    let mut bench = duplex();
    let (mut unsaid, mut token) = (Vec::new(), 0);
    let lines = dialogue(name);
    for (number, line) in lines.iter().enumerate() {
        if line.side != ours {
            let known = bench.messages().len();
            let sent: Vec<_> = line.bytes.chunks(piece).flat_map(|part| bench.feed(part)).collect();
            unsaid.extend(blocks(&sent));
            if bench.messages().len() > known {
                let answer = answer_to(&lines[number + 1].bytes);
                unsaid.extend(blocks(&bench.answer(answer)));
            }
            continue;
        }
        if field(&line.bytes, "MSA", 1).is_empty() {
            token += 1;
            unsaid.extend(blocks(&bench.send(token, &text(&line.bytes))));
        }
        let block = if unsaid.is_empty() { Vec::new() } else { unsaid.remove(0) };
        if field(&line.bytes, "MSH", 9).starts_with("ACK") {
            assert_eq!(substance(&block), substance(&line.bytes), "{name}");
        } else {
            assert_eq!(block.escape_ascii().to_string(), line.bytes.escape_ascii().to_string());
        }
    }
    assert!(unsaid.is_empty(), "{name}: more was said");
    assert_eq!(bench.accepted().len() as u64, token, "{name}");
    assert!(bench.link.is_idle() && bench.faults().is_empty() && !bench.link.must_close());
    assert_eq!(bench.link.deadline(), None);
    bench
}

/// The line behind a message answers it, as an acknowledgement or as a reply of its own.
fn answer_to(next: &[u8]) -> Answer {
    if field(next, "MSH", 9).starts_with("ACK") {
        Answer::Stored
    } else {
        Answer::StoredReply(text(next))
    }
}

#[test]
fn our_machine_plays_the_host() {
    for (name, messages) in DIALOGUES.into_iter().zip([2, 1, 1]) {
        for piece in [1, 7, usize::MAX] {
            let bench = play(name, Side::Host, piece);
            assert_eq!(bench.messages().len(), messages, "{name}");
        }
    }
}

#[test]
fn our_machine_plays_the_analyser() {
    for (name, messages) in DIALOGUES.into_iter().zip([1, 0, 0]) {
        for piece in [1, 7, usize::MAX] {
            let bench = play(name, Side::Analyser, piece);
            assert_eq!(bench.messages().len(), messages, "{name}");
        }
    }
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/codec").join(name)).unwrap()
}

#[test]
fn four_results_in_one_read_are_acknowledged_one_by_one() {
    let capture = fixture("roche-cobas6800-mpx-donor-screening.mllp");
    for piece in [1, 13, usize::MAX] {
        let mut bench = duplex();
        let sent: Vec<_> = capture
            .chunks(piece.min(capture.len()))
            .flat_map(|part| bench.feed_new(part))
            .collect();
        let expected: Vec<_> = (1..=4).map(|number| format!("AA MSG-MPX-{number}")).collect();
        assert_eq!(said(&sent), expected);
        let delivered: Vec<_> = bench.messages();
        let sent: Vec<_> =
            blocks(&capture).iter().map(|one| text(one).escape_ascii().to_string()).collect();
        assert_eq!(delivered, sent);
    }
}

#[test]
fn the_acknowledgement_of_chinese_declares_the_set_of_the_message() {
    let capture = fixture("hl7-gb18030-message.mllp");
    let mut bench = duplex();
    let sent = bench.feed_and_store(&capture);
    assert_eq!(field(&sent, "MSH", 18), "GB 18030-2000");
    assert_eq!(block(&text(&capture)), capture);
    assert_eq!(bench.messages(), [text(&capture).escape_ascii().to_string()]);
}
