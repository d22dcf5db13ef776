//! ALT against its limit.

use hemogate::domain::{
    Action, Assay, Details, Observation, ReasonCode as Code, ResultStatus, Sex, Statement, Verdict,
};

use crate::case::{Bench, Case, cn_with, quantity, short};

fn alt(value: &str) -> Observation {
    quantity(Assay::Alt, value)
}

fn only(value: &str) -> Case {
    Case::baseline().without(Assay::Alt).with(alt(value))
}

#[test]
fn the_limit_itself_passes_and_the_next_decimal_does_not() {
    for value in ["0", "22", "32.400000", "49.9999", "50", "50.0000"] {
        assert_eq!(only(value).decide().verdict, Verdict::Releasable, "{value}");
    }
    for value in ["50.0001", "50.00000000000000000000000001", "51", "4000"] {
        assert_eq!(short(&only(value).decide()), (Verdict::Reject, vec![Code::AltHigh]), "{value}");
    }
    let at = cn_with("above = 50,", "above = 50, or_equal = true,");
    assert_eq!(only("50").decide_by(&at).verdict, Verdict::Reject);
    assert_eq!(only("49.9").decide_by(&at).verdict, Verdict::Releasable);
    assert_eq!(only("< 50").decide_by(&at).verdict, Verdict::Releasable);
    let later = cn_with("above = 50,", "above = 90,");
    assert_eq!(only("90").decide_by(&later).verdict, Verdict::Releasable);
}

#[test]
fn a_sign_says_on_which_side_the_value_lies() {
    for value in ["<5", "< 50"] {
        assert_eq!(only(value).decide().verdict, Verdict::Releasable, "{value}");
    }
    for value in [">50", "> 250.0"] {
        assert_eq!(short(&only(value).decide()), (Verdict::Reject, vec![Code::AltHigh]), "{value}");
    }
    for value in ["<51", ">5", "> 49.9", "-3"] {
        assert_eq!(
            short(&only(value).decide()),
            (Verdict::Pending, vec![Code::Invalid]),
            "{value}"
        );
    }
    let mut flagged = alt("20");
    flagged.flags.push(">".to_owned());
    let decision = Case::baseline().without(Assay::Alt).with(flagged).decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Invalid]));
}

#[test]
fn a_number_without_a_known_unit_is_no_evidence() {
    for unit in [None, Some(""), Some("ukat/L"), Some("u/l"), Some("U/mL")] {
        let mut observation = alt("22");
        observation.unit = unit.map(str::to_owned);
        let case = Case::baseline().without(Assay::Alt).with(observation);
        assert_eq!(short(&case.decide()), (Verdict::Pending, vec![Code::UnitUnknown]), "{unit:?}");
        assert_eq!(case.with(alt("22")).decide().verdict, Verdict::Releasable);
    }
    let mut international = alt("22");
    international.unit = Some("IU/L".to_owned());
    let case = Case::baseline().without(Assay::Alt).with(international);
    assert_eq!(case.decide().verdict, Verdict::Releasable);
}

#[test]
fn no_number_is_missing() {
    let decision = only("").decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Missing]));
    assert_eq!(decision.next_steps[0].action, Action::TestAgain);
}

#[test]
fn one_result_above_the_limit_rejects_before_and_after_lower_ones() {
    for case in [only("60").with(alt("20")), only("20").with(alt("60")).with(alt("19"))] {
        let decision = case.decide();
        assert_eq!(short(&decision), (Verdict::Reject, vec![Code::AltHigh]));
        assert_eq!(decision.reasons[0].observations.len(), 1);
    }
}

#[test]
fn a_correction_of_alt_never_moves_towards_release() {
    let corrected = |value| alt(value).status(ResultStatus::Corrected);
    assert_eq!(only("60").with(corrected("40")).decide().verdict, Verdict::Reject);
    assert_eq!(only("40").with(corrected("60")).decide().verdict, Verdict::Reject);
    assert_eq!(only("40").with(corrected("41")).decide().verdict, Verdict::Releasable);
    assert_eq!(only("40").with(corrected("")).decide().verdict, Verdict::Pending);
    let unknown = Case::baseline().without(Assay::Alt).with(corrected("40")).decide();
    assert_eq!(short(&unknown), (Verdict::Pending, vec![Code::Invalid]));
}

fn hb(value: &str) -> Observation {
    let mut observation = quantity(Assay::Hb, value);
    observation.unit = Some("g/L".to_owned());
    observation
}

#[test]
fn haemoglobin_is_judged_by_sex_where_it_was_run() {
    let of = |value: &str, sex: Option<Sex>| {
        let case = Case::baseline().with(hb(value));
        let details = Details { sex, ..Details::default() };
        case.said("nurse", Statement::Details(details)).decide()
    };
    for (value, sex) in [("120", Sex::Male), ("115", Sex::Female), ("118", Sex::Female)] {
        assert_eq!(of(value, Some(sex)).verdict, Verdict::Releasable, "{value}");
    }
    for (value, sex) in [("118", Sex::Male), ("114.9", Sex::Female)] {
        let decision = of(value, Some(sex));
        assert_eq!(short(&decision), (Verdict::Hold, vec![Code::HbBelowLimit]), "{value}");
    }
    assert_eq!(of("120", None).verdict, Verdict::Releasable, "enough for either");
    assert_eq!(of("114", None).verdict, Verdict::Hold, "too little for either");
    assert_eq!(short(&of("118", None)), (Verdict::Pending, vec![Code::OutsideLimit]));
    let decision = Case::baseline().with(hb("130").not_understood()).decide();
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Unaccounted]));
}
