//! Messages a second over fifty connections, against bare SQLite writing the same rows in batches
//! of fifty messages.

use std::time::{Duration, Instant};

use crate::bare_sqlite::Rows;
use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Lis01, frame};

const CONNECTIONS: u32 = 50;
const MESSAGES_EACH: u32 = 100;

pub fn run() {
    let mut bench = Bench::start();
    let messages = CONNECTIONS * MESSAGES_EACH;
    let ours = send_all(&bench);
    let (_, metrics) = bench.daemon.get_text("/metrics");
    bench.daemon.terminate();
    let rows = Rows::of(&bench.folder.path().join("hemogate.db"));
    let batches = (messages / CONNECTIONS) as usize;
    let bare: Duration = rows.write(&bench.folder.path().join("bare.db"), batches).iter().sum();
    let rate = |time: Duration| f64::from(messages) / time.as_secs_f64();
    println!("  {CONNECTIONS} connections, whole LIS01 sessions   {:>8.0} messages/s", rate(ours));
    println!("  bare SQLite, batches of {CONNECTIONS}             {:>8.0} messages/s", rate(bare));
    println!("  ratio {:.2} (aim: at least 0.5)", bare.as_secs_f64() / ours.as_secs_f64());
    for line in metrics.lines().filter(|line| line.contains("commits") && !line.starts_with('#')) {
        println!("  {line}");
    }
}

fn send_all(bench: &Bench) -> Duration {
    let address = bench.daemon.address("serology");
    let lines: Vec<Lis01> = (0..CONNECTIONS).map(|_| Lis01::dial(address).unwrap()).collect();
    let start = Instant::now();
    let senders: Vec<_> = lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| std::thread::spawn(move || send_some(line, at as u32)))
        .collect();
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    start.elapsed()
}

fn send_some(mut line: Lis01, at: u32) {
    for number in 0..MESSAGES_EACH {
        let message = messages::e601_clean(&messages::din(at * MESSAGES_EACH + number));
        line.write(&[0x05]).unwrap();
        assert_eq!(line.reply().unwrap(), 0x06);
        line.write(&frame(1, &message, true)).unwrap();
        assert_eq!(line.reply().unwrap(), 0x06);
        line.write(&[0x04]).unwrap();
    }
}
