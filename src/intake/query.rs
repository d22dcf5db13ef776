//! A query on its way: recorded, its specimens compared with what was scanned elsewhere, the work
//! ordered, the answer composed. Everything after the first step runs on the store's writer, in its
//! replies, and blocks nothing.
//!
//! ```text
//!  query ─► sightings ─► store: message COMMIT ─► store: orders COMMIT (in slices) ─► Asked
//!                              │                        │
//!                              └── not committed ───────┴──► Refused: it asks again
//! ```

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::sightings::Place;
use super::{Asked, Intake, OnMessages, OnOutcome, Outcome, Unread};
use crate::analyser::{Dialect, MessageReading, OrderMessage, OrderMessages, Stamp};
use crate::domain::{Ask, AskedId, AskedSpecimen, DonationNumber, OrderStanding, Query, WorkOrder};
use crate::limits;
use crate::store::{OrderPolicy, OrderRequest, Ordered, Recorded, StoreError, Whose};

impl Intake {
    pub(super) fn take_query(
        &self,
        query: Query,
        bytes: Vec<u8>,
        received_at: Timestamp,
        mut reading: MessageReading,
        on_outcome: OnOutcome,
    ) {
        let unread = Unread::of(&reading);
        let observations = std::mem::take(&mut reading.observations);
        let mut entry = self.entry(bytes, received_at, reading, None, observations);
        entry.sightings = self.seen_elsewhere(&query.ask, received_at);
        let told = Told { unread, elsewhere: entry.sightings.len() };
        let intake = self.clone();
        let reply = move |recorded: Result<Recorded, StoreError>| match recorded {
            Err(error) => on_outcome(Outcome::Refused(error.to_string())),
            Ok(Recorded::New { message, .. } | Recorded::Duplicate { message, .. }) => {
                intake.answer(query, message, told, on_outcome);
            }
        };
        self.store.record(entry, Box::new(reply));
    }

    /// Notes where these specimens stand; those that were just scanned at another place, with words
    /// that say where.
    fn seen_elsewhere(&self, ask: &Ask, at: Timestamp) -> Vec<(DonationNumber, String)> {
        let specimens = match ask {
            Ask::Specimens(specimens) => specimens.as_slice(),
            Ask::Range { .. } | Ask::All | Ask::Cancel => &[],
        };
        let note = |specimen: &AskedSpecimen| {
            let din = specimen.id.donation()?;
            let here = self.place(specimen);
            let there = self.sightings.note(din, here.clone(), at)?;
            let words = format!(
                "asked for at two places at once, {} and {}: find both tubes",
                there.words(),
                here.words()
            );
            Some((din.clone(), words))
        };
        specimens.iter().filter_map(note).collect()
    }

    fn place(&self, specimen: &AskedSpecimen) -> Place {
        let (rack, position) = (specimen.rack.clone(), specimen.position.clone());
        Place { analyser: self.analyser.id().to_owned(), rack, position }
    }

    fn answer(self, query: Query, message: i64, told: Told, on_outcome: OnOutcome) {
        let Some(whose) = self.whose(&query.ask) else {
            let cancels = query.ask == Ask::Cancel;
            let outcome = self.asked(message, told, OrderMessages::default(), cancels);
            drop(self);
            return on_outcome(outcome);
        };
        let request = self.request(whose, self.policy(), Some(message));
        let store = self.store.clone();
        let reply = move |ordered: Result<Ordered, StoreError>| match ordered {
            Err(error) => on_outcome(Outcome::Refused(format!(
                "query {message} is stored, but not what is to be done: {error}; it is refused, \
                 so that the analyser asks again"
            ))),
            Ok(ordered) => {
                if ordered.cut {
                    tracing::warn!(
                        analyser = self.analyser.id(),
                        "it asked for everything: more is to be done than one answer holds"
                    );
                }
                let answer = self.analyser.answer(&query, &ordered.work, stamp(&ordered));
                self.settle_unsent(&ordered.work, &answer.messages);
                let outcome = self.asked(message, told, answer, false);
                drop(self);
                on_outcome(outcome);
            }
        };
        store.order(request, Box::new(reply));
    }

    fn asked(&self, message: i64, told: Told, answer: OrderMessages, cancels: bool) -> Outcome {
        Outcome::Asked(Box::new(Asked {
            unread: told.words(message),
            reply: answer.reply,
            messages: answer.messages,
            within: self.analyser.answer_within(),
            cancels,
        }))
    }

    /// `None` where nothing is to be ordered.
    fn whose(&self, ask: &Ask) -> Option<Whose> {
        match ask {
            Ask::Specimens(specimens) => Some(Whose::Specimens(specimens.clone())),
            Ask::All => Some(Whose::Registered { from: None, to: None }),
            Ask::Range { from, to } => Some(self.range(from, to)),
            Ask::Cancel => None,
        }
    }

    /// A range between two donation numbers; between anything else lies no donation.
    fn range(&self, from: &str, to: &str) -> Whose {
        match (self.analyser.donation_number(from), self.analyser.donation_number(to)) {
            (Some(from), Some(to)) => Whose::Registered { from: Some(from), to: Some(to) },
            (_, None) | (None, _) => Whose::Specimens(Vec::new()),
        }
    }

    /// LIS02 analysers ask each time they need to know; HL7 ones keep what they were told.
    fn policy(&self) -> OrderPolicy {
        match self.analyser.profile().dialect() {
            Dialect::Lis02 | Dialect::Blocks | Dialect::Text => OrderPolicy::Always,
            Dialect::Hl7 => OrderPolicy::Once,
        }
    }

    fn request(&self, whose: Whose, policy: OrderPolicy, query: Option<i64>) -> OrderRequest {
        let analyser = self.analyser.id().to_owned();
        let profile = self.analyser.profile().name().to_owned();
        let tests = self.analyser.tests().clone();
        let runs = self.analyser.assays();
        // An analyser that asks again after it stopped waiting was not told.
        let wait = limits::ORDER_SETTLE_WAIT;
        let settle_wait = query.and(self.analyser.answer_within()).map_or(wait, |w| w.min(wait));
        let at_once = match query {
            Some(_) => limits::ORDERED_DONATIONS_MAX,
            None => limits::ANNOUNCED_DONATIONS_MAX,
        };
        OrderRequest { analyser, profile, runs, tests, policy, settle_wait, whose, at_once, query }
    }

    pub(super) fn order_unasked(
        &self,
        donations: Option<Vec<DonationNumber>>,
        on_messages: OnMessages,
    ) {
        let whose = match donations {
            None => Whose::Registered { from: None, to: None },
            Some(donations) => Whose::Specimens(unasked(donations)),
        };
        let request = self.request(whose, OrderPolicy::Once, None);
        let intake = self.clone();
        let reply = move |ordered| {
            let messages = intake.announced(ordered);
            drop(intake);
            on_messages(messages);
        };
        self.store.order(request, Box::new(reply));
    }

    fn announced(&self, ordered: Result<Ordered, StoreError>) -> Vec<OrderMessage> {
        let mut ordered = match ordered {
            Ok(ordered) => ordered,
            Err(error) => {
                let analyser = self.analyser.id();
                tracing::warn!(analyser, %error, "work could not be ordered; tried again later");
                return Vec::new();
            }
        };
        ordered.work.retain(|order| !order.tests.is_empty());
        if ordered.work.is_empty() {
            return Vec::new();
        }
        let messages = self.analyser.announce(&ordered.work, stamp(&ordered));
        self.settle_unsent(&ordered.work, &messages);
        messages
    }

    /// What no message carries will not be run because of it: it may be ordered again.
    fn settle_unsent(&self, work: &[WorkOrder], messages: &[OrderMessage]) {
        let sent: BTreeSet<&String> = messages.iter().flat_map(|m| &m.order_ids).collect();
        let orders = work.iter().flat_map(|order| &order.tests).flat_map(|test| &test.order_ids);
        let unsent = orders.filter(|order_id| !sent.contains(order_id)).cloned().collect();
        let text = "no message to this analyser carries it".to_owned();
        self.settle(unsent, OrderStanding::Undelivered, text);
    }
}

/// What the operator is told beside the answer; no number and no place, since it may be logged.
struct Told {
    unread: Unread,
    /// How many of its donations were just asked for at another place.
    elsewhere: usize,
}

impl Told {
    fn words(&self, message: i64) -> Option<String> {
        let elsewhere = (self.elsewhere > 0).then(|| {
            format!(
                "{} of the donations that message {message} asks for stood at another place a \
                 moment ago and are held: find both tubes, the reasons of the donation say where",
                self.elsewhere
            )
        });
        let unread = (!self.unread.is_empty()).then(|| self.unread.words(message));
        let words: Vec<String> = elsewhere.into_iter().chain(unread).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }
}

/// Each donation once, without a place.
fn unasked(donations: Vec<DonationNumber>) -> Vec<AskedSpecimen> {
    let mut seen = BTreeSet::new();
    let mut specimens = Vec::with_capacity(donations.len());
    for din in donations {
        if seen.insert(din.clone()) {
            let (rack, position, echo) = (None, None, Vec::new());
            specimens.push(AskedSpecimen { id: AskedId::Donation(din), rack, position, echo });
        }
    }
    specimens
}

const fn stamp(ordered: &Ordered) -> Stamp {
    Stamp { time: ordered.given_at, serial: ordered.answer }
}
