//! What all lines of one analyser share: the way into the store and the telemetry.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::announcing::News;
use super::tap::{FaintTap, Tap};
use super::{Surroundings, links};
use crate::analyser::{FileHabits, OrderMessage, Profile};
use crate::domain::OrderStanding;
use crate::intake::{Asked, Intake, Outcome};
use crate::journal::Journal;
use crate::link::{Answer, Interruption, Sending};
use crate::telemetry::{MessageOutcome, OrdersOutcome, Telemetry};
use crate::traffic::{NoteKind, Post};
use crate::{clock, limits};

/// One analyser's place at the daemon.
pub(super) struct Station {
    intake: Intake,
    /// Work is ordered here without being asked for.
    announces: bool,
    post: Arc<Post>,
    surroundings: Surroundings,
}

impl Station {
    pub(super) const fn new(
        intake: Intake,
        announces: bool,
        post: Arc<Post>,
        surroundings: Surroundings,
    ) -> Station {
        Station { intake, announces, post, surroundings }
    }

    pub(super) const fn telemetry(&self) -> &Telemetry {
        &self.surroundings.telemetry
    }

    /// Where people see what happens on this analyser's lines.
    pub(super) const fn post(&self) -> &Arc<Post> {
        &self.post
    }

    pub(super) const fn journal(&self) -> Option<&Journal> {
        self.surroundings.journal.as_ref()
    }

    /// Where news of work comes from; `None` where this analyser is told nothing unasked.
    pub(super) fn news(&self) -> Option<News> {
        self.announces.then(|| self.surroundings.news.clone())
    }

    /// Whether the store takes entries.
    pub(super) fn ready(&self) -> watch::Receiver<bool> {
        self.surroundings.ready.clone()
    }

    pub(super) fn id(&self) -> &str {
        self.intake.analyser().id()
    }

    /// A fresh link in the analyser's dialect, for one connection.
    pub(super) fn link(&self) -> Box<dyn Sending> {
        links::link(self.intake.analyser().profile())
    }

    pub(super) fn profile(&self) -> &Arc<Profile> {
        self.intake.analyser().profile()
    }

    /// How its files look, where it exports any.
    pub(super) fn files(&self) -> Option<FileHabits> {
        self.profile().file().cloned()
    }

    /// Hands a complete message over; the outcome arrives after COMMIT or refusal. The receiver
    /// may be dropped: the message is then recorded all the same.
    pub(super) fn take(&self, tap: &Tap, bytes: Vec<u8>) -> oneshot::Receiver<Outcome> {
        let (sender, receiver) = oneshot::channel();
        let tap = tap.faint();
        let on_outcome = Box::new(move |outcome| {
            // Nobody waits any more when the line was lost or the wait was over.
            if let Err(unheard) = sender.send(outcome)
                && let Some(tap) = tap.tap()
            {
                tap.station().unheard(&tap, unheard);
            }
        });
        let received_at = clock::utc();
        if bytes.len() <= limits::INLINE_MESSAGE_MAX {
            self.intake.take(bytes, received_at, on_outcome);
        } else {
            let intake = self.intake.clone();
            tokio::task::spawn_blocking(move || intake.take(bytes, received_at, on_outcome));
        }
        receiver
    }

    /// A query whose answer comes when nobody waits for it: its orders are not sent.
    pub(super) fn unheard(&self, tap: &Tap, outcome: Outcome) {
        match outcome {
            Outcome::Stored | Outcome::StoredUnread(_) | Outcome::Refused(_) => {}
            Outcome::Asked(asked) => {
                for OrderMessage { order_ids, .. } in asked.messages {
                    let why = "ready only after the analyser's wait";
                    self.undelivered(tap, order_ids, OrdersOutcome::Late, why);
                }
            }
        }
    }

    /// Hands over a message that is cut short and that nobody goes on sending; the outcome arrives
    /// as with [`Station::take`].
    pub(super) fn take_cut(&self, bytes: Vec<u8>, why: Interruption) -> oneshot::Receiver<Outcome> {
        let (sender, receiver) = oneshot::channel();
        let on_outcome = Box::new(move |outcome| {
            // Nobody waits any more when the daemon ends.
            let _unheard = sender.send(outcome);
        });
        let (why, received_at) = (interruption_words(why).to_owned(), clock::utc());
        let intake = self.intake.clone();
        // No line waits here, so whatever its length it holds up nobody.
        tokio::task::spawn_blocking(move || {
            intake.take_incomplete(bytes, why, received_at, on_outcome);
        });
        receiver
    }

    /// Hands over what came of a transfer that was cut short.
    pub(super) fn take_incomplete(&self, tap: &Tap, bytes: Vec<u8>, why: Interruption) {
        let tap = tap.faint();
        let on_outcome = move |outcome| {
            let Some(tap) = tap.tap() else { return };
            tap.message(match outcome {
                Outcome::Stored | Outcome::StoredUnread(_) | Outcome::Asked(_) => {
                    MessageOutcome::Incomplete
                }
                Outcome::Refused(_) => MessageOutcome::Refused,
            });
        };
        let why = interruption_words(why).to_owned();
        self.intake.take_incomplete(bytes, why, clock::utc(), Box::new(on_outcome));
    }

    /// Fetches the messages that order what is to be done here and nobody asked for.
    pub(super) fn announce(self: &Arc<Self>) -> oneshot::Receiver<Vec<OrderMessage>> {
        let (sender, receiver) = oneshot::channel();
        let station = Arc::downgrade(self);
        let on_messages = Box::new(move |messages: Vec<OrderMessage>| {
            // The line was lost meanwhile; the next one fetches again.
            if let Err(messages) = sender.send(messages)
                && let Some(station) = station.upgrade()
            {
                station.unfetched(messages);
            }
        });
        self.intake.announce(None, on_messages);
        receiver
    }

    /// Messages that were fetched for a line that is gone.
    pub(super) fn unfetched(&self, messages: Vec<OrderMessage>) {
        let order_ids = messages.into_iter().flat_map(|message| message.order_ids);
        let text = "the line was lost".to_owned();
        self.intake.settle(order_ids.collect(), OrderStanding::Undelivered, text);
    }

    /// The analyser took a message with these orders; `reply` is its acknowledgement, if it has
    /// words.
    pub(super) fn delivered(&self, tap: &Tap, order_ids: Vec<String>, reply: Vec<u8>) {
        tap.orders(OrdersOutcome::Delivered);
        if reply.is_empty() {
            let text = "acknowledged without a word".to_owned();
            return self.intake.settle(order_ids, OrderStanding::Delivered, text);
        }
        match Station::keep_reply(tap, order_ids, reply) {
            0 => {}
            refused => {
                let id = self.id();
                let text = format!("analyser {id}: it will not run {refused} of the tests ordered");
                self.post.note(NoteKind::OrdersRefused, &text, clock::now());
            }
        }
    }

    /// Stores what the analyser said of these orders. Nobody says it a second time, so where the
    /// store takes nothing it is tried again, until the daemon ends. Returns how many of them it
    /// will not run.
    fn keep_reply(tap: &Tap, order_ids: Vec<String>, reply: Vec<u8>) -> usize {
        let runtime = Handle::current();
        let kept = (tap.faint(), order_ids.clone(), reply.clone());
        let on_outcome = Box::new(move |outcome| {
            let (tap, order_ids, reply) = kept;
            let (counted, answer, _) = answered(outcome);
            if let Some(tap) = tap.tap() {
                tap.message(counted);
            }
            if matches!(answer, Answer::Refused(_)) {
                runtime.spawn(Station::keep_later(tap, order_ids, reply));
            }
        });
        tap.station().intake.take_reply(reply, order_ids, clock::utc(), on_outcome)
    }

    async fn keep_later(tap: FaintTap, order_ids: Vec<String>, reply: Vec<u8>) {
        tokio::time::sleep(limits::REPLY_AGAIN_PAUSE).await;
        if let Some(tap) = tap.tap() {
            Station::keep_reply(&tap, order_ids, reply);
        }
    }

    /// The analyser did not take a message with these orders, or it was not sent.
    pub(super) fn undelivered(
        &self,
        tap: &Tap,
        order_ids: Vec<String>,
        how: OrdersOutcome,
        why: &str,
    ) {
        tap.orders(how);
        let kind = match how {
            OrdersOutcome::Late => Some(NoteKind::AnswerLate),
            OrdersOutcome::NotTaken => Some(NoteKind::OrderGivenUp),
            OrdersOutcome::Delivered | OrdersOutcome::Withdrawn => None,
        };
        if let Some(kind) = kind {
            // `why` may hold what the analyser answered, and a note holds no bytes of a message.
            let (id, count) = (self.id(), order_ids.len());
            let text = format!(
                "analyser {id}: a message with {count} orders was not taken, {}: hemogate tap {id} \
                 shows what was said",
                how.id().replace('_', " ")
            );
            self.post.note(kind, &text, clock::now());
        }
        self.intake.settle(order_ids, OrderStanding::Undelivered, why.to_owned());
    }

    pub(super) fn turned_away(&self, peer: impl Display, why: impl Display) {
        let text = format!("analyser {}: {peer} was turned away: {why}", self.id());
        self.post.note(NoteKind::TurnedAway, &text, clock::now());
        self.telemetry().turned_away(self.id(), peer, why);
    }

    pub(super) fn reconnecting(&self, pause: Duration, why: impl Display) {
        self.post.lost(&why.to_string(), clock::now());
        self.telemetry().reconnecting(self.id(), pause, why);
    }
}

/// What became of a message: for the counters, for the link, and, of a query, what is to be sent.
pub(super) fn answered(outcome: Outcome) -> (MessageOutcome, Answer, Option<Asked>) {
    match outcome {
        Outcome::Stored => (MessageOutcome::Stored, Answer::Stored, None),
        Outcome::StoredUnread(why) => (MessageOutcome::Unread, Answer::StoredUnread(why), None),
        Outcome::Refused(why) => (MessageOutcome::Refused, Answer::Refused(why), None),
        Outcome::Asked(mut asked) => {
            let unread = asked.unread.take();
            let counted = match unread {
                None => MessageOutcome::Stored,
                Some(_) => MessageOutcome::Unread,
            };
            let answer = match (asked.reply.take(), unread) {
                (Some(reply), _) => Answer::StoredReply(reply),
                (None, Some(why)) => Answer::StoredUnread(why),
                (None, None) => Answer::Stored,
            };
            (counted, answer, Some(*asked))
        }
    }
}

const fn interruption_words(why: Interruption) -> &'static str {
    match why {
        Interruption::EndOfTransmission => "the analyser ended the transmission too early",
        Interruption::Restarted => "the analyser started again before the end",
        Interruption::Silence => "the analyser fell silent before the end",
        Interruption::Disconnected => "the line was lost before the end",
        Interruption::TooLong => "longer than a message may be",
    }
}
