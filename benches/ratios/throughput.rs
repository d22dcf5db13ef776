//! Messages a second over fifty connections, against bare SQLite writing the same rows in batches
//! of fifty messages.
//!
//! The daemon's side holds fifty senders with whole LIS01 sessions on the same machine, reading,
//! deciding and acknowledging; the bare side is one thread with the rows in memory. The two take
//! turns, as in `ack`. Measured a second time with the wire journal on, which the bare side has
//! not.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::bare_sqlite::Rows;
use crate::support::bench::{ANALYSERS, Bench};
use crate::support::messages;
use crate::support::process::Daemon;
use crate::support::wire::{Lis01, frame};
use crate::{JOURNAL, bench_with};

pub const CONNECTIONS: u32 = 50;
const REGISTERING: u32 = 16;
const BLOCKS: u32 = 5;
const MESSAGES_EACH_A_BLOCK: u32 = 20;
const MESSAGES_A_BLOCK: u32 = CONNECTIONS * MESSAGES_EACH_A_BLOCK;

pub fn run() {
    let rows = rows();
    for (name, more) in JOURNAL {
        println!("  {name} the wire journal");
        compare(&rows, registered(more));
    }
}

fn compare(rows: &Rows, bench: Bench) {
    let mut bare = rows.database(&bench.folder.path().join("bare.db"));
    let mut lines = dial(&bench);
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for block in 0..BLOCKS {
        ours += send_block(&mut lines, block);
        theirs += bare.write(MESSAGES_EACH_A_BLOCK as usize).iter().sum::<Duration>();
    }
    let rate = |time: Duration| f64::from(BLOCKS * MESSAGES_A_BLOCK) / time.as_secs_f64();
    println!("  {CONNECTIONS} connections, ENQ to EOT of each {:>20.0} messages/s", rate(ours));
    println!(
        "  bare SQLite, the same rows, {CONNECTIONS} a batch {:>14.0} messages/s",
        rate(theirs)
    );
    println!("  ratio {:.2} (aim: at least 0.5)", theirs.as_secs_f64() / ours.as_secs_f64());
    let (_, metrics) = bench.daemon.get_text("/metrics");
    for line in metrics.lines().filter(|line| line.contains("commits") && !line.starts_with('#')) {
        println!("  {line} (one for each registration)");
    }
}

fn rows() -> Rows {
    let mut bench = registered("");
    let mut lines = dial(&bench);
    for block in 0..BLOCKS {
        send_block(&mut lines, block);
    }
    bench.daemon.terminate();
    Rows::of(&bench.folder.path().join("hemogate.db"), i64::from(CONNECTIONS))
}

/// Every donation is registered, so that every message is decided about.
fn registered(more: &str) -> Bench {
    let bench = bench_with(&ANALYSERS, more);
    register(&bench.daemon, 0..BLOCKS * MESSAGES_A_BLOCK);
    bench
}

/// Registers many donations, several at once so that they share commits.
pub fn register(daemon: &Daemon, numbers: Range<u32>) {
    let next = AtomicU32::new(numbers.start);
    std::thread::scope(|scope| {
        for _ in 0..REGISTERING {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if !numbers.contains(&number) {
                        return;
                    }
                    daemon.register(&messages::registration(&messages::din(number)));
                }
            });
        }
    });
}

fn dial(bench: &Bench) -> Vec<Lis01> {
    let address = bench.daemon.address("serology");
    (0..CONNECTIONS).map(|_| Lis01::dial(address).unwrap()).collect()
}

/// All connections at once; ends when the last message is acknowledged.
fn send_block(lines: &mut [Lis01], block: u32) -> Duration {
    let first = block * MESSAGES_A_BLOCK;
    let firsts = (first..).step_by(MESSAGES_EACH_A_BLOCK as usize);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (line, first) in lines.iter_mut().zip(firsts) {
            scope.spawn(move || send_some(line, first));
        }
    });
    start.elapsed()
}

fn send_some(line: &mut Lis01, first: u32) {
    for number in first..first + MESSAGES_EACH_A_BLOCK {
        send(line, &messages::e601_clean(&messages::din(number)));
    }
}

/// One message in one frame in one session.
pub fn send(line: &mut Lis01, message: &str) {
    line.write(&[0x05]).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06);
    line.write(&frame(1, message, true)).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06);
    line.write(&[0x04]).unwrap();
}
