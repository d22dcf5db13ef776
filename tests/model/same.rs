//! Any messages, cut into frames and reads in any way, damaged or not: every machine hears and
//! says the same however its reads were cut.

use hemogate::codec::lis01::{ENQ, EOT, End, encode_frame, next_number};
use hemogate::codec::mllp::wrap;
use hemogate::link::bare::{Envelope, Records};
use hemogate::link::lis01::{Duplex, Receiver, Settings};
use hemogate::link::{Answer, Event, Link, Moment, mllp};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

/// Records of a message, the last an L record.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let value = "[ -~é中\u{1}\u{6}\u{15}]{0,24}";
    vec(("[PORCQMS]", value), 0..6).prop_map(|records| {
        let middle = records.into_iter().map(|(letter, value)| format!("{letter}|1|{value}\r"));
        let text: String = middle.collect();
        format!("H|\\^&|1\r{text}L|1|N\r").into_bytes()
    })
}

/// Sessions of frames of this length, with noise between them.
fn sessions(messages: &[Vec<u8>], length: usize, noise: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for message in messages {
        stream.push(ENQ);
        let mut number = 1;
        let pieces = message.len().div_ceil(length);
        for (at, text) in message.chunks(length).enumerate() {
            let end = if at + 1 == pieces { End::Etx } else { End::Etb };
            stream.extend(encode_frame(number, text, end));
            number = next_number(number);
        }
        stream.push(EOT);
        stream.extend_from_slice(noise);
    }
    stream
}

/// One byte replaced.
fn damage(mut stream: Vec<u8>, place: prop::sample::Index, with: u8) -> Vec<u8> {
    let at = place.index(stream.len());
    stream[at] = with;
    stream
}

/// Everything heard and said when each message is answered at once; one in three is refused.
fn heard<L: Link>(mut link: L, stream: &[u8], cuts: &[usize]) -> (Vec<Event>, Vec<u8>) {
    let now = Moment::default();
    let (mut events, mut said) = (Vec::new(), Vec::new());
    let mut cuts = cuts.iter().cycle();
    let mut rest = stream;
    while !rest.is_empty() {
        let length = cuts.next().map_or(rest.len(), |cut| (*cut).clamp(1, rest.len()));
        let (piece, later) = rest.split_at(length);
        link.receive(now, piece);
        drain(&mut link, &mut events, &mut said);
        rest = later;
    }
    link.disconnect(now);
    drain(&mut link, &mut events, &mut said);
    (events, said)
}

fn drain<L: Link>(link: &mut L, events: &mut Vec<Event>, said: &mut Vec<u8>) {
    loop {
        while let Some(bytes) = link.transmit() {
            said.extend(bytes);
        }
        let Some(event) = link.event() else { return };
        if let Event::Message { token, .. } = &event {
            let refused = token.0 % 3 == 0;
            let answer = if refused { Answer::Refused("full".into()) } else { Answer::Stored };
            link.answer(Moment::default(), *token, answer);
        }
        events.push(event);
    }
}

fn delivered(events: &[Event]) -> Vec<Vec<u8>> {
    let message = |event: &Event| match event {
        Event::Message { bytes, .. } => Some(bytes.clone()),
        _ => None,
    };
    events.iter().filter_map(message).collect()
}

/// Whole, byte by byte, and cut at these lengths.
fn same<L: Link>(link: impl Fn() -> L, stream: &[u8], cuts: &[usize]) {
    let whole = heard(link(), stream, &[]);
    assert!(heard(link(), stream, &[1]) == whole, "byte by byte");
    assert!(heard(link(), stream, cuts) == whole, "cut at {cuts:?}");
}

/// The same without what is said: a LIS01 receiver that finds EOT and ENQ behind the message that
/// it answers says nothing (the peer has given up), and whether they are there already depends
/// on the cut. Peers that wait for each reply, as the standard has it, never come near this.
fn same_events<L: Link>(link: impl Fn() -> L, stream: &[u8], cuts: &[usize]) -> Vec<Event> {
    let (whole, _) = heard(link(), stream, &[]);
    assert!(heard(link(), stream, &[1]).0 == whole, "byte by byte");
    assert!(heard(link(), stream, cuts).0 == whole, "cut at {cuts:?}");
    whole
}

/// The same for a machine that reads ahead while an answer is owed: what else happened may be told
/// before the messages that wait their turn, so each keeps its own order.
fn same_apart<L: Link>(link: impl Fn() -> L, stream: &[u8], cuts: &[usize]) {
    let apart = |cuts: &[usize]| {
        let (events, said) = heard(link(), stream, cuts);
        let is_message = |event: &Event| matches!(event, Event::Message { .. });
        let (messages, others): (Vec<_>, Vec<_>) = events.into_iter().partition(is_message);
        (messages, others, said)
    };
    let whole = apart(&[]);
    assert!(apart(&[1]) == whole, "byte by byte");
    assert!(apart(cuts) == whole, "cut at {cuts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, max_shrink_iters: 200, ..ProptestConfig::default()
    })]

    #[test]
    fn lis01_sessions_are_heard_the_same_however_they_are_cut(
        messages in vec(message(), 1..4),
        length in 1..80_usize,
        noise in vec(any::<u8>().prop_filter("ENQ would bid", |byte| *byte != ENQ), 0..4),
        cuts in vec(1..40_usize, 1..6),
    ) {
        let stream = sessions(&messages, length, &noise);
        for events in [
            same_events(Receiver::new, &stream, &cuts),
            same_events(|| Duplex::new(Settings::host()), &stream, &cuts),
        ] {
            // A refused message is not sent again here: it stays evidence of nothing.
            assert_eq!(delivered(&events), messages);
        }
    }

    #[test]
    fn damaged_lis01_sessions_are_heard_the_same_however_they_are_cut(
        messages in vec(message(), 1..4),
        length in 1..80_usize,
        place in any::<prop::sample::Index>(),
        with in any::<u8>(),
        cuts in vec(1..40_usize, 1..6),
    ) {
        let stream = damage(sessions(&messages, length, b""), place, with);
        same_events(Receiver::new, &stream, &cuts);
        same_events(|| Duplex::new(Settings::host()), &stream, &cuts);
    }

    #[test]
    fn mllp_blocks_are_heard_the_same_however_they_are_cut(
        messages in vec(message(), 1..4),
        noise in vec(any::<u8>(), 0..4),
        place in any::<prop::sample::Index>(),
        with in any::<u8>(),
        cuts in vec(1..40_usize, 1..6),
    ) {
        let blocks: Vec<u8> =
            messages.iter().flat_map(|message| [wrap(message), noise.clone()].concat()).collect();
        let receiver = || mllp::Receiver::new(|| "20260101120000".to_owned());
        same_apart(receiver, &blocks, &cuts);
        same_apart(receiver, &damage(blocks, place, with), &cuts);
    }

    #[test]
    fn bare_records_are_heard_the_same_however_they_are_cut(
        messages in vec(message(), 1..4),
        place in any::<prop::sample::Index>(),
        with in any::<u8>(),
        cuts in vec(1..40_usize, 1..6),
    ) {
        for envelope in [Envelope::None, Envelope::StxEtx] {
            let wrapped = messages.iter().map(|message| match envelope {
                Envelope::None => message.clone(),
                Envelope::StxEtx => [b"\x02", &message[..], b"\x03"].concat(),
            });
            let stream = wrapped.collect::<Vec<_>>().concat();
            let link = || Records::new(envelope, Duration::from_secs(30));
            same(link, &stream, &cuts);
            same(link, &damage(stream, place, with), &cuts);
        }
    }
}
