//! Roche cobas 6000, module e 601, and cobas e 411: LIS02 with Roche's habits, one message for
//! each tube.
//!
//! Ids padded to 22 characters, `flag^value` in R.4 (1 positive, 0 border, -1 negative), and after
//! every result of an e 601 a C record with its data alarm, `0` for none; an e 411 says only what
//! there is. Transcripts: `fixtures/analysers/roche-cobas-e601`, `roche-cobas-e411`.

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
/// One of the makes.
pub(super) struct Roche {
    sender: [&'static str; 2],
    /// How results are uploaded.
    mode: &'static str,
    /// As at the one blood service where they were seen.
    codes: [(Assay, &'static str); 4],
    module: &'static str,
    /// A result without an alarm says so.
    says_no_alarm: bool,
}

const E601_CODES: [(Assay, &str); 4] =
    [(Assay::Hbsag, "515"), (Assay::AntiHcv, "286"), (Assay::Hiv, "111"), (Assay::Tp, "149")];
const E411_CODES: [(Assay, &str); 4] =
    [(Assay::Hbsag, "900"), (Assay::AntiHcv, "102"), (Assay::Hiv, "880"), (Assay::Tp, "136")];

pub(super) const E601: Roche = Roche {
    sender: ["cobas6000", "1"],
    mode: "BATCH",
    codes: E601_CODES,
    module: "E11",
    says_no_alarm: true,
};
pub(super) const E411: Roche = Roche {
    sender: ["cobas-e411", "1"],
    mode: "REAL",
    codes: E411_CODES,
    module: "",
    says_no_alarm: false,
};

/// The host repeats sequence, rack and position, or the analyser withdraws.
pub(super) const E601_PLACES: Places =
    Places { id: 3, code: 4, echoes_place: true, assays: |code| assays_of(&E601_CODES, code) };
pub(super) const E411_PLACES: Places =
    Places { assays: |code| assays_of(&E411_CODES, code), ..E601_PLACES };

/// Header, id and tests of a question.
pub(super) fn question(roche: &Roche, asked: &Asked) -> (RecordOut, Field, Field) {
    let id = format!("{:>22}", asked.id);
    let [sequence, rack, position] = place(asked);
    let id = parts(&["", "", &id, &sequence, &rack, &position, "", "S1", "SC"]);
    (header(roche, "TSREQ", "REAL"), id, one("ALL"))
}

/// Sequence, rack and position, as they are to be repeated.
pub(super) fn place(asked: &Asked) -> [String; 3] {
    [asked.sequence, FIRST_RACK + asked.rack, asked.position].map(|number| number.to_string())
}

pub(super) fn messages(roche: &Roche, load: &Load, _envelope: Envelope) -> Vec<String> {
    load.tubes.iter().map(|tube| message(roche, load, tube)).collect()
}

fn message(roche: &Roche, load: &Load, tube: &Tube) -> String {
    let mut records = vec![header(roche, "RSUPL", roche.mode), patient()];
    records.push(order(roche, load, tube));
    records.extend(roche.says_no_alarm.then(remark));
    for (index, result) in tube.results.iter().enumerate() {
        records.push(result_record(roche, index, tube, result));
        records.extend(alarm(roche, result));
    }
    records.push(record("L", [numbered(0), (3, one("N"))]));
    text(&records)
}

fn header(roche: &Roche, class: &str, mode: &str) -> RecordOut {
    record(
        "H",
        [
            (5, parts(&roche.sender)),
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

fn order(roche: &Roche, load: &Load, tube: &Tube) -> RecordOut {
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
            (5, tests(roche, tube)),
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

fn tests(roche: &Roche, tube: &Tube) -> Field {
    let code = |result: &PlannedResult| of(&roche.codes, result.assay);
    let mut codes: Vec<&str> = tube.results.iter().map(code).collect();
    codes.dedup();
    codes.into_iter().map(|code| ["", "", "", code, ""].map(str::to_owned).to_vec()).collect()
}

fn remark() -> RecordOut {
    let blank = format!("{:30}", "");
    record("C", [numbered(0), (3, one("I")), (4, parts(&[&blank, "", "", "", ""])), (5, one("G"))])
}

fn result_record(roche: &Roche, index: usize, tube: &Tube, result: &PlannedResult) -> RecordOut {
    let status = match tube.specimen {
        Specimen::Donor(_) => "F",
        Specimen::Control(_) | Specimen::Calibrator(_) => "",
    };
    let code = format!("{}//not", of(&roche.codes, result.assay));
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
            (14, one(roche.module)),
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

fn alarm(roche: &Roche, result: &PlannedResult) -> Option<RecordOut> {
    let alarm = match result.outcome {
        Outcome::Failed => Some(ALARM_PIPETTING),
        Outcome::Marker(..) | Outcome::Quantity(_) | Outcome::Group(_) => {
            roche.says_no_alarm.then_some("0")
        }
    };
    Some(record("C", [numbered(0), (3, one("I")), (4, one(alarm?)), (5, one("I"))]))
}
