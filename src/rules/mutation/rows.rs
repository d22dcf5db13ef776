//! Mutants of rows: dropped, weakened, with another reason, fitting more than they should.

use std::sync::Arc;

use crate::domain::{ReasonCode, Verdict};

use super::super::content::Content;
use super::super::proof::pair::Pair;
use super::super::proof::word;
use super::super::table::{Row, Table, Then};
use super::Mutant;

/// Every mutant of a row of the set.
pub(super) fn mutants(content: &Content) -> Vec<Mutant> {
    let tables = content.tables.values();
    let wrong = tables.flat_map(|table| {
        let rows = table.rows.iter().enumerate();
        let own = rows.flat_map(|(place, row)| of_row(table, place, row)).collect::<Vec<_>>();
        own.into_iter().map(|wrong| mutant(content, table, wrong))
    });
    wrong.collect()
}

/// A table made wrong.
struct Wrong {
    what: String,
    line: usize,
    table: Table,
}

fn mutant(content: &Content, right: &Arc<Table>, wrong: Wrong) -> Mutant {
    let is_same = decide_alike(right, &wrong.table);
    let name = right.name.clone();
    let what = format!("[table.{name}] {}", wrong.what);
    let mut content = content.clone();
    content.put_table(Arc::new(wrong.table));
    Mutant { what, line: Some(wrong.line), content, table: Some(name), is_same }
}

fn of_row(table: &Table, place: usize, row: &Row) -> Vec<Wrong> {
    let with = |what: String, rows: Vec<Row>| Wrong {
        what,
        line: row.line,
        table: Table { rows, ..table.clone() },
    };
    let dropped: Vec<Row> = table
        .rows
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != place)
        .map(|(_, r)| r.clone())
        .collect();
    let mut found = vec![with("row dropped".to_owned(), dropped)];
    let replaced = |row: Row| -> Vec<Row> {
        let rows = table.rows.iter().enumerate();
        rows.map(|(at, own)| if at == place { row.clone() } else { own.clone() }).collect()
    };
    let others = verdicts(row).into_iter().chain(consequences(row)).chain(conditions(table, row));
    found.extend(others.map(|(what, row)| with(what, replaced(row))));
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

/// Another reason, no remark, no label, no other consequence for the donor, no next step.
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

/// Whether two tables of a kind decide every combination that facts can give alike.
fn decide_alike(one: &Table, other: &Table) -> bool {
    Pair::new(one, other).walk().all(|(_, _, same)| same)
}
