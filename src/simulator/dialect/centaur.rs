//! Siemens ADVIA Centaur: LIS02, one message for each result, an index with its light units.
//! Transcripts: `fixtures/analysers/siemens-advia-centaur`.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::asking::{Places, second};
use super::lis02::{numbered, one, parts, record, text};
use super::{Envelope, assays_of, of, stamp};
use crate::codec::lis02::{Field, RecordOut};
use crate::domain::Assay;
use crate::simulator::asking::Asked;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

const CODES: [(Assay, &str); 4] =
    [(Assay::Hbsag, "HBs"), (Assay::AntiHcv, "aHCV"), (Assay::Hiv, "HIV"), (Assay::Tp, "Syph")];

pub(super) const PLACES: Places =
    Places { id: 3, code: 4, echoes_place: false, assays: |code| assays_of(&CODES, code) };

/// Header, id and tests of a question.
pub(super) fn question(asked: &Asked, _now: DateTime) -> (RecordOut, Field, Field) {
    (header(), second(&asked.id), one("ALL"))
}

pub(super) fn messages(load: &Load, _envelope: Envelope) -> Vec<String> {
    load.tubes
        .iter()
        .flat_map(|tube| tube.results.iter().map(move |result| (tube, result)))
        .map(|(tube, result)| message(load, tube, result))
        .collect()
}

fn header() -> RecordOut {
    record("H", [(5, one("ADVCNT_LIS")), (10, one("LIS_ID")), (12, one("P")), (13, one("1"))])
}

fn message(load: &Load, tube: &Tube, result: &PlannedResult) -> String {
    let mut records = vec![header(), record("P", [numbered(0)]), order(load, tube, result)];
    if let Specimen::Control(lot) | Specimen::Calibrator(lot) = &tube.specimen {
        let material = parts(&["CCD", "ACS:NG", "V1", "O"]);
        records.push(record("M", [numbered(0), (3, material), (4, one("MARKERS")), (5, one(lot))]));
    }
    match result.outcome {
        Outcome::Marker(_, index) => {
            let light = (index * Decimal::from(18_000)).trunc().to_string();
            records.push(aspect(0, "INDX", &index.to_string(), "Index", result));
            records.push(aspect(1, "RLU", &light, "RLU", result));
        }
        Outcome::Failed | Outcome::Quantity(_) | Outcome::Group(_) => {
            let why = [numbered(0), (3, one("I")), (4, one("no bead")), (5, one("I"))];
            records.push(record("C", why));
        }
    }
    records.push(record("L", [numbered(0), (3, one("N"))]));
    text(&records)
}

fn order(load: &Load, tube: &Tube, result: &PlannedResult) -> RecordOut {
    let (id, action) = match &tube.specimen {
        Specimen::Donor(din) => (din, "N"),
        Specimen::Control(lot) | Specimen::Calibrator(lot) => (lot, "Q"),
    };
    let (rack, position) = (load.rack.to_string(), tube.position.to_string());
    let report = if result.outcome == Outcome::Failed { "X" } else { "F" };
    record(
        "O",
        [
            numbered(0),
            (3, parts(&[id, &rack, &position])),
            (5, parts(&["", "", "", of(&CODES, result.assay)])),
            (6, one("R")),
            (12, one(action)),
            (26, one(report)),
        ],
    )
}

fn aspect(
    index: usize,
    aspect: &str,
    value: &str,
    unit: &str,
    result: &PlannedResult,
) -> RecordOut {
    let code = of(&CODES, result.assay);
    record(
        "R",
        [
            numbered(index),
            (3, parts(&["", "", "", code, "", "1", "1", aspect])),
            (4, one(value)),
            (5, one(unit)),
            (7, one(result.odd_flag.filter(|_| index == 0).unwrap_or(""))),
            (9, one("F")),
            (13, one(stamp(result.completed))),
        ],
    )
}
