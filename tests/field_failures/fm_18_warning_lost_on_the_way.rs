//! FM-18: results taken while the analyser was out of its temperature window were sent without the
//! warning text. Here whatever warns beside a result blocks it: an alarm code, a comment, a record
//! of the maker's; and where the analyser is known to send its alarm field always, a result
//! without one counts as one with an alarm.

use serde_json::Value;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::Sent;

fn passed(donation: &Value, check: &str) -> bool {
    donation["passed"].as_array().unwrap().iter().any(|passed| passed["name"] == check)
}

fn sent(number: u32, change: impl Fn(&str) -> String) -> (Bench, Value) {
    let bench = Bench::start();
    let din = messages::din(number);
    bench.daemon.register(&messages::registration(&din));
    let clean = messages::e601_clean(&din);
    let changed = change(&clean);
    assert_ne!(clean, changed);
    bench.astm("serology", &changed);
    let donation = bench.daemon.donation(&din);
    (bench, donation)
}

#[test]
fn fm_18_an_alarm_beside_a_result_holds_the_donation() {
    let (_bench, donation) = sent(1, |clean| clean.replacen("C|1|I|0|I", "C|1|I|27|I", 1));
    assert_eq!(donation["verdict"], "hold", "{donation}");
    assert!(!passed(&donation, "anti-hcv"), "{donation}");
}

#[test]
fn fm_18_a_result_whose_alarm_field_was_lost_counts_as_one_with_an_alarm() {
    let (_bench, donation) = sent(2, |clean| clean.replacen("C|1|I|0|I\r", "", 1));
    assert_ne!(donation["verdict"], "releasable");
    assert!(!passed(&donation, "anti-hcv"), "{donation}");
    assert!(passed(&donation, "hbsag"), "its neighbours keep theirs: {donation}");
}

#[test]
fn fm_18_a_record_of_the_makers_that_nobody_knows_blocks() {
    let warning = "M|1|TEMP|incubator out of range\r";
    for place in ["R|1|", "R|2|", "L|1|N"] {
        let change = |clean: &str| clean.replacen(place, &format!("{warning}{place}"), 1);
        let (bench, donation) = sent(3, change);
        assert_ne!(donation["verdict"], "releasable");
        let reasons = donation["reasons"].to_string();
        let blocks = ["UNACCOUNTED", "UNPROCESSED_MESSAGE"];
        assert!(blocks.iter().any(|code| reasons.contains(code)), "{place}: {donation}");
        let (_, unread) = bench.daemon.get("/api/v1/messages?state=unread");
        assert_eq!(unread["messages"].as_array().unwrap().len(), 1, "somebody is told: {unread}");
    }
}

#[test]
fn fm_18_a_note_beside_an_hl7_result_blocks() {
    let bench = Bench::start();
    let din = messages::din(4);
    bench.daemon.register(&messages::registration(&din));
    let noted = messages::mindray_alt(&din, "22", "m1") + "NTE|1||reaction disc temperature\r";
    assert_eq!(bench.hl7("alt", &noted, "m1"), Sent::Refused, "AE: kept, and told");
    let donation = bench.daemon.donation(&din);
    assert!(!passed(&donation, "alt"), "{donation}");
    let reasons = donation["reasons"].to_string();
    let blocks = ["UNACCOUNTED", "UNPROCESSED_MESSAGE"];
    assert!(blocks.iter().any(|code| reasons.contains(code)), "{donation}");
}
