//! A query, laid out: every smallest piece is asked what the reader asks it.

use super::super::super::Analyser;
use super::super::super::explain::Became;
use super::super::super::profile::{AskKind, Dialect, Path, QueryRole, RecordName};
use super::super::Gathered;
use super::super::explain::{self, Sheet};
use super::account::{covers, every_repeat, is_personal, leaves, whole};
use super::{Reader, holds, is_blank};
use crate::codec::charset::Text;
use crate::codec::{Message, Piece, Record};

/// Lays out the query; false where the profile does not know it.
pub(in crate::analyser::reading) fn explain(
    analyser: &Analyser,
    text: &Text<'_>,
    message: &Message<'_>,
    sheet: &mut Sheet<'_>,
) -> bool {
    let delimiters = message.delimiters();
    let Some(header) = message.records().next() else { return true };
    let Some(plan) = analyser.profile.query() else { return false };
    if !plan.when.iter().all(|condition| holds(condition, header, delimiters)) {
        return false;
    }
    let gathered = &mut Gathered::default();
    let reader = Reader { analyser, plan, text, message, delimiters, gathered, is_whole: true };
    sheet.begin_message();
    for record in message.records() {
        sheet.begin(record);
        match (reader.scope(record), reader.ignored_because(&whole(record))) {
            (None, _) => {
                let why = "a record that the profile does not know".to_owned();
                sheet.fields(record, &Became::Unaccounted(why));
            }
            (Some(_), Some(why)) => sheet.fields(record, &Became::Ignored(why.to_owned())),
            (Some(_), None) => reader.lay_out(record, sheet),
        }
        sheet.end(record);
    }
    true
}

impl Reader<'_, '_> {
    fn lay_out(&self, record: Record<'_>, sheet: &mut Sheet<'_>) {
        let dialect = self.analyser.profile.dialect();
        let Some(name) = RecordName::of(record.name()) else { return };
        for (field, piece) in record.fields() {
            let place = sheet.field_place(field);
            if dialect.is_structural(name, field) {
                sheet.put(piece, place, explain::structure(dialect, record, field));
                continue;
            }
            if is_blank(piece.text, self.delimiters) {
                sheet.put(piece, place, explain::blank(piece.text));
                continue;
            }
            for (leaf, repeat, piece) in leaves(name, field, piece, self.delimiters) {
                let became = self.became(record, &leaf, repeat, piece);
                let place = leaf_place(&place, &leaf, repeat, dialect);
                sheet.put_shown(piece, place, became, !is_personal(&leaf));
            }
        }
    }

    fn became(&self, record: Record<'_>, leaf: &Path, repeat: usize, piece: Piece<'_>) -> Became {
        if is_blank(piece.text, self.delimiters) {
            return explain::blank(piece.text);
        }
        let decides = self.plan.when.iter().any(|condition| covers(&condition.path, leaf));
        if decides && repeat == 1 {
            return explain::mapped("kind of message", None);
        }
        let is_read = |path: &Path, role| {
            path.field.is_some() && covers(path, leaf) && (repeat == 1 || every_repeat(role))
        };
        let uses = self.plan.uses.iter().filter(|used| is_read(&used.path, used.role));
        let roles: Vec<QueryRole> = uses.map(|used| used.role).collect();
        if !roles.is_empty() {
            return self.mapped(&roles, piece);
        }
        if let Some(why) = self.ignored_because(leaf) {
            return Became::Ignored(why.to_owned());
        }
        if self.is_everything(record, leaf) {
            return explain::mapped("everything is asked for", None);
        }
        Became::Unaccounted("not a part of a query that is known".to_owned())
    }

    fn mapped(&self, roles: &[QueryRole], piece: Piece<'_>) -> Became {
        let words: Vec<String> = roles.iter().map(|role| self.words(*role)).collect();
        let text = piece.unescaped(self.delimiters).unwrap_or(piece.text.into());
        let text = text.trim();
        let meaning = roles.iter().find_map(|role| self.meaning(*role, text));
        explain::mapped(&words.join(", "), meaning)
    }

    fn words(&self, role: QueryRole) -> String {
        let name = |names: &[String], index: usize| {
            let name = names.get(index).map_or("", String::as_str);
            format!("said again in the answer as {name}")
        };
        match role {
            QueryRole::SpecimenId => "specimen id".to_owned(),
            QueryRole::Until => "last specimen id of a range".to_owned(),
            QueryRole::Rack => "rack".to_owned(),
            QueryRole::Position => "position".to_owned(),
            QueryRole::Code => "asked test".to_owned(),
            QueryRole::Kind(_) => "kind of query".to_owned(),
            QueryRole::Echo(index) => name(&self.plan.echo, index),
            QueryRole::SpecimenEcho(index) => name(&self.plan.specimen_echo, index),
        }
    }

    fn meaning(&self, role: QueryRole, text: &str) -> Option<String> {
        match role {
            QueryRole::SpecimenId | QueryRole::Until => {
                let din = self.analyser.donation_number(text);
                Some(din.map_or("no donation number of this site".to_owned(), |din| {
                    format!("donation {din}")
                }))
            }
            QueryRole::Code => {
                let assay = self.analyser.tests.get(text);
                assay.map(|assay| format!("assay {assay}"))
            }
            QueryRole::Kind(index) => {
                let kind = self.plan.kinds.get(index)?.get(text)?;
                Some(kind_words(*kind).to_owned())
            }
            QueryRole::Rack
            | QueryRole::Position
            | QueryRole::Echo(_)
            | QueryRole::SpecimenEcho(_) => None,
        }
    }
}

/// `Q[1].3[2].2`: the place of a field with what is below it.
fn leaf_place(field: &str, leaf: &Path, repeat: usize, dialect: Dialect) -> String {
    let mut place = field.to_owned();
    if repeat > 1 {
        place.push_str(&format!("[{repeat}]"));
    }
    if let Some(component) = leaf.component.filter(|_| dialect != Dialect::Blocks) {
        place.push_str(&format!(".{component}"));
    }
    if let Some(subcomponent) = leaf.subcomponent.filter(|number| *number > 1) {
        place.push_str(&format!(".{subcomponent}"));
    }
    place
}

const fn kind_words(kind: AskKind) -> &'static str {
    match kind {
        AskKind::Specimens => "asks for specimens",
        AskKind::Other => "asks for specimens that are no donors'",
        AskKind::All => "asks for everything",
        AskKind::Cancel => "withdraws what was asked",
    }
}
