//! Words of a bundle for what has no word of its own in the vocabulary.

use crate::domain::{Bracket, KitControls, PoolMembers, ReleaseHistory, RuleSetStanding};

type Words<T> = &'static [(T, &'static str)];

pub(super) const KIT_CONTROLS: Words<KitControls> = &[
    (KitControls::NotRecorded, "not_recorded"),
    (KitControls::Passed, "passed"),
    (KitControls::Failed, "failed"),
];

pub(super) const BRACKETS: Words<Bracket> = &[(Bracket::Open, "open"), (Bracket::Closed, "closed")];

pub(super) const MEMBERS: Words<PoolMembers> = &[
    (PoolMembers::Recorded, "recorded"),
    (PoolMembers::Unknown, "unknown"),
    (PoolMembers::AddedLater, "added_later"),
    (PoolMembers::Duplicate, "duplicate"),
];

pub(super) const RELEASES: Words<ReleaseHistory> = &[
    (ReleaseHistory::NeverReleased, "never_released"),
    (ReleaseHistory::Released, "released"),
    (ReleaseHistory::Recalled, "recalled"),
];

pub(super) const STANDINGS: Words<RuleSetStanding> =
    &[(RuleSetStanding::Unchanged, "unchanged"), (RuleSetStanding::Changed, "changed")];

/// The word of a value.
pub(super) fn word<T: PartialEq>(words: Words<T>, value: &T) -> String {
    let found = words.iter().find(|(known, _)| known == value);
    found.map_or_else(String::new, |(_, word)| (*word).to_owned())
}

/// The value of a word.
pub(super) fn value<T: Copy>(words: Words<T>) -> impl Fn(&str) -> Option<T> {
    move |text| words.iter().find(|(_, word)| *word == text).map(|(value, _)| *value)
}
