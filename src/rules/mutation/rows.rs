//! Mutants of rows: dropped, weakened, with another reason, fitting more than they should.

use std::sync::Arc;

use crate::domain::{Action, ReasonCode, Verdict};

use super::super::content::Content;
use super::super::proof::pair::Pair;
use super::super::proof::word;
use super::super::table::{Row, Table, Then};
use super::reach::Unreachable;
use super::{Mutant, Sort, Wrong};

/// Every mutant of a row of the set.
pub(super) fn mutants(content: &Content) -> Vec<Mutant> {
    let tables = content.tables.values();
    let rows = tables.flat_map(|table| table.rows.iter().enumerate().map(move |row| (table, row)));
    rows.flat_map(|(table, (place, row))| of_row(table, place, row)).collect()
}

fn of_row(table: &Table, place: usize, row: &Row) -> Vec<Mutant> {
    let mutant = |sort: Sort, what: &str, rows: Vec<Row>| Mutant {
        sort,
        what: format!("[table.{}] {what}", table.name),
        line: Some(row.line),
        wrong: Wrong::Table(Arc::new(Table { rows, ..table.clone() })),
    };
    let mut dropped = table.rows.clone();
    dropped.remove(place);
    let mut found = vec![mutant(Sort::Row, "row dropped", dropped)];
    let others = [
        (Sort::Row, verdicts(row)),
        (Sort::Said, consequences(row)),
        (Sort::Condition, conditions(table, row)),
    ];
    for (sort, changed) in others {
        found.extend(changed.into_iter().map(|(what, wrong)| {
            let mut rows = table.rows.clone();
            rows.get_mut(place).into_iter().for_each(|own| own.clone_from(&wrong));
            mutant(sort, &what, rows)
        }));
    }
    found
}

type Changed = (String, Row);

/// One step weaker, and to pass.
fn verdicts(row: &Row) -> Vec<Changed> {
    let weaker = match row.then.verdict {
        Verdict::Releasable => &[][..],
        Verdict::Pending => &[Verdict::Releasable],
        Verdict::Hold => &[Verdict::Pending, Verdict::Releasable],
        Verdict::Reject | Verdict::Recalled => &[Verdict::Hold, Verdict::Releasable],
    };
    let change = |verdict: &Verdict| {
        let then = Then { verdict: *verdict, ..row.then.clone() };
        let what = format!("{} weakened to {}", word(row.then.verdict), word(*verdict));
        (what, Row { then, ..row.clone() })
    };
    weaker.iter().map(change).collect()
}

/// Another reason, no label, no consequence for the donor, no next step or another.
fn consequences(row: &Row) -> Vec<Changed> {
    let then = &row.then;
    let swapped = [ReasonCode::Missing, ReasonCode::Invalid];
    let swapped = swapped.into_iter().find(|code| Some(*code) != then.code);
    let mut found = Vec::new();
    let mut change = |what: String, then: Then| found.push((what, Row { then, ..row.clone() }));
    if let (Some(code), Some(other)) = (then.code, swapped) {
        let what = format!("reason {} swapped for {}", code.id(), other.id());
        change(what, Then { code: Some(other), ..then.clone() });
    }
    if let Some(label) = then.label {
        change(format!("label {} dropped", label.id()), Then { label: None, ..then.clone() });
    }
    if let Some(donor) = then.donor {
        let what = format!("consequence for the donor ({}) dropped", donor.id());
        change(what, Then { donor: None, ..then.clone() });
    }
    if let Some(next) = then.next {
        change(format!("next step {} dropped", next.id()), Then { next: None, ..then.clone() });
        let other = if next == Action::PutOnRecord { Action::Review } else { Action::PutOnRecord };
        let what = format!("next step {} swapped for {}", next.id(), other.id());
        change(what, Then { next: Some(other), ..then.clone() });
    }
    found
}

/// Each condition widened by one answer, and dropped.
fn conditions(table: &Table, row: &Row) -> Vec<Changed> {
    let questions = table.judges.questions();
    let mut found = Vec::new();
    for (at, (question, answers)) in row.given.iter().enumerate() {
        let Some(asked) = questions.get(*question) else { continue };
        let with = |given: Option<(usize, u32)>| {
            let own = row.given.iter().enumerate();
            let own = own.filter_map(|(place, own)| if place == at { given } else { Some(*own) });
            Row { given: own.collect(), ..row.clone() }
        };
        for (place, answer) in
            asked.answers.iter().enumerate().filter(|(p, _)| answers >> p & 1 == 0)
        {
            let what = format!("{} widened by {}", asked.id, answer.id);
            found.push((what, with(Some((*question, answers | 1 << place)))));
        }
        found.push((format!("condition on {} dropped", asked.id), with(None)));
    }
    found
}

/// Whether two tables of a kind decide every combination alike that facts can give under this set.
pub(super) fn decide_alike(content: &Content, one: &Table, other: &Table) -> bool {
    let pair = Pair::new(one, other);
    let unreachable = Unreachable::of(content, one);
    pair.walk().all(|(own, _, same)| same || unreachable.forbids(&pair.answers(own.index)))
}
