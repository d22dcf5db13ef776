//! One thing wrong with one result of a donation that is releasable otherwise: a row for each
//! thing, tried on every required check, alone and behind the good result.

use hemogate::domain::{
    AboGroup, Assay, Decision, DonationNumber, Effect, Measure, Observation, Reading, ResultStatus,
    RhdType, SpecimenKind, Verdict,
};

use crate::case::{Bench, Case, REQUIRED, good};

/// What is wrong, whether the result still speaks about this donation, and how it is made wrong.
type Row = (&'static str, bool, fn(Observation) -> Observation);

const ROWS: [Row; 17] = [
    ("not understood", true, Bench::not_understood),
    ("flagged for a person", true, |o| o.concern("FLAG", Effect::Holds)),
    ("invalidated by a flag", true, |o| o.concern("FLAG", Effect::Invalidates)),
    ("preliminary", true, |o| o.status(ResultStatus::Preliminary)),
    ("not started", true, |o| o.status(ResultStatus::Pending)),
    ("partial", true, |o| o.status(ResultStatus::Partial)),
    ("failed", true, |o| o.status(ResultStatus::Failed)),
    ("withdrawn", true, |o| o.status(ResultStatus::Withdrawn)),
    ("questionable", true, |o| o.status(ResultStatus::Questionable)),
    ("invalid", true, |o| o.reads(Reading::Invalid)),
    ("empty", true, |o| Observation { reading: None, number: None, value: None, ..o }),
    ("a correction of nothing", true, |o| o.status(ResultStatus::Corrected)),
    ("adverse", true, adverse),
    ("mapped to no assay", false, |o| Observation { assay: None, ..o }),
    ("of nobody", false, |o| Observation { din: None, ..o }),
    ("of somebody else", false, of_somebody_else),
    ("a control", false, |o| Observation { kind: SpecimenKind::Control, ..o }),
];

fn adverse(observation: Observation) -> Observation {
    match observation.assay.unwrap().measure() {
        Measure::Marker => observation.reads(Reading::Reactive),
        Measure::Quantity => observation.says("50.1"),
        Measure::Abo => observation.reads(Reading::Abo(AboGroup::B)),
        Measure::Rhd => observation.reads(Reading::Rhd(RhdType::Negative)),
    }
}

fn of_somebody_else(observation: Observation) -> Observation {
    let din = Some(DonationNumber::restored("G123417654321".to_owned()));
    Observation { din, ..observation }
}

fn has_passed(decision: &Decision, assay: Assay) -> bool {
    decision.passed.iter().any(|check| check.name == assay.id())
}

#[test]
fn one_thing_wrong_with_the_only_result_of_a_check_is_no_release_and_no_evidence() {
    for assay in REQUIRED {
        for (what, _, spoil) in ROWS {
            let decision = Case::baseline().without(assay).with(spoil(good(assay))).decide();
            assert_ne!(decision.verdict, Verdict::Releasable, "{assay} {what}");
            assert!(!has_passed(&decision, assay), "{assay} {what}: {decision:?}");
            let rejected = decision.verdict == Verdict::Reject;
            assert!(rejected || !decision.next_steps.is_empty(), "{assay} {what}: what to do?");
        }
    }
}

#[test]
fn one_thing_wrong_with_a_second_result_is_no_release_and_takes_the_evidence_away() {
    for assay in REQUIRED {
        assert!(has_passed(&Case::baseline().decide(), assay), "{assay}");
        for (what, speaks, spoil) in ROWS {
            if what == "a control" || what == "a correction of nothing" {
                continue;
            }
            let decision = Case::baseline().with(spoil(good(assay))).decide();
            assert_ne!(decision.verdict, Verdict::Releasable, "{assay} {what}");
            assert!(!(speaks && has_passed(&decision, assay)), "{assay} {what}: {decision:?}");
        }
    }
}

#[test]
fn one_thing_wrong_with_a_donation_or_its_messages_is_no_release() {
    let rows: [(&str, Case); 4] = [
        ("deferred", Case::baseline().deferred()),
        ("an unread message", Case::baseline().unread()),
        ("another group on record", Case::baseline().donor(other_group)),
        ("registered under another number", {
            let mut case = Case::baseline();
            let other = DonationNumber::restored("G123417654321".to_owned());
            case.facts.registration.as_mut().unwrap().din = other;
            case
        }),
    ];
    assert_eq!(Case::baseline().decide().verdict, Verdict::Releasable);
    for (what, case) in rows {
        assert_ne!(case.decide().verdict, Verdict::Releasable, "{what}");
    }
}

fn other_group(donor: &mut hemogate::domain::Donor) {
    donor.historic_group.as_mut().unwrap().rhd = RhdType::Negative;
}
