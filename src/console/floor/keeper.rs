//! Reads the floor from the store and keeps it by the feed, on a thread of its own.
//!
//! ```text
//!   start --> begin behind the last two days --> what was open there --> rows ... head
//!                ^                                                        |  complete
//!                +---- room again for what had none ----  news <----------+
//! ```

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Kept, source};
use crate::store::{Store, StoreError};
use crate::{clock, limits};

/// The thread, and how it is told. It ends when this is dropped.
pub(super) struct Keeper {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

/// That there is news, or that it is over.
#[derive(Default)]
struct Signal {
    said: Mutex<Said>,
    changed: Condvar,
}

#[derive(Default)]
struct Said {
    has_news: bool,
    is_over: bool,
}

/// It was told to end.
struct Over;

impl Keeper {
    pub(super) fn start(store: &Store, kept: Arc<Kept>) -> Keeper {
        let signal = Arc::new(Signal::default());
        let told = Arc::clone(&signal);
        store.on_feed(Box::new(move |_| told.news()));
        let keeping = Keeping { store: store.clone(), kept, signal: Arc::clone(&signal) };
        let thread = thread::Builder::new().name("floor".to_owned());
        let thread = thread.spawn(move || keeping.run().unwrap_or(()));
        if let Err(error) = &thread {
            tracing::error!(%error, "no thread for what is open: the console shows nothing of it");
        }
        Keeper { signal, thread: thread.ok() }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.signal.over();
        let Some(thread) = self.thread.take() else { return };
        if thread.thread().id() != thread::current().id() {
            // A panic was reported on the thread itself.
            let _ = thread.join();
        }
    }
}

impl Signal {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn news(&self) {
        self.said().has_news = true;
        self.changed.notify_all();
    }

    fn over(&self) {
        self.said().is_over = true;
        self.changed.notify_all();
    }

    /// Waits for news.
    fn wait(&self) -> Result<(), Over> {
        let waiting = |said: &mut Said| !said.has_news && !said.is_over;
        let said = self.changed.wait_while(self.said(), waiting);
        let mut said = said.unwrap_or_else(PoisonError::into_inner);
        said.has_news = false;
        if said.is_over { Err(Over) } else { Ok(()) }
    }

    /// Lets others work for a while.
    fn pause(&self, pause: Duration) -> Result<(), Over> {
        let waiting = |said: &mut Said| !said.is_over;
        let said = self.changed.wait_timeout_while(self.said(), pause, waiting);
        if said.unwrap_or_else(PoisonError::into_inner).0.is_over { Err(Over) } else { Ok(()) }
    }

    fn go_on(&self) -> Result<(), Over> {
        if self.said().is_over { Err(Over) } else { Ok(()) }
    }
}

struct Keeping {
    store: Store,
    kept: Arc<Kept>,
    signal: Arc<Signal>,
}

impl Keeping {
    fn run(&self) -> Result<(), Over> {
        self.insist(|| self.begin())?;
        loop {
            self.insist(|| self.catch_up())?;
            self.kept.change(|book| book.is_complete());
            self.signal.pause(limits::FLOOR_PACE)?;
            self.signal.wait()?;
            if self.kept.read().has_room_again() {
                self.signal.pause(limits::FLOOR_AGAIN_PAUSE)?;
                self.insist(|| self.begin())?;
            }
        }
    }

    /// Does it until the store lets it be done; the pages say meanwhile that they may be old.
    fn insist(&self, work: impl Fn() -> Result<(), Stuck>) -> Result<(), Over> {
        loop {
            match work() {
                Ok(()) => break,
                Err(Stuck::Over) => return Err(Over),
                Err(Stuck::Store(error)) => {
                    self.kept.change(|book| book.troubled(Some(error.to_string())));
                    self.signal.pause(limits::FLOOR_RETRY_PAUSE)?;
                }
            }
        }
        self.kept.change(|book| book.troubled(None));
        Ok(())
    }

    /// What was open before the rows that are counted.
    fn begin(&self) -> Result<(), Stuck> {
        let after = self.before_the_last_days()?;
        self.kept.change(|book| book.begin(after));
        let mut last = 0;
        loop {
            self.signal.go_on()?;
            let rows = source::open(&self.store, last, limits::FLOOR_PAGE)?;
            let Some(end) = rows.iter().map(|row| row.seq).max() else { break };
            last = end;
            self.kept.change(|book| book.stand(rows));
        }
        self.catch_up()
    }

    /// Takes every row there is.
    fn catch_up(&self) -> Result<(), Stuck> {
        loop {
            self.signal.go_on()?;
            let after = self.kept.read().seq();
            let rows = source::rows(&self.store, after, limits::FLOOR_PAGE)?;
            if rows.is_empty() {
                return Ok(());
            }
            if !self.kept.change(|book| book.take(rows)) {
                let why = format!("the feed has a gap after {after}");
                return Err(Stuck::Store(StoreError::Damaged(why)));
            }
        }
    }

    /// The row before those of the hours that are counted: by halves, for the rows are in the
    /// order of commits, and a clock that was set is off by little.
    fn before_the_last_days(&self) -> Result<i64, Stuck> {
        let hours = i64::try_from(limits::FLOOR_HOURS).unwrap_or(i64::MAX);
        let from = clock::utc().as_second().saturating_sub(hours.saturating_mul(3_600));
        let head = self.store.feed_head();
        let (mut low, mut high) = (head.saturating_sub(limits::FLOOR_ROWS_MAX).max(0), head);
        while low < high {
            let middle = low + (high - low) / 2;
            let time = source::time_of(&self.store, middle + 1)?;
            if time.is_some_and(|time| time.as_second() < from) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// Why it does not go on.
enum Stuck {
    Over,
    Store(StoreError),
}

impl From<Over> for Stuck {
    fn from(_: Over) -> Stuck {
        Stuck::Over
    }
}

impl From<StoreError> for Stuck {
    fn from(error: StoreError) -> Stuck {
        Stuck::Store(error)
    }
}
