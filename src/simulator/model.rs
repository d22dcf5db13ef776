//! The makes of analyser that can be played, and what each is used for on this bench.

use std::time::Duration;

use super::ACKNOWLEDGEMENT_WAIT;
use crate::codec::block::Protocol;
use crate::domain::Assay;
use crate::link::block::{au, hitachi};
use crate::link::lis01::Packing;

/// A make of analyser, by the profile that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// `roche-cobas-e601`: infection serology.
    CobasE601,
    /// `abbott-architect`: infection serology.
    Architect,
    /// `snibe-maglumi`: infection serology.
    Maglumi,
    /// `roche-cobas-6800`: nucleic acid tests.
    Cobas6800,
    /// `mindray-bs`: ALT.
    MindrayBs,
    /// `ortho-vision`: blood groups.
    Vision,
    /// `roche-cobas-e411`: infection serology.
    CobasE411,
    /// `siemens-advia-centaur`: infection serology.
    Centaur,
    /// `mindray-cl`: infection serology.
    MindrayCl,
    /// `diasorin-liaison-xl`: infection serology.
    LiaisonXl,
    /// `abbott-alinity-i`: anti-HCV and HIV.
    AlinityI,
    /// `beckman-pk7300`: blood groups.
    BeckmanPk7300,
    /// `beckman-au680`: ALT.
    BeckmanAu680,
    /// `hitachi-7180`: ALT.
    Hitachi7180,
}

/// What carries the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// LIS02 records in LIS01 frames.
    Lis01,
    /// LIS02 records without a link layer, or between STX and ETX alone.
    Records,
    /// HL7 in MLLP blocks.
    Mllp,
    /// Fixed-width texts in the blocks of this protocol.
    Blocks(Protocol),
    /// Files in a folder; there is no line.
    Files,
}

impl Wire {
    /// How long an analyser waits for the reply to a frame (T4, LIS01-A2 6.5.2.3), a block or a
    /// text (T4 of Beckman's on-line specifications; of Hitachi it is not known).
    pub(super) const fn reply_patience(self) -> Duration {
        match self {
            Wire::Lis01 => Duration::from_secs(15),
            Wire::Records | Wire::Mllp | Wire::Files => ACKNOWLEDGEMENT_WAIT,
            Wire::Blocks(Protocol::BeckmanPk | Protocol::BeckmanAu) => au::REPLY_WAIT,
            Wire::Blocks(Protocol::Hitachi) => hitachi::REPLY_WAIT,
        }
    }
}

const SEROLOGY: [Assay; 4] = [Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Tp];

impl Model {
    /// Every model.
    pub const ALL: [Model; 14] = [
        Model::CobasE601,
        Model::Architect,
        Model::Maglumi,
        Model::Cobas6800,
        Model::MindrayBs,
        Model::Vision,
        Model::CobasE411,
        Model::Centaur,
        Model::MindrayCl,
        Model::LiaisonXl,
        Model::AlinityI,
        Model::BeckmanPk7300,
        Model::BeckmanAu680,
        Model::Hitachi7180,
    ];

    /// Those that stand on one bench of a blood centre, in the order it lists them.
    pub const BENCH: [Model; 6] = [
        Model::CobasE601,
        Model::Architect,
        Model::Maglumi,
        Model::Cobas6800,
        Model::MindrayBs,
        Model::Vision,
    ];

    /// The serology lines; racks are shared out among them.
    pub const SEROLOGY: [Model; 3] = [Model::CobasE601, Model::Architect, Model::Maglumi];

    /// Name of the profile that reads this model.
    pub const fn profile(self) -> &'static str {
        match self {
            Model::CobasE601 => "roche-cobas-e601",
            Model::Architect => "abbott-architect",
            Model::Maglumi => "snibe-maglumi",
            Model::Cobas6800 => "roche-cobas-6800",
            Model::MindrayBs => "mindray-bs",
            Model::Vision => "ortho-vision",
            Model::CobasE411 => "roche-cobas-e411",
            Model::Centaur => "siemens-advia-centaur",
            Model::MindrayCl => "mindray-cl",
            Model::LiaisonXl => "diasorin-liaison-xl",
            Model::AlinityI => "abbott-alinity-i",
            Model::BeckmanPk7300 => "beckman-pk7300",
            Model::BeckmanAu680 => "beckman-au680",
            Model::Hitachi7180 => "hitachi-7180",
        }
    }

    /// The model that this profile reads.
    pub fn from_profile(name: &str) -> Option<Model> {
        Model::ALL.into_iter().find(|model| model.profile() == name)
    }

    /// What carries its messages.
    pub const fn wire(self) -> Wire {
        match self {
            Model::CobasE601
            | Model::CobasE411
            | Model::Architect
            | Model::Maglumi
            | Model::Vision
            | Model::Centaur
            | Model::MindrayCl
            | Model::LiaisonXl => Wire::Lis01,
            Model::Cobas6800 | Model::MindrayBs | Model::AlinityI => Wire::Mllp,
            Model::BeckmanPk7300 => Wire::Blocks(Protocol::BeckmanPk),
            Model::BeckmanAu680 => Wire::Blocks(Protocol::BeckmanAu),
            Model::Hitachi7180 => Wire::Blocks(Protocol::Hitachi),
        }
    }

    /// How it lays its messages into LIS01 frames.
    pub(super) const fn packing(self) -> Packing {
        match self {
            Model::CobasE601 | Model::CobasE411 => Packing::Packed,
            Model::Architect
            | Model::Maglumi
            | Model::Vision
            | Model::Centaur
            | Model::MindrayCl
            | Model::LiaisonXl
            | Model::Cobas6800
            | Model::BeckmanPk7300
            | Model::BeckmanAu680
            | Model::Hitachi7180
            | Model::AlinityI
            | Model::MindrayBs => Packing::RecordPerFrame,
        }
    }

    /// How long it waits for the answer to a question: Roche as its manuals say, Mindray as seen,
    /// the others by assumption.
    pub const fn answer_patience(self) -> Duration {
        match self {
            Model::CobasE601 => Duration::from_secs(25),
            Model::CobasE411 => Duration::from_secs(15),
            Model::MindrayBs | Model::MindrayCl => Duration::from_secs(4),
            Model::Architect
            | Model::Maglumi
            | Model::Vision
            | Model::Centaur
            | Model::LiaisonXl
            | Model::BeckmanPk7300
            | Model::BeckmanAu680
            | Model::Hitachi7180
            | Model::AlinityI
            | Model::Cobas6800 => Duration::from_secs(10),
        }
    }

    /// The assays it runs on this bench, in the order it reports them.
    pub const fn assays(self) -> &'static [Assay] {
        match self {
            Model::CobasE601
            | Model::CobasE411
            | Model::Architect
            | Model::Maglumi
            | Model::Centaur
            | Model::MindrayCl
            | Model::LiaisonXl => &SEROLOGY,
            Model::AlinityI => &[Assay::AntiHcv, Assay::Hiv],
            Model::Cobas6800 => &[Assay::Nat, Assay::WnvRna],
            Model::MindrayBs | Model::BeckmanAu680 | Model::Hitachi7180 => &[Assay::Alt],
            Model::Vision | Model::BeckmanPk7300 => &[Assay::Abo, Assay::Rhd],
        }
    }

    /// Whether it asks its host what to do with a tube.
    pub const fn asks(self) -> bool {
        match self.wire() {
            Wire::Lis01 | Wire::Records | Wire::Mllp => true,
            Wire::Blocks(_) | Wire::Files => false,
        }
    }

    /// Test codes that belong to the site: its configuration names them in `tests`, on top of the
    /// profile's own.
    pub const fn site_tests(self) -> &'static [(&'static str, Assay)] {
        match self {
            Model::Architect => {
                &[("605", Assay::Hbsag), ("161", Assay::AntiHcv), ("396", Assay::Hiv)]
            }
            Model::CobasE601
            | Model::CobasE411
            | Model::Maglumi
            | Model::Cobas6800
            | Model::MindrayBs
            | Model::Centaur
            | Model::MindrayCl
            | Model::LiaisonXl
            | Model::BeckmanPk7300
            | Model::BeckmanAu680
            | Model::Hitachi7180
            | Model::AlinityI
            | Model::Vision => &[],
        }
    }

    /// Whether its kits have a grey zone.
    pub(super) const fn has_grey_zone(self) -> bool {
        match self {
            Model::CobasE601 | Model::CobasE411 | Model::Architect | Model::AlinityI => true,
            Model::Maglumi
            | Model::Cobas6800
            | Model::MindrayBs
            | Model::Centaur
            | Model::MindrayCl
            | Model::LiaisonXl
            | Model::BeckmanPk7300
            | Model::BeckmanAu680
            | Model::Hitachi7180
            | Model::Vision => false,
        }
    }

    /// Whether a flag that nobody knows passes as a message: a host that speaks HL7 says AE to it.
    pub(super) const fn has_flags(self) -> bool {
        match self.wire() {
            Wire::Lis01 | Wire::Records | Wire::Blocks(_) | Wire::Files => true,
            Wire::Mllp => false,
        }
    }

    /// A number of its own, for seeds and rack numbers.
    pub(super) const fn ordinal(self) -> u32 {
        match self {
            Model::CobasE601 => 0,
            Model::Architect => 1,
            Model::Maglumi => 2,
            Model::Cobas6800 => 3,
            Model::MindrayBs => 4,
            Model::Vision => 5,
            Model::CobasE411 => 6,
            Model::Centaur => 7,
            Model::MindrayCl => 8,
            Model::LiaisonXl => 9,
            Model::AlinityI => 10,
            Model::BeckmanPk7300 => 11,
            Model::BeckmanAu680 => 12,
            Model::Hitachi7180 => 13,
        }
    }
}
