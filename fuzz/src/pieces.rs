//! The same stream in other pieces says the same: how a driver cuts its reads changes nothing.

use std::fmt::Debug;
use std::time::Duration;

use hemogate::link::bare::{Envelope, Records};
use hemogate::link::lis01::{Duplex, Receiver, Settings};
use hemogate::link::mllp;
use hemogate::link::{Answer, Event, Link, Moment};

/// LIS01 receiver. What it says is left out: EOT and ENQ behind a message that is answered mean
/// that the peer has given up and waits for no reply, and a cut may come between them.
pub fn pieces_lis01(data: &[u8]) {
    same_in_pieces(data, Receiver::new, |(events, _)| events);
    same_in_pieces(data, || Duplex::new(Settings::host()), |(events, _)| events);
}

/// MLLP receiver. It reads ahead while an answer is owed: what else happened may be told before the
/// messages that wait their turn, so the two are compared each in its own order.
pub fn pieces_mllp(data: &[u8]) {
    let receiver = || mllp::Receiver::new(|| "20260101120000".to_owned());
    same_in_pieces(data, receiver, |(events, sent)| {
        let is_message = |event: &Event| matches!(event, Event::Message { .. });
        let (messages, others): (Vec<_>, Vec<_>) = events.into_iter().partition(is_message);
        (messages, others, sent)
    });
}

/// Records without a link layer.
pub fn pieces_bare(data: &[u8]) {
    for envelope in [Envelope::None, Envelope::StxEtx] {
        same_in_pieces(data, || Records::new(envelope, Duration::from_secs(30)), |both| both);
    }
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
        assert!(whole == pieces, "in pieces of {length}: {whole:#?} and {pieces:#?}");
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
