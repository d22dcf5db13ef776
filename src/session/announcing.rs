//! Work that is ordered without being asked for: when a line fetches it.
//!
//! ```text
//!   line open --> +-----+  fetch  +----------+  messages, none  +------+
//!                 | Due | ------> | Fetching | ---------------> | Idle |
//!                 +-----+         +----------+                  +------+
//!                    ^  pause over   +---------+  news, all taken   |
//!                    `-------------- | Pausing | <------------------'
//!                                    +---------+  one not taken, or refused
//! ```
//!
//! The line fetches work only when it can send it, so an analyser that is away holds up nobody and
//! nothing grows old in a queue (FM-44): what is to be done is read from the store at that moment.
//! After a message that the analyser did not take, nothing overtakes it: what was queued behind it
//! is withdrawn, and after a pause everything is fetched again (FM-45); while it takes nothing, the
//! pause doubles. A message that it took and whose orders it refused ends in a pause too: what it
//! refuses is never sent again at once. Refuses to spin: nothing is fetched without
//! news, a pause or a message taken, nor more often than [`limits::ANNOUNCE_EVERY`].

use std::future::pending;
use std::time::Duration;

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
    /// The next pause after a message that is not taken.
    pause: Duration,
    /// Not fetched again before this moment.
    not_before: Moment,
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
        Announcing { news, step, pause: limits::ANNOUNCE_PAUSE, not_before: Moment::default() }
    }

    /// Whether work should be fetched now.
    pub(super) const fn is_due(&self) -> bool {
        matches!(self.step, Step::Due)
    }

    /// It is being fetched.
    pub(super) fn fetching(&mut self, messages: oneshot::Receiver<Vec<OrderMessage>>, now: Moment) {
        self.not_before = now.plus(limits::ANNOUNCE_EVERY);
        self.step = Step::Fetching(messages);
    }

    /// Everything fetched was taken: there may be more.
    pub(super) fn all_taken(&mut self) {
        self.pause = limits::ANNOUNCE_PAUSE;
        if matches!(self.step, Step::Idle) && self.news.is_some() {
            self.step = Step::Pausing(self.not_before);
        }
    }

    /// The analyser did not take one of them.
    pub(super) fn not_taken(&mut self, now: Moment) {
        self.pause_for(self.pause, now);
        self.pause = self.pause.saturating_mul(2).min(limits::ANNOUNCE_PAUSE_MAX);
    }

    /// It took one of them, and will not run all that is in it.
    pub(super) fn refused(&mut self, now: Moment) {
        self.pause_for(limits::ANNOUNCE_PAUSE, now);
    }

    /// What is being fetched then has nobody who waits for it, and is withdrawn.
    fn pause_for(&mut self, pause: Duration, now: Moment) {
        if self.news.is_some() {
            self.step = Step::Pausing(now.plus(pause));
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

    /// Returns the messages that were fetched, or none when there is news: they are fetched after
    /// the [deadline](Announcing::deadline) then; never, where nothing is announced.
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
                self.step = Step::Pausing(self.not_before);
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
    use super::*;

    fn message() -> OrderMessage {
        OrderMessage { bytes: b"H|\\^&\r".to_vec(), order_ids: vec!["A1".to_owned()] }
    }

    #[tokio::test]
    async fn work_is_fetched_when_the_line_opens_and_again_with_news_but_not_at_any_rate() {
        let (bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        assert!(announcing.is_due());
        let (fetched, messages) = oneshot::channel();
        let start = Moment::after(Duration::from_secs(5));
        announcing.fetching(messages, start);
        fetched.send(vec![message()]).unwrap();
        assert_eq!(announcing.next().await, [message()]);
        assert_eq!((announcing.is_due(), announcing.deadline()), (false, None));
        bring.send(1).unwrap();
        assert_eq!(announcing.next().await, []);
        let again = start.plus(limits::ANNOUNCE_EVERY);
        assert_eq!((announcing.is_due(), announcing.deadline()), (false, Some(again)));
        announcing.expire(again);
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
    fn while_nothing_is_taken_the_pause_doubles_up_to_its_bound() {
        let (_bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        let now = Moment::default();
        let mut pause = || {
            announcing.not_taken(now);
            announcing.deadline().unwrap().since_start()
        };
        assert_eq!([pause(), pause()], [limits::ANNOUNCE_PAUSE, limits::ANNOUNCE_PAUSE * 2]);
        assert_eq!((0..10).map(|_| pause()).last(), Some(limits::ANNOUNCE_PAUSE_MAX));
        announcing.all_taken();
        announcing.not_taken(now);
        assert_eq!(announcing.deadline(), Some(now.plus(limits::ANNOUNCE_PAUSE)));
    }

    #[tokio::test]
    async fn what_is_refused_is_not_fetched_again_at_once_though_its_message_was_taken() {
        let (bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        let (fetched, messages) = oneshot::channel();
        let now = Moment::default();
        announcing.fetching(messages, now);
        fetched.send(vec![message()]).unwrap();
        announcing.next().await;
        announcing.refused(now);
        announcing.all_taken();
        bring.send(1).unwrap();
        assert!(!announcing.is_due());
        announcing.expire(now.plus(limits::ANNOUNCE_PAUSE));
        assert!(announcing.is_due());
    }

    #[test]
    fn an_analyser_that_is_told_nothing_unasked_fetches_nothing() {
        let mut announcing = Announcing::new(None);
        announcing.all_taken();
        announcing.not_taken(Moment::default());
        announcing.refused(Moment::default());
        assert!(!announcing.is_due());
        assert_eq!(announcing.deadline(), None);
    }
}
