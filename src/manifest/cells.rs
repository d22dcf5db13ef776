//! A file cut into rows and cells.
//!
//! Refuses a file without its titles or its last line: a column could be taken for another, and
//! half of a rack for the whole. Blank lines are no rows.

use csv::ReaderBuilder;

use super::fault::{Fault, FaultKind};
use super::layout::{Column, Layout, told};

/// A file as rows.
pub(super) struct Sheet {
    titles: Vec<String>,
    /// The rows that have as many cells as they must.
    pub(super) rows: Vec<Row>,
}

/// A row.
pub(super) struct Row {
    /// The line of the file.
    pub(super) line: u64,
    cells: Vec<String>,
}

/// A cell: its number from 1, its text without blanks around it.
pub(super) struct Cell<'r> {
    pub(super) number: usize,
    pub(super) text: &'r str,
}

impl Sheet {
    /// Cuts a file; `None` where it is not the file that the layout speaks of.
    pub(super) fn cut(layout: &Layout, text: &str, faults: &mut Vec<Fault>) -> Option<Sheet> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut rows = rows(layout, text, faults)?;
        let end = taken_end(layout, &mut rows, faults)?;
        let titles = match layout.titled {
            true if rows.is_empty() => {
                faults.push(Fault::of_file(FaultKind::NoTitles));
                return None;
            }
            true => titles(layout, rows.remove(0), faults)?,
            false => Vec::new(),
        };
        if let Some((line, said)) = end.filter(|(_, said)| said.parse() != Ok(rows.len())) {
            let found = rows.len().to_string();
            faults.push(Fault::of_line(line, FaultKind::EndCount { text: said, found }));
        }
        if rows.is_empty() {
            faults.push(Fault::of_file(FaultKind::NoRows));
        }
        let wanted = if layout.titled { titles.len() } else { layout.cells };
        rows.retain(|row| has_its_cells(row, wanted, faults));
        Some(Sheet { titles, rows })
    }

    /// The cell of a column.
    pub(super) fn cell<'r>(&self, row: &'r Row, column: &Column) -> Option<Cell<'r>> {
        let at = match column {
            Column::Titled(title) => self.titles.iter().position(|known| known == title)?,
            Column::Numbered(number) => number.checked_sub(1)?,
        };
        let text = row.cells.get(at)?.trim();
        Some(Cell { number: at + 1, text })
    }
}

/// Every line that is not blank. Each is cut by itself, so that its number is its own and a
/// quotation mark swallows no other.
fn rows(layout: &Layout, text: &str, faults: &mut Vec<Fault>) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()).skip(layout.skip_lines) {
        if line.matches('"').count() % 2 == 1 {
            faults.push(Fault::of_line(number, FaultKind::OpenQuote));
            return None;
        }
        let cells = cells(layout, line);
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(Row { line: number, cells });
        }
    }
    Some(rows)
}

fn cells(layout: &Layout, line: &str) -> Vec<String> {
    let mut reader = ReaderBuilder::new()
        .delimiter(layout.separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(line.as_bytes());
    let record = reader.records().next().and_then(Result::ok);
    record.map(|record| record.iter().map(str::to_owned).collect()).unwrap_or_default()
}

/// Takes the line that ends the file; answers where it counts rows, and how many.
/// `None`: an end that is wanted is missing; `Some(None)`: none is wanted, or it counts nothing.
fn taken_end(
    layout: &Layout,
    rows: &mut Vec<Row>,
    faults: &mut Vec<Fault>,
) -> Option<Option<(u64, String)>> {
    let Some(end) = &layout.end else { return Some(None) };
    let is_end = |row: &Row| row.cells.first().is_some_and(|cell| cell.trim() == end.line);
    let Some(last) = rows.pop().filter(is_end) else {
        faults.push(Fault::of_file(FaultKind::NoEnd { wanted: end.line.clone() }));
        return None;
    };
    let count = end.count.map(|number| {
        let cell = number.checked_sub(1).and_then(|at| last.cells.get(at));
        (last.line, cell.map(|text| text.trim().to_owned()).unwrap_or_default())
    });
    Some(count)
}

/// The titles, each once, none unknown and none missing.
fn titles(layout: &Layout, row: Row, faults: &mut Vec<Fault>) -> Option<Vec<String>> {
    let line = row.line;
    let titles: Vec<String> = row.cells.iter().map(|cell| cell.trim().to_owned()).collect();
    let before = faults.len();
    let known = |number: usize, title: &str| {
        layout.columns.every().any(|column| match column {
            Column::Titled(known) => known == title,
            Column::Numbered(known) => *known == number,
        })
    };
    for (number, title) in (1..).zip(&titles) {
        let column = title.clone();
        if titles.iter().take(number - 1).any(|other| other == title) {
            faults.push(Fault::of_cell(line, number, FaultKind::RepeatedColumn { column }));
        } else if !known(number, title) {
            faults.push(Fault::of_cell(line, number, FaultKind::UnknownColumn { column }));
        }
    }
    for column in layout.columns.read() {
        let is_there = match column {
            Column::Titled(title) => titles.contains(title),
            Column::Numbered(number) => *number <= titles.len(),
        };
        if !is_there {
            let column = told(column);
            faults.push(Fault::of_line(line, FaultKind::MissingColumn { column }));
        }
    }
    (faults.len() == before).then_some(titles)
}

fn has_its_cells(row: &Row, wanted: usize, faults: &mut Vec<Fault>) -> bool {
    let found = row.cells.len();
    if found != wanted {
        let (found, wanted) = (found.to_string(), wanted.to_string());
        faults.push(Fault::of_line(row.line, FaultKind::CellCount { found, wanted }));
    }
    found == wanted
}
