//! Work that is ordered without being asked for: when a line fetches it.
//!
//! ```text
//!             line open, news            messages, none
//!   +------+ ----------------> +-----+  fetch  +----------+
//!   | Idle |                   | Due | ------> | Fetching | ---> back to Idle
//!   +------+ <---------------- +-----+         +----------+
//!       ^        (nothing under way)                |
//!       |                   one was not taken       v
//!       `--- pause over, Due ---- +---------+ <-- sent
//!                                 | Pausing |
//!                                 +---------+
//! ```
//!
//! The line fetches work only when it can send it, and when all that it fetched before is done
//! with, so an analyser that is away holds up nobody and nothing grows old in a queue (FM-44): what
//! is to be done is read from the store at that moment. A link is given one of the messages at a
//! time, because some begin the next one in the same breath as they tell that one was refused.
//! After a message that the analyser did not take, nothing overtakes it: what was queued behind it
//! is withdrawn, and after a pause everything is fetched again (FM-45).

use std::collections::VecDeque;
use std::future::pending;

use tokio::sync::{oneshot, watch};

use crate::analyser::OrderMessage;
use crate::limits;
use crate::link::Moment;

/// News that there may be work: moves with the head of the feed.
pub(super) type News = watch::Receiver<i64>;

/// What one line knows of work that nobody asked for.
pub(super) struct Announcing {
    /// `None` where nothing is announced at this analyser.
    news: Option<News>,
    step: Step,
    /// Fetched and not handed to the link yet, in order.
    queued: VecDeque<OrderMessage>,
}

enum Step {
    Idle,
    Due,
    Fetching(oneshot::Receiver<Vec<OrderMessage>>),
    Pausing(Moment),
}

impl Announcing {
    /// A line that was just opened; it fetches at once.
    pub(super) fn new(news: Option<News>) -> Announcing {
        let step = if news.is_some() { Step::Due } else { Step::Idle };
        Announcing { news, step, queued: VecDeque::new() }
    }

    /// Whether work should be fetched now.
    pub(super) fn is_due(&self) -> bool {
        matches!(self.step, Step::Due) && self.queued.is_empty()
    }

    /// Takes what was fetched; it waits for its turn.
    pub(super) fn queue(&mut self, messages: Vec<OrderMessage>) {
        self.queued.extend(messages);
    }

    /// The message whose turn it is.
    pub(super) fn take_first(&mut self) -> Option<OrderMessage> {
        self.queued.pop_front()
    }

    /// Everything whose turn has not come.
    pub(super) fn take_queued(&mut self) -> VecDeque<OrderMessage> {
        std::mem::take(&mut self.queued)
    }

    /// It is being fetched.
    pub(super) fn fetching(&mut self, messages: oneshot::Receiver<Vec<OrderMessage>>) {
        self.step = Step::Fetching(messages);
    }

    /// Everything fetched was taken: there may be more.
    pub(super) fn all_taken(&mut self) {
        if matches!(self.step, Step::Idle) && self.news.is_some() {
            self.step = Step::Due;
        }
    }

    /// The analyser did not take one of them.
    pub(super) fn not_taken(&mut self, now: Moment) {
        if self.news.is_some() {
            self.step = Step::Pausing(now.plus(limits::ANNOUNCE_PAUSE));
        }
    }

    /// When the pause is over.
    pub(super) const fn deadline(&self) -> Option<Moment> {
        match self.step {
            Step::Pausing(until) => Some(until),
            Step::Idle | Step::Due | Step::Fetching(_) => None,
        }
    }

    /// The time of [`Announcing::deadline`] has come (harmless when it has not).
    pub(super) fn expire(&mut self, now: Moment) {
        if self.deadline().is_some_and(|until| until <= now) {
            self.step = Step::Due;
        }
    }

    /// Returns the messages that were fetched, or none when there is news and they should be
    /// fetched; never, where nothing is announced.
    pub(super) async fn next(&mut self) -> Vec<OrderMessage> {
        match &mut self.step {
            Step::Fetching(messages) => {
                // Dropped: the store has ended, and nothing is to be sent.
                let messages = messages.await.unwrap_or_default();
                self.step = Step::Idle;
                messages
            }
            Step::Idle => {
                heard(self.news.as_mut()).await;
                self.step = Step::Due;
                Vec::new()
            }
            Step::Due | Step::Pausing(_) => pending().await,
        }
    }
}

async fn heard(news: Option<&mut News>) {
    let Some(news) = news else { return pending().await };
    if news.changed().await.is_err() {
        // Nobody is left to bring any.
        pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn message() -> OrderMessage {
        OrderMessage { bytes: b"H|\\^&\r".to_vec(), order_ids: vec!["A1".to_owned()] }
    }

    #[tokio::test]
    async fn work_is_fetched_when_the_line_opens_and_again_with_each_news() {
        let (bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        assert!(announcing.is_due());
        let (fetched, messages) = oneshot::channel();
        announcing.fetching(messages);
        fetched.send(vec![message()]).unwrap();
        assert_eq!(announcing.next().await, [message()]);
        assert!(!announcing.is_due());
        bring.send(1).unwrap();
        assert_eq!(announcing.next().await, []);
        assert!(announcing.is_due());
    }

    #[test]
    fn after_one_that_was_not_taken_there_is_a_pause() {
        let (_bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        let start = Moment::after(Duration::from_secs(5));
        announcing.not_taken(start);
        let over = start.plus(limits::ANNOUNCE_PAUSE);
        assert_eq!(announcing.deadline(), Some(over));
        announcing.expire(start);
        assert!(!announcing.is_due());
        announcing.expire(over);
        assert!(announcing.is_due());
    }

    #[test]
    fn an_analyser_that_is_told_nothing_unasked_fetches_nothing() {
        let mut announcing = Announcing::new(None);
        announcing.all_taken();
        announcing.not_taken(Moment::default());
        assert!(!announcing.is_due());
        assert_eq!(announcing.deadline(), None);
    }
}
