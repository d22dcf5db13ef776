//! One end of a line in the hands of a script: sends bytes, waits for bytes, and keeps everything
//! for the report.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::case::Failure;
use crate::codec::readable;
use crate::limits;
use crate::link::Moment;
use crate::simulator::Line;

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From us to the peer.
    Sent,
    /// From the peer to us.
    Received,
}

/// One end of a line.
pub(super) struct Probe {
    line: Line,
    now: fn() -> Moment,
    is_serial: bool,
    has_ended: bool,
    unread: Vec<u8>,
    transcript: Vec<(Way, Vec<u8>)>,
}

impl Probe {
    pub(super) fn new(line: Line, now: fn() -> Moment, is_serial: bool) -> Probe {
        let (unread, transcript) = (Vec::new(), Vec::new());
        Probe { line, now, is_serial, has_ended: false, unread, transcript }
    }

    /// The same line; what the peer has sent already is still to be read.
    pub(super) fn for_the_next_case(mut self) -> Probe {
        self.transcript.clear();
        if !self.unread.is_empty() {
            self.transcript.push((Way::Received, self.unread.clone()));
        }
        self
    }

    /// The line had ended before anything came.
    pub(super) fn was_dead(&self) -> bool {
        self.has_ended && !self.transcript.iter().any(|(way, _)| *way == Way::Received)
    }

    pub(super) const fn is_serial(&self) -> bool {
        self.is_serial
    }

    /// The time, to measure a pause of the peer's.
    pub(super) fn now(&self) -> Moment {
        (self.now)()
    }

    /// How long it is since then.
    pub(super) fn since(&self, then: Moment) -> Duration {
        self.now().since_start().saturating_sub(then.since_start())
    }

    /// Sends bytes at once.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.note(Way::Sent, bytes);
        let sending = async {
            self.line.write_all(bytes).await?;
            self.line.flush().await
        };
        match timeout(limits::WRITE_WAIT, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.failure(&format!("the line stays open ({error})"), &[])),
            Err(_elapsed) => Err(self.failure("what we send is read", &[])),
        }
    }

    /// What the peer has sent and nobody has looked at.
    pub(super) fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// The next byte of the peer; `None`: none came in time, or the line ended.
    pub(super) async fn byte(&mut self, within: Duration) -> Option<u8> {
        if self.unread.is_empty() {
            self.fill(within).await;
        }
        (!self.unread.is_empty()).then(|| self.unread.remove(0))
    }

    /// The next byte must be this one.
    pub(super) async fn expect(&mut self, byte: u8, within: Duration) -> Result<(), Failure> {
        let got = self.byte(within).await;
        if got == Some(byte) {
            return Ok(());
        }
        let got: Vec<u8> = got.into_iter().collect();
        let expected = format!("{} within {} s", readable(&[byte]), within.as_secs());
        Err(self.failure(&expected, &got))
    }

    /// Bytes up to this one, it included.
    pub(super) async fn until(
        &mut self,
        end: u8,
        within: Duration,
        what: &str,
    ) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while bytes.last() != Some(&end) {
            let Some(byte) = self.byte(within).await else {
                return Err(self.failure(what, &bytes));
            };
            bytes.push(byte);
            if bytes.len() > limits::MESSAGE_MAX {
                return Err(self.failure(what, &[]));
            }
        }
        Ok(bytes)
    }

    /// Nothing may come for so long.
    pub(super) async fn silence(&mut self, long: Duration, what: &str) -> Result<(), Failure> {
        match self.byte(long).await {
            None => Ok(()),
            Some(byte) => Err(self.failure(what, &[byte])),
        }
    }

    /// Lets so much time go by; what comes meanwhile stays to be read.
    pub(super) async fn rest(&mut self, long: Duration) {
        let until = self.now().plus(long);
        while self.now() < until {
            let left = until.since_start().saturating_sub(self.now().since_start());
            let before = self.unread.len();
            self.fill(left).await;
            if self.unread.len() == before {
                // At the end of the line nothing comes any more, and no time goes by.
                tokio::time::sleep(left.min(Duration::from_millis(20))).await;
            }
        }
    }

    /// The case failed here.
    pub(super) fn failure(&self, expected: &str, got: &[u8]) -> Failure {
        let transcript = self.transcript.clone();
        Failure { expected: expected.to_owned(), got: got.to_vec(), transcript }
    }

    /// Fails unless this holds.
    pub(super) fn check(&self, holds: bool, expected: &str, got: &[u8]) -> Result<(), Failure> {
        if holds { Ok(()) } else { Err(self.failure(expected, got)) }
    }

    async fn fill(&mut self, within: Duration) {
        let mut buffer = [0; 4_096];
        let read = timeout(within, self.line.read(&mut buffer)).await;
        self.has_ended |= matches!(read, Ok(Ok(0) | Err(_)));
        if let Ok(Ok(count)) = read {
            let bytes = buffer.get(..count).unwrap_or_default();
            self.note(Way::Received, bytes);
            self.unread.extend_from_slice(bytes);
        }
    }

    fn note(&mut self, way: Way, bytes: &[u8]) {
        match self.transcript.last_mut() {
            Some((last, piece)) if *last == way => piece.extend_from_slice(bytes),
            Some(_) | None if bytes.is_empty() => {}
            Some(_) | None => self.transcript.push((way, bytes.to_vec())),
        }
    }
}
