//! Messages of our own on one line, from the hand-over to the link until it is known what became
//! of each.
//!
//! An errand that answers a query may only be begun while the analyser still waits: an answer
//! that comes late may be taken for the answer to the next question. It refuses to forget: what is
//! taken out is handed to the caller, who settles its orders.

use std::collections::BTreeMap;

use crate::limits;
use crate::link::{Moment, Token};

/// One message of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    /// The orders in it.
    pub(super) order_ids: Vec<String>,
    /// Why it is sent.
    pub(super) purpose: Purpose,
    /// How long the message is.
    pub(super) bytes: usize,
}

/// Why a message of our own is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It answers a query. Not begun by then, it is not sent; `None`: begun, or no limit known.
    Answer {
        /// The last moment to begin it.
        begin_by: Option<Moment>,
    },
    /// It orders work nobody asked for.
    Announcement,
}

/// The open errands of one line.
#[derive(Debug, Default)]
pub(super) struct Errands {
    next: u64,
    open: BTreeMap<Token, Errand>,
}

impl Errands {
    /// Takes one in; the token names it from now on. Gives it back where
    /// [`limits::LINE_ERRANDS_MAX`] are open.
    pub(super) fn begin(&mut self, errand: Errand) -> Result<Token, Errand> {
        if self.open.len() >= limits::LINE_ERRANDS_MAX {
            return Err(errand);
        }
        let token = Token(self.next);
        self.next = self.next.wrapping_add(1);
        self.open.insert(token, errand);
        Ok(token)
    }

    /// Takes one out that has come to its end.
    pub(super) fn end(&mut self, token: Token) -> Option<Errand> {
        self.open.remove(&token)
    }

    /// When the next one would be too late to be begun.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.open.values().filter_map(Errand::begin_by).min()
    }

    /// Those that are too late to be begun, oldest first.
    pub(super) fn overdue(&self, now: Moment) -> Vec<Token> {
        self.named(|errand| errand.begin_by().is_some_and(|begin_by| begin_by <= now))
    }

    /// Those that answer queries, oldest first.
    pub(super) fn answers(&self) -> Vec<Token> {
        self.named(|errand| errand.purpose != Purpose::Announcement)
    }

    /// The oldest answers, as many as are too much; never one of the `newest`, which answer the
    /// last query. An analyser that asks and never takes an answer holds no memory.
    pub(super) fn surplus(&self, newest: usize) -> Vec<Token> {
        let answers = self.answers();
        let size = |token: &Token| self.open.get(token).map_or(0, |errand| errand.bytes);
        let mut waiting: usize = answers.iter().map(size).sum();
        let old = answers.len().saturating_sub(newest);
        let is_too_much = |token: &Token| {
            let is_so = waiting > limits::ANSWERS_WAITING_BYTES_MAX;
            waiting = waiting.saturating_sub(size(token));
            is_so
        };
        answers.iter().copied().take(old).take_while(is_too_much).collect()
    }

    /// Those that nobody asked for, oldest first.
    pub(super) fn announcements(&self) -> Vec<Token> {
        self.named(|errand| errand.purpose == Purpose::Announcement)
    }

    /// It was begun in time: no limit holds any more.
    pub(super) fn is_under_way(&mut self, token: Token) {
        if let Some(errand) = self.open.get_mut(&token) {
            match &mut errand.purpose {
                Purpose::Answer { begin_by } => *begin_by = None,
                Purpose::Announcement => {}
            }
        }
    }

    fn named(&self, wanted: impl Fn(&Errand) -> bool) -> Vec<Token> {
        let open = self.open.iter().filter(|(_, errand)| wanted(errand));
        open.map(|(token, _)| *token).collect()
    }
}

impl Errand {
    const fn begin_by(&self) -> Option<Moment> {
        match self.purpose {
            Purpose::Answer { begin_by } => begin_by,
            Purpose::Announcement => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::after(Duration::from_secs(seconds))
    }

    fn answer(begin_by: Option<Moment>) -> Errand {
        let purpose = Purpose::Answer { begin_by };
        Errand { order_ids: vec!["A1".to_owned()], purpose, bytes: 100 }
    }

    #[test]
    fn an_answer_is_overdue_from_its_moment_on_unless_it_is_under_way() {
        let mut errands = Errands::default();
        let first = errands.begin(answer(Some(at(10)))).unwrap();
        let second = errands.begin(answer(Some(at(12)))).unwrap();
        assert_eq!(errands.deadline(), Some(at(10)));
        assert_eq!(errands.overdue(at(9)), []);
        assert_eq!(errands.overdue(at(10)), [first]);
        errands.is_under_way(first);
        assert_eq!(errands.overdue(at(12)), [second]);
        assert_eq!(errands.deadline(), Some(at(12)));
        assert_eq!(errands.end(second), Some(answer(Some(at(12)))));
        assert_eq!((errands.deadline(), errands.end(second)), (None, None));
    }

    #[test]
    fn what_nobody_asked_for_is_never_late() {
        let mut errands = Errands::default();
        let purpose = Purpose::Announcement;
        let errand = Errand { order_ids: Vec::new(), purpose, bytes: 100 };
        let token = errands.begin(errand).unwrap();
        let asked = errands.begin(answer(None)).unwrap();
        assert_eq!((errands.deadline(), errands.overdue(at(1_000))), (None, Vec::new()));
        assert_eq!((errands.announcements(), errands.answers()), (vec![token], vec![asked]));
    }

    #[test]
    fn they_are_taken_in_up_to_the_bound_and_one_more_is_given_back() {
        let mut errands = Errands::default();
        let tokens: Vec<_> =
            (0..limits::LINE_ERRANDS_MAX).map(|_| errands.begin(answer(None)).unwrap()).collect();
        assert_eq!(errands.begin(answer(Some(at(1)))), Err(answer(Some(at(1)))));
        assert!(errands.end(tokens[0]).is_some());
        assert!(errands.begin(answer(None)).is_ok());
    }

    #[test]
    fn answers_wait_up_to_a_bound_and_past_it_the_oldest_go() {
        let mut errands = Errands::default();
        let half = limits::ANSWERS_WAITING_BYTES_MAX / 2;
        let mut begin = |bytes| errands.begin(Errand { bytes, ..answer(None) }).unwrap();
        let (first, second) = (begin(half), begin(half));
        assert_eq!(errands.surplus(1), [], "at the bound");
        let third = errands.begin(Errand { bytes: 1, ..answer(None) }).unwrap();
        assert_eq!(errands.surplus(1), [first], "one past it");
        assert_eq!(errands.surplus(3), [], "the last query is answered, whatever its size");
        errands.begin(Errand { bytes: 3 * half, ..answer(None) }).unwrap();
        assert_eq!(errands.surplus(1), [first, second, third]);
    }
}
