//! A plate as blocks of a grid: each well becomes one record, with a field from each block.
//!
//! Refuses the file where a block is missing, stands there twice, is not known, or has another size
//! than the plate, and where the names of the wells are not those of their places: a result could
//! be given to the neighbour.

use std::ops::Range;

use super::cells::Line;
use super::{ROW, Reader, Refused};
use crate::codec::FaultKind;
use crate::codec::fields::excerpt;

/// The shape of a plate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid<'f> {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) blocks: &'f [String],
}

/// The cells of one block, row after row.
type Block = Vec<Range<usize>>;

impl<'t> Reader<'t> {
    pub(super) fn plate(
        &mut self,
        grid: Grid<'_>,
        positions: Option<usize>,
        filled: &[usize],
    ) -> Result<(), Refused> {
        let blocks = self.blocks(grid)?;
        if let Some(names) = positions.and_then(|number| blocks.get(number.checked_sub(1)?)) {
            self.positions(grid, names)?;
        }
        for at in 0..grid.rows * grid.columns {
            let well: Vec<_> = blocks.iter().filter_map(|block| block.get(at).cloned()).collect();
            let is_filled = |number: &usize| {
                let cell = number.checked_sub(1).and_then(|index| well.get(index));
                cell.is_some_and(|cell| !self.is_blank(cell))
            };
            if let Some(first) = well.first().filter(|_| filled.iter().any(is_filled)) {
                self.message.add_placed(ROW, first.clone(), well.clone());
            }
        }
        Ok(())
    }

    fn blocks(&mut self, grid: Grid<'_>) -> Result<Vec<Block>, Refused> {
        let mut blocks: Vec<Option<Block>> = vec![None; grid.blocks.len()];
        while let Some(line) = self.next() {
            if line.is_padding(self.form.separator) {
                continue;
            }
            let Some(number) = self.title(line, grid.blocks) else {
                return self.refuse_line(line, "is no title of a block");
            };
            let block = self.block(line, grid)?;
            if blocks.get_mut(number).is_some_and(|known| known.replace(block).is_some()) {
                return self.refuse_line(line, "is the title of a block for the second time");
            }
        }
        if let Some(lacking) = blocks.iter().position(Option::is_none) {
            let title = grid.blocks.get(lacking).map_or("", String::as_str);
            let at = self.text.len();
            let why = format!("the block {} is missing", excerpt(title));
            return self.refuse(FaultKind::Record, at..at, why);
        }
        Ok(blocks.into_iter().flatten().collect())
    }

    /// The block whose title a line is.
    fn title(&self, line: Line<'_>, blocks: &[String]) -> Option<usize> {
        let cells = super::cells::cut(line, self.form).ok()?;
        let (first, rest) = cells.split_first()?;
        if !rest.iter().all(|cell| self.is_blank(cell)) {
            return None;
        }
        let said = self.cell(first);
        blocks.iter().position(|title| *title == said)
    }

    fn block(&mut self, title: Line<'_>, grid: Grid<'_>) -> Result<Block, Refused> {
        let mut block = Vec::with_capacity(grid.rows * grid.columns);
        for row in 0..grid.rows {
            let next = self.next();
            let line = next.filter(|line| self.title(*line, grid.blocks).is_none());
            let Some(line) = line else {
                let why = format!("begins a block of {row} rows, not {}", grid.rows);
                return self.refuse_line(title, &why);
            };
            let cells = self.cells(line)?;
            if cells.len() != grid.columns {
                let why = format!("has {} cells, not {}", cells.len(), grid.columns);
                return self.refuse_line(line, &why);
            }
            block.extend(cells);
        }
        Ok(block)
    }

    fn positions(&mut self, grid: Grid<'_>, names: &Block) -> Result<(), Refused> {
        for (at, cell) in names.iter().enumerate() {
            let (row, column) = (at / grid.columns.max(1), at % grid.columns.max(1) + 1);
            let said = self.cell(cell);
            if !is_name(&said, row, column) {
                let well = name(row, column);
                let why = format!("the well {well} is called {}", excerpt(&said));
                return self.refuse(FaultKind::Record, cell.clone(), why);
            }
        }
        Ok(())
    }
}

/// `A1`, `H12`; behind `Z` follows `AA`.
pub(super) fn name(row: usize, column: usize) -> String {
    format!("{}{column}", letters(row))
}

/// The name of a well, its number with or without leading zeros.
fn is_name(said: &str, row: usize, column: usize) -> bool {
    let letters = letters(row);
    let number = said.split_at_checked(letters.len()).filter(|(row, _)| *row == letters);
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    number.is_some_and(|(_, n)| is_number(n) && n.parse() == Ok(column))
}

fn letters(row: usize) -> String {
    const LETTERS: usize = 26;
    let letter = |index: usize| char::from(b'A' + u8::try_from(index % LETTERS).unwrap_or(0));
    let first = (row / LETTERS).checked_sub(1).map(letter);
    first.into_iter().chain([letter(row)]).collect()
}
