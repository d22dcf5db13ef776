//! Two ends that both send and receive on one bad LIS01 line: each message arrives intact and is
//! credited only if it was stored, or its sender is told; and the line always comes to rest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use hemogate::link::fault::{Decide, FaultRates, Pair, Side};
use hemogate::link::lis01::{Duplex, Packing, Settings};
use hemogate::link::{Answer, Event, Moment, Sending, Token};

const SEED: u64 = 20_260_301;
const ROUNDS: u64 = 400;
const STEPS_MAX: usize = 100_000;

/// Every kind of harm, far more often than any line does it, within what replies without
/// numbers can bear: a delay stays well below the 15 s of T4.
fn harm() -> FaultRates {
    FaultRates {
        drop_byte: 20,
        drop_all: 20,
        flip_bit: 60,
        repeat: 20,
        delay: 40,
        delay_max: Duration::from_secs(2),
    }
}

/// What was stored at an end, shared with its deciding function.
type Stored = Rc<RefCell<BTreeMap<Vec<u8>, u32>>>;

fn store_most(seed: u64, stored: &Stored) -> Decide {
    let (stored, mut random) = (stored.clone(), Rng::with_seed(seed));
    Box::new(move |_, bytes| {
        if random.u8(..8) == 0 {
            return Answer::Refused("full".to_owned());
        }
        *stored.borrow_mut().entry(bytes.to_vec()).or_default() += 1;
        Answer::Stored
    })
}

/// Printable text of any length, so that flipped bits make every control character.
fn message(random: &mut Rng, sender: char, number: u64) -> Vec<u8> {
    let mut text = format!("H|\\^&|{sender}{number}\r");
    for index in 0..random.usize(..6) {
        let value: String = (0..random.usize(..80)).map(|_| random.char(' '..='~')).collect();
        text += &format!("R|{index}|{value}\r");
    }
    (text + "L|1|N\r").into_bytes()
}

fn habits(random: &mut Rng, standard: Settings) -> Settings {
    Settings {
        frame_text_max: random.usize(20..300),
        packing: random.choice([Packing::Packed, Packing::RecordPerFrame]).unwrap(),
        ask_by_interrupt: random.bool(),
        honour_interrupt: random.bool(),
        ..standard
    }
}

/// One end's outbound traffic.
struct Traffic {
    messages: Vec<Vec<u8>>,
    /// Handed over so far.
    sent: usize,
    /// Events read so far.
    seen: usize,
    given_up: BTreeMap<u64, u32>,
    accepted: BTreeSet<u64>,
}

impl Traffic {
    fn new(random: &mut Rng, sender: char) -> Traffic {
        let count = random.u64(1..6);
        let messages = (0..count).map(|number| message(random, sender, number)).collect();
        let (given_up, accepted) = (BTreeMap::new(), BTreeSet::new());
        Traffic { messages, sent: 0, seen: 0, given_up, accepted }
    }

    /// Hands over what is due and what was given up, keeps what was accepted.
    fn work(&mut self, side: &mut Side<Duplex>, now: Moment, next: bool) {
        if next && self.sent < self.messages.len() {
            side.link.send(now, Token(self.sent as u64), self.messages[self.sent].clone());
            self.sent += 1;
        }
        while let Some(event) = side.events.get(self.seen) {
            self.seen += 1;
            match event {
                Event::Accepted { token, .. } => {
                    assert!(self.accepted.insert(token.0), "{token:?} accepted twice");
                }
                Event::GaveUp { token, .. } => {
                    *self.given_up.entry(token.0).or_default() += 1;
                    let message = self.messages[usize::try_from(token.0).unwrap()].clone();
                    side.link.send(now, *token, message);
                }
                Event::Message { .. } | Event::Incomplete { .. } | Event::Fault(_) => {}
            }
        }
    }

    fn done(&self) -> bool {
        self.accepted.len() == self.messages.len()
    }

    /// Everything sent was stored unaltered, and more than once only where it was sent again.
    fn check(&self, stored: &Stored, seed: u64) {
        let stored = stored.borrow();
        for (token, message) in self.messages.iter().enumerate() {
            let copies = stored.get(message).copied().unwrap_or_default();
            let again = self.given_up.get(&(token as u64)).copied().unwrap_or_default();
            let text = message.escape_ascii();
            assert!(copies >= 1, "seed {seed}: accepted and not stored: {text}");
            assert!(copies <= 1 + again, "seed {seed}: {copies} copies of {text}");
        }
        let sent: BTreeSet<_> = self.messages.iter().collect();
        for message in stored.keys() {
            let text = message.escape_ascii();
            assert!(sent.contains(message), "seed {seed}: never sent: {text}");
        }
    }
}

struct Round {
    harmed: u64,
    given_up: u64,
    duration: Duration,
}

fn play(seed: u64, rates: FaultRates, noise: bool, thinking_ms: u64) -> Round {
    let mut random = Rng::with_seed(seed);
    let (host_stored, instrument_stored) = (Stored::default(), Stored::default());
    let host = Duplex::new(habits(&mut random, Settings::host()));
    let instrument = Duplex::new(habits(&mut random, Settings::instrument()));
    let thinking = Duration::from_millis(random.u64(..=thinking_ms));
    let left = Side::new(host, store_most(seed, &host_stored)).thinking(thinking);
    let right = Side::new(instrument, store_most(seed + 1, &instrument_stored));
    let mut pair = Pair::new(left, right, seed, rates);
    let mut orders = Traffic::new(&mut random, 'o');
    let mut results = Traffic::new(&mut random, 'r');
    for step in 0.. {
        assert!(step < STEPS_MAX, "seed {seed}: still not delivered");
        let (now, dice) = (pair.now(), random.u8(..4));
        orders.work(&mut pair.left, now, dice == 0);
        results.work(&mut pair.right, now, dice == 1);
        if noise && dice == 2 && random.u8(..8) == 0 {
            let line = if random.bool() { &mut pair.leftwards } else { &mut pair.rightwards };
            line.carry(now, vec![0xFF]);
        }
        let alive = pair.step();
        if !alive && orders.done() && results.done() {
            break;
        }
    }
    assert!(pair.left.link.is_neutral() && pair.right.link.is_neutral(), "seed {seed}");
    assert!(pair.left.link.is_idle() && pair.right.link.is_idle(), "seed {seed}");
    orders.check(&instrument_stored, seed);
    results.check(&host_stored, seed);
    let given_up = orders.given_up.values().chain(results.given_up.values());
    Round {
        harmed: pair.leftwards.harmed() + pair.rightwards.harmed(),
        given_up: given_up.map(|count| u64::from(*count)).sum(),
        duration: pair.now().since_start(),
    }
}

fn play_all(rates: FaultRates, noise: bool, thinking_ms: u64) -> (u64, u64) {
    let rounds: Vec<_> =
        (SEED..SEED + ROUNDS).map(|seed| play(seed, rates, noise, thinking_ms)).collect();
    let harmed = rounds.iter().map(|round| round.harmed).sum();
    let given_up = rounds.iter().map(|round| round.given_up).sum();
    let hours = rounds.iter().map(|round| round.duration.as_secs_f64()).sum::<f64>() / 3600.0;
    println!("seeds {SEED}..+{ROUNDS}: {harmed} harmed, {given_up} given up, {hours:.1} h of line");
    (harmed, given_up)
}

#[test]
fn over_a_good_line_each_message_goes_both_ways_exactly_once() {
    let (harmed, given_up) = play_all(FaultRates::default(), false, 0);
    assert_eq!((harmed, given_up), (0, 0));
}

#[test]
fn a_store_that_takes_its_time_changes_nothing() {
    let (_, given_up) = play_all(FaultRates::default(), false, 14_000);
    assert_eq!(given_up, 0);
}

#[test]
fn over_a_bad_line_each_message_goes_both_ways_intact_or_is_reported() {
    let (harmed, given_up) = play_all(harm(), false, 0);
    assert!(harmed > ROUNDS && given_up > 0, "the lines did harm");
}

/// Noise that is taken for a reply leaves one reply too many on the line. It is recognised when it
/// comes within the quiet second, so it must not be delayed for longer.
#[test]
fn noise_between_the_frames_is_credited_to_nobody() {
    let rates = FaultRates { delay_max: Duration::from_millis(800), ..harm() };
    let (harmed, given_up) = play_all(rates, true, 0);
    assert!(harmed > ROUNDS && given_up > 0, "the lines did harm");
}

#[test]
fn a_bad_line_and_a_slow_store_together_lose_nothing() {
    let rates = FaultRates { delay_max: Duration::from_millis(800), ..harm() };
    let (harmed, _) = play_all(rates, true, 10_000);
    assert!(harmed > ROUNDS);
}
