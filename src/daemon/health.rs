//! Tells somebody when the store stops taking entries, once, and when it takes them again; and
//! tells the sessions, so that analysers hear that we are busy. Looks in the same way after the
//! wire journal, and after the alarms of the lines that come with time. Readiness is the store's
//! alone: a line that is silent, or a journal that is not written, keeps no result from being
//! stored.

use tokio::sync::watch;

use super::guard::Guard;
use super::lots::Lots;
use crate::journal::{self, Journal};
use crate::session::Stop;
use crate::store::{Health, Store, StoreError};
use crate::telemetry::{Measured, MeasuredJournal, Telemetry};
use crate::traffic::Board;
use crate::{clock, limits};

/// What is looked after.
#[derive(Clone)]
pub(super) struct Watching {
    pub(super) store: Store,
    pub(super) telemetry: Telemetry,
    pub(super) board: Board,
    pub(super) journal: Option<Journal>,
}

impl Watching {
    /// Everything that is counted elsewhere, as it is now.
    pub(super) fn measure(&self) -> Measured {
        Measured {
            store: self.store.counters(),
            store_health: self.store.health(),
            lines: self.board.numbers(),
            journal: self.journal.as_ref().map(|journal| MeasuredJournal {
                numbers: journal.numbers(),
                is_writing: journal.health() == journal::Health::Writing,
            }),
        }
    }
}

/// What is looked at less often.
pub(super) struct Looking {
    pub(super) guard: Guard,
    pub(super) lots: Lots,
}

/// Looks at the store, the journal and the lines until the stop; `ready` moves when the store stops
/// or begins to take entries.
pub(super) async fn watch(
    watching: Watching,
    mut looking: Looking,
    ready: watch::Sender<bool>,
    mut stop: Stop,
) {
    let Watching { store, telemetry, board, journal } = watching;
    let mut journal_seen = journal::Health::Writing;
    let mut seen = Seen { health: Health::Writing, failures: 0 };
    while !stop.is_ordered() {
        board.check(clock::now());
        looking.guard.look(clock::now(), &store, &telemetry);
        looking.lots.look(clock::now().moment, &store, &telemetry).await;
        let health = store.health();
        ready.send_if_modified(|ready| set(ready, matches!(health, Health::Writing)));
        for news in seen.compare(health, store.counters().failures) {
            match news {
                News::Failing(error) => telemetry.store_failing(&error),
                News::Recovered => telemetry.store_recovered(),
            }
        }
        if let Some(journal) = &journal {
            tell_of_journal(&telemetry, &mut journal_seen, journal.health());
        }
        // Whichever comes first, the loop looks again.
        let _elapsed = tokio::time::timeout(limits::HEALTH_INTERVAL, stop.ordered()).await;
    }
}

/// Once when it fails, or fails for another reason, and once when it is written again.
fn tell_of_journal(telemetry: &Telemetry, seen: &mut journal::Health, health: journal::Health) {
    if *seen == health {
        return;
    }
    match &health {
        journal::Health::Failing(why) => telemetry.journal_failing(why),
        journal::Health::Writing => telemetry.journal_recovered(),
    }
    *seen = health;
}

/// Whether that is something new.
fn set(known: &mut bool, now: bool) -> bool {
    std::mem::replace(known, now) != now
}

/// What was known at the last look.
struct Seen {
    health: Health,
    failures: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum News {
    Failing(StoreError),
    Recovered,
}

impl Seen {
    /// What is new since the last look; a failure that came and went between two looks is news.
    fn compare(&mut self, health: Health, failures: u64) -> Vec<News> {
        let news = match (&self.health, &health) {
            (Health::Failing(before), Health::Failing(now)) if before == now => Vec::new(),
            (_, Health::Failing(now)) => vec![News::Failing(now.clone())],
            (Health::Failing(_), Health::Writing) => vec![News::Recovered],
            (Health::Writing, Health::Writing) if self.failures == failures => Vec::new(),
            (Health::Writing, Health::Writing) => vec![passing(), News::Recovered],
        };
        *self = Seen { health, failures };
        news
    }
}

fn passing() -> News {
    News::Failing(StoreError::Failed("a transaction failed, the next one committed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_writing() -> Seen {
        Seen { health: Health::Writing, failures: 0 }
    }

    #[test]
    fn a_failing_store_is_told_once_until_the_cause_changes_or_is_gone() {
        let mut seen = seen_writing();
        let full = || Health::Failing(StoreError::Full);
        let locked = || Health::Failing(StoreError::Locked);
        assert_eq!(seen.compare(Health::Writing, 0), []);
        assert_eq!(seen.compare(full(), 1), [News::Failing(StoreError::Full)]);
        assert_eq!(seen.compare(full(), 7), []);
        assert_eq!(seen.compare(locked(), 8), [News::Failing(StoreError::Locked)]);
        assert_eq!(seen.compare(Health::Writing, 8), [News::Recovered]);
        assert_eq!(seen.compare(Health::Writing, 8), []);
    }

    #[test]
    fn a_failure_between_two_looks_is_told() {
        let mut seen = seen_writing();
        assert_eq!(seen.compare(Health::Writing, 1), [passing(), News::Recovered]);
        assert_eq!(seen.compare(Health::Writing, 1), []);
    }
}
