//! A table of a document, which knows where each of its values stands.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::Fault;
use super::source::Source;
use super::tree::{Entries, Origin, Value};

/// A table of the document. Each accessor marks its key as known; [`read`](super::read) reports the
/// others.
pub struct Table<'d> {
    sources: Rc<Vec<Source>>,
    entries: &'d Entries<'d>,
    origin: Origin,
    path: String,
    asked: RefCell<BTreeSet<String>>,
    children: RefCell<Vec<Rc<Table<'d>>>>,
}

/// A value with its place, for faults found later.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A place in the document that a fault can be reported at.
#[derive(Clone, Debug)]
pub struct Place {
    origin: Origin,
    key: String,
}

impl<'d> Table<'d> {
    /// The root of a document.
    pub(super) fn root(sources: Rc<Vec<Source>>, entries: &'d Entries<'d>, origin: Origin) -> Self {
        Table::new(sources, entries, origin, String::new())
    }

    fn new(
        sources: Rc<Vec<Source>>,
        entries: &'d Entries<'d>,
        origin: Origin,
        path: String,
    ) -> Self {
        Table {
            sources,
            entries,
            origin,
            path,
            asked: RefCell::default(),
            children: RefCell::default(),
        }
    }

    /// Reports a fault at a place of this document.
    pub fn fault(&self, place: &Place, message: impl Into<String>) {
        report(&self.sources, &place.origin, &place.key, message.into());
    }

    /// What can be said of a place although it is no fault.
    pub fn told(&self, place: &Place, message: impl Into<String>) -> Fault {
        let Place { origin, key } = place;
        let message = message.into();
        match self.sources.get(origin.file) {
            Some(source) => source.fault(&origin.span, key, message),
            None => Fault::of_file("", message),
        }
    }

    /// The place of the table itself.
    pub fn place(&self) -> Place {
        Place { origin: self.origin.clone(), key: self.path.clone() }
    }

    /// The place of a key's value, if the key is there (without marking it as known).
    pub fn place_of(&self, key: &str) -> Option<Place> {
        let origin = self.entries.get(key)?.node.origin.clone();
        Some(Place { origin, key: self.key_path(key) })
    }

    /// Whether the key is there (without marking it as known).
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Whether the key is there and holds a string (without marking it as known).
    pub fn is_string(&self, key: &str) -> bool {
        let leaf = self.entries.get(key).and_then(|entry| entry.node.value.leaf());
        leaf.is_some_and(DeValue::is_str)
    }

    /// A string, if the key is there.
    pub fn string(&self, key: &str) -> Option<Placed<String>> {
        self.scalar(key, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// A string that must be there.
    pub fn required_string(&self, key: &str) -> Option<Placed<String>> {
        self.required(key, self.string(key))
    }

    /// A whole number within a range, if the key is there.
    pub fn integer(&self, key: &str, range: std::ops::RangeInclusive<i64>) -> Option<Placed<i64>> {
        let number = self.scalar(key, "a whole number", |value| {
            let integer = value.as_integer()?;
            i64::from_str_radix(integer.as_str(), integer.radix()).ok()
        })?;
        if range.contains(&number.value) {
            return Some(number);
        }
        let (low, high) = (range.start(), range.end());
        self.fault(&number.place, format!("{} is not between {low} and {high}", number.value));
        None
    }

    /// A decimal number (whole or with a point), exact, if the key is there.
    pub fn decimal(&self, key: &str) -> Option<Placed<Decimal>> {
        self.scalar(key, "a decimal number", |value| match value {
            DeValue::Integer(integer) => integer.as_str().parse().ok(),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        })
    }

    /// A decimal number that must be there, as a number or as its text in quotes.
    pub fn required_exact(&self, key: &str) -> Option<Placed<Decimal>> {
        let number = self.scalar(key, "a decimal number", |value| match value {
            DeValue::Integer(integer) => Decimal::from_str_exact(integer.as_str()).ok(),
            DeValue::Float(float) => Decimal::from_str_exact(float.as_str()).ok(),
            DeValue::String(text) => Decimal::from_str_exact(text).ok(),
            _ => None,
        });
        self.required(key, number)
    }

    /// True or false, if the key is there.
    pub fn boolean(&self, key: &str) -> Option<Placed<bool>> {
        self.scalar(key, "true or false", DeValue::as_bool)
    }

    /// A calendar date, if the key is there.
    pub fn date(&self, key: &str) -> Option<Placed<jiff::civil::Date>> {
        self.scalar(key, "a date like 2026-01-31", |value| {
            let date = value.as_datetime()?.date?;
            let (year, month, day) = (date.year, date.month, date.day);
            jiff::civil::Date::new(
                i16::try_from(year).ok()?,
                i8::try_from(month).ok()?,
                i8::try_from(day).ok()?,
            )
            .ok()
        })
    }

    /// A string, or an array of strings; empty if the key is not there.
    pub fn one_or_more(&self, key: &str) -> Vec<Placed<String>> {
        let is_list = self.entry(key).is_some_and(|(value, _)| matches!(value, Value::List(_)));
        match is_list {
            true => self.strings(key),
            false => self.string(key).into_iter().collect(),
        }
    }

    /// A list of strings; empty if the key is not there.
    pub fn strings(&self, key: &str) -> Vec<Placed<String>> {
        self.list(key)
            .into_iter()
            .filter_map(|(value, place)| {
                let Some(text) = value.leaf().and_then(DeValue::as_str) else {
                    self.fault(&place, format!("expected a string, found {}", value.type_str()));
                    return None;
                };
                Some(Placed { value: text.to_owned(), place })
            })
            .collect()
    }

    /// A table below this one, if the key is there.
    pub fn table(&self, key: &str) -> Option<Rc<Table<'d>>> {
        let (value, place) = self.entry(key)?;
        self.child(value, place)
    }

    /// A table below this one that must be there.
    pub fn required_table(&self, key: &str) -> Option<Rc<Table<'d>>> {
        self.required(key, self.table(key))
    }

    /// An array of tables; empty if the key is not there.
    pub fn tables(&self, key: &str) -> Vec<Rc<Table<'d>>> {
        self.list(key).into_iter().filter_map(|(value, place)| self.child(value, place)).collect()
    }

    /// Every key of this table with its string value, in the order of keys: for maps whose keys
    /// are data (test codes, flags).
    pub fn string_entries(&self) -> Vec<(Placed<String>, Placed<String>)> {
        self.keys()
            .into_iter()
            .filter_map(|key| {
                let value = self.string(&key.value)?;
                Some((key, value))
            })
            .collect()
    }

    /// Every key of this table with its place, in the order of keys, marked as known.
    pub fn keys(&self) -> Vec<Placed<String>> {
        let mut asked = self.asked.borrow_mut();
        self.entries
            .iter()
            .map(|(key, entry)| {
                let text = (*key).to_owned();
                asked.insert(text.clone());
                let place = Place { origin: entry.key.clone(), key: self.key_path(&text) };
                Placed { value: text, place }
            })
            .collect()
    }

    fn child(&self, value: &'d Value<'d>, place: Place) -> Option<Rc<Table<'d>>> {
        let Value::Table(entries) = value else {
            self.fault(&place, format!("expected a table, found {}", value.type_str()));
            return None;
        };
        // Asked for twice it is the same table, so that what was asked of it counts once.
        let known = self.children.borrow().iter().find(|child| child.path == place.key).cloned();
        if known.is_some() {
            return known;
        }
        let table = Table::new(Rc::clone(&self.sources), entries, place.origin, place.key);
        let table = Rc::new(table);
        self.children.borrow_mut().push(Rc::clone(&table));
        Some(table)
    }

    fn list(&self, key: &str) -> Vec<(&'d Value<'d>, Place)> {
        let Some((value, place)) = self.entry(key) else { return Vec::new() };
        let Value::List(array) = value else {
            let found = value.type_str();
            let hint = if found == "table" { " (write [[two]] brackets)" } else { "" };
            self.fault(&place, format!("expected a list, found {found}{hint}"));
            return Vec::new();
        };
        array
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let key = format!("{}[{}]", place.key, index + 1);
                (&item.value, Place { origin: item.origin.clone(), key })
            })
            .collect()
    }

    fn scalar<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&DeValue<'d>) -> Option<T>,
    ) -> Option<Placed<T>> {
        let (value, place) = self.entry(key)?;
        let Some(read) = value.leaf().and_then(read) else {
            self.fault(&place, format!("expected {expected}, found {}", value.type_str()));
            return None;
        };
        Some(Placed { value: read, place })
    }

    fn required<T>(&self, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(key) {
            let place = Place { origin: self.origin.clone(), key: self.key_path(key) };
            self.fault(&place, "is missing");
        }
        value
    }

    fn entry(&self, key: &str) -> Option<(&'d Value<'d>, Place)> {
        self.asked.borrow_mut().insert(key.to_owned());
        let node = &self.entries.get(key)?.node;
        Some((&node.value, Place { origin: node.origin.clone(), key: self.key_path(key) }))
    }

    fn key_path(&self, key: &str) -> String {
        let key = if is_bare(key) { key.to_owned() } else { format!("{key:?}") };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// The keys that were asked for, here and in every table below that was asked for, dotted as
    /// in faults.
    pub(super) fn asked(&self) -> BTreeSet<String> {
        let own = self.asked.borrow();
        let mut keys: BTreeSet<String> = own.iter().map(|key| self.key_path(key)).collect();
        for child in self.children.borrow().iter() {
            keys.append(&mut child.asked());
        }
        keys
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, entry) in self.entries {
            if !asked.contains(*key) {
                let path = self.key_path(key);
                report(&self.sources, &entry.key, &path, "is not a known key".to_owned());
            }
        }
        for child in self.children.borrow().iter() {
            child.finish();
        }
    }
}

/// Whether TOML lets the key stand without quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn report(sources: &[Source], origin: &Origin, key: &str, message: String) {
    if let Some(source) = sources.get(origin.file) {
        source.report(origin.span.clone(), key, message);
    }
}
