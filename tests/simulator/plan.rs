//! The plan itself: repeatable, complete, and possible in a real blood centre.

use std::collections::{BTreeMap, BTreeSet};

use hemogate::domain::{DonationNumberScheme, Verdict};
use hemogate::simulator::{Model, Morning, Specimen, donation_numbers};

use crate::profiled::profiled;

const SEEDS: std::ops::Range<u64> = 0..25;

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for seed in SEEDS {
        let morning = Morning::plan(seed, 40);
        assert_eq!(morning, Morning::plan(seed, 40), "seed {seed}");
        assert_ne!(bytes(&morning), bytes(&Morning::plan(seed + 1, 40)), "seed {seed}");
    }
}

fn bytes(morning: &Morning) -> Vec<Vec<u8>> {
    morning.sessions().flat_map(|session| session.messages.clone()).collect()
}

#[test]
fn donation_numbers_are_isbt_128() {
    let scheme = DonationNumberScheme::Isbt128;
    for seed in SEEDS {
        for number in donation_numbers(&mut fastrand::Rng::with_seed(seed), 200) {
            let scanned = scheme.parse(&number).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            assert_eq!(scanned.din.as_str(), number);
            assert!(scheme.parse(&format!("={number}00")).is_ok(), "as a scanner sends it");
        }
    }
}

#[test]
fn every_donation_stands_in_one_rack_of_at_most_five_tubes() {
    for seed in SEEDS {
        let morning = Morning::plan(seed, 97);
        let dins: Vec<&String> = morning.racks.iter().flat_map(|rack| &rack.dins).collect();
        let planned: Vec<&String> = morning.donations.iter().map(|d| &d.din).collect();
        assert_eq!(dins, planned, "seed {seed}");
        for session in morning.sessions() {
            let positions: Vec<u32> = session.load.tubes.iter().map(|t| t.position).collect();
            assert!(positions.is_sorted_by(|one, next| one < next), "{positions:?}");
            assert!(positions.iter().all(|position| *position <= 5), "{positions:?}");
        }
    }
}

#[test]
fn forty_donations_show_every_analyser_and_every_kind_of_verdict() {
    for seed in SEEDS {
        let morning = Morning::plan(seed, 40);
        let models: BTreeSet<Model> =
            morning.sessions().filter_map(|s| s.load.model.made()).collect();
        assert_eq!(models, BTreeSet::from(Model::BENCH), "seed {seed}");
        let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
        for donation in &morning.donations {
            *verdicts.entry(donation.scenario.intent().verdict).or_default() += 1;
        }
        assert!(verdicts[&Verdict::Releasable] > 20, "mostly releasable: {verdicts:?}");
        for verdict in [Verdict::Pending, Verdict::Hold, Verdict::Reject] {
            assert!(verdicts.contains_key(&verdict), "{verdict}: {verdicts:?}");
        }
    }
}

#[test]
fn controls_calibrations_repeats_late_registrations_and_second_sendings_happen() {
    let mornings: Vec<Morning> = SEEDS.map(|seed| Morning::plan(seed, 60)).collect();
    let racks = || mornings.iter().flat_map(|morning| &morning.racks);
    let tubes = || {
        let sessions = mornings.iter().flat_map(Morning::sessions);
        sessions.flat_map(|session| session.load.tubes.iter())
    };
    assert!(racks().any(|rack| rack.registered_late));
    assert!(racks().any(|rack| !rack.repeats.is_empty()));
    assert!(racks().flat_map(|rack| &rack.first).any(|session| session.sent_before));
    assert!(tubes().any(|tube| matches!(tube.specimen, Specimen::Control(_))));
    assert!(tubes().any(|tube| matches!(tube.specimen, Specimen::Calibrator(_))));
}

#[test]
fn no_analyser_reports_two_results_at_the_same_moment() {
    for seed in SEEDS {
        let morning = Morning::plan(seed, 60);
        let mut moments = BTreeSet::new();
        for session in morning.sessions().filter(|session| !session.sent_before) {
            for result in session.load.tubes.iter().flat_map(|tube| &tube.results) {
                let moment = (session.load.model.made(), result.completed);
                assert!(moments.insert(moment), "seed {seed}: {moment:?} twice");
            }
        }
    }
}

#[test]
fn blood_is_drawn_at_least_half_a_day_before_it_is_tested() {
    for seed in SEEDS {
        let morning = Morning::plan(seed, 60);
        let drawn = morning.donations.iter().map(|donation| donation.collected_at).max().unwrap();
        let results = morning.sessions().flat_map(|session| &session.load.tubes);
        let first = results.flat_map(|tube| &tube.results).map(|r| r.completed).min().unwrap();
        // Even if the analyser's clock were the easternmost of the world.
        let earliest = jiff::tz::Offset::constant(14).to_timestamp(first).unwrap();
        assert!(drawn < earliest, "seed {seed}");
    }
}

#[test]
fn one_analyser_alone_runs_every_donation_under_the_same_scenarios() {
    for model in Model::ALL {
        let numbers = donation_numbers(&mut fastrand::Rng::with_seed(3), 30);
        let alone = Morning::at_one_analyser(model, 3, numbers.clone());
        let other = Morning::at_one_analyser(Model::Vision, 3, numbers);
        assert_eq!(alone.donations, other.donations);
        assert!(alone.sessions().all(|session| session.load.model == model));
    }
}

#[test]
fn every_profile_that_ships_can_be_played() {
    let shipped: Vec<&str> = hemogate::analyser::shipped_names().collect();
    assert!(!shipped.is_empty());
    for name in &shipped {
        if let Err(why) = profiled(name) {
            assert!(Model::from_profile(name).is_some(), "{why}");
        }
    }
    for model in Model::ALL {
        assert!(shipped.contains(&model.profile()), "{model:?} is read by no profile");
    }
}
