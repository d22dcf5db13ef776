//! Every page, in both languages: nothing against it by axe-core, nothing wider than the screen, on
//! an old monitor, on a tablet and at 200 %.

use crate::browser::{Browser, SCREEN};
use crate::centre::{CHEN, Centre, LI, Person, SUN, ZHAO};
use crate::support::{laboratory, messages};

/// Pages, and who looks at them.
const PAGES: [(&Person, &[&str]); 4] = [
    (&LI, &["/", "/racks", "/racks/new", "/worklists", "/links", "/links/serology"]),
    (
        &ZHAO,
        &[
            "/decisions",
            "/unread",
            "/quality",
            "/quality/controls",
            "/quality/targets",
            "/quality/lots",
            "/quality/rates",
            "/quality/runs",
            "/quality/eqa",
            "/statistics",
            "/donations/G123426000001",
            "/donations/G123426000002",
            "/donations/G123426000001/results/1/bytes",
            "/find?q=unheard-of",
            "/racks/import",
        ],
    ),
    (&CHEN, &["/accounts", "/accounts/li.na", "/password"]),
    (&SUN, &["/", "/account-events", "/no-such-page"]),
];

/// Pages that others lead to: where, and the link.
const FOLLOWED: [(&str, &str); 4] = [
    ("/unread", "main a[href^='/unread/']"),
    ("/quality/controls", "main a[href*='/quality/controls/chart']"),
    ("/quality/lots", "main a[href*='/quality/lots/one']"),
    ("/quality/runs", "main a[href*='/quality/runs/one']"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_read_by_everybody_in_both_languages() {
    let centre = Centre::start();
    furnish(&centre);
    let browser = Browser::open("pages").await;
    let mut wrong = Vec::new();
    look(&browser, &centre.url("/sign-in"), "sign-in", &mut wrong).await;
    for (person, paths) in PAGES {
        centre.sign_in(&browser, person).await;
        for language in ["zh-CN", "en"] {
            let html = browser.find("html").await;
            if html.attr("lang").await.unwrap().as_deref() != Some(language) {
                browser.click("form[action='/language'] button").await;
                browser.find(&format!("html[lang='{language}']")).await;
            }
            for path in paths {
                let name = format!("{language}{}", path.replace(['/', '?', '='], "-"));
                look(&browser, &centre.url(path), &name, &mut wrong).await;
                if let Some((_, link)) = FOLLOWED.iter().find(|(from, _)| from == path) {
                    let link = browser.find(link).await;
                    let to = link.attr("href").await.unwrap().unwrap();
                    look(&browser, &centre.url(&to), &format!("{name}-one"), &mut wrong).await;
                }
            }
        }
    }
    browser.close().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Something to see on every page.
fn furnish(centre: &Centre) {
    let dins: Vec<String> = (1..=6).map(messages::din).collect();
    centre.register(&dins);
    centre.bench.send_clean(&dins[0]);
    let reactive = messages::e601(&dins[1], 515, 1, "12.4", "20260105120000");
    centre.bench.astm("serology", &reactive);
    // Nobody knows this test code.
    let unmapped = messages::e601(&dins[2], 9999, -1, "0.1", "20260105121000");
    centre.bench.astm("serology", &unmapped);
    // Nor what this record is.
    let unread = messages::e601(&dins[3], 515, -1, "0.1", "20260105122000");
    centre.bench.astm("serology", &unread.replace("L|1|N", "X|what|is|this\rL|1|N"));
    controls(centre);
}

async fn look(browser: &Browser, url: &str, name: &str, wrong: &mut Vec<String>) {
    for (size, (width, height)) in
        [("", SCREEN), ("-tablet", (820, 1180)), ("-zoomed", (SCREEN.0 / 2, SCREEN.1 / 2))]
    {
        browser.screen(width, height).await;
        browser.goto(url).await;
        let wide = browser.overflows().await;
        if !wide.is_empty() {
            wrong.push(format!("{name}{size}: wider than the screen: {wide:?}"));
        }
        if size.is_empty() {
            browser.shot(name).await;
            let found = browser.axe().await;
            wrong.extend(found.iter().map(|line| format!("{name}: {line}")));
        }
    }
    browser.screen(SCREEN.0, SCREEN.1).await;
}

/// A control with a target and a lot: a chart, a run, a register.
fn controls(centre: &Centre) {
    let expected = serde_json::json!({ "reading": "nonreactive" });
    let records = serde_json::json!({ "by": "zhao.min", "records": [
        { "record": "control_target", "analyser": "serology", "test_code": "515",
          "material": "PC-1", "level": 1, "source": "external", "expected": expected },
        { "record": "lot", "profile": "serology", "test_code": "515", "lot": "K0001",
          "standing": "released", "expiry": "2027-01-31" },
    ]});
    let (status, answer) = centre.bench.daemon.post("/api/v1/records", &records);
    assert!((200..300).contains(&status), "{status}: {answer}");
    for (minute, sign) in [(1, -1), (2, -1), (3, 1)] {
        let control = laboratory::control("PC-1", "515", sign, minute, ("K0001", "C0001"));
        centre.bench.astm("serology", &control);
    }
}
