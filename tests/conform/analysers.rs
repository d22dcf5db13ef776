//! The analysers of our simulator keep every clause that can be seen without waiting for a timer.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::bench::{Analyser, Said, command};

/// The kit waits as a host; an analyser of this profile dials it.
fn conform(protocol: &str, profile: &str, more: &[&str], playing: &[&str]) -> Said {
    let kit = ["--listen", "tcp:127.0.0.1:0", "--peer", "analyser", "--protocol", protocol];
    let quick = ["--quick", "--patience", "20"];
    let mut kit =
        command(&[&kit[..], &quick, more].concat()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(kit.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit(' ').next().unwrap().to_owned();
    let _analyser = Analyser(
        Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .args(["simulate", "--profile", profile, "--connect", &format!("tcp:{address}")])
            .args(["--donations", "200"])
            .args(playing)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let output = kit.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    Said { status: output.status.code(), out }
}

#[test]
fn an_analyser_of_ours_keeps_the_clauses_of_lis01_and_lis02() {
    conform("lis01", "abbott-architect", &[], &[]).all_passed(12);
}

#[test]
fn an_analyser_of_ours_keeps_the_clauses_of_mllp() {
    conform("mllp", "mindray-bs", &[], &[]).all_passed(5);
}

#[test]
fn an_analyser_of_ours_that_asks_over_lis01_takes_the_orders() {
    let kit = ["--test", "^^^605", "--only", "takes the orders"];
    conform("lis01", "abbott-architect", &kit, &["--query"]).all_passed(1);
}

#[test]
fn an_analyser_of_ours_that_asks_keeps_the_clauses_of_law_on_orders() {
    for (profile, test) in
        [("abbott-alinity-i", "161^Anti-HCV^99ABT"), ("roche-cobas-6800", "74856-6^MPX^LN")]
    {
        let kit = ["--test", test, "--only", "LAB28"];
        conform("mllp", profile, &kit, &["--query"]).all_passed(4);
    }
}
