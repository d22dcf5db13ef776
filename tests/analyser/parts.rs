//! One value for several assays, codes at two places, and results that only sum up others.

use hemogate::analyser::{MessageReading, Profile};
use hemogate::domain::{AboGroup, Assay, Effect, Reading, RhdType};

use crate::bench::profiled;

/// A small analyser for blood groups; the tests break it in one place.
const GROUPING: &str = r#"
name = "grouping"
version = "1"
date = 2026-11-28
title = "Grouping"
dialect = "lis02"
charset = "utf-8"
confidence = "low"
built_from = "nothing"
missing = ["everything"]

[tests]
"Result/M1/ABO" = "abo"
"Result/M1/D" = "rhd"
"Result/M2" = "antibody-screen"
"Mean" = "hbsag"

[parts]
"Result/M1" = ["ABO", "D"]

[fields]
specimen_id = ["O.3"]
test_code = "R.3.1"
test_code_part = "R.3.2"
value = "R.4"
replicate = "R.6"

[[kind]]
path = "O.12"
codes = { "" = "donor", Q = "control" }

[status]
path = "R.9"
codes = { F = "final", X = "failed" }

[[verdict]]
path = "R.4.1"
abo = { A = "A", "0" = "O" }

[[verdict]]
path = "R.4.2"
rhd = { POS = "positive", NEG = "negative" }

[[verdict]]
path = "R.4.3"
marker = { POS = "reactive", NEG = "nonreactive" }

[[flags]]
path = "R.7"
accepted = { "MEAN" = "of several" }

[[ignore_result]]
when = ["R.3.1 = AntiA | AntiB", "R.4.1 = 0 | 40"]
why = "a well whose reaction is clear"

[[ignore_result]]
when = ["R.7 = MEAN"]
beside = 2
why = "the mean of what follows"

[[flags]]
path = "C.4"
as = "alarm"
otherwise = "holds"

[[ignore]]
paths = ["C.3"]
why = "source"
"#;

fn read(results: &[&str]) -> MessageReading {
    let records = results.join("\r");
    let sent = format!("H|\\^&\rP|1\rO|1|G123498654321\r{records}\rL|1|N\r");
    profiled(GROUPING).read(sent.as_bytes())
}

fn told(reading: &MessageReading) -> Vec<(&str, Option<Assay>, Option<Reading>, usize)> {
    let one = |o: &hemogate::domain::Observation| (o.assay, o.reading, o.unaccounted.len());
    let all = reading.observations.iter().map(|o| (o.test_code.as_str(), one(o)));
    all.map(|(code, (assay, reading, left))| (code, assay, reading, left)).collect()
}

const ABO: Option<Assay> = Some(Assay::Abo);
const RHD: Option<Assay> = Some(Assay::Rhd);

#[test]
fn one_value_answers_for_each_of_its_parts() {
    let reading = read(&["R|1|Result^M1|A^NEG|||||F"]);
    assert_eq!(reading.faults, []);
    assert_eq!(
        told(&reading),
        [
            ("Result/M1/ABO", ABO, Some(Reading::Abo(AboGroup::A)), 0),
            ("Result/M1/D", RHD, Some(Reading::Rhd(RhdType::Negative)), 0),
        ]
    );
    assert!(reading.observations.iter().all(|o| o.value.as_deref() == Some("A^NEG")));
}

#[test]
fn a_part_that_was_not_sent_is_a_result_without_a_verdict() {
    let reading = read(&["R|1|Result^M1|A^|||||F"]);
    let group = Some(Reading::Abo(AboGroup::A));
    let half = [("Result/M1/ABO", ABO, group, 0), ("Result/M1/D", RHD, None, 0)];
    assert_eq!(told(&reading), half);
    let empty = read(&["R|1|Result^M1|^|||||F"]);
    let both = [("Result/M1/ABO", ABO, None, 0), ("Result/M1/D", RHD, None, 0)];
    assert_eq!(told(&empty), both);
    let failed = read(&["R|1|Result^M1||||||X"]);
    let invalid = Some(Reading::Invalid);
    let both = [("Result/M1/ABO", ABO, invalid, 0), ("Result/M1/D", RHD, invalid, 0)];
    assert_eq!(told(&failed), both);
}

#[test]
fn what_is_said_of_an_assay_that_the_test_is_not_for_is_unaccounted() {
    for (value, left) in [("A^NEG^POS", 1), ("A^NEG^NEG", 1), ("A^NEG^^x", 1), ("A^NEG", 0)] {
        let reading = read(&[&format!("R|1|Result^M1|{value}|||||F")]);
        assert!(reading.observations.iter().all(|o| o.unaccounted.len() == left), "{value}");
    }
    let screen = read(&["R|1|Result^M2|^^NEG|||||F"]);
    let nonreactive = Some(Reading::Nonreactive);
    assert_eq!(told(&screen), [("Result/M2", Some(Assay::AntibodyScreen), nonreactive, 0)]);
    let more = read(&["R|1|Result^M2|A^^NEG|||||F"]);
    assert_eq!(more.observations[0].unaccounted[0].text, "A");
}

#[test]
fn a_word_that_nobody_knows_is_unaccounted_in_its_part() {
    let reading = read(&["R|1|Result^M1|?^NEG|||||F"]);
    assert_eq!(
        told(&reading),
        [
            ("Result/M1/ABO", ABO, None, 1),
            ("Result/M1/D", RHD, Some(Reading::Rhd(RhdType::Negative)), 0),
        ]
    );
}

#[test]
fn a_code_at_two_places_is_known_by_both() {
    let reading = read(&["R|1|Result^M9|A^NEG|||||F", "R|2|Result|A^NEG|||||F"]);
    assert_eq!(told(&reading)[0].0, "Result/M9");
    assert_eq!(told(&reading)[1].0, "Result");
    assert!(reading.observations.iter().all(|o| o.assay.is_none()));
}

#[test]
fn a_result_is_ignored_for_one_of_several_values() {
    let clear = ["R|1|AntiA^M1|40^|||||F", "R|2|AntiB^M1|0^|||||F", "R|3|Result^M1|A^NEG|||||F"];
    assert_eq!(read(&clear).observations.len(), 2);
    let unclear = ["R|1|AntiA^M1|DP^|||||F", "R|2|AntiC^M1|0^|||||F"];
    let reading = read(&unclear);
    assert_eq!(reading.observations.len(), 2);
    assert!(reading.observations.iter().all(|o| o.assay.is_none() && o.reading.is_none()));
}

#[test]
fn a_mean_is_no_determination_of_its_own() {
    let mean = "R|1|Mean|^^NEG|||MEAN||F";
    let wells = ["R|2|Mean|^^NEG||1|||F", "R|3|Mean|^^NEG||2|||F"];
    let reading = read(&[mean, wells[0], wells[1]]);
    assert_eq!(reading.faults, []);
    let replicates: Vec<_> =
        reading.observations.iter().map(|o| o.replicate.as_deref().unwrap()).collect();
    assert_eq!(replicates, ["1", "2"]);
    let last = read(&[wells[0], wells[1], mean]);
    assert_eq!(last.observations.len(), 2, "wherever it stands");
}

#[test]
fn a_mean_without_its_determinations_is_a_result_and_held() {
    let mean = "R|1|Mean|^^NEG|||MEAN||F";
    for others in [&[][..], &["R|2|Mean|^^NEG||1|||F"], &["R|2|Result^M2|^^NEG|||||F"; 2]] {
        let reading = read(&[&[mean], others].concat());
        assert_eq!(reading.observations.len(), 1 + others.len());
        let [concern] = &reading.observations[0].concerns[..] else { panic!("{reading:?}") };
        assert_eq!((&*concern.code, concern.effect), ("INCOMPLETE", Effect::Holds));
    }
}

#[test]
fn what_is_attached_to_a_mean_holds_its_determinations() {
    let wells = ["R|2|Mean|^^NEG||1|||F", "R|3|Mean|^^NEG||2|||F"];
    let reading = read(&["R|1|Mean|^^NEG|||MEAN||F", "C|1|I|short", wells[0], wells[1]]);
    assert_eq!(reading.observations.len(), 2);
    assert!(reading.observations.iter().all(|o| o.concerns.len() == 1));
}

#[test]
fn a_value_that_is_not_the_measured_one_is_unaccounted() {
    let text = GROUPING.replace("value = \"R.4\"", "value = \"R.4\"\nmeasured_value = \"R.10\"");
    for (result, left) in [
        ("R|1|Result^M1|A|||||F|A", None),
        ("R|1|Result^M1|A|||||F", None),
        ("R|1|Result^M1|A|||||F|0", Some("0")),
    ] {
        let sent = format!("H|\\^&\rP|1\rO|1|G123498654321\r{result}\rL|1|N\r");
        let reading = profiled(&text).read(sent.as_bytes());
        assert_eq!(reading.observations[0].value.as_deref(), Some("A"));
        let unaccounted = reading.observations[0].unaccounted.first();
        assert_eq!(unaccounted.map(|piece| piece.text.as_str()), left, "{result}");
    }
}

#[test]
fn tests_that_stand_elsewhere_in_further_repeats_are_ordered_tests_too() {
    let places = "ordered_test = \"O.5.4\"\nnext_ordered_test = \"O.5.1\"";
    let status = "[order_status]\npath = \"O.26\"\ncodes = { X = \"failed\" }\n";
    let text = GROUPING.replace("value = \"R.4\"", &format!("value = \"R.4\"\n{places}")).replacen(
        "[[verdict]]",
        &format!("{status}\n[[verdict]]"),
        1,
    );
    let order = "O|1|G123498654321||^^^Mean\\Result/M2|||||||||||||||||||||X";
    let sent = format!("H|\\^&\rP|1\r{order}\rL|1|N\r");
    let reading = profiled(&text).read(sent.as_bytes());
    let codes: Vec<_> = reading.observations.iter().map(|o| o.test_code.as_str()).collect();
    assert_eq!(codes, ["Mean", "Result/M2"]);
}

#[test]
fn parts_that_could_not_be_told_apart_are_refused() {
    let order_codes = "[query]\nanswer_within_s = 1\nspecimen_id = [\"Q.3\"]\n[answer]\n\
                       header = ['H|\\^&', 'P|1']\nspecimen = ['O|{n}|{id}||{codes}']\n\
                       footer = ['L|1']\ncode = '{code}'\nduplicates = \"single\"\n[parts]";
    for (from, to, expected) in [
        ("[\"ABO\", \"D\"]", "[\"ABO\"]", "at least two parts"),
        ("[\"ABO\", \"D\"]", "[\"ABO\", \"D\", \"ABO\"]", "is named twice"),
        ("[\"ABO\", \"D\"]", "[\"ABO\", \"K\"]", "does not say which assay \"Result/M1/K\" is"),
        ("\"Mean\" = \"hbsag\"", "\"Result/M1\" = \"hbsag\"", "whole or has parts"),
        ("[parts]", order_codes, "give [order_codes]"),
        ("beside = 2", "beside = 0", "is not between 1 and"),
        ("beside = 2", "beside = 4097", "is not between 1 and 4096"),
    ] {
        let faults = Profile::parse("grouping.toml", &GROUPING.replacen(from, to, 1)).unwrap_err();
        let texts: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert!(texts.iter().any(|text| text.contains(expected)), "{to}\n{texts:#?}");
    }
}

#[test]
fn a_condition_looks_at_the_parts_of_what_is_split() {
    let split =
        "[[split]]\npath = \"R.3.1\"\nat = \"+\"\n\n[[split]]\npath = \"R.4.1\"\nat = \"-\"\n";
    let text = GROUPING
        .replace("test_code = \"R.3.1\"", "test_code = \"R.3.1.2\"")
        .replace("R.3.1 = AntiA | AntiB", "R.3.1.2 = AntiA | AntiB")
        .replacen("[[kind]]", &format!("{split}\n[[kind]]"), 1);
    let sent = "H|\\^&\rP|1\rO|1|G123498654321\rR|1|1.0+AntiA|40|||||F\rR|2|1.0+AntiC|40|||||F\r\
                L|1|N\r";
    let reading = profiled(&text).read(sent.as_bytes());
    assert_eq!(told(&reading)[0].0, "AntiC");
    assert_eq!(reading.observations.len(), 1);
}
