//! A form that did not come from a page of the same session does nothing.

use crate::bench::{Bench, PASSWORD};

#[test]
fn a_form_without_the_token_of_its_session_changes_nothing() {
    let bench = Bench::new();
    let (tina, rui) = (bench.signed_in("tina"), bench.signed_in("rui"));
    let of_another = rui.token();
    for token in ["", "0", of_another.as_str()] {
        let answer = tina.post_bare("/language", &[("csrf", token)]);
        assert_eq!(answer.status, 403, "{token}");
        answer.says("did not come from a page of your session");
    }
    assert_eq!(tina.post_bare("/language", &[]).status, 403);
    tina.get("/password").says("<html lang=\"en\">");
    assert_eq!(tina.post("/language", &[]).status, 303);
}

#[test]
fn a_form_from_elsewhere_changes_nothing_even_with_the_token() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    let token = browser.token();
    let fields = [("csrf", token.as_str())];
    let own = format!("http://{}", bench.address());
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[],
    ] {
        let answer = browser.post_from("/language", &fields, headers);
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    browser.get("/password").says("<html lang=\"en\">");
    let same = browser.post_from("/language", &fields, &[("sec-fetch-site", "same-origin")]);
    assert_eq!(same.status, 303);
}

/// Otherwise somebody is signed in as another, and works under that name without knowing.
#[test]
fn nobody_is_signed_in_from_elsewhere() {
    let bench = Bench::new();
    let browser = bench.browser();
    let fields = [("name", "tina"), ("password", PASSWORD)];
    let answer = browser.post_from("/sign-in", &fields, &[("origin", "https://evil.example")]);
    assert_eq!(answer.status, 403);
    assert!(answer.set_cookie.is_none());
    answer.says("Hemogate");
}

#[test]
fn a_script_of_a_page_brings_the_token_in_a_header() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    let (token, own) = (browser.token(), format!("http://{}", bench.address()));
    let with = |token: &str| {
        let headers = [("origin", own.as_str()), ("x-csrf-token", token)];
        browser.post_from("/session/stay", &[], &headers)
    };
    assert_eq!(with(&token).status, 200);
    assert_eq!(with("0").status, 403);
}

#[test]
fn what_is_longer_than_a_form_may_be_is_refused() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    let token = browser.token();
    let most = hemogate::limits::CONSOLE_BODY_MAX;
    let long = |spare: usize| {
        let filling = "x".repeat(most - "csrf=&x=".len() - token.len() - spare);
        browser.post_bare("/language", &[("csrf", &token), ("x", &filling)]).status
    };
    assert_eq!(long(0), 303);
    let filling = "x".repeat(most - "csrf=&x=".len() - token.len() + 1);
    let over = browser.post_bare("/language", &[("csrf", &token), ("x", &filling)]);
    assert_eq!(over.status, 413);
}
