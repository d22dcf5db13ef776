//! FM-33: work on dates disabled the check of deferred donors, and nobody noticed until blood was
//! transfused. Here known-bad donations are decided by the rule set in force at start and every hour;
//! where one comes out releasable, nothing becomes releasable any more, and that is told.

use std::fs;

use crate::support::messages;
use crate::support::process::{Daemon, write_config_text};
use hemogate::clock;
use hemogate::rules::{RuleSet, canary, shipped, shipped_names};

/// A rule set of which a date switched off the check of HBsAg.
fn lapsed() -> String {
    let text = crate::store_bench::results_only();
    text.replacen("name = \"hbsag\"\n", "name = \"hbsag\"\nuntil = 2026-01-01\n", 1)
}

#[test]
fn fm_33_no_shipped_rule_set_lets_a_known_bad_donation_go_today() {
    for name in shipped_names() {
        let rules = RuleSet::parse(name, shipped(name).unwrap()).unwrap();
        let flight = canary::fly(&rules, clock::utc());
        assert_eq!(flight.alarm(), None, "{name}");
        assert_eq!(flight.unsound, None, "{name}: one thing wrong, and nothing but that");
        assert!(flight.decided > 50);
    }
}

#[test]
fn fm_33_a_check_that_a_date_switched_off_stops_all_release() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lapsed.toml"), lapsed()).unwrap();
    let line = |(id, profile): (&str, &str)| {
        format!(
            "[[analyser]]\nid = \"{id}\"\nprofile = \"{profile}\"\ntcp_listen = \"127.0.0.1:0\"\n"
        )
    };
    let analysers: String = crate::support::bench::ANALYSERS.into_iter().map(line).collect();
    let config = write_config_text(folder.path(), &folder.path().join("h.db"), &analysers);
    let text = fs::read_to_string(&config).unwrap();
    let (above, below) = text.split_once("file = \"cn\"\n").unwrap();
    let (_, below) = below.split_once("[[analyser]]").unwrap();
    let rules = "file = \"./lapsed.toml\"\napprovals = \"not_used\"\n[[analyser]]";
    fs::write(&config, format!("{above}{rules}{below}")).unwrap();

    let mut daemon = Daemon::start(&config);
    let (status, health) = daemon.get("/healthz");
    assert_eq!((status, &health["release"]), (200, &"stopped".into()), "{health}");
    let why = health["why"].as_str().unwrap();
    assert!(why.contains("hbsag: nothing is on record"), "{why}");
    let (_, metrics) = daemon.get_text("/metrics");
    assert!(metrics.contains("hemogate_alarms_total{source=\"release\"} 1"), "{metrics}");
    let din = messages::din(1);
    daemon.register(&messages::registration(&din));
    let log = daemon.terminate_and_read_log();
    assert!(log.contains("ALARM") && log.contains("known-bad"), "{log}");
}
