//! Killed with SIGKILL at random moments while files are dropped: every file ends in *done*, what
//! is in it is on record once, and none is written over.
//!
//! `HEMOGATE_CRASH_ROUNDS` sets how often the daemon is killed (15), `HEMOGATE_SEED` the seed.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use super::bench::{Drop, MARKED};
use super::support::messages::{din, e601_clean};

const ROUNDS: u64 = 15;
const FILES_PER_ROUND: u32 = 30;
/// How long the daemon lives after the first file is gone.
const LIFE_MAX_US: u64 = 60_000;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn marked(din: &str) -> String {
    format!("{}[end]\r\n", e601_clean(din))
}

#[test]
fn killed_between_any_two_steps_no_file_is_lost_or_stored_twice() {
    let seed = setting("HEMOGATE_SEED").unwrap_or(20_260_105);
    let rounds = setting("HEMOGATE_CRASH_ROUNDS").unwrap_or(ROUNDS);
    println!("seed {seed}, {rounds} kills");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut drop = Drop::e601(MARKED);
    let mut dropped = 0;
    let (mut interrupted, mut recognised) = (0, 0);
    for _ in 0..rounds {
        for _ in 0..FILES_PER_ROUND {
            drop.drop(&format!("{}.txt", dropped % 20), marked(&din(dropped)));
            dropped += 1;
        }
        let all = FILES_PER_ROUND as usize + 2;
        drop.until_now("one is gone", |drop| Drop::names(&drop.folder).len() < all);
        std::thread::park_timeout(Duration::from_micros(random.u64(0..LIFE_MAX_US)));
        drop.bench.daemon.kill();
        let left = Drop::names(&drop.folder).len() - 2;
        interrupted += u32::from(left > 0);
        drop.bench.restart();
        drop.until("what was left is done", |drop| Drop::names(&drop.folder).len() == 2);
        recognised += drop.bench.metric("hemogate_store_duplicates_total").unwrap();
    }
    println!("{interrupted} of {rounds} kills came while files were being taken");
    println!("{recognised} files were stored and not moved yet");
    assert!(interrupted > 0, "no kill came between two files: change the life of the daemon");
    check(&drop, dropped);
}

fn check(drop: &Drop, dropped: u32) {
    let done = drop.in_done();
    let contents: BTreeSet<_> =
        done.iter().map(|name| fs::read_to_string(drop.done(name)).unwrap()).collect();
    assert_eq!((done.len(), contents.len()), (dropped as usize, dropped as usize));
    assert!(drop.in_refused().is_empty(), "{:?}", drop.in_refused());
    for number in 0..dropped {
        assert_eq!(drop.observations(&din(number)), 4, "donation {number}");
    }
    drop.bench.daemon.feed();
}
