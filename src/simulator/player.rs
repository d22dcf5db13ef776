//! Plays an analyser's part on an open line: sends messages, waits for each acknowledgement,
//! sends again what was given up, and says in the end what nobody acknowledged.
//!
//! Refuses: to open lines (its caller does) and to read a clock (it is handed one).

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{ACKNOWLEDGEMENT_WAIT, Model, Tempo, Wire};
use crate::limits;
use crate::link::lis01::{Role, Sender};
use crate::link::mllp::Client;
use crate::link::{Event, Moment, Sending, Token};

/// One end of one line, in the analyser's role.
pub struct Player<S> {
    stream: S,
    link: Box<dyn Sending>,
    tempo: Tempo,
    next: u64,
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

/// Bytes read at once.
const READ_BUFFER: usize = 4 * 1024;
/// Pause before a message is sent again, times the attempt.
pub(super) const RESEND_PAUSE: Duration = Duration::from_millis(100);

impl<S: AsyncRead + AsyncWrite + Unpin> Player<S> {
    /// Takes an open line, a link in the sender's role, and the analyser's time.
    pub fn new(stream: S, link: Box<dyn Sending>, tempo: Tempo) -> Player<S> {
        Player { stream, link, tempo, next: 0 }
    }

    /// A player of this model on an open line, in the world's time.
    pub fn of(model: Model, stream: S, now: fn() -> Moment) -> Player<S> {
        Player::in_time(model, stream, Tempo::real(now))
    }

    /// A player of this model on an open line.
    pub fn in_time(model: Model, stream: S, tempo: Tempo) -> Player<S> {
        Player::new(stream, link(model), tempo)
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
            self.link.disconnect(self.tempo.now());
            session.fail_all(&error);
        }
        session.failed
    }

    async fn drive(&mut self, session: &mut Session<'_, '_>) -> io::Result<()> {
        let mut buffer = [0; READ_BUFFER];
        loop {
            self.drain(session).await?;
            if session.open.is_empty() {
                return Ok(());
            }
            let wait = self.wait()?;
            tokio::select! {
                read = self.stream.read(&mut buffer) => match read? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    length => {
                        let bytes = buffer.get(..length).unwrap_or_default();
                        self.link.receive(self.tempo.now(), bytes);
                    }
                },
                () = tokio::time::sleep(wait) => self.link.expire(self.tempo.now()),
            }
        }
    }

    /// Writes what the link wants written and hears what it has to say, until it is silent.
    async fn drain(&mut self, session: &mut Session<'_, '_>) -> io::Result<()> {
        loop {
            let mut silent = true;
            while let Some(bytes) = self.link.transmit() {
                self.stream.write_all(&bytes).await?;
                self.stream.flush().await?;
                silent = false;
            }
            while let Some(event) = self.link.event() {
                if let Some(again) = session.hear(event) {
                    self.tempo.sleep(RESEND_PAUSE * again.attempt).await;
                    self.hand_over(session, again);
                }
                silent = false;
            }
            if silent {
                return Ok(());
            }
        }
    }

    fn hand_over(&mut self, session: &mut Session<'_, '_>, open: Open) {
        let Some(bytes) = session.messages.get(open.message) else { return };
        let token = Token(self.next);
        self.next += 1;
        session.open.insert(token, open);
        self.link.send(self.tempo.now(), token, bytes.clone());
    }

    /// Until the next timer of the link.
    ///
    /// # Errors
    /// No timer runs although messages are open: the link waits for nothing any more, because it
    /// cannot tell what the peer's next answer would mean.
    fn wait(&self) -> io::Result<Duration> {
        let deadline = self.link.deadline().ok_or(io::Error::other("answers got out of step"))?;
        Ok(self.tempo.until(deadline.at))
    }
}

/// The sending end as this make of analyser has it.
fn link(model: Model) -> Box<dyn Sending> {
    match model.wire() {
        Wire::Lis01 => {
            let packing = model.packing();
            Box::new(Sender::new(Role::Instrument, limits::FRAME_TEXT_SENT, packing))
        }
        Wire::Mllp => Box::new(Client::new(ACKNOWLEDGEMENT_WAIT)),
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
