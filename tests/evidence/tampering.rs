//! Whatever is changed in a bundle, it is refuted, and the words say what differs.

use std::cell::RefCell;
use std::collections::BTreeSet;

use hemogate::evidence::{PublicKey, Report, SiteKey, Verifier};
use serde_json::{Value, json};

use crate::bench::{KEY, agreed, at, bundle, canonical, forged, hash, public, signed};

fn read() -> Value {
    serde_json::from_str(&bundle()).unwrap()
}

/// Pointers to every value in a JSON value that holds no other.
fn leaves(value: &Value, at: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), into));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(n, one)| leaves(one, &format!("{at}/{n}"), into));
        }
        _ => into.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Null => json!("x"),
        Value::Bool(said) => json!(!said),
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::String(text) if text.ends_with('1') => {
            json!(format!("{}2", &text[..text.len() - 1]))
        }
        Value::String(text) => {
            let mut kept = text.clone();
            kept.pop();
            json!(kept + "1")
        }
        Value::Array(_) => json!(["x"]),
        Value::Object(_) => json!({ "x": "x" }),
    }
}

thread_local! {
    static VERIFIER: RefCell<Verifier> = RefCell::default();
}

fn verify(text: &str, key: Option<&PublicKey>) -> Result<Report, String> {
    VERIFIER.with_borrow_mut(|verifier| verifier.verify(text, key))
}

fn is_refuted(text: &str) -> bool {
    verify(text, Some(&public())).map_or(true, |report| !report.is_confirmed())
}

/// One place of each kind: of the items of a list, the first that has it.
fn kinds(value: &Value) -> Vec<String> {
    let mut places = Vec::new();
    leaves(value, "", &mut places);
    let mut seen = BTreeSet::new();
    let kind = |place: &String| place.replace(|c: char| c.is_ascii_digit(), "");
    places.retain(|place| seen.insert(kind(place)));
    places
}

#[test]
fn every_field_that_is_changed_refutes() {
    let bundle = read();
    let places = kinds(&bundle);
    assert!(places.len() > 90, "{}", places.len());
    for place in &places {
        let mut changed = bundle.clone();
        let value = changed.pointer_mut(place).unwrap();
        *value = other(value);
        assert!(is_refuted(&(canonical(&changed) + "\n")), "{place}");
    }
}

#[test]
fn every_field_of_the_content_that_is_changed_and_signed_anew_refutes() {
    let bundle = read();
    for place in &kinds(&bundle["content"]) {
        let change = |content: &mut Value| {
            let value = content.pointer_mut(place).unwrap();
            *value = other(value);
        };
        assert!(is_refuted(&forged(&bundle, change, &KEY, false)), "{place}");
    }
}

#[test]
fn fields_and_items_that_are_left_out_or_put_in_refute() {
    let bundle = read();
    for (name, value) in bundle["content"].as_object().unwrap() {
        let gone = |content: &mut Value| drop(content.as_object_mut().unwrap().remove(name));
        assert!(is_refuted(&forged(&bundle, gone, &KEY, true)), "{name}");
        if value.as_array().is_some_and(|items| !items.is_empty()) {
            let shorter =
                |content: &mut Value| drop(content[name].as_array_mut().unwrap().remove(0));
            assert!(is_refuted(&forged(&bundle, shorter, &KEY, false)), "{name}");
        }
    }
    let more = |content: &mut Value| content["remark"] = json!("seen by nobody");
    assert!(is_refuted(&forged(&bundle, more, &KEY, true)));
    let mut beside = bundle.clone();
    beside["remark"] = json!("seen by nobody");
    assert!(is_refuted(&signed(beside, &KEY)));
}

#[test]
fn a_text_that_is_written_in_another_way_refutes() {
    let text = bundle();
    assert!(is_refuted(text.trim_end()));
    assert!(is_refuted(&text.replacen(':', ": ", 1)));
    assert!(is_refuted(&text.replacen("{\"content\":", "{\"content\":null,\"content\":", 1)));
    let digits = &text[text.find("\"bytes\":\"").unwrap() + 9..][..4];
    assert!(
        is_refuted(&text.replacen(digits, &digits.to_uppercase(), 1))
            || digits == digits.to_uppercase()
    );
}

/// What a forger with another key does refutes only who knows the site's.
#[test]
fn a_bundle_that_is_signed_with_another_key_is_refuted_by_the_sites() {
    let forger = SiteKey::read(&SiteKey::generate().unwrap()).unwrap();
    let forged = forged(&read(), |_| {}, &forger, true);
    let report = verify(&forged, Some(&public())).unwrap();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(report.findings[0].place, "signature");
    assert_eq!(verify(&forged, None).unwrap().signed_by, Some(forger.public()));
}

/// Whoever has the site's key can make all hashes anew; what follows from what cannot be made anew.
fn thorough(change: impl Fn(&mut Value)) -> Report {
    let report = verify(&forged(&read(), change, &KEY, true), Some(&public())).unwrap();
    assert!(!report.is_confirmed());
    report
}

fn told(report: &Report, place: &str) -> String {
    let found = report.findings.iter().filter(|finding| finding.place == place);
    let words: Vec<&str> = found.map(|finding| finding.what.as_str()).collect();
    assert!(!words.is_empty(), "nothing of {place}: {:?}", report.findings);
    words.join("\n")
}

fn bytes_of(message: &Value) -> Vec<u8> {
    let digits = message["bytes"].as_str().unwrap().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn put(message: &mut Value, bytes: &[u8]) {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    message["bytes"] = digits.into();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    message["sha256"] = hemogate::document::sha256(&text).into();
}

#[test]
fn a_byte_of_a_message_is_told_with_its_place() {
    let report = thorough(|content| {
        let message = &mut content["messages"][0];
        let text = String::from_utf8(bytes_of(message)).unwrap();
        put(message, text.replace("1^9.90", "1^8.90").as_bytes());
    });
    let words = told(&report, "observation 101");
    assert!(words.contains("value is \"1^9.90\" on record, \"1^8.90\" is read (bytes "));
    assert!(words.contains("R[1].4") && words.contains("in message 11"), "{words}");
}

#[test]
fn a_byte_that_turns_a_result_turns_the_decision() {
    let report = thorough(|content| {
        let message = &mut content["messages"][0];
        let text = String::from_utf8(bytes_of(message)).unwrap();
        put(message, text.replace("1^9.90", "-1^0.20").as_bytes());
    });
    assert!(told(&report, "observation 101").contains("\"reactive\" on record, \"nonreactive\""));
    assert!(told(&report, "decision").contains("INITIAL_REACTIVE:hbsag"));
}

#[test]
fn an_observation_is_told_field_by_field() {
    let report = thorough(|content| {
        content["facts"]["observations"][0]["says"]["reading"] = json!("nonreactive");
    });
    let words = told(&report, "observation 101");
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.starts_with("reading is \"nonreactive\" on record, \"reactive\" is read"));
}

#[test]
fn an_exact_number_is_compared_exactly() {
    let report = thorough(|content| {
        content["facts"]["observations"][0]["number"] = json!("9.9000000000000000000000001");
    });
    assert!(told(&report, "observation 101").contains("number"));
}

#[test]
fn an_observation_that_is_left_out_or_doubled_is_told() {
    let report = thorough(|content| {
        content["facts"]["observations"].as_array_mut().unwrap().remove(0);
    });
    assert!(told(&report, "message 11").contains("\"515\" is not among the facts"));
    let report = thorough(|content| {
        let observations = content["facts"]["observations"].as_array_mut().unwrap();
        let mut copy = observations[0].clone();
        copy["id"] = json!(999);
        observations.push(copy);
    });
    assert!(told(&report, "observation 999").contains("message 11"));
}

#[test]
fn a_message_that_is_left_out_is_told() {
    let report = thorough(|content| drop(content["messages"].as_array_mut().unwrap().remove(0)));
    assert!(told(&report, "observation 101").contains("message 11 is not in the bundle"));
}

#[test]
fn a_rule_set_that_was_changed_decides_otherwise() {
    let report = thorough(|content| {
        let rule_set = &mut content["rule_set"];
        let text = rule_set["text"].as_str().unwrap().replace("alt", "hb");
        rule_set["sha256"] = hemogate::document::sha256(&text).into();
        rule_set["text"] = text.into();
    });
    let places: Vec<&str> = report.findings.iter().map(|found| found.place.as_str()).collect();
    assert!(places.contains(&"decision") || places.contains(&"rule set"), "{places:?}");
}

#[test]
fn a_verdict_that_was_changed_is_told_with_its_reason() {
    let report = thorough(|content| {
        let decision = &mut content["verdicts"][0]["decision"];
        decision["verdict"] = json!("releasable");
        decision["reasons"] = json!([]);
    });
    let words = told(&report, "decision");
    assert!(words.contains("releasable on record, hold is concluded"), "{words}");
    assert!(words.contains("reason concluded, not on record: INITIAL_REACTIVE:hbsag"), "{words}");
}

#[test]
fn a_registration_that_was_changed_decides_otherwise() {
    let report = thorough(|content| content["facts"]["registration"]["deferred"] = json!(true));
    assert!(told(&report, "decision").contains("DONOR_DEFERRED"));
}

#[test]
fn a_record_that_was_changed_is_told_and_decides_otherwise() {
    let report = thorough(|content| {
        content["records"][0]["record"]["statement"] = json!({ "says": "deferred" });
    });
    assert!(told(&report, "facts.statements").contains("records"));
    assert!(told(&report, "decision").contains("DONOR_DEFERRED"));
}

#[test]
fn a_profile_that_was_changed_reads_otherwise() {
    let report = thorough(|content| {
        let text = content["profiles"][0]["text"].as_str().unwrap().replace("515", "516");
        let sha256 = hemogate::document::sha256(&text);
        for message in content["messages"].as_array_mut().unwrap() {
            if message["analyser"] == "serology" {
                message["profile_sha256"] = sha256.clone().into();
            }
        }
        content["profiles"][0]["sha256"] = sha256.into();
        content["profiles"][0]["text"] = text.into();
    });
    assert!(
        told(&report, "observation 101").contains("assay is \"hbsag\" on record, null is read")
    );
}

#[test]
fn a_release_that_its_verdicts_do_not_show_is_told() {
    let report = thorough(|content| content["facts"]["release"] = json!("released"));
    assert!(told(&report, "facts.release").contains("verdicts"));
}

#[test]
fn a_commit_that_was_changed_is_told() {
    let report = thorough(|content| content["ledger"][1]["before"] = json!("00".repeat(32)));
    assert!(told(&report, "ledger, commit 4").contains("hash"));
    assert_eq!(hash(&json!(1)), hash(&json!(1)));
}

/// A bundle in which everything stands that two people agree on.
fn read_agreed() -> Value {
    serde_json::from_str(&hemogate::evidence::seal(&agreed(), at(), &KEY).unwrap()).unwrap()
}

#[test]
fn what_two_people_agreed_on_is_confirmed_and_each_field_of_it_that_is_changed_refutes() {
    let bundle = read_agreed();
    let report = verify(&(canonical(&bundle) + "\n"), Some(&public())).unwrap();
    assert_eq!(report.findings, []);
    let mut places = Vec::new();
    leaves(&bundle["content"]["facts"]["statements"], "/facts/statements", &mut places);
    assert!(places.len() > 100, "{}", places.len());
    for place in &places {
        let change = |content: &mut Value| {
            let value = content.pointer_mut(place).unwrap();
            *value = other(value);
        };
        assert!(is_refuted(&forged(&bundle, change, &KEY, true)), "{place}");
    }
}

/// Changes what a statement of this kind says, in the facts and in the record behind them.
fn said_otherwise(says: &str, change: impl Fn(&mut Value)) -> Report {
    let bundle = read_agreed();
    let everywhere = |content: &mut Value| {
        let mut found = 0;
        for list in ["/facts/statements", "/records"] {
            let list = content.pointer_mut(list).unwrap().as_array_mut().unwrap();
            for one in list {
                let statement = match one.get("record") {
                    Some(record) => &record["statement"],
                    None => &one["statement"],
                };
                if statement["says"] == says {
                    change(one);
                    found += 1;
                }
            }
        }
        assert!(found >= 2, "{says}: {found}");
    };
    verify(&forged(&bundle, everywhere, &KEY, true), Some(&public())).unwrap()
}

fn statement(one: &mut Value) -> &mut Value {
    match one.get("record") {
        Some(_) => &mut one["record"]["statement"],
        None => &mut one["statement"],
    }
}

/// Whoever has the site's key and changes a record everywhere still has to make one person two.
#[test]
fn one_person_in_the_place_of_two_decides_otherwise() {
    for (says, lost) in [
        ("rack_settled", "RACK_MISMATCH"),
        ("message_judged", "MESSAGE_JUDGED"),
        ("agreed", "DONOR_FLAGGED"),
    ] {
        let report = said_otherwise(says, |one| match says {
            "agreed" => one["by"] = json!(" LI"),
            _ => statement(one)["agreed_by"] = json!(" LI"),
        });
        let words = told(&report, "decision");
        assert!(words.contains(lost), "{says}: {words}");
    }
}

#[test]
fn other_grounds_another_reason_and_another_correction_decide_otherwise() {
    let ground = |one: &mut Value| statement(one)["grounds"]["text"] = json!("on a whim");
    assert!(told(&said_otherwise("proposed", ground), "decision").contains("AMENDED"));
    let code = |one: &mut Value| {
        if let Some(code) = statement(one).pointer_mut("/matter/amendment/0/code") {
            *code = json!("DONOR_MERGE");
        }
    };
    assert!(told(&said_otherwise("proposed", code), "decision").contains("DONOR_FLAGGED"));
    let deferred = |one: &mut Value| {
        if let Some(deferred) = statement(one).pointer_mut("/matter/correction/donor/deferred") {
            *deferred = json!(true);
        }
    };
    assert!(told(&said_otherwise("proposed", deferred), "decision").contains("DONOR_DEFERRED"));
    let judgement = |one: &mut Value| statement(one)["judgement"] = json!("rejected");
    assert!(told(&said_otherwise("message_judged", judgement), "decision").contains("MESSAGE"));
}
