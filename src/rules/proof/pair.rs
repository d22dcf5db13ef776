//! Two tables of a kind beside each other, over every combination of answers that facts can give.

use std::collections::BTreeMap;

use crate::domain::{Action, DonorConsequence, ReasonCode, Verdict};

use super::super::question::Judges;
use super::super::table::{Answers, Table, Then};
use super::space::{Combination, Rows, Space};

/// Two tables of a kind.
pub(in crate::rules) struct Pair<'t> {
    one: &'t Table,
    other: &'t Table,
    space: Space,
}

impl<'t> Pair<'t> {
    pub(in crate::rules) fn new(one: &'t Table, other: &'t Table) -> Pair<'t> {
        Pair { one, other, space: Space::of(one.judges, &[one, other]) }
    }

    /// The answers of a combination.
    pub(in crate::rules) fn answers(&self, index: usize) -> Answers {
        self.space.answers(index)
    }

    /// What each says to each combination, and whether that is the same: verdict, reasons, next
    /// steps, labels, consequences for the donor. Clauses and the order of rows are no difference.
    pub(in crate::rules) fn walk(&self) -> impl Iterator<Item = (Combination, Combination, bool)> {
        let mut known: BTreeMap<(Rows, Rows), bool> = BTreeMap::new();
        let both = self.space.walk(self.one).zip(self.space.walk(self.other));
        both.filter(|(own, _)| own.possible).map(move |(own, its)| {
            let same = known.entry((own.deciding, its.deciding)).or_insert_with(|| {
                let (own, its) =
                    (follows(self.one, &own.deciding), follows(self.other, &its.deciding));
                own.iter().all(|then| its.contains(then))
                    && its.iter().all(|then| own.contains(then))
            });
            (own, its, *same)
        })
    }
}

/// What follows from rows that decide together. A row that lets pass and says nothing adds nothing
/// to one that says something.
fn follows(table: &Table, rows: &Rows) -> Vec<Then> {
    let rows = rows.places().filter_map(|place| table.rows.get(place));
    let all: Vec<Then> = rows.map(|row| follow(table.judges, &row.then)).collect();
    match all.iter().any(speaks) {
        true => all.into_iter().filter(speaks).collect(),
        false => all,
    }
}

fn speaks(then: &Then) -> bool {
    then.verdict > Verdict::Releasable || then.code.is_some() || then.label.is_some()
}

/// What follows from a row, with the next step that is asked for where it names none: what is
/// missing to a number of results is pending, whatever the row makes of it.
fn follow(judges: Judges, then: &Then) -> Then {
    let counted = matches!(judges, Judges::Rounds | Judges::Abo | Judges::Rhd);
    let verdict = match then.code {
        Some(ReasonCode::Missing) if counted => then.verdict.max(Verdict::Pending),
        Some(_) | None => then.verdict,
    };
    let next = match (verdict, then.next) {
        (Verdict::Releasable, _) => None,
        (Verdict::Pending | Verdict::Hold, None) => Some(match then.code {
            Some(ReasonCode::Missing) if counted => Action::Test,
            Some(_) | None => Action::Review,
        }),
        (_, next) => next,
    };
    let donor = then.donor.filter(|donor| *donor != DonorConsequence::None);
    Then { verdict, clause: String::new(), next, donor, ..then.clone() }
}
