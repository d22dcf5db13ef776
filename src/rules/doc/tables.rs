//! Every table as a table: one row a row, the questions that it asks as columns, the answers in the
//! words of the laboratory.

use super::super::question::{Judges, Question};
use super::super::rule_set::RuleSet;
use super::super::table::{Row, Table};
use super::super::words::{self, Lang};
use super::page::{Block, Grid};
use super::phrases as say;
use super::{head, section};
use crate::domain::Verdict;

/// Writes the section of tables.
pub(super) fn write(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    section(blocks, lang, say::TABLES);
    blocks.push(Block::Text(lang.of(say::HIT_POLICY).to_owned()));
    for judges in Judges::ALL {
        for table in set.tables().filter(|table| table.judges == judges) {
            blocks.push(Block::Heading(3, table.name.clone()));
            blocks.push(Block::Text(about(set, table, lang)));
            blocks.push(Block::Grid(grid(table, lang)));
            dangers(judges, lang, blocks);
        }
    }
}

fn about(set: &RuleSet, table: &Table, lang: Lang) -> String {
    let uses = |check: &&super::super::content::CheckRule| {
        check.tables().any(|(_, known)| known.name == table.name)
    };
    let checks = set.checks().iter().filter(uses);
    let mut users: Vec<&str> = checks.map(|check| check.name.as_str()).collect();
    if set.table(table.judges).is_some_and(|whole| whole.name == table.name) {
        users.push(lang.of(say::DONATION));
    }
    let (judges, used) = (lang.of(say::JUDGES), lang.of(say::USED_BY));
    match lang {
        Lang::En => {
            let what = lang.of(table.judges.words());
            format!("{judges}: {what}; {used} {}.", users.join(", "))
        }
        Lang::ZhCn => {
            let what = lang.of(table.judges.words());
            format!("{judges}：{what}；{used}：{}。", users.join("、"))
        }
    }
}

fn grid(table: &Table, lang: Lang) -> Grid {
    let questions: Vec<(usize, &Question)> = table
        .judges
        .questions()
        .iter()
        .enumerate()
        .filter(|(place, _)| table.rows.iter().any(|row| asks(row, *place)))
        .collect();
    let asked = questions.iter().map(|(_, question)| lang.of(question.words).to_owned());
    let then = [say::VERDICT, say::REASON, say::NEXT, say::LABEL, say::DONOR, say::CLAUSE];
    let mut heads = head(lang, [say::ROW]);
    heads.extend(asked);
    heads.extend(head(lang, then));
    let rows = table.rows.iter().map(|row| {
        let mut cells = vec![row.line.to_string()];
        cells.extend(questions.iter().map(|(place, question)| given(row, *place, question, lang)));
        cells.extend(then_cells(table.judges, row, lang));
        cells
    });
    Grid { head: heads, rows: rows.collect() }
}

fn asks(row: &Row, place: usize) -> bool {
    row.given.iter().any(|(asked, _)| *asked == place)
}

fn given(row: &Row, place: usize, question: &Question, lang: Lang) -> String {
    let Some((_, fits)) = row.given.iter().find(|(asked, _)| *asked == place) else {
        return lang.of(say::ANY).to_owned();
    };
    let answers = question.answers.iter().enumerate();
    let answers = answers.filter(|(place, _)| {
        u32::try_from(*place).is_ok_and(|p| fits.checked_shr(p).is_some_and(|bits| bits & 1 == 1))
    });
    answers.map(|(_, answer)| lang.of(answer.words)).collect::<Vec<_>>().join(" / ")
}

fn then_cells(judges: Judges, row: &Row, lang: Lang) -> [String; 6] {
    let then = &row.then;
    let reason = then.code.map(|code| {
        let words = lang.of(words::reason(code));
        format!("{}: {words}", code.id())
    });
    [
        lang.of(verdict(judges, then.verdict)).to_owned(),
        reason.unwrap_or_default(),
        then.next.map_or("", |next| lang.of(words::action(next))).to_owned(),
        then.label.map_or("", |label| lang.of(words::label(label))).to_owned(),
        then.donor.map_or("", |donor| lang.of(words::consequence(donor))).to_owned(),
        then.clause.clone(),
    ]
}

/// What a row says: of a result whether it counts, of everything else the verdict.
fn verdict(judges: Judges, verdict: Verdict) -> words::Words {
    let of_result = matches!(judges, Judges::Reagent | Judges::Run | Judges::Specimen);
    match verdict {
        Verdict::Releasable if of_result => say::COUNTS_HERE,
        Verdict::Pending if of_result => say::VOID_HERE,
        Verdict::Hold if of_result => say::BLOCKED_HERE,
        Verdict::Releasable => say::PASS,
        Verdict::Pending | Verdict::Hold | Verdict::Reject | Verdict::Recalled => {
            words::verdict(verdict)
        }
    }
}

/// What must never pass, in the answers that say so.
fn dangers(judges: Judges, lang: Lang, blocks: &mut Vec<Block>) {
    let answers = |(question, answers): &(&str, &[&str])| {
        let question = judges.questions().iter().find(|known| known.id == *question);
        let known = question.into_iter().flat_map(|question| question.answers);
        let known = known.filter(|known| answers.contains(&known.id));
        known.map(|known| lang.of(known.words)).collect::<Vec<_>>().join(" / ")
    };
    let dangers = judges.dangers().iter().map(|danger| {
        let when = danger.when.iter().map(answers);
        when.collect::<Vec<_>>().join(lang.of(["; ", "；"]))
    });
    let dangers: Vec<String> = dangers.collect();
    if !dangers.is_empty() {
        blocks.push(Block::Text(lang.of(say::NEVER_PASSES).to_owned()));
        blocks.push(Block::Items(dangers));
    }
}
