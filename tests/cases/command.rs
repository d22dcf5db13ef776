//! `hemogate rules test` as people and programs run it.

use std::path::Path;
use std::process::{Command, Output};

use hemogate::casebook;

fn rules_test(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    command.args(["rules", "test"]).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

const TWO: &str = "rules = \"cn\"\n[[case]]\nid = \"good\"\nverdict = \"RELEASABLE\"\n[[case]]\n\
                   id = \"wrong\"\ngiven = \"ALT 51 <U/L>\"\nchange = \"ALT is 51 U/L\"\n\
                   verdict = \"HOLD\"\nreason = \"MISSING\"\n";

#[test]
fn a_case_that_fails_is_printed_with_what_was_expected_and_decided() {
    let folder = tempfile::tempdir().unwrap();
    let (file, junit) = (write(folder.path(), "two.toml", TWO), folder.path().join("two.xml"));
    let run = rules_test(&[&file, "--junit", junit.to_str().unwrap()]);
    assert_eq!(run.status.code(), Some(1));
    let said = text(&run.stdout);
    for part in [
        "under cn ",
        ": 1 of 2 cases as expected",
        ":5: case wrong: ALT 51 <U/L>",
        "expected hold, decided reject",
        "expected the reason MISSING",
        "ALT_HIGH:alt reject: ",
        "donor temporary: ALT_HIGH",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let xml = std::fs::read_to_string(junit).unwrap();
    assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
    assert!(xml.contains("<testcase classname=\"cn\" name=\"good\"/>"), "{xml}");
}

#[test]
fn as_json_each_case_is_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "two.toml", TWO);
    let run = rules_test(&["--json", &file]);
    let lines: Vec<serde_json::Value> =
        text(&run.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["passed"], true);
    assert_eq!(lines[1]["decision"]["verdict"], "reject");
    assert_eq!(lines[1]["rules"], "cn");
}

#[test]
fn a_rule_set_beside_the_case_file_is_found_there() {
    let folder = tempfile::tempdir().unwrap();
    let rules = hemogate::rules::shipped("cn").unwrap().replace("name = \"cn\"", "name = \"ours\"");
    write(folder.path(), "ours.toml", &rules);
    let cases = "rules = \"ours.toml\"\nbaseline = \"cn\"\n[[case]]\nid = \"a\"\n\
                 verdict = \"RELEASABLE\"\n";
    let file = write(folder.path(), "cases.toml", cases);
    let run = rules_test(&[&file]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("under ours "), "{}", text(&run.stdout));
}

#[test]
fn faulty_files_and_files_that_are_not_there_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        write(folder.path(), "x.toml", "rules = \"cn\"\n[[case]]\nid = \"a\"\nchange = \"?\"\n");
    let run = rules_test(&[&file]);
    assert_eq!(run.status.code(), Some(1));
    let said = text(&run.stderr);
    assert!(said.contains("x.toml:4:10: case[1].change: no sentence begins with"), "{said}");
    assert!(said.contains("case[1].verdict: is missing"), "{said}");
    assert_eq!(rules_test(&["atlantis"]).status.code(), Some(2));
    assert_eq!(rules_test(&[]).status.code(), Some(2));
}

#[test]
fn the_words_are_those_of_the_manual() {
    let run = rules_test(&["--words"]);
    assert_eq!(text(&run.stdout), casebook::manual());
}
