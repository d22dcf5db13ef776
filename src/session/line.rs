//! One open line: the loop that drives a link.
//!
//! ```text
//!            bytes                 message
//!   stream --------> link (drain) ---------> intake
//!     ^                |    ^                  |
//!     +---- replies ---+    +---- outcome -----+   after COMMIT, or refused after COMMIT_WAIT
//! ```
//!
//! An idle line holds no read buffer: bytes go from a buffer on the stack into the link.

use std::fmt;
use std::future::{pending, poll_fn};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::oneshot;

use super::station::Station;
use super::stop::Stop;
use crate::intake::Outcome;
use crate::link::{Event, Link, Moment, Token};
use crate::{clock, limits};

/// One open line.
pub(super) struct Line<'s, S> {
    stream: &'s mut S,
    link: Box<dyn Link>,
    station: Arc<Station>,
    stop: Stop,
    outstanding: Option<Outstanding>,
    closing: Option<Ended>,
    received: u64,
}

/// What a line was.
#[derive(Debug)]
pub(super) struct Closed {
    /// Why it ended.
    pub(super) ended: Ended,
    /// Bytes received on it.
    pub(super) received: u64,
}

/// Why a line ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The daemon stops.
    Stopped,
    /// The peer closed it; on a serial line: the device is gone.
    ByPeer,
    /// The peer left our replies unread.
    Unread,
    /// The system reports an error.
    Failed(io::Error),
}

/// The message that waits for its commit.
struct Outstanding {
    token: Token,
    outcome: oneshot::Receiver<Outcome>,
    refuse_at: Moment,
}

/// What ended a wait.
enum Woken {
    Outcome(Outcome),
    Deadline,
    Stop,
    Read(io::Result<usize>),
}

impl<'s, S: AsyncRead + AsyncWrite + Unpin> Line<'s, S> {
    pub(super) fn new(stream: &'s mut S, station: Arc<Station>, stop: Stop) -> Line<'s, S> {
        let link = station.receiver();
        Line { stream, link, station, stop, outstanding: None, closing: None, received: 0 }
    }

    /// Drives the link until the line is lost or the daemon stops. Messages that are complete by
    /// then are committed and answered; what is half received is kept as evidence.
    pub(super) async fn run(mut self) -> Closed {
        let ended = self.drive().await;
        self.settle();
        Closed { ended, received: self.received }
    }

    async fn drive(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.drain().await {
                return ended;
            }
            if self.outstanding.is_none()
                && let Some(ended) = self.closing.take()
            {
                return ended;
            }
            match self.wait().await {
                Woken::Outcome(outcome) => self.answer(outcome),
                Woken::Deadline => self.expire(),
                Woken::Stop => self.closing = Some(Ended::Stopped),
                Woken::Read(Ok(0)) => self.closing = Some(Ended::ByPeer),
                Woken::Read(Ok(count)) => self.received += count as u64,
                Woken::Read(Err(error)) => return Ended::Failed(error),
            }
        }
    }

    /// Sends and handles everything the link has.
    async fn drain(&mut self) -> Result<(), Ended> {
        loop {
            while let Some(bytes) = self.link.transmit() {
                self.write(&bytes).await?;
            }
            let Some(event) = self.link.event() else { return Ok(()) };
            self.handle(event);
        }
    }

    /// The peer may be slow, but one that does not read holds neither memory nor the line.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let writing = async {
            self.stream.write_all(bytes).await?;
            // TLS may hold back what the system did not take at once.
            self.stream.flush().await
        };
        match tokio::time::timeout(limits::WRITE_WAIT, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ended::Failed(error)),
            Err(_elapsed) => Err(Ended::Unread),
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Message { token, bytes } => self.hand_over(token, bytes),
            Event::Incomplete { bytes, why } => self.station.take_incomplete(bytes, why),
            Event::Fault(fault) => self.station.fault(&fault),
            // Only links that send have these.
            Event::Accepted { .. } | Event::GaveUp { .. } => {}
        }
    }

    fn hand_over(&mut self, token: Token, bytes: Vec<u8>) {
        let refuse_at = clock::moment().plus(limits::COMMIT_WAIT);
        let outcome = self.station.take(bytes);
        self.outstanding = Some(Outstanding { token, outcome, refuse_at });
    }

    async fn wait(&mut self) -> Woken {
        let deadline = self.deadline();
        let open = self.closing.is_none();
        let reads = open && self.link.wants_bytes();
        let Line { stream, link, stop, outstanding, .. } = self;
        tokio::select! {
            biased;
            outcome = outcome_of(outstanding) => Woken::Outcome(outcome),
            () = stop.ordered(), if open => Woken::Stop,
            () = reached(deadline) => Woken::Deadline,
            read = read_into(*stream, link.as_mut()), if reads => Woken::Read(read),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        let refuse_at = self.outstanding.as_ref().map(|outstanding| outstanding.refuse_at);
        let link = self.link.deadline().map(|deadline| deadline.at);
        [refuse_at, link].into_iter().flatten().min()
    }

    fn answer(&mut self, outcome: Outcome) {
        let Some(Outstanding { token, .. }) = self.outstanding.take() else { return };
        self.link.answer(clock::moment(), token, self.station.answer(outcome));
    }

    fn expire(&mut self) {
        let now = clock::moment();
        self.link.expire(now);
        if self.outstanding.as_ref().is_some_and(|outstanding| outstanding.refuse_at <= now) {
            // Its commit may still happen; sending again is harmless.
            self.answer(Outcome::Refused("not stored in time, send again".to_owned()));
        }
    }

    /// Hands over what the link still holds when the line is gone; nobody waits for answers.
    fn settle(&mut self) {
        self.link.disconnect(clock::moment());
        while self.link.transmit().is_some() {}
        while let Some(event) = self.link.event() {
            self.handle(event);
        }
    }
}

/// The outcome of the outstanding message; never, where there is none.
async fn outcome_of(outstanding: &mut Option<Outstanding>) -> Outcome {
    match outstanding {
        Some(Outstanding { outcome, .. }) => outcome
            .await
            .unwrap_or_else(|_dropped| Outcome::Refused("the store gave no answer".to_owned())),
        None => pending().await,
    }
}

/// Returns when the moment has come; never, where there is none.
async fn reached(deadline: Option<Moment>) {
    match deadline {
        Some(at) => {
            let now = clock::moment().since_start();
            tokio::time::sleep(at.since_start().saturating_sub(now)).await;
        }
        None => pending().await,
    }
}

/// Reads once, from the stream straight into the link. 0 bytes: the line is at its end.
async fn read_into<S: AsyncRead + Unpin>(stream: &mut S, link: &mut dyn Link) -> io::Result<usize> {
    poll_fn(|context| {
        let mut space = [const { MaybeUninit::uninit() }; limits::READ_CHUNK];
        let mut buffer = ReadBuf::uninit(&mut space);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
        if !buffer.filled().is_empty() {
            link.receive(clock::moment(), buffer.filled());
        }
        Poll::Ready(Ok(buffer.filled().len()))
    })
    .await
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Stopped => f.write_str("the daemon stops"),
            Ended::ByPeer => f.write_str("closed by the analyser"),
            Ended::Unread => f.write_str("the analyser does not read our replies"),
            Ended::Failed(error) => write!(f, "{error}"),
        }
    }
}
