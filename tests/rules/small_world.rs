//! Small worlds, enumerated to the end: each required check in each state, one and two at a time,
//! and every course of four results of one marker.

use hemogate::domain::{Assay, Measure, Observation, Reading, ResultStatus, Verdict};

use crate::case::{Bench, Case, REQUIRED, good, marker, quantity, result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Missing,
    Acceptable,
    Adverse,
    Grey,
    Invalid,
    NotUnderstood,
    Preliminary,
}

const STATES: [State; 7] = [
    State::Missing,
    State::Acceptable,
    State::Adverse,
    State::Grey,
    State::Invalid,
    State::NotUnderstood,
    State::Preliminary,
];

/// The result of an assay in a state; `None` where there is none.
fn observation(assay: Assay, state: State) -> Option<Observation> {
    match state {
        State::Missing => None,
        State::Acceptable => Some(good(assay)),
        State::Adverse => Some(adverse(assay)),
        State::Grey if assay.measure() == Measure::Marker => Some(marker(assay, Reading::GreyZone)),
        State::Grey => Some(result(assay)),
        State::Invalid => Some(result(assay).reads(Reading::Invalid)),
        State::NotUnderstood => Some(good(assay).not_understood()),
        State::Preliminary => Some(good(assay).status(ResultStatus::Preliminary)),
    }
}

fn adverse(assay: Assay) -> Observation {
    use hemogate::domain::{AboGroup, RhdType};
    match assay.measure() {
        Measure::Marker => marker(assay, Reading::Reactive),
        Measure::Abo => result(assay).reads(Reading::Abo(AboGroup::B)),
        Measure::Rhd => result(assay).reads(Reading::Rhd(RhdType::Negative)),
        Measure::Quantity => quantity(assay, "50.1"),
    }
}

fn world(changes: &[(Assay, State)]) -> Case {
    REQUIRED.into_iter().fold(Case::registered(), |case, assay| {
        let state = changes.iter().find(|(a, _)| *a == assay).map_or(State::Acceptable, |c| c.1);
        match observation(assay, state) {
            Some(observation) => case.with(observation),
            None => case,
        }
    })
}

#[test]
fn releasable_means_every_required_check_is_acceptable() {
    let mut worlds = 0;
    for one in REQUIRED {
        for other in REQUIRED {
            for (first, second) in STATES.iter().flat_map(|f| STATES.iter().map(move |s| (*f, *s)))
            {
                if one == other && first != second {
                    continue;
                }
                let decision = world(&[(one, first), (other, second)]).decide();
                let acceptable = first == State::Acceptable && second == State::Acceptable;
                let releasable = decision.verdict == Verdict::Releasable;
                assert_eq!(releasable, acceptable, "{one} {first:?}, {other} {second:?}");
                worlds += 1;
            }
        }
    }
    assert_eq!(worlds, 8 * 7 * 49 + 8 * 7);
}

/// What the algorithm promises, written a second time and as plainly as possible: a marker passes
/// after its last result only if that result is nonreactive, no two were reactive or grey, and one
/// reactive or grey result is followed by two nonreactive ones.
fn passes(course: &[Reading]) -> bool {
    let adverse = |r: &Reading| matches!(r, Reading::Reactive | Reading::GreyZone);
    let good = |r: &&Reading| **r == Reading::Nonreactive;
    if course.last() != Some(&Reading::Nonreactive) {
        return false;
    }
    match course.iter().position(adverse) {
        None => true,
        Some(first) => {
            let repeats = &course[first + 1..];
            !repeats.iter().any(adverse) && repeats.iter().filter(good).count() >= 2
        }
    }
}

fn rejected(course: &[Reading]) -> bool {
    let adverse = |r: &&Reading| matches!(r, Reading::Reactive | Reading::GreyZone);
    course.iter().filter(adverse).count() >= 2
}

#[test]
fn every_course_of_up_to_five_results_of_a_marker_ends_as_promised() {
    let readings = [Reading::Nonreactive, Reading::Reactive, Reading::GreyZone, Reading::Invalid];
    let mut courses: Vec<Vec<Reading>> = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..5 {
        let to = courses.len();
        for index in from..to {
            for reading in readings {
                let mut longer = courses[index].clone();
                longer.push(reading);
                courses.push(longer);
            }
        }
        from = to;
    }
    for course in courses {
        let bare = Case::baseline().without(Assay::Hiv);
        let case = course.iter().fold(bare, |case, r| case.with(marker(Assay::Hiv, *r)));
        let wanted = match (rejected(&course), passes(&course)) {
            (true, _) => Verdict::Reject,
            (false, true) => Verdict::Releasable,
            (false, false) => Verdict::Pending,
        };
        assert_eq!(case.decide().verdict, wanted, "{course:?}");
    }
}
