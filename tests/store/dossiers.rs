//! A dossier holds everything that a donation's verdicts stand on, and where it is in the chain.

use hemogate::domain::{
    Assay, ControlSource, ControlTarget, Expected, LotRecord, LotStanding, Observation, Pool,
    Reading, Record, ReviewStep, SpecimenKind, Statement,
};
use hemogate::store::{Archive, Dossier};
use sha2::{Digest, Sha256};

use crate::bench::*;

fn history() -> (Bench, Dossier) {
    let bench = Bench::new();
    let store = bench.open();
    store.keep_profile("roche-cobas-e601", &"ab".repeat(32), "name = \"e601\"").unwrap();
    let (analyser, test_code) = ("e601".to_owned(), "HBSAG".to_owned());
    let (material, source) = ("PC".to_owned(), ControlSource::Kit);
    let expected = Expected::Reading(Reading::Reactive);
    let (control_lot, level) = (None, 1);
    let target =
        ControlTarget { analyser, test_code, material, control_lot, level, source, expected };
    put(&store, Record::Target(target), "u1");
    let control = Observation {
        kind: SpecimenKind::Control,
        specimen_id: Some("PC".to_owned()),
        din: None,
        reading: Some(Reading::Reactive),
        ..observation(0, Assay::Hbsag, "9.0")
    };
    record(&store, message("control", vec![control]));
    let members = vec![din(1), din(2)];
    put(&store, Record::Pool(Pool { id: "P1".to_owned(), members, made_by: None }), "u1");
    let tube = Observation {
        specimen_id: Some("P1".to_owned()),
        din: None,
        ..observation(0, Assay::Nat, "R")
    };
    let tube = Observation { reading: Some(Reading::Reactive), ..tube };
    record(&store, message("tube", vec![tube]));
    record(&store, message("other", vec![observation(2, Assay::Nat, "NR")]));
    record(&store, message("unrelated", full_panel(9)));
    register(&store, registration(1)).unwrap();
    record(&store, message("own", full_panel(1)));
    record(&store, cut("half", vec![din(1)]));
    let (profile, test_code) = ("roche-cobas-e601".to_owned(), "HBSAG".to_owned());
    for lot in ["12345", "of somebody else"] {
        let (lot, standing) = (lot.to_owned(), LotStanding::Recalled);
        let (profile, test_code) = (profile.clone(), test_code.clone());
        put(
            &store,
            Record::Lot(LotRecord { profile, test_code, lot, standing, expiry: None }),
            "u",
        );
    }
    say(&store, 1, Statement::Signature(ReviewStep::Signed), "u2");
    let dossier = store.dossier(&din(1)).unwrap().unwrap();
    assert_eq!(store.dossier(&din(77)).unwrap(), None);
    (bench, dossier)
}

#[test]
fn everything_behind_the_verdicts_is_in_it_and_nothing_else() {
    let (bench, dossier) = history();
    let bytes: Vec<&str> =
        dossier.messages.iter().map(|one| str::from_utf8(&one.bytes).unwrap()).collect();
    assert_eq!(bytes, ["control", "tube", "other", "own", "half"]);
    assert_eq!(dossier.controls.len(), 1);
    assert_eq!(dossier.others.len(), 1);
    assert_eq!(dossier.profiles.len(), 1);
    let kinds: Vec<&str> = dossier
        .records
        .iter()
        .map(|one| match &one.what {
            Record::Donation(..) => "donation",
            Record::Kit(_) => "kit",
            Record::Lot(_) => "lot",
            Record::Target(_) => "target",
            Record::Rack(_) | Record::Message(_) | Record::Run(_) | Record::Eqa(_) => "note",
            Record::ControlFailure(_) => "failure",
            Record::Pool(_) => "pool",
        })
        .collect();
    assert_eq!(kinds, ["target", "pool", "lot", "donation"]);
    assert_eq!(dossier.facts_now.observations.len(), 8);
    let by_record: Vec<_> =
        dossier.verdicts.iter().filter(|verdict| verdict.cause.0 == "record").collect();
    assert!(by_record.iter().all(|verdict| verdict.record_to >= verdict.cause.1), "{by_record:?}");
    assert!(!by_record.is_empty());
    assert_eq!(dossier.rule_sets[0].identity, dossier.verdicts[0].rule_set);
    let archive = Archive::open(&bench.path()).unwrap();
    assert_eq!(archive.dossier(&din(1)).unwrap().as_ref(), Some(&dossier));
    let last = dossier.verdicts.last().unwrap().seq;
    assert_eq!(archive.facts_of_verdict(last).unwrap(), Some(dossier.facts));
    assert_eq!(archive.facts_of_verdict(last + 100).unwrap(), None);
}

#[test]
fn every_row_of_it_is_in_a_commit_whose_hash_can_be_computed_again() {
    let (_bench, dossier) = history();
    let held: Vec<(&str, i64)> =
        dossier.ledger.iter().flat_map(|link| link.holds.iter().copied()).collect();
    for message in &dossier.messages {
        assert!(held.contains(&("message", message.message)), "{held:?}");
    }
    for verdict in &dossier.verdicts {
        assert!(held.contains(&("verdict", verdict.seq)), "{held:?}");
    }
    assert!(held.contains(&("registration", 1)));
    let first = &dossier.ledger[0];
    let mut hasher = Sha256::new();
    hasher.update(first.previous);
    hasher.update(first.n.to_be_bytes());
    first.counts[..9].iter().for_each(|(_, count)| hasher.update(count.to_be_bytes()));
    hasher.update(first.digest);
    assert_eq!(first.holds, [("rule_set", 1)], "the first commit adds to no later table");
    assert_eq!(<[u8; 32]>::from(hasher.finalize()), first.hash);
    let chained = dossier.ledger.windows(2).filter(|pair| pair[0].n + 1 == pair[1].n);
    assert!(chained.clone().count() > 3);
    assert!(chained.into_iter().all(|pair| pair[0].hash == pair[1].previous));
}
