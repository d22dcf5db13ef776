//! A table of rows: each becomes one record.
//!
//! Refuses the file where a title is missing or stands there twice: a column could be taken for
//! another. A row with more or fewer cells than the table has columns is a fault and no record; a
//! title that nobody knows is a fault, and its cells are fields behind all others.

use std::ops::Range;

use super::cells::Line;
use super::{ROW, Reader, Refused};
use crate::codec::FaultKind;
use crate::codec::fields::excerpt;

impl<'t> Reader<'t> {
    pub(super) fn rows(&mut self, columns: &[String], titled: bool) -> Result<(), Refused> {
        let order = match titled {
            true => self.titles(columns)?,
            false => (0..columns.len()).collect(),
        };
        while let Some(line) = self.next() {
            let cells = self.cells(line)?;
            if cells.iter().all(|cell| self.is_blank(cell)) {
                continue;
            }
            match cells.len() == order.len() {
                true => self.row(line, &cells, &order),
                false => self.ragged(line, cells.len(), order.len()),
            }
        }
        Ok(())
    }

    /// For each field, which cell of a row it is.
    fn titles(&mut self, columns: &[String]) -> Result<Vec<usize>, Refused> {
        let Some(line) = self.next() else {
            let at = self.text.len();
            return self.refuse(FaultKind::Header, at..at, "there is no row of titles".to_owned());
        };
        let cells = self.cells(line)?;
        let mut order: Vec<Option<usize>> = vec![None; columns.len()];
        let mut unknown = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            let title = self.cell(cell);
            match columns.iter().position(|column| *column == title) {
                None => {
                    self.unknown_title(line, cell, &title);
                    unknown.push(at);
                }
                Some(number) => {
                    let twice = order.get_mut(number).is_some_and(|o| o.replace(at).is_some());
                    if twice {
                        let why = format!("has the title {} twice", excerpt(&title));
                        return self.refuse_line(line, &why);
                    }
                }
            }
        }
        if let Some(lacking) = order.iter().position(Option::is_none) {
            let title = columns.get(lacking).map_or("", String::as_str);
            return self.refuse_line(line, &format!("lacks the title {}", excerpt(title)));
        }
        Ok(order.into_iter().flatten().chain(unknown).collect())
    }

    /// A column without a title is told where something stands in it.
    fn unknown_title(&mut self, line: Line<'_>, cell: &Range<usize>, title: &str) {
        if !title.is_empty() {
            let why = || format!("line {}: no column is known as {}", line.number, excerpt(title));
            self.faults.note(FaultKind::Record, cell.start, cell.end, why);
        }
    }

    fn row(&mut self, line: Line<'_>, cells: &[Range<usize>], order: &[usize]) {
        let fields = order.iter().filter_map(|at| cells.get(*at).cloned());
        self.message.add_placed(ROW, line.start..line.end(), fields);
    }

    fn ragged(&mut self, line: Line<'_>, found: usize, wanted: usize) {
        let text = line.text;
        let why =
            || format!("line {} has {found} cells, not {wanted}: {}", line.number, excerpt(text));
        self.faults.note(FaultKind::Record, line.start, line.end(), why);
    }
}
