//! What each tube will yield, determination by determination.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::Assay;
use crate::simulator::script::healthy;
use crate::simulator::{Morning, Outcome, PlannedResult, Specimen};

/// The outcomes that are still to come.
pub(super) struct Shelf {
    planned: BTreeMap<(String, Assay), VecDeque<Planned>>,
    donations: BTreeSet<String>,
}

#[derive(Clone, Copy)]
struct Planned {
    outcome: Outcome,
    odd_flag: Option<&'static str>,
}

impl Shelf {
    /// Everything that the plan has for donors, first runs before repeats.
    pub fn of(morning: &Morning) -> Shelf {
        let donations = morning.donations.iter().map(|donation| donation.din.clone()).collect();
        let mut shelf = Shelf { planned: BTreeMap::new(), donations };
        for session in morning.sessions().filter(|session| !session.sent_before) {
            for tube in &session.load.tubes {
                if let Specimen::Donor(din) = &tube.specimen {
                    tube.results.iter().for_each(|result| shelf.put(din, result));
                }
            }
        }
        shelf
    }

    /// Whether this donation is in the plan.
    pub fn has(&self, din: &str) -> bool {
        self.donations.contains(din)
    }

    fn put(&mut self, din: &str, result: &PlannedResult) {
        let planned = Planned { outcome: result.outcome, odd_flag: result.odd_flag };
        self.planned.entry((din.to_owned(), result.assay)).or_default().push_back(planned);
    }

    /// The next outcome; the last one comes again when more is ordered than was planned. Nothing
    /// where the plan has nothing: the analyser gets no result then. A donation that is in no plan
    /// is a healthy donor's.
    pub fn take(&mut self, din: &str, assay: Assay) -> Option<(Outcome, Option<&'static str>)> {
        if !self.donations.contains(din) {
            return Some((healthy(assay), None));
        }
        let waiting = self.planned.get_mut(&(din.to_owned(), assay))?;
        let planned =
            if waiting.len() > 1 { waiting.pop_front() } else { waiting.front().copied() }?;
        Some((planned.outcome, planned.odd_flag))
    }
}
