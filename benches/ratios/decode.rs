//! Decoding and mapping one message to observations, against published HL7 crates that only parse
//! it, and against a bare scan for its delimiters.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::codec::charset::{Charset, Text};
use hemogate::codec::{Transmission, hl7, lis02};
use hemogate::domain::DonationNumberScheme;

use crate::support::messages;

/// How long one contender is measured, five times; the best counts.
const SPAN: Duration = Duration::from_millis(200);

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
    let crates: [(&str, Duration); 4] = [
        ("hl7-parser", time(|| hl7_parser::parse_message(message).is_ok())),
        ("rust-hl7", time(|| rusthl7::message::Message::try_from(message).is_ok())),
        ("hl7kit", time(|| hl7kit::Message::parse(message).is_ok())),
        ("hl7-2", time(|| hl7_2::parse(message).is_ok())),
    ];
    for (name, parse) in crates {
        print(&format!("{name}, parse only"), message, parse, scan);
        println!(
            "    split is {:.1}x, decode and map is {:.1}x as fast as {name}",
            parse.as_secs_f64() / split.as_secs_f64(),
            parse.as_secs_f64() / ours.as_secs_f64()
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

/// The time of one call: the best of five spans.
fn time<T>(mut call: impl FnMut() -> T) -> Duration {
    let span = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        let mut calls = 0u32;
        while start.elapsed() < SPAN {
            (0..64).for_each(|_| call());
            calls += 64;
        }
        start.elapsed() / calls
    };
    (0..5).map(|_| span(&mut || drop(black_box(call())))).min().unwrap()
}

fn print(name: &str, message: &str, time: Duration, scan: Duration) {
    println!(
        "  {name:<34} {:>8.2} us  {:>7.0} MB/s  {:>5.2} of the scan's speed",
        time.as_secs_f64() * 1e6,
        message.len() as f64 / time.as_secs_f64() / 1e6,
        scan.as_secs_f64() / time.as_secs_f64()
    );
}
