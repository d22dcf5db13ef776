//! A whole morning at the bench, in the browser: racks, live results, repeats, signatures, a reject
//! that stays one, a shifted rack.

use std::time::Duration;

use hemogate::clock;
use hemogate::domain::Assay;
use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::centre::{Centre, LI, Person, WANG, ZHAO, password};
use crate::instrument::{CLEAN, Seen, send};
use crate::support::messages::din;
use crate::support::since;

/// Longest wait; only a failing test takes that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// HBsAg reactive, the rest not.
const REACTIVE: [(Assay, bool); 4] =
    [(Assay::Hbsag, true), (Assay::AntiHcv, false), (Assay::Hiv, false), (Assay::Tp, false)];

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_morning() {
    let centre = Centre::start();
    let dins: Vec<String> = (1..=9).map(din).collect();
    centre.register(&dins[..8]);
    centre.register_deferred(&dins[8]);
    let browser = Browser::open("morning").await;
    centre.sign_in(&browser, &LI).await;

    let rack = load_a_rack(&browser, &centre, &dins).await;
    results_arrive(&browser, &centre, &rack, &dins).await;
    repeats_come_and_go(&browser, &centre, &dins[1]).await;
    a_reject_stays_one(&browser, &centre, &dins[1]).await;
    a_report_is_signed_by_two(&browser, &centre, &dins[0]).await;
    a_shifted_rack_is_held_and_settled(&browser, &centre, &dins[4..7]).await;
    in_the_other_language_and_on_paper(&browser, &centre, &rack).await;
    browser.close().await;
}

/// Opens a loading for the serology line; its page's address.
async fn open_a_loading(browser: &Browser, centre: &Centre, rack: &str) -> String {
    browser.goto(&centre.url("/racks/new?analyser=serology")).await;
    browser.fill("#rack", rack).await;
    browser.fill("#positions", "5").await;
    browser.click("main form button").await;
    browser.find("#scan-text").await;
    browser.driver.current_url().await.unwrap().to_string()
}

/// Scans, and what the page says of it.
async fn scan(browser: &Browser, text: &str) -> String {
    browser.scan(text).await;
    let began = clock::moment();
    loop {
        let answer = browser.find("#scan-answer").await;
        let said = answer.text().await.unwrap_or_default();
        let class = match answer.find(By::Css(".answer")).await {
            Ok(line) => line.class_name().await.ok().flatten().unwrap_or_default(),
            Err(_) => String::new(),
        };
        let is_bad = class.contains("bad");
        // A good answer names the tube with its place; a bad one repeats what was scanned.
        if !class.is_empty() && (said.contains(text) || said.contains(text.trim_start_matches('=')))
        {
            return format!("{}{said}", if is_bad { "✖ " } else { "✔ " });
        }
        assert!(since(began) < PATIENCE, "no answer to {text}: {said:?}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn load_a_rack(browser: &Browser, centre: &Centre, dins: &[String]) -> String {
    let rack = open_a_loading(browser, centre, "5007").await;
    assert!(scan(browser, &dins[0]).await.starts_with('✔'));
    assert!(scan(browser, &dins[1]).await.starts_with('✔'));
    // FM-50: wrong is told by words and a shape, not by colour alone.
    let duplicate = scan(browser, &dins[1]).await;
    assert!(duplicate.starts_with('✖') && duplicate.matches('✖').count() >= 2, "{duplicate}");
    let [wrong] = wrong_characters(&dins[2]);
    assert!(scan(browser, &wrong).await.starts_with('✖'));
    assert!(scan(browser, "5007").await.starts_with('✖'), "a rack is no tube");
    assert!(scan(browser, &dins[8]).await.starts_with('✖'), "a deferred donor");
    browser.shot("rack-refused").await;
    nothing_against(browser).await;
    assert!(scan(browser, &dins[2]).await.starts_with('✔'));
    assert!(scan(browser, &dins[3]).await.starts_with('✔'));
    browser.shot("rack-scanned").await;
    // Focus never left the field.
    let focused = browser.driver.active_element().await.unwrap();
    assert_eq!(focused.id().await.unwrap().as_deref(), Some("scan-text"));
    browser.fill("#count", "4").await;
    browser.click("form[action$='/close'] button").await;
    browser.find("main h1 .state.good").await;
    rack
}

/// The number with a check character that is not its own.
fn wrong_characters(din: &str) -> [String; 1] {
    use hemogate::domain::DonationNumberScheme;
    let scheme = DonationNumberScheme::Isbt128;
    let wrong = ('A'..='Z').map(|last| format!("{din}{last}"));
    let mut wrong = wrong.filter(|number| scheme.parse(number).is_err());
    [wrong.next().unwrap()]
}

async fn results_arrive(browser: &Browser, centre: &Centre, rack: &str, dins: &[String]) {
    browser.goto(rack).await;
    let tubes = || browser.driver.find_all(By::Css("#grid li.used.good"));
    assert!(tubes().await.unwrap().is_empty());
    let results = [CLEAN, REACTIVE, CLEAN, CLEAN];
    let seen = dins.iter().zip(&results).zip(1..).map(|((din, results), position)| Seen {
        din,
        rack: "5007",
        position,
        results,
    });
    let seen: Vec<Seen<'_>> = seen.collect();
    send(centre, 1, &seen).await;
    let committed = clock::moment();
    while tubes().await.unwrap().len() < 4 {
        assert!(since(committed) < PATIENCE, "{}", browser.words().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    browser.shot("rack-live").await;
    browser.goto(&centre.url("/")).await;
    browser.sees(&dins[1]).await;
    browser.shot("today").await;
    nothing_against(browser).await;
}

async fn repeats_come_and_go(browser: &Browser, centre: &Centre, reactive: &str) {
    browser.goto(&centre.url("/worklists?kind=repeats")).await;
    browser.sees(reactive).await;
    browser.shot("worklist").await;
    nothing_against(browser).await;
    let again =
        |position| Seen { din: reactive, rack: "5101", position, results: &[(Assay::Hbsag, true)] };
    send(centre, 11, &[again(1)]).await;
    send(centre, 12, &[again(1)]).await;
    browser.sees_no(reactive).await;
    browser.shot("worklist-done").await;
    assert_eq!(centre.bench.verdict(reactive), "reject");
    // A tube that was confirmed at its place may go on in another rack.
    let doubts = centre.bench.reasons(reactive);
    assert!(!doubts.contains(&"RACK_MISMATCH".to_owned()), "{doubts:?}");
}

/// Proposes to amend the first reason that may be.
async fn propose(browser: &Browser, centre: &Centre, din: &str, person: &Person) {
    browser.goto(&centre.url(&format!("/donations/{din}"))).await;
    browser.click("form[action$='/amend'] input[type=checkbox]").await;
    browser.click("form[action$='/amend'] button").await;
    browser.find("#amend-password").await;
    browser.shot("amend").await;
    nothing_against(browser).await;
    sealed(browser, "amend", person).await;
}

/// Grounds, words and password, nothing of it filled in beforehand; then the button.
async fn sealed(browser: &Browser, form: &str, person: &Person) {
    for field in ["ground", "text", "password"] {
        let field = browser.find(&format!("#{form}-{field}")).await;
        assert_eq!(field.prop("value").await.unwrap().unwrap_or_default(), "", "FM-11");
    }
    let ground = format!("#{form}-ground option[value='tested_elsewhere']");
    browser.click(&ground).await;
    browser.fill(&format!("#{form}-text"), "the reference laboratory found nothing").await;
    browser.fill(&format!("#{form}-password"), &password(person)).await;
    browser.click("main form button.danger").await;
}

async fn a_reject_stays_one(browser: &Browser, centre: &Centre, din: &str) {
    propose(browser, centre, din, &LI).await;
    browser.find(".told").await;
    assert_eq!(centre.bench.verdict(din), "reject", "one person changes nothing");
    // Who proposed it finds no way to agree.
    browser.goto(&centre.url(&format!("/donations/{din}"))).await;
    let agree = browser.driver.find_all(By::Css("form[action$='/agree']")).await.unwrap();
    assert!(agree.is_empty(), "nobody agrees with themselves");
    browser.shot("reject-proposed").await;
    nothing_against(browser).await;
    // Another person has doubts.
    centre.sign_in(browser, &ZHAO).await;
    browser.goto(&centre.url(&format!("/donations/{din}"))).await;
    let form = browser.find("form[action$='/turn-down']").await;
    let secret = form.find(By::Css("input[type=password]")).await.unwrap();
    secret.send_keys(password(&ZHAO)).await.unwrap();
    form.find(By::Css("button")).await.unwrap().click().await.unwrap();
    browser.find(".told.good").await;
    assert_eq!(centre.bench.verdict(din), "reject");
    browser.shot("reject-stays").await;
}

async fn a_report_is_signed_by_two(browser: &Browser, centre: &Centre, din: &str) {
    for (person, step) in [(&WANG, "reviewed"), (&ZHAO, "signed")] {
        centre.sign_in(browser, person).await;
        browser.goto(&centre.url(&format!("/donations/{din}"))).await;
        browser.click(&format!("#sign input[value='{step}']")).await;
        browser.fill("#sign-password", &password(person)).await;
        browser.click("#sign button").await;
        browser.find(".told.good").await;
        if step == "reviewed" {
            // The same person is not offered the second signature.
            browser.goto(&centre.url(&format!("/donations/{din}"))).await;
            browser.find("#sign input[value='signed'][disabled]").await;
        }
    }
    browser.shot("signed").await;
    nothing_against(browser).await;
    let signed = centre.bench.daemon.donation(din);
    let steps: Vec<_> = signed["statements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|said| said["says"] == "signature")
        .map(|said| (said["step"].as_str().unwrap(), said["by"].as_str().unwrap()))
        .collect();
    assert_eq!(steps, [("reviewed", WANG.user), ("signed", ZHAO.user)]);
}

async fn a_shifted_rack_is_held_and_settled(browser: &Browser, centre: &Centre, dins: &[String]) {
    centre.sign_in(browser, &LI).await;
    let rack = open_a_loading(browser, centre, "5008").await;
    for din in dins {
        assert!(scan(browser, din).await.starts_with('✔'));
    }
    browser.fill("#count", "3").await;
    browser.click("form[action$='/close'] button").await;
    browser.find("main h1 .state.good").await;
    // Each tube is read one place further on.
    let seen = dins.iter().zip(2..).map(|(din, position)| Seen {
        din,
        rack: "5008",
        position,
        results: &CLEAN,
    });
    send(centre, 21, &seen.collect::<Vec<_>>()).await;
    browser.find("#grid .told.bad").await;
    browser.shot("rack-in-doubt").await;
    nothing_against(browser).await;
    for din in dins {
        assert!(centre.bench.reasons(din).contains(&"RACK_MISMATCH".to_owned()), "{din}");
    }
    let settle = format!("{rack}/settle");
    centre.sign_in(browser, &WANG).await;
    browser.goto(&settle).await;
    browser.click("select[name=ground] option[value='identity_verified']").await;
    browser.fill("textarea[name=text]", "each tube was scanned again at its place").await;
    browser.fill("form:has(textarea) input[type=password]", &password(&WANG)).await;
    browser.click("form:has(textarea) button").await;
    browser.find(".told").await;
    assert!(centre.bench.reasons(&dins[0]).contains(&"RACK_MISMATCH".to_owned()));
    centre.sign_in(browser, &ZHAO).await;
    browser.goto(&settle).await;
    let agree = "form:has(input[name=act][value=agree])";
    browser.fill(&format!("{agree} input[type=password]"), &password(&ZHAO)).await;
    browser.click(&format!("{agree} button")).await;
    browser.find("#grid .told.warn").await;
    browser.shot("rack-settled").await;
    for din in dins {
        assert!(!centre.bench.reasons(din).contains(&"RACK_MISMATCH".to_owned()), "{din}");
    }
}

async fn in_the_other_language_and_on_paper(browser: &Browser, centre: &Centre, rack: &str) {
    centre.sign_in(browser, &LI).await;
    let html = browser.find("html").await;
    let before = html.attr("lang").await.unwrap().unwrap();
    let other = if before == "en" { "zh-CN" } else { "en" };
    browser.click("form[action='/language'] button").await;
    browser.find(&format!("html[lang='{other}']")).await;
    browser.goto(&centre.url("/")).await;
    browser.shot("today-other-language").await;
    browser.goto(&format!("{rack}/manifest")).await;
    browser.find(".bars svg").await;
    let paper = browser.printed("manifest").await;
    assert!(paper.starts_with(b"%PDF"), "{} bytes", paper.len());
    browser.shot("manifest").await;
    nothing_against(browser).await;
}

/// Nothing is against the page as it stands, and nothing is wider than the screen.
async fn nothing_against(browser: &Browser) {
    let found = browser.axe().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(browser.overflows().await, Vec::<String>::new());
}
