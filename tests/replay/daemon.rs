//! The daemon's own journal, replayed: killed and stopped in between, and held against an old copy
//! of its store.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::bench::replay;
use crate::support::bench::ANALYSERS;
use crate::support::messages;
use crate::support::process::{Daemon, write_config};
use crate::support::wire::{Lis01, Mllp, Sent, frames};

/// A folder with a configuration that keeps a journal.
fn journalling() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &ANALYSERS);
    let text = fs::read_to_string(&config).unwrap();
    let journal = "[journal]\nfolder = \"wire\"\nfile_mib = 1\nfiles = 100\n";
    fs::write(&config, format!("{journal}{text}")).unwrap();
    (folder, config)
}

fn send(daemon: &Daemon, numbers: std::ops::Range<u32>) {
    let mut serology = Lis01::dial(daemon.address("serology")).unwrap();
    let mut alt = Mllp::dial(daemon.address("alt")).unwrap();
    for number in numbers {
        let din = messages::din(number);
        assert_eq!(serology.send(&messages::e601_clean(&din)), Sent::Acknowledged);
        let id = number.to_string();
        let message = messages::mindray_alt(&din, "22", &id);
        assert_eq!(alt.send(&message, &id), Sent::Acknowledged);
    }
}

/// Begins a message and leaves it there.
fn begin(daemon: &Daemon) -> Lis01 {
    let mut line = Lis01::dial(daemon.address("serology")).unwrap();
    line.write(b"\x05").unwrap();
    line.reply().unwrap();
    for frame in &frames(&messages::e601_clean(&messages::din(900)), 1)[..3] {
        line.write(frame).unwrap();
        line.reply().unwrap();
    }
    line
}

fn replay_with_config(folder: &Path, config: &Path) -> crate::bench::Ran {
    replay(&folder.join("wire"), &["--config", config.to_str().unwrap()])
}

#[test]
fn the_journal_of_a_daemon_that_was_killed_and_started_again_replays_without_a_difference() {
    let (folder, config) = journalling();
    let mut daemon = Daemon::start(&config);
    send(&daemon, 0..10);
    let half = begin(&daemon);
    daemon.kill();
    drop(half);
    let mut daemon = Daemon::start(&config);
    send(&daemon, 5..15);
    let half = begin(&daemon);
    assert_eq!(daemon.terminate(), Some(0));
    drop(half);
    let ran = replay_with_config(folder.path(), &config).is(0);
    println!("{}", ran.out);
    // What was on its way to the journal when the daemon was killed is not in it.
    assert!(ran.out.contains(" 0 gaps; "), "{}", ran.out);
    assert!(ran.out.ends_with(" 0 differences\n"), "{}", ran.out);
}

#[test]
fn a_running_daemon_is_replayed_beside() {
    let (folder, config) = journalling();
    let daemon = Daemon::start(&config);
    send(&daemon, 0..10);
    replay_with_config(folder.path(), &config).is(0);
    send(&daemon, 10..20);
    assert_eq!(daemon.feed().len(), 0);
}

#[test]
fn an_old_copy_of_the_store_lacks_what_was_acknowledged_since() {
    let (folder, config) = journalling();
    let mut daemon = Daemon::start(&config);
    send(&daemon, 0..4);
    assert_eq!(daemon.terminate(), Some(0));
    let old = folder.path().join("old.db");
    fs::copy(folder.path().join("hemogate.db"), &old).unwrap();
    let mut daemon = Daemon::start(&config);
    send(&daemon, 4..7);
    assert_eq!(daemon.terminate(), Some(0));
    replay_with_config(folder.path(), &config).is(0);
    let ran = replay(&folder.path().join("wire"), &["--store", old.to_str().unwrap()]).is(1);
    assert_eq!(ran.out.matches("not on record: ").count(), 6, "{}", ran.out);
}
