//! What people put on record: added once, never taken back, refused where it contradicts.

use hemogate::domain::{
    Assay, Container, ControlFailure, ControlSource, ControlTarget, Details, DonorRecord, Expected,
    Kit, KitRecord, LotRecord, LotStanding, Pool, Reading, Record, ReviewStep, Statement,
};
use hemogate::limits;
use hemogate::store::{PutOnRecord, StoreError, prove};

use crate::bench::*;

fn pool(id: &str, members: &[u32]) -> Record {
    let members = members.iter().map(|number| din(*number)).collect();
    Record::Pool(Pool { id: id.to_owned(), members, made_by: Some("pipettor 1".to_owned()) })
}

fn lot(standing: LotStanding) -> Record {
    let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
    Record::Lot(LotRecord { profile, test_code, lot: "12345".to_owned(), standing, expiry: None })
}

#[test]
fn the_same_once_more_is_added_once() {
    let bench = Bench::new();
    let store = bench.open();
    let kit = Kit {
        maker: "Acme".to_owned(),
        name: "HBsAg II".to_owned(),
        containers: vec![Container::Serum],
        stability_hours: Some(48),
        pool_max: None,
        controls: Vec::new(),
    };
    let target = ControlTarget {
        analyser: "e601".to_owned(),
        test_code: "HBSAG".to_owned(),
        material: "PC".to_owned(),
        control_lot: None,
        level: 1,
        source: ControlSource::Kit,
        expected: Expected::Reading(Reading::Reactive),
    };
    let failure = ControlFailure {
        analyser: "e601".to_owned(),
        test_code: "HBSAG".to_owned(),
        from: noon(),
        to: noon(),
    };
    let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
    for record in [
        Record::Donation(din(1), Statement::Details(Details::default())),
        Record::Donation(din(1), Statement::DonorRecord(DonorRecord::Flagged)),
        Record::Kit(KitRecord { profile, test_code, kit }),
        lot(LotStanding::Released),
        Record::Target(target),
        Record::ControlFailure(failure),
        pool("P1", &[1, 2, 3]),
        pool("P2", &[]),
    ] {
        let first = put(&store, record.clone(), "u1");
        let PutOnRecord::New { record: number } = first else { panic!("{record:?}: {first:?}") };
        let again = put(&store, record.clone(), "u1");
        assert_eq!(again, PutOnRecord::Same { record: number }, "{record:?}");
    }
    drop(store);
    let store = bench.open();
    assert!(matches!(put(&store, pool("P1", &[1, 2, 3]), "u1"), PutOnRecord::Same { .. }));
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn what_is_said_again_after_something_else_was_said_is_new() {
    let bench = Bench::new();
    let store = bench.open();
    for (standing, is_new) in [
        (LotStanding::Released, true),
        (LotStanding::Recalled, true),
        (LotStanding::Recalled, false),
        (LotStanding::Released, true),
    ] {
        let put = put(&store, lot(standing), "u1");
        assert_eq!(matches!(put, PutOnRecord::New { .. }), is_new, "{standing:?}");
    }
    for (statement, is_new) in [
        (Statement::SampleNotReceived, true),
        (Statement::SampleReceived, true),
        (Statement::SampleReceived, false),
        (Statement::SampleNotReceived, true),
        (Statement::Deferred, true),
        (Statement::SampleNotReceived, false),
    ] {
        let said = say(&store, 1, statement.clone(), "u1");
        assert_eq!(matches!(said, PutOnRecord::New { .. }), is_new, "{statement:?}");
    }
}

#[test]
fn who_signs_once_more_after_another_result_signs_for_that_one_too() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let signs = || say(&store, 1, Statement::Signature(ReviewStep::Reviewed), "u1");
    assert!(matches!(signs(), PutOnRecord::New { .. }));
    assert!(matches!(signs(), PutOnRecord::Same { .. }));
    record(&store, message("m1", vec![observation(1, Assay::Hbsag, "0.42")]));
    assert!(matches!(signs(), PutOnRecord::New { .. }));
    let other = say(&store, 1, Statement::Signature(ReviewStep::Reviewed), "u2");
    assert!(matches!(other, PutOnRecord::New { .. }));
    let signed: Vec<(String, i64)> = facts(&store, 1)
        .statements
        .into_iter()
        .map(|said| (said.by, said.after_observation))
        .collect();
    let by = |who: &str, after| (who.to_owned(), after);
    assert_eq!(signed, [by("u1", 0), by("u1", 1), by("u2", 1)]);
}

#[test]
fn a_pool_with_other_members_is_refused_and_the_others_of_the_request_stored() {
    let bench = Bench::new();
    let store = bench.open();
    put(&store, pool("P1", &[1, 2]), "u1");
    let by = |record: Record| (record, "u1".to_owned());
    let other = put_all(&store, vec![by(pool("P1", &[1, 3])), by(pool("P2", &[1, 3]))]).unwrap();
    let PutOnRecord::Conflict { record, why } = &other[0] else { panic!("{other:?}") };
    assert_eq!(*record, 1);
    assert!(why.contains("P1") && why.contains(din(2).as_str()), "{why}");
    assert!(matches!(other[1], PutOnRecord::New { .. }));
    assert_eq!(facts(&store, 2).pools.len(), 1);
    assert_eq!(facts(&store, 3).pools.len(), 1);
}

#[test]
fn who_is_in_a_pool_may_be_said_after_nobody_said_it() {
    let bench = Bench::new();
    let store = bench.open();
    put(&store, pool("P1", &[]), "u1");
    assert!(matches!(put(&store, pool("P1", &[1, 2]), "u1"), PutOnRecord::New { .. }));
    assert!(matches!(put(&store, pool("P1", &[]), "u1"), PutOnRecord::Same { .. }));
    assert!(matches!(put(&store, pool("P1", &[1]), "u1"), PutOnRecord::Conflict { .. }));
}

#[test]
fn a_record_that_nobody_made_and_one_past_the_bounds_are_refused() {
    let bench = Bench::new();
    let store = bench.open();
    let nobody = put_all(&store, vec![(lot(LotStanding::Released), " ".to_owned())]);
    assert!(matches!(nobody, Err(StoreError::Failed(why)) if why.contains("who made it")));

    let most = u32::try_from(limits::POOL_MEMBERS_MAX).unwrap();
    let members: Vec<u32> = (0..most).collect();
    assert!(matches!(put(&store, pool("P1", &members), "u1"), PutOnRecord::New { .. }));
    let members: Vec<u32> = (0..=most).collect();
    let refused = put_all(&store, vec![(pool("P2", &members), "u1".to_owned())]);
    assert!(matches!(refused, Err(StoreError::Failed(why)) if why.contains("members")));

    let one = || (lot(LotStanding::Released), "u1".to_owned());
    let many = |count| (0..count).map(|_| one()).collect();
    assert!(put_all(&store, many(limits::RECORDS_PER_REQUEST_MAX)).is_ok());
    let refused = put_all(&store, many(limits::RECORDS_PER_REQUEST_MAX + 1));
    assert!(matches!(refused, Err(StoreError::Failed(why)) if why.contains("fewer")));
}

#[test]
fn what_is_said_about_a_donation_is_in_its_facts_and_after_a_restart() {
    let bench = Bench::new();
    let store = bench.open();
    say(&store, 1, Statement::Container(Container::Edta), "u1");
    assert_eq!(store.facts(&din(1)).unwrap().registration, None);
    record(&store, message("m1", vec![observation(1, Assay::Hbsag, "0.42")]));
    say(&store, 1, Statement::Container(Container::Serum), "u1");
    record(&store, message("m2", vec![observation(1, Assay::Hiv, "0.11")]));
    let before = facts(&store, 1);
    let containers: Vec<_> =
        before.observations.iter().map(|found| found.circumstances.container).collect();
    assert_eq!(containers, [Some(Container::Edta), Some(Container::Serum)]);
    assert!(store.donation(&din(1)).unwrap().unwrap().statements.len() == 2);
    drop(store);
    assert_eq!(facts(&bench.open(), 1), before);
}
