//! A case file, read whole: every fault at once, with file, line and what would be right.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::document::{Fault, Placed, Table, read as read_document};

use super::expected::{self, Expected};
use super::forms;
use super::sentence::Sentence;

/// A case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Casebook {
    /// The file as the user named it.
    pub file: String,
    /// The rule sets its cases are of: shipped names, or paths relative to the file.
    pub rules: Vec<String>,
    /// Switches of all cases: name and choice.
    pub switches: BTreeMap<String, String>,
    pub(super) baseline: Baseline,
    /// Its cases, in the order of the file.
    pub cases: Vec<Case>,
}

/// What cases start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Baseline {
    /// The shipped baseline to begin with; `None` where the rule set's own name says it.
    pub(super) from: From,
    /// Sentences.
    pub(super) facts: Vec<Sentence>,
}

/// Which shipped baseline a file begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// That of the rule set, by its name.
    RuleSet,
    /// This one.
    Named(String),
    /// None: the file tells everything.
    Nothing,
}

/// A case: what is different from the baseline, and what must follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// In free words.
    pub given: String,
    /// The line of the file it stands on.
    pub line: usize,
    /// The rule sets it is of, where not of all of the file's.
    pub rules: Vec<String>,
    /// Switches of this case, over those of the file.
    pub switches: BTreeMap<String, String>,
    pub(super) change: Vec<Sentence>,
    pub(super) expected: Expected,
}

/// Reads a case file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(file: &str, text: &str) -> Result<Casebook, Vec<Fault>> {
    read_document(file, text, |root| {
        let rules = root.one_or_more("rules");
        if rules.is_empty() {
            root.fault(&root.place(), "`rules` is missing: the rule set, such as rules = \"cn\"");
        }
        let rules = rules.into_iter().map(|placed| placed.value).collect();
        let (switches, baseline) = (switches(root), baseline(root));
        let exactly = root.boolean("exactly").is_some_and(|placed| placed.value);
        let cases = cases(root, exactly);
        Some(Casebook {
            file: file.to_owned(),
            rules,
            switches,
            baseline: baseline?,
            cases: cases?,
        })
    })
}

/// Reads baselines: one table each, by name.
pub(super) fn baselines(
    file: &str,
    text: &str,
) -> Result<BTreeMap<String, Vec<Sentence>>, Vec<Fault>> {
    read_document(file, text, |root| {
        let mut all = BTreeMap::new();
        for name in root.keys() {
            let table = root.table(&name.value)?;
            all.insert(name.value.clone(), sentences(&table, "facts", "")?);
        }
        Some(all)
    })
}

fn switches(table: &Table<'_>) -> BTreeMap<String, String> {
    let Some(switches) = table.table("switches") else { return BTreeMap::new() };
    let entries = switches.string_entries().into_iter();
    entries.map(|(name, choice)| (name.value, choice.value)).collect()
}

fn baseline(root: &Table<'_>) -> Option<Baseline> {
    if !root.has("baseline") {
        return Some(Baseline { from: From::RuleSet, facts: Vec::new() });
    }
    if root.is_string("baseline") {
        let name = root.string("baseline")?;
        let from = known(root, &name)?;
        return Some(Baseline { from, facts: Vec::new() });
    }
    let table = root.table("baseline")?;
    let from = match table.string("from") {
        Some(name) => known(&table, &name)?,
        None => From::Nothing,
    };
    Some(Baseline { from, facts: sentences(&table, "facts", "")? })
}

fn known(table: &Table<'_>, name: &Placed<String>) -> Option<From> {
    let shipped = super::shipped_baselines();
    if shipped.contains_key(&name.value) {
        return Some(From::Named(name.value.clone()));
    }
    let names: Vec<&str> = shipped.keys().map(String::as_str).collect();
    let message = format!("{:?} is no shipped baseline: one of {}", name.value, names.join(", "));
    table.fault(&name.place, message);
    None
}

fn cases(root: &Table<'_>, exactly: bool) -> Option<Vec<Case>> {
    let tables = root.tables("case");
    if tables.is_empty() {
        root.fault(&root.place(), "there is no case: write [[case]]");
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut cases = Vec::new();
    for table in &tables {
        let each = match table.has("each") {
            true => table.strings("each").into_iter().map(|each| each.value).collect(),
            false => vec![String::new()],
        };
        if each.is_empty() {
            table.fault(&table.place(), "each lists nothing: there would be no case");
        }
        cases.extend(each.iter().map(|each| case(table, each, exactly, &mut seen)));
    }
    cases.into_iter().collect()
}

/// A case; `{}` in its texts is what it is one of.
fn case(
    table: &Rc<Table<'_>>,
    each: &str,
    exactly: bool,
    seen: &mut BTreeMap<String, usize>,
) -> Option<Case> {
    let line = table.told(&table.place(), "").line;
    let id = table.required_string("id").map(|id| of_each(id, each));
    if let Some(id) = &id
        && let Some(earlier) = seen.insert(id.value.clone(), line)
    {
        table.fault(&id.place, format!("case {:?} stands on line {earlier} already", id.value));
    }
    let given = table.string("given").map_or(String::new(), |given| of_each(given, each).value);
    let change = sentences(table, "change", each);
    let rules = table.one_or_more("rules").into_iter().map(|placed| placed.value).collect();
    let exactly = table.boolean("exactly").map_or(exactly, |placed| placed.value);
    let (switches, expected) = (switches(table), expected_of(table, each, exactly));
    Some(Case { id: id?.value, given, line, rules, switches, change: change?, expected: expected? })
}

fn of_each(mut text: Placed<String>, each: &str) -> Placed<String> {
    text.value = text.value.replace("{}", each);
    text
}

fn sentences(table: &Table<'_>, key: &str, each: &str) -> Option<Vec<Sentence>> {
    let told = table.one_or_more(key).into_iter().map(|text| of_each(text, each));
    let pieces = told.flat_map(|placed| {
        let each: Vec<_> = placed.value.split(';').map(|piece| piece.trim().to_owned()).collect();
        each.into_iter().map(move |value| Placed { value, place: placed.place.clone() })
    });
    let read: Vec<Option<Sentence>> = pieces
        .filter(|piece| !piece.value.is_empty())
        .map(|piece| taken(table, &piece, forms::read))
        .collect();
    read.into_iter().collect()
}

fn expected_of(table: &Table<'_>, each: &str, exactly: bool) -> Option<Expected> {
    let verdict = table.required_string("verdict");
    let verdict = verdict.and_then(|text| taken(table, &text, expected::verdict));
    let reasons = all(table, "reason", each, expected::reason);
    let labels = all(table, "labels", each, expected::label);
    let next = all(table, "next", each, expected::step);
    let donor = match table.string("donor") {
        Some(text) => Some(taken(table, &text, expected::donor)?),
        None => None,
    };
    let (verdict, reasons) = (verdict?, reasons?);
    Some(Expected { verdict, reasons, donor, labels: labels?, next: next?, exactly })
}

fn all<T>(
    table: &Table<'_>,
    key: &str,
    each: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<Vec<T>> {
    let texts = table.one_or_more(key).into_iter().map(|text| of_each(text, each));
    let read: Vec<Option<T>> = texts.map(|text| taken(table, &text, &read)).collect();
    read.into_iter().collect()
}

fn taken<T>(
    table: &Table<'_>,
    text: &Placed<String>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    match read(&text.value) {
        Ok(value) => Some(value),
        Err(why) => {
            table.fault(&text.place, why);
            None
        }
    }
}
