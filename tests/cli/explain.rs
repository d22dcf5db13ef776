//! `hemogate decode --explain` and `hemogate profile coverage`: what became of every byte.

use serde_json::Value;

use crate::bench::{run, run_with};

const SESSION: &str = "fixtures/analysers/roche-cobas-e601/donor-nonreactive.session";

/// The first column of the lines: where each range begins and ends.
fn ranges(out: &str) -> Vec<(usize, usize)> {
    let lines = out.lines().filter(|line| line.starts_with("  "));
    let range = |line: &str| {
        let (start, end) = line.split_whitespace().next()?.split_once("..")?;
        Some((start.parse().ok()?, end.parse().ok()?))
    };
    lines.map(|line| range(line).unwrap()).collect()
}

#[test]
fn every_byte_of_the_input_is_explained_once_frames_included() {
    let told = run(&["decode", "--profile", "roche-cobas-e601", "--explain", SESSION]).is(0);
    let mut at = 0;
    for (start, end) in ranges(&told.out) {
        assert_eq!(start, at, "{}", told.out);
        at = end;
    }
    assert_eq!(at, std::fs::read(SESSION).unwrap().len());
    for said in [
        "message 1, input bytes 0..",
        "frame: ENQ: a session begins",
        "frame: checksum of the frame",
        "structure: delimiters",
        "specimen id: donation G1234",
        "goes on: ",
        "(not shown)",
        "behind the last message",
    ] {
        assert!(told.out.contains(said), "{said} is not in\n{}", told.out);
    }
    assert!(!told.out.contains("UNACCOUNTED"), "{}", told.out);
}

#[test]
fn what_is_not_understood_is_said_and_makes_the_status_1() {
    let input = b"H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rX|1\rL|1|N\r";
    let explain = ["decode", "--profile", "roche-cobas-e601", "--explain"];
    let told = run_with(input, &explain).is(1);
    assert!(told.out.contains("UNACCOUNTED: no record of a message has the type"), "{}", told.out);
    let cut = run_with(b"\x05\x021H|\\^&\r\x03E5\r\n\x04", &explain).is(1);
    assert!(cut.out.contains("a message that is incomplete"), "{}", cut.out);
}

#[test]
fn ranges_come_as_json_too() {
    let explain = ["decode", "--profile", "roche-cobas-e601", "--explain", "--json", SESSION];
    let objects = run(&explain).is(0).objects();
    let of = |role: &str| objects.iter().find(|object| object["role"] == role).cloned().unwrap();
    let code = of("test code");
    assert_eq!((code["message"].clone(), code["became"].clone()), (1.into(), "mapped".into()));
    assert!(code["meaning"].as_str().unwrap().starts_with("assay "));
    assert!(objects.iter().any(|object| object["text"] == Value::Null), "people are not shown");
    let known = ["frame", "structure", "mapped", "ignored"];
    assert!(objects.iter().all(|object| known.contains(&object["became"].as_str().unwrap())));
    run(&["decode", "--profile", "roche-cobas-e601", "--json", SESSION]).is(2);
}

#[test]
fn coverage_tells_every_field_and_makes_the_status_1_where_one_is_not_covered() {
    let coverage = |files: &[&str]| {
        let mut arguments = vec!["profile", "coverage", "roche-cobas-e601"];
        arguments.extend(files);
        run(&arguments)
    };
    let clean = coverage(&[SESSION]).is(0);
    for said in ["O.3.1", "mapped: specimen id", "ignored: about the person", "1 messages; "] {
        assert!(clean.out.contains(said), "{said} is not in\n{}", clean.out);
    }
    assert!(clean.out.contains("unaccounted       0 fields  0.0 %"), "{}", clean.out);
    let flags = "fixtures/analysers/roche-cobas-e601/four-flags.session";
    let both = coverage(&[SESSION, flags]).is(1);
    assert!(both.out.contains("UNACCOUNTED: the profile does not know this flag"), "{}", both.out);
    assert!(both.out.contains("2 messages; "), "{}", both.out);
    coverage(&["no-such-file"]).is(2);
    run(&["profile", "coverage", "no-such-profile", SESSION]).is(2);
}
