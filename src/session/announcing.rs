//! Work that is ordered without being asked for: when a line fetches it.
//!
//! ```text
//!          line open, news,
//!          everything was taken           fetched
//!   +------+ ------------> +-----+ ---------------> +----------+
//!   | Idle |               | Due | not before the   | Fetching |
//!   +------+               +-----+ gap is over      +----------+
//!    |   ^ messages, or none  ^                        |
//!    |   `--------------------|------------------------'
//!    |                        | pause over
//!    | one was not taken   +---------+
//!    `-------------------> | Pausing |
//!                          +---------+
//! ```
//!
//! The line fetches work only when it can send it, and when all that it fetched before is done
//! with, so an analyser that is away holds up nobody and nothing grows old in a queue (FM-44): what
//! is to be done is read from the store at that moment. A link is given one of the messages at a
//! time, because some begin the next one in the same breath as they tell that one was refused.
//! A message that the analyser did not take is never dropped for the next one: what was queued
//! behind it is withdrawn, and after a pause everything is fetched again (FM-45). The pauses grow,
//! because each try issues orders anew, and each try begins with another message, so that one that
//! the analyser will never take keeps only its own donation waiting.

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
    /// Work is not fetched again before.
    not_before: Moment,
    /// Tries in a row in which a message was not taken.
    failures: u32,
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
        let (not_before, queued) = (Moment::default(), VecDeque::new());
        Announcing { news, step, not_before, failures: 0, queued }
    }

    /// Whether work should be fetched now.
    pub(super) fn is_due(&self, now: Moment) -> bool {
        matches!(self.step, Step::Due) && self.not_before <= now && self.queued.is_empty()
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
    pub(super) fn fetching(&mut self, now: Moment, fetched: oneshot::Receiver<Vec<OrderMessage>>) {
        self.not_before = now.plus(limits::ANNOUNCE_GAP);
        self.step = Step::Fetching(fetched);
    }

    /// Everything fetched was taken: there may be more.
    pub(super) fn all_taken(&mut self) {
        self.failures = 0;
        if matches!(self.step, Step::Idle) && self.news.is_some() {
            self.step = Step::Due;
        }
    }

    /// The analyser did not take one of them.
    pub(super) fn not_taken(&mut self, now: Moment) {
        if self.news.is_some() {
            let pause = limits::ANNOUNCE_PAUSE.saturating_mul(2_u32.saturating_pow(self.failures));
            self.failures = self.failures.saturating_add(1);
            self.step = Step::Pausing(now.plus(pause.min(limits::ANNOUNCE_PAUSE_MAX)));
        }
    }

    /// When there is something to do: the pause is over, or work can be fetched; on a line that is
    /// not free nothing is fetched, and there is nothing to wake up for.
    pub(super) const fn deadline(&self, is_free: bool) -> Option<Moment> {
        match self.step {
            Step::Pausing(until) => Some(until),
            Step::Due if is_free => Some(self.not_before),
            Step::Due | Step::Idle | Step::Fetching(_) => None,
        }
    }

    /// The time of [`Announcing::deadline`] has come (harmless when it has not).
    pub(super) fn expire(&mut self, now: Moment) {
        if matches!(self.step, Step::Pausing(until) if until <= now) {
            self.step = Step::Due;
        }
    }

    /// The line is gone: what it is still fetching, unless the store takes too long.
    pub(super) async fn last(&mut self) -> Vec<OrderMessage> {
        let Step::Fetching(messages) = &mut self.step else { return Vec::new() };
        let waiting = tokio::time::timeout(limits::COMMIT_WAIT, messages).await;
        self.step = Step::Idle;
        waiting.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Returns the messages that were fetched, or none when there is news and they should be
    /// fetched; never, where nothing is announced.
    pub(super) async fn next(&mut self) -> Vec<OrderMessage> {
        match &mut self.step {
            Step::Fetching(messages) => {
                // Dropped: the store has ended, and nothing is to be sent.
                let mut messages = messages.await.unwrap_or_default();
                self.step = Step::Idle;
                let failures = usize::try_from(self.failures).unwrap_or_default();
                let first = failures.checked_rem(messages.len()).unwrap_or_default();
                messages.rotate_left(first);
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

    fn message(text: &str) -> OrderMessage {
        OrderMessage { bytes: text.as_bytes().to_vec(), order_ids: vec!["A1".to_owned()] }
    }

    fn at(seconds: u64) -> Moment {
        Moment::after(Duration::from_secs(seconds))
    }

    async fn fetched(
        announcing: &mut Announcing,
        now: Moment,
        texts: &[&str],
    ) -> Vec<OrderMessage> {
        let (fetched, messages) = oneshot::channel();
        announcing.fetching(now, messages);
        fetched.send(texts.iter().map(|text| message(text)).collect()).unwrap();
        announcing.next().await
    }

    #[tokio::test]
    async fn work_is_fetched_when_the_line_opens_and_again_with_each_news() {
        let (bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        assert!(announcing.is_due(at(5)));
        assert_eq!(fetched(&mut announcing, at(5), &["a"]).await, [message("a")]);
        assert!(!announcing.is_due(at(100)));
        bring.send(1).unwrap();
        assert_eq!(announcing.next().await, []);
        let over = at(5).plus(limits::ANNOUNCE_GAP);
        assert!(!announcing.is_due(at(5)));
        assert_eq!(announcing.deadline(true), Some(over));
        assert_eq!(announcing.deadline(false), None, "a line that is not free does not wake up");
        announcing.expire(over);
        assert!(announcing.is_due(over));
    }

    #[test]
    fn after_one_that_was_not_taken_there_is_a_pause_which_grows_to_its_bound() {
        let (_bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        let mut pauses = Vec::new();
        for _ in 0..40 {
            announcing.not_taken(at(0));
            let over = announcing.deadline(true).unwrap();
            pauses.push(over.since_start());
            announcing.expire(at(1));
            assert!(!announcing.is_due(at(1)));
            announcing.expire(over);
            assert!(announcing.is_due(over));
        }
        assert_eq!(pauses[..2], [limits::ANNOUNCE_PAUSE, 2 * limits::ANNOUNCE_PAUSE]);
        assert!(pauses[5..].iter().all(|pause| *pause == limits::ANNOUNCE_PAUSE_MAX));
        announcing.step = Step::Idle;
        announcing.all_taken();
        announcing.not_taken(at(0));
        assert_eq!(announcing.deadline(true), Some(at(0).plus(limits::ANNOUNCE_PAUSE)));
    }

    #[tokio::test]
    async fn a_message_that_is_never_taken_does_not_stand_before_the_others_for_ever() {
        let (_bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        for first in ["a", "b", "c", "a"] {
            let messages = fetched(&mut announcing, at(5), &["a", "b", "c"]).await;
            assert_eq!(messages[0], message(first));
            announcing.not_taken(at(5));
        }
        assert_eq!(fetched(&mut announcing, at(5), &[]).await, []);
    }

    #[tokio::test]
    async fn what_is_fetched_for_a_line_that_is_gone_is_handed_back() {
        let (_bring, news) = watch::channel(0);
        let mut announcing = Announcing::new(Some(news));
        let (fetched, messages) = oneshot::channel();
        announcing.fetching(at(5), messages);
        fetched.send(vec![message("a")]).unwrap();
        assert_eq!(announcing.last().await, [message("a")]);
        assert_eq!(announcing.last().await, []);
    }

    #[test]
    fn an_analyser_that_is_told_nothing_unasked_fetches_nothing() {
        let mut announcing = Announcing::new(None);
        announcing.all_taken();
        announcing.not_taken(Moment::default());
        assert!(!announcing.is_due(at(100)));
        assert_eq!(announcing.deadline(true), None);
    }
}
