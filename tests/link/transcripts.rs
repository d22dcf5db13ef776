//! Whole dialogues from `fixtures/link`, byte for byte, with one side played by our machines.

use hemogate::codec::lis01::{ENQ, frame};
use hemogate::link::lis01::{Duplex, Packing, Receiver, Role, Sender, Settings};
use hemogate::link::{Interruption, Link, Moment, Sending, Token};

use crate::bench::Bench;
use crate::dialogue::{Side, dialogue, messages, play};

fn as_receiver(name: &str) -> Bench<Receiver> {
    play(name, Side::Host, Bench::new(Receiver::new()), |_, _| Vec::new())
}

const MESSAGE: &str = "H|\\^&|||ANALYSER|||||HOST||P|1|20260101120000\rP|1\r\
    O|1|D0000000001||^^^HBSAG|R||||||N||||||||||||||F\r\
    R|1|^^^HBSAG|0.35|S/CO||N||F||||20260101115900\rL|1|N\r";

/// The message of `link-16` with eight results instead of one.
fn long_message() -> String {
    let result = |n: usize| format!("R|{n}|^^^HBSAG|0.35|S/CO||N||F||||20260101115900\r");
    MESSAGE.replace(&result(1), &(1..=7).map(result).collect::<String>())
}

fn as_sender(name: &str, side: Side, messages: &[&str]) -> Bench<Sender> {
    let role = match side {
        Side::Analyser => Role::Instrument,
        Side::Host => Role::Host,
    };
    let bench = Bench::new(Sender::new(role, 240, Packing::RecordPerFrame));
    let messages: Vec<_> = messages.iter().map(|message| message.as_bytes().to_vec()).collect();
    play(name, side, bench, |index, bench| hand_over(index == 0, bench, &messages))
}

/// Hands every message over when the time has come.
fn hand_over<L: Sending>(now: bool, bench: &mut Bench<L>, messages: &[Vec<u8>]) -> Vec<u8> {
    if !now {
        return Vec::new();
    }
    let tokens = 0..messages.len() as u64;
    tokens.zip(messages).flat_map(|(token, message)| bench.send(token, message)).collect()
}

fn escaped(text: &str) -> String {
    text.as_bytes().escape_ascii().to_string()
}

#[test]
fn the_receiver_plays_the_host() {
    for name in [
        "link-01-normal.dlg",
        "link-02-bad-checksum-nak-retransmit.dlg",
        "link-03-lost-ack-duplicate-frame.dlg",
        "link-13-wrong-frame-number.dlg",
    ] {
        let bench = as_receiver(name);
        assert_eq!(bench.messages(), [escaped(MESSAGE)], "{name}");
        assert!(bench.incomplete().is_empty(), "{name}");
        assert_eq!(bench.link.deadline(), None, "{name}");
    }
}

#[test]
fn the_receiver_follows_numbers_over_two_messages() {
    let bench = as_receiver("link-16-frame-number-rollover.dlg");
    assert_eq!(bench.messages(), [escaped(&long_message()), escaped(MESSAGE)]);
    assert!(bench.faults().is_empty());
}

#[test]
fn the_sender_plays_the_analyser() {
    for name in [
        "link-01-normal.dlg",
        "link-02-bad-checksum-nak-retransmit.dlg",
        "link-03-lost-ack-duplicate-frame.dlg",
        "link-04-contention-instrument-wins.dlg",
        "link-09-busy-receiver.dlg",
    ] {
        let bench = as_sender(name, Side::Analyser, &[MESSAGE]);
        assert_eq!(bench.accepted(), [0], "{name}");
    }
}

#[test]
fn the_sender_does_not_honour_a_receiver_interrupt() {
    let message = MESSAGE;
    let bench = as_sender("link-07-receiver-interrupt-ignored.dlg", Side::Analyser, &[message]);
    assert_eq!(bench.accepted(), [0]);
}

#[test]
fn the_sender_numbers_on_over_two_messages() {
    let long = long_message();
    let bench = as_sender("link-16-frame-number-rollover.dlg", Side::Analyser, &[&long, MESSAGE]);
    assert_eq!(bench.accepted(), [0, 1]);
}

#[test]
fn the_sender_gives_up_where_no_reply_comes() {
    let bench = as_sender("link-11-no-answer-to-frame.dlg", Side::Analyser, &[MESSAGE]);
    assert_eq!(bench.given_up(), [(0, "no reply to frame 2 in 15 s".to_owned())]);
    let bench = as_sender("link-10-no-answer-to-ENQ.dlg", Side::Host, &[MESSAGE]);
    assert_eq!(bench.given_up(), [(0, "no reply to ENQ in 15 s".to_owned())]);
}

#[test]
fn the_sender_as_host_lets_a_silent_instrument_bid_first() {
    as_sender("link-05-contention-instrument-silent.dlg", Side::Host, &[MESSAGE]);
}

fn host() -> Settings {
    Settings::host()
}

fn instrument() -> Settings {
    Settings::instrument()
}

/// Plays one side of a dialogue with both roles on the line. Its messages are handed over before
/// the line `from`.
fn as_duplex(name: &str, side: Side, settings: Settings, from: usize) -> Bench<Duplex> {
    let messages = messages(name, side);
    let bench = Bench::new(Duplex::new(settings));
    play(name, side, bench, |index, bench| hand_over(index == from, bench, &messages))
}

fn texts(messages: &[Vec<u8>]) -> Vec<String> {
    messages.iter().map(|message| message.escape_ascii().to_string()).collect()
}

#[test]
fn both_roles_play_the_host_that_only_receives() {
    for name in [
        "link-01-normal.dlg",
        "link-02-bad-checksum-nak-retransmit.dlg",
        "link-03-lost-ack-duplicate-frame.dlg",
        "link-13-wrong-frame-number.dlg",
        "link-16-frame-number-rollover.dlg",
    ] {
        let bench = as_duplex(name, Side::Host, host(), 0);
        assert_eq!(bench.messages(), texts(&messages(name, Side::Analyser)), "{name}");
        assert!(bench.link.is_neutral() && bench.incomplete().is_empty(), "{name}");
        assert_eq!(bench.link.memory(), 0, "{name}");
    }
}

#[test]
fn both_roles_play_the_analyser_that_only_sends() {
    for name in [
        "link-01-normal.dlg",
        "link-02-bad-checksum-nak-retransmit.dlg",
        "link-03-lost-ack-duplicate-frame.dlg",
        "link-04-contention-instrument-wins.dlg",
        "link-07-receiver-interrupt-ignored.dlg",
        "link-09-busy-receiver.dlg",
        "link-16-frame-number-rollover.dlg",
    ] {
        let bench = as_duplex(name, Side::Analyser, instrument(), 0);
        assert_eq!(bench.accepted().len(), messages(name, Side::Analyser).len(), "{name}");
        assert!(bench.given_up().is_empty() && bench.link.is_neutral(), "{name}");
    }
}

#[test]
fn both_roles_give_up_where_no_reply_comes() {
    let bench = Bench::new(Duplex::new(instrument()));
    let message = [MESSAGE.as_bytes().to_vec()];
    let hand_over_first = |index, bench: &mut _| hand_over(index == 0, bench, &message);
    let bench = play("link-11-no-answer-to-frame.dlg", Side::Analyser, bench, hand_over_first);
    assert_eq!(bench.given_up(), [(0, "no reply to frame 2 in 15 s".to_owned())]);
    let bench = Bench::new(Duplex::new(host()));
    let bench = play("link-10-no-answer-to-ENQ.dlg", Side::Host, bench, hand_over_first);
    assert_eq!(bench.given_up(), [(0, "no reply to ENQ in 15 s".to_owned())]);
    assert_eq!(bench.now, Moment::after(std::time::Duration::from_secs(15)));
}

#[test]
fn the_host_whose_bid_is_crossed_receives_and_bids_afterwards() {
    let name = "link-04-contention-instrument-wins.dlg";
    let bench = Bench::new(Duplex::new(host()));
    let answer = [MESSAGE.as_bytes().to_vec()];
    let mut bench =
        play(name, Side::Host, bench, |index, bench| hand_over(index == 0, bench, &answer));
    assert_eq!(bench.messages(), [escaped(MESSAGE)]);
    assert!(!bench.link.is_neutral(), "it bids with the EOT");
    let frame_1 = bench.feed(&[hemogate::codec::lis01::ACK]);
    assert_eq!(frame(&frame_1).unwrap().number, 1);
}

#[test]
fn the_host_whose_bid_was_crossed_by_a_silent_instrument_bids_after_twenty_seconds() {
    let bench = Bench::new(Duplex::new(host()));
    let answer = [MESSAGE.as_bytes().to_vec()];
    let name = "link-05-contention-instrument-silent.dlg";
    let bench = play(name, Side::Host, bench, |index, bench| hand_over(index == 0, bench, &answer));
    assert_eq!(bench.now, Moment::after(std::time::Duration::from_secs(20)));
}

/// In both dialogues the host asks with its reply to frame 4: line 8, answered in line 9.
const FRAME_4: usize = 8;

#[test]
fn the_host_asks_for_the_line_and_gets_it() {
    let settings = Settings { ask_by_interrupt: true, ..host() };
    let bench = Bench::new(Duplex::new(settings));
    let answer = [MESSAGE.as_bytes().to_vec()];
    let name = "link-06-receiver-interrupt-EOT.dlg";
    let bench =
        play(name, Side::Host, bench, |index, bench| hand_over(index == FRAME_4, bench, &answer));
    assert!(bench.messages().is_empty(), "the analyser will send it again");
    let incomplete = bench.incomplete();
    let [(text, Interruption::EndOfTransmission)] = &incomplete[..] else {
        panic!("{incomplete:?}")
    };
    assert!(escaped(MESSAGE).starts_with(text), "{text}");
}

#[test]
fn the_host_asks_for_the_line_until_nothing_waits_any_more() {
    let settings = Settings { ask_by_interrupt: true, ..host() };
    let bench = Bench::new(Duplex::new(settings));
    let answer = [MESSAGE.as_bytes().to_vec()];
    let name = "link-07-receiver-interrupt-ignored.dlg";
    let bench = play(name, Side::Host, bench, |index, bench| {
        if index == FRAME_4 + 2 {
            assert!(bench.link.withdraw(bench.now, Token(0)), "the answer would be late");
        }
        hand_over(index == FRAME_4, bench, &answer)
    });
    assert_eq!(bench.messages(), [escaped(MESSAGE)]);
    assert!(bench.link.is_neutral());
}

#[test]
fn the_analyser_gives_the_line_away_and_keeps_its_message() {
    let settings = Settings { honour_interrupt: true, ..instrument() };
    let bench = Bench::new(Duplex::new(settings));
    let result = [MESSAGE.as_bytes().to_vec()];
    let name = "link-06-receiver-interrupt-EOT.dlg";
    let bench =
        play(name, Side::Analyser, bench, |index, bench| hand_over(index == 0, bench, &result));
    assert!(!bench.link.is_idle() && bench.given_up().is_empty());
}

#[test]
fn the_busy_host_refuses_the_line_until_it_is_ready() {
    let name = "link-09-busy-receiver.dlg";
    let bench = play(name, Side::Host, Bench::new(Duplex::new(host())), |index, bench| {
        bench.link.set_ready(bench.now, index >= 2);
        Vec::new()
    });
    assert_eq!(bench.messages(), [escaped(MESSAGE)]);
}

const QUERIES: [(&str, Packing); 3] = [
    ("roche-cobas-e411-host-query.dlg", Packing::Packed),
    ("mindray-cl-query-and-reply.dlg", Packing::RecordPerFrame),
    ("siemens-advia-centaur-query.dlg", Packing::RecordPerFrame),
];

#[test]
fn a_host_answers_a_query_on_the_line_on_which_it_came() {
    for (name, packing) in QUERIES {
        let reply =
            dialogue(&format!("link/{name}")).iter().rposition(|line| line.bytes == [ENQ]).unwrap();
        let bench = as_duplex(name, Side::Host, Settings { packing, ..host() }, reply);
        assert_eq!(bench.messages(), texts(&messages(name, Side::Analyser)), "{name}");
        assert_eq!(bench.accepted(), [0], "{name}");
        assert!(bench.faults().is_empty() && bench.link.is_neutral(), "{name}");
    }
}

#[test]
fn an_answer_that_is_ready_before_the_query_has_ended_waits_for_its_end() {
    for (name, packing) in QUERIES {
        let bench = as_duplex(name, Side::Host, Settings { packing, ..host() }, 1);
        assert_eq!(bench.accepted(), [0], "{name}");
    }
}

#[test]
fn an_analyser_asks_and_takes_the_answer() {
    for (name, packing) in QUERIES {
        let bench = as_duplex(name, Side::Analyser, Settings { packing, ..instrument() }, 0);
        assert_eq!(bench.messages(), texts(&messages(name, Side::Host)), "{name}");
        assert_eq!(bench.accepted(), [0], "{name}");
        assert!(bench.faults().is_empty() && bench.link.is_neutral(), "{name}");
    }
}
