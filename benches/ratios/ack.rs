//! How long an analyser waits for the ACK that completes its message, on one connection, against
//! one bare SQLite commit of the same rows plus one loopback round trip.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::bare_sqlite::Rows;
use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Lis01, frame};
use crate::{median, micros};

const MESSAGES: u32 = 500;

pub fn run() {
    let mut bench = Bench::start();
    for number in 0..MESSAGES {
        bench.daemon.register(&messages::registration(&messages::din(number)));
    }
    let ours = median(acknowledgements(&bench));
    bench.daemon.terminate();
    let rows = Rows::of(&bench.folder.path().join("hemogate.db"));
    let bare = median(rows.write(&bench.folder.path().join("bare.db"), MESSAGES as usize));
    let trip = median(round_trips());
    println!("  ACK of the frame that completes a message  {:>9.0} us (median)", micros(ours));
    println!("  bare SQLite commit of the same rows        {:>9.0} us", micros(bare));
    println!("  bare loopback round trip                   {:>9.0} us", micros(trip));
    println!("  ratio {:.2} (aim: at most 1.5)", ours.as_secs_f64() / (bare + trip).as_secs_f64());
}

/// Each message in one frame, so that the ACK waited for is the one that means "decided".
fn acknowledgements(bench: &Bench) -> Vec<Duration> {
    let mut line = Lis01::dial(bench.daemon.address("serology")).unwrap();
    (0..MESSAGES)
        .map(|number| {
            let message = messages::e601_clean(&messages::din(number));
            line.write(&[0x05]).unwrap();
            assert_eq!(line.reply().unwrap(), 0x06);
            let frame = frame(1, &message, true);
            let start = Instant::now();
            line.write(&frame).unwrap();
            assert_eq!(line.reply().unwrap(), 0x06);
            let time = start.elapsed();
            line.write(&[0x04]).unwrap();
            time
        })
        .collect()
}

fn round_trips() -> Vec<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let message = frame(1, &messages::e601_clean(&messages::din(0)), true);
    let length = message.len();
    let echo = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = vec![0; length];
        while stream.read_exact(&mut buffer).is_ok() {
            stream.write_all(&[0x06]).unwrap();
        }
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let times = (0..MESSAGES)
        .map(|_| {
            let start = Instant::now();
            stream.write_all(&message).unwrap();
            stream.read_exact(&mut [0]).unwrap();
            start.elapsed()
        })
        .collect();
    drop(stream);
    echo.join().unwrap();
    times
}
