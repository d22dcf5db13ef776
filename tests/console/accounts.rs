//! Who may do what: roles and pages, and what an administrator does with accounts.

use crate::bench::{Answer, Bench, Browser, PASSWORD, PEOPLE};
use hemogate::people::Role;

/// Pages about blood; each asks for a role that looks at it.
const ABOUT_BLOOD: [&str; 4] = ["/no-such-page", "/racks", "/worklists", "/find?q=G1"];

fn add(browser: &Browser, user: &str, roles: &[&str], password: &str) -> Answer {
    let mut fields = vec![
        ("user", user),
        ("name", "Somebody New"),
        ("language", "en"),
        ("expires", ""),
        ("password", password),
    ];
    fields.extend(roles.iter().map(|role| (*role, "1")));
    browser.post("/accounts", &fields)
}

/// The password that the page shows once.
fn made(answer: &Answer) -> String {
    let (_, rest) = answer.text.split_once("id=\"made\">").expect("a password that was made");
    rest.split_once('<').unwrap().0.replace("&#43;", "+")
}

fn changed(browser: &Browser, user: &str, what: &str, fields: &[(&str, &str)]) -> Answer {
    let mut fields = fields.to_vec();
    fields.push(("password", PASSWORD));
    browser.post(&format!("/accounts/{user}/{what}"), &fields)
}

#[test]
fn every_role_enters_its_own_pages_and_no_others() {
    let bench = Bench::new();
    for (user, role) in PEOPLE {
        let browser = bench.signed_in(user);
        let may = |path: &str| browser.get(path).status != 403;
        let blood = role != Role::Administrator;
        for path in ABOUT_BLOOD {
            assert_eq!(may(path), blood, "{role:?} {path}");
        }
        let keeps = role == Role::Administrator;
        assert_eq!(may("/accounts"), keeps, "{role:?}");
        assert_eq!(may("/accounts/tina"), keeps, "{role:?}");
        let audits = [Role::Administrator, Role::Quality, Role::Auditor].contains(&role);
        assert_eq!(may("/account-events"), audits, "{role:?}");
        for own in ["/password", "/session"] {
            assert_eq!(browser.get(own).status, 200, "{role:?} {own}");
        }
    }
}

#[test]
fn an_auditor_and_an_administrator_send_no_form_about_blood() {
    let bench = Bench::new();
    for (user, role) in PEOPLE {
        let status = bench.signed_in(user).post("/no-such-form", &[]).status;
        let changes = [Role::Technician, Role::Reviewer, Role::Quality].contains(&role);
        assert_eq!(status, if changes { 404 } else { 403 }, "{role:?}");
    }
}

#[test]
fn only_an_administrator_adds_anybody_and_only_with_their_password() {
    let bench = Bench::new();
    for (user, role) in PEOPLE.into_iter().filter(|(_, role)| *role != Role::Administrator) {
        let answer = add(&bench.signed_in(user), "eve", &["administrator"], PASSWORD);
        assert_eq!(answer.status, 403, "{role:?}");
    }
    let adam = bench.signed_in("adam");
    add(&adam, "eve", &["technician"], "wrong").says("The password is wrong");
    assert_eq!(adam.get("/accounts/eve").status, 404);
    assert_eq!(add(&adam, "eve", &["technician"], PASSWORD).status, 200);
    assert_eq!(adam.get("/accounts/eve").status, 200);
}

#[test]
fn a_first_password_is_shown_once_and_opens_nothing_but_its_change() {
    let bench = Bench::new();
    let adam = bench.signed_in("adam");
    let first = made(&add(&adam, "eve", &["technician", "reviewer"], PASSWORD));
    assert!(!adam.get("/accounts/eve").text.contains(&first));
    let eve = bench.browser();
    assert_eq!(eve.sign_in("eve", &first).status, 303);
    for path in ["/", "/racks", "/live?regions=x", "/session"] {
        assert_eq!(eve.get(path).location.as_deref(), Some("/password"), "{path}");
    }
    eve.get("/password").says("Choose your own before you go on.");
    let own = "my very own words";
    let fields = [("password", first.as_str()), ("new", own), ("again", own)];
    assert_eq!(eve.post("/password", &fields).status, 303);
    assert_eq!(eve.get("/session").status, 200);
    assert_eq!(bench.browser().sign_in("eve", &first).status, 422);
}

#[test]
fn an_account_that_cannot_be_is_refused_with_what_to_do() {
    let bench = Bench::new();
    let adam = bench.signed_in("adam");
    add(&adam, "tina", &["technician"], PASSWORD).says("Names are never used again");
    add(&adam, "1 2", &["technician"], PASSWORD).says("is no user name");
    add(&adam, "eve", &[], PASSWORD).says("These roles do not go together");
    add(&adam, "eve", &["administrator", "reviewer"], PASSWORD).says("These roles do not go");
    add(&adam, "eve", &["auditor", "technician"], PASSWORD).says("These roles do not go");
    changed(&adam, "tina", "expires", &[("value", "soon")]).says("is no day");
    changed(&adam, "tina", "name", &[("value", " ")]).says("The name is empty");
    assert_eq!(changed(&adam, "nobody", "close", &[]).status, 422);
}

#[test]
fn a_closed_account_loses_its_session_at_once_and_never_comes_back() {
    let bench = Bench::new();
    let (adam, tina) = (bench.signed_in("adam"), bench.signed_in("tina"));
    assert_eq!(tina.get("/password").status, 200);
    assert_eq!(changed(&adam, "tina", "close", &[]).status, 303);
    assert_eq!(tina.get("/password").status, 303);
    bench.browser().sign_in("tina", PASSWORD).says("This account is closed.");
    adam.get("/accounts/tina").says("Nothing about it changes any more.");
    changed(&adam, "tina", "roles", &[("reviewer", "1")]).says("closed for ever");
    changed(&adam, "tina", "password", &[]).says("closed for ever");
    add(&adam, "tina", &["technician"], PASSWORD).says("Names are never used again");
}

#[test]
fn other_roles_or_another_password_end_every_session() {
    let bench = Bench::new();
    let adam = bench.signed_in("adam");
    let tina = bench.signed_in("tina");
    assert_eq!(changed(&adam, "tina", "roles", &[("quality", "1")]).status, 303);
    assert_eq!(tina.get("/account-events").status, 303);
    let tina = bench.signed_in("tina");
    assert_eq!(tina.get("/account-events").status, 200);
    let first = made(&changed(&adam, "tina", "password", &[]));
    assert_eq!(tina.get("/password").status, 303);
    assert_eq!(bench.browser().sign_in("tina", PASSWORD).status, 422);
    assert_eq!(bench.browser().sign_in("tina", &first).status, 303);
}

#[test]
fn an_administrator_changes_neither_their_own_roles_nor_their_own_end() {
    let bench = Bench::new();
    let adam = bench.signed_in("adam");
    adam.get("/accounts/adam").says("another administrator changes it");
    for (what, fields) in [
        ("roles", &[("technician", "1")][..]),
        ("expires", &[("value", "2020-01-01")]),
        ("close", &[]),
        ("password", &[]),
    ] {
        changed(&adam, "adam", what, fields).says("Another administrator does.");
    }
    assert_eq!(adam.get("/accounts").status, 200);
}

#[test]
fn there_is_always_an_administrator_left() {
    let bench = Bench::new();
    let (adam, ada) = (bench.signed_in("adam"), bench.signed_in("ada"));
    assert_eq!(changed(&adam, "ada", "close", &[]).status, 303);
    assert_eq!(ada.get("/accounts").status, 303);
    changed(&adam, "adam", "close", &[]).says("Nothing was changed.");
    assert_eq!(adam.get("/accounts").status, 200);
}

#[test]
fn who_audits_sees_who_did_what_and_never_a_hash() {
    let bench = Bench::new();
    bench.browser().sign_in("tina", "wrong");
    bench.browser().sign_in("my-password", "x");
    let adam = bench.signed_in("adam");
    changed(&adam, "tina", "roles", &[("reviewer", "1")]);
    changed(&adam, "rui", "password", &[]);
    let events = bench.signed_in("audrey").get("/account-events");
    for words in [
        "roles changed",
        "reviewer",
        "password set",
        "signed in",
        "wrong name or password at sign-in",
        "no such account",
        "account added",
    ] {
        events.says(words);
    }
    assert!(!events.text.contains("argon2") && !events.text.contains("my-password"));
    let of_rui = bench.signed_in("quan").get("/account-events?user=rui");
    of_rui.says("password set");
    assert!(!of_rui.text.contains("roles changed"), "{}", of_rui.text);
}
