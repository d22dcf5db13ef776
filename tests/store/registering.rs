//! Registrations before and after results, the feed, and a change of the rule set.

use std::sync::mpsc;

use hemogate::domain::{AboGroup, Assay, HistoricGroup, Reading, RhdType};
use hemogate::limits;
use hemogate::store::Registered;

use crate::bench::*;

#[test]
fn results_wait_for_a_registration_and_are_decided_with_it() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", full_panel(1)));
    assert_eq!(feed(&store), []);
    let waiting = store.donation(&din(1)).unwrap().unwrap();
    assert_eq!((waiting.version, waiting.decision.verdict.as_str()), (0, "pending"));
    assert_eq!(waiting.decision.reasons[0].code, "NOT_REGISTERED");
    assert_eq!(waiting.observations.len(), 8);

    assert_eq!(register(&store, registration(1)), Ok(Registered::New));
    assert_eq!(feed_words(&store), [(1, "releasable".to_owned(), 1)]);
    let decided = store.donation(&din(1)).unwrap().unwrap();
    assert_eq!((decided.version, decided.registration), (1, Some(registration(1))));
}

#[test]
fn a_registration_waits_for_its_results() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    assert_eq!(feed_words(&store), [(1, "pending".to_owned(), 1)]);
    record(&store, message("m1", full_panel(1)));
    let rows = feed(&store);
    assert_eq!((rows[1].verdict.as_str(), rows[1].version), ("releasable", 2));
    assert_eq!(codes(&rows[1]), ["ALL_OK"]);
    assert_eq!(rows[1].rule_set.sha256, cn().identity().sha256);
    assert_eq!(rows[1].decided_at, noon());
}

#[test]
fn the_same_registration_is_the_same_and_another_one_a_conflict() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    assert_eq!(register(&store, registration(1)), Ok(Registered::Same));
    let mut other = registration(1);
    other.donor.deferred = true;
    let conflict = Registered::Conflict(Box::new(registration(1)));
    assert_eq!(register(&store, other.clone()), Ok(conflict.clone()));
    drop(store);
    let store = bench.open();
    assert_eq!(register(&store, registration(1)), Ok(Registered::Same));
    assert_eq!(register(&store, other), Ok(conflict));
    assert_eq!(feed(&store).len(), 1);
}

#[test]
fn a_verdict_that_stays_the_same_adds_nothing_to_the_feed() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m1", vec![observation(1, Assay::Hbsag, "0.42")]));
    let mut again = observation(1, Assay::Hbsag, "0.41");
    again.replicate = Some("2".to_owned());
    record(&store, message("m2", vec![again]));
    assert_eq!(feed(&store).len(), 2);
    assert_eq!(store.donation(&din(1)).unwrap().unwrap().version, 2);
}

#[test]
fn a_released_donation_is_recalled_and_stays_so() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m1", full_panel(1)));
    let mut reactive = observation(1, Assay::Hiv, "7.9");
    reactive.reading = Some(Reading::Reactive);
    record(&store, message("m2", vec![reactive]));
    assert_eq!(verdict_of(&store, 1), "recalled");
    drop(store);
    let store = bench.open();
    let mut fine = observation(1, Assay::Hiv, "0.10");
    fine.replicate = Some("2".to_owned());
    record(&store, message("m3", vec![fine]));
    assert_eq!(verdict_of(&store, 1), "recalled");
}

#[test]
fn the_feed_is_told_of_and_gapless() {
    let bench = Bench::new();
    let store = bench.open();
    let (sender, heads) = mpsc::channel();
    store.on_feed(Box::new(move |head| sender.send(head).unwrap()));
    assert_eq!(store.feed_head(), 0);
    for number in 0..5 {
        register(&store, registration(number)).unwrap();
        assert_eq!(heads.recv().unwrap(), i64::from(number) + 1);
        assert_eq!(store.feed_head(), i64::from(number) + 1);
    }
    record(&store, message("of nobody", Vec::new()));
    record(&store, message("m", full_panel(3)));
    assert_eq!(heads.recv().unwrap(), 6);
    let numbers = |after, limit| {
        store.feed(after, limit).unwrap().iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0, 3), [1, 2, 3]);
    assert_eq!(numbers(3, 3), [4, 5, 6]);
    assert_eq!(numbers(6, 3), Vec::<i64>::new());
}

#[test]
fn a_page_of_the_feed_is_bounded() {
    let bench = Bench::new();
    let store = bench.open();
    let (sender, answers) = mpsc::channel();
    let count = u32::try_from(limits::FEED_PAGE_MAX).unwrap() + 1;
    for number in 0..count {
        let sender = sender.clone();
        let reply = Box::new(move |outcome| sender.send(outcome).unwrap());
        store.register(registration(number), reply);
        if number % 512 == 511 {
            for _ in 0..512 {
                answers.recv().unwrap().unwrap();
            }
        }
    }
    drop(sender);
    answers.iter().for_each(|answer| assert_eq!(answer, Ok(Registered::New)));
    assert_eq!(store.feed(1, limits::FEED_PAGE_MAX).unwrap().len(), 1_000);
    assert_eq!(store.feed(0, limits::FEED_PAGE_MAX + 1).unwrap().len(), 1_000);
}

#[test]
fn another_rule_set_decides_again_about_everything() {
    let bench = Bench::new();
    let store = bench.open();
    let count = u32::try_from(limits::STORE_REDECIDE_BATCH).unwrap() + 1;
    let (sender, answers) = mpsc::channel();
    for number in 0..count {
        let sender = sender.clone();
        let mut panel = full_panel(number);
        if number == 0 || number == count - 1 {
            panel[0] = observation(number, Assay::Alt, "45");
        }
        store.register(registration(number), Box::new(|outcome| drop(outcome.unwrap())));
        let reply = Box::new(move |outcome| sender.send(outcome).unwrap());
        store.record(message(&format!("m{number}"), panel), reply);
        answers.recv().unwrap().unwrap();
    }
    let rows = store.feed_head();
    drop(store);

    let store = open(&bench.path(), cn_with_alt_limit(40)).unwrap();
    assert_eq!(store.feed_head(), rows + 2);
    let again = store.feed(rows, 10).unwrap();
    assert_eq!((&again[0].din, &again[1].din), (&din(0), &din(count - 1)));
    assert_eq!(again[0].verdict, "recalled");
    assert_eq!(again[0].rule_set.sha256, cn_with_alt_limit(40).identity().sha256);
    assert_eq!(verdict_of(&store, 1), "releasable");
    drop(store);

    let store = open(&bench.path(), cn_with_alt_limit(40)).unwrap();
    assert_eq!(store.feed_head(), rows + 2);
}

#[test]
fn the_group_on_record_is_compared_after_a_restart_too() {
    let bench = Bench::new();
    let mut registered = registration(1);
    registered.donor.historic_group =
        Some(HistoricGroup { abo: AboGroup::Ab, rhd: RhdType::Negative });
    register(&bench.open(), registered.clone()).unwrap();
    let store = bench.open();
    record(&store, message("m1", full_panel(1)));
    assert_eq!(store.donation(&din(1)).unwrap().unwrap().registration, Some(registered));
    let last = feed(&store).pop().unwrap();
    assert_eq!(last.verdict, "hold");
    assert_eq!(codes(&last)[..2], ["ABO_HISTORY_MISMATCH", "RHD_HISTORY_MISMATCH"]);
}
