//! The MLLP client, as scripts of the wire.

use std::time::Duration;

use hemogate::limits;
use hemogate::link::mllp::Client;
use hemogate::link::{Deadline, Link, LinkFaultKind as Kind, Sending, Timer, Token};

use crate::bench::{Bench, at};

pub fn client() -> Bench<Client> {
    Bench::new(Client::new(Duration::from_secs(5)))
}

pub fn message(control_id: &str, accept: &str) -> Vec<u8> {
    let header = format!("MSH|^~\\&|A|B|C|D|2026||ORU^R01|{control_id}|P|2.5.1");
    format!("{header}|||{accept}|{accept}\rOBX|1\r").into_bytes()
}

pub fn block(message: &[u8]) -> Vec<u8> {
    [b"\x0b", message, b"\x1c\r"].concat()
}

pub fn acknowledgement(code: &str, control_id: &str, words: &str) -> Vec<u8> {
    block(format!("MSH|^~\\&|B|A\rMSA|{code}|{control_id}|{words}\r").as_bytes())
}

#[test]
fn one_message_is_in_flight_at_a_time() {
    let mut bench = client();
    assert_eq!(bench.send(1, &message("a", "")), block(&message("a", "")));
    assert!(bench.send(2, &message("b", "")).is_empty());
    assert_eq!(bench.feed(&acknowledgement("AA", "a", "")), block(&message("b", "")));
    assert_eq!(bench.accepted(), [1]);
    assert!(bench.feed(&acknowledgement("CA", "b", "")).is_empty());
    assert_eq!(bench.accepted(), [1, 2]);
    assert!(bench.link.is_idle() && !bench.link.must_close());
    assert!(bench.faults().is_empty());
}

#[test]
fn an_acknowledgement_may_come_in_pieces() {
    let mut bench = client();
    bench.send(1, &message("a", ""));
    for byte in acknowledgement("AA", "a", "") {
        bench.feed(&[byte]);
    }
    assert_eq!(bench.accepted(), [1]);
    assert!(bench.faults().is_empty());
}

#[test]
fn a_refusal_is_given_up_with_its_words_and_the_next_message_goes() {
    for code in ["AE", "AR", "CE", "CR"] {
        let mut bench = client();
        bench.send(1, &message("a", ""));
        bench.send(2, &message("b", ""));
        let reply = bench.feed(&acknowledgement(code, "a", "disk full"));
        assert_eq!(reply, block(&message("b", "")));
        assert_eq!(bench.given_up(), [(1, format!("{code} disk full"))]);
        assert!(!bench.link.must_close());
    }
}

#[test]
fn silent_messages_are_accepted_when_written() {
    let mut bench = client();
    bench.link.send(at(0), hemogate::link::Token(1), message("a", "NE"));
    assert_eq!(bench.link.event(), None);
    assert_eq!(bench.drain(), block(&message("a", "NE")));
    assert_eq!(bench.accepted(), [1]);
    assert_eq!(bench.link.deadline(), None);
    bench.send(2, &message("b", ""));
    bench.send(3, &message("c", "NE"));
    assert!(!bench.link.is_idle());
    let written = bench.feed(&acknowledgement("AA", "b", ""));
    assert_eq!(written, block(&message("c", "NE")));
    assert_eq!(bench.accepted(), [1, 2, 3]);
}

#[test]
fn an_acknowledgement_nobody_waits_for_closes_the_connection() {
    let mut bench = client();
    bench.feed(&acknowledgement("AA", "a", ""));
    assert_eq!(bench.fault_kinds(), [Kind::StrayAnswer]);
    assert!(bench.accepted().is_empty() && bench.link.must_close());
}

#[test]
fn bytes_between_acknowledgements_are_told() {
    let mut bench = client();
    bench.send(1, &message("a", ""));
    bench.feed(&[b"xyz".to_vec(), acknowledgement("AA", "a", "")].concat());
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, 3)]);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn an_endless_acknowledgement_closes_the_connection() {
    let mut bench = client();
    bench.send(1, &message("a", ""));
    bench.feed(b"\x0b");
    bench.feed(&vec![b'x'; limits::MESSAGE_MAX]);
    assert!(!bench.link.must_close());
    bench.feed(b"x");
    assert!(bench.link.memory() < 3 * limits::OVERLONG_EVIDENCE_MAX);
    bench.feed(b"\x1c");
    assert!(bench.link.must_close());
    assert_eq!(bench.given_up().len(), 1);
    assert_eq!(bench.fault_kinds(), [Kind::TooLong]);
}

#[test]
fn a_lost_connection_gives_everything_up() {
    let mut bench = client();
    bench.send(1, &message("a", ""));
    bench.send(2, &message("b", ""));
    let deadline = Deadline { timer: Timer::Acknowledgement, at: at(5) };
    assert_eq!(bench.link.deadline(), Some(deadline));
    bench.link.disconnect(at(1));
    bench.drain();
    let tokens: Vec<_> = bench.given_up().iter().map(|(token, _)| *token).collect();
    assert_eq!(tokens, [1, 2]);
    assert!(bench.link.is_idle());
    assert_eq!(bench.send(3, &message("c", "")), block(&message("c", "")));
}

#[test]
fn a_message_is_withdrawn_while_it_waits_its_turn() {
    let mut bench = client();
    bench.send(1, &message("a", ""));
    bench.send(2, &message("b", ""));
    assert!(!bench.link.withdraw(at(0), Token(1)), "it is under way");
    assert!(bench.link.withdraw(at(0), Token(2)));
    assert!(bench.feed(&acknowledgement("AA", "a", "")).is_empty());
    assert_eq!(bench.accepted(), [1]);
    assert!(bench.given_up().is_empty() && bench.link.is_idle());
}

#[test]
fn a_message_that_no_answer_could_name_is_not_sent() {
    for nameless in [&b"MSH|^~\\&|A|B|C|D|2026||ORU^R01||P|2.5.1\r"[..], b"OBX|1\r", b""] {
        let mut bench = client();
        assert!(bench.send(1, nameless).is_empty());
        assert_eq!(bench.given_up().len(), 1);
        assert_eq!(bench.send(2, &message("b", "")), block(&message("b", "")));
    }
}
