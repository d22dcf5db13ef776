//! What people see of a folder: `links`, `tap`, silence, the journal.

use std::fs;
use std::process::{Command, Stdio};

use super::bench::{Drop, MARKED};
use super::support::messages::{din, e601_clean};

#[test]
fn tap_shows_which_file_was_taken_what_was_in_it_and_what_became_of_it() {
    let drop = Drop::e601(MARKED);
    drop.drop("a.txt", format!("{}[end]\r\n", e601_clean(&din(1))));
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    let http = drop.bench.daemon.address("http").to_string();
    let mut tap = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["tap", "files", "--http", &http])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(tap.stdout.take().unwrap()));
    while !said.contains("stored") {
        said += &lines.next().unwrap().unwrap();
        said.push('\n');
    }
    tap.kill().unwrap();
    tap.wait().unwrap();
    assert!(said.contains("file a.txt") && said.contains(&din(1)), "{said}");
}

#[test]
fn a_folder_into_which_nothing_is_dropped_is_silent_until_the_next_file() {
    let drop = Drop::written("roche-cobas-e601", MARKED, "silence_alarm_s = 1");
    drop.until("silence", |drop| drop.alarms() == ["silence"]);
    drop.drop("a.txt", format!("{}[end]\r\n", e601_clean(&din(1))));
    let over = |drop: &Drop| drop.notes().contains(&"silence-over".to_owned());
    drop.until("it is over", over);
}

#[test]
fn the_line_is_told_in_words_and_numbers() {
    let drop = Drop::e601(MARKED);
    drop.drop("a.txt", format!("{}[end]\r\n", e601_clean(&din(1))));
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    drop.until("one look more", |drop| drop.link()["files"]["waiting"] == 0);
    let link = drop.link();
    let line = link["line"].as_str().unwrap();
    assert!(line.starts_with("folder /") && line.contains("looked at every 1 s"), "{line}");
    assert_eq!(link["state"], "connected");
    assert_eq!(link["received"]["messages"]["stored"], 1);
    assert_eq!(link["files"]["stuck"], 0);
    let open = drop.bench.metric(r#"hemogate_connections_open{analyser="files"}"#);
    assert_eq!(open, Some(1));
}

#[test]
fn the_journal_of_a_folder_replays_without_a_difference() {
    let mut drop = Drop::e601(MARKED);
    drop.bench.daemon.kill();
    let text = fs::read_to_string(&drop.bench.config).unwrap();
    let journal = "[journal]\nfolder = \"wire\"\nfile_mib = 1\nfiles = 100\n";
    fs::write(&drop.bench.config, format!("{journal}{text}")).unwrap();
    drop.bench.restart();
    let two = e601_clean(&din(1)) + &e601_clean(&din(2));
    drop.drop("two.txt", format!("{two}[end]\r\n"));
    drop.drop("garbage.txt", "garbage\r\n[end]\r\n");
    drop.until("both are dealt with", |drop| Drop::names(&drop.folder).len() == 2);
    assert_eq!(drop.bench.daemon.terminate(), Some(0));
    let replay = |journal: &str| {
        let ran = Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .args(["replay", journal, "--config", drop.bench.config.to_str().unwrap()])
            .output()
            .unwrap();
        (ran.status.code(), String::from_utf8_lossy(&ran.stdout).into_owned())
    };
    let wire = drop.bench.folder.path().join("wire");
    let (status, said) = replay(wire.to_str().unwrap());
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.trim_end().ends_with(" 0 differences") && said.contains("; 3 of all on record;"),
        "{said}"
    );
}
