//! What the two ends say on standard output, and whether it adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::{env, fmt, process};

use crate::end::Who;

/// Marks our lines among those of the test runner.
const MARK: &str = "@hour ";

/// One line of an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Sent(Vec<u8>),
    Accepted(u64),
    GaveUp(u64),
    Stored(Vec<u8>),
    Done,
    Rest { neutral: bool, idle: bool },
}

pub fn say(said: &Said) {
    let text = match said {
        Said::Sent(message) => format!("sent {}", hex(message)),
        Said::Accepted(number) => format!("accepted {number}"),
        Said::GaveUp(number) => format!("gave-up {number}"),
        Said::Stored(message) => format!("stored {}", hex(message)),
        Said::Done => "done -".to_owned(),
        Said::Rest { neutral, idle } => format!("rest {neutral},{idle}"),
    };
    println!("\n{MARK}{text}");
}

fn heard(line: &str) -> Option<Said> {
    let (word, value) = line.strip_prefix(MARK)?.split_once(' ')?;
    let number = || value.parse().ok();
    match word {
        "sent" => Some(Said::Sent(bytes(value))),
        "accepted" => number().map(Said::Accepted),
        "gave-up" => number().map(Said::GaveUp),
        "stored" => Some(Said::Stored(bytes(value))),
        "done" => Some(Said::Done),
        "rest" => {
            let (neutral, idle) = value.split_once(',')?;
            Some(Said::Rest { neutral: neutral == "true", idle: idle == "true" })
        }
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

/// A process that plays one end.
pub struct Child {
    process: process::Child,
    listener: JoinHandle<Vec<Said>>,
    done: Arc<AtomicBool>,
}

impl Child {
    pub fn start(who: Who, device: &str, seed: u64) -> Child {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "one_end_of_the_line", "--nocapture"])
            .envs(who.environment(device, seed))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let done = Arc::new(AtomicBool::new(false));
        let is_done = done.clone();
        let listener = std::thread::spawn(move || {
            let lines = stdout.lines().map_while(Result::ok);
            let note = |said: &Said| {
                if *said == Said::Done {
                    is_done.store(true, Ordering::Relaxed);
                }
            };
            lines.filter_map(|line| heard(&line)).inspect(note).collect()
        });
        Child { process, listener, done }
    }

    pub fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    /// Tells it to stop, by the end of its input. Everything it said, once it has ended well.
    pub fn finish(mut self) -> Vec<Said> {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success(), "an end failed");
        self.listener.join().unwrap()
    }
}

/// What became of one direction.
pub struct Tally {
    pub messages: usize,
    given_up: usize,
    doubled: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { messages, given_up, doubled } = self;
        write!(f, "{messages} messages, {given_up} given up and sent again, {doubled} twice there")
    }
}

/// All that `sender` sent was accepted, and stored unaltered by `receiver`: once, or once more for
/// each time it was sent again.
pub fn check(sender: &[Said], receiver: &[Said]) -> Tally {
    assert_eq!(sender.last(), Some(&Said::Rest { neutral: true, idle: true }));
    let mut stored: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut given_up: BTreeMap<u64, usize> = BTreeMap::new();
    let (mut sent, mut accepted) = (Vec::new(), BTreeSet::new());
    for said in receiver {
        if let Said::Stored(message) = said {
            *stored.entry(message).or_default() += 1;
        }
    }
    for said in sender {
        match said {
            Said::Sent(message) => sent.push(&message[..]),
            Said::Accepted(number) => assert!(accepted.insert(*number), "{number} twice"),
            Said::GaveUp(number) => *given_up.entry(*number).or_default() += 1,
            Said::Stored(_) | Said::Done | Said::Rest { .. } => {}
        }
    }
    for (number, message) in (0..).zip(&sent) {
        assert!(accepted.contains(&number), "{number} was neither accepted nor given up");
        let copies = stored.remove(message).unwrap_or_default();
        let again = given_up.get(&number).copied().unwrap_or_default();
        assert!(
            (1..=1 + again).contains(&copies),
            "{number}: {copies} copies, {again} times again"
        );
    }
    assert!(stored.is_empty(), "stored and never sent: {stored:?}");
    let given_up: usize = given_up.values().sum();
    let all = receiver.iter().filter(|said| matches!(said, Said::Stored(_))).count();
    Tally { messages: sent.len(), given_up, doubled: all - sent.len() }
}
