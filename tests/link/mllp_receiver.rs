//! The MLLP receiver, as scripts of the wire.

use hemogate::limits;
use hemogate::link::mllp::Receiver;
use hemogate::link::{Answer, Interruption, Link, LinkFaultKind as Kind, Token};

use crate::bench::{Bench, at};

fn receiver() -> Bench<Receiver> {
    Bench::new(Receiver::new(|| "20260101120000".to_owned()))
}

fn message(control_id: &str) -> String {
    format!("MSH|^~\\&|BS|LAB|||20260101||ORU^R01|{control_id}|P|2.3.1\rOBX|1|NM|13|ALT|32.4\r")
}

fn silent(control_id: &str) -> String {
    format!("MSH|^~\\&|BS|LAB|||20260101||ORU^R01|{control_id}|P|2.3.1|||NE|NE\rOBX|1\r")
}

fn block(message: &str) -> Vec<u8> {
    format!("\x0b{message}\x1c\r").into_bytes()
}

/// MSA-1, MSA-2 and MSA-3 of every acknowledgement in these bytes.
fn acknowledgements(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let blocks = text.split_terminator("\x1c\r");
    let msa = |block: &str| {
        let block = block.strip_prefix('\x0b').expect("a block");
        assert!(block.starts_with("MSH|^~\\&|"), "{block}");
        let line = block.split('\r').find(|line| line.starts_with("MSA|")).expect("an MSA");
        line.trim_start_matches("MSA|").trim_end_matches('|').to_owned()
    };
    blocks.map(msa).collect()
}

fn escaped(text: &str) -> String {
    text.as_bytes().escape_ascii().to_string()
}

#[test]
fn a_message_is_acknowledged_only_after_it_is_stored() {
    let mut bench = receiver();
    assert!(bench.feed(&block(&message("17"))).is_empty());
    assert_eq!(bench.messages(), [escaped(&message("17"))]);
    assert_eq!(acknowledgements(&bench.answer(Answer::Stored)), ["AA|17"]);
    assert!(bench.faults().is_empty());
}

#[test]
fn what_could_not_be_read_or_stored_is_said_in_words() {
    let mut bench = receiver();
    bench.feed(&block(&message("17")));
    let reply = bench.answer(Answer::StoredUnread("no specimen".to_owned()));
    assert_eq!(acknowledgements(&reply), ["AE|17|no specimen"]);
    bench.feed(&block(&message("18")));
    let reply = bench.answer(Answer::Refused("disk full".to_owned()));
    assert_eq!(acknowledgements(&reply), ["AR|18|disk full"]);
}

#[test]
fn blocks_of_one_read_are_delivered_and_acknowledged_in_order() {
    let mut bench = receiver();
    let five: Vec<u8> = (1..=5).flat_map(|n| block(&message(&n.to_string()))).collect();
    assert!(bench.feed(&five).is_empty());
    assert_eq!(bench.messages().len(), 1);
    for n in 1..=5 {
        assert_eq!(bench.messages().len(), n);
        assert_eq!(acknowledgements(&bench.answer(Answer::Stored)), [format!("AA|{n}")]);
    }
    assert!(bench.faults().is_empty());
}

#[test]
fn a_block_over_many_reads_is_one_block() {
    let mut bench = receiver();
    let mut sent = Vec::new();
    for byte in [block(&message("1")), block(&message("2"))].concat() {
        sent.extend(bench.feed_and_store(&[byte]));
    }
    assert_eq!(bench.messages().len(), 2);
    assert_eq!(acknowledgements(&sent), ["AA|1", "AA|2"]);
    assert!(bench.faults().is_empty());
}

#[test]
fn the_end_characters_may_come_in_different_reads_or_half() {
    let mut bench = receiver();
    let block = block(&message("1"));
    bench.feed(&block[..block.len() - 1]);
    bench.answer(Answer::Stored);
    bench.feed(b"\r");
    bench.feed_and_store(&[&block[..block.len() - 1], &block[..]].concat());
    assert_eq!(bench.messages().len(), 3);
    assert!(bench.faults().is_empty());
}

#[test]
fn bytes_between_blocks_are_told() {
    let mut bench = receiver();
    let block = block(&message("1"));
    bench.feed(b"GET / HT");
    bench.feed(b"TP/1.1\r\n");
    bench.feed(&block);
    bench.answer(Answer::Stored);
    bench.feed(b"\r\n");
    bench.link.disconnect(at(0));
    bench.drain();
    let after = 16 + block.len() as u64;
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, 16), (Kind::Noise, after, 2)]);
}

#[test]
fn endless_noise_is_told_in_pieces() {
    let mut bench = receiver();
    bench.feed(&vec![b'x'; limits::NOISE_RUN_MAX - 1]);
    assert!(bench.events.is_empty());
    bench.feed(b"xx");
    assert_eq!(bench.fault_places(), [(Kind::Noise, 0, limits::NOISE_RUN_MAX)]);
}

#[test]
fn a_block_that_begins_again_leaves_what_it_had() {
    let mut bench = receiver();
    bench.feed(b"\x0bMSH|torn");
    bench.feed(&block(&message("1")));
    assert_eq!(bench.incomplete(), [("MSH|torn".to_owned(), Interruption::Restarted)]);
    assert_eq!(bench.messages(), [escaped(&message("1"))]);
}

#[test]
fn empty_blocks_are_malformed_and_unanswered() {
    let mut bench = receiver();
    assert!(bench.feed(b"\x0b\x1c\r\x0b").is_empty());
    assert!(bench.feed(&block(&message("1"))).is_empty());
    assert_eq!(bench.fault_places(), [(Kind::Malformed, 0, 2), (Kind::Malformed, 3, 1)]);
    assert_eq!(bench.messages().len(), 1);
}

#[test]
fn a_message_that_wants_no_answer_gets_none_but_holds_its_place() {
    let mut bench = receiver();
    bench.feed(&[block(&silent("1")), block(&message("2"))].concat());
    assert_eq!(bench.messages().len(), 1);
    assert!(bench.answer(Answer::Stored).is_empty());
    assert_eq!(bench.messages().len(), 2);
    assert_eq!(acknowledgements(&bench.answer(Answer::Stored)), ["AA|2"]);
    bench.feed(&block(&silent("3")));
    assert!(bench.answer(Answer::Refused("disk full".to_owned())).is_empty());
}

#[test]
fn a_batch_is_acknowledged_by_its_first_message() {
    let mut bench = receiver();
    bench.feed(&block(&format!("FHS|^~\\&\rBHS|^~\\&\r{}BTS|1\rFTS|1\r", message("9"))));
    assert_eq!(acknowledgements(&bench.answer(Answer::Stored)), ["AA|9"]);
}

#[test]
fn bytes_that_are_no_hl7_are_still_delivered() {
    let mut bench = receiver();
    bench.feed(&block("H|\\^&\rL|1\r"));
    let reply = bench.answer(Answer::StoredUnread("no MSH".to_owned()));
    assert_eq!(acknowledgements(&reply), ["AE||no MSH"]);
}

#[test]
fn the_longest_message_is_delivered_and_one_byte_more_is_refused() {
    let filled = |length: usize| {
        let mut text = message("1");
        text.push_str(&"x".repeat(length - text.len()));
        text
    };
    let mut bench = receiver();
    bench.feed(&block(&filled(limits::MESSAGE_MAX)));
    assert_eq!(bench.messages().len(), 1);
    bench.answer(Answer::Stored);
    let reply = bench.feed(&block(&filled(limits::MESSAGE_MAX + 1)));
    assert_eq!(bench.messages().len(), 1);
    assert!(acknowledgements(&reply)[0].starts_with("AR|1|"));
    assert_eq!(bench.fault_kinds(), [Kind::TooLong]);
    assert_eq!(bench.faults()[0].length, limits::MESSAGE_MAX + 1 + 2);
    assert_eq!(bench.incomplete()[0].1, Interruption::TooLong);
    bench.feed(&block(&message("2")));
    assert_eq!(bench.messages().len(), 2);
}

#[test]
fn an_endless_block_is_dropped_while_it_passes() {
    let mut bench = receiver();
    bench.feed(format!("\x0b{}", message("1")).as_bytes());
    for _ in 0..2_560 {
        assert!(bench.feed(&[b'x'; 4_096]).is_empty());
        assert!(bench.link.memory() <= 2 * limits::MESSAGE_MAX);
    }
    assert!(bench.link.memory() <= 2 * limits::OVERLONG_EVIDENCE_MAX);
    assert!(bench.events.is_empty());
    assert!(bench.feed(b"\x0b").is_empty());
    assert_eq!(bench.fault_kinds(), [Kind::TooLong]);
    let (kept, why) = bench.incomplete().remove(0);
    assert_eq!(why, Interruption::TooLong);
    assert!(kept.starts_with("MSH"));
    assert!(kept.len() <= 2 * limits::OVERLONG_EVIDENCE_MAX);
}

#[test]
fn a_lost_line_leaves_the_half_block_and_forgets_the_answer() {
    let mut bench = receiver();
    bench.feed(b"\x0bMSH|half");
    bench.link.disconnect(at(0));
    bench.drain();
    assert_eq!(bench.incomplete(), [("MSH|half".to_owned(), Interruption::Disconnected)]);
    bench.feed(&[block(&message("1")), b"\x0bMSH".to_vec()].concat());
    bench.link.disconnect(at(0));
    assert!(bench.answer(Answer::Stored).is_empty());
    assert_eq!(bench.incomplete().last().unwrap().0, "MSH");
    assert!(bench.faults().is_empty());
}

#[test]
fn what_came_whole_behind_a_message_is_delivered_when_the_line_is_lost() {
    let mut bench = receiver();
    bench.feed(&[block(&silent("1")), block(&silent("2")), block(&silent("3"))].concat());
    assert_eq!(bench.messages().len(), 1);
    bench.link.disconnect(at(0));
    bench.drain();
    let all = ["1", "2", "3"].map(|id| escaped(&silent(id)));
    assert_eq!(bench.messages(), all);
    for token in bench.tokens() {
        bench.link.answer(at(0), token, Answer::Stored);
    }
    assert!(bench.drain().is_empty());
}

#[test]
fn an_answer_to_an_older_token_is_ignored() {
    let mut bench = receiver();
    bench.feed(&block(&message("1")));
    let old = bench.last_token();
    bench.answer(Answer::Stored);
    bench.feed(&block(&message("2")));
    bench.link.answer(at(0), old, Answer::Stored);
    bench.link.answer(at(0), Token(99), Answer::Stored);
    assert!(bench.drain().is_empty());
    assert_eq!(acknowledgements(&bench.answer(Answer::Stored)), ["AA|2"]);
}

#[test]
fn a_full_backlog_stops_reading_and_loses_nothing() {
    let mut bench = receiver();
    let block = block(&message("1"));
    bench.feed(&block);
    let mut count = 1;
    while bench.link.wants_bytes() {
        bench.feed(&block);
        count += 1;
    }
    while !bench.answer(Answer::Stored).is_empty() {}
    assert_eq!(bench.messages().len(), count);
    assert!(bench.link.wants_bytes() && bench.faults().is_empty());
}

#[test]
fn an_idle_connection_holds_no_memory() {
    let mut bench = receiver();
    assert!(size_of::<Receiver>() < 1_024);
    let block = block(&message("1"));
    bench.feed(&[&block[..], &block[..]].concat());
    assert!(bench.link.memory() > 0);
    bench.answer(Answer::Stored);
    bench.answer(Answer::Stored);
    assert_eq!(bench.link.memory(), 0);
}

#[test]
fn nothing_is_timed() {
    let mut bench = receiver();
    bench.feed(b"\x0bMSH");
    assert_eq!(bench.link.deadline(), None);
    bench.wait_until(1_000_000);
    assert!(bench.events.is_empty());
}

#[test]
fn a_reply_goes_in_place_of_the_acknowledgement() {
    let mut bench = receiver();
    bench.feed(&block(&message("17")));
    let reply = "MSH|^~\\&|LIS\rMSA|AA|17\rQAK|T1|OK\r";
    let sent = bench.answer(Answer::StoredReply(reply.as_bytes().to_vec()));
    assert_eq!(sent, block(reply));
}
