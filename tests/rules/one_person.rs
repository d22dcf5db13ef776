//! What one person alone can do, tried with random case files: nothing that makes a verdict better.
//! And what two can: not more than they looked at.

use std::collections::BTreeSet;

use hemogate::domain::{
    AmendedReason, Assay, Correction, Decision, Donor, DonorKind, Judgement, Matter, MessageJudged,
    Placement, RackDoubt, RackSettled, Reading, Reason, ReasonCode, ReleaseHistory, Statement,
    Verdict,
};
use hemogate::rules::can_be_amended;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::accord::{amendment, proposed};
use crate::case::Case;
use crate::properties::{adverse, cases, observations, rules, thorough};

/// Racks and messages among the facts: what anybody may have put on record before.
fn on_record() -> impl Strategy<Value = Vec<Statement>> {
    let loading = || select(vec!["L1", "L2"]);
    let placed = loading().prop_map(|loading| {
        let (loading, rack) = (loading.to_owned(), "R1".to_owned());
        Statement::Placed(Placement { loading, rack, position: 1, analyser: None })
    });
    let doubt = loading().prop_map(|loading| {
        let [loading, rack, analyser, text] = [loading, "R1", "a1", "shifted"].map(str::to_owned);
        Statement::RackInDoubt(RackDoubt { loading, rack, analyser, message: 400, text })
    });
    vec(prop_oneof![placed, doubt], 0..4)
}

fn facts() -> impl Strategy<Value = Case> {
    (cases(), on_record(), vec(observations(), 0..3)).prop_map(|(case, said, more)| {
        let case = said.into_iter().fold(case, |case, one| case.said("hemogate", one));
        more.into_iter().fold(case, Case::with)
    })
}

/// Everything of which the rules take notice only when two people stand behind it.
#[derive(Clone, Debug)]
enum Act {
    Amend,
    Correct(Correction),
    Agree(i64),
    TurnDown(i64),
    Settle(&'static str),
    Judge(i64, Judgement),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let donor = (any::<bool>(), any::<bool>()).prop_map(|(deferred, first)| Donor {
        kind: if first { DonorKind::First } else { DonorKind::Repeat },
        deferred,
        historic_group: None,
    });
    let time = select(vec!["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]);
    let correction = (proptest::option::of(donor), time).prop_map(|(donor, time)| Correction {
        collected_at: Some(time.parse().unwrap()),
        site: None,
        donor,
    });
    let one = prop_oneof![
        3 => Just(Act::Amend),
        1 => correction.prop_map(Act::Correct),
        3 => (1..8_i64).prop_map(Act::Agree),
        1 => (1..8_i64).prop_map(Act::TurnDown),
        1 => select(vec!["L1", "L2"]).prop_map(Act::Settle),
        2 => (prop_oneof![Just(77), Just(78), 101..118_i64], select(Judgement::ALL.to_vec()))
            .prop_map(|(message, judgement)| Act::Judge(message, judgement)),
    ];
    vec(one, 1..8)
}

/// One person, whose name is never written twice in the same way.
fn name(turn: usize) -> &'static str {
    ["li", "LI", " Li", "lI "][turn % 4]
}

fn act(case: Case, act: &Act, turn: usize, matter: &Matter) -> Case {
    let (by, other) = (name(turn), name(turn + 1));
    let statement = match act {
        Act::Amend => proposed(matter.clone()),
        Act::Correct(correction) => proposed(Matter::Correction(correction.clone())),
        Act::Agree(number) => Statement::Agreed(*number),
        Act::TurnDown(number) => Statement::TurnedDown(*number),
        Act::Settle(loading) => Statement::RackSettled(RackSettled {
            loading: (*loading).to_owned(),
            analyser: "a1".to_owned(),
            proposed_by: by.to_owned(),
            agreed_by: other.to_owned(),
        }),
        Act::Judge(message, judgement) => Statement::MessageJudged(MessageJudged {
            message: *message,
            judgement: *judgement,
            proposed_by: by.to_owned(),
            agreed_by: other.to_owned(),
        }),
    };
    case.said(by, statement)
}

/// The observations that a decision names anywhere.
fn named(decision: &Decision) -> BTreeSet<i64> {
    let all = decision.reasons.iter().chain(&decision.remarks);
    all.flat_map(|reason| &reason.observations).copied().collect()
}

fn reactive(case: &Case) -> BTreeSet<i64> {
    let is_reactive = |reading| matches!(reading, Some(Reading::Reactive | Reading::GreyZone));
    let all = case.facts.observations.iter();
    all.filter(|seen| is_reactive(seen.observation.reading)).map(|seen| seen.id).collect()
}

/// Everything that stands against the donation, amended by two people.
fn amended(case: Case, decision: &Decision) -> Case {
    let number = case.next_record();
    let case = case.said("li", proposed(amendment(decision)));
    case.said("wang", Statement::Agreed(number))
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn one_person_never_makes_a_verdict_better(rules in rules(), case in facts(), acts in acts()) {
        let before = case.decide_by(rules);
        let matter = amendment(&before);
        let each = acts.iter().enumerate();
        let after = each.fold(case, |case, (turn, one)| act(case, one, turn, &matter));
        let after = after.decide_by(rules);
        prop_assert!(after.verdict >= before.verdict, "{before:?} -> {after:?}");
        prop_assert_eq!(after.reasons, before.reasons);
    }

    #[test]
    fn two_people_release_nothing_that_is_waited_for_and_nothing_that_was_recalled(
        rules in rules(),
        case in facts(),
    ) {
        let before = case.decide_by(rules);
        // The next verdict knows what this one did.
        let case = match before.verdict {
            Verdict::Recalled => case.history(ReleaseHistory::Recalled),
            Verdict::Releasable | Verdict::Pending | Verdict::Hold | Verdict::Reject => case,
        };
        let after = amended(case, &before).decide_by(rules);
        match before.verdict {
            Verdict::Pending | Verdict::Recalled => {
                prop_assert_eq!(after.verdict, before.verdict);
            }
            Verdict::Releasable | Verdict::Hold | Verdict::Reject => {
                prop_assert!(after.verdict <= before.verdict);
            }
        }
        let stands = |reason: &Reason| !can_be_amended(reason.code, reason.verdict);
        if before.reasons.iter().any(stands) && before.verdict != Verdict::Releasable {
            prop_assert!(after.verdict > Verdict::Releasable);
        }
    }

    #[test]
    fn what_is_reactive_stays_visible_whatever_two_people_agree_on(
        rules in rules(),
        case in facts(),
        judgement in select(Judgement::ALL.to_vec()),
    ) {
        let before = case.decide_by(rules);
        let wanted: BTreeSet<i64> =
            reactive(&case).intersection(&named(&before)).copied().collect();
        let messages: Vec<i64> = case.facts.observations.iter().map(|seen| seen.message).collect();
        let case = amended(case, &before);
        let case = messages.into_iter().fold(case, |case, message| {
            let [proposed_by, agreed_by] = ["li", "wang"].map(str::to_owned);
            let judged = MessageJudged { message, judgement, proposed_by, agreed_by };
            case.said("hemogate", Statement::MessageJudged(judged))
        });
        let after = named(&case.decide_by(rules));
        prop_assert!(wanted.is_subset(&after), "{wanted:?} {after:?}");
    }

    #[test]
    fn what_comes_after_an_amendment_counts_against_the_donation(
        rules in rules(),
        case in facts(),
        adverse in adverse(),
    ) {
        let before = case.decide_by(rules);
        let after = amended(case, &before).with(adverse).decide_by(rules);
        prop_assert!(after.verdict > Verdict::Releasable, "{after:?}");
    }

    #[test]
    fn what_was_released_by_an_amendment_is_recalled_by_what_comes_after_it(
        rules in rules(),
        case in facts(),
        adverse in adverse(),
    ) {
        let before = case.decide_by(rules);
        let case = amended(case.history(ReleaseHistory::NeverReleased), &before);
        if case.decide_by(rules).verdict != Verdict::Releasable {
            return Ok(());
        }
        let case = case.history(ReleaseHistory::Released).with(adverse);
        prop_assert_eq!(case.decide_by(rules).verdict, Verdict::Recalled);
    }

    #[test]
    fn an_amendment_of_another_assay_or_code_lifts_nothing(
        rules in rules(),
        case in facts(),
        assay in select(Assay::ALL.to_vec()),
        code in select(ReasonCode::ALL.to_vec()),
    ) {
        let before = case.decide_by(rules);
        let is_other = |reason: &Reason| reason.assay != Some(assay) || reason.code != code;
        prop_assume!(before.reasons.iter().all(is_other));
        let observations = case.facts.observations.iter().map(|seen| seen.id).collect();
        let (subject, messages, assay) = (None, vec![77, 78, 400], Some(assay));
        let reason = AmendedReason { code, assay, subject, observations, messages };
        let number = case.next_record();
        let case = case.said("li", proposed(Matter::Amendment(vec![reason])));
        let after = case.said("wang", Statement::Agreed(number)).decide_by(rules);
        prop_assert_eq!(after, before);
    }
}
