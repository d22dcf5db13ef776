//! `hemogate simulate`, the real binary, towards the receiving ends that the daemon uses.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use hemogate::link::Answer;
use hemogate::simulator::{Fault, Model};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_blocking;
use tokio_serial::{SerialPort, SerialStream};

use crate::player::host;

fn simulate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .arg("simulate")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts")
}

/// Runs the command while something else serves it.
pub(crate) async fn simulated(arguments: &[&str]) -> (Option<i32>, String, String) {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let output =
        spawn_blocking(move || simulate(&arguments.iter().map(String::as_str).collect::<Vec<_>>()));
    let output = output.await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A host for one connection; returns where it is.
async fn listening(model: Model, answer: Answer) -> (String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line = format!("tcp:{}", listener.local_addr().unwrap());
    let host = tokio::spawn(async move {
        let stream = listener.accept().await.unwrap().0;
        host(Box::new(stream), model, move || Some(answer.clone())).await.len()
    });
    (line, host)
}

#[tokio::test]
async fn every_profile_plays_a_rack_and_exits_0_when_all_is_acknowledged() {
    for model in Model::ALL {
        let (line, host) = listening(model, Answer::Stored).await;
        let arguments = ["--profile", model.profile(), "--connect", &line, "--donations", "3"];
        let (code, out, err) = simulated(&arguments).await;
        assert_eq!(code, Some(0), "{model:?}\n{out}\n{err}");
        let stored = host.await.unwrap();
        assert!(out.contains(&format!("{stored} of {stored} messages acknowledged")), "{out}");
        assert!(out.contains("rack 1: "), "{out}");
    }
}

#[tokio::test]
async fn a_serial_line_is_played_too() {
    let (master, slave) = SerialStream::pair().unwrap();
    let line = format!("serial:{}", slave.name().unwrap());
    let answers = || Some(Answer::Stored);
    let host = tokio::spawn(host(Box::new(master), Model::CobasE601, answers));
    let arguments = ["--profile", "roche-cobas-e601", "--connect", &line, "--donations", "6"];
    let (code, out, err) = simulated(&arguments).await;
    assert_eq!(code, Some(0), "{out}\n{err}");
    drop(slave);
    assert!(!host.await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_names_the_donations() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "A999926000017\n\n  A999926000018  \nSITE-7").unwrap();
    let (line, host) = listening(Model::Vision, Answer::Stored).await;
    let path = file.path().to_str().unwrap();
    let arguments = ["--profile", "ortho-vision", "--connect", &line, "--donations", path];
    let (code, out, _) = simulated(&arguments).await;
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("3 donations"), "{out}");
    assert!(host.await.unwrap() >= 3);
}

#[tokio::test]
async fn what_was_not_acknowledged_is_named_and_exits_1() {
    let refusal = Answer::StoredUnread("no such test".to_owned());
    let (line, host) = listening(Model::MindrayBs, refusal).await;
    let arguments = ["--profile", "mindray-bs", "--connect", &line, "--donations", "2"];
    let (code, out, err) = simulated(&arguments).await;
    assert_eq!(code, Some(1), "{out}\n{err}");
    assert!(err.contains("rack 1, message 1: AE"), "{err}");
    assert!(out.contains("0 of "), "{out}");
    host.await.unwrap();
}

#[test]
fn nobody_there_exits_1_and_wrong_usage_exits_2() {
    let nobody = ["--profile", "mindray-bs", "--connect", "tcp:127.0.0.1:1"];
    assert_eq!(simulate(&nobody).status.code(), Some(1));
    let no_file = ["--profile", "mindray-bs", "--connect", "tcp:127.0.0.1:1", "--donations", "/no"];
    assert_eq!(simulate(&no_file).status.code(), Some(1));
    for wrong in [
        ["--profile", "mindray", "--connect", "tcp:127.0.0.1:1"],
        ["--profile", "mindray-bs", "--connect", "127.0.0.1:1"],
        ["--profile", "mindray-bs", "--donations", "3"],
    ] {
        assert_eq!(simulate(&wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn the_faults_are_listed_each_with_a_line() {
    let output = simulate(&["--fault", "list"]);
    assert_eq!(output.status.code(), Some(0));
    let out = String::from_utf8(output.stdout).unwrap();
    for fault in Fault::ALL {
        let line = out.lines().find(|line| line.split_whitespace().next() == Some(fault.name()));
        assert!(line.is_some_and(|line| line.contains(fault.what())), "{fault}\n{out}");
    }
}

#[tokio::test]
async fn faults_are_counted_in_the_summary_and_everything_is_delivered_all_the_same() {
    let (line, host) = listening(Model::Maglumi, Answer::Stored).await;
    let arguments = [
        ["--profile", "snibe-maglumi"],
        ["--connect", &line],
        ["--donations", "6"],
        ["--fault", "bad-checksum=10%"],
        ["--fault", "repeated-frame=100"],
        ["--haste", "50"],
    ];
    let (code, out, err) = simulated(arguments.as_flattened()).await;
    assert_eq!(code, Some(0), "{out}\n{err}");
    assert!(out.contains("faults: bad-checksum "), "{out}");
    assert!(out.contains("repeated-frame "), "{out}");
    host.await.unwrap();
}

#[tokio::test]
async fn faults_of_the_bench_name_the_donations_that_they_concern() {
    let (line, host) = listening(Model::Maglumi, Answer::Stored).await;
    let arguments = [
        ["--profile", "snibe-maglumi"],
        ["--connect", &line],
        ["--donations", "6"],
        ["--fault", "duplicate-id=1000"],
    ];
    let (code, out, err) = simulated(arguments.as_flattened()).await;
    assert_eq!(code, Some(0), "{out}\n{err}");
    assert!(out.contains("rack 1: duplicate-id: A999926"), "{out}");
    assert!(out.contains("must not become releasable: A999926"), "{out}");
    host.await.unwrap();
}

#[tokio::test]
async fn an_analyser_that_listens_is_called_by_the_host() {
    let child = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["simulate", "--profile", "mindray-bs", "--listen", "tcp:127.0.0.1:0"])
        .args(["--donations", "3"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut child = child;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let waiting = lines.next().unwrap();
    let address = waiting.strip_prefix("waiting for a call at tcp:").unwrap().to_owned();
    let stream = TcpStream::connect(address).await.unwrap();
    let stored = host(Box::new(stream), Model::MindrayBs, || Some(Answer::Stored)).await;
    let (status, rest) =
        spawn_blocking(move || (child.wait().unwrap(), lines.collect::<Vec<_>>())).await.unwrap();
    assert_eq!(status.code(), Some(0), "{rest:?}");
    let count = stored.len();
    assert!(rest.contains(&format!("{count} of {count} messages acknowledged")), "{rest:?}");
}

#[test]
fn what_does_not_go_together_exits_2_and_says_why() {
    let tcp = ["--connect", "tcp:127.0.0.1:1"];
    let serial = ["--connect", "serial:/dev/null"];
    for (arguments, why) in [
        ([["--profile", "mindray-bs"], tcp, ["--fault", "bad-checksum=1"]], "neither checksum"),
        ([["--profile", "snibe-maglumi"], serial, ["--fault", "reset=1"]], "serial line"),
        ([["--profile", "hitachi-7180"], tcp, ["--fault", "lost-ack=1"]], "one block each"),
        ([["--profile", "hitachi-7180"], tcp, ["--script", "day.toml"]], "does not ask"),
        ([["--profile", "snibe-maglumi"], tcp, ["--fault", "gremlin=1"]], "gremlin"),
        ([["--profile", "snibe-maglumi"], tcp, ["--fault", "noise=1001"]], "0 to 1000"),
        ([["--profile", "snibe-maglumi"], tcp, ["--haste", "0"]], "1 to 100"),
        ([["--profile", "snibe-maglumi"], tcp, ["--pace", "1"]], "300 to"),
        ([["--profile", "snibe-maglumi"], tcp, ["--listen", "tcp:127.0.0.1:0"]], "--listen"),
        ([tcp, ["--fault", "noise=1"], ["--seed", "1"]], "--profile"),
    ] {
        let output = simulate(arguments.as_flattened());
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{err}");
        assert!(err.contains(why), "{arguments:?}\n{err}");
    }
}
