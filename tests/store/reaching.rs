//! A record about a test reaches the donations with results that it speaks about, however many.

use hemogate::domain::{
    Assay, ControlFailure, Kit, KitRecord, LotRecord, LotStanding, Observation, Record,
};
use hemogate::limits;
use hemogate::store::{Store, prove};
use jiff::{SignedDuration, Timestamp};

use crate::bench::*;

fn lot(lot: &str, standing: LotStanding) -> Record {
    let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
    Record::Lot(LotRecord { profile, test_code, lot: lot.to_owned(), standing, expiry: None })
}

fn kit(maker: &str) -> Record {
    let kit = Kit {
        maker: maker.to_owned(),
        name: "HBsAg II".to_owned(),
        containers: Vec::new(),
        stability_hours: None,
        pool_max: None,
        controls: Vec::new(),
    };
    let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
    Record::Kit(KitRecord { profile, test_code, kit })
}

fn failure(from: Timestamp, to: Timestamp) -> Record {
    let (analyser, test_code) = ("e601".to_owned(), "HBSAG".to_owned());
    Record::ControlFailure(ControlFailure { analyser, test_code, from, to })
}

fn standing(store: &Store, number: u32) -> LotStanding {
    facts(store, number).observations[0].circumstances.lot
}

fn hbsag(number: u32, lot: &str) -> Observation {
    Observation { reagent_lot: Some(lot.to_owned()), ..observation(number, Assay::Hbsag, "0.42") }
}

#[test]
fn x_29_a_lot_that_is_recalled_withdraws_what_was_released_by_it() {
    let bench = Bench::new();
    let store = bench.open();
    for number in [1, 2, 3] {
        register(&store, registration(number)).unwrap();
        let panel = full_panel(number).into_iter().map(|mut found| {
            let is_other = number == 3 && found.assay == Some(Assay::Hbsag);
            found.reagent_lot = Some(if is_other { "other" } else { "12345" }.to_owned());
            found
        });
        // The second is not complete.
        let take = if number == 2 { 7 } else { 8 };
        record(&store, message(&format!("m{number}"), panel.take(take).collect()));
    }
    let words = || [1, 2, 3].map(|number| verdict_of(&store, number));
    assert_eq!(words(), ["releasable", "pending", "releasable"]);
    let before = store.counters().commits;
    put(&store, lot("12345", LotStanding::Recalled), "u1");
    assert_eq!(store.counters().commits, before + 1, "in the transaction of the record");
    assert_eq!(words(), ["recalled", "hold", "releasable"]);
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn x_18_a_control_failure_found_later_is_for_results_received_then_only() {
    let bench = Bench::new();
    let store = bench.open();
    let at = |minutes: i64| noon() + SignedDuration::from_mins(minutes);
    for (number, minutes) in [(1, 0), (2, 10), (3, 20), (4, 30)] {
        register(&store, registration(number)).unwrap();
        let mut entry = message(&format!("m{number}"), full_panel(number));
        entry.received_at = at(minutes);
        record(&store, entry);
    }
    put(&store, failure(at(10), at(20)), "u1");
    let words = [1, 2, 3, 4].map(|number| verdict_of(&store, number));
    assert_eq!(words, ["releasable", "recalled", "recalled", "releasable"]);
    let later = |number: u32| {
        let found = facts(&store, number).observations;
        found.iter().any(|one| one.circumstances.controls.failed_later)
    };
    assert_eq!([1, 2, 3, 4].map(later), [false, true, true, false]);
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn the_first_kit_of_a_test_speaks_for_results_that_had_none_and_a_later_one_does_not() {
    let bench = Bench::new();
    let store = bench.open();
    let makers = || {
        [1, 2, 3].map(|number| {
            let found = facts(&store, number).observations;
            let kit = found.first().and_then(|one| one.circumstances.kit.clone());
            kit.map_or(String::new(), |kit| kit.maker)
        })
    };
    record(&store, message("m1", vec![hbsag(1, "L1")]));
    assert_eq!(makers(), ["", "", ""]);
    put(&store, kit("Acme"), "u1");
    record(&store, message("m2", vec![hbsag(2, "L1")]));
    put(&store, kit("Other"), "u1");
    record(&store, message("m3", vec![hbsag(3, "L1")]));
    assert_eq!(makers(), ["Acme", "Acme", "Other"]);
}

#[test]
fn what_is_said_of_an_analyser_goes_before_what_is_said_of_its_profile() {
    let bench = Bench::new();
    let store = bench.open();
    put(&store, kit("of the profile"), "u1");
    let Record::Kit(own) = kit("of the analyser") else { panic!("no kit") };
    put(&store, Record::Kit(KitRecord { profile: "e601".to_owned(), ..own }), "u1");
    record(&store, message("m1", vec![hbsag(1, "L1")]));
    let maker = facts(&store, 1).observations[0].circumstances.kit.clone().unwrap().maker;
    assert_eq!(maker, "of the analyser");
    // Of a lot the latest word counts, whoever's: a recall is not outvoted by an old release.
    put(&store, lot("L1", LotStanding::Released), "u1");
    let Record::Lot(own) = lot("L1", LotStanding::Recalled) else { panic!("no lot") };
    put(&store, Record::Lot(LotRecord { profile: "e601".to_owned(), ..own }), "u1");
    assert_eq!(standing(&store, 1), LotStanding::Recalled);
}

/// Results of one lot, one for each donation, in messages of a hundred.
fn fill(store: &Store, count: usize) {
    let numbers: Vec<u32> = (1..=u32::try_from(count).unwrap()).collect();
    for number in &numbers {
        register(store, registration(*number)).unwrap();
    }
    for (at, chunk) in numbers.chunks(100).enumerate() {
        let results = chunk.iter().map(|number| hbsag(*number, "L1")).collect();
        record(store, message(&format!("m{at}"), results));
    }
}

fn recalled(store: &Store, count: usize) -> usize {
    (1..=u32::try_from(count).unwrap())
        .filter(|number| {
            let decision = store.donation(&din(*number)).unwrap().unwrap().decision;
            decision.reasons.iter().any(|reason| reason.code == "LOT_RECALLED")
        })
        .count()
}

#[test]
fn a_slice_is_one_transaction_and_one_past_it_is_two_and_the_answer_comes_after_the_last() {
    for (count, commits) in [(limits::REDECISION_SLICE - 1, 1), (limits::REDECISION_SLICE + 1, 2)] {
        let bench = Bench::new();
        let store = bench.open();
        fill(&store, count);
        let before = store.counters().commits;
        put(&store, lot("L1", LotStanding::Recalled), "u1");
        assert_eq!(store.counters().commits, before + commits, "{count}");
        assert_eq!(recalled(&store, count), count);
    }
}
