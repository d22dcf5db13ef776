//! FM-10: a label was peeled off, a tube was scanned with the wrong prefix, and its positive result
//! was never flagged because an unknown prefix was treated as the usual one. Here only the prefixes
//! that the profile lists are taken away: a number behind any other joins no donation, the donation
//! waits, and somebody is told.

use crate::support::bench::Bench;
use crate::support::messages;

const PROFILE: &str = r#"
extends = "roche-cobas-e601"
name = "e601-behind-a-scanner"
version = "1"
date = 2026-01-15
title = "cobas e 601 whose scanner writes a sign before each number"
confidence = "low"
built_from = "an assumption"
id_prefixes = ["$"]
"#;

const ANALYSER: &str = "[[analyser]]\nid = \"serology\"\nprofile = \"scanner.toml\"\n\
                        tcp_listen = \"127.0.0.1:0\"\n";

/// What a donation comes to whose tube was scanned so.
fn scanned(prefix: &str) -> (serde_json::Value, usize) {
    let bench = Bench::written(ANALYSER, &[("scanner.toml", PROFILE)]);
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    bench.astm("serology", &messages::e601_clean(&format!("{prefix}{din}")));
    let (_, unread) = bench.daemon.get("/api/v1/messages?state=unread");
    (bench.daemon.donation(&din), unread["messages"].as_array().unwrap().len())
}

#[test]
fn fm_10_a_listed_prefix_is_no_part_of_the_number() {
    for prefix in ["", "$"] {
        let (donation, unread) = scanned(prefix);
        assert_eq!(donation["observations"].as_array().unwrap().len(), 4, "{donation}");
        assert_eq!(unread, 0, "{prefix:?}");
    }
}

#[test]
fn fm_10_a_number_behind_an_unknown_prefix_joins_no_donation_and_is_told() {
    for prefix in ["#", "$$", "%", "X", "A-"] {
        let (donation, unread) = scanned(prefix);
        let observations = donation["observations"].as_array().unwrap();
        assert!(observations.is_empty(), "{prefix:?}: {donation}");
        assert_eq!(unread, 1, "somebody is told of {prefix:?}");
        let reasons = donation["reasons"].to_string();
        assert!(reasons.contains("UNPROCESSED_MESSAGE"), "{prefix:?}: {donation}");
        assert_eq!(donation["verdict"], "pending", "{prefix:?}: {donation}");
    }
}
