//! The whole way: an analyser sends, people put on record, the store decides, `hemogate evidence`
//! writes, and `hemogate verify` confirms on another machine.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use hemogate::domain::{Expected, LotStanding, Reading, Record, ReviewStep, Statement};
use serde_json::Value;

use crate::support::laboratory::{
    ALT, HBSAG, Laboratory, NAT, SEROLOGY, control, kit, lot, pool, result, rules, target,
};
use crate::support::messages;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    let ran = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap();
    (ran.status.code().unwrap(), text)
}

/// Kits, lots, controls, a pool that is reactive and explained, statements, a copy of a result.
fn laboratory() -> Laboratory {
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.put(kit(SEROLOGY, HBSAG, "Alpha", &["NEG", "POS"]));
    laboratory.put(lot(SEROLOGY, HBSAG, "L1", LotStanding::Released));
    laboratory.put(target("NEG", HBSAG, Some("C1"), Expected::Reading(Reading::Nonreactive)));
    laboratory.put(target("POS", HBSAG, Some("C1"), Expected::Reading(Reading::Reactive)));
    for number in 1..=3 {
        laboratory.register(number);
    }
    laboratory.put(pool("POOL7", &[1, 2, 3]));
    laboratory.say(1, Statement::SampleReceived);
    laboratory.send(SEROLOGY, &control("NEG", HBSAG, -1, 1, ("C1", "L1")));
    laboratory.send(SEROLOGY, &control("POS", HBSAG, 1, 2, ("C1", "L1")));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
    laboratory.send(SEROLOGY, &control("NEG", HBSAG, -1, 20, ("C1", "L1")));
    laboratory.send(ALT, &messages::mindray_alt(&messages::din(1), "22", "a"));
    let nat = |id: &str, hbv: &str, control: &str| {
        laboratory.send(NAT, &messages::mpx(id, "Non-Reactive", "Non-Reactive", hbv, control));
    };
    nat("POOL7", "Reactive", "p");
    nat(&messages::din(1), "Non-Reactive", "1");
    nat(&messages::din(2), "Reactive", "2");
    nat(&messages::din(3), "Non-Reactive", "3");
    laboratory.say(1, Statement::Signature(ReviewStep::Tested));
    laboratory
}

fn site(laboratory: &Laboratory) {
    let config = "[store]\npath = \"hemogate.db\"\n[rules]\nfile = \"cn\"\n\
                  [evidence]\nkey = \"site.key\"\n";
    fs::write(laboratory.folder.path().join("hemogate.toml"), config).unwrap();
    assert_eq!(run(laboratory.folder.path(), &["evidence", "keygen", "-o", "site.key"]).0, 0);
}

fn bundle_of(laboratory: &Laboratory, number: u32) -> Value {
    let folder = laboratory.folder.path();
    let name = format!("{number}.json");
    let (status, told) = run(folder, &["evidence", &messages::din(number), "-o", &name]);
    assert_eq!(status, 0, "{told}");
    serde_json::from_str(&fs::read_to_string(folder.join(&name)).unwrap()).unwrap()
}

#[test]
fn a_bundle_from_the_store_is_confirmed_elsewhere() {
    let laboratory = laboratory();
    site(&laboratory);
    let elsewhere = tempfile::tempdir().unwrap();
    for number in 1..=3 {
        let bundle = bundle_of(&laboratory, number);
        assert!(bundle["content"]["facts"]["pools"][0]["others"].is_array());
        for file in [&format!("{number}.json"), "site.key.pub"] {
            fs::copy(laboratory.folder.path().join(file), elsewhere.path().join(file)).unwrap();
        }
        let name = format!("{number}.json");
        let told = run(elsewhere.path(), &["verify", &name, "--key", "site.key.pub"]);
        assert_eq!(told.0, 0, "{}", told.1);
        assert!(told.1.contains(&laboratory.verdict(number)), "{}", told.1);
    }
}

#[test]
fn a_bundle_holds_what_the_verdict_rests_on() {
    let laboratory = laboratory();
    site(&laboratory);
    let content = &bundle_of(&laboratory, 1)["content"];
    let circumstances = &content["facts"]["observations"][0]["circumstances"];
    assert_eq!(circumstances["controls"]["kit"], "passed");
    assert_eq!(circumstances["lot"], "released");
    assert!(content["controls"].as_array().unwrap().len() >= 2);
    let singles = content["singles"].as_array().unwrap().len();
    assert!(singles >= 2, "{singles} single tests");
    assert_eq!(content["facts"]["pools"][0]["others"][0]["single"], "reactive");
    let kinds: Vec<&str> = content["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["record"]["record"].as_str().unwrap())
        .collect();
    for kind in ["kit", "lot", "control_target", "pool", "donation"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    let held = content["ledger"].as_array().unwrap().iter();
    let held: Vec<&str> = held
        .flat_map(|commit| commit["holds"].as_array().unwrap())
        .map(|row| row[0].as_str().unwrap())
        .collect();
    for table in ["message", "observation", "record", "verdict", "registration", "rule_set"] {
        assert!(held.contains(&table), "{table}: {held:?}");
    }
}

/// What came after the last verdict and changed nothing is not in its bundle, and what changed
/// something is in that of the next verdict.
#[test]
fn a_bundle_is_of_the_moment_of_its_verdict() {
    let laboratory = laboratory();
    site(&laboratory);
    laboratory.put(lot(SEROLOGY, HBSAG, "L1", LotStanding::Recalled));
    let folder = laboratory.folder.path();
    let content = &bundle_of(&laboratory, 1)["content"];
    assert_eq!(content["facts"]["observations"][0]["circumstances"]["lot"], "recalled");
    assert_eq!(run(folder, &["verify", "1.json"]).0, 0);
}

#[test]
fn records_controls_and_pools_that_were_changed_are_refuted() {
    let laboratory = laboratory();
    site(&laboratory);
    let bundle = bundle_of(&laboratory, 1);
    let pkcs8 = fs::read(laboratory.folder.path().join("site.key")).unwrap();
    let key = hemogate::evidence::SiteKey::read(&pkcs8).unwrap();
    let place = |record: &str| {
        let records = bundle["content"]["records"].as_array().unwrap();
        records.iter().position(|one| one["record"]["record"] == record).unwrap()
    };
    let (lot, pool, target) = (place("lot"), place("pool"), place("control_target"));
    let changes: [(&str, String, Value); 7] = [
        ("its lot stands", format!("/records/{lot}/record/standing"), "not_released".into()),
        ("its members", format!("/records/{pool}/record/members/1"), messages::din(1).into()),
        ("single tests", format!("/records/{pool}/record/members/1"), messages::din(9).into()),
        ("controls of its kit", format!("/records/{target}/record/material"), "OTHER".into()),
        ("its kit", format!("/records/{}/record/maker", place("kit")), "Beta".into()),
        ("when it was received", "/messages/0/received_at".into(), "2026-01-07T00:00:00Z".into()),
        ("single tests", "/facts/pools/0/others/0/single".into(), "nonreactive".into()),
    ];
    for (words, place, value) in changes {
        let change = |content: &mut Value| {
            let places = match place.starts_with("/messages/") {
                true => (0..content["messages"].as_array().unwrap().len())
                    .map(|n| format!("/messages/{n}/received_at"))
                    .collect(),
                false => vec![place.clone()],
            };
            for place in places {
                *content.pointer_mut(&place).unwrap_or_else(|| panic!("{place}")) = value.clone();
            }
        };
        let forged = crate::bench::forged(&bundle, change, &key, true);
        let report = hemogate::evidence::verify(&forged, Some(&key.public())).unwrap();
        let told: Vec<&str> = report.findings.iter().map(|one| one.what.as_str()).collect();
        assert!(told.iter().any(|what| what.contains(words)), "{words}: {told:?}");
    }
}

#[test]
fn a_donation_without_a_verdict_and_one_that_is_unknown_have_no_bundle() {
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
    site(&laboratory);
    let folder = laboratory.folder.path();
    let (status, told) = run(folder, &["evidence", &messages::din(1), "-o", "1.json"]);
    assert_eq!(status, 1);
    assert!(told.contains("has no verdict yet"), "{told}");
    let (status, told) = run(folder, &["evidence", &messages::din(2), "-o", "2.json"]);
    assert_eq!(status, 1);
    assert!(told.contains("nothing is on record"), "{told}");
    let (status, told) = run(folder, &["evidence", "G1234", "-o", "3.json"]);
    assert_eq!(status, 2, "{told}");
    laboratory.register(1);
    fs::write(folder.join("4.json"), "mine").unwrap();
    let (status, told) = run(folder, &["evidence", &messages::din(1), "-o", "4.json"]);
    assert_eq!(status, 2);
    assert!(told.contains("is not written over"), "{told}");
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.register(1);
    laboratory.put(Record::Donation(crate::support::laboratory::din(1), Statement::SampleReceived));
    site(&laboratory);
    let folder = laboratory.folder.path();
    let key = folder.join("site.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let (status, told) = run(folder, &["evidence", &messages::din(1), "-o", "1.json"]);
    assert_eq!(status, 1);
    assert!(told.contains("others can read it (mode 640)"), "{told}");
    let (status, told) =
        run(folder, &["evidence", &messages::din(1), "-o", "1.json", "--key", "no"]);
    assert_eq!(status, 1, "{told}");
    assert!(!folder.join("1.json").exists());
}
