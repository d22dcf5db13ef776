//! The day under rules that ask for more than results: it is repeatable, what its analysers send is
//! understood, and what it puts on record is about what they send.

use std::collections::{BTreeMap, BTreeSet};

use hemogate::domain::{
    Assay, Observation, Reading, ReasonCode, Record, SpecimenKind, Statement, Verdict,
};
use hemogate::simulator::{Act, Chapter, Day, Model, Session};

use crate::dialects::analyser;

const SEEDS: std::ops::Range<u64> = 0..12;

fn runs(day: &Day) -> impl Iterator<Item = &Session> {
    let acts = day.chapters.iter().flat_map(|chapter| &chapter.acts);
    acts.filter_map(|act| match act {
        Act::Run(sessions) => Some(sessions),
        Act::Register(_) | Act::Record { .. } => None,
    })
    .flatten()
}

fn records(day: &Day) -> impl Iterator<Item = &Record> {
    let acts = day.chapters.iter().flat_map(|chapter| &chapter.acts);
    acts.filter_map(|act| match act {
        Act::Record { records, .. } => Some(records),
        Act::Register(_) | Act::Run(_) => None,
    })
    .flatten()
}

/// Every observation with its analyser, in the order in which they are sent.
fn observations(day: &Day) -> Vec<(Model, Observation)> {
    let analysers = Model::BENCH.map(|model| (model, analyser(model))).into_iter();
    let analysers: BTreeMap<Model, _> = analysers.collect();
    let mut found = Vec::new();
    for session in runs(day) {
        let model = session.load.model.made().unwrap();
        for message in &session.messages {
            let reading = analysers[&model].read(message);
            assert_eq!(reading.faults, [], "{model:?}: {}", String::from_utf8_lossy(message));
            found.extend(reading.observations.into_iter().map(|seen| (model, seen)));
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_day_and_another_seed_another() {
    for seed in SEEDS {
        assert_eq!(Day::plan(seed, 30), Day::plan(seed, 30), "seed {seed}");
        assert_ne!(Day::plan(seed, 30), Day::plan(seed + 1, 30), "seed {seed}");
    }
}

#[test]
fn every_donation_is_registered_once_pooled_at_most_once_and_has_its_end() {
    for seed in SEEDS {
        let day = Day::plan(seed, 45);
        let acts = day.chapters.iter().flat_map(|chapter| &chapter.acts);
        let registered = acts.flat_map(|act| match act {
            Act::Register(dins) => dins.clone(),
            Act::Record { .. } | Act::Run(_) => Vec::new(),
        });
        let registered: Vec<String> = registered.collect();
        let planned: Vec<String> = day.donations.iter().map(|d| d.planned.din.clone()).collect();
        assert_eq!(registered.len(), planned.len(), "seed {seed}");
        let distinct = |dins: &[String]| dins.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(distinct(&registered), distinct(&planned), "seed {seed}");
        let pools = records(&day).filter_map(|record| match record {
            Record::Pool(pool) => Some(pool),
            _ => None,
        });
        let members: Vec<String> = pools
            .inspect(|pool| assert!(pool.members.len() <= 6, "{pool:?}"))
            .flat_map(|pool| pool.members.iter().map(|din| din.as_str().to_owned()))
            .collect();
        assert_eq!(distinct(&members).len(), members.len(), "seed {seed}: nobody twice");
        let last: BTreeMap<&str, _> = day
            .chapters
            .iter()
            .flat_map(|chapter| &chapter.then)
            .map(|(din, intent)| (din.as_str(), *intent))
            .collect();
        for donation in &day.donations {
            assert_eq!(last[donation.planned.din.as_str()], donation.finally, "seed {seed}");
        }
    }
}

#[test]
fn a_day_shows_an_out_of_control_run_an_expired_lot_a_recall_and_a_reactive_pool() {
    let codes = |chapter: &Chapter| {
        chapter.then.iter().map(|(_, intent)| intent.code).collect::<BTreeSet<_>>()
    };
    let mut singly = 0;
    for seed in SEEDS {
        let day = Day::plan(seed, 60);
        let seen: BTreeSet<ReasonCode> = day.chapters.iter().flat_map(codes).collect();
        for code in [
            ReasonCode::QcFailExternal,
            ReasonCode::ReagentExpired,
            ReasonCode::LotRecalled,
            ReasonCode::NotSigned,
            ReasonCode::InitialReactive,
        ] {
            assert!(seen.contains(&code), "seed {seed}: {code:?}");
        }
        singly += usize::from(seen.contains(&ReasonCode::NatReactive));
        let released = day.donations.iter().filter(|d| d.finally.verdict == Verdict::Releasable);
        assert!(released.count() > 25, "seed {seed}: mostly releasable");
    }
    assert!(singly > 6, "a reactive pool on most days");
}

#[test]
fn pools_and_external_controls_are_read_without_a_fault_although_they_name_no_donation() {
    let day = Day::plan(2, 40);
    let pools: BTreeSet<&str> = records(&day)
        .filter_map(|record| match record {
            Record::Pool(pool) => Some(pool.id.as_str()),
            _ => None,
        })
        .collect();
    let mut met = BTreeSet::new();
    for (model, seen) in observations(&day) {
        if seen.kind != SpecimenKind::Donor || seen.din.is_some() {
            continue;
        }
        assert_eq!(model, Model::Cobas6800, "{seen:?}");
        assert_eq!(seen.unaccounted, [], "{seen:?}");
        assert!(seen.concerns.is_empty() || seen.reading == Some(Reading::Invalid), "{seen:?}");
        let id = seen.specimen_id.clone().unwrap();
        assert!(pools.contains(id.as_str()) || id == "QC2603", "{seen:?}");
        met.insert(id);
    }
    assert_eq!(met.len(), pools.len() + 1, "{met:?}");
}

#[test]
fn every_control_has_a_target_and_every_target_a_control_at_the_head_of_each_run() {
    let day = Day::plan(3, 40);
    let targets: BTreeSet<(String, String, String)> = records(&day)
        .filter_map(|record| match record {
            Record::Target(t) => {
                Some((t.analyser.clone(), t.test_code.clone(), t.material.clone()))
            }
            _ => None,
        })
        .collect();
    let mut sent = BTreeSet::new();
    for (model, seen) in observations(&day) {
        let is_control = seen.kind == SpecimenKind::Control;
        if is_control || seen.specimen_id.as_deref() == Some("QC2603") {
            let material = seen.specimen_id.unwrap();
            sent.insert((model.profile().to_owned(), seen.test_code, material));
        }
    }
    assert_eq!(sent, targets);
    let kits: BTreeSet<(String, String)> = records(&day)
        .filter_map(|record| match record {
            Record::Kit(kit) => Some((kit.profile.clone(), kit.test_code.clone())),
            _ => None,
        })
        .collect();
    let used: BTreeSet<(String, String)> = observations(&day)
        .into_iter()
        .map(|(model, seen)| (model.profile().to_owned(), seen.test_code))
        .collect();
    assert_eq!(used, kits, "every test that is run is bought as a kit");
    for session in runs(&day) {
        let model = session.load.model.made().unwrap();
        let tubes = session.load.tubes.iter();
        let positions: Vec<u32> = tubes.map(|tube| tube.position).collect();
        assert!(positions.first() > Some(&20) && positions.last() == Some(&23), "{model:?}");
    }
}

#[test]
fn serology_is_run_on_kits_of_two_makers_and_a_first_donor_is_grouped_twice() {
    let day = Day::plan(5, 40);
    let mut kits: BTreeMap<(String, Assay), BTreeSet<Model>> = BTreeMap::new();
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for (model, seen) in observations(&day) {
        let (Some(din), Some(assay)) = (&seen.din, seen.assay) else { continue };
        kits.entry((din.as_str().to_owned(), assay)).or_default().insert(model);
        let is_group = usize::from(assay == Assay::Abo);
        *groups.entry(din.as_str().to_owned()).or_default() += is_group;
    }
    for donation in &day.donations {
        let din = &donation.planned.din;
        for assay in [Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Tp] {
            assert_eq!(kits[&(din.clone(), assay)].len(), 2, "{din} {assay}");
        }
        let wanted = if donation.planned.donor.historic_group.is_none() { 2 } else { 1 };
        assert_eq!(groups[din], wanted, "{din}");
    }
}

#[test]
fn three_people_review_and_one_of_them_signs_last() {
    let day = Day::plan(1, 12);
    for chapter in day.chapters.iter().filter(|chapter| !chapter.then.is_empty()) {
        let signatures: Vec<(&str, &Statement)> = chapter
            .acts
            .iter()
            .filter_map(|act| match act {
                Act::Record { by, records } => match records.first()? {
                    Record::Donation(_, statement) => Some((*by, statement)),
                    _ => None,
                },
                Act::Register(_) | Act::Run(_) => None,
            })
            .collect();
        let people: BTreeSet<&str> = signatures.iter().map(|(by, _)| *by).collect();
        assert_eq!((people.len(), signatures.len()), (3, 3), "{}", chapter.title);
        let is_record = matches!(chapter.acts.last(), Some(Act::Record { .. }));
        assert!(is_record, "{}: nothing comes after the signature", chapter.title);
    }
}
