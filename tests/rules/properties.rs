//! What holds for every case file whatever, tried with random ones (proptest prints the seed and
//! the smallest case that breaks).

use std::collections::HashSet;
use std::sync::LazyLock;

use hemogate::domain::{
    AboGroup, Assay, Decision, Effect, Observation, Reading, ReasonCode, ReleaseHistory,
    ResultStatus, RhdType, Verdict,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use hemogate::rules::{Need, RuleSet};

use crate::case::{Bench, Case, REQUIRED, RESULTS, cn_with, good, marker, quantity, result, site};

/// The set where results alone count, with every combination of what a site may choose after a
/// reactive result, and of whether only the same kit counts.
static POLICIES: LazyLock<Vec<RuleSet>> = LazyLock::new(|| {
    let mut sets = Vec::new();
    let nat = ["reject", "repeat_then_reject", "repeat_then_hold", "repeat_then_release"];
    for initial in ["duplicate", "reject_at_once"] {
        for grey in ["duplicate", "reject_at_once"] {
            for nat in nat {
                let choices =
                    [("initial_reactive", initial), ("grey_zone", grey), ("single_nat", nat)];
                sets.push(site(&choices));
            }
        }
    }
    sets.push(cn_with("same_kit = true", "same_kit = false"));
    sets
});

/// The set as most sites have it, or another policy.
pub fn rules() -> impl Strategy<Value = &'static RuleSet> {
    prop_oneof![Just(&*RESULTS), (0..17_usize).prop_map(|which| &POLICIES[which])]
}

fn assays() -> impl Strategy<Value = Assay> {
    prop_oneof![3 => select(REQUIRED.to_vec()), 1 => select(Assay::ALL.to_vec())]
}

fn readings() -> impl Strategy<Value = Option<Reading>> {
    prop_oneof![
        6 => Just(Some(Reading::Nonreactive)),
        2 => Just(Some(Reading::Reactive)),
        1 => Just(Some(Reading::GreyZone)),
        1 => Just(Some(Reading::Invalid)),
        1 => Just(None),
    ]
}

fn base() -> impl Strategy<Value = Observation> {
    let group = select(vec![AboGroup::A, AboGroup::A, AboGroup::A, AboGroup::O]);
    let rhd = select(vec![RhdType::Positive, RhdType::Positive, RhdType::Negative]);
    let value = select(vec!["12", "50", "<50", "51", ">200", "", "0.1"]);
    (assays(), readings(), group, rhd, value).prop_map(|(assay, reading, abo, rhd, value)| {
        match (assay, reading) {
            (Assay::Abo, Some(Reading::Nonreactive)) => result(assay).reads(Reading::Abo(abo)),
            (Assay::Rhd, Some(Reading::Nonreactive)) => result(assay).reads(Reading::Rhd(rhd)),
            (Assay::Alt | Assay::Hb, _) => quantity(assay, value),
            (_, Some(reading)) => marker(assay, reading),
            (_, None) => result(assay),
        }
    })
}

pub fn observations() -> impl Strategy<Value = Observation> {
    troubled(base())
}

/// Results of one marker only: long courses of repeats.
fn course() -> impl Strategy<Value = Vec<Observation>> {
    select(vec![Assay::Hbsag, Assay::Nat]).prop_flat_map(|assay| {
        let one = readings().prop_map(move |reading| {
            reading.map_or_else(|| result(assay), |reading| marker(assay, reading))
        });
        vec(troubled(one), 0..8)
    })
}

fn troubled(base: impl Strategy<Value = Observation>) -> impl Strategy<Value = Observation> {
    let status = prop_oneof![
        8 => Just(Some(ResultStatus::Final)),
        2 => select(ResultStatus::ALL.to_vec()).prop_map(Some),
        1 => Just(None),
    ];
    let trouble = prop_oneof![20 => Just(0), 1 => Just(1), 1 => Just(2), 1 => Just(3)];
    let place = select(vec!["1", "1", "1", "2"]);
    let moment = prop_oneof![4 => Just(None), 1 => (10..13_u8).prop_map(Some)];
    (base, status, trouble, place, moment).prop_map(|(base, status, trouble, place, hour)| {
        let mut observation = base.place("R1", place);
        observation.status = status;
        if let Some(hour) = hour {
            observation = observation.at(&format!("2026-01-02T{hour}:30:00"));
        }
        match trouble {
            1 => observation.not_understood(),
            2 => observation.concern("ALARM", Effect::Holds),
            3 => observation.concern("CLOT", Effect::Invalidates),
            _ => observation,
        }
    })
}

/// Half of the cases start from the baseline, so that many are releasable or nearly so.
pub fn cases() -> impl Strategy<Value = Case> {
    let start = prop_oneof![
        2 => Just(Case::baseline()),
        1 => Just(Case::baseline().without(Assay::Hbsag)),
        1 => Just(Case::baseline().without(Assay::Nat)),
        1 => Just(Case::registered()),
    ];
    let history = prop_oneof![
        8 => Just(ReleaseHistory::NeverReleased),
        1 => Just(ReleaseHistory::Released),
        1 => Just(ReleaseHistory::Recalled),
    ];
    let more = prop_oneof![vec(observations(), 0..6), course()];
    (start, more, history, 0..20_u8).prop_map(|(start, more, history, odd)| {
        let case = more.into_iter().fold(start, Case::with).history(history);
        match odd {
            0 => case.unread(),
            1 => case.deferred(),
            2 => case.cut(),
            _ => case,
        }
    })
}

fn proved(decision: &Decision, rules: &RuleSet) -> bool {
    rules.checks().iter().filter(|check| check.required == Need::Yes).all(|check| {
        let passed = decision.passed.iter().find(|passed| passed.name == check.name);
        passed.is_some_and(|passed| !passed.observations.is_empty())
    })
}

pub fn adverse() -> impl Strategy<Value = Observation> {
    let markers = vec![Assay::Hbsag, Assay::Tp, Assay::Nat, Assay::HcvRna, Assay::Htlv];
    prop_oneof![
        select(markers.clone()).prop_map(|assay| marker(assay, Reading::Reactive)),
        select(markers).prop_map(|assay| marker(assay, Reading::GreyZone)),
        Just(quantity(Assay::Alt, "51")),
        Just(result(Assay::Abo).reads(Reading::Abo(AboGroup::Ab))),
        assays().prop_map(|assay| good(assay).concern("ALARM", Effect::Holds)),
        assays().prop_map(|assay| good(assay).status(ResultStatus::Withdrawn)),
    ]
}

pub fn thorough() -> ProptestConfig {
    ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn a_release_always_carries_evidence_of_every_required_check(
        rules in rules(),
        case in cases(),
    ) {
        let decision = case.decide_by(rules);
        if decision.verdict == Verdict::Releasable {
            prop_assert!(proved(&decision, rules));
            prop_assert_eq!(decision.reasons.len(), 1);
            prop_assert_eq!(decision.reasons[0].code, ReasonCode::AllOk);
            prop_assert!(decision.next_steps.is_empty());
        }
    }

    #[test]
    fn the_verdict_is_that_of_its_worst_reason_and_reasons_are_sorted(
        rules in rules(),
        case in cases(),
    ) {
        let decision = case.decide_by(rules);
        let verdicts: Vec<Verdict> = decision.reasons.iter().map(|r| r.verdict).collect();
        prop_assert_eq!(Some(&decision.verdict), verdicts.first());
        prop_assert!(verdicts.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn everything_open_says_what_to_do(rules in rules(), case in cases()) {
        let decision = case.decide_by(rules);
        if matches!(decision.verdict, Verdict::Pending | Verdict::Hold) {
            prop_assert!(!decision.next_steps.is_empty(), "{:?}", decision.reasons);
        }
    }

    #[test]
    fn the_same_facts_give_the_same_decision(rules in rules(), case in cases()) {
        prop_assert_eq!(case.decide_by(rules), case.clone().decide_by(rules));
    }

    #[test]
    fn an_adverse_result_never_improves_a_verdict(
        rules in rules(),
        case in cases(),
        adverse in adverse(),
    ) {
        let before = case.decide_by(rules).verdict;
        let after = case.with(adverse).decide_by(rules).verdict;
        prop_assert!(after >= before && after > Verdict::Releasable, "{before} -> {after}");
    }

    #[test]
    fn what_was_not_understood_never_improves_a_verdict(
        rules in rules(),
        case in cases(),
        base in base(),
    ) {
        let before = case.decide_by(rules).verdict;
        let blocked = base.not_understood();
        // As the first result of an assay it replaces "missing" by "not understood": both pending.
        let after = case.with(blocked).decide_by(rules).verdict;
        prop_assert!(after >= before && after > Verdict::Releasable, "{before} -> {after}");
    }

    #[test]
    fn a_result_that_does_not_count_never_improves_a_verdict(
        rules in rules(),
        case in cases(),
        assay in assays(),
    ) {
        let before = case.decide_by(rules).verdict;
        let invalid = result(assay).reads(Reading::Invalid);
        let after = case.with(invalid).decide_by(rules).verdict;
        prop_assert!(after >= before, "{before} -> {after}");
    }

    #[test]
    fn a_correction_never_improves_a_verdict(rules in rules(), case in cases(), base in base()) {
        let before = case.decide_by(rules).verdict;
        let after = case.with(base.status(ResultStatus::Corrected)).decide_by(rules).verdict;
        prop_assert!(after >= before, "{before} -> {after}");
    }

    #[test]
    fn a_copy_of_a_result_never_improves_a_verdict(
        rules in rules(),
        case in cases(),
        which in 0..32_usize,
    ) {
        let Some(recorded) = case.facts.observations.get(which) else { return Ok(()) };
        let copy = recorded.observation.clone();
        prop_assume!(copy.completed_at.is_some());
        let resent = copy.clone().status(ResultStatus::Retransmitted);
        let before = case.decide_by(rules).verdict;
        for again in [copy, resent] {
            // A final copy of an interim result is the result that was announced.
            if !recorded.observation.status.is_none_or(ResultStatus::is_conclusive) {
                continue;
            }
            let after = case.clone().with_analyser(again, "second-line").decide_by(rules).verdict;
            prop_assert!(after >= before, "{before} -> {after}");
        }
    }

    #[test]
    fn a_deferral_or_an_unread_message_never_improves_a_verdict(rules in rules(), case in cases()) {
        let before = case.decide_by(rules).verdict;
        let deferred = case.clone().deferred().decide_by(rules).verdict;
        prop_assert!(deferred >= before.max(Verdict::Reject));
        for worse in [case.clone().unread(), case.cut()] {
            prop_assert!(worse.decide_by(rules).verdict >= before.max(Verdict::Pending));
        }
    }

    #[test]
    fn nothing_follows_a_rejection_but_rejection(
        rules in rules(),
        case in cases(),
        later in observations(),
    ) {
        let verdict = case.decide_by(rules).verdict;
        let case = match verdict {
            Verdict::Recalled => case.history(ReleaseHistory::Recalled),
            Verdict::Releasable | Verdict::Pending | Verdict::Hold | Verdict::Reject => case,
        };
        if verdict >= Verdict::Reject {
            prop_assert!(case.with(later).decide_by(rules).verdict >= Verdict::Reject);
        }
    }

    #[test]
    fn without_its_evidence_no_release_stands(rules in rules(), case in cases()) {
        let decision = case.decide_by(rules);
        if decision.verdict != Verdict::Releasable {
            return Ok(());
        }
        for check in rules.checks().iter().filter(|check| check.required == Need::Yes) {
            // Copies of the evidence go with it: each of them would be evidence alone.
            let assays: Vec<Assay> = check.evidence.iter().flatten().copied().collect();
            let bare = assays.iter().fold(case.clone(), |case, assay| case.without(*assay));
            prop_assert!(bare.decide_by(rules).verdict > Verdict::Releasable, "{}", check.name);
        }
    }
}

#[test]
fn every_reason_code_is_reached() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: HashSet<ReasonCode> = HashSet::new();
    for case in special_cases() {
        seen.extend(case.decide().reasons.iter().map(|reason| reason.code));
    }
    for _ in 0..2_000 {
        let case = cases().new_tree(&mut runner).unwrap().current();
        seen.extend(case.decide().reasons.iter().map(|reason| reason.code));
    }
    assert_eq!(seen.len(), 29, "{seen:?}");
}

/// Codes that random cases do not reach.
fn special_cases() -> Vec<Case> {
    let mut unregistered = Case::baseline();
    unregistered.facts.registration = None;
    let mut unit = quantity(Assay::Alt, "22");
    unit.unit = None;
    let conflict = good(Assay::Tp).concern("VALUE_TEXT_CONFLICT", Effect::Holds);
    let mut early = good(Assay::Tp);
    early.completed_at = Some(hemogate::domain::InstrumentTime {
        civil: "2025-01-01T01:01:01".parse().unwrap(),
        offset: Some(jiff::tz::Offset::UTC),
    });
    let first = Case::baseline().with(marker(Assay::Tp, Reading::Reactive));
    vec![
        unregistered,
        Case::baseline().with(unit),
        Case::baseline().with(conflict),
        Case::baseline().with(early),
        first.with_profile(good(Assay::Tp), "other"),
    ]
}
