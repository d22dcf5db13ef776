//! Reads a journal back: streaming, in bounded memory, past whatever is damaged.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::format::{self, Found, HeaderFault};
use super::{Kind, Record, files};

/// Bytes of a file in memory at once: any record, and as much again.
const BUFFER: usize = 2 * format::RECORD_MAX;

/// What is wrong with a journal at one place; reading goes on behind it.
#[derive(Debug, Error)]
pub enum Damage {
    /// The file ends within a record or its header: the daemon was killed there, or is writing.
    #[error("{file}: ends within a record, {length} bytes at byte {offset}")]
    Torn {
        /// The file.
        file: String,
        /// Where the record begins.
        offset: u64,
        /// What there is of it.
        length: u64,
    },
    /// Bytes that are no record.
    #[error("{file}: damaged, {length} bytes at byte {offset} are no record")]
    Damaged {
        /// The file.
        file: String,
        /// Where they begin.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// A header that is none; the records behind it are read all the same.
    #[error("{file}: {why}")]
    Header {
        /// The file.
        file: String,
        /// Why.
        why: &'static str,
    },
    /// Records are missing, and no gap says so: a file was taken away, or damaged.
    #[error("{file}: {records} records before byte {offset} are missing")]
    Missing {
        /// The file.
        file: String,
        /// Where the next record begins.
        offset: u64,
        /// How many.
        records: u64,
    },
    /// The disk.
    #[error("{file}: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        error: io::Error,
    },
}

/// The records of a journal in order.
#[derive(Debug)]
pub struct Reader {
    files: VecDeque<PathBuf>,
    open: Option<OpenFile>,
    /// Run and number of the next record, where they are known.
    expected: Option<(i64, u64)>,
    /// Found behind a damage that was told first.
    held: Option<Record>,
}

/// Reads one file, or all files of a folder in their order.
///
/// # Errors
/// The file or folder cannot be read; damage comes with the records.
pub fn read(path: &Path) -> io::Result<Reader> {
    let files: VecDeque<PathBuf> = if path.is_dir() {
        files::list(path)?.into_iter().map(|(_, file)| file).collect()
    } else {
        File::open(path)?;
        VecDeque::from([path.to_owned()])
    };
    Ok(Reader { files, open: None, expected: None, held: None })
}

impl Reader {
    /// Bytes that are still to be read, for showing progress.
    pub fn bytes_left(&self) -> u64 {
        let length = |path: &PathBuf| fs::metadata(path).map_or(0, |found| found.len());
        let open = self.open.as_ref().map_or(0, |open| {
            let length = open.source.metadata().map_or(0, |found| found.len());
            length.saturating_sub(open.offset())
        });
        open + self.files.iter().map(length).sum::<u64>()
    }

    fn open_next(&mut self) -> Option<Result<Record, Damage>> {
        let path = self.files.pop_front()?;
        let file = path.display().to_string();
        let opened = OpenFile::open(&path, file.clone());
        Some(opened.and_then(|(open, header)| {
            let length = open.offset();
            self.open = Some(open);
            header.map_err(|fault| match fault {
                HeaderFault::Torn => Damage::Torn { file, offset: 0, length },
                HeaderFault::Wrong(why) => Damage::Header { file, why },
            })
        }))
    }

    /// Looks whether records are missing before this one.
    fn checked(&mut self, record: Record, file: &str, offset: u64) -> Result<Record, Damage> {
        let expected = self.expected.replace((record.run, record.number + 1));
        let is_gap = matches!(record.kind, Kind::Gap { .. });
        match expected {
            Some((run, number)) if run == record.run && number < record.number && !is_gap => {
                let records = record.number - number;
                self.held = Some(record);
                Err(Damage::Missing { file: file.to_owned(), offset, records })
            }
            Some(_) | None => Ok(record),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Record, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.held.take() {
            return Some(Ok(record));
        }
        let Some(mut open) = self.open.take() else { return self.open_next() };
        match open.next() {
            Some(Ok((record, offset))) => {
                let checked = self.checked(record, &open.file, offset);
                self.open = Some(open);
                Some(checked)
            }
            Some(Err(damage @ Damage::Unreadable { .. })) => Some(Err(damage)),
            Some(Err(damage)) => {
                self.open = Some(open);
                Some(Err(damage))
            }
            None => self.open_next(),
        }
    }
}

/// A file and the part of it that is in memory.
#[derive(Debug)]
struct OpenFile {
    source: File,
    file: String,
    buffer: Vec<u8>,
    /// Where the unread part of the buffer begins.
    at: usize,
    /// Offset in the file of the buffer's first byte.
    base: u64,
    is_at_end: bool,
}

impl OpenFile {
    /// Opens a file; its start as a record, or why it is none.
    fn open(path: &Path, file: String) -> Result<(OpenFile, Result<Record, HeaderFault>), Damage> {
        let unreadable = |error| Damage::Unreadable { file: file.clone(), error };
        let source = File::open(path).map_err(unreadable)?;
        let buffer = Vec::new();
        let mut open =
            OpenFile { source, file: file.clone(), buffer, at: 0, base: 0, is_at_end: false };
        open.fill(format::HEADER).map_err(unreadable)?;
        let head = open.unread().get(..format::HEADER).unwrap_or(open.unread());
        let header = format::read_header(head);
        open.at = head.len();
        Ok((open, header))
    }

    /// The next record with its offset, or what is wrong before it.
    fn next(&mut self) -> Option<Result<(Record, u64), Damage>> {
        match self.try_next() {
            Ok(found) => found.map(Ok),
            Err(damage) => Some(Err(damage)),
        }
    }

    fn try_next(&mut self) -> Result<Option<(Record, u64)>, Damage> {
        let offset = self.offset();
        match self.find()? {
            Found::Record(record, length) => {
                self.at += length;
                Ok(Some((*record, offset)))
            }
            Found::Beginning(_) if self.unread().is_empty() => Ok(None),
            Found::Beginning(_) => Err(self.skip(true)?),
            Found::Nothing => Err(self.skip(false)?),
        }
    }

    /// What stands at the unread part's beginning, read whole.
    fn find(&mut self) -> Result<Found, Damage> {
        loop {
            let found = format::find(self.unread());
            match found {
                Found::Beginning(whole) if !self.is_at_end => {
                    self.fill(whole).map_err(|error| self.unreadable(error))?;
                }
                Found::Record(..) | Found::Beginning(_) | Found::Nothing => return Ok(found),
            }
        }
    }

    /// Goes on to the next good record or to the end; says what was skipped.
    fn skip(&mut self, may_be_torn: bool) -> Result<Damage, Damage> {
        let offset = self.offset();
        let file = self.file.clone();
        loop {
            self.at += 1;
            self.advance_to_mark()?;
            let ended = self.unread().is_empty() && self.is_at_end;
            let length = self.offset() - offset;
            if ended && may_be_torn {
                return Ok(Damage::Torn { file, offset, length });
            }
            if ended || matches!(self.find()?, Found::Record(..)) {
                return Ok(Damage::Damaged { file, offset, length });
            }
        }
    }

    /// Moves to the next byte that may begin a record, or to the end.
    fn advance_to_mark(&mut self) -> Result<(), Damage> {
        loop {
            match memchr::memchr(format::MARK[0], self.unread()) {
                Some(found) => {
                    self.at += found;
                    return Ok(());
                }
                None => self.at = self.buffer.len(),
            }
            if self.is_at_end {
                return Ok(());
            }
            self.fill(1).map_err(|error| self.unreadable(error))?;
        }
    }

    fn unread(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Reads on until so many bytes are unread, or the file ends.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        self.buffer.drain(..self.at.min(self.buffer.len()));
        self.base += self.at as u64;
        self.at = 0;
        while self.buffer.len() < wanted && !self.is_at_end {
            let room = BUFFER.saturating_sub(self.buffer.len()) as u64;
            let count = (&self.source).take(room).read_to_end(&mut self.buffer)?;
            self.is_at_end = (count as u64) < room;
        }
        Ok(())
    }

    fn unreadable(&self, error: io::Error) -> Damage {
        Damage::Unreadable { file: self.file.clone(), error }
    }
}
