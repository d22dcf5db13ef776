//! FM-38: what one session entered about blood type and CMV was lost when another one saved. Here
//! what people say is only added, whoever says it first or last, and of two that contradict each
//! other one is told so. (The engine's half: forms over HTTP are tested with the interface.)

use std::sync::mpsc;
use std::thread;

use crate::store_bench::verdict_of;
use crate::store_bench::{Bench, din, full_panel, message, record, register, registration};
use hemogate::domain::{AboGroup, HistoricGroup, Record, RhdType, Statement};
use hemogate::store::{PutOnRecord, Registered, Store, prove};

fn put(store: &Store, statement: Statement, by: &str) -> PutOnRecord {
    let (sender, receiver) = mpsc::channel();
    let records = vec![(Record::Donation(din(1), statement), by.to_owned())];
    store.put_on_record(records, Box::new(move |outcome| sender.send(outcome).unwrap()));
    receiver.recv().unwrap().unwrap().remove(0)
}

#[test]
fn fm_38_of_two_registrations_that_differ_one_is_kept_and_the_other_is_told() {
    for _ in 0..20 {
        let bench = Bench::new();
        let store = bench.open();
        let group = |abo| Some(HistoricGroup { abo, rhd: RhdType::Positive });
        let outcomes: Vec<_> = thread::scope(|scope| {
            let session = |abo| {
                let store = store.clone();
                let mut own = registration(1);
                own.donor.historic_group = group(abo);
                scope.spawn(move || (abo, register(&store, own).unwrap()))
            };
            let sessions = [AboGroup::A, AboGroup::B].map(session);
            sessions.into_iter().map(|session| session.join().unwrap()).collect()
        });
        let kept: Vec<_> = outcomes.iter().filter(|(_, done)| *done == Registered::New).collect();
        assert_eq!(kept.len(), 1, "{outcomes:?}");
        let on_record = store.donation(&din(1)).unwrap().unwrap().registration.unwrap();
        assert_eq!(on_record.donor.historic_group, group(kept[0].0));
        for (_, done) in outcomes.iter().filter(|(_, done)| *done != Registered::New) {
            assert_eq!(*done, Registered::Conflict(Box::new(on_record.clone())));
        }
    }
}

#[test]
fn fm_38_what_two_sessions_say_at_once_is_all_on_record_and_the_worst_of_it_counts() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    thread::scope(|scope| {
        let results = store.clone();
        scope.spawn(move || record(&results, message("panel", full_panel(1))));
        let registry = store.clone();
        scope.spawn(move || put(&registry, Statement::Deferred, "registry"));
        let desk = store.clone();
        scope.spawn(move || put(&desk, Statement::SampleReceived, "desk"));
    });
    let facts = store.facts(&din(1)).unwrap();
    let said: Vec<_> = facts.statements.iter().map(|said| said.by.as_str()).collect();
    assert!(said.contains(&"registry") && said.contains(&"desk"), "{said:?}");
    assert_eq!(facts.observations.len(), full_panel(1).len());
    assert!(["reject", "recalled"].contains(&verdict_of(&store, 1).as_str()));
    drop(store);
    prove(&bench.path()).unwrap();
}
