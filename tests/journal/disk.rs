//! The disk and the process as test dimensions: full, and killed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hemogate::journal::{Damage, Health, Journal, Kind};

use crate::bench::{Bench, open, read_back, received};

/// A small file system of its own, gone with the value. Needs root, or `sudo -n`.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(size: &str) -> SmallDisk {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=777");
        let path = folder.path().to_str().unwrap();
        assert!(as_root(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs", path]), "needs root");
        SmallDisk { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        as_root(&["umount", "-l", self.folder.path().to_str().unwrap()]);
    }
}

fn as_root(words: &[&str]) -> bool {
    let root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
    let words = if root { words.to_vec() } else { [&["sudo", "-n"], words].concat() };
    Command::new(words[0]).args(&words[1..]).status().unwrap().success()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn write_until(journal: &Journal, is_so: impl Fn(&Journal) -> bool) -> u64 {
    let mut given = 0;
    until("the health changes", || {
        journal.record(received(given, &[given as u8; 5_000]));
        given += 1;
        is_so(journal)
    });
    given
}

#[test]
fn a_full_disk_is_an_alarm_and_space_brings_the_journal_back() {
    let disk = SmallDisk::mount("1m");
    let journal = open(&disk.path().join("journal"), 300_000, 100);
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![1; 200_000]).unwrap();
    let failing = |journal: &Journal| matches!(journal.health(), Health::Failing(_));
    let mut given = write_until(&journal, failing);
    let Health::Failing(words) = journal.health() else { panic!("it recovered") };
    assert!(words.contains("journal") && words.contains("free space"), "{words}");
    fs::remove_file(ballast).unwrap();
    given += write_until(&journal, |journal| journal.health() == Health::Writing);
    journal.record(received(given, b"after"));
    let health = journal.clone();
    drop(journal);
    let numbers = health.numbers();
    drop(health);
    assert!(numbers.lost_records > 0);
    let (records, damages) = read_back(&disk.path().join("journal"));
    let torn = |damage: &Damage| matches!(damage, Damage::Torn { .. });
    assert!(damages.iter().all(torn) && damages.len() <= 1, "{damages:?}");
    let told: u64 = records.iter().map(told).sum();
    let whole = records.iter().filter(|record| record.kind == Kind::Received).count() as u64;
    assert_eq!(told, numbers.lost_records);
    assert!(whole + told > given, "{whole} + {told} of {}: something is not told", given + 1);
    assert_eq!(records.last().unwrap().bytes, b"after");
}

fn told(record: &hemogate::journal::Record) -> u64 {
    match record.kind {
        Kind::Gap { records, .. } => records,
        Kind::FileStart | Kind::Opened | Kind::Closed | Kind::Received | Kind::Sent => 0,
    }
}

/// Started by the test below as a process of its own; alone it does nothing.
#[test]
fn writer_to_be_killed() {
    let Ok(folder) = std::env::var("HEMOGATE_JOURNAL_TO_KILL") else { return };
    let journal = open(Path::new(&folder), 20_000, 1_000_000);
    for number in 0..u64::MAX {
        let length = usize::try_from(number % 700).unwrap();
        journal.record(received(number, &vec![number as u8; length]));
        if number % 100 == 0 {
            std::thread::park_timeout(Duration::from_micros(200));
        }
    }
}

#[test]
fn what_was_written_before_a_kill_is_read_and_the_next_start_goes_on() {
    let bench = Bench::new();
    let folder = bench.folder.path();
    let mut seen = 0;
    for round in 0..10_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "disk::writer_to_be_killed", "--nocapture"])
            .env("HEMOGATE_JOURNAL_TO_KILL", folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the child writes", || read_back(folder).0.len() > seen);
        std::thread::park_timeout(Duration::from_micros(round * 1_700));
        child.kill().unwrap();
        child.wait().unwrap();
        let (records, damages) = read_back(folder);
        let torn = |damage: &Damage| matches!(damage, Damage::Torn { .. });
        assert!(damages.iter().all(torn), "round {round}: {damages:?}");
        assert!(records.len() > seen, "round {round}: nothing was written");
        seen = records.len();
    }
    println!("{seen} records over 10 kills");
}
