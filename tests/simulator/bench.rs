//! The real daemon in a process of its own, with a line for each make.

use std::net::SocketAddr;
use std::path::PathBuf;

use hemogate::simulator::{Model, PlannedDonation};
use serde_json::{Value, json};

use crate::support::process::Daemon;

/// A daemon and its folder.
pub struct Bench {
    pub daemon: Daemon,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// A line for each of these, named as its profile.
    pub fn of(models: &[Model]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let config = written(folder.path().join("test.toml"), models);
        Bench { daemon: Daemon::start(&config), _folder: folder }
    }

    /// Where this make dials.
    pub fn address(&self, model: Model) -> SocketAddr {
        self.daemon.address(model.profile())
    }

    /// Registers what is planned.
    pub fn register(&self, donations: &[PlannedDonation]) {
        donations.iter().for_each(|donation| self.daemon.register(&planned(donation)));
    }
}

fn written(config: PathBuf, models: &[Model]) -> PathBuf {
    let mut text = "[store]\npath = \"test.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
                    [rules]\nfile = \"cn\"\n"
        .to_owned()
        + &crate::support::process::results_only();
    for model in models {
        let tests = model.site_tests().iter();
        let tests: Vec<_> =
            tests.map(|(code, assay)| format!("\"{code}\" = \"{assay}\"")).collect();
        text.push_str(&format!(
            "[[analyser]]\nid = \"{0}\"\nprofile = \"{0}\"\ntcp_listen = \"127.0.0.1:0\"\n\
             tests = {{ {1} }}\n",
            model.profile(),
            tests.join(", ")
        ));
    }
    std::fs::write(&config, text).unwrap();
    config
}

fn planned(donation: &PlannedDonation) -> Value {
    let group = donation
        .donor
        .historic_group
        .map(|group| json!({ "abo": group.abo.id(), "rhd": group.rhd.id() }));
    json!({
        "din": donation.din,
        "collected_at": donation.collected_at.to_string(),
        "site": donation.site,
        "donor": {
            "kind": donation.donor.kind.id(),
            "deferred": donation.donor.deferred,
            "historic_group": group,
        },
    })
}

/// A first donation of a donor who may give, under this number.
pub fn registration(din: &str) -> Value {
    json!({
        "din": din,
        "collected_at": "2026-01-01T08:00:00Z",
        "site": "01",
        "donor": { "kind": "first", "deferred": false, "historic_group": null },
    })
}
