//! The keys of the schema are those of the parser, in both directions.

use std::collections::BTreeSet;

use hemogate::analyser::Profile;
use hemogate::document::Fault;
use regex::Regex;

use crate::bench::{DIALECTS, KEYS, SCHEMA, at, everything, faults, plain, resolved};

/// What the parser asks for where everything is there that the schema knows. A key that only the
/// parser knows shows here at once: it is asked for although it is nowhere; then what is below it.
fn asked() -> BTreeSet<String> {
    let documents = DIALECTS.map(|dialect| toml::to_string(&everything(dialect)).unwrap());
    let asked = documents.iter().flat_map(|text| Profile::asked_keys(text));
    asked.map(|key| plain(&key)).filter(|key| !key.ends_with(".*")).collect()
}

#[test]
fn the_schema_has_every_key_that_the_parser_asks_for() {
    let missing: Vec<_> = asked().into_iter().filter(|key| !KEYS.contains_key(key)).collect();
    assert!(missing.is_empty(), "config/profile.schema.json does not have {missing:#?}");
}

#[test]
fn the_parser_asks_for_every_key_that_the_schema_has() {
    let asked = asked();
    let unknown: Vec<_> = KEYS.keys().filter(|key| !asked.contains(*key)).collect();
    assert!(unknown.is_empty(), "the parser knows nothing of {unknown:#?}");
}

/// The tests above would not see a key that is asked for only where something else is at fault.
#[test]
fn the_schema_has_every_key_that_is_named_in_the_sources() {
    let asking = concat!(
        r"\.(?:string|strings|one_or_more|table|tables|integer|decimal|boolean|date|has",
        r#"|required_[a-z]+)\(\s*"([a-z_]+)""#
    );
    let asking = Regex::new(asking).unwrap();
    let names: BTreeSet<&str> = KEYS.keys().filter_map(|key| key.rsplit('.').next()).collect();
    let mut seen = 0;
    for entry in std::fs::read_dir("src/analyser/profile").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for found in asking.captures_iter(code).map(|found| found.get(1).unwrap().as_str()) {
            seen += 1;
            assert!(names.contains(found), "{}: {found:?} is not in the schema", path.display());
        }
    }
    assert!(seen > 100, "only {seen} keys were found in the sources: do they ask otherwise now?");
}

/// Where one dialect has another path, it knows nothing of what is beside it; none may mind.
#[test]
fn no_example_is_an_unknown_key_or_of_the_wrong_type() {
    let parsed = DIALECTS.map(|dialect| faults(&everything(dialect)));
    for key in KEYS.keys() {
        let is_refused = |faults: &Vec<Fault>| {
            let of_key = faults.iter().filter(|fault| plain(&fault.key) == *key);
            let mut messages = of_key.map(|fault| fault.message.as_str());
            messages.any(|said| said.starts_with("expected") || said.contains("not a known key"))
        };
        assert!(!parsed.iter().all(is_refused), "{key} is refused in every dialect");
    }
}

/// Every key is explained, and shown by an example that the schema itself accepts.
#[test]
fn every_key_has_a_description_and_an_example() {
    let mut document = everything(DIALECTS[0]);
    for (key, node) in KEYS.iter() {
        let node = resolved(node);
        if node == &serde_json::Value::Bool(false) || key.ends_with(".*") {
            continue;
        }
        let description = node["description"].as_str().unwrap_or_default();
        assert!(
            description.len() > 10 && description.ends_with(['.', '?']),
            "{key}: {description:?}"
        );
        assert!(
            at(&mut document, key).is_some()
                || key.starts_with("extends")
                || key.starts_with("replaces"),
            "{key} has no example"
        );
        if let Some(example) = node["examples"].get(0) {
            let validator = jsonschema::options().build(&alone(node)).unwrap();
            assert!(validator.is_valid(example), "{key}: {example} is not what it shows");
        }
    }
}

/// A part of the schema, with what it refers to.
fn alone(node: &serde_json::Value) -> serde_json::Value {
    let mut node = node.clone();
    node["$defs"] = SCHEMA["$defs"].clone();
    node
}
