//! What inventory tells us about a donation before or after its results arrive.

use jiff::Timestamp;

use super::{AboGroup, DonationNumber, RhdType};

/// A donation as inventory registered it. Registered once; a conflicting second one is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The donation number.
    pub din: DonationNumber,
    /// When the blood was drawn.
    pub collected_at: Timestamp,
    /// The collecting site.
    pub site: String,
    /// What is known of the donor.
    pub donor: Donor,
}

/// What the rules need to know of a donor; no name, no identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Donor {
    /// First or repeat donor.
    pub kind: DonorKind,
    /// Deferred at the time of registration.
    pub deferred: bool,
    /// Group on record from earlier donations.
    pub historic_group: Option<HistoricGroup>,
}

/// First or repeat donor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DonorKind {
    /// First donation.
    First,
    /// Has donated before.
    Repeat,
}

/// Blood group on record from earlier donations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HistoricGroup {
    /// ABO group.
    pub abo: AboGroup,
    /// RhD type.
    pub rhd: RhdType,
}

impl DonorKind {
    /// The word used in JSON and the store.
    pub const fn id(self) -> &'static str {
        match self {
            DonorKind::First => "first",
            DonorKind::Repeat => "repeat",
        }
    }

    /// The kind with this word.
    pub fn from_id(id: &str) -> Option<DonorKind> {
        [DonorKind::First, DonorKind::Repeat].into_iter().find(|kind| kind.id() == id)
    }
}
