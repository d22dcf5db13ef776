//! Where nothing is wrong, nothing is found.

use std::io::Write;

use crate::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Lis01, frames};

#[test]
fn a_morning_replays_without_a_difference() {
    let mut bench = Bench::start();
    bench.serology(0..20);
    bench.alt(0..20, "");
    bench.serology(20..30);
    bench.settle();
    for record in [
        ["--store", bench.store().to_str().unwrap()],
        ["--config", bench.laboratory.config.to_str().unwrap()],
    ] {
        let ran = bench.replay(&record).is(0);
        assert!(ran.out.contains("50 messages acknowledged, 0 refused"), "{}", ran.out);
        assert!(ran.out.contains("; 50 of all on record; 0 differences"), "{}", ran.out);
        assert!(ran.err.is_empty(), "{}", ran.err);
    }
}

#[test]
fn a_message_sent_again_is_on_record_once_and_no_difference() {
    let mut bench = Bench::start();
    bench.alt(0..3, "a");
    bench.alt(0..3, "b");
    bench.serology(0..2);
    bench.serology(0..2);
    bench.settle();
    let ran = bench.replay_on_store().is(0);
    assert!(ran.out.contains("10 messages acknowledged"), "{}", ran.out);
}

#[test]
fn a_damaged_frame_sent_again_and_a_cut_transfer_are_no_difference() {
    let mut bench = Bench::start();
    let mut line = Lis01::dial(bench.recorded("serology")).unwrap();
    let message = messages::e601_clean(&messages::din(1));
    let mut sent = frames(&message, 1);
    let last = sent.pop().unwrap();
    line.write(b"\x05").unwrap();
    assert_eq!(line.reply().unwrap(), 6);
    for (number, frame) in sent.iter().enumerate() {
        if number == 2 {
            let mut damaged = frame.clone();
            damaged[5] ^= 1;
            line.write(&damaged).unwrap();
            assert_eq!(line.reply().unwrap(), 0x15, "refused");
        }
        line.write(frame).unwrap();
        assert_eq!(line.reply().unwrap(), 6);
    }
    line.write(&last).unwrap();
    assert_eq!(line.reply().unwrap(), 6);
    line.write(b"\x04\x05").unwrap();
    assert_eq!(line.reply().unwrap(), 6);
    line.write(&sent[0]).unwrap();
    assert_eq!(line.reply().unwrap(), 6);
    line.stream().flush().unwrap();
    drop(line);
    bench.settle();
    let begun = std::time::Instant::now();
    loop {
        let (_, unread) = bench.laboratory.daemon.get("/api/v1/messages?state=unread");
        if unread["messages"].as_array().unwrap().len() == 1 {
            break;
        }
        assert!(begun.elapsed().as_secs() < 20, "the cut transfer was not kept");
    }
    let ran = bench.replay_on_store().is(0);
    assert!(
        ran.out.contains("1 messages acknowledged, 1 refused, unanswered or cut"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("; 2 of all on record"), "{}", ran.out);
    assert!(ran.out.contains(" 1 faults on the lines"), "{}", ran.out);
}

#[test]
fn messages_before_the_first_file_that_is_left_are_no_difference() {
    let mut bench = Bench::start();
    bench.begin_run(3_000);
    bench.serology(0..20);
    bench.settle();
    let mut files: Vec<_> =
        std::fs::read_dir(bench.folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "hgj"));
    files.sort();
    assert!(files.len() > 6, "{files:?}");
    for file in &files[..files.len() / 2] {
        std::fs::remove_file(file).unwrap();
    }
    let ran = bench.replay_on_store().is(0);
    assert!(!ran.out.contains("20 messages"), "{}", ran.out);
}
