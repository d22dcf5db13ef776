//! Both roles on one MLLP connection, as scripts of the wire.

use std::time::Duration;

use hemogate::link::mllp::{Duplex, Settings};
use hemogate::link::{Answer, Deadline, Event, Link, LinkFaultKind as Kind, Sending, Timer, Token};
use hemogate::{limits, link::Interruption};

use crate::bench::{Bench, at};
use crate::mllp_client::{acknowledgement, block};

pub fn settings() -> Settings {
    Settings::new(|| "20260101120000".to_owned(), Duration::from_secs(5))
}

pub fn duplex() -> Bench<Duplex> {
    Bench::new(Duplex::new(settings()))
}

/// A message of this type and control id that asks for these acknowledgements.
pub fn message(kind: &str, control_id: &str, accept: &str, application: &str) -> Vec<u8> {
    let header = format!("MSH|^~\\&|A|B|C|D|2026||{kind}|{control_id}|P|2.5.1");
    format!("{header}|||{accept}|{application}\rOBX|1\r").into_bytes()
}

pub fn result(control_id: &str) -> Vec<u8> {
    message("ORU^R01", control_id, "", "")
}

pub fn order(control_id: &str) -> Vec<u8> {
    message("OML^O33", control_id, "NE", "AL")
}

/// MSA-1 and MSA-2 of every block, `ACK` or `NAK` for a commit, MSH-10 for a message.
pub fn said(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let one = |block: &str| {
        let block = block.strip_prefix('\x0b').expect("a whole block");
        assert!(!block.contains('\x0b'), "nothing lands inside a block");
        let field = |line: &str, number: usize| line.split('|').nth(number).unwrap().to_owned();
        match (block, block.split('\r').find(|line| line.starts_with("MSA|"))) {
            ("\x06", _) => "ACK".to_owned(),
            ("\x15", _) => "NAK".to_owned(),
            (_, Some(line)) => format!("{} {}", field(line, 1), field(line, 2)),
            (_, None) => field(block, 9),
        }
    };
    text.split_terminator("\x1c\r").map(one).collect()
}

#[test]
fn results_are_acknowledged_and_orders_answered_on_one_connection() {
    let mut bench = duplex();
    assert_eq!(said(&bench.feed_and_store(&block(&result("r1")))), ["AA r1"]);
    assert_eq!(bench.send(7, &order("o1")), block(&order("o1")));
    let answer = block(b"MSH|^~\\&|C|D|A|B|2026||ORL^O34|a1|P|2.5.1\rMSA|AA|o1\rSPM|1\r");
    assert!(bench.feed(&answer).is_empty());
    assert_eq!(said(&bench.feed_and_store(&block(&result("r2")))), ["AA r2"]);
    assert_eq!(bench.accepted(), [7]);
    let reply = bench.events.iter().find_map(|event| match event {
        Event::Accepted { reply, .. } => Some(reply.clone()),
        _ => None,
    });
    assert_eq!(block(&reply.unwrap()), answer, "the whole answer comes along");
    assert!(bench.link.is_idle() && !bench.link.must_close() && bench.faults().is_empty());
}

#[test]
fn an_order_goes_out_while_a_result_waits_for_its_commit() {
    let mut bench = duplex();
    assert!(bench.feed(&block(&result("r1"))).is_empty());
    assert_eq!(said(&bench.send(1, &order("o1"))), ["o1"]);
    assert!(bench.feed(&acknowledgement("AA", "o1", "")).is_empty());
    assert_eq!(bench.accepted(), [1], "its answer is heard meanwhile");
    assert_eq!(said(&bench.answer(Answer::Stored)), ["AA r1"]);
}

#[test]
fn a_result_is_delivered_while_an_order_waits_for_its_answer() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    assert_eq!(said(&bench.feed_and_store(&block(&result("r1")))), ["AA r1"]);
    bench.send(2, &order("o2"));
    let both = [acknowledgement("AA", "o1", ""), block(&result("r2"))].concat();
    assert_eq!(said(&bench.feed_and_store(&both)), ["o2", "AA r2"]);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn a_reply_and_a_message_behind_it_leave_as_whole_blocks_in_order() {
    let mut bench = duplex();
    bench.feed(&block(&message("QBP^Q11", "q1", "NE", "AL")));
    let reply = b"MSH|^~\\&|L|||A|2026||RSP^K11|k1|P|2.5.1\rMSA|AA|q1\rQAK|t|OK\r".to_vec();
    bench.link.answer(at(0), bench.last_token(), Answer::StoredReply(reply));
    bench.link.send(at(0), Token(1), order("o1"));
    assert_eq!(said(&bench.drain()), ["AA q1", "o1"]);
}

#[test]
fn results_behind_one_another_keep_their_order_while_answers_overtake() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    let three = ["r1", "r2", "r3"].map(|id| block(&result(id))).concat();
    assert!(bench.feed(&[three, acknowledgement("AA", "o1", "")].concat()).is_empty());
    assert_eq!(bench.accepted(), [1]);
    for id in ["r1", "r2", "r3"] {
        assert_eq!(said(&bench.answer(Answer::Stored)), [format!("AA {id}")]);
    }
}

#[test]
fn fm_41_a_late_answer_is_never_credited_to_the_next_order() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    bench.send(2, &order("o2"));
    let deadline = Deadline { timer: Timer::Acknowledgement, at: at(5) };
    assert_eq!(bench.link.deadline(), Some(deadline));
    assert!(bench.wait_until(5).is_empty());
    assert!(bench.link.must_close() && !bench.link.wants_bytes());
    assert_eq!(bench.given_up(), [(1, "no acknowledgement in time".to_owned())]);
    assert!(bench.feed(&acknowledgement("AA", "o1", "")).is_empty());
    assert!(bench.feed(&acknowledgement("AA", "o2", "")).is_empty());
    assert!(bench.accepted().is_empty());
    assert_eq!(bench.fault_kinds(), [Kind::StrayAnswer, Kind::StrayAnswer]);
    bench.link.disconnect(at(6));
    bench.drain();
    assert_eq!(bench.given_up().last().unwrap().0, 2, "nothing behind it is presumed sent");
    assert!(bench.link.is_idle() && !bench.link.must_close());
}

#[test]
fn fm_41_an_answer_that_comes_exactly_at_the_end_of_the_wait_is_late() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    bench.now = at(5);
    bench.feed(&acknowledgement("AA", "o1", ""));
    assert!(bench.accepted().is_empty() && bench.link.must_close());
}

#[test]
fn a_stray_answer_closes_the_connection_and_nothing_is_sent_any_more() {
    for wrong in [
        acknowledgement("AA", "o9", ""),
        acknowledgement("AA", "", ""),
        acknowledgement("CA", "o9", ""),
        block(b"MSH|^~\\&|B|A\rMSA\r"),
    ] {
        let mut bench = duplex();
        bench.feed(&block(&result("r1")));
        bench.send(1, &order("o1"));
        bench.feed(&wrong);
        let is_answer = !wrong.ends_with(b"MSA\r\x1c\r");
        assert_eq!(bench.link.must_close(), is_answer);
        if is_answer {
            assert_eq!(bench.given_up().len(), 1);
            assert_eq!(bench.fault_kinds(), [Kind::StrayAnswer]);
            assert!(bench.answer(Answer::Stored).is_empty());
            assert!(bench.send(2, &order("o2")).is_empty());
        }
    }
}

#[test]
fn an_answer_when_nothing_waits_is_stray() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    bench.feed(&acknowledgement("AA", "o1", ""));
    bench.feed(&acknowledgement("AA", "o1", ""));
    assert_eq!(bench.accepted(), [1]);
    assert!(bench.link.must_close());
}

#[test]
fn fm_45_a_refused_order_is_given_up_with_its_words_and_the_next_one_is_sent() {
    for code in ["AE", "AR", "CE", "CR", "ZZ"] {
        let mut bench = duplex();
        bench.send(1, &order("o1"));
        bench.send(2, &order("o2"));
        let sent = bench.feed(&acknowledgement(code, "o1", "unknown specimen"));
        assert_eq!(bench.given_up(), [(1, format!("{code} unknown specimen"))]);
        assert!(bench.accepted().is_empty());
        assert_eq!(said(&sent), ["o2"]);
        assert!(!bench.link.must_close());
    }
}

#[test]
fn a_message_that_brings_something_is_delivered_whatever_it_answers() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    for kind in ["ORU^R01", "OUL^R22", "DSR^Q03", "QRY^Q02"] {
        let odd = format!("MSH|^~\\&|A|B|C|D|2026||{kind}|m|P|2.3.1\rMSA|AA|o1\rOBX|1\r");
        assert_eq!(said(&bench.feed_and_store(&block(odd.as_bytes()))), ["AA m"], "{kind}");
    }
    let deep = b"MSH|^~\\&|A|B|C|D|2026||ZZZ|m|P|2.3.1\rNTE|1||text\rMSA|AA|o1\r";
    assert_eq!(said(&bench.feed_and_store(&block(deep))), ["AA m"]);
    assert!(bench.accepted().is_empty() && !bench.link.must_close());
    let first = block(b"MSH|^~\\&|B|A\r\r\nSFT|x\rUAC|y\rMSA|AA|o1\r");
    bench.feed(&first);
    assert_eq!(bench.accepted(), [1]);
}

#[test]
fn only_what_is_not_begun_can_be_withdrawn() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    bench.send(2, &order("o2"));
    assert!(!bench.link.withdraw(at(0), Token(1)));
    assert!(bench.link.withdraw(at(0), Token(2)));
    assert!(!bench.link.withdraw(at(0), Token(2)));
    assert!(bench.feed(&acknowledgement("AA", "o1", "")).is_empty());
    assert!(bench.link.is_idle());
}

#[test]
fn refusals_of_long_messages_keep_their_place_among_the_answers() {
    let mut bench = duplex();
    let mut long = result("r2");
    long.resize(limits::MESSAGE_MAX + 1, b'x');
    bench.feed(&[block(&result("r1")), block(&long), block(&result("r3"))].concat());
    assert_eq!(bench.fault_kinds(), [Kind::TooLong]);
    assert_eq!(bench.incomplete()[0].1, Interruption::TooLong);
    assert_eq!(said(&bench.answer(Answer::Stored)), ["AA r1", "AR r2"]);
    assert_eq!(said(&bench.answer(Answer::Stored)), ["AA r3"]);
}

#[test]
fn an_answer_that_is_too_long_or_cut_off_is_no_answer() {
    let mut bench = duplex();
    bench.send(1, &order("o1"));
    bench.feed(b"\x0bMSH|^~\\&|B|A\rMSA|AA|o1\rSPM|1");
    bench.feed(&block(&result("r1")));
    assert_eq!(bench.fault_kinds(), [Kind::Malformed]);
    assert!(bench.accepted().is_empty() && !bench.link.must_close());
    let mut long = b"MSH|^~\\&|B|A\rMSA|AA|o1\r".to_vec();
    long.resize(limits::MESSAGE_MAX + 1, b'x');
    bench.feed(&block(&long));
    assert!(bench.accepted().is_empty() && bench.link.must_close());
    assert!(bench.incomplete().is_empty());
}

#[test]
fn half_a_result_is_kept_as_evidence() {
    let mut bench = duplex();
    bench.feed(b"\x0bMSH|^~\\&|torn");
    bench.feed(&block(&result("r1")));
    assert_eq!(bench.incomplete()[0].1, Interruption::Restarted);
    bench.answer(Answer::Stored);
    bench.feed(b"\x0bMSH|^~\\&|half");
    bench.link.disconnect(at(1));
    bench.drain();
    assert_eq!(bench.incomplete()[1].1, Interruption::Disconnected);
}

#[test]
fn keep_alives_are_answered_as_what_they_are() {
    for (version, kind) in [("2.3.1", "ACK^N02"), ("2.5", "ACK^N02^ACK")] {
        let mut bench = duplex();
        let alive = format!("MSH|^~\\&|A|B|C|D|2026||NMD^N02|n1|P|{version}\rNCK|2026\r");
        let reply = bench.feed_and_store(&block(alive.as_bytes()));
        let text = String::from_utf8(reply).unwrap();
        assert_eq!(text.split('|').nth(8), Some(kind));
        assert!(text.contains("MSA|AA|n1\r"));
    }
}

#[test]
fn a_one_byte_block_is_never_answered_where_commits_are_off() {
    for byte in [b"\x06", b"\x15"] {
        let mut bench = duplex();
        bench.send(1, &order("o1"));
        assert!(bench.feed(&block(byte)).is_empty(), "two sides would answer each other for ever");
        assert!(bench.messages().is_empty() && !bench.link.must_close());
        assert_eq!(bench.fault_places(), [(Kind::Malformed, 0, 3)]);
    }
}

#[test]
fn an_idle_connection_holds_no_memory() {
    let mut bench = duplex();
    assert!(size_of::<Duplex>() < 1_024);
    bench.feed(&[block(&result("r1")), block(&result("r2"))].concat());
    bench.send(1, &order("o1"));
    assert!(bench.link.memory() > 0);
    bench.answer(Answer::Stored);
    bench.answer(Answer::Stored);
    bench.feed(&acknowledgement("AA", "o1", ""));
    assert_eq!(bench.link.memory(), 0);
}

#[test]
fn reading_stops_at_the_bound_of_what_waits_and_nothing_is_lost() {
    let mut bench = duplex();
    let mut count = 0;
    while bench.link.wants_bytes() {
        bench.feed(&block(&result("r")));
        count += 1;
    }
    assert!(bench.link.memory() < 2 * limits::LINK_BACKLOG_MAX + 4_096);
    while !bench.answer(Answer::Stored).is_empty() {}
    assert_eq!(bench.messages().len(), count);
    assert!(bench.link.wants_bytes());
}
