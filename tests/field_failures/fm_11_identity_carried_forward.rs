//! FM-11: identities were carried forward from whatever the user had done before. Here a record
//! without a number has none: nothing is taken from the record, the message or the line before it.

use serde_json::Value;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::Sent;

fn observed(donation: &Value) -> usize {
    donation["observations"].as_array().unwrap().len()
}

#[test]
fn fm_11_an_order_without_a_number_takes_none_from_the_order_before_it() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let first = messages::e601(&din, 515, -1, "0.30", "20260105115617");
    let second = messages::e601("", 286, -1, "0.10", "20260105115617");
    let from = |text: &str, mark: &str| text[text.find(mark).unwrap()..].to_owned();
    let ends = "L|1|N\r";
    // Once below the same patient, once below a patient of its own.
    for (index, mark) in ["O|1|", "P|1|"].into_iter().enumerate() {
        let joined = first.replace(ends, "") + &from(&second, mark);
        let joined = joined.replace("20260105115617", &format!("2026010511561{index}"));
        bench.astm("serology", &joined);
        let donation = bench.daemon.donation(&din);
        assert_eq!(observed(&donation), index + 1, "{mark}: {donation}");
    }
    let donation = bench.daemon.donation(&din);
    let assays: Vec<_> = donation["observations"].as_array().unwrap().iter().collect();
    assert!(assays.iter().all(|one| one["assay"] == "hbsag"), "{donation}");
}

#[test]
fn fm_11_a_message_without_a_number_takes_none_from_the_message_before_it() {
    let bench = Bench::start();
    let din = messages::din(2);
    bench.daemon.register(&messages::registration(&din));
    bench.astm("serology", &messages::e601(&din, 515, -1, "0.30", "20260105115617"));
    bench.astm("serology", &messages::e601("", 286, -1, "0.10", "20260105115617"));
    assert_eq!(observed(&bench.daemon.donation(&din)), 1);
    let alt = messages::mindray_alt(&din, "22", "m1");
    assert_eq!(bench.hl7("alt", &alt, "m1"), Sent::Acknowledged);
    // The tube's number is left out, the patient's is still there.
    let blank = messages::mindray_alt("", "900", "m2").replace("PID|1|101|", &pid(&din));
    assert_eq!(bench.hl7("alt", &blank, "m2"), Sent::Acknowledged);
    assert_eq!(observed(&bench.daemon.donation(&din)), 2);
}

fn pid(din: &str) -> String {
    format!("PID|1|{din}|")
}
