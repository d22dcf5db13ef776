//! Mindray BS chemistry: HL7 2.3.1 ORU^R01, one test in a message, the bar code in OBR-2.
//!
//! MSH-16 says what it is: 0 a specimen, 1 a calibration, 2 a control; a control stands in OBR
//! alone, a calibration is laid out like a specimen. Transcripts:
//! `fixtures/analysers/mindray-bs`.

use rust_decimal::Decimal;

use super::hl7::{one, parts, segment, text};
use super::{Envelope, stamp};
use crate::codec::hl7::SegmentOut;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

const CODE: &str = "13";
const NAME: &str = "ALT";
const UNIT: &str = "U/L";

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    let runs = load.tubes.iter().flat_map(|tube| tube.results.iter().map(move |r| (tube, r)));
    (envelope.serial..)
        .zip(runs)
        .map(|(serial, (tube, result))| {
            let sample = (load.rack * 10 + tube.position).to_string();
            message(tube, result, &sample, header(&tube.specimen, serial, envelope))
        })
        .collect()
}

fn message(tube: &Tube, result: &PlannedResult, sample: &str, header: SegmentOut) -> String {
    match &tube.specimen {
        Specimen::Donor(din) => {
            let patient = segment("PID", [(1, one("1")), (2, one(sample)), (9, one(""))]);
            text(&[header, patient, order(din, sample, result), observation(result)])
        }
        Specimen::Control(lot) => text(&[header, control(lot, result)]),
        Specimen::Calibrator(lot) => {
            text(&[header, order(lot, sample, result), observation(result)])
        }
    }
}

fn header(specimen: &Specimen, serial: u32, envelope: Envelope) -> SegmentOut {
    let role = match specimen {
        Specimen::Donor(_) => "0",
        Specimen::Calibrator(_) => "1",
        Specimen::Control(_) => "2",
    };
    segment(
        "MSH",
        [
            (3, one("Mindray")),
            (4, one("BS-480")),
            (7, one(stamp(envelope.sent_at))),
            (9, parts(&["ORU", "R01"])),
            (10, one(serial.to_string())),
            (11, one("P")),
            (12, one("2.3.1")),
            (16, one(role)),
            (18, one("ASCII")),
            (21, one("")),
        ],
    )
}

fn order(id: &str, sample: &str, result: &PlannedResult) -> SegmentOut {
    segment(
        "OBR",
        [
            (1, one("1")),
            (2, one(id)),
            (3, one(sample)),
            (4, parts(&["Mindray", "BS-480"])),
            (5, one("N")),
            (7, one(stamp(result.completed))),
            (15, one("serum")),
        ],
    )
}

fn observation(result: &PlannedResult) -> SegmentOut {
    segment(
        "OBX",
        [
            (1, one("1")),
            (2, one("NM")),
            (3, one(CODE)),
            (4, one(NAME)),
            (5, one(six_places(result))),
            (6, one(UNIT)),
            (7, one("0-40")),
            (8, one("N")),
            (11, one("F")),
        ],
    )
}

/// A control: all of it in OBR.
fn control(lot: &str, result: &PlannedResult) -> SegmentOut {
    segment(
        "OBR",
        [
            (1, one("1")),
            (2, one(CODE)),
            (3, one(NAME)),
            (4, parts(&["Mindray", "BS-480"])),
            (6, one(stamp(result.completed))),
            (13, one("CTRL-N")),
            (14, one(lot)),
            (15, one("20270101000000")),
            (17, one("N")),
            (18, one("33.000000")),
            (19, one("1.500000")),
            (20, one(six_places(result))),
            (21, one(UNIT)),
        ],
    )
}

fn six_places(result: &PlannedResult) -> String {
    let number = match result.outcome {
        Outcome::Quantity(number) | Outcome::Marker(_, number) => number,
        Outcome::Group(_) | Outcome::Failed => Decimal::ZERO,
    };
    format!("{number:.6}")
}
