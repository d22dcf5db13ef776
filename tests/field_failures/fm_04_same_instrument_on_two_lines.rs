//! FM-04: an analyser sent on its serial and its Ethernet line at once; streams crossed, results
//! were doubled, missing or another patient's. Here each line has its own parser; two copies that
//! agree are one result, two that disagree hold the donation.

use crate::support::bench::Bench;
use crate::support::messages;

const LINES: [(&str, &str); 2] =
    [("e601-serial", "roche-cobas-e601"), ("e601-ethernet", "roche-cobas-e601")];

#[test]
fn fm_04_two_copies_that_agree_count_once() {
    let bench = Bench::with(&LINES);
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let message = messages::e601(&din, 515, 1, "3.20", "20260105115617");
    bench.astm("e601-serial", &message);
    bench.astm("e601-ethernet", &message);
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 1, "{donation}");
    let reasons = bench.reasons(&din);
    assert!(reasons.contains(&"INITIAL_REACTIVE".to_owned()), "a copy is no repeat: {reasons:?}");
}

#[test]
fn fm_04_two_copies_that_disagree_hold_the_donation() {
    let bench = Bench::with(&LINES);
    let din = messages::din(2);
    bench.daemon.register(&messages::registration(&din));
    let time = "20260105115617";
    bench.astm("e601-serial", &messages::e601(&din, 515, -1, "0.30", time));
    bench.astm("e601-ethernet", &messages::e601(&din, 515, -1, "0.40", time));
    assert_eq!(bench.verdict(&din), "hold");
    assert!(bench.reasons(&din).contains(&"DUPLICATE_ID_CONFLICT".to_owned()));
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 2, "both are kept");
}

/// One instrument, named as such, on a serial server and on Ethernet.
const NAMED: &str = r#"
[[analyser]]
id = "e601-serial"
profile = "roche-cobas-e601"
tcp_listen = "127.0.0.1:0"
instrument = "e601"
[[analyser]]
id = "e601-ethernet"
profile = "roche-cobas-e601"
tcp_listen = "127.0.0.1:0"
instrument = "e601"
[[analyser]]
id = "other"
profile = "roche-cobas-e601"
tcp_listen = "127.0.0.1:0"
instrument = "e602"
"#;

#[test]
fn fm_04_an_instrument_that_sends_on_both_lines_is_an_alarm_on_both() {
    let mut bench = Bench::written(NAMED, &[]);
    let (one, two) = (messages::din(3), messages::din(4));
    bench.daemon.register(&messages::registration(&one));
    let time = "20260105115617";
    bench.astm("e601-serial", &messages::e601(&one, 515, -1, "0.30", time));
    bench.astm("other", &messages::e601(&two, 515, -1, "0.30", time));
    let (status, _, said) = bench.links_command();
    assert_eq!((status, said.as_str()), (Some(0), ""), "each instrument is on one line");
    bench.astm("e601-ethernet", &messages::e601(&one, 515, -1, "0.40", time));
    for (line, peer) in [("e601-serial", "e601-ethernet"), ("e601-ethernet", "e601-serial")] {
        bench.until("the alarm", |bench| bench.kinds(line, "alarms") == ["two-lines"]);
        let text = bench.link(line)["alarms"][0]["text"].to_string();
        assert!(text.contains(peer) && text.contains("leave one line plugged in"), "{text}");
        let raised = format!(r#"hemogate_link_alarm{{analyser="{line}",kind="two-lines"}}"#);
        assert_eq!(bench.metric(&raised), Some(1));
    }
    assert!(bench.kinds("other", "alarms").is_empty());
    let (status, _, said) = bench.links_command();
    assert_eq!(status, Some(1));
    assert!(said.contains("ALARM"), "{said}");
    assert_eq!(bench.verdict(&one), "hold", "the two copies disagree");
    let log = bench.daemon.terminate_and_read_log();
    assert_eq!(log.matches("ALARM: analyser ").count(), 2, "once for each line: {log}");
    assert!(!log.contains(&one), "no number of a donation: {log}");
}
