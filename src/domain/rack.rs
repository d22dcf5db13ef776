//! Racks: which tube stands where, said by whoever loaded them, and what becomes of that when an
//! analyser reports other places.

use super::circumstances::words;
use super::{Assay, Container, Grounds};

/// A step of one loading of one rack. Racks are used again every day; a loading is one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RackRecord {
    /// The loading: unique in the laboratory.
    pub loading: String,
    /// The rack's own bar code.
    pub rack: String,
    /// What happened.
    pub step: RackStep,
}

/// What happens to a loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RackStep {
    /// It begins.
    Opened(RackPlan),
    /// Every tube is in its place: the manifest is fixed.
    Closed,
    /// Its results are in, or it was given up; why, in words.
    Ended(String),
    /// Somebody proposes that what this analyser reported of it belongs to its tubes all the same.
    Proposed {
        /// The analyser.
        analyser: String,
        /// Why.
        grounds: Grounds,
    },
    /// Somebody else agrees to the proposal with this record number.
    Agreed(i64),
    /// The proposal with this record number is turned down.
    TurnedDown(i64),
}

/// What a loading is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RackPlan {
    /// The analyser that must report the places of the manifest; `None`: places are not compared.
    pub analyser: Option<String>,
    /// What is to be tested.
    pub assays: Vec<Assay>,
    /// The container its tubes must be.
    pub container: Option<Container>,
    /// How many positions it has.
    pub positions: u32,
    /// The file it was imported from; `None` where it is scanned.
    pub file: Option<String>,
}

/// The donation's tube was put at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The loading.
    pub loading: String,
    /// The rack's bar code.
    pub rack: String,
    /// From 1.
    pub position: u32,
    /// The analyser that must report this place.
    pub analyser: Option<String>,
}

/// An analyser reported tubes of a rack at other places than its manifest. Whose tube is whose is
/// in doubt for the whole rack: of what this analyser says of its tubes nothing good counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RackDoubt {
    /// The loading.
    pub loading: String,
    /// The rack's bar code.
    pub rack: String,
    /// The analyser.
    pub analyser: String,
    /// The message that first did.
    pub message: i64,
    /// What differs, in words.
    pub text: String,
}

/// Two people identified the tubes: the doubt is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RackSettled {
    /// The loading.
    pub loading: String,
    /// The analyser.
    pub analyser: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who agreed; somebody else.
    pub agreed_by: String,
}

/// How a rack's tube is known to stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceFound {
    /// No result yet.
    Awaited,
    /// Reported at its place.
    Confirmed,
    /// Reported without a place.
    NotReported,
    /// Reported at another place.
    Elsewhere,
    /// Reported in this rack, and not on its manifest.
    Extra,
}

words!(
    PlaceFound,
    5,
    Awaited = "awaited",
    Confirmed = "confirmed",
    NotReported = "not_reported",
    Elsewhere = "elsewhere",
    Extra = "extra",
);
