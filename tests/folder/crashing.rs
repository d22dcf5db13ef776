//! Killed with SIGKILL at random moments while files are dropped: every file ends in *done*, what
//! is in it is on record once, and none is written over.
//!
//! `HEMOGATE_CRASH_ROUNDS` sets how often the daemon is killed (15), `HEMOGATE_SEED` the seed.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use super::bench::{Drop, MARKED, as_root};
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
            drop.drop(&format!("{}.txt", dropped % FILES_PER_ROUND), marked(&din(dropped)));
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

/// The moment between the two, held open by a place that takes nothing.
#[test]
fn killed_after_the_commit_and_before_the_move_the_file_is_recognised_and_moved() {
    let mut drop = Drop::e601(MARKED);
    let done = drop.folder.join("done");
    let done = done.to_str().unwrap().to_owned();
    as_root(&["chattr", "+i", &done]);
    let two = e601_clean(&din(1)) + &marked(&din(2));
    drop.drop("two.txt", &two);
    drop.until("it is stored", |drop| drop.observations(&din(2)) == 4);
    drop.bench.daemon.kill();
    as_root(&["chattr", "-i", &done]);
    drop.bench.restart();
    drop.until("it is done", |drop| drop.in_done() == ["two.txt"]);
    assert_eq!(drop.new_messages(), 0);
    assert_eq!(drop.bench.metric("hemogate_store_duplicates_total"), Some(2));
    assert_eq!((drop.observations(&din(1)), drop.observations(&din(2))), (4, 4));
    assert_eq!(fs::read_to_string(drop.done("two.txt")).unwrap(), two);
}

#[test]
fn stopped_in_the_middle_it_ends_soon_and_goes_on_where_it_was() {
    let mut drop = Drop::e601(MARKED);
    for number in 0..200 {
        drop.drop(&format!("{number}.txt"), marked(&din(number)));
    }
    drop.until_now("one is gone", |drop| Drop::names(&drop.folder).len() < 202);
    let asked = Instant::now();
    assert_eq!(drop.bench.daemon.terminate(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let left = Drop::names(&drop.folder).len() - 2;
    assert!(left > 0, "it was done before it was stopped");
    drop.bench.restart();
    drop.until("all are done", |drop| drop.in_done().len() == 200);
    assert_eq!(drop.new_messages(), left as u64, "nothing that was moved is stored again");
    check(&drop, 200);
}
