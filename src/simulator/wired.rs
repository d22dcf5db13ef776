//! An analyser's end of an open line: the link of its make in the instrument's role, both
//! directions, and the analyser's time.
//!
//! Refuses to open lines and to read a clock: it is handed both.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Played, Tempo};
use crate::limits;
use crate::link::{Answer, Event, Moment, Sending, Token};

/// A line and the link on it.
pub(super) struct Wired<S> {
    line: S,
    link: Box<dyn Sending>,
    tempo: Tempo,
    next: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wired<S> {
    pub fn new(played: &Played, line: S, tempo: Tempo) -> Wired<S> {
        Wired { line, link: played.link(), tempo, next: 0 }
    }

    /// Hands a message over; an event will name the token.
    pub fn send(&mut self, message: Vec<u8>) -> Token {
        let token = Token(self.next);
        self.next += 1;
        self.link.send(self.tempo.now(), token, message);
        token
    }

    /// Forgets what was under way: the line is gone.
    pub fn disconnect(&mut self) {
        self.link.disconnect(self.tempo.now());
    }

    pub fn answer(&mut self, token: Token, answer: Answer) {
        self.link.answer(self.tempo.now(), token, answer);
    }

    /// The next event; nothing when none came until then.
    ///
    /// # Errors
    /// The line was lost, or can no longer be trusted.
    pub async fn next(&mut self, until: Option<Moment>) -> io::Result<Option<Event>> {
        let mut buffer = vec![0; limits::READ_CHUNK];
        loop {
            while let Some(bytes) = self.link.transmit() {
                self.line.write_all(&bytes).await?;
                self.line.flush().await?;
            }
            if let Some(event) = self.link.event() {
                return Ok(Some(event));
            }
            if self.link.must_close() {
                return Err(io::Error::other("answers got out of step"));
            }
            if until.is_some_and(|until| until <= self.tempo.now()) {
                return Ok(None);
            }
            let deadline = self.link.deadline().map(|deadline| deadline.at);
            let next = [deadline, until].into_iter().flatten().min();
            tokio::select! {
                read = self.line.read(&mut buffer) => {
                    let length = read?;
                    if length == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    self.link.receive(self.tempo.now(), buffer.get(..length).unwrap_or_default());
                }
                () = self.tempo.sleep_until(next.unwrap_or_default()), if next.is_some() => {
                    self.link.expire(self.tempo.now());
                }
            }
        }
    }
}
