//! Signing in and out: the cookie, the words, the pauses, one's own password and language.

use std::fs;

use crate::bench::{Bench, PASSWORD};

#[test]
fn whoever_has_not_signed_in_sees_the_door_and_nothing_else() {
    let bench = Bench::new();
    let browser = bench.browser();
    for path in ["/", "/racks", "/worklists", "/accounts", "/account-events", "/no-such-page"] {
        let answer = browser.get(path);
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.location.unwrap().starts_with("/sign-in"), "{path}");
    }
    assert_eq!(browser.get("/live?regions=today-verdicts").status, 401);
    assert_eq!(browser.get("/session").status, 401);
    assert_eq!(browser.get("/sign-in").status, 200);
    assert_eq!(browser.get("/assets/console.css").status, 200);
}

#[test]
fn who_signs_in_goes_where_they_wanted_and_nowhere_else() {
    let bench = Bench::new();
    let browser = bench.browser();
    assert_eq!(browser.get("/find?q=G1").location.unwrap(), "/sign-in?next=/find%3Fq%3DG1");
    assert_eq!(browser.get("/sign-in?next=/racks%3Fx%3D1").field("next").unwrap(), "/racks?x=1");
    let fields = [("name", "tina"), ("password", PASSWORD), ("next", "//evil.example/")];
    let answer = browser.post_bare("/sign-in", &fields);
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/")));
    assert_eq!(browser.get("/sign-in").location.as_deref(), Some("/"));
}

#[test]
fn the_cookie_is_for_this_host_this_browser_and_no_script() {
    let bench = Bench::new();
    let set = bench.browser().sign_in("tina", PASSWORD).set_cookie.unwrap();
    let (pair, attributes) = set.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
    let (name, token) = pair.split_once('=').unwrap();
    assert_eq!((name, token.len()), ("hemogate", 64));

    let bench = Bench::configured("behind_proxy = true\n", &[]);
    let set = bench.browser().sign_in("tina", PASSWORD).set_cookie.unwrap();
    assert!(set.starts_with("__Host-hemogate="), "{set}");
    assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{set}");
}

#[test]
fn every_answer_tells_the_browser_what_it_may_do() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    for path in ["/sign-in", "/password", "/no-such-page", "/accounts", "/assets/console.js"] {
        let answer = browser.get(path);
        assert_eq!(
            answer.header("content-security-policy").unwrap(),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        let kept = if path.starts_with("/assets") { "max-age=3600" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(kept), "{path}");
        for inline in ["<script>", "onclick=", "style=\"", "<style"] {
            assert!(!answer.text.contains(inline), "{path} has {inline}");
        }
    }
}

#[test]
fn a_name_that_nobody_has_and_a_wrong_password_are_told_in_the_same_words() {
    let bench = Bench::new();
    let browser = bench.browser();
    let wrong = browser.sign_in("tina", "wrong battery staple");
    let unknown = browser.sign_in("nobody", PASSWORD);
    assert_eq!((wrong.status, unknown.status), (422, 422));
    wrong.says("User name or password is wrong.");
    assert_eq!(wrong.text.replace("tina", "nobody"), unknown.text);
    assert!(wrong.set_cookie.is_none() && unknown.set_cookie.is_none());
}

#[test]
fn guessing_at_one_name_is_paused_also_for_the_right_password_and_for_nobody_else() {
    let bench = Bench::new();
    let browser = bench.browser();
    let guessed = |name: &str| (0..6).map(|_| browser.sign_in(name, "guess").status).last();
    assert_eq!(guessed("tina"), Some(429));
    browser.sign_in("tina", PASSWORD).says("Too many wrong passwords.");
    assert_eq!(guessed("no-such-name"), Some(429));
    assert_eq!(browser.sign_in("rui", PASSWORD).status, 303);
}

#[test]
fn signing_out_ends_the_session_whoever_still_has_the_cookie() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    let kept = browser.cookie.borrow().clone();
    assert_eq!(browser.get("/password").status, 200);
    let out = browser.post("/sign-out", &[]);
    assert_eq!(out.location.as_deref(), Some("/sign-in"));
    assert!(out.set_cookie.unwrap().contains("Max-Age=0"));
    *browser.cookie.borrow_mut() = kept;
    assert_eq!(browser.get("/password").status, 303);
}

#[test]
fn another_password_ends_every_other_session_and_opens_the_door_from_then_on() {
    let bench = Bench::new();
    let (here, elsewhere) = (bench.signed_in("tina"), bench.signed_in("tina"));
    let new = "four words in a row";
    let change = |password: &str, new: &str, again: &str| {
        here.post("/password", &[("password", password), ("new", new), ("again", again)])
    };
    change("wrong", new, new).says("The password is wrong: nothing was done.");
    change(PASSWORD, new, "another").says("not typed twice alike");
    change(PASSWORD, "short", "short").says("at least 12 characters");
    change(PASSWORD, "my name is tina", "my name is tina").says("holds your user name");
    change(PASSWORD, PASSWORD, PASSWORD).says("is the old one");
    assert_eq!(elsewhere.get("/password").status, 200);
    assert_eq!(change(PASSWORD, new, new).status, 303);
    assert_eq!(here.get("/password").status, 200);
    assert_eq!(elsewhere.get("/password").status, 303);
    assert_eq!(bench.browser().sign_in("tina", PASSWORD).status, 422);
    assert_eq!(bench.browser().sign_in("tina", new).status, 303);
}

#[test]
fn everybody_chooses_their_language_and_keeps_it() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    browser.get("/password").says("<html lang=\"en\">");
    assert_eq!(browser.post("/language", &[]).status, 303);
    browser.get("/password").says("<html lang=\"zh-CN\">");
    browser.get("/password").says("您的密码");
    bench.signed_in("tina").get("/password").says("<html lang=\"zh-CN\">");
    bench.signed_in("rui").get("/password").says("<html lang=\"en\">");
    bench.browser().get("/sign-in?lang=zh-CN").says("用户名");
}

#[test]
fn a_session_opens_nothing_after_the_daemon_has_started_anew() {
    let bench = Bench::new();
    let stale = bench.signed_in("tina").cookie.borrow().clone();
    let bench = Bench::new();
    let browser = bench.browser();
    *browser.cookie.borrow_mut() = stale;
    assert_eq!(browser.get("/password").status, 303);
}

/// Neither as typed nor as kept: the database holds salted hashes of the ones that were right.
#[test]
fn no_password_that_was_typed_stands_in_any_file() {
    let mut bench = Bench::new();
    let browser = bench.browser();
    browser.sign_in("tina", "this one is wrong");
    browser.sign_in("typed into the wrong field", "x");
    bench.signed_in("tina");
    bench.stop();
    let mut looked_at = 0;
    for entry in fs::read_dir(bench.folder.path()).unwrap() {
        // The log of the database goes when the last handle does.
        let Ok(bytes) = fs::read(entry.unwrap().path()) else { continue };
        looked_at += bytes.len();
        for secret in [PASSWORD, "this one is wrong", "typed into the wrong field"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret}");
        }
    }
    assert!(looked_at > 10_000, "the database was not looked at");
}
