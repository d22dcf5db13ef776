//! `extends` and `replaces`: a profile that is another one but for what it says itself.
//!
//! Every family is itself a whole profile, and is checked before anything is laid over it. What a
//! profile was read from is one text: its own, and behind it in comment lines, `#< NAME` and then
//! `#| ` before each line, every text below it. So it can be kept and read again whatever the
//! families of the same names say by then; a text that carries its families looks for no others.

use std::collections::BTreeSet;

use super::Profile;
use crate::document::{self, Fault, Kinship, Layer, Table};
use crate::limits;

/// File and text of the family that a file, the first of the two, calls by a name; in words why
/// there is none.
pub type Families<'f> = &'f dyn Fn(&str, &str) -> Result<(String, String), String>;

/// How profiles are laid over each other.
const KINSHIP: Kinship<'static> = Kinship {
    extends: "extends",
    replaces: "replaces",
    own: &["name", "version", "date", "title", "confidence", "built_from", "missing"],
    named: &["path", "name"],
};

const TITLE: &str = "\n# What it extends:\n";
const NAME: &str = "#< ";
const LINE: &str = "#| ";

/// Reads a profile with everything below it.
pub(super) fn parse(file: &str, text: &str, find: Families<'_>) -> Result<Profile, Vec<Fault>> {
    let mut carried = carried(text).into_iter().enumerate();
    let carries = carried.len() > 0;
    let layers = document::layers(file, text, &KINSHIP, |above, name| match carried.next() {
        Some((number, (known, text))) if known == name => {
            Ok((format!("{file} (family {number}, {name})"), text))
        }
        None if !carries => find(above, name),
        Some(_) | None => Err(format!("the text carries its families, and not {name:?}")),
    })?;
    let whole = match layers.as_slice() {
        [] | [_] => text.to_owned(),
        _ if carries => text.to_owned(),
        [_, families @ ..] => format!("{text}{TITLE}{}", lines(families)),
    };
    if whole.len() > limits::DOCUMENT_MAX {
        let most = limits::DOCUMENT_MAX;
        let message = format!("with what it extends it is larger than {most} bytes");
        return Err(vec![Fault::of_file(file, message)]);
    }
    for from in (0..layers.len()).rev() {
        let layers = layers.get(from..).unwrap_or_default();
        let read = |root: &Table<'_>| {
            read_keys(root);
            Profile::from_table(root, &whole)
        };
        let profile = document::read_layers(layers, &KINSHIP, read)?;
        if from == 0 {
            return Ok(profile);
        }
    }
    Err(vec![Fault::of_file(file, "the file could not be read")])
}

/// The keys that a profile with this text may have, as far as its tables are there.
pub(super) fn asked_keys(text: &str) -> BTreeSet<String> {
    document::asked_keys(text, |root| {
        read_keys(root);
        Profile::from_table(root, text);
    })
}

fn read_keys(root: &Table<'_>) {
    let extends = root.string(KINSHIP.extends);
    let replaces = root.strings(KINSHIP.replaces);
    if let Some(key) = replaces.first().filter(|_| extends.is_none()) {
        root.fault(&key.place, "there is nothing to replace where nothing is extended");
    }
}

/// The families in comment lines.
fn lines(families: &[Layer]) -> String {
    let mut lines = String::new();
    for Layer { name, text, .. } in families {
        lines += &format!("{NAME}{name}\n");
        for line in text.split('\n') {
            lines += &format!("{LINE}{line}\n");
        }
    }
    lines
}

/// The families that a text carries: name and text, uppermost first.
fn carried(text: &str) -> Vec<(String, String)> {
    let mut families: Vec<(String, Vec<&str>)> = Vec::new();
    for line in text.split('\n') {
        if let Some(name) = line.strip_prefix(NAME) {
            families.push((name.to_owned(), Vec::new()));
        } else if let (Some(line), Some((_, lines))) =
            (line.strip_prefix(LINE), families.last_mut())
        {
            lines.push(line);
        }
    }
    families.into_iter().map(|(name, lines)| (name, lines.join("\n"))).collect()
}
