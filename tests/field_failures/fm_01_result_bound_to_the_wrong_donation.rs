//! FM-01: on a slow network the wrong result was attached to a patient; the analyser had sent the
//! right one. Here a result is bound by the number inside its own message and by nothing else.

use std::io::{Read, Write};

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Lis01, session};

const LINES: u32 = 24;
const MESSAGES_PER_LINE: u32 = 25;
const SEED: u64 = 1;

#[test]
fn fm_01_interleaved_pieces_on_many_slow_lines_never_cross() {
    println!("seed {SEED}");
    let bench = Bench::start();
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut lines: Vec<(Lis01, Vec<u8>)> = (0..LINES)
        .map(|line| {
            let dialled = Lis01::dial(bench.daemon.address("serology")).unwrap();
            (dialled, recording(line))
        })
        .collect();
    // Every hop is slow in its own way: pieces of any size, of any line, in any order.
    while lines.iter().any(|(_, left)| !left.is_empty()) {
        let (line, left) = &mut lines[random.usize(0..LINES as usize)];
        let piece = random.usize(0..64).min(left.len());
        line.stream().write_all(&left[..piece]).unwrap();
        left.drain(..piece);
    }
    for (line, _) in &mut lines {
        let acknowledgements = 1 + MESSAGES_PER_LINE as usize * 6;
        let mut replies = vec![0; acknowledgements];
        line.stream().read_exact(&mut replies).unwrap();
        assert!(replies.iter().all(|byte| *byte == 0x06), "{replies:?}");
    }
    for number in 0..LINES * MESSAGES_PER_LINE {
        let donation = bench.daemon.donation(&messages::din(number));
        let observations = donation["observations"].as_array().unwrap();
        assert_eq!(observations.len(), 1, "donation {number}");
        let expected = format!("-1^{}", ratio(number));
        assert_eq!(observations[0]["value"], expected.as_str(), "donation {number}");
    }
}

fn recording(line: u32) -> Vec<u8> {
    let numbers = (0..MESSAGES_PER_LINE).map(|at| line * MESSAGES_PER_LINE + at);
    let texts: Vec<String> = numbers
        .map(|number| {
            let din = messages::din(number);
            messages::e601(&din, 515, -1, &ratio(number), "20260105115617")
        })
        .collect();
    session(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A value that says which donation it belongs to.
fn ratio(number: u32) -> String {
    format!("0.{number:06}")
}
