//! What another rule set would have said of the donations on record.

use hemogate::store::{Archive, Collected};

use crate::bench::{message, observation, record, register, registration};
use crate::site::Site;

fn stricter(site: &Site) -> String {
    let text = site.config().rules.text().replacen("[site]", "[site]\n\"htlv\" = \"yes\"", 1);
    let path = site.folder.path().join("stricter.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn changes_are_counted_by_verdict_and_by_reason_with_examples() {
    let site = Site::new();
    let store = site.open();
    site.fill(&store, 1..=5);
    register(&store, registration(6)).unwrap();
    let stricter = stricter(&site);
    // The daemon may be writing meanwhile.
    let ran = site.rules(&["replay", &stricter, "--examples", "2"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    for words in [
        "6 of 6 donations would differ; 0 would have been releasable that never were, 5 never that \
         were",
        "releasable -> pending: 5",
        "and 3 more",
        "pending -> pending: 1, for other reasons",
        "MISSING: gone in 0 donations, new in 5",
        "ALL_OK: gone in 5 donations, new in 0",
        "G123426700001: ALL_OK -> MISSING:htlv",
    ] {
        assert!(ran.out.contains(words), "{words} in\n{}", ran.out);
    }
}

#[test]
fn donations_of_other_days_are_left_out_and_the_same_rule_set_changes_nothing() {
    let site = Site::new();
    let store = site.open();
    site.fill(&store, 1..=2);
    let own = site.folder.path().join("own.toml");
    std::fs::write(&own, site.config().rules.text()).unwrap();
    let same = site.rules(&["replay", own.to_str().unwrap()]);
    assert!(same.out.contains("0 of 2 donations would differ"), "{}{}", same.out, same.err);
    assert_eq!(same.status, 0);
    let stricter = stricter(&site);
    // Collected on 2026-11-20.
    for (from, to, count) in [
        ("2026-11-20", "2026-11-20", 2),
        ("2026-11-21", "2026-12-31", 0),
        ("2026-01-01", "2026-11-19", 0),
    ] {
        let ran = site.rules(&["replay", &stricter, "--from", from, "--to", to]);
        let words = format!("{count} of {count} donations would differ");
        assert!(ran.out.contains(&words), "{from} {to}: {}", ran.out);
    }
}

#[test]
fn a_rule_set_remembers_what_it_would_have_released_and_not_what_another_did() {
    let site = Site::new();
    let store = site.open();
    site.fill(&store, 1..=1);
    let mut late = observation(1, hemogate::domain::Assay::Hbsag, "9.9");
    late.reading = Some(hemogate::domain::Reading::Reactive);
    record(&store, message("late", vec![late]));
    let archive = Archive::open(&site.config().store_path).unwrap();
    let config = site.config();
    let din = crate::bench::din(1);
    let same = archive.what_if(&din, &config.rules).unwrap().unwrap();
    assert_eq!((same.verdict.as_str(), same.would_be.as_str()), ("recalled", "recalled"));
    assert!(same.is_same && same.was_releasable && same.would_have_been_releasable);
    let text = std::fs::read_to_string(stricter(&site)).unwrap();
    let stricter = hemogate::rules::RuleSet::parse("stricter.toml", &text).unwrap();
    let other = archive.what_if(&din, &stricter).unwrap().unwrap();
    assert_ne!(other.would_be, "recalled", "it never let it go");
    assert!(!other.would_have_been_releasable && !other.is_same);
    let day = "2026-11-20".parse().unwrap();
    let mut range = Collected::between(day, day);
    let (found, looked_at) = archive.next_collected(&mut range).unwrap().unwrap();
    assert_eq!((found, looked_at), (vec![din], 1));
    assert_eq!(archive.next_collected(&mut range).unwrap(), None);
}
