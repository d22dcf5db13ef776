//! A donation's page, the bytes behind its results, and finding it.

use crate::lab::{Lab, path};
use crate::support::laboratory::{SEROLOGY, pool};
use crate::support::messages;

#[test]
fn a_donation_shows_its_verdict_its_results_and_everything_that_happened() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    let page = lab.signed_in("audrey").get(&path(1, ""));
    assert_eq!(page.status, 200, "{}", page.text);
    let din = messages::din(1);
    let words = [
        din.as_str(),
        "state reject big",
        "REPEAT_REACTIVE",
        "9.90",
        "OPER01",
        "5007 / 1",
        "Registered by inventory",
        "version 1",
    ];
    words.iter().for_each(|words| page.says(words));
    // Who only looks is offered nothing to decide.
    assert!(!page.text.contains("name=\"password\""));
}

#[test]
fn the_bytes_behind_a_result_are_shown_with_the_part_that_became_the_value() {
    let lab = Lab::new(&[]);
    lab.laboratory.register(1);
    lab.laboratory.send(SEROLOGY, &messages::e601_clean(&messages::din(1)));
    let result = lab.laboratory.donation(1).observations;
    let hbsag = result.iter().find(|found| found.observation.test_code == "515").unwrap();
    let tina = lab.signed_in("tina");
    let page = tina.get(&path(1, &format!("/results/{}/bytes", hbsag.id)));
    assert_eq!(page.status, 200, "{}", page.text);
    let (_, bytes) = page.text.split_once("<pre").unwrap();
    let (bytes, _) = bytes.split_once("</pre>").unwrap();
    let marked: Vec<&str> = bytes.split("<mark").skip(1).collect();
    assert!(marked.iter().any(|mark| mark.contains(">0.493</mark>")), "{bytes}");
    assert!(!marked.iter().any(|mark| mark.contains(">0.188</mark>")), "{bytes}");
    assert!(bytes.contains("&#60;CR&#62;"), "{bytes}");
    assert_eq!(tina.get(&path(1, "/results/999/bytes")).status, 404);
}

#[test]
fn a_donation_is_found_by_its_number_in_any_form() {
    let lab = Lab::new(&[]);
    lab.laboratory.register(1);
    lab.laboratory.send(SEROLOGY, &messages::e601_clean(&messages::din(1)));
    let tina = lab.signed_in("tina");
    let din = messages::din(1);
    for asked in [din.clone(), format!("%3D{din}00"), format!("%20{din}%20")] {
        let found = tina.get(&format!("/find?q={asked}"));
        assert_eq!(found.status, 303, "{asked}: {}", found.text);
        assert_eq!(found.location.as_deref(), Some(format!("/donations/{din}").as_str()));
    }
    assert_eq!(tina.get("/find?q=1").location.as_deref(), Some("/unread/1"));
    let lower = tina.get(&format!("/find?q={}", din.to_ascii_lowercase()));
    assert_eq!(lower.status, 404);
    lower.says("Donation numbers are in upper case");
    tina.get("/find?q=nothing-like-it").says("nothing-like-it");
    assert_eq!(tina.get("/donations/G999926000001").status, 404);
}

#[test]
fn the_page_is_complete_in_chinese() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    let tina = lab.signed_in("tina");
    assert_eq!(tina.post("/language", &[("language", "zh-CN")]).status, 303);
    let page = tina.get(&path(1, ""));
    for words in ["不合格", "复试反应性", "检测结果", "历次结论", "解除暂扣或修正不合格"]
    {
        page.says(words);
    }
}

#[test]
fn a_pool_is_found_by_its_id_and_shows_its_members() {
    let lab = Lab::new(&[]);
    lab.laboratory.register(1);
    lab.laboratory.put(pool("P-17", &[1, 2]));
    let tina = lab.signed_in("tina");
    assert_eq!(tina.get("/find?q=P-17").location.as_deref(), Some("/pools/P-17"));
    let page = tina.get("/pools/P-17");
    assert_eq!(page.status, 200, "{}", page.text);
    page.says(&messages::din(1));
    page.says(&messages::din(2));
    assert_eq!(tina.get("/pools/P-18").status, 404);
}
