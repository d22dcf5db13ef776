//! What the racks' pages share: one writer for each loading at a time, and the answers that were
//! given, so that a scan which comes once more is answered as before and writes nothing.
//!
//! Two scans that came with the same version of a loading: the first changes it, the second is
//! refused. Without one writer at a time both would see the old one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as Turn;

use super::refusal::Refusal;
use crate::domain::DonationNumber;
use crate::limits;

/// Shared by every page; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in crate::console) struct RackDesk {
    benches: Arc<Mutex<HashMap<String, Arc<Turn<Bench>>>>>,
}

/// What was answered about one loading.
#[derive(Debug, Default)]
pub(super) struct Bench {
    answers: VecDeque<(String, Answer)>,
}

/// The answer to one scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The page's own number of the scan.
    pub(super) sequence: u64,
    /// As it was sent.
    pub(super) position: String,
    /// As it was sent.
    pub(super) text: String,
    /// What stands there now, and whether it stood there before; or why it was refused.
    pub(super) outcome: Result<(DonationNumber, u32), Refusal>,
}

impl RackDesk {
    /// The bench of a loading; to be locked for as long as something is decided about it.
    pub(super) fn bench(&self, loading: &str) -> Arc<Turn<Bench>> {
        let mut benches = self.benches.lock().unwrap_or_else(PoisonError::into_inner);
        if benches.len() >= limits::RACK_BENCHES_MAX && !benches.contains_key(loading) {
            // Whoever is at work has a hand on it.
            benches.retain(|_, bench| Arc::strong_count(bench) > 1);
        }
        Arc::clone(benches.entry(loading.to_owned()).or_default())
    }
}

impl Bench {
    /// What was answered to this scan of this page.
    pub(super) fn answered(&self, page: &str, sequence: u64) -> Option<&Answer> {
        let is_it =
            |(known, answer): &&(String, Answer)| known == page && answer.sequence == sequence;
        self.answers.iter().rev().find(is_it).map(|(_, answer)| answer)
    }

    /// The highest number that this page has sent.
    pub(super) fn last(&self, page: &str) -> u64 {
        let of_page = self.answers.iter().filter(|(known, _)| known == page);
        of_page.map(|(_, answer)| answer.sequence).max().unwrap_or(0)
    }

    /// Remembers an answer.
    pub(super) fn remember(&mut self, page: String, answer: Answer) {
        self.answers.push_back((page, answer));
        while self.answers.len() > limits::SCANS_REMEMBERED {
            self.answers.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(sequence: u64) -> Answer {
        let (position, text) = ("1".to_owned(), "x".to_owned());
        Answer { sequence, position, text, outcome: Err(Refusal::Blank) }
    }

    #[test]
    fn as_many_answers_are_remembered_as_the_bound_and_not_one_more() {
        let mut bench = Bench::default();
        for sequence in 1..=limits::SCANS_REMEMBERED as u64 {
            bench.remember("p".to_owned(), answer(sequence));
        }
        assert!(bench.answered("p", 1).is_some());
        assert!(bench.answered("q", 1).is_none());
        bench.remember("p".to_owned(), answer(0));
        assert!(bench.answered("p", 1).is_none());
        assert_eq!(bench.last("p"), limits::SCANS_REMEMBERED as u64);
    }

    #[test]
    fn benches_of_nobody_are_cleared_away_at_the_bound() {
        let desk = RackDesk::default();
        let held = desk.bench("held");
        for number in 1..=limits::RACK_BENCHES_MAX {
            desk.bench(&number.to_string());
        }
        let count = desk.benches.lock().unwrap().len();
        assert!(count <= limits::RACK_BENCHES_MAX, "{count}");
        assert!(Arc::ptr_eq(&held, &desk.bench("held")));
    }
}
