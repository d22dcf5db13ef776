//! Nothing that the checker accepts is refused by the schema: profiles with any one thing less.

use hemogate::analyser::Profile;
use toml::Value as Toml;

use crate::bench::{from_toml, invalid, json};
use crate::dialects::{WHOLE, whole};

/// The value with one key of a table or one entry of a list less, in every way.
fn one_less(value: &Toml) -> Vec<Toml> {
    let mut all = Vec::new();
    match value {
        Toml::Table(table) => {
            for (key, inner) in table {
                let with = |other: Option<Toml>| {
                    let mut table = table.clone();
                    match other {
                        Some(other) => table.insert(key.clone(), other),
                        None => table.remove(key),
                    };
                    Toml::Table(table)
                };
                all.push(with(None));
                all.extend(one_less(inner).into_iter().map(|inner| with(Some(inner))));
            }
        }
        Toml::Array(array) => {
            for (index, inner) in array.iter().enumerate() {
                let with = |other: Option<Toml>| {
                    let mut array = array.clone();
                    array.splice(index..=index, other);
                    Toml::Array(array)
                };
                all.push(with(None));
                all.extend(one_less(inner).into_iter().map(|inner| with(Some(inner))));
            }
        }
        _ => {}
    }
    all
}

#[test]
fn what_the_parser_accepts_the_schema_accepts() {
    let (mut accepted, mut refused) = (0, 0);
    for name in WHOLE {
        for less in one_less(&whole(name)) {
            let text = toml::to_string(&less).unwrap();
            let wrong = invalid(&from_toml(&less));
            if Profile::parse("p.toml", &text).is_ok() {
                accepted += 1;
                assert_eq!(wrong, Vec::<String>::new(), "{name}: the parser accepts\n{text}");
            } else {
                refused += usize::from(!wrong.is_empty());
            }
        }
    }
    assert!(accepted > 200 && refused > 50, "{accepted} were accepted, {refused} refused");
}

#[test]
fn the_profiles_of_the_tutorial_validate() {
    for name in ["ward-300", "ward-310"] {
        let text = std::fs::read_to_string(format!("docs/manual/tutorial/{name}.toml")).unwrap();
        assert_eq!(invalid(&json(&text)), Vec::<String>::new(), "{name}");
    }
}
