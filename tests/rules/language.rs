//! Rule-set files: what is refused, with all faults at once.

use std::path::Path;

use hemogate::rules::{RuleSet, shipped, shipped_names};

use crate::case::CN;

fn faults(text: &str) -> Vec<String> {
    let Err(faults) = RuleSet::parse("x.toml", text) else { panic!("no fault was found") };
    faults.iter().map(ToString::to_string).collect()
}

fn broken(old: &str, new: &str) -> String {
    let text = shipped("cn").unwrap();
    assert!(text.contains(old), "{old}");
    faults(&text.replacen(old, new, 1)).join("\n")
}

#[test]
fn what_we_ship_is_what_lies_in_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
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
    assert!(CN.clauses().len() >= 4);
    assert!(CN.checks().iter().all(|check| !check.clauses.is_empty()));
    assert_eq!(CN.dated().year(), 2026);
}

#[test]
fn every_fault_is_reported_at_once() {
    let text = shipped("cn").unwrap();
    let text = text.replacen("version = \"2026.1\"", "version = \"\"", 1);
    let text = text.replacen("limit = 50", "limit = \"50\"", 1);
    let text = text.replacen("name = \"tp\"", "nome = \"tp\"", 1);
    let found = faults(&text);
    for part in ["version: is empty", "limit: expected a decimal", "nome: is not a known key"] {
        assert!(found.iter().any(|fault| fault.contains(part)), "{part}: {found:#?}");
    }
}

#[test]
fn an_empty_file_says_what_is_missing() {
    let found = faults("").join("\n");
    for key in ["name", "version", "dated", "status", "registration", "donor", "results"] {
        assert!(found.contains(key), "{key}: {found}");
    }
    assert!(found.contains("no check is required"), "{found}");
}

#[test]
fn an_unsafe_set_is_refused() {
    let wnv = "name = \"wnv-rna\"\nrequired = false";
    for (old, new, said) in [
        ("required = true\n\n[[reg", "required = false\n\n[[reg", "must be true"),
        ("evidence = [\"htlv\"]", "evidence = [\"tp\"]", "tp is judged or ignored elsewhere"),
        ("evidence = [\"htlv\"]", "evidence = [\"tp\"]", "htlv is in no check"),
        ("assay = \"hb\"", "assay = \"wnv-rna\"", "may not be ignored"),
        ("units = [\"U/L\", \"IU/L\"]", "units = []", "a number alone is no limit"),
        ("limit = 50", "limit = 0", "must be above zero"),
        ("limit = 50", "limt = 50", "limit is missing"),
        ("unqualified = \">\"", "unqualified = \"<\"", "is not one of >, >="),
        ("repeats = 2", "repeats = 1", "not between 2 and 8"),
        ("repeats = 2", "repeats = 9", "not between 2 and 8"),
        ("deferred = \"reject\"", "deferred = \"pending\"", "is not one of reject, hold"),
        ("policy = \"serology\"", "policy = \"serum\"", "no table [policy.serum]"),
        ("kind = \"quantity\"", "kind = \"number\"", "is not one of marker, quantity, group"),
        ("kind = \"quantity\"", "kind = \"group\"", "alt is not a blood group"),
        ("evidence = [\"abo\"]", "evidence = [\"abo\", \"rhd\"]", "has one assay"),
        ("evidence = [\"abo\"]", "evidence = [\"abba\"]", "\"abba\" is not an assay"),
        ("evidence = [\"abo\"]", "evidence = []", "at least one assay"),
        ("evidence = [\"alt\"]", "evidence = [\"hb\"]", "only alt has a limit"),
        (wnv, "name = \"tp\"\nrequired = false", "\"tp\" is taken"),
        ("confidence = \"G\"", "confidence = \"X\"", "is not one of V, S, G, D"),
        ("[[donor.clause]]", "[[donor.note]]", "has no clause"),
    ] {
        let found = broken(old, new);
        assert!(found.contains(said), "{new}: {found}");
    }
    let all = shipped("cn").unwrap().replace("required = true\nkind", "required = false\nkind");
    assert!(faults(&all).join("\n").contains("no check is required"));
}

#[test]
fn repeats_and_checks_are_bounded() {
    let text = shipped("cn").unwrap();
    assert!(RuleSet::parse("x", &text.replace("repeats = 2", "repeats = 8")).is_ok());
    let check = "[[check]]\nname = \"many\"\n";
    let many = format!("{text}\n{}", check.repeat(hemogate::limits::CHECKS_MAX));
    assert!(faults(&many).join("\n").contains("more than 64 checks"));
    let bound = format!("{text}\n{}", check.repeat(hemogate::limits::CHECKS_MAX - 12));
    assert!(!faults(&bound).join("\n").contains("more than 64 checks"));
}
