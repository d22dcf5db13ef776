//! Message -> observations -> verdicts -> one transaction; answers *stored* or *refused*.
//!
//! Every byte that an analyser delivered ends in the store, whether or not it could be read. What
//! could not be read is said in the answer; a cut transfer is evidence, never a source of facts.
//! Refuses only what the store refuses: a query whose work cannot be ordered is refused although it
//! is on record itself, because an answer without work would let the analyser run nothing, or a
//! default. It asks again, and is answered again, the same query or not.

mod again;
mod query;
mod sightings;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::analyser::{Analyser, MessageFault, MessageReading, OrderMessage};
use crate::domain::{DonationNumber, Observation, OrderReply, OrderStanding};
use crate::store::{Entry, Recorded, Store, StoreError};

pub use again::{OnReread, Reread};
pub use sightings::Sightings;

/// The way into the store for one analyser.
#[derive(Clone)]
pub struct Intake {
    analyser: Arc<Analyser>,
    store: Store,
    /// SHA-256 of the text kept in the store: how the messages are read here.
    kept_sha256: String,
    sightings: Sightings,
}

/// What the link should answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Committed (or on record already).
    Stored,
    /// Committed, but something in it could not be read; the words are for the operator.
    StoredUnread(String),
    /// Not committed; the words are for the operator.
    Refused(String),
    /// Committed, and it was a query: this is to be sent.
    Asked(Box<Asked>),
}

/// A query that is committed, and what is to be sent because of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Something in the query could not be read; the words are for the operator.
    pub unread: Option<String>,
    /// In place of the acknowledgement of the query.
    pub reply: Option<Vec<u8>>,
    /// Messages of our own, in this order, after it.
    pub messages: Vec<OrderMessage>,
    /// How long after the arrival of the query they may still be begun.
    pub within: Option<Duration>,
    /// The analyser withdraws its query: what was not sent yet is not sent any more.
    pub cancels: bool,
}

/// Called once, on any thread.
pub type OnOutcome = Box<dyn FnOnce(Outcome) + Send>;

/// Called once, on any thread, with the messages that order work.
pub type OnMessages = Box<dyn FnOnce(Vec<OrderMessage>) + Send>;

/// Faults that the words for the operator name; the store keeps all.
const FAULTS_NAMED: usize = 3;

impl Intake {
    /// Joins an analyser with the store; the profile's text, with what this site added, is kept
    /// there from now on. `sightings` is one for all analysers of a laboratory.
    ///
    /// # Errors
    /// The store's words.
    pub fn new(
        analyser: Arc<Analyser>,
        store: Store,
        sightings: Sightings,
    ) -> Result<Intake, StoreError> {
        let kept = analyser.kept();
        store.keep_profile(analyser.profile().name(), &kept.sha256, &kept.text)?;
        Ok(Intake { analyser, store, kept_sha256: kept.sha256, sightings })
    }

    /// The analyser.
    pub fn analyser(&self) -> &Arc<Analyser> {
        &self.analyser
    }

    /// Takes a complete message. `on_outcome` is called after COMMIT or refusal.
    pub fn take(&self, bytes: Vec<u8>, received_at: Timestamp, on_outcome: OnOutcome) {
        let reading = self.analyser.read(&bytes);
        self.take_read(bytes, reading, received_at, on_outcome);
    }

    /// Takes a complete message that this analyser's dialect has read already.
    pub fn take_read(
        &self,
        bytes: Vec<u8>,
        mut reading: MessageReading,
        received_at: Timestamp,
        on_outcome: OnOutcome,
    ) {
        match reading.query.take() {
            Some(query) => self.take_query(query, bytes, received_at, reading, on_outcome),
            None => self.take_results(bytes, received_at, reading, on_outcome),
        }
    }

    fn take_results(
        &self,
        bytes: Vec<u8>,
        received_at: Timestamp,
        mut reading: MessageReading,
        on_outcome: OnOutcome,
    ) {
        let unread = Unread::of(&reading);
        let observations = std::mem::take(&mut reading.observations);
        let entry = self.entry(bytes, received_at, reading, None, observations);
        self.record(entry, unread, on_outcome);
    }

    /// Takes what was received of a transfer that was cut short, as evidence: the donations it
    /// names are blocked until it is sent again completely, and nothing in it counts as a result.
    pub fn take_incomplete(
        &self,
        bytes: Vec<u8>,
        why: String,
        received_at: Timestamp,
        on_outcome: OnOutcome,
    ) {
        if bytes.is_empty() {
            return on_outcome(Outcome::Stored);
        }
        let mut reading = self.analyser.read(&bytes);
        // What it says of orders it will say again, and half a query is none.
        reading.order_replies.clear();
        let unread = Unread::cut(&why, &reading);
        let entry = self.entry(bytes, received_at, reading, Some(why), Vec::new());
        self.record(entry, unread, on_outcome);
    }

    /// Takes the analyser's reply to a message of ours that carried these orders; what it says of
    /// each is recorded with its bytes; an order of which it says nothing was not taken.
    /// `on_outcome` as with [`Intake::take`]. Returns how many of these orders it will not run.
    pub fn take_reply(
        &self,
        bytes: Vec<u8>,
        order_ids: Vec<String>,
        received_at: Timestamp,
        on_outcome: OnOutcome,
    ) -> usize {
        let mut reading = self.analyser.read(&bytes);
        reading.order_replies = replies_to(order_ids, reading.order_replies);
        let refused = reading.order_replies.iter().filter(|reply| !reply.standing.is_taken());
        let refused = refused.count();
        self.take_results(bytes, received_at, reading, on_outcome);
        refused
    }

    /// Records how orders stand whose message the analyser acknowledged without a word, or never
    /// took; `text` is for people.
    pub fn settle(&self, order_ids: Vec<String>, standing: OrderStanding, text: String) {
        if !order_ids.is_empty() {
            self.store.settle(order_ids, standing, text);
        }
    }

    /// Orders what is to be done here for these donations (all of them, where `None`) and was not
    /// ordered yet, for an analyser that does not ask. Where that is more than
    /// `limits::ANNOUNCED_DONATIONS_MAX` donations, the others come with the next call.
    /// `on_messages` is called once, after COMMIT; with nothing, and nothing is ordered, where the
    /// analyser takes no orders.
    pub fn announce(&self, donations: Option<Vec<DonationNumber>>, on_messages: OnMessages) {
        match self.analyser.profile().takes_orders() {
            true => self.order_unasked(donations, on_messages),
            false => on_messages(Vec::new()),
        }
    }

    fn entry(
        &self,
        bytes: Vec<u8>,
        received_at: Timestamp,
        reading: MessageReading,
        incomplete: Option<String>,
        observations: Vec<Observation>,
    ) -> Entry {
        let profile = self.analyser.profile();
        Entry {
            analyser: self.analyser.id().to_owned(),
            profile: profile.name().to_owned(),
            profile_sha256: self.kept_sha256.clone(),
            received_at,
            bytes,
            content_key: reading.content_key,
            body: reading.body,
            incomplete,
            faults: reading.faults.into_iter().map(|fault| (fault.offset, fault.text)).collect(),
            donations: reading.donations,
            observations,
            order_replies: reading.order_replies,
            sightings: Vec::new(),
        }
    }

    fn record(&self, entry: Entry, unread: Unread, on_outcome: OnOutcome) {
        let reply = move |recorded| on_outcome(outcome(recorded, &unread));
        self.store.record(entry, Box::new(reply));
    }
}

/// What a reply says of each order of the message that it answers: what it says of the order
/// itself, or else of the whole message.
fn replies_to(order_ids: Vec<String>, said: Vec<OrderReply>) -> Vec<OrderReply> {
    let (whole, mut replies): (Vec<_>, Vec<_>) =
        said.into_iter().partition(|reply| reply.order_id.is_none());
    let silent = OrderReply {
        order_id: None,
        standing: OrderStanding::Undelivered,
        text: "the reply of the analyser says nothing of it".to_owned(),
    };
    let of_whole = whole.last().unwrap_or(&silent);
    for order_id in order_ids {
        if !replies.iter().any(|reply| reply.order_id.as_ref() == Some(&order_id)) {
            replies.push(OrderReply { order_id: Some(order_id), ..of_whole.clone() });
        }
    }
    replies
}

fn outcome(recorded: Result<Recorded, StoreError>, unread: &Unread) -> Outcome {
    match recorded {
        Err(error) => Outcome::Refused(error.to_string()),
        Ok(Recorded::New { unread: false, .. } | Recorded::Duplicate { unread: false, .. }) => {
            Outcome::Stored
        }
        Ok(
            Recorded::New { message, unread: true } | Recorded::Duplicate { message, unread: true },
        ) => Outcome::StoredUnread(unread.words(message)),
    }
}

/// What could not be read, for the operator: where and why, never what stands there, because that
/// may be a name or an identity number.
#[derive(Debug)]
struct Unread {
    first: Vec<String>,
    count: usize,
}

impl Unread {
    fn of(reading: &MessageReading) -> Unread {
        let faults = reading.faults.iter().map(fault_words);
        let pieces = reading.observations.iter().flat_map(|observation| &observation.unaccounted);
        let pieces =
            pieces.map(|piece| format!("byte {} ({}): {}", piece.offset, piece.path, piece.why));
        let mut all = faults.chain(pieces);
        let first: Vec<_> = all.by_ref().take(FAULTS_NAMED).collect();
        let count = first.len() + all.count();
        Unread { first, count }
    }

    fn cut(why: &str, reading: &MessageReading) -> Unread {
        let named: Vec<_> = reading.faults.iter().take(FAULTS_NAMED).map(fault_words).collect();
        let first = std::iter::once(format!("cut short ({why})")).chain(named).collect();
        Unread { first, count: reading.faults.len() + 1 }
    }

    const fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn words(&self, message: i64) -> String {
        let named = self.first.join("; ");
        match self.count.saturating_sub(self.first.len()) {
            0 => format!("message {message} is stored but could not be read completely: {named}"),
            more => format!(
                "message {message} is stored but could not be read completely: {named}; \
                 and {more} more"
            ),
        }
    }
}

fn fault_words(fault: &MessageFault) -> String {
    format!("byte {}: {}", fault.offset, fault.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(faults: usize) -> MessageReading {
        let fault = |offset| MessageFault { offset, text: "unknown record".to_owned() };
        MessageReading {
            observations: Vec::new(),
            faults: (0..faults).map(fault).collect(),
            query: None,
            order_replies: Vec::new(),
            donations: Vec::new(),
            content_key: [0; 32],
            body: Vec::new(),
        }
    }

    #[test]
    fn the_words_name_the_first_faults_and_count_the_others() {
        let at_the_bound = Unread::of(&reading(FAULTS_NAMED)).words(7);
        assert!(at_the_bound.starts_with("message 7 is stored"), "{at_the_bound}");
        assert!(at_the_bound.ends_with("byte 2: unknown record"), "{at_the_bound}");
        let one_past = Unread::of(&reading(FAULTS_NAMED + 1)).words(7);
        assert!(one_past.ends_with("byte 2: unknown record; and 1 more"), "{one_past}");
    }

    #[test]
    fn a_cut_transfer_says_so_first() {
        let words = Unread::cut("line lost", &reading(1)).words(7);
        assert!(words.ends_with("cut short (line lost); byte 0: unknown record"), "{words}");
    }

    fn said(order_id: Option<&str>, standing: OrderStanding) -> OrderReply {
        OrderReply { order_id: order_id.map(str::to_owned), standing, text: String::new() }
    }

    fn replied(said: Vec<OrderReply>) -> Vec<(Option<String>, OrderStanding)> {
        let orders = ["A1".to_owned(), "A2".to_owned()];
        let replies = replies_to(orders.into(), said).into_iter();
        replies.map(|reply| (reply.order_id, reply.standing)).collect()
    }

    #[test]
    fn a_reply_about_the_whole_message_is_about_each_order_it_does_not_name() {
        let (accepted, refused) = (OrderStanding::Accepted, OrderStanding::Refused);
        let of = |id: &str, standing| (Some(id.to_owned()), standing);
        let whole = replied(vec![said(None, accepted)]);
        assert_eq!(whole, [of("A1", accepted), of("A2", accepted)]);
        let one = replied(vec![said(Some("A2"), refused), said(None, accepted)]);
        assert_eq!(one, [of("A2", refused), of("A1", accepted)]);
        let stranger = replied(vec![said(Some("A9"), accepted), said(None, refused)]);
        assert_eq!(stranger, [of("A9", accepted), of("A1", refused), of("A2", refused)]);
    }

    #[test]
    fn an_order_of_which_a_reply_says_nothing_was_not_taken() {
        let undelivered = OrderStanding::Undelivered;
        let of = |id: &str, standing| (Some(id.to_owned()), standing);
        assert_eq!(replied(Vec::new()), [of("A1", undelivered), of("A2", undelivered)]);
        let one = replied(vec![said(Some("A1"), OrderStanding::Accepted)]);
        assert_eq!(one, [of("A1", OrderStanding::Accepted), of("A2", undelivered)]);
    }

    #[test]
    fn a_refusal_carries_the_words_of_the_store() {
        let refused = outcome(Err(StoreError::Full), &Unread::of(&reading(0)));
        assert_eq!(refused, Outcome::Refused(StoreError::Full.to_string()));
        let stored = Ok(Recorded::New { message: 1, unread: false });
        assert_eq!(outcome(stored, &Unread::of(&reading(0))), Outcome::Stored);
    }
}
