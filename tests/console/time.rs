//! What ends by itself: sessions, accounts, first passwords, pauses. The clock is ours.

use std::time::Duration;

use crate::bench::{PASSWORD, Timed};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn whoever_does_nothing_is_signed_out_and_told_so_when_they_come_back() {
    let console = Timed::new();
    let browser = console.signed_in("tina");
    console.pass(14 * MINUTE);
    assert_eq!(browser.get("/password").status, 200);
    let token = browser.token();
    console.pass(15 * MINUTE);
    let late = browser.post_bare("/language", &[("csrf", &token)]);
    assert_eq!(late.location.as_deref(), Some("/sign-in?over=1"));
    browser.get("/sign-in?over=1").says("What you sent was not done.");
}

#[test]
fn a_page_that_asks_by_itself_keeps_nobody_signed_in() {
    let console = Timed::new();
    let browser = console.signed_in("tina");
    for _ in 0..14 {
        console.pass(MINUTE);
        assert_eq!(browser.get("/session").status, 200);
    }
    browser.get("/session").says("\"left_s\":60");
    console.pass(MINUTE);
    assert_eq!(browser.get("/session").status, 401);
}

#[test]
fn whoever_says_that_they_are_there_stays_until_the_longest_time() {
    let console = Timed::new();
    let browser = console.signed_in("tina");
    for _ in 0..71 {
        console.pass(10 * MINUTE);
        assert_eq!(browser.post("/session/stay", &[]).status, 200);
    }
    browser.get("/session").says("\"left_s\":600");
    console.pass(10 * MINUTE);
    assert_eq!(browser.get("/password").status, 303);
}

#[test]
fn an_account_ends_after_its_last_day_in_the_middle_of_a_session() {
    let console = Timed::new();
    let adam = console.signed_in("adam");
    let today = console.today().to_string();
    let fields = [("value", today.as_str()), ("password", PASSWORD)];
    assert_eq!(adam.post("/accounts/tina/expires", &fields).status, 303);
    let tina = console.signed_in("tina");
    console.pass(DAY);
    assert_eq!(tina.get("/password").status, 303);
    console.browser().sign_in("tina", PASSWORD).says("This account has expired.");
    let adam = console.signed_in("adam");
    let fields = [("value", ""), ("password", PASSWORD)];
    assert_eq!(adam.post("/accounts/tina/expires", &fields).status, 303);
    console.signed_in("tina");
}

#[test]
fn a_first_password_that_nobody_used_opens_nothing_after_its_days() {
    let console = Timed::new();
    let adam = console.signed_in("adam");
    let made = adam.post("/accounts/tina/password", &[("password", PASSWORD)]);
    let (_, rest) = made.text.split_once("id=\"made\">").unwrap();
    let first = rest.split_once('<').unwrap().0.replace("&#43;", "+");
    console.pass(hemogate::limits::FIRST_PASSWORD_LIFE);
    assert_eq!(console.browser().sign_in("tina", &first).status, 303);
    console.pass(MINUTE);
    console.browser().sign_in("tina", &first).says("was not used in time");
}

#[test]
fn a_pause_passes_and_the_next_is_twice_as_long() {
    let console = Timed::new();
    let browser = console.browser();
    for _ in 0..4 {
        assert_eq!(browser.sign_in("tina", "guess").status, 422);
    }
    for pause in [2, 4, 8] {
        let told = browser.sign_in("tina", PASSWORD);
        assert_eq!(told.status, 429);
        told.says(&format!("for {pause} s."));
        console.pass(Duration::from_secs(pause));
        assert_eq!(browser.sign_in("tina", "guess").status, 422);
    }
    console.pass(Duration::from_secs(16));
    assert_eq!(browser.sign_in("tina", PASSWORD).status, 303);
}

/// The one at the desk may be another.
#[test]
fn after_wrong_passwords_in_a_row_at_the_moment_of_signing_the_person_is_signed_out() {
    let console = Timed::new();
    let adam = console.signed_in("adam");
    let close = |password: &str| adam.post("/accounts/tina/close", &[("password", password)]);
    for _ in 0..4 {
        close("wrong").says("The password is wrong: nothing was done.");
    }
    close(PASSWORD).says("Wait 2 s, then do it again.");
    console.pass(Duration::from_secs(2));
    assert_eq!(close("wrong").location.as_deref(), Some("/sign-in"));
    assert_eq!(adam.get("/accounts").status, 303);
    // Nothing happened meanwhile, and the door is open to whoever knows the password.
    console.signed_in("tina");
    console.signed_in("adam");
}
