//! One open line: the loop that drives a link.
//!
//! ```text
//!            bytes                 message
//!   stream --------> link (drain) ---------> intake
//!     ^                |  ^  ^                 |
//!     +---- replies ---+  |  +---- outcome ----+   after COMMIT, or refused after COMMIT_WAIT
//!     +---- orders -------+        (a query's outcome brings orders; others are fetched)
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
use tokio::sync::{oneshot, watch};

use super::announcing::Announcing;
use super::errands::{Errand, Errands, Purpose};
use super::station::{Station, answered};
use super::stop::Stop;
use super::tap::Tap;
use crate::analyser::OrderMessage;
use crate::intake::{Asked, Outcome};
use crate::link::{Event, Moment, Sending, Token};
use crate::telemetry::OrdersOutcome;
use crate::{clock, limits};

/// One open line.
pub(super) struct Line<'s, S> {
    stream: &'s mut S,
    link: Box<dyn Sending>,
    station: Arc<Station>,
    tap: Tap,
    stop: Stop,
    outstanding: Option<Outstanding>,
    errands: Errands,
    announcing: Announcing,
    /// Whether the store takes entries.
    ready: watch::Receiver<bool>,
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
    /// The link cannot tell any more what the peer's next words would mean.
    Distrusted,
    /// The system reports an error.
    Failed(io::Error),
}

/// The message that waits for its commit.
struct Outstanding {
    token: Token,
    outcome: oneshot::Receiver<Outcome>,
    arrived_at: Moment,
}

impl Outstanding {
    const fn refuse_at(&self) -> Moment {
        self.arrived_at.plus(limits::COMMIT_WAIT)
    }
}

/// What ended a wait.
enum Woken {
    Outcome(Outcome),
    Work(Vec<OrderMessage>),
    Ready(bool),
    Deadline,
    Stop,
    Read(io::Result<usize>),
}

impl<'s, S: AsyncRead + AsyncWrite + Unpin> Line<'s, S> {
    pub(super) fn new(stream: &'s mut S, tap: &Tap, stop: Stop) -> Line<'s, S> {
        let station = Arc::clone(tap.station());
        Line {
            stream,
            link: station.link(),
            ready: station.ready(),
            announcing: Announcing::new(station.news()),
            station,
            tap: tap.clone(),
            stop,
            outstanding: None,
            errands: Errands::default(),
            closing: None,
            received: 0,
        }
    }

    /// Drives the link until the line is lost or the daemon stops. Messages that are complete by
    /// then are committed and answered; what is half received is kept as evidence.
    pub(super) async fn run(mut self) -> Closed {
        let ended = self.drive().await;
        self.settle().await;
        Closed { ended, received: self.received }
    }

    async fn drive(&mut self) -> Ended {
        let ready = *self.ready.borrow_and_update();
        self.link.set_ready(clock::moment(), ready);
        loop {
            if let Err(ended) = self.drain().await {
                return ended;
            }
            if self.link.must_close() {
                return Ended::Distrusted;
            }
            let now = clock::moment();
            if self.fetches_work(now) {
                self.announcing.fetching(now, self.station.announce());
            }
            if self.outstanding.is_none()
                && let Some(ended) = self.closing.take()
            {
                return ended;
            }
            match self.wait().await {
                Woken::Outcome(outcome) => self.answer(outcome),
                Woken::Work(messages) => self.announce(messages),
                Woken::Ready(ready) => self.link.set_ready(clock::moment(), ready),
                Woken::Deadline => self.expire(),
                Woken::Stop => self.closing = Some(Ended::Stopped),
                Woken::Read(Ok(0)) => self.closing = Some(Ended::ByPeer),
                Woken::Read(Ok(count)) => self.received += count as u64,
                Woken::Read(Err(error)) => return Ended::Failed(error),
            }
        }
    }

    /// Nothing is fetched before what was fetched earlier is done with: an analyser that takes
    /// nothing holds no more of our memory, however much there is to do.
    fn fetches_work(&self, now: Moment) -> bool {
        self.announcing.is_due(now) && self.closing.is_none() && self.is_free()
    }

    /// All that was announced here is done with.
    fn is_free(&self) -> bool {
        self.errands.announcements().is_empty()
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
        self.tap.sending(bytes);
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
            Event::Incomplete { bytes, why } => self.station.take_incomplete(&self.tap, bytes, why),
            Event::Fault(fault) => self.tap.fault(&fault),
            Event::Accepted { token, reply } => self.accepted(token, reply),
            Event::GaveUp { token, why } => self.given_up(token, &why),
        }
    }

    /// The analyser took a message of ours.
    fn accepted(&mut self, token: Token, reply: Vec<u8>) {
        let Some(Errand { order_ids, purpose, .. }) = self.errands.end(token) else { return };
        self.station.delivered(&self.tap, order_ids, reply);
        if purpose == Purpose::Announcement && !self.announce_next() {
            self.announcing.all_taken();
        }
    }

    /// It did not. What was queued behind an announcement waits for the next try, in order.
    fn given_up(&mut self, token: Token, why: &str) {
        let Some(Errand { order_ids, purpose, .. }) = self.errands.end(token) else { return };
        self.station.undelivered(&self.tap, order_ids, OrdersOutcome::NotTaken, why);
        if purpose == Purpose::Announcement {
            self.not_taken("the message before was not taken");
        }
    }

    /// Nothing overtakes an announcement that was not taken.
    fn not_taken(&mut self, why: &str) {
        for OrderMessage { order_ids, .. } in self.announcing.take_queued() {
            self.station.undelivered(&self.tap, order_ids, OrdersOutcome::Withdrawn, why);
        }
        self.announcing.not_taken(clock::moment());
    }

    /// Takes back what was not begun; what is under way goes on.
    fn withdraw(&mut self, tokens: Vec<Token>, how: OrdersOutcome, why: &str) {
        let now = clock::moment();
        for token in tokens {
            if !self.link.withdraw(now, token) {
                self.errands.is_under_way(token);
            } else if let Some(Errand { order_ids, .. }) = self.errands.end(token) {
                self.station.undelivered(&self.tap, order_ids, how, why);
            }
        }
    }

    fn hand_over(&mut self, token: Token, bytes: Vec<u8>) {
        let arrived_at = clock::moment();
        let outcome = self.station.take(&self.tap, bytes);
        self.outstanding = Some(Outstanding { token, outcome, arrived_at });
    }

    async fn wait(&mut self) -> Woken {
        let deadline = self.deadline();
        let open = self.closing.is_none();
        let reads = open && self.link.wants_bytes();
        let Line { stream, link, tap, stop, outstanding, announcing, ready, .. } = self;
        tokio::select! {
            biased;
            outcome = outcome_of(outstanding) => Woken::Outcome(outcome),
            () = stop.ordered(), if open => Woken::Stop,
            () = reached(deadline) => Woken::Deadline,
            ready = moved(ready), if open => Woken::Ready(ready),
            messages = announcing.next(), if open => Woken::Work(messages),
            read = read_into(*stream, link.as_mut(), tap), if reads => Woken::Read(read),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        let refuse_at = self.outstanding.as_ref().map(Outstanding::refuse_at);
        let link = self.link.deadline().map(|deadline| deadline.at);
        // A line that closes fetches no work.
        let work = self.announcing.deadline(self.is_free()).filter(|_| self.closing.is_none());
        [refuse_at, link, self.errands.deadline(), work].into_iter().flatten().min()
    }

    fn answer(&mut self, outcome: Outcome) {
        if let Some(Outstanding { token, arrived_at, .. }) = self.outstanding.take() {
            self.answer_with(token, arrived_at, outcome);
        }
    }

    fn answer_with(&mut self, token: Token, arrived_at: Moment, outcome: Outcome) {
        let (counted, answer, asked) = answered(outcome);
        self.tap.message(counted);
        self.link.answer(clock::moment(), token, answer);
        if let Some(asked) = asked {
            self.send_answers(asked, arrived_at);
        }
    }

    /// Hands the answers to a query to the link. A query withdrawn takes them back.
    fn send_answers(&mut self, asked: Asked, arrived_at: Moment) {
        if asked.cancels {
            let answers = self.errands.answers();
            self.withdraw(answers, OrdersOutcome::Withdrawn, "the analyser withdrew its query");
        }
        let begin_by = asked.within.map(|within| arrived_at.plus(within));
        let count = asked.messages.len();
        for message in asked.messages {
            self.send(message, Purpose::Answer { begin_by });
        }
        let surplus = self.errands.surplus(count);
        self.withdraw(surplus, OrdersOutcome::Late, "it asks faster than it takes answers");
    }

    /// Hands over what is to be ordered without being asked for, one message after the other.
    fn announce(&mut self, messages: Vec<OrderMessage>) {
        self.announcing.queue(messages);
        self.announce_next();
    }

    /// Hands over the next one when the one before is done with; whether there was one.
    fn announce_next(&mut self) -> bool {
        let may_send = self.closing.is_none() && self.is_free();
        let next = may_send.then(|| self.announcing.take_first()).flatten();
        let is_one = next.is_some();
        if let Some(message) = next {
            self.send(message, Purpose::Announcement);
        }
        is_one
    }

    fn send(&mut self, message: OrderMessage, purpose: Purpose) {
        let OrderMessage { bytes, order_ids } = message;
        match self.errands.begin(Errand { order_ids, purpose, bytes: bytes.len() }) {
            Ok(token) => self.link.send(clock::moment(), token, bytes),
            Err(Errand { order_ids, purpose, .. }) => {
                let why = "too many messages wait for this analyser already";
                self.station.undelivered(&self.tap, order_ids, OrdersOutcome::NotTaken, why);
                if purpose == Purpose::Announcement {
                    self.not_taken(why);
                }
            }
        }
    }

    fn expire(&mut self) {
        let now = clock::moment();
        // First, so that a pause of the link that ends now begins nothing that is too late.
        let overdue = self.errands.overdue(now);
        self.withdraw(overdue, OrdersOutcome::Late, "the analyser does not wait any longer");
        self.link.expire(now);
        self.announcing.expire(now);
        if self.outstanding.as_ref().is_some_and(|waiting| waiting.refuse_at() <= now) {
            self.refuse_overdue();
        }
    }

    /// The commit may still happen; sending again is harmless.
    fn refuse_overdue(&mut self) {
        let Some(Outstanding { token, arrived_at, mut outcome }) = self.outstanding.take() else {
            return;
        };
        outcome.close();
        let refusal = || Outcome::Refused("not stored in time, send again".to_owned());
        // One that came in this very moment is better than none, and its orders must not stay open.
        let outcome = outcome.try_recv().unwrap_or_else(|_none| refusal());
        self.answer_with(token, arrived_at, outcome);
    }

    /// Hands over what the link still holds when the line is gone; nobody waits for answers, and
    /// no order stays open that was issued for this line.
    async fn settle(&mut self) {
        self.not_taken("the line was lost");
        self.link.disconnect(clock::moment());
        while self.link.transmit().is_some() {}
        if let Some(outstanding) = self.outstanding.take() {
            self.abandon(outstanding);
        }
        while let Some(event) = self.link.event() {
            self.handle(event);
            if let Some(outstanding) = self.outstanding.take() {
                self.abandon(outstanding);
            }
        }
        let unfetched = self.announcing.last().await;
        self.station.unfetched(unfetched);
    }

    /// Gives up waiting for an outcome. One that has come already is seen to; a later one finds
    /// that nobody waits.
    fn abandon(&self, outstanding: Outstanding) {
        let Outstanding { mut outcome, .. } = outstanding;
        outcome.close();
        if let Ok(outcome) = outcome.try_recv() {
            self.station.unheard(&self.tap, outcome);
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

/// Returns when the store stops or begins to take entries.
async fn moved(ready: &mut watch::Receiver<bool>) -> bool {
    if ready.changed().await.is_err() {
        // The daemon ends; the order to stop says the rest.
        pending::<()>().await;
    }
    *ready.borrow_and_update()
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
async fn read_into<S>(stream: &mut S, link: &mut dyn Sending, tap: &Tap) -> io::Result<usize>
where
    S: AsyncRead + Unpin,
{
    poll_fn(|context| {
        let mut space = [const { MaybeUninit::uninit() }; limits::READ_CHUNK];
        let mut buffer = ReadBuf::uninit(&mut space);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
        if !buffer.filled().is_empty() {
            tap.received(buffer.filled());
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
            Ended::Distrusted => f.write_str(
                "its answers are out of step with our messages: the line is opened anew",
            ),
            Ended::Failed(error) => write!(f, "{error}"),
        }
    }
}
