//! From an analyser's bytes to a verdict, with the shipped profiles and their transcripts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, mpsc};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::domain::{Assay, DonationNumber, DonationNumberScheme, Registration};
use hemogate::intake::{Intake, Outcome, Sightings};
use hemogate::shape::ObservationShape;
use hemogate::store::{Store, StoreError};
use rusqlite::Connection;

use crate::bench::*;

fn analyser(profile: &str) -> Arc<Analyser> {
    let text = shipped(profile).unwrap();
    let profile = Arc::new(Profile::parse(profile, text).unwrap());
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let id = profile.name().to_owned();
    Arc::new(Analyser::new(id, profile, &BTreeMap::new(), scheme).unwrap())
}

fn intake(store: &Store, profile: &str) -> Intake {
    Intake::new(analyser(profile), store.clone(), Sightings::default()).unwrap()
}

fn take(intake: &Intake, bytes: &[u8]) -> Outcome {
    let (sender, outcome) = mpsc::channel();
    intake.take(bytes.to_vec(), noon(), Box::new(move |o| sender.send(o).unwrap()));
    outcome.recv().unwrap()
}

fn take_incomplete(intake: &Intake, bytes: &[u8]) -> Outcome {
    let (sender, outcome) = mpsc::channel();
    let done = Box::new(move |o| sender.send(o).unwrap());
    intake.take_incomplete(bytes.to_vec(), "the line was lost".to_owned(), noon(), done);
    outcome.recv().unwrap()
}

fn fixture(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/analysers").join(path)).unwrap()
}

const REACTIVE: &str = "abbott-architect/donor-reactive.astm";

fn registration_of(din: DonationNumber) -> Registration {
    let collected_at = "2020-01-01T08:00:00Z".parse().unwrap();
    Registration { din, collected_at, ..registration(0) }
}

#[test]
fn a_transcript_becomes_a_verdict() {
    let bench = Bench::new();
    let store = bench.open();
    let intake = intake(&store, "abbott-architect");
    let bytes = fixture(REACTIVE);
    let din = intake.analyser().read(&bytes).donations[0].clone();
    register(&store, registration_of(din.clone())).unwrap();
    assert_eq!(take(&intake, &bytes), Outcome::Stored);
    let donation = store.donation(&din).unwrap().unwrap();
    assert_eq!(donation.version, 2);
    let expected = intake.analyser().read(&bytes).observations;
    let stored: Vec<_> = donation.observations.into_iter().map(|o| o.observation).collect();
    assert_eq!(stored, expected);
    assert_eq!(take(&intake, &bytes), Outcome::Stored);
    assert_eq!(store.counters().duplicates, 1);
}

#[test]
fn every_beginning_of_a_transfer_is_made_good_by_the_whole() {
    let bytes = fixture(REACTIVE);
    let bench = Bench::new();
    let store = bench.open();
    let intake = intake(&store, "abbott-architect");
    let din = intake.analyser().read(&bytes).donations[0].clone();
    for end in (0..bytes.len()).step_by(7) {
        let outcome = take_incomplete(&intake, &bytes[..end]);
        match end {
            0 => assert_eq!(outcome, Outcome::Stored),
            _ => assert!(matches!(outcome, Outcome::StoredUnread(_)), "{end}: {outcome:?}"),
        }
    }
    let blocked = store.donation(&din).unwrap().unwrap();
    assert_eq!(blocked.observations, []);
    assert_eq!(take(&intake, &bytes), Outcome::Stored);
    let whole = store.donation(&din).unwrap().unwrap();
    assert!(whole.decision.reasons.iter().all(|reason| reason.code != "UNPROCESSED_MESSAGE"));
    for left in store.unread(0, 500).unwrap() {
        // Less than a header cannot be known again; it names nobody.
        assert_eq!(left.donations, []);
        assert!(!left.bytes.contains(&b'\r'), "{:?}", String::from_utf8_lossy(&left.bytes));
    }
}

#[test]
fn nothing_received_is_nothing_stored() {
    let bench = Bench::new();
    let store = bench.open();
    assert_eq!(take_incomplete(&intake(&store, "abbott-architect"), b""), Outcome::Stored);
    assert_eq!(store.counters().messages, 0);
}

#[test]
fn bytes_that_nobody_can_read_are_kept_and_said() {
    let bench = Bench::new();
    let store = bench.open();
    let noise = b"\x07\x07 not a record at all \xff\xfe";
    let Outcome::StoredUnread(words) = take(&intake(&store, "abbott-architect"), noise) else {
        panic!("noise was read");
    };
    assert!(words.starts_with("message 1 is stored but could not be read"), "{words}");
    assert_eq!(store.unread(0, 10).unwrap()[0].bytes, noise);
}

#[test]
fn fm_42_what_the_store_refuses_is_refused_in_its_words() {
    let bench = Bench::new();
    let store = bench.open();
    let intake = intake(&store, "abbott-architect");
    let holder = bench.raw();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = Outcome::Refused(StoreError::Locked.to_string());
    assert_eq!(take(&intake, &fixture(REACTIVE)), refused);
    assert_eq!(take_incomplete(&intake, b"H|"), refused);
}

#[test]
fn the_profile_is_kept_beside_its_messages_once() {
    let bench = Bench::new();
    let store = bench.open();
    let first = intake(&store, "abbott-architect");
    intake(&store, "abbott-architect");
    let kept: (i64, String, String) = bench
        .raw()
        .query_row("SELECT count(*), sha256, text FROM profile", [], |row| row.try_into())
        .unwrap();
    let profile = first.analyser().profile();
    assert_eq!(kept, (1, profile.sha256().to_owned(), profile.text().to_owned()));
}

/// The bytes of every message on record, its observations as they are kept, and the text that
/// says how they were read.
fn on_record(raw: &Connection) -> Vec<(Vec<u8>, String, Vec<String>)> {
    let sql = "SELECT m.id, m.bytes, p.text FROM message m
               JOIN profile p ON p.sha256 = m.profile_sha256 AND p.name = m.profile";
    let mut messages = raw.prepare(sql).unwrap();
    let sql = "SELECT payload FROM observation WHERE message = ?1 ORDER BY ordinal";
    let mut payloads = raw.prepare(sql).unwrap();
    let rows = messages.query_map([], |row| {
        let (id, bytes, text): (i64, _, _) = row.try_into()?;
        let payloads = payloads.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok((bytes, text, payloads))
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_bytes_on_record_are_read_again_as_they_were_at_a_site_with_its_own_codes_and_numbers() {
    let bench = Bench::new();
    let store = bench.open();
    let profile = Profile::parse("e601", shipped("roche-cobas-e601").unwrap()).unwrap();
    let site = BTreeMap::from([("286".to_owned(), Assay::Hbsag)]);
    let scheme = Arc::new(DonationNumberScheme::site("G[0-9]+").unwrap());
    let analyser = Analyser::new("e601".to_owned(), Arc::new(profile), &site, scheme).unwrap();
    let intake = Intake::new(Arc::new(analyser), store, Sightings::default()).unwrap();
    for file in ["donor-nonreactive", "donor-reactive", "minimal", "four-flags"] {
        take(&intake, &fixture(&format!("roche-cobas-e601/{file}.astm")));
    }
    let records = on_record(&bench.raw());
    assert_eq!(records.len(), 4);
    assert!(records.iter().flat_map(|(.., o)| o).any(|o| o.contains("\"assay\":\"hbsag\"")));
    for (bytes, text, payloads) in records {
        let again = Analyser::restored("e601", &text).unwrap().read(&bytes).observations;
        let again: Vec<String> = again
            .iter()
            .map(|o| serde_json::to_string(&ObservationShape::from(o)).unwrap())
            .collect();
        assert_eq!(again, payloads);
    }
}

/// Every message of every transcript, by profile.
fn transcripts() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/analysers");
    let mut messages = Vec::new();
    for profile in hemogate::analyser::shipped_names() {
        let mut files: Vec<_> =
            fs::read_dir(root.join(profile)).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let bytes = fs::read(&file).unwrap();
            let found = match file.extension().and_then(|name| name.to_str()) {
                Some("astm") => vec![bytes],
                Some("mllp") => blocks(&bytes),
                _ => Vec::new(),
            };
            messages.extend(found.into_iter().map(|message| (profile.to_owned(), message)));
        }
    }
    messages
}

fn blocks(bytes: &[u8]) -> Vec<Vec<u8>> {
    let blocks = bytes.split(|byte| *byte == 0x0B).filter(|block| !block.is_empty());
    blocks.map(|block| block.strip_suffix(b"\x1C\r").unwrap().to_vec()).collect()
}

/// What was stored, in the order of commits.
enum Stored {
    Message { analyser: String, bytes: Vec<u8> },
    Registration(DonationNumber),
}

fn stored(raw: &Connection) -> Vec<Stored> {
    let mut ledger = raw
        .prepare(
            "SELECT m.analyser, m.bytes, r.din FROM ledger l \
             JOIN ledger b ON b.n = l.n - 1 \
             LEFT JOIN message m ON m.id > b.message AND m.id <= l.message \
             LEFT JOIN registration r ON r.id > b.registration AND r.id <= l.registration \
             WHERE m.id IS NOT NULL OR r.id IS NOT NULL ORDER BY l.n",
        )
        .unwrap();
    let rows = ledger.query_map([], |row| {
        Ok(match row.get::<_, Option<String>>(2)? {
            Some(din) => Stored::Registration(DonationNumber::restored(din)),
            None => Stored::Message { analyser: row.get(0)?, bytes: row.get(1)? },
        })
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn verdicts(raw: &Connection) -> Vec<(String, i64, String)> {
    let mut verdicts =
        raw.prepare("SELECT din, version, decision FROM verdict ORDER BY seq").unwrap();
    let rows = verdicts.query_map([], |row| row.try_into()).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn old_verdicts_come_out_identical_from_the_stored_bytes() {
    let (first, second) = (Bench::new(), Bench::new());
    let store = first.open();
    for (at, (profile, bytes)) in transcripts().into_iter().enumerate() {
        let intake = intake(&store, &profile);
        let donations = intake.analyser().read(&bytes).donations;
        // Every second donation is registered before its results.
        let (before, after) = donations.split_at(if at % 2 == 0 { donations.len() } else { 0 });
        before.iter().for_each(|din| drop(register(&store, registration_of(din.clone()))));
        take(&intake, &bytes);
        after.iter().for_each(|din| drop(register(&store, registration_of(din.clone()))));
    }
    let expected = verdicts(&first.raw());
    assert!(expected.len() > 30, "only {} verdicts", expected.len());

    let again = second.open();
    for stored in stored(&first.raw()) {
        match stored {
            Stored::Message { analyser, bytes } => drop(take(&intake(&again, &analyser), &bytes)),
            Stored::Registration(din) => drop(register(&again, registration_of(din))),
        }
    }
    assert_eq!(verdicts(&second.raw()), expected);
    for row in feed(&store) {
        assert!(store.recompute(row.seq).unwrap().is_some());
    }
}

#[test]
fn the_words_say_where_something_stands_and_never_what() {
    let bench = Bench::new();
    let store = bench.open();
    let sent = "MSH|^~\\&|X|Y|||20260105||ORU^R01|1|P|2.3.1||||0||ASCII\r\
                OBR|1|G123498654321|5\rOBX|1|NM|13|ALT|32|U/L||WANG-XIAOMING|||F\r";
    let Outcome::StoredUnread(words) = take(&intake(&store, "mindray-bs"), sent.as_bytes()) else {
        panic!("an unknown flag is not understood")
    };
    assert!(words.contains("OBX[1]-8"), "{words}");
    assert!(!words.contains("WANG"), "{words}");
}
