//! A bad line between two links, and a bench with a made-up clock that joins them.
//!
//! Exists for tests: everything a line can do to bytes, repeatable from a
//! seed. It keeps the order of bytes, as lines do, and does at most one kind of harm to one
//! transmission, so that what the checks of a protocol promise can be held against it: a
//! checksum modulo 256 catches every single flipped bit, not every pair.

use std::collections::VecDeque;
use std::time::Duration;

use fastrand::Rng;

use super::{Answer, Event, Link, Moment, Token};

/// How often a line harms a transmission, each in 1 000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultRates {
    /// One byte is lost.
    pub drop_byte: u16,
    /// The whole transmission is lost.
    pub drop_all: u16,
    /// One bit of one byte is flipped.
    pub flip_bit: u16,
    /// The transmission arrives twice, back to back.
    pub repeat: u16,
    /// It, and everything behind it, arrives later.
    pub delay: u16,
    /// Longest delay.
    pub delay_max: Duration,
}

/// One direction of a line.
#[derive(Debug)]
pub struct FaultyLine {
    random: Rng,
    rates: FaultRates,
    latency: Duration,
    in_flight: VecDeque<(Moment, Vec<u8>)>,
    harmed: u64,
}

impl FaultyLine {
    /// A line with this seed; the same seed does the same harm to the same transmissions.
    pub fn new(seed: u64, rates: FaultRates, latency: Duration) -> FaultyLine {
        let random = Rng::with_seed(seed);
        FaultyLine { random, rates, latency, in_flight: VecDeque::new(), harmed: 0 }
    }

    /// Puts one transmission on the line.
    pub fn carry(&mut self, now: Moment, bytes: Vec<u8>) {
        let mut bytes = bytes;
        let mut at = now.plus(self.latency);
        match self.harm() {
            None => {}
            Some(Harm::DropByte) => self.drop_byte(&mut bytes),
            Some(Harm::DropAll) => bytes.clear(),
            Some(Harm::FlipBit) => self.flip_bit(&mut bytes),
            Some(Harm::Repeat) => bytes.extend_from_within(..),
            Some(Harm::Delay) => at = at.plus(self.delay()),
        }
        let behind = self.in_flight.back().map_or(at, |(last, _)| at.max(*last));
        self.in_flight.push_back((behind, bytes));
    }

    /// Everything that has arrived by now, joined, as a driver that reads late would see it.
    pub fn arrived(&mut self, now: Moment) -> Vec<u8> {
        let mut arrived = Vec::new();
        while let Some((_, bytes)) = self.in_flight.pop_front_if(|(at, _)| *at <= now) {
            arrived.extend(bytes);
        }
        arrived
    }

    /// When the next bytes arrive.
    pub fn next_arrival(&self) -> Option<Moment> {
        self.in_flight.front().map(|(at, _)| *at)
    }

    /// How many transmissions were harmed so far.
    pub fn harmed(&self) -> u64 {
        self.harmed
    }

    fn harm(&mut self) -> Option<Harm> {
        let rates = self.rates;
        let mut dice = self.random.u16(..1_000);
        for (rate, harm) in [
            (rates.drop_byte, Harm::DropByte),
            (rates.drop_all, Harm::DropAll),
            (rates.flip_bit, Harm::FlipBit),
            (rates.repeat, Harm::Repeat),
            (rates.delay, Harm::Delay),
        ] {
            if dice < rate {
                self.harmed += 1;
                return Some(harm);
            }
            dice -= rate;
        }
        None
    }

    fn drop_byte(&mut self, bytes: &mut Vec<u8>) {
        if !bytes.is_empty() {
            bytes.remove(self.random.usize(..bytes.len()));
        }
    }

    fn flip_bit(&mut self, bytes: &mut [u8]) {
        let bit = 1 << self.random.u8(..8);
        let place = self.random.usize(..bytes.len().max(1));
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= bit;
        }
    }

    fn delay(&mut self) -> Duration {
        self.rates.delay_max.mul_f64(self.random.f64())
    }
}

#[derive(Clone, Copy, Debug)]
enum Harm {
    DropByte,
    DropAll,
    FlipBit,
    Repeat,
    Delay,
}

/// Decides what becomes of a message that an end delivered.
pub type Decide = Box<dyn FnMut(Token, &[u8]) -> Answer>;

/// One end of a [`Pair`].
pub struct Side<L> {
    /// The machine.
    pub link: L,
    /// Everything it said, in order.
    pub events: Vec<Event>,
    decide: Decide,
    thinking: Duration,
    /// The answer that is being thought about.
    owed: Option<(Moment, Token, Answer)>,
}

impl<L: Link> Side<L> {
    /// An end whose messages are answered by `decide`, at once.
    pub fn new(link: L, decide: Decide) -> Side<L> {
        Side { link, events: Vec::new(), decide, thinking: Duration::ZERO, owed: None }
    }

    /// Answers so much later.
    pub fn thinking(self, thinking: Duration) -> Side<L> {
        Side { thinking, ..self }
    }

    /// Feeds what arrived in pieces of random length, then drains.
    fn work(&mut self, now: Moment, arrived: &[u8], random: &mut Rng) -> Vec<Vec<u8>> {
        let mut rest = arrived;
        while !rest.is_empty() {
            let length = random.usize(1..=rest.len());
            let (piece, later) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            self.link.receive(now, piece);
            rest = later;
        }
        self.link.expire(now);
        self.drain(now)
    }

    fn drain(&mut self, now: Moment) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        loop {
            if let Some(bytes) = self.link.transmit() {
                sent.push(bytes);
            } else if let Some(event) = self.link.event() {
                self.decide(now, &event);
                self.events.push(event);
            } else if let Some((_, token, answer)) = self.owed.take_if(|(at, ..)| *at <= now) {
                self.link.answer(now, token, answer);
            } else {
                return sent;
            }
        }
    }

    fn decide(&mut self, now: Moment, event: &Event) {
        if let Event::Message { token, bytes } = event {
            let answer = (self.decide)(*token, bytes);
            self.owed = Some((now.plus(self.thinking), *token, answer));
        }
    }

    /// When this end has something to do by itself.
    fn next(&self) -> Option<Moment> {
        let answer = self.owed.as_ref().map(|(at, ..)| *at);
        let deadline = self.link.deadline().map(|deadline| deadline.at);
        answer.into_iter().chain(deadline).min()
    }
}

/// Two links joined by two faulty lines, with a clock that goes as fast as nothing happens.
pub struct Pair<A, B> {
    /// One end.
    pub left: Side<A>,
    /// The other end.
    pub right: Side<B>,
    /// From left to right.
    pub rightwards: FaultyLine,
    /// From right to left.
    pub leftwards: FaultyLine,
    now: Moment,
    random: Rng,
}

impl<A: Link, B: Link> Pair<A, B> {
    /// Joins two ends. `seed` decides the harm and the way bytes are cut into reads.
    pub fn new(left: Side<A>, right: Side<B>, seed: u64, rates: FaultRates) -> Pair<A, B> {
        let latency = Duration::from_millis(1);
        let mut random = Rng::with_seed(seed);
        let rightwards = FaultyLine::new(random.u64(..), rates, latency);
        let leftwards = FaultyLine::new(random.u64(..), rates, latency);
        Pair { left, right, rightwards, leftwards, now: Moment::default(), random }
    }

    /// The time on the bench.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Lets both ends work once at the present moment.
    pub fn work(&mut self) {
        let arrived = self.leftwards.arrived(self.now);
        for bytes in self.left.work(self.now, &arrived, &mut self.random) {
            self.rightwards.carry(self.now, bytes);
        }
        let arrived = self.rightwards.arrived(self.now);
        for bytes in self.right.work(self.now, &arrived, &mut self.random) {
            self.leftwards.carry(self.now, bytes);
        }
    }

    /// Works, then puts the clock to the next moment at which anything can happen; false when
    /// nothing can any more.
    pub fn step(&mut self) -> bool {
        self.work();
        let own = [self.left.next(), self.right.next()];
        let arrivals = [self.leftwards.next_arrival(), self.rightwards.next_arrival()];
        let next = own.into_iter().chain(arrivals).flatten().min();
        self.now = next.map_or(self.now, |next| next.max(self.now));
        next.is_some()
    }

    /// Steps until nothing can happen any more, at most so many times; false when that was not
    /// enough.
    pub fn run(&mut self, steps: usize) -> bool {
        (0..steps).any(|_| !self.step())
    }

    /// The line is lost and comes back: both ends are told.
    pub fn reconnect(&mut self) {
        self.leftwards.in_flight.clear();
        self.rightwards.in_flight.clear();
        self.left.link.disconnect(self.now);
        self.right.link.disconnect(self.now);
        self.work();
    }
}
