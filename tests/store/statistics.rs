//! Monthly statistics, counted in the background.

use std::sync::Mutex;

use hemogate::domain::{
    Assay, Observation, Pool, Reading, ReasonCode, Record, Registration, SpecimenKind, Verdict,
};
use hemogate::limits;
use hemogate::store::{Month, MonthCount, Statistics, Store};
use jiff::{SignedDuration, Timestamp};

use crate::bench::*;

/// One clock for all tests of this file that move it.
static CLOCK: Mutex<SignedDuration> = Mutex::new(SignedDuration::ZERO);

fn moved() -> Timestamp {
    noon() + *CLOCK.lock().unwrap()
}

fn november() -> Month {
    "2026-11".parse().unwrap()
}

fn counted(statistics: &Statistics, month: Month) -> MonthCount {
    statistics.month(month);
    statistics.settled();
    (*statistics.month(month).count.unwrap()).clone()
}

fn reactive(number: u32, assay: Assay) -> Observation {
    Observation { reading: Some(Reading::Reactive), ..observation(number, assay, "9.5") }
}

fn registered(store: &Store, number: u32, site: &str, collected_at: &str) {
    let collected_at = collected_at.parse().unwrap();
    let site = site.to_owned();
    register(store, Registration { collected_at, site, ..registration(number) }).unwrap();
}

/// Donations 1 to 3 of the east: good, rejected, reactive once; 4 of the west without results.
fn filled() -> (Bench, Store) {
    let bench = Bench::new();
    let store = bench.open();
    for number in 1..=3 {
        registered(&store, number, "east", "2026-11-20T08:00:00Z");
    }
    registered(&store, 4, "west", "2026-11-30T23:59:59Z");
    registered(&store, 5, "west", "2026-12-01T00:00:00Z");
    record(&store, message("one", full_panel(1)));
    record(&store, message("two", full_panel(2)));
    for at in 0..3 {
        let again = Observation { replicate: Some(at.to_string()), ..reactive(2, Assay::Hiv) };
        record(&store, message(&format!("two {at}"), vec![again]));
    }
    record(&store, message("three", vec![reactive(3, Assay::Hbsag)]));
    (bench, store)
}

#[test]
fn a_month_is_counted_by_site_and_assay() {
    let (_bench, store) = filled();
    let statistics = Statistics::new(&store, noon);
    let months = statistics.months().unwrap().unwrap();
    assert_eq!(months, (november(), november().next()));
    let count = counted(&statistics, november());
    assert_eq!(count.sites.keys().collect::<Vec<_>>(), ["east", "west"]);
    let east = &count.sites["east"];
    assert_eq!((east.registered, east.tested), (3, 3));
    assert_eq!(east.assays[&Assay::Alt].tested, 2);
    let hbsag = east.assays[&Assay::Hbsag];
    assert_eq!((hbsag.tested, hbsag.initial_reactive, hbsag.repeat_reactive), (3, 1, 0));
    let hiv = east.assays[&Assay::Hiv];
    assert_eq!((hiv.tested, hiv.initial_reactive), (2, 0), "its first was nonreactive");
    assert_eq!(east.verdicts[&Verdict::Releasable], 1);
    let west = &count.sites["west"];
    assert_eq!((west.registered, west.tested), (1, 0), "the other is of December");
    assert_eq!(west.verdicts[&Verdict::Pending], 1);
    let rates: Vec<_> = count
        .rates
        .iter()
        .filter(|(key, _)| key.assay == Assay::Hbsag)
        .map(|(key, rate)| (key.lot.as_str(), rate.donations, rate.reactive))
        .collect();
    assert_eq!(rates, [("12345", 3, 1)]);
    let december = counted(&statistics, november().next());
    assert_eq!(december.sites["west"].registered, 1);
}

#[test]
fn what_is_rejected_is_counted_by_reason_and_what_is_held_once() {
    let bench = Bench::new();
    let store = bench.open();
    registered(&store, 1, "east", "2026-11-20T08:00:00Z");
    for at in 0..3 {
        let again = Observation { replicate: Some(at.to_string()), ..reactive(1, Assay::Hbsag) };
        record(&store, message(&format!("one {at}"), vec![again]));
    }
    let statistics = Statistics::new(&store, noon);
    let east = counted(&statistics, november()).sites["east"].clone();
    assert_eq!(verdict_of(&store, 1), "reject");
    assert_eq!(east.verdicts[&Verdict::Reject], 1);
    assert_eq!(east.rejects[&(ReasonCode::RepeatReactive, Some(Assay::Hbsag))], 1);
    let hbsag = east.assays[&Assay::Hbsag];
    assert_eq!((hbsag.initial_reactive, hbsag.repeat_reactive, hbsag.nat_yield), (1, 1, 0));
    assert_eq!(east.seconds, [0], "to the first verdict that rejects");
    assert_eq!(east.seconds_of(50), Some(0));
}

#[test]
fn nucleic_acid_found_alone_is_a_yield_and_a_pool_tests_its_members() {
    let bench = Bench::new();
    let store = bench.open();
    for number in 1..=4 {
        registered(&store, number, "east", "2026-11-20T08:00:00Z");
    }
    let without_nat = |number| {
        let panel = full_panel(number).into_iter();
        panel.filter(|found| found.assay != Some(Assay::Nat)).collect::<Vec<_>>()
    };
    record(&store, message("one", without_nat(1)));
    for number in [1, 2] {
        for at in 0..3 {
            let found = reactive(number, Assay::Nat);
            let again = Observation { replicate: Some(at.to_string()), ..found };
            record(&store, message(&format!("nat {number} {at}"), vec![again]));
        }
    }
    let members = vec![din(3), din(4)];
    put(&store, Record::Pool(Pool { id: "POOL1".to_owned(), members, made_by: None }), "u1");
    let pooled = Observation {
        kind: SpecimenKind::Donor,
        specimen_id: Some("POOL1".to_owned()),
        din: None,
        ..observation(9, Assay::Nat, "Non-Reactive")
    };
    record(&store, message("pool", vec![pooled]));
    let statistics = Statistics::new(&store, noon);
    let nat = counted(&statistics, november()).sites["east"].assays[&Assay::Nat];
    assert_eq!((nat.tested, nat.initial_reactive), (4, 2));
    assert_eq!(nat.repeat_reactive, 2);
    assert_eq!(nat.nat_yield, 1, "of the second no serology is on record");
}

#[test]
fn a_month_is_counted_again_after_news_and_not_too_often() {
    let (_bench, store) = filled();
    let statistics = Statistics::new(&store, moved);
    let first = counted(&statistics, november());
    let december = counted(&statistics, november().next());
    registered(&store, 6, "west", "2026-11-22T08:00:00Z");
    let every = SignedDuration::try_from(limits::STATISTICS_EVERY).unwrap();
    *CLOCK.lock().unwrap() = every - SignedDuration::from_secs(1);
    assert_eq!(counted(&statistics, november()), first, "a second too early");
    *CLOCK.lock().unwrap() = every;
    let again = counted(&statistics, november());
    assert_eq!(again.sites["west"].registered, 2);
    assert_eq!(again.counted_at, noon() + every);
    let still = counted(&statistics, november().next());
    assert_eq!(still.counted_at, december.counted_at, "nothing of December changed");
    *CLOCK.lock().unwrap() = SignedDuration::ZERO;
}

#[test]
fn more_donations_than_one_slice_are_all_counted() {
    let bench = Bench::new();
    let store = bench.open();
    let slice = limits::STATISTICS_SLICE as u32;
    for number in 1..=slice {
        registered(&store, number, "east", "2026-11-20T08:00:00Z");
    }
    let at_the_bound = Statistics::new(&store, noon);
    let east = counted(&at_the_bound, november()).sites["east"].registered;
    assert_eq!(east, u64::from(slice));
    registered(&store, slice + 1, "east", "2026-11-20T08:00:00Z");
    let one_past = Statistics::new(&store, noon);
    let east = counted(&one_past, november()).sites["east"].registered;
    assert_eq!(east, u64::from(slice) + 1);
}

#[test]
fn so_many_months_are_kept_and_no_more() {
    let bench = Bench::new();
    let store = bench.open();
    let statistics = Statistics::new(&store, noon);
    let mut month: Month = "2016-01".parse().unwrap();
    let first = month;
    for _ in 0..limits::STATISTICS_MONTHS_KEPT {
        counted(&statistics, month);
        month = month.next();
    }
    assert!(statistics.month(first).count.is_some(), "at the bound");
    counted(&statistics, month);
    assert!(statistics.month(first).count.is_none(), "one past");
    statistics.settled();
}
