//! What stands on the bench: tubes in racks, and what the analyser will find in each.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::Played;
use crate::domain::{Assay, Reading};

/// The tubes of one rack that one analyser runs in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The analyser.
    pub model: Played,
    /// Number of the rack, from 1.
    pub rack: u32,
    /// The tubes with at least one result, in the order of positions.
    pub tubes: Vec<Tube>,
    /// The reagent lot on board, where it is another than usual and the analyser names it.
    pub lot: Option<String>,
}

/// One tube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tube {
    /// What is in it.
    pub specimen: Specimen,
    /// Position in the rack, from 1.
    pub position: u32,
    /// What comes of it, in the order of completion.
    pub results: Vec<PlannedResult>,
}

/// What is in a tube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Specimen {
    /// What is run like a donor's specimen, by the number on its tube: a donation's, or a pool's or
    /// an external control's that the analyser takes for one.
    Donor(String),
    /// A control, by the lot of the material.
    Control(String),
    /// A calibrator, by the lot of the material.
    Calibrator(String),
}

/// One result that is going to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedResult {
    /// The assay.
    pub assay: Assay,
    /// What it says.
    pub outcome: Outcome,
    /// When the analyser's clock says it was ready.
    pub completed: DateTime,
    /// A flag of the analyser's that no manual explains.
    pub odd_flag: Option<&'static str>,
    /// The host's number of the order it was run for.
    pub order: Option<String>,
}

/// What a result says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A marker: what the analyser makes of it, and signal over cut-off (reactive from 1).
    Marker(Reading, Decimal),
    /// A quantity in the unit of the assay.
    Quantity(Decimal),
    /// A blood group or RhD type.
    Group(Reading),
    /// The analyser could not get a result.
    Failed,
}
