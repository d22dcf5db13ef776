//! The stop of all release: nothing becomes releasable, everything is decided again afterwards.

use std::sync::Arc;

use hemogate::store::{Admission, Options, Store, prove};

use crate::bench::{Bench, cn, codes, feed, full_panel, message, noon, record, register};
use crate::bench::{registration, verdict_of};

fn options(bench: &Bench) -> Options {
    Options { path: bench.path(), rules: Arc::new(cn()), utc: noon }
}

fn panel(store: &Store, number: u32) {
    register(store, registration(number)).unwrap();
    record(store, message(&format!("panel {number}"), full_panel(number)));
}

#[test]
fn what_would_be_released_meanwhile_is_held_and_released_by_the_next_sound_start() {
    let bench = Bench::new();
    let store = bench.open();
    panel(&store, 1);
    store.stop_release("a canary".to_owned());
    assert_eq!(store.release_stopped().as_deref(), Some("a canary"));
    panel(&store, 2);
    let last = feed(&store).pop().unwrap();
    assert_eq!((last.verdict.as_str(), codes(&last)), ("hold", vec!["RELEASE_STOPPED"]));
    assert_eq!(verdict_of(&store, 1), "releasable", "no verdict in force is withdrawn by it");
    drop(store);
    prove(&bench.path()).unwrap();

    let store = bench.open();
    assert_eq!(store.release_stopped(), None);
    assert_eq!(verdict_of(&store, 2), "releasable");
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn a_start_that_is_stopped_releases_nothing_and_owes_it_to_the_one_after() {
    let bench = Bench::new();
    let admission = |release_stopped: Option<&str>| Admission {
        approvals: hemogate::rules::life::Approvals::NotUsed,
        release_stopped: release_stopped.map(str::to_owned),
    };
    for _ in 0..2 {
        let (store, _) = Store::open_admitted(options(&bench), admission(Some("bad"))).unwrap();
        if feed(&store).is_empty() {
            panel(&store, 1);
        }
        assert_eq!(verdict_of(&store, 1), "hold");
    }
    let (store, _) = Store::open_admitted(options(&bench), admission(None)).unwrap();
    assert_eq!(verdict_of(&store, 1), "releasable");
    let versions: Vec<i64> = feed(&store).iter().map(|row| row.version).collect();
    assert!(versions.is_sorted());
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn while_it_is_stopped_reject_and_pending_are_told_as_ever() {
    let bench = Bench::new();
    let store = bench.open();
    store.stop_release("a canary".to_owned());
    register(&store, registration(1)).unwrap();
    assert_eq!(verdict_of(&store, 1), "pending");
    let mut reactive = full_panel(1);
    reactive[1].reading = Some(hemogate::domain::Reading::Reactive);
    record(&store, message("reactive", reactive));
    let last = feed(&store).pop().unwrap();
    assert!(!codes(&last).contains(&"RELEASE_STOPPED"), "{last:?}");
}
