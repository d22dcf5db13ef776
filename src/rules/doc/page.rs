//! What a document is made of, however it is written.

/// A piece of a document, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading of this level.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A list.
    Items(Vec<String>),
    /// A table.
    Grid(Grid),
    /// A table that people fill in by hand.
    Blank(Grid),
}

/// A table: as many cells in each row as in its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}
