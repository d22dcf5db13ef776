//! A scanner at a rack: faster than the server, with the focus wherever it was left.

use crate::browser::Browser;
use crate::centre::{Centre, LI};
use crate::support::messages::din;

/// Begins a rack of the analyser for serology.
async fn begin(browser: &Browser, centre: &Centre, rack: &str) {
    browser.goto(&centre.url("/racks/new?analyser=serology")).await;
    browser.scan(rack).await;
    browser.find("#scan-text").await;
}

/// What stands at a place of the grid.
async fn at(browser: &Browser, position: u32) -> String {
    browser.text(&format!("#grid [data-position='{position}']")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn fm_06_scans_that_come_faster_than_answers_stand_each_at_its_own_place() {
    let centre = Centre::start();
    let dins: Vec<String> = (1..=6).map(din).collect();
    centre.register(&dins);
    let browser = Browser::open("scanning").await;
    centre.sign_in(&browser, &LI).await;
    begin(&browser, &centre, "50120").await;
    // One run of keys: nothing waits for an answer. The third is no donation of ours.
    let typed = [&dins[0], &dins[1], &din(99), &dins[2], &dins[0], &dins[3]];
    let keys: String = typed.iter().map(|text| format!("{text}\u{e007}")).collect();
    browser.find("#scan-text").await.send_keys(keys).await.unwrap();
    browser.find("#grid [data-position='6'][data-used]").await;
    for (position, number) in [(1, 1), (2, 2), (4, 3), (6, 4)] {
        assert!(at(&browser, position).await.contains(&din(number)), "{position}");
    }
    for position in [3, 5] {
        assert!(!at(&browser, position).await.contains("G1234"), "{position} must be free");
    }
    // What was refused stays until somebody says that it was put right.
    let bad = browser.text("#scan-bad ol").await;
    assert_eq!(bad.lines().filter(|line| line.contains('✖')).count(), 2, "{bad}");
    browser.shot("scanned").await;
    browser.click("#scan-bad button").await;
    browser.click("#scan-bad button").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_goes_into_the_field_wherever_the_focus_was_lost_to() {
    let centre = Centre::start();
    centre.register(&[din(1)]);
    let browser = Browser::open("scanning-focus").await;
    centre.sign_in(&browser, &LI).await;
    begin(&browser, &centre, "50121").await;
    browser.click("h1").await;
    browser.scan(&din(1)).await;
    browser.find("#grid [data-position='1'][data-used]").await;
    browser.close().await;
}
