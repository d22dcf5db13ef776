//! How a file is read: the layout, from its TOML.
//!
//! Refuses: a column that is named twice, titles in a file without titles, positions for pools, a
//! layout without a source, and whatever `document` refuses.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::codec::charset::Charset;
use crate::document::{self, Placed, Table};
use crate::domain::Container;
use crate::limits;

/// How a file is read.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its day.
    pub date: Date,
    /// Which device, for people.
    pub title: String,
    /// What it was built from.
    pub built_from: String,
    /// What is not known.
    pub missing: Vec<String>,
    /// What the file tells of.
    pub content: Content,
    /// The character set of the file.
    pub charset: Charset,
    pub(super) separator: u8,
    pub(super) skip_lines: usize,
    pub(super) titled: bool,
    /// Cells of each row, where there are no titles.
    pub(super) cells: usize,
    pub(super) end: Option<End>,
    pub(super) columns: Columns,
    pub(super) positions: Positions,
    pub(super) containers: BTreeMap<String, Container>,
    /// The container of every tube.
    pub(super) container: Option<Container>,
    /// What stands for no tube.
    pub(super) empty: Vec<String>,
    /// What stands before numbers and is no part of them.
    pub(super) prefixes: Vec<String>,
    /// Who pipetted the pools.
    pub(super) made_by: Option<String>,
}

/// What a file tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Tubes in racks.
    Racks,
    /// Donations in pools.
    Pools,
}

/// The line that ends a file.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// What its first cell is.
    pub(super) line: String,
    /// The cell with the count of rows, from 1.
    pub(super) count: Option<usize>,
}

/// A column: by its title or its number from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Titled(String),
    Numbered(usize),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub(super) rack: Option<Column>,
    pub(super) position: Option<Column>,
    pub(super) tube: Vec<Column>,
    pub(super) pool: Option<Column>,
    pub(super) container: Option<Column>,
    /// How many tubes the rack holds.
    pub(super) loaded: Option<Column>,
    pub(super) ignored: Vec<Column>,
}

/// How positions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Positions {
    /// 1, 2, ... as far as this.
    Number(u32),
    /// A1 or A01: a letter for the row, a number for the column.
    Wells { rows: u32, columns: u32, by_rows: bool },
}

impl Columns {
    /// Every column that is read.
    pub(super) fn read(&self) -> impl Iterator<Item = &Column> {
        let single = [&self.rack, &self.position, &self.pool, &self.container, &self.loaded];
        single.into_iter().flatten().chain(&self.tube)
    }

    /// Every column that is named.
    pub(super) fn every(&self) -> impl Iterator<Item = &Column> {
        self.read().chain(&self.ignored)
    }
}

impl Positions {
    /// How many there are.
    pub(super) const fn count(self) -> u32 {
        match self {
            Positions::Number(count) => count,
            Positions::Wells { rows, columns, .. } => rows * columns,
        }
    }

    /// The number of a position as it is written.
    pub(super) fn number(self, text: &str) -> Option<u32> {
        let number = match self {
            Positions::Number(_) => text.parse().ok().filter(|_| is_digits(text))?,
            Positions::Wells { rows, columns, by_rows } => {
                let mut characters = text.chars();
                let letter = characters.next()?.to_ascii_uppercase();
                let row = u32::from(letter).checked_sub(u32::from('A')).filter(|r| *r < rows)?;
                let digits = characters.as_str();
                let column: u32 = digits.parse().ok().filter(|_| is_digits(digits))?;
                let column = column.checked_sub(1).filter(|column| *column < columns)?;
                1 + if by_rows { row * columns + column } else { column * rows + row }
            }
        };
        (1..=self.count()).contains(&number).then_some(number)
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a layout.
pub(super) fn parse(file: &str, text: &str) -> Result<Layout, Vec<document::Fault>> {
    document::read(file, text, root)
}

fn root(root: &Table<'_>) -> Option<Layout> {
    let name = root.required_string("name");
    let version = root.required_string("version");
    let title = root.required_string("title");
    let built_from = root.required_string("built_from");
    let date = dated(root);
    let missing = values(root.strings("missing"));
    let content = content(root);
    let form = root.required_table("file").and_then(|table| form(&table));
    let columns = root.required_table("columns").map(|table| columns(&table));
    let positions = root.table("positions").map(|table| positions(&table));
    let containers = root.table("containers").map(|table| containers(&table)).unwrap_or_default();
    let container = root.string("container").and_then(|text| container(root, &text));
    let made_by = root.string("made_by").map(|text| text.value);
    let empty = values(root.strings("empty"));
    let prefixes = values(root.strings("prefixes"));
    let (content, columns, form) = (content?, columns?, form?);
    whole(root, content, &columns, &form);
    let positions = positions.unwrap_or(Some(Positions::Number(limits::RACK_POSITIONS_MAX)));
    Some(Layout {
        name: name?.value,
        version: version?.value,
        date: date?,
        title: title?.value,
        built_from: built_from?.value,
        missing,
        content,
        charset: form.charset,
        separator: form.separator,
        skip_lines: form.skip_lines,
        titled: form.titled,
        cells: form.cells,
        end: form.end,
        columns,
        positions: positions?,
        containers,
        container,
        empty,
        prefixes,
        made_by,
    })
}

fn values(placed: Vec<Placed<String>>) -> Vec<String> {
    placed.into_iter().map(|placed| placed.value).collect()
}

fn dated(root: &Table<'_>) -> Option<Date> {
    let date = root.date("date");
    if !root.has("date") {
        root.fault(&root.place(), "date is missing");
    }
    date.map(|date| date.value)
}

fn content(root: &Table<'_>) -> Option<Content> {
    let text = root.required_string("content")?;
    match text.value.as_str() {
        "racks" => Some(Content::Racks),
        "pools" => Some(Content::Pools),
        _ => {
            root.fault(&text.place, "is neither \"racks\" nor \"pools\"");
            None
        }
    }
}

/// `[file]`.
struct Form {
    charset: Charset,
    separator: u8,
    skip_lines: usize,
    titled: bool,
    cells: usize,
    end: Option<End>,
}

fn form(table: &Table<'_>) -> Option<Form> {
    let charset = table.required_string("charset").and_then(|text| {
        let charset = Charset::from_name(&text.value);
        if charset.is_none() {
            table.fault(&text.place, "is no character set: utf-8, gb18030, gbk, iso-8859-1, ...");
        }
        charset
    });
    let separator = table.required_string("separator").and_then(|text| separator(table, &text));
    let titled = table.boolean("titles").is_none_or(|titled| titled.value);
    let most = limits::TABLE_COLUMNS_MAX as i64;
    let cells = table.integer("cells", 1..=most).map_or(0, |cells| small(cells.value));
    if titled == (cells > 0) {
        let place = table.place_of("cells").unwrap_or_else(|| table.place());
        table.fault(&place, "cells goes with titles = false, and with nothing else");
    }
    let skip_lines = table.integer("skip_lines", 0..=most).map_or(0, |lines| small(lines.value));
    let end = table.string("last_line").map(|line| End {
        line: line.value,
        count: table.integer("last_line_count", 2..=most).map(|count| small(count.value)),
    });
    Some(Form { charset: charset?, separator: separator?, skip_lines, titled, cells, end })
}

fn small(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

fn separator(table: &Table<'_>, text: &Placed<String>) -> Option<u8> {
    match text.value.as_bytes() {
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' || *byte == b'\t' => Some(*byte),
        _ => {
            table.fault(&text.place, "is not one of , ; | or another mark, nor \"\\t\"");
            None
        }
    }
}

fn columns(table: &Table<'_>) -> Columns {
    let one = |key: &str| table.string(key).map(|text| column(text.value));
    let several = |placed: Vec<Placed<String>>| values(placed).into_iter().map(column).collect();
    Columns {
        rack: one("rack"),
        position: one("position"),
        tube: several(table.one_or_more("tube")),
        pool: one("pool"),
        container: one("container"),
        loaded: one("loaded"),
        ignored: several(table.strings("ignore")),
    }
}

/// A title, or the number of the column as `#3`.
fn column(text: String) -> Column {
    let number = text.strip_prefix('#').and_then(|digits| digits.parse().ok());
    number.map_or(Column::Titled(text), Column::Numbered)
}

fn positions(table: &Table<'_>) -> Option<Positions> {
    let most = i64::from(limits::RACK_POSITIONS_MAX);
    let number = |key: &str, most: i64| {
        let number = table.integer(key, 1..=most)?;
        u32::try_from(number.value).ok()
    };
    let written = table.required_string("written")?;
    match written.value.as_str() {
        "number" => {
            let count = number("count", most);
            if !table.has("count") {
                table.fault(&table.place(), "count is missing");
            }
            count.map(Positions::Number)
        }
        "well" => {
            let rows = number("rows", 26);
            let columns = number("columns", limits::PLATE_COLUMNS_MAX as i64);
            let by_rows = table.string("order").is_none_or(|order| {
                if !matches!(order.value.as_str(), "rows" | "columns") {
                    table.fault(&order.place, "is neither \"rows\" nor \"columns\"");
                }
                order.value == "rows"
            });
            Some(Positions::Wells { rows: rows?, columns: columns?, by_rows })
        }
        _ => {
            table.fault(&written.place, "is neither \"number\" nor \"well\"");
            None
        }
    }
}

fn containers(table: &Table<'_>) -> BTreeMap<String, Container> {
    let entries = table.string_entries();
    let known = entries.into_iter().filter_map(|(word, id)| {
        let container = container(table, &id)?;
        Some((word.value, container))
    });
    known.collect()
}

fn container(table: &Table<'_>, text: &Placed<String>) -> Option<Container> {
    let found = Container::from_id(&text.value);
    if found.is_none() {
        let known = Container::ALL.map(Container::id).join(", ");
        table.fault(&text.place, format!("is no container: one of {known}"));
    }
    found
}

/// Whether it has what such a file needs.
fn whole(root: &Table<'_>, content: Content, columns: &Columns, form: &Form) {
    let place = root.place_of("columns").unwrap_or_else(|| root.place());
    let lacking = match content {
        Content::Racks if columns.rack.is_none() => Some("rack"),
        Content::Racks if columns.position.is_none() => Some("position"),
        Content::Pools if columns.pool.is_none() => Some("pool"),
        Content::Racks | Content::Pools if columns.tube.is_empty() => Some("tube"),
        Content::Racks | Content::Pools => None,
    };
    if let Some(key) = lacking {
        root.fault(&place, format!("{key} is missing"));
    }
    if content == Content::Racks && columns.tube.len() > 1 {
        root.fault(&place, "tube: in a rack each row is one tube");
    }
    let mut seen: Vec<&Column> = Vec::new();
    for column in columns.every() {
        if seen.contains(&column) {
            root.fault(&place, format!("{} is named twice", told(column)));
        }
        if matches!(column, Column::Titled(_)) && !form.titled {
            root.fault(&place, format!("{}: the file has no titles", told(column)));
        }
        seen.push(column);
    }
}

/// A column in words.
pub(super) fn told(column: &Column) -> String {
    match column {
        Column::Titled(title) => title.clone(),
        Column::Numbered(number) => format!("#{number}"),
    }
}
