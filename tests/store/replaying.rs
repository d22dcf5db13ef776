//! Old verdicts, concluded again from what is stored, come out as they stand.

use hemogate::domain::{Assay, Reading};
use hemogate::store::{StoreError, prove};

use crate::bench::*;

/// A morning with everything that changes a verdict.
fn morning(bench: &Bench) {
    let store = bench.open();
    for number in 0..6 {
        register(&store, registration(number)).unwrap();
        for (at, observation) in full_panel(number).into_iter().enumerate() {
            record(&store, message(&format!("d{number} o{at}"), vec![observation]));
        }
    }
    record(&store, cut("P|1", vec![din(2)]));
    let mut reactive = observation(3, Assay::Hiv, "7.9");
    reactive.reading = Some(Reading::Reactive);
    record(&store, message("P|1\rreactive", vec![reactive]));
    let mut faulty = message("faulty", Vec::new());
    (faulty.faults, faulty.donations) = (vec![(0, "unreadable".to_owned())], vec![din(4)]);
    record(&store, faulty);
    record(&store, message("before", full_panel(7)));
    register(&store, registration(7)).unwrap();
}

#[test]
fn every_verdict_comes_out_identical_from_the_facts_of_its_time() {
    let bench = Bench::new();
    morning(&bench);
    let store = open(&bench.path(), cn_with_alt_limit(20)).unwrap();
    let verdicts: Vec<_> = feed(&store).into_iter().map(|row| row.verdict).collect();
    for expected in ["pending", "releasable", "recalled"] {
        assert!(verdicts.iter().any(|verdict| verdict == expected), "{verdicts:?}");
    }
    for row in feed(&store) {
        let again = store.recompute(row.seq).unwrap().unwrap();
        assert_eq!((again.verdict, again.reasons), (row.verdict, row.reasons), "{}", row.seq);
    }
    assert_eq!(store.recompute(store.feed_head() + 1).unwrap(), None);
    assert_eq!(prove(&bench.path()).unwrap().verdicts, store.feed_head());
}

#[test]
fn a_verdict_that_comes_out_differently_is_said_to() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    assert!(store.recompute(1).is_ok());
    bench
        .raw()
        .execute_batch(
            "DROP TRIGGER verdict_no_update; \
             UPDATE verdict SET decision = replace(decision, 'MISSING', 'ALL_OK')",
        )
        .unwrap();
    let error = store.recompute(1).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
}
