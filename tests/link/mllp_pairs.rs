//! Two machines in both roles over connections that delay, break, repeat and lose: what was
//! accepted was stored, what was delivered was sent, and everything arrives in the end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use hemogate::link::fault::{Decide, FaultRates, Pair, Side};
use hemogate::link::mllp::{Duplex, Settings};
use hemogate::link::{Answer, Event, Link, Sending, Token};

use crate::mllp_duplex::settings;

const SEED: u64 = 20_261_128;
const ROUNDS: u64 = 300;
const STEPS: usize = 100_000;

/// MSH-15 and MSH-16 of messages whose refusal is told (SU waits in vain for it, and closes).
const MODES: [&str; 5] = ["|", "NE|AL", "AL|NE", "AL|AL", "AL|ER"];

type Stored = Rc<RefCell<BTreeSet<Vec<u8>>>>;

/// One end and what it has to send.
struct End {
    messages: BTreeMap<u64, Vec<u8>>,
    stored_by_peer: Stored,
    seen: usize,
    accepted: BTreeSet<u64>,
}

/// Stores messages, but for so many in 1 000 whose commit fails.
fn decide(seed: u64, refused: u16, stored: &Stored) -> Decide {
    let (mut random, stored) = (Rng::with_seed(seed), Rc::clone(stored));
    Box::new(move |_, bytes| {
        if random.u16(..1_000) < refused {
            return Answer::Refused("busy".to_owned());
        }
        stored.borrow_mut().insert(bytes.to_vec());
        Answer::Stored
    })
}

fn message(random: &mut Rng, side: &str, number: u64) -> Vec<u8> {
    let mode = random.choice(MODES).unwrap();
    let kind = random.choice(["ORU^R01", "OML^O33", "NMD^N02"]).unwrap();
    let mut text = format!("MSH|^~\\&|A|B|||2026||{kind}|{side}{number}|P|2.5.1|||{mode}\r");
    for index in 0..random.usize(1..12) {
        text += &format!("OBX|{index}|NM|{}\r", random.u32(..));
    }
    text.into_bytes()
}

impl End {
    fn new(random: &mut Rng, side: &str, stored_by_peer: Stored) -> End {
        let count = random.u64(1..8);
        let messages = (0..count).map(|number| (number, message(random, side, number))).collect();
        End { messages, stored_by_peer, seen: 0, accepted: BTreeSet::new() }
    }

    /// Reads what the link said; returns what is to be sent again.
    fn look(&mut self, events: &[Event], seed: u64) -> Vec<(Token, Vec<u8>)> {
        let mut again = Vec::new();
        for event in &events[self.seen..] {
            match event {
                Event::Accepted { token, .. } => {
                    let message = &self.messages[&token.0];
                    assert!(self.stored_by_peer.borrow().contains(message), "seed {seed}");
                    self.accepted.insert(token.0);
                }
                Event::GaveUp { token, .. } => {
                    again.push((*token, self.messages[&token.0].clone()));
                }
                Event::Message { .. } | Event::Incomplete { .. } | Event::Fault(_) => {}
            }
        }
        self.seen = events.len();
        again
    }

    fn is_done(&self) -> bool {
        self.accepted.len() == self.messages.len()
    }
}

fn delivered(events: &[Event]) -> BTreeSet<Vec<u8>> {
    let bytes = |event: &Event| match event {
        Event::Message { bytes, .. } => Some(bytes.clone()),
        _ => None,
    };
    events.iter().filter_map(bytes).collect()
}

/// What a round showed: how often the line was opened again, how many messages came twice.
#[derive(Default)]
struct Shown {
    reopened: usize,
    repeated: usize,
    incomplete: usize,
}

/// How bad things are; rates are in 1 000.
#[derive(Clone, Copy)]
struct Conditions {
    rates: FaultRates,
    breaks: u16,
    refused: u16,
}

fn play(settings: Settings, conditions: Conditions, seed: u64) -> Shown {
    let Conditions { rates, breaks, refused } = conditions;
    let mut random = Rng::with_seed(seed);
    let [left_stored, right_stored] = [Stored::default(), Stored::default()];
    let mut left = End::new(&mut random, "L", Rc::clone(&right_stored));
    let mut right = End::new(&mut random, "R", Rc::clone(&left_stored));
    let side = |seed, stored: &Stored, random: &mut Rng| {
        let side = Side::new(Duplex::new(settings), decide(seed, refused, stored));
        side.thinking(Duration::from_millis(random.u64(..3_000)))
    };
    let one = side(seed, &left_stored, &mut random);
    let other = side(!seed, &right_stored, &mut random);
    let mut pair = Pair::new(one, other, seed, rates);
    for (number, message) in left.messages.clone() {
        pair.left.link.send(pair.now(), Token(number), message);
    }
    for (number, message) in right.messages.clone() {
        pair.right.link.send(pair.now(), Token(number), message);
    }
    let mut shown = Shown::default();
    for _ in 0..STEPS {
        let alive = pair.step();
        if pair.left.link.must_close()
            || pair.right.link.must_close()
            || random.u16(..1_000) < breaks
        {
            pair.reconnect();
            shown.reopened += 1;
        }
        for (token, message) in left.look(&pair.left.events, seed) {
            pair.left.link.send(pair.now(), token, message);
        }
        for (token, message) in right.look(&pair.right.events, seed) {
            pair.right.link.send(pair.now(), token, message);
        }
        if !alive && pair.left.link.is_idle() && pair.right.link.is_idle() {
            break;
        }
    }
    assert!(left.is_done() && right.is_done(), "seed {seed}: still not delivered");
    for (end, events) in [(&left, &pair.right.events), (&right, &pair.left.events)] {
        let sent: BTreeSet<_> = end.messages.values().cloned().collect();
        assert_eq!(delivered(events), sent, "seed {seed}");
        let messages = events.iter().filter(|event| matches!(event, Event::Message { .. }));
        shown.repeated += messages.count() - sent.len();
        let cut = events.iter().filter(|event| matches!(event, Event::Incomplete { .. }));
        shown.incomplete += cut.count();
    }
    shown
}

fn all(commit: bool, conditions: Conditions) -> Shown {
    let settings = Settings { commit, ..settings() };
    let rounds = (SEED..SEED + ROUNDS).map(|seed| play(settings, conditions, seed));
    rounds.fold(Shown::default(), |sum, one| Shown {
        reopened: sum.reopened + one.reopened,
        repeated: sum.repeated + one.repeated,
        incomplete: sum.incomplete + one.incomplete,
    })
}

/// Longer than an answer is waited for.
fn slow() -> FaultRates {
    FaultRates { delay: 200, delay_max: Duration::from_secs(7), ..FaultRates::default() }
}

#[test]
fn on_a_good_connection_everything_is_delivered_once_and_nothing_closes_it() {
    for commit in [false, true] {
        let rates = FaultRates::default();
        let shown = all(commit, Conditions { rates, breaks: 0, refused: 0 });
        assert_eq!((shown.reopened, shown.repeated, shown.incomplete), (0, 0, 0));
    }
}

/// Under release 2 a block that is refused again and again closes the connection.
#[test]
fn refused_messages_are_sent_again_on_the_same_connection() {
    let rates = FaultRates::default();
    let shown = all(false, Conditions { rates, breaks: 0, refused: 125 });
    assert!(shown.reopened == 0 && shown.repeated > 0);
    let shown = all(true, Conditions { rates, breaks: 0, refused: 125 });
    assert!(shown.reopened > 0 && shown.repeated > 0);
}

#[test]
fn on_slow_connections_everything_arrives_and_no_late_answer_is_credited() {
    for commit in [false, true] {
        let shown = all(commit, Conditions { rates: slow(), breaks: 0, refused: 125 });
        assert!(shown.reopened > 0 && shown.repeated > 0, "some answers were late");
    }
}

#[test]
fn on_connections_that_break_everything_arrives() {
    for commit in [false, true] {
        let shown = all(commit, Conditions { rates: slow(), breaks: 30, refused: 125 });
        assert!(shown.reopened > ROUNDS as usize / 2);
    }
}

/// No TCP does this; a gateway in between may.
#[test]
fn blocks_that_are_lost_or_doubled_close_the_connection_and_arrive_all_the_same() {
    for commit in [false, true] {
        let rates = FaultRates { drop_all: 30, repeat: 30, ..slow() };
        let shown = all(commit, Conditions { rates, breaks: 0, refused: 125 });
        assert!(shown.reopened > ROUNDS as usize / 2);
    }
}
