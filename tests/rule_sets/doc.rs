//! The printed document: whole in both languages and both forms, and held against the sets that we
//! ship.

use hemogate::rules::RuleSet;
use hemogate::rules::doc::{CaseResult, Form, document};
use hemogate::rules::words::{self, Lang};

use super::shipped::{NAMES, parse, text};

fn small() -> RuleSet {
    parse("small", include_str!("small.toml"))
}

fn cases() -> Vec<CaseResult> {
    let case = |id: &str, decided: &str, complaints: &[&str]| CaseResult {
        id: id.to_owned(),
        given: "HBsAg is reactive".to_owned(),
        decided: decided.to_owned(),
        complaints: complaints.iter().map(|words| (*words).to_owned()).collect(),
    };
    vec![
        case("T-01", "pending INITIAL_REACTIVE", &[]),
        case("T-02", "releasable", &["expected pending, decided releasable"]),
    ]
}

#[test]
fn the_document_in_english_as_markdown() {
    insta::assert_snapshot!(document(&small(), Lang::En, Form::Markdown, &cases()));
}

#[test]
fn the_document_in_chinese_as_markdown() {
    insta::assert_snapshot!(document(&small(), Lang::ZhCn, Form::Markdown, &cases()));
}

#[test]
fn the_document_in_chinese_as_html() {
    insta::assert_snapshot!(document(&small(), Lang::ZhCn, Form::Html, &[]));
}

#[test]
fn the_document_in_english_as_html() {
    insta::assert_snapshot!(document(&small(), Lang::En, Form::Html, &[]));
}

/// What a director compares line by line must all be there: a row left out is a rule nobody signed.
#[test]
fn the_document_of_every_shipped_set_has_every_row_clause_switch_and_check() {
    for name in NAMES {
        let set = parse(name, &text(name));
        for lang in Lang::ALL {
            let page = document(&set, lang, Form::Html, &[]);
            assert!(page.contains(&set.identity().sha256), "{name}");
            for table in set.tables() {
                assert!(page.contains(&format!("<h3>{}</h3>", table.name)), "{name}");
                for row in &table.rows {
                    assert!(page.contains(&format!("<tr><td>{}</td>", row.line)), "{name}");
                    if let Some(code) = row.then.code {
                        let told = format!("{}: {}", code.id(), lang.of(words::reason(code)));
                        assert!(page.contains(&told), "{name}: {told}");
                    }
                }
            }
            let checks = set.checks().iter().map(|check| check.name.as_str());
            let switches = set.switches().keys().map(String::as_str);
            let clauses = set.clauses().keys().map(String::as_str);
            for id in checks.chain(switches).chain(clauses) {
                assert!(page.contains(&format!("<td>{id}</td>")), "{name}: {id}");
            }
        }
    }
}

/// A cell more or less would put an answer under another question.
#[test]
fn every_row_of_a_table_has_as_many_cells_as_its_head() {
    for name in NAMES {
        let set = parse(name, &text(name));
        let page = document(&set, Lang::ZhCn, Form::Markdown, &cases());
        let mut width = None;
        for line in page.lines() {
            let cells = line.replace(r"\|", "").matches('|').count();
            if cells == 0 {
                width = None;
            } else {
                assert_eq!(*width.get_or_insert(cells), cells, "{name}: {line}");
            }
        }
    }
}
