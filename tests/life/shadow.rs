//! A rule set in the shadow: it sees what the one in force sees, and touches nothing.

use std::sync::Arc;

use hemogate::domain::Reading;
use hemogate::rules::RuleSet;
use hemogate::store::{Shadow, ShadowDifference, Store, prove};

use crate::bench::{Bench, feed_words, full_panel, message, record, register, registration};
use crate::bench::{din, results_only};

/// The same, but HTLV is required.
fn stricter() -> Arc<RuleSet> {
    let text = results_only().replacen("[site]", "[site]\nhtlv = \"yes\"", 1);
    Arc::new(RuleSet::parse("stricter.toml", &text).unwrap())
}

/// Waits until everything was compared.
fn settled(shadow: &Shadow) -> hemogate::store::ShadowCount {
    loop {
        let count = shadow.count();
        if count.waiting == 0 {
            return count;
        }
        std::thread::yield_now();
    }
}

fn differences(store: &Store) -> Vec<ShadowDifference> {
    store.shadow_differences(&stricter().identity().sha256, 0, 100).unwrap()
}

#[test]
fn differences_are_listed_by_donation_and_the_feed_is_the_same_as_without() {
    let (with, without) = (Bench::new(), Bench::new());
    let (store, plain) = (with.open(), without.open());
    let shadow = Shadow::start(&store, stricter()).unwrap();
    for store in [&store, &plain] {
        for number in 1..=3 {
            register(store, registration(number)).unwrap();
        }
        record(store, message("one", full_panel(1)));
        let mut reactive = full_panel(2);
        reactive[1].reading = Some(Reading::Reactive);
        record(store, message("two", reactive));
    }
    let count = settled(&shadow);
    assert_eq!((count.failed, count.left_out), (0, 0));
    assert_eq!(feed_words(&store), feed_words(&plain));
    let found = differences(&store);
    let first = found.iter().find(|found| found.din == din(1)).unwrap();
    assert_eq!((first.verdict.as_str(), first.would_be.as_str()), ("releasable", "pending"));
    let codes: Vec<_> =
        first.would_be_reasons.iter().map(|r| (r.code.as_str(), r.assay.as_deref())).collect();
    assert_eq!(codes, [("MISSING", Some("htlv"))]);
    assert_eq!(found.len(), 3, "those that wait lack HTLV too: {found:?}");
    drop((shadow, store));
    prove(&with.path()).unwrap();
}

#[test]
fn where_the_two_come_to_agree_the_difference_is_gone() {
    let bench = Bench::new();
    let store = bench.open();
    let shadow = Shadow::start(&store, stricter()).unwrap();
    register(&store, registration(1)).unwrap();
    record(&store, message("one", full_panel(1)));
    settled(&shadow);
    assert_eq!(differences(&store).len(), 1);
    let htlv = crate::bench::observation(1, hemogate::domain::Assay::Htlv, "0.1");
    record(&store, message("htlv", vec![htlv]));
    settled(&shadow);
    assert_eq!(differences(&store), []);
}

#[test]
fn what_was_not_compared_before_the_end_is_compared_after_the_next_start() {
    let bench = Bench::new();
    let store = bench.open();
    let step = hemogate::store::RuleStep::draft(&stricter(), "Li Wei", "0");
    let in_shadow = hemogate::store::RuleStep {
        which: hemogate::store::Which::of(&stricter()),
        steps: vec![(hemogate::rules::life::Step::Shadow, "hemogate".into(), String::new())],
    };
    register(&store, registration(1)).unwrap();
    record(&store, message("before it", full_panel(1)));
    for step in [step, in_shadow] {
        let (sender, receiver) = std::sync::mpsc::channel();
        store.rule_step(step, Box::new(move |outcome| sender.send(outcome).unwrap()));
        receiver.recv().unwrap().unwrap().unwrap();
    }
    register(&store, registration(2)).unwrap();
    record(&store, message("nobody looked", full_panel(2)));
    drop(store);
    let store = bench.open();
    let shadow = Shadow::start(&store, stricter()).unwrap();
    while differences(&store).is_empty() {
        std::thread::yield_now();
    }
    settled(&shadow);
    let found: Vec<_> = differences(&store).into_iter().map(|found| found.din).collect();
    assert_eq!(found, [din(2)], "the first was decided before it was in the shadow");
}

#[test]
fn a_shadow_that_fails_harms_nothing() {
    let bench = Bench::new();
    let store = bench.open();
    let shadow = Shadow::start(&store, stricter()).unwrap();
    bench.raw().execute_batch("DROP TABLE shadow_verdict").unwrap();
    register(&store, registration(1)).unwrap();
    record(&store, message("one", full_panel(1)));
    let count = settled(&shadow);
    assert!(count.failed > 0, "{count:?}");
    assert_eq!(feed_words(&store).last().unwrap().1, "releasable");
}
