//! Messages of our own: one at a time, in order, each until it is answered as it asked to be.
//!
//! ```text
//!            message / block             CA, and an application answer is due
//!   +-------+ -----------> +-------------+ ------------------> +-------------+
//!   | Ready |              | First, t    |                     | Accepted, t |
//!   +-------+ <----------- +-------------+                     +-------------+
//!       ^       final: accepted, given up                             |
//!       `-------------------------------------------------------------'
//! ```
//!
//! | state | event | next |
//! |---|---|---|
//! | Ready | message | First, timer |
//! | Ready | message that asks for silence (MSH-15, MSH-16 NE) | Ready, accepted when written |
//! | Ready | message without MSH-10 that wants an answer | Ready, given up |
//! | First, Accepted | AA | Ready, accepted |
//! | First, Accepted | AE, AR, CE, CR, unknown | Ready, given up |
//! | First | CA, no application answer is due | Ready, accepted |
//! | First | CA, one is due | Accepted, timer |
//! | Accepted | CA | no change |
//! | First | timer, only errors were to be said | Ready, accepted |
//! | Accepted | timer, only errors were to be said | Ready, accepted |
//! | First, Accepted | timer | given up, the connection is not trusted |
//! | any | an answer with another MSA-2 | stray, the connection is not trusted |
//!
//! An application answer is due where MSH-16 asks for it in enhanced mode; in original mode CA is
//! taken for AA, as some hosts send it.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::settings::Settings;
use crate::codec::hl7::{AckCode, AckHeader, Answered, Wanted, When};
use crate::link::{Event, Moment, Token};

/// Our own messages on one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sends {
    queue: VecDeque<Own>,
    waiting: Option<Waiting>,
}

/// A message handed over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Own {
    token: Token,
    message: Vec<u8>,
}

/// A message that is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Waiting {
    token: Token,
    control_id: String,
    wanted: Wanted,
    /// CA came.
    accepted: Option<Vec<u8>>,
    /// `None` before the message has left.
    until: Option<Moment>,
}

/// What to do with the message at the head.
#[derive(Debug)]
pub(super) enum Begun {
    /// Send it; its answer is waited for.
    Asks(Token, Vec<u8>),
    /// Send it; it asks for silence.
    Silent(Token, Vec<u8>),
    /// It cannot be sent.
    Unsendable(Token),
}

/// What an answer meant.
#[derive(Debug)]
pub(super) enum Heard {
    /// The message is settled.
    Settled(Event),
    /// More is due.
    Waits,
    /// It is for no message that waits.
    Stray,
}

/// What silence meant.
#[derive(Debug)]
pub(super) enum Silence {
    /// Nothing is overdue.
    NotYet,
    /// It is what the message asked for.
    Accepted(Event),
    /// An answer is overdue.
    Overdue,
}

impl Sends {
    pub(super) fn push(&mut self, token: Token, message: Vec<u8>) {
        self.queue.push_back(Own { token, message });
    }

    /// The next message, if none waits for an answer.
    pub(super) fn begin(&mut self, settings: &Settings) -> Option<Begun> {
        if self.waiting.is_some() {
            return None;
        }
        let Own { token, message } = self.queue.pop_front()?;
        let read = AckHeader::read(&message, settings.charsets);
        Some(match read {
            Some(read) if read.wanted.is_silence() => Begun::Silent(token, message),
            Some(read) if !read.control_id.trim().is_empty() => {
                let (wanted, control_id) = (read.wanted, read.control_id.trim().to_owned());
                let (accepted, until) = (None, None);
                self.waiting = Some(Waiting { token, control_id, wanted, accepted, until });
                Begun::Asks(token, message)
            }
            Some(_) | None => Begun::Unsendable(token),
        })
    }

    /// The message has left: its time runs.
    pub(super) fn left(&mut self, token: Token, until: Moment) {
        if let Some(waiting) = self.waiting.as_mut().filter(|waiting| waiting.token == token) {
            waiting.until = Some(until);
        }
    }

    /// Whether the answer to this message is waited for.
    pub(super) fn is_waiting(&self, token: Token) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.token == token)
    }

    /// An answer came.
    pub(super) fn hear(
        &mut self,
        now: Moment,
        wait: Duration,
        said: &Answered,
        reply: &[u8],
    ) -> Heard {
        let is_ours = |waiting: &mut Waiting| waiting.control_id == said.control_id;
        let Some(mut waiting) = self.waiting.take_if(is_ours) else { return Heard::Stray };
        let (token, reply) = (waiting.token, reply.to_vec());
        match said.code {
            Some(AckCode::Accept) => Heard::Settled(Event::Accepted { token, reply }),
            Some(AckCode::CommitAccept) if waiting.application_is_due() => {
                if waiting.accepted.is_none() && waiting.wanted.accept() != When::Never {
                    waiting.until = Some(now.plus(wait));
                }
                waiting.accepted.get_or_insert(reply);
                self.waiting = Some(waiting);
                Heard::Waits
            }
            Some(AckCode::CommitAccept) => Heard::Settled(Event::Accepted { token, reply }),
            Some(
                AckCode::Error | AckCode::Reject | AckCode::CommitError | AckCode::CommitReject,
            )
            | None => {
                let why = format!("{} {}", said.code_text, said.text);
                Heard::Settled(Event::GaveUp { token, why })
            }
        }
    }

    /// The time has come, perhaps.
    pub(super) fn expire(&mut self, now: Moment) -> Silence {
        let overdue = |waiting: &mut Waiting| waiting.until.is_some_and(|until| until <= now);
        let Some(waiting) = self.waiting.take_if(overdue) else { return Silence::NotYet };
        if waiting.silence_is_good() {
            let (token, reply) = (waiting.token, waiting.accepted.unwrap_or_default());
            return Silence::Accepted(Event::Accepted { token, reply });
        }
        self.waiting = Some(waiting);
        Silence::Overdue
    }

    /// When an answer is overdue.
    pub(super) fn until(&self) -> Option<Moment> {
        self.waiting.as_ref().and_then(|waiting| waiting.until)
    }

    /// Takes a message back that was not begun.
    pub(super) fn withdraw(&mut self, token: Token) -> bool {
        let place = self.queue.iter().position(|own| own.token == token);
        place.is_some_and(|place| self.queue.remove(place).is_some())
    }

    /// The connection is not trusted any more: the message that waits for its answer.
    pub(super) fn give_up(&mut self) -> Option<Token> {
        self.waiting.take().map(|waiting| waiting.token)
    }

    /// The line is lost: what was not begun.
    pub(super) fn unbegun(&mut self) -> impl Iterator<Item = Token> + use<> {
        mem::take(&mut self.queue).into_iter().map(|own| own.token)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.waiting.is_none()
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        let accepted = self.waiting.as_ref().and_then(|waiting| waiting.accepted.as_ref());
        let queued = self.queue.iter().map(|own| own.message.capacity());
        queued.fold(accepted.map_or(0, Vec::capacity), usize::saturating_add)
    }
}

impl Waiting {
    /// Whether CA is not the end.
    fn application_is_due(&self) -> bool {
        match self.wanted {
            Wanted::Original => false,
            Wanted::Enhanced { application, .. } => application != When::Never,
        }
    }

    /// Whether everything that is still due would only tell of errors.
    fn silence_is_good(&self) -> bool {
        let accept = self.accepted.is_none() && self.wanted.accept().on_success();
        !accept && !self.wanted.application().on_success()
    }
}
