//! Ortho VISION: LIS02, a blood-group profile for each tube, R records for group and type, an M
//! record for each well with its grade. ISBT 128 ids keep their `=` and flags.
//! Transcripts: `fixtures/analysers/ortho-vision`.

use jiff::civil::DateTime;

use super::asking::{Places, second};
use super::lis02::{numbered, one, parts, record, text};
use super::{Envelope, stamp};
use crate::codec::lis02::{Field, RecordOut};
use crate::domain::{AboGroup, Assay, Reading, RhdType};
use crate::simulator::asking::Asked;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

/// The profile of wells that finds group and type.
const PROFILE: &str = "ABO/Rh";

/// Profiles are ordered, not analyses.
pub(super) const PLACES: Places = Places {
    id: 3,
    code: 1,
    echoes_place: false,
    assays: |code| if code == PROFILE { vec![Assay::Abo, Assay::Rhd] } else { Vec::new() },
};

/// Header, id and tests of a question.
pub(super) fn question(asked: &Asked, now: DateTime) -> (RecordOut, Field, Field) {
    let id = if asked.id.is_empty() { String::new() } else { format!("={}00", asked.id) };
    (header(now), second(&id), one("ALL"))
}

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    load.tubes.iter().map(|tube| message(tube, envelope.sent_at)).collect()
}

fn message(tube: &Tube, sent_at: DateTime) -> String {
    let mut records = vec![header(sent_at), record("P", [numbered(0)]), order(tube)];
    for (index, result) in tube.results.iter().enumerate() {
        records.push(result_record(index, result));
        records.extend(wells(result));
    }
    records.push(record("L", [numbered(0), (3, one("N"))]));
    text(&records)
}

fn header(sent_at: DateTime) -> RecordOut {
    record(
        "H",
        [
            (5, parts(&["OCD", "VISION", "5.13.1", "JNumber"])),
            (12, one("P")),
            (13, one("LIS2-A")),
            (14, one(stamp(sent_at))),
        ],
    )
}

fn order(tube: &Tube) -> RecordOut {
    let (id, action) = match &tube.specimen {
        Specimen::Donor(din) => (format!("={din}00"), "N"),
        Specimen::Control(lot) | Specimen::Calibrator(lot) => (lot.clone(), "Q"),
    };
    record(
        "O",
        [
            numbered(0),
            (3, one(id)),
            (5, one(PROFILE)),
            (6, one("N")),
            (12, one(action)),
            (16, one("CENTBLOOD")),
            (26, one("F")),
        ],
    )
}

fn result_record(index: usize, result: &PlannedResult) -> RecordOut {
    let (analysis, value) = match result.outcome {
        Outcome::Group(Reading::Abo(group)) => ("ABO", group.id()),
        Outcome::Group(Reading::Rhd(RhdType::Positive)) => ("Rh", "POS"),
        Outcome::Group(Reading::Rhd(RhdType::Negative)) => ("Rh", "NEG"),
        Outcome::Group(_) | Outcome::Marker(..) | Outcome::Quantity(_) | Outcome::Failed => {
            ("", "")
        }
    };
    record(
        "R",
        [
            numbered(index),
            (3, one(analysis)),
            (4, one(value)),
            (7, one(result.odd_flag.unwrap_or(""))),
            (9, one("F")),
            (11, one("Automatic")),
            (13, one(stamp(result.completed))),
        ],
    )
}

/// The wells behind a result, with their grades.
fn wells(result: &PlannedResult) -> Vec<RecordOut> {
    let wells: Vec<(&str, bool)> = match result.outcome {
        Outcome::Group(Reading::Abo(group)) => abo_wells(group).to_vec(),
        Outcome::Group(Reading::Rhd(rhd)) => vec![("D", rhd == RhdType::Positive)],
        Outcome::Group(_) | Outcome::Marker(..) | Outcome::Quantity(_) | Outcome::Failed => vec![],
    };
    wells
        .into_iter()
        .enumerate()
        .map(|(index, (well, reacts))| well_record(index, well, reacts))
        .collect()
}

fn well_record(index: usize, well: &str, reacts: bool) -> RecordOut {
    let grade = if reacts { "40" } else { "0" };
    record("M", [numbered(index), (3, one(well)), (6, parts(&[grade, "A", grade, ""]))])
}

const fn abo_wells(group: AboGroup) -> [(&'static str, bool); 4] {
    let (a, b) = match group {
        AboGroup::A => (true, false),
        AboGroup::B => (false, true),
        AboGroup::O => (false, false),
        AboGroup::Ab => (true, true),
    };
    [("Anti-A", a), ("Anti-B", b), ("A1 cells", !a), ("B cells", !b)]
}
