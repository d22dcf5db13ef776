//! `hemogate manifest check`.

use std::process::{Command, Output};

fn hemogate(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

#[test]
fn a_good_file_is_printed_as_it_would_be_imported() {
    let ran = hemogate(&["manifest", "check", "generic-sorter", "fixtures/manifests/sorter.csv"]);
    assert_eq!(ran.status.code(), Some(0));
    assert_eq!(
        lines(&ran.stdout),
        [
            "rack R0001: 3 tubes of 100, edta",
            "     1 G123426000001",
            "     2 G123426000002",
            "     4 G123426000003",
            "rack R0002: 2 tubes of 100, serum",
            "     1 G123426000004",
            "     2 G123426000005",
            "9 records would be put on record",
        ]
    );
}

#[test]
fn a_faulty_file_prints_its_faults_and_nothing_to_import() {
    let file = "fixtures/manifests/sorter-faulty.csv";
    let ran = hemogate(&["manifest", "check", "config/manifests/generic-sorter.toml", file]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.stdout.is_empty());
    let told = lines(&ran.stderr);
    assert!(told[0].starts_with("fixtures/manifests/sorter-faulty.csv: line 3, column 2: "));
    assert!(told.last().unwrap().ends_with("found: nothing of the file is imported"));
}

#[test]
fn a_layout_or_file_that_is_not_there_is_wrong_use() {
    let ran = hemogate(&["manifest", "check", "aptio", "fixtures/manifests/sorter.csv"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(lines(&ran.stderr)[0].contains("there are generic-pooling, generic-sorter"));
    let ran = hemogate(&["manifest", "check", "generic-sorter", "fixtures/manifests/none.csv"]);
    assert_eq!(ran.status.code(), Some(2));
}

#[test]
fn layouts_are_listed_with_what_they_were_built_from() {
    let ran = hemogate(&["manifest", "list"]);
    assert_eq!(ran.status.code(), Some(0));
    assert!(lines(&ran.stdout).iter().any(|line| line.starts_with("  built from: ")));
}
