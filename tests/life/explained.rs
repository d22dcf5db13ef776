//! How a verdict is explained: the rows that decided, and the bytes behind them.

use std::path::Path;
use std::process::Command;

use crate::support::bench::Bench;
use crate::support::messages;

fn explain(din: &str, config: &Path, lang: &str) -> (Option<i32>, String, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["rules", "explain", din, "--lang", lang, "--config"])
        .arg(config)
        .output()
        .expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
}

#[test]
fn a_verdict_is_explained_from_the_deciding_row_down_to_the_bytes() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    bench.send_clean(&din);
    let (status, out, err) = explain(&din, &bench.config, "en");
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    let message = messages::e601_clean(&din);
    let sent = "515//not";
    let offset = message.rfind(sent).unwrap();
    for words in [
        "[pending], verdict ",
        "check hbsag (needed): passed (result",
        "table serology about ",
        ", clause ",
        "check abo (needed): not passed",
        "HBsAg nonreactive",
        "serology (roche-cobas-e601), message 1 of",
        "kit not on record; lot ",
        &format!("bytes {offset}.."),
        "registration: collected 2026-01-05T00:00:00Z, repeat donor, group A positive on record",
    ] {
        assert!(out.contains(words), "{words:?} in\n{out}");
    }
}

#[test]
fn the_line_of_a_deciding_row_is_its_line_in_the_text_on_record() {
    let bench = Bench::start();
    let din = messages::din(2);
    bench.daemon.register(&messages::registration(&din));
    let reactive = messages::e601(&din, 515, 1, "7.1", "20260105115617");
    bench.astm("serology", &reactive);
    let (_, out, _) = explain(&din, &bench.config, "zh-CN");
    assert!(out.contains("待定") || out.contains("[pending]"), "{out}");
    let line = out.lines().find(|line| line.contains("INITIAL_REACTIVE, clause")).unwrap();
    let number: usize = line.trim().split(' ').nth(1).unwrap().parse().unwrap();
    let text = hemogate::config::Config::load(&bench.config).unwrap().rules.text().to_owned();
    let row = text.lines().nth(number - 1).unwrap();
    assert!(row.contains("reason = \"INITIAL_REACTIVE\""), "line {number}: {row}");
}

#[test]
fn what_is_not_on_record_and_what_was_not_registered_is_said() {
    let bench = Bench::start();
    let (status, _, err) = explain("G123426999999", &bench.config, "en");
    assert_eq!(status, Some(1));
    assert!(err.contains("nothing is on record"), "{err}");
    let din = messages::din(3);
    bench.astm("serology", &messages::e601_clean(&din));
    let (status, out, _) = explain(&din, &bench.config, "en");
    assert_eq!(status, Some(0), "{out}");
    assert!(out.contains("no verdict yet, it is not registered"), "{out}");
    assert!(out.contains("not registered\nresult "), "{out}");
}
