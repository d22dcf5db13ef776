//! A table of a rule set: rows of *given -> then*. The worst row that fits decides; rows that fit
//! equally badly all give their reasons. What fits no row is held.

use crate::domain::{Action, DonorConsequence, Label, ReasonCode, Verdict};
use crate::limits;

use super::danger::When;
use super::question::{Judges, Question};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, by which checks refer to it.
    pub name: String,
    /// What it judges.
    pub judges: Judges,
    /// Its rows, in the order of the file.
    pub rows: Vec<Row>,
}

/// A row: when it fits, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The questions it asks, by place, and the answers it fits, one bit for each place. A question
    /// that is not here may have any answer.
    pub given: Vec<(usize, u32)>,
    /// What follows.
    pub then: Then,
    /// The line of the file it stands on.
    pub line: usize,
}

/// What follows from a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Then {
    /// [`Verdict::Releasable`] where the row lets pass. A result that is judged *pending* does not
    /// count; one judged *hold* is kept from speaking for release.
    pub verdict: Verdict,
    /// The reason; for a row that lets pass, a remark.
    pub code: Option<ReasonCode>,
    /// What the laboratory should do.
    pub next: Option<Action>,
    /// What the components must be labelled with.
    pub label: Option<Label>,
    /// What follows for the donor.
    pub donor: Option<DonorConsequence>,
    /// The clause it rests on, by id.
    pub clause: String,
}

/// An answer to each question of a kind, by place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answers {
    judges: Judges,
    places: [u8; limits::TABLE_QUESTIONS],
}

impl Answers {
    /// The first answer to every question.
    pub const fn of(judges: Judges) -> Answers {
        Answers { judges, places: [0; limits::TABLE_QUESTIONS] }
    }

    /// The same with this answer to this question; a word that there is not changes nothing
    /// (a unit test asks every word that the judges use).
    #[must_use]
    pub fn with(mut self, question: &str, answer: &str) -> Answers {
        let found = self.judges.questions().iter().position(|known| known.id == question);
        let place = found.and_then(|at| Some((at, self.question(at)?.place(answer)?)));
        if let Some((at, place)) = place {
            self.set(at, place);
        }
        self
    }

    /// Gives the answer at a place to the question at a place.
    pub fn set(&mut self, question: usize, answer: usize) {
        if let (Some(place), Ok(answer)) = (self.places.get_mut(question), u8::try_from(answer)) {
            *place = answer;
        }
    }

    /// The place of the answer to the question at a place.
    pub fn get(&self, question: usize) -> usize {
        self.places.get(question).copied().map_or(0, usize::from)
    }

    /// The id of the answer to a question.
    pub fn answer(&self, question: &str) -> Option<&'static str> {
        let at = self.judges.questions().iter().position(|known| known.id == question)?;
        self.question(at)?.answers.get(self.get(at)).map(|answer| answer.id)
    }

    /// Whether each question there has one of the answers there.
    pub fn fulfils(&self, when: When) -> bool {
        when.iter().all(|(question, answers)| {
            self.answer(question).is_some_and(|answer| answers.contains(&answer))
        })
    }

    /// What it is about.
    pub const fn judges(&self) -> Judges {
        self.judges
    }

    fn question(&self, at: usize) -> Option<&'static Question> {
        self.judges.questions().get(at)
    }
}

impl Judges {
    /// The answers where everything is in order.
    pub fn in_order(self) -> Answers {
        match self {
            Judges::Registration => Answers::of(self).with("results", "some"),
            Judges::Pool => Answers::of(self).with("result", "nonreactive").with("instead", "none"),
            Judges::Label => Answers::of(self).with("first", "nonreactive"),
            Judges::Donor
            | Judges::Signature
            | Judges::Process
            | Judges::Reagent
            | Judges::Run
            | Judges::Specimen
            | Judges::Marker
            | Judges::Rounds
            | Judges::Abo
            | Judges::Rhd
            | Judges::Quantity => Answers::of(self),
        }
    }
}

impl Row {
    /// Whether the row fits these answers.
    pub fn fits(&self, answers: &Answers) -> bool {
        self.given.iter().all(|(question, places)| {
            u32::try_from(answers.get(*question))
                .is_ok_and(|place| places.checked_shr(place).is_some_and(|bits| bits & 1 == 1))
        })
    }
}

impl Table {
    /// The verdict of the worst row that fits; `None` is a gap.
    pub fn verdict(&self, answers: &Answers) -> Option<Verdict> {
        self.rows.iter().filter(|row| row.fits(answers)).map(|row| row.then.verdict).max()
    }

    /// The verdict, and whether a row that decides says anything beside it; `None` is a gap.
    pub(super) fn summary(&self, answers: &Answers) -> Option<(Verdict, bool)> {
        let mut found: Option<(Verdict, bool)> = None;
        for row in self.rows.iter().filter(|row| row.fits(answers)) {
            let speaks = row.then.code.is_some() || row.then.label.is_some();
            found = match found {
                Some((worst, _)) if worst > row.then.verdict => found,
                Some((worst, spoken)) if worst == row.then.verdict => {
                    Some((worst, spoken || speaks))
                }
                Some(_) | None => Some((row.then.verdict, speaks)),
            };
        }
        found
    }

    /// The rows that decide: those that fit with the worst verdict, in the order of the file.
    pub fn deciding(&self, answers: &Answers) -> impl Iterator<Item = &Row> {
        let worst = self.verdict(answers);
        worst.into_iter().flat_map(|worst| self.of_verdict(answers, worst))
    }

    /// The rows that fit with this verdict.
    pub(super) fn of_verdict(
        &self,
        answers: &Answers,
        verdict: Verdict,
    ) -> impl Iterator<Item = &Row> {
        let fits = move |row: &&Row| row.then.verdict == verdict && row.fits(answers);
        self.rows.iter().filter(fits)
    }

    /// The worst verdict of the rows that fit, below this one; none that lets pass.
    pub(super) fn verdict_below(&self, answers: &Answers, verdict: Verdict) -> Option<Verdict> {
        let fitting = self.rows.iter().filter(|row| row.fits(answers)).map(|row| row.then.verdict);
        fitting.filter(|own| *own < verdict && *own > Verdict::Releasable).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(given: Vec<(usize, u32)>, verdict: Verdict) -> Row {
        let (code, next, label, donor) = (None, None, None, None);
        let then = Then { verdict, code, next, label, donor, clause: String::new() };
        Row { given, then, line: 1 }
    }

    #[test]
    fn the_worst_row_that_fits_decides_and_a_gap_has_no_verdict() {
        let rows = vec![row(vec![(0, 1)], Verdict::Releasable), row(vec![(1, 2)], Verdict::Hold)];
        let table = Table { name: "donor".to_owned(), judges: Judges::Donor, rows };
        let clear = Answers::of(Judges::Donor);
        assert_eq!(table.verdict(&clear), Some(Verdict::Releasable));
        let reinstated = clear.with("record", "reinstated");
        assert_eq!(table.verdict(&reinstated), Some(Verdict::Hold));
        let gap = clear.with("deferral", "deferred");
        assert_eq!(table.verdict(&gap), None);
        assert_eq!(gap.answer("deferral"), Some("deferred"));
    }

    #[test]
    fn no_kind_has_more_questions_than_answers_hold() {
        for kind in Judges::ALL {
            assert!(kind.questions().len() <= limits::TABLE_QUESTIONS, "{}", kind.id());
            assert!(kind.questions().iter().all(|question| question.answers.len() <= 32));
        }
    }
}
