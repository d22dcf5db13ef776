//! Every profile that we ship is what the schema says, families and their members alike.

use hemogate::analyser::{shipped, shipped_names};

use crate::bench::{SCHEMA, invalid, json};

#[test]
fn every_shipped_profile_validates() {
    for name in shipped_names() {
        let wrong = invalid(&json(shipped(name).unwrap()));
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}

/// Some editors know no younger draft: what they cannot read they must not need.
#[test]
fn the_schema_says_the_same_by_draft_7() {
    let mut schema = SCHEMA.clone();
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    let old = jsonschema::draft7::options().build(&schema).unwrap();
    for name in shipped_names() {
        let mut profile = json(shipped(name).unwrap());
        assert!(old.is_valid(&profile), "{name}");
        profile["surprise"] = 1.into();
        assert!(!old.is_valid(&profile), "{name}: a key that nobody knows");
    }
    let young = ["unevaluatedProperties", "dependentRequired", "prefixItems", "dependentSchemas"];
    let text = SCHEMA.to_string();
    assert!(!young.iter().any(|word| text.contains(word)), "one of {young:?}");
    assert!(no_siblings(&SCHEMA), "before draft 2019-09 nothing beside a $ref is looked at");
}

fn no_siblings(node: &serde_json::Value) -> bool {
    match node {
        serde_json::Value::Object(entries) => {
            let alone = !entries.contains_key("$ref") || entries.len() == 1;
            alone && entries.values().all(no_siblings)
        }
        serde_json::Value::Array(items) => items.iter().all(no_siblings),
        _ => true,
    }
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&SCHEMA));
}

/// A whole profile must have what a member of a family may leave out.
#[test]
fn what_a_member_leaves_out_a_whole_profile_must_have() {
    let mut whole = json(shipped("generic-astm").unwrap());
    for key in ["dialect", "charset", "tests", "fields", "status", "kind"] {
        let own = whole.as_object_mut().unwrap().remove(key).unwrap();
        assert!(!invalid(&whole).is_empty(), "{key} is missing");
        whole["extends"] = "generic-astm".into();
        assert!(invalid(&whole).is_empty(), "{key} is inherited");
        whole.as_object_mut().unwrap().remove("extends");
        whole[key] = own;
    }
    whole["extends"] = "generic-astm".into();
    for key in ["name", "version", "date", "title", "confidence", "built_from"] {
        let own = whole.as_object_mut().unwrap().remove(key).unwrap();
        assert!(!invalid(&whole).is_empty(), "{key} is never inherited");
        whole[key] = own;
    }
}
