//! What is known of the files in a folder from look to look: which one is ready to be taken, and
//! which one needs a person. No I/O and no clock.
//!
//! ```text
//!           same size and time at two looks, and long enough          stored
//!  (seen) -> Open -------------------------------------------> read ----------> Settled -> moved
//!             ^ ^                                               |                  |
//!             | |                            its end is missing |                  |
//!             | `--------------------- Lacking <----------------'                  |
//!             |   size or time changed                                             |
//!             `--------------------------------------------------------------------'
//! ```
//!
//! | state | event | next |
//! |---|---|---|
//! | none | seen | Open |
//! | any | seen with another size or time | Open, standing still from now on |
//! | any | not seen any more | none |
//! | Open | ready, read, lacks its end | Lacking: not read again until it changes |
//! | Open | ready, read, stored | Settled: not read again until it changes |
//! | Settled | moved | none |
//!
//! What has no line that ends it must stand still for `settle`; what has one is ready at its second
//! look, and counts as cut off when it has stood still for `settle` without that line.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::disk::{Shelf, Stamp};
use crate::limits;
use crate::link::Moment;
use crate::traffic::Files;

/// The files of one folder.
#[derive(Debug)]
pub(super) struct Watch {
    /// How long a file must stand still before it is read.
    still_for: Duration,
    /// How long one may stand still that cannot be taken.
    patience: Duration,
    files: BTreeMap<OsString, Seen>,
    /// Their names in the order in which they are taken.
    order: Vec<OsString>,
}

#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    first: Moment,
    still_since: Moment,
    /// Looks at which it was as it is now.
    looks: u32,
    state: State,
    /// Why it could not be taken or moved, the last time that was tried.
    trouble: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Open,
    Lacking,
    Settled(Shelf),
}

impl Watch {
    /// `settle` as the profile says; `is_marked` where a line ends a complete file.
    pub(super) const fn new(settle: Duration, is_marked: bool) -> Watch {
        let still_for = if is_marked { Duration::ZERO } else { settle };
        Watch { still_for, patience: settle, files: BTreeMap::new(), order: Vec::new() }
    }

    /// Takes in a look at the folder, oldest file first.
    pub(super) fn see(&mut self, looked: Vec<(OsString, Stamp)>, now: Moment) {
        let mut before = std::mem::take(&mut self.files);
        self.order.clear();
        for (name, stamp) in looked {
            let seen = match before.remove(&name) {
                Some(seen) => seen.again(stamp, now),
                None => Seen::new(stamp, now),
            };
            self.order.push(name.clone());
            self.files.insert(name, seen);
        }
    }

    /// What is to be read now, oldest first.
    pub(super) fn ready(&self, now: Moment) -> Vec<(OsString, Stamp)> {
        let is_ready = |seen: &Seen| {
            seen.state == State::Open
                && seen.looks >= 2
                && seen.still_since.plus(self.still_for) <= now
        };
        let named = self.order.iter().filter_map(|name| self.files.get_key_value(name));
        let ready = named.filter(|(_, seen)| is_ready(seen));
        ready.map(|(name, seen)| (name.clone(), seen.stamp)).collect()
    }

    /// What is stored and still to be moved.
    pub(super) fn settled(&self) -> Vec<(OsString, Stamp, Shelf)> {
        let named = self.order.iter().filter_map(|name| self.files.get_key_value(name));
        let settled = named.filter_map(|(name, seen)| match &seen.state {
            State::Settled(shelf) => Some((name.clone(), seen.stamp, shelf.clone())),
            State::Open | State::Lacking => None,
        });
        settled.collect()
    }

    /// It was read, and is not complete.
    pub(super) fn lacks(&mut self, name: &OsStr, what: String) {
        self.enter(name, State::Lacking, Some(what));
    }

    /// It could not be read; that is tried again.
    pub(super) fn unreadable(&mut self, name: &OsStr, why: String) {
        self.enter(name, State::Open, Some(why));
    }

    /// Everything in it is stored, or it never will be.
    pub(super) fn settle(&mut self, name: &OsStr, shelf: Shelf) {
        self.enter(name, State::Settled(shelf), None);
    }

    /// It is stored and could not be moved; that is tried again.
    pub(super) fn unmoved(&mut self, name: &OsStr, why: String) {
        if let Some(seen) = self.files.get_mut(name) {
            seen.trouble = Some(why);
        }
    }

    /// It is gone, or is to be seen anew.
    pub(super) fn forget(&mut self, name: &OsStr) {
        self.files.remove(name);
    }

    fn enter(&mut self, name: &OsStr, state: State, trouble: Option<String>) {
        if let Some(seen) = self.files.get_mut(name) {
            (seen.state, seen.trouble) = (state, trouble);
        }
    }

    /// Files that need a person, and why; in the order of names, so that the words stay the same
    /// while nothing changes.
    pub(super) fn stuck(&self, now: Moment) -> Vec<(&OsStr, String)> {
        let stuck = self.files.iter().filter_map(|(name, seen)| {
            let why = seen.stuck(self.patience, now)?;
            Some((name.as_os_str(), why))
        });
        stuck.collect()
    }

    /// How many there are; `beyond` and `left_alone` as looked at.
    pub(super) fn count(&self, now: Moment, beyond: u64, left_alone: u64) -> Files {
        let stuck = self.stuck(now).len();
        let waiting = self.files.len().saturating_sub(stuck) as u64 + beyond;
        Files { waiting, stuck: stuck as u64, left_alone }
    }
}

impl Seen {
    const fn new(stamp: Stamp, now: Moment) -> Seen {
        Seen { stamp, first: now, still_since: now, looks: 1, state: State::Open, trouble: None }
    }

    fn again(self, stamp: Stamp, now: Moment) -> Seen {
        if stamp == self.stamp {
            return Seen { looks: self.looks.saturating_add(1), ..self };
        }
        Seen { first: self.first, ..Seen::new(stamp, now) }
    }

    fn stuck(&self, patience: Duration, now: Moment) -> Option<String> {
        let stood = self.still_since.plus(patience) <= now;
        match (&self.state, &self.trouble) {
            (State::Settled(_), Some(why)) => Some(format!("it is stored, but not moved: {why}")),
            (State::Lacking, Some(what)) if stood => Some(format!(
                "it was cut off, {what}: have it exported again; nothing of it is stored"
            )),
            (State::Open, Some(why)) if stood => Some(format!("it cannot be read: {why}")),
            (State::Open, None) if self.first.plus(limits::FILE_RESTLESS_AFTER) <= now => {
                let minutes = limits::FILE_RESTLESS_AFTER.as_secs() / 60;
                Some(format!("it is still not taken after {minutes} min: does it go on changing?"))
            }
            (State::Settled(_) | State::Lacking | State::Open, _) => None,
        }
    }
}
