//! Every fault of the line: it is on the wire as its name says, the same seed brings it again,
//! and a host that keeps to the standard still has every message once.

use hemogate::codec::lis01::{ETB, STX, checksum, frame};
use hemogate::simulator::{Fault, Faults, Model, Morning, Wire, donation_numbers};

use crate::host::{Played, played};

fn messages_of(model: Model, donations: usize) -> Vec<Vec<u8>> {
    let numbers = donation_numbers(&mut fastrand::Rng::with_seed(5), donations);
    let morning = Morning::at_one_analyser(model, 5, numbers);
    let sessions = morning.sessions().filter(|session| !session.sent_before);
    sessions.flat_map(|session| session.messages.clone()).collect()
}

/// Plays a rack with this fault, and demands that every message came.
async fn delivered(model: Model, fault: Fault, rate: u16, seed: u64) -> Played {
    let donations = match model.wire() {
        Wire::Lis01 | Wire::Records | Wire::Files => 4,
        Wire::Mllp => 16,
        Wire::Blocks(_) => 3,
    };
    let messages = messages_of(model, donations);
    let played = played(model, &messages, Faults::of([(fault, rate)]), seed).await;
    println!("{fault} at {rate} in 1000, seed {seed}: {} times", played.injected);
    assert_eq!(played.failed, [] as [String; 0], "{fault}, seed {seed}: {:?}", played.progress);
    assert!(played.injected > 0, "{fault}: never happened with seed {seed}");
    let mut stored = played.known.stored.clone();
    let mut expected = messages;
    stored.sort();
    expected.sort();
    assert!(stored == expected, "{fault}, seed {seed}: every message, each as it was");
    played
}

/// What stands between STX and LF, taken as it came.
fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .filter_map(|line| line.iter().position(|byte| *byte == STX).map(|at| &line[at..]))
        .collect()
}

#[tokio::test]
async fn a_bad_checksum_is_refused_and_the_frame_comes_again() {
    let played = delivered(Model::Maglumi, Fault::BadChecksum, 200, 1).await;
    let bytes = played.known.bytes();
    let bad = frames(&bytes).into_iter().filter(|bytes| {
        let digits = std::str::from_utf8(&bytes[bytes.len() - 4..bytes.len() - 2]).unwrap();
        u8::from_str_radix(digits, 16).unwrap() != checksum(&bytes[1..bytes.len() - 4])
    });
    assert_eq!(bad.count() as u64, played.injected);
}

#[tokio::test]
async fn a_lost_reply_makes_the_analyser_send_again() {
    for model in [Model::Maglumi, Model::MindrayBs] {
        let played = delivered(model, Fault::LostAck, 100, 3).await;
        assert!(played.known.deliveries >= played.known.stored.len(), "{model:?}");
        assert_ne!(played.progress.len(), played.known.stored.len(), "something was told");
    }
}

#[tokio::test]
async fn a_late_reply_is_credited_to_nothing() {
    for model in [Model::Maglumi, Model::MindrayBs] {
        delivered(model, Fault::LateAck, 40, 4).await;
    }
}

#[tokio::test]
async fn a_cut_frame_is_refused_or_timed_out_and_comes_again() {
    for model in [Model::Maglumi, Model::MindrayBs] {
        let played = delivered(model, Fault::CutFrame, 100, 2).await;
        assert!(played.known.lines.iter().any(|line| line.faults > 0 || line.ended), "{model:?}");
    }
}

#[tokio::test]
async fn a_frame_cut_inside_a_number_is_joined_as_it_was() {
    let played = delivered(Model::CobasE601, Fault::EtbInNumber, 500, 1).await;
    let bytes = played.known.bytes();
    let frames = frames(&bytes);
    let cut = frames.windows(2).filter(|pair| {
        let (one, other) = (frame(pair[0]).unwrap(), frame(pair[1]).unwrap());
        let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        pair[0][pair[0].len() - 5] == ETB
            && is_part(one.text.last().unwrap())
            && is_part(other.text.first().unwrap())
    });
    assert!(cut.count() as u64 >= played.injected, "each of them in a number");
}

#[tokio::test]
async fn a_repeated_frame_is_stored_once() {
    for model in [Model::Maglumi, Model::MindrayBs] {
        let played = delivered(model, Fault::RepeatedFrame, 300, 1).await;
        let bytes = played.known.bytes();
        let pieces: Vec<&[u8]> = match model.wire() {
            Wire::Lis01 => frames(&bytes),
            Wire::Mllp => bytes.split(|byte| *byte == 0x1C).collect(),
            Wire::Records | Wire::Blocks(_) | Wire::Files => panic!("cannot have it"),
        };
        let twice = pieces.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!(twice as u64 >= played.injected / 2, "{model:?}: {twice} times in a row");
    }
}

#[tokio::test]
async fn a_missing_frame_is_missed_and_the_whole_message_comes_again() {
    for model in [Model::Maglumi, Model::CobasE601, Model::MindrayBs] {
        delivered(model, Fault::MissingFrame, 60, 3).await;
    }
}

#[tokio::test]
async fn noise_before_frames_is_ignored_and_counted() {
    for model in [Model::Maglumi, Model::MindrayBs] {
        let played = delivered(model, Fault::Noise, 300, 1).await;
        let faults: usize = played.known.lines.iter().map(|line| line.faults).sum();
        assert!(faults as u64 >= played.injected, "{model:?}");
    }
}

#[tokio::test]
async fn wrong_parity_is_refused_and_comes_again() {
    let played = delivered(Model::Maglumi, Fault::WrongParity, 80, 2).await;
    assert!(played.known.bytes().iter().any(|byte| byte & 0x80 != 0));
}

#[tokio::test]
async fn a_slow_line_is_only_slow() {
    let played = delivered(Model::Maglumi, Fault::SlowLine, 300, 1).await;
    assert_eq!(played.known.deliveries, played.known.stored.len());
}

#[tokio::test]
async fn a_half_open_connection_stays_open_while_the_analyser_dials_again() {
    for model in [Model::Maglumi, Model::MindrayBs] {
        let played = delivered(model, Fault::HalfOpen, 60, 4).await;
        assert_eq!(played.known.lines.len() as u64, played.injected + 1, "{model:?}");
    }
}

#[tokio::test]
async fn a_reset_in_the_middle_is_followed_by_another_connection() {
    for model in [Model::Maglumi, Model::MindrayBs] {
        let played = delivered(model, Fault::Reset, 60, 4).await;
        assert_eq!(played.known.lines.len() as u64, played.injected + 1, "{model:?}");
        let reset = played.known.lines.iter().filter(|line| line.reset).count();
        assert_eq!(reset as u64, played.injected, "{model:?}: not merely closed");
    }
}

#[tokio::test]
async fn the_same_seed_does_the_same_harm_and_another_seed_another() {
    let messages = messages_of(Model::Maglumi, 4);
    let faults = || {
        let mut faults = Faults::default();
        for fault in [Fault::BadChecksum, Fault::Noise, Fault::RepeatedFrame, Fault::EtbInNumber] {
            faults.set(fault, 60);
        }
        faults
    };
    let bytes = async |seed| {
        let played = played(Model::Maglumi, &messages, faults(), seed).await;
        assert_eq!(played.failed, [] as [String; 0], "seed {seed}");
        played.known.bytes()
    };
    let (first, second, other) = (bytes(7).await, bytes(7).await, bytes(8).await);
    assert!(first == second, "seed 7 twice");
    assert!(first != other, "seed 8");
}

#[tokio::test]
async fn a_fault_that_never_stops_is_reported_in_the_end() {
    let messages = messages_of(Model::Maglumi, 1);
    let played =
        played(Model::Maglumi, &messages[..1], Faults::of([(Fault::BadChecksum, 1_000)]), 1).await;
    assert_eq!(played.failed.len(), 1);
    assert!(played.failed[0].contains("refused"), "{:?}", played.failed);
    assert_eq!(played.known.stored.len(), 0);
}
