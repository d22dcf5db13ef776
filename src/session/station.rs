//! What all lines of one analyser share: the way into the store and the telemetry.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::analyser::Dialect;
use crate::intake::{Intake, Outcome};
use crate::link::{self, Answer, Interruption, Link, LinkFault};
use crate::telemetry::{MessageOutcome, Telemetry};
use crate::{clock, limits};

/// One analyser's place at the daemon.
pub(super) struct Station {
    intake: Intake,
    telemetry: Telemetry,
}

/// An open line, for the log and the counters; its end is told whatever ends it.
pub(super) struct Presence {
    station: Arc<Station>,
    peer: String,
    why: String,
}

impl Station {
    pub(super) const fn new(intake: Intake, telemetry: Telemetry) -> Station {
        Station { intake, telemetry }
    }

    fn id(&self) -> &str {
        self.intake.analyser().id()
    }

    /// A fresh link in the analyser's dialect, for one connection.
    pub(super) fn receiver(&self) -> Box<dyn Link> {
        let profile = self.intake.analyser().profile();
        match (profile.blocks(), profile.dialect()) {
            (Some(blocks), _) => link::block::open(blocks, link::block::Role::Host),
            (None, Dialect::Hl7) => Box::new(link::mllp::Receiver::new(message_time)),
            (None, Dialect::Lis02 | Dialect::Blocks) => Box::new(link::lis01::Receiver::new()),
        }
    }

    /// Hands a complete message over; the outcome arrives after COMMIT or refusal. The receiver
    /// may be dropped: the message is then recorded all the same.
    pub(super) fn take(&self, bytes: Vec<u8>) -> oneshot::Receiver<Outcome> {
        let (sender, receiver) = oneshot::channel();
        // Nobody waits any more when the line was lost or the wait was over.
        let on_outcome = Box::new(|outcome| drop(sender.send(outcome)));
        let received_at = clock::utc();
        if bytes.len() <= limits::INLINE_MESSAGE_MAX {
            self.intake.take(bytes, received_at, on_outcome);
        } else {
            let intake = self.intake.clone();
            tokio::task::spawn_blocking(move || intake.take(bytes, received_at, on_outcome));
        }
        receiver
    }

    /// Hands over what came of a transfer that was cut short.
    pub(super) fn take_incomplete(&self, bytes: Vec<u8>, why: Interruption) {
        let (telemetry, id) = (self.telemetry.clone(), self.id().to_owned());
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

    /// Counts what became of a message and translates it for the link.
    pub(super) fn answer(&self, outcome: Outcome) -> Answer {
        let (counted, answer) = match outcome {
            Outcome::Stored => (MessageOutcome::Stored, Answer::Stored),
            Outcome::StoredUnread(why) => (MessageOutcome::Unread, Answer::StoredUnread(why)),
            Outcome::Refused(why) => (MessageOutcome::Refused, Answer::Refused(why)),
            Outcome::Asked(_) => (MessageOutcome::Stored, Answer::Stored),
        };
        self.telemetry.message(self.id(), counted);
        answer
    }

    pub(super) fn fault(&self, fault: &LinkFault) {
        self.telemetry.link_fault(self.id(), fault.kind, fault.offset, fault.length);
    }

    pub(super) fn turned_away(&self, peer: impl Display, why: impl Display) {
        self.telemetry.turned_away(self.id(), peer, why);
    }

    pub(super) fn reconnecting(&self, pause: Duration, why: impl Display) {
        self.telemetry.reconnecting(self.id(), pause, why);
    }
}

impl Presence {
    pub(super) fn new(station: Arc<Station>, peer: String) -> Presence {
        station.telemetry.connected(station.id(), &peer);
        Presence { station, peer, why: "the daemon failed to serve it".to_owned() }
    }

    /// Why the line ends.
    pub(super) fn end(mut self, why: &impl Display) {
        self.why = why.to_string();
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.station.telemetry.disconnected(self.station.id(), &self.peer, &self.why);
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

/// UTC in 14 digits (MSH-7 of our acknowledgements); analysers were not built for an offset.
fn message_time() -> String {
    clock::utc().strftime("%Y%m%d%H%M%S").to_string()
}
