//! Steps while a daemon has the store: the same commands, over its HTTP.

use serde_json::json;

use crate::site::{Site, today};
use crate::support::process::Daemon;

/// A daemon whose HTTP has an address that the configuration can name.
fn serve(site: &Site, rules: &str) -> Daemon {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    site.choose(&[], rules);
    let text = std::fs::read_to_string(site.path()).unwrap();
    std::fs::write(site.path(), text.replace("127.0.0.1:0", &free.to_string())).unwrap();
    Daemon::start(&site.path())
}

fn stricter(site: &Site) -> String {
    let text = site.config().rules.text().replacen("[site]", "[site]\n\"htlv\" = \"yes\"", 1);
    std::fs::write(site.folder.path().join("stricter.toml"), text).unwrap();
    let path = site.folder.path().join("stricter.toml");
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_rule_set_comes_of_age_while_the_daemon_runs() {
    let site = Site::new();
    let daemon = serve(&site, "");
    let text = stricter(&site);
    let out = site.good(&["draft", &text, "--by", "Li Wei"]);
    assert!(out.contains("is checked"), "{out}");
    let sets = daemon.get("/api/v1/rules").1;
    let set = &sets["rule_sets"][1];
    assert_eq!((&set["state"], &set["decides"]), (&json!("checked"), &json!(false)), "{sets}");
    let sha = set["rule_set"]["sha256"].as_str().unwrap();
    assert!(site.bad(&["approve", sha, "--by", "Li Wei"]).contains("hemogate rules replay"));
    site.good(&["replay", &text, "--by", "Li Wei"]);
    site.good(&["approve", sha, "--by", "Li Wei"]);
    assert!(site.bad(&["approve", sha, "--by", "Li Wei"]).contains("another person"));
    site.good(&["approve", sha, "--by", "Wang Fang"]);
    let out = site.good(&["activate", sha, "--from", &today().to_string(), "--by", "Li Wei"]);
    assert!(out.contains("is active from"), "{out}");
    let list = site.good(&["list"]);
    assert!(list.contains("approved by Wang Fang"), "{list}");
}

#[test]
fn what_is_wrong_with_a_step_is_told_by_field() {
    let site = Site::new();
    let daemon = serve(&site, "");
    let post = |path: &str, body| {
        let (status, answer) = daemon.post(path, &body);
        (status, answer["type"].as_str().unwrap_or_default().to_owned())
    };
    let steps = "/api/v1/rules/steps";
    let step = |step: &str| json!({ "sha256": "aaaaaaaaaaaa", "step": step, "by": "Li" });
    assert_eq!(post(steps, step("checked")), (422, "urn:hemogate:wrong-field".to_owned()));
    assert_eq!(post(steps, step("active_from")), (422, "urn:hemogate:wrong-field".to_owned()));
    assert_eq!(post(steps, step("approved")), (409, "urn:hemogate:step-refused".to_owned()));
    assert_eq!(post(steps, json!({ "step": 1 })), (422, "urn:hemogate:wrong-field".to_owned()));
    let unproved = json!({ "text": "name = \"x\"", "by": "Li" });
    assert_eq!(post("/api/v1/rules", unproved), (422, "urn:hemogate:wrong-field".to_owned()));
}

#[test]
fn the_shadow_of_a_running_daemon_is_listed_over_http_and_by_the_command() {
    let site = Site::new();
    let text = stricter(&site);
    let daemon = serve(&site, "");
    site.good(&["draft", &text, "--by", "Li Wei"]);
    let none = daemon.get("/api/v1/rules/shadow").1;
    assert_eq!((&none["shadow"], &none["differences"]), (&json!(null), &json!([])));
    drop(daemon);

    let shadow = "shadow = \"./stricter.toml\"\n[shadow_switches]";
    let daemon = serve(&site, shadow);
    daemon.register(&crate::support::messages::registration(&crate::support::messages::din(1)));
    let found = loop {
        let found = daemon.get("/api/v1/rules/shadow").1;
        if found["differences"].as_array().is_some_and(|found| !found.is_empty()) {
            break found;
        }
    };
    assert_eq!(found["differing"], 1, "{found}");
    let one = &found["differences"][0];
    let missing = |reason: &serde_json::Value| reason["assay"] == "htlv";
    assert!(one["would_be_reasons"].as_array().unwrap().iter().any(missing), "{one}");
    assert!(!one["reasons"].as_array().unwrap().iter().any(missing), "{one}");
    let ran = site.rules(&["shadow"]);
    assert_eq!(ran.status, 1, "there is a difference");
    assert!(ran.out.contains("MISSING:htlv"), "{}", ran.out);
    let list = site.good(&["list"]);
    assert!(list.contains(": shadow") && list.contains("runs beside"), "{list}");
}
