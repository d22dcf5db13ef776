//! FM-13: sex and age sent by an analyser overwrote what the laboratory knew and changed which
//! ranges applied. Here nothing that an analyser says about a person is used: neither the verdict
//! nor a reading changes, and what is registered stays as it was.

use serde_json::Value;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::Sent;

/// Two donations with the same results, the second under other people's names.
fn both(send: impl Fn(&Bench, &str, bool)) -> (Value, Value) {
    let bench = Bench::start();
    let dins = [messages::din(1), messages::din(2)];
    for (din, named) in dins.iter().zip([false, true]) {
        bench.daemon.register(&messages::registration(din));
        send(&bench, din, named);
    }
    let [plain, named] = dins.map(|din| {
        let mut donation = bench.daemon.donation(&din);
        assert_eq!(donation["registration"]["donor"], messages::registration(&din)["donor"]);
        for observation in donation["observations"].as_array_mut().unwrap() {
            let fields = observation.as_object_mut().unwrap();
            fields.retain(|key, _| ["assay", "value", "reading", "number"].contains(&key.as_str()));
        }
        let kept = ["verdict", "passed", "observations"];
        let fields = donation.as_object_mut().unwrap();
        fields.retain(|key, _| kept.contains(&key.as_str()));
        for passed in donation["passed"].as_array_mut().unwrap() {
            passed.as_object_mut().unwrap().retain(|key, _| key == "name");
        }
        donation
    });
    (plain, named)
}

#[test]
fn fm_13_sex_age_and_name_beside_an_astm_result_change_nothing() {
    let person = "P|1|77||LAB9|DOE^JANE||19150101|F||||||||||||||||||WARD7\r";
    let (plain, named) = both(|bench, din, is_named| {
        let clean = messages::e601_clean(din);
        let sent = clean.replace("P|1|||||||U||||||^\r", person);
        assert_ne!(sent, clean);
        bench.astm("serology", if is_named { &sent } else { &clean });
    });
    assert_eq!(plain, named);
    assert_eq!(plain["observations"].as_array().unwrap().len(), 4);
}

#[test]
fn fm_13_sex_age_and_name_beside_an_hl7_result_change_no_limit() {
    // Between a woman's and a man's usual limit for ALT.
    let (plain, named) = both(|bench, din, is_named| {
        let usual = messages::mindray_alt(din, "38", din);
        let person = "PID|1|101|||DOE^JANE||19150101|F\r";
        let sent = usual.replace("PID|1|101|||||||\r", person);
        assert_ne!(sent, usual);
        let text = if is_named { &sent } else { &usual };
        assert_eq!(bench.hl7("alt", text, din), Sent::Acknowledged);
    });
    assert_eq!(plain, named);
    assert_eq!(plain["observations"].as_array().unwrap().len(), 1);
}
