//! Recent traffic of one line: the last pieces in both directions, numbered without a gap.
//!
//! Bytes of all pieces lie in one ring, so that a piece costs a copy and no allocation once the
//! ring has its size.

use std::collections::VecDeque;

use super::{At, Connection};
use crate::limits;
use crate::link::LinkFaultKind;

/// What a piece of traffic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// Bytes from the peer.
    Received,
    /// Bytes to the peer.
    Sent,
    /// A connection was opened; the text names the peer.
    Opened,
    /// A connection was closed; the text says why.
    Closed,
    /// What became of a message; the text is its word.
    Message,
    /// Bytes were refused or ignored; the text says which.
    Fault(LinkFaultKind),
    /// Something people must see.
    Note,
}

/// One piece of recent traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Gapless and rising, from 1.
    pub seq: u64,
    /// When.
    pub at: At,
    /// On which connection; 0 where it concerns none.
    pub connection: Connection,
    /// What it is.
    pub kind: PieceKind,
    /// The bytes, or a text in UTF-8; at most [`limits::TRAFFIC_PIECE_MAX`] of them.
    pub bytes: Vec<u8>,
    /// How many bytes there were.
    pub length: usize,
}

/// Some pieces in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The pieces.
    pub pieces: Vec<Piece>,
    /// Pieces after the number asked for that are no longer there.
    pub missed: u64,
    /// What to ask for next.
    pub next: u64,
    /// Number of the last piece there is.
    pub head: u64,
}

/// The last pieces: at most [`limits::TRAFFIC_PIECES_MAX`] with [`limits::TRAFFIC_BYTES_MAX`].
#[derive(Debug, Default)]
pub(super) struct Ring {
    heads: VecDeque<Head>,
    bytes: VecDeque<u8>,
    /// Number of the last piece.
    head: u64,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    at: At,
    connection: Connection,
    kind: PieceKind,
    kept: usize,
    length: usize,
}

impl Ring {
    /// Number of the last piece; 0 before the first.
    pub(super) const fn head(&self) -> u64 {
        self.head
    }

    pub(super) fn push(&mut self, at: At, connection: Connection, kind: PieceKind, bytes: &[u8]) {
        let kept = bytes.get(..limits::TRAFFIC_PIECE_MAX).unwrap_or(bytes);
        let room = limits::TRAFFIC_BYTES_MAX.saturating_sub(kept.len());
        while self.heads.len() >= limits::TRAFFIC_PIECES_MAX || self.bytes.len() > room {
            let Some(oldest) = self.heads.pop_front() else { break };
            self.bytes.drain(..oldest.kept.min(self.bytes.len()));
        }
        self.bytes.extend(kept);
        let (kept, length) = (kept.len(), bytes.len());
        self.heads.push_back(Head { at, connection, kind, kept, length });
        self.head += 1;
    }

    /// At most `limit` pieces after a number; after `None` the oldest there are.
    pub(super) fn page(&self, after: Option<u64>, limit: usize) -> Page {
        let before_oldest = self.head.saturating_sub(self.heads.len() as u64);
        let asked = after.unwrap_or(before_oldest).min(self.head);
        let from = asked.max(before_oldest);
        let skipped = usize::try_from(from - before_oldest).unwrap_or(usize::MAX);
        let mut offset = self.heads.iter().take(skipped).map(|head| head.kept).sum();
        let mut pieces = Vec::new();
        for (seq, head) in (from + 1..).zip(self.heads.iter().skip(skipped)).take(limit) {
            let bytes = self.bytes.iter().skip(offset).take(head.kept).copied().collect();
            offset += head.kept;
            let Head { at, connection, kind, length, .. } = *head;
            pieces.push(Piece { seq, at, connection, kind, bytes, length });
        }
        let next = pieces.last().map_or(from, |last| last.seq);
        Page { pieces, missed: from - asked, next, head: self.head }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::link::Moment;

    const AT: At =
        At { moment: Moment::after(std::time::Duration::ZERO), utc: Timestamp::UNIX_EPOCH };

    fn pushed(pieces: impl IntoIterator<Item = Vec<u8>>) -> Ring {
        let mut ring = Ring::default();
        for bytes in pieces {
            ring.push(AT, Connection(1), PieceKind::Received, &bytes);
        }
        ring
    }

    fn seqs(page: &Page) -> Vec<u64> {
        page.pieces.iter().map(|piece| piece.seq).collect()
    }

    #[test]
    fn pieces_are_kept_up_to_their_bound_and_the_oldest_goes() {
        let most = limits::TRAFFIC_PIECES_MAX as u64;
        let full = pushed((0..most).map(|n| vec![n as u8])).page(None, usize::MAX);
        assert_eq!(seqs(&full), (1..=most).collect::<Vec<_>>());
        let one_past = pushed((0..=most).map(|n| vec![n as u8])).page(None, usize::MAX);
        assert_eq!(seqs(&one_past), (2..=most + 1).collect::<Vec<_>>());
        assert!(one_past.pieces.iter().all(|piece| piece.bytes == [(piece.seq - 1) as u8]));
    }

    #[test]
    fn bytes_are_kept_up_to_their_bound() {
        let pieces = limits::TRAFFIC_BYTES_MAX / limits::TRAFFIC_PIECE_MAX;
        let whole = || vec![7; limits::TRAFFIC_PIECE_MAX];
        let full = pushed((0..pieces).map(|_| whole()));
        assert_eq!(full.page(None, 100).pieces.len(), pieces);
        let one_past = pushed((0..pieces).map(|_| whole()).chain([vec![1]]));
        assert_eq!(one_past.bytes.len(), limits::TRAFFIC_BYTES_MAX - limits::TRAFFIC_PIECE_MAX + 1);
        assert_eq!(one_past.page(None, 100).pieces.len(), pieces);
        assert_eq!(one_past.page(None, 100).pieces.last().unwrap().bytes, [1]);
    }

    #[test]
    fn a_long_piece_is_cut_and_says_how_long_it_was() {
        let most = limits::TRAFFIC_PIECE_MAX;
        let page = pushed([vec![1; most], vec![2; most + 1]]).page(None, 10);
        let found: Vec<_> = page.pieces.iter().map(|p| (p.bytes.len(), p.length)).collect();
        assert_eq!(found, [(most, most), (most, most + 1)]);
    }

    #[test]
    fn who_follows_is_told_what_was_missed() {
        let most = limits::TRAFFIC_PIECES_MAX as u64;
        let ring = pushed((0..most + 5).map(|_| vec![0]));
        let page = ring.page(Some(2), 1);
        assert_eq!((page.missed, page.next, seqs(&page)), (3, 6, vec![6]));
        assert_eq!(ring.page(Some(5), 1).missed, 0);
        assert_eq!(ring.page(None, 1).missed, 0);
        let end = ring.page(Some(most + 5), 1);
        assert_eq!((end.pieces.len(), end.next, end.missed), (0, most + 5, 0));
    }

    #[test]
    fn a_number_from_another_life_of_the_daemon_is_answered_with_the_head() {
        let page = pushed([vec![1]]).page(Some(1_000), 10);
        assert_eq!((page.pieces.len(), page.next, page.head), (0, 1, 1));
    }
}
