//! Abbott ARCHITECT i2000SR: LIS02, one message for each assay, many messages in a session.
//!
//! A result is three R records: F the number, I the interpretation, P the raw signal. What could
//! not be done has none: `X` in O.26 and a C record that says why. Transcripts:
//! `fixtures/analysers/abbott-architect`.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::asking::{Places, second};
use super::lis02::{numbered, one, parts, record, text};
use super::{Envelope, of, stamp};
use crate::codec::lis02::{Field, RecordOut};
use crate::domain::{Assay, Reading};
use crate::simulator::asking::Asked;
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};

const DILUTION: &str = "UNDILUTED";
const REAGENT_LOT: &str = "47331M100";
const REAGENT_SERIAL: &str = "00788";
const DEVICE: &str = "i2SR53420";
/// Number and name of each test as set up on this analyser.
const TESTS: [(Assay, (&str, &str)); 4] = [
    (Assay::Hbsag, ("605", "HBsAgQual")),
    (Assay::AntiHcv, ("161", "Anti-HCV")),
    (Assay::Hiv, ("396", "HIVAgAb")),
    (Assay::Tp, ("380", "SyphilisTP")),
];

pub(super) const PLACES: Places = Places {
    id: 3,
    code: 4,
    echoes_place: false,
    assays: |code| {
        TESTS.iter().filter(|(_, (listed, _))| *listed == code).map(|(assay, _)| *assay).collect()
    },
};

/// Header, id and tests of a question.
pub(super) fn question(asked: &Asked, now: DateTime) -> (RecordOut, Field, Field) {
    (header(now), second(&asked.id), parts(&["", "", "", "ALL"]))
}

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    load.tubes
        .iter()
        .flat_map(|tube| tube.results.iter().map(move |result| (tube, result)))
        .map(|(tube, result)| message(load, tube, result, envelope.sent_at))
        .collect()
}

fn message(load: &Load, tube: &Tube, result: &PlannedResult, sent_at: DateTime) -> String {
    let mut records = vec![header(sent_at), record("P", [numbered(0)])];
    records.push(order(load, tube, result));
    match result.outcome {
        Outcome::Marker(reading, index) => {
            records.extend(triplet(load, tube, result, reading, index))
        }
        Outcome::Failed | Outcome::Quantity(_) | Outcome::Group(_) => records.push(exception()),
    }
    records.push(record("L", [numbered(0)]));
    text(&records)
}

fn header(sent_at: DateTime) -> RecordOut {
    record(
        "H",
        [
            (5, parts(&["ARCHITECT", "8.10", "F3453010030", "H1P1O1R1C1Q1L1"])),
            (12, one("P")),
            (13, one("1")),
            (14, one(stamp(sent_at))),
        ],
    )
}

fn order(load: &Load, tube: &Tube, result: &PlannedResult) -> RecordOut {
    let id = specimen_id(&tube.specimen);
    let carrier = format!("W{:03}", load.rack % 1_000);
    let position = tube.position.to_string();
    let action = match tube.specimen {
        Specimen::Donor(_) => "",
        Specimen::Control(_) | Specimen::Calibrator(_) => "Q",
    };
    let report = if result.outcome == Outcome::Failed { "X" } else { "F" };
    let (code, name) = of(&TESTS, result.assay);
    record(
        "O",
        [
            numbered(0),
            (3, one(id)),
            (4, parts(&[id, &carrier, &position])),
            (5, parts(&["", "", "", code, name, DILUTION, class(&tube.specimen)])),
            (6, one("R")),
            (12, one(action)),
            (26, one(report)),
        ],
    )
}

fn triplet(
    load: &Load,
    tube: &Tube,
    result: &PlannedResult,
    reading: Reading,
    index: Decimal,
) -> [RecordOut; 3] {
    let signal = (index * Decimal::from(4_000)).trunc().to_string();
    let number = index.to_string();
    let lot = load.lot.as_deref().unwrap_or(REAGENT_LOT);
    let said =
        [("F", number.as_str(), "S/CO"), ("I", interpretation(reading), ""), ("P", &signal, "RLU")];
    let [first, second, third] = said;
    [
        aspect(0, first, lot, tube, result),
        aspect(1, second, lot, tube, result),
        aspect(2, third, lot, tube, result),
    ]
}

fn aspect(
    index: usize,
    (aspect, value, unit): (&str, &str, &str),
    reagent_lot: &str,
    tube: &Tube,
    result: &PlannedResult,
) -> RecordOut {
    let (code, name) = of(&TESTS, result.assay);
    let control_lot = match &tube.specimen {
        Specimen::Donor(_) => "",
        Specimen::Control(lot) | Specimen::Calibrator(lot) => lot,
    };
    let flag = result.odd_flag.filter(|_| aspect == "F").unwrap_or("");
    let class = class(&tube.specimen);
    let test = ["", "", "", code, name, DILUTION, class, reagent_lot, REAGENT_SERIAL, control_lot];
    let test: Vec<&str> = test.into_iter().chain([aspect]).collect();
    record(
        "R",
        [
            numbered(index),
            (3, parts(&test)),
            (4, one(value)),
            (5, one(unit)),
            (7, one(flag)),
            (9, one("F")),
            (11, parts(&["Admin", "Admin"])),
            (13, one(stamp(result.completed))),
            (14, one(DEVICE)),
        ],
    )
}

fn exception() -> RecordOut {
    record("C", [numbered(0), (3, one("I")), (4, one("Sample clotted")), (5, one("I"))])
}

fn specimen_id(specimen: &Specimen) -> &str {
    match specimen {
        Specimen::Donor(id) | Specimen::Control(id) | Specimen::Calibrator(id) => id,
    }
}

const fn class(specimen: &Specimen) -> &'static str {
    match specimen {
        Specimen::Donor(_) => "P",
        Specimen::Control(_) | Specimen::Calibrator(_) => "C",
    }
}

const fn interpretation(reading: Reading) -> &'static str {
    match reading {
        Reading::Reactive => "Reactive",
        Reading::GreyZone => "Grayzone",
        Reading::Nonreactive => "Nonreactive",
        Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => "",
    }
}
