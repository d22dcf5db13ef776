//! Mindray CL: LIS02 with the kind of each message in H.12 and the specimen id in O.4, one message
//! for each tube. Transcripts: `fixtures/analysers/mindray-cl`.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::asking::{Places, second};
use super::lis02::{numbered, one, parts, record, text};
use super::{Envelope, of, stamp};
use crate::codec::lis02::{Field, RecordOut};
use crate::domain::{Assay, Reading};
use crate::simulator::asking::Asked;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

/// Number and name of each test as set up on this analyser.
const TESTS: [(Assay, (&str, &str)); 4] = [
    (Assay::Hbsag, ("1", "HBsAg")),
    (Assay::AntiHcv, ("2", "Anti-HCV")),
    (Assay::Hiv, ("3", "HIV")),
    (Assay::Tp, ("4", "TP")),
];
/// Cut-off and unit of each kit.
const CUT_OFFS: [(Assay, (Decimal, &str)); 4] = [
    (Assay::Hbsag, (Decimal::from_parts(5, 0, 0, false, 2), "IU/mL")),
    (Assay::AntiHcv, (Decimal::ONE, "S/CO")),
    (Assay::Hiv, (Decimal::ONE, "S/CO")),
    (Assay::Tp, (Decimal::ONE, "S/CO")),
];

pub(super) const PLACES: Places = Places {
    id: 4,
    code: 1,
    echoes_place: false,
    assays: |code| {
        TESTS.iter().filter(|(_, (listed, _))| *listed == code).map(|(assay, _)| *assay).collect()
    },
};

/// Header, id and tests of a question.
pub(super) fn question(asked: &Asked, now: DateTime) -> (RecordOut, Field, Field) {
    (header("RQ", now), second(&asked.id), one(""))
}

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    load.tubes.iter().map(|tube| message(load, tube, envelope.sent_at)).collect()
}

fn header(kind: &str, now: DateTime) -> RecordOut {
    record(
        "H",
        [
            (5, parts(&["Mindray", "", ""])),
            (12, one(kind)),
            (13, one("1394-97")),
            (14, one(stamp(now))),
        ],
    )
}

fn message(load: &Load, tube: &Tube, sent_at: DateTime) -> String {
    let (kind, id) = match &tube.specimen {
        Specimen::Donor(din) => ("PR", din),
        Specimen::Control(lot) => ("QR", lot),
        Specimen::Calibrator(lot) => ("CR", lot),
    };
    let mut records = vec![header(kind, sent_at), record("P", [numbered(0)])];
    records.push(order(load, tube, id));
    let results = tube.results.iter().enumerate();
    records.extend(results.map(|(index, result)| result_record(index, result)));
    records.push(record("L", [numbered(0), (3, one("N"))]));
    text(&records)
}

fn order(load: &Load, tube: &Tube, id: &str) -> RecordOut {
    let number = (load.rack * 10 + tube.position).to_string();
    let (rack, position) = (load.rack.to_string(), tube.position.to_string());
    let mut tests: Vec<Vec<String>> = tube.results.iter().map(|r| test(r.assay)).collect();
    tests.dedup();
    record(
        "O",
        [
            numbered(0),
            (3, parts(&[&number, &rack, &position])),
            (4, one(id)),
            (5, tests),
            (6, one("R")),
            (26, one("F")),
        ],
    )
}

fn test(assay: Assay) -> Vec<String> {
    let (code, name) = of(&TESTS, assay);
    [code, name, "", ""].map(str::to_owned).to_vec()
}

fn result_record(index: usize, result: &PlannedResult) -> RecordOut {
    let (cut_off, unit) = of(&CUT_OFFS, result.assay);
    let (value, range, status) = match result.outcome {
        Outcome::Marker(reading, index) => {
            let range = if reading == Reading::Reactive { "H" } else { "N" };
            ((index * cut_off).normalize().to_string(), range, "F")
        }
        Outcome::Quantity(_) | Outcome::Group(_) | Outcome::Failed => (String::new(), "", "X"),
    };
    record(
        "R",
        [
            numbered(index),
            (3, vec![test(result.assay)]),
            (4, one(value)),
            (5, one(unit)),
            (7, one(result.odd_flag.unwrap_or(range))),
            (9, one(status)),
            (10, one("12345")),
            (13, one(stamp(result.completed))),
        ],
    )
}
