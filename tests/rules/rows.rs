//! The rows of the table of decisions that this first rule set covers.

use hemogate::domain::{
    AboGroup, Assay, Effect, InstrumentTime, Reading, ReleaseHistory, ResultStatus,
};
use jiff::tz::Offset;

use crate::case::{Bench, Case, good, marker, quantity, result};

const TABLE: &str = include_str!("../../fixtures/rules/decision-rows.csv");

fn repeated(assay: Assay, readings: &[Reading]) -> Case {
    let first = Case::baseline().without(assay);
    readings.iter().fold(first, |case, reading| case.with(marker(assay, *reading)))
}

fn row(id: &str) -> Option<Case> {
    use Reading::{GreyZone, Invalid, Nonreactive, Reactive};
    let no_alt = || Case::baseline().without(Assay::Alt);
    let hbsag = |readings: &[Reading]| repeated(Assay::Hbsag, readings);
    Some(match id {
        "CN-01" => Case::baseline(),
        "CN-02" => no_alt().with(quantity(Assay::Alt, "50")),
        "CN-03" => no_alt().with(quantity(Assay::Alt, "51")),
        "CN-06" => {
            no_alt().with(quantity(Assay::Alt, "22").concern("HAEMOLYSIS", Effect::Invalidates))
        }
        "CN-08" => hbsag(&[Reactive, Nonreactive, Nonreactive]),
        "CN-09" => hbsag(&[Reactive, Reactive, Nonreactive]),
        "CN-10" => hbsag(&[Reactive, Reactive, Reactive]),
        "CN-11" => hbsag(&[Reactive, Nonreactive, Invalid]),
        "CN-13" => repeated(Assay::AntiHcv, &[GreyZone]),
        "CN-15" => repeated(Assay::Hiv, &[Reactive]),
        "CN-21" => Case::baseline().without(Assay::Nat),
        "CN-32" => repeated(Assay::AntiHcv, &[Reactive, Reactive, Nonreactive]),
        "US-19" => Case::baseline().deferred(),
        "US-20" => Case::baseline().with(result(Assay::Abo).reads(Reading::Abo(AboGroup::B))),
        "X-02" => {
            let copy = good(Assay::Hbsag).at("2026-01-02T12:00:00").place("R1", "3");
            hbsag(&[]).with(copy.clone()).with(copy)
        }
        "X-03" => {
            let first = good(Assay::Hbsag).at("2026-01-02T12:00:00");
            hbsag(&[]).with(first.clone()).with(first.says("0.30"))
        }
        "X-07" => corrected(),
        "X-09" => corrected().history(ReleaseHistory::Released),
        "X-10" => {
            let mut early = good(Assay::Hbsag);
            let civil = "2026-01-01T08:59:59".parse().unwrap();
            early.completed_at = Some(InstrumentTime { civil, offset: Some(Offset::constant(8)) });
            hbsag(&[]).with(early)
        }
        "X-12" => {
            let text = marker(Assay::Hbsag, Nonreactive).says("3.2");
            hbsag(&[]).with(text.concern("VALUE_TEXT_CONFLICT", Effect::Holds))
        }
        "X-14" => hbsag(&[]).with(result(Assay::Hbsag)),
        "X-19" => hbsag(&[Reactive, Nonreactive]),
        "X-20" => hbsag(&[Reactive, Reactive, Nonreactive, Nonreactive, Nonreactive]),
        "X-21" => {
            let other = || marker(Assay::Hbsag, Nonreactive);
            hbsag(&[Reactive]).with_profile(other(), "other").with_profile(other(), "other")
        }
        "X-22" => {
            let segment = |n| marker(Assay::Hbsag, Nonreactive).place("segments", n);
            hbsag(&[])
                .with(marker(Assay::Hbsag, Reactive).place("R1", "3"))
                .with(segment("1"))
                .with(segment("2"))
        }
        "X-24" => Case::baseline().unread(),
        "X-26" => hbsag(&[Reactive, Reactive]).without(Assay::Tp),
        "X-27" => repeated(Assay::Hiv, &[Invalid])
            .without(Assay::Abo)
            .with(result(Assay::Abo).reads(Reading::Abo(AboGroup::O))),
        _ => return None,
    })
}

fn corrected() -> Case {
    let correction = marker(Assay::Hbsag, Reading::Reactive).status(ResultStatus::Corrected);
    Case::baseline().with(correction)
}

/// Codes of the table that the fixed list of codes says in other words.
fn code(reason: &str) -> &str {
    match reason.split([':', ' ']).next().unwrap() {
        "CORRECTED_AFTER_RELEASE" => "RECALLED",
        code => code,
    }
}

fn assay(reason: &str) -> Option<Assay> {
    let (_, assay) = reason.split_once(':')?;
    Assay::from_id(&assay.to_lowercase())
}

#[test]
fn every_row_of_the_table_is_decided_as_it_says() {
    let rows: Vec<Vec<&str>> =
        TABLE.lines().skip(1).map(|line| line.splitn(4, ',').collect()).collect();
    assert_eq!(rows.len(), 28);
    for columns in rows {
        let [id, verdict, reason, given] = columns[..] else { panic!("{columns:?}") };
        let decision = row(id).unwrap_or_else(|| panic!("no case for {id}: {given}")).decide();
        let wanted = if verdict == "RECALL" { "recalled" } else { &verdict.to_lowercase() };
        assert_eq!(decision.verdict.id(), wanted, "{id} {given}: {:#?}", decision.reasons);
        let first = &decision.reasons[0];
        assert_eq!(first.code.id(), code(reason), "{id} {given}: {:#?}", decision.reasons);
        if let Some(assay) = assay(reason) {
            assert_eq!(first.assay, Some(assay), "{id} {given}");
        }
        assert!(!first.text.is_empty());
    }
}

#[test]
fn an_initially_reactive_result_stays_in_the_evidence_of_the_release() {
    for id in ["CN-08", "X-22"] {
        let decision = row(id).unwrap().decide();
        let hbsag = decision.passed.iter().find(|check| check.name == "hbsag").unwrap();
        assert_eq!(hbsag.observations.len(), 3, "{id}");
    }
}
