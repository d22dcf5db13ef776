//! The one way in which a bundle is written, so that equal content has equal bytes and nothing can
//! stand in a file beside what was signed: keys in the order of their bytes, no blanks, whole
//! numbers only, one line feed at the end.

use serde_json::Value;

/// The canonical text of a value.
pub(super) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, into: &mut String) {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(true) => into.push_str("true"),
        Value::Bool(false) => into.push_str("false"),
        Value::Number(number) => into.push_str(&number.to_string()),
        Value::String(text) => quote(text, into),
        Value::Array(items) => write_array(items, into),
        Value::Object(fields) => {
            let mut keys: Vec<(&String, &Value)> = fields.iter().collect();
            keys.sort_unstable_by_key(|(key, _)| key.as_bytes());
            write_object(&keys, into);
        }
    }
}

fn write_array(items: &[Value], into: &mut String) {
    into.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            into.push(',');
        }
        write(item, into);
    }
    into.push(']');
}

fn write_object(fields: &[(&String, &Value)], into: &mut String) {
    into.push('{');
    for (at, (key, value)) in fields.iter().enumerate() {
        if at > 0 {
            into.push(',');
        }
        quote(key, into);
        into.push(':');
        write(value, into);
    }
    into.push('}');
}

/// As serde_json writes it, which escapes no more than JSON asks for.
fn quote(text: &str, into: &mut String) {
    into.push_str(&Value::from(text).to_string());
}

/// Whether every number is a whole one: others have more than one way to be written.
pub(super) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::Array(items) => items.iter().all(is_whole),
        Value::Object(fields) => fields.values().all(is_whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_content_has_equal_bytes() {
        let written = r#"{ "b": [1, null], "a": {"y":true,"x":"\u4e00"} }"#;
        let one: Value = serde_json::from_str(written).unwrap();
        assert_eq!(text(&one), "{\"a\":{\"x\":\"一\",\"y\":true},\"b\":[1,null]}");
        let again: Value = serde_json::from_str(&text(&one)).unwrap();
        assert_eq!(again, one);
    }

    #[test]
    fn what_json_escapes_is_escaped_and_nothing_else() {
        assert_eq!(text(&Value::from("a\"\\\u{1}/\r\n")), r#""a\"\\\u0001/\r\n""#);
    }

    #[test]
    fn numbers_that_can_be_written_in_two_ways_are_told() {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(is_whole(&read("[1,-1,{\"a\":18446744073709551615}]")));
        assert!(!is_whole(&read("[1.0]")) && !is_whole(&read("{\"a\":1e2}")));
    }
}
