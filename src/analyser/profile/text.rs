//! `[text]`: how a file of delimited text is cut into records.
//!
//! Refuses columns, blocks and head lines that are not numbered without gaps or share a title, a
//! quote that is a separator, a plate without a block that tells a full well from an empty one, and
//! keys that mean nothing in the other form.

use super::path::{Dialect, RecordName};
use super::tables::{Layout, RecordPlan};
use crate::codec::table::{Body, Form, HEAD, ROW, Separator};
use crate::document::{Placed, Table};
use crate::limits;

/// Everything a profile says of its files.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) form: Form,
}

impl Text {
    /// Every place that is read or ignored is a column, a block or a head line.
    pub(super) fn has_places(&self, root: &Table<'_>, layout: &Layout) {
        let (Body::Rows { columns: fields, .. } | Body::Plate { blocks: fields, .. }) =
            &self.form.body;
        let lists =
            [(ROW, "[text.fields]", fields.len()), (HEAD, "[text.head]", self.form.head.len())];
        for (name, list, count) in lists {
            let plan = RecordName::of(name).and_then(|name| layout.record(name));
            let last = plan.map_or(0, RecordPlan::last_field);
            if last > count {
                let message = format!("{name}.{last} is read or ignored, but {list} has {count}");
                root.fault(&root.place(), message);
            }
        }
    }

    /// What is weak in how its files come, for the user.
    pub(super) fn remarks(&self) -> Vec<&'static str> {
        let mut remarks = vec![
            "files have no check sum: what is changed in one, by hand or by damage, is not noticed",
        ];
        if self.form.end.is_none() && matches!(self.form.body, Body::Rows { .. }) {
            remarks.push(
                "files have no end line: one that was cut off between two rows is not noticed",
            );
        }
        remarks
    }
}

/// Reads `[text]` where the dialect has it.
pub(super) fn parse(root: &Table<'_>, dialect: Dialect) -> Option<Text> {
    match dialect {
        Dialect::Text => root.required_table("text").and_then(|table| text(&table)),
        Dialect::Lis02 | Dialect::Hl7 | Dialect::Blocks => None,
    }
}

fn text(table: &Table<'_>) -> Option<Text> {
    let separator = separator(table);
    let quote = quote(table, separator);
    let head = titles(table, "head", false);
    let end = table.string("end");
    if let Some(end) = end.as_ref().filter(|end| end.value.trim() != end.value || is_blank(end)) {
        table.fault(&end.place, "must be the text of a line, without blanks around it");
    }
    let body = body(table, separator)?;
    let end = end.map(|end| end.value);
    Some(Text { form: Form { separator: separator?, quote, head, end, body } })
}

fn is_blank(text: &Placed<String>) -> bool {
    text.value.trim().is_empty()
}

fn separator(table: &Table<'_>) -> Option<Separator> {
    let word = table.required_string("separator")?;
    let known = Separator::from_id(&word.value);
    if known.is_none() {
        let names = Separator::ALL.map(Separator::id).join(", ");
        table.fault(&word.place, format!("{:?} is not one of {names}", word.value));
    }
    known
}

fn quote(table: &Table<'_>, separator: Option<Separator>) -> Option<u8> {
    let mark = table.string("quote")?;
    let [byte] = *mark.value.as_bytes() else {
        table.fault(&mark.place, "must be one ASCII character");
        return None;
    };
    let separates = separator.is_some_and(|separator| separator.is(char::from(byte)));
    if !byte.is_ascii_punctuation() || separates {
        table.fault(&mark.place, "must be a punctuation character that separates nothing");
    }
    Some(byte)
}

fn body(table: &Table<'_>, separator: Option<Separator>) -> Option<Body> {
    let form = table.required_string("form")?;
    match form.value.as_str() {
        "rows" => Some(rows(table)),
        "plate" => plate(table, separator),
        other => {
            table.fault(&form.place, format!("{other:?} is not rows or plate"));
            None
        }
    }
}

fn rows(table: &Table<'_>) -> Body {
    meaningless(table, &["rows", "columns", "positions", "filled"], "rows");
    let titled = table.boolean("titles").is_some_and(|titles| titles.value);
    Body::Rows { columns: titles(table, "fields", true), titled }
}

fn plate(table: &Table<'_>, separator: Option<Separator>) -> Option<Body> {
    meaningless(table, &["titles"], "plate");
    if separator == Some(Separator::Blanks) {
        table.fault(&table.place(), "a plate needs a separator that can stand by an empty cell");
    }
    let blocks = titles(table, "fields", true);
    let rows = size(table, "rows", limits::PLATE_ROWS_MAX);
    let columns = size(table, "columns", limits::PLATE_COLUMNS_MAX);
    let known = 1..=i64::try_from(blocks.len()).unwrap_or(i64::MAX);
    let positions = table.integer("positions", known);
    let positions = positions.and_then(|number| usize::try_from(number.value).ok());
    let filled = filled(table, &blocks);
    Some(Body::Plate { rows: rows?, columns: columns?, blocks, positions, filled })
}

fn size(table: &Table<'_>, key: &str, most: usize) -> Option<usize> {
    let range = 1..=i64::try_from(most).unwrap_or(i64::MAX);
    let size = table.integer(key, range);
    if size.is_none() && !table.has(key) {
        table.fault(&table.place(), format!("{key} is missing"));
    }
    size.and_then(|size| usize::try_from(size.value).ok())
}

/// Titles of blocks, as numbers.
fn filled(table: &Table<'_>, blocks: &[String]) -> Vec<usize> {
    let named = table.strings("filled");
    if named.is_empty() {
        let message = "filled is missing: which blocks have something where a well is in use?";
        table.fault(&table.place(), message);
    }
    let number = |title: &Placed<String>| {
        let at = blocks.iter().position(|block| *block == title.value);
        if at.is_none() {
            table.fault(&title.place, format!("{:?} is no block of [text.fields]", title.value));
        }
        at.map(|at| at + 1)
    };
    named.iter().filter_map(number).collect()
}

fn meaningless(table: &Table<'_>, keys: &[&str], form: &str) {
    for key in keys.iter().filter(|key| table.has(key)) {
        table.fault(&table.place(), format!("{key} means nothing where form is {form}"));
    }
}

/// `NUMBER = "TITLE"`, numbered from 1 without gaps.
fn titles(table: &Table<'_>, key: &str, required: bool) -> Vec<String> {
    let titles = if required { table.required_table(key) } else { table.table(key) };
    let Some(titles) = titles else { return Vec::new() };
    let mut numbered: Vec<(usize, String)> = Vec::new();
    for (number, title) in titles.string_entries() {
        let said = number.value.parse().ok();
        let Some(said) = said.filter(|said| (1..=limits::TABLE_COLUMNS_MAX).contains(said)) else {
            let max = limits::TABLE_COLUMNS_MAX;
            titles.fault(&number.place, format!("is not a number from 1 to {max}"));
            continue;
        };
        if title.value.trim() != title.value || is_blank(&title) {
            titles.fault(&title.place, "must be a title, without blanks around it");
        }
        if numbered.iter().any(|(_, known)| *known == title.value) {
            titles.fault(&title.place, format!("{:?} stands here twice", title.value));
        }
        numbered.push((said, title.value));
    }
    numbered.sort_unstable();
    if numbered.is_empty() || (1..).zip(&numbered).any(|(at, (number, _))| at != *number) {
        titles.fault(&titles.place(), "must be numbered from 1, without gaps");
    }
    numbered.into_iter().map(|(_, title)| title).collect()
}
