//! SNIBE Maglumi: LIS02 with `PSWD` in H.4, a date of eight digits in H.14, one message for each
//! tube, results without status and without a verdict: the number is all there is.
//! Transcripts: `fixtures/analysers/snibe-maglumi`.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::asking::{Places, second};
use super::lis02::{numbered, one, parts, record, text};
use super::{Envelope, assays_of, of, stamp};
use crate::codec::lis02::{Field, RecordOut};
use crate::domain::{Assay, Reading};
use crate::simulator::asking::Asked;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

const CODES: [(Assay, &str); 4] = [
    (Assay::Hbsag, "HBsAg"),
    (Assay::AntiHcv, "Anti-HCV"),
    (Assay::Hiv, "HIV Combi"),
    (Assay::Tp, "Syphilis"),
];
/// Cut-off and unit of each kit; nothing in a message says what the cut-off is.
const CUT_OFFS: [(Assay, (Decimal, &str)); 4] = [
    (Assay::Hbsag, (Decimal::from_parts(5, 0, 0, false, 2), "IU/mL")),
    (Assay::AntiHcv, (Decimal::ONE, "AU/mL")),
    (Assay::Hiv, (Decimal::ONE, "AU/mL")),
    (Assay::Tp, (Decimal::ONE, "AU/mL")),
];

pub(super) const PLACES: Places =
    Places { id: 3, code: 4, echoes_place: false, assays: |code| assays_of(&CODES, code) };

/// Header, id and tests of a question.
pub(super) fn question(asked: &Asked, now: DateTime) -> (RecordOut, Field, Field) {
    (header(now), second(&asked.id), one("ALL"))
}

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    load.tubes.iter().map(|tube| message(tube, envelope.sent_at)).collect()
}

fn message(tube: &Tube, sent_at: DateTime) -> String {
    let mut records = vec![header(sent_at), record("P", [numbered(0)]), order(tube)];
    let results = tube.results.iter().enumerate();
    records.extend(results.map(|(index, result)| result_record(index, result)));
    records.push(record("L", [numbered(0), (3, one("N"))]));
    text(&records)
}

fn header(sent_at: DateTime) -> RecordOut {
    let day: String = stamp(sent_at).chars().take(8).collect();
    record(
        "H",
        [
            (4, one("PSWD")),
            (5, one("Maglumi User")),
            (10, one("Lis")),
            (12, one("P")),
            (13, one("E1394-97")),
            (14, one(day)),
        ],
    )
}

fn order(tube: &Tube) -> RecordOut {
    let (id, action) = match &tube.specimen {
        Specimen::Donor(din) => (din, ""),
        Specimen::Control(lot) | Specimen::Calibrator(lot) => (lot, "Q"),
    };
    let test = tube.results.first().map_or("", |result| of(&CODES, result.assay));
    record("O", [numbered(0), (3, one(id)), (5, parts(&["", "", "", test])), (12, one(action))])
}

fn result_record(index: usize, result: &PlannedResult) -> RecordOut {
    let (cut_off, unit) = of(&CUT_OFFS, result.assay);
    let (value, range) = match result.outcome {
        Outcome::Marker(reading, index) => {
            let range = if reading == Reading::Reactive { "H" } else { "N" };
            ((index * cut_off).normalize().to_string(), range)
        }
        Outcome::Quantity(_) | Outcome::Group(_) | Outcome::Failed => (String::new(), ""),
    };
    record(
        "R",
        [
            numbered(index),
            (3, parts(&["", "", "", of(&CODES, result.assay)])),
            (4, one(value)),
            (5, one(unit)),
            (7, one(result.odd_flag.unwrap_or(range))),
            (13, one(stamp(result.completed))),
        ],
    )
}
