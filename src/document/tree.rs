//! The values of one document, or of one laid over others, each with the file it comes from.
//!
//! Laid over another, a table takes the keys that it lacks from below, a list of tables the entries
//! that it lacks; everything else it has itself wins.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Where a value stands: the number of its file, and its bytes.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) file: usize,
    pub(super) span: Range<usize>,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node<'d> {
    pub(super) origin: Origin,
    pub(super) value: Value<'d>,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'d> {
    Leaf(&'d DeValue<'d>),
    Table(Entries<'d>),
    List(Vec<Node<'d>>),
}

/// The entries of a table, in the order of keys.
pub(super) type Entries<'d> = BTreeMap<&'d str, Entry<'d>>;

/// A value with the place of its key.
#[derive(Clone, Debug)]
pub(super) struct Entry<'d> {
    pub(super) key: Origin,
    pub(super) node: Node<'d>,
}

impl<'d> Value<'d> {
    fn of(file: usize, value: &'d DeValue<'d>) -> Value<'d> {
        if let Some(table) = value.as_table() {
            return Value::Table(entries(file, table));
        }
        let Some(array) = value.as_array() else { return Value::Leaf(value) };
        let node = |item: &'d toml::Spanned<DeValue<'d>>| Node {
            origin: Origin { file, span: item.span() },
            value: Value::of(file, item.get_ref()),
        };
        Value::List(array.iter().map(node).collect())
    }

    /// The value itself, where it is neither table nor list.
    pub(super) fn leaf(&self) -> Option<&'d DeValue<'d>> {
        match self {
            Value::Leaf(value) => Some(value),
            Value::Table(_) | Value::List(_) => None,
        }
    }

    /// What it is, in the words of TOML.
    pub(super) fn type_str(&self) -> &'static str {
        match self {
            Value::Leaf(value) => value.type_str(),
            Value::Table(_) => "table",
            Value::List(_) => "array",
        }
    }
}

/// The entries of the table of a file.
pub(super) fn entries<'d>(file: usize, table: &'d DeTable<'d>) -> Entries<'d> {
    let entry = |key: &'d toml::Spanned<toml::de::DeString<'d>>,
                 value: &'d toml::Spanned<DeValue<'d>>| {
        let origin = |span| Origin { file, span };
        let node = Node { origin: origin(value.span()), value: Value::of(file, value.get_ref()) };
        (key.get_ref().as_ref(), Entry { key: origin(key.span()), node })
    };
    table.iter().map(|(key, value)| entry(key, value)).collect()
}

/// Lays a table over another one: `named` are the keys by which two entries of lists of tables
/// are the same entry.
pub(super) fn lay<'d>(above: &mut Entries<'d>, below: Entries<'d>, named: &[&str]) {
    for (key, entry) in below {
        match above.get_mut(key) {
            Some(own) => lay_value(&mut own.node.value, entry.node.value, named),
            None => drop(above.insert(key, entry)),
        }
    }
}

fn lay_value<'d>(above: &mut Value<'d>, below: Value<'d>, named: &[&str]) {
    match (above, below) {
        (Value::Table(above), Value::Table(below)) => lay(above, below, named),
        (Value::List(above), Value::List(below)) if are_tables(above) && are_tables(&below) => {
            lay_lists(above, below, named);
        }
        (Value::Table(_) | Value::List(_) | Value::Leaf(_), _) => {}
    }
}

/// The entries from below in their order, each with what is laid over it; then the others. What
/// stands twice above stands twice afterwards.
fn lay_lists<'d>(above: &mut Vec<Node<'d>>, below: Vec<Node<'d>>, named: &[&str]) {
    let mut free: Vec<Option<(&str, &str)>> = below.iter().map(|node| name(node, named)).collect();
    let own = std::mem::replace(above, below);
    for mut node in own {
        let name = name(&node, named);
        let at = free.iter().position(|other| name.is_some() && *other == name);
        let taken = at.and_then(|at| Some((free.get_mut(at)?, above.get_mut(at)?)));
        let Some((name, place)) = taken else {
            above.push(node);
            continue;
        };
        *name = None;
        let under = std::mem::replace(&mut place.value, Value::List(Vec::new()));
        lay_value(&mut node.value, under, named);
        *place = node;
    }
}

fn are_tables(list: &[Node<'_>]) -> bool {
    list.iter().all(|node| matches!(node.value, Value::Table(_)))
}

/// What an entry of a list is known by: key and text.
fn name<'d, 'n>(node: &Node<'d>, named: &[&'n str]) -> Option<(&'n str, &'d str)> {
    let Value::Table(entries) = &node.value else { return None };
    named.iter().find_map(|key| {
        let text = entries.get(key)?.node.value.leaf()?.as_str()?;
        Some((*key, text.trim()))
    })
}

/// Takes away a key, `a.b` below `a`, in each entry where `a` is a list; whether it was there.
pub(super) fn remove(entries: &mut Entries<'_>, key: &str) -> bool {
    let Some((first, rest)) = key.split_once('.') else { return entries.remove(key).is_some() };
    match entries.get_mut(first).map(|entry| &mut entry.node.value) {
        Some(Value::Table(table)) => remove(table, rest),
        Some(Value::List(list)) => {
            let tables = list.iter_mut().filter_map(|node| match &mut node.value {
                Value::Table(table) => Some(table),
                Value::List(_) | Value::Leaf(_) => None,
            });
            tables.filter_map(|table| remove(table, rest).then_some(())).count() > 0
        }
        Some(Value::Leaf(_)) | None => false,
    }
}
