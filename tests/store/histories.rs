//! Random histories of results, controls, pools, records and cut transfers: every verdict is the
//! one that the tables give, at its time and now.

use hemogate::domain::{
    AmendedReason, Assay, Container, ControlFailure, ControlSource, ControlTarget, Expected,
    Judgement, Kit, KitRecord, LotRecord, LotStanding, Matter, MessageRecord, MessageStep,
    Observation, Placement, Pool, Proposal, RackPlan, RackRecord, RackStep, Reading, ReasonCode,
    Record, ReviewStep, SpecimenKind, Statement, Verdict,
};
use hemogate::rules;
use hemogate::shape::DecisionShape;
use hemogate::store::{Archive, Store, prove};
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::select;

use crate::bench::*;

const DONATIONS: u32 = 4;
const LOTS: [&str; 2] = ["L1", "L2"];

/// Something that happens in a laboratory.
#[derive(Clone, Debug)]
enum Happens {
    Registered(u32),
    Panel(u32),
    Result { of: u32, assay: Assay, adverse: bool, lot: usize, minutes: i64 },
    Unreadable(u32),
    Cut(u32),
    MadeGood(u32),
    Tube { pool: usize, adverse: bool },
    Control { good: bool, lot: usize },
    Pool { pool: usize, members: Vec<u32> },
    Kit(usize),
    Target,
    Lot { lot: usize, standing: LotStanding },
    Failure { from: i64, to: i64 },
    Said(u32, Statement),
    Racked { loading: usize, step: RackStep, by: usize },
    Placed { of: u32, loading: usize, position: u32 },
    TakenOut { of: u32, loading: usize },
    Judged { message: i64, step: MessageStep, by: usize },
    ReadAgain { message: i64, proposal: i64, by: usize },
    Agreed { of: u32, proposal: i64, by: usize },
    Amended(u32),
}

const PEOPLE: [&str; 2] = ["u1", "u2"];
const LOADINGS: [(&str, &str); 2] = [("L1", "50120"), ("L2", "R2")];

fn donation() -> std::ops::Range<u32> {
    0..DONATIONS
}

fn happens() -> impl Strategy<Value = Happens> {
    let assay = || select(vec![Assay::Hbsag, Assay::Nat, Assay::Hiv]);
    let said = select(vec![
        Statement::Deferred,
        Statement::Signature(ReviewStep::Signed),
        Statement::Container(Container::Serum),
        Statement::Container(Container::Edta),
        Statement::SampleNotReceived,
        Statement::SampleReceived,
        Statement::ManualPath,
    ]);
    prop_oneof![
        2 => donation().prop_map(Happens::Registered),
        4 => donation().prop_map(Happens::Panel),
        6 => (donation(), assay(), any::<bool>(), 0..2_usize, 0..90_i64).prop_map(
            |(of, assay, adverse, lot, minutes)| {
                Happens::Result { of, assay, adverse, lot, minutes }
            }
        ),
        1 => donation().prop_map(Happens::Unreadable),
        1 => donation().prop_map(Happens::Cut),
        1 => donation().prop_map(Happens::MadeGood),
        3 => (0..2_usize, any::<bool>())
            .prop_map(|(pool, adverse)| Happens::Tube { pool, adverse }),
        4 => (any::<bool>(), 0..2_usize).prop_map(|(good, lot)| Happens::Control { good, lot }),
        2 => (0..2_usize, proptest::collection::vec(donation(), 0..4))
            .prop_map(|(pool, members)| Happens::Pool { pool, members }),
        1 => (0..2_usize).prop_map(Happens::Kit),
        1 => Just(Happens::Target),
        2 => (0..2_usize, select(LotStanding::ALL.to_vec()))
            .prop_map(|(lot, standing)| Happens::Lot { lot, standing }),
        1 => (0..90_i64, 0..90_i64).prop_map(|(a, b)| Happens::Failure {
            from: a.min(b),
            to: a.max(b),
        }),
        3 => (donation(), said).prop_map(|(of, said)| Happens::Said(of, said)),
        8 => racks(),
        8 => agreements(),
    ]
}

fn racks() -> impl Strategy<Value = Happens> {
    let plan = RackPlan {
        analyser: Some("e601".to_owned()),
        assays: Vec::new(),
        container: None,
        positions: 5,
        file: None,
    };
    let proposed = RackStep::Proposed { analyser: "e601".to_owned(), grounds: grounds() };
    let step = prop_oneof![
        3 => Just(RackStep::Opened(plan)),
        1 => Just(RackStep::Closed),
        1 => Just(RackStep::Ended("over".to_owned())),
        1 => Just(proposed),
        2 => (1..30_i64).prop_map(RackStep::Agreed),
    ];
    let loading = || 0..2_usize;
    prop_oneof![
        3 => (loading(), step, 0..2_usize)
            .prop_map(|(loading, step, by)| Happens::Racked { loading, step, by }),
        4 => (donation(), loading(), 0..5_u32)
            .prop_map(|(of, loading, position)| Happens::Placed { of, loading, position }),
        1 => (donation(), loading()).prop_map(|(of, loading)| Happens::TakenOut { of, loading }),
    ]
}

/// Numbers are tried: most proposals, messages and records are not there.
fn agreements() -> impl Strategy<Value = Happens> {
    let number = || 1..20_i64;
    let step = prop_oneof![
        2 => select(Judgement::ALL.to_vec())
            .prop_map(|judgement| MessageStep::Proposed(judgement, grounds())),
        2 => number().prop_map(MessageStep::Agreed),
    ];
    prop_oneof![
        4 => (number(), step, 0..2_usize)
            .prop_map(|(message, step, by)| Happens::Judged { message, step, by }),
        2 => (number(), number(), 0..2_usize).prop_map(
            |(message, proposal, by)| Happens::ReadAgain { message, proposal, by }
        ),
        2 => donation().prop_map(Happens::Amended),
        3 => (donation(), number(), 0..2_usize)
            .prop_map(|(of, proposal, by)| Happens::Agreed { of, proposal, by }),
    ]
}

fn in_lot(lot: usize, observation: Observation) -> Observation {
    Observation { reagent_lot: Some(LOTS[lot].to_owned()), ..observation }
}

fn reading(adverse: bool) -> Option<Reading> {
    Some(if adverse { Reading::Reactive } else { Reading::Nonreactive })
}

/// `at` makes each fact one of its own.
fn fact(at: usize, of: u32, assay: Assay, adverse: bool) -> Observation {
    let value = at.to_string();
    Observation { reading: reading(adverse), ..observation(of, assay, &value) }
}

fn happen(store: &Store, at: usize, what: Happens) {
    let name = format!("m{at}");
    match what {
        Happens::Registered(of) => drop(register(store, registration(of)).unwrap()),
        Happens::Panel(of) => {
            let panel = full_panel(of).into_iter().map(|found| in_lot(0, found)).collect();
            record(store, message(&name, panel));
        }
        Happens::Result { of, assay, adverse, lot, minutes } => {
            let mut entry = message(&name, vec![in_lot(lot, fact(at, of, assay, adverse))]);
            entry.received_at = noon() + SignedDuration::from_mins(minutes);
            record(store, entry);
        }
        Happens::Unreadable(of) => {
            let mut found = fact(at, of, Assay::Hbsag, false);
            found.unaccounted = vec![unaccounted()];
            record(store, message(&name, vec![found]));
        }
        Happens::Cut(of) => drop(record(store, cut(&format!("H|{of}"), vec![din(of)]))),
        Happens::MadeGood(of) => drop(record(store, message(&format!("H|{of}\r{at}"), Vec::new()))),
        Happens::Tube { pool, adverse } => {
            let tube = Observation {
                specimen_id: Some(format!("P{pool}")),
                din: None,
                ..fact(at, 0, Assay::Nat, adverse)
            };
            record(store, message(&name, vec![tube]));
        }
        Happens::Control { good, lot } => {
            let control = Observation {
                kind: SpecimenKind::Control,
                specimen_id: Some("PC".to_owned()),
                din: None,
                ..in_lot(lot, fact(at, 0, Assay::Hbsag, good))
            };
            record(store, message(&name, vec![control]));
        }
        Happens::Said(of, said) => drop(say(store, of, said, "u1")),
        Happens::Placed { of, loading, position } => {
            let (loading, rack) = LOADINGS[loading];
            let (loading, rack) = (loading.to_owned(), rack.to_owned());
            let analyser = Some("e601".to_owned());
            let place = Placement { loading, rack, position, analyser };
            drop(say(store, of, Statement::Placed(place), "u1"));
        }
        Happens::TakenOut { of, loading } => {
            drop(say(store, of, Statement::TakenOut(LOADINGS[loading].0.to_owned()), "u1"));
        }
        Happens::Racked { loading, step, by } => {
            let (loading, rack) = LOADINGS[loading];
            let (loading, rack) = (loading.to_owned(), rack.to_owned());
            put(store, Record::Rack(RackRecord { loading, rack, step }), PEOPLE[by]);
        }
        Happens::Judged { message, step, by } => {
            put(store, Record::Message(MessageRecord { message, step }), PEOPLE[by]);
        }
        Happens::ReadAgain { message, proposal, by } => mended(store, message, proposal, by),
        Happens::Agreed { of, proposal, by } => {
            drop(say(store, of, Statement::Agreed(proposal), PEOPLE[by]));
        }
        Happens::Amended(of) => amended(store, of),
        Happens::Pool { .. }
        | Happens::Kit(_)
        | Happens::Target
        | Happens::Lot { .. }
        | Happens::Failure { .. } => drop(put(store, put_by(what), "u1")),
    }
}

/// The profile was mended: what was not understood is.
fn mended(store: &Store, number: i64, proposal: i64, by: usize) {
    let Some(on_record) = store.message(number).unwrap() else { return };
    let found = on_record.observations.into_iter().map(|found| found.observation);
    let found = found.map(|found| Observation { unaccounted: Vec::new(), ..found }).collect();
    let name = String::from_utf8(on_record.bytes).unwrap();
    let mut entry = message(&name, found);
    entry.received_at = on_record.received_at;
    let before = store.feed_head();
    read_again(store, number, entry.clone(), None);
    assert_eq!(store.feed_head(), before, "what is only tried is taken back");
    read_again(store, number, entry, Some((proposal, PEOPLE[by])));
}

/// Somebody proposes that nothing of what stands against a donation counts.
fn amended(store: &Store, of: u32) {
    let Some(donation) = store.donation(&din(of)).unwrap() else { return };
    let reasons = donation.decision.reasons.iter().map(|reason| AmendedReason {
        code: ReasonCode::from_id(&reason.code).unwrap(),
        assay: reason.assay.as_deref().and_then(Assay::from_id),
        subject: reason.subject.clone(),
        observations: reason.observations.clone(),
        messages: reason.messages.clone(),
    });
    let matter = Matter::Amendment(reasons.collect());
    let proposal = Proposal { matter, grounds: grounds(), version: donation.version };
    drop(say(store, of, Statement::Proposed(proposal), "u1"));
}

fn put_by(what: Happens) -> Record {
    let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
    let analyser = "e601".to_owned();
    match what {
        Happens::Pool { pool, members } => {
            let members = members.into_iter().map(din).collect();
            Record::Pool(Pool { id: format!("P{pool}"), members, made_by: None })
        }
        Happens::Kit(maker) => {
            let kit = Kit {
                maker: format!("maker {maker}"),
                name: "HBsAg".to_owned(),
                containers: vec![Container::Serum],
                stability_hours: None,
                pool_max: None,
                controls: vec!["PC".to_owned()],
            };
            Record::Kit(KitRecord { profile, test_code, kit })
        }
        Happens::Lot { lot, standing } => {
            let lot = LOTS[lot].to_owned();
            Record::Lot(LotRecord { profile, test_code, lot, standing, expiry: None })
        }
        Happens::Failure { from, to } => {
            let at = |minutes| noon() + SignedDuration::from_mins(minutes);
            let (from, to) = (at(from), at(to));
            Record::ControlFailure(ControlFailure { analyser, test_code, from, to })
        }
        _ => Record::Target(ControlTarget {
            analyser,
            test_code,
            material: "PC".to_owned(),
            control_lot: None,
            level: 1,
            source: ControlSource::Kit,
            expected: Expected::Reading(Reading::Reactive),
        }),
    }
}

/// What is in force is what the tables give now: no donation was forgotten that anything touched.
fn nothing_was_forgotten(store: &Store) -> Result<(), TestCaseError> {
    for number in donation() {
        let Some(on_record) = store.donation(&din(number)).unwrap() else { continue };
        if on_record.version == 0 {
            continue;
        }
        let facts = store.facts(&din(number)).unwrap();
        let now = DecisionShape::from(rules::decide(&facts, &cn()));
        prop_assert_eq!(&now.verdict, &on_record.decision.verdict, "donation {}", number);
        let (now, stands) = (points(&now), points(&on_record.decision));
        prop_assert_eq!(now, stands, "donation {}", number);
    }
    Ok(())
}

/// Code, assay, subject, observations and messages of a reason.
type Point<'d> = (&'d str, Option<&'d str>, Option<&'d str>, &'d [i64], &'d [i64]);

/// A recall is told with other words once it is on record; nothing else may differ.
fn points(decision: &DecisionShape) -> Vec<Point<'_>> {
    let mut points = Vec::new();
    for reason in &decision.reasons {
        let (assay, subject) = (reason.assay.as_deref(), reason.subject.as_deref());
        let (observations, messages) = (&reason.observations[..], &reason.messages[..]);
        points.push((reason.code.as_str(), assay, subject, observations, messages));
    }
    points
}

/// No verdict lets a donation go while anything of it is unread that two people did not judge.
fn nothing_unread_was_released(bench: &Bench, store: &Store) -> Result<(), TestCaseError> {
    let archive = Archive::open(&bench.path()).unwrap();
    for row in feed(store).iter().filter(|row| row.verdict == Verdict::Releasable.id()) {
        let facts = archive.facts_of_verdict(row.seq).unwrap().unwrap();
        let is_judged = |message: i64| {
            facts.statements.iter().any(|said| match &said.statement {
                Statement::MessageJudged(judged) => judged.message == message,
                _ => false,
            })
        };
        let read = facts.unread.iter().all(|unread| is_judged(unread.message));
        prop_assert!(read, "verdict {}", row.seq);
        let whole = facts
            .observations
            .iter()
            .all(|found| found.observation.unaccounted.is_empty() || is_judged(found.message));
        prop_assert!(whole, "verdict {}", row.seq);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_verdict_of_a_random_history_is_the_one_that_the_tables_give(
        history in proptest::collection::vec(happens(), 1..40),
    ) {
        let bench = Bench::new();
        let store = bench.open();
        for (at, what) in history.into_iter().enumerate() {
            happen(&store, at, what);
            nothing_was_forgotten(&store)?;
        }
        nothing_unread_was_released(&bench, &store)?;
        let head = store.feed_head();
        drop(store);
        // Byte for byte: a verdict is compared as the JSON that was stored.
        prop_assert_eq!(prove(&bench.path()).unwrap().verdicts, head);
        prop_assert_eq!(bench.open().feed_head(), head, "a start finds nothing to decide");
    }
}
