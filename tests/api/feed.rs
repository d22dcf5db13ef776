//! The verdict feed: gapless pages and the long poll.

use std::io::{Read, Write};
use std::net::TcpStream;

use hemogate::domain::{DonationNumber, Donor, DonorKind, Registration};
use hemogate::limits;
use serde_json::Value;

use crate::bench::{Bench, DIN, PATIENCE, message, registration};

fn seqs(page: &Value) -> Vec<i64> {
    let verdicts = page["verdicts"].as_array().unwrap();
    verdicts.iter().map(|verdict| verdict["seq"].as_i64().unwrap()).collect()
}

/// Registrations of so many donations, each of which gives a verdict.
fn registered(count: usize) -> Bench {
    let bench = Bench::new();
    for number in 0..count {
        let answer = bench.register(&registration(&format!("A9999210{number:05}")));
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
    bench
}

#[test]
fn an_empty_feed_answers_at_once_with_nothing() {
    let bench = Bench::new();
    let page = bench.get("/api/v1/verdicts").json();
    assert_eq!(page["verdicts"], Value::Array(Vec::new()));
    assert_eq!(page["next"], 0);
    assert_eq!(bench.get("/api/v1/verdicts?after=7").json()["next"], 7);
}

#[test]
fn the_feed_is_gapless_and_read_page_by_page() {
    let bench = registered(5);
    let all = bench.get("/api/v1/verdicts?after=0&limit=100&wait=0").json();
    assert_eq!(seqs(&all), [1, 2, 3, 4, 5]);
    assert_eq!((&all["next"], &all["head"]), (&5.into(), &5.into()));
    let first = bench.get("/api/v1/verdicts?limit=2").json();
    assert_eq!((seqs(&first), &first["next"]), (vec![1, 2], &2.into()));
    let rest = bench.get("/api/v1/verdicts?after=2").json();
    assert_eq!((seqs(&rest), &rest["next"]), (vec![3, 4, 5], &5.into()));
    let end = bench.get("/api/v1/verdicts?after=5").json();
    assert_eq!((seqs(&end), &end["next"]), (vec![], &5.into()));
}

#[test]
fn a_verdict_says_who_decided_and_why() {
    let bench = registered(1);
    let page = bench.get("/api/v1/verdicts").json();
    let verdict = &page["verdicts"][0];
    assert_eq!(verdict["din"], "A999921000000");
    assert_eq!(verdict["verdict"], "pending");
    assert_eq!(verdict["version"], 1);
    assert!(verdict["reasons"][0]["code"].is_string(), "{verdict}");
    let identity = bench.rules.identity();
    assert_eq!(verdict["rule_set"]["name"], identity.name);
    assert_eq!(verdict["rule_set"]["version"], identity.version);
    assert_eq!(verdict["rule_set"]["sha256"], identity.sha256);
    let decided_at = verdict["decided_at"].as_str().unwrap();
    assert!(decided_at.parse::<jiff::Timestamp>().is_ok(), "{decided_at}");
}

#[test]
fn wrong_parameters_are_named_and_too_much_is_capped() {
    let bench = registered(1);
    for wrong in
        ["after=-1", "after=x", "limit=0", "limit=1.5", "wait=soon", "afer=1", "after=1&after=2"]
    {
        let problem = bench.get(&format!("/api/v1/verdicts?{wrong}")).problem(400);
        let name = wrong.split('=').next().unwrap();
        assert_eq!(problem["errors"][0]["field"], name, "{problem}");
    }
    let over = limits::FEED_PAGE_MAX + 1;
    assert_eq!(seqs(&bench.get(&format!("/api/v1/verdicts?limit={over}&wait=999999")).json()), [1]);
}

#[test]
fn one_page_holds_as_many_verdicts_as_the_bound_and_not_one_more() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    let count = usize::try_from(limits::FEED_PAGE_MAX).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    for number in 0..count {
        let tell = tell.clone();
        let reply = move |outcome: Result<_, _>| tell.send(outcome.map(|_| ())).unwrap();
        bench.store.register(of_first_donor(number), Box::new(reply));
    }
    for _ in 0..count {
        told.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    let page = bench.get("/api/v1/verdicts?limit=100000").json();
    assert_eq!(seqs(&page).len() as u64, limits::FEED_PAGE_MAX);
    let rest = bench.get(&format!("/api/v1/verdicts?after={}", page["next"])).json();
    assert_eq!(seqs(&rest), [i64::try_from(limits::FEED_PAGE_MAX).unwrap() + 1]);
}

fn of_first_donor(number: usize) -> Registration {
    Registration {
        din: DonationNumber::restored(format!("A9999210{number:05}")),
        collected_at: "2026-01-31T08:30:00+08:00".parse().unwrap(),
        site: "Bus 3".to_owned(),
        donor: Donor { kind: DonorKind::First, deferred: false, historic_group: None },
    }
}

/// A long poll that has been asked but not answered: the bytes are on their way before this
/// returns.
fn poll(bench: &Bench, after: i64, wait: u64) -> TcpStream {
    let mut stream = TcpStream::connect(bench.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "GET /api/v1/verdicts?after={after}&wait={wait} HTTP/1.1\r\nhost: test\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> Value {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{text}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn a_long_poll_is_answered_at_the_commit() {
    let bench = Bench::new();
    // A wait longer than the patience of the test: only the commit can answer it.
    let polls: Vec<_> = (0..3).map(|_| poll(&bench, 0, 60)).collect();
    bench.register(&registration(DIN));
    for waiting in polls {
        let page = answer(waiting);
        assert_eq!((seqs(&page), &page["next"]), (vec![1], &1.into()));
    }
    let next = poll(&bench, 1, 60);
    bench.record(message(DIN, 1));
    let page = answer(next);
    assert_eq!(seqs(&page), [2]);
    assert_eq!(page["verdicts"][0]["version"], 2);
}

#[test]
fn a_long_poll_that_sees_nothing_ends_with_an_empty_page() {
    let bench = Bench::new();
    let page = answer(poll(&bench, 0, 1));
    assert_eq!((seqs(&page), &page["next"]), (vec![], &0.into()));
}

#[test]
fn more_pollers_than_may_wait_are_answered_at_once() {
    let bench = Bench::new();
    let mut polls: Vec<_> = (0..=limits::LONG_POLLS_MAX).map(|_| poll(&bench, 0, 60)).collect();
    // One of them is beyond the bound; which one is the runtime's choice.
    let mut byte = [0; 1];
    let answered = loop {
        let ready = polls.iter().position(|stream| {
            stream.set_nonblocking(true).unwrap();
            let ready = stream.peek(&mut byte).is_ok();
            stream.set_nonblocking(false).unwrap();
            ready
        });
        if let Some(ready) = ready {
            break polls.swap_remove(ready);
        }
        std::thread::yield_now();
    };
    assert_eq!(seqs(&answer(answered)), Vec::<i64>::new());
    bench.register(&registration(DIN));
    for waiting in polls {
        assert_eq!(seqs(&answer(waiting)), [1]);
    }
}
