//! FM-40: defects were found by users and not by validation. Here every failure of the field that
//! we know of is a row of a public page, with the tests that reproduce it: the page and the tests
//! are held against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROWS: u32 = 52;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every test named after a row: `fm_NN_...` and the file that has it.
fn tests(folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let file = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            for line in text.lines().filter_map(|line| line.trim().strip_prefix("fn fm_")) {
                let name = line.split('(').next().unwrap();
                into.insert(format!("fm_{name}"), file.clone());
            }
        }
    }
}

fn page() -> String {
    fs::read_to_string(root().join("docs/manual/recalls.md")).unwrap()
}

/// Rows of the page: number, and the rest of the line.
fn rows(page: &str) -> BTreeMap<u32, String> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("| FM-"));
    let row = |line: &str| {
        let (number, rest) = line.split_once(' ').unwrap();
        (number.parse().unwrap(), rest.to_owned())
    };
    lines.map(row).collect()
}

#[test]
fn fm_40_every_row_is_on_the_page_and_says_what_covers_it() {
    let page = page();
    let rows = rows(&page);
    let numbers: BTreeSet<u32> = rows.keys().copied().collect();
    assert_eq!(numbers, (1..=ROWS).collect());
    for (number, rest) in rows {
        let covered = rest.rsplit('|').nth(1).unwrap().trim();
        assert!(!covered.is_empty(), "FM-{number:02} says nothing of what covers it");
    }
}

#[test]
fn fm_40_every_test_named_after_a_row_is_on_the_page_and_there() {
    let mut there = BTreeMap::new();
    tests(&root().join("src"), &mut there);
    tests(&root().join("tests"), &mut there);
    let page = page();
    let rows = rows(&page);
    let mut wrong = Vec::new();
    for (name, file) in &there {
        let number: u32 = name[3..5].parse().unwrap();
        if !rows.get(&number).is_some_and(|row| row.contains(&format!("`{name}`"))) {
            wrong.push(format!("put `{name}` ({file}) into row FM-{number:02}"));
        }
    }
    for named in page.split('`').filter(|word| word.starts_with("fm_")) {
        if !there.contains_key(named) {
            wrong.push(format!("there is no test {named}"));
        }
    }
    assert!(wrong.is_empty(), "docs/manual/recalls.md: {wrong:#?}");
}
