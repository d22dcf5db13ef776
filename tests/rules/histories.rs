//! Random histories of a donation: whatever comes, in whatever order, however often, adverse facts
//! never help, nothing that is missing is taken for good, and what is told twice is told once.

use std::collections::BTreeSet;

use hemogate::domain::{
    AboGroup, Assay, DonorRecord, Effect, LotStanding, Measure, Observation, Reading,
    ReleaseHistory, ResultStatus, Sighting, Statement, Verdict,
};
use hemogate::rules::{Need, RuleSet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::case::{Bench, CN, Case, REQUIRED, RESULTS, good, marker, quantity, result};

/// The set where results alone count, or the whole one: there, nothing of these is releasable, and
/// what is worse must be worse all the same.
fn rules() -> impl Strategy<Value = &'static RuleSet> {
    prop_oneof![4 => Just(&*RESULTS), 1 => Just(&*CN)]
}

/// What can be said of an assay, each with a time of its own.
fn course(assay: Assay) -> impl Strategy<Value = Vec<Observation>> {
    let one = (0..12_u8, 0..3_u8).prop_map(move |(what, trouble)| {
        let observation = match (assay.measure(), what) {
            (_, 0..5) => good(assay),
            (_, 5) => result(assay).reads(Reading::Invalid),
            (Measure::Marker, 6..9) => marker(assay, Reading::Reactive),
            (Measure::Marker, _) => marker(assay, Reading::GreyZone),
            (Measure::Quantity, _) => quantity(assay, "51"),
            (Measure::Abo, _) => result(assay).reads(Reading::Abo(AboGroup::O)),
            (Measure::Rhd, _) => result(assay),
        };
        match (what, trouble) {
            (1, 0) => observation.status(ResultStatus::Preliminary),
            (1, 1) => observation.concern("CLOT", Effect::Invalidates),
            (1, 2) => observation.concern("ALARM", Effect::Holds),
            (2, 0) => observation.status(ResultStatus::Corrected),
            (2, 1) => observation.not_understood(),
            (_, _) => observation,
        }
    });
    vec(one, 0..4).prop_map(move |mut course| {
        for (at, observation) in course.iter_mut().enumerate() {
            let hour = 8 + at;
            let minute = REQUIRED.iter().position(|one| *one == assay).unwrap_or(30);
            *observation = observation.clone().at(&format!("2026-01-02T{hour:02}:{minute:02}:30"));
        }
        course
    })
}

/// Courses of every required assay; half of them are good.
fn courses() -> impl Strategy<Value = Vec<Vec<Observation>>> {
    let of = |assay: Assay| {
        let well = vec![good(assay).at(&format!("2026-01-02T07:{:02}:00", assay as usize % 60))];
        prop_oneof![5 => Just(well), 1 => course(assay)]
    };
    REQUIRED.map(of).to_vec()
}

/// The courses put into one row; each keeps its own order.
fn interleaved(courses: &[Vec<Observation>], choices: &[prop::sample::Index]) -> Case {
    let mut waiting: Vec<std::slice::Iter<'_, Observation>> =
        courses.iter().map(|course| course.iter()).collect();
    let mut choices = choices.iter().cycle();
    let mut case = Case::registered();
    loop {
        waiting.retain(|course| course.len() > 0);
        if waiting.is_empty() {
            return case;
        }
        let next = choices.next().map_or(0, |choice| choice.index(waiting.len()));
        case = case.with(waiting[next].next().unwrap().clone());
    }
}

type Reasons = BTreeSet<(Verdict, &'static str, Option<Assay>, Option<String>)>;

fn told(case: &Case, rules: &RuleSet) -> (Verdict, Reasons) {
    let decision = case.decide_by(rules);
    let reasons = decision.reasons.iter();
    let reasons = reasons.map(|one| (one.verdict, one.code.id(), one.assay, one.subject.clone()));
    (decision.verdict, reasons.collect())
}

fn histories() -> impl Strategy<Value = Case> {
    let release = prop_oneof![
        6 => Just(ReleaseHistory::NeverReleased),
        1 => Just(ReleaseHistory::Released),
        1 => Just(ReleaseHistory::Recalled),
    ];
    let choices = vec(any::<prop::sample::Index>(), 8);
    (courses(), choices, release)
        .prop_map(|(courses, choices, release)| interleaved(&courses, &choices).history(release))
}

/// Facts that speak against a donation, whatever else is on record.
fn adverse() -> impl Strategy<Value = fn(Case) -> Case> {
    select(vec![
        (|case: Case| case.unread()) as fn(Case) -> Case,
        |case| case.cut(),
        |case| case.deferred(),
        |case| case.said("inventory", Statement::Deferred),
        |case| case.said("inventory", Statement::DonorRecord(DonorRecord::PriorReactive)),
        |case| case.said("inventory", Statement::DonorRecord(DonorRecord::Merged)),
        |case| case.said("inventory", Statement::DonorRecord(DonorRecord::Flagged)),
        |case| case.said("inventory", Statement::NumberCheckFailed),
        |case| case.said("laboratory", Statement::SampleNotReceived),
        |case| case.said("inventory", Statement::ManualPath),
        |mut case| {
            let text = "asked for at two places".to_owned();
            case.facts.sightings.push(Sighting { message: 900, text });
            case
        },
        |case| case.with(marker(Assay::Hbsag, Reading::Reactive)),
        |case| case.with(marker(Assay::WnvRna, Reading::Reactive)),
        |case| case.with(marker(Assay::Nat, Reading::GreyZone)),
        |case| case.with(quantity(Assay::Alt, "51")),
        |case| case.with(result(Assay::Abo).reads(Reading::Abo(AboGroup::Ab))),
        |case| case.with(good(Assay::Tp).status(ResultStatus::Withdrawn)),
        |case| case.with(good(Assay::Hiv).concern("ALARM", Effect::Holds)),
    ])
}

/// What is found out about a result that was on record already.
fn found_out() -> impl Strategy<Value = fn(&mut hemogate::domain::Circumstances)> {
    select(vec![
        (|about| about.lot = LotStanding::Recalled) as fn(&mut hemogate::domain::Circumstances),
        |about| about.lot = LotStanding::NotReleased,
        |about| about.lot_expiry = Some("2026-01-01".parse().unwrap()),
        |about| about.controls.kit = hemogate::domain::KitControls::Failed,
        |about| about.controls.external.wrong_reading = true,
        |about| {
            about.controls.external.violations = vec![hemogate::domain::WestgardRule::OneThreeS];
        },
        |about| about.controls.failed_later = true,
    ])
}

fn thorough() -> ProptestConfig {
    ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn the_order_of_independent_messages_does_not_matter(
        rules in rules(),
        courses in courses(),
        one in vec(any::<prop::sample::Index>(), 8),
        other in vec(any::<prop::sample::Index>(), 8),
    ) {
        let (one, other) = (interleaved(&courses, &one), interleaved(&courses, &other));
        prop_assert_eq!(told(&one, rules), told(&other, rules));
    }

    #[test]
    fn what_is_told_twice_is_told_once(
        rules in rules(),
        history in histories(),
        which in any::<prop::sample::Index>(),
    ) {
        let seen = &history.facts.observations;
        prop_assume!(!seen.is_empty());
        let observation = which.get(seen).observation.clone();
        let counts = observation.status.is_some_and(ResultStatus::is_conclusive)
            && observation.status != Some(ResultStatus::Corrected)
            && observation.reading != Some(Reading::Invalid)
            && observation.concerns.is_empty()
            && observation.unaccounted.is_empty();
        prop_assume!(counts);
        let again = observation.clone().status(ResultStatus::Retransmitted);
        let before = told(&history, rules);
        for copy in [observation, again] {
            let after = told(&history.clone().with_analyser(copy, "second-line"), rules);
            prop_assert_eq!(&after, &before);
        }
    }

    #[test]
    fn an_adverse_fact_never_improves_the_verdict(
        rules in rules(),
        history in histories(),
        adverse in adverse(),
        more in adverse(),
    ) {
        let before = history.decide_by(rules).verdict;
        let once = adverse(history);
        let after = once.decide_by(rules).verdict;
        prop_assert!(after >= before && after > Verdict::Releasable, "{before} -> {after}");
        let twice = more(once).decide_by(rules).verdict;
        prop_assert!(twice >= after, "{after} -> {twice}");
    }

    /// A run that failed is void with all that it found, and another one stands in its place; the
    /// last result of a test has none after it.
    #[test]
    fn what_is_found_out_about_the_last_result_of_a_test_never_releases(
        rules in rules(),
        history in histories(),
        which in select(REQUIRED.to_vec()),
        found_out in found_out(),
    ) {
        let mut after = history;
        let results = after.facts.observations.iter_mut().rev();
        let last = results.into_iter().find(|one| one.observation.assay == Some(which));
        prop_assume!(last.is_some());
        found_out(&mut last.unwrap().circumstances);
        prop_assert!(after.decide_by(rules).verdict > Verdict::Releasable);
    }

    #[test]
    fn without_the_evidence_of_a_required_check_nothing_is_releasable(
        rules in rules(),
        history in histories(),
        which in any::<prop::sample::Index>(),
    ) {
        let needed = rules.checks().iter().filter(|check| check.required == Need::Yes);
        let needed: Vec<_> = needed.collect();
        let check = which.get(&needed);
        let assays: Vec<Assay> = check.evidence.iter().flatten().copied().collect();
        let bare = assays.iter().fold(history, |case, assay| case.without(*assay));
        let verdict = bare.decide_by(rules).verdict;
        prop_assert!(verdict > Verdict::Releasable, "{}", check.name);
    }

    #[test]
    fn a_release_rests_on_every_required_check(rules in rules(), history in histories()) {
        let decision = history.decide_by(rules);
        if decision.verdict == Verdict::Releasable {
            for check in rules.checks().iter().filter(|check| check.required == Need::Yes) {
                let passed = decision.passed.iter().find(|passed| passed.name == check.name);
                prop_assert!(passed.is_some_and(|one| !one.observations.is_empty()));
            }
        }
    }
}

/// Otherwise the properties above would speak of nothing.
#[test]
fn some_histories_are_released_and_many_are_not() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut released = 0;
    for _ in 0..500 {
        let history = histories().new_tree(&mut runner).unwrap().current();
        released += usize::from(history.decide().verdict == Verdict::Releasable);
    }
    assert!((50..450).contains(&released), "{released} of 500");
}
