//! A seeded morning: who donated, in which rack each tube stands, and what must become of every
//! donation.

use fastrand::Rng;
use jiff::civil::{DateTime, datetime};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::course::{group, group_on_record};
use super::rack::{Bench, Filling};
use super::{Played, Rack, Scenario, Session, donation_numbers};
use crate::domain::{Donor, DonorKind, HistoricGroup, RhdType};

/// A planned morning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Morning {
    /// The donations, in the order they stand in the racks.
    pub donations: Vec<PlannedDonation>,
    /// The racks, in the order they are run.
    pub racks: Vec<Rack>,
}

/// A donation, and what is going to happen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedDonation {
    /// The donation number.
    pub din: String,
    /// When the blood was drawn: the day before the tests.
    pub collected_at: Timestamp,
    /// The collecting site.
    pub site: &'static str,
    /// What inventory knows of the donor.
    pub donor: Donor,
    /// What happens.
    pub scenario: Scenario,
    /// The group the tests find; as on record unless the scenario says otherwise.
    pub group: HistoricGroup,
}

const SITES: [&str; 3] = ["Bus 1", "Bus 2", "Main hall"];
/// The analysers' clocks when the first rack goes in, give or take a quarter of an hour.
const FIRST_RACK: DateTime = datetime(2026, 3, 2, 8, 0, 0, 0);
/// Blood was drawn within six hours after this.
const FIRST_DONOR: Timestamp = Timestamp::constant(1_772_328_600, 0); // 2026-03-01T01:30:00Z

impl Morning {
    /// A morning with so many donations at a bench with all six analysers.
    pub fn plan(seed: u64, donations: usize) -> Morning {
        let mut rng = Rng::with_seed(seed);
        let numbers = donation_numbers(&mut rng, donations);
        Morning::of(numbers, &Bench::Whole, &mut rng)
    }

    /// A morning at one analyser that runs every one of these donations.
    pub fn at_one_analyser(played: impl Into<Played>, seed: u64, numbers: Vec<String>) -> Morning {
        Morning::of(numbers, &Bench::Only(played.into()), &mut Rng::with_seed(seed))
    }

    /// Every session of the morning, rack by rack, repeats after first runs.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.racks.iter().flat_map(|rack| rack.first.iter().chain(&rack.repeats))
    }

    fn of(numbers: Vec<String>, bench: &Bench, rng: &mut Rng) -> Morning {
        let scenarios = Scenario::deal(rng, numbers.len());
        let donations: Vec<PlannedDonation> = numbers
            .into_iter()
            .zip(scenarios)
            .map(|(din, scenario)| PlannedDonation::of(din, scenario, rng))
            .collect();
        let racks = run(&donations, bench, rng);
        Morning { donations, racks }
    }
}

/// Puts the tubes into racks and runs one rack after the other.
fn run(donations: &[PlannedDonation], bench: &Bench, rng: &mut Rng) -> Vec<Rack> {
    let start = FIRST_RACK.saturating_add(rng.i64(-900..=900).seconds());
    let mut racks = Vec::new();
    let mut waiting = donations;
    while !waiting.is_empty() {
        let number = u32::try_from(racks.len()).unwrap_or(u32::MAX).saturating_add(1);
        let filling = Filling::next(number, &mut waiting, rng);
        racks.push(filling.run(bench, start, rng));
    }
    racks
}

impl PlannedDonation {
    fn of(din: String, scenario: Scenario, rng: &mut Rng) -> PlannedDonation {
        let group = group(rng);
        PlannedDonation::of_group(din, scenario, group, rng)
    }

    /// A donor of this RhD type, whatever the scenario.
    pub(super) fn with_rhd(
        din: String,
        scenario: Scenario,
        rhd: RhdType,
        rng: &mut Rng,
    ) -> PlannedDonation {
        let group = HistoricGroup { rhd, ..group(rng) };
        PlannedDonation::of_group(din, scenario, group, rng)
    }

    fn of_group(
        din: String,
        scenario: Scenario,
        group: HistoricGroup,
        rng: &mut Rng,
    ) -> PlannedDonation {
        PlannedDonation {
            din,
            collected_at: FIRST_DONOR + SignedDuration::from_mins(rng.i64(0..360)),
            site: rng.choice(SITES).unwrap_or("Main hall"),
            donor: donor(scenario, group, rng),
            scenario,
            group,
        }
    }
}

/// About two donors in five come for the first time; only the others have a group on record.
fn donor(scenario: Scenario, group: HistoricGroup, rng: &mut Rng) -> Donor {
    let on_record = group_on_record(scenario, group);
    let known = on_record != group || rng.u32(0..5) >= 2;
    Donor {
        kind: if known { DonorKind::Repeat } else { DonorKind::First },
        deferred: scenario == Scenario::Deferred,
        historic_group: known.then_some(on_record),
    }
}
