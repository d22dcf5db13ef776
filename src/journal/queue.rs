//! Between the lines and the writing thread: bytes that wait, bounded, and what was left out.
//!
//! A line's cost is one lock and one copy. Order is exact: a gap stands where the records were
//! left out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{At, Entry, Health, Kind, Numbers, format};
use crate::limits;

/// What waits for the writing thread.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    news: Condvar,
    ended: Condvar,
    health: Mutex<Option<String>>,
    written_records: AtomicU64,
    written_bytes: AtomicU64,
    lost_records: AtomicU64,
    lost_bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Contents, each behind its length.
    contents: Vec<u8>,
    /// Left out since the last record that fitted.
    left_out: LeftOut,
    closing: bool,
    ended: bool,
}

/// Records that were not written, and how many bytes of lines they held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

/// What the writing thread found.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Contents, each behind its length.
    pub(super) contents: Vec<u8>,
    /// Left out after them.
    pub(super) left_out: LeftOut,
    /// Nothing follows.
    pub(super) last: bool,
}

impl Queue {
    /// Puts a record at the end; where there is no room, counts it.
    pub(super) fn put(&self, entry: &Entry<'_>) {
        let mut waiting = self.waiting();
        let was = waiting.contents.len();
        if entry.bytes.len() <= limits::JOURNAL_PIECE_MAX {
            self.put_piece(&mut waiting, entry, entry.bytes);
        } else {
            for piece in entry.bytes.chunks(limits::JOURNAL_PIECE_MAX) {
                self.put_piece(&mut waiting, entry, piece);
            }
        }
        let now = waiting.contents.len();
        drop(waiting);
        // The writer sleeps while nothing waits, and is in no hurry until there is much.
        if was == 0 || (was < HURRY && now >= HURRY) {
            self.news.notify_one();
        }
    }

    fn put_piece(&self, waiting: &mut Waiting, entry: &Entry<'_>, piece: &[u8]) {
        let room = limits::JOURNAL_QUEUE_MAX.saturating_sub(waiting.contents.len());
        if piece.len() + OVERHEAD > room {
            self.count_lost(LeftOut { records: 1, bytes: piece.len() as u64 });
            waiting.left_out.records += 1;
            waiting.left_out.bytes += piece.len() as u64;
            return;
        }
        if waiting.left_out != LeftOut::default() {
            let gap = gap(std::mem::take(&mut waiting.left_out), entry.at);
            format::put_content(&mut waiting.contents, &gap, &[]);
        }
        format::put_content(&mut waiting.contents, entry, piece);
    }

    /// Waits for something to write, a little longer for more, and at most `idle` in all.
    pub(super) fn take(&self, idle: std::time::Duration, spare: Vec<u8>) -> Batch {
        let waiting = self.waiting();
        let nothing = |waiting: &mut Waiting| waiting.contents.is_empty() && !waiting.closing;
        let (waiting, _) = self
            .news
            .wait_timeout_while(waiting, idle, nothing)
            .unwrap_or_else(PoisonError::into_inner);
        let little = |waiting: &mut Waiting| {
            (1..HURRY).contains(&waiting.contents.len()) && !waiting.closing
        };
        let (mut waiting, _) = self
            .news
            .wait_timeout_while(waiting, limits::JOURNAL_PACE, little)
            .unwrap_or_else(PoisonError::into_inner);
        let contents = std::mem::replace(&mut waiting.contents, spare);
        let left_out = std::mem::take(&mut waiting.left_out);
        Batch { contents, left_out, last: waiting.closing }
    }

    /// Asks the writer to end and waits for it, but not for a disk that hangs.
    pub(super) fn close(&self) {
        let mut waiting = self.waiting();
        waiting.closing = true;
        self.news.notify_one();
        let farewell = limits::JOURNAL_FAREWELL_WAIT;
        let outcome = self.ended.wait_timeout_while(waiting, farewell, |waiting| !waiting.ended);
        drop(outcome.unwrap_or_else(PoisonError::into_inner));
    }

    /// The writer has ended.
    pub(super) fn end(&self) {
        self.waiting().ended = true;
        self.ended.notify_all();
    }

    pub(super) fn count_written(&self, records: u64, bytes: u64) {
        self.written_records.fetch_add(records, Ordering::Relaxed);
        self.written_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn count_lost(&self, lost: LeftOut) {
        self.lost_records.fetch_add(lost.records, Ordering::Relaxed);
        self.lost_bytes.fetch_add(lost.bytes, Ordering::Relaxed);
    }

    pub(super) fn set_health(&self, failing: Option<String>) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = failing;
    }

    pub(super) fn health(&self) -> Health {
        let failing = self.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        failing.map_or(Health::Writing, Health::Failing)
    }

    pub(super) fn numbers(&self) -> Numbers {
        Numbers {
            records: self.written_records.load(Ordering::Relaxed),
            bytes: self.written_bytes.load(Ordering::Relaxed),
            lost_records: self.lost_records.load(Ordering::Relaxed),
            lost_bytes: self.lost_bytes.load(Ordering::Relaxed),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that wait from which on the writer hurries.
const HURRY: usize = limits::JOURNAL_QUEUE_MAX / 4;
/// Room for everything of a record but its bytes, and for a gap before it.
const OVERHEAD: usize = 512;

/// A gap as an entry.
pub(super) const fn gap(left_out: LeftOut, at: At) -> Entry<'static> {
    let kind = Kind::Gap { records: left_out.records, bytes: left_out.bytes };
    Entry { kind, at, analyser: "", connection: 0, bytes: &[] }
}

impl LeftOut {
    /// Both together.
    pub(super) const fn and(self, other: LeftOut) -> LeftOut {
        LeftOut { records: self.records + other.records, bytes: self.bytes + other.bytes }
    }
}
