//! Torn, flipped, cut: what is damaged is said, and everything else comes back.

use std::fs;
use std::path::PathBuf;

use hemogate::journal::{Damage, Record};
use hemogate::limits;

use crate::bench::{Bench, read_back, read_whole, received};

/// Header of a file, and everything of a record of `a1` but its bytes.
const HEADER: usize = 48;
const RECORD: usize = 56;

fn written(pieces: &[&[u8]]) -> (Bench, PathBuf, Vec<u8>, Vec<Record>) {
    let bench = Bench::new();
    let journal = bench.open();
    for (number, piece) in (1..).zip(pieces) {
        journal.record(received(number, piece));
    }
    drop(journal);
    let file = bench.files().pop().unwrap();
    let bytes = fs::read(&file).unwrap();
    let records = read_whole(&file);
    assert_eq!(records.len(), pieces.len());
    (bench, file, bytes, records)
}

#[test]
fn a_record_torn_at_any_byte_is_recognised_and_the_others_come_back() {
    let (_bench, file, bytes, records) = written(&[b"first", b"second", b"the last one"]);
    let last = RECORD + b"the last one".len();
    for cut in 1..last {
        fs::write(&file, &bytes[..bytes.len() - cut]).unwrap();
        let (back, damages) = read_back(&file);
        assert_eq!(back, records[..2], "cut {cut}");
        let [Damage::Torn { offset, length, .. }] = &damages[..] else {
            panic!("cut {cut}: {damages:?}")
        };
        assert_eq!(*offset, (bytes.len() - last) as u64, "cut {cut}");
        assert_eq!(*length, (last - cut) as u64, "cut {cut}");
    }
    fs::write(&file, &bytes[..bytes.len() - last]).unwrap();
    assert_eq!(read_whole(&file), records[..2]);
}

#[test]
fn a_flipped_bit_anywhere_is_found_and_costs_one_record_at_most() {
    let (_bench, file, bytes, records) = written(&[b"first", b"second", b"third"]);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut harmed = bytes.clone();
            harmed[at] ^= 1 << bit;
            fs::write(&file, &harmed).unwrap();
            let (back, damages) = read_back(&file);
            assert!(!damages.is_empty(), "byte {at} bit {bit} was not found");
            let lost = records.iter().filter(|record| !back.contains(record)).count();
            let header = at < HEADER;
            assert_eq!(lost, usize::from(!header), "byte {at} bit {bit}: {damages:?}");
            assert_eq!(back.len(), records.len() - lost, "byte {at} bit {bit}: made up a record");
        }
    }
}

#[test]
fn damage_says_where_it_is_and_how_many_records_are_gone() {
    let (_bench, file, bytes, records) = written(&[b"first", b"second", b"third", b"fourth"]);
    let (from, to) = (HEADER + RECORD + 5, HEADER + 3 * RECORD + 5 + 6 + 5);
    let mut harmed = bytes.clone();
    harmed[from..to].fill(0);
    fs::write(&file, &harmed).unwrap();
    let (back, damages) = read_back(&file);
    assert_eq!(back, [records[0].clone(), records[3].clone()]);
    let [Damage::Damaged { offset, length, .. }, Damage::Missing { records, .. }] = &damages[..]
    else {
        panic!("{damages:?}")
    };
    assert_eq!((*offset, *length, *records), (from as u64, (to - from) as u64, 2));
}

#[test]
fn a_stretch_of_noise_longer_than_the_buffer_is_passed() {
    let (_bench, file, bytes, records) = written(&[b"first", b"second"]);
    let middle = HEADER + RECORD + 5;
    let looks_like_a_record = [0x89, b'W', b'J', 0x0A, 0xFF, 0, 0, 0];
    let noise = [&looks_like_a_record[..], &[0x89; 500]].concat();
    let noise = noise.repeat(limits::JOURNAL_PIECE_MAX / 100);
    let harmed = [&bytes[..middle], &noise, &bytes[middle..]].concat();
    fs::write(&file, &harmed).unwrap();
    let (back, damages) = read_back(&file);
    assert_eq!(back, records);
    assert_eq!(damages.len(), 1, "{damages:?}");
}

#[test]
fn a_file_taken_away_is_noticed() {
    let bench = Bench::new();
    let journal = bench.open_with(400, 100);
    for number in 0..20 {
        journal.record(received(number, &[1; 100]));
    }
    drop(journal);
    let all = read_whole(bench.folder.path()).len();
    fs::remove_file(&bench.files()[2]).unwrap();
    let (back, damages) = read_back(bench.folder.path());
    let [Damage::Missing { records, .. }] = &damages[..] else { panic!("{damages:?}") };
    assert_eq!(back.len() as u64 + records, all as u64);
}

#[test]
fn a_file_torn_within_its_header_is_recognised() {
    let (bench, file, bytes, records) = written(&[b"first"]);
    let torn = bench.folder.path().join("wire-00000002.hgj");
    for cut in 0..HEADER {
        fs::write(&torn, &bytes[..cut]).unwrap();
        let (back, damages) = read_back(bench.folder.path());
        assert_eq!(back, records, "cut {cut}");
        let [Damage::Torn { offset: 0, length, .. }] = &damages[..] else {
            panic!("cut {cut}: {damages:?}")
        };
        assert_eq!(*length, cut as u64);
    }
    assert!(file.exists());
}

#[test]
fn another_file_is_refused_with_words() {
    let bench = Bench::new();
    let file = bench.folder.path().join("wire-00000001.hgj");
    for content in
        [&b"no journal"[..], b"no journal at all, but long enough to hold a header of one"]
    {
        fs::write(&file, content).unwrap();
        let (back, damages) = read_back(&file);
        assert!(back.is_empty());
        assert!(matches!(damages[0], Damage::Header { .. }), "{damages:?}");
    }
}
