//! What was shown of the rule set, table by table, and what passes although it need not.

use super::super::proof::{Proof, Tongue};
use super::super::rule_set::RuleSet;
use super::super::words::{self, Lang};
use super::page::{Block, Grid};
use super::phrases as say;
use super::{head, section};
use crate::domain::Verdict;

/// Writes the section of the proof.
pub(super) fn write(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    let proof = set.proof();
    section(blocks, lang, say::PROOF);
    let counts =
        [proof.combinations.to_string(), proof.steps.to_string(), proof.product.to_string()];
    let shown = say::PROVED.into_iter().zip(counts);
    let stop = lang.of([".", "。"]);
    let shown = shown.map(|(words, count)| format!("{}{count}{stop}", lang.of(words)));
    blocks.push(Block::Items(shown.collect()));
    blocks.push(Block::Grid(tables(&proof, lang)));
    blocks.push(Block::Heading(3, lang.of(say::PASSES_ANYWAY).to_owned()));
    passing(&proof, lang, blocks);
}

fn tables(proof: &Proof, lang: Lang) -> Grid {
    let verdicts = [
        say::PASS,
        words::verdict(Verdict::Pending),
        words::verdict(Verdict::Hold),
        words::verdict(Verdict::Reject),
    ];
    let mut heads = head(lang, [say::TABLE, say::JUDGES, say::ROWS, say::COMBINATIONS]);
    heads.extend(head(lang, verdicts));
    let rows = proof.tables.iter().map(|table| {
        let mut cells = vec![
            table.name.clone(),
            lang.of(table.judges.words()).to_owned(),
            table.rows.to_string(),
            table.combinations.to_string(),
        ];
        let judged = [Verdict::Releasable, Verdict::Pending, Verdict::Hold, Verdict::Reject];
        cells.extend(judged.map(|verdict| {
            let found = table.verdicts.iter().find(|(known, _)| *known == verdict);
            found.map_or(0, |(_, count)| *count).to_string()
        }));
        cells
    });
    Grid { head: heads, rows: rows.collect() }
}

fn passing(proof: &Proof, lang: Lang, blocks: &mut Vec<Block>) {
    let tongue = match lang {
        Lang::En => Tongue::English,
        Lang::ZhCn => Tongue::Chinese,
    };
    let each = proof.tables.iter().flat_map(|table| {
        table.passing.iter().map(move |passing| {
            let example = passing.example.words(tongue);
            format!("{} ({}): {example}", table.name, passing.line)
        })
    });
    let each: Vec<String> = each.collect();
    blocks.push(match each.is_empty() {
        true => Block::Text(lang.of(say::NOTHING_ELSE).to_owned()),
        false => Block::Items(each),
    });
}
