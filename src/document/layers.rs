//! A document that extends others: it is laid over the one that it names, which may extend one
//! itself. Each value keeps its own file, so that a fault is told where it stands.
//!
//! Refuses a document that extends itself in the end, more than [`limits::FAMILIES_MAX`] below
//! each other, and the name of a key to replace that is not there.

use std::rc::Rc;

use toml::de::DeTable;

use super::source::Source;
use super::table::Table;
use super::tree::{self, Entries, Origin, Value};
use super::{Fault, too_large};
use crate::limits;

/// One text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What the text above calls it; empty for the uppermost.
    pub name: String,
    /// File as the user named it.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// How a document is laid over the one that it extends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kinship<'k> {
    /// The key that names what it extends.
    pub extends: &'k str,
    /// The key that lists the keys of which nothing is taken from below.
    pub replaces: &'k str,
    /// Keys at the root that are never taken from below.
    pub own: &'k [&'k str],
    /// Keys by which two entries of lists of tables are the same entry.
    pub named: &'k [&'k str],
}

impl Layer {
    /// A text that nothing calls by a name.
    pub fn new(file: &str, text: &str) -> Layer {
        Layer { name: String::new(), file: file.to_owned(), text: text.to_owned() }
    }
}

/// The text with everything below it, uppermost first. `find` gives file and text of what a file
/// calls by a name.
///
/// # Errors
/// What is extended is not found, or never ends: the fault of the place that names it.
pub fn layers(
    file: &str,
    text: &str,
    kinship: &Kinship<'_>,
    mut find: impl FnMut(&str, &str) -> Result<(String, String), String>,
) -> Result<Vec<Layer>, Vec<Fault>> {
    let mut layers = vec![Layer::new(file, text)];
    while let Some((name, source, span)) = layers.last().and_then(|last| named(last, kinship)) {
        let refused = |message| {
            source.report(span.clone(), kinship.extends, message);
            source.take_faults()
        };
        if layers.len() > limits::FAMILIES_MAX {
            let most = limits::FAMILIES_MAX;
            return Err(refused(format!("more than {most} families below each other")));
        }
        let above = layers.last().map_or(file, |last| &last.file);
        let (file, text) = find(above, &name).map_err(refused)?;
        if layers.iter().any(|layer| layer.file == file) {
            return Err(refused(format!("{file} extends itself in the end")));
        }
        layers.push(Layer { name, file, text });
    }
    Ok(layers)
}

/// What a text extends, and where it says so.
fn named(layer: &Layer, kinship: &Kinship<'_>) -> Option<(String, Source, std::ops::Range<usize>)> {
    if layer.text.len() > limits::DOCUMENT_MAX {
        return None;
    }
    let (root, _) = DeTable::parse_recoverable(&layer.text);
    let value = root.get_ref().get(kinship.extends)?;
    let name = value.get_ref().as_str()?.to_owned();
    Some((name, Source::new(&layer.file, &layer.text), value.span()))
}

/// Parses every text, lays each over the one after it, and reads the whole as [`read`] does.
///
/// [`read`]: super::read
///
/// # Errors
/// All faults, file by file in the order of layers, in each in the order of lines.
pub fn read_layers<T>(
    layers: &[Layer],
    kinship: &Kinship<'_>,
    read: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    let sources = layers.iter().map(|layer| Source::new(&layer.file, &layer.text));
    let sources: Rc<Vec<Source>> = Rc::new(sources.collect());
    let mut is_too_large = false;
    for (layer, source) in layers.iter().zip(sources.iter()) {
        if layer.text.len() > limits::DOCUMENT_MAX {
            source.report(0..0, "", too_large());
            is_too_large = true;
        }
    }
    if is_too_large {
        return Err(faults(&sources));
    }
    let parsed: Vec<_> =
        layers.iter().map(|layer| DeTable::parse_recoverable(&layer.text)).collect();
    let mut whole: Option<(Entries<'_>, Origin)> = None;
    for (file, ((root, errors), source)) in parsed.iter().zip(sources.iter()).enumerate().rev() {
        for error in errors {
            let message = error.message().replace('\n', " ");
            source.report(error.span().unwrap_or(0..0), "", message);
        }
        let mut own = tree::entries(file, root.get_ref());
        if let Some((below, _)) = whole {
            lay(&mut own, below, kinship, source);
        }
        whole = Some((own, Origin { file, span: root.span() }));
    }
    let Some((entries, origin)) = whole else { return Err(Vec::new()) };
    let table = Table::root(Rc::clone(&sources), &entries, origin);
    let value = read(&table);
    table.finish();
    drop(table);
    match (value, faults(&sources), layers.first()) {
        (Some(value), faults, _) if faults.is_empty() => Ok(value),
        (None, faults, Some(layer)) if faults.is_empty() => {
            Err(vec![Fault::of_file(&layer.file, "the file could not be read")])
        }
        (_, faults, _) => Err(faults),
    }
}

fn faults(sources: &[Source]) -> Vec<Fault> {
    sources.iter().flat_map(Source::take_faults).collect()
}

/// Lays a root table over what is below it, without what it does not take.
fn lay<'d>(own: &mut Entries<'d>, mut below: Entries<'d>, kinship: &Kinship<'_>, source: &Source) {
    let own_keys = [kinship.extends, kinship.replaces];
    below.retain(|key, _| !kinship.own.contains(key) && !own_keys.contains(key));
    if let Some(Value::List(list)) = own.get(kinship.replaces).map(|entry| &entry.node.value) {
        for node in list {
            let Some(key) = node.value.leaf().and_then(|leaf| leaf.as_str()) else { continue };
            if !tree::remove(&mut below, key) {
                let message = format!("{key:?} is nothing that is extended here");
                source.report(node.origin.span.clone(), kinship.replaces, message);
            }
        }
    }
    tree::lay(own, below, kinship.named);
}
