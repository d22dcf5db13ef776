//! Words, bounds and types of the schema are those of the parser.

use serde_json::Value as Json;
use toml::Value as Toml;

use crate::bench::{DIALECTS, KEYS, at, everything, faults, from_toml, invalid, plain, resolved};

/// What the parser says of a key in each dialect, where its value is this one.
fn said(key: &str, value: &Toml) -> Vec<Vec<String>> {
    let said = DIALECTS.iter().filter_map(|dialect| {
        let mut document = everything(*dialect);
        *at(&mut document, key)? = value.clone();
        let faults = faults(&document).into_iter();
        let own = faults.filter(|fault| plain(&fault.key) == key);
        Some(own.map(|fault| fault.message).collect())
    });
    said.collect()
}

/// Whether the schema minds this value, beside whatever else is wrong.
fn minds(key: &str, value: &Toml) -> bool {
    let mut document = everything(DIALECTS[0]);
    let before = invalid(&from_toml(&document));
    *at(&mut document, key).unwrap() = value.clone();
    invalid(&from_toml(&document)).iter().any(|error| !before.contains(error))
}

/// Keys that are single words out of a list: with the list.
fn words() -> impl Iterator<Item = (&'static String, Vec<&'static str>)> {
    let lists = KEYS.iter().filter_map(|(key, node)| {
        let node = resolved(node);
        let (key_of_data, of_data) = (&node["additionalProperties"]["enum"], &node["enum"]);
        let list = of_data.as_array().or(key_of_data.as_array())?;
        Some((key, list.iter().map(|word| word.as_str().unwrap()).collect()))
    });
    lists.filter(|(key, _): &(&String, _)| *key != "dialect")
}

#[test]
fn the_parser_takes_every_word_of_the_schema_and_no_other() {
    let mut lists = 0;
    for (key, words) in words() {
        lists += 1;
        let is_map = resolved(KEYS[key])["additionalProperties"].is_object();
        let place = if is_map { format!("{key}.*") } else { key.clone() };
        let wrong = said(&place, &Toml::String("no-such".to_owned()));
        assert!(wrong.iter().any(|said| !said.is_empty()), "{place} takes any word");
        for word in words {
            let right = said(&place, &Toml::String(word.to_owned()));
            let same = |(wrong, right): (&Vec<String>, &Vec<String>)| {
                let about = wrong.iter().map(|message| message.replace("no-such", word));
                about.collect::<Vec<_>>() == *right && !right.is_empty()
            };
            let refused = wrong.iter().zip(&right).filter(|pair| same(*pair)).count();
            assert!(refused < right.len(), "{place} does not take {word:?}: {right:?}");
        }
    }
    assert!(lists > 25, "only {lists} lists of words were found");
}

/// Every word that the parser could take is in the schema: what a domain type calls its values.
#[test]
fn the_schema_has_every_assay_status_and_charset() {
    use hemogate::codec::charset::Charset;
    use hemogate::domain::{Assay, ResultStatus};
    let list = |key: &str| {
        let (_, words) = words().find(|(known, _)| *known == key).unwrap();
        words
    };
    let texts = ["shift_jis", "utf-16", "latin1", "iso-8859-10", "iso-8859-15", "gb2312", "ascii"];
    for name in texts {
        let known = Charset::from_name(name).is_some();
        assert_eq!(list("charset").contains(&name), known, "{name}");
    }
    assert_eq!(list("tests"), Assay::ALL.map(Assay::id));
    assert_eq!(list("status.codes"), ResultStatus::ALL.map(ResultStatus::id));
}

/// Bounds that depend on something else of the profile.
const ELSEWHERE: [&str; 1] = ["text.positions"];

#[test]
fn numbers_have_the_bounds_of_the_parser() {
    let mut bounds = 0;
    for (key, node) in KEYS.iter().filter(|(key, _)| !ELSEWHERE.contains(&key.as_str())) {
        let node = resolved(node);
        if node["type"] != "integer" {
            continue;
        }
        for (bound, past) in [("minimum", -1), ("maximum", 1)] {
            bounds += 1;
            let bound = node[bound].as_i64().unwrap();
            let beyond = |number: i64| {
                let said = said(key, &Toml::Integer(number));
                said.into_iter().flatten().any(|message| message.contains("is not between"))
            };
            assert!(!beyond(bound), "{key} = {bound} at the bound");
            assert!(beyond(bound + past), "{key} = {} past the bound", bound + past);
        }
    }
    assert!(bounds > 30, "only {bounds} bounds were found");
}

#[test]
fn a_value_of_the_wrong_type_is_refused_by_both() {
    for (key, node) in KEYS.iter() {
        let node = resolved(node);
        let wrong = match node["type"].as_str() {
            Some("string" | "array" | "object") => Toml::Integer(7),
            Some("integer" | "number" | "boolean") => Toml::String("x".to_owned()),
            Some(other) => panic!("{key}: {other}"),
            None if node == &Json::Bool(false) || key.ends_with(".*") => continue,
            None => Toml::Boolean(true),
        };
        if ["extends", "replaces", "dialect"].contains(&key.as_str()) {
            continue;
        }
        let said = said(key, &wrong);
        let mut messages = said.iter().flatten();
        assert!(messages.any(|m| m.starts_with("expected")), "{key} = {wrong}: {said:?}");
        assert!(minds(key, &wrong), "{key} = {wrong} is valid by the schema");
    }
}
