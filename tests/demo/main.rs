//! `hemogate demo` as a newcomer runs it: the real binary, no terminal, standard input closed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .arg("demo")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts")
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn every_verdict_is_the_planned_one_for_several_seeds() {
    for seed in 1..=2 {
        let seed = seed.to_string();
        let output = demo(&["--once", "--donations", "40", "--seed", &seed]);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(0), "seed {seed}\n{out}\n{err}");
        assert!(out.contains("equal: every donation"), "seed {seed}\n{out}");
        assert!(!out.contains("differs"), "seed {seed}\n{out}");
    }
}

/// What a chapter of the day is told to have ended with.
fn ended(out: &str, title: &str) -> String {
    let after = out.split_once(title).unwrap_or_else(|| panic!("{title:?} is missing in\n{out}")).1;
    let lines = after.lines().skip(1).take_while(|line| line.starts_with("          "));
    lines.map(str::trim).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_day_shows_what_rules_ask_for_beyond_results_and_how_it_is_put_right() {
    let output = demo(&["--once", "--donations", "60", "--seed", "3"]);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    for (title, became) in [
        ("an external control of HBsAg", "6 hold QC_FAIL_EXTERNAL"),
        ("controls and HBsAg are run again", "6 releasable ALL_OK"),
        ("an expired reagent lot is on board", "6 pending REAGENT_EXPIRED"),
        ("with a lot in date", "6 releasable ALL_OK"),
        ("Abbott recalls its lot", "6 recalled LOT_RECALLED"),
    ] {
        assert_eq!(ended(&out, title), became, "{title}\n{out}");
    }
    let singly = ended(&out, "its members are tested singly");
    assert!(singly.contains("reject NAT_REACTIVE") && singly.contains("releasable"), "{out}");
    for code in ["INITIAL_REACTIVE", "REPEAT_REACTIVE", "NOT_SIGNED", "GREY_ZONE"] {
        assert!(out.contains(code), "{code}\n{out}");
    }
}

#[test]
fn a_log_reader_sees_chapters_and_the_table_and_no_control_characters() {
    let output = demo(&["--once", "--donations", "9"]);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    for text in [
        "1/4 The laboratory puts",
        "Batch 2",
        "releasable",
        "planned",
        "decided",
        "ALL_OK",
        "total",
        "serial /dev/",
    ] {
        assert!(out.contains(text), "{text:?} is missing in\n{out}");
    }
    assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{out}\n{err}");
}

#[test]
fn without_once_the_daemon_stays_for_the_printed_commands_until_ctrl_c_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["demo", "--donations", "4"])
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut urls = Vec::new();
    let (mut console, mut people) = (String::new(), Vec::new());
    for line in lines.by_ref().take_while(|line| !line.starts_with("Ctrl-C")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["The", "console:", url, ..] => console = url.trim_end_matches('/').to_owned(),
            [user @ ("li.na" | "wang.wei"), password, ..] => {
                people.push((user.to_owned(), password.to_owned()));
            }
            _ => {}
        }
        if let Some(command) = line.trim().strip_prefix("curl -s ") {
            urls.push(command.trim_matches('\'').to_owned());
        }
    }
    assert_eq!(urls.len(), 5, "{urls:?}");
    for url in &urls {
        assert_eq!(ureq::get(url).call().unwrap().status(), 200, "{url}");
    }
    assert_eq!(people.len(), 2, "{people:?}");
    let visitor = ureq::Agent::config_builder().max_redirects(0).max_redirects_will_error(false);
    let visitor: ureq::Agent = visitor.build().into();
    for (user, password) in &people {
        let form = [("name", user.as_str()), ("password", password.as_str())];
        let asked = visitor.post(format!("{console}/sign-in")).header("origin", &console);
        let answer = asked.send_form(form).unwrap();
        assert_eq!(answer.status(), 303, "{user} signs in");
        assert!(answer.headers().contains_key("set-cookie"), "{user}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the store");
    let process = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the store is gone");
}

#[test]
fn a_stop_in_the_middle_of_the_morning_leaves_nothing_either() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .args(["demo", "--donations", "10000"])
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("inventory system")));
        let process = child.id().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
        lines.for_each(drop); // as long as it runs, it may talk
        assert_eq!(child.wait().unwrap().code(), Some(1), "{signal}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{signal}");
    }
}

#[test]
fn used_wrongly_exits_2_and_an_address_that_is_taken_exits_1() {
    for wrong in [["--donations", "0"], ["--donations", "10001"], ["--seed", "x"], ["--http", "no"]]
    {
        assert_eq!(demo(&wrong).status.code(), Some(2), "{wrong:?}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(demo(&["--once", "--http", &address]).status.code(), Some(1));
}
