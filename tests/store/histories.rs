//! Random histories of results, controls, pools, records and cut transfers: every verdict is the
//! one that the tables give, at its time and now.

use hemogate::domain::{
    Assay, Container, ControlFailure, ControlSource, ControlTarget, Expected, Kit, KitRecord,
    LotRecord, LotStanding, Observation, Pool, Reading, Record, ReviewStep, SpecimenKind,
    Statement, Verdict,
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
}

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
        Happens::Pool { .. }
        | Happens::Kit(_)
        | Happens::Target
        | Happens::Lot { .. }
        | Happens::Failure { .. } => drop(put(store, put_by(what), "u1")),
    }
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

/// No verdict lets a donation go while anything of it is unread.
fn nothing_unread_was_released(bench: &Bench, store: &Store) -> Result<(), TestCaseError> {
    let archive = Archive::open(&bench.path()).unwrap();
    for row in feed(store).iter().filter(|row| row.verdict == Verdict::Releasable.id()) {
        let facts = archive.facts_of_verdict(row.seq).unwrap().unwrap();
        prop_assert!(facts.unread.is_empty(), "verdict {}", row.seq);
        let whole = facts.observations.iter().all(|found| found.observation.unaccounted.is_empty());
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
