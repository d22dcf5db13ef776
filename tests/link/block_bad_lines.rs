//! Both ends of the block protocols over lines that lose, flip, repeat and delay.

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use hemogate::codec::block::{Form, Tail};
use hemogate::link::block::{Role, au, hitachi, pk};
use hemogate::link::fault::{Decide, FaultRates, Pair, Side};
use hemogate::link::{Answer, Event, Link, Moment, Sending, Token};
use proptest::prelude::*;

const SEED: u64 = 20_260_115;
const ROUNDS: u64 = 200;

/// Delays stay shorter than the time in which either side gives up: nothing numbers the texts.
fn harm() -> FaultRates {
    FaultRates {
        drop_byte: 20,
        drop_all: 20,
        flip_bit: 60,
        repeat: 0,
        delay: 40,
        delay_max: Duration::from_millis(200),
    }
}

fn decide(seed: u64) -> Decide {
    let mut random = Rng::with_seed(seed);
    Box::new(move |_, _| match random.u8(..8) {
        0 => Answer::Refused("busy".to_owned()),
        1 => Answer::StoredUnread("unread".to_owned()),
        _ => Answer::Stored,
    })
}

/// Sends every message until it is accepted; then everything accepted was delivered, in order and
/// unharmed, and nothing was that was not sent.
fn exchange<L: Sending + Link>(sender: L, host: L, messages: &[Vec<u8>], seed: u64) -> u64 {
    let left = Side::new(sender, Box::new(|_, _| Answer::Stored));
    let mut pair = Pair::new(left, Side::new(host, decide(seed)), seed, harm());
    let mut open: Vec<usize> = (0..messages.len()).collect();
    for attempt in 0.. {
        assert!(attempt < 200, "seed {seed}: {open:?} never accepted");
        let now = pair.now();
        for index in &open {
            pair.left.link.send(now, Token(*index as u64), messages[*index].clone());
        }
        assert!(pair.run(100_000), "seed {seed}: it never comes to rest");
        assert!(pair.left.link.is_idle(), "seed {seed}");
        let accepted: BTreeSet<usize> = pair
            .left
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Accepted { token, .. } => Some(token.0 as usize),
                _ => None,
            })
            .collect();
        open.retain(|index| !accepted.contains(index));
        if open.is_empty() {
            break;
        }
    }
    let delivered: BTreeSet<&[u8]> = pair
        .right
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Message { bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        })
        .collect();
    for message in messages {
        assert!(delivered.contains(message.as_slice()), "seed {seed}: accepted, never delivered");
    }
    for bytes in delivered {
        assert!(messages.iter().any(|m| m == bytes), "seed {seed}: {}", bytes.escape_ascii());
    }
    pair.rightwards.harmed() + pair.leftwards.harmed()
}

fn words(random: &mut Rng, most: usize) -> String {
    (0..random.usize(..most)).map(|_| random.char(' '..='~')).collect()
}

#[test]
fn pk_delivers_what_was_accepted_and_nothing_else() {
    let mut harmed = 0;
    for round in 0..ROUNDS {
        let seed = SEED + round;
        let mut random = Rng::with_seed(seed);
        let message = |number: usize| {
            let header = format!("{:<53}", format!("D 15210120260101 {number:>26}"));
            format!("{header}00{}", words(&mut random, 400)).into_bytes()
        };
        let messages: Vec<Vec<u8>> = (0..6).map(message).collect();
        // A text in one block carries the mark of the last, one in several begins with 00.
        let messages: Vec<Vec<u8>> = messages.into_iter().filter(|m| m.len() > 200).collect();
        let settings = pk::Settings { text_max: 200, ..pk::Settings::default() };
        let sender = settings.clone().exchange(Role::Instrument);
        harmed += exchange(sender, settings.exchange(Role::Host), &messages, seed);
    }
    assert!(harmed > ROUNDS, "only {harmed} transmissions were harmed");
}

#[test]
fn au_delivers_what_was_accepted_and_nothing_else() {
    for round in 0..ROUNDS {
        let seed = SEED + round;
        let mut random = Rng::with_seed(seed);
        let mut message = |number: usize| format!("D {number:04}{}", words(&mut random, 200));
        let messages: Vec<Vec<u8>> = (0..8).map(|n| message(n).into_bytes()).collect();
        let settings = au::Settings::default();
        let sender = settings.clone().exchange(Role::Instrument);
        exchange(sender, settings.exchange(Role::Host), &messages, seed);
    }
}

#[test]
fn hitachi_delivers_what_was_accepted_and_nothing_else() {
    for tail in [Tail::Xor, Tail::SumCr] {
        for round in 0..ROUNDS / 2 {
            let seed = SEED + round;
            let mut random = Rng::with_seed(seed);
            let mut message = |number: usize| {
                let parts: String = (0..random.usize(..3))
                    .map(|part| format!("{}{number:04}{}\r", part + 1, words(&mut random, 60)))
                    .collect();
                format!("{parts}:{number:04}{}", words(&mut random, 60)).into_bytes()
            };
            let messages: Vec<Vec<u8>> = (0..6).map(&mut message).collect();
            let form = Form { tail, ..hitachi::Settings::default().form };
            let settings = hitachi::Settings { form, ..hitachi::Settings::default() };
            let sender = hitachi::Exchange::new(settings.clone(), Role::Instrument);
            let host = hitachi::Exchange::new(settings, Role::Host);
            exchange(sender, host, &messages, seed);
        }
    }
}

/// Bytes that mean something to some block protocol, far more often than others.
fn meaningful() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => prop::sample::select(vec![0x02, 0x03, 0x17, 0x06, 0x15, 0x0A, 0x0D]),
        4 => prop::sample::select(b"D E0:;>?@A1".to_vec()),
        1 => any::<u8>(),
    ]
}

/// Everything that a link says to some bytes in pieces, each message stored at once, until it comes
/// to rest.
fn told<L: Link>(mut link: L, pieces: &[&[u8]]) -> (Vec<u8>, Vec<Event>) {
    let (mut sent, mut events, mut now) = (Vec::new(), Vec::new(), Moment::default());
    for piece in pieces {
        link.receive(now, piece);
    }
    for _ in 0..4_000 {
        while let Some(bytes) = link.transmit() {
            sent.extend(bytes);
        }
        if let Some(event) = link.event() {
            if let Event::Message { token, .. } = &event {
                link.answer(now, *token, Answer::Stored);
            }
            events.push(event);
        } else if let Some(deadline) = link.deadline() {
            now = deadline.at.max(now);
            link.expire(now);
        } else {
            link.disconnect(now);
            events.extend(std::iter::from_fn(|| link.event()));
            return (sent, events);
        }
    }
    panic!("it never comes to rest")
}

/// In pieces of these lengths, over and over.
fn cut<'b>(bytes: &'b [u8], lengths: &[usize]) -> Vec<&'b [u8]> {
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at((*length).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_any_pieces_say_the_same_and_come_to_rest(
        bytes in prop::collection::vec(meaningful(), 0..200),
        cuts in prop::collection::vec(1..40_usize, 1..6),
        answered: bool,
    ) {
        let whole: &[&[u8]] = &[&bytes];
        let pieces = cut(&bytes, &cuts);
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        let small = pk::Settings { text_max: 60, ..pk::Settings::default() };
        let pk = pk::Settings { acknowledged: answered, ..small }.exchange(Role::Host);
        let au = au::Settings { text_max: 20, ..au::Settings::default() }.exchange(Role::Host);
        let hitachi = [Role::Host, Role::Instrument].map(|role| {
            let settings = hitachi::Settings { text_max: 20, ..hitachi::Settings::default() };
            hitachi::Exchange::new(settings, role)
        });
        for reads in [&pieces, &single] {
            prop_assert_eq!(told(pk.clone(), whole), told(pk.clone(), reads));
            prop_assert_eq!(told(au.clone(), whole), told(au.clone(), reads));
            for end in &hitachi {
                prop_assert_eq!(told(end.clone(), whole), told(end.clone(), reads));
            }
        }
    }
}
