//! FM-14: a module that compared names by their sound made duplicate donor records, and others
//! merge what looks alike. Here two numbers are the same donation only where every character is the
//! same: one digit, two digits swapped or another case make two, and no name ever joins any.

use crate::support::bench::Bench;
use crate::support::messages;

/// Numbers that are easily taken for G123426000012.
const ALIKE: [&str; 5] =
    ["G123426000013", "G123426000021", "G123462000012", "Q123426000012", "G123426000072"];

#[test]
fn fm_14_numbers_that_differ_in_one_character_are_two_donations() {
    let bench = Bench::start();
    let own = messages::din(12);
    assert_eq!(own, "G123426000012");
    let all: Vec<&str> = ALIKE.into_iter().chain([own.as_str()]).collect();
    for din in &all {
        bench.daemon.register(&messages::registration(din));
    }
    for (count, din) in all.iter().enumerate() {
        bench.astm("serology", &messages::e601(din, 515, 1, "9.90", "20260105115617"));
        for (index, other) in all.iter().enumerate() {
            let donation = bench.daemon.donation(other);
            let observed = donation["observations"].as_array().unwrap().len();
            assert_eq!(observed, usize::from(index <= count), "{other} after {din}");
        }
    }
}

#[test]
fn fm_14_another_case_and_letters_that_look_like_digits_join_no_donation() {
    let bench = Bench::start();
    let own = messages::din(12);
    bench.daemon.register(&messages::registration(&own));
    for alike in [
        "g123426000012",
        "G12342600OO12",
        "G1234260000l2",
        "G123426 000012",
        "Ｇ123426000012",
        "G12342600001",
        "G1234260000120",
    ] {
        let sent = messages::e601(alike, 515, 1, "9.90", "20260105115617");
        if sent.is_ascii() {
            bench.astm("serology", &sent);
        }
        let donation = bench.daemon.donation(&own);
        assert!(donation["observations"].as_array().unwrap().is_empty(), "{alike}: {donation}");
        assert_eq!(donation["verdict"], "pending", "{alike}");
    }
}

#[test]
fn fm_14_one_name_on_two_tubes_joins_nothing() {
    let bench = Bench::start();
    let dins = [messages::din(21), messages::din(22)];
    for din in &dins {
        bench.daemon.register(&messages::registration(din));
        let sent = messages::e601(din, 515, -1, "0.30", "20260105115617");
        let named = sent.replace("P|1|||||||U||||||^\r", "P|1|77|77|77|DOE^JANE||19700101|F\r");
        assert_ne!(named, sent);
        bench.astm("serology", &named);
    }
    for din in &dins {
        let donation = bench.daemon.donation(din);
        assert_eq!(donation["observations"].as_array().unwrap().len(), 1, "{donation}");
    }
}
