//! The vocabulary of blood donation testing, in the words of the trade.
//!
//! Plain values that cannot be built wrong: a [`DonationNumber`] exists only if it was parsed.
//! No I/O, no async, no clock, and no room below this one.

mod assay;
mod donation;
mod donation_number;
mod facts;
mod observation;
mod reading;
mod verdict;
mod work;

pub use assay::{Assay, Measure, UnknownAssay};
pub use donation::{Donor, DonorKind, HistoricGroup, Registration};
pub use donation_number::{
    DonationNumber, DonationNumberError, DonationNumberScheme, ScannedNumber,
};
pub use facts::{Facts, RecordedObservation, ReleaseHistory, Sighting, UnreadMessage};
pub use observation::{
    Concern, Effect, InstrumentTime, Observation, ResultStatus, SpecimenKind, Unaccounted,
};
pub use reading::{AboGroup, Reading, RhdType};
pub use verdict::{
    Action, Check, Decision, NextStep, Reason, ReasonCode, RuleSetIdentity, Verdict,
};
pub use work::{
    Ask, AskedId, AskedSpecimen, OrderReply, OrderStanding, OrderedTest, Query, WorkOrder,
};
