//! Ratios, each measured against its reference in the same run:
//! `cargo bench [decode | ack | throughput | memory]`. Numbers of one run on one machine; the
//! ratio is what travels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

mod ack;
mod bare_sqlite;
mod decode;
mod fetch;
mod memory;
#[path = "../../tests/support/mod.rs"]
mod support;
mod throughput;

use std::time::Duration;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let benches: [(&str, fn()); 4] = [
        ("decode", decode::run),
        ("ack", ack::run),
        ("throughput", throughput::run),
        ("memory", memory::run),
    ];
    for (name, run) in benches {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n== {name}");
            run();
        }
    }
}

/// The middle one.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
