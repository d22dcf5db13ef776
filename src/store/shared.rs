//! What everybody may read while the writer writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::chain::Marks;
use super::schema::Table;
use super::{Counters, Health, StoreError};
use crate::domain::DonationNumber;
use crate::limits;

/// Is told of the feed's new head, or of the last record.
type Listener = Box<dyn Fn(i64) + Send + Sync>;

/// Is told of a donation that was decided about.
type Watcher = Box<dyn Fn(&DonationNumber) + Send + Sync>;

/// What everybody may read while the writer writes.
#[derive(Default)]
pub(super) struct Shared {
    feed_head: AtomicI64,
    failing: Mutex<Option<StoreError>>,
    listeners: Mutex<Vec<Listener>>,
    record_listeners: Mutex<Vec<Listener>>,
    watchers: Mutex<Vec<Watcher>>,
    is_watched: AtomicBool,
    /// Loadings that are not ended, oldest first.
    racks_in_use: Mutex<Arc<Vec<String>>>,
    waiting: AtomicU64,
    waiting_bytes: AtomicU64,
    messages: AtomicU64,
    duplicates: AtomicU64,
    observations: AtomicU64,
    verdicts: AtomicU64,
    commits: AtomicU64,
    failures: AtomicU64,
}

impl Shared {
    pub(super) fn feed_head(&self) -> i64 {
        self.feed_head.load(Ordering::Acquire)
    }

    pub(super) fn set_feed_head(&self, head: i64) {
        self.feed_head.store(head, Ordering::Release);
    }

    pub(super) fn racks_in_use(&self) -> Arc<Vec<String>> {
        Arc::clone(&locked(&self.racks_in_use))
    }

    pub(super) fn set_racks_in_use(&self, loadings: Vec<String>) {
        *locked(&self.racks_in_use) = Arc::new(loadings);
    }

    pub(super) fn listen(&self, tell: Listener) {
        locked(&self.listeners).push(tell);
    }

    pub(super) fn listen_to_records(&self, tell: Listener) {
        locked(&self.record_listeners).push(tell);
    }

    pub(super) fn health(&self) -> Health {
        match locked(&self.failing).clone() {
            None => Health::Writing,
            Some(error) => Health::Failing(error),
        }
    }

    /// Counts a task of so many bytes; refuses it, with the number of those that wait, where the
    /// bytes would be too many.
    pub(super) fn one_more_waits(&self, bytes: u64) -> Result<(), usize> {
        let waiting = self.waiting.fetch_add(1, Ordering::AcqRel);
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::AcqRel);
        if before.saturating_add(bytes) <= limits::WRITER_QUEUE_BYTES_MAX {
            return Ok(());
        }
        self.one_less_waits(bytes);
        Err(usize::try_from(waiting).unwrap_or(usize::MAX))
    }

    pub(super) fn one_less_waits(&self, bytes: u64) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        self.waiting_bytes.fetch_sub(bytes, Ordering::AcqRel);
    }

    /// Says that nothing is taken; returns what was said before.
    pub(super) fn fails_with(&self, error: &StoreError) -> Option<StoreError> {
        locked(&self.failing).replace(error.clone())
    }

    pub(super) fn counters(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        Counters {
            messages: read(&self.messages),
            duplicates: read(&self.duplicates),
            observations: read(&self.observations),
            verdicts: read(&self.verdicts),
            commits: read(&self.commits),
            failures: read(&self.failures),
            waiting: read(&self.waiting),
        }
    }

    /// Counts what a commit added.
    pub(super) fn count(&self, before: &Marks, after: &Marks) {
        self.commits.fetch_add(1, Ordering::AcqRel);
        let added = |counter: &AtomicU64, table: Table| {
            let rows = after.of(table).saturating_sub(before.of(table));
            counter.fetch_add(u64::try_from(rows).unwrap_or_default(), Ordering::AcqRel);
        };
        added(&self.messages, Table::Message);
        added(&self.observations, Table::Observation);
        added(&self.verdicts, Table::Verdict);
    }

    /// Whether the last transaction failed.
    pub(super) fn is_failing(&self) -> bool {
        locked(&self.failing).is_some()
    }

    /// Says that entries are taken again; returns whether they were not.
    pub(super) fn recovers(&self) -> bool {
        locked(&self.failing).take().is_some()
    }

    /// Counts a duplicate.
    pub(super) fn count_duplicate(&self) {
        self.duplicates.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts a transaction that failed.
    pub(super) fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::AcqRel);
    }

    /// Calls `tell` on the writer's thread with every donation decided about, after COMMIT.
    pub(super) fn watch(&self, tell: Watcher) {
        locked(&self.watchers).push(tell);
        self.is_watched.store(true, Ordering::Release);
    }

    /// Whether anybody wants to know.
    pub(super) fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Acquire)
    }

    pub(super) fn tell_watchers(&self, decided: &[DonationNumber]) {
        if decided.is_empty() {
            return;
        }
        for tell in locked(&self.watchers).iter() {
            call(|| decided.iter().for_each(tell));
        }
    }

    pub(super) fn tell_of_record(&self, last: i64) {
        for tell in locked(&self.record_listeners).iter() {
            call(|| tell(last));
        }
    }

    pub(super) fn tell_listeners(&self, head: i64) {
        for tell in locked(&self.listeners).iter() {
            call(|| tell(head));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A callback is somebody else's: its panic must not end the writer.
pub(super) fn call(callback: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(callback)).is_err() {
        tracing::error!("a callback of the store panicked; the store goes on");
    }
}
