//! The schema taken apart, and profiles made from its examples.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hemogate::analyser::Profile;
use hemogate::document::Fault;
use hemogate::workshop::schema;
use jsonschema::Validator;
use serde_json::{Value as Json, json};
use toml::Value as Toml;

pub static SCHEMA: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(schema::PROFILE).unwrap());

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&SCHEMA).unwrap()
});

/// What the schema says of each key: dotted names, `.*` for a key that is data.
pub static KEYS: LazyLock<BTreeMap<String, &'static Json>> = LazyLock::new(|| {
    let mut keys = BTreeMap::new();
    collect("", &SCHEMA, &mut keys);
    keys
});

/// The faults of a profile by the schema, each with its place.
pub fn invalid(profile: &Json) -> Vec<String> {
    let errors = VALIDATOR.iter_errors(profile);
    errors.map(|error| format!("{} {error}", error.instance_path())).collect()
}

/// A TOML text as the schema sees it: dates are strings.
pub fn json(text: &str) -> Json {
    from_toml(&toml::from_str(text).unwrap())
}

pub fn from_toml(value: &Toml) -> Json {
    match value {
        Toml::String(text) => json!(text),
        Toml::Integer(number) => json!(number),
        Toml::Float(number) => json!(number),
        Toml::Boolean(truth) => json!(truth),
        Toml::Datetime(time) => json!(time.to_string()),
        Toml::Array(array) => array.iter().map(from_toml).collect(),
        Toml::Table(table) => {
            let entries = table.iter().map(|(key, value)| (key.clone(), from_toml(value)));
            Json::Object(entries.collect())
        }
    }
}

/// What a reference stands for.
pub fn resolved(node: &'static Json) -> &'static Json {
    match node["$ref"].as_str() {
        Some(to) => SCHEMA.pointer(to.strip_prefix('#').unwrap()).unwrap(),
        None => node,
    }
}

fn collect(path: &str, node: &'static Json, keys: &mut BTreeMap<String, &'static Json>) {
    let node = resolved(node);
    for (key, inner) in node["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        keys.insert(path.clone(), inner);
        collect(&path, inner, keys);
    }
    collect_below(path, &node["items"], keys);
    collect_below(&format!("{path}.*"), &node["additionalProperties"], keys);
}

fn collect_below(path: &str, node: &'static Json, keys: &mut BTreeMap<String, &'static Json>) {
    if node.is_object() {
        collect(path, node, keys);
    }
}

/// A dialect, and in texts the form.
pub const DIALECTS: [(&str, &str); 5] =
    [("lis02", "rows"), ("hl7", "rows"), ("blocks", "rows"), ("text", "rows"), ("text", "plate")];

/// A document with every key that the schema has, each with its example.
pub fn everything((dialect, form): (&str, &str)) -> Toml {
    let mut all = example(&SCHEMA);
    let table = all.as_table_mut().unwrap();
    table.remove("extends");
    table.remove("replaces");
    table.insert("dialect".to_owned(), Toml::String(dialect.to_owned()));
    table["text"]["form"] = Toml::String(form.to_owned());
    all
}

/// An example of what a part of the schema describes: all of its keys, one entry of each list.
pub fn example(node: &'static Json) -> Toml {
    let node = resolved(node);
    if let Some(example) = node["examples"].get(0) {
        let is_date = node["format"] == "date";
        return to_toml(example, is_date);
    }
    if let Some(keys) = node["properties"].as_object() {
        let known = keys.iter().filter(|(_, inner)| inner.is_object());
        return Toml::Table(known.map(|(key, inner)| (key.clone(), example(inner))).collect());
    }
    assert_eq!(node["type"], "array", "an example is missing: {node}");
    Toml::Array(vec![example(&node["items"])])
}

pub fn to_toml(value: &Json, is_date: bool) -> Toml {
    match value {
        Json::String(text) if is_date => Toml::Datetime(text.parse().unwrap()),
        Json::Bool(truth) => Toml::Boolean(*truth),
        Json::String(text) => Toml::String(text.clone()),
        Json::Number(number) => {
            let whole = number.as_i64().map(Toml::Integer);
            whole.unwrap_or_else(|| Toml::Float(number.as_f64().unwrap()))
        }
        Json::Array(array) => Toml::Array(array.iter().map(|item| to_toml(item, false)).collect()),
        Json::Object(entries) => {
            let entry = |(key, value): (&String, &Json)| (key.clone(), to_toml(value, false));
            Toml::Table(entries.iter().map(entry).collect())
        }
        Json::Null => panic!("TOML has no null"),
    }
}

/// The value at a dotted key, in the first entry of each list; `*` is the first key.
pub fn at<'t>(document: &'t mut Toml, key: &str) -> Option<&'t mut Toml> {
    key.split('.').try_fold(document, |value, step| {
        let value = match value {
            Toml::Array(array) => array.first_mut()?,
            other => other,
        };
        let table = value.as_table_mut()?;
        match step {
            "*" => table.iter_mut().next().map(|(_, value)| value),
            step => table.get_mut(step),
        }
    })
}

/// What the parser has to say of a document.
pub fn faults(document: &Toml) -> Vec<Fault> {
    let text = toml::to_string(document).unwrap();
    Profile::parse("p.toml", &text).err().unwrap_or_default()
}

/// A key as the schema names it: without numbers of entries, data as `*`.
pub fn plain(key: &str) -> String {
    let mut plain = String::new();
    let mut quoted = false;
    let mut dropped = false;
    for sign in key.chars() {
        match sign {
            '"' => quoted = !quoted,
            '[' if !quoted => dropped = true,
            ']' if !quoted => dropped = false,
            '.' if quoted => plain.push('_'),
            _ if !dropped => plain.push(sign),
            _ => {}
        }
    }
    let mut known = String::new();
    for step in plain.split('.') {
        let is_data = resolved(KEYS.get(known.as_str()).copied().unwrap_or(&SCHEMA));
        let is_data = !known.is_empty() && is_data["additionalProperties"].is_object();
        let step = if is_data { "*" } else { step };
        known = if known.is_empty() { step.to_owned() } else { format!("{known}.{step}") };
    }
    known
}
