//! The disk as a test dimension: full, read-only, moved away. Nothing is acknowledged meanwhile,
//! somebody is told, and it recovers without a restart when the cause is gone.
//!
//! Needs to mount a tmpfs and to set a file immutable: as root, or through `sudo -n`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::bench::ANALYSERS;
use support::messages;
use support::process::{Daemon, write_config, write_config_at};
use support::wire::{Lis01, Mllp, Sent};
use tempfile::TempDir;

/// A small file system of its own, gone with the value.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    fn mount(size: &str) -> SmallDisk {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=777");
        as_root(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs", path(folder.path())]);
        SmallDisk { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the space that is left.
    fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut file = fs::File::create(&ballast).unwrap();
        for size in [64 * 1024, 4096, 1] {
            while file.write_all(&vec![0xFF; size]).is_ok() {}
        }
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = root_command(&["umount", "-l", path(self.folder.path())]).status();
    }
}

/// Until the daemon has found out by itself that the store takes entries again, and no longer tells
/// analysers that it is busy.
fn until_ready(daemon: &Daemon) {
    for _ in 0..20 {
        let mut line = Lis01::dial(daemon.address("serology")).unwrap();
        line.write(&[0x05]).unwrap();
        if support::wire::is_ack(line.reply().unwrap()) {
            return;
        }
        daemon.get("/api/v1/verdicts?after=1000000&wait=1");
    }
    panic!("the store did not recover by itself");
}

#[test]
fn a_full_disk_stops_acknowledgements_and_space_brings_them_back() {
    let disk = SmallDisk::mount("8m");
    let folder = tempfile::tempdir().unwrap();
    let store = disk.path().join("hemogate.db");
    let config = write_config_at(folder.path(), &store, &ANALYSERS);
    let mut daemon = Daemon::start(&config);
    let first = send_until_refused(&daemon, 0, 20);
    assert_eq!(first, 20, "there is room at first");
    let ballast = disk.fill();
    let refused = send_until_refused(&daemon, 20, 10_000);
    assert!(refused < 10_000, "the disk never filled");
    let (status, problem) = daemon.get("/readyz");
    assert_eq!(status, 503, "{problem}");
    assert!(problem.to_string().contains("full"), "says what happened: {problem}");
    assert_present(&daemon, refused);
    // The store looks every second whether the disk takes writes again; it must not be fooled.
    daemon.get("/api/v1/verdicts?after=1000000&wait=3");
    assert_eq!(daemon.get("/readyz").0, 503, "the disk is still full");
    let (_, metrics) = daemon.get_text("/metrics");
    assert!(metrics.contains("refused"), "{metrics}");
    // The technician frees space; the analyser sends again; no restart.
    fs::remove_file(&ballast).unwrap();
    until_ready(&daemon);
    let after = send_until_refused(&daemon, refused, refused + 20);
    assert_eq!(after, refused + 20, "it recovered");
    assert_eq!(daemon.get("/readyz").0, 200);
    daemon.kill();
    let daemon = Daemon::start(&config);
    assert_present(&daemon, after);
    daemon.feed();
}

#[test]
fn a_full_disk_refuses_hl7_with_words_and_without_aa() {
    let disk = SmallDisk::mount("4m");
    let folder = tempfile::tempdir().unwrap();
    let config = write_config_at(folder.path(), &disk.path().join("hemogate.db"), &ANALYSERS);
    let daemon = Daemon::start(&config);
    let ballast = disk.fill();
    let mut line = Mllp::dial(daemon.address("alt")).unwrap();
    let mut number = 0;
    let refused = loop {
        let id = format!("M{number}");
        let message = messages::mindray_alt(&messages::din(number), "22", &id);
        line.write(&support::wire::block(message.as_bytes())).unwrap();
        let acknowledgement = line.acknowledgement().unwrap();
        if !acknowledgement.contains("MSA|AA|") {
            break acknowledgement;
        }
        number += 1;
        assert!(number < 10_000, "the disk never filled");
    };
    assert!(refused.contains(&format!("|M{number}|")), "{refused}");
    assert!(refused.contains("full"), "says what happened: {refused}");
    fs::remove_file(ballast).unwrap();
    let id = format!("M{number}");
    let message = messages::mindray_alt(&messages::din(number), "22", &id);
    assert_eq!(line.send(&message, &id), Sent::Acknowledged);
}

#[test]
fn a_store_made_read_only_stops_acknowledgements_until_it_is_writable() {
    // On a real disk: an immutable file on a tmpfs can still be written through an open handle.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let config = write_config(folder.path(), &ANALYSERS);
    let daemon = Daemon::start(&config);
    assert_eq!(send_until_refused(&daemon, 0, 5), 5);
    let files = store_files(folder.path());
    let immutable = Immutable::set(files);
    assert_eq!(send_until_refused(&daemon, 5, 6), 5, "acknowledged on a read-only store");
    assert_eq!(daemon.get("/readyz").0, 503);
    drop(immutable);
    until_ready(&daemon);
    assert_eq!(send_until_refused(&daemon, 5, 10), 10, "it recovered");
    assert_eq!(daemon.get("/readyz").0, 200);
    assert_present(&daemon, 10);
}

#[test]
fn a_read_only_store_is_refused_at_start() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let config = write_config(folder.path(), &ANALYSERS);
    let mut daemon = Daemon::start(&config);
    assert_eq!(daemon.terminate(), Some(0));
    let _immutable = Immutable::set(store_files(folder.path()));
    let Err(words) = Daemon::try_start(&config) else { panic!("it started") };
    assert!(words.contains("hemogate.db"), "names the file: {words}");
}

#[test]
fn a_store_moved_away_stops_acknowledgements_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &ANALYSERS);
    let daemon = Daemon::start(&config);
    assert_eq!(send_until_refused(&daemon, 0, 5), 5);
    let (here, away) = (folder.path().join("hemogate.db"), folder.path().join("away.db"));
    fs::rename(&here, &away).unwrap();
    assert_eq!(send_until_refused(&daemon, 5, 6), 5, "acknowledged into a file nobody will find");
    fs::rename(&away, &here).unwrap();
    assert_eq!(send_until_refused(&daemon, 5, 10), 10, "it recovered");
    assert_present(&daemon, 10);
}

/// Files set immutable, until dropped.
struct Immutable {
    files: Vec<PathBuf>,
}

impl Immutable {
    fn set(files: Vec<PathBuf>) -> Immutable {
        for file in &files {
            as_root(&["chattr", "+i", path(file)]);
        }
        Immutable { files }
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = root_command(&["chattr", "-i", path(file)]).status();
        }
    }
}

fn store_files(folder: &Path) -> Vec<PathBuf> {
    let names = ["hemogate.db", "hemogate.db-wal"];
    names.iter().map(|name| folder.join(name)).filter(|file| file.exists()).collect()
}

/// Sends messages `from..to`; the number of the first one that was not acknowledged, or `to`.
fn send_until_refused(daemon: &Daemon, from: u32, to: u32) -> u32 {
    let mut line = Lis01::dial(daemon.address("serology")).unwrap();
    let refused = (from..to).find(|number| {
        line.send(&messages::e601_clean(&messages::din(*number))) != Sent::Acknowledged
    });
    refused.unwrap_or(to)
}

/// What was acknowledged is there, once.
fn assert_present(daemon: &Daemon, acknowledged: u32) {
    for number in 0..acknowledged {
        let donation = daemon.donation(&messages::din(number));
        let observations = donation["observations"].as_array().unwrap();
        assert_eq!(observations.len(), 4, "message {number}");
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn as_root(command: &[&str]) {
    let status = root_command(command).status().unwrap();
    assert!(status.success(), "{command:?} failed: these tests need root or sudo without a prompt");
}

fn root_command(words: &[&str]) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.starts_with(b"0\n") {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        return command;
    }
    let mut command = Command::new("sudo");
    command.arg("-n").args(words);
    command
}
