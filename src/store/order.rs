//! Orders in the words of the store: who is to test what, and how it went.
//!
//! Everything an analyser is told to test is on the disk before it is told. A request is worked off
//! in slices, each one task of the writer and one transaction that messages share, so that an
//! analyser that asks about everything holds up nobody. Refuses nothing by itself: a slice that
//! cannot be committed refuses the whole request, and what was issued for it already is withdrawn.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::task::Task;
use super::{Reply, Store, StoreError};
use crate::domain::{
    AskedId, AskedSpecimen, Assay, DonationNumber, OrderStanding, OrderedTest, WorkOrder,
};
use crate::limits;

/// What an analyser is to be told to test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// Analyser id.
    pub analyser: String,
    /// Profile name: with the test code it says which kit a result was made with.
    pub profile: String,
    /// What it can be told to run.
    pub runs: BTreeSet<Assay>,
    /// Test codes of its results, and what they mean.
    pub tests: BTreeMap<String, Assay>,
    /// Whether it is told again what it was told already.
    pub policy: OrderPolicy,
    /// How long an order that nobody has said anything about counts as being on its way there.
    pub settle_wait: Duration,
    /// Which specimens.
    pub whose: Whose,
    /// Of [`Whose::Registered`], how many donations with work at once, a slice more at most.
    pub at_once: usize,
    /// Number of the message with the query; `None` where nobody asked.
    pub query: Option<i64>,
}

/// Whether an analyser is told again what it was told already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderPolicy {
    /// Everything that is still to do, each time (LIS02: the analyser forgets between queries).
    Always,
    /// What it was told and will do, or may be about to say that it will, is not ordered twice
    /// (IHE LAW, and orders that nobody asked for). What it refused or never took is; and where it
    /// asks itself, so is what it took without a word: it would not ask if it knew.
    Once,
}

/// Which specimens a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// These, in this order; each gets an entry of the answer.
    Specimens(Vec<AskedSpecimen>),
    /// Every donation among the last [`limits::ORDER_LOOKBACK`] registered that has work, where
    /// there are bounds: those between them, bounds included.
    Registered {
        /// Lowest number.
        from: Option<DonationNumber>,
        /// Highest number.
        to: Option<DonationNumber>,
    },
}

/// What was ordered, after COMMIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Number of the answer: never given twice.
    pub answer: i64,
    /// When it was given, UTC.
    pub given_at: Timestamp,
    /// What is to be tested.
    pub work: Vec<WorkOrder>,
    /// More donations have work than were wanted at once: ask again.
    pub cut: bool,
}

/// An order on record and what the analyser last said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// Its number; rises with commit order.
    pub number: i64,
    /// Its id, never used again.
    pub order_id: String,
    /// Analyser id.
    pub analyser: String,
    /// The donation.
    pub din: DonationNumber,
    /// What is to be run.
    pub assay: Assay,
    /// The rack in which it was asked for.
    pub rack: Option<String>,
    /// The position at which it was asked for.
    pub position: Option<String>,
    /// When it was issued, UTC.
    pub issued_at: Timestamp,
    /// The last message on record when it was issued.
    pub message_to: i64,
    /// How it stands; `None` while nobody has said.
    pub standing: Option<OrderStanding>,
    /// What was said, for people.
    pub text: Option<String>,
}

/// Orders of an analyser that wait for their results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPage {
    /// Those among the orders looked at.
    pub orders: Vec<OrderRecord>,
    /// The number to go on after; `None` at the end.
    pub next: Option<i64>,
}

/// Letters that are not taken for one another (Crockford's 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters after the `A` that every id has at least.
const ID_DIGITS_MIN: usize = 6;

/// The id of the order with this number: an `A` and at most 13 characters. A number is given once
/// in the life of a store, and so is an id.
pub(super) fn order_id(number: i64) -> String {
    let mut left = number.unsigned_abs();
    let mut digits = Vec::new();
    while left > 0 || digits.len() < ID_DIGITS_MIN {
        let digit = usize::try_from(left % 32).unwrap_or_default();
        digits.push(DIGITS.get(digit).copied().unwrap_or(b'0'));
        left /= 32;
    }
    let digits = digits.into_iter().rev().map(char::from);
    std::iter::once('A').chain(digits).collect()
}

/// What the writer does of a request at once.
pub(super) struct Slice {
    /// The request, without its specimens.
    pub(super) terms: Arc<Terms>,
    /// Number of the answer, once it has one.
    pub(super) answer: Option<i64>,
    /// Which specimens.
    pub(super) part: Part,
}

/// What holds for every slice of a request.
pub(super) struct Terms {
    /// The request; its specimens are in the slices.
    pub(super) request: OrderRequest,
    /// Donations that the request names more than once: nobody knows which tube is the right one.
    pub(super) named_twice: HashSet<DonationNumber>,
}

/// The specimens of a slice.
pub(super) enum Part {
    /// These.
    Specimens(Vec<AskedSpecimen>),
    /// The next registrations after this one; `None`: from the first that is looked at.
    Registered { after: Option<i64>, from: Option<DonationNumber>, to: Option<DonationNumber> },
}

/// What became of a slice, after COMMIT.
pub(super) struct SliceDone {
    pub(super) answer: i64,
    pub(super) given_at: Timestamp,
    pub(super) work: Vec<WorkOrder>,
    /// The registration to go on after.
    pub(super) next: Option<i64>,
}

/// A request on its way through the writer.
pub(super) struct Quest {
    store: Store,
    terms: Arc<Terms>,
    rest: Rest,
    done: Option<Ordered>,
    reply: Reply<Ordered>,
}

enum Rest {
    Specimens(Vec<AskedSpecimen>),
    Registered { from: Option<DonationNumber>, to: Option<DonationNumber> },
}

impl Quest {
    pub(super) fn new(store: Store, mut request: OrderRequest, reply: Reply<Ordered>) -> Quest {
        let whose = mem::replace(&mut request.whose, Whose::Specimens(Vec::new()));
        let (named_twice, rest) = match whose {
            Whose::Specimens(specimens) => (named_twice(&specimens), Rest::Specimens(specimens)),
            Whose::Registered { from, to } => (HashSet::new(), Rest::Registered { from, to }),
        };
        Quest { store, terms: Arc::new(Terms { request, named_twice }), rest, done: None, reply }
    }

    /// Asks the writer for the next slice.
    pub(super) fn go_on(mut self, after: Option<i64>) {
        let part = match &mut self.rest {
            Rest::Specimens(specimens) => {
                let rest = specimens.split_off(specimens.len().min(limits::ORDER_SLICE));
                Part::Specimens(mem::replace(specimens, rest))
            }
            Rest::Registered { from, to } => {
                Part::Registered { after, from: from.clone(), to: to.clone() }
            }
        };
        let answer = self.done.as_ref().map(|done| done.answer);
        let slice = Slice { terms: Arc::clone(&self.terms), answer, part };
        let store = self.store.clone();
        store.ask(Task::Order(Box::new(slice), Box::new(move |outcome| self.took(outcome))));
    }

    fn took(mut self, outcome: Result<SliceDone, StoreError>) {
        let slice = match outcome {
            Ok(slice) => slice,
            Err(error) => return self.give_up(error),
        };
        let SliceDone { answer, given_at, work, next } = slice;
        let done = self.done.get_or_insert_with(|| Ordered {
            answer,
            given_at,
            work: Vec::new(),
            cut: false,
        });
        done.work.extend(work);
        let full = done.work.len() >= self.terms.request.at_once;
        let goes_on = match &self.rest {
            Rest::Specimens(specimens) => !specimens.is_empty(),
            Rest::Registered { .. } => {
                done.cut = full && next.is_some();
                next.is_some() && !full
            }
        };
        if goes_on {
            return self.go_on(next);
        }
        let Quest { store, done, reply, .. } = self;
        // Whoever is answered may want to see the store closed.
        drop(store);
        if let Some(done) = done {
            reply(Ok(done));
        }
    }

    /// Nobody will be told of what was issued already.
    fn give_up(self, error: StoreError) {
        let Quest { store, done, reply, .. } = self;
        let orders = order_ids(&done.map(|done| done.work).unwrap_or_default());
        if !orders.is_empty() {
            let text = format!("not sent: the work that belongs to it was not stored ({error})");
            store.settle(orders, OrderStanding::Undelivered, text);
        }
        drop(store);
        reply(Err(error));
    }
}

/// The ids of every order in a work list.
fn order_ids(work: &[WorkOrder]) -> Vec<String> {
    let tests = work.iter().flat_map(|order| &order.tests);
    tests.flat_map(|OrderedTest { order_ids, .. }| order_ids.iter().cloned()).collect()
}

fn named_twice(specimens: &[AskedSpecimen]) -> HashSet<DonationNumber> {
    let mut seen = HashSet::new();
    let donations = specimens.iter().filter_map(|specimen| specimen.id.donation());
    donations.filter(|din| !seen.insert(*din)).cloned().collect()
}

/// A donation that nobody asked about.
pub(super) const fn unasked(din: DonationNumber) -> AskedSpecimen {
    AskedSpecimen { id: AskedId::Donation(din), rack: None, position: None, echo: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_ids_are_short_and_differ() {
        assert_eq!(order_id(1), "A000001");
        assert_eq!(order_id(31), "A00000Z");
        assert_eq!(order_id(32), "A000010");
        assert_eq!(order_id(32_i64.pow(6)), "A1000000");
        assert_eq!(order_id(i64::MAX).len(), 14);
        let ids: BTreeSet<String> = (1..=100_000).map(order_id).collect();
        assert_eq!(ids.len(), 100_000);
        assert!(ids.iter().all(|id| !id.contains(['I', 'L', 'O', 'U'])));
    }

    #[test]
    fn a_donation_named_twice_is_known_as_such() {
        let din = |name: &str| unasked(DonationNumber::restored(name.to_owned()));
        let twice = named_twice(&[din("a"), din("b"), din("a")]);
        assert_eq!(twice, HashSet::from([DonationNumber::restored("a".to_owned())]));
    }
}
