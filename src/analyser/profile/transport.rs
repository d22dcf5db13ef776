//! `[transport]`: the line that an analyser usually has, where the site says no more than where it
//! is.
//!
//! Refuses settings that the kind of line cannot have.

use super::path::Dialect;
use crate::document::{Placed, Table};
use crate::limits;

/// The usual line of an analyser; what is not said is what the standards say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsualLine {
    /// What kind of line it is.
    pub kind: Option<LineKind>,
    /// Serial: bits per second.
    pub baud: Option<u32>,
    /// Serial: 7 or 8.
    pub data_bits: Option<u8>,
    /// Serial: parity.
    pub parity: Option<Parity>,
    /// Serial: 1 or 2.
    pub stop_bits: Option<u8>,
    /// TCP: the port that is listened on or dialled.
    pub port: Option<u16>,
}

/// How an analyser is connected, seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// A serial line.
    Serial,
    /// We listen.
    TcpListen,
    /// We dial.
    TcpConnect,
    /// It writes files.
    Folder,
}

/// Parity of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parity {
    /// None.
    None,
    /// Odd.
    Odd,
    /// Even.
    Even,
}

impl LineKind {
    const ALL: [LineKind; 4] = [Self::Serial, Self::TcpListen, Self::TcpConnect, Self::Folder];

    /// The word used in profiles.
    pub const fn id(self) -> &'static str {
        match self {
            LineKind::Serial => "serial",
            LineKind::TcpListen => "tcp-listen",
            LineKind::TcpConnect => "tcp-connect",
            LineKind::Folder => "folder",
        }
    }

    /// The keys that mean something on such a line.
    const fn keys(self) -> &'static [&'static str] {
        match self {
            LineKind::Serial => &SERIAL,
            LineKind::TcpListen | LineKind::TcpConnect => &TCP,
            LineKind::Folder => &[],
        }
    }
}

impl Parity {
    /// `none`, `odd` or `even`.
    pub const fn id(self) -> &'static str {
        match self {
            Parity::None => "none",
            Parity::Odd => "odd",
            Parity::Even => "even",
        }
    }

    /// The parity written exactly so.
    pub fn from_id(id: &str) -> Option<Parity> {
        [Parity::None, Parity::Odd, Parity::Even].into_iter().find(|parity| parity.id() == id)
    }
}

const SERIAL: [&str; 4] = ["baud", "data_bits", "parity", "stop_bits"];
const TCP: [&str; 1] = ["port"];

/// Reads `[transport]`.
pub(super) fn parse(root: &Table<'_>, dialect: Dialect) -> UsualLine {
    let Some(table) = root.table("transport") else { return UsualLine::default() };
    let kind = table.required_string("kind").and_then(|word| kind(&table, &word));
    let line = UsualLine {
        kind,
        baud: number(&table, "baud", limits::BAUD),
        data_bits: number(&table, "data_bits", 7..=8),
        parity: table.string("parity").and_then(|word| parity(&table, &word)),
        stop_bits: number(&table, "stop_bits", 1..=2),
        port: number(&table, "port", 1..=i64::from(u16::MAX)),
    };
    possible(&table, &line, dialect);
    line
}

fn kind(table: &Table<'_>, word: &Placed<String>) -> Option<LineKind> {
    let known = LineKind::ALL.into_iter().find(|kind| kind.id() == word.value);
    if known.is_none() {
        let words = LineKind::ALL.map(LineKind::id).join(", ");
        table.fault(&word.place, format!("{:?} is not one of {words}", word.value));
    }
    known
}

fn parity(table: &Table<'_>, word: &Placed<String>) -> Option<Parity> {
    let known = Parity::from_id(&word.value);
    if known.is_none() {
        table.fault(&word.place, format!("{:?} is not a parity: none, odd or even", word.value));
    }
    known
}

fn number<N: TryFrom<i64>>(
    table: &Table<'_>,
    key: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Option<N> {
    N::try_from(table.integer(key, range)?.value).ok()
}

/// Keys that mean something on another kind of line only, and bytes that the characters of such a
/// line cannot carry.
fn possible(table: &Table<'_>, line: &UsualLine, dialect: Dialect) {
    let Some(kind) = line.kind else { return };
    for key in SERIAL.iter().chain(&TCP).filter(|key| !kind.keys().contains(key)) {
        if let Some(place) = table.place_of(key) {
            table.fault(&place, format!("{key} means nothing where the line is {}", kind.id()));
        }
    }
    let is_serial = kind == LineKind::Serial;
    if dialect == Dialect::Blocks && matches!(kind, LineKind::Folder) {
        table.fault(&table.place(), "texts in blocks do not come as files");
    }
    if is_serial && line.data_bits == Some(7) && line.parity.is_none() {
        let message = "7 data bits without a parity: say parity = \"even\", \"odd\" or \"none\"";
        table.fault(&table.place(), message);
    }
}
