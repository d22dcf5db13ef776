//! A TOML document read in one go: every fault found, each with file, line, column and key.
//!
//! Configuration, analyser profiles and rule sets all go through here, so that a wrong file is
//! refused whole, with everything that is wrong with it, and an unknown key is always a fault.
//! Refuses: duplicate keys, unknown keys, wrong types, files over [`limits::DOCUMENT_MAX`].

mod layers;
mod source;
mod table;
mod tree;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

pub use layers::{Kinship, Layer, layers, read_layers};
pub use table::{Place, Placed, Table};

use crate::limits;
use source::Source;

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
    read_layers(&[Layer::new(file, text)], &Kinship::default(), read)
}

/// The keys that `read` asks for in this text, whatever their values, dotted as in [`Fault::key`]:
/// what is not among them is an unknown key. Of a table that is not there only its own name is
/// known. Whoever describes a language elsewhere holds the description against this.
pub fn asked_keys(text: &str, look: impl FnOnce(&Table<'_>)) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    let _what_is_wrong_with_it_is_not_asked_here = read("", text, |root| {
        look(root);
        asked = root.asked();
        Some(())
    });
    asked
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

    #[test]
    fn asked_keys_are_those_asked_for_and_no_others_whatever_they_hold() {
        let text = "name = 3\nspare = true\n[inner]\nsize = 99\nspare = true\n[[row]]\n[[row]]\n";
        let asked = asked_keys(text, |root| {
            root.required_string("name");
            root.table("absent").map(|table| table.string("never"));
            root.table("inner").map(|table| table.integer("size", 1..=10));
            root.tables("row").iter().for_each(|row| drop(row.string("a b")));
        });
        let keys: Vec<_> = asked.iter().map(String::as_str).collect();
        let rows = ["row[1].\"a b\"", "row[2].\"a b\""];
        let known = ["absent", "inner", "inner.size", "name", "row", rows[0], rows[1]];
        assert_eq!(keys, known);
    }
}
