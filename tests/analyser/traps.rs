//! The table of traps in the manual: nothing of the list is left out, and what it names is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../docs/manual/traps.md");

/// What analysers are known to do, each a beginning of its row.
const TRAPS: [&str; 44] = [
    "abnormal flag N on a reactive value",
    "flag against a number that has no words",
    "sign and number in contradiction",
    "ETB inside a number",
    "`-1^0.188`",
    "`1\\S\\2.14`",
    "`???\\S\\???`",
    "mantissa, and the power of ten in the unit",
    "thousands separator",
    "decimal comma",
    "`<2.00`",
    "`> 250.0`",
    "below the titer means detected",
    "F, I, P, G",
    "mean record before its replicates",
    "final status with an error text",
    "failed order without a result record",
    "corrected, deleted and wrong statuses",
    "manual edits",
    "test mode",
    "expired reagent",
    "diluted, or another kind of specimen",
    "controls in the sample stream",
    "ids padded left or right",
    "`@` placeholders",
    "`&ROCHE`",
    "id in SAC-3 only",
    "escaped characters",
    "`=` and 15 characters of ISBT 128",
    "a prefix that nobody listed",
    "several specimens in one message",
    "a run of 512 results in one message",
    "1. ",
    "2. ",
    "3. ",
    "4. ",
    "5. ",
    "6. ",
    "7. ",
    "8. ",
    "9. ",
    "10. ",
    "11. ",
    "12. ",
];

/// The last cell of each row behind the trap.
fn rows() -> Vec<(&'static str, &'static str)> {
    let mut rows = Vec::new();
    for line in PAGE.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{line}");
        if !["trap", "hazard"].contains(&cells[0].trim()) {
            rows.push((cells[0].trim(), cells[3].trim()));
        }
    }
    rows
}

/// The names in a cell.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every function of every test.
fn functions() -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    let mut folders: Vec<PathBuf> = vec![root().join("tests")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(path).unwrap();
                let names = text.lines().filter_map(|line| line.trim().split_once("fn "));
                functions.extend(names.filter_map(|(_, rest)| {
                    rest.split_once(['(', '<']).map(|(name, _)| name.to_owned())
                }));
            }
        }
    }
    functions
}

#[test]
fn every_trap_has_its_row_and_every_row_a_proof() {
    let rows = rows();
    for trap in TRAPS {
        assert!(rows.iter().any(|(own, _)| own.starts_with(trap)), "{trap} is not in the manual");
    }
    for (trap, proof) in rows {
        assert!(names(proof).next().is_some(), "{trap} has no proof");
    }
}

#[test]
fn every_transcript_and_test_that_the_table_names_is_there() {
    let functions = functions();
    let mut seen = 0;
    for (trap, proof) in rows() {
        for name in names(proof) {
            let is_there = match name.contains('/') {
                true => root().join("fixtures/analysers").join(name).is_file(),
                false => functions.contains(name),
            };
            assert!(is_there, "{trap}: {name} is not there");
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} names");
}
