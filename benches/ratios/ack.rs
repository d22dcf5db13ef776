//! How long an analyser waits for the ACK that completes its message, on one connection, against
//! one bare SQLite commit of the same rows plus one loopback round trip of the same bytes.
//!
//! A first daemon shows which rows the messages become. Then a second daemon, the bare database and
//! an echo on the loopback take turns, a block of messages each, so that a change of the machine's
//! mood meets all three. Measured a second time with the wire journal on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::bare_sqlite::Rows;
use crate::support::bench::{ANALYSERS, Bench};
use crate::support::messages;
use crate::support::wire::{Lis01, frame};
use crate::throughput::register;
use crate::{JOURNAL, bench_with, micros, percentile};

const BLOCKS: u32 = 20;
const MESSAGES_A_BLOCK: u32 = 50;

pub fn run() {
    let rows = rows();
    for (name, more) in JOURNAL {
        println!("  {name} the wire journal");
        compare(&rows, &registered(more));
    }
}

fn compare(rows: &Rows, bench: &Bench) {
    let mut bare = rows.database(&bench.folder.path().join("bare.db"));
    let mut line = Lis01::dial(bench.daemon.address("serology")).unwrap();
    let mut echo = Echo::start();
    let (mut ours, mut commits, mut trips) = (Vec::new(), Vec::new(), Vec::new());
    for block in 0..BLOCKS {
        let numbers = block * MESSAGES_A_BLOCK..(block + 1) * MESSAGES_A_BLOCK;
        ours.extend(numbers.map(|number| acknowledgement(&mut line, number)));
        commits.extend(bare.write(MESSAGES_A_BLOCK as usize));
        trips.extend((0..MESSAGES_A_BLOCK).map(|_| echo.round_trip()));
    }
    echo.stop();
    report(ours, commits, trips);
}

/// Each message is one commit of the daemon: its row, its four observations, the verdict they
/// change and one row of the ledger.
fn rows() -> Rows {
    let mut bench = registered("");
    let mut line = Lis01::dial(bench.daemon.address("serology")).unwrap();
    for number in 0..BLOCKS * MESSAGES_A_BLOCK {
        acknowledgement(&mut line, number);
    }
    bench.daemon.terminate();
    Rows::of(&bench.folder.path().join("hemogate.db"), 1)
}

fn registered(more: &str) -> Bench {
    let bench = bench_with(&ANALYSERS, more);
    register(&bench.daemon, 0..BLOCKS * MESSAGES_A_BLOCK);
    bench
}

/// The message is one frame, so that the ACK waited for is the one that means "decided".
fn acknowledgement(line: &mut Lis01, number: u32) -> Duration {
    let frame = frame(1, &messages::e601_clean(&messages::din(number)), true);
    line.write(&[0x05]).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06);
    let start = Instant::now();
    line.write(&frame).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06);
    let time = start.elapsed();
    line.write(&[0x04]).unwrap();
    time
}

/// Takes the same frame and answers with one byte, at once.
struct Echo {
    stream: TcpStream,
    frame: Vec<u8>,
    thread: JoinHandle<()>,
}

impl Echo {
    fn start() -> Echo {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let frame = frame(1, &messages::e601_clean(&messages::din(0)), true);
        let mut buffer = vec![0; frame.len()];
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            while stream.read_exact(&mut buffer).is_ok() {
                stream.write_all(&[0x06]).unwrap();
            }
        });
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Echo { stream, frame, thread }
    }

    fn round_trip(&mut self) -> Duration {
        let start = Instant::now();
        self.stream.write_all(&self.frame).unwrap();
        self.stream.read_exact(&mut [0]).unwrap();
        start.elapsed()
    }

    fn stop(self) {
        drop(self.stream);
        self.thread.join().unwrap();
    }
}

fn report(ours: Vec<Duration>, commits: Vec<Duration>, trips: Vec<Duration>) {
    println!(
        "  {} messages on one connection, one commit each; us     median      95 %",
        ours.len()
    );
    let line = |what: &str, times: &[Duration]| {
        let [middle, high] = [50, 95].map(|percent| percentile(times, percent));
        println!("  {what:<52} {:>8.0}  {:>8.0}", micros(middle), micros(high));
        middle
    };
    let ours = line("frame sent to ACK received (decided and committed)", &ours);
    let commit = line("bare SQLite: the same rows, BEGIN to end of COMMIT", &commits);
    let trip = line("bare loopback: the same frame, one byte back", &trips);
    let ratio = ours.as_secs_f64() / (commit + trip).as_secs_f64();
    println!("  ratio {ratio:.2} of the medians (aim: at most 1.5)");
}
