//! DiaSorin LIAISON XL: LIS02, one message for each tube, the plain id in Q.3 of a question.
//! Transcripts: `fixtures/analysers/diasorin-liaison-xl`.

use rust_decimal::Decimal;

use super::asking::Places;
use super::lis02::{numbered, one, parts, record, text};
use super::{Envelope, assays_of, of, stamp};
use crate::codec::lis02::{Field, RecordOut};
use crate::domain::{Assay, Reading};
use crate::simulator::asking::Asked;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

const CODES: [(Assay, &str); 4] =
    [(Assay::Hbsag, "HBsAg"), (Assay::AntiHcv, "HCV"), (Assay::Hiv, "HIV"), (Assay::Tp, "Trepo")];
/// Cut-off and unit of each kit.
const CUT_OFFS: [(Assay, (Decimal, &str)); 4] = [
    (Assay::Hbsag, (Decimal::from_parts(5, 0, 0, false, 2), "IU/mL")),
    (Assay::AntiHcv, (Decimal::ONE, "Index")),
    (Assay::Hiv, (Decimal::ONE, "S/CO")),
    (Assay::Tp, (Decimal::ONE, "Index")),
];

pub(super) const PLACES: Places =
    Places { id: 3, code: 4, echoes_place: false, assays: |code| assays_of(&CODES, code) };

/// Header, id and tests of a question.
pub(super) fn question(asked: &Asked) -> (RecordOut, Field, Field) {
    (header(), one(&asked.id), one("ALL"))
}

pub(super) fn messages(load: &Load, _envelope: Envelope) -> Vec<String> {
    load.tubes.iter().map(message).collect()
}

fn header() -> RecordOut {
    record("H", [(5, one("LIAISONXL")), (10, one("LABEDV")), (12, one("P")), (13, one("1"))])
}

fn message(tube: &Tube) -> String {
    let mut records = vec![header(), record("P", [numbered(0)]), order(tube)];
    let results = tube.results.iter().enumerate();
    records.extend(results.map(|(index, result)| result_record(index, result)));
    records.push(record("L", [numbered(0), (3, one("N"))]));
    text(&records)
}

fn order(tube: &Tube) -> RecordOut {
    let (id, action) = match &tube.specimen {
        Specimen::Donor(din) => (din, ""),
        Specimen::Control(lot) | Specimen::Calibrator(lot) => (lot, "Q"),
    };
    let mut codes: Vec<&str> = tube.results.iter().map(|result| of(&CODES, result.assay)).collect();
    codes.dedup();
    let tests = codes.into_iter().map(|code| ["", "", "", code].map(str::to_owned).to_vec());
    let tests: Field = tests.collect();
    record("O", [numbered(0), (3, one(id)), (5, tests), (12, one(action)), (26, one("F"))])
}

fn result_record(index: usize, result: &PlannedResult) -> RecordOut {
    let (cut_off, unit) = of(&CUT_OFFS, result.assay);
    let (value, range, status) = match result.outcome {
        Outcome::Marker(reading, index) => {
            let range = if reading == Reading::Reactive { "A" } else { "N" };
            ((index * cut_off).normalize().to_string(), range, "F")
        }
        Outcome::Quantity(_) | Outcome::Group(_) | Outcome::Failed => (String::new(), "", "X"),
    };
    record(
        "R",
        [
            numbered(index),
            (3, parts(&["", "", "", of(&CODES, result.assay)])),
            (4, one(value)),
            (5, one(unit)),
            (7, one(result.odd_flag.unwrap_or(range))),
            (9, one(status)),
            (13, one(stamp(result.completed))),
            (14, one("Liaison")),
        ],
    )
}
