//! The lines and their recent traffic, as a technician's program sees them.

use std::time::Duration;

use hemogate::clock::now;
use hemogate::limits;
use hemogate::link::LinkFaultKind;
use hemogate::traffic::{NoteKind, PostInfo};
use serde_json::{Value, json};

use crate::bench::Bench;

fn info(analyser: &str) -> PostInfo {
    PostInfo {
        analyser: analyser.to_owned(),
        profile: "roche-cobas-e601".to_owned(),
        line: "TCP, listening on 0.0.0.0:5001".to_owned(),
        silence_after: Some(Duration::ZERO),
        instrument: None,
    }
}

fn seqs(page: &Value) -> Vec<u64> {
    let pieces = page["pieces"].as_array().unwrap();
    pieces.iter().map(|piece| piece["seq"].as_u64().unwrap()).collect()
}

#[test]
fn a_line_is_shown_with_its_state_counters_and_alarms() {
    let bench = Bench::new();
    let post = bench.board.post(info("serology"));
    let connection = post.connected("10.0.0.1:40000", now());
    post.received(connection, b"\x05abc", now());
    post.sent(connection, b"\x06", now());
    post.message(connection, "stored", now());
    post.message_sent(connection, "accepted", now());
    post.fault(connection, LinkFaultKind::FrameNumber, 1, 3, now());
    post.note(NoteKind::AnswerLate, "too late", now());
    let line = bench.get("/api/v1/links/serology");
    assert_eq!(line.status, 200, "{}", line.text);
    let line = line.json();
    assert_eq!(line["state"], "connected");
    assert_eq!(line["peers"][0]["peer"], "10.0.0.1:40000");
    assert_eq!(line["received"], json!({ "bytes": 4, "messages": { "stored": 1 } }));
    assert_eq!(line["sent"], json!({ "bytes": 1, "messages": { "accepted": 1 } }));
    assert_eq!(line["faults"], json!({ "frame_number": 1 }));
    assert_eq!(line["notes"][0]["kind"], "answer-late");
    assert_eq!(line["alarms"], json!([]));
    assert!(line["last_received"]["ago_ms"].as_u64().unwrap() < 20_000, "{line}");
    bench.board.check(now());
    let all = bench.get("/api/v1/links").json();
    assert_eq!(all["links"][0]["alarms"][0]["kind"], "silence");
    assert_eq!(all["links"][0]["analyser"], "serology");
}

#[test]
fn traffic_is_hexadecimal_and_for_the_eye() {
    let bench = Bench::new();
    let post = bench.board.post(info("serology"));
    let connection = post.connected("10.0.0.1:40000", now());
    post.received(connection, b"\x05\x02\xE4", now());
    post.sent(connection, b"\x06", now());
    post.fault(connection, LinkFaultKind::Noise, 1, 3, now());
    let page = bench.get("/api/v1/links/serology/traffic").json();
    let pieces = page["pieces"].as_array().unwrap();
    let found: Vec<_> = pieces
        .iter()
        .map(|piece| ["kind", "hex", "text"].map(|field| piece[field].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ["opened", "", "10.0.0.1:40000"],
            ["received", "0502e4", "<ENQ><STX><E4>"],
            ["sent", "06", "<ACK>"],
            ["fault", "", "noise: 3 bytes at byte 1"],
        ]
    );
    assert_eq!(pieces[1]["connection"], 1);
    assert_eq!(pieces[1]["length"], 3);
    assert_eq!((page["missed"].as_u64(), page["next"].as_u64()), (Some(0), Some(4)));
}

#[test]
fn traffic_comes_in_pages_and_says_what_went_past() {
    let bench = Bench::new();
    let post = bench.board.post(info("serology"));
    let connection = post.connected("10.0.0.1:40000", now());
    let most = limits::TRAFFIC_PIECES_MAX as u64;
    for _ in 0..most + 9 {
        post.received(connection, b"x", now());
    }
    let page = |query: &str| bench.get(&format!("/api/v1/links/serology/traffic?{query}")).json();
    let first = page("after=0&limit=2");
    assert_eq!((seqs(&first), &first["missed"]), (vec![11, 12], &json!(10)));
    let second = page("after=12&limit=2");
    assert_eq!((seqs(&second), &second["missed"]), (vec![13, 14], &json!(0)));
    assert_eq!(seqs(&page("limit=1")), [11]);
    assert_eq!(seqs(&page("limit=100000")).len() as u64, most);
    assert_eq!(page("limit=1")["head"], most + 10);
}

#[test]
fn a_long_poll_is_answered_by_the_next_byte() {
    let bench = Bench::new();
    let post = bench.board.post(info("serology"));
    let connection = post.connected("10.0.0.1:40000", now());
    let begun = now().moment.since_start();
    let page = std::thread::scope(|scope| {
        let asked = scope.spawn(|| bench.get("/api/v1/links/serology/traffic?after=1&wait=60"));
        std::thread::park_timeout(Duration::from_millis(200));
        post.received(connection, b"\x05", now());
        asked.join().unwrap().json()
    });
    assert_eq!(seqs(&page), [2]);
    let took = now().moment.since_start().saturating_sub(begun);
    assert!(took < Duration::from_secs(15), "{took:?}");
    let empty = bench.get("/api/v1/links/serology/traffic?after=2&wait=1").json();
    assert_eq!((seqs(&empty), &empty["next"]), (vec![], &json!(2)));
}

#[test]
fn an_unknown_analyser_is_answered_with_those_there_are() {
    let bench = Bench::new();
    bench.board.post(info("serology"));
    bench.board.post(info("alt"));
    for path in ["/api/v1/links/nat", "/api/v1/links/nat/traffic"] {
        let problem = bench.get(path).problem(404);
        assert_eq!(problem["type"], "urn:hemogate:unknown-analyser");
        assert!(problem["detail"].as_str().unwrap().contains("alt, serology"), "{problem}");
    }
}

#[test]
fn wrong_parameters_are_told() {
    let bench = Bench::new();
    bench.board.post(info("serology"));
    for path in [
        "/api/v1/links?x=1",
        "/api/v1/links/serology?x=1",
        "/api/v1/links/serology/traffic?after=-1",
        "/api/v1/links/serology/traffic?limit=0",
        "/api/v1/links/serology/traffic?wait=x",
        "/api/v1/links/serology/traffic?afer=1",
    ] {
        bench.get(path).problem(400);
    }
    bench.delete("/api/v1/links/serology").problem(405);
}

#[test]
fn traffic_is_served_on_loopback_alone_and_the_rest_everywhere() {
    let bench = Bench::new();
    bench.board.post(info("serology"));
    let address = bench.served_on("192.0.2.1:80".parse().unwrap());
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let status = |path: &str| {
        let url = format!("http://{address}/api/v1/links{path}");
        agent.get(&url).call().unwrap().status().as_u16()
    };
    assert_eq!(status("/serology/traffic"), 403);
    assert_eq!((status(""), status("/serology")), (200, 200));
}
