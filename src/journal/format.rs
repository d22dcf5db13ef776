//! Records and file headers as bytes; see the tables of the room.

use std::time::Duration;

use crc::{CRC_32_ISCSI, Crc, Table};
use jiff::Timestamp;

use super::{At, Entry, Kind, Record};
use crate::limits;
use crate::link::Moment;

/// Begins every record.
pub(super) const MARK: [u8; 4] = [0x89, b'W', b'J', 0x0A];
/// Mark, length, checksum.
pub(super) const PREFIX: usize = 12;
/// Length of a file's header.
pub(super) const HEADER: usize = 48;
/// Longest record, prefix included.
pub(super) const RECORD_MAX: usize = PREFIX + FIXED + u8::MAX as usize + limits::JOURNAL_PIECE_MAX;

/// Run, number, kind, two times, connection, length of the id.
const FIXED: usize = 8 + 8 + 1 + 8 + 8 + 8 + 1;
const MAGIC: [u8; 8] = *b"HEMOWIRE";
const VERSION: u32 = 1;
const GAP: u8 = 5;
const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// What stands at the beginning of some bytes.
#[derive(Debug)]
pub(super) enum Found {
    /// A record of this length.
    Record(Box<Record>, usize),
    /// The beginning of what may be a record of this length, or of one more byte at least.
    Beginning(usize),
    /// No record.
    Nothing,
}

/// The content of a record but for its run and number, behind its length: as it waits in the
/// queue. A piece of more than [`limits::JOURNAL_PIECE_MAX`] bytes must have been cut before.
pub(super) fn put_content(out: &mut Vec<u8>, entry: &Entry<'_>, bytes: &[u8]) {
    let id = entry.analyser.as_bytes();
    let id = id.get(..usize::from(u8::MAX)).unwrap_or(id);
    let gap = match entry.kind {
        Kind::Gap { records, bytes } => Some([records.to_le_bytes(), bytes.to_le_bytes()]),
        Kind::FileStart | Kind::Opened | Kind::Closed | Kind::Received | Kind::Sent => None,
    };
    let gap = gap.as_ref().map_or(&[][..], |numbers| numbers.as_flattened());
    let length = FIXED - 16 + id.len() + gap.len() + bytes.len();
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    out.push(kind_byte(entry.kind));
    out.extend(nanoseconds(entry.at.moment).to_le_bytes());
    out.extend(entry.at.utc.as_microsecond().to_le_bytes());
    out.extend(entry.connection.to_le_bytes());
    out.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
    out.extend(id);
    out.extend(gap);
    out.extend(bytes);
}

/// Takes one content from the front of the queue's bytes.
pub(super) fn take_content<'a>(queued: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = queued.split_first_chunk::<4>()?;
    let (content, rest) = rest.split_at_checked(usize_of(u32::from_le_bytes(*length)))?;
    *queued = rest;
    Some(content)
}

/// Length of the record that a content of this length becomes.
pub(super) const fn record_length(content: usize) -> usize {
    PREFIX + 16 + content
}

/// What a content stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// A happening on a line, with so many bytes.
    Line {
        /// How many.
        bytes: u64,
    },
    /// A gap.
    Gap {
        /// How many records.
        records: u64,
        /// How many bytes.
        bytes: u64,
    },
}

/// What a content stands for.
pub(super) fn weigh(content: &[u8]) -> Weight {
    let id = content.get(FIXED - 16 - 1).map_or(0, |length| usize::from(*length));
    let rest = content.get(FIXED - 16 + id..).unwrap_or_default();
    if content.first() == Some(&GAP)
        && let Some(Kind::Gap { records, bytes }) = gap(rest)
    {
        return Weight::Gap { records, bytes };
    }
    Weight::Line { bytes: rest.len() as u64 }
}

/// Makes a record of a content.
pub(super) fn put_record(out: &mut Vec<u8>, run: i64, number: u64, content: &[u8]) {
    let (run, number) = (run.to_le_bytes(), number.to_le_bytes());
    let length = record_length(content.len()) - PREFIX;
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    let mut digest = CRC.digest();
    for part in [&length[..], &run, &number, content] {
        digest.update(part);
    }
    out.extend(MARK);
    out.extend(length);
    out.extend(digest.finalize().to_le_bytes());
    out.extend(run);
    out.extend(number);
    out.extend(content);
}

/// A file's header.
pub(super) fn header(run: i64, number: u64, at: At) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend(run.to_le_bytes());
    out.extend(number.to_le_bytes());
    out.extend(nanoseconds(at.moment).to_le_bytes());
    out.extend(at.utc.as_microsecond().to_le_bytes());
    let checksum = CRC.checksum(&out);
    out.extend(checksum.to_le_bytes());
    out
}

/// Why a header is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderFault {
    /// It ends too early: the daemon was killed there.
    Torn,
    /// In words.
    Wrong(&'static str),
}

/// A header as the record of a file's start.
pub(super) fn read_header(bytes: &[u8]) -> Result<Record, HeaderFault> {
    if !bytes.starts_with(MAGIC.get(..bytes.len()).unwrap_or(&MAGIC)) {
        let why = "it is no wire journal, or its first bytes are damaged";
        return Err(HeaderFault::Wrong(why));
    }
    let whole = bytes.first_chunk::<HEADER>().ok_or(HeaderFault::Torn)?;
    let damaged = HeaderFault::Wrong("its header is damaged");
    let (content, checksum) = whole.split_last_chunk::<4>().ok_or(damaged)?;
    if CRC.checksum(content) != u32::from_le_bytes(*checksum) {
        return Err(damaged);
    }
    let mut fields = Fields(content);
    let _magic = fields.array::<8>();
    if fields.array().map(u32::from_le_bytes) != Some(VERSION) {
        return Err(HeaderFault::Wrong("it was written by a newer version of this program"));
    }
    let read = |fields: &mut Fields<'_>| {
        let run = fields.array().map(i64::from_le_bytes)?;
        let _number_of_the_file = fields.array::<8>()?;
        let at = fields.instant()?;
        let (kind, analyser, bytes) = (Kind::FileStart, String::new(), Vec::new());
        Some(Record { run, number: 0, kind, at, analyser, connection: 0, bytes })
    };
    read(&mut fields).ok_or(damaged)
}

/// What stands at the beginning of some bytes. Never looks beyond [`RECORD_MAX`] of them.
pub(super) fn find(bytes: &[u8]) -> Found {
    let there = bytes.len().min(MARK.len());
    if bytes.get(..there) != MARK.get(..there) {
        return Found::Nothing;
    }
    let mut fields = Fields(bytes);
    let (Some(_mark), Some(length)) = (fields.array::<4>(), fields.array::<4>()) else {
        return Found::Beginning(bytes.len() + 1);
    };
    let whole = PREFIX + usize_of(u32::from_le_bytes(length));
    if !(PREFIX + FIXED..=RECORD_MAX).contains(&whole) {
        return Found::Nothing;
    }
    let (Some(checksum), Some(content)) = (fields.array::<4>(), bytes.get(PREFIX..whole)) else {
        return Found::Beginning(whole);
    };
    let mut digest = CRC.digest();
    digest.update(&length);
    digest.update(content);
    if digest.finalize() != u32::from_le_bytes(checksum) {
        return Found::Nothing;
    }
    match read_content(content) {
        Some(record) => Found::Record(Box::new(record), whole),
        None => Found::Nothing,
    }
}

fn read_content(content: &[u8]) -> Option<Record> {
    let mut fields = Fields(content);
    let run = fields.array().map(i64::from_le_bytes)?;
    let number = fields.array().map(u64::from_le_bytes)?;
    let [kind] = fields.array()?;
    let at = fields.instant()?;
    let connection = fields.array().map(u64::from_le_bytes)?;
    let [id_length] = fields.array()?;
    let (id, bytes) = fields.0.split_at_checked(usize::from(id_length))?;
    let analyser = String::from_utf8_lossy(id).into_owned();
    let (kind, bytes) = match kind {
        1 => (Kind::Opened, bytes),
        2 => (Kind::Closed, bytes),
        3 => (Kind::Received, bytes),
        4 => (Kind::Sent, bytes),
        GAP => (gap(bytes)?, &[][..]),
        _ => return None,
    };
    Some(Record { run, number, kind, at, analyser, connection, bytes: bytes.to_vec() })
}

fn gap(bytes: &[u8]) -> Option<Kind> {
    let mut fields = Fields(bytes);
    let records = fields.array().map(u64::from_le_bytes)?;
    let bytes = fields.array().map(u64::from_le_bytes)?;
    fields.0.is_empty().then_some(Kind::Gap { records, bytes })
}

/// A file's start is its header, never a record.
const fn kind_byte(kind: Kind) -> u8 {
    match kind {
        Kind::FileStart => 0,
        Kind::Opened => 1,
        Kind::Closed => 2,
        Kind::Received => 3,
        Kind::Sent => 4,
        Kind::Gap { .. } => GAP,
    }
}

fn nanoseconds(moment: Moment) -> u64 {
    u64::try_from(moment.since_start().as_nanos()).unwrap_or(u64::MAX)
}

fn usize_of(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// Fields, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    fn instant(&mut self) -> Option<At> {
        let moment = Moment::after(Duration::from_nanos(self.array().map(u64::from_le_bytes)?));
        let utc = Timestamp::from_microsecond(self.array().map(i64::from_le_bytes)?).ok()?;
        Some(At { moment, utc })
    }
}
