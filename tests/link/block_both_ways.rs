//! Results one way and selections the other, over lines that lose, flip and delay, in reads cut
//! anywhere: what was accepted was stored, and nothing was delivered that was not sent.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use hemogate::link::block::{Exchange, Role, au, hitachi, pk};
use hemogate::link::fault::{Decide, FaultRates, Pair, Side};
use hemogate::link::{Answer, Event, Moment, Sending, Token};

const SEED: u64 = 20_260_128;
const ROUNDS: u64 = 100;

/// Delays stay shorter than the time in which either side gives up: nothing numbers the texts.
fn harm() -> FaultRates {
    FaultRates {
        drop_byte: 20,
        drop_all: 30,
        flip_bit: 60,
        repeat: 0,
        delay: 40,
        delay_max: Duration::from_millis(200),
    }
}

type Stored = Arc<Mutex<BTreeSet<Vec<u8>>>>;

/// Stores most texts and refuses some, and knows which.
fn decide(seed: u64) -> (Decide, Stored) {
    let stored = Stored::default();
    let kept = stored.clone();
    let mut random = Rng::with_seed(seed);
    let decide: Decide = Box::new(move |_, bytes| {
        if random.u8(..8) == 0 {
            return Answer::Refused("busy".to_owned());
        }
        kept.lock().unwrap().insert(bytes.to_vec());
        Answer::Stored
    });
    (decide, stored)
}

/// What one end sends, again and again until it is accepted.
struct Work {
    texts: Vec<Vec<u8>>,
    accepted: BTreeSet<usize>,
    under_way: BTreeSet<usize>,
    seen: usize,
}

impl Work {
    fn new(texts: Vec<Vec<u8>>) -> Work {
        Work { texts, accepted: BTreeSet::new(), under_way: BTreeSet::new(), seen: 0 }
    }

    /// Settles what was heard of, and hands over what is neither accepted nor under way.
    fn go_on<L: Sending>(&mut self, now: Moment, side: &mut Side<L>) {
        for event in &side.events[self.seen..] {
            if let Event::Accepted { token, .. } | Event::GaveUp { token, .. } = event {
                assert!(self.under_way.remove(&(token.0 as usize)), "{token:?} was settled twice");
                if matches!(event, Event::Accepted { .. }) {
                    self.accepted.insert(token.0 as usize);
                }
            }
        }
        self.seen = side.events.len();
        for (index, text) in self.texts.iter().enumerate() {
            if !self.accepted.contains(&index) && self.under_way.insert(index) {
                side.link.send(now, Token(index as u64), text.clone());
            }
        }
    }

    fn is_done(&self) -> bool {
        self.accepted.len() == self.texts.len()
    }

    fn check<L>(&self, other: &Side<L>, stored: &Stored, seed: u64) {
        let stored = stored.lock().unwrap();
        for text in &self.texts {
            assert!(stored.contains(text), "seed {seed}: not stored: {}", text.escape_ascii());
        }
        for event in &other.events {
            let Event::Message { bytes, .. } = event else { continue };
            assert!(self.texts.contains(bytes), "seed {seed}: {}", bytes.escape_ascii());
        }
    }
}

/// Both ends send until everything is accepted. `more` is sent for each attempt: a host that speaks
/// only when it is asked needs somebody who goes on asking.
fn cross<L: Sending>(
    [instrument, host]: [L; 2],
    [results, selections]: [Vec<Vec<u8>>; 2],
    more: Option<fn(u64) -> Vec<u8>>,
    seed: u64,
) -> u64 {
    let (at_instrument, selected) = decide(seed);
    let (at_host, stored) = decide(seed + 1);
    let left = Side::new(instrument, at_instrument);
    let mut pair = Pair::new(left, Side::new(host, at_host), seed, harm());
    let (mut results, mut selections) = (Work::new(results), Work::new(selections));
    for attempt in 0..200 {
        let now = pair.now();
        selections.go_on(now, &mut pair.right);
        results.go_on(now, &mut pair.left);
        if results.is_done() && selections.is_done() {
            results.check(&pair.right, &stored, seed);
            selections.check(&pair.left, &selected, seed);
            return pair.leftwards.harmed() + pair.rightwards.harmed();
        }
        if let Some(more) = more.filter(|_| results.is_done()) {
            results.texts.push(more(attempt));
            results.go_on(now, &mut pair.left);
        }
        assert!(pair.run(100_000), "seed {seed}: it never comes to rest");
    }
    panic!("seed {seed}: never accepted")
}

fn words(random: &mut Rng, most: usize) -> String {
    (0..random.usize(..most)).map(|_| random.char(' '..='~')).collect()
}

fn texts(random: &mut Rng, code: &str) -> Vec<Vec<u8>> {
    let text = |number: u64| format!("{code}{number:04} {}", words(random, 40)).into_bytes();
    (0..4).map(text).collect()
}

fn exchanges(of: impl Fn(Role) -> Exchange, result: &str) {
    let mut harmed = 0;
    for seed in SEED..SEED + ROUNDS {
        let mut random = Rng::with_seed(seed);
        let sent = [result, "S "].map(|code| texts(&mut random, code));
        harmed += cross([Role::Instrument, Role::Host].map(&of), sent, None, seed);
    }
    assert!(harmed > ROUNDS, "only {harmed} transmissions were harmed");
}

#[test]
fn au_results_and_selections_cross_and_none_is_lost() {
    exchanges(|role| au::Settings::default().exchange(role), "D ");
}

#[test]
fn pk_results_and_answers_cross_and_none_is_lost() {
    exchanges(|role| pk::Settings::default().exchange(role), "D ");
}

#[test]
fn hitachi_selections_go_out_between_the_samples_and_none_is_lost() {
    let mut harmed = 0;
    for seed in SEED..SEED + ROUNDS {
        let mut random = Rng::with_seed(seed);
        let sample = |number: u64| {
            let part = format!("1{number:04}{}\r", words(&mut random, 30));
            let first = if number.is_multiple_of(2) { part } else { String::new() };
            format!("{first}:{number:04}{}", words(&mut random, 30)).into_bytes()
        };
        let samples: Vec<_> = (0..4).map(sample).collect();
        let sent = [samples, texts(&mut random, ";")];
        let both = [Role::Instrument, Role::Host]
            .map(|role| hitachi::Exchange::new(hitachi::Settings::default(), role));
        let more = |attempt: u64| format!(":{attempt:04}").into_bytes();
        harmed += cross(both, sent, Some(more), seed);
    }
    assert!(harmed > ROUNDS, "only {harmed} transmissions were harmed");
}
