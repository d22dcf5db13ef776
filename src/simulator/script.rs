//! A written course of a rehearsal: what a scripted analyser does, one step after the other.
//!
//! ```toml
//! [[step]]                       # results nobody ordered
//! send = ["A999926000017"]       # donations; what is not said is as in a healthy donor
//! readings = { hbsag = "reactive", alt = "61.5", abo = "O", rhd = "positive" }
//!
//! [[step]]                       # a question about one tube
//! ask = "A999926000017"          # any text: "" a bar code not read, "@7", an id nobody knows
//! rack = 1                       # 1 if not given
//! position = 3                   # 1 if not given
//! expect = "orders"              # orders, no work, nothing or refused; not checked if not given
//! codes = ["515", "286"]         # exactly these, in any order; as often as they stand here
//! within_s = 5                   # in place of the make's own patience
//!
//! [[step]]
//! run = true                     # run what was ordered so far, and report it
//!
//! [[step]]
//! wait_s = 10                    # do nothing but listen
//! expect = "nothing"             # or "orders": some that nobody asked for
//!
//! [[step]]
//! refuse = true                  # refuse orders from here on; false: take them again
//!
//! [[step]]
//! fault = "noise=2%"             # a fault of the line or of the analyser, from here on
//!
//! [[step]]
//! drop_line = true               # hang up; the next step opens the line again
//! ```
//!
//! Refuses, with every fault of the file at once and its place: steps that say nothing or two
//! things, unknown words, faults of the bench, and what the analyser cannot report.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;

use super::{Fault, Outcome, Played, parse_fault};
use crate::document::{self, Placed, Table};
use crate::domain::{AboGroup, Assay, Measure, Reading, RhdType};
use crate::limits;

/// A checked script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// In order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A question.
    Ask(Question),
    /// Results of these donations.
    Send {
        /// The donations.
        donations: Vec<String>,
        /// What each yields.
        results: Vec<(Assay, Outcome)>,
    },
    /// What was ordered is run and reported.
    Run,
    /// The analyser listens.
    Wait {
        /// How long.
        wait: Duration,
        /// What must have come by then.
        expect: Option<Expected>,
    },
    /// Orders are refused from here on, or taken.
    Refuse(bool),
    /// A fault, in 1 000.
    Fault(Fault, u16),
    /// The line is hung up.
    DropLine,
}

/// A question about one tube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The id as scanned.
    pub id: String,
    /// The rack.
    pub rack: u32,
    /// The position.
    pub position: u32,
    /// What must come of it.
    pub expect: Option<Expected>,
    /// The tests that must be ordered.
    pub codes: Option<Vec<String>>,
    /// How long the analyser waits.
    pub within: Option<Duration>,
}

/// What must come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Orders.
    Orders,
    /// The word that there is nothing to do.
    NoWork,
    /// Not a word.
    Nothing,
    /// Orders that the analyser refuses.
    Refused,
}

/// What a step can be; it is exactly one of them.
const KINDS: [&str; 7] = ["ask", "send", "run", "wait_s", "refuse", "fault", "drop_line"];

impl Script {
    /// Reads a script for this analyser.
    ///
    /// # Errors
    /// Every fault of the file at once.
    pub fn parse(file: &str, text: &str, model: &Played) -> Result<Script, Vec<document::Fault>> {
        document::read(file, text, |root| {
            let tables = root.tables("step");
            if tables.is_empty() || tables.len() > limits::SCRIPT_STEPS_MAX {
                let most = limits::SCRIPT_STEPS_MAX;
                root.fault(&root.place(), format!("a script has 1 to {most} steps ([[step]])"));
            }
            let steps: Vec<Option<Step>> = tables.iter().map(|table| step(table, model)).collect();
            Some(Script { steps: steps.into_iter().collect::<Option<Vec<Step>>>()? })
        })
    }
}

impl Expected {
    /// The word used in scripts.
    pub const fn word(self) -> &'static str {
        match self {
            Expected::Orders => "orders",
            Expected::NoWork => "no work",
            Expected::Nothing => "nothing",
            Expected::Refused => "refused",
        }
    }

    fn read(table: &Table<'_>) -> Option<Expected> {
        let Placed { value, place } = table.string("expect")?;
        let all = [Expected::Orders, Expected::NoWork, Expected::Nothing, Expected::Refused];
        let found = all.into_iter().find(|expected| expected.word() == value);
        if found.is_none() {
            table.fault(&place, "must be orders, no work, nothing or refused");
        }
        found
    }
}

fn step(table: &Table<'_>, model: &Played) -> Option<Step> {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| table.has(kind)).collect();
    let [kind] = kinds.as_slice() else {
        let message = format!("a step is exactly one of {}", KINDS.join(", "));
        table.fault(&table.place(), message);
        return None;
    };
    match *kind {
        "ask" => question(table).map(Step::Ask),
        "send" => send(table, model),
        "run" => said(table, "run").map(|_| Step::Run),
        "wait_s" => wait(table),
        "refuse" => table.boolean("refuse").map(|refuse| Step::Refuse(refuse.value)),
        "fault" => fault(table, model),
        _ => said(table, "drop_line").map(|_| Step::DropLine),
    }
}

/// A step that is only there or not.
fn said(table: &Table<'_>, key: &str) -> Option<()> {
    let said = table.boolean(key)?;
    if !said.value {
        table.fault(&said.place, "can only be true: leave the step out otherwise");
    }
    Some(())
}

fn question(table: &Table<'_>) -> Option<Question> {
    let place = |key: &str| {
        let number = table.integer(key, 1..=limits::SCRIPT_PLACE_MAX);
        number.map_or(1, |number| u32::try_from(number.value).unwrap_or(1))
    };
    let id = table.required_string("ask")?.value;
    let has_codes = table.has("codes");
    let codes: Vec<String> = table.strings("codes").into_iter().map(|code| code.value).collect();
    let within = seconds(table, "within_s");
    let (rack, position) = (place("rack"), place("position"));
    let expect = Expected::read(table);
    if has_codes && expect != Some(Expected::Orders) {
        table.fault(&table.place(), "codes can only be checked where orders are expected");
    }
    Some(Question { id, rack, position, expect, codes: has_codes.then_some(codes), within })
}

fn seconds(table: &Table<'_>, key: &str) -> Option<Duration> {
    let number = table.integer(key, 0..=limits::SCRIPT_SECONDS_MAX)?;
    Some(Duration::from_secs(u64::try_from(number.value).ok()?))
}

fn wait(table: &Table<'_>) -> Option<Step> {
    let expect = Expected::read(table);
    if matches!(expect, Some(Expected::NoWork | Expected::Refused)) {
        table.fault(&table.place(), "nobody asked: expect orders or nothing");
    }
    Some(Step::Wait { wait: seconds(table, "wait_s")?, expect })
}

fn fault(table: &Table<'_>, model: &Played) -> Option<Step> {
    let Placed { value, place } = table.required_string("fault")?;
    let (fault, rate) = match parse_fault(&value) {
        Ok(read) => read,
        Err(why) => {
            table.fault(&place, why);
            return None;
        }
    };
    let scene = fault.scene();
    if !(scene.is_line() || fault.needs_questions()) {
        table.fault(&place, format!("{fault} is a fault of the bench: write its results out"));
    }
    if !fault.is_possible_on(model.wire()) {
        table.fault(&place, format!("{} has no line that could have {fault}", model.name()));
    }
    Some(Step::Fault(fault, rate))
}

fn send(table: &Table<'_>, model: &Played) -> Option<Step> {
    let donations: Vec<String> = table.strings("send").into_iter().map(|din| din.value).collect();
    if donations.is_empty() {
        table.fault(&table.place(), "send names at least one donation");
    }
    let runs = model.assays();
    let mut said = BTreeMap::new();
    if let Some(readings) = table.table("readings") {
        for (assay, word) in readings.string_entries() {
            let known = Assay::from_id(&assay.value).filter(|a| runs.contains(a));
            let Some(known) = known else {
                let message = format!("{} does not report {}", model.name(), assay.value);
                readings.fault(&assay.place, message);
                continue;
            };
            match outcome(known, &word.value) {
                Some(outcome) => {
                    said.insert(known, outcome);
                }
                None => readings.fault(&word.place, format!("{known} can't be {:?}", word.value)),
            }
        }
    }
    let result = |assay: &Assay| (*assay, said.get(assay).copied().unwrap_or(healthy(*assay)));
    Some(Step::Send { donations, results: runs.iter().map(result).collect() })
}

fn outcome(assay: Assay, word: &str) -> Option<Outcome> {
    if word == "failed" {
        return Some(Outcome::Failed);
    }
    match (assay.measure(), Reading::from_id(word)) {
        (Measure::Quantity, _) => word.parse().ok().map(Outcome::Quantity),
        (Measure::Marker, Some(reading @ Reading::Reactive)) => {
            Some(Outcome::Marker(reading, Decimal::new(5_250, 3)))
        }
        (Measure::Marker, Some(reading @ Reading::GreyZone)) => {
            Some(Outcome::Marker(reading, Decimal::new(950, 3)))
        }
        (Measure::Marker, Some(Reading::Nonreactive)) => Some(healthy(assay)),
        (Measure::Abo, Some(reading @ Reading::Abo(_))) => Some(Outcome::Group(reading)),
        (Measure::Rhd, Some(reading @ Reading::Rhd(_))) => Some(Outcome::Group(reading)),
        (Measure::Marker | Measure::Abo | Measure::Rhd, _) => None,
    }
}

/// What a healthy donor yields.
pub(super) fn healthy(assay: Assay) -> Outcome {
    match assay.measure() {
        Measure::Marker => Outcome::Marker(Reading::Nonreactive, Decimal::new(120, 3)),
        Measure::Quantity => Outcome::Quantity(Decimal::new(224, 1)),
        Measure::Abo => Outcome::Group(Reading::Abo(AboGroup::A)),
        Measure::Rhd => Outcome::Group(Reading::Rhd(RhdType::Positive)),
    }
}
