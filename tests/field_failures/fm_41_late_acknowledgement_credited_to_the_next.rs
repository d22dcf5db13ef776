//! FM-41: a late acknowledgement of message 1 was taken for that of message 2, which was then
//! lost. Here each acknowledgement names its message, and our own client closes the line.

use std::time::Duration;

use hemogate::link::{Event, Link, Moment, Sending, Token, mllp};

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Mllp, block};

#[test]
fn fm_41_every_acknowledgement_names_the_message_it_is_for() {
    let bench = Bench::start();
    let mut line = Mllp::dial(bench.daemon.address("alt")).unwrap();
    let ids: Vec<String> = (1..=20).map(|id| format!("C{id}")).collect();
    let burst: Vec<u8> = ids
        .iter()
        .enumerate()
        .flat_map(|(at, id)| {
            block(messages::mindray_alt(&messages::din(at as u32), "22", id).as_bytes())
        })
        .collect();
    line.write(&burst).unwrap();
    for id in &ids {
        let acknowledgement = line.acknowledgement().unwrap();
        assert!(acknowledgement.contains(&format!("MSA|AA|{id}")), "{id}: {acknowledgement}");
    }
}

#[test]
fn fm_41_our_client_never_credits_a_late_answer_to_the_next_message() {
    let mut client = mllp::Client::new(Duration::from_secs(5));
    let start = Moment::default();
    let message = messages::mindray_alt(&messages::din(1), "22", "ONE");
    client.send(start, Token(1), message.into_bytes());
    while client.transmit().is_some() {}
    // No answer in time: the message is given up and the line must go.
    client.expire(start.plus(Duration::from_secs(6)));
    assert!(matches!(client.event(), Some(Event::GaveUp { token: Token(1), .. })));
    assert!(client.must_close());
    // Even if the driver is slow to close, the answer that comes now is nobody's.
    let late = "MSH|^~\\&|||||20260105||ACK^R01|X|P|2.3.1\rMSA|AA|ONE\r";
    client.send(
        start.plus(Duration::from_secs(6)),
        Token(2),
        b"MSH|^~\\&|||||||ORU^R01|TWO\r".to_vec(),
    );
    client.receive(start.plus(Duration::from_secs(7)), &block(late.as_bytes()));
    while let Some(event) = client.event() {
        assert!(!matches!(event, Event::Accepted { .. }), "{event:?}");
    }
}
