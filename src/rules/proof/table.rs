//! One table over all its combinations: no gap, no danger that passes, no adverse fact that
//! improves, no row that never decides; and where several rows decide together.

use std::collections::BTreeMap;

use crate::domain::Verdict;
use crate::limits;

use super::super::danger::Danger;
use super::super::question::{Answer, Judges};
use super::super::table::{Answers, Row, Table};
use super::example::Tongue;
use super::space::{Combination, Rows, Space};

/// What was shown of a table.
#[derive(Clone, Debug)]
pub struct TableProof {
    /// Its name.
    pub name: String,
    /// What it judges.
    pub judges: Judges,
    /// Its rows.
    pub rows: usize,
    /// The questions that it, or what is impossible, speaks of, by place.
    pub questions: Vec<usize>,
    /// Combinations of answers to them that facts can give.
    pub combinations: usize,
    /// Combinations that facts cannot give.
    pub impossible: usize,
    /// Of the possible ones, how many have each verdict, best first.
    pub verdicts: Vec<(Verdict, usize)>,
    /// Steps from an answer to a worse one that were tried.
    pub steps: usize,
    /// Rows that decide together, worst case: both give their reasons.
    pub ties: Vec<Tie>,
    /// Adverse answers that pass while everything else is in order.
    pub passing: Vec<Passing>,
    /// What it is refused for; empty in a set that was read.
    pub refusals: Vec<Refusal>,
}

/// Two rows that decide together somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The lines of the rows.
    pub lines: (usize, usize),
    /// In how many combinations.
    pub combinations: usize,
    /// One of them.
    pub example: Answers,
}

/// An adverse answer that passes although another answer would be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// The line of a row that lets it pass.
    pub line: usize,
    /// Everything else in order.
    pub example: Answers,
}

/// Why a table cannot be decided with.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// More combinations than are gone through.
    TooMany {
        /// How many.
        combinations: usize,
    },
    /// No row fits.
    Gap {
        /// In how many combinations.
        combinations: usize,
        /// One of them.
        example: Answers,
    },
    /// What must never pass passes.
    Danger {
        /// What it is.
        danger: &'static Danger,
        /// In how many combinations.
        combinations: usize,
        /// One of them.
        example: Answers,
        /// The line of a row that lets it pass.
        line: usize,
    },
    /// With an adverse fact added the verdict is better.
    Improves {
        /// The adverse fact.
        fact: &'static Answer,
        /// In how many combinations.
        combinations: usize,
        /// One of them, without the adverse fact.
        before: Answers,
        /// Its verdict.
        from: Verdict,
        /// The same with the adverse fact.
        after: Answers,
        /// Its verdict.
        to: Verdict,
        /// The line of a row that decides it.
        line: usize,
    },
    /// A row fits no combination that facts can give.
    NeverFits {
        /// Its line.
        line: usize,
    },
    /// Wherever a row fits, a worse one does.
    NeverDecides {
        /// Its line.
        line: usize,
        /// A combination that it fits.
        example: Answers,
        /// The line of the worse row there.
        worse: usize,
    },
}

impl Refusal {
    /// The line of the row that is to blame, where one is.
    pub fn line(&self) -> Option<usize> {
        match self {
            Refusal::TooMany { .. } | Refusal::Gap { .. } => None,
            Refusal::Danger { line, .. }
            | Refusal::Improves { line, .. }
            | Refusal::NeverFits { line }
            | Refusal::NeverDecides { line, .. } => Some(*line),
        }
    }

    /// What is wrong, with an example in laboratory words.
    pub fn words(&self) -> String {
        let say = |answers: &Answers| answers.words(Tongue::English);
        match self {
            Refusal::TooMany { combinations } => format!(
                "{combinations} combinations of answers, more than {}",
                limits::TABLE_COMBINATIONS_MAX
            ),
            Refusal::Gap { combinations, example } => {
                format!("no row fits {}, e.g. {}", cases(*combinations), say(example))
            }
            Refusal::Danger { danger, combinations, example, .. } => format!(
                "lets pass what must never pass: {} ({}, e.g. {})",
                danger.words,
                cases(*combinations),
                say(example)
            ),
            Refusal::Improves { fact, combinations, before, from, after, to, .. } => format!(
                "an adverse fact ({}) improves the verdict in {}: {} is {}, but {} is {}",
                fact.words[0],
                cases(*combinations),
                say(before),
                word(*from),
                say(after),
                word(*to)
            ),
            Refusal::NeverFits { .. } => {
                "this row can never fit: no facts give such answers together".to_owned()
            }
            Refusal::NeverDecides { example, worse, .. } => format!(
                "this row never decides: wherever it fits, a worse one does, e.g. line {worse} for \
                 {}",
                say(example)
            ),
        }
    }
}

/// The verdict of a row in the word of the file.
pub(in crate::rules) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Releasable => "pass",
        Verdict::Pending | Verdict::Hold | Verdict::Reject | Verdict::Recalled => verdict.id(),
    }
}

fn cases(count: usize) -> String {
    match count {
        1 => "1 combination".to_owned(),
        count => format!("{count} combinations"),
    }
}

/// Judges a table over all its combinations.
pub(in crate::rules) fn prove(table: &Table) -> TableProof {
    let space = Space::of(table.judges, &[table]);
    let mut proof = TableProof {
        name: table.name.clone(),
        judges: table.judges,
        rows: table.rows.len(),
        questions: space.questions().to_vec(),
        combinations: 0,
        impossible: 0,
        verdicts: Verdict::ALL.into_iter().map(|verdict| (verdict, 0)).collect(),
        steps: 0,
        ties: Vec::new(),
        passing: Vec::new(),
        refusals: Vec::new(),
    };
    if !is_walkable(space.count()) {
        proof.refusals.push(Refusal::TooMany { combinations: space.count() });
        return proof;
    }
    let found: Vec<Combination> = space.walk(table).collect();
    let judge = Judge { table, space: &space, found: &found };
    judge.count(&mut proof);
    proof.refusals.extend(judge.gap());
    proof.refusals.extend(judge.dangers());
    judge.improvements(&mut proof);
    proof.refusals.extend(judge.idle_rows());
    proof.ties = judge.ties();
    if table.judges != Judges::Label {
        proof.passing = passing(table);
    }
    proof
}

/// Whether so many combinations are gone through.
pub(super) fn is_walkable(combinations: usize) -> bool {
    combinations <= limits::TABLE_COMBINATIONS_MAX
}

struct Judge<'t> {
    table: &'t Table,
    space: &'t Space,
    found: &'t [Combination],
}

/// How often something was found, and the plainest example of it.
#[derive(Clone, Copy, Debug)]
struct Tally {
    count: usize,
    plainest: usize,
    weight: usize,
}

impl Tally {
    fn add(tally: &mut Option<Tally>, index: usize, weight: usize) {
        let tally = tally.get_or_insert(Tally { count: 0, plainest: index, weight });
        tally.count += 1;
        if weight < tally.weight {
            (tally.plainest, tally.weight) = (index, weight);
        }
    }
}

impl<'t> Judge<'t> {
    fn possible(&self) -> impl Iterator<Item = &'t Combination> {
        self.found.iter().filter(|found| found.possible)
    }

    fn answers(&self, index: usize) -> Answers {
        self.space.answers(index)
    }

    fn weight(&self, index: usize) -> usize {
        self.answers(index).weight()
    }

    fn tally<'c>(&self, such: impl Iterator<Item = &'c Combination>) -> Option<Tally> {
        let mut tally = None;
        such.for_each(|found| Tally::add(&mut tally, found.index, self.weight(found.index)));
        tally
    }

    /// The line of the first row that decides a combination.
    fn line(&self, index: usize) -> usize {
        let rows = self.found.get(index).map(|found| found.deciding).unwrap_or_default();
        self.lines(&rows).next().unwrap_or(1)
    }

    fn lines(&self, rows: &Rows) -> impl Iterator<Item = usize> {
        let lines = rows.places().filter_map(|place| self.table.rows.get(place));
        lines.map(|row| row.line).collect::<Vec<_>>().into_iter()
    }

    fn count(&self, proof: &mut TableProof) {
        for found in self.possible() {
            proof.combinations += 1;
            let verdicts = proof.verdicts.iter_mut();
            let own = verdicts.into_iter().find(|(verdict, _)| Some(*verdict) == found.verdict);
            own.into_iter().for_each(|(_, count)| *count += 1);
        }
        proof.impossible = self.found.len() - proof.combinations;
    }

    fn gap(&self) -> Option<Refusal> {
        let tally = self.tally(self.possible().filter(|found| found.verdict.is_none()))?;
        let example = self.answers(tally.plainest);
        Some(Refusal::Gap { combinations: tally.count, example })
    }

    fn dangers(&self) -> Vec<Refusal> {
        let dangers = self.table.judges.dangers().iter().enumerate();
        let refusal = |(place, danger): (usize, &'static Danger)| {
            let passes = self.possible().filter(|found| {
                found.dangers >> place & 1 == 1 && found.verdict == Some(Verdict::Releasable)
            });
            let Tally { count, plainest, .. } = self.tally(passes)?;
            let (combinations, example) = (count, self.answers(plainest));
            Some(Refusal::Danger { danger, combinations, example, line: self.line(plainest) })
        };
        dangers.filter_map(refusal).collect()
    }

    /// One refusal for each pair of answers.
    fn improvements(&self, proof: &mut TableProof) {
        for step in self.space.worse() {
            let mut tally = None;
            let mut worst = 0;
            for (before, after) in step.pairs(self.found.len()) {
                let pair = (self.found.get(before), self.found.get(after));
                let (Some(better), Some(worse)) = pair else { continue };
                if !better.possible || !worse.possible {
                    continue;
                }
                proof.steps += 1;
                if worse.verdict.is_some() && worse.verdict < better.verdict {
                    let known = tally.map(|tally: Tally| tally.weight);
                    Tally::add(&mut tally, before, self.weight(before));
                    if tally.map(|tally| tally.weight) != known {
                        worst = after;
                    }
                }
            }
            let fact = self.space.answer(step.question, step.worse);
            let found = fact.zip(tally);
            proof
                .refusals
                .extend(found.and_then(|(fact, tally)| self.improvement(fact, &tally, worst)));
        }
    }

    fn improvement(&self, fact: &'static Answer, tally: &Tally, after: usize) -> Option<Refusal> {
        Some(Refusal::Improves {
            fact,
            combinations: tally.count,
            before: self.answers(tally.plainest),
            from: self.found.get(tally.plainest)?.verdict?,
            after: self.answers(after),
            to: self.found.get(after)?.verdict?,
            line: self.line(after),
        })
    }

    fn idle_rows(&self) -> Vec<Refusal> {
        let decides = self.possible().fold(Rows::default(), |all, found| all.or(&found.deciding));
        let idle = self.table.rows.iter().enumerate().filter(|(row, _)| !decides.contains(*row));
        idle.map(|(_, row)| self.idle(row)).collect()
    }

    fn idle(&self, row: &Row) -> Refusal {
        let fits = self.possible().filter(|found| row.fits(&self.answers(found.index)));
        match self.tally(fits) {
            None => Refusal::NeverFits { line: row.line },
            Some(tally) => Refusal::NeverDecides {
                line: row.line,
                example: self.answers(tally.plainest),
                worse: self.line(tally.plainest),
            },
        }
    }

    fn ties(&self) -> Vec<Tie> {
        let mut sets: BTreeMap<Rows, Option<Tally>> = BTreeMap::new();
        for found in self.possible().filter(|found| found.deciding.count() > 1) {
            let tally = sets.entry(found.deciding).or_default();
            Tally::add(tally, found.index, self.weight(found.index));
        }
        let mut pairs: BTreeMap<(usize, usize), Tally> = BTreeMap::new();
        for (rows, tally) in sets.iter().filter_map(|(rows, tally)| Some((rows, (*tally)?))) {
            let lines: Vec<usize> = self.lines(rows).collect();
            for (place, line) in lines.iter().enumerate() {
                for other in lines.iter().skip(place + 1) {
                    let pair = pairs.entry((*line, *other));
                    pair.and_modify(|known| known.join(&tally)).or_insert(tally);
                }
            }
        }
        let tie = |(lines, tally): ((usize, usize), Tally)| Tie {
            lines,
            combinations: tally.count,
            example: self.answers(tally.plainest),
        };
        pairs.into_iter().map(tie).collect()
    }
}

/// Adverse answers that pass while everything else is in order. A marker table is asked only what
/// its rows ask: the other questions are about exceptions.
fn passing(table: &Table) -> Vec<Passing> {
    let clear = table.judges.in_order();
    let questions = table.judges.questions().iter().enumerate();
    let asked = questions.filter(|(place, _)| {
        let given = table.rows.iter().flat_map(|row| &row.given);
        let is_asked = given.into_iter().any(|(question, _)| question == place);
        is_asked || table.judges != Judges::Marker
    });
    let adverse = asked.flat_map(|(place, question)| {
        let now = question.answers.get(clear.get(place)).map_or("", |answer| answer.id);
        let worse = question.worse.iter().filter(move |(better, _)| *better == now);
        worse.map(move |(_, worse)| clear.with(question.id, worse))
    });
    let passing = adverse.filter_map(|example| {
        let can_be = !table.judges.impossible().iter().any(|when| example.fulfils(when));
        let passes = can_be && table.verdict(&example) == Some(Verdict::Releasable);
        let line = table.deciding(&example).next().map(|row| row.line)?;
        passes.then_some(Passing { line, example })
    });
    passing.collect()
}

impl Tally {
    fn join(&mut self, other: &Tally) {
        self.count += other.count;
        if other.weight < self.weight {
            (self.plainest, self.weight) = (other.plainest, other.weight);
        }
    }
}
