//! Faults of the bench: what each does to what the analyser sends, and the same from the same seed.

use std::collections::BTreeSet;

use hemogate::simulator::{
    Fault, Faults, Mishap, Model, Morning, Session, Specimen, Tally, donation_numbers,
};

const SEEDS: std::ops::Range<u64> = 0..10;

fn clean(seed: u64) -> Morning {
    let numbers = donation_numbers(&mut fastrand::Rng::with_seed(seed), 20);
    Morning::at_one_analyser(Model::Maglumi, seed, numbers)
}

fn befallen(seed: u64, fault: Fault) -> (Morning, Vec<Mishap>, Tally) {
    let mut morning = clean(seed);
    let tally = Tally::default();
    let mishaps = morning.befall(&Faults::of([(fault, 1_000)]), seed, &tally);
    assert!(!mishaps.is_empty(), "{fault}, seed {seed}");
    assert_eq!(tally.of(fault), mishaps.len() as u64, "{fault}, seed {seed}");
    (morning, mishaps, tally)
}

/// Positions at which this donation is reported in a rack, and the bytes of it.
fn reported(morning: &Morning, rack: u32, din: &str) -> (BTreeSet<u32>, usize) {
    let sessions: Vec<&Session> =
        morning.sessions().filter(|session| session.load.rack == rack).collect();
    let tubes = sessions.iter().flat_map(|session| &session.load.tubes);
    let mine = tubes.filter(|tube| tube.specimen == Specimen::Donor(din.to_owned()));
    let messages = sessions.iter().flat_map(|session| &session.messages);
    let text = |message: &&Vec<u8>| String::from_utf8_lossy(message).contains(din);
    (mine.map(|tube| tube.position).collect(), messages.filter(text).count())
}

#[test]
fn a_duplicate_id_is_reported_at_two_positions_and_its_victim_at_none() {
    for seed in SEEDS {
        let (morning, mishaps, _) = befallen(seed, Fault::DuplicateId);
        for Mishap { rack, concerned, never_releasable, .. } in mishaps {
            let [one, other] = concerned.as_slice() else { panic!("{concerned:?}") };
            assert_eq!(reported(&morning, rack, one).0.len(), 2, "seed {seed}");
            assert_eq!(reported(&morning, rack, other), (BTreeSet::new(), 0), "seed {seed}");
            assert_eq!(never_releasable, concerned);
        }
    }
}

#[test]
fn swapped_tubes_are_reported_at_each_other_s_position() {
    for seed in SEEDS {
        let (morning, mishaps, _) = befallen(seed, Fault::SwappedTubes);
        let before = clean(seed);
        for Mishap { rack, concerned, .. } in mishaps {
            let [one, other] = concerned.as_slice() else { panic!("{concerned:?}") };
            let places = |morning, din| reported(morning, rack, din).0;
            assert_eq!(places(&morning, one), places(&before, other), "seed {seed}");
            assert_eq!(places(&morning, other), places(&before, one), "seed {seed}");
        }
    }
}

#[test]
fn a_shifted_rack_reports_each_tube_under_the_next_one_s_number() {
    for seed in SEEDS {
        let (morning, mishaps, _) = befallen(seed, Fault::ShiftedRack);
        let before = clean(seed);
        for Mishap { rack, concerned, never_releasable, .. } in mishaps {
            assert_eq!(never_releasable, concerned[..1], "nothing is reported for the first");
            assert_eq!(reported(&morning, rack, &concerned[0]).1, 0, "seed {seed}");
            for pair in concerned.windows(2) {
                let (was, is) = (&pair[0], &pair[1]);
                let places = |morning, din| reported(morning, rack, din).0;
                assert_eq!(places(&morning, is), places(&before, was), "seed {seed}");
            }
        }
    }
}

#[test]
fn a_dropped_flag_was_there_the_first_time() {
    for seed in SEEDS {
        let (morning, mishaps, _) = befallen(seed, Fault::DroppedFlag);
        for Mishap { rack, concerned, never_releasable, .. } in mishaps {
            assert_eq!(concerned, never_releasable);
            let messages = morning.sessions().filter(|session| session.load.rack == rack);
            let messages: Vec<String> = messages
                .flat_map(|session| &session.messages)
                .map(|message| String::from_utf8_lossy(message).into_owned())
                .filter(|message| message.contains(&concerned[0]))
                .collect();
            let flagged = messages.iter().position(|message| message.contains("|X9|")).unwrap();
            let dropped = messages.iter().rposition(|message| !message.contains("|X9|")).unwrap();
            assert!(flagged < dropped, "seed {seed}: {messages:?}");
        }
    }
}

#[test]
fn a_double_session_is_the_same_byte_for_byte() {
    for seed in SEEDS {
        let (morning, mishaps, _) = befallen(seed, Fault::DoubleSession);
        assert_eq!(mishaps.len(), clean(seed).sessions().count());
        let sessions: Vec<&Session> = morning.sessions().collect();
        for pair in sessions.chunks(2) {
            assert_eq!(pair[0].messages, pair[1].messages, "seed {seed}");
            assert!(pair[1].sent_before);
        }
    }
}

#[test]
fn the_same_seed_brings_the_same_mishaps_and_no_rate_brings_none() {
    for fault in [Fault::DuplicateId, Fault::ShiftedRack, Fault::SwappedTubes, Fault::DroppedFlag] {
        let once = befallen(3, fault);
        let again = befallen(3, fault);
        assert_eq!((once.0, once.1), (again.0, again.1), "{fault}");
    }
    let mut morning = clean(3);
    let none = morning.befall(&Faults::default(), 3, &Tally::default());
    assert_eq!((morning, none), (clean(3), Vec::new()));
}
