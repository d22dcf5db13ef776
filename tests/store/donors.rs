//! What follows for donors: told once, and until inventory says that it has it (FM-29).

use std::sync::mpsc;

use hemogate::domain::{Assay, Observation, Reading};
use hemogate::store::{Acknowledged, Store, prove};

use crate::bench::*;

fn reactive(number: u32, value: &str) -> Observation {
    Observation { reading: Some(Reading::Reactive), ..observation(number, Assay::Hbsag, value) }
}

/// Makes a donation repeat reactive.
fn repeat_reactive(store: &Store, number: u32) {
    register(store, registration(number)).unwrap();
    for (at, value) in ["7.1", "7.2", "7.3"].into_iter().enumerate() {
        record(store, message(&format!("d{number} r{at}"), vec![reactive(number, value)]));
    }
}

fn acknowledge(store: &Store, number: i64) -> Acknowledged {
    let (sender, receiver) = mpsc::channel();
    let tell = move |outcome| sender.send(outcome).unwrap();
    store.acknowledge_donor_event(number, "inventory", Box::new(tell));
    receiver.recv().unwrap().unwrap()
}

#[test]
fn fm_29_a_repeat_reactive_donor_is_told_until_inventory_acknowledges() {
    let bench = Bench::new();
    let store = bench.open();
    repeat_reactive(&store, 1);
    repeat_reactive(&store, 2);
    let events = store.donor_events(0, 10).unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.number, event.din.clone(), event.event.consequence.as_str()))
        .collect();
    assert_eq!(told, [(1, din(1), "permanent"), (2, din(2), "permanent")]);
    assert_eq!(events[0].event.code, "REPEAT_REACTIVE");
    assert_eq!(events[0].event.assay.as_deref(), Some("hbsag"));
    assert_eq!(store.donor_events_waiting().unwrap(), 2);

    assert_eq!(acknowledge(&store, 1), Acknowledged::New);
    assert_eq!(acknowledge(&store, 1), Acknowledged::Before);
    assert_eq!(acknowledge(&store, 3), Acknowledged::Unknown);
    assert_eq!(acknowledge(&store, 0), Acknowledged::Unknown);
    drop(store);
    let store = bench.open();
    assert_eq!(store.donor_events_waiting().unwrap(), 1);
    let open = store.donor_events_unacknowledged(0, 10).unwrap();
    assert_eq!(open.iter().map(|event| event.number).collect::<Vec<_>>(), [2]);
    let by = store.donor_events(0, 1).unwrap().remove(0).acknowledged.unwrap();
    assert_eq!(by, ("inventory".to_owned(), noon()));
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn a_consequence_is_told_once_however_often_it_is_concluded() {
    let bench = Bench::new();
    let store = bench.open();
    repeat_reactive(&store, 1);
    for at in 0..3 {
        record(&store, message(&format!("more {at}"), vec![reactive(1, &format!("8.{at}"))]));
    }
    let events = store.donor_events(0, 10).unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(store.feed(events[0].verdict - 1, 1).unwrap()[0].verdict, "reject");
}
