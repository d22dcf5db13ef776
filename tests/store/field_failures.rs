//! Failures that happened in the field, as far as the store can prevent them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};

use hemogate::domain::{AboGroup, Assay, Reading};
use hemogate::store::{Options, Recorded, Store};
use jiff::Timestamp;

use crate::bench::*;

const SEED: u64 = 20_261_121;

#[test]
fn fm_01_interleaved_results_never_change_their_donation() {
    let bench = Bench::new();
    let store = bench.open();
    let (sender, answers) = mpsc::channel();
    let donations = 40;
    std::thread::scope(|scope| {
        for line in 0..5 {
            let (store, sender) = (store.clone(), sender.clone());
            scope.spawn(move || send_shuffled(&store, line, donations, &sender));
        }
    });
    drop(sender);
    assert_eq!(answers.iter().filter(Result::is_ok).count(), 5 * donations as usize);
    for number in 0..donations {
        let donation = store.donation(&din(number)).unwrap().unwrap();
        let values: BTreeSet<_> =
            donation.observations.iter().map(|o| o.observation.value.clone().unwrap()).collect();
        let expected = (0..5).map(|line| format!("{line}.{number}")).collect();
        assert_eq!(values, expected, "seed {SEED}");
        assert!(donation.observations.iter().all(|o| o.observation.din == Some(din(number))));
    }
}

fn send_shuffled(
    store: &Store,
    line: u64,
    donations: u32,
    sender: &mpsc::Sender<Result<Recorded, hemogate::store::StoreError>>,
) {
    let mut order: Vec<u32> = (0..donations).collect();
    fastrand::Rng::with_seed(SEED + line).shuffle(&mut order);
    for number in order {
        let value = format!("{line}.{number}");
        let mut entry = message(&value, vec![observation(number, Assay::Hbsag, &value)]);
        entry.analyser = format!("line-{line}");
        let sender = sender.clone();
        store.record(entry, Box::new(move |outcome| sender.send(outcome).unwrap()));
    }
}

#[test]
fn fm_12_nothing_but_the_donation_number_joins_results() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m1", full_panel(1)));
    let mut other = observation(1, Assay::Abo, "B");
    other.reading = Some(Reading::Abo(AboGroup::B));
    other.specimen_id = Some("=G123426700001 00".to_owned());
    other.test_code = "ABO-2".to_owned();
    other.reagent_lot = None;
    let mut entry = message("m2", vec![other]);
    (entry.analyser, entry.profile) = ("vision".to_owned(), "ortho-vision".to_owned());
    record(&store, entry);
    let decision = store.donation(&din(1)).unwrap().unwrap().decision;
    assert!(decision.reasons.iter().any(|reason| reason.code == "ABO_DISCREPANCY"));
    assert_eq!(decision.verdict, "recalled");
}

#[test]
fn fm_43_a_flood_of_resends_changes_nothing() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let answers: Vec<_> = (0..1_000).map(|_| send(&store, message("m1", full_panel(1)))).collect();
    let new = answers
        .iter()
        .filter(|answer| matches!(answer.recv().unwrap().unwrap(), Recorded::New { .. }))
        .count();
    let counters = store.counters();
    assert_eq!((new, counters.messages, counters.duplicates), (1, 1, 999));
    assert_eq!((counters.observations, store.feed_head()), (8, 2));
}

/// A clock that somebody sets back by an hour again and again.
fn falling() -> Timestamp {
    static SECONDS: AtomicI64 = AtomicI64::new(2_000_000_000);
    Timestamp::from_second(SECONDS.fetch_sub(3_600, Ordering::Relaxed)).unwrap()
}

#[test]
fn fm_48_the_order_of_facts_is_the_order_of_commits() {
    let bench = Bench::new();
    let options = || Options { path: bench.path(), rules: Arc::new(cn()), utc: falling };
    let store = Store::open(options()).unwrap();
    register(&store, registration(1)).unwrap();
    for (number, observation) in full_panel(1).into_iter().enumerate() {
        let mut entry = message(&format!("m{number}"), vec![observation]);
        entry.received_at = falling();
        record(&store, entry);
    }
    let rows = feed(&store);
    assert!(rows.is_sorted_by(|a, b| {
        a.seq + 1 == b.seq && a.version + 1 == b.version && a.decided_at > b.decided_at
    }));
    assert_eq!(rows.last().unwrap().verdict, "releasable");
    drop(store);
    let store = Store::open(options()).unwrap();
    let donation = store.donation(&din(1)).unwrap().unwrap();
    assert_eq!((donation.decision.verdict.as_str(), donation.version), ("releasable", 9));
    assert!(donation.observations.is_sorted_by_key(|o| o.id));
}
