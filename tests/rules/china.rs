//! The set that we ship as it is, with everything on record that it asks for: two kits of two
//! makers, a pool of six, controls, lots, specimens, signatures.

use hemogate::domain::{
    AboGroup, Assay, Bracket, Circumstances, Container, Controls, ExternalControls, Kit,
    KitControls, Label, LotStanding, Observation, OtherMember, PoolFacts, PoolMembers, Reading,
    ReasonCode as Code, RecordedObservation, ReviewStep, RhdType, Statement, Verdict,
};

use crate::case::{Bench, CN, Case, din, good, marker, result, short};

/// Serology, each marker with two kits.
pub const SEROLOGY: [Assay; 4] = [Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Tp];

/// Everything in order about how a result came about.
pub fn sound(maker: &str) -> Circumstances {
    Circumstances {
        received_at: Some("2026-01-02T09:00:00Z".parse().unwrap()),
        kit: Some(Kit {
            maker: maker.to_owned(),
            name: "kit".to_owned(),
            containers: vec![Container::Edta, Container::Segment],
            stability_hours: Some(72),
            pool_max: Some(6),
            controls: vec!["NC".to_owned(), "PC".to_owned()],
        }),
        lot: LotStanding::Released,
        lot_expiry: Some("2026-06-30".parse().unwrap()),
        controls: Controls {
            kit: KitControls::Passed,
            external: ExternalControls { recorded: true, ..ExternalControls::default() },
            bracket: Bracket::Closed,
            failed_later: false,
            observations: Vec::new(),
        },
        container: Some(Container::Edta),
    }
}

/// Everything in order, not reviewed and signed yet.
pub fn unsigned() -> Case {
    let mut case = Case::registered().with(good(Assay::Alt));
    for kit in ["a", "b"] {
        case = SEROLOGY.iter().fold(case, |case, assay| case.with_profile(good(*assay), kit));
    }
    case = case.with(good(Assay::Abo)).with(good(Assay::Rhd));
    for seen in &mut case.facts.observations {
        seen.circumstances = sound(&seen.profile);
    }
    pooled(case, Reading::Nonreactive)
}

/// Everything in order.
pub fn full() -> Case {
    signed(unsigned())
}

pub fn signed(case: Case) -> Case {
    case.said("u1", Statement::Signature(ReviewStep::Tested))
        .said("u2", Statement::Signature(ReviewStep::Reviewed))
        .said("u3", Statement::Signature(ReviewStep::Signed))
}

/// A result about which everything is in order.
pub fn with_sound(case: Case, observation: Observation, kit: &str) -> Case {
    let mut case = case.with_profile(observation, kit);
    case.facts.observations.last_mut().unwrap().circumstances = sound(kit);
    case
}

/// One more pool of six, on record before it was run, with this result.
pub fn pooled(mut case: Case, reading: Reading) -> Case {
    let id = case.next_id();
    let number = case.facts.pools.len() + 1;
    case.facts.pools.push(PoolFacts {
        id: format!("P{number}"),
        members: PoolMembers::Recorded,
        size: 6,
        observations: vec![of_pool(id, Assay::Nat, reading)],
        others: (1..6).map(|member| other(member, None)).collect(),
    });
    case
}

pub fn of_pool(id: i64, assay: Assay, reading: Reading) -> RecordedObservation {
    let mut observation = marker(assay, reading).at(&format!("2026-01-02T18:{:02}:00", id % 60));
    observation.din = None;
    RecordedObservation {
        id,
        message: 100 + id,
        analyser: "nat".to_owned(),
        profile: "nat".to_owned(),
        observation,
        circumstances: sound("nat"),
    }
}

pub fn other(member: u32, single: Option<Reading>) -> OtherMember {
    let din = hemogate::domain::DonationNumber::restored(format!("G1234986543{member:02}"));
    OtherMember { din, single, assay: single.map(|_| Assay::Nat) }
}

fn decide(case: &Case) -> (Verdict, Vec<Code>) {
    short(&case.decide_by(&CN))
}

fn changed(change: impl FnOnce(Case) -> Case) -> (Verdict, Vec<Code>) {
    decide(&signed(change(unsigned())))
}

/// Changes the results of one kit of a marker.
pub fn of_kit(mut case: Case, assay: Assay, kit: &str, change: fn(&mut Circumstances)) -> Case {
    for seen in &mut case.facts.observations {
        if seen.observation.assay == Some(assay) && seen.profile == kit {
            change(&mut seen.circumstances);
        }
    }
    case
}

#[test]
fn everything_in_order_is_releasable_and_labelled() {
    let decision = full().decide_by(&CN);
    assert_eq!(short(&decision), (Verdict::Releasable, vec![Code::AllOk]));
    assert_eq!(decision.labels, [Label::RhdPositive]);
    assert!(decision.donor.is_empty() && decision.remarks.is_empty());
    let nat = decision.passed.iter().find(|check| check.name == "nat").unwrap();
    assert_eq!(nat.observations.len(), 1, "the pool is the evidence");
}

#[test]
fn one_kit_is_not_enough_and_the_other_one_is_asked_for() {
    let case = signed({
        let mut case = unsigned();
        case.facts
            .observations
            .retain(|seen| seen.observation.assay != Some(Assay::Hbsag) || seen.profile == "a");
        case
    });
    let decision = case.decide_by(&CN);
    assert_eq!(short(&decision), (Verdict::Pending, vec![Code::Missing]));
    assert_eq!(decision.reasons[0].subject.as_deref(), Some("HBSAG#2"));
    let runs = [Assay::Hbsag].into_iter().collect();
    let wanted = hemogate::rules::wanted(&case.facts, &decision, &CN, &runs);
    assert_eq!(wanted.len(), 1);
    assert_eq!(wanted[0].beside.len(), 1, "not again with the kit of the first round");
}

#[test]
fn one_reactive_kit_rejects_whatever_the_other_says() {
    let reactive = || marker(Assay::Hbsag, Reading::Reactive);
    let once = |case: Case| with_sound(case.without(Assay::Hbsag), reactive(), "a");
    let other = |case: Case| with_sound(case, good(Assay::Hbsag), "b");
    assert_eq!(changed(|c| other(once(c))), (Verdict::Pending, vec![Code::InitialReactive]));
    let repeated = changed(|c| with_sound(other(once(c)), reactive(), "a"));
    assert_eq!(repeated, (Verdict::Reject, vec![Code::RepeatReactive]));
    let good_ones = changed(|c| {
        let case = with_sound(other(once(c)), good(Assay::Hbsag), "a");
        with_sound(case, good(Assay::Hbsag).says("0.2"), "a")
    });
    assert_eq!(good_ones, (Verdict::Releasable, vec![Code::AllOk]));
}

#[test]
fn a_repeat_with_the_kit_of_the_other_round_is_the_wrong_kit() {
    let case = |c: Case| {
        let case =
            with_sound(c.without(Assay::Hbsag), marker(Assay::Hbsag, Reading::Reactive), "a");
        with_sound(case, good(Assay::Hbsag), "b")
    };
    let wrong = |c: Case| with_sound(case(c), good(Assay::Hbsag).says("0.3"), "b");
    assert_eq!(changed(wrong), (Verdict::Pending, vec![Code::RetestWrongAssay]));
    let third = |c: Case| with_sound(case(c), good(Assay::Hbsag).says("0.3"), "c");
    assert_eq!(changed(third), (Verdict::Pending, vec![Code::RetestWrongAssay]));
    let adverse = |c: Case| with_sound(case(c), marker(Assay::Hbsag, Reading::Reactive), "c");
    assert_eq!(changed(adverse), (Verdict::Reject, vec![Code::RepeatReactive]));
}

#[test]
fn a_result_sent_again_late_is_no_older_specimen_and_needs_no_new_signature() {
    let mut case = full();
    let mut again = case.facts.observations[1].clone();
    again.id = case.next_id();
    again.circumstances.received_at = Some("2026-02-02T09:00:00Z".parse().unwrap());
    case.facts.observations.push(again);
    assert_eq!(decide(&case), (Verdict::Releasable, vec![Code::AllOk]));
}

#[test]
fn a_failed_run_is_told_until_the_kit_has_a_result_that_counts() {
    let failed =
        |c: Case| of_kit(c, Assay::Hiv, "b", |about| about.controls.kit = KitControls::Failed);
    assert_eq!(changed(failed), (Verdict::Pending, vec![Code::RunInvalid]));
    let again = |c: Case| with_sound(failed(c), good(Assay::Hiv).says("0.3"), "b");
    assert_eq!(changed(again), (Verdict::Releasable, vec![Code::AllOk]));
    let other_kit = |c: Case| with_sound(failed(c), good(Assay::Hiv).says("0.3"), "a");
    assert_eq!(changed(other_kit).0, Verdict::Pending);
}

#[test]
fn a_result_in_an_uncontrolled_run_speaks_against_release_alone() {
    let held = |c: Case, reading| {
        let case = with_sound(c.without(Assay::Hiv), marker(Assay::Hiv, reading), "a");
        let case = with_sound(case, marker(Assay::Hiv, Reading::Nonreactive), "b");
        of_kit(case, Assay::Hiv, "a", |about| about.controls.external.wrong_reading = true)
    };
    let good_one = changed(|c| held(c, Reading::Nonreactive));
    assert_eq!(good_one, (Verdict::Hold, vec![Code::QcFailExternal]));
    let (verdict, codes) = changed(|c| held(c, Reading::Reactive));
    assert_eq!((verdict, codes[0]), (Verdict::Hold, Code::QcFailExternal));
    assert!(codes.contains(&Code::InitialReactive), "{codes:?}");
}

#[test]
fn what_was_found_later_recalls_what_was_released_and_holds_what_was_not() {
    let retro = |c: Case| of_kit(c, Assay::Tp, "a", |about| about.controls.failed_later = true);
    let recalled = |c: Case| of_kit(c, Assay::Tp, "a", |about| about.lot = LotStanding::Recalled);
    for (case, code) in [(retro(full()), Code::QcFailRetro), (recalled(full()), Code::LotRecalled)]
    {
        assert_eq!(decide(&case), (Verdict::Hold, vec![code]));
        let released = case.history(hemogate::domain::ReleaseHistory::Released);
        assert_eq!(decide(&released), (Verdict::Recalled, vec![Code::Recalled, code]));
    }
}

#[test]
fn a_rule_set_that_changed_recalls_nothing_and_neither_does_a_missing_signature() {
    let released = |case: Case| case.history(hemogate::domain::ReleaseHistory::Released);
    let mut case = released(full());
    case.facts.rule_set = hemogate::domain::RuleSetStanding::Changed;
    assert_eq!(decide(&case), (Verdict::Hold, vec![Code::RulesetChanged]));
    assert_eq!(decide(&released(unsigned())), (Verdict::Pending, vec![Code::NotSigned]));
    let late = with_sound(full(), good(Assay::Htlv), "a");
    assert_eq!(decide(&released(late)), (Verdict::Pending, vec![Code::NotSigned]));
    case.facts.statements.push(case.facts.statements[0].clone());
    let worse = of_kit(case, Assay::Tp, "a", |about| about.lot = LotStanding::Recalled);
    assert_eq!(decide(&worse).0, Verdict::Recalled);
}

#[test]
fn a_correction_after_release_is_named_as_such() {
    let correction =
        marker(Assay::Hbsag, Reading::Reactive).status(hemogate::domain::ResultStatus::Corrected);
    let case = with_sound(full(), correction, "a");
    let case = case.history(hemogate::domain::ReleaseHistory::Released);
    let (verdict, codes) = decide(&case);
    assert_eq!(verdict, Verdict::Recalled);
    assert_eq!(codes[..3], [Code::Recalled, Code::CorrectedAfterRelease, Code::Corrected]);
}

#[test]
fn a_weak_d_is_positive_and_a_negative_needs_its_confirmation() {
    let rhd = |assay, rhd| result(assay).reads(Reading::Rhd(rhd));
    let negative = |c: Case| {
        let case = c.without(Assay::Rhd).donor(|donor| donor.historic_group = None);
        with_sound(case, rhd(Assay::Rhd, RhdType::Negative), "a")
    };
    let open = signed(negative(unsigned())).decide_by(&CN);
    assert_eq!(short(&open), (Verdict::Pending, vec![Code::Missing]));
    assert_eq!(open.reasons[0].assay, Some(Assay::WeakD));
    for (found, label) in
        [(RhdType::Positive, Label::RhdPositive), (RhdType::Negative, Label::RhdNegative)]
    {
        let case = with_sound(negative(unsigned()), rhd(Assay::WeakD, found), "a");
        let decision = signed(case).decide_by(&CN);
        assert_eq!(decision.verdict, Verdict::Releasable, "{:?}", decision.reasons);
        assert_eq!(decision.labels, [label]);
    }
}

#[test]
fn forward_and_reverse_typing_are_results_of_one_group() {
    let typed = |assay, group| result(assay).reads(Reading::Abo(group));
    let both = |c: Case, reverse| {
        let case = with_sound(c.without(Assay::Abo), typed(Assay::AboForward, AboGroup::A), "a");
        with_sound(case, typed(Assay::AboReverse, reverse), "a")
    };
    assert_eq!(changed(|c| both(c, AboGroup::A)), (Verdict::Releasable, vec![Code::AllOk]));
    let codes = vec![Code::AboDiscrepancy, Code::AboHistoryMismatch];
    assert_eq!(changed(|c| both(c, AboGroup::O)), (Verdict::Hold, codes));
    let half =
        |c: Case| with_sound(c.without(Assay::Abo), typed(Assay::AboForward, AboGroup::A), "a");
    assert_eq!(changed(half), (Verdict::Pending, vec![Code::Missing]));
}

#[test]
fn reasons_of_tables_name_their_clause_and_reasons_of_the_program_none() {
    let case = signed(with_sound(unsigned(), marker(Assay::Tp, Reading::Reactive), "a")).unread();
    for reason in case.decide_by(&CN).reasons {
        let is_own = reason.code == Code::UnprocessedMessage;
        assert_eq!(reason.clause.is_none(), is_own, "{reason:?}");
        if let Some(clause) = &reason.clause {
            assert!(CN.clause(clause).is_some(), "{clause}");
        }
    }
    assert_eq!(din().as_str().len(), 13);
}
