//! Random messages over lines that lose, flip, repeat and delay: what was accepted was delivered,
//! and nothing was delivered that was not sent.

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use hemogate::link::fault::{Decide, FaultRates, Pair, Side};
use hemogate::link::lis01::{Packing, Receiver, Role, Sender};
use hemogate::link::mllp::{self, Client};
use hemogate::link::{Answer, Event, Link, Sending, Token};

const SEED: u64 = 20_260_101;
const ROUNDS: u64 = 300;

/// Every kind of harm, far more often than any line does it.
fn harm() -> FaultRates {
    FaultRates {
        drop_byte: 20,
        drop_all: 20,
        flip_bit: 80,
        repeat: 20,
        delay: 40,
        delay_max: Duration::from_secs(2),
    }
}

/// Stores most messages and refuses some.
fn decide(seed: u64) -> Decide {
    let mut random = Rng::with_seed(seed);
    Box::new(move |_, _| match random.u8(..8) {
        0 => Answer::Refused("busy".to_owned()),
        1 => Answer::StoredUnread("unread".to_owned()),
        _ => Answer::Stored,
    })
}

/// A message with every printable character (so that flipped bits make every control character).
fn records(random: &mut Rng, number: u64) -> Vec<u8> {
    let mut text = format!("H|\\^&|{number}\r");
    for index in 0..random.usize(1..12) {
        let value: String = (0..random.usize(..60)).map(|_| random.char(' '..='~')).collect();
        text += &format!("R|{index}|{value}\r");
    }
    (text + "L|1|N\r").into_bytes()
}

fn hl7(random: &mut Rng, number: u64) -> Vec<u8> {
    let mut text = format!("MSH|^~\\&|A|B|||2026||ORU^R01|{number}|P|2.5.1\r");
    for index in 0..random.usize(1..12) {
        text += &format!("OBX|{index}|NM|{}\r", random.u32(..));
    }
    text.into_bytes()
}

/// Sends every message until it is accepted, sending again what was given up.
fn deliver<S: Sending, R: Link>(
    pair: &mut Pair<S, R>,
    messages: &[Vec<u8>],
    closed: impl Fn(&S) -> bool,
    seed: u64,
) {
    let mut seen = 0;
    for (token, message) in messages.iter().enumerate() {
        pair.left.link.send(pair.now(), Token(token as u64), message.clone());
    }
    for _ in 0..200_000 {
        let alive = pair.step();
        if closed(&pair.left.link) {
            pair.reconnect();
        }
        while let Some(event) = pair.left.events.get(seen) {
            seen += 1;
            if let Event::GaveUp { token, .. } = event {
                let message = messages[usize::try_from(token.0).unwrap()].clone();
                pair.left.link.send(pair.now(), *token, message);
            }
        }
        if !alive && pair.left.link.is_idle() {
            return;
        }
    }
    panic!("seed {seed}: still not delivered");
}

fn accepted(events: &[Event]) -> BTreeSet<u64> {
    let token = |event: &Event| match event {
        Event::Accepted { token, .. } => Some(token.0),
        _ => None,
    };
    events.iter().filter_map(token).collect()
}

fn delivered(events: &[Event]) -> BTreeSet<Vec<u8>> {
    let bytes = |event: &Event| match event {
        Event::Message { bytes, .. } => Some(bytes.clone()),
        _ => None,
    };
    events.iter().filter_map(bytes).collect()
}

#[test]
fn lis01_delivers_every_message_unaltered_over_bad_lines() {
    let mut harmed = 0;
    for seed in SEED..SEED + ROUNDS {
        let mut random = Rng::with_seed(seed);
        let messages: Vec<_> =
            (0..random.u64(1..6)).map(|number| records(&mut random, number)).collect();
        let packing = random.choice([Packing::Packed, Packing::RecordPerFrame]).unwrap();
        let sender = Sender::new(Role::Instrument, random.usize(40..300), packing);
        let left = Side::new(sender, decide(0));
        let right = Side::new(Receiver::new(), decide(seed));
        let mut pair = Pair::new(left, right, seed, harm());
        deliver(&mut pair, &messages, |_| false, seed);
        let sent: BTreeSet<_> = messages.iter().cloned().collect();
        assert_eq!(delivered(&pair.right.events), sent, "seed {seed}");
        assert_eq!(accepted(&pair.left.events).len(), messages.len(), "seed {seed}");
        harmed += pair.leftwards.harmed() + pair.rightwards.harmed();
    }
    assert!(harmed > ROUNDS, "the lines did harm");
}

#[test]
fn lis01_never_accepts_what_was_not_stored() {
    for seed in SEED..SEED + ROUNDS {
        let mut random = Rng::with_seed(seed);
        let messages: Vec<_> = (0..4).map(|number| records(&mut random, number)).collect();
        let stored = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
        let kept = stored.clone();
        let mut random_answer = decide(seed);
        let decide: Decide = Box::new(move |token, bytes| {
            let answer = random_answer(token, bytes);
            if !matches!(answer, Answer::Refused(_)) {
                kept.lock().unwrap().insert(bytes.to_vec());
            }
            answer
        });
        let sender = Sender::new(Role::Instrument, 240, Packing::RecordPerFrame);
        let left = Side::new(sender, Box::new(|_, _| Answer::Stored));
        let mut pair = Pair::new(left, Side::new(Receiver::new(), decide), seed, harm());
        for (token, message) in messages.iter().enumerate() {
            pair.left.link.send(pair.now(), Token(token as u64), message.clone());
        }
        assert!(pair.run(200_000), "seed {seed}");
        for token in accepted(&pair.left.events) {
            let message = &messages[usize::try_from(token).unwrap()];
            assert!(stored.lock().unwrap().contains(message), "seed {seed}, message {token}");
        }
    }
}

#[test]
fn the_same_seed_does_the_same_harm() {
    let played = |seed| {
        let sender = Sender::new(Role::Instrument, 240, Packing::Packed);
        let left = Side::new(sender, decide(0));
        let mut pair = Pair::new(left, Side::new(Receiver::new(), decide(1)), seed, harm());
        let message = records(&mut Rng::with_seed(SEED), 1);
        pair.left.link.send(pair.now(), Token(1), [message.clone(), message].concat());
        assert!(pair.run(200_000));
        let end = pair.now();
        (pair.left.events, pair.right.events, end)
    };
    let all: Vec<_> = (0..20).map(played).collect();
    assert_eq!(all, (0..20).map(played).collect::<Vec<_>>());
    assert!(all.iter().any(|one| *one != all[0]), "other seeds do other harm");
}

#[test]
fn lis01_over_a_good_line_delivers_each_message_once() {
    let mut random = Rng::with_seed(SEED);
    let messages: Vec<_> = (0..20).map(|number| records(&mut random, number)).collect();
    let left = Side::new(Sender::new(Role::Instrument, 240, Packing::Packed), decide(0));
    let right = Side::new(Receiver::new(), Box::new(|_, _| Answer::Stored));
    let mut pair = Pair::new(left, right, SEED, FaultRates::default());
    deliver(&mut pair, &messages, |_| false, SEED);
    let count = pair.right.events.len();
    assert_eq!(count, messages.len(), "no faults, no repeats");
    assert_eq!(delivered(&pair.right.events), messages.iter().cloned().collect());
}

/// The commit may take longer than the sender waits (T4). Replies that are delayed or doubled on
/// the line besides are left out: LIS01 has no numbers in its replies to tell them apart.
#[test]
fn lis01_never_accepts_what_was_not_stored_however_late_the_answer() {
    let rates = FaultRates { delay: 0, repeat: 0, ..harm() };
    let mut late = 0;
    for seed in SEED..SEED + ROUNDS {
        let mut random = Rng::with_seed(seed);
        let messages: Vec<_> = (0..3).map(|number| records(&mut random, number)).collect();
        let sender = Sender::new(Role::Instrument, 240, Packing::RecordPerFrame);
        let left = Side::new(sender, Box::new(|_, _| Answer::Stored));
        let thinking = Duration::from_millis(random.u64(1..20_000));
        let right = Side::new(Receiver::new(), Box::new(|_, _| Answer::Stored));
        let mut pair = Pair::new(left, right.thinking(thinking), seed, rates);
        for (token, message) in messages.iter().enumerate() {
            pair.left.link.send(pair.now(), Token(token as u64), message.clone());
        }
        assert!(pair.run(200_000), "seed {seed}");
        let delivered = delivered(&pair.right.events);
        let sent: BTreeSet<_> = messages.iter().cloned().collect();
        assert!(delivered.is_subset(&sent), "seed {seed}");
        for token in accepted(&pair.left.events) {
            let message = &messages[usize::try_from(token).unwrap()];
            assert!(delivered.contains(message), "seed {seed}, message {token}");
        }
        late += usize::from(accepted(&pair.left.events).len() < delivered.len());
    }
    assert!(late > 0, "some answers came too late");
}

/// TCP does not harm bytes; it only delays them and breaks.
#[test]
fn mllp_delivers_every_message_over_slow_connections() {
    for seed in SEED..SEED + 50 {
        let mut random = Rng::with_seed(seed);
        let messages: Vec<_> = (0..8).map(|number| hl7(&mut random, number)).collect();
        let client = Client::new(Duration::from_secs(1));
        let left = Side::new(client, Box::new(|_, _| Answer::Stored));
        let receiver = mllp::Receiver::new(|| "20260101".to_owned());
        let right = Side::new(receiver, decide(seed));
        let rates =
            FaultRates { delay: 300, delay_max: Duration::from_secs(2), ..Default::default() };
        let mut pair = Pair::new(left, right, seed, rates);
        deliver(&mut pair, &messages, Client::must_close, seed);
        assert_eq!(delivered(&pair.right.events), messages.iter().cloned().collect());
        assert_eq!(accepted(&pair.left.events).len(), messages.len(), "seed {seed}");
    }
}
