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
    /// How often it could not be taken as it is now, and when that is tried again.
    failures: u32,
    not_before: Moment,
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
                && seen.not_before <= now
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

    /// It could not be read, or not all of it was stored; that is tried again after a pause, twice
    /// as long each time. Other files do not wait for it.
    pub(super) fn not_taken(&mut self, name: &OsStr, why: String, now: Moment) {
        if let Some(seen) = self.files.get_mut(name) {
            let pause = limits::REOPEN_FIRST.saturating_mul(2_u32.saturating_pow(seen.failures));
            seen.not_before = now.plus(pause.min(limits::REOPEN_MAX));
            seen.failures = seen.failures.saturating_add(1);
            seen.trouble = Some(why);
        }
    }

    /// Everything in it is stored, or it never will be.
    pub(super) fn settle(&mut self, name: &OsStr, shelf: Shelf) {
        self.enter(name, State::Settled(shelf), None);
    }

    /// It is stored and could not be moved; that is tried again.
    pub(super) fn not_moved(&mut self, name: &OsStr, why: String) {
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
        Seen {
            stamp,
            first: now,
            still_since: now,
            looks: 1,
            state: State::Open,
            trouble: None,
            failures: 0,
            not_before: now,
        }
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
            (State::Open, Some(why)) if stood => Some(format!("it cannot be taken: {why}")),
            (State::Open, None) if self.first.plus(limits::FILE_RESTLESS_AFTER) <= now => {
                let minutes = limits::FILE_RESTLESS_AFTER.as_secs() / 60;
                Some(format!("it is still not taken after {minutes} min: does it go on changing?"))
            }
            (State::Settled(_) | State::Lacking | State::Open, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: u64 = 2;

    fn at(seconds: u64) -> Moment {
        Moment::after(Duration::from_secs(seconds))
    }

    fn unmarked() -> Watch {
        Watch::new(Duration::from_secs(10), false)
    }

    fn marked() -> Watch {
        Watch::new(Duration::from_secs(60), true)
    }

    fn see(watch: &mut Watch, files: &[(&str, u64)], seconds: u64) {
        let files = files.iter().map(|(name, size)| ((*name).into(), Stamp::made_up(*size)));
        watch.see(files.collect(), at(seconds));
    }

    fn ready(watch: &Watch, seconds: u64) -> Vec<String> {
        let ready = watch.ready(at(seconds)).into_iter();
        ready.map(|(name, _)| name.into_string().unwrap()).collect()
    }

    fn stuck(watch: &Watch, seconds: u64) -> Vec<String> {
        let stuck = watch.stuck(at(seconds)).into_iter();
        stuck.map(|(name, why)| format!("{}: {why}", name.display())).collect()
    }

    #[test]
    fn what_has_an_end_is_read_at_its_second_look_and_in_the_order_given() {
        let mut watch = marked();
        see(&mut watch, &[("b", 1), ("a", 1)], 0);
        assert_eq!(ready(&watch, 1_000), [""; 0], "one look is none");
        see(&mut watch, &[("b", 1), ("a", 1), ("c", 1)], POLL);
        assert_eq!(ready(&watch, POLL), ["b", "a"]);
    }

    #[test]
    fn what_has_no_end_stands_still_long_enough_and_at_two_looks() {
        let mut watch = unmarked();
        see(&mut watch, &[("a", 1)], 0);
        assert_eq!(ready(&watch, 1_000), [""; 0], "one look is none");
        see(&mut watch, &[("a", 1)], 9);
        assert_eq!((ready(&watch, 9).len(), ready(&watch, 10).len()), (0, 1));
    }

    #[test]
    fn a_change_begins_anew_whatever_was_known() {
        for settled in [false, true] {
            let mut watch = marked();
            see(&mut watch, &[("a", 1)], 0);
            match settled {
                false => watch.lacks(OsStr::new("a"), "its end".to_owned()),
                true => watch.settle(OsStr::new("a"), Shelf::Done),
            }
            see(&mut watch, &[("a", 1)], 2);
            assert_eq!(ready(&watch, 2), [""; 0], "it is not read again while it is the same");
            see(&mut watch, &[("a", 2)], 4);
            assert_eq!((ready(&watch, 4).len(), watch.settled().len()), (0, 0));
            see(&mut watch, &[("a", 2)], 6);
            assert_eq!(ready(&watch, 6), ["a"]);
        }
    }

    #[test]
    fn a_file_without_its_end_is_stuck_when_it_has_stood_still() {
        let mut watch = marked();
        see(&mut watch, &[("a", 1)], 0);
        see(&mut watch, &[("a", 1)], 2);
        watch.lacks(OsStr::new("a"), "its last line is not X".to_owned());
        assert_eq!(stuck(&watch, 59), [""; 0]);
        let told = stuck(&watch, 60);
        assert!(told[0].starts_with("a: it was cut off, its last line is not X"), "{told:?}");
        assert_eq!(watch.count(at(59), 5, 7), Files { waiting: 6, stuck: 0, left_alone: 7 });
        assert_eq!(watch.count(at(60), 5, 7), Files { waiting: 5, stuck: 1, left_alone: 7 });
        see(&mut watch, &[], 62);
        assert_eq!(watch.count(at(62), 0, 0), Files::default(), "somebody took it away");
    }

    #[test]
    fn what_goes_on_changing_is_stuck_in_the_end() {
        let after = limits::FILE_RESTLESS_AFTER.as_secs();
        let mut watch = unmarked();
        for (size, second) in (0..=after).step_by(60).enumerate() {
            see(&mut watch, &[("a", size as u64)], second);
        }
        assert_eq!((stuck(&watch, after - 1).len(), stuck(&watch, after).len()), (0, 1));
    }

    #[test]
    fn what_failed_is_tried_again_after_pauses_that_double_up_to_the_bound() {
        let mut watch = marked();
        see(&mut watch, &[("a", 1), ("b", 1)], 0);
        see(&mut watch, &[("a", 1), ("b", 1)], 2);
        let mut now = at(2);
        for ceiling_ms in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            watch.not_taken(OsStr::new("a"), "busy".to_owned(), now);
            let due = now.plus(Duration::from_millis(ceiling_ms));
            let early = now.plus(Duration::from_millis(ceiling_ms - 1));
            assert_eq!((watch.ready(early).len(), watch.ready(due).len()), (1, 2), "{ceiling_ms}");
            now = due;
        }
        assert_eq!(stuck(&watch, 200), ["a: it cannot be taken: busy"]);
    }

    #[test]
    fn what_is_stored_and_not_moved_is_stuck_at_once() {
        let mut watch = marked();
        see(&mut watch, &[("a", 1)], 0);
        watch.settle(OsStr::new("a"), Shelf::Done);
        assert_eq!((stuck(&watch, 0).len(), watch.settled().len()), (0, 1));
        watch.not_moved(OsStr::new("a"), "read-only".to_owned());
        see(&mut watch, &[("a", 1)], 2);
        assert_eq!(stuck(&watch, 2), ["a: it is stored, but not moved: read-only"]);
        watch.forget(OsStr::new("a"));
        assert_eq!(watch.settled(), []);
    }
}
