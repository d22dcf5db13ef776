use super::*;
use crate::domain::Verdict;
use crate::rules::table::{Row, Table, Then};

/// Some table of a kind, made from a number: any rows, in any order, with gaps and dangers.
pub(in crate::rules) fn table(judges: Judges, seed: u64) -> Table {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let rows = (0..9).map(|line| {
        let questions = judges.questions().iter().enumerate();
        let given = questions.filter_map(|(place, question)| {
            let answers = (1_u64 << question.answers.len()) - 1;
            let some = 1 + next(answers);
            (next(3) == 0).then_some((place, u32::try_from(some).unwrap()))
        });
        let given = given.collect();
        let verdict = Verdict::ALL[usize::try_from(next(4)).unwrap()];
        let then = Then {
            verdict,
            code: None,
            next: None,
            label: None,
            donor: None,
            clause: String::new(),
        };
        Row { given, then, line: line + 1 }
    });
    Table { name: "some".to_owned(), judges, rows: rows.collect() }
}
