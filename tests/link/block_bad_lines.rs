//! Both ends of the block protocols over lines that lose, flip, repeat and delay.

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use hemogate::codec::block::{Form, Tail};
use hemogate::link::block::{Role, au, hitachi, pk};
use hemogate::link::fault::{Decide, FaultRates, Pair, Side};
use hemogate::link::{Answer, Event, Link, Sending, Token};

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
