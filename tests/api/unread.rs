//! Messages that could not be understood.

use hemogate::limits;
use hemogate::store::Entry;
use serde_json::Value;

use crate::bench::{Bench, DIN, PATIENCE, message, registration};

fn unreadable(number: u8) -> Entry {
    let mut entry = message(DIN, number);
    entry.observations.clear();
    entry.bytes = b"H|\\^&\rR|1|\xff?".to_vec();
    entry.faults = vec![(9, "byte 0xff is not text".to_owned())];
    entry
}

#[test]
fn what_could_not_be_understood_is_listed_with_its_bytes() {
    let bench = Bench::new();
    bench.record(message(DIN, 1));
    bench.record(unreadable(2));
    let page = bench.get("/api/v1/messages?state=unread").json();
    let messages = page["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 1, "{page}");
    let unread = &messages[0];
    assert_eq!(unread["analyser"], "e601");
    assert_eq!(unread["donations"][0], DIN);
    assert_eq!(unread["incomplete"], Value::Null);
    assert_eq!(unread["faults"][0]["offset"], 9);
    assert_eq!(unread["faults"][0]["text"], "byte 0xff is not text");
    assert_eq!(unread["length"], 12);
    assert_eq!(unread["bytes"], "487c5c5e260d527c317cff3f");
    assert_eq!(unread["text"], "H|\\\\^&\\rR|1|\\xff?");
    assert_eq!(page["next"], unread["message"]);
}

#[test]
fn an_incomplete_message_is_listed_and_blocks_the_donation_it_names() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    let mut entry = message(DIN, 1);
    entry.incomplete = Some("the line was lost".to_owned());
    bench.record(entry);
    let page = bench.get("/api/v1/messages?state=unread").json();
    assert_eq!(page["messages"][0]["incomplete"], "the line was lost");
    let shown = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    let reasons = shown["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|r| r["code"] == "UNPROCESSED_MESSAGE"), "{shown}");
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    let bench = Bench::new();
    for number in 1..=25 {
        bench.record(unreadable(number));
    }
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = bench.get(&format!("/api/v1/messages?state=unread&after={after}&limit=10"));
        let page = page.json();
        let messages = page["messages"].as_array().unwrap().clone();
        if messages.is_empty() {
            break;
        }
        assert!(messages.len() <= 10);
        seen.extend(messages.iter().map(|m| m["message"].as_i64().unwrap()));
        after = page["next"].as_i64().unwrap();
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
}

#[test]
fn one_page_holds_as_many_messages_as_the_bound_and_not_one_more() {
    let bench = Bench::new();
    let count = limits::UNREAD_PAGE_MAX + 1;
    let (tell, told) = std::sync::mpsc::channel();
    for number in 0..count {
        let mut entry = unreadable(0);
        entry.content_key[..8].copy_from_slice(&number.to_be_bytes());
        entry.body = number.to_be_bytes().to_vec();
        let tell = tell.clone();
        bench.store.record(entry, Box::new(move |outcome| tell.send(outcome).unwrap()));
    }
    for _ in 0..count {
        told.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    let page = bench.get("/api/v1/messages?state=unread&limit=100000").json();
    assert_eq!(page["messages"].as_array().unwrap().len() as u64, limits::UNREAD_PAGE_MAX);
    let rest = format!("/api/v1/messages?state=unread&after={}", page["next"]);
    assert_eq!(bench.get(&rest).json()["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn a_long_message_is_shown_up_to_the_bound_with_its_whole_length() {
    let bench = Bench::new();
    let mut at_bound = unreadable(1);
    at_bound.bytes = vec![b'x'; limits::UNREAD_EXCERPT_MAX];
    bench.record(at_bound);
    let mut over = unreadable(2);
    over.bytes = vec![b'x'; limits::UNREAD_EXCERPT_MAX + 1];
    bench.record(over);
    let page = bench.get("/api/v1/messages?state=unread").json();
    for (index, length) in [(0, limits::UNREAD_EXCERPT_MAX), (1, limits::UNREAD_EXCERPT_MAX + 1)] {
        let unread = &page["messages"][index];
        assert_eq!(unread["length"], length);
        assert_eq!(unread["text"].as_str().unwrap().len(), limits::UNREAD_EXCERPT_MAX);
    }
}

#[test]
fn the_state_must_be_named() {
    let bench = Bench::new();
    for wrong in ["", "?state=read", "?state=unread&page=2", "?state=unread&limit=0"] {
        bench.get(&format!("/api/v1/messages{wrong}")).problem(400);
    }
}
