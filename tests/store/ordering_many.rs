//! Orders in great number, among messages, over failures and restarts, and of any make.

use std::collections::BTreeSet;

use hemogate::domain::{AskedId, AskedSpecimen, Assay, OrderStanding, Reading};
use hemogate::limits;
use hemogate::store::{OrderPolicy, OrderRequest, Recorded, Store, StoreError, Whose, prove};

use crate::bench::*;
use crate::orders::*;

const SEED: u64 = 20_261_128;

#[test]
fn ten_thousand_orders_have_ten_thousand_ids_over_restarts_and_are_proved() {
    let bench = Bench::new();
    let mut ids = BTreeSet::new();
    let mut issued = 0;
    for start in 0..10 {
        let store = bench.open();
        let numbers: Vec<u32> = (start * 50..start * 50 + 50).collect();
        register_all(&store, numbers.iter().copied());
        for _ in 0..5 {
            let new = ids_of(&order(&store, always("e601", &numbers)).work);
            issued += new.len();
            ids.extend(new);
        }
    }
    assert_eq!((issued, ids.len()), (10_000, 10_000));
    assert!(ids.iter().all(|id| id.len() <= 16));
    let proof = prove(&bench.path()).unwrap();
    assert_eq!(proof.verdicts, 500);
}

#[test]
fn an_id_is_not_used_again_although_another_entry_of_the_commit_failed() {
    let bench = Bench::new();
    let store = bench.open();
    register_all(&store, 1..=3);
    let busy = keep_busy(&store);
    let first = ask(&store, request("e601", &[1]));
    let mut of_nobody = message("of nobody", Vec::new());
    of_nobody.analyser = String::new();
    let refused = send(&store, of_nobody);
    // The table refuses an answer to nobody: what it would have issued is rolled back.
    let to_nobody = ask(&store, request("", &[2]));
    let third = ask(&store, request("e601", &[3]));
    drop(busy);
    let first = ids_of(&first.recv().unwrap().unwrap().work);
    assert!(matches!(refused.recv().unwrap(), Err(StoreError::Failed(_))));
    assert!(matches!(to_nobody.recv().unwrap(), Err(StoreError::Failed(_))));
    let third = ids_of(&third.recv().unwrap().unwrap().work);
    let all: BTreeSet<_> = first.iter().chain(&third).collect();
    assert_eq!(all.len(), 8);
    let on_record: Vec<String> =
        [1, 3].iter().flat_map(|n| orders_of(&store, *n)).map(|o| o.order_id).collect();
    assert_eq!(on_record, [first, third].concat());
    assert_eq!(orders_of(&store, 2), []);
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn orders_share_their_commit_with_messages() {
    let bench = Bench::new();
    let store = bench.open();
    register_all(&store, 1..=20);
    let before = store.counters().commits;
    let busy = keep_busy(&store);
    let asked: Vec<_> = (1..=20).map(|number| ask(&store, request("e601", &[number]))).collect();
    let sent: Vec<_> =
        (1..=20).map(|n| send(&store, message(&format!("m{n}"), full_panel(n)))).collect();
    drop(busy);
    for answer in asked {
        assert_eq!(answer.recv().unwrap().unwrap().work[0].tests.len(), 4);
    }
    all_stored(sent);
    assert_eq!(store.counters().commits, before + 2);
}

#[test]
fn a_query_about_everything_lets_messages_through_between_its_slices() {
    let bench = Bench::new();
    let store = bench.open();
    let count = 10 * u32::try_from(limits::ORDER_SLICE).unwrap();
    register_all(&store, 0..count);
    let before = store.counters().commits;
    let asked = ask(&store, everything("e601"));
    let recorded = record(&store, message("m1", full_panel(1)));
    assert_eq!(recorded, Recorded::New { message: 1, unread: false });
    assert!(store.counters().commits < before + 10, "it did not wait for the whole answer");
    assert!(asked.recv().unwrap().is_ok());
}

/// Everything that can happen to a donation, some of it at random.
fn live(store: &Store, random: &mut fastrand::Rng, number: u32) {
    match random.u32(0..8) {
        0..=3 => drop(register(store, registration(number)).unwrap()),
        4 => {
            let mut deferred = registration(number);
            deferred.donor.deferred = true;
            drop(register(store, deferred).unwrap());
        }
        _ => {}
    }
    for at in 0..random.u32(0..6) {
        let assay = Assay::ALL[random.usize(0..Assay::ALL.len())];
        let mut observation = observation(number, assay, "0.4");
        if random.u32(0..4) == 0 {
            observation.reading = Some(Reading::Reactive);
        }
        record(store, message(&format!("d{number} {at}"), vec![observation]));
    }
    if random.u32(0..10) == 0 {
        record(store, seen_twice(&format!("seen {number}"), number));
    }
}

fn any_specimen(random: &mut fastrand::Rng, donations: u32) -> AskedSpecimen {
    let din = din(random.u32(0..donations));
    let text = din.as_str().to_owned();
    let id = match random.u32(0..10) {
        0 => AskedId::Blank,
        1 => AskedId::Unread(text),
        2 => AskedId::Unknown(text),
        3 => AskedId::Ambiguous(text),
        _ => AskedId::Donation(din),
    };
    AskedSpecimen { id, ..specimen(0) }
}

#[test]
fn whatever_is_asked_only_registered_donations_get_tests_and_only_what_can_be_run() {
    println!("seed {SEED}");
    let bench = Bench::new();
    let store = bench.open();
    let mut random = fastrand::Rng::with_seed(SEED);
    let donations = 60;
    (0..donations).for_each(|number| live(&store, &mut random, number));
    let (mut ids, mut tests_given) = (BTreeSet::new(), 0);
    for round in 0..200 {
        let runs: Vec<Assay> = Assay::ALL.into_iter().filter(|_| random.bool()).collect();
        let specimens: Vec<_> =
            (0..random.usize(0..12)).map(|_| any_specimen(&mut random, donations)).collect();
        let policy = if random.bool() { OrderPolicy::Always } else { OrderPolicy::Once };
        let analyser = ["e601", "i2000"][random.usize(0..2)];
        let whose = match random.u32(0..5) {
            0 => Whose::Registered { from: None, to: None },
            _ => Whose::Specimens(specimens),
        };
        let request = OrderRequest {
            runs: runs.iter().copied().collect(),
            tests: tests(&runs),
            policy,
            whose,
            ..request(analyser, &[])
        };
        for work in order(&store, request).work {
            let donation = work.specimen.id.donation().cloned();
            let record = donation.and_then(|din| store.donation(&din).unwrap());
            let registered = record.is_some_and(|record| {
                record.registration.is_some_and(|known| !known.donor.deferred)
            });
            assert!(work.tests.is_empty() || registered, "round {round}: {work:?}");
            for test in work.tests {
                assert!(runs.contains(&test.assay), "round {round}: {test:?}");
                assert!(!test.order_ids.is_empty());
                tests_given += test.order_ids.len();
                ids.extend(test.order_ids.clone());
                let standing = OrderStanding::ALL[random.usize(0..5)];
                settle(&store, &test.order_ids, standing);
            }
        }
    }
    assert!(tests_given > 200, "{tests_given}");
    assert_eq!(ids.len(), tests_given);
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn as_many_orders_of_a_donation_are_shown_as_the_bound_says_the_last_ones() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let mut issued = Vec::new();
    let bound = usize::try_from(limits::ORDERS_PER_DONATION_READ).unwrap();
    while issued.len() < bound {
        issued.extend(ids_of(&order(&store, always("e601", &[1])).work));
    }
    let shown = || orders_of(&store, 1).into_iter().map(|o| o.order_id).collect::<Vec<_>>();
    assert_eq!((issued.len(), shown()), (bound, issued.clone()));
    issued.extend(ids_of(&order(&store, always("e601", &[1])).work));
    assert_eq!(shown(), issued[4..]);
}

#[test]
fn a_page_of_open_orders_looks_at_so_many_and_says_where_to_go_on() {
    let bench = Bench::new();
    let store = bench.open();
    let bound = usize::try_from(limits::ORDERS_PAGE_MAX).unwrap();
    let count = u32::try_from(bound / 4 + 1).unwrap();
    register_all(&store, 0..count);
    let issued = ids_of(&order(&store, everything("e601")).work);
    let page = store.open_orders("e601", 0, u64::MAX, noon()).unwrap();
    assert_eq!((page.orders.len(), issued.len()), (bound, bound + 4));
    assert_eq!(page.next, Some(i64::try_from(bound).unwrap()));
    assert_eq!(open_orders(&store, "e601"), issued);
}

/// Copies the files as a crash at this moment would leave them.
fn crashed(bench: &Bench) -> Bench {
    let copy = Bench::new();
    for suffix in ["", "-wal"] {
        let name = format!("hemogate.db{suffix}");
        std::fs::copy(bench.folder.path().join(&name), copy.folder.path().join(&name)).unwrap();
    }
    copy
}

#[test]
fn what_an_analyser_is_told_survives_a_crash_in_the_very_moment() {
    let bench = Bench::new();
    let store = bench.open();
    let slice = u32::try_from(limits::ORDER_SLICE).unwrap();
    let numbers: Vec<u32> = (0..2 * slice + 1).collect();
    register_all(&store, numbers.iter().copied());
    let bench = std::sync::Arc::new(bench);
    let (here, (sender, copies)) = (bench.clone(), std::sync::mpsc::channel());
    // On the writer's own thread, before anything else can be written.
    let reply = move |outcome: Result<hemogate::store::Ordered, StoreError>| {
        sender.send((ids_of(&outcome.unwrap().work), crashed(&here))).unwrap();
    };
    store.order(request("e601", &numbers), Box::new(reply));
    let (told, copy) = copies.recv().unwrap();
    assert_eq!(told.len(), 4 * numbers.len());
    prove(&copy.path()).unwrap();
    let after = copy.open();
    let stored: Vec<String> =
        numbers.iter().flat_map(|n| orders_of(&after, *n)).map(|o| o.order_id).collect();
    assert_eq!(stored, told);
    // Nobody knows whether they were sent: they are ordered again, each with an id of its own.
    let again = ids_of(&order(&after, request("e601", &numbers)).work);
    assert_eq!(again.len(), told.len());
    assert!(again.iter().all(|id| !told.contains(id)));
    for row in feed(&after) {
        assert!(after.recompute(row.seq).unwrap().is_some());
    }
}
