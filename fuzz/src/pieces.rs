//! The same stream in other pieces says the same: how a driver cuts its reads changes nothing.

use std::fmt::Debug;

use hemogate::link::lis01::Receiver;
use hemogate::link::mllp;
use hemogate::link::{Answer, Event, Link, Moment};

/// LIS01 receiver. What it says is left out: EOT and ENQ behind a message that is answered mean
/// that the peer has given up and waits for no reply, and a cut may come between them.
pub fn pieces_lis01(data: &[u8]) {
    same_in_pieces(data, Receiver::new, |(events, _)| events);
}

/// MLLP receiver.
pub fn pieces_mllp(data: &[u8]) {
    let receiver = || mllp::Receiver::new(|| "20260101120000".to_owned());
    same_in_pieces(data, receiver, |both| both);
}

/// The first byte says where to cut.
fn same_in_pieces<L: Link, T: PartialEq + Debug>(
    data: &[u8],
    link: impl Fn() -> L,
    compared: fn((Vec<Event>, Vec<u8>)) -> T,
) {
    let stride = data.first().map_or(1, |byte| usize::from(byte % 61) + 1);
    let whole = compared(heard(link(), data, data.len().max(1)));
    for length in [1, stride] {
        let pieces = compared(heard(link(), data, length));
        assert_eq!(whole, pieces, "in pieces of {length}");
    }
}

/// Everything that is said and sent when each message is answered as soon as it comes.
fn heard<L: Link>(mut link: L, data: &[u8], length: usize) -> (Vec<Event>, Vec<u8>) {
    let now = Moment::default();
    let (mut events, mut sent) = (Vec::new(), Vec::new());
    for piece in data.chunks(length) {
        link.receive(now, piece);
        while let Some(event) = next(&mut link, &mut sent) {
            if let Event::Message { token, .. } = &event {
                link.answer(now, *token, answer(token.0));
            }
            events.push(event);
        }
    }
    link.disconnect(now);
    while let Some(event) = next(&mut link, &mut sent) {
        events.push(event);
    }
    (events, sent)
}

fn next<L: Link>(link: &mut L, sent: &mut Vec<u8>) -> Option<Event> {
    while let Some(bytes) = link.transmit() {
        sent.extend(bytes);
    }
    link.event()
}

/// One message in three is refused.
fn answer(number: u64) -> Answer {
    if number.is_multiple_of(3) { Answer::Refused("full".to_owned()) } else { Answer::Stored }
}
