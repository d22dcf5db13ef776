//! Decisions by people: two of them, about what they saw, with nothing filled in beforehand.

use std::net::SocketAddr;
use std::thread;

use hemogate::domain::Statement;
use regex::Regex;

use crate::bench::{Browser, PASSWORD};
use crate::lab::{Lab, agree, path};
use crate::support::laboratory::SEROLOGY;
use crate::support::messages;

#[test]
fn fm_11_nothing_of_a_decision_is_chosen_or_filled_in_beforehand() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    let rui = lab.signed_in("rui");
    let step = path(1, &format!("/amend?version={}&reason=0", lab.version(1)));
    let field = Regex::new("<(input|option|select|textarea)[^>]*>").unwrap();
    for page in [rui.get(&path(1, "")), rui.get(&step)] {
        assert_eq!(page.status, 200, "{}", page.text);
        let (_, main) = page.text.split_once("<main").unwrap();
        for found in field.find_iter(main).map(|found| found.as_str()) {
            assert!(!found.contains(" checked") && !found.contains(" selected"), "{found}");
            let is_choice = ["type=\"hidden\"", "type=\"checkbox\"", "type=\"radio\"", "<option"];
            let may_have_a_value = is_choice.iter().any(|kind| found.contains(kind));
            assert!(may_have_a_value || !found.contains("value="), "{found}");
        }
        assert!(main.contains("<textarea") && main.contains("></textarea>"));
    }
    // What is not chosen is not lifted.
    let version = lab.version(1);
    let none = rui.get(&path(1, &format!("/amend?version={version}")));
    assert_eq!(none.status, 422);
    none.says("Choose which reasons are to be lifted");
}

#[test]
fn nobody_makes_a_reject_releasable_alone_and_two_people_only_by_an_amendment() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    let [tina, rui, quan] = ["tina", "rui", "quan"].map(|user| lab.signed_in(user));
    let proposal = lab.propose(&rui, 1, "REPEAT_REACTIVE");
    assert_eq!(lab.laboratory.verdict(1), "reject");
    let own = agree(&rui, 1, proposal, &lab.version(1));
    assert_eq!(own.status, 422, "{}", own.text);
    own.says("another person must agree");
    let technician = agree(&tina, 1, proposal, &lab.version(1));
    assert_eq!(technician.status, 403);
    assert_eq!(lab.laboratory.verdict(1), "reject");
    let other = agree(&quan, 1, proposal, &lab.version(1));
    assert_eq!(other.status, 303, "{}", other.text);
    assert_ne!(lab.laboratory.verdict(1), "reject");
    // What was reactive stays visible.
    let page = quan.get(&path(1, ""));
    for words in ["AMENDED", "REPEAT_REACTIVE", "reactive", "rui", "quan"] {
        page.says(words);
    }
}

#[test]
fn an_auditor_and_an_administrator_decide_nothing() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    for user in ["audrey", "adam"] {
        let browser = lab.signed_in(user);
        let refused = lab.ask_to_lift(&browser, 1, "REPEAT_REACTIVE", PASSWORD);
        assert_eq!(refused.status, 403, "{user}");
    }
    assert!(lab.laboratory.donation(1).statements.is_empty());
}

#[test]
fn whoever_does_not_prove_who_they_are_signs_nothing() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    let rui = lab.signed_in("rui");
    for password in ["", "wrong horse"] {
        let refused = lab.ask_to_lift(&rui, 1, "REPEAT_REACTIVE", password);
        assert_ne!(refused.status, 303);
    }
    assert!(lab.laboratory.donation(1).statements.is_empty());
}

#[test]
fn fm_38_who_decides_on_an_old_page_is_told_to_look_again() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    let [rui, quan] = ["rui", "quan"].map(|user| lab.signed_in(user));
    let proposal = lab.propose(&rui, 1, "REPEAT_REACTIVE");
    let seen = lab.version(1);
    // Meanwhile another result comes in.
    let later = messages::e601(&messages::din(1), 286, 1, "7.10", "20260106120000");
    lab.laboratory.send(SEROLOGY, &later);
    assert_ne!(lab.version(1), seen);
    let before = lab.laboratory.donation(1).statements.len();
    let stale = agree(&quan, 1, proposal, &seen);
    assert_eq!(stale.status, 409, "{}", stale.text);
    stale.says("Look at it again before you decide.");
    assert_eq!(lab.laboratory.donation(1).statements.len(), before);
    assert_eq!(lab.laboratory.verdict(1), "reject");
}

#[test]
fn fm_02_of_many_posts_at_once_exactly_one_wins() {
    let lab = Lab::new(&[]);
    lab.reject(1);
    let [tina, rui, quan] = ["tina", "rui", "quan"].map(|user| lab.signed_in(user));
    let proposal = lab.propose(&tina, 1, "REPEAT_REACTIVE");
    let seen = lab.version(1);
    let cookies = [&rui, &quan].map(|browser| browser.cookie.borrow().clone());
    let address = rui.address;
    let won = thread::scope(|scope| {
        let click = |turn: usize| {
            let (cookie, seen) = (cookies[turn % 2].clone(), seen.as_str());
            scope.spawn(move || click(address, cookie, proposal, seen))
        };
        let clicks: Vec<_> = (0..12).map(click).collect();
        clicks.into_iter().map(|click| click.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
    let statements = lab.laboratory.donation(1).statements;
    let agreed = statements.iter().filter(|said| said.statement == Statement::Agreed(proposal));
    assert_eq!(agreed.count(), 1);
}

fn click(address: SocketAddr, cookie: Option<String>, proposal: i64, seen: &str) -> bool {
    let browser = Browser::at(address);
    *browser.cookie.borrow_mut() = cookie;
    let answer = agree(&browser, 1, proposal, seen);
    assert!(matches!(answer.status, 303 | 409 | 422 | 503), "{}: {}", answer.status, answer.text);
    answer.status == 303
}

#[test]
fn a_report_is_reviewed_and_signed_by_two_people() {
    let lab = Lab::new(&[("signatures", "required")]);
    lab.laboratory.register(1);
    lab.laboratory.send(SEROLOGY, &messages::e601_clean(&messages::din(1)));
    let rui = lab.signed_in("rui");
    let sign = |step: &str| {
        let version = lab.version(1);
        rui.post(
            &path(1, "/sign"),
            &[("version", &version), ("step", step), ("password", PASSWORD)],
        )
    };
    let early = sign("signed");
    assert_eq!(early.status, 422, "{}", early.text);
    early.says("nobody has reviewed the last results yet");
    assert_eq!(sign("reviewed").status, 303);
    let both = sign("signed");
    assert_eq!(both.status, 422, "{}", both.text);
    both.says("another person does this step");
}

#[test]
fn a_correction_counts_once_another_person_agreed_and_the_first_word_stays() {
    let lab = Lab::new(&[]);
    lab.laboratory.register(1);
    let [tina, rui] = ["tina", "rui"].map(|user| lab.signed_in(user));
    let version = lab.version(1);
    let fields = [
        ("version", version.as_str()),
        ("site", "Bus 7"),
        ("ground", "wrong_entry"),
        ("text", "The list says bus 7"),
        ("password", PASSWORD),
    ];
    let answer = tina.post(&path(1, "/correct"), &fields);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let proposal = lab.laboratory.donation(1).statements.last().unwrap().id;
    rui.get("/decisions").says(&messages::din(1));
    let answer = agree(&rui, 1, proposal, &lab.version(1));
    assert_eq!(answer.status, 303, "{}", answer.text);
    let page = rui.get(&path(1, ""));
    page.says("Bus 7");
    page.says("Centre");
    page.says("REGISTRATION_CORRECTED");
    assert_eq!(lab.laboratory.donation(1).registration.unwrap().site, "Centre");
}
