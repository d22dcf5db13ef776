//! Which rule set a daemon may start with, and the way there.

use hemogate::store::prove;

use crate::bench::{feed_words, verdict_of};
use crate::site::{STRICTER, Site, today, tomorrow};

#[test]
fn the_first_start_takes_a_shipped_text_with_the_sites_choices_and_says_so() {
    let site = Site::new();
    let (store, told) = site.admitted().unwrap();
    let told = told.unwrap();
    assert!(told.contains("first start") && told.contains("approved by nobody"), "{told}");
    drop(store);
    let (_, again) = site.admitted().unwrap();
    assert!(again.unwrap().contains("goes on as it began"));
}

#[test]
fn a_text_of_the_sites_own_needs_approvals_even_for_the_first_start() {
    let site = Site::new();
    let text = site.config().rules.text().replacen("2026", "2027", 1);
    std::fs::write(site.folder.path().join("own.toml"), text).unwrap();
    let config = std::fs::read_to_string(site.path()).unwrap();
    let (above, _) = config.split_once("[switches]").unwrap();
    let own = above.replace("file = \"cn\"", "file = \"./own.toml\"");
    std::fs::write(site.path(), own).unwrap();
    assert!(site.refusal().contains("it is unknown"));
    site.approve();
    let today = today().to_string();
    site.good(&["activate", &site.sha(), "--from", &today, "--by", "Li Wei"]);
    assert_eq!(site.admitted().unwrap().1, None, "approved by two, nothing to tell");
}

#[test]
fn a_changed_choice_decides_nothing_before_two_people_approved_it_and_its_day_has_come() {
    let site = Site::new();
    let store = site.open();
    site.fill(&store, 1..=3);
    let before = feed_words(&store);
    assert!((1..=3).all(|number| verdict_of(&store, number) == "releasable"), "{before:?}");
    drop(store);

    site.choose(&[STRICTER], "");
    let refused = site.refusal();
    for command in ["rules draft", "rules replay", "rules approve", "rules activate"] {
        assert!(refused.contains(command), "{refused}");
    }
    let sha = site.sha();
    assert!(site.bad(&["approve", &sha, "--by", "Li Wei"]).contains("no rule set on record"));
    site.good(&["draft", "--by", "Li Wei"]);
    assert!(site.refusal().contains("it is checked"));
    assert!(site.bad(&["approve", &sha, "--by", "Li Wei"]).contains("hemogate rules replay"));
    let text = site.folder.path().join("new.toml");
    std::fs::write(&text, site.config().rules.text()).unwrap();
    let replay = site.rules(&["replay", text.to_str().unwrap(), "--by", "Li Wei"]);
    assert!(replay.out.contains("3 of 3 donations would differ"), "{}{}", replay.out, replay.err);
    site.good(&["approve", &sha[..8], "--by", "Li Wei"]);
    let same = site.bad(&["approve", &sha, "--by", " li wei"]);
    assert!(same.contains("another person"), "{same}");
    let early = site.bad(&["activate", &sha, "--from", "2030-01-01", "--by", "Li Wei"]);
    assert!(early.contains("second person"), "{early}");
    site.good(&["approve", &sha, "--by", "Wang Fang"]);
    assert!(site.refusal().contains("it is approved"));
    site.good(&["activate", &sha, "--from", &tomorrow().to_string(), "--by", "Wang Fang"]);
    assert!(site.refusal().contains(&format!("its day is {}", tomorrow())));
    site.good(&["activate", &sha, "--from", &today().to_string(), "--by", "Wang Fang"]);

    let (store, told) = site.admitted().unwrap();
    assert_eq!(told, None);
    assert!((1..=3).all(|number| verdict_of(&store, number) != "releasable"));
    assert_eq!(feed_words(&store)[..before.len()], before, "history is only added to");
    drop(store);
    prove(&site.config().store_path).unwrap();
}

#[test]
fn back_to_the_one_before_needs_approvals_too() {
    let site = Site::new();
    drop(site.open());
    let first = site.sha();
    site.choose(&[STRICTER], "");
    site.approve();
    let today = today().to_string();
    site.good(&["activate", &site.sha(), "--from", &today, "--by", "Li Wei"]);
    drop(site.open());
    site.choose(&[], "");
    assert!(site.refusal().contains("it is unknown"), "it began, but nobody approved it");
    site.approve();
    site.good(&["activate", &first, "--from", &today, "--by", "Li Wei"]);
    drop(site.open());
}

#[test]
fn the_one_that_decides_cannot_be_retired_and_a_retired_one_cannot_decide() {
    let site = Site::new();
    drop(site.open());
    let first = site.sha();
    site.good(&["draft", "--by", "Li Wei"]);
    let refused = site.bad(&["retire", &first, "--by", "Li Wei"]);
    assert!(refused.contains("decides now"), "{refused}");
    site.choose(&[STRICTER], "");
    site.approve();
    site.good(&["activate", &site.sha(), "--from", &today().to_string(), "--by", "Li Wei"]);
    drop(site.open());
    site.good(&["retire", &first, "--by", "Li Wei", "--why", "HTLV is required now"]);
    let list = site.good(&["list"]);
    assert!(list.contains(": retired") && list.contains("HTLV is required now"), "{list}");
    assert!(list.contains("active from") && list.contains(", decides"), "{list}");
    site.choose(&[], "approvals = \"not_used\"");
    assert!(site.refusal().contains("it was retired"));
}

#[test]
fn where_approvals_are_not_used_a_change_decides_at_once_and_is_told() {
    let site = Site::new();
    drop(site.open());
    site.choose(&[STRICTER], "approvals = \"not_used\"");
    let (_, told) = site.admitted().unwrap();
    let told = told.unwrap();
    assert!(told.contains("nobody approved it") && told.contains("in place of"), "{told}");
    let remarks = site.config().remarks.join("\n");
    assert!(remarks.contains("rules.approvals is \"not_used\""), "{remarks}");
}

#[test]
fn a_text_that_is_not_proved_is_not_brought() {
    let site = Site::new();
    drop(site.open());
    let unsafe_text =
        site.config().rules.text().replacen("then = \"reject\"", "then = \"pass\"", 1);
    let path = site.folder.path().join("unsafe.toml");
    std::fs::write(&path, unsafe_text).unwrap();
    site.bad(&["draft", path.to_str().unwrap(), "--by", "Li Wei"]);
    let list = site.good(&["list"]);
    assert_eq!(list.matches("sha256").count() + list.matches(", decides").count(), 1, "{list}");
}
