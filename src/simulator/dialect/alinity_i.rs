//! Abbott Alinity i: HL7 OUL^R22 as IHE LAW has it (LAB-29), one message for each tube, the number
//! and its interpretation (`.I`) for each test. Transcripts: `fixtures/analysers/abbott-alinity-i`.

use rust_decimal::Decimal;

use super::hl7::{Field, one, parts, repeats, segment, text};
use super::law::Law;
use super::{Envelope, of, stamp};
use crate::codec::hl7::SegmentOut;
use crate::domain::{Assay, Reading};
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

/// Number and name of each test: those that its profile knows.
const TESTS: [(Assay, (&str, &str)); 2] =
    [(Assay::AntiHcv, ("161", "Anti-HCV")), (Assay::Hiv, ("396", "HIV Ag/Ab"))];
/// Nothing, said expressly.
const NONE: &str = "\"\"";

/// How it asks.
pub(super) const LAW: Law = Law {
    sender: "ALINITY",
    assays: |code| {
        TESTS.iter().filter(|(_, (listed, _))| *listed == code).map(|(assay, _)| *assay).collect()
    },
};

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    (envelope.serial..)
        .zip(&load.tubes)
        .map(|(serial, tube)| message(load, tube, serial, envelope))
        .collect()
}

fn message(load: &Load, tube: &Tube, serial: u32, envelope: Envelope) -> String {
    let mut segments = vec![header(serial, envelope)];
    segments.extend(specimen(load, tube));
    for result in &tube.results {
        segments.push(order(result));
        segments.push(segment("ORC", [(1, one("SC")), (5, one("CM"))]));
        segments.extend(observations(result));
    }
    text(&segments)
}

fn header(serial: u32, envelope: Envelope) -> SegmentOut {
    segment(
        "MSH",
        [
            (3, one("ALINITY")),
            (5, one("HOST")),
            (7, one(format!("{}+0800", stamp(envelope.sent_at)))),
            (9, parts(&["OUL", "R22", "OUL_R22"])),
            (10, one(format!("U-{serial}"))),
            (11, one("P")),
            (12, one("2.5.1")),
            (15, one("NE")),
            (16, one("AL")),
            (18, one("UNICODE UTF-8")),
            (21, parts(&["LAB-29", "IHE"])),
        ],
    )
}

fn specimen(load: &Load, tube: &Tube) -> [SegmentOut; 2] {
    let (id, role, name) = match &tube.specimen {
        Specimen::Donor(din) => (din, "P", "Patient specimen"),
        Specimen::Control(lot) => (lot, "Q", "Control specimen"),
        Specimen::Calibrator(lot) => (lot, "C", "Calibrator"),
    };
    let carrier = format!("K{:04}", load.rack);
    [
        segment(
            "SPM",
            [
                (1, one("1")),
                (4, parts(&["SER", "Serum", "HL70487"])),
                (11, parts(&[role, name, "HL70369"])),
            ],
        ),
        segment("SAC", [(3, one(id)), (10, one(carrier)), (11, one(tube.position.to_string()))]),
    ]
}

/// OBR-2 names the host's order, or that there was none.
fn order(result: &PlannedResult) -> SegmentOut {
    let (code, name) = of(&TESTS, result.assay);
    let order = result.order.as_deref().unwrap_or(NONE);
    segment("OBR", [(2, one(order)), (4, parts(&[code, name, "99ABT"]))])
}

fn observations(result: &PlannedResult) -> Vec<SegmentOut> {
    match result.outcome {
        Outcome::Marker(reading, index) => {
            vec![number(result, index), interpretation(result, reading)]
        }
        Outcome::Quantity(_) | Outcome::Group(_) | Outcome::Failed => {
            vec![observation(1, "NM", "", result, one(""), "", "X")]
        }
    }
}

fn number(result: &PlannedResult, index: Decimal) -> SegmentOut {
    observation(1, "NM", "", result, one(index.to_string()), "S/CO", "F")
}

fn interpretation(result: &PlannedResult, reading: Reading) -> SegmentOut {
    let word = match reading {
        Reading::Reactive => "Reactive",
        Reading::GreyZone => "Grayzone",
        Reading::Nonreactive => "Nonreactive",
        Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => "",
    };
    observation(2, "ST", ".I", result, one(word), "", "F")
}

fn observation(
    index: usize,
    value_type: &str,
    suffix: &str,
    result: &PlannedResult,
    value: Field,
    unit: &str,
    status: &str,
) -> SegmentOut {
    let (code, name) = of(&TESTS, result.assay);
    let code = format!("{code}{suffix}");
    let flag = result.odd_flag.filter(|_| index == 1).unwrap_or(NONE);
    segment(
        "OBX",
        [
            (1, one(index.to_string())),
            (2, one(value_type)),
            (3, parts(&[&code, name, "99ABT"])),
            (4, one("1")),
            (5, value),
            (6, one(unit)),
            (8, one(flag)),
            (11, one(status)),
            (16, repeats(&[&["Admin"], &["Admin"]])),
            (18, repeats(&[&["Alinity i", "Abbott"], &["Ai00001", "Abbott"]])),
            (19, one(stamp(result.completed))),
            (29, one("RSLT")),
        ],
    )
}
