//! What one dialect has and another has not, the schema and the parser agree about.

use hemogate::analyser::{Profile, shipped};
use hemogate::document::Fault;
use serde_json::Value as Json;
use toml::Value as Toml;

use crate::bench::{SCHEMA, example, from_toml, invalid, resolved};

/// A profile of each dialect that extends no other.
const WHOLE: [&str; 5] =
    ["generic-astm", "generic-hl7", "beckman-au680", "generic-delimited-text", "biorad-evolis"];

fn whole(name: &str) -> Toml {
    toml::from_str(shipped(name).unwrap()).unwrap()
}

/// Whether the parser says that the key means nothing here.
fn is_meaningless(document: &Toml, key: &str) -> bool {
    let text = toml::to_string(document).unwrap();
    let faults = Profile::parse("p.toml", &text).err().unwrap_or_default();
    let own = |fault: &&Fault| {
        let of_key = fault.key == key || fault.key.ends_with(&format!(".{key}"));
        of_key || fault.message.starts_with(&format!("{key} "))
    };
    let words = ["not a known key", "means nothing", "leave it out", "there is no [query]"];
    let mut messages = faults.iter().filter(own).map(|fault| fault.message.as_str());
    messages.any(|message| words.iter().any(|word| message.contains(word)))
}

/// Each key of a table that the profile does not have is put in alone.
fn agree_about(table: &str, name: &str) {
    let keys = match table {
        "" => &*SCHEMA,
        table => resolved(&SCHEMA["properties"][table]),
    };
    let mut compared = 0;
    for (key, node) in keys["properties"].as_object().unwrap() {
        // The keys of a line are compared below; a family is no dialect's.
        if ["extends", "replaces", "link", "framing"].contains(&key.as_str()) {
            continue;
        }
        let mut document = whole(name);
        let entries = document.as_table_mut().unwrap();
        let entries = match table {
            "" => entries,
            table => {
                let none = || Toml::Table(toml::Table::new());
                entries.entry(table).or_insert_with(none).as_table_mut().unwrap()
            }
        };
        if entries.contains_key(key) {
            continue;
        }
        entries.insert(key.clone(), example(node));
        compared += 1;
        let wrong = invalid(&from_toml(&document));
        let place = if table.is_empty() { format!("/{key}") } else { format!("/{table}/{key}") };
        let by_schema = wrong.iter().any(|error| error.starts_with(&format!("{place} ")));
        let by_parser = is_meaningless(&document, key);
        assert_eq!(by_schema, by_parser, "{name}: {table}.{key}: {wrong:?}");
    }
    assert!(compared > 3, "{name}: {table}: nothing was compared");
}

#[test]
fn the_keys_at_the_root() {
    WHOLE.iter().for_each(|name| agree_about("", name));
}

#[test]
fn the_keys_of_a_line() {
    WHOLE.iter().for_each(|name| agree_about("link", name));
}

#[test]
fn the_keys_of_rows_and_of_a_plate() {
    for name in ["generic-delimited-text", "biorad-evolis"] {
        agree_about("text", name);
    }
}

#[test]
fn the_keys_of_each_kind_of_usual_line() {
    let keys = ["baud", "data_bits", "parity", "stop_bits", "port"];
    for kind in ["serial", "tcp-listen", "tcp-connect", "folder"] {
        for key in keys {
            let mut document = whole("generic-astm");
            let example = example(&resolved(&SCHEMA["properties"]["transport"])["properties"][key]);
            let line = [("kind".to_owned(), Toml::String(kind.to_owned())), (key.into(), example)];
            let line = Toml::Table(line.into_iter().collect());
            document.as_table_mut().unwrap().insert("transport".to_owned(), line);
            let by_schema = !invalid(&from_toml(&document)).is_empty();
            assert_eq!(by_schema, is_meaningless(&document, key), "{kind}: {key}");
        }
    }
}

#[test]
fn the_framings_of_each_dialect() {
    let framings: &Json = &resolved(&SCHEMA["properties"]["link"])["properties"]["framing"]["enum"];
    for name in WHOLE {
        for framing in framings.as_array().unwrap() {
            let mut document = whole(name);
            let framing = framing.as_str().unwrap();
            let link = [("framing".to_owned(), Toml::String(framing.to_owned()))];
            let link = Toml::Table(link.into_iter().collect());
            document.as_table_mut().unwrap().insert("link".to_owned(), link);
            let by_schema = !invalid(&from_toml(&document)).is_empty();
            let by_parser = Profile::parse("p.toml", &toml::to_string(&document).unwrap()).is_err();
            assert_eq!(by_schema, by_parser, "{name}: {framing}");
        }
    }
}
