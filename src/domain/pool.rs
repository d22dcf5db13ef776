//! NAT pools: several donations in one tube, judged together.

use super::{Assay, DonationNumber, Reading, RecordedObservation};

/// A pool as somebody put it on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its id, as on its tube; unique in the laboratory.
    pub id: String,
    /// Its members in order; empty where nobody said.
    pub members: Vec<DonationNumber>,
    /// Who or what pipetted it.
    pub made_by: Option<String>,
}

/// A pool as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolFacts {
    /// Its id.
    pub id: String,
    /// What is known of its members.
    pub members: PoolMembers,
    /// How many members are on record.
    pub size: u32,
    /// Results of the pool's tube, oldest commit first.
    pub observations: Vec<RecordedObservation>,
    /// What the other members' single tests say, in the order of the members.
    pub others: Vec<OtherMember>,
}

/// What is known of the members of a pool, seen from one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolMembers {
    /// This donation was a member before the pool ran, once.
    Recorded,
    /// The donation is said to be in it, but who else is, nobody said.
    Unknown,
    /// This donation was added after the pool ran: not covered.
    AddedLater,
    /// A donation stands in it twice.
    Duplicate,
}

/// Another member of a pool and its single tests after the pool's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherMember {
    /// The donation.
    pub din: DonationNumber,
    /// Its worst conclusive reading of any nucleic acid test; `None` while there is none.
    pub single: Option<Reading>,
    /// The assay of that reading.
    pub assay: Option<Assay>,
}
