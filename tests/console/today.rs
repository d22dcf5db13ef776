//! Today: what is stuck, and what the analysers do.

use crate::bench::Bench;
use crate::laboratory::{Stream, laboratory};
use crate::support::messages::din;

#[test]
fn a_first_reactive_result_is_among_the_repeats_and_goes_when_they_are_in() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let page = browser.get("/");
    let mut stream = Stream::of_page(&browser, &page.text);
    let one = din(1);
    bench.register(&one);
    bench.serology(&one, 515, 1, "20260105115617");
    let link = format!("href=\"/donations/{one}\"");
    let html = stream.until("today-stuck", |html| html.contains(&link));
    assert!(html.contains("HBsAg"), "{html}");
    for completed in ["20260105121617", "20260105121717"] {
        bench.serology(&one, 515, -1, completed);
    }
    stream.until("today-stuck", |html| !html.contains(&link));
}

#[test]
fn analysers_stand_there_with_state_last_message_and_what_waits_for_them() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    bench.register(&din(1));
    bench.serology(&din(1), 286, -1, "20260105115617");
    let page = browser.get("/");
    let mut stream = Stream::of_page(&browser, &page.text);
    let is_there = |html: &str| html.contains("last message under 1 min ago");
    let html = match is_there(&page.text) {
        true => page.text.clone(),
        false => stream.until("today-analysers", is_there),
    };
    assert!(html.contains("<a href=\"/links/serology\">serology</a>"), "{html}");
    assert!(html.contains("no message yet"), "the other has said nothing: {html}");
}

#[test]
fn the_page_is_whole_in_both_languages_with_one_heading_above_the_others() {
    let bench = laboratory();
    let browser = bench.signed_in("audrey");
    for language in ["en", "zh-CN"] {
        let page = browser.get("/");
        assert_eq!(page.status, 200);
        page.says(&format!("<html lang=\"{language}\">"));
        assert_eq!(page.text.matches("<h1").count(), 1);
        assert!(!page.text.contains("today-numbers\">today-numbers"), "a key without words");
        for caption in ["<caption>", "scope=\"col\"", "aria-labelledby=\"today-racks\""] {
            page.says(caption);
        }
        assert!(!page.text.contains(" style=") && !page.text.contains("<script>"));
        browser.post("/language", &[]);
    }
}

#[test]
fn nobody_is_shown_numbers_that_are_still_being_counted_as_if_they_were_whole() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    let page = browser.get("/");
    let counting = "Counting what is open: the numbers are not complete yet.";
    if page.text.contains(counting) {
        let mut stream = Stream::of_page(&browser, &page.text);
        stream.until("today-numbers", |html| !html.contains(counting));
    }
    assert!(!browser.get("/").text.contains(counting));
}
