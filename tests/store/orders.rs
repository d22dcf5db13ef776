//! What the tests about orders ask for, and how they read the answer.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver};

use hemogate::domain::{AskedId, AskedSpecimen, Assay, OrderReply, OrderStanding, WorkOrder};
use hemogate::limits;
use hemogate::store::{
    Entry, OrderPolicy, OrderRecord, OrderRequest, Ordered, Store, StoreError, Whose,
};

use crate::bench::*;

/// The test codes of an analyser: those of `observation` in the bench.
pub fn tests(assays: &[Assay]) -> BTreeMap<String, Assay> {
    assays.iter().map(|assay| (assay.id().to_uppercase(), *assay)).collect()
}

pub const SEROLOGY: [Assay; 4] = [Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Tp];

pub fn specimen(number: u32) -> AskedSpecimen {
    AskedSpecimen {
        id: AskedId::Donation(din(number)),
        rack: Some("50120".to_owned()),
        position: Some(number.to_string()),
        echo: vec![("sequence".to_owned(), number.to_string())],
    }
}

/// A query of a serology analyser about these donations, answered once.
pub fn request(analyser: &str, numbers: &[u32]) -> OrderRequest {
    OrderRequest {
        analyser: analyser.to_owned(),
        profile: "roche-cobas-e601".to_owned(),
        runs: SEROLOGY.into(),
        tests: tests(&SEROLOGY),
        policy: OrderPolicy::Once,
        settle_wait: limits::ORDER_SETTLE_WAIT,
        whose: Whose::Specimens(numbers.iter().map(|number| specimen(*number)).collect()),
        at_once: limits::ORDERED_DONATIONS_MAX,
        query: None,
    }
}

pub fn always(analyser: &str, numbers: &[u32]) -> OrderRequest {
    OrderRequest { policy: OrderPolicy::Always, ..request(analyser, numbers) }
}

pub fn everything(analyser: &str) -> OrderRequest {
    let whose = Whose::Registered { from: None, to: None };
    OrderRequest { whose, ..request(analyser, &[]) }
}

pub fn ask(store: &Store, request: OrderRequest) -> Receiver<Result<Ordered, StoreError>> {
    let (sender, receiver) = mpsc::channel();
    store.order(request, Box::new(move |outcome| sender.send(outcome).unwrap()));
    receiver
}

pub fn order(store: &Store, request: OrderRequest) -> Ordered {
    ask(store, request).recv().unwrap().unwrap()
}

/// Assay and number of determinations of each test, for each specimen.
pub fn told(work: &[WorkOrder]) -> Vec<Vec<(Assay, usize)>> {
    let tests = |order: &WorkOrder| {
        order.tests.iter().map(|test| (test.assay, test.order_ids.len())).collect()
    };
    work.iter().map(tests).collect()
}

/// The same where one donation was asked for.
pub fn told_of_one(ordered: &Ordered) -> Vec<(Assay, usize)> {
    assert_eq!(ordered.work.len(), 1);
    told(&ordered.work).remove(0)
}

pub fn ids_of(work: &[WorkOrder]) -> Vec<String> {
    let tests = work.iter().flat_map(|order| &order.tests);
    tests.flat_map(|test| test.order_ids.clone()).collect()
}

/// Says how orders stand, and waits until that is on the disk.
pub fn settle(store: &Store, order_ids: &[String], standing: OrderStanding) {
    store.settle(order_ids.to_vec(), standing, format!("said {}", standing.id()));
    barrier(store);
}

/// Waits until the writer has worked off what was asked before.
pub fn barrier(store: &Store) {
    store.keep_profile("barrier", "", "").unwrap();
}

pub fn orders_of(store: &Store, number: u32) -> Vec<OrderRecord> {
    store.donation(&din(number)).unwrap().unwrap().orders
}

pub fn standings(store: &Store, number: u32) -> Vec<Option<OrderStanding>> {
    orders_of(store, number).into_iter().map(|order| order.standing).collect()
}

/// A message with what the analyser says about orders.
pub fn reply(content: &str, said: &[(&str, OrderStanding)]) -> Entry {
    let mut entry = message(content, Vec::new());
    entry.order_replies = said
        .iter()
        .map(|(order_id, standing)| OrderReply {
            order_id: Some((*order_id).to_owned()),
            standing: *standing,
            text: "as it said".to_owned(),
        })
        .collect();
    entry
}

/// A query about a donation that was just asked for elsewhere.
pub fn seen_twice(content: &str, number: u32) -> Entry {
    let mut entry = message(content, Vec::new());
    entry.sightings = vec![(din(number), "asked for at two places at once".to_owned())];
    entry
}

/// Open orders of an analyser, all pages.
pub fn open_orders(store: &Store, analyser: &str) -> Vec<String> {
    let (mut after, mut open) = (0, Vec::new());
    loop {
        let page = store.open_orders(analyser, after, limits::ORDERS_PAGE_MAX, noon()).unwrap();
        open.extend(page.orders.into_iter().map(|order| order.order_id));
        match page.next {
            Some(next) => after = next,
            None => return open,
        }
    }
}

/// Registers donations; they share their commits.
pub fn register_all(store: &Store, numbers: impl Iterator<Item = u32>) {
    let (sender, answers) = mpsc::channel();
    let mut waiting = 0;
    for number in numbers {
        let sender = sender.clone();
        let reply = move |outcome: Result<_, StoreError>| sender.send(outcome.is_ok()).unwrap();
        store.register(registration(number), Box::new(reply));
        waiting += 1;
        // No more than the queue of the writer holds.
        if waiting == limits::COMMIT_BATCH_MAX {
            assert!(answers.iter().take(waiting).all(|stored| stored));
            waiting = 0;
        }
    }
    assert!(answers.iter().take(waiting).all(|stored| stored));
}
