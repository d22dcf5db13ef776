//! The floor against a recount from the store: whatever happens before it begins, while it reads
//! and afterwards.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};

use proptest::prelude::*;
use tempfile::TempDir;

use super::Floor;
use crate::clock;
use crate::domain::{DonationNumber, Donor, DonorKind, Record, Registration, Statement, Verdict};
use crate::limits;
use crate::rules::{self, RuleSet};
use crate::store::{Options, Store};

/// What happens to a donation.
#[derive(Clone, Copy, Debug)]
enum Happens {
    /// Inventory registers it.
    Registered { deferred: bool },
    /// Its donor is deferred.
    Deferred,
}

fn happenings() -> impl Strategy<Value = Vec<(u8, Happens)>> {
    let happens = prop_oneof![
        3 => Just(Happens::Registered { deferred: false }),
        1 => Just(Happens::Registered { deferred: true }),
        2 => Just(Happens::Deferred),
    ];
    prop::collection::vec((0_u8..30, happens), 1..40)
}

fn store(folder: &TempDir) -> Store {
    let rules = RuleSet::parse("cn.toml", rules::shipped("cn").unwrap()).unwrap();
    let path = folder.path().join("hemogate.db");
    Store::open(Options { path, rules: Arc::new(rules), utc: clock::utc }).unwrap()
}

fn happen(store: &Store, (number, happens): (u8, Happens)) {
    let din = DonationNumber::restored(format!("G1234986543{number:02}"));
    let (tell, told) = mpsc::channel();
    match happens {
        Happens::Registered { deferred } => {
            let donor = Donor { kind: DonorKind::Repeat, deferred, historic_group: None };
            let (collected_at, site) = (clock::utc(), "Centre".to_owned());
            let registration = Registration { din, collected_at, site, donor };
            let reply = move |outcome: Result<_, _>| tell.send(outcome.map(drop)).unwrap();
            store.register(registration, Box::new(reply));
        }
        Happens::Deferred => {
            let record = Record::Donation(din, Statement::Deferred);
            let reply = move |outcome: Result<_, _>| tell.send(outcome.map(drop)).unwrap();
            store.put_on_record(vec![(record, "mei".to_owned())], Box::new(reply));
        }
    }
    told.recv().unwrap().unwrap();
}

/// Waits until the floor is whole and has every row.
fn wait(floor: &Floor, store: &Store) {
    let deadline = clock::moment().plus(limits::FEED_WAIT_MAX);
    let is_up = || floor.look(|book| !book.is_counting() && book.seq() == store.feed_head());
    while !is_up() {
        assert!(clock::moment() < deadline, "the floor did not catch up");
    }
}

/// What is open by the feed: the last version of each donation.
fn recount(store: &Store) -> BTreeMap<DonationNumber, (i64, String)> {
    let mut last = BTreeMap::new();
    for entry in store.feed(0, limits::FEED_PAGE_MAX).unwrap() {
        last.insert(entry.din, (entry.version, entry.verdict));
    }
    last.retain(|_, (_, verdict)| ["pending", "hold"].contains(&verdict.as_str()));
    last
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn it_is_what_the_store_says_whatever_came_before_and_after(
        before in happenings(),
        after in happenings(),
    ) {
        let folder = TempDir::new().unwrap();
        let store = store(&folder);
        before.into_iter().for_each(|one| happen(&store, one));
        let floor = Floor::new(&store);
        after.into_iter().for_each(|one| happen(&store, one));
        wait(&floor, &store);
        let open: BTreeMap<_, _> = floor.look(|book| {
            let told = book.open().map(|open| {
                (open.din.clone(), (open.version, open.verdict.id().to_owned()))
            });
            told.collect()
        });
        prop_assert_eq!(&open, &recount(&store));
        for din in open.keys() {
            let record = store.donation(din).unwrap().unwrap();
            let wanted = record.decision.next_steps.iter().map(|step| step.action.clone());
            let told = floor.look(|book| {
                let own = book.open().find(|open| open.din == *din).unwrap();
                let told = own.steps.iter().map(|step| step.want.action.id().to_owned());
                told.collect::<Vec<_>>()
            });
            prop_assert_eq!(told, wanted.collect::<Vec<_>>());
        }
        let now = clock::utc();
        let became: u64 = Verdict::ALL.iter().map(|one| floor.look(|b| b.became(*one, now))).sum();
        prop_assert!(became >= open.len() as u64);
    }
}
