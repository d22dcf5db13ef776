//! The line between the two ends: it harms what it carries.

use std::time::Duration;

use fastrand::Rng;
use hemogate::link::Moment;
use hemogate::link::fault::{FaultRates, FaultyLine};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::SerialStream;

use crate::clock::{HOUR, now, wait};

/// The line counts as being at rest after so much silence: longer than every timer of LIS01.
const REST: Duration = Duration::from_secs(60);

pub struct Middle {
    host: SerialStream,
    instrument: SerialStream,
    to_host: FaultyLine,
    to_instrument: FaultyLine,
    random: Rng,
    noise_at: Moment,
    last_byte: Moment,
}

/// Each in 1 000 transmissions; a real line does a thousandth of it.
fn harm() -> FaultRates {
    FaultRates {
        drop_byte: 10,
        drop_all: 10,
        flip_bit: 30,
        repeat: 0,
        delay: 20,
        delay_max: Duration::from_millis(500),
    }
}

impl Middle {
    pub fn new(host: SerialStream, instrument: SerialStream, seed: u64) -> Middle {
        let mut random = Rng::with_seed(seed);
        let latency = Duration::from_millis(1);
        let to_host = FaultyLine::new(random.u64(..), harm(), latency);
        let to_instrument = FaultyLine::new(random.u64(..), harm(), latency);
        let last_byte = now();
        Middle { host, instrument, to_host, to_instrument, random, noise_at: last_byte, last_byte }
    }

    pub fn harmed(&self) -> u64 {
        self.to_host.harmed() + self.to_instrument.harmed()
    }

    /// Carries bytes both ways until the ends are done and the line is at rest.
    pub async fn relay_until(&mut self, done: impl Fn() -> bool) {
        while !(done() && self.last_byte.plus(REST) < now()) {
            assert!(now().since_start() < 2 * HOUR, "the two ends come to no end");
            self.make_noise();
            self.deliver().await;
            self.read().await;
        }
    }

    async fn deliver(&mut self) {
        let arrived = self.to_host.arrived(now());
        self.host.write_all(&arrived).await.unwrap();
        let arrived = self.to_instrument.arrived(now());
        self.instrument.write_all(&arrived).await.unwrap();
    }

    async fn read(&mut self) {
        let (mut from_host, mut from_instrument) = ([0; 512], [0; 512]);
        let next = [self.to_host.next_arrival(), self.to_instrument.next_arrival()];
        let soon = now().plus(Duration::from_secs(1));
        let next = next.into_iter().flatten().fold(soon, Moment::min);
        tokio::select! {
            count = self.host.read(&mut from_host) => {
                self.last_byte = now();
                self.to_instrument.carry(now(), from_host[..count.unwrap()].to_vec());
            }
            count = self.instrument.read(&mut from_instrument) => {
                self.last_byte = now();
                self.to_host.carry(now(), from_instrument[..count.unwrap()].to_vec());
            }
            () = tokio::time::sleep(wait(next)) => {}
        }
    }

    /// A stray byte now and then during the hour, one way or the other.
    fn make_noise(&mut self) {
        if now() < self.noise_at || now().since_start() > HOUR {
            return;
        }
        self.noise_at = now().plus(Duration::from_secs(self.random.u64(5..60)));
        let line = if self.random.bool() { &mut self.to_host } else { &mut self.to_instrument };
        line.carry(now(), vec![0xFF]);
    }
}
