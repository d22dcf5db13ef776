//! Every proposal of the laboratory that waits for a second person, and the last that got one: kept
//! in memory from the records, so that no page looks for them in the store.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;

use crate::domain::{Ground, Judgement, MessageStep, RackStep, Record, Statement};
use crate::limits;
use crate::store::{RecordEntry, Store, StoreError};

/// Proposals of the laboratory; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in crate::console) struct Waiting(Arc<Mutex<Gathered>>);

#[derive(Debug, Default)]
struct Gathered {
    /// The last record that was looked at.
    after: i64,
    is_whole: bool,
    open: BTreeMap<i64, Waits>,
    settled: VecDeque<Settled>,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Waits {
    pub(in crate::console) record: i64,
    pub(in crate::console) by: String,
    pub(in crate::console) at: Timestamp,
    pub(in crate::console) about: About,
    pub(in crate::console) ground: Ground,
    pub(in crate::console) text: String,
}

/// What a proposal is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) enum About {
    /// A donation: its number, and `amendment` or `correction`.
    Donation(String, &'static str),
    /// A message.
    Message(i64, Judgement),
    /// A rack's loading and the analyser.
    Rack(String, String),
}

/// A proposal that somebody else answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Settled {
    pub(in crate::console) proposal: Waits,
    pub(in crate::console) agreed: bool,
    pub(in crate::console) by: String,
    pub(in crate::console) at: Timestamp,
}

/// What is known now.
#[derive(Clone, Debug, Default)]
pub(in crate::console) struct Known {
    /// Oldest first.
    pub(in crate::console) open: Vec<Waits>,
    /// Latest first.
    pub(in crate::console) settled: Vec<Settled>,
    /// Whether every record was looked at.
    pub(in crate::console) is_whole: bool,
}

impl Waiting {
    /// Gathers what is on record already, on a thread of its own that ends with that or with this:
    /// no page waits for the records of years.
    pub(in crate::console) fn gathering(store: &Store) -> Waiting {
        let waiting = Waiting::default();
        let (gathered, store) = (Arc::downgrade(&waiting.0), store.clone());
        let gather = move || {
            while let Some(gathered) = gathered.upgrade() {
                match Waiting(gathered).catch_up(&store) {
                    Ok(known) if known.is_whole => break,
                    Ok(_) => {}
                    // The next page looks again.
                    Err(_) => break,
                }
            }
        };
        let thread = thread::Builder::new().name("proposals".to_owned());
        if let Err(error) = thread.spawn(gather) {
            tracing::warn!(%error, "no thread for proposals on record: pages gather them");
        }
        waiting
    }

    /// Looks at what came since, a bounded number of records at a time.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub(in crate::console) fn catch_up(&self, store: &Store) -> Result<Known, StoreError> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.is_whole = false;
        for _ in 0..limits::CONSOLE_CATCH_UP_PAGES {
            let page = store.records(gathered.after, limits::RECORDS_PAGE_MAX)?;
            if page.is_empty() {
                gathered.is_whole = true;
                break;
            }
            page.into_iter().for_each(|entry| gathered.take(entry));
        }
        Ok(gathered.known())
    }
}

impl Gathered {
    fn take(&mut self, entry: RecordEntry) {
        self.after = self.after.max(entry.number);
        match Step::of(&entry) {
            Some(Step::Proposed(waits)) => {
                self.open.insert(waits.record, waits);
            }
            Some(Step::Answered(number, agreed)) => self.answer(&entry, number, agreed),
            None => {}
        }
    }

    /// The proposer's own agreement is none.
    fn answer(&mut self, entry: &RecordEntry, number: i64, agreed: bool) {
        let counts = |waits: &Waits| !(agreed && waits.by == entry.by);
        if !self.open.get(&number).is_some_and(counts) {
            return;
        }
        let Some(proposal) = self.open.remove(&number) else { return };
        self.settled.push_front(Settled { proposal, agreed, by: entry.by.clone(), at: entry.at });
        self.settled.truncate(limits::CONSOLE_SETTLED_SHOWN);
    }

    fn known(&self) -> Known {
        Known {
            open: self.open.values().cloned().collect(),
            settled: self.settled.iter().cloned().collect(),
            is_whole: self.is_whole,
        }
    }
}

enum Step {
    Proposed(Waits),
    Answered(i64, bool),
}

impl Step {
    fn of(entry: &RecordEntry) -> Option<Step> {
        let proposed = |about, grounds: &crate::domain::Grounds| {
            Some(Step::Proposed(Waits {
                record: entry.number,
                by: entry.by.clone(),
                at: entry.at,
                about,
                ground: grounds.ground,
                text: grounds.text.clone(),
            }))
        };
        match &entry.record {
            Record::Donation(din, Statement::Proposed(proposal)) => {
                let matter = super::proposals::matter(&proposal.matter);
                proposed(About::Donation(din.to_string(), matter), &proposal.grounds)
            }
            Record::Donation(_, Statement::Agreed(number)) => Some(Step::Answered(*number, true)),
            Record::Donation(_, Statement::TurnedDown(number)) => {
                Some(Step::Answered(*number, false))
            }
            Record::Message(about) => match &about.step {
                MessageStep::Proposed(judgement, grounds) => {
                    proposed(About::Message(about.message, *judgement), grounds)
                }
                MessageStep::Agreed(number) => Some(Step::Answered(*number, true)),
                MessageStep::TurnedDown(number) => Some(Step::Answered(*number, false)),
            },
            Record::Rack(rack) => match &rack.step {
                RackStep::Proposed { analyser, grounds } => {
                    proposed(About::Rack(rack.loading.clone(), analyser.clone()), grounds)
                }
                RackStep::Agreed(number) => Some(Step::Answered(*number, true)),
                RackStep::TurnedDown(number) => Some(Step::Answered(*number, false)),
                RackStep::Opened(_) | RackStep::Closed | RackStep::Ended(_) => None,
            },
            Record::Donation(..)
            | Record::Kit(_)
            | Record::Lot(_)
            | Record::Target(_)
            | Record::ControlFailure(_)
            | Record::Pool(_)
            | Record::Run(_)
            | Record::Eqa(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Grounds, MessageRecord};

    fn entry(number: i64, by: &str, step: MessageStep) -> RecordEntry {
        RecordEntry {
            number,
            by: by.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            after_observation: 0,
            record: Record::Message(MessageRecord { message: 4, step }),
        }
    }

    fn proposal() -> MessageStep {
        let grounds = Grounds { ground: Ground::WithoutMeaning, text: "a comment".to_owned() };
        MessageStep::Proposed(Judgement::Accepted, grounds)
    }

    #[test]
    fn a_proposal_waits_until_somebody_else_answers() {
        let mut gathered = Gathered::default();
        gathered.take(entry(1, "li", proposal()));
        gathered.take(entry(2, "li", MessageStep::Agreed(1)));
        assert_eq!(gathered.known().open.len(), 1);
        gathered.take(entry(3, "wang", MessageStep::Agreed(1)));
        gathered.take(entry(4, "zhao", MessageStep::TurnedDown(1)));
        let known = gathered.known();
        assert!(known.open.is_empty());
        assert_eq!(known.settled.len(), 1);
        assert!(known.settled[0].agreed);
        assert_eq!(known.settled[0].by, "wang");
    }

    #[test]
    fn only_the_last_settled_ones_are_kept() {
        let mut gathered = Gathered::default();
        for number in 0..=i64::try_from(limits::CONSOLE_SETTLED_SHOWN).unwrap() {
            gathered.take(entry(2 * number + 1, "li", proposal()));
            gathered.take(entry(2 * number + 2, "wang", MessageStep::TurnedDown(2 * number + 1)));
        }
        assert_eq!(gathered.known().settled.len(), limits::CONSOLE_SETTLED_SHOWN);
    }
}
