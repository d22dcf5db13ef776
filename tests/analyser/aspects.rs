//! Several records that make one result: what is missing among them, what contradicts another
//! part, and whether an internal control says that the result counts.

use hemogate::analyser::{Profile, shipped};
use hemogate::domain::{Effect, Observation, Reading, ResultStatus, SpecimenKind};

use crate::bench::{analyser, one};

const HEAD: &str = "H|\\^&|||Panther|||||Host||P|1|\rP|1\r\
    O|1|G123498654321|guid^7|^^^qHIV-1^HIV-1^^1|R||||||||||||||||||||F\r";

/// One viral load of a Panther: its records as aspect and value.
fn panther(records: &[(&str, &str)]) -> Observation {
    let results: String = records
        .iter()
        .map(|(aspect, value)| format!("R|1|^^^qHIV-1^{aspect}^^1|{value}|||||F\r"))
        .collect();
    let sent = format!("{HEAD}{results}L|1|N\r");
    one(&analyser("hologic-panther").read(sent.as_bytes())).clone()
}

fn concerns(observation: &Observation) -> Vec<(&str, Effect)> {
    observation.concerns.iter().map(|concern| (&*concern.code, concern.effect)).collect()
}

#[test]
fn a_word_counts_only_with_a_valid_internal_control_in_whatever_order_they_come() {
    let valid = ("ResultValid", "Valid");
    let held = ("INCOMPLETE", Effect::Holds);
    let void = ("INTERNAL_CONTROL", Effect::Invalidates);
    let found = ("INTERNAL_CONTROL", Effect::Holds);
    let (none, hiv, bad) = (("HIV-1", "Not Detected"), ("HIV-1", "77"), ("ResultValid", "Invalid"));
    let cases = [
        (&[none, valid][..], Reading::Nonreactive, vec![]),
        (&[valid, none], Reading::Nonreactive, vec![]),
        (&[none], Reading::Nonreactive, vec![held]),
        (&[none, ("ICResult", "15")], Reading::Nonreactive, vec![held]),
        (&[none, bad], Reading::Nonreactive, vec![void]),
        (&[bad, none], Reading::Nonreactive, vec![void]),
        (&[hiv, valid], Reading::Reactive, vec![]),
        (&[hiv, bad], Reading::Reactive, vec![found]),
        (&[("HIV-1", "Invalid"), bad], Reading::Invalid, vec![void]),
        (&[("HIV-1", "Invalid")], Reading::Invalid, vec![]),
    ];
    for (records, reading, expected) in cases {
        let observation = panther(records);
        assert_eq!(observation.reading, Some(reading), "{records:?}");
        assert_eq!(concerns(&observation), expected, "{records:?}");
        assert_eq!(observation.unaccounted, [], "{records:?}");
    }
}

#[test]
fn a_word_for_validity_that_nobody_knows_is_unaccounted() {
    for word in ["VALID", "Valid?", "OK", "1"] {
        let observation = panther(&[("HIV-1", "Not Detected"), ("ResultValid", word)]);
        assert!(!observation.unaccounted.is_empty(), "{word}");
    }
    let empty = panther(&[("HIV-1", "Not Detected"), ("ResultValid", "")]);
    assert_eq!(concerns(&empty), [("INCOMPLETE", Effect::Holds)], "said nothing, not valid");
}

#[test]
fn the_control_of_one_replicate_or_test_says_nothing_of_another() {
    let record = |code: &str, aspect: &str, replicate: &str, value: &str| {
        format!("R|1|^^^{code}^{aspect}^^{replicate}|{value}|||||F\r")
    };
    let cases = [
        [("qHIV-1", "1"), ("qHIV-1", "2")],
        [("qHIV-1", "2"), ("qHIV-1", "1")],
        [("qHIV-1", "1"), ("qHCV", "1")],
    ];
    for [word, control] in cases {
        let sent = [
            record(word.0, "HIV-1", word.1, "Not Detected"),
            record(control.0, "ResultValid", control.1, "Valid"),
        ]
        .concat();
        let reading = analyser("hologic-panther").read(format!("{HEAD}{sent}L|1|N\r").as_bytes());
        assert_eq!(reading.observations.len(), 2, "{word:?} {control:?}");
        let held = concerns(&reading.observations[0]);
        assert_eq!(held, [("INCOMPLETE", Effect::Holds)], "{word:?} {control:?}");
    }
}

#[test]
fn any_amount_and_any_limit_is_reactive_and_other_words_are_open() {
    let cases = [
        ("Not Detected", Some(Reading::Nonreactive)),
        ("1", Some(Reading::Reactive)),
        ("<30", Some(Reading::Reactive)),
        ("< 30", Some(Reading::Reactive)),
        ("> 10000000", Some(Reading::Reactive)),
        ("0", Some(Reading::Reactive)),
        ("<30 detected", None),
        ("not detected", None),
        ("161,152", None),
        ("", None),
    ];
    for (value, expected) in cases {
        let observation = panther(&[("HIV-1", value), ("ResultValid", "Valid")]);
        assert_eq!(observation.reading, expected, "{value}");
        let open = observation.reading.is_none() && !value.is_empty();
        assert_eq!(!observation.unaccounted.is_empty(), open, "{value}");
    }
}

#[test]
fn light_units_and_cut_offs_are_never_the_ratio() {
    let sent = |sco: &str| {
        let rows = [
            ("ICRLU", "181107"),
            ("ICInterpretation", "Valid"),
            ("AnalyteRLU", "2746489"),
            ("AnalyteSCO", sco),
            ("OverallInterpretation", "POSITIVE"),
            ("Analyte Cutoff", "96000"),
        ];
        panther(&rows)
    };
    assert_eq!(sent("20.07").value.as_deref(), Some("20.07"));
    let without = sent("");
    assert_eq!((without.value.as_deref(), without.number), (None, None));
    assert_eq!(without.reading, Some(Reading::Reactive));
    assert_eq!(concerns(&without), [("INCOMPLETE", Effect::Holds)]);
}

/// One m2000 result: what F and I say, left out where empty.
fn m2000(amount: &str, word: &str) -> Observation {
    let record = |aspect: &str, value: &str| match value {
        "" => String::new(),
        value => format!("R|1|^^^HIV0.6ml^HIV0.6ml^395139^10004558^^{aspect}|{value}|||||F\r"),
    };
    let sent = format!(
        "H|\\^&|||m2000\rP|1\rO|1|G123498654321||^^^HIV0.6ml{}F\r{}{}L|1\r",
        "|".repeat(21),
        record("F", amount),
        record("I", word)
    );
    one(&analyser("abbott-m2000").read(sent.as_bytes())).clone()
}

#[test]
fn amount_and_words_must_agree_and_both_be_sent() {
    let conflict = ("VALUE_TEXT_CONFLICT", Effect::Holds);
    let lost = ("INCOMPLETE", Effect::Holds);
    let cases = [
        ("Not detected", "Target not detected", Reading::Nonreactive, vec![]),
        ("< 40", "Detected", Reading::Reactive, vec![]),
        ("86321", "Detected", Reading::Reactive, vec![]),
        ("< 40", "Target not detected", Reading::Reactive, vec![conflict]),
        ("Not detected", "Detected", Reading::Reactive, vec![conflict]),
        ("Not detected", "", Reading::Nonreactive, vec![lost]),
        ("", "Target not detected", Reading::Nonreactive, vec![lost]),
        ("", "Detected", Reading::Reactive, vec![lost]),
    ];
    for (amount, word, reading, expected) in cases {
        let observation = m2000(amount, word);
        assert_eq!(observation.reading, Some(reading), "{amount} {word}");
        assert_eq!(concerns(&observation), expected, "{amount} {word}");
    }
}

/// One result of an Alinity by ASTM with these flags, its value and its word.
fn alinity(flags: &str, value: &str, word: &str, unit: &str) -> Observation {
    let record = |aspect: &str, value: &str, unit: &str, flags: &str| {
        format!("R|1|^^^161^Anti-HCV^UNDILUTED^{aspect}|{value}|{unit}||{flags}||F\r")
    };
    let sent = format!(
        "H|\\^&|||Alinity ci-series^2.6|||||||P|LIS2-A2\rP|1\rO|1|G123498654321\r{}{}L|1\r",
        record("F", value, unit, flags),
        record("I", word, "", "")
    );
    one(&analyser("abbott-alinity-i-astm").read(sent.as_bytes())).clone()
}

#[test]
fn a_flag_that_cannot_go_with_the_reading_holds_and_never_decides() {
    let conflict = vec![("VALUE_TEXT_CONFLICT", Effect::Holds)];
    let cases = [
        ("N", "8.80", "Reactive", Reading::Reactive, conflict.clone()),
        ("N", "0.08", "Nonreactive", Reading::Nonreactive, vec![]),
        ("HIGH", "8.80", "Reactive", Reading::Reactive, vec![]),
        (">\\HIGH", "> 250.0", "Reactive", Reading::Reactive, vec![]),
        (">", "> 250.0", "Nonreactive", Reading::Nonreactive, conflict.clone()),
        ("<", "< 0.1", "Reactive", Reading::Reactive, conflict),
    ];
    for (flags, value, word, reading, expected) in cases {
        // In another unit no threshold speaks: the flag alone does.
        let observation = alinity(flags, value, word, "mIU/mL");
        assert_eq!(observation.reading, Some(reading), "{flags} {word}");
        assert_eq!(concerns(&observation), expected, "{flags} {word}");
    }
}

#[test]
fn of_several_statuses_the_worst_counts() {
    let status = |sent: &str| {
        let record =
            |aspect: &str, value: &str| format!("R|1|^^^qHIV-1^{aspect}^^1|{value}|||||{sent}\r");
        let (word, control) = (record("HIV-1", "Not Detected"), record("ResultValid", "Valid"));
        let reading =
            analyser("hologic-panther").read(format!("{HEAD}{word}{control}L|1|N\r").as_bytes());
        (one(&reading).status, one(&reading).unaccounted.len())
    };
    assert_eq!(status("F\\R"), (Some(ResultStatus::Retransmitted), 0));
    assert_eq!(status("R\\F"), (Some(ResultStatus::Retransmitted), 0));
    assert_eq!(status("F\\P"), (Some(ResultStatus::Preliminary), 0));
    assert_eq!(status("F\\X"), (Some(ResultStatus::Failed), 0));
    let (unknown, left) = status("F\\Z");
    assert_eq!((unknown, left), (Some(ResultStatus::Final), 2), "and Z is unaccounted");
}

#[test]
fn a_controls_record_is_not_hidden_by_one_nearer_to_the_result() {
    let record = |aspect: &str, value: &str| {
        format!("R|1|^^^161^Anti-HCV^UNDILUTED^{aspect}|{value}|||||F\rM|1|INV|161|CA||||L1\r")
    };
    let sent = |near: &str| {
        format!(
            "H|\\^&|||Alinity|||||||P|LIS2-A2\rP|1\rO|1|G123498654321\r{near}{}{}L|1\r",
            record("F", "0.1"),
            record("I", "Nonreactive")
        )
    };
    let kind = |near: &str| {
        let reading = analyser("abbott-alinity-i-astm").read(sent(near).as_bytes());
        (one(&reading).kind, one(&reading).unaccounted.len())
    };
    assert_eq!(kind(""), (SpecimenKind::Donor, 0));
    assert_eq!(kind("M|1|INV|NEG|CO||||L1\r"), (SpecimenKind::Control, 0));
    assert_eq!(kind("M|1|INV|NEG|ZZ||||L1\r"), (SpecimenKind::Other, 1));
}

fn refused(name: &str, from: &str, to: &str) -> Vec<String> {
    let text = shipped(name).unwrap();
    assert!(text.contains(from), "{from:?} is not in {name}");
    match Profile::parse("it.toml", &text.replacen(from, to, 1)) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_profile_whose_aspects_cannot_decide_is_refused() {
    let cases = [
        ("hologic-panther", "valid = [\"Valid\"]", "", "words that say valid and invalid"),
        ("hologic-panther", "invalid = [\"Invalid\"]", "", "words that say valid and invalid"),
        ("hologic-panther", "invalid = [\"Invalid\"]", "invalid = [\"Valid\"]", "is named twice"),
        ("abbott-m2000", "required = [\"F\", \"I\"]", "required = [\"Z\"]", "is none of the codes"),
        ("abbott-m2000", "I = \"verdict\"", "I = \"validity\"", "words that say valid and invalid"),
        ("abbott-m2000", "I = \"verdict\"", "I = \"word\"", "is not an aspect"),
        (
            "abbott-m2000",
            "number = \"reactive\"",
            "number = \"nonreactive\"",
            "must be \"reactive\"",
        ),
        ("abbott-architect", "\"N\" = \"reactive\"", "\"Z\" = \"reactive\"", "has no effect above"),
        ("abbott-architect", "\"N\" = \"reactive\"", "\"N\" = \"positive\"", "is not a reading"),
    ];
    for (name, from, to, expected) in cases {
        let faults = refused(name, from, to);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{to}: {faults:#?}");
    }
}

/// What took part in a result of an Alinity by ASTM, as days of expiry.
fn alinity_with(expiries: &[&str]) -> Observation {
    let mut parts = String::new();
    for day in expiries {
        parts.push_str(&format!("M|1|INV|161|SR|1|{day}||L1\r"));
    }
    let record = |aspect: &str, value: &str| {
        format!("R|1|^^^161^Anti-HCV^UNDILUTED^{aspect}|{value}|||||F||||20260105121500\r")
    };
    let (value, word) = (record("F", "0.1"), record("I", "Nonreactive"));
    let head = "H|\\^&|||Alinity|||||||P|LIS2-A2\rP|1\rO|1|G123498654321\r";
    let sent = format!("{head}{value}{parts}{word}L|1\r");
    one(&analyser("abbott-alinity-i-astm").read(sent.as_bytes())).clone()
}

#[test]
fn fm_21_of_several_days_of_expiry_the_earliest_counts() {
    let expired = vec![("REAGENT_EXPIRED", Effect::Holds)];
    let cases = [
        (&["20370807"][..], "2037-08-07", vec![]),
        (&["20370807", "20360101120000"], "2036-01-01", vec![]),
        (&["20370807", "20260105"], "2026-01-05", vec![]),
        (&["20370807", "20260104"], "2026-01-04", expired.clone()),
        (&["20260104", "20370807"], "2026-01-04", expired),
    ];
    for (days, earliest, expected) in cases {
        let observation = alinity_with(days);
        assert_eq!(observation.reagent_expiry.unwrap().to_string(), earliest, "{days:?}");
        assert_eq!(concerns(&observation), expected, "{days:?}");
        assert_eq!(observation.unaccounted, [], "{days:?}");
    }
    let torn = alinity_with(&["20370807", "20370832"]);
    assert_eq!(torn.unaccounted.len(), 1, "a day that does not exist is not passed over");
}

#[test]
fn days_of_expiry_are_read_up_to_the_bound_and_the_rest_is_unaccounted() {
    // Statuses, marks, verdict and aspects are codes too.
    let days = |count: usize| -> Vec<String> {
        (0..count).map(|n| format!("2037{:02}{:02}", 1 + n / 28, 1 + n % 28)).collect()
    };
    for (count, left) in [(50, false), (300, true)] {
        let days = days(count);
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        assert_eq!(!alinity_with(&days).unaccounted.is_empty(), left, "{count}");
    }
}
