//! Words of a file: texts that say something, one of a few, names of what is elsewhere in it.

use crate::document::{Place, Placed, Table};
use crate::domain::{Assay, UnknownAssay};

use super::super::question::Judges;
use super::Tables;

/// Whether a switch, a choice or a clause can be called so.
pub fn is_word(word: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !word.is_empty() && word.bytes().all(good)
}

/// A text that must be there and say something.
pub(super) fn words(table: &Table<'_>, key: &str) -> Option<String> {
    let text = table.required_string(key)?;
    if text.value.trim().is_empty() {
        table.fault(&text.place, "is empty");
        return None;
    }
    Some(text.value.trim().to_owned())
}

/// A value that must be there.
pub(super) fn needed<T>(table: &Table<'_>, key: &str, value: Option<T>) -> Option<T> {
    if value.is_none() && !table.has(key) {
        table.fault(&table.place(), format!("{key} is missing"));
    }
    value
}

/// One of a few words that must be there.
pub(super) fn choice<T: Copy>(table: &Table<'_>, key: &str, known: &[(&str, T)]) -> Option<T> {
    let word = table.required_string(key)?;
    let found = known.iter().find(|(id, _)| *id == word.value).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
        not_one_of(table, &word, &known);
    }
    found
}

/// Says what a word should have been.
pub(super) fn not_one_of(table: &Table<'_>, word: &Placed<String>, known: &[&str]) {
    let message = format!("{:?} is not one of {}", word.value, known.join(", "));
    table.fault(&word.place, message);
}

/// One of the words of a kind, if the key is there.
pub(super) fn one<T>(
    table: &Table<'_>,
    key: &str,
    from_id: impl Fn(&str) -> Option<T>,
    known: &[&str],
) -> Option<T> {
    let word = table.string(key)?;
    let found = from_id(&word.value);
    if found.is_none() {
        not_one_of(table, &word, known);
    }
    found
}

/// A list of words of a kind, each once; empty if the key is not there.
pub(super) fn named<T: PartialEq>(
    table: &Table<'_>,
    key: &str,
    from_id: impl Fn(&str) -> Option<T>,
    known: &[&str],
) -> Vec<T> {
    let mut found = Vec::new();
    for word in table.strings(key) {
        match from_id(&word.value) {
            Some(value) if found.contains(&value) => table.fault(&word.place, "stands here twice"),
            Some(value) => found.push(value),
            None => not_one_of(table, &word, known),
        }
    }
    found
}

/// The name of a table that there is and that is of one of these kinds, if the key is there.
pub(super) fn table_name(
    table: &Table<'_>,
    key: &str,
    judges: &[Judges],
    tables: &Tables,
) -> Option<String> {
    let name = table.string(key)?;
    let Some(found) = tables.get(&name.value) else {
        table.fault(&name.place, format!("there is no table [table.{}]", name.value));
        return None;
    };
    let found = found.as_ref()?;
    if !judges.contains(&found.judges) {
        let kinds: Vec<&str> = judges.iter().map(|kind| kind.id()).collect();
        let (is, wanted) = (found.judges.id(), kinds.join(", "));
        let message = format!("[table.{}] judges {is}, here is wanted: {wanted}", name.value);
        table.fault(&name.place, message);
        return None;
    }
    Some(name.value)
}

/// The assay with this id.
pub(super) fn assay(table: &Table<'_>, place: &Place, id: &str) -> Option<Assay> {
    let known = id.parse();
    known.map_err(|error: UnknownAssay| table.fault(place, error.to_string())).ok()
}
