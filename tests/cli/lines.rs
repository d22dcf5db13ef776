//! `hemogate links` and `hemogate tap`: the real program against the interface on a real socket.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use hemogate::api::{ApiState, router};
use hemogate::clock::{self, At, now};
use hemogate::domain::DonationNumberScheme;
use hemogate::limits;
use hemogate::link::LinkFaultKind;
use hemogate::rules::{self, RuleSet};
use hemogate::shape::RuleSetShape;
use hemogate::store::{Options, Store};
use hemogate::traffic::{Board, NoteKind, Post, PostInfo};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::bench::{Ran, program, run};

const PATIENCE: Duration = Duration::from_secs(20);

struct Bench {
    board: Board,
    state: ApiState,
    address: SocketAddr,
    runtime: Runtime,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let folder = TempDir::new().unwrap();
        let rules = Arc::new(RuleSet::parse("cn.toml", &results_only()).unwrap());
        let path = folder.path().join("hemogate.db");
        let options = Options { path, rules: Arc::clone(&rules), utc: clock::utc };
        let store = Store::open(options).unwrap();
        let rule_set = RuleSetShape::from(rules.identity());
        let scheme = Arc::new(DonationNumberScheme::Isbt128);
        let board = Board::new(now());
        let state = ApiState::new(store, scheme, rule_set, Arc::new(String::new));
        let runtime = Runtime::new().unwrap();
        let address = serve(&runtime, &state, &board, "127.0.0.1:0".parse().unwrap());
        Bench { board, state, address, runtime, _folder: folder }
    }

    fn post(&self, analyser: &str) -> Arc<Post> {
        self.board.post(PostInfo {
            analyser: analyser.to_owned(),
            profile: "roche-cobas-e601".to_owned(),
            line: "TCP, listening on 0.0.0.0:5001".to_owned(),
            silence_after: Some(Duration::from_secs(3_600)),
            instrument: None,
        })
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let http = self.address.to_string();
        run(&[arguments, &["--http", &http]].concat())
    }
}

fn serve(runtime: &Runtime, state: &ApiState, board: &Board, at: SocketAddr) -> SocketAddr {
    let listener = runtime.block_on(TcpListener::bind(at)).unwrap();
    let address = listener.local_addr().unwrap();
    let state = state.clone().with_lines(board.clone(), address);
    runtime.spawn(async move { axum::serve(listener, router(state)).await });
    address
}

#[test]
fn links_are_a_table_and_an_alarm_is_exit_status_1() {
    let bench = Bench::new();
    let post = bench.post("serology");
    let connection = post.connected("10.0.0.1:40000", now());
    post.received(connection, b"\x05", now());
    post.message(connection, "stored", now());
    post.fault(connection, LinkFaultKind::Checksum, 0, 9, now());
    bench.post("alt");
    let ran = bench.run(&["links"]).is(0);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.out);
    let cells = |line: &str| {
        let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        cells.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(cells(lines[0])[..4], ["ANALYSER", "PROFILE", "LINE", "STATE"]);
    assert_eq!(cells(lines[1])[3..], ["waiting", "never", "never", "0", "0", "-"]);
    assert_eq!(cells(lines[2])[3..], ["connected", "0 s", "0 s", "1", "1", "-"]);
    let column = |line: &str, word: &str| line.find(word).unwrap();
    assert_eq!(column(lines[0], "STATE"), column(lines[1], "waiting"), "columns are straight");
    let later = now().moment.plus(Duration::from_secs(3_601));
    bench.board.check(At { moment: later, utc: clock::utc() });
    let ran = bench.run(&["links"]).is(1);
    assert!(ran.out.lines().skip(1).all(|line| line.ends_with("  silence")), "{}", ran.out);
    assert!(ran.err.contains("ALARM") && ran.err.contains("analyser alt"), "{}", ran.err);
}

#[test]
fn the_last_notes_of_a_line_are_shown_and_are_no_alarm() {
    let bench = Bench::new();
    let post = bench.post("serology");
    for number in 1..=4 {
        let text = format!("analyser serology: it will not run {number} of the orders");
        post.note(NoteKind::OrdersRefused, &text, now());
    }
    let ran = bench.run(&["links"]).is(0);
    let notes: Vec<_> = ran.err.lines().collect();
    assert_eq!(notes.len(), 3, "{}", ran.err);
    assert!(notes[0].contains("orders-refused at 2"), "{}", notes[0]);
    assert!(notes[0].ends_with("it will not run 2 of the orders"), "{}", notes[0]);
    assert!(notes[2].ends_with("it will not run 4 of the orders"), "{}", notes[2]);
}

#[test]
fn no_daemon_there_is_said_with_the_address() {
    // Bound and closed again: nobody listens there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for command in [&["links"][..], &["tap", "serology"]] {
        let ran = run(&[command, &["--http", &nobody.to_string()]].concat()).is(1);
        assert!(ran.err.contains(&nobody.to_string()), "{}", ran.err);
        assert!(ran.err.contains("hemogate serve"), "{}", ran.err);
        assert!(ran.out.is_empty());
    }
}

#[test]
fn tap_shows_both_directions_and_names_control_characters() {
    let bench = Bench::new();
    let post = bench.post("serology");
    let connection = post.connected("10.0.0.1:40000", now());
    post.received(connection, b"\x05", now());
    post.sent(connection, b"\x06", now());
    post.received(connection, b"\x021H|\\^&\r\x03", now());
    post.received(connection, &vec![b'x'; limits::TRAFFIC_PIECE_MAX + 1], now());
    let ran = bench.run(&["tap", "serology"]).is(0);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 5, "{}", ran.out);
    assert!(lines[0].ends_with("-- opened: 10.0.0.1:40000"), "{}", lines[0]);
    assert!(lines[1].ends_with("ms  c1   <- <ENQ>"), "{}", lines[1]);
    assert!(lines[2].ends_with("-> <ACK>"), "{}", lines[2]);
    assert!(lines[3].ends_with("<- <STX>1H|\\^&<CR><ETX>"), "{}", lines[3]);
    assert!(lines[4].ends_with("(16384 of 16385 bytes)"), "{}", &lines[4][lines[4].len() - 40..]);
    let ran = bench.run(&["tap", "serology", "--hex"]).is(0);
    let lines: Vec<_> = ran.out.lines().map(str::trim).collect();
    assert_eq!((lines[2], lines[6]), ("05", "02 31 48 7c 5c 5e 26 0d 03"), "{}", ran.out);
}

#[test]
fn an_unknown_analyser_is_told_those_there_are() {
    let bench = Bench::new();
    bench.post("serology");
    bench.post("alt");
    let ran = bench.run(&["tap", "nat"]).is(2);
    assert!(ran.err.contains("\"nat\"") && ran.err.contains("alt, serology"), "{}", ran.err);
}

/// `hemogate tap --follow`, its lines as they come; ended with the value.
struct Following {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Following {
    fn start(http: SocketAddr) -> Following {
        let mut child = program()
            .args(["tap", "serology", "--follow", "--http", &http.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _test_may_be_over = tell.send(line);
            }
        });
        Following { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn tap_follows_and_says_what_it_missed() {
    let bench = Bench::new();
    let post = bench.post("serology");
    let connection = post.connected("10.0.0.1:40000", now());
    let following = Following::start(bench.address);
    assert!(following.line().contains("opened"));
    for number in 0..5 {
        post.received(connection, format!("piece {number}").as_bytes(), now());
        assert!(following.line().ends_with(&format!("<- piece {number}")));
    }
    // More than the ring holds at once: some of it is lost to whoever follows, and that is told.
    let count = 40 * limits::TRAFFIC_PIECES_MAX;
    for number in 0..count {
        post.received(connection, format!("flood {number}").as_bytes(), now());
    }
    let (mut shown, mut missed) = (0, 0);
    loop {
        let line = following.line();
        match line.strip_prefix("-- ") {
            Some(words) => {
                missed += words.split(' ').next().unwrap().parse::<usize>().unwrap();
            }
            None => shown += 1,
        }
        if line.ends_with(&format!("flood {}", count - 1)) {
            break;
        }
    }
    assert!(missed > 0, "the flood was not fast enough to test anything");
    assert_eq!(shown + missed, count);
}

#[test]
fn tap_follows_over_a_restart_of_the_daemon() {
    let mut bench = Bench::new();
    let post = bench.post("serology");
    let connection = post.connected("10.0.0.1:40000", now());
    for _ in 0..5 {
        post.received(connection, b"before", now());
    }
    let following = Following::start(bench.address);
    (0..6).for_each(|_| drop(following.line()));
    let runtime = std::mem::replace(&mut bench.runtime, Runtime::new().unwrap());
    runtime.shutdown_timeout(PATIENCE);
    bench.board = Board::new(now());
    let post = bench.post("serology");
    post.received(post.connected("10.0.0.1:40001", now()), b"after", now());
    serve(&bench.runtime, &bench.state, &bench.board, bench.address);
    assert!(following.line().contains("started again"));
    assert!(following.line().contains("opened: 10.0.0.1:40001"));
    assert!(following.line().ends_with("<- after"));
}

/// The rules `cn` of a site where results alone count.
fn results_only() -> String {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    format!("{}{site}", rules::shipped("cn").unwrap())
}
