//! Ratios, each measured against its reference in the same run:
//! `cargo bench [decode | ack | throughput | query | pace | memory | decide | console]`. Numbers of
//! one run on one machine; the ratio is what travels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

mod ack;
mod asking;
mod bare_host;
mod bare_sqlite;
mod console;
mod decide;
mod decode;
mod fetch;
mod memory;
mod pace;
mod query;
#[path = "../../tests/support/mod.rs"]
mod support;
mod throughput;

use std::io::Write;
use std::time::Duration;

use support::bench::Bench;
use support::process::{Daemon, write_config};

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let benches: [(&str, fn()); 8] = [
        ("decode", decode::run),
        ("ack", ack::run),
        ("throughput", throughput::run),
        ("query", query::run),
        ("pace", pace::run),
        ("memory", memory::run),
        ("decide", decide::run),
        ("console", console::run),
    ];
    for (name, run) in benches {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n== {name}");
            run();
        }
    }
}

/// What a daemon's configuration has more, without and with the wire journal.
const JOURNAL: [(&str, &str); 2] = [("without", ""), ("with", "[journal]\nfolder = \"wire\"\n")];

/// A daemon with these analysers, and with more in its configuration.
fn bench_with(analysers: &[(&str, &str)], more: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), analysers);
    let mut file = std::fs::OpenOptions::new().append(true).open(&config).unwrap();
    file.write_all(more.as_bytes()).unwrap();
    Bench { daemon: Daemon::start(&config), config, folder }
}

/// How busy the machine is otherwise.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = load.split(' ').next().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("load {minute} on {cores} cores before")
}

/// The time that `percent` of them stay under.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() * percent / 100]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
