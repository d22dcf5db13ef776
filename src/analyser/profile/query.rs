//! `[query]`: how an analyser asks what is to be done with its specimens.
//!
//! Refuses a query whose specimen has no place, a place that is read twice or read and ignored,
//! and an analyser that is asked without saying how long it waits.

use std::collections::BTreeMap;
use std::time::Duration;

use super::layout::{any_path, conditions, field_path, id_prefixes, reason};
use super::path::{Dialect, Path};
use super::tables::{Condition, Ignored};
use super::{link, orders};
use crate::document::{Place, Placed, Table};
use crate::limits;

/// How to read a query.
#[derive(Clone, Debug)]
pub(crate) struct QueryPlan {
    /// All must hold, else it is a query of another kind.
    pub(crate) when: Vec<Condition>,
    pub(crate) answer_within: Duration,
    pub(crate) uses: Vec<QueryUse>,
    pub(crate) kinds: Vec<BTreeMap<String, AskKind>>,
    /// Names of what is echoed for the whole query, and for each specimen.
    pub(crate) echo: Vec<String>,
    pub(crate) specimen_echo: Vec<String>,
    pub(crate) ignored: Vec<Ignored>,
    /// What is dismissed of every header.
    pub(crate) of_header: Vec<Path>,
    pub(crate) unread_id_prefixes: Vec<String>,
    /// Taken away in front of specimen ids.
    pub(crate) id_prefixes: Vec<String>,
}

/// A place that is read, and what for.
#[derive(Clone, Debug)]
pub(crate) struct QueryUse {
    pub(crate) path: Path,
    pub(crate) role: QueryRole,
}

/// What a place of a query is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryRole {
    SpecimenId,
    /// The last id of a range.
    Until,
    Rack,
    Position,
    Code,
    Kind(usize),
    Echo(usize),
    SpecimenEcho(usize),
}

/// What a code says that a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskKind {
    Specimens,
    /// Specimens that are no donors'.
    Other,
    All,
    Cancel,
}

impl AskKind {
    fn from_id(word: &str) -> Option<AskKind> {
        Some(match word {
            "specimens" => AskKind::Specimens,
            "other" => AskKind::Other,
            "all" => AskKind::All,
            "cancel" => AskKind::Cancel,
            _ => return None,
        })
    }
}

impl QueryPlan {
    /// The places with a role, in the order in which the profile names them.
    pub(crate) fn places(&self, role: QueryRole) -> impl Iterator<Item = &Path> {
        self.uses.iter().filter(move |used| used.role == role).map(|used| &used.path)
    }

    /// The name of an echo, and whether it is echoed as sent, with its delimiters.
    pub(crate) fn echoed(&self, name: &str) -> Option<Echoed> {
        let own = |names: &[String]| names.iter().position(|known| known == name);
        let role = match (own(&self.echo), own(&self.specimen_echo)) {
            (Some(index), _) => QueryRole::Echo(index),
            (None, Some(index)) => QueryRole::SpecimenEcho(index),
            (None, None) => return None,
        };
        let whole = self.places(role).next()?.component.is_none();
        Some(Echoed { of_specimen: matches!(role, QueryRole::SpecimenEcho(_)), whole })
    }
}

/// What is echoed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Echoed {
    pub(crate) of_specimen: bool,
    /// With the delimiters in it.
    pub(crate) whole: bool,
}

/// Reads `[query]`; `header` is what the profile dismisses of every header.
pub(super) fn parse(root: &Table<'_>, dialect: Dialect, header: &[Ignored]) -> Option<QueryPlan> {
    let table = root.table("query")?;
    let mut places = Places { table: &table, dialect, uses: Vec::new(), at: Vec::new() };
    places.fields();
    let kinds = places.kinds();
    let echo = places.echoes("echo", QueryRole::Echo);
    let specimen_echo = places.echoes("specimen_echo", QueryRole::SpecimenEcho);
    let (uses, at) = (places.uses, places.at);
    let ignored = ignored(&table, dialect, &uses, &at);
    let answer_within = link::seconds(&table, "answer_within_s", limits::ANSWER_WITHIN_MAX);
    if answer_within.is_none() && !table.has("answer_within_s") {
        table.fault(&table.place(), "answer_within_s is missing: how long does it wait?");
    }
    let prefixes = |key| [id_prefixes(root, key), id_prefixes(&table, key)].concat();
    Some(QueryPlan {
        when: conditions(&table, dialect),
        answer_within: answer_within?,
        uses,
        kinds,
        echo,
        specimen_echo,
        ignored,
        of_header: header.iter().map(|known| known.path).collect(),
        unread_id_prefixes: prefixes("unread_id_prefixes"),
        id_prefixes: prefixes("id_prefixes"),
    })
}

struct Places<'t, 'd> {
    table: &'t Table<'d>,
    dialect: Dialect,
    uses: Vec<QueryUse>,
    at: Vec<Place>,
}

impl Places<'_, '_> {
    fn used(&mut self, path: Path, role: QueryRole, place: Place) {
        let reads = |used: &QueryUse| used.path.overlaps(&path);
        if self.uses.iter().any(|used| reads(used) && !may_share(used, role)) {
            self.table.fault(&place, "is already read for something else");
        }
        self.uses.push(QueryUse { path, role });
        self.at.push(place);
    }

    fn leaf(&mut self, text: &Placed<String>, role: QueryRole) {
        if let Some(path) = field_path(self.table, text, self.dialect) {
            self.used(path.leaf(), role, text.place.clone());
        }
    }

    fn fields(&mut self) {
        let ids = self.table.strings("specimen_id");
        if ids.is_empty() {
            let message = "specimen_id is missing: where is the tube's number?";
            self.table.fault(&self.table.place(), message);
        }
        for id in &ids {
            self.leaf(id, QueryRole::SpecimenId);
        }
        let single = [
            ("until", QueryRole::Until),
            ("rack", QueryRole::Rack),
            ("position", QueryRole::Position),
            ("codes", QueryRole::Code),
        ];
        for (key, role) in single {
            if let Some(text) = self.table.string(key) {
                self.leaf(&text, role);
            }
        }
    }

    fn kinds(&mut self) -> Vec<BTreeMap<String, AskKind>> {
        let mut kinds = Vec::new();
        for table in self.table.tables("kind") {
            if let Some(path) = table.required_string("path") {
                self.leaf(&path, QueryRole::Kind(kinds.len()));
            }
            let Some(codes) = table.required_table("codes") else { continue };
            kinds.push(super::layout::coded(&codes, "a kind of query", AskKind::from_id));
        }
        kinds
    }

    /// A place without component is echoed whole.
    fn echoes(&mut self, key: &str, role: fn(usize) -> QueryRole) -> Vec<String> {
        let Some(table) = self.table.table(key) else { return Vec::new() };
        let mut names = Vec::new();
        for (name, path) in table.string_entries() {
            if orders::is_taken(&name.value) {
                let message = format!("{:?} has a meaning of its own in messages", name.value);
                table.fault(&name.place, message);
            }
            if let Some(known) = any_path(&table, &path, self.dialect) {
                self.used(known, role(names.len()), path.place);
            }
            names.push(name.value);
        }
        names
    }
}

/// What is read may also be echoed.
fn may_share(used: &QueryUse, role: QueryRole) -> bool {
    let echoes = |role| matches!(role, QueryRole::Echo(_) | QueryRole::SpecimenEcho(_));
    echoes(used.role) || echoes(role)
}

fn ignored(table: &Table<'_>, dialect: Dialect, uses: &[QueryUse], at: &[Place]) -> Vec<Ignored> {
    let mut ignored: Vec<Ignored> = Vec::new();
    for ignore in table.tables("ignore") {
        let why = reason(&ignore);
        for text in ignore.strings("paths") {
            let Some(path) = any_path(&ignore, &text, dialect) else { continue };
            // What is echoed whole is not looked into: it may be ignored besides.
            let reads = |used: &QueryUse| used.path.component.is_some();
            let both = uses.iter().zip(at).filter(|(used, _)| reads(used));
            for (_, place) in both.filter(|(used, _)| used.path.overlaps(&path)) {
                table.fault(place, "is read here and ignored elsewhere: remove one");
            }
            ignored.push(Ignored { path, why: why.clone() });
        }
    }
    ignored
}
