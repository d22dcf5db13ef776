//! FM-21: a report named a reagent of today as good although it had expired. Here the day on which
//! a reagent expires is compared with the day of the result by us, whatever the analyser calls it.

use crate::support::bench::Bench;
use crate::support::messages;

const PROFILE: &str = r#"
extends = "roche-cobas-e601"
name = "e601-with-lots"
version = "1"
date = 2026-01-15
title = "cobas e 601 that sends its reagents"
confidence = "low"
built_from = "an assumption"

[fields]
reagent_lot = "R.15"
reagent_expiry = "R.16"

[reagent]
required = true
"#;

const ANALYSER: &str = "[[analyser]]\nid = \"serology\"\nprofile = \"lots.toml\"\n\
                        tcp_listen = \"127.0.0.1:0\"\n";

/// A bench, and what a donation comes to whose results were made with such a reagent.
fn reasons(number: u32, reagent: &str) -> String {
    let bench = Bench::written(ANALYSER, &[("lots.toml", PROFILE)]);
    let din = messages::din(number);
    bench.daemon.register(&messages::registration(&din));
    let sent = messages::e601_clean(&din).replace("||E11\r", &format!("||E11|{reagent}\r"));
    bench.astm("serology", &sent);
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 4, "{donation}");
    assert_ne!(donation["verdict"], "releasable");
    donation.to_string()
}

#[test]
fn fm_21_a_reagent_that_had_expired_holds_the_donation() {
    let told = reasons(1, "L12|20260104");
    assert!(told.contains("\"verdict\":\"hold\""), "{told}");
    assert!(told.contains("REAGENT_EXPIRED"), "{told}");
    assert!(told.contains("\"reagent_expiry\":\"2026-01-04\""), "{told}");
}

#[test]
fn fm_21_a_reagent_of_which_nothing_was_sent_holds_where_it_must_be_known() {
    for (number, reagent) in [(2, ""), (3, "L12"), (4, "|20260105")] {
        let told = reasons(number, reagent);
        assert!(told.contains("\"verdict\":\"hold\""), "{reagent:?}: {told}");
        assert!(told.contains("REAGENT_UNKNOWN"), "{reagent:?}: {told}");
    }
}

#[test]
fn fm_21_a_reagent_on_its_last_day_holds_nothing() {
    let told = reasons(5, "L12|20260105");
    assert!(!told.contains("REAGENT_") && !told.contains("\"verdict\":\"hold\""), "{told}");
}
