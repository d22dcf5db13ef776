//! Every piece of a query has a role, is ignored by name, or is a fault: there is no fourth.

use super::super::super::profile::{AskKind, Path, QueryRole, RecordName, Scope, path_text};
use super::super::context::NORMAL_ENDS;
use super::super::gather::is_blank;
use super::super::interpret;
use super::Reader;
use crate::codec::{Delimiters, Piece, Record};

impl Reader<'_, '_> {
    /// Every piece of the message has a role or is ignored by name.
    pub(super) fn account(&mut self, kind: AskKind) {
        for record in self.message.records() {
            let line = record.line();
            match self.scope(record) {
                None => {
                    let text =
                        format!("a record that the profile does not know: {:?}", record.name());
                    self.fault(line.offset, &text);
                }
                Some(_) if self.is_ignored(&whole(record)) => {}
                Some(_) => self.account_record(record),
            }
            let end = record.field(3).map_or("", |piece| piece.text.trim());
            // What is withdrawn may end with "the sender gave up" (LIS02-A2 13.3).
            let is_end = NORMAL_ENDS.contains(&end) || kind == AskKind::Cancel && end == "T";
            if record.name() == "L" && !is_end {
                let text = format!("the analyser ended the query with code {end:?}, not normally");
                self.fault(line.offset, &text);
            }
        }
    }

    pub(super) fn scope(&self, record: Record<'_>) -> Option<Scope> {
        let name = RecordName::of(record.name())?;
        let mut scopes = self.analyser.profile.dialect().scopes();
        scopes.find(|(known, _)| *known == name).map(|(_, scope)| scope)
    }

    fn account_record(&mut self, record: Record<'_>) {
        let dialect = self.analyser.profile.dialect();
        let Some(name) = RecordName::of(record.name()) else { return };
        for (field, piece) in record.fields() {
            if is_blank(piece.text, self.delimiters) || dialect.is_structural(name, field) {
                continue;
            }
            for (leaf, repeat, piece) in leaves(name, field, piece, self.delimiters) {
                if is_blank(piece.text, self.delimiters) || self.is_known(record, &leaf, repeat) {
                    continue;
                }
                let shown = if is_personal(&leaf) { "(not shown)" } else { piece.text };
                let place = path_text(&leaf, dialect);
                let text = format!("{place}: {shown:?}: not a part of a query that is known");
                self.fault(piece.offset, &text);
            }
        }
    }

    fn is_known(&self, record: Record<'_>, leaf: &Path, repeat: usize) -> bool {
        let plan = self.plan;
        // What is repeated with the whole record was not looked into.
        let reads = |path: &Path, role| {
            path.field.is_some() && covers(path, leaf) && (repeat == 1 || every_repeat(role))
        };
        let decides = plan.when.iter().any(|condition| covers(&condition.path, leaf));
        decides && repeat == 1
            || plan.uses.iter().any(|used| reads(&used.path, used.role))
            || self.is_ignored(leaf)
            || self.is_everything(record, leaf)
    }

    /// `ALL` stands in the first component, wherever the code or the id itself would.
    pub(super) fn is_everything(&self, record: Record<'_>, leaf: &Path) -> bool {
        let is_first = leaf.component == Some(1);
        let has = |role| {
            let mut places = self.plan.places(role);
            places.any(|path| path.record == leaf.record && path.field == leaf.field)
        };
        is_first
            && (has(QueryRole::Code) || has(QueryRole::SpecimenId))
            && self.says_all(record, leaf)
    }

    fn is_ignored(&self, leaf: &Path) -> bool {
        self.ignored_because(leaf).is_some()
    }

    /// Why the profile dismisses a place, if it does.
    pub(super) fn ignored_because(&self, leaf: &Path) -> Option<&str> {
        let mut ignored = self.plan.ignored.iter().chain(&self.plan.of_header);
        let found = ignored.find(|ignored| covers(&ignored.path, leaf));
        found.map(|ignored| ignored.why.as_str())
    }
}

/// What may name a person: records about one, and the first part of a LIS02 id (LIS02-A2, Q.3).
pub(super) fn is_personal(leaf: &Path) -> bool {
    let of_query = leaf.record.is("Q") && matches!(leaf.field, Some(3 | 4));
    interpret::is_personal(leaf.record) || of_query && leaf.component == Some(1)
}

/// Whether a place holds a smaller one.
pub(super) fn covers(place: &Path, leaf: &Path) -> bool {
    let holds = |own: Option<usize>, other| own.is_none() || own == other;
    place.record == leaf.record
        && holds(place.field, leaf.field)
        && holds(place.component, leaf.component)
        && holds(place.subcomponent, leaf.subcomponent)
}

/// Whether all repeats of a place are read.
pub(super) const fn every_repeat(role: QueryRole) -> bool {
    match role {
        QueryRole::SpecimenId
        | QueryRole::Until
        | QueryRole::Rack
        | QueryRole::Position
        | QueryRole::Code
        | QueryRole::SpecimenEcho(_) => true,
        QueryRole::Kind(_) | QueryRole::Echo(_) => false,
    }
}

pub(super) fn whole(record: Record<'_>) -> Path {
    let name = RecordName::of(record.name()).unwrap_or_default();
    Path { record: name, field: None, component: None, subcomponent: None }
}

/// Every smallest piece of a field, with its place and the number of its repeat.
pub(super) fn leaves<'m>(
    record: RecordName,
    field: usize,
    piece: Piece<'m>,
    delimiters: &Delimiters,
) -> Vec<(Path, usize, Piece<'m>)> {
    let mut leaves = Vec::new();
    for (repeat, piece) in (1..).zip(piece.repeats(delimiters)) {
        for (component, piece) in (1..).zip(piece.components(delimiters)) {
            for (subcomponent, piece) in (1..).zip(piece.subcomponents(delimiters)) {
                let (field, component) = (Some(field), Some(component));
                let path = Path { record, field, component, subcomponent: Some(subcomponent) };
                leaves.push((path, repeat, piece));
            }
        }
    }
    leaves
}
