//! Plays an analyser's part on an open line: sends messages, waits for each acknowledgement,
//! sends again what was given up, takes the orders that a host broadcasts meanwhile, and says in
//! the end what nobody acknowledged.
//!
//! Refuses: to open lines (its caller does) and to read a clock (it is handed one).

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use super::asking::{HostSays, MORNING, Ordered, Standing};
use super::wired::Wired;
use super::{Played, Tempo, dialect};
use crate::limits;
use crate::link::{Answer, Event, Moment, Token};

/// One end of one line, in the analyser's role.
pub struct Player<S> {
    wired: Wired<S>,
    played: Played,
    tempo: Tempo,
    /// Number of the last answer to a message with orders.
    serial: u32,
}

/// What happens while a session is played. Messages are numbered from 0 within the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The peer took responsibility for this message.
    Acknowledged(usize),
    /// It did not; the message is sent again.
    SentAgain {
        /// Which message.
        message: usize,
        /// Which attempt comes now, from 2.
        attempt: u32,
        /// Why the one before failed.
        why: String,
    },
    /// The host ordered so many determinations that nobody asked for; the analyser took them.
    Ordered(usize),
    /// The line was lost; it is opened again, and what was not acknowledged is sent again.
    LineLost {
        /// Why.
        why: String,
    },
}

/// A message that nobody acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Which message of the session, from 0.
    pub message: usize,
    /// Why.
    pub why: String,
    /// The line was lost: it may be accepted on another one.
    pub line_lost: bool,
}

/// What is known of a message that was handed to the link.
struct Open {
    message: usize,
    attempt: u32,
}

/// A session while it is played.
struct Session<'m, 't> {
    messages: &'m [Vec<u8>],
    open: BTreeMap<Token, Open>,
    failed: Vec<Failed>,
    tell: &'t mut (dyn FnMut(Progress) + Send),
}

/// Pause before a message is sent again, times the attempt.
pub(super) const RESEND_PAUSE: Duration = Duration::from_millis(100);

impl<S: AsyncRead + AsyncWrite + Unpin> Player<S> {
    /// A player of this analyser on an open line, in the world's time.
    pub fn of(played: impl Into<Played>, stream: S, now: fn() -> Moment) -> Player<S> {
        Player::in_time(played, stream, Tempo::real(now))
    }

    /// A player of this analyser on an open line.
    pub fn in_time(played: impl Into<Played>, stream: S, tempo: Tempo) -> Player<S> {
        let played = played.into();
        Player { wired: Wired::new(&played, stream, tempo), played, tempo, serial: 0 }
    }

    /// Sends these messages in order and returns what was not acknowledged: nothing, when all is
    /// well. Each is tried `limits::SEND_ATTEMPTS_MAX` times. A lost line fails the rest.
    pub async fn play(
        &mut self,
        messages: &[Vec<u8>],
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Vec<Failed> {
        let mut session = Session { messages, open: BTreeMap::new(), failed: Vec::new(), tell };
        for message in 0..messages.len() {
            self.hand_over(&mut session, Open { message, attempt: 1 });
        }
        if let Err(error) = self.drive(&mut session).await {
            self.wired.disconnect();
            session.fail_all(&error);
        }
        session.failed
    }

    async fn drive(&mut self, session: &mut Session<'_, '_>) -> io::Result<()> {
        while !session.open.is_empty() {
            match self.wired.next(None).await? {
                Some(Event::Message { token, bytes }) => {
                    let (ordered, answer) = self.take(&bytes);
                    self.wired.answer(token, answer);
                    if ordered > 0 {
                        (session.tell)(Progress::Ordered(ordered));
                    }
                }
                Some(event) => {
                    if let Some(again) = session.hear(event) {
                        self.tempo.sleep(RESEND_PAUSE * again.attempt).await;
                        self.hand_over(session, again);
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    /// A message of the host's: how many determinations it orders, and what is said to it. What
    /// is reported stays as planned, ordered or not.
    fn take(&mut self, message: &[u8]) -> (usize, Answer) {
        self.serial += 1;
        let standing = |test: &Ordered| match test.assays.is_empty() {
            true => Standing::Refused,
            false => Standing::Accepted,
        };
        let reply = dialect::reply(&self.played, message, self.serial, MORNING, &standing);
        let ordered = match dialect::hear(&self.played, message) {
            HostSays::Work(orders) => orders.iter().map(|order| order.tests.len()).sum(),
            HostSays::NoWork | HostSays::Unanswerable(_) | HostSays::Nothing => 0,
        };
        (ordered, reply.map_or(Answer::Stored, Answer::StoredReply))
    }

    fn hand_over(&mut self, session: &mut Session<'_, '_>, open: Open) {
        let Some(bytes) = session.messages.get(open.message) else { return };
        let token = self.wired.send(bytes.clone());
        session.open.insert(token, open);
    }
}

impl Session<'_, '_> {
    /// Takes an event; returns what is to be sent again.
    fn hear(&mut self, event: Event) -> Option<Open> {
        match event {
            Event::Accepted { token, .. } => {
                let open = self.open.remove(&token)?;
                (self.tell)(Progress::Acknowledged(open.message));
                None
            }
            Event::GaveUp { token, why } => {
                let open = self.open.remove(&token)?;
                self.again_or_fail(open, why)
            }
            Event::Message { .. } | Event::Incomplete { .. } | Event::Fault(_) => None,
        }
    }

    fn again_or_fail(&mut self, open: Open, why: String) -> Option<Open> {
        let Open { message, attempt } = open;
        if attempt >= limits::SEND_ATTEMPTS_MAX || is_about_content(&why) {
            self.failed.push(Failed { message, why, line_lost: false });
            return None;
        }
        let attempt = attempt + 1;
        (self.tell)(Progress::SentAgain { message, attempt, why });
        Some(Open { message, attempt })
    }

    fn fail_all(&mut self, error: &io::Error) {
        let open = std::mem::take(&mut self.open);
        let why = format!("the line was lost: {error}");
        self.failed.extend(open.into_values().map(|open| Failed {
            message: open.message,
            why: why.clone(),
            line_lost: true,
        }));
    }
}

/// HL7 AE or CE: the message is at fault, and sending it again would not mend it (table 0008).
pub(super) fn is_about_content(why: &str) -> bool {
    ["AE", "CE"].iter().any(|code| why.split_whitespace().next() == Some(code))
}
