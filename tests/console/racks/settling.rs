//! What an analyser reports of a rack is held against its manifest; a doubt is settled by two.

use serde_json::Value;

use super::{Laboratory, OpenPage, din};
use crate::bench::{Answer, Browser, PASSWORD};

/// A closed rack 5007 of three tubes.
fn closed(laboratory: &Laboratory) -> String {
    let path = laboratory.begun("5007", "5");
    let mut page = OpenPage::of(&laboratory.tina, &path);
    for number in 1..=3 {
        let said = page.scan(&number.to_string(), &din(number));
        assert_eq!(said["good"], true, "{said}");
    }
    assert_eq!(page.step("close", &[("count", "3")]).status, 303);
    path
}

fn act(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let settle = format!("{path}/settle");
    let version = browser.get(&settle).field("version").unwrap_or_default();
    browser.post(&settle, &[fields, &[("version", version.as_str())]].concat())
}

fn verdict(laboratory: &Laboratory, number: u32) -> Value {
    let address = laboratory.bench.daemon().http_addr();
    let path = format!("http://{address}/api/v1/donations/{}", din(number));
    ureq::get(path).call().unwrap().body_mut().read_json().unwrap()
}

fn codes(verdict: &Value) -> Vec<&str> {
    verdict["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect()
}

#[test]
fn what_agrees_is_found_and_what_is_not_reported_is_missing() {
    let laboratory = Laboratory::new(3);
    let path = closed(&laboratory);
    laboratory.report(1, "5007", 1);
    laboratory.report(2, "5007", 2);
    let shown = laboratory.tina.get(&path);
    shown.says("found at its place <strong>2</strong>");
    shown.says("missing <strong>1</strong>");
    shown.says("expected <strong>3</strong>");
    assert!(!shown.text.contains("The rack is held"));
}

#[test]
fn fm_03_a_tube_reported_at_another_place_holds_the_rack_and_the_page_says_which_and_what_to_do() {
    let laboratory = Laboratory::new(3);
    let path = closed(&laboratory);
    laboratory.report(1, "5007", 1);
    laboratory.report(2, "5007", 3);
    let shown = laboratory.tina.get(&path);
    shown.says("The rack is held");
    shown.says(
        "Tube G123426000002 is on the manifest at position 2; E1 reported rack 5007, position 3.",
    );
    shown.says("Take every tube in your hand");
    laboratory.tina.get("/racks").says("in doubt");
    for number in 1..=3 {
        assert!(codes(&verdict(&laboratory, number)).contains(&"RACK_MISMATCH"), "{number}");
    }
}

#[test]
fn fm_05_a_shift_by_one_holds_every_tube_of_the_rack() {
    let laboratory = Laboratory::new(3);
    let path = closed(&laboratory);
    for number in 1..=3 {
        laboratory.report(number, "5007", number + 1);
    }
    laboratory.tina.get(&path).says("elsewhere <strong>3</strong>");
    for number in 1..=3 {
        assert!(codes(&verdict(&laboratory, number)).contains(&"RACK_MISMATCH"), "{number}");
    }
}

#[test]
fn a_tube_that_is_not_on_the_manifest_is_extra() {
    let laboratory = Laboratory::new(4);
    let path = closed(&laboratory);
    laboratory.report(4, "5007", 4);
    let shown = laboratory.tina.get(&path);
    shown.says("Tube G123426000004 is not on the manifest");
    shown.says("extra <strong>1</strong>");
}

#[test]
fn a_doubt_is_settled_by_two_people_who_each_sign_and_by_no_one_alone() {
    let laboratory = Laboratory::new(3);
    let path = closed(&laboratory);
    laboratory.report(2, "5007", 3);
    let propose = [
        ("act", "propose"),
        ("analyser", "E1"),
        ("ground", "identity_verified"),
        ("text", "all three tubes were read again"),
    ];
    let with = |fields: &[(&'static str, &'static str)], password: &'static str| {
        [fields, &[("password", password)]].concat()
    };
    let wrong = act(&laboratory.tina, &path, &with(&propose, "wrong"));
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let no_ground = [("act", "propose"), ("analyser", "E1"), ("text", "x"), ("ground", "")];
    assert_eq!(act(&laboratory.tina, &path, &with(&no_ground, PASSWORD)).status, 422);
    let answer = act(&laboratory.tina, &path, &with(&propose, PASSWORD));
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(codes(&verdict(&laboratory, 2)).contains(&"RACK_MISMATCH"), "one person alone");
    let rui = laboratory.bench.signed_in("rui");
    let page = rui.get(&format!("{path}/settle"));
    page.says("all three tubes were read again");
    let proposal = page.field("proposal").unwrap();
    let agree = [("act", "agree"), ("proposal", proposal.as_str())];
    let own = act(&laboratory.tina, &path, &[&agree[..], &[("password", PASSWORD)]].concat());
    assert_eq!(own.status, 403, "a technician does not agree");
    assert_eq!(act(&rui, &path, &[&agree[..], &[("password", "wrong")]].concat()).status, 422);
    let answer = act(&rui, &path, &[&agree[..], &[("password", PASSWORD)]].concat());
    assert_eq!(answer.status, 303, "{}", answer.text);
    rui.get(&format!("{path}/settle")).says("Settled: proposed by tina, agreed to by rui.");
    assert!(!codes(&verdict(&laboratory, 2)).contains(&"RACK_MISMATCH"));
}

#[test]
fn a_proposal_that_is_turned_down_leaves_the_rack_held() {
    let laboratory = Laboratory::new(3);
    let path = closed(&laboratory);
    laboratory.report(2, "5007", 3);
    let propose = [
        ("act", "propose"),
        ("analyser", "E1"),
        ("ground", "other"),
        ("text", "looks right"),
        ("password", PASSWORD),
    ];
    assert_eq!(act(&laboratory.tina, &path, &propose).status, 303);
    let rui = laboratory.bench.signed_in("rui");
    let proposal = rui.get(&format!("{path}/settle")).field("proposal").unwrap();
    let down = [("act", "turn-down"), ("proposal", &proposal), ("password", PASSWORD)];
    assert_eq!(act(&rui, &path, &down).status, 303);
    let agree = [("act", "agree"), ("proposal", proposal.as_str()), ("password", PASSWORD)];
    assert_eq!(act(&rui, &path, &agree).status, 404, "it was decided");
    laboratory.tina.get(&path).says("The rack is held");
    assert_eq!(act(&laboratory.tina, &path, &propose).status, 303, "another one may be proposed");
}

#[test]
fn a_proposal_under_what_was_reported_before_is_refused_when_more_was_reported() {
    let laboratory = Laboratory::new(3);
    let path = closed(&laboratory);
    laboratory.report(2, "5007", 3);
    let settle = format!("{path}/settle");
    let version = laboratory.tina.get(&settle).field("version").unwrap();
    laboratory.report(3, "5007", 4);
    let fields = [
        ("act", "propose"),
        ("analyser", "E1"),
        ("ground", "identity_verified"),
        ("text", "read again"),
        ("password", PASSWORD),
        ("version", version.as_str()),
    ];
    let answer = laboratory.tina.post(&settle, &fields);
    assert_eq!(answer.status, 422);
    answer.says("has changed since");
}
