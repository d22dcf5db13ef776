//! The manual page of the profile language: a row for every key, with what the schema says of it,
//! and examples that are profiles as far as they go.

use hemogate::analyser::Profile;
use serde_json::Value as Json;

use crate::bench::{KEYS, invalid, json, resolved};

fn manual() -> String {
    std::fs::read_to_string("docs/manual/profile-language.md").unwrap()
}

/// `| key | shape | if not given | what it is |`, a bar inside a cell escaped.
fn rows(manual: &str) -> Vec<Vec<String>> {
    let lines = manual.lines().filter(|line| line.starts_with("| `"));
    let cells = |line: &str| {
        let line = line.replace("\\|", "\u{1}");
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().replace('\u{1}', "|")).collect()
    };
    lines.map(cells).collect()
}

#[test]
fn every_key_of_the_schema_has_a_row_that_says_the_same() {
    let manual = manual();
    let rows = rows(&manual);
    for (key, node) in KEYS.iter().filter(|(key, _)| !key.ends_with(".*")) {
        let node = resolved(node);
        if node == &Json::Bool(false) {
            continue;
        }
        let name = format!("`{}`", key.rsplit('.').next().unwrap());
        let description = node["description"].as_str().unwrap();
        let row = rows.iter().find(|row| row[0] == name && row[3] == description);
        let row = row.unwrap_or_else(|| panic!("{key}: no row says {description:?}"));
        let words = node["enum"].as_array().into_iter().flatten();
        for word in words.map(|word| word.as_str().unwrap()) {
            assert!(row[1].contains(&format!("`{word}`")), "{key}: {word}");
        }
        for bound in ["minimum", "maximum"].iter().filter_map(|bound| node[bound].as_i64()) {
            assert!(row[1].split(' ').any(|word| word == bound.to_string()), "{key}: {bound}");
        }
        let usual = node.get("default").map(|usual| format!("`{usual}`"));
        assert_eq!(row[2], usual.unwrap_or_default(), "{key}: what it is if not given");
    }
}

#[test]
fn the_manual_has_no_key_that_the_schema_does_not_have() {
    for row in rows(&manual()).iter().filter(|row| row.len() == 4) {
        let name = row[0].trim_matches('`');
        let known = |key: &String| key.rsplit('.').next() == Some(name);
        assert!(KEYS.keys().any(known), "{name} is not in the schema");
    }
}

/// Assays and statuses are listed in the text.
#[test]
fn every_word_of_the_schema_is_in_the_manual() {
    let manual = manual();
    for (key, node) in KEYS.iter() {
        let node = resolved(node);
        let lists = [&node["additionalProperties"]["enum"], &node["enum"]];
        for word in lists.into_iter().filter_map(Json::as_array).flatten() {
            let word = word.as_str().unwrap();
            let is_there = [format!("`{word}`"), format!("\"{word}\"")];
            assert!(is_there.iter().any(|word| manual.contains(word)), "{key}: {word}");
        }
    }
}

const OWN: &str = "name = \"m\"\nversion = \"1\"\ndate = 2026-01-31\ntitle = \"M\"\n\
                   confidence = \"low\"\nbuilt_from = \"a test\"\n";

/// A part of a profile as a member of a family.
fn member(example: &str) -> String {
    let is_of = |table: &str| example.contains(table);
    let mut text = String::new();
    if !is_of("name = \"maker-model\"") {
        text += OWN;
        let dialect = match (is_of("[blocks]"), is_of("[text]")) {
            (true, _) => "blocks",
            (_, true) => "text",
            (false, false) => "lis02",
        };
        text += &format!("dialect = \"{dialect}\"\ncharset = \"ascii\"\n");
    }
    if !is_of("extends") {
        text += "extends = \"generic-astm\"\n";
    }
    text + example
}

#[test]
fn every_example_is_a_profile_as_far_as_it_goes() {
    let manual = manual();
    let examples: Vec<&str> = manual.split("```toml\n").skip(1).collect();
    assert!(examples.len() > 25, "only {} examples were found", examples.len());
    for example in examples.iter().map(|rest| rest.split("```").next().unwrap()) {
        let text = member(example);
        assert_eq!(invalid(&json(&text)), Vec::<String>::new(), "{example}");
        let alone = text.replace("extends = \"generic-astm\"\n", "");
        let alone = alone.replace("extends = \"maker-family\"\n", "extends = \"generic-astm\"\n");
        let faults = Profile::parse("p.toml", &alone).err().unwrap_or_default();
        let wrong = |message: &str| message.contains("known key") || message.contains("expected");
        let wrong: Vec<_> = faults.iter().filter(|fault| wrong(&fault.message)).collect();
        assert!(wrong.is_empty(), "{example}: {wrong:#?}");
    }
}
