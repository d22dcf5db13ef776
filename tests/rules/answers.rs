//! The link between the proof and reality. The proof of a rule set goes over answers; here they are
//! produced from facts, and what the tables say of them is what is decided.

use std::collections::BTreeSet;

use hemogate::domain::{
    AboGroup, Assay, Bracket, Container, Details, DonorRecord, KitControls, Lookback, LotStanding,
    Observation, PoolMembers, Reading, ReleaseHistory, ResultStatus, ReviewStep, RhdType,
    RuleSetStanding, Statement, Supplemental, Verdict, WestgardRule,
};
use hemogate::rules::{Derivation, Judges, RuleSet, derive, shipped};

use crate::case::{Bench, CN, Case, good, marker, quantity, result};
use crate::china::{of_kit, of_pool, other, pooled, signed, unsigned, with_sound};

/// One thing that is different.
type Change = (&'static str, fn(Case) -> Case);

fn hiv(reading: Reading) -> Observation {
    marker(Assay::Hiv, reading)
}

fn with(case: Case, assay: Assay, reading: Reading) -> Case {
    with_sound(case, marker(assay, reading), "a")
}

fn said(case: Case, statement: Statement) -> Case {
    case.said("u9", statement)
}

fn first_hiv(case: Case, reading: Reading) -> Case {
    let case = with_sound(case.without(Assay::Hiv), hiv(reading), "a");
    with_sound(case, hiv(Reading::Nonreactive), "b")
}

fn pool(mut case: Case, change: fn(&mut hemogate::domain::PoolFacts)) -> Case {
    case.facts.pools.iter_mut().for_each(change);
    case
}

fn others(case: Case, readings: [Option<Reading>; 5]) -> Case {
    let mut case = case;
    let members = (1..).zip(readings).map(|(member, single)| other(member, single));
    let members: Vec<_> = members.collect();
    case.facts.pools.iter_mut().for_each(|pool| pool.others = members.clone());
    case
}

fn reactive_pool(mut case: Case) -> Case {
    case.facts.pools.clear();
    pooled(case, Reading::Reactive)
}

fn rhd(case: Case, assay: Assay, rhd: RhdType) -> Case {
    with_sound(case, result(assay).reads(Reading::Rhd(rhd)), "a")
}

fn hb(case: Case, value: &str, unit: &str) -> Case {
    let mut observation = quantity(Assay::Hb, value);
    observation.unit = Some(unit.to_owned());
    with_sound(case, observation, "a")
}

const NR: Reading = Reading::Nonreactive;
const R: Reading = Reading::Reactive;

const REGISTRATION: [Change; 5] = [
    ("not registered", |mut c| {
        c.facts.registration = None;
        c
    }),
    ("no result", |mut c| {
        c.facts.observations.clear();
        c
    }),
    ("check character", |c| said(c, Statement::NumberCheckFailed)),
    ("no specimen", |c| said(c, Statement::SampleNotReceived)),
    ("specimen found", |c| said(said(c, Statement::SampleNotReceived), Statement::SampleReceived)),
];

const DONOR: [Change; 6] = [
    ("deferred", Case::deferred),
    ("flagged", |c| said(c, Statement::DonorRecord(DonorRecord::Flagged))),
    ("reactive before", |c| said(c, Statement::DonorRecord(DonorRecord::PriorReactive))),
    ("reinstated", |c| {
        let case = said(c, Statement::DonorRecord(DonorRecord::PriorReactive));
        said(case, Statement::DonorRecord(DonorRecord::Reinstated))
    }),
    ("flagged after", |c| {
        let case = said(c, Statement::DonorRecord(DonorRecord::Requalified));
        said(case, Statement::DonorRecord(DonorRecord::Flagged))
    }),
    ("merged", |c| said(c, Statement::DonorRecord(DonorRecord::Merged))),
];

const PROCESS: [Change; 4] = [
    ("lookback open", |c| said(c, Statement::Lookback(Lookback::Open))),
    ("lookback overdue", |c| said(c, Statement::Lookback(Lookback::Overdue))),
    ("manual", |c| said(c, Statement::ManualPath)),
    ("rule set changed", |mut c| {
        c.facts.rule_set = RuleSetStanding::Changed;
        c
    }),
];

const CIRCUMSTANCES: [Change; 20] = [
    ("lot unknown", |c| of_kit(c, Assay::Hiv, "a", |a| a.lot = LotStanding::NotRecorded)),
    ("lot not released", |c| of_kit(c, Assay::Hiv, "a", |a| a.lot = LotStanding::NotReleased)),
    ("delivery", |c| of_kit(c, Assay::Hiv, "a", |a| a.lot = LotStanding::DeliveryNotAccepted)),
    ("lot recalled", |c| of_kit(c, Assay::Hiv, "a", |a| a.lot = LotStanding::Recalled)),
    ("no last day", |c| of_kit(c, Assay::Hiv, "a", |a| a.lot_expiry = None)),
    ("expired", |c| {
        of_kit(c, Assay::Hiv, "a", |a| a.lot_expiry = Some("2026-01-01".parse().unwrap()))
    }),
    ("last day today", |c| {
        of_kit(c, Assay::Hiv, "a", |a| a.lot_expiry = Some("2026-01-02".parse().unwrap()))
    }),
    ("no kit controls", |c| {
        of_kit(c, Assay::Hiv, "a", |a| a.controls.kit = KitControls::NotRecorded)
    }),
    ("kit controls failed", |c| {
        of_kit(c, Assay::Hiv, "a", |a| a.controls.kit = KitControls::Failed)
    }),
    ("no external control", |c| {
        of_kit(c, Assay::Hiv, "a", |a| a.controls.external.recorded = false)
    }),
    ("warning", |c| {
        of_kit(c, Assay::Hiv, "a", |a| {
            a.controls.external.violations = vec![WestgardRule::OneTwoS];
        })
    }),
    ("out of control", |c| {
        of_kit(c, Assay::Hiv, "a", |a| {
            a.controls.external.violations = vec![WestgardRule::OneTwoS, WestgardRule::OneThreeS];
        })
    }),
    ("wrong reading", |c| of_kit(c, Assay::Hiv, "a", |a| a.controls.external.wrong_reading = true)),
    ("bracket open", |c| of_kit(c, Assay::Hiv, "a", |a| a.controls.bracket = Bracket::Open)),
    ("failed later", |c| of_kit(c, Assay::Hiv, "a", |a| a.controls.failed_later = true)),
    ("no container", |c| of_kit(c, Assay::Hiv, "a", |a| a.container = None)),
    ("wrong container", |c| of_kit(c, Assay::Hiv, "a", |a| a.container = Some(Container::Serum))),
    ("segment", |c| of_kit(c, Assay::Hiv, "a", |a| a.container = Some(Container::Segment))),
    ("no kit", |c| of_kit(c, Assay::Hiv, "a", |a| a.kit = None)),
    ("too old", |c| {
        of_kit(c, Assay::Hiv, "a", |a| {
            a.received_at = Some("2026-01-09T09:00:00Z".parse().unwrap())
        })
    }),
];

const COURSES: [Change; 26] = [
    ("first void", |c| first_hiv(c, Reading::Invalid)),
    ("first grey", |c| first_hiv(c, Reading::GreyZone)),
    ("first reactive", |c| first_hiv(c, R)),
    ("first reactive and void", |c| {
        let case = first_hiv(c, R);
        of_kit(case, Assay::Hiv, "a", |a| a.controls.kit = KitControls::Failed)
    }),
    ("repeat nonreactive", |c| with(c, Assay::Hiv, NR)),
    ("repeat nonreactive twice", |c| with(with(c, Assay::Hiv, NR), Assay::Hiv, NR)),
    ("repeat reactive", |c| with(c, Assay::Hiv, R)),
    ("repeat grey", |c| with(c, Assay::Hiv, Reading::GreyZone)),
    ("repeat void", |c| with(c, Assay::Hiv, Reading::Invalid)),
    ("other kit", |c| with_sound(c, hiv(NR).says("0.3"), "b")),
    ("third kit", |c| with_sound(c, hiv(NR).says("0.3"), "c")),
    ("repeat reactive and void", |c| with_sound(c, hiv(R).status(ResultStatus::Questionable), "a")),
    ("corrected to reactive", |c| with_sound(c, hiv(R).status(ResultStatus::Corrected), "a")),
    ("corrected to nonreactive", |c| with_sound(c, hiv(NR).status(ResultStatus::Corrected), "a")),
    ("autologous", |c| {
        said(c, Statement::Details(Details { autologous: true, ..Details::default() }))
    }),
    ("again", |c| said(c, Statement::EarlierOccasion(Assay::Hiv))),
    ("supplemental negative", |c| {
        said(c, Statement::Supplemental(Assay::Hiv, Supplemental::Negative))
    }),
    ("supplemental indeterminate", |c| {
        said(c, Statement::Supplemental(Assay::Hiv, Supplemental::Indeterminate))
    }),
    ("supplemental positive", |c| {
        said(c, Statement::Supplemental(Assay::Hiv, Supplemental::Positive))
    }),
    ("multiplex reactive", |c| with(c, Assay::Nat, R)),
    ("DNA nonreactive", |c| with(c, Assay::HbvDna, NR)),
    ("DNA void", |c| with(c, Assay::HbvDna, Reading::Invalid)),
    ("DNA reactive", |c| with(c, Assay::HbvDna, R)),
    ("core reactive", |c| with(c, Assay::AntiHbc, R)),
    ("anti-HBs 150", |c| {
        let mut observation = quantity(Assay::AntiHbs, "150");
        observation.unit = Some("mIU/mL".to_owned());
        with_sound(c, observation, "a")
    }),
    ("anti-HBs 100", |c| {
        let mut observation = quantity(Assay::AntiHbs, "100");
        observation.unit = Some("mIU/mL".to_owned());
        with_sound(c, observation, "a")
    }),
];

const ROUNDS: [Change; 7] = [
    ("one kit", |mut c| {
        c.facts.observations.retain(|o| o.observation.assay != Some(Assay::Tp) || o.profile == "a");
        c
    }),
    ("no kit", |c| c.without(Assay::Tp)),
    ("one maker", |c| {
        of_kit(c, Assay::Tp, "b", |a| {
            a.kit.iter_mut().for_each(|kit| kit.maker = "a".to_owned());
        })
    }),
    ("no maker", |c| of_kit(c, Assay::Tp, "b", |a| a.kit = None)),
    ("one operator", |mut c| {
        c.facts.observations.iter_mut().for_each(|o| o.observation.operator = Some("o".to_owned()));
        c
    }),
    ("two operators", |mut c| {
        c.facts
            .observations
            .iter_mut()
            .for_each(|o| o.observation.operator = Some(format!("operator {}", o.profile)));
        c
    }),
    ("a third kit", |c| with_sound(c, good(Assay::Tp).says("0.3"), "c")),
];

const POOLS: [Change; 17] = [
    ("pool unknown", |c| pool(c, |p| p.members = PoolMembers::Unknown)),
    ("pool added later", |c| pool(c, |p| p.members = PoolMembers::AddedLater)),
    ("pool duplicate", |c| pool(c, |p| p.members = PoolMembers::Duplicate)),
    ("pool of seven", |c| pool(c, |p| p.size = 7)),
    ("pool kit unknown", |c| {
        pool(c, |p| p.observations.iter_mut().for_each(|o| o.circumstances.kit = None))
    }),
    ("pool not run", |c| pool(c, |p| p.observations.clear())),
    ("pool void", |c| {
        pool(c, |p| {
            let invalid = Some(Reading::Invalid);
            p.observations.iter_mut().for_each(|o| o.observation.reading = invalid);
        })
    }),
    ("pool reactive", reactive_pool),
    ("single nonreactive", |c| with(c, Assay::Nat, NR)),
    ("single void", |c| with(c, Assay::Nat, Reading::Invalid)),
    ("single reactive", |c| with(c, Assay::Nat, R)),
    ("others nonreactive", |c| others(c, [Some(NR); 5])),
    ("another reactive", |c| others(c, [Some(NR), Some(R), Some(NR), Some(NR), Some(NR)])),
    ("another pool", |c| pooled(c, NR)),
    ("no pool", |mut c| {
        c.facts.pools.clear();
        c
    }),
    ("pool run again", |mut c| {
        let id = c.next_id();
        let again = of_pool(id, Assay::Nat, NR);
        c.facts.pools.iter_mut().for_each(|pool| pool.observations.push(again.clone()));
        c
    }),
    ("pool incomplete", |c| {
        pool(c, |p| {
            p.observations.iter_mut().for_each(|o| o.observation.assay = Some(Assay::HbvDna));
        })
    }),
];

const GROUPS: [Change; 12] = [
    ("group void", |c| with_sound(c, result(Assay::Abo).reads(Reading::Invalid), "a")),
    ("groups differ", |c| with_sound(c, result(Assay::Abo).reads(Reading::Abo(AboGroup::O)), "a")),
    ("no history", |c| c.donor(|donor| donor.historic_group = None)),
    ("other history", |c| {
        c.donor(|donor| {
            if let Some(group) = donor.historic_group.as_mut() {
                (group.abo, group.rhd) = (AboGroup::B, RhdType::Negative);
            }
        })
    }),
    ("no group", |c| c.without(Assay::Abo)),
    ("RhD negative", |c| rhd(c.without(Assay::Rhd), Assay::Rhd, RhdType::Negative)),
    ("RhD differs", |c| rhd(c, Assay::Rhd, RhdType::Negative)),
    ("RhD void", |c| with_sound(c, result(Assay::Rhd).reads(Reading::Invalid), "a")),
    ("weak D", |c| rhd(c, Assay::WeakD, RhdType::Positive)),
    ("weak D negative", |c| rhd(c, Assay::WeakD, RhdType::Negative)),
    ("weak D void", |c| with_sound(c, result(Assay::WeakD).reads(Reading::Invalid), "a")),
    ("no RhD", |c| c.without(Assay::Rhd)),
];

const NUMBERS: [Change; 10] = [
    ("ALT above", |c| with_sound(c, quantity(Assay::Alt, "51"), "a")),
    ("ALT void", |c| with_sound(c, result(Assay::Alt).reads(Reading::Invalid), "a")),
    ("ALT unit", |c| hb_like_alt(c)),
    ("Hb within", |c| hb(c, "140", "g/L")),
    ("Hb below", |c| hb(c, "100", "g/L")),
    ("Hb between", |c| hb(c, "118", "g/L")),
    ("Hb unit", |c| hb(c, "14", "g/dL")),
    ("CMV nonreactive", |c| with(c, Assay::AntiCmv, NR)),
    ("CMV reactive", |c| with(c, Assay::AntiCmv, R)),
    ("CMV void", |c| with(c, Assay::AntiCmv, Reading::Invalid)),
];

fn hb_like_alt(case: Case) -> Case {
    let mut observation = quantity(Assay::Alt, "22");
    observation.unit = Some("ukat/L".to_owned());
    with_sound(case, observation, "a")
}

const GROUPED: [&[Change]; 9] =
    [&REGISTRATION, &DONOR, &PROCESS, &CIRCUMSTANCES, &COURSES, &ROUNDS, &POOLS, &GROUPS, &NUMBERS];

/// What tables say is what is decided, and nothing is released that a table does not let pass.
fn agrees(derivation: &Derivation, what: &str) {
    let decision = &derivation.decision;
    let of_donation = derivation.rulings.iter().filter(|ruling| !is_gate(ruling.judges));
    let mut worst = Verdict::Releasable;
    for ruling in of_donation {
        let verdict = ruling.verdict.unwrap_or(Verdict::Hold);
        assert!(decision.verdict >= verdict, "{what}: {} {verdict}: {decision:?}", ruling.table);
        worst = worst.max(verdict);
    }
    let told = decision.reasons.iter().map(|reason| reason.verdict).max().unwrap();
    assert_eq!(decision.verdict, told, "{what}");
    if decision.verdict > worst {
        let gates = derivation.rulings.iter().filter(|ruling| is_gate(ruling.judges));
        let gate = gates.filter_map(|ruling| ruling.verdict).max().unwrap_or(Verdict::Releasable);
        let own = decision.reasons.iter().filter(|reason| reason.clause.is_none());
        let own = own.map(|reason| reason.verdict).max().unwrap_or(Verdict::Releasable);
        assert!(gate.max(own) >= decision.verdict, "{what}: {decision:?}");
    }
    if decision.verdict == Verdict::Releasable {
        for (name, _) in derivation.checks.iter().filter(|(_, needed)| *needed) {
            assert!(decision.passed.iter().any(|passed| passed.name == *name), "{what}: {name}");
        }
    }
}

const fn is_gate(judges: Judges) -> bool {
    matches!(judges, Judges::Reagent | Judges::Run | Judges::Specimen)
}

type Seen = BTreeSet<(&'static str, &'static str, &'static str)>;

fn note(derivation: &Derivation, seen: &mut Seen) {
    for ruling in &derivation.rulings {
        for question in ruling.judges.questions() {
            let answer = ruling.answers.answer(question.id).unwrap();
            seen.insert((ruling.judges.id(), question.id, answer));
        }
        for impossible in ruling.judges.impossible() {
            let holds = impossible.iter().all(|(question, answers)| {
                answers.contains(&ruling.answers.answer(question).unwrap())
            });
            assert!(!holds, "facts gave what cannot be: {impossible:?}");
        }
    }
}

/// Whole blood of a first donor; what one set does not ask another one may.
fn sets() -> Vec<RuleSet> {
    let mut sets = vec![CN.clone()];
    for name in ["uk", "us", "eu"] {
        sets.extend(shipped(name).map(|text| RuleSet::parse(name, text).unwrap()));
    }
    sets
}

#[test]
fn any_two_things_that_are_different_are_decided_as_the_tables_say() {
    let changes = GROUPED.concat();
    for (index, (one, first)) in changes.iter().enumerate() {
        for (other, second) in changes.iter().skip(index) {
            let case = signed(second(first(unsigned())));
            agrees(&derive(&case.facts, &CN), &format!("{one}, {other}"));
        }
    }
}

#[test]
fn any_three_things_in_a_course_of_testing_are_decided_as_the_tables_say() {
    let courses = &COURSES[..14];
    for (one, first) in courses {
        for (other, second) in courses {
            for (third, last) in courses {
                let case = signed(last(second(first(unsigned()))));
                agrees(&derive(&case.facts, &CN), &format!("{one}, {other}, {third}"));
            }
        }
    }
}

#[test]
fn released_donations_are_recalled_for_the_same() {
    for (what, change) in GROUPED.concat() {
        let case = signed(change(unsigned()));
        let before = derive(&case.facts, &CN).decision;
        let after = derive(&case.history(ReleaseHistory::Released).facts, &CN).decision;
        let waits = before
            .reasons
            .iter()
            .all(|reason| matches!(reason.code.id(), "ALL_OK" | "RULESET_CHANGED" | "NOT_SIGNED"));
        let wanted = if waits { before.verdict } else { Verdict::Recalled };
        assert_eq!(after.verdict, wanted, "{what}");
    }
}

#[test]
fn facts_can_give_every_answer_and_no_combination_that_cannot_be() {
    let mut seen = Seen::new();
    for rules in &sets() {
        for group in GROUPED {
            for (_, first) in group {
                note(&derive(&signed(first(unsigned())).facts, rules), &mut seen);
                for (_, second) in group {
                    let case = second(first(unsigned()));
                    note(&derive(&signed(case).facts, rules), &mut seen);
                }
            }
        }
    }
    for case in signatures() {
        note(&derive(&case.facts, &CN), &mut seen);
    }
    let mut lacking = Vec::new();
    for judges in Judges::ALL {
        for question in judges.questions() {
            for answer in question.answers {
                if !seen.contains(&(judges.id(), question.id, answer.id)) {
                    lacking.push(format!("{} {} {}", judges.id(), question.id, answer.id));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}

fn signatures() -> Vec<Case> {
    let reviewed = |case: Case, by: &str| case.said(by, Statement::Signature(ReviewStep::Reviewed));
    let signed_by = |case: Case, by: &str| case.said(by, Statement::Signature(ReviewStep::Signed));
    let outdated = with_sound(signed(unsigned()), good(Assay::Htlv), "a");
    vec![unsigned(), signed_by(reviewed(unsigned(), "u1"), "u1"), outdated]
}
