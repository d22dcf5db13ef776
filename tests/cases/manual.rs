//! The manual says what the program understands: the forms in it are the forms of the program, and
//! its examples are understood.

use hemogate::casebook;

const MANUAL: &str = include_str!("../../docs/manual/cases.md");

#[test]
fn the_manual_lists_every_form_of_sentence_and_no_other() {
    let (_, listed) = MANUAL.split_once("`<place>` is to be filled.\n\n").unwrap();
    let anew = "write it anew: hemogate rules test --words, at the end of docs/manual/cases.md";
    assert_eq!(listed, casebook::manual(), "{anew}");
}

#[test]
fn every_example_is_understood() {
    let examples: Vec<&str> =
        MANUAL.lines().filter_map(|line| line.strip_prefix("- **")?.strip_suffix("**")).collect();
    assert_eq!(examples.len(), casebook::words().count());
    for example in examples {
        casebook::understand(example).unwrap_or_else(|why| panic!("{example}: {why}"));
    }
}

#[test]
fn sentences_in_the_text_of_the_manual_are_understood() {
    let (text, _) = MANUAL.split_once("## Every form of sentence").unwrap();
    for sentence in [
        "kit control of HBsAg failed",
        "HBsAg tested again: nonreactive",
        "HBsAg kit A is reactive",
        "duplicate = NR/NR",
        "NAT is reactive",
    ] {
        assert!(text.contains(sentence), "{sentence}");
        casebook::understand(sentence).unwrap_or_else(|why| panic!("{sentence}: {why}"));
    }
}

#[test]
fn the_case_in_the_manual_is_a_case() {
    let (_, rest) = MANUAL.split_once("```toml\n").unwrap();
    let (case, _) = rest.split_once("```").unwrap();
    let book = casebook::read("manual.toml", case).unwrap();
    assert_eq!(book.cases.len(), 1);
}

/// The second column of the table of givens is nothing but sentences, and what stands between.
#[test]
fn every_given_of_the_manual_is_told_in_sentences_that_are_understood() {
    let (_, rest) = MANUAL.split_once("## Givens, and how they are told").unwrap();
    let (table, _) = rest.split_once("\n## ").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut count = 0;
    for row in rows {
        let column = row.split('|').nth(2).unwrap();
        for sentence in column.split('`').skip(1).step_by(2) {
            casebook::understand(sentence).unwrap_or_else(|why| panic!("{sentence}: {why}"));
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}
