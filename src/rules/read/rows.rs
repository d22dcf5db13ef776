//! Tables of *given -> then*: one row is one inline table, its columns are the questions of the
//! kind, a question that is not named may have any answer.

use std::sync::Arc;

use crate::document::{self, Placed};
use crate::domain::{Action, DonorConsequence, Label, ReasonCode, Verdict};
use crate::limits;

use super::super::question::{Judges, Question};
use super::super::table::{Row, Table, Then};
use super::known::{Known, named_tables};
use super::words::{choice, not_one_of, one};
use super::{Tables, bounded};

/// The columns of a row beside its questions.
const OTHER_COLUMNS: [&str; 7] = ["then", "reason", "next", "label", "donor", "by", "when"];

/// Codes that the program alone gives.
const OWN_CODES: [ReasonCode; 7] = [
    ReasonCode::AllOk,
    ReasonCode::RuleGap,
    ReasonCode::CorrectedAfterRelease,
    ReasonCode::RackMismatch,
    ReasonCode::Amended,
    ReasonCode::RegistrationCorrected,
    ReasonCode::MessageJudged,
];

/// Every table of the file.
pub(super) fn tables(root: &document::Table<'_>, known: &Known<'_>) -> Tables {
    let tables = named_tables(root, "table", limits::TABLES_MAX);
    let read = tables.into_iter().map(|(name, table)| {
        let read = read(&name, &table, known).map(Arc::new);
        (name, read)
    });
    read.collect()
}

fn read(name: &str, table: &document::Table<'_>, known: &Known<'_>) -> Option<Table> {
    let judges = choice(table, "judges", &Judges::ALL.map(|kind| (kind.id(), kind)));
    let rows = table.tables("rows");
    if rows.is_empty() {
        table.fault(&table.place(), "rows must list at least one row");
    }
    bounded(table, rows.len(), limits::TABLE_ROWS_MAX, "rows");
    let judges = judges?;
    let rows: Vec<Option<(bool, Row)>> = rows
        .iter()
        .take(limits::TABLE_ROWS_MAX)
        .map(|table| {
            let holds = known.holds(table);
            let row = row(table, judges, known);
            Some((holds?, row?))
        })
        .collect();
    let rows = rows.into_iter().collect::<Option<Vec<_>>>()?;
    let rows = rows.into_iter().filter_map(|(holds, row)| holds.then_some(row)).collect();
    Some(Table { name: name.to_owned(), judges, rows })
}

fn row(table: &document::Table<'_>, judges: Judges, known: &Known<'_>) -> Option<Row> {
    let given = given(table, judges);
    let then = then(table, known);
    let line = table.told(&table.place(), "").line;
    Some(Row { given: given?, then: then?, line })
}

/// The questions that a row asks, in the order of the kind.
fn given(table: &document::Table<'_>, judges: Judges) -> Option<Vec<(usize, u32)>> {
    let questions = judges.questions();
    let is_column = |key: &str| {
        OTHER_COLUMNS.contains(&key) || questions.iter().any(|question| question.id == key)
    };
    for key in table.keys().iter().filter(|key| !is_column(&key.value)) {
        let known: Vec<&str> = questions.iter().map(|question| question.id).collect();
        let (kind, known) = (judges.id(), known.join(", "));
        table.fault(&key.place, format!("is no question of a {kind} table: one of {known}"));
    }
    let asked = questions.iter().enumerate().filter(|(_, question)| table.has(question.id));
    let answers: Vec<Option<(usize, u32)>> =
        asked.map(|(place, question)| Some((place, answers(table, question)?))).collect();
    answers.into_iter().collect()
}

/// The answers of a question that a row fits, one bit for each place.
fn answers(table: &document::Table<'_>, question: &Question) -> Option<u32> {
    let words = table.one_or_more(question.id);
    if words.is_empty() {
        let place = table.place_of(question.id).unwrap_or_else(|| table.place());
        table.fault(&place, "must name an answer, or a list of answers");
        return None;
    }
    let bits: Vec<Option<u32>> = words.iter().map(|word| answer(table, question, word)).collect();
    bits.into_iter().try_fold(0, |all, bit| Some(all | bit?))
}

fn answer(table: &document::Table<'_>, question: &Question, word: &Placed<String>) -> Option<u32> {
    let bit = question.place(&word.value).and_then(|place| u32::try_from(place).ok());
    let bit = bit.and_then(|place| 1_u32.checked_shl(place));
    if bit.is_none() {
        let known: Vec<&str> = question.answers.iter().map(|answer| answer.id).collect();
        not_one_of(table, word, &known);
    }
    bit
}

fn then(table: &document::Table<'_>, known: &Known<'_>) -> Option<Then> {
    let verdicts = [
        ("pass", Verdict::Releasable),
        ("pending", Verdict::Pending),
        ("hold", Verdict::Hold),
        ("reject", Verdict::Reject),
    ];
    let verdict = choice(table, "then", &verdicts);
    let code = one(table, "reason", reason, &["a reason code like INITIAL_REACTIVE"]);
    let next = one(table, "next", Action::from_id, &Action::ALL.map(Action::id));
    let label = one(table, "label", Label::from_id, &Label::ALL.map(Label::id));
    let consequences = DonorConsequence::ALL.map(DonorConsequence::id);
    let donor = one(table, "donor", DonorConsequence::from_id, &consequences);
    let clause = known.clause(table, "by");
    let verdict = verdict?;
    if verdict == Verdict::Releasable {
        for key in ["next", "donor"].into_iter().filter(|key| table.has(key)) {
            let place = table.place_of(key).unwrap_or_else(|| table.place());
            table.fault(&place, "a row that lets pass asks for nothing and bars nobody");
        }
    } else if !table.has("reason") {
        table.fault(&table.place(), "reason is missing: a row that does not let pass says why");
        return None;
    }
    let whole = [("reason", code.is_some()), ("next", next.is_some()), ("label", label.is_some())];
    let faulty = whole.into_iter().any(|(key, read)| table.has(key) && !read);
    let faulty = faulty || (table.has("donor") && donor.is_none());
    (!faulty).then_some(Then { verdict, code, next, label, donor, clause: clause? })
}

fn reason(id: &str) -> Option<ReasonCode> {
    ReasonCode::from_id(id).filter(|code| !OWN_CODES.contains(code))
}
