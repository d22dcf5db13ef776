//! One result as one analyser reported it, with everything that could not be understood.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use rust_decimal::Decimal;

use super::{Assay, DonationNumber, Reading};

/// One result of one test on one specimen, translated from the analyser's dialect.
///
/// Only [`SpecimenKind::Donor`] observations can ever speak about a donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What was in the tube.
    pub kind: SpecimenKind,
    /// Specimen id as sent, padding and the profile's prefixes removed; `None` where it was blank.
    pub specimen_id: Option<String>,
    /// Donation number, where the specimen id is one.
    pub din: Option<DonationNumber>,
    /// Rack (carrier) as reported.
    pub rack: Option<String>,
    /// Position in the rack as reported.
    pub position: Option<String>,
    /// The analyser's own test code.
    pub test_code: String,
    /// The assay this code means at this site; `None` is unmapped and blocks release.
    pub assay: Option<Assay>,
    /// The value as sent, escapes resolved, nothing else changed.
    pub value: Option<String>,
    /// The number in the value, exact; converted where the profile converts its unit.
    pub number: Option<Decimal>,
    /// Unit of the number: as sent, or the one it is converted to.
    pub unit: Option<String>,
    /// What the result says; `None` for quantities and for results without a verdict.
    pub reading: Option<Reading>,
    /// Flags as sent, every repeat, in order.
    pub flags: Vec<String>,
    /// Result status, translated.
    pub status: Option<ResultStatus>,
    /// When the analyser says it finished. Evidence, never order.
    pub completed_at: Option<InstrumentTime>,
    /// Reagent lot.
    pub reagent_lot: Option<String>,
    /// Replicate or run number as sent.
    pub replicate: Option<String>,
    /// Who worked at the analyser, as sent.
    pub operator: Option<String>,
    /// When the analyser says it began.
    pub started_at: Option<InstrumentTime>,
    /// Lot of a control.
    pub control_lot: Option<String>,
    /// Last day on which the reagent may be used.
    pub reagent_expiry: Option<Date>,
    /// Every piece of the result that is neither mapped nor ignored by name. Blocks release.
    pub unaccounted: Vec<Unaccounted>,
    /// What the profile knows to be wrong with this result (flags, alarms, contradictions).
    pub concerns: Vec<Concern>,
}

/// What was in the tube. Unknown marking is `Other`, never `Donor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpecimenKind {
    /// A donor's specimen.
    Donor,
    /// A control.
    Control,
    /// A calibrator.
    Calibration,
    /// Anything else: test mode, training, keep-alive, unknown role.
    Other,
}

impl SpecimenKind {
    /// `donor`, `control`, `calibration` or `other`.
    pub const fn id(self) -> &'static str {
        match self {
            SpecimenKind::Donor => "donor",
            SpecimenKind::Control => "control",
            SpecimenKind::Calibration => "calibration",
            SpecimenKind::Other => "other",
        }
    }

    /// The kind written exactly so.
    pub fn from_id(id: &str) -> Option<SpecimenKind> {
        [Self::Donor, Self::Control, Self::Calibration, Self::Other]
            .into_iter()
            .find(|kind| kind.id() == id)
    }
}

/// Result status, common to LIS02-A2 R.9 and HL7 OBX-11 (table 0085).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultStatus {
    /// Final.
    Final,
    /// Correction of an earlier result.
    Corrected,
    /// Preliminary: another result will follow. Never releasable.
    Preliminary,
    /// Cannot be done.
    Failed,
    /// Still pending in the analyser.
    Pending,
    /// Partial or unverified.
    Partial,
    /// Sent before, sent again.
    Retransmitted,
    /// The analyser withdraws the result (deleted, or posted as wrong).
    Withdrawn,
    /// Validity questionable.
    Questionable,
}

impl ResultStatus {
    /// Every status.
    pub const ALL: [ResultStatus; 9] = [
        Self::Final,
        Self::Corrected,
        Self::Preliminary,
        Self::Failed,
        Self::Pending,
        Self::Partial,
        Self::Retransmitted,
        Self::Withdrawn,
        Self::Questionable,
    ];

    /// The word used in JSON and profiles.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Corrected => "corrected",
            Self::Preliminary => "preliminary",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Partial => "partial",
            Self::Retransmitted => "retransmitted",
            Self::Withdrawn => "withdrawn",
            Self::Questionable => "questionable",
        }
    }

    /// The status written exactly so.
    pub fn from_id(id: &str) -> Option<ResultStatus> {
        Self::ALL.into_iter().find(|status| status.id() == id)
    }

    /// Whether a result with this status may count as a finished result.
    pub const fn is_conclusive(self) -> bool {
        match self {
            Self::Final | Self::Corrected | Self::Retransmitted => true,
            Self::Preliminary
            | Self::Failed
            | Self::Pending
            | Self::Partial
            | Self::Withdrawn
            | Self::Questionable => false,
        }
    }
}

/// A piece of a message that nobody understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unaccounted {
    /// Byte offset in the message as received.
    pub offset: usize,
    /// Where in the record structure, e.g. `R[2].7.1` or `OBX[3]-8.2`.
    pub path: String,
    /// The text found there.
    pub text: String,
    /// Why it could not be placed.
    pub why: String,
}

/// Something the profile knows to be wrong with a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// Stable code, e.g. `FLAG`, `ALARM`, `VALUE_TEXT_CONFLICT`.
    pub code: String,
    /// What it does to the result.
    pub effect: Effect,
    /// What was seen, in words.
    pub text: String,
}

/// What a concern does to a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The result does not count; test again (verdict: pending).
    Invalidates,
    /// A person must look (verdict: hold).
    Holds,
}

impl Effect {
    /// `invalidates` or `holds`.
    pub const fn id(self) -> &'static str {
        match self {
            Effect::Invalidates => "invalidates",
            Effect::Holds => "holds",
        }
    }

    /// The effect written exactly so.
    pub fn from_id(id: &str) -> Option<Effect> {
        [Effect::Invalidates, Effect::Holds].into_iter().find(|effect| effect.id() == id)
    }
}

/// An analyser's clock reading: local time, with the zone offset only where the analyser sent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstrumentTime {
    /// Date and time of day.
    pub civil: DateTime,
    /// Offset from UTC as sent.
    pub offset: Option<Offset>,
}
