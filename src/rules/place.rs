//! The answers that facts give, as places in their questions: a word that no question has does not
//! compile, and none is looked up while a donation is decided.

use super::question::{Answer, Judges, Question};
use super::table::Answers;

/// One answer to one question of a kind of table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    question: usize,
    answer: usize,
}

/// The place of an answer: `place!(Marker, "latest", "void")`.
macro_rules! place {
    ($judges:ident, $question:literal, $answer:literal) => {
        const {
            $crate::rules::place::Place::of(
                $crate::rules::question::Judges::$judges,
                $question,
                $answer,
            )
        }
    };
}
pub(super) use place;

impl Place {
    /// The place of an answer; for `place!` alone, because it must be found while compiling.
    pub(super) const fn of(judges: Judges, question: &str, answer: &str) -> Place {
        let (at, known) = find_question(judges.questions(), question);
        let answer = find_answer(known, answer);
        Place { question: at, answer }
    }

    /// The place of the question.
    pub(super) const fn question(self) -> usize {
        self.question
    }
}

impl Answers {
    /// The same with this answer.
    #[must_use]
    pub(super) fn put(mut self, place: Place) -> Answers {
        self.set(place.question, place.answer);
        self
    }

    /// Whether this is among the answers.
    pub(super) fn has(&self, place: Place) -> bool {
        self.get(place.question) == place.answer
    }
}

const fn find_question(questions: &'static [Question], id: &str) -> (usize, &'static [Answer]) {
    let (mut rest, mut at) = (questions, 0);
    while let Some((first, others)) = rest.split_first() {
        if is_same(first.id, id) {
            return (at, first.answers);
        }
        (rest, at) = (others, at + 1);
    }
    assert!(rest.len() > questions.len(), "there is no such question");
    (at, &[])
}

const fn find_answer(answers: &'static [Answer], id: &str) -> usize {
    let (mut rest, mut at) = (answers, 0);
    while let Some((first, others)) = rest.split_first() {
        if is_same(first.id, id) {
            return at;
        }
        (rest, at) = (others, at + 1);
    }
    assert!(rest.len() > answers.len(), "there is no such answer");
    at
}

const fn is_same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        match (one.split_first(), other.split_first()) {
            (Some((a, ones)), Some((b, others))) if *a == *b => (one, other) = (ones, others),
            (None, None) => return true,
            (Some(_) | None, Some(_) | None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_where_the_word_stands() {
        let answers = Answers::of(Judges::Marker).put(place!(Marker, "repeats", "reactive"));
        assert_eq!(answers.answer("repeats"), Some("reactive"));
        assert_eq!(answers, Answers::of(Judges::Marker).with("repeats", "reactive"));
    }
}
