//! The wire journal: all bytes of all lines, both ways, in rolling files, for diagnosis and for
//! `hemogate replay`.
//!
//! Exists because a fault between an analyser and us is argued about afterwards, and the store has
//! messages, not the wire. It is no record of results: what is acknowledged is in the store. So it
//! never holds up a line and never fails one: what does not fit into the queue, or onto the disk,
//! is counted and a record says how much is missing. Refuses a folder that another process writes
//! its journal to. The files hold donors' identity: they belong to the daemon's user alone (0600).
//!
//! # Format, version 1
//!
//! A folder of files `wire-00000001.hgj`, numbered on over restarts; every start and every rotation
//! begins a new one, and none is ever appended to again. All numbers are little-endian. A file:
//!
//! | offset | length | what |
//! |---|---|---|
//! | 0 | 8 | `HEMOWIRE` |
//! | 8 | 4 | version of the format: 1 |
//! | 12 | 8 | run: UTC of the daemon's start in microseconds |
//! | 20 | 8 | number of the file |
//! | 28 | 8 | monotonic time at which the file begins, nanoseconds |
//! | 36 | 8 | UTC at which it begins, microseconds |
//! | 44 | 4 | CRC-32C of the 44 bytes before |
//! | 48 | | records, back to back |
//!
//! A record:
//!
//! | offset | length | what |
//! |---|---|---|
//! | 0 | 4 | mark: 89 57 4A 0A |
//! | 4 | 4 | length of what follows the checksum |
//! | 8 | 4 | CRC-32C of the length and of what follows the checksum |
//! | 12 | 8 | run, as in the header: a record found alone still says where it belongs |
//! | 20 | 8 | number of the record in its run, from 1, gapless but for gap records |
//! | 28 | 1 | kind: 1 opened, 2 closed, 3 received, 4 sent, 5 gap |
//! | 29 | 8 | monotonic time, nanoseconds |
//! | 37 | 8 | UTC, microseconds |
//! | 45 | 8 | connection of this analyser in this run; 0 in a gap |
//! | 53 | 1 | length of the analyser's id |
//! | 54 | | the id, then: the peer, the reason, the bytes; in a gap two numbers of 8 bytes each: |
//! | | | records and bytes that were not written |
//!
//! CRC-32C (the polynomial of iSCSI and ext4) finds every burst of up to 32 bits and keeps a
//! Hamming distance of 6 up to 655 bytes, where most records lie. Nothing here withstands intent:
//! for that there is the hash chain of the store.

mod files;
mod format;
mod queue;
mod read;
mod writer;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::link::At;
use queue::Queue;
use writer::Thread;

pub use read::{Damage, Reader, read};

/// Where the journal is kept and how much of it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder; created where it does not exist.
    pub folder: PathBuf,
    /// Bytes after which a file is closed and the next one begun.
    pub file_bytes: u64,
    /// Files kept; the oldest are deleted. At least one.
    pub files: usize,
    /// When the daemon started.
    pub started: At,
    /// Reads both clocks (the journal itself reads none).
    pub now: fn() -> At,
}

/// What happened on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A file begins (its header); the bytes are empty.
    FileStart,
    /// A connection was opened; the bytes are the peer in UTF-8.
    Opened,
    /// A connection was closed; the bytes say why in UTF-8.
    Closed,
    /// Bytes from the analyser.
    Received,
    /// Bytes to it.
    Sent,
    /// Records are missing here.
    Gap {
        /// How many records.
        records: u64,
        /// How many bytes of the lines.
        bytes: u64,
    },
}

/// Something to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What happened.
    pub kind: Kind,
    /// When.
    pub at: At,
    /// Analyser id.
    pub analyser: &'a str,
    /// Connection of this analyser.
    pub connection: u64,
    /// See [`Kind`].
    pub bytes: &'a [u8],
}

/// Something that was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// UTC of the daemon's start in microseconds: connections and monotonic time belong to it.
    pub run: i64,
    /// Number in its run; 0 for a file's start.
    pub number: u64,
    /// What happened.
    pub kind: Kind,
    /// When; UTC to the microsecond.
    pub at: At,
    /// Analyser id; empty where it concerns none.
    pub analyser: String,
    /// Connection of this analyser.
    pub connection: u64,
    /// See [`Kind`].
    pub bytes: Vec<u8>,
}

/// Whether the journal is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// The last write was good.
    Writing,
    /// It was not; in words, and what to do. The journal begins again by itself.
    Failing(String),
}

/// Numbers for the metrics, since start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Records written.
    pub records: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Records that were not written.
    pub lost_records: u64,
    /// Bytes of lines in them.
    pub lost_bytes: u64,
}

/// Why a journal was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder cannot be used.
    #[error("the wire journal cannot be written to {folder}: {error}: {advice}")]
    Unusable {
        /// The folder.
        folder: String,
        /// What the system says.
        error: io::Error,
        /// What to do.
        advice: &'static str,
    },
    /// Another process writes there.
    #[error("another hemogate writes its wire journal to {0}: name another folder")]
    InUse(String),
}

/// A handle to the journal; cheap to clone. Dropping the last one writes what waits and ends it.
#[derive(Clone)]
pub struct Journal {
    thread: Arc<Thread>,
}

impl Journal {
    /// Begins a new file in the folder and starts the writing thread.
    ///
    /// # Errors
    /// See [`OpenError`]; later failures are [`Journal::health`].
    pub fn open(options: Options) -> Result<Journal, OpenError> {
        Ok(Journal { thread: Arc::new(Thread::start(options)?) })
    }

    /// Hands something over to be written. Never waits for the disk; what does not fit into
    /// [`limits::JOURNAL_QUEUE_MAX`](crate::limits::JOURNAL_QUEUE_MAX) is counted, and a gap is
    /// written in its place.
    pub fn record(&self, entry: Entry<'_>) {
        self.queue().put(&entry);
    }

    /// Whether it is written.
    pub fn health(&self) -> Health {
        self.queue().health()
    }

    /// Numbers for the metrics.
    pub fn numbers(&self) -> Numbers {
        self.queue().numbers()
    }

    fn queue(&self) -> &Queue {
        self.thread.queue()
    }
}
