//! FM-27: a unit was retested twice on two instruments with opposite results, both reported, and
//! nothing stopped a second duplicate. Here the retest is a closed course: a reactive repeat
//! decides, and no further result helps.

use hemogate::domain::{Action, Assay, Reading, Verdict};

use crate::case::{Case, marker};
use crate::support::laboratory::{HBSAG, Laboratory, SECOND, SEROLOGY, result, rules};

/// Every course of five results on two analysers.
#[test]
fn fm_27_no_course_with_a_reactive_repeat_ends_in_a_release() {
    let readings = [Reading::Nonreactive, Reading::Reactive];
    for course in 0..4_usize.pow(4) {
        let mut case = Case::baseline().without(Assay::Hbsag);
        case = case.with(marker(Assay::Hbsag, Reading::Reactive));
        let mut reactive = false;
        for step in 0..4 {
            let choice = course / 4_usize.pow(step) % 4;
            let reading = readings[choice % 2];
            reactive |= reading == Reading::Reactive;
            let result = marker(Assay::Hbsag, reading);
            case = case.with_analyser(result, if choice < 2 { "a1" } else { "a2" });
        }
        let decision = case.decide();
        if reactive {
            assert_eq!(decision.verdict, Verdict::Reject, "{course}: {:?}", decision.reasons);
            let repeats = |action| matches!(action, Action::RepeatInDuplicate | Action::TestAgain);
            let asked = decision.next_steps.iter().filter(|step| step.assay == Some(Assay::Hbsag));
            assert!(!asked.into_iter().any(|step| repeats(step.action)), "{course}");
        }
    }
}

#[test]
fn fm_27_a_second_duplicate_on_another_instrument_changes_nothing() {
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.register(1);
    laboratory.send(SEROLOGY, &result(1, HBSAG, 1, 10, "L1"));
    laboratory.send(SEROLOGY, &result(1, HBSAG, 1, 11, "L1"));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 12, "L1"));
    let before = laboratory.reasons(1);
    assert_eq!(laboratory.verdict(1), "reject");
    for minute in [20, 21, 22, 23] {
        laboratory.send(SECOND, &result(1, HBSAG, -1, minute, "L1"));
    }
    assert_eq!(laboratory.verdict(1), "reject");
    assert!(before.contains(&"REPEAT_REACTIVE:hbsag".to_owned()), "{before:?}");
    assert_eq!(laboratory.donation(1).observations.len(), 7, "every result is kept and shown");
}
