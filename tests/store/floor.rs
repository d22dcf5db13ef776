//! What the laboratory's floor reads: standings, what is open, what goes by a text, accounts, and
//! who is told of records.

use std::sync::mpsc;

use hemogate::domain::{Assay, Observation, Pool, Reading, Record, Statement};
use hemogate::limits;
use hemogate::store::{Matches, Standing, UserDesk, UserEvent, prove, user_events};

use crate::bench::*;

fn told(standings: &[Standing]) -> Vec<(i64, &str, Option<&str>)> {
    standings.iter().map(|one| (one.version, one.verdict.as_str(), one.before.as_deref())).collect()
}

#[test]
fn a_standing_says_what_it_was_before_and_since_when_it_is_open() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m", full_panel(1)));
    record(&store, cut("P|1", vec![din(1)]));
    let standings = store.standings(0, u64::MAX).unwrap();
    let (pending, releasable) = ("pending", "releasable");
    assert_eq!(
        told(&standings),
        [(1, pending, None), (2, releasable, Some(pending)), (3, pending, Some(releasable))]
    );
    assert_eq!(standings[1].open_since, None);
    assert_eq!(standings[2].open_since, Some(standings[2].decided_at));
    assert_eq!(standings[0].site, "east");
    assert_eq!(standings[0].registered_at, Some(noon()));
    assert_eq!(standings[0].collected_at, Some("2026-11-20T08:00:00Z".parse().unwrap()));
    assert!(!standings[0].reasons.is_empty() && !standings[0].next_steps.is_empty());
    assert_eq!(store.standings(2, 10).unwrap(), standings[2..]);
    let most = usize::try_from(limits::FEED_PAGE_MAX).unwrap();
    assert!(standings.len() < most);
}

#[test]
fn only_those_are_open_whose_last_verdict_is_pending_or_hold() {
    let bench = Bench::new();
    let store = bench.open();
    for of in 1..=5 {
        register(&store, registration(of)).unwrap();
    }
    record(&store, message("m2", full_panel(2)));
    let mut reactive = full_panel(3);
    reactive[1].reading = Some(Reading::Reactive);
    record(&store, message("m3", reactive));
    say(&store, 4, Statement::Deferred, "li");
    let open = store.open_standings(0, 10).unwrap();
    let dins: Vec<_> = open.iter().map(|one| one.din.clone()).collect();
    let expected: Vec<_> = (1..=5)
        .filter(|of| ["pending", "hold"].contains(&verdict_of(&store, *of).as_str()))
        .map(din)
        .collect();
    let mut sorted = dins.clone();
    sorted.sort_unstable_by_key(|din| din.as_str().to_owned());
    assert_eq!(sorted, expected);
    assert!(!dins.contains(&din(2)) && dins.contains(&din(1)));
    let mut paged = Vec::new();
    let mut after = 0;
    while let Some(one) = store.open_standings(after, 1).unwrap().pop() {
        after = one.seq;
        paged.push(one);
    }
    assert_eq!(paged, open);
    assert!(open.iter().all(|one| one.open_since.is_some()));
}

#[test]
fn anything_on_record_is_found_by_its_exact_name() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let members = vec![din(2), din(3)];
    put(&store, Record::Pool(Pool { id: "P1".to_owned(), members, made_by: None }), "li");
    let tube = Observation {
        specimen_id: Some("P1".to_owned()),
        din: None,
        ..observation(0, Assay::Nat, "NR")
    };
    record(&store, message("tube", vec![tube]));
    record(&store, message("m4", full_panel(4)));
    record(&store, cut("m5", vec![din(5)]));
    say(&store, 6, Statement::Deferred, "li");
    for of in [1, 4, 5, 6] {
        let found = store.find(&format!(" {} ", din(of))).unwrap();
        assert_eq!(found.donation, Some(din(of)), "{of}");
    }
    let pool = store.find("P1").unwrap();
    assert_eq!((pool.pool.as_deref(), pool.specimen.as_deref()), (Some("P1"), Some("P1")));
    assert_eq!(pool.specimen_messages, [1]);
    assert_eq!(store.find("2").unwrap().message, Some(2));
    for nothing in ["", " ", "P", "999", "G", "%"] {
        assert_eq!(store.find(nothing).unwrap(), Matches::default(), "{nothing:?}");
    }
}

#[test]
fn what_is_found_of_one_kind_is_bounded() {
    let bench = Bench::new();
    let store = bench.open();
    for number in 0..=limits::FOUND_MAX {
        let stray = Observation {
            specimen_id: Some("S1".to_owned()),
            din: None,
            ..observation(0, Assay::Nat, &number.to_string())
        };
        record(&store, message(&format!("m{number}"), vec![stray]));
    }
    let most = usize::try_from(limits::FOUND_MAX).unwrap();
    let found = store.find("S1").unwrap().specimen_messages;
    assert_eq!(found.len(), most);
    assert_eq!(found[0], i64::from(limits::FOUND_MAX) + 1, "the latest first");
}

#[test]
fn who_listens_is_told_of_records_that_change_no_verdict() {
    let bench = Bench::new();
    let store = bench.open();
    let (tell, told) = mpsc::channel();
    store.on_record(Box::new(move |last| tell.send(last).unwrap()));
    say(&store, 1, Statement::SampleReceived, "li");
    assert_eq!(told.recv().unwrap(), 1);
    say(&store, 1, Statement::SampleReceived, "li");
    record(&store, message("m", full_panel(1)));
    say(&store, 1, Statement::SampleNotReceived, "li");
    assert_eq!(told.recv().unwrap(), 2, "neither the same again nor a message is a record");
}

fn event(id: i64, name: &str) -> UserEvent {
    UserEvent {
        id,
        name: name.to_owned(),
        kind: "added".to_owned(),
        payload: "{}".to_owned(),
        made_by: "root".to_owned(),
        made_at: noon(),
    }
}

#[test]
fn the_first_account_is_made_before_there_is_a_rule_set() {
    let bench = Bench::new();
    let mut desk = UserDesk::open(&bench.path()).unwrap();
    assert_eq!(desk.user_events().unwrap(), []);
    assert_eq!(desk.put(&event(0, "admin")).unwrap(), 1);
    assert!(desk.put(&event(0, "")).is_err(), "an account has a name");
    assert_eq!(desk.put(&event(0, "li")).unwrap(), 2);
    drop(desk);
    let store = bench.open();
    assert_eq!(user_event(&store, "wang", "added"), 3);
    let expected = [event(1, "admin"), event(2, "li"), event(3, "wang")];
    assert_eq!(store.user_events().unwrap(), expected);
    assert_eq!(user_events(&bench.path()).unwrap(), expected);
    assert!(UserDesk::open(&bench.path()).is_err(), "a daemon has it");
    drop(store);
    prove(&bench.path()).unwrap();
}
