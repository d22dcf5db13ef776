//! FM-29: donors who were repeatedly reactive stayed "active", and a unit went out. Here a repeat
//! reactive result makes a consequence for the donor, kept until inventory says that it has it.

use std::sync::mpsc;

use hemogate::store::Acknowledged;

use crate::support::laboratory::{HBSAG, Laboratory, SEROLOGY, open, result, rules};

fn repeat_reactive() -> Laboratory {
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.register(1);
    for minute in [10, 11, 12] {
        laboratory.send(SEROLOGY, &result(1, HBSAG, 1, minute, "L1"));
    }
    laboratory
}

#[test]
fn fm_29_a_repeat_reactive_result_defers_the_donor_for_good() {
    let laboratory = repeat_reactive();
    assert_eq!(laboratory.verdict(1), "reject");
    let events = laboratory.store.donor_events(0, 10).unwrap();
    let found = events.iter().find(|entry| entry.event.code == "REPEAT_REACTIVE").unwrap();
    assert_eq!(found.event.consequence, "permanent");
    assert_eq!(found.event.assay.as_deref(), Some("hbsag"));
    assert_eq!(found.acknowledged, None);
}

#[test]
fn fm_29_it_is_told_once_and_waits_until_it_is_acknowledged_over_a_restart_too() {
    let laboratory = repeat_reactive();
    let events = laboratory.store.donor_events(0, 10).unwrap();
    laboratory.send(SEROLOGY, &result(1, HBSAG, 1, 13, "L1"));
    assert_eq!(laboratory.store.donor_events(0, 10).unwrap(), events, "it is told once");
    let folder = laboratory.close();
    let store = open(folder.path().join("hemogate.db"), rules(&[]));
    assert_eq!(store.donor_events(0, 10).unwrap(), events);
    assert_eq!(store.donor_events_waiting().unwrap(), events.len() as u64);
    for event in &events {
        let (tell, told) = mpsc::channel();
        let reply = Box::new(move |done| tell.send(done).unwrap());
        store.acknowledge_donor_event(event.number, "inventory", reply);
        assert_eq!(told.recv().unwrap(), Ok(Acknowledged::New));
    }
    assert_eq!(store.donor_events_waiting().unwrap(), 0);
}
