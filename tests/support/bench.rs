//! A laboratory bench for tests: a daemon with one analyser of each kind, and what they send.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use super::messages;
use super::process::{Daemon, write_config};
use super::wire::{Lis01, Mllp, Sent};

/// The analysers of the bench: id and profile.
pub const ANALYSERS: [(&str, &str); 4] = [
    ("serology", "roche-cobas-e601"),
    ("alt", "mindray-bs"),
    ("nat", "roche-cobas-6800"),
    ("grouping", "ortho-vision"),
];

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
