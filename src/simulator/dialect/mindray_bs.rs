//! Mindray BS chemistry: HL7 2.3.1 ORU^R01, one test in a message, the bar code in OBR-2.
//!
//! MSH-16 says what it is: 0 a specimen, 1 a calibration, 2 a control; a control stands in OBR
//! alone, a calibration is laid out like a specimen. Transcripts:
//! `fixtures/analysers/mindray-bs`.

use rust_decimal::Decimal;

use super::asking::{ordered, value};
use super::hl7::{one, parts, segment, text};
use super::{Envelope, stamp};
use crate::codec::hl7::{SegmentOut, read};
use crate::codec::{Message, Record};
use crate::domain::Assay;
use crate::simulator::asking::{Asked, HostSays, Order};
use crate::simulator::{Load, Outcome, PlannedResult, Specimen, Tube};
use jiff::civil::DateTime;

const CODE: &str = "13";
const NAME: &str = "ALT";
const UNIT: &str = "U/L";

/// Line of DSR^Q03 with the bar code; tests follow from the other line on.
const ID_LINE: &str = "21";
const FIRST_TEST_LINE: u32 = 29;

/// QRY^Q02 about one bar code.
pub(super) fn question(asked: &Asked, now: DateTime) -> String {
    let header = segment(
        "MSH",
        [
            (3, one("Mindray")),
            (4, one("BS-480")),
            (7, one(stamp(now))),
            (9, parts(&["QRY", "Q02"])),
            (10, one(format!("{}", 100_000 + asked.sequence))),
            (11, one("P")),
            (12, one("2.3.1")),
            (18, one("ASCII")),
        ],
    );
    let definition = segment(
        "QRD",
        [
            (1, one(stamp(now))),
            (2, one("R")),
            (3, one("D")),
            (4, one(asked.sequence.to_string())),
            (7, one("RD")),
            (8, one(&asked.id)),
            (9, one("OTH")),
            (12, one("T")),
        ],
    );
    let filter =
        segment("QRF", [(1, one("BS-480")), (6, one("RCT")), (7, one("COR")), (8, one("ALL"))]);
    text(&[header, definition, filter])
}

/// QCK^Q02 says whether there is work, DSR^Q03 what.
pub(super) fn hear(message: &str) -> HostSays {
    let transmission = read(message);
    let Some(message) = transmission.messages.first() else { return HostSays::Nothing };
    let header = message.records().next();
    match header.map_or(String::new(), |header| value(message, &header, 9, 1)).as_str() {
        "QCK" => acknowledged(message),
        "DSR" => HostSays::Work(vec![shown(message)]),
        _ => HostSays::Nothing,
    }
}

fn acknowledged(message: &Message<'_>) -> HostSays {
    let found = message.records().find(|record| record.name() == "QAK");
    match found.map(|record| value(message, &record, 2, 1)).as_deref() {
        Some("NF") => HostSays::NoWork,
        Some("AE" | "AR") => HostSays::Unanswerable("QAK-2 says error".to_owned()),
        _ => HostSays::Nothing,
    }
}

fn shown(message: &Message<'_>) -> Order {
    let lines = || message.records().filter(|record| record.name() == "DSP");
    let number = |line: &Record<'_>| value(message, line, 1, 1);
    let id = lines().find(|line| number(line) == ID_LINE);
    let tests = lines()
        .filter(|line| number(line).parse().is_ok_and(|number: u32| number >= FIRST_TEST_LINE))
        .map(|line| value(message, &line, 3, 1))
        .filter(|code| !code.is_empty())
        .map(|code| ordered(code, None, assays));
    Order {
        tests: tests.collect(),
        id: id.map_or(String::new(), |line| value(message, &line, 3, 1)),
        place: None,
    }
}

fn assays(code: &str) -> Vec<Assay> {
    if code == CODE { vec![Assay::Alt] } else { Vec::new() }
}

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
            (8, one(result.odd_flag.unwrap_or("N"))),
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
