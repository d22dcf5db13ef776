//! How a result came about: kit, lot, controls, specimen. Attached to each result by the store,
//! from what the laboratory put on record; where nothing is on record, that is said and not
//! guessed.

use jiff::Timestamp;
use jiff::civil::Date;

/// How one result came about, as far as it is on record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// When the message that brought the result was received, UTC.
    pub received_at: Option<Timestamp>,
    /// The kit, where the laboratory registered it.
    pub kit: Option<Kit>,
    /// How the reagent lot stands.
    pub lot: LotStanding,
    /// Last day of the lot as registered; what the analyser says stands in the observation.
    pub lot_expiry: Option<Date>,
    /// The controls that speak for this result.
    pub controls: Controls,
    /// What the specimen was taken from.
    pub container: Option<Container>,
}

/// A kit as the laboratory registered it, from its leaflet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// Who makes it; two rounds of serology want two makers.
    pub maker: String,
    /// Its name.
    pub name: String,
    /// What it is validated for; empty where the leaflet was not registered.
    pub containers: Vec<Container>,
    /// How long after collection a specimen may be tested, in hours.
    pub stability_hours: Option<u32>,
    /// Largest pool it is validated for; 1 for single donations only.
    pub pool_max: Option<u32>,
    /// The controls that every run needs, by material; all must pass (FM-23).
    pub controls: Vec<String>,
}

/// What a specimen was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Container {
    /// Serum tube.
    Serum,
    /// EDTA plasma tube.
    Edta,
    /// Segment of the bag's tubing.
    Segment,
    /// Plasma from the bag or an aliquot of it.
    Plasma,
}

/// How a reagent lot stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LotStanding {
    /// The laboratory put nothing on record about it, or the result names no lot.
    #[default]
    NotRecorded,
    /// Released for use, and the delivery accepted.
    Released,
    /// On record, not released for use.
    NotReleased,
    /// Released, but this delivery was not assessed.
    DeliveryNotAccepted,
    /// Recalled by its maker or withdrawn by the laboratory.
    Recalled,
}

/// The controls that speak for one result: those of its run, or those around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// The kit's own controls.
    pub kit: KitControls,
    /// External (third-party) controls.
    pub external: ExternalControls,
    /// Whether a control after the result closes the bracket.
    pub bracket: Bracket,
    /// A failure that was found after the run had been accepted.
    pub failed_later: bool,
    /// The observations and records behind all this.
    pub observations: Vec<i64>,
}

/// The kit's own controls: all of them (FM-23).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KitControls {
    /// None on record, or not all that the kit needs.
    #[default]
    NotRecorded,
    /// Every one inside its limits.
    Passed,
    /// One outside, or of another control lot than the active one (FM-24).
    Failed,
}

/// External controls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExternalControls {
    /// Whether any is on record for this result.
    pub recorded: bool,
    /// Whether one reads other than it must (a positive one nonreactive).
    pub wrong_reading: bool,
    /// The Westgard rules broken at this result, each once, in the order of the enum.
    pub violations: Vec<WestgardRule>,
}

/// A Westgard rule. Which of them warn and which reject, a rule set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WestgardRule {
    /// 1-2s: one beyond 2 SD.
    OneTwoS,
    /// 1-3s: one beyond 3 SD.
    OneThreeS,
    /// 2-2s: two consecutive beyond 2 SD on the same side.
    TwoTwoS,
    /// R-4s: within one run, one beyond +2 SD and one beyond -2 SD.
    RangeFourS,
    /// 4-1s: four consecutive beyond 1 SD on the same side.
    FourOneS,
    /// 10x: ten consecutive on one side of the mean.
    TenX,
}

/// Whether a control after the result closes the bracket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bracket {
    /// Nothing on record.
    #[default]
    Open,
    /// A later control of the same kit and analyser is on record.
    Closed,
}

macro_rules! words {
    ($type:ty, $count:literal, $($variant:ident = $id:literal),+ $(,)?) => {
        impl $type {
            /// Every one.
            pub const ALL: [$type; $count] = [$(<$type>::$variant),+];

            /// The word used in configuration, JSON and the store.
            pub const fn id(self) -> &'static str {
                match self { $(<$type>::$variant => $id),+ }
            }

            /// The one written exactly so.
            pub fn from_id(id: &str) -> Option<$type> {
                Self::ALL.into_iter().find(|known| known.id() == id)
            }
        }
    };
}
pub(super) use words;

words!(Container, 4, Serum = "serum", Edta = "edta", Segment = "segment", Plasma = "plasma");
words!(
    LotStanding,
    5,
    NotRecorded = "not_recorded",
    Released = "released",
    NotReleased = "not_released",
    DeliveryNotAccepted = "delivery_not_accepted",
    Recalled = "recalled",
);
words!(
    WestgardRule,
    6,
    OneTwoS = "1-2s",
    OneThreeS = "1-3s",
    TwoTwoS = "2-2s",
    RangeFourS = "R-4s",
    FourOneS = "4-1s",
    TenX = "10x",
);
