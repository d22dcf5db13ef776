//! The controls of the day: which tubes stand at the head and the end of a run, what each is called
//! on record, and what it shows.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::super::rack::{expected_of_control, result};
use super::super::{Model, Outcome, PlannedResult, Specimen};
use crate::domain::{Assay, ControlSource, Expected, Measure, Reading};

/// A tube with control material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// The kit's negative control.
    Negative,
    /// The kit's positive control.
    Positive,
    /// A third party's control, near the decision.
    External,
}

/// How far from its mean an external control lies, in tenths of its standard deviation.
pub(super) type Tenths = i64;

/// Beyond 3 SD: out of control.
pub(super) const OUT: Tenths = 34;

impl Control {
    /// What stands at the head of every run of this analyser.
    pub(super) const fn head(model: Model) -> &'static [Control] {
        match has_kit_controls(model) {
            true => &[Control::Negative, Control::Positive, Control::External],
            false => &[Control::External],
        }
    }

    /// What is in the tube. The cobas 6800 takes an external control for a donor's specimen.
    pub(super) fn specimen(self, model: Model) -> Specimen {
        let id = self.wire_id().to_owned();
        match (model, self) {
            (Model::Cobas6800, Control::External) => Specimen::Donor(id),
            _ => Specimen::Control(id),
        }
    }

    /// What the analyser calls it in its results.
    pub(super) fn material(self, model: Model) -> &'static str {
        match (model, self) {
            (Model::MindrayBs, _) => "CTRL-N",
            _ => self.wire_id(),
        }
    }

    const fn wire_id(self) -> &'static str {
        match self {
            Control::Negative => "KIT-NEG",
            Control::Positive => "KIT-POS",
            Control::External => "QC2603",
        }
    }

    /// Whose it is. Where no control of the kit is run like a specimen, the laboratory has the one
    /// that it runs stand in for it.
    pub(super) const fn source(self, model: Model) -> ControlSource {
        match self {
            Control::Negative | Control::Positive => ControlSource::Kit,
            Control::External if has_kit_controls(model) => ControlSource::External,
            Control::External => ControlSource::Kit,
        }
    }

    /// Where it stands: behind the places of the donors.
    pub(super) const fn position(self) -> u32 {
        match self {
            Control::Negative => 21,
            Control::Positive => 22,
            Control::External => 23,
        }
    }

    /// Control rules across levels take them one by one.
    pub(super) const fn level(self) -> u32 {
        match self {
            Control::Negative | Control::External => 1,
            Control::Positive => 2,
        }
    }

    /// What comes of it in this assay.
    pub(super) fn result(
        self,
        model: Model,
        assay: Assay,
        off: Tenths,
        clock: &mut DateTime,
    ) -> PlannedResult {
        result(assay, self.outcome(model, assay, off), clock)
    }

    fn outcome(self, model: Model, assay: Assay, off: Tenths) -> Outcome {
        match (self, assay.measure()) {
            (_, Measure::Abo | Measure::Rhd) => expected_of_control(assay),
            (_, Measure::Quantity) => Outcome::Quantity(at(ALT, off)),
            (Control::Negative, Measure::Marker) => {
                Outcome::Marker(Reading::Nonreactive, Decimal::new(120, 3))
            }
            (Control::Positive, Measure::Marker) => expected_of_control(assay),
            (Control::External, Measure::Marker) if model == Model::Cobas6800 => {
                Outcome::Marker(Reading::Reactive, Decimal::ONE)
            }
            (Control::External, Measure::Marker) => {
                Outcome::Marker(Reading::Reactive, at(MARKER, off))
            }
        }
    }

    /// What it must show, as the analyser reports it.
    pub(super) fn expected(self, model: Model, assay: Assay) -> Expected {
        let reading = match (self, assay.measure(), expected_of_control(assay)) {
            (_, Measure::Abo | Measure::Rhd, Outcome::Group(reading)) => reading,
            (_, Measure::Quantity, _) => return distribution(ALT, Decimal::ONE),
            // The material holds HBV alone.
            (Control::External, _, _) if model == Model::Cobas6800 => match assay {
                Assay::HbvDna => Reading::Reactive,
                _ => Reading::Nonreactive,
            },
            (Control::External, _, _) => return distribution(MARKER, cut_off(model, assay)),
            (Control::Negative, _, _) => Reading::Nonreactive,
            (Control::Positive, _, _) => Reading::Reactive,
        };
        Expected::Reading(reading)
    }
}

/// Mean and standard deviation of a control.
type Target = (Decimal, Decimal);

/// Signal over cut-off.
const MARKER: Target =
    (Decimal::from_parts(250, 0, 0, false, 2), Decimal::from_parts(20, 0, 0, false, 2));
/// U/L.
const ALT: Target =
    (Decimal::from_parts(330, 0, 0, false, 1), Decimal::from_parts(15, 0, 0, false, 1));

fn at((mean, deviation): Target, off: Tenths) -> Decimal {
    (mean + deviation * Decimal::new(off, 1)).normalize()
}

fn distribution((mean, deviation): Target, cut_off: Decimal) -> Expected {
    Expected::Distribution((mean * cut_off).normalize(), (deviation * cut_off).normalize())
}

/// The plan counts in cut-offs; a Maglumi reports concentrations, and its HBsAg cut-off is not 1.
fn cut_off(model: Model, assay: Assay) -> Decimal {
    match (model, assay) {
        (Model::Maglumi, Assay::Hbsag) => Decimal::new(5, 2),
        _ => Decimal::ONE,
    }
}

/// Kits of infection serology bring controls that are run like specimens. What a cobas 6800 makes
/// of those of its kit, it does not tell.
const fn has_kit_controls(model: Model) -> bool {
    matches!(model, Model::CobasE601 | Model::Architect | Model::Maglumi)
}
