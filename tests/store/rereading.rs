//! A message on record, read again by its analyser's intake once the profile was mended.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, mpsc};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::domain::{DonationNumber, DonationNumberScheme, Judgement, Registration};
use hemogate::intake::{Intake, Outcome, Reread, Sightings};
use hemogate::store::Store;

use crate::bench::*;

/// The same analyser, of which the laboratory knows now that it sends its lots.
const MENDED: &str = r#"
extends = "roche-cobas-e601"
name = "e601-with-lots"
version = "1"
date = 2026-01-15
title = "cobas e 601 that sends its lots"
confidence = "low"
built_from = "an assumption"

[fields]
reagent_lot = "R.15"
"#;

fn intake(store: &Store, id: &str, text: &str) -> Intake {
    let profile = Arc::new(Profile::parse("e601", text).unwrap());
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let analyser = Analyser::new(id.to_owned(), profile, &BTreeMap::new(), scheme).unwrap();
    Intake::new(Arc::new(analyser), store.clone(), Sightings::default()).unwrap()
}

fn with_lots() -> Vec<u8> {
    let path = "fixtures/analysers/roche-cobas-e601/donor-nonreactive.astm";
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.replace("||E11\r", "||E11|LOT7\r").into_bytes()
}

fn tried(intake: &Intake, message: i64) -> Result<Reread, String> {
    let (tell, told) = mpsc::channel();
    intake.what_if_read_again(message, Box::new(move |found| tell.send(found).unwrap()));
    told.recv().unwrap()
}

fn agreed(intake: &Intake, message: i64, proposal: i64, by: &str) -> Result<Reread, String> {
    let (tell, told) = mpsc::channel();
    let done = Box::new(move |found| tell.send(found).unwrap());
    intake.read_again(message, proposal, by, done);
    told.recv().unwrap()
}

fn codes(store: &Store, din: &DonationNumber) -> Vec<String> {
    let reasons = store.donation(din).unwrap().unwrap().decision.reasons.into_iter();
    reasons.map(|reason| reason.code).collect()
}

#[test]
fn a_mended_profile_shows_the_difference_and_then_reads_the_same_bytes() {
    let bench = Bench::new();
    let store = bench.open();
    let before = intake(&store, "e601", shipped("roche-cobas-e601").unwrap());
    let (tell, told) = mpsc::channel();
    before.take(with_lots(), noon(), Box::new(move |outcome| tell.send(outcome).unwrap()));
    assert!(matches!(told.recv().unwrap(), Outcome::StoredUnread(_)));
    let din = store.message(1).unwrap().unwrap().donations[0].clone();
    register(&store, Registration { din: din.clone(), ..registration(1) }).unwrap();
    assert!(codes(&store, &din).contains(&"UNACCOUNTED".to_owned()), "{:?}", codes(&store, &din));
    let same = tried(&before, 1).unwrap_err();
    assert!(same.contains("reads it as it did"), "{same}");

    let mended = intake(&store, "e601", MENDED);
    let shown = tried(&mended, 1).unwrap();
    assert_eq!((shown.read_as, shown.faults.len(), shown.observations.len()), (None, 0, 4));
    assert_eq!(shown.observations[0].reagent_lot.as_deref(), Some("LOT7"));
    assert_eq!(shown.changes.len(), 1);
    let told: Vec<_> =
        shown.changes[0].would_be_reasons.iter().map(|reason| reason.code.clone()).collect();
    assert!(!told.contains(&"UNACCOUNTED".to_owned()), "{told:?}");
    assert!(codes(&store, &din).contains(&"UNACCOUNTED".to_owned()), "nothing was written");

    let proposal = propose(&store, 1, Judgement::ReadAgain, "li");
    assert!(agreed(&mended, 1, proposal, "li").unwrap_err().contains("somebody else"));
    let read = agreed(&mended, 1, proposal, "wang").unwrap();
    assert_eq!((read.read_as, &read.changes), (Some(2), &shown.changes));
    assert!(!codes(&store, &din).contains(&"UNACCOUNTED".to_owned()));
    let old = store.message(1).unwrap().unwrap();
    let new = store.message(2).unwrap().unwrap();
    assert_eq!((&old.bytes, old.received_at), (&new.bytes, new.received_at));
    assert_eq!(
        (old.profile.as_str(), new.profile.as_str()),
        ("roche-cobas-e601", "e601-with-lots")
    );
    assert_eq!(new.profile_text.as_deref(), Some(mended.analyser().kept().text.as_str()));
    assert!(tried(&mended, 1).unwrap_err().contains("judged by li and wang"));
}

#[test]
fn a_message_is_read_by_the_analyser_that_sent_it_and_by_no_other() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m", full_panel(1)));
    let other = intake(&store, "other", MENDED);
    assert!(tried(&other, 1).unwrap_err().contains("of analyser e601"));
    assert!(tried(&other, 7).unwrap_err().contains("no message 7"));
}
