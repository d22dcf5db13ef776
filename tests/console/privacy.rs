//! What the daemon writes for administrators holds nothing of a password or a session, however much
//! it is asked to say.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::bench::{Browser, PASSWORD, add_people, config_text};

#[test]
fn nothing_of_a_password_or_a_session_is_logged() {
    let folder = TempDir::new().unwrap();
    add_people(&folder.path().join("hemogate.db"));
    let config = folder.path().join("site.toml");
    fs::write(&config, config_text("")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["serve", "--config"])
        .arg(&config)
        .env("HEMOGATE_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(File::create(folder.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said: Vec<_> = lines.map(Result::unwrap).take_while(|line| line != "ready").collect();
    let place = said.iter().find_map(|line| line.strip_prefix("console listening on "));
    let browser = Browser::at(place.unwrap().parse().unwrap());
    browser.sign_in("tina", "this one is wrong");
    browser.sign_in("typed-into-the-wrong-field", "x");
    assert_eq!(browser.sign_in("adam", PASSWORD).status, 303);
    let token = browser.token();
    let made = browser.post("/accounts/tina/password", &[("password", PASSWORD)]);
    let (_, rest) = made.text.split_once("id=\"made\">").unwrap();
    let first = rest.split_once('<').unwrap().0.to_owned();
    let cookie = browser.cookie.borrow().clone().unwrap();
    let (_, session) = cookie.split_once('=').unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.is_empty(), "nothing was logged at all");
    for secret in [
        PASSWORD,
        "this one is wrong",
        "typed-into-the-wrong-field",
        "argon2",
        &token,
        &first,
        session,
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
