//! The validation document of a rule set: everything that it says, in the words of the laboratory,
//! with what it rests on, what was shown of it and where two people sign. For printing, in English
//! or Chinese, as Markdown or as one HTML file that needs nothing else.
//!
//! Says nothing that the rule set, its proof or the case results do not: it is read beside the
//! printed rules, line by line. Texts of the file itself (status, clauses, switches) stay in the
//! language in which they were written.

mod checks;
mod html;
mod markdown;
mod page;
mod phrases;
mod proof;
mod tables;

use super::rule_set::RuleSet;
use super::words::{self, Lang};
use page::{Block, Grid};
use phrases as say;

/// How the document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// Markdown.
    #[default]
    Markdown,
    /// One HTML file with its own style, also for paper.
    Html,
}

/// What became of one decision case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// Its id.
    pub id: String,
    /// What is given.
    pub given: String,
    /// Verdict and reasons that followed.
    pub decided: String,
    /// What of it is not as expected.
    pub complaints: Vec<String>,
}

/// Writes the document; `cases` are the results of the case files that were run, in their order.
pub fn document(set: &RuleSet, lang: Lang, form: Form, cases: &[CaseResult]) -> String {
    let blocks = blocks(set, lang, cases);
    match form {
        Form::Markdown => markdown::write(&blocks),
        Form::Html => html::write(&blocks, lang, &title(set, lang)),
    }
}

/// What holds whatever a rule set says, a sentence each.
pub fn never_off(lang: Lang) -> Vec<&'static str> {
    say::NEVER_OFF.map(|words| lang.of(words)).to_vec()
}

fn blocks(set: &RuleSet, lang: Lang, cases: &[CaseResult]) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, title(set, lang)), identity(set, lang)];
    section(&mut blocks, lang, say::STATUS);
    blocks.push(Block::Text(lang.of(say::VERBATIM).to_owned()));
    blocks.push(Block::Text(set.status().to_owned()));
    switches(set, lang, &mut blocks);
    checks::write(set, lang, &mut blocks);
    tables::write(set, lang, &mut blocks);
    section(&mut blocks, lang, say::ALWAYS);
    blocks.push(Block::Items(never_off(lang).into_iter().map(str::to_owned).collect()));
    proof::write(set, lang, &mut blocks);
    case_results(lang, cases, &mut blocks);
    clauses(set, lang, &mut blocks);
    signatures(lang, &mut blocks);
    blocks
}

fn title(set: &RuleSet, lang: Lang) -> String {
    let identity = set.identity();
    format!("{}{} {}", lang.of(say::TITLE), identity.name, identity.version)
}

fn section(blocks: &mut Vec<Block>, lang: Lang, heading: words::Words) {
    blocks.push(Block::Heading(2, lang.of(heading).to_owned()));
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// The heads of a grid.
fn head<const N: usize>(lang: Lang, cells: [words::Words; N]) -> Vec<String> {
    cells.map(|words| lang.of(words).to_owned()).to_vec()
}

fn identity(set: &RuleSet, lang: Lang) -> Block {
    let identity = set.identity();
    let dated = set.dated().to_string();
    let program = format!("Hemogate {}", env!("CARGO_PKG_VERSION"));
    let rows = [
        (say::NAME, identity.name.as_str()),
        (say::VERSION, identity.version.as_str()),
        (say::DATED, dated.as_str()),
        (say::SHA256, identity.sha256.as_str()),
        (say::PROGRAM, program.as_str()),
    ];
    let rows = rows.map(|(words, value)| row(&[lang.of(words), value])).to_vec();
    Block::Grid(Grid { head: head(lang, [say::WHAT, say::VALUE]), rows })
}

fn switches(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    section(blocks, lang, say::SWITCHES);
    if set.switches().is_empty() {
        return blocks.push(Block::Text(lang.of(say::NO_SWITCHES).to_owned()));
    }
    let heads = [say::SWITCH, say::CHOSEN, say::CHOICES, say::TEXT, say::CLAUSE];
    let rows = set.switches().iter().map(|(name, switch)| {
        let chosen = match switch.value == switch.default {
            true => switch.value.clone(),
            false => format!("{} ({})", switch.value, lang.of(say::BY_THE_SITE)),
        };
        let choices = switch.choices.join(", ");
        row(&[name, &chosen, &choices, &switch.text, &switch.clause])
    });
    blocks.push(Block::Grid(Grid { head: head(lang, heads), rows: rows.collect() }));
}

fn case_results(lang: Lang, cases: &[CaseResult], blocks: &mut Vec<Block>) {
    section(blocks, lang, say::CASES);
    if cases.is_empty() {
        return blocks.push(Block::Text(lang.of(say::NO_CASES).to_owned()));
    }
    let passed = cases.iter().filter(|case| case.complaints.is_empty()).count();
    let [before, after] = say::CASES_PASSED.map(|words| lang.of(words));
    blocks.push(Block::Text(format!("{before}{passed} / {}{after}", cases.len())));
    let heads = [say::CASE, say::GIVEN, say::DECIDED, say::AGREES];
    let rows = cases.iter().map(|case| {
        let agrees = match case.complaints.is_empty() {
            true => lang.of(say::YES).to_owned(),
            false => format!("{}: {}", lang.of(say::NO), case.complaints.join("; ")),
        };
        row(&[&case.id, &case.given, &case.decided, &agrees])
    });
    blocks.push(Block::Grid(Grid { head: head(lang, heads), rows: rows.collect() }));
}

fn clauses(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    section(blocks, lang, say::CLAUSES);
    blocks.push(Block::Text(lang.of(say::VERBATIM).to_owned()));
    let heads = [say::CLAUSE, say::TEXT, say::SOURCE, say::CONFIDENCE, say::COMPARED];
    let rows = set
        .clauses()
        .iter()
        .map(|(id, clause)| row(&[id, &clause.text, &clause.source, clause.confidence.id(), ""]));
    blocks.push(Block::Grid(Grid { head: head(lang, heads), rows: rows.collect() }));
    let known = super::content::Confidence::ALL;
    let known = known.map(|known| lang.of(words::confidence(known)).to_owned());
    blocks.push(Block::Items(known.to_vec()));
}

fn signatures(lang: Lang, blocks: &mut Vec<Block>) {
    section(blocks, lang, say::SIGNATURES);
    blocks.push(Block::Text(lang.of(say::SIGNED_FOR).to_owned()));
    let heads = [say::ROLE, say::PERSON, say::SIGNATURE, say::DATE];
    let rows = [say::COMPARED_BY, say::APPROVED_BY].map(|role| row(&[lang.of(role), "", "", ""]));
    blocks.push(Block::Blank(Grid { head: head(lang, heads), rows: rows.to_vec() }));
}
