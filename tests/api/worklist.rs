//! What is to be done next, and in which language it is told.

use hemogate::limits;
use serde_json::Value;

use crate::bench::{Bench, DIN, message, registration};

/// A donation number of the ISBT 128 examples with another serial.
fn din(number: u32) -> String {
    format!("G1234{:02}{:06}", 98, 654_321 + number)
}

fn work(bench: &Bench, query: &str) -> Vec<(String, Vec<String>)> {
    let page = bench.get(&format!("/api/v1/worklist{query}")).json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = |entry: &Value| {
        let steps = entry["next_steps"].as_array().unwrap().iter();
        steps.map(|step| format!("{} {}", text(&step["action"]), text(&step["assay"]))).collect()
    };
    let entries = page["work"].as_array().unwrap().iter();
    entries.map(|entry| (text(&entry["din"]), steps(entry))).collect()
}

#[test]
fn what_is_still_wanted_is_listed_by_donation_and_filtered_by_assay_and_action() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    bench.register(&registration(&din(1)));
    bench.record(message(DIN, 1));
    let all = work(&bench, "");
    assert_eq!(all.len(), 2);
    let is_wanted = |steps: &[String]| steps.contains(&"test hbsag".to_owned());
    assert!(!is_wanted(&all[0].1) && is_wanted(&all[1].1), "{all:?}");
    let hbsag = work(&bench, "?assay=hbsag&action=test");
    assert_eq!(hbsag, [(din(1), vec!["test hbsag".to_owned()])]);
    assert_eq!(work(&bench, "?action=register"), []);
    assert_eq!(work(&bench, "?assay=hbsag&limit=1"), [], "of the first registration");
    let page = bench.get("/api/v1/worklist?limit=1").json();
    assert_eq!(page["next"], 1);
    let rest = bench.get("/api/v1/worklist?limit=1&after=1").json();
    assert_eq!((&rest["work"][0]["din"], &rest["next"]), (&Value::from(din(1)), &Value::Null));
}

#[test]
fn the_worklist_of_an_empty_store_is_empty_and_a_donation_that_is_through_is_not_in_it() {
    let bench = Bench::new();
    assert_eq!(work(&bench, ""), []);
    let mut deferred = registration(DIN);
    deferred["donor"]["deferred"] = true.into();
    bench.register(&deferred);
    assert_eq!(work(&bench, ""), [], "rejected");
}

#[test]
fn an_assay_or_action_that_is_none_is_refused_with_those_that_are() {
    let bench = Bench::new();
    let problem = bench.get("/api/v1/worklist?assay=hbs&action=sing&page=2").problem(400);
    let errors = problem["errors"].as_array().unwrap();
    let named: Vec<&str> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(named, ["assay", "action", "page"]);
    assert!(errors[0]["detail"].as_str().unwrap().contains("hbsag"), "{problem}");
    assert!(errors[1]["detail"].as_str().unwrap().contains("test_singly"), "{problem}");
}

#[test]
fn a_page_of_the_worklist_looks_at_as_many_registrations_as_the_bound_says() {
    let bench = Bench::new();
    let over = limits::WORKLIST_PAGE_MAX + 1;
    (0..over).for_each(|number| drop(bench.register(&registration(&din(number as u32)))));
    let next = |limit: u64| bench.get(&format!("/api/v1/worklist?limit={limit}")).json();
    let bound = limits::WORKLIST_PAGE_MAX;
    assert_eq!(next(over)["work"].as_array().unwrap().len() as u64, bound);
    assert_eq!(next(over)["next"], bound);
}

#[test]
fn texts_are_chinese_where_asked_for_and_codes_stay() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    let shown = |query: &str, header: Option<&str>| {
        bench.get_in(&format!("/api/v1/donations/{DIN}{query}"), header).json()
    };
    let is_chinese = |donation: &Value| {
        let texts = ["reasons", "next_steps"].map(|part| donation[part][0]["text"].clone());
        let chinese = texts.map(|text| !text.as_str().unwrap().is_ascii());
        assert_eq!(chinese[0], chinese[1], "{donation}");
        assert_eq!(donation["reasons"][0]["code"], "MISSING");
        chinese[0]
    };
    assert!(is_chinese(&shown("?lang=zh-CN", None)));
    assert!(is_chinese(&shown("", Some("zh-CN,zh;q=0.9,en;q=0.8"))));
    assert!(is_chinese(&shown("", Some("fr, zh-Hans;q=0.5, en;q=0.1"))));
    assert!(!is_chinese(&shown("", None)));
    assert!(!is_chinese(&shown("", Some("en, zh-CN;q=0.5"))));
    assert!(!is_chinese(&shown("", Some("zh-TW"))), "traditional characters are not ours");
    assert!(!is_chinese(&shown("", Some("zh-CN;q=0"))));
    assert!(!is_chinese(&shown("?lang=en", Some("zh-CN"))));
    bench.get(&format!("/api/v1/donations/{DIN}?lang=de")).problem(400);
    let feed = bench.get_in("/api/v1/verdicts", Some("zh")).json();
    assert!(!feed["verdicts"][0]["reasons"][0]["text"].as_str().unwrap().is_ascii(), "{feed}");
    let list = bench.get("/api/v1/worklist?lang=zh-CN").json();
    let text = list["work"][0]["next_steps"][0]["text"].as_str().unwrap();
    assert!(!text.is_ascii(), "{text}");
}

#[test]
fn fm_36_the_version_of_the_program_stands_beside_every_verdict() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    for path in [format!("/api/v1/donations/{DIN}"), "/api/v1/verdicts".to_owned()] {
        assert_eq!(bench.get(&path).json()["program"], env!("CARGO_PKG_VERSION"), "{path}");
    }
}
