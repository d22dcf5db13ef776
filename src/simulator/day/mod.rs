//! A day in a laboratory under rules that ask for more than results: kits of two makers, pools of
//! six for nucleic acid tests, controls around every run, reagent lots, review and signature.
//!
//! Like a [`Morning`](super::Morning), a day is planned from a seed, states by hand what must
//! become of every donation, and knows no rules. It is told in chapters, each with what must be
//! seen at its end: an expired lot and an out-of-control run are put right again, and a recall
//! comes last.

mod batch;
mod controls;
mod laboratory;

use fastrand::Rng;

use super::{Intent, PlannedDonation, Scenario, Session, donation_numbers};
use crate::domain::{ReasonCode, Record, Verdict};
use batch::{Batch, Turn};

/// A planned day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The donations, in the order in which they are tested.
    pub donations: Vec<DayDonation>,
    /// What happens, in order.
    pub chapters: Vec<Chapter>,
}

/// A donation, and what must have become of it in the evening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayDonation {
    /// Who gave it, when, and what its tests will find.
    pub planned: PlannedDonation,
    /// What must become of it.
    pub finally: Intent,
}

/// A part of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// What it is about, for people.
    pub title: String,
    /// What is done, in order.
    pub acts: Vec<Act>,
    /// What must be seen when all of it is done, by donation number.
    pub then: Vec<(String, Intent)>,
}

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Inventory registers these donations.
    Register(Vec<String>),
    /// Somebody puts something on record.
    Record {
        /// Who.
        by: &'static str,
        /// What.
        records: Vec<Record>,
    },
    /// Analysers send these; they do not wait for one another.
    Run(Vec<Session>),
}

/// Donations that are tested together: as many as go into one pool.
const BATCH: usize = 6;
/// Who keeps the reagents.
const KEEPER: &str = "chen.reagents";

/// What is to be shown with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    /// What a day brings.
    Usual,
    /// An external control is out of control; the run is repeated.
    OutOfControl,
    /// An expired lot is on board; the run is repeated.
    Expired,
    /// The lot is recalled after everything was signed.
    Recalled,
}

impl Show {
    const fn of(batch: usize) -> Show {
        match batch {
            1 => Show::OutOfControl,
            2 => Show::Expired,
            3 => Show::Recalled,
            _ => Show::Usual,
        }
    }
}

impl Day {
    /// A day with so many donations.
    pub fn plan(seed: u64, donations: usize) -> Day {
        let mut rng = Rng::with_seed(seed);
        let numbers = donation_numbers(&mut rng, donations);
        let mut scenarios = Scenario::deal(&mut rng, donations).into_iter();
        let mut turn = Turn::default();
        let mut day = Day { donations: Vec::new(), chapters: vec![opening()] };
        for (place, numbers) in numbers.chunks(BATCH).enumerate() {
            let mut batch = Batch::plan(place, Show::of(place), numbers, &mut scenarios, &mut rng);
            day.chapters.extend(batch.chapters(&mut turn, &mut rng));
            day.donations.append(&mut batch.donations);
        }
        day.chapters.extend(recall(&day.donations));
        day
    }
}

fn opening() -> Chapter {
    Chapter {
        title: "The laboratory puts its kits, reagent lots and control targets on record"
            .to_owned(),
        acts: vec![Act::Record { by: KEEPER, records: laboratory::records() }],
        then: Vec::new(),
    }
}

/// The evening: what was released by a recalled lot comes back.
fn recall(donations: &[DayDonation]) -> Option<Chapter> {
    let recalled = |donation: &&DayDonation| donation.finally.verdict == Verdict::Recalled;
    let then: Vec<(String, Intent)> = donations
        .iter()
        .filter(recalled)
        .map(|donation| (donation.planned.din.clone(), donation.finally))
        .collect();
    let lot = laboratory::RECALLED_LOT;
    (!then.is_empty()).then(|| Chapter {
        title: format!("Abbott recalls its lot {lot}: what was released by it comes back"),
        acts: vec![Act::Record { by: KEEPER, records: laboratory::recall(lot) }],
        then,
    })
}

const fn intent(verdict: Verdict, code: ReasonCode) -> Intent {
    Intent { verdict, code }
}
