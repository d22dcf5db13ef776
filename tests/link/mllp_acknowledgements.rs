//! Original and enhanced acknowledgement in both directions: every row of the tables.

use hemogate::limits;
use hemogate::link::{Answer, Link, LinkFaultKind as Kind, Sending};

use crate::bench::at;
use crate::mllp_client::{acknowledgement, block};
use crate::mllp_duplex::{duplex, message, said};

fn reply() -> Vec<u8> {
    b"MSH|^~\\&|L|||A|2026||RSP^K11|k1|P|2.5.1\rMSA|AA|m\r".to_vec()
}

/// What is said to a message that asks so, for each answer: stored, unread, with a reply, refused.
fn answers(accept: &str, application: &str) -> [Vec<String>; 4] {
    let unread = Answer::StoredUnread("unread".to_owned());
    let refused = Answer::Refused("disk full".to_owned());
    [Answer::Stored, unread, Answer::StoredReply(reply()), refused].map(|answer| {
        let mut bench = duplex();
        assert!(bench.feed(&block(&message("ORU^R01", "m", accept, application))).is_empty());
        said(&bench.answer(answer))
    })
}

#[test]
fn the_receiver_says_what_the_sender_asks_to_be_told() {
    let rows: [(&str, &str, [&[&str]; 4]); 16] = [
        ("", "", [&["AA m"], &["AE m"], &["AA m"], &["AR m"]]),
        ("", "0", [&["AA m"], &["AE m"], &["AA m"], &["AR m"]]),
        ("NE", "", [&["AA m"], &["AE m"], &["AA m"], &["AR m"]]),
        ("NE", "AL", [&["AA m"], &["AE m"], &["AA m"], &["AR m"]]),
        ("NE", "ER", [&[], &["AE m"], &["AA m"], &["AR m"]]),
        ("NE", "SU", [&["AA m"], &[], &["AA m"], &[]]),
        ("NE", "NE", [&[], &[], &["AA m"], &[]]),
        ("AL", "", [&["CA m"], &["CA m"], &["CA m", "AA m"], &["CE m"]]),
        ("AL", "NE", [&["CA m"], &["CA m"], &["CA m", "AA m"], &["CE m"]]),
        ("AL", "AL", [&["CA m", "AA m"], &["CA m", "AE m"], &["CA m", "AA m"], &["CE m"]]),
        ("AL", "ER", [&["CA m"], &["CA m", "AE m"], &["CA m", "AA m"], &["CE m"]]),
        ("AL", "SU", [&["CA m", "AA m"], &["CA m"], &["CA m", "AA m"], &["CE m"]]),
        ("ER", "AL", [&["AA m"], &["AE m"], &["AA m"], &["CE m"]]),
        ("ER", "ER", [&[], &["AE m"], &["AA m"], &["CE m"]]),
        ("SU", "SU", [&["CA m", "AA m"], &["CA m"], &["CA m", "AA m"], &[]]),
        ("SU", "AL", [&["CA m", "AA m"], &["CA m", "AE m"], &["CA m", "AA m"], &["AR m"]]),
    ];
    for (accept, application, expected) in rows {
        assert_eq!(answers(accept, application), expected, "{accept:?} {application:?}");
    }
}

#[test]
fn an_application_acknowledgement_behind_ca_is_a_message_of_its_own() {
    let mut bench = duplex();
    let own_id = |sent: &[u8]| {
        let text = String::from_utf8(sent.to_vec()).unwrap();
        let blocks: Vec<_> = text.split('\x0b').skip(1).collect();
        let id = |block: &str| block.split('|').nth(9).unwrap().to_owned();
        (id(blocks[0]), id(blocks[1]))
    };
    bench.feed(&block(&message("ORU^R01", "m1", "AL", "AL")));
    let (commit, first) = own_id(&bench.answer(Answer::Stored));
    bench.feed(&block(&message("ORU^R01", "m2", "AL", "AL")));
    let (_, second) = own_id(&bench.answer(Answer::Stored));
    assert_eq!(commit, "m1");
    assert_eq!(first, "2026010112000000001");
    assert!(first.len() <= 20, "MSH-10 has room for 20 characters");
    assert_ne!(first, second);
    for id in [first, second] {
        assert!(bench.feed(&acknowledgement("CA", &id, "")).is_empty(), "the peer commits it");
        assert!(!bench.link.must_close() && bench.faults().is_empty());
    }
    bench.feed(&acknowledgement("CA", "2026010112000000003", ""));
    assert!(bench.link.must_close());
}

#[test]
fn a_reply_that_asks_for_ca_is_committed_once() {
    let asking = b"MSH|^~\\&|L|||A|2026||RSP^K11|k1|P|2.5.1|||AL|NE\rMSA|AA|q1\r".to_vec();
    for (code, faults) in [("CA", 0), ("CE", 1), ("CR", 1)] {
        let mut bench = duplex();
        bench.feed(&block(&message("QBP^Q11", "q1", "NE", "AL")));
        bench.answer(Answer::StoredReply(asking.clone()));
        assert!(bench.feed(&acknowledgement(code, "k1", "")).is_empty());
        assert_eq!(bench.fault_kinds().len(), faults, "{code}");
        assert!(!bench.link.must_close());
        bench.feed(&acknowledgement("CA", "k1", ""));
        assert!(bench.link.must_close(), "a second one is stray");
    }
    let mut bench = duplex();
    bench.feed(&block(&message("QBP^Q11", "q1", "NE", "AL")));
    bench.answer(Answer::StoredReply(reply()));
    bench.feed(&acknowledgement("CA", "k1", ""));
    assert!(bench.link.must_close(), "one that does not ask is not committed");
}

#[test]
fn commits_of_answers_are_remembered_up_to_the_bound() {
    for (answers, remembered) in
        [(limits::COMMITS_REMEMBERED, true), (limits::COMMITS_REMEMBERED + 1, false)]
    {
        let mut bench = duplex();
        for _ in 0..answers {
            bench.feed(&block(&message("ORU^R01", "m", "AL", "AL")));
            bench.answer(Answer::Stored);
        }
        bench.feed(&acknowledgement("CA", "2026010112000000001", ""));
        assert_eq!(bench.link.must_close(), !remembered);
    }
}

/// MSA-1, and the second at which it comes.
type Heard = (&'static str, u64);

/// Sends a message that asks so, hears these answers, waits to the end.
fn outcome(accept: &str, application: &str, answers: &[Heard]) -> &'static str {
    let mut bench = duplex();
    bench.send(1, &message("OML^O33", "o", accept, application));
    for (code, second) in answers {
        bench.wait_until(*second);
        bench.feed(&acknowledgement(code, "o", ""));
    }
    while let Some(deadline) = bench.link.deadline() {
        bench.now = deadline.at;
        bench.link.expire(deadline.at);
        bench.drain();
    }
    match (bench.accepted().len(), bench.given_up().len(), bench.link.must_close()) {
        (1, 0, false) => "accepted",
        (0, 1, false) => "given up",
        (0, 1, true) => "not trusted",
        (1, 0, true) => "accepted, then a stray answer",
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_sender_waits_for_what_its_message_asks_for() {
    let rows: &[(&str, &str, &[Heard], &str)] = &[
        ("", "", &[("AA", 4)], "accepted"),
        ("", "", &[("CA", 4)], "accepted"),
        ("", "", &[("AE", 4)], "given up"),
        ("", "", &[], "not trusted"),
        ("NE", "AL", &[("AA", 4)], "accepted"),
        ("NE", "AL", &[("CA", 4)], "not trusted"),
        ("NE", "AL", &[("CA", 2), ("AA", 4)], "accepted"),
        ("NE", "AL", &[("CA", 4), ("AA", 6)], "not trusted"),
        ("AL", "NE", &[("CA", 4)], "accepted"),
        ("AL", "NE", &[("CR", 4)], "given up"),
        ("AL", "NE", &[("AA", 4)], "accepted"),
        ("AL", "AL", &[("CA", 4), ("AA", 8)], "accepted"),
        ("AL", "AL", &[("CA", 4), ("CA", 5), ("AA", 8)], "accepted"),
        ("AL", "AL", &[("CA", 4), ("AR", 8)], "given up"),
        ("AL", "AL", &[("CA", 4)], "not trusted"),
        ("AL", "AL", &[("CA", 4), ("CA", 8), ("AA", 9)], "not trusted"),
        ("AL", "AL", &[("CE", 4)], "given up"),
        ("AL", "AL", &[("AA", 4)], "accepted"),
        ("AL", "AL", &[("AA", 3), ("CA", 4)], "accepted, then a stray answer"),
        ("AL", "AL", &[], "not trusted"),
        ("AL", "ER", &[("CA", 4)], "accepted"),
        ("AL", "ER", &[("CA", 4), ("AE", 8)], "given up"),
        ("AL", "SU", &[("CA", 4)], "not trusted"),
        ("ER", "ER", &[], "accepted"),
        ("ER", "ER", &[("CE", 4)], "given up"),
        ("ER", "NE", &[], "accepted"),
        ("SU", "NE", &[], "not trusted"),
        ("SU", "NE", &[("CA", 4)], "accepted"),
        ("ER", "AL", &[("AA", 4)], "accepted"),
        ("ER", "AL", &[], "not trusted"),
    ];
    for (accept, application, answers, expected) in rows {
        let outcome = outcome(accept, application, answers);
        assert_eq!(outcome, *expected, "{accept:?} {application:?} {answers:?}");
    }
}

#[test]
fn the_peers_application_acknowledgement_is_committed_if_it_asks() {
    for (asks, answer) in [("AL|NE", Some("CA a1")), ("SU|NE", Some("CA a1")), ("ER|NE", None)] {
        let mut bench = duplex();
        bench.send(1, &message("OML^O33", "o1", "AL", "AL"));
        bench.send(2, &message("OML^O33", "o2", "AL", "AL"));
        assert!(bench.feed(&acknowledgement("CA", "o1", "")).is_empty());
        let header = format!("MSH|^~\\&|B|A|||2026||ORL^O34|a1|P|2.5.1|||{asks}");
        let sent = bench.feed(&block(format!("{header}\rMSA|AA|o1\r").as_bytes()));
        let expected: Vec<_> = answer.into_iter().chain(["o2"]).collect();
        assert_eq!(said(&sent), expected);
        assert_eq!(bench.accepted(), [1]);
    }
}

#[test]
fn silence_asked_for_in_both_fields_is_kept_in_both_directions() {
    let mut bench = duplex();
    assert_eq!(said(&bench.send(1, &message("OML^O33", "o1", "NE", "NE"))), ["o1"]);
    assert_eq!(bench.accepted(), [1]);
    assert_eq!(bench.link.deadline(), None);
    bench.feed(&block(&message("ORU^R01", "r1", "NE", "NE")));
    assert!(bench.answer(Answer::Stored).is_empty());
    bench.feed(&acknowledgement("AA", "o1", ""));
    assert_eq!(bench.fault_kinds(), [Kind::StrayAnswer]);
    assert!(bench.link.must_close());
    bench.link.disconnect(at(1));
    bench.drain();
    assert!(bench.link.is_idle());
}
