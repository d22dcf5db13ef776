//! What all lines of one analyser share: the way into the store and the telemetry.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::announcing::News;
use super::{Surroundings, links};
use crate::analyser::OrderMessage;
use crate::domain::OrderStanding;
use crate::intake::{Asked, Intake, Outcome};
use crate::link::{Answer, Interruption, LinkFault, Sending};
use crate::telemetry::{MessageOutcome, OrdersOutcome};
use crate::{clock, limits};

/// One analyser's place at the daemon.
pub(super) struct Station {
    intake: Intake,
    /// Work is ordered here without being asked for.
    announces: bool,
    surroundings: Surroundings,
}

/// Why a message of ours did not reach the analyser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// It was sent and not taken.
    NotTaken,
    /// It was not sent, because the analyser would not have waited for it.
    Late,
    /// It was not sent, because it was overtaken: the query withdrawn, the message before refused.
    Withdrawn,
}

/// An open line, for the log and the counters; its end is told whatever ends it.
pub(super) struct Presence {
    station: Arc<Station>,
    peer: String,
    why: String,
}

impl Station {
    pub(super) const fn new(
        intake: Intake,
        announces: bool,
        surroundings: Surroundings,
    ) -> Station {
        Station { intake, announces, surroundings }
    }

    /// Where news of work comes from; `None` where this analyser is told nothing unasked.
    pub(super) fn news(&self) -> Option<News> {
        self.announces.then(|| self.surroundings.news.clone())
    }

    /// Whether the store takes entries.
    pub(super) fn ready(&self) -> watch::Receiver<bool> {
        self.surroundings.ready.clone()
    }

    fn id(&self) -> &str {
        self.intake.analyser().id()
    }

    /// A fresh link in the analyser's dialect, for one connection.
    pub(super) fn link(&self) -> Box<dyn Sending> {
        links::link(self.intake.analyser().profile().link())
    }

    /// Hands a complete message over; the outcome arrives after COMMIT or refusal. The receiver
    /// may be dropped: the message is then recorded all the same.
    pub(super) fn take(self: &Arc<Self>, bytes: Vec<u8>) -> oneshot::Receiver<Outcome> {
        let (sender, receiver) = oneshot::channel();
        let station = Arc::clone(self);
        let on_outcome = Box::new(move |outcome| {
            // Nobody waits any more when the line was lost or the wait was over.
            if let Err(unheard) = sender.send(outcome) {
                station.unheard(unheard);
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
    fn unheard(&self, outcome: Outcome) {
        match outcome {
            Outcome::Stored | Outcome::StoredUnread(_) | Outcome::Refused(_) => {}
            Outcome::Asked(asked) => {
                for OrderMessage { order_ids, .. } in asked.messages {
                    self.undelivered(order_ids, Undelivered::Late, "ready only after the wait");
                }
            }
        }
    }

    /// Fetches the messages that order what is to be done here and nobody asked for.
    pub(super) fn announce(&self) -> oneshot::Receiver<Vec<OrderMessage>> {
        let (sender, receiver) = oneshot::channel();
        let intake = self.intake.clone();
        self.intake.announce(
            None,
            Box::new(move |messages| {
                // The line was lost meanwhile; the next one fetches again.
                if let Err(messages) = sender.send(messages) {
                    let order_ids = messages.into_iter().flat_map(|message| message.order_ids);
                    let text = "the line was lost".to_owned();
                    intake.settle(order_ids.collect(), OrderStanding::Undelivered, text);
                }
            }),
        );
        receiver
    }

    /// The analyser took a message with these orders; `reply` is its acknowledgement, if it has
    /// words.
    pub(super) fn delivered(self: &Arc<Self>, order_ids: Vec<String>, reply: Vec<u8>) {
        self.surroundings.telemetry.orders(self.id(), OrdersOutcome::Delivered);
        if reply.is_empty() {
            let text = "acknowledged without a word".to_owned();
            return self.intake.settle(order_ids, OrderStanding::Delivered, text);
        }
        let station = Arc::clone(self);
        let on_outcome = Box::new(move |outcome| drop(station.answer(outcome)));
        self.intake.take_reply(reply, order_ids, clock::utc(), on_outcome);
    }

    /// The analyser did not take a message with these orders, or it was not sent.
    pub(super) fn undelivered(&self, order_ids: Vec<String>, how: Undelivered, why: &str) {
        let outcome = match how {
            Undelivered::NotTaken => OrdersOutcome::NotTaken,
            Undelivered::Late => OrdersOutcome::Late,
            Undelivered::Withdrawn => OrdersOutcome::Withdrawn,
        };
        self.surroundings.telemetry.orders(self.id(), outcome);
        self.intake.settle(order_ids, OrderStanding::Undelivered, why.to_owned());
    }

    /// Hands over what came of a transfer that was cut short.
    pub(super) fn take_incomplete(&self, bytes: Vec<u8>, why: Interruption) {
        let (telemetry, id) = (self.surroundings.telemetry.clone(), self.id().to_owned());
        let on_outcome = move |outcome| {
            let kept = match outcome {
                Outcome::Stored | Outcome::StoredUnread(_) | Outcome::Asked(_) => {
                    MessageOutcome::Incomplete
                }
                Outcome::Refused(_) => MessageOutcome::Refused,
            };
            telemetry.message(&id, kept);
        };
        let why = interruption_words(why).to_owned();
        self.intake.take_incomplete(bytes, why, clock::utc(), Box::new(on_outcome));
    }

    /// Counts what became of a message and translates it for the link; for a query, with what is
    /// to be sent.
    pub(super) fn answer(&self, outcome: Outcome) -> (Answer, Option<Asked>) {
        let (counted, answer, asked) = match outcome {
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
        };
        self.surroundings.telemetry.message(self.id(), counted);
        (answer, asked)
    }

    pub(super) fn fault(&self, fault: &LinkFault) {
        self.surroundings.telemetry.link_fault(self.id(), fault.kind, fault.offset, fault.length);
    }

    pub(super) fn turned_away(&self, peer: impl Display, why: impl Display) {
        self.surroundings.telemetry.turned_away(self.id(), peer, why);
    }

    pub(super) fn reconnecting(&self, pause: Duration, why: impl Display) {
        self.surroundings.telemetry.reconnecting(self.id(), pause, why);
    }
}

impl Presence {
    pub(super) fn new(station: Arc<Station>, peer: String) -> Presence {
        station.surroundings.telemetry.connected(station.id(), &peer);
        Presence { station, peer, why: "the daemon failed to serve it".to_owned() }
    }

    /// Why the line ends.
    pub(super) fn end(mut self, why: &impl Display) {
        self.why = why.to_string();
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.station.surroundings.telemetry.disconnected(self.station.id(), &self.peer, &self.why);
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
