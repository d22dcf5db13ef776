//! Roche cobas 6000, module e 601: LIS02 with Roche's habits, one message for each tube.
//!
//! Ids padded to 22 characters, `flag^value` in R.4 (1 positive, 0 border, -1 negative), and after
//! every result a C record with its data alarm, `0` for none.
//! Transcripts: `fixtures/analysers/roche-cobas-e601`.

use super::asking::Places;
use super::lis02::{numbered, one, parts, record, text};
use super::{Envelope, assays_of, of, stamp};
use crate::codec::lis02::{Field, RecordOut};
use crate::domain::{Assay, Reading};
use crate::simulator::asking::Asked;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

/// Racks of this analyser are numbered from here.
const FIRST_RACK: u32 = 5_000;
const OPERATOR: &str = "OPER01";
/// Sent in place of the number where there is no result.
const NO_VALUE: &str = "       ";
/// Data alarm for a sample that could not be pipetted.
const ALARM_PIPETTING: &str = "40";
/// As at the one blood service where they were seen.
const CODES: [(Assay, &str); 4] =
    [(Assay::Hbsag, "515"), (Assay::AntiHcv, "286"), (Assay::Hiv, "111"), (Assay::Tp, "149")];

/// The host repeats sequence, rack and position, or the analyser withdraws.
pub(super) const PLACES: Places =
    Places { id: 3, code: 4, echoes_place: true, assays: |code| assays_of(&CODES, code) };

/// Header, id and tests of a question.
pub(super) fn question(asked: &Asked) -> (RecordOut, Field, Field) {
    let id = format!("{:>22}", asked.id);
    let [sequence, rack, position] = place(asked);
    let id = parts(&["", "", &id, &sequence, &rack, &position, "", "S1", "SC"]);
    (header("TSREQ", "REAL"), id, one("ALL"))
}

/// Sequence, rack and position, as they are to be repeated.
pub(super) fn place(asked: &Asked) -> [String; 3] {
    [asked.sequence, FIRST_RACK + asked.rack, asked.position].map(|number| number.to_string())
}

pub(super) fn messages(load: &Load, _envelope: Envelope) -> Vec<String> {
    load.tubes.iter().map(|tube| message(load, tube)).collect()
}

fn message(load: &Load, tube: &Tube) -> String {
    let mut records = vec![header("RSUPL", "BATCH"), patient(), order(load, tube), remark()];
    for (index, result) in tube.results.iter().enumerate() {
        records.push(result_record(index, tube, result));
        records.push(alarm(result));
    }
    records.push(record("L", [numbered(0), (3, one("N"))]));
    text(&records)
}

fn header(class: &str, mode: &str) -> RecordOut {
    record(
        "H",
        [
            (5, parts(&["cobas6000", "1"])),
            (10, one("host")),
            (11, parts(&[class, mode])),
            (12, one("P")),
            (13, one("1")),
        ],
    )
}

fn patient() -> RecordOut {
    record("P", [numbered(0), (9, one("U")), (15, parts(&["", "", ""]))])
}

fn order(load: &Load, tube: &Tube) -> RecordOut {
    let (id, class, action) = match &tube.specimen {
        Specimen::Donor(din) => (din, "S1", "N"),
        Specimen::Control(lot) | Specimen::Calibrator(lot) => (lot, "QC", "Q"),
    };
    let rack = (FIRST_RACK + load.rack).to_string();
    let position = tube.position.to_string();
    record(
        "O",
        [
            numbered(0),
            (3, one(format!("{id:>22}"))),
            (4, parts(&["0", &rack, &position, "", class, "SC"])),
            (5, tests(tube)),
            (6, one("R")),
            (12, one(action)),
            (16, one("1")),
            (23, one(started(tube))),
            (26, one("F")),
        ],
    )
}

/// When the first result was ready; the same whenever the results are sent.
fn started(tube: &Tube) -> String {
    tube.results.first().map_or(String::new(), |result| stamp(result.completed))
}

fn tests(tube: &Tube) -> Field {
    let mut codes: Vec<&str> = tube.results.iter().map(|result| of(&CODES, result.assay)).collect();
    codes.dedup();
    codes.into_iter().map(|code| ["", "", "", code, ""].map(str::to_owned).to_vec()).collect()
}

fn remark() -> RecordOut {
    let blank = format!("{:30}", "");
    record("C", [numbered(0), (3, one("I")), (4, parts(&[&blank, "", "", "", ""])), (5, one("G"))])
}

fn result_record(index: usize, tube: &Tube, result: &PlannedResult) -> RecordOut {
    let status = match tube.specimen {
        Specimen::Donor(_) => "F",
        Specimen::Control(_) | Specimen::Calibrator(_) => "",
    };
    let code = format!("{}//not", of(&CODES, result.assay));
    record(
        "R",
        [
            numbered(index),
            (3, parts(&["", "", "", &code])),
            (4, value(result.outcome)),
            (5, one("COI")),
            (7, flags(result)),
            (9, one(status)),
            (11, one(OPERATOR)),
            (12, one(stamp(result.completed))),
            (14, one("E11")),
        ],
    )
}

fn value(outcome: Outcome) -> Field {
    match outcome {
        Outcome::Marker(reading, index) => parts(&[flag(reading), &index.to_string()]),
        Outcome::Quantity(_) | Outcome::Group(_) | Outcome::Failed => parts(&["", NO_VALUE]),
    }
}

const fn flag(reading: Reading) -> &'static str {
    match reading {
        Reading::Reactive => "1",
        Reading::GreyZone => "0",
        Reading::Nonreactive => "-1",
        Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => "",
    }
}

fn flags(result: &PlannedResult) -> Field {
    one(result.odd_flag.unwrap_or("N"))
}

fn alarm(result: &PlannedResult) -> RecordOut {
    let alarm = match result.outcome {
        Outcome::Failed => ALARM_PIPETTING,
        Outcome::Marker(..) | Outcome::Quantity(_) | Outcome::Group(_) => "0",
    };
    record("C", [numbered(0), (3, one("I")), (4, one(alarm)), (5, one("I"))])
}
