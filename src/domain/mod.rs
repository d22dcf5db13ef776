//! The vocabulary of blood donation testing, in the words of the trade.
//!
//! Plain values that cannot be built wrong: a [`DonationNumber`] exists only if it was parsed.
//! No I/O, no async, no clock, and no room below this one.

mod accord;
mod assay;
mod circumstances;
mod donation;
mod donation_number;
mod facts;
mod observation;
mod pool;
mod quality;
mod rack;
mod reading;
mod record;
mod verdict;
mod work;

pub use accord::{
    AmendedReason, Correction, Ground, Grounds, Judgement, Matter, MessageJudged, Proposal,
};
pub use assay::{Assay, Measure, UnknownAssay};
pub use circumstances::{
    Bracket, Circumstances, Container, Controls, ExternalControls, Kit, KitControls, LotStanding,
    WestgardRule,
};
pub use donation::{Donor, DonorKind, HistoricGroup, Registration};
pub use donation_number::{
    DonationNumber, DonationNumberError, DonationNumberScheme, ScannedNumber,
};
pub use facts::{
    Facts, RecordedObservation, ReleaseHistory, RuleSetStanding, Sighting, UnreadMessage,
};
pub use observation::{
    Concern, Effect, InstrumentTime, Observation, ResultStatus, SpecimenKind, Unaccounted,
};
pub use pool::{OtherMember, Pool, PoolFacts, PoolMembers};
pub use quality::{EqaOutcome, EqaRecord, EqaStep, RunRecord};
pub use rack::{PlaceFound, Placement, RackDoubt, RackPlan, RackRecord, RackSettled, RackStep};
pub use reading::{AboGroup, Reading, RhdType};
pub use record::{
    ControlFailure, ControlSource, ControlTarget, Details, DonationKind, DonorRecord, Expected,
    KitRecord, Lookback, LotRecord, MessageRecord, MessageStep, Record, RecordedStatement,
    ReviewStep, Sex, Statement, Supplemental,
};
pub use verdict::{
    Action, Check, Decision, DonorConsequence, DonorEvent, Label, NextStep, Reason, ReasonCode,
    Remark, RuleSetIdentity, Verdict,
};
pub use work::{
    Ask, AskedId, AskedSpecimen, OrderReply, OrderStanding, OrderedTest, Query, WorkOrder,
};
