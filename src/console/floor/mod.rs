//! Everything that is open, in memory: so that no page goes through the store.
//!
//! A thread of its own reads it from the store when the console starts and keeps it by the feed
//! from then on. Pages look at it at any time; while it is being read they say so. It is a copy
//! for the eyes: nothing is decided from it, and what is on record is what the store says. Refuses
//! to grow beyond `limits::FLOOR_OPEN_MAX` donations; the pages say when more is open.

mod book;
mod keeper;
mod source;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::watch;

use crate::store::Store;

pub(super) use book::{Book, Open, Step, Want, Why};

/// Everything that is open; cheap to clone. What keeps it ends with the last one.
#[derive(Clone)]
pub(super) struct Floor {
    kept: Arc<Kept>,
    _keeper: Arc<keeper::Keeper>,
}

/// What the pages look at.
struct Kept {
    book: RwLock<Book>,
    /// Moves with every change.
    changed: watch::Sender<u64>,
}

impl Floor {
    /// Built up in the background, then kept by the feed.
    pub(super) fn new(store: &Store) -> Floor {
        let (changed, _) = watch::channel(0);
        let kept = Arc::new(Kept { book: RwLock::new(Book::new()), changed });
        let keeper = keeper::Keeper::start(store, Arc::clone(&kept));
        Floor { kept, _keeper: Arc::new(keeper) }
    }

    /// Looks at it; whoever looks holds up its keeper and nobody else.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        look(&self.kept.read())
    }

    /// Moves when something has changed.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.kept.changed.subscribe()
    }
}

impl Kept {
    fn read(&self) -> RwLockReadGuard<'_, Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the book and tells.
    fn change<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        let outcome = change(&mut self.book.write().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_modify(|count| *count += 1);
        outcome
    }
}

#[cfg(test)]
mod tests;
