//! Where each donation was asked for last, by any analyser of the laboratory.
//!
//! A tube is scanned where it stands. Two scans of one number at two places, within a time in which
//! no tube gets from one to the other, mean two tubes with one number, or a rack whose places are
//! shifted: nobody knows which tube is the right one, so neither is tested, and the donation is
//! held. The analysers report no error of their own then.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::DonationNumber;
use crate::limits;

/// One for all analysers of a laboratory; cheap to clone. Kept in memory: what was scanned before a
/// start is not remembered.
#[derive(Clone, Debug, Default)]
pub struct Sightings(Arc<Mutex<Seen>>);

/// A place at which a specimen can stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Analyser id.
    pub(super) analyser: String,
    /// Rack as sent.
    pub(super) rack: Option<String>,
    /// Position as sent.
    pub(super) position: Option<String>,
}

#[derive(Debug, Default)]
struct Seen {
    last: HashMap<DonationNumber, (Place, Timestamp)>,
    /// In the order in which they were seen; one that was seen again stands here again.
    order: VecDeque<(DonationNumber, Timestamp)>,
}

impl Sightings {
    /// Notes that a donation was asked for at a place; returns where else it was asked for, where
    /// that was just now.
    pub(super) fn note(&self, din: &DonationNumber, place: Place, at: Timestamp) -> Option<Place> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget_before(at);
        seen.order.push_back((din.clone(), at));
        let (earlier, when) = seen.last.insert(din.clone(), (place.clone(), at))?;
        (is_just_now(when, at) && place.is_elsewhere(&earlier)).then_some(earlier)
    }
}

impl Seen {
    /// Forgets what is too long ago, and the oldest where there are too many.
    fn forget_before(&mut self, now: Timestamp) {
        while let Some((din, at)) = self.order.front() {
            if is_just_now(*at, now) && self.order.len() < limits::SIGHTINGS_MAX {
                return;
            }
            if self.last.get(din).is_some_and(|(_, last)| last == at) {
                self.last.remove(din);
            }
            self.order.pop_front();
        }
    }
}

/// In whichever direction the clock was set meanwhile.
fn is_just_now(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).unsigned_abs() < limits::SIGHTING_GAP
}

impl Place {
    /// Whether both cannot be one place. What one of them does not say differs from nothing.
    fn is_elsewhere(&self, other: &Place) -> bool {
        let differ = |one: &Option<String>, other: &Option<String>| {
            one.is_some() && other.is_some() && one != other
        };
        self.analyser != other.analyser
            || differ(&self.rack, &other.rack)
            || differ(&self.position, &other.position)
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let rack = self.rack.iter().map(|rack| format!(", rack {rack}"));
        let position = self.position.iter().map(|position| format!(", position {position}"));
        std::iter::once(self.analyser.clone()).chain(rack).chain(position).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(analyser: &str, rack: &str, position: &str) -> Place {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Place { analyser: analyser.to_owned(), rack: given(rack), position: given(position) }
    }

    fn din(number: usize) -> DonationNumber {
        DonationNumber::restored(format!("D{number}"))
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn the_same_place_again_is_no_other_place() {
        let sightings = Sightings::default();
        for time in [0, 10, 3_000] {
            assert_eq!(sightings.note(&din(1), place("a", "7", "1"), at(time)), None);
        }
        assert_eq!(sightings.note(&din(1), place("a", "7", ""), at(3_001)), None);
    }

    #[test]
    fn two_places_at_once_are_seen_within_the_gap_and_not_after() {
        let gap = i64::try_from(limits::SIGHTING_GAP.as_millis()).unwrap();
        for other in [place("b", "7", "1"), place("a", "8", "1"), place("a", "7", "2")] {
            let (here, sightings) = (place("a", "7", "1"), Sightings::default());
            sightings.note(&din(1), here.clone(), at(0));
            assert_eq!(sightings.note(&din(2), other.clone(), at(0)), None);
            let seen = sightings.note(&din(1), other.clone(), at(gap - 1));
            assert_eq!(seen, Some(here.clone()), "{other:?}");
            assert_eq!(sightings.note(&din(1), here, at(2 * gap - 1)), None);
        }
    }

    #[test]
    fn a_clock_set_back_does_not_hide_the_other_place() {
        let sightings = Sightings::default();
        sightings.note(&din(1), place("a", "", ""), at(3_000));
        assert!(sightings.note(&din(1), place("b", "", ""), at(0)).is_some());
    }

    #[test]
    fn as_many_are_remembered_as_the_bound_says_and_no_more() {
        let sightings = Sightings::default();
        for number in 0..limits::SIGHTINGS_MAX {
            sightings.note(&din(number), place("a", "", ""), at(0));
        }
        let seen = |number| sightings.note(&din(number), place("b", "", ""), at(1)).is_some();
        assert!(!seen(0), "one past: the oldest is forgotten");
        assert!(seen(2));
        let seen = sightings.0.lock().unwrap();
        assert_eq!(seen.order.len(), limits::SIGHTINGS_MAX);
        assert!(seen.last.len() <= limits::SIGHTINGS_MAX);
    }

    #[test]
    fn what_is_long_ago_is_forgotten() {
        let sightings = Sightings::default();
        (0..100).for_each(|number| drop(sightings.note(&din(number), place("a", "", ""), at(0))));
        sightings.note(&din(7), place("a", "", ""), at(60_000));
        assert_eq!(sightings.0.lock().unwrap().last.len(), 1);
    }
}
