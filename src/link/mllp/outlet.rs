//! What leaves a connection: whole blocks, one behind the other, so that an answer never lands
//! inside a message.
//!
//! Under MLLP release 2 a block leaves only when the peer has committed the one before. A commit
//! names no block, so after one that is missing or one too many nobody can say any more what was
//! committed: the connection is then not trusted.
//!
//! ```text
//!                 block / block                 ACK
//!   +-------+ -----------------> +----------+ --------> Clear, the next block
//!   | Clear |                    | InFlight |
//!   +-------+ <----------------- +----------+ NAK / the block again, `COMMIT_RETRIES_MAX` times
//!       | ACK, NAK                    | NAK once more, timer
//!       v                             v
//!     given up, with the connection
//! ```

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use crate::codec::mllp::{ACK, NAK, wrap};
use crate::limits;
use crate::link::{Moment, Token};

/// Blocks on their way out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Outlet {
    bytes: Vec<u8>,
    /// Messages of our own in `bytes`.
    written: Vec<Token>,
    waiting: VecDeque<Content>,
    in_flight: Option<InFlight>,
}

/// A block, and which message of our own it is, if it is one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Content {
    block: Vec<u8>,
    own: Option<Token>,
}

/// A block that is not committed yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct InFlight {
    content: Content,
    retries: u32,
    until: Moment,
}

/// What a commit block brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commit {
    /// The block was committed; it was this message of our own, if any.
    Committed(Option<Token>),
    /// It was sent again.
    SentAgain,
    /// It was refused for the last time.
    Refused,
    /// Nothing waited for it.
    Stray,
}

impl Outlet {
    /// Sends a message at once.
    pub(super) fn send(&mut self, message: &[u8], own: Option<Token>) {
        self.bytes.extend_from_slice(&wrap(message));
        self.written.extend(own);
    }

    /// Sends a message when the blocks before it are committed.
    pub(super) fn send_in_turn(
        &mut self,
        now: Moment,
        wait: Duration,
        message: &[u8],
        own: Option<Token>,
    ) {
        self.waiting.push_back(Content { block: wrap(message), own });
        self.next(now, wait);
    }

    /// Commits the peer's block, or says that it was not committed.
    pub(super) fn commit(&mut self, good: bool) {
        self.bytes.extend_from_slice(&wrap(&[if good { ACK } else { NAK }]));
    }

    /// The peer's commit.
    pub(super) fn hear(&mut self, now: Moment, wait: Duration, good: bool) -> Commit {
        let Some(mut in_flight) = self.in_flight.take() else { return Commit::Stray };
        if good {
            self.next(now, wait);
            return Commit::Committed(in_flight.content.own);
        }
        if in_flight.retries >= limits::COMMIT_RETRIES_MAX {
            return Commit::Refused;
        }
        in_flight.retries += 1;
        in_flight.until = now.plus(wait);
        self.bytes.extend_from_slice(&in_flight.content.block);
        self.in_flight = Some(in_flight);
        Commit::SentAgain
    }

    /// When the commit of the block in flight is overdue.
    pub(super) fn until(&self) -> Option<Moment> {
        self.in_flight.as_ref().map(|in_flight| in_flight.until)
    }

    /// Bytes to send now, with the messages of our own among them.
    pub(super) fn transmit(&mut self) -> Option<(Vec<u8>, Vec<Token>)> {
        let bytes = mem::take(&mut self.bytes);
        (!bytes.is_empty()).then(|| (bytes, mem::take(&mut self.written)))
    }

    /// Whether no message of our own is on its way.
    pub(super) fn is_clear(&self) -> bool {
        self.written.is_empty() && self.uncommitted().next().is_none()
    }

    /// Sends nothing more; returns the messages of our own that are not known to have arrived.
    pub(super) fn close(&mut self) -> Vec<Token> {
        let closed = mem::take(self);
        let uncommitted: Vec<_> = closed.uncommitted().collect();
        closed.written.into_iter().chain(uncommitted).collect()
    }

    /// This message of our own was settled by its answer: nothing more is to be said of it.
    pub(super) fn settled(&mut self, token: Token) {
        let in_flight = self.in_flight.iter_mut().map(|in_flight| &mut in_flight.content);
        for content in in_flight.chain(&mut self.waiting) {
            content.own.take_if(|own| *own == token);
        }
    }

    fn uncommitted(&self) -> impl Iterator<Item = Token> {
        let in_flight = self.in_flight.iter().map(|in_flight| &in_flight.content);
        in_flight.chain(&self.waiting).filter_map(|content| content.own)
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        let in_flight = self.in_flight.as_ref().map(|in_flight| &in_flight.content);
        let contents = self.waiting.iter().chain(in_flight).map(|content| content.block.capacity());
        contents.fold(self.bytes.capacity(), usize::saturating_add)
    }

    fn next(&mut self, now: Moment, wait: Duration) {
        if self.in_flight.is_some() {
            return;
        }
        let Some(content) = self.waiting.pop_front() else { return };
        self.bytes.extend_from_slice(&content.block);
        self.in_flight = Some(InFlight { content, retries: 0, until: now.plus(wait) });
    }
}
