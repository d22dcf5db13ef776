//! Killed with SIGKILL at random moments while analysers send: what was acknowledged is there,
//! once; what was not comes again; the feed has no gap.
//!
//! `HEMOGATE_CRASH_ROUNDS` sets how often the daemon is killed (200), `HEMOGATE_SEED` the seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use support::messages;
use support::process::{Daemon, write_config};
use support::wire::{Lis01, Mllp, Sent};

const ANALYSERS: [(&str, &str); 3] =
    [("e601-a", "roche-cobas-e601"), ("e601-b", "roche-cobas-e601"), ("bs", "mindray-bs")];
const ROUNDS: u32 = 200;
/// The longest time a daemon lives between being ready and being killed.
const LIFE_MAX_MS: u64 = 80;

/// One analyser's work: which donation is next, and which were acknowledged.
#[derive(Default)]
struct Line {
    next: u32,
    acknowledged: Vec<u32>,
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_killed_at_random_moments() {
    let seed = setting("HEMOGATE_SEED").unwrap_or(20_260_105);
    let rounds = setting("HEMOGATE_CRASH_ROUNDS").map_or(ROUNDS, |rounds| rounds as u32);
    println!("seed {seed}, {rounds} kills");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &ANALYSERS);
    let lines: Vec<_> =
        (0..ANALYSERS.len()).map(|_| Arc::new(Mutex::new(Line::default()))).collect();
    let mut checked = vec![0; lines.len()];
    let mut feed_seen = 0;
    for round in 0..rounds {
        let mut daemon = Daemon::start(&config);
        let before: Vec<_> =
            lines.iter().map(|line| line.lock().unwrap().acknowledged.len()).collect();
        for (at, line) in lines.iter().enumerate() {
            check(&daemon, at, &line.lock().unwrap().acknowledged[checked[at]..]);
        }
        checked = before;
        feed_seen = feed_continues(&daemon, feed_seen);
        register_some(&daemon, &lines);
        let life = Duration::from_micros(random.u64(0..LIFE_MAX_MS * 1000));
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let (line, stop) = (Arc::clone(line), Arc::clone(&stop));
                let address = daemon.address(ANALYSERS[at].0);
                std::thread::spawn(move || send_until(&stop, at, address, &line))
            })
            .collect();
        wait_until(Instant::now() + life);
        daemon.kill();
        stop.store(true, Ordering::SeqCst);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        if round % 50 == 49 {
            println!("{} kills, {} acknowledged", round + 1, total(&lines));
        }
    }
    let daemon = Daemon::start(&config);
    finish(&daemon, &lines);
    println!("{rounds} kills, {} messages acknowledged, all there once", total(&lines));
    assert!(total(&lines) > rounds as usize, "the senders hardly got a message through");
}

/// Unacknowledged messages arrive by sending again; then everything is there exactly once.
fn finish(daemon: &Daemon, lines: &[Arc<Mutex<Line>>]) {
    for (at, line) in lines.iter().enumerate() {
        let mut line = line.lock().unwrap();
        let next = line.next;
        let address = daemon.address(ANALYSERS[at].0);
        assert_eq!(send(at, address, next), Sent::Acknowledged, "sending again");
        line.acknowledged.push(next);
        check(daemon, at, &line.acknowledged);
    }
    let feed = daemon.feed();
    assert!(!feed.is_empty());
}

/// Registers the donations that are next, so that the feed has something to say of them.
fn register_some(daemon: &Daemon, lines: &[Arc<Mutex<Line>>]) {
    for (at, line) in lines.iter().enumerate() {
        let next = line.lock().unwrap().next;
        daemon.register(&messages::registration(&messages::din(number(at, next))));
    }
}

fn send_until(stop: &AtomicBool, at: usize, address: SocketAddr, line: &Mutex<Line>) {
    while !stop.load(Ordering::SeqCst) {
        let next = line.lock().unwrap().next;
        if send(at, address, next) != Sent::Acknowledged {
            return;
        }
        let mut line = line.lock().unwrap();
        line.acknowledged.push(next);
        line.next += 1;
    }
}

/// The analyser at `at` sends its message number `next`.
fn send(at: usize, address: SocketAddr, next: u32) -> Sent {
    let din = messages::din(number(at, next));
    if ANALYSERS[at].1 == "mindray-bs" {
        let Ok(mut line) = Mllp::dial(address) else { return Sent::Unanswered };
        return line.send(&messages::mindray_alt(&din, "22", &next.to_string()), &next.to_string());
    }
    let Ok(mut line) = Lis01::dial(address) else { return Sent::Unanswered };
    line.send(&messages::e601_clean(&din))
}

/// Each analyser has donations of its own.
fn number(at: usize, next: u32) -> u32 {
    at as u32 * 200_000 + next
}

/// What was acknowledged is there, once.
fn check(daemon: &Daemon, at: usize, acknowledged: &[u32]) {
    let expected = if ANALYSERS[at].1 == "mindray-bs" { 1 } else { 4 };
    for next in acknowledged {
        let donation = daemon.donation(&messages::din(number(at, *next)));
        let observations = donation["observations"].as_array().unwrap();
        assert_eq!(observations.len(), expected, "message {next} of {}", ANALYSERS[at].0);
    }
}

/// The feed goes on where it was, without a gap.
fn feed_continues(daemon: &Daemon, seen: u64) -> u64 {
    let (_, page) = daemon.get(&format!("/api/v1/verdicts?after={seen}&limit=1000"));
    let mut last = seen;
    for row in page["verdicts"].as_array().unwrap() {
        assert_eq!(row["seq"].as_u64(), Some(last + 1), "a gap in the feed");
        last += 1;
    }
    assert_eq!(page["next"].as_u64(), Some(last), "{page}");
    last
}

fn total(lines: &[Arc<Mutex<Line>>]) -> usize {
    lines.iter().map(|line| line.lock().unwrap().acknowledged.len()).sum()
}

fn wait_until(end: Instant) {
    std::thread::park_timeout(end.saturating_duration_since(Instant::now()));
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}
