//! One end of the line: sends messages at random times for an hour, stores what comes, and tells
//! on standard output what happened.

use std::time::Duration;
use std::{env, io};

use fastrand::Rng;
use hemogate::link::lis01::{Duplex, Packing, Settings};
use hemogate::link::{Answer, Event, Link, Moment, Sending, Token};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio_serial::SerialStream;

use crate::clock::{HOUR, now, wait};
use crate::report::{Said, say};

const WHO: &str = "HEMOGATE_HOUR_WHO";
const DEVICE: &str = "HEMOGATE_HOUR_DEVICE";
const SEED: &str = "HEMOGATE_HOUR_SEED";

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Host,
    Instrument,
}

impl Who {
    /// What tells another process to be this end.
    pub fn environment(self, device: &str, seed: u64) -> [(&'static str, String); 3] {
        [(WHO, self.letter().into()), (DEVICE, device.to_owned()), (SEED, seed.to_string())]
    }

    pub fn of_this_process() -> Option<Who> {
        let letter = env::var(WHO).ok()?;
        [Who::Host, Who::Instrument].into_iter().find(|who| letter == who.letter().to_string())
    }

    const fn letter(self) -> char {
        match self {
            Who::Host => 'h',
            Who::Instrument => 'i',
        }
    }

    /// Both follow the standard; the instrument packs its frames and gives the line away when it
    /// is asked to.
    fn settings(self) -> Settings {
        match self {
            Who::Host => Settings { ask_by_interrupt: true, ..Settings::host() },
            Who::Instrument => Settings {
                packing: Packing::Packed,
                honour_interrupt: true,
                ..Settings::instrument()
            },
        }
    }
}

struct End {
    who: Who,
    link: Duplex,
    stream: SerialStream,
    random: Rng,
    messages: Vec<Vec<u8>>,
    next_at: Moment,
    done: bool,
}

/// Plays this end until standard input ends.
pub fn play(who: Who) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let setting = |name| env::var(name).unwrap();
    let seed: u64 = setting(SEED).parse().unwrap();
    let _entered = runtime.enter();
    let stream = SerialStream::open(&tokio_serial::new(setting(DEVICE), 115_200)).unwrap();
    let mut end = End {
        who,
        link: Duplex::new(who.settings()),
        stream,
        random: Rng::with_seed(seed + who as u64),
        messages: Vec::new(),
        next_at: now(),
        done: false,
    };
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || stop.send(io::copy(&mut io::stdin(), &mut io::sink())));
    runtime.block_on(async {
        tokio::select! {
            result = end.run() => result.unwrap(),
            _ = stopped => {}
        }
    });
    say(&Said::Rest { neutral: end.link.is_neutral(), idle: end.link.is_idle() });
}

impl End {
    async fn run(&mut self) -> io::Result<()> {
        loop {
            self.speak();
            self.drain().await?;
            let mut buffer = [0; 512];
            let patience = wait(self.wake_at());
            let reading = self.stream.read(&mut buffer);
            match tokio::time::timeout(patience, reading).await {
                Err(_) => self.link.expire(now()),
                Ok(count) => self.link.receive(now(), &buffer[..count?]),
            }
            self.drain().await?;
        }
    }

    async fn drain(&mut self) -> io::Result<()> {
        loop {
            if let Some(bytes) = self.link.transmit() {
                self.stream.write_all(&bytes).await?;
            } else if let Some(event) = self.link.event() {
                self.follow(event);
            } else {
                return Ok(());
            }
        }
    }

    fn follow(&mut self, event: Event) {
        match event {
            Event::Message { token, bytes } => {
                say(&Said::Stored(bytes));
                self.link.answer(now(), token, Answer::Stored);
            }
            Event::Accepted { token, .. } => say(&Said::Accepted(token.0)),
            Event::GaveUp { token, .. } => {
                say(&Said::GaveUp(token.0));
                let message = self.messages[usize::try_from(token.0).unwrap()].clone();
                self.link.send(now(), token, message);
            }
            Event::Incomplete { .. } | Event::Fault(_) => {}
        }
    }

    fn speak(&mut self) {
        let now = now();
        if now.since_start() >= HOUR {
            if self.link.is_idle() && self.link.is_neutral() && !self.done {
                self.done = true;
                say(&Said::Done);
            }
        } else if now >= self.next_at {
            let message = self.message();
            let token = Token(self.messages.len() as u64);
            say(&Said::Sent(message.clone()));
            self.messages.push(message.clone());
            self.link.send(now, token, message);
            self.next_at = now.plus(Duration::from_millis(self.random.u64(100..24_000)));
        }
    }

    fn message(&mut self) -> Vec<u8> {
        let number = self.messages.len();
        let mut text = format!("H|\\^&|{}{number}\r", self.who.letter());
        for index in 0..self.random.usize(..8) {
            let length = self.random.usize(..80);
            let value: String = (0..length).map(|_| self.random.char(' '..='~')).collect();
            text += &format!("R|{index}|{value}\r");
        }
        (text + "L|1|N\r").into_bytes()
    }

    /// At the latest in five seconds of the line: the end of the hour is looked for like that.
    fn wake_at(&self) -> Moment {
        let soon = now().plus(Duration::from_secs(5));
        let speaks = if now().since_start() < HOUR { self.next_at } else { soon };
        let deadline = self.link.deadline().map_or(soon, |deadline| deadline.at);
        soon.min(speaks).min(deadline)
    }
}
