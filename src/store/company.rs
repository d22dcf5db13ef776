//! Who goes into one transaction together.
//!
//! A lone entry waits for nobody. But where the transaction before served several lines, those
//! lines are about to come back with their next messages: without waiting for them, two halves of
//! the laboratory would take turns, each paying for a commit of its own. So the writer waits a
//! moment for as many as were seen lately, and no longer than a short gap for each.

use std::iter;
use std::sync::mpsc::Receiver;

use crate::limits;

/// How many entries the transaction before held.
#[derive(Debug, Default)]
pub(super) struct Company {
    before: usize,
}

impl Company {
    /// The next batch: `first`, whatever waits, and whoever comes back in time.
    pub(super) fn gather<T>(&mut self, first: T, queue: &Receiver<T>) -> Vec<T> {
        let waiting = iter::once(first).chain(queue.try_iter());
        let mut batch: Vec<T> = waiting.take(limits::COMMIT_BATCH_MAX).collect();
        let expected = self.expected(batch.len());
        while batch.len() < expected {
            let Ok(next) = queue.recv_timeout(limits::COMMIT_COMPANY_GAP) else { break };
            batch.push(next);
        }
        self.before = batch.len();
        batch
    }

    /// Those who were answered last may all come back, beside those who wait already.
    fn expected(&self, waiting: usize) -> usize {
        match self.before {
            0 | 1 => waiting,
            several => several.saturating_add(waiting).min(limits::COMMIT_BATCH_MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_lone_entry_expects_nobody() {
        assert_eq!(Company { before: 0 }.expected(1), 1);
        assert_eq!(Company { before: 1 }.expected(1), 1);
    }

    #[test]
    fn after_a_batch_of_several_as_many_are_expected_again_and_no_more_than_the_bound() {
        assert_eq!(Company { before: 25 }.expected(25), 50);
        let many = Company { before: limits::COMMIT_BATCH_MAX };
        assert_eq!(many.expected(1), limits::COMMIT_BATCH_MAX);
    }

    #[test]
    fn whoever_does_not_come_back_is_not_waited_for_twice() {
        let (sender, queue) = mpsc::channel::<u32>();
        let mut company = Company { before: 50 };
        assert_eq!(company.gather(1, &queue), [1]);
        assert_eq!(company.before, 1, "the next one is alone and expects nobody");
        drop(sender);
    }

    #[test]
    fn a_batch_takes_what_waits_up_to_its_bound() {
        let (sender, queue) = mpsc::channel();
        (1..=limits::COMMIT_BATCH_MAX).for_each(|number| sender.send(number).unwrap());
        let mut company = Company::default();
        assert_eq!(company.gather(0, &queue).len(), limits::COMMIT_BATCH_MAX);
        let left = queue.try_iter().collect::<Vec<_>>();
        assert_eq!(left, [limits::COMMIT_BATCH_MAX]);
    }
}
