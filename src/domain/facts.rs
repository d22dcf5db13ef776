//! Everything on record about one donation: the only thing a verdict may depend on.

use super::{
    Circumstances, DonationNumber, Observation, PoolFacts, RecordedStatement, Registration,
};

/// The case file of one donation, joined by donation number alone, in the order of commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The donation.
    pub din: DonationNumber,
    /// What inventory said, if it has.
    pub registration: Option<Registration>,
    /// Donor observations, oldest commit first.
    pub observations: Vec<RecordedObservation>,
    /// Messages that name this donation and could not be read completely.
    pub unread: Vec<UnreadMessage>,
    /// Where it was asked for at two places at once.
    pub sightings: Vec<Sighting>,
    /// What people and other systems put on record about it, oldest first.
    pub statements: Vec<RecordedStatement>,
    /// Pools it is or should be in, in the order of their records.
    pub pools: Vec<PoolFacts>,
    /// Whether an earlier verdict let this donation go.
    pub release: ReleaseHistory,
    /// Whether the rule set is the one that decided before.
    pub rule_set: RuleSetStanding,
}

impl Facts {
    /// The empty case file of a donation.
    pub const fn new(din: DonationNumber) -> Facts {
        Facts {
            din,
            registration: None,
            observations: Vec::new(),
            unread: Vec::new(),
            sightings: Vec::new(),
            statements: Vec::new(),
            pools: Vec::new(),
            release: ReleaseHistory::NeverReleased,
            rule_set: RuleSetStanding::Unchanged,
        }
    }
}

/// An observation with its place in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedObservation {
    /// Number of the observation in the store; rises with commit order.
    pub id: i64,
    /// Number of the message it was read from.
    pub message: i64,
    /// The analyser's id in the configuration.
    pub analyser: String,
    /// Name of the profile it was read with.
    pub profile: String,
    /// What it says.
    pub observation: Observation,
    /// How it came about.
    pub circumstances: Circumstances,
}

/// A message that names a donation but could not be read completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadMessage {
    /// Number of the message in the store.
    pub message: i64,
    /// What could not be read, in words.
    pub why: String,
    /// Whether all that is wrong with it is that its transfer was cut short: it was not
    /// acknowledged, and the analyser sends it again.
    pub cut_short: bool,
}

/// A donation was asked for at two places within a time in which no tube gets from one to the
/// other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Number of the message that asked for it at the second place.
    pub message: i64,
    /// Where, in words.
    pub text: String,
}

/// Whether an earlier verdict let this donation go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReleaseHistory {
    /// Never releasable so far.
    NeverReleased,
    /// The latest verdict was releasable, or an earlier one was and nothing adverse followed.
    Released,
    /// Withdrawn after release. Stays so.
    Recalled,
}

/// Whether the rule set that decides now is the one under which the donation's verdicts stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RuleSetStanding {
    /// It is, or there is no verdict yet, or a person looked at the donation again since.
    #[default]
    Unchanged,
    /// Another one decided before, and nobody has looked again.
    Changed,
}
