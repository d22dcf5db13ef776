//! Blood-safety statistics by month, site and assay, counted off the request of any page.
//!
//! A month is that in which donations were collected, UTC. It is counted on a thread of its own,
//! slice by slice, each on a snapshot that it lets go, so that neither the writer nor any page
//! waits for it; what was counted is kept with the time at which it was. A month is counted again
//! when it is asked for and a donation of it got another verdict since, but not more often than
//! every [`limits::STATISTICS_EVERY`]; one that is over and quiet is never counted again. Refuses
//! to keep more than [`limits::STATISTICS_MONTHS_KEPT`] months: those asked for first go.

mod count;
mod month;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;

use super::errors::Trouble;
use super::{Store, StoreError};
use crate::limits;
use count::{Count, Cursor};

pub use count::{AssayCount, LotDay, Rate, SiteCount};
pub use month::{Month, NoMonth};

/// Counts in the background; cheap to clone. It ends when the last one is dropped.
#[derive(Clone)]
pub struct Statistics {
    running: Arc<Running>,
}

struct Running {
    store: Store,
    desk: Arc<Desk>,
    utc: fn() -> Timestamp,
    /// Started by the first month that is asked for.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What was counted of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthCount {
    /// The month.
    pub month: Month,
    /// When it was counted, UTC.
    pub counted_at: Timestamp,
    /// By site.
    pub sites: BTreeMap<String, SiteCount>,
    /// First results by day and reagent lot.
    pub rates: BTreeMap<LotDay, Rate>,
}

/// What there is to show of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthStanding {
    /// What was counted last; `None` while it is counted for the first time.
    pub count: Option<Arc<MonthCount>>,
    /// Whether it is being counted now, or waits for that.
    pub is_counting: bool,
    /// Why it could not be counted, where it could not.
    pub failed: Option<String>,
}

/// What the thread is asked for, and what it did.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    kept: BTreeMap<Month, Kept>,
    /// The order in which months were first asked for.
    asked: VecDeque<Month>,
    waiting: VecDeque<Month>,
    failed: BTreeMap<Month, String>,
    /// Verdicts up to here are known to have changed the months that are marked.
    looked_to: i64,
    is_ended: bool,
}

struct Kept {
    count: Arc<MonthCount>,
    has_news: bool,
}

impl Statistics {
    /// Counts nothing, and has no thread, before somebody asks.
    pub fn new(store: &Store, utc: fn() -> Timestamp) -> Statistics {
        let state = State { looked_to: store.feed_head(), ..State::default() };
        let desk = Arc::new(Desk { state: Mutex::new(state), news: Condvar::new() });
        let running = Running { store: store.clone(), desk, utc, thread: Mutex::default() };
        Statistics { running: Arc::new(running) }
    }

    /// The months of the first and the last donation; `None` while there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn months(&self) -> Result<Option<(Month, Month)>, StoreError> {
        self.running.store.handle.readers.read(count::months)
    }

    /// What there is of a month. Returns at once; where there is nothing yet, or there is news of
    /// it, it is counted meanwhile.
    pub fn month(&self, month: Month) -> MonthStanding {
        let running = &self.running;
        let (now, head) = ((running.utc)(), running.store.feed_head());
        let refused = running.started().err().map(|error| error.to_string());
        let mut state = running.desk.locked();
        let is_wanted = refused.is_none() && state.is_wanted(month, head, now);
        if is_wanted && !state.waiting.contains(&month) {
            state.waiting.push_back(month);
            running.desk.news.notify_all();
        }
        MonthStanding {
            count: state.kept.get(&month).map(|kept| Arc::clone(&kept.count)),
            is_counting: state.waiting.contains(&month),
            failed: refused.or_else(|| state.failed.get(&month).cloned()),
        }
    }

    /// Waits until nothing is left to be counted: for whoever must have it now, never for a page.
    pub fn settled(&self) {
        let state = self.running.desk.locked();
        let waits = |state: &mut State| !state.waiting.is_empty() && !state.is_ended;
        drop(self.running.desk.news.wait_while(state, waits));
    }
}

impl State {
    fn is_wanted(&self, month: Month, head: i64, now: Timestamp) -> bool {
        let Some(kept) = self.kept.get(&month) else { return true };
        let age = now.duration_since(kept.count.counted_at).unsigned_abs();
        (kept.has_news || self.looked_to < head) && age >= limits::STATISTICS_EVERY
    }

    fn keep(&mut self, month: Month, outcome: Result<MonthCount, StoreError>) {
        self.waiting.retain(|waiting| *waiting != month);
        match outcome {
            Ok(count) => {
                self.failed.remove(&month);
                self.kept.insert(month, Kept { count: Arc::new(count), has_news: false });
                self.asked.retain(|asked| *asked != month);
                self.asked.push_back(month);
            }
            Err(error) => {
                self.failed.insert(month, error.to_string());
            }
        }
        while self.asked.len() > limits::STATISTICS_MONTHS_KEPT {
            if let Some(oldest) = self.asked.pop_front() {
                self.kept.remove(&oldest);
            }
        }
    }

    fn hear(&mut self, months: &BTreeSet<Month>, to: i64) {
        for (month, kept) in &mut self.kept {
            kept.has_news |= months.contains(month);
        }
        self.looked_to = to;
    }
}

impl Desk {
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next month that is asked for; `None` at the end.
    fn next(&self) -> Option<Month> {
        let waits = |state: &mut State| state.waiting.is_empty() && !state.is_ended;
        let state = self.news.wait_while(self.locked(), waits);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.waiting.front().copied().filter(|_| !state.is_ended)
    }

    fn is_ended(&self) -> bool {
        self.locked().is_ended
    }
}

impl Running {
    /// Sees to it that the thread runs.
    fn started(&self) -> io::Result<()> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let (store, desk) = (self.store.clone(), Arc::clone(&self.desk));
            let counter = Counter { store, desk, utc: self.utc };
            let builder = thread::Builder::new().name("statistics".to_owned());
            *thread = Some(builder.spawn(move || counter.run())?);
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.desk.locked().is_ended = true;
        self.desk.news.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        if thread.thread().id() != thread::current().id() {
            // A panic was reported on the thread itself.
            let _ = thread.join();
        }
    }
}

/// What runs on the thread.
struct Counter {
    store: Store,
    desk: Arc<Desk>,
    utc: fn() -> Timestamp,
}

impl Counter {
    fn run(self) {
        while let Some(month) = self.desk.next() {
            let outcome = self.hear().and_then(|()| self.look(month));
            if let Err(error) = &outcome {
                tracing::warn!(%error, "the statistics of {month} were not counted");
            }
            // An end in the middle leaves nothing half counted.
            let outcome = outcome.map(|count| count.map(|count| (month, count)));
            let mut state = self.desk.locked();
            match outcome {
                Ok(Some((month, count))) => state.keep(month, Ok(count)),
                Ok(None) => state.waiting.retain(|waiting| *waiting != month),
                Err(error) => state.keep(month, Err(error)),
            }
            drop(state);
            self.desk.news.notify_all();
        }
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&rusqlite::Connection) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        self.store.handle.readers.read(read)
    }

    /// Marks the months of which donations got verdicts since they were last looked for.
    fn hear(&self) -> Result<(), StoreError> {
        while !self.desk.is_ended() {
            let after = self.desk.locked().looked_to;
            let Some((months, to)) =
                self.read(|connection| count::changed_after(connection, after))?
            else {
                break;
            };
            self.desk.locked().hear(&months, to);
        }
        Ok(())
    }

    /// Counts a month where that is due; `None` where it is not, or at the end.
    fn look(&self, month: Month) -> Result<Option<MonthCount>, StoreError> {
        let has_news = self.desk.locked().kept.get(&month).is_none_or(|kept| kept.has_news);
        if !has_news {
            return Ok(None);
        }
        let counted_at = (self.utc)();
        let mut count = Count::default();
        let mut next = Some(Cursor::begin(month));
        while let Some(cursor) = next {
            if self.desk.is_ended() {
                return Ok(None);
            }
            next = self.read(|connection| count.go_on(connection, cursor))?;
        }
        for site in count.sites.values_mut() {
            site.seconds.sort_unstable();
        }
        let Count { sites, rates } = count;
        Ok(Some(MonthCount { month, counted_at, sites, rates }))
    }
}
