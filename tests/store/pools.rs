//! Pools: whom a tube's result speaks about, and what the members' single tests say of each other.

use hemogate::domain::{Assay, Observation, Pool, PoolFacts, PoolMembers, Reading, Record};
use hemogate::store::{Store, prove};

use crate::bench::*;

fn pool_of(store: &Store, id: &str, members: &[u32]) {
    let members = members.iter().map(|number| din(*number)).collect();
    put(store, Record::Pool(Pool { id: id.to_owned(), members, made_by: None }), "u1");
}

/// A result of a pool's tube.
fn tube(id: &str, reading: Reading) -> Observation {
    Observation {
        specimen_id: Some(id.to_owned()),
        din: None,
        reading: Some(reading),
        ..observation(0, Assay::Nat, reading.id())
    }
}

fn single(number: u32, reading: Reading) -> Observation {
    Observation { reading: Some(reading), ..observation(number, Assay::Nat, reading.id()) }
}

fn only(store: &Store, number: u32) -> PoolFacts {
    let mut pools = facts(store, number).pools;
    assert_eq!(pools.len(), 1, "{pools:?}");
    pools.remove(0)
}

fn others(store: &Store, number: u32) -> Vec<Option<Reading>> {
    only(store, number).others.iter().map(|other| other.single).collect()
}

#[test]
fn a_tubes_result_speaks_about_every_member_and_nobody_else() {
    let bench = Bench::new();
    let store = bench.open();
    (1..=4).for_each(|number| drop(register(&store, registration(number)).unwrap()));
    pool_of(&store, "P17", &[1, 2, 3]);
    record(&store, message("m1", vec![tube("P17", Reading::Nonreactive)]));
    for number in [1, 2, 3] {
        let pool = only(&store, number);
        assert_eq!((pool.members, pool.size), (PoolMembers::Recorded, 3));
        assert_eq!(pool.observations.len(), 1);
        assert_eq!(pool.others.len(), 2);
        assert!(pool.observations[0].circumstances.received_at.is_some());
    }
    assert_eq!(facts(&store, 4).pools, []);
    record(&store, message("m2", vec![tube("P18", Reading::Reactive)]));
    assert_eq!(only(&store, 1).observations.len(), 1, "another tube is another pool");
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn a_pool_put_on_record_after_its_result_covers_nobody() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", vec![tube("P17", Reading::Nonreactive)]));
    pool_of(&store, "P17", &[1, 2]);
    assert_eq!(only(&store, 1).members, PoolMembers::AddedLater);
}

#[test]
fn a_member_twice_and_a_member_alone_are_said_to_be_so() {
    let bench = Bench::new();
    let store = bench.open();
    pool_of(&store, "P1", &[1, 2, 1]);
    assert_eq!((only(&store, 1).members, only(&store, 1).size), (PoolMembers::Duplicate, 3));
    assert_eq!(only(&store, 2).members, PoolMembers::Duplicate);
    pool_of(&store, "P3", &[3]);
    assert_eq!(only(&store, 3).members, PoolMembers::Unknown);
}

#[test]
fn a_single_test_of_one_member_is_told_to_the_others() {
    let bench = Bench::new();
    let store = bench.open();
    pool_of(&store, "P17", &[1, 2, 3]);
    record(&store, message("early", vec![single(2, Reading::Reactive)]));
    record(&store, message("m1", vec![tube("P17", Reading::Reactive)]));
    assert_eq!(others(&store, 1), [None, None], "before the pool ran it explains nothing");
    record(&store, message("m2", vec![single(3, Reading::Nonreactive)]));
    assert_eq!(others(&store, 1), [None, Some(Reading::Nonreactive)]);
    assert_eq!(others(&store, 3), [None, None]);
    let later = Observation { rack: None, ..single(2, Reading::Reactive) };
    record(&store, message("m3", vec![later]));
    assert_eq!(others(&store, 1), [Some(Reading::Reactive), Some(Reading::Nonreactive)]);
    let flagged = Observation { unaccounted: vec![unaccounted()], ..single(3, Reading::Reactive) };
    record(&store, message("m4", vec![flagged]));
    assert_eq!(others(&store, 1)[1], Some(Reading::Nonreactive), "one that is wrong explains none");
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn what_one_member_gives_singly_decides_again_about_the_others() {
    let bench = Bench::new();
    let store = bench.open();
    for number in [1, 2] {
        register(&store, registration(number)).unwrap();
        let serology = full_panel(number).into_iter().filter(|o| o.assay != Some(Assay::Nat));
        record(&store, message(&format!("d{number}"), serology.collect()));
    }
    pool_of(&store, "P17", &[1, 2]);
    record(&store, message("pool", vec![tube("P17", Reading::Reactive)]));
    record(&store, message("one", vec![single(1, Reading::Nonreactive)]));
    let before = feed(&store).len();
    record(&store, message("two", vec![single(2, Reading::Reactive)]));
    let touched: Vec<_> = feed(&store).split_off(before).into_iter().map(|row| row.din).collect();
    assert!(touched.contains(&din(1)) && touched.contains(&din(2)), "{touched:?}");
}
