//! `hemogate profile`: what the administrator asks about profiles.

use crate::bench::{Ran, run, run_in};

/// Which analysers there are and how well each is founded: nobody may be told more than is true.
#[test]
fn the_manual_lists_every_profile_as_the_program_does() {
    let manual = std::fs::read_to_string("docs/manual/analysers.md").unwrap();
    let listed = run(&["profile", "list", "--markdown"]).is(0);
    let table: Vec<&str> = manual.lines().filter(|line| line.starts_with('|')).collect();
    assert!(table.len() > 10, "the table was not found");
    assert!(
        listed.out.lines().eq(table),
        "write it anew: hemogate profile list --markdown, into docs/manual/analysers.md"
    );
}

/// What is published is what the program prints.
#[test]
fn the_schema_of_profiles_is_printed_as_it_is_published() {
    let published = std::fs::read_to_string("config/profile.schema.json").unwrap();
    assert_eq!(run(&["profile", "schema"]).is(0).out, published);
}

const SMALL: &str = r#"
name = "small"
version = "1"
date = 2026-01-01
title = "Small analyser"
dialect = "lis02"
charset = "ascii"
confidence = "low"
built_from = "a test"
missing = ["the rest"]

[tests]
HB = "hb"
HBsAg = "hbsag"

[fields]
specimen_id = ["O.3"]
test_code = "R.3.4"
value = "R.4"

[[kind]]
path = "O.12"
codes = { "" = "donor", Q = "control" }

[status]
path = "R.9"
codes = { F = "final" }

[[verdict]]
path = "R.4"
marker = { NEG = "nonreactive", POS = "reactive" }
"#;

/// How the small analyser sends.
const SENDS: &str = r#"
[upload]
header = ['H|\^&']
specimen = ['O|{n}|{id}']
test = ['R|{n}|^^^{code}|{reading}|||||F']
footer = ['L|1|N']

[upload.failed]
test = ['R|{n}|^^^{code}|NEG|||||X']

[upload.control]
specimen = ['O|{n}|{id}|||||||||Q']
"#;

fn proven() -> String {
    // Nothing but words tells anything of a haemoglobin.
    let text = SMALL
        .replace("HB = \"hb\"\n", "")
        .replace("F = \"final\"", "F = \"final\", X = \"failed\"");
    format!("{text}{SENDS}")
}

fn checked(text: &str, more: &[&str]) -> Ran {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("small.toml"), text).unwrap();
    run_in(folder.path(), &[&["profile", "check", "small.toml"], more].concat())
}

#[test]
fn every_shipped_profile_is_good() {
    for name in hemogate::analyser::shipped_names() {
        let said = run(&["profile", "check", name]).is(0).out;
        assert!(said.contains("not validated at your site"), "{said}");
        assert!(said.ends_with("the profile is good\n"), "{said}");
        assert!(said.contains(" written and read back: all read as meant\n"), "{said}");
        assert!(!said.contains("warning: upload: "), "{said}");
    }
}

#[test]
fn an_assay_that_no_rule_set_uses_is_a_warning_with_its_line() {
    let small = SMALL.replace("HB = \"hb\"", "HB = \"anti-hbs\"");
    let said = checked(&small, &["--rules", "cn"]).is(0).out;
    let words = "warning: small.toml:13:1: tests.HB: no check of the rule sets cn uses anti-hbs";
    assert!(said.contains(words), "{said}");
    assert!(!said.contains("uses hbsag"), "{said}");
    checked(&small, &["--rules", "cn", "--strict"]).is(1);
    checked(&proven().replace("HB = \"hb\"\n", ""), &["--strict"]).is(0);
}

#[test]
fn faults_of_a_profile_are_told_with_their_lines() {
    let wrong = SMALL.replace("R.4\"\nmarker", "R.0\"\nmarker").replace("Q = \"control\"", "");
    let ran = checked(&wrong, &[]).is(1);
    assert!(
        ran.err.contains("small.toml:21:1: kind[1]: no [[kind]] marks anything but donors"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("small.toml:30:8: verdict[1].path: "), "{}", ran.err);
    run(&["profile", "check", "no-such-analyser"]).is(2);
    checked(SMALL, &["--rules", "no-such-rules"]).is(2);
}

#[test]
fn what_an_analyser_sends_is_written_and_read_back() {
    let said = checked(&proven(), &["--strict"]).is(0).out;
    let counted = "proof: 4 results of 1 assays written and read back: all read as meant";
    assert!(said.contains(counted), "{said}");
}

#[test]
fn what_is_read_otherwise_than_it_is_sent_is_a_warning() {
    let wrong = proven().replace("'O|{n}|{id}|||||||||Q'", "'O|{n}|{id}'");
    let said = checked(&wrong, &[]).is(0).out;
    let words =
        "warning: upload: control's hbsag, nonreactive: kind: meant \"control\", read \"donor\"";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("written and read back: 1 difference\n"), "{said}");
    checked(&wrong, &["--strict"]).is(1);
}

#[test]
fn a_profile_that_does_not_say_how_its_analyser_sends_has_a_warning() {
    let mute = proven().replace(SENDS, "");
    let said = checked(&mute, &[]).is(0).out;
    let words = "warning: upload: [upload] is missing: it can be neither proven nor played";
    assert_eq!(said.matches(words).count(), 1, "{said}");
    assert!(!said.contains("proof: "), "{said}");
    checked(&mute, &["--strict"]).is(1);
}
