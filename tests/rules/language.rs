//! The rule-set files that we ship.

use std::path::Path;

use hemogate::rules::{RuleSet, shipped, shipped_names};

use crate::case::CN;

#[test]
fn what_we_ship_is_what_lies_in_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.ends_with("baselines.toml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(shipped(&name), Some(text.as_str()), "{name}");
        let rules = RuleSet::parse(&name, &text).unwrap();
        assert_eq!(rules.identity().name, name);
        assert!(!rules.status().is_empty());
        names.push(name);
    }
    names.sort();
    assert_eq!(shipped_names().collect::<Vec<_>>(), names);
    assert_eq!(shipped("nowhere"), None);
}

#[test]
fn a_rule_set_is_identified_by_the_hash_of_its_bytes() {
    let identity = CN.identity();
    assert_eq!(identity.name, "cn");
    assert_eq!(identity.sha256.len(), 64);
    assert!(identity.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    assert_eq!(CN.text(), shipped("cn").unwrap());
    let other = RuleSet::parse("cn.toml", &format!("{}\n", CN.text())).unwrap();
    assert_ne!(other.identity().sha256, identity.sha256);
}

#[test]
fn the_chinese_set_says_that_it_is_not_validated() {
    assert!(CN.status().starts_with("NOT VALIDATED"));
    assert!(CN.checks().iter().all(|check| CN.clause(&check.clause).is_some()));
    assert_eq!(CN.dated().year(), 2026);
}
