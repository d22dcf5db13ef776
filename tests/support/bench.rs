//! A laboratory bench for tests: a daemon with one analyser of each kind, and what they send.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hemogate::clock;
use serde_json::Value;
use tempfile::TempDir;

use super::messages;
use super::process::{Daemon, write_config, write_config_text};
use super::wire::{Lis01, Mllp, Sent};

/// The analysers of the bench: id and profile.
pub const ANALYSERS: [(&str, &str); 4] = [
    ("serology", "roche-cobas-e601"),
    ("alt", "mindray-bs"),
    ("nat", "roche-cobas-6800"),
    ("grouping", "ortho-vision"),
];

/// Longest wait for anything; only a failing test takes that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A daemon with its folder.
pub struct Bench {
    /// The daemon.
    pub daemon: Daemon,
    /// Its configuration.
    pub config: PathBuf,
    /// Its folder, gone with the bench.
    pub folder: TempDir,
}

impl Bench {
    /// Starts the daemon.
    pub fn start() -> Bench {
        Bench::with(&ANALYSERS)
    }

    /// Starts the daemon with other analysers.
    pub fn with(analysers: &[(&str, &str)]) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let config = write_config(folder.path(), analysers);
        Bench { daemon: Daemon::start(&config), config, folder }
    }

    /// Starts the daemon with analysers' tables as they stand, and profiles of the site's own.
    pub fn written(analysers: &str, profiles: &[(&str, &str)]) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in profiles {
            std::fs::write(folder.path().join(name), text).expect("the profile is written");
        }
        let store = folder.path().join("hemogate.db");
        let config = write_config_text(folder.path(), &store, analysers);
        Bench { daemon: Daemon::start(&config), config, folder }
    }

    /// Ends the daemon at once and starts it anew.
    pub fn restart(&mut self) {
        self.daemon.kill();
        self.daemon = Daemon::start(&self.config);
    }

    /// One analyser's line, as a technician sees it.
    pub fn link(&self, analyser: &str) -> Value {
        let (status, links) = self.daemon.get("/api/v1/links");
        assert_eq!(status, 200, "{links}");
        let links = links["links"].as_array().expect("links");
        let own = links.iter().find(|link| link["analyser"] == analyser);
        own.unwrap_or_else(|| panic!("no {analyser} in {links:?}")).clone()
    }

    /// The kinds of the alarms (`alarms`) or notes (`notes`) of a line.
    pub fn kinds(&self, analyser: &str, what: &str) -> Vec<String> {
        let link = self.link(analyser);
        let rows = link[what].as_array().unwrap_or_else(|| panic!("no {what} in {link}"));
        rows.iter().map(|row| row["kind"].as_str().expect("a kind").to_owned()).collect()
    }

    /// One number of `/metrics`; `None` where there is none.
    pub fn metric(&self, name_and_labels: &str) -> Option<u64> {
        let (_, text) = self.daemon.get_text("/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(name_and_labels));
        line.map(|value| value.trim().parse().expect("a number"))
    }

    /// Asks until it is so, for a while.
    pub fn until(&self, what: &str, is_so: impl Fn(&Bench) -> bool) {
        let deadline = clock::moment().plus(PATIENCE);
        while !is_so(self) {
            assert!(clock::moment() < deadline, "waited in vain: {what}");
        }
    }

    /// `hemogate links`: status and what it said.
    pub fn links_command(&self) -> (Option<i32>, String, String) {
        let http = self.daemon.address("http").to_string();
        let ran = Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .args(["links", "--http", &http])
            .output()
            .expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
    }

    /// Sends one ASTM message to an analyser's line and insists on its acknowledgement.
    pub fn astm(&self, analyser: &str, message: &str) {
        let mut line = Lis01::dial(self.daemon.address(analyser)).expect("dials");
        assert_eq!(line.send(message), Sent::Acknowledged, "{message:?}");
    }

    /// Sends one HL7 message to an analyser's line; what became of it.
    pub fn hl7(&self, analyser: &str, message: &str, control_id: &str) -> Sent {
        let mut line = Mllp::dial(self.daemon.address(analyser)).expect("dials");
        line.send(message, control_id)
    }

    /// Everything a donation needs except its groups, all good.
    pub fn send_clean(&self, din: &str) {
        self.astm("serology", &messages::e601_clean(din));
        let alt = messages::mindray_alt(din, "22", din);
        assert_eq!(self.hl7("alt", &alt, din), Sent::Acknowledged);
        let nat = messages::mpx(din, "Non-Reactive", "Non-Reactive", "Non-Reactive", din);
        assert_eq!(self.hl7("nat", &nat, din), Sent::Acknowledged);
    }

    /// The verdict of a donation.
    pub fn verdict(&self, din: &str) -> String {
        let donation = self.daemon.donation(din);
        donation["verdict"].as_str().expect("a verdict").to_owned()
    }

    /// The reason codes of a donation.
    pub fn reasons(&self, din: &str) -> Vec<String> {
        codes(&self.daemon.donation(din))
    }
}

/// The reason codes in a donation or a feed row.
pub fn codes(row: &Value) -> Vec<String> {
    let reasons = row["reasons"].as_array().expect("reasons");
    reasons.iter().map(|reason| reason["code"].as_str().expect("a code").to_owned()).collect()
}
