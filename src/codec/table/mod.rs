//! Delimited text in files: rows of cells, or a plate as blocks of a grid.
//!
//! Exists so that a file without records or segments becomes the same [`Transmission`] as a message
//! that has them: pieces with true offsets, nothing copied. Refuses a file whole, with no record at
//! all, where a cell could come to stand under the wrong title: a title or a block that is missing
//! or there twice, a grid of the wrong size, a quote that is not closed, an end that never comes.
//!
//! ```text
//! Assay: HBSAG                    head lines        record H, one field for each key
//! Sample ID;OD;Result             titles, if any
//! G1234...;0.041;NEG              a row             record R, one field for each column
//! [End Of Results]                the end, if any
//!
//! Assay: HBSAG                    head lines        record H
//! Sample ID                       title of a block
//! G1234...,G1234...,              its grid          field 1 of the records R, one for each well
//! OD Results                      another
//! 0.041,1.220,0.002               its grid          field 2 of the same records
//! ```
//!
//! A line ends with CR LF, LF or CR; blank lines count for nothing; a byte order mark in front is
//! skipped. A cell in quotes (RFC 4180) ends in its line, and a quote inside it is written twice.
//! The fields of a record have the numbers of the columns or blocks of the [`Form`], in whatever
//! order the file has them.

mod cells;
mod plate;
mod rows;
mod write;

use std::ops::Range;

use super::fields::{Faults, excerpt};
use super::{FaultKind, Message, Transmission};
use cells::{Line, Lines};

pub use write::{Unwritable, write};

/// Name of the record that the head lines make up.
pub const HEAD: &str = "H";
/// Name of the records that rows or wells make up.
pub const ROW: &str = "R";

/// How a file is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Between two cells.
    pub separator: Separator,
    /// Around a cell, where the file uses one; an ASCII character.
    pub quote: Option<u8>,
    /// Keys of the lines before the table, `KEY: value` or `KEY` and `value` in two cells: each
    /// stands there once.
    pub head: Vec<String>,
    /// The line behind the table. A file without it was cut off.
    pub end: Option<String>,
    /// The table.
    pub body: Body,
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Separator {
    /// A tabulator.
    Tab,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `|`
    Bar,
    /// Any number of blanks and tabulators; there are no empty cells.
    Blanks,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A record for each row.
    Rows {
        /// The title of each column; column n is field n.
        columns: Vec<String>,
        /// The file has a row of titles, and its columns are found by them. Otherwise they stand in
        /// this order.
        titled: bool,
    },
    /// A record for each well of a plate.
    Plate {
        /// Rows of each block, A from the top.
        rows: usize,
        /// Columns of each block.
        columns: usize,
        /// The title of each block; block n is field n.
        blocks: Vec<String>,
        /// Number of the block that repeats the names of the wells, `A1` to `H12`.
        positions: Option<usize>,
        /// A well where all these blocks are blank holds nothing.
        filled: Vec<usize>,
    },
}

impl Separator {
    /// Every separator.
    pub const ALL: [Separator; 5] =
        [Separator::Tab, Separator::Comma, Separator::Semicolon, Separator::Bar, Separator::Blanks];

    /// The name in profiles.
    pub const fn id(self) -> &'static str {
        match self {
            Separator::Tab => "tab",
            Separator::Comma => "comma",
            Separator::Semicolon => "semicolon",
            Separator::Bar => "bar",
            Separator::Blanks => "blanks",
        }
    }

    /// The separator with this name.
    pub fn from_id(id: &str) -> Option<Separator> {
        Separator::ALL.into_iter().find(|separator| separator.id() == id)
    }

    /// One of it, as it is written.
    pub const fn written(self) -> char {
        match self {
            Separator::Tab => '\t',
            Separator::Comma => ',',
            Separator::Semicolon => ';',
            Separator::Bar => '|',
            Separator::Blanks => ' ',
        }
    }

    /// Whether this character stands between cells.
    pub const fn is(self, character: char) -> bool {
        match self {
            Separator::Blanks => matches!(character, ' ' | '\t'),
            Separator::Tab | Separator::Comma | Separator::Semicolon | Separator::Bar => {
                character == self.written()
            }
        }
    }
}

/// Cuts a whole file. Where there are no messages, the faults say why it was refused.
pub fn read<'t>(text: &'t str, form: &'t Form) -> Transmission<'t> {
    let mut faults = Faults::default();
    if u32::try_from(text.len()).is_err() {
        faults.note(FaultKind::TooLong, 0, text.len(), || "longer than 4 GiB".to_owned());
        return Transmission { messages: Vec::new(), faults: faults.finish() };
    }
    let message = Message::begin_placed(text, form.quote);
    let mut reader =
        Reader { text, form, lines: Lines::new(text, form.separator), faults, message };
    reader.control_characters();
    let is_read = reader.file().is_ok();
    let messages = Some(reader.message).filter(|message| is_read && !message.is_empty());
    Transmission { messages: messages.into_iter().collect(), faults: reader.faults.finish() }
}

/// The file is read no further, and nothing of it is used; the fault is noted.
#[derive(Debug)]
struct Refused;

/// Where it stands in a file.
struct Reader<'t> {
    text: &'t str,
    form: &'t Form,
    lines: Lines<'t>,
    faults: Faults,
    message: Message<'t>,
}

impl<'t> Reader<'t> {
    fn file(&mut self) -> Result<(), Refused> {
        self.is_whole()?;
        self.head()?;
        match &self.form.body {
            Body::Rows { columns, titled } => self.rows(columns, *titled)?,
            Body::Plate { rows, columns, blocks, positions, filled } => {
                let grid = plate::Grid { rows: *rows, columns: *columns, blocks };
                self.plate(grid, *positions, filled)?;
            }
        }
        self.behind_the_end();
        Ok(())
    }

    /// A file has its end line; where it knows none, at least its last line is ended.
    fn is_whole(&mut self) -> Result<(), Refused> {
        let why = match &self.form.end {
            Some(end) if self.lines.clone().any(|line| self.ends(line)) => return Ok(()),
            Some(end) => format!("the file was cut off: no line says {}", excerpt(end)),
            None if self.text.is_empty() || self.text.ends_with(['\r', '\n']) => return Ok(()),
            None => "the file was cut off: its last line is not ended".to_owned(),
        };
        self.refuse(FaultKind::Truncated, self.text.len()..self.text.len(), why)
    }

    fn ends(&self, line: Line<'_>) -> bool {
        let is_quote = |c: char| self.form.quote.map(char::from) == Some(c);
        let is_padding = |c: char| self.form.separator.is(c) || c.is_whitespace() || is_quote(c);
        let said = line.text.trim_matches(is_padding);
        self.form.end.as_deref().is_some_and(|end| said == end)
    }

    /// The next line of the table that is not blank, left where it is; none behind the end.
    fn peek(&mut self) -> Option<Line<'t>> {
        let line = self.lines.peek()?;
        (!self.ends(line)).then_some(line)
    }

    fn next(&mut self) -> Option<Line<'t>> {
        let line = self.peek()?;
        self.lines.next();
        Some(line)
    }

    /// The lines before the table. Any other line than one of a known key begins the table.
    fn head(&mut self) -> Result<(), Refused> {
        let form = self.form;
        let mut values: Vec<Option<Range<usize>>> = vec![None; form.head.len()];
        while let Some(line) = self.peek() {
            if line.is_padding(form.separator) {
                self.lines.next();
                continue;
            }
            let Some((number, value)) = self.head_line(line)? else { break };
            self.lines.next();
            if values.get_mut(number).is_some_and(|slot| slot.replace(value).is_some()) {
                return self.refuse_line(line, "says what a line before it says already");
            }
        }
        let Some(at) = values.iter().position(Option::is_none) else {
            let values: Vec<Range<usize>> = values.into_iter().flatten().collect();
            if let Some(first) = values.first().cloned() {
                self.message.add_placed(HEAD, first, values);
            }
            return Ok(());
        };
        let key = form.head.get(at).map_or("", String::as_str);
        let why = format!("no line {} stands before the table", excerpt(key));
        self.refuse(FaultKind::Header, 0..0, why)
    }

    /// Which key a line gives a value, and which.
    fn head_line(&mut self, line: Line<'t>) -> Result<Option<(usize, Range<usize>)>, Refused> {
        for (number, key) in self.form.head.iter().enumerate() {
            if let Some(value) = line.after_key(key, self.form.separator) {
                return Ok(Some((number, value)));
            }
        }
        let cells = cells::cut(line, self.form).unwrap_or_default();
        let Some((first, values)) = cells.split_first() else { return Ok(None) };
        let first = self.cell(first);
        let Some(number) = self.form.head.iter().position(|key| *key == first) else {
            return Ok(None);
        };
        match values.split_first() {
            Some((value, rest)) if rest.iter().all(|cell| self.is_blank(cell)) => {
                Ok(Some((number, value.clone())))
            }
            Some(_) => self.refuse_line(line, "has more than one value"),
            None => self.refuse_line(line, "has no value"),
        }
    }

    /// The cells of a line.
    fn cells(&mut self, line: Line<'t>) -> Result<Vec<Range<usize>>, Refused> {
        match cells::cut(line, self.form) {
            Ok(cells) => Ok(cells),
            Err(why) => self.refuse_line(line, why),
        }
    }

    /// What stands in a cell, quotes inside it written once.
    fn cell(&self, cell: &Range<usize>) -> String {
        let text = self.text.get(cell.clone()).unwrap_or_default();
        cells::single(text, self.form.quote).trim().to_owned()
    }

    fn is_blank(&self, cell: &Range<usize>) -> bool {
        self.text.get(cell.clone()).unwrap_or_default().trim().is_empty()
    }

    fn behind_the_end(&mut self) {
        let is_end = self.lines.peek().is_some_and(|line| self.ends(line));
        for line in self.lines.clone().skip(usize::from(is_end)) {
            let why = || format!("line {} stands behind the end of the file", line.number);
            self.faults.note(FaultKind::Stray, line.start, line.end(), why);
        }
    }

    /// No cell has a control character; a tabulator is one where it stands between no cells.
    fn control_characters(&mut self) {
        let separator = self.form.separator;
        let odd = |c: char| c.is_control() && !matches!(c, '\r' | '\n') && !separator.is(c);
        for (at, character) in self.text.char_indices().filter(|(_, c)| odd(*c)) {
            let why = || format!("control character {:02X}", u32::from(character));
            let end = at + character.len_utf8();
            self.faults.note(FaultKind::ControlCharacter, at, end, why);
        }
    }

    fn refuse_line<T>(&mut self, line: Line<'_>, why: &str) -> Result<T, Refused> {
        let why = format!("line {} {why}: {}", line.number, excerpt(line.text));
        self.refuse(FaultKind::Record, line.start..line.end(), why)
    }

    fn refuse<T>(&mut self, kind: FaultKind, at: Range<usize>, why: String) -> Result<T, Refused> {
        self.faults.note(kind, at.start, at.end, || why);
        Err(Refused)
    }
}
