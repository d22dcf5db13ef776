//! Decoding and mapping one message to observations, against published HL7 crates and against a
//! bare scan for its delimiters.
//!
//! The crates know nothing of profiles. Each is measured twice: parsing only, and parsing and then
//! taking out, as texts with escapes resolved, the fields that we map: specimen id, rack, position,
//! and of each OBX code, value, flag, status and time. None of them checks that nothing else was
//! sent, translates codes, reads numbers and times, or hashes what the message says.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::codec::charset::{Charset, Text};
use hemogate::codec::{Transmission, hl7, lis02};
use hemogate::domain::DonationNumberScheme;

use super::fetch;
use crate::support::messages;

/// How long one contender is measured, and in spans of how long.
const MEASURED: Duration = Duration::from_secs(1);
const SPAN: Duration = Duration::from_micros(200);

pub fn run() {
    let din = messages::din(1);
    let astm = messages::e601_clean(&din);
    let mpx = messages::mpx(&din, "Non-Reactive", "Non-Reactive", "Non-Reactive", "M1");
    compare_astm(&astm);
    compare_hl7(&mpx);
}

fn compare_astm(message: &str) {
    println!("ASTM, roche-cobas-e601, {} bytes, 4 results", message.len());
    let analyser = analyser("roche-cobas-e601");
    let scan = time(|| scan(message.as_bytes(), b"|^\\&\r"));
    let split =
        time(|| walk(&lis02::read(Text::decode(message.as_bytes(), Charset::Utf8).as_str())));
    let ours = time(|| analyser.read(message.as_bytes()));
    print("bare delimiter scan", message, scan, scan);
    print("split, every field walked", message, split, scan);
    print("decode and map to observations", message, ours, scan);
}

fn compare_hl7(message: &str) {
    println!("HL7, roche-cobas-6800 MPX, {} bytes, 3 results", message.len());
    let analyser = analyser("roche-cobas-6800");
    let scan = time(|| scan(message.as_bytes(), b"|^~\\&\r"));
    let split = time(|| walk(&hl7::read(Text::decode(message.as_bytes(), Charset::Utf8).as_str())));
    let ours = time(|| analyser.read(message.as_bytes()));
    print("bare delimiter scan", message, scan, scan);
    print("split, every field walked", message, split, scan);
    print("decode and map to observations", message, ours, scan);
    compare_crates(message, scan, split, ours);
}

/// A crate: parsing only, and parsing with the fields taken out; neither may fail here.
type Contender = (&'static str, fn(&str), fn(&str) -> Vec<String>);

const CRATES: [Contender; 4] = [
    ("hl7-parser", |text| drop(black_box(hl7_parser::parse_message(text))), fetch::hl7_parser),
    (
        "rust-hl7",
        |text| drop(black_box(rusthl7::message::Message::try_from(text))),
        fetch::rust_hl7,
    ),
    ("hl7kit", |text| drop(black_box(hl7kit::Message::parse(text))), fetch::hl7kit),
    ("hl7-2", |text| drop(black_box(hl7_2::parse(text))), fetch::hl7_2),
];

fn compare_crates(message: &str, scan: Duration, split: Duration, ours: Duration) {
    for (name, parse, fetch) in CRATES {
        assert_eq!(fetch(message), fetch::hl7kit(message), "{name} reads something else");
        let parse = time(|| parse(message));
        let fetch = time(|| fetch(message));
        print(&format!("{name}, parse only"), message, parse, scan);
        print(&format!("{name}, parse and fetch"), message, fetch, scan);
        println!(
            "    split is {:.1}x as fast as its parse; decode and map is {:.1}x as fast as its \
             parse, {:.1}x as its parse and fetch",
            parse.as_secs_f64() / split.as_secs_f64(),
            parse.as_secs_f64() / ours.as_secs_f64(),
            fetch.as_secs_f64() / ours.as_secs_f64()
        );
    }
}

fn analyser(profile: &str) -> Analyser {
    let profile = Profile::parse(profile, shipped(profile).unwrap()).unwrap();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new("bench".to_owned(), Arc::new(profile), &BTreeMap::new(), scheme).unwrap()
}

fn walk(transmission: &Transmission<'_>) -> usize {
    let records = transmission.messages.iter().flat_map(|message| message.records());
    records.map(|record| record.fields().map(|(_, field)| field.text.len()).sum::<usize>()).sum()
}

/// Finds every delimiter with a table, and keeps where it stands.
fn scan(bytes: &[u8], delimiters: &[u8]) -> usize {
    let mut table = [false; 256];
    for byte in delimiters {
        table[usize::from(*byte)] = true;
    }
    let mut places: Vec<u32> = Vec::with_capacity(bytes.len() / 2);
    for (at, byte) in bytes.iter().enumerate() {
        if table[usize::from(*byte)] {
            places.push(at as u32);
        }
    }
    places.len()
}

/// The time of one call in the fastest of many short spans: short enough that most of them are
/// not shared with whatever else runs on the machine.
fn time<T>(mut call: impl FnMut() -> T) -> Duration {
    let mut span = |calls: u32| {
        let start = Instant::now();
        (0..calls).for_each(|_| drop(black_box(call())));
        start.elapsed()
    };
    let mut calls = 1;
    while span(calls) < SPAN {
        calls *= 2;
    }
    let start = Instant::now();
    let mut fastest = Duration::MAX;
    while start.elapsed() < MEASURED {
        fastest = fastest.min(span(calls));
    }
    fastest / calls
}

fn print(name: &str, message: &str, time: Duration, scan: Duration) {
    println!(
        "  {name:<34} {:>8.2} us  {:>7.0} MB/s  {:>5.2} of the scan's speed",
        time.as_secs_f64() * 1e6,
        message.len() as f64 / time.as_secs_f64() / 1e6,
        scan.as_secs_f64() / time.as_secs_f64()
    );
}
