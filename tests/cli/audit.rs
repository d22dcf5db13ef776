//! What `hemogate audit` says of a store.

use std::sync::Arc;

use hemogate::clock;
use hemogate::domain::{DonationNumberScheme, Donor, DonorKind, Registration};
use hemogate::rules::{RuleSet, shipped};
use hemogate::store::{Options, Store};

use crate::bench::run;

/// A store with one registered donation.
fn filled(folder: &std::path::Path) -> String {
    let path = folder.join("hemogate.db");
    let rules = Arc::new(RuleSet::parse("cn", &results_only()).unwrap());
    let store = Store::open(Options { path: path.clone(), rules, utc: clock::utc }).unwrap();
    let din = DonationNumberScheme::Isbt128.parse("G123498654321").unwrap().din;
    let donor = Donor { kind: DonorKind::First, deferred: true, historic_group: None };
    let collected_at = "2026-01-01T08:00:00Z".parse().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let registration = Registration { din, collected_at, site: "Centre".to_owned(), donor };
    store.register(registration, Box::new(move |outcome| tell.send(outcome).unwrap()));
    told.recv().unwrap().unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_whole_store_is_proved_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path());
    let before = std::fs::read(&path).unwrap();
    let words = run(&["audit", &path]).is(0).out;
    assert!(words.contains("is whole: ") && words.contains("; 1 verdicts"), "{words}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_row_that_was_changed_is_status_1_and_what_is_no_store_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path());
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch(
        "REPLACE INTO verdict SELECT seq, din, version, 'releasable', decision,
        rule_set, decided_at, cause, cause_id, message_to, resolution_to FROM verdict",
    )
    .unwrap();
    drop(raw);
    let words = run(&["audit", &path]).is(1).err;
    assert!(words.contains("was changed"), "{words}");
    let nothing = folder.path().join("nothing.db");
    assert!(run(&["audit", nothing.to_str().unwrap()]).is(1).err.contains("nothing.db"));
    assert!(!nothing.exists());
}

/// The rules `cn` of a site where results alone count.
fn results_only() -> String {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    format!("{}{site}", shipped("cn").unwrap())
}
