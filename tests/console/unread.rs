//! Messages that could not be read: shown beside their bytes, judged by two people.

use crate::bench::{Answer, Browser, PASSWORD};
use crate::lab::{Lab, path};
use crate::support::laboratory::SEROLOGY;
use crate::support::messages;

/// Four clean results, and a record that nobody knows.
fn strange(number: u32) -> String {
    messages::e601_clean(&messages::din(number)).replace("L|1|N", "X|1|what is this\rL|1|N")
}

fn lab_with_an_unread_message() -> (Lab, i64) {
    let lab = Lab::new(&[]);
    lab.laboratory.register(1);
    lab.laboratory.send(SEROLOGY, &strange(1));
    let unread = lab.laboratory.store.unread(0, 10).unwrap();
    assert_eq!(unread.len(), 1);
    let message = unread[0].message;
    (lab, message)
}

fn propose(browser: &Browser, message: i64, judgement: &str) -> Answer {
    let fields = [
        ("judgement", judgement),
        ("ground", "without_meaning"),
        ("text", "A record of the maker that says nothing"),
        ("password", PASSWORD),
    ];
    browser.post(&format!("/unread/{message}/propose"), &fields)
}

fn agree(browser: &Browser, message: i64, proposal: i64) -> Answer {
    let proposal = proposal.to_string();
    let fields = [("proposal", proposal.as_str()), ("password", PASSWORD)];
    browser.post(&format!("/unread/{message}/agree"), &fields)
}

fn last_proposal(lab: &Lab, message: i64) -> i64 {
    let found = lab.laboratory.store.message(message).unwrap().unwrap();
    found.proposals.last().unwrap().record
}

#[test]
fn an_unread_message_is_listed_and_what_nobody_understood_is_highlighted() {
    let (lab, message) = lab_with_an_unread_message();
    let tina = lab.signed_in("tina");
    let list = tina.get("/unread");
    assert_eq!(list.status, 200, "{}", list.text);
    list.says(&format!("/unread/{message}"));
    list.says(&messages::din(1));
    let page = tina.get(&format!("/unread/{message}"));
    let marked = page.text.split("<mark").skip(1);
    assert!(marked.into_iter().any(|mark| mark.contains("what is this")), "{}", page.text);
    assert!(!page.text.contains("value=\"accepted\" checked"));
}

#[test]
fn two_people_accept_a_message_and_see_first_what_follows() {
    let (lab, message) = lab_with_an_unread_message();
    let [tina, rui] = ["tina", "rui"].map(|user| lab.signed_in(user));
    let before = lab.laboratory.reasons(1);
    assert!(before.iter().any(|reason| reason.starts_with("UNPROCESSED_MESSAGE")), "{before:?}");
    let outlook = tina.get(&format!("/unread/{message}/outlook?judgement=accepted"));
    assert_eq!(outlook.status, 200, "{}", outlook.text);
    outlook.says("What each donation would become");
    outlook.says(&messages::din(1));
    assert_eq!(lab.laboratory.reasons(1), before);
    let answer = propose(&tina, message, "accepted");
    assert_eq!(answer.status, 303, "{}", answer.text);
    let proposal = last_proposal(&lab, message);
    assert_eq!(agree(&tina, message, proposal).status, 403);
    assert_eq!(lab.laboratory.reasons(1), before);
    let answer = agree(&rui, message, proposal);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let after = lab.laboratory.reasons(1);
    assert!(!after.iter().any(|reason| reason.starts_with("UNPROCESSED_MESSAGE")), "{after:?}");
    rui.get(&path(1, "")).says("MESSAGE_JUDGED");
    assert_eq!(agree(&rui, message, proposal).status, 422);
}

#[test]
fn who_proposed_what_becomes_of_a_message_never_agrees_to_it() {
    let (lab, message) = lab_with_an_unread_message();
    let rui = lab.signed_in("rui");
    assert_eq!(propose(&rui, message, "rejected").status, 303);
    let proposal = last_proposal(&lab, message);
    let own = agree(&rui, message, proposal);
    assert_eq!(own.status, 422, "{}", own.text);
    own.says("another person must agree");
    let fields = [("proposal", proposal.to_string()), ("password", PASSWORD.to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let withdrawn = rui.post(&format!("/unread/{message}/turn-down"), &fields);
    assert_eq!(withdrawn.status, 303, "{}", withdrawn.text);
}

#[test]
fn a_message_that_the_profile_of_now_reads_as_before_is_not_read_again() {
    let (lab, message) = lab_with_an_unread_message();
    let rui = lab.signed_in("rui");
    let outlook = rui.get(&format!("/unread/{message}/outlook?judgement=read_again"));
    assert_eq!(outlook.status, 200, "{}", outlook.text);
    outlook.says("mend the profile");
    assert!(!outlook.text.contains("name=\"password\""));
}
