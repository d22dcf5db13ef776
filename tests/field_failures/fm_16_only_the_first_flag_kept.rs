//! FM-16: a flag field repeated four times (assay, haemolysis, icterus, turbidity); a driver used
//! the first and dropped the others. Here every repeat is kept, and one that nobody knows blocks.

use crate::support::bench::Bench;
use crate::support::messages;

#[test]
fn fm_16_every_repeat_of_the_flag_field_is_kept_and_blocks() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let clean = messages::e601_clean(&din);
    let flagged = clean.replacen("|COI||N||F|", "|COI||N\\HEM\\ICT\\TUR||F|", 1);
    assert_ne!(clean, flagged);
    bench.astm("serology", &flagged);
    let donation = bench.daemon.donation(&din);
    let first = &donation["observations"][0];
    assert_eq!(first["flags"], serde_json::json!(["N", "HEM", "ICT", "TUR"]), "{first}");
    assert!(!first["unaccounted"].as_array().unwrap().is_empty(), "{first}");
    assert!(bench.reasons(&din).contains(&"UNACCOUNTED".to_owned()));
    let (_, unread) = bench.daemon.get("/api/v1/messages?state=unread");
    assert_eq!(unread["messages"].as_array().unwrap().len(), 1, "somebody is told: {unread}");
}
