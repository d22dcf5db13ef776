//! Every combination of answers to some questions of a kind, one after the other, each with the
//! rows of a table that fit it and the conditions that hold in it.
//!
//! A combination is counted like a number whose places are the answers; what fits is carried along
//! place by place, so that a step costs about as much as one place of it.

use crate::domain::Verdict;
use crate::limits;

use super::super::danger::When;
use super::super::question::{Answer, Judges, Question};
use super::super::table::{Answers, Table};

/// Words of 64 rows each.
const WORDS: usize = limits::TABLE_ROWS_MAX.div_ceil(64);

/// A set of rows of a table, by place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) struct Rows([u64; WORDS]);

impl Rows {
    const ALL: Rows = Rows([u64::MAX; WORDS]);

    pub(in crate::rules) fn insert(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    pub(in crate::rules) fn contains(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(in crate::rules) fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }

    /// How many there are.
    pub(in crate::rules) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Those that are in both.
    pub(in crate::rules) fn and(mut self, other: &Rows) -> Rows {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own &= other);
        self
    }

    /// Those that are in one or both.
    pub(in crate::rules) fn or(mut self, other: &Rows) -> Rows {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
        self
    }

    /// Their places, in order.
    pub(in crate::rules) fn places(&self) -> impl Iterator<Item = usize> {
        let rows = *self;
        (0..limits::TABLE_ROWS_MAX).filter(move |row| rows.contains(*row))
    }
}

/// What holds in a combination: rows that fit, conditions by place.
#[derive(Clone, Copy, Debug)]
struct Held {
    rows: Rows,
    dangers: u64,
    impossible: u64,
}

impl Held {
    fn and(self, other: &Held) -> Held {
        Held {
            rows: self.rows.and(&other.rows),
            dangers: self.dangers & other.dangers,
            impossible: self.impossible & other.impossible,
        }
    }
}

/// Questions of a kind, and all combinations of answers to them.
#[derive(Clone, Debug)]
pub(in crate::rules) struct Space {
    judges: Judges,
    /// The questions, by place.
    questions: Vec<usize>,
    /// How many answers each has.
    answers: Vec<usize>,
    /// How far apart two combinations lie that differ by one place in the answer to it.
    strides: Vec<usize>,
    count: usize,
}

/// One combination of answers.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Combination {
    /// Its number.
    pub(in crate::rules) index: usize,
    /// Whether facts can give it.
    pub(in crate::rules) possible: bool,
    /// The verdict of the worst row that fits; none is a gap.
    pub(in crate::rules) verdict: Option<Verdict>,
    /// The rows that fit with that verdict.
    pub(in crate::rules) deciding: Rows,
    /// The dangers that hold, one bit for each place.
    pub(in crate::rules) dangers: u64,
}

impl Space {
    /// Over every question that one of the tables, or what is impossible, speaks of. No verdict
    /// depends on another: a danger that asks more holds with some answer to that, and is looked
    /// for without it.
    pub(in crate::rules) fn of(judges: Judges, tables: &[&Table]) -> Space {
        let known = judges.questions();
        let asked = |place: usize, question: &Question| {
            let given = tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.given);
            given.into_iter().any(|(asked, _)| *asked == place)
                || judges.impossible().iter().copied().flatten().any(|(id, _)| *id == question.id)
        };
        let questions: Vec<usize> = known
            .iter()
            .enumerate()
            .filter(|(place, question)| asked(*place, question))
            .map(|(place, _)| place)
            .collect();
        let answers = questions.iter().filter_map(|place| known.get(*place));
        let answers: Vec<usize> = answers.map(|question| question.answers.len()).collect();
        let mut strides = Vec::new();
        let count = answers.iter().rev().fold(1, |stride: usize, answers| {
            strides.push(stride);
            stride.saturating_mul(*answers)
        });
        strides.reverse();
        Space { judges, questions, answers, strides, count }
    }

    /// How many combinations there are.
    pub(in crate::rules) fn count(&self) -> usize {
        self.count
    }

    /// The questions, by place.
    pub(in crate::rules) fn questions(&self) -> &[usize] {
        &self.questions
    }

    /// An answer to a question, both by place.
    pub(in crate::rules) fn answer(
        &self,
        question: usize,
        place: usize,
    ) -> Option<&'static Answer> {
        self.judges.questions().get(question)?.answers.get(place)
    }

    /// The answers of a combination.
    pub(in crate::rules) fn answers(&self, index: usize) -> Answers {
        let mut answers = Answers::of(self.judges);
        let places = self.questions.iter().zip(self.answers.iter().zip(&self.strides));
        for (question, (count, stride)) in places {
            answers.set(*question, index / stride % count);
        }
        answers
    }

    /// For each question, how far from a combination with the better answer the one with the worse
    /// lies: question, better and worse by place, distance.
    pub(in crate::rules) fn worse(&self) -> Vec<Step> {
        let places = self.questions.iter().zip(self.answers.iter().zip(&self.strides));
        let steps = places.flat_map(|(question, (count, stride))| {
            let known = self.judges.questions().get(*question);
            let pairs = known.into_iter().flat_map(|known| {
                let pair = |(better, worse): &(&str, &str)| {
                    Some((known.place(better)?, known.place(worse)?))
                };
                known.worse.iter().filter_map(pair).collect::<Vec<_>>()
            });
            pairs.map(|(better, worse)| Step {
                question: *question,
                better,
                worse,
                count: *count,
                stride: *stride,
            })
        });
        steps.collect()
    }

    /// Goes through all combinations with a table.
    pub(in crate::rules) fn walk(&self, table: &Table) -> Walk {
        Walk::new(self, table)
    }
}

/// From an answer to a worse one.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Step {
    /// The question, by place.
    pub(in crate::rules) question: usize,
    /// The better answer, by place.
    pub(in crate::rules) better: usize,
    /// The worse answer, by place.
    pub(in crate::rules) worse: usize,
    count: usize,
    stride: usize,
}

impl Step {
    /// Each combination with the better answer, and the one that has the worse instead.
    pub(in crate::rules) fn pairs(
        self,
        combinations: usize,
    ) -> impl Iterator<Item = (usize, usize)> {
        let Step { better, worse, count, stride, .. } = self;
        let blocks = (0..combinations).step_by(count * stride);
        blocks.flat_map(move |block| {
            (block..block + stride).map(move |at| (at + better * stride, at + worse * stride))
        })
    }
}

/// All combinations, one after the other.
pub(in crate::rules) struct Walk {
    /// For each question and answer, what it leaves standing.
    leaves: Vec<Vec<Held>>,
    /// What stands before each question, under the answers so far.
    standing: Vec<Held>,
    places: Vec<usize>,
    by_verdict: Vec<(Verdict, Rows)>,
    next: usize,
    count: usize,
}

impl Walk {
    fn new(space: &Space, table: &Table) -> Walk {
        let leaves = space.questions.iter().zip(&space.answers);
        let leaves = leaves.map(|(question, answers)| {
            (0..*answers).map(|answer| leaves_standing(space.judges, table, *question, answer))
        });
        let leaves: Vec<Vec<Held>> = leaves.map(Iterator::collect).collect();
        let all = Held { rows: Rows::ALL, dangers: u64::MAX, impossible: u64::MAX };
        let mut walk = Walk {
            standing: vec![all; leaves.len() + 1],
            places: vec![0; leaves.len()],
            leaves,
            by_verdict: by_verdict(table),
            next: 0,
            count: space.count,
        };
        let known = Held {
            rows: walk.by_verdict.iter().fold(Rows::default(), |all, (_, rows)| all.or(rows)),
            dangers: low_bits(space.judges.dangers().len()),
            impossible: low_bits(space.judges.impossible().len()),
        };
        if let Some(first) = walk.standing.first_mut() {
            *first = known;
        }
        walk.settle(0);
        walk
    }

    /// Finds anew what stands from a question on.
    fn settle(&mut self, from: usize) {
        for at in from..self.places.len() {
            let place = self.places.get(at).copied().unwrap_or_default();
            let leaf = self.leaves.get(at).and_then(|answers| answers.get(place));
            let (Some(before), Some(leaf)) = (self.standing.get(at).copied(), leaf) else { return };
            let after = before.and(leaf);
            if let Some(standing) = self.standing.get_mut(at + 1) {
                *standing = after;
            }
        }
    }

    /// Goes to the next combination.
    fn step(&mut self) {
        for at in (0..self.places.len()).rev() {
            let answers = self.leaves.get(at).map_or(0, Vec::len);
            let Some(place) = self.places.get_mut(at) else { return };
            *place += 1;
            if *place < answers {
                return self.settle(at);
            }
            *place = 0;
        }
    }
}

impl Iterator for Walk {
    type Item = Combination;

    fn next(&mut self) -> Option<Combination> {
        let index = self.next;
        if index >= self.count {
            return None;
        }
        let held = self.standing.last().copied()?;
        let fitting = self.by_verdict.iter().map(|(verdict, all)| (*verdict, held.rows.and(all)));
        let worst = fitting.into_iter().find(|(_, rows)| !rows.is_empty());
        self.next += 1;
        self.step();
        Some(Combination {
            index,
            possible: held.impossible == 0,
            verdict: worst.map(|(verdict, _)| verdict),
            deciding: worst.map(|(_, rows)| rows).unwrap_or_default(),
            dangers: held.dangers,
        })
    }
}

/// The rows of each verdict, worst first.
fn by_verdict(table: &Table) -> Vec<(Verdict, Rows)> {
    let rows = |verdict| {
        let mut found = Rows::default();
        let such = table.rows.iter().enumerate().filter(|(_, row)| row.then.verdict == verdict);
        such.for_each(|(place, _)| found.insert(place));
        (verdict, found)
    };
    Verdict::ALL.into_iter().rev().map(rows).collect()
}

/// What an answer to a question leaves standing.
fn leaves_standing(judges: Judges, table: &Table, question: usize, answer: usize) -> Held {
    let mut rows = Rows::default();
    for (place, row) in table.rows.iter().enumerate() {
        let mut asked = row.given.iter().filter(|(asked, _)| *asked == question);
        if asked.all(|(_, answers)| answers >> answer & 1 == 1) {
            rows.insert(place);
        }
    }
    let Some(known) = judges.questions().get(question) else {
        return Held { rows, dangers: u64::MAX, impossible: u64::MAX };
    };
    let id = known.answers.get(answer).map_or("", |answer| answer.id);
    let holds = |when: When| {
        when.iter().all(|(asked, answers)| *asked != known.id || answers.contains(&id))
    };
    let dangers = judges.dangers().iter().map(|danger| danger.when);
    Held {
        rows,
        dangers: bits(dangers.map(holds)),
        impossible: bits(judges.impossible().iter().copied().map(holds)),
    }
}

fn bits(conditions: impl Iterator<Item = bool>) -> u64 {
    conditions.enumerate().fold(0, |all, (place, holds)| all | (u64::from(holds) << place))
}

/// This many bits, from the lowest.
fn low_bits(count: usize) -> u64 {
    u32::try_from(count).ok().and_then(|count| 1_u64.checked_shl(count)).map_or(u64::MAX, |b| b - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::proof::tests::table;

    #[test]
    fn every_combination_is_visited_once_and_judged_like_by_the_table_itself() {
        for judges in Judges::ALL {
            let table = table(judges, 7);
            let space = Space::of(judges, &[&table]);
            let mut count = 0;
            for found in space.walk(&table).filter(|found| found.index % 7 == 0 || found.index < 99)
            {
                let answers = space.answers(found.index);
                assert_eq!(found.verdict, table.verdict(&answers), "{answers:?}");
                let deciding: Vec<_> = table.deciding(&answers).map(|row| row.line).collect();
                let places = found.deciding.places().filter_map(|place| table.rows.get(place));
                assert_eq!(places.map(|row| row.line).collect::<Vec<_>>(), deciding);
                assert_eq!(found.possible, !judges.impossible().iter().any(|w| answers.fulfils(w)));
                for (place, danger) in judges.dangers().iter().enumerate() {
                    let asked = |id: &str| {
                        space.questions.iter().any(|at| judges.questions()[*at].id == id)
                    };
                    let mut when = danger.when.iter().filter(|(question, _)| asked(question));
                    let holds = when.all(|(q, words)| words.contains(&answers.answer(q).unwrap()));
                    assert_eq!(found.dangers >> place & 1 == 1, holds);
                }
                count += 1;
            }
            assert!(count > 0);
            assert_eq!(space.walk(&table).count(), space.count(), "{}", judges.id());
        }
    }

    #[test]
    fn a_step_leads_to_the_combination_that_differs_in_that_answer_alone() {
        let table = table(Judges::Run, 3);
        let space = Space::of(Judges::Run, &[&table]);
        for step in space.worse() {
            let mut seen = 0;
            for (from, to) in step.pairs(space.count()) {
                let mut answers = space.answers(from);
                assert_eq!(answers.get(step.question), step.better);
                answers.set(step.question, step.worse);
                assert_eq!(answers, space.answers(to));
                seen += 1;
            }
            assert_eq!(seen, space.count() / step.count);
        }
    }

    #[test]
    fn as_many_dangers_and_impossible_combinations_as_bits_are_told_apart() {
        for judges in Judges::ALL {
            assert!(judges.dangers().len() < 64 && judges.impossible().len() < 64);
        }
        assert_eq!((low_bits(0), low_bits(1), low_bits(64)), (0, 1, u64::MAX));
    }
}
