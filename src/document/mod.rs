//! A TOML document read in one go: every fault found, each with file, line, column and key.
//!
//! Configuration, analyser profiles and rule sets all go through here, so that a wrong file is
//! refused whole, with everything that is wrong with it, and an unknown key is always a fault.
//! Refuses: duplicate keys, unknown keys, wrong types, files over [`limits::DOCUMENT_MAX`].

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use crate::limits;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// File as the user named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Dotted key, e.g. `analyser[2].serial`; empty where the file itself is at fault.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl Fault {
    /// A fault of the whole file.
    pub fn of_file(file: &str, message: impl Into<String>) -> Fault {
        Fault {
            file: file.to_owned(),
            line: 1,
            column: 1,
            key: String::new(),
            message: message.into(),
        }
    }
}

/// Reads the text of a file, never more than [`limits::DOCUMENT_MAX`] bytes; `file` is how the
/// user named it.
///
/// # Errors
/// The file cannot be opened, is too large, or is not UTF-8 (with the place of the first byte
/// that is not).
pub fn load(file: &str, path: &Path) -> Result<String, Fault> {
    let refused = |error: std::io::Error| Fault::of_file(file, unreadable(&error));
    let mut bytes = Vec::new();
    let reader = File::open(path).map_err(refused)?;
    reader.take(limits::DOCUMENT_MAX as u64 + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() > limits::DOCUMENT_MAX {
        return Err(Fault::of_file(file, too_large()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let (line, column) = Source::new(file, &text).line_and_column(good);
        let message = "this is not UTF-8 text: save the file as UTF-8".to_owned();
        Fault { file: file.to_owned(), line, column, key: String::new(), message }
    })
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this user may not read the file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}

fn too_large() -> String {
    format!("the file is larger than {} bytes", limits::DOCUMENT_MAX)
}

/// SHA-256 of a document's text in lower-case hexadecimal: which file it was, beyond name and
/// version.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Parses `text`, lets `read` take what it needs from the root table, then reports every fault at
/// once: syntax, what `read` reported, and keys that nobody asked for.
///
/// # Errors
/// All faults of the file, in the order of lines.
pub fn read<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    let source = Rc::new(Source::new(file, text));
    if text.len() > limits::DOCUMENT_MAX {
        source.report(0..0, "", too_large());
        return Err(source.into_faults());
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        source.report(error.span().unwrap_or(0..0), "", error.message().replace('\n', " "));
    }
    let span = root.span();
    let table = Table::new(Rc::clone(&source), root.get_ref(), span, String::new());
    let value = read(&table);
    table.finish();
    drop(table);
    let faults = source.into_faults();
    match value {
        Some(value) if faults.is_empty() => Ok(value),
        Some(_) => Err(faults),
        None if faults.is_empty() => Err(vec![Fault::of_file(file, "the file could not be read")]),
        None => Err(faults),
    }
}

/// A table of the document. Each accessor marks its key as known; [`read`] reports the others.
pub struct Table<'d> {
    source: Rc<Source>,
    entries: &'d DeTable<'d>,
    span: Range<usize>,
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
    span: Range<usize>,
    key: String,
}

impl<'d> Table<'d> {
    fn new(source: Rc<Source>, entries: &'d DeTable<'d>, span: Range<usize>, path: String) -> Self {
        Table {
            source,
            entries,
            span,
            path,
            asked: RefCell::default(),
            children: RefCell::default(),
        }
    }

    /// Reports a fault at a place of this document.
    pub fn fault(&self, place: &Place, message: impl Into<String>) {
        self.source.report(place.span.clone(), &place.key, message.into());
    }

    /// The place of the table itself.
    pub fn place(&self) -> Place {
        Place { span: self.span.clone(), key: self.path.clone() }
    }

    /// Whether the key is there (without marking it as known).
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
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

    /// A list of strings; empty if the key is not there.
    pub fn strings(&self, key: &str) -> Vec<Placed<String>> {
        self.list(key)
            .into_iter()
            .filter_map(|(value, place)| {
                let Some(text) = value.as_str() else {
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
            .map(|(key, _)| {
                let text = key.get_ref().to_string();
                asked.insert(text.clone());
                let place = Place { span: key.span(), key: self.key_path(&text) };
                Placed { value: text, place }
            })
            .collect()
    }

    fn child(&self, value: &'d DeValue<'d>, place: Place) -> Option<Rc<Table<'d>>> {
        let Some(entries) = value.as_table() else {
            self.fault(&place, format!("expected a table, found {}", value.type_str()));
            return None;
        };
        // Asked for twice it is the same table, so that what was asked of it counts once.
        let known = self.children.borrow().iter().find(|child| child.path == place.key).cloned();
        if known.is_some() {
            return known;
        }
        let table = Table::new(Rc::clone(&self.source), entries, place.span, place.key);
        let table = Rc::new(table);
        self.children.borrow_mut().push(Rc::clone(&table));
        Some(table)
    }

    fn list(&self, key: &str) -> Vec<(&'d DeValue<'d>, Place)> {
        let Some((value, place)) = self.entry(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
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
                (item.get_ref(), Place { span: item.span(), key })
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
        let Some(read) = read(value) else {
            self.fault(&place, format!("expected {expected}, found {}", value.type_str()));
            return None;
        };
        Some(Placed { value: read, place })
    }

    fn required<T>(&self, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(key) {
            let place = Place { span: self.span.clone(), key: self.key_path(key) };
            self.fault(&place, "is missing");
        }
        value
    }

    fn entry(&self, key: &str) -> Option<(&'d DeValue<'d>, Place)> {
        self.asked.borrow_mut().insert(key.to_owned());
        let value = self.entries.get(key)?;
        Some((value.get_ref(), Place { span: value.span(), key: self.key_path(key) }))
    }

    fn key_path(&self, key: &str) -> String {
        let key = if is_bare(key) { key.to_owned() } else { format!("{key:?}") };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries.iter() {
            if !asked.contains(key.get_ref().as_ref()) {
                let path = self.key_path(key.get_ref());
                self.source.report(key.span(), &path, "is not a known key".to_owned());
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

struct Source {
    file: String,
    text: String,
    line_starts: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
}

impl Source {
    fn new(file: &str, text: &str) -> Source {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Source {
            file: file.to_owned(),
            text: text.to_owned(),
            line_starts: std::iter::once(0).chain(breaks).collect(),
            faults: RefCell::default(),
        }
    }

    fn report(&self, span: Range<usize>, key: &str, message: String) {
        let (line, column) = self.line_and_column(span.start);
        let file = self.file.clone();
        let fault = Fault { file, line, column, key: key.to_owned(), message };
        let mut faults = self.faults.borrow_mut();
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    fn into_faults(self: Rc<Self>) -> Vec<Fault> {
        let mut faults = self.faults.take();
        faults.sort();
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_reported_at_once_with_its_line() {
        let text = "name = 3\nunknown = 1\n[inner]\nsize = 99\nspare = true\n";
        let faults = read("a.toml", text, |root| {
            let name = root.required_string("name");
            let inner = root.required_table("inner")?;
            let size = inner.integer("size", 1..=10);
            root.required_string("absent");
            Some((name?.value, size?.value))
        })
        .unwrap_err();
        let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "a.toml:1:1: absent: is missing",
                "a.toml:1:8: name: expected a string, found integer",
                "a.toml:2:1: unknown: is not a known key",
                "a.toml:4:8: inner.size: 99 is not between 1 and 10",
                "a.toml:5:1: inner.spare: is not a known key",
            ]
        );
    }

    #[test]
    fn columns_count_characters_and_odd_keys_are_quoted() {
        let text = "a = \"检测\" # 血\n'704.1' = { '血' = 1 }\n";
        let faults = read("c.toml", text, |root| {
            root.string("a");
            root.table("704.1").map(|_| ())
        })
        .unwrap_err();
        assert_eq!(faults[0].to_string(), "c.toml:2:13: \"704.1\".\"血\": is not a known key");
        let faults = read("c.toml", "甲乙 = 1\n", |_| Some(())).unwrap_err();
        assert_eq!((faults[0].line, faults[0].column), (1, 1));
    }

    #[test]
    fn a_document_may_be_as_long_as_the_bound_and_not_one_byte_longer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("long.toml");
        let at_bound = format!("a = 1\n#{}", "x".repeat(limits::DOCUMENT_MAX - 7));
        assert_eq!(at_bound.len(), limits::DOCUMENT_MAX);
        std::fs::write(&path, &at_bound).unwrap();
        assert_eq!(load("long.toml", &path).unwrap(), at_bound);
        assert!(read("long.toml", &at_bound, |root| root.integer("a", 1..=1)).is_ok());
        let over = format!("{at_bound}x");
        std::fs::write(&path, &over).unwrap();
        assert!(load("long.toml", &path).unwrap_err().message.contains("larger than"));
        let faults = read("long.toml", &over, |root| root.integer("a", 1..=1)).unwrap_err();
        assert!(faults[0].message.contains("larger than"), "{faults:?}");
    }

    #[test]
    fn a_table_that_is_asked_for_twice_is_the_same_table() {
        let taken = read("t.toml", "[a]\nb = 1\n", |root| {
            let number = root.table("a")?.integer("b", 1..=1)?.value;
            root.table("a").map(|_| number)
        });
        assert_eq!(taken, Ok(1));
    }

    #[test]
    fn a_byte_order_mark_and_other_line_ends_are_no_fault() {
        let text = "\u{feff}a = 1\r\n[b]\r\nc = 2\r\n";
        let taken = read("w.toml", text, |root| {
            let b = root.table("b")?;
            Some((root.integer("a", 1..=1)?.value, b.integer("c", 2..=2)?.value))
        });
        assert_eq!(taken, Ok((1, 2)));
    }

    #[test]
    fn files_that_are_absent_or_not_utf8_are_refused_in_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.toml");
        assert_eq!(
            load("x.toml", &path).unwrap_err().to_string(),
            "x.toml:1:1: there is no such file"
        );
        std::fs::write(&path, b"a = 1\nb = \"\xbc\xec\"\n").unwrap();
        let fault = load("x.toml", &path).unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 6), "{fault}");
        assert!(load("x.toml", dir.path()).unwrap_err().message.contains("cannot be read"));
    }

    #[test]
    fn the_same_key_twice_and_one_table_where_many_belong_are_faults() {
        let faults = read("d.toml", "a = 1\na = 2\n[many]\n", |root| {
            root.integer("a", 0..=9);
            root.tables("many");
            Some(())
        })
        .unwrap_err();
        let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert!(lines.iter().any(|l| l.starts_with("d.toml:2:1: ")), "{lines:?}");
        assert!(lines.iter().any(|l| l.contains("[[two]] brackets")), "{lines:?}");
    }

    #[test]
    fn syntax_faults_are_all_reported() {
        let faults = read("b.toml", "a = \nb = 1\nc = [\n", |_| Some(())).unwrap_err();
        assert!(faults.len() >= 2, "{faults:?}");
        assert_eq!(faults[0].line, 1);
    }
}
