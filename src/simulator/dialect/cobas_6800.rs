//! Roche cobas 6800 behind its x800 Data Manager: HL7 OUL^R22 as IHE LAW has it (LAB-29), one
//! message for each tube.
//!
//! MPX reports its three targets in three OBX and the cycle number in a fourth; a failed run has
//! neither type nor value, its reasons in OBX-8 and `X` in OBX-11.
//! Transcripts: `fixtures/analysers/roche-cobas-6800`.

use super::hl7::{Field, one, pair, parts, repeats, segment, text};
use super::law::Law;
use super::{Envelope, stamp};
use crate::codec::hl7::SegmentOut;
use crate::domain::{Assay, Reading};
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

/// A test of this analyser.
#[derive(Clone, Copy)]
struct Test {
    code: &'static str,
    name: &'static str,
    /// In the order they are reported; a reactive specimen is reactive for the last.
    targets: &'static [&'static str],
}

const MPX: Test = Test { code: "74856-6", name: "MPX", targets: &["HIV", "HCV", "HBV"] };
const WNV: Test = Test { code: "74857-4", name: "WNV", targets: &["WNV"] };
/// Cycle numbers: internal control alone, and with the target before it.
const CYCLE_CONTROL: &str = "36.32";
const CYCLE_TARGET: &str = "37.04";

/// How it asks.
pub(super) const LAW: Law = Law {
    sender: "X800 DM",
    assays: |code| match code {
        "74856-6" => vec![Assay::Nat],
        "74857-4" => vec![Assay::WnvRna],
        _ => Vec::new(),
    },
};

/// One run of one test on one tube.
struct Run<'l> {
    load: &'l Load,
    tube: &'l Tube,
    result: &'l PlannedResult,
    test: Test,
}

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    let runs = load.tubes.iter().flat_map(|tube| {
        tube.results.iter().map(move |result| Run { load, tube, result, test: test(result.assay) })
    });
    (envelope.serial..).zip(runs).map(|(serial, run)| run.message(serial, envelope)).collect()
}

fn test(assay: Assay) -> Test {
    if assay == Assay::WnvRna { WNV } else { MPX }
}

impl Run<'_> {
    fn message(&self, serial: u32, envelope: Envelope) -> String {
        let mut segments = vec![header(serial, envelope)];
        segments.extend(self.specimen());
        segments.push(self.order());
        segments.push(segment("ORC", [(1, one("SC")), (5, one("CM"))]));
        match &self.tube.specimen {
            Specimen::Donor(_) => segments.extend(self.donor()),
            Specimen::Control(_) | Specimen::Calibrator(_) => segments.extend(self.control()),
        }
        text(&segments)
    }

    /// OBR-2 names the host's order.
    fn order(&self) -> SegmentOut {
        let order = self.result.order.as_deref().unwrap_or_default();
        let test = parts(&[self.test.code, self.test.name, "LN", ""]);
        segment("OBR", [(2, one(order)), (4, test)])
    }

    fn specimen(&self) -> Vec<SegmentOut> {
        let rack = format!("S{:02}", self.load.rack);
        let position = self.tube.position.to_string();
        match &self.tube.specimen {
            Specimen::Donor(din) => vec![
                specimen(din, "P"),
                segment("SAC", [(3, one(din)), (10, one(rack)), (11, one(position))]),
            ],
            Specimen::Control(lot) | Specimen::Calibrator(lot) => {
                let number = lot.trim_start_matches(|c: char| !c.is_ascii_digit());
                let id = format!("C{number:0>20}");
                let container = segment("SAC", [(3, one(&id)), (11, one(""))]);
                vec![specimen(&id, "Q"), container, self.control_material(lot)]
            }
        }
    }

    fn control_material(&self, lot: &str) -> SegmentOut {
        let name = format!("{} (+) C", self.test.name);
        segment(
            "INV",
            [
                (1, parts(&[&name, "", "99ROC"])),
                (2, parts(&["OK", "", "HL70383"])),
                (3, parts(&["CO", "", "HL70384"])),
                (12, one("20261231235959+0800")),
                (16, one(lot)),
            ],
        )
    }

    fn control(&self) -> Vec<SegmentOut> {
        self.targets(|_| ("Valid", "VAL"))
    }

    fn donor(&self) -> Vec<SegmentOut> {
        match self.result.outcome {
            Outcome::Failed => self.failed(),
            Outcome::Marker(reading, _) => self.read(reading),
            Outcome::Quantity(_) | Outcome::Group(_) => Vec::new(),
        }
    }

    fn read(&self, reading: Reading) -> Vec<SegmentOut> {
        let reactive = reading == Reading::Reactive;
        let mut segments = self.targets(|target| {
            let found = reactive && self.test.targets.last() == Some(&target);
            if found { ("Reactive", "RR") } else { ("Non-Reactive", "NR") }
        });
        segments.push(self.cycles(segments.len() + 1, reactive));
        segments
    }

    fn targets(
        &self,
        says: impl Fn(&'static str) -> (&'static str, &'static str),
    ) -> Vec<SegmentOut> {
        let targets = self.test.targets.iter().zip(1..);
        targets
            .map(|(target, index)| {
                let (value, interpretation) = says(target);
                let what = parts(&[target, target, "99ROC"]);
                let interpretation = parts(&[interpretation, "", "99ROC"]);
                self.observation(index, "ST", what, one(value), interpretation)
            })
            .collect()
    }

    fn cycles(&self, index: usize, reactive: bool) -> SegmentOut {
        let both = parts(&[CYCLE_TARGET, CYCLE_CONTROL]);
        let value = if reactive { both } else { one(CYCLE_CONTROL) };
        let name = self.test.name;
        let what = parts(&[name, name, "99ROC", "S_OTHER", "Other Supplemental", "IHELAW"]);
        self.observation(index, "NA", what, value, one(""))
    }

    fn observation(
        &self,
        index: usize,
        value_type: &str,
        what: Field,
        value: Field,
        interpretation: Field,
    ) -> SegmentOut {
        segment(
            "OBX",
            [
                (1, one(index.to_string())),
                (2, one(value_type)),
                (3, what),
                (4, one("1")),
                (5, value),
                (8, interpretation),
                (11, one("F")),
                (16, one("OPER01")),
                (18, device()),
                (19, one(stamp(self.result.completed))),
                (21, one(self.id())),
                (29, one("RSLT")),
            ],
        )
    }

    /// One row for each target: none has a result.
    fn failed(&self) -> Vec<SegmentOut> {
        let targets = self.test.targets.iter().zip(1..);
        targets.map(|(target, index)| self.failed_target(index, target)).collect()
    }

    fn failed_target(&self, index: usize, target: &str) -> SegmentOut {
        let reason = ["U06T", "Pipetting anomaly detected during sample aspiration.", "99ROC"];
        segment(
            "OBX",
            [
                (1, one(index.to_string())),
                (3, parts(&[target, target, "99ROC"])),
                (4, one("1")),
                (8, repeats(&[&reason, &reason])),
                (11, one("X")),
                (18, device()),
                (19, one(stamp(self.result.completed))),
                (21, one(self.id())),
                (29, one("RSLT")),
            ],
        )
    }

    /// Run id: instrument, date, rack.
    fn id(&self) -> String {
        let date = self.result.completed.date();
        let day = format!("{:02}{:02}{:02}", date.year() % 100, date.month(), date.day());
        format!("6-504-{day}-{:04}", self.load.rack)
    }
}

fn header(serial: u32, envelope: Envelope) -> SegmentOut {
    segment(
        "MSH",
        [
            (3, one("X800 DM")),
            (5, one("HOST")),
            (7, one(format!("{}+0800", stamp(envelope.sent_at)))),
            (9, parts(&["OUL", "R22", "OUL_R22"])),
            (10, one(format!("MSG-MPX-{serial}"))),
            (11, one("P")),
            (12, one("2.5.1")),
            (15, one("NE")),
            (16, one("AL")),
            (18, one("UNICODE UTF-8")),
            (21, parts(&["LAB-29", "IHE"])),
        ],
    )
}

fn specimen(id: &str, role: &str) -> SegmentOut {
    segment(
        "SPM",
        [
            (1, one("1")),
            (2, pair(id, "ROCHE")),
            (4, parts(&["PLAS", "plasma", "HL70487"])),
            (11, parts(&[role, "", "HL70369"])),
        ],
    )
}

fn device() -> Field {
    repeats(&[&["c6800", "Roche"], &["c6800.504", "Roche"]])
}
