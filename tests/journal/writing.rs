//! What is written, and how it is kept.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use hemogate::journal::{Entry, Health, Journal, Kind, OpenError, Options, read};
use hemogate::limits;

use crate::bench::{Bench, at, open, read_back, read_whole, received};

#[test]
fn everything_comes_back_in_order_with_its_times() {
    let bench = Bench::new();
    let journal = bench.open();
    let entries = [
        Entry { kind: Kind::Opened, at: at(1), analyser: "a1", connection: 7, bytes: b"peer:1" },
        Entry { kind: Kind::Received, at: at(2), analyser: "a1", connection: 7, bytes: b"\x05" },
        Entry { kind: Kind::Sent, at: at(3), analyser: "a1", connection: 7, bytes: b"\x06" },
        Entry {
            kind: Kind::Received,
            at: at(3),
            analyser: "化验",
            connection: 1,
            bytes: &[0; 300],
        },
        Entry { kind: Kind::Closed, at: at(9), analyser: "a1", connection: 7, bytes: b"gone" },
    ];
    for entry in entries {
        journal.record(entry);
    }
    drop(journal);
    let records = read_whole(bench.folder.path());
    assert_eq!(records.len(), entries.len());
    for (number, (record, entry)) in (1..).zip(records.iter().zip(entries)) {
        assert_eq!(record.number, number);
        assert_eq!((record.kind, record.at), (entry.kind, entry.at));
        assert_eq!(
            (record.analyser.as_str(), record.connection),
            (entry.analyser, entry.connection)
        );
        assert_eq!(record.bytes, entry.bytes);
    }
}

#[test]
fn a_piece_is_whole_up_to_the_bound_and_in_two_one_past_it() {
    let bench = Bench::new();
    let journal = bench.open();
    let most = limits::JOURNAL_PIECE_MAX;
    journal.record(received(1, &vec![1; most]));
    journal.record(received(2, &vec![2; most + 1]));
    drop(journal);
    let lengths: Vec<_> =
        read_whole(bench.folder.path()).iter().map(|record| record.bytes.len()).collect();
    assert_eq!(lengths, [most, most, 1]);
}

#[test]
fn files_rotate_by_size_and_the_oldest_go() {
    let bench = Bench::new();
    let journal = bench.open_with(1_000, 3);
    for number in 0..100 {
        journal.record(received(number, &[number as u8; 200]));
    }
    drop(journal);
    let files = bench.files();
    assert_eq!(files.len(), 3);
    for file in &files {
        let found = std::fs::metadata(file).unwrap();
        assert!(found.len() <= 1_000, "{} is {} bytes long", file.display(), found.len());
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
    let records = read_whole(bench.folder.path());
    let last: Vec<_> = records.iter().map(|record| u64::from(record.bytes[0])).collect();
    let from = 100 - last.len() as u64;
    assert_eq!(last, (from..100).collect::<Vec<_>>(), "the last ones, none missing");
}

#[test]
fn a_record_longer_than_a_file_has_a_file_of_its_own() {
    let bench = Bench::new();
    let journal = bench.open_with(100, 10);
    for number in 0..3 {
        journal.record(received(number, &[7; 500]));
    }
    drop(journal);
    assert_eq!(read_whole(bench.folder.path()).len(), 3);
    assert_eq!(bench.files().len(), 3);
}

#[test]
fn every_start_begins_a_new_file_and_numbers_go_on() {
    let bench = Bench::new();
    for number in 0..3 {
        let journal = bench.open();
        journal.record(received(number, b"x"));
        drop(journal);
    }
    let names: Vec<_> =
        bench.files().iter().map(|file| file.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["wire-00000001.hgj", "wire-00000002.hgj", "wire-00000003.hgj"]);
    let starts = read(bench.folder.path())
        .unwrap()
        .filter(|found| found.as_ref().is_ok_and(|record| record.kind == Kind::FileStart));
    assert_eq!(starts.count(), 3);
    assert_eq!(read_whole(bench.folder.path()).len(), 3);
}

#[test]
fn two_processes_cannot_write_to_one_folder() {
    let bench = Bench::new();
    let _first = bench.open();
    let folder = bench.folder.path().to_owned();
    let options = Options { folder, file_bytes: 1, files: 1, started: at(0), now: || at(0) };
    let Err(error) = Journal::open(options) else { panic!("it opened") };
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_is_refused_with_words() {
    let bench = Bench::new();
    let file = bench.folder.path().join("a-file");
    std::fs::write(&file, "x").unwrap();
    let options = Options { folder: file, file_bytes: 1, files: 1, started: at(0), now: || at(0) };
    let Err(error) = Journal::open(options) else { panic!("it opened") };
    assert!(error.to_string().contains("a-file"), "{error}");
}

#[test]
fn what_does_not_fit_is_counted_and_a_gap_stands_in_its_place() {
    let bench = Bench::new();
    let journal = bench.open_with(1 << 30, 1);
    let chunk = vec![9; limits::JOURNAL_PIECE_MAX];
    let mut given = 0;
    while journal.numbers().lost_records == 0 {
        journal.record(received(given, &chunk));
        given += 1;
    }
    journal.record(received(given, b"after"));
    let before_the_end = journal.numbers();
    drop(journal);
    let (records, damages) = read_back(bench.folder.path());
    assert!(damages.is_empty(), "{damages:?}");
    let told: u64 = records
        .iter()
        .map(|record| match record.kind {
            Kind::Gap { records, bytes } => {
                assert_eq!(bytes, records * chunk.len() as u64);
                records
            }
            _ => 0,
        })
        .sum();
    let kept = records.iter().filter(|record| record.bytes == chunk).count() as u64;
    assert!(told >= 1);
    assert_eq!(kept + told, given);
    assert_eq!(before_the_end.lost_records, told);
}

#[test]
fn the_queue_takes_what_its_bound_allows_and_no_more() {
    // No writer keeps up with this: the bound is what is left of memory.
    let bench = Bench::new();
    let journal = bench.open_with(1 << 30, 1);
    let chunk = vec![9; limits::JOURNAL_PIECE_MAX];
    let fits = limits::JOURNAL_QUEUE_MAX / (chunk.len() + 512);
    for number in 0..fits as u64 {
        journal.record(received(number, &chunk));
    }
    assert_eq!(journal.numbers().lost_records, 0, "it holds its bound");
}

#[test]
fn a_waiting_record_is_written_without_another_one_pushing_it() {
    let bench = Bench::new();
    let journal = bench.open();
    journal.record(received(1, b"alone"));
    let written = || read_back(bench.folder.path()).0.len() == 1;
    let begun = std::time::Instant::now();
    while !written() {
        assert!(begun.elapsed() < Duration::from_secs(10), "not written");
        std::thread::yield_now();
    }
    assert_eq!(journal.health(), Health::Writing);
    assert_eq!(journal.numbers().records, 1);
}

#[test]
fn handing_over_costs_a_line_little() {
    let bench = Bench::new();
    let journal = open(bench.folder.path(), 1 << 30, 1);
    let begun = std::time::Instant::now();
    let count = 10_000;
    for number in 0..count {
        journal.record(received(number, &[7; 250]));
    }
    let each = begun.elapsed() / u32::try_from(count).unwrap();
    println!("{each:?} for each record of 250 bytes");
    assert!(each < Duration::from_micros(50), "{each:?}");
}
