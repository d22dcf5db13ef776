//! The racks that are in use, in memory, and what it means that an analyser reports a place.
//!
//! ```text
//!                 Placed, TakenOut
//!                    ┌──┐
//!            Opened  ▼  │    Closed             Ended
//!  (nothing) ─────► open ──────────► closed ──────────► ended
//!                    │                                    ▲
//!                    └────────────── Ended ───────────────┘
//! ```
//!
//! | state | what the analyser reports of a tube | what follows |
//! |---|---|---|
//! | open, closed | its place | nothing |
//! | open, closed | another rack or position | every tube of the loading is in doubt |
//! | closed | a donation in this rack that is not on the manifest | so it is, and that donation |
//! | ended | anything | nothing: the rack may be in use again |
//!
//! A place that was settled by two people is not doubted again for the same reason. Nothing is kept
//! of loadings that have ended, and where none is in use a result costs one look at an empty map.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::errors::Trouble;
use super::rack_history::{RackHistory, Tube};
use super::rack_view::LoadingState;
use crate::domain::{DonationNumber, Observation, RackPlan};

/// Loadings that are not ended, by their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Racks {
    in_use: BTreeMap<String, InUse>,
    /// Where the tubes of a donation stand: loadings and positions.
    places: HashMap<DonationNumber, Vec<(String, u32)>>,
}

/// A loading that is not ended.
#[derive(Clone, Debug)]
pub(super) struct InUse {
    pub(super) rack: String,
    pub(super) plan: RackPlan,
    pub(super) opened: i64,
    pub(super) is_closed: bool,
    pub(super) tubes: BTreeMap<u32, Tube>,
    pub(super) doubt: Doubted,
}

/// Whether what the loading's analyser reported of it is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubted {
    /// Nothing was.
    Never,
    /// It is.
    Now,
    /// It was; settled when this was the last observation on record.
    Settled(i64),
}

/// A place that does not agree with a manifest.
#[derive(Clone, Debug)]
pub(super) struct Misplaced {
    /// Whose manifest.
    pub(super) loading: String,
    /// What differs, in words.
    pub(super) text: String,
    /// Whether the donation is not on that manifest at all.
    pub(super) is_extra: bool,
}

impl Racks {
    /// Reads every loading that is not ended.
    pub(super) fn load(connection: &Connection) -> Result<Racks, Trouble> {
        let mut racks = Racks::default();
        let mut statement = connection.prepare_cached(
            "SELECT r.subject FROM record r INDEXED BY record_rack \
             WHERE r.kind = 'rack' AND r.test_code = 'opened' AND NOT EXISTS \
             (SELECT 1 FROM record e INDEXED BY record_rack WHERE e.subject = r.subject \
             AND e.test_code = 'ended' AND e.din = '' AND e.kind = 'rack') ORDER BY r.id",
        )?;
        let loadings: Vec<String> =
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for loading in loadings {
            racks.read_again(connection, &loading)?;
        }
        Ok(racks)
    }

    /// Reads a loading of which something was put on record.
    pub(super) fn read_again(
        &mut self,
        connection: &Connection,
        loading: &str,
    ) -> Result<(), Trouble> {
        if let Some(before) = self.in_use.remove(loading) {
            for tube in before.tubes.into_values() {
                let places = self.places.entry(tube.din.clone()).or_default();
                places.retain(|(of, _)| of != loading);
                if places.is_empty() {
                    self.places.remove(&tube.din);
                }
            }
        }
        let Some(in_use) = RackHistory::load(connection, loading)?.and_then(InUse::of) else {
            return Ok(());
        };
        for (position, tube) in &in_use.tubes {
            let places = self.places.entry(tube.din.clone()).or_default();
            places.push((loading.to_owned(), *position));
        }
        self.in_use.insert(loading.to_owned(), in_use);
        Ok(())
    }

    /// A loading in use.
    pub(super) fn get(&self, loading: &str) -> Option<&InUse> {
        self.in_use.get(loading)
    }

    /// Every loading in use.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &InUse)> {
        self.in_use.iter().map(|(loading, in_use)| (loading.as_str(), in_use))
    }

    /// The loadings in use, oldest first.
    pub(super) fn loadings(&self) -> Vec<String> {
        let mut loadings: Vec<_> = self.iter().collect();
        loadings.sort_unstable_by_key(|(_, in_use)| in_use.opened);
        loadings.into_iter().map(|(loading, _)| loading.to_owned()).collect()
    }

    /// The loading of a rack that is in use.
    pub(super) fn of_rack(&self, rack: &str) -> Option<(&str, &InUse)> {
        self.iter().find(|(_, in_use)| is_same_rack(&in_use.rack, rack))
    }

    /// Where the tubes of a donation stand.
    pub(super) fn places(&self, din: &DonationNumber) -> impl Iterator<Item = (&str, &InUse, u32)> {
        let places = self.places.get(din).into_iter().flatten();
        places.filter_map(|(loading, position)| {
            Some((loading.as_str(), self.get(loading)?, *position))
        })
    }

    /// Whether any loading in use is compared with what an analyser reports.
    pub(super) fn are_told_by(&self, analyser: &str) -> bool {
        self.in_use.values().any(|in_use| in_use.is_told_by(analyser))
    }

    /// What an analyser's result says against the manifests.
    pub(super) fn misplaced(
        &self,
        analyser: &str,
        din: &DonationNumber,
        observation: &Observation,
    ) -> Vec<Misplaced> {
        let reported = Reported::of(observation);
        let own = self.places(din).find(|(_, in_use, _)| in_use.is_told_by(analyser));
        let mut found = Vec::new();
        if let Some((loading, in_use, position)) = own
            && let Some(text) = reported.differs(analyser, din, in_use, position)
        {
            found.push(Misplaced { loading: loading.to_owned(), text, is_extra: false });
        }
        let own = own.map(|(loading, ..)| loading);
        let others = self.iter().filter(|(loading, in_use)| {
            in_use.is_closed && in_use.is_told_by(analyser) && Some(*loading) != own
        });
        for (loading, in_use) in others.filter(|(_, in_use)| reported.is_in(&in_use.rack)) {
            let text = reported.is_extra(analyser, din, in_use);
            found.push(Misplaced { loading: loading.to_owned(), text, is_extra: true });
        }
        found
    }
}

impl InUse {
    fn of(history: RackHistory) -> Option<InUse> {
        let is_closed = match &history.state {
            LoadingState::Open => false,
            LoadingState::Closed { .. } => true,
            LoadingState::Ended { .. } => return None,
        };
        let last = history.doubts.last();
        let doubt = last.map_or(Doubted::Never, |doubt| {
            doubt.settled_after.map_or(Doubted::Now, Doubted::Settled)
        });
        let RackHistory { rack, plan, opened, tubes, .. } = history;
        Some(InUse { rack, plan, opened: opened.record, is_closed, tubes, doubt })
    }

    fn is_told_by(&self, analyser: &str) -> bool {
        self.plan.analyser.as_deref() == Some(analyser)
    }
}

/// A place as an analyser reports it.
#[derive(Clone, Copy, Debug)]
struct Reported<'a> {
    rack: Option<&'a str>,
    position: Option<&'a str>,
}

/// A text that says anything.
fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

impl Reported<'_> {
    fn of(observation: &Observation) -> Reported<'_> {
        let (rack, position) = (&observation.rack, &observation.position);
        Reported { rack: said(rack.as_deref()), position: said(position.as_deref()) }
    }

    fn is_in(self, rack: &str) -> bool {
        self.rack.is_some_and(|reported| is_same_rack(reported, rack))
    }

    /// What differs from the place on the manifest.
    fn differs(
        self,
        analyser: &str,
        din: &DonationNumber,
        in_use: &InUse,
        position: u32,
    ) -> Option<String> {
        let is_same_rack = self.rack.is_none_or(|rack| is_same_rack(rack, &in_use.rack));
        let reported = self.position.map(|text| text.parse::<u32>().ok());
        if is_at(self.rack, self.position, (&in_use.rack, position)) != Some(false) {
            return None;
        }
        let mut text = format!(
            "{analyser} reported {din} at {}; the manifest has it at rack {} position {position}",
            self.words(),
            in_use.rack
        );
        if is_same_rack && reported.flatten().is_some_and(|at| at.abs_diff(position) == 1) {
            text.push_str(": it looks shifted by one");
        }
        Some(text)
    }

    fn is_extra(self, analyser: &str, din: &DonationNumber, in_use: &InUse) -> String {
        format!(
            "{analyser} reported {din} at {}; the manifest of rack {} does not have it",
            self.words(),
            in_use.rack
        )
    }

    fn words(self) -> String {
        match (self.rack, self.position) {
            (Some(rack), Some(position)) => format!("rack {rack} position {position}"),
            (Some(rack), None) => format!("rack {rack}"),
            (None, Some(position)) => format!("position {position}"),
            (None, None) => "no place".to_owned(),
        }
    }
}

/// The same rack, as text or, where both are numbers, without leading zeros.
pub(super) fn is_same_rack(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    one == other || matches!((number(one), number(other)), (Some(one), Some(other)) if one == other)
}

fn number(text: &str) -> Option<&str> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.trim_start_matches('0'))
}

/// How a place that was reported agrees with one on a manifest; `None` where none was reported.
pub(super) fn is_at(
    rack: Option<&str>,
    position: Option<&str>,
    planned: (&str, u32),
) -> Option<bool> {
    let (rack, position) = (said(rack), said(position));
    if rack.is_none() && position.is_none() {
        return None;
    }
    let is_rack = rack.is_none_or(|rack| is_same_rack(rack, planned.0));
    Some(is_rack && position.is_none_or(|text| text.parse() == Ok(planned.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn racks_are_the_same_as_text_or_as_numbers() {
        for (one, other, same) in [
            ("R1", " R1 ", true),
            ("050120", "50120", true),
            ("50120", "50121", false),
            ("0", "000", true),
            ("R01", "R1", false),
            ("", "0", false),
            ("99999999999999999999990", "099999999999999999999990", true),
        ] {
            assert_eq!(is_same_rack(one, other), same, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_place_is_compared_as_far_as_it_is_reported() {
        let planned = ("50120", 3);
        assert_eq!(is_at(None, None, planned), None);
        assert_eq!(is_at(Some(" "), Some(""), planned), None);
        assert_eq!(is_at(Some("050120"), Some("03"), planned), Some(true));
        assert_eq!(is_at(None, Some("3"), planned), Some(true));
        assert_eq!(is_at(Some("50120"), None, planned), Some(true));
        assert_eq!(is_at(Some("50121"), None, planned), Some(false));
        assert_eq!(is_at(Some("50120"), Some("C1"), planned), Some(false), "not a number");
    }
}
