//! What is wrong with a file, where, and what to do about it.

use std::fmt;

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1; 0 where it is the file as a whole.
    pub line: u64,
    /// Cell of the line, from 1; `None` where it is the line as a whole.
    pub cell: Option<usize>,
    /// What.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the texts below say what each field is
pub enum FaultKind {
    TooLarge { most: String },
    TooMany { found: String, most: String },
    NotText { charset: String },
    NoRows,
    NoTitles,
    MissingColumn { column: String },
    RepeatedColumn { column: String },
    UnknownColumn { column: String },
    CellCount { found: String, wanted: String },
    OpenQuote,
    NoEnd { wanted: String },
    EndCount { text: String, found: String },
    BlankRack,
    BlankPool,
    NotANumber { text: String },
    WrongCheck { text: String, wanted: String },
    NoSuchPosition { text: String, most: String },
    PositionUsed { position: String, line: String },
    DuplicateTube { tube: String, line: String },
    TubeIsRack { tube: String },
    TubeIsPool { tube: String },
    UnknownContainer { text: String },
    MixedContainers { rack: String },
    TubeCount { text: String, found: String },
    TooManyMembers { pool: String, most: String },
}

impl Fault {
    pub(super) const fn of_file(kind: FaultKind) -> Fault {
        Fault { line: 0, cell: None, kind }
    }

    pub(super) const fn of_line(line: u64, kind: FaultKind) -> Fault {
        Fault { line, cell: None, kind }
    }

    pub(super) const fn of_cell(line: u64, cell: usize, kind: FaultKind) -> Fault {
        Fault { line, cell: Some(cell), kind }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.cell) {
            (0, _) => write!(f, "{}", self.kind),
            (line, None) => write!(f, "line {line}: {}", self.kind),
            (line, Some(cell)) => write!(f, "line {line}, column {cell}: {}", self.kind),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.of_the_table().unwrap_or_else(|| self.of_the_tubes());
        f.write_str(&text)
    }
}

impl FaultKind {
    /// What is wrong with the file as a table.
    fn of_the_table(&self) -> Option<String> {
        Some(match self {
            FaultKind::TooLarge { most } => {
                format!("the file is longer than {most} bytes: export fewer racks at once")
            }
            FaultKind::TooMany { found, most } => format!(
                "the file makes {found} records, more than {most} at once: export fewer racks"
            ),
            FaultKind::NotText { charset } => {
                format!("this is no {charset} text: is it the right file and layout?")
            }
            FaultKind::NoRows => "there is no row in it: export the file again".to_owned(),
            FaultKind::NoTitles => "there is no line of titles".to_owned(),
            FaultKind::MissingColumn { column } => {
                format!("there is no column {column:?}: is it the right layout?")
            }
            FaultKind::RepeatedColumn { column } => {
                format!("the column {column:?} is there twice: which one counts cannot be known")
            }
            FaultKind::UnknownColumn { column } => {
                format!(
                    "the layout does not know the column {column:?}: name it or ignore it there"
                )
            }
            FaultKind::CellCount { found, wanted } => {
                format!("there are {found} cells, not {wanted}: export the file again")
            }
            FaultKind::OpenQuote => "a quotation mark is not closed".to_owned(),
            FaultKind::NoEnd { wanted } => {
                format!("the last line is not {wanted:?}: the file is not whole, export it again")
            }
            FaultKind::EndCount { text, found } => {
                format!(
                    "the last line counts {text:?} rows, and there are {found}: export it again"
                )
            }
            FaultKind::BlankRack
            | FaultKind::BlankPool
            | FaultKind::NotANumber { .. }
            | FaultKind::WrongCheck { .. }
            | FaultKind::NoSuchPosition { .. }
            | FaultKind::PositionUsed { .. }
            | FaultKind::DuplicateTube { .. }
            | FaultKind::TubeIsRack { .. }
            | FaultKind::TubeIsPool { .. }
            | FaultKind::UnknownContainer { .. }
            | FaultKind::MixedContainers { .. }
            | FaultKind::TubeCount { .. }
            | FaultKind::TooManyMembers { .. } => return None,
        })
    }

    /// What is wrong with what it says of tubes.
    fn of_the_tubes(&self) -> String {
        match self {
            FaultKind::BlankRack => "the rack has no code: scan the rack again".to_owned(),
            FaultKind::BlankPool => "the pool has no id".to_owned(),
            FaultKind::NotANumber { text } => {
                format!("{text:?} is no donation number: find the tube, read its label")
            }
            FaultKind::WrongCheck { text, wanted } => format!(
                "the check character of {text:?} does not hold (it would be {wanted}): find the \
                 tube, read its label"
            ),
            FaultKind::NoSuchPosition { text, most } => {
                format!("the rack has no position {text:?} (it has {most})")
            }
            FaultKind::PositionUsed { position, line } => {
                format!("position {position} of this rack is used already, in line {line}")
            }
            FaultKind::DuplicateTube { tube, line } => {
                format!(
                    "the tube {tube} stands in line {line} already: find out where it really is"
                )
            }
            FaultKind::TubeIsRack { tube } => format!(
                "{tube:?} is the code of a rack too: the reader took one for the other, check \
                 every tube of it by hand"
            ),
            FaultKind::TubeIsPool { tube } => format!("{tube:?} is the id of a pool too"),
            FaultKind::UnknownContainer { text } => {
                format!("the layout does not know the container {text:?}")
            }
            FaultKind::MixedContainers { rack } => {
                format!("the tubes of rack {rack:?} are of several containers")
            }
            FaultKind::TubeCount { text, found } => {
                format!("the file counts {text:?} tubes in this rack, and there are {found}")
            }
            FaultKind::TooManyMembers { pool, most } => {
                format!("pool {pool:?} has more than {most} members")
            }
            FaultKind::TooLarge { .. }
            | FaultKind::TooMany { .. }
            | FaultKind::NotText { .. }
            | FaultKind::NoRows
            | FaultKind::NoTitles
            | FaultKind::MissingColumn { .. }
            | FaultKind::RepeatedColumn { .. }
            | FaultKind::UnknownColumn { .. }
            | FaultKind::CellCount { .. }
            | FaultKind::OpenQuote
            | FaultKind::NoEnd { .. }
            | FaultKind::EndCount { .. } => String::new(),
        }
    }
}
