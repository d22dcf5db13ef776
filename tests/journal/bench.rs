//! A journal in a folder of its own, and what was written to it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hemogate::journal::{Damage, Entry, Journal, Kind, Options, Record, read};
use hemogate::link::{At, Moment};
use tempfile::TempDir;

/// A made-up point in time.
pub fn at(milliseconds: u64) -> At {
    let moment = Moment::after(Duration::from_millis(milliseconds));
    let utc = jiff::Timestamp::from_millisecond(1_790_000_000_000 + milliseconds as i64).unwrap();
    At { moment, utc }
}

pub struct Bench {
    pub folder: TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap() }
    }

    pub fn open(&self) -> Journal {
        self.open_with(1 << 20, 10)
    }

    pub fn open_with(&self, file_bytes: u64, files: usize) -> Journal {
        open(self.folder.path(), file_bytes, files)
    }

    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "hgj"))
            .collect();
        files.sort();
        files
    }
}

pub fn open(folder: &Path, file_bytes: u64, files: usize) -> Journal {
    let folder = folder.to_owned();
    Journal::open(Options { folder, file_bytes, files, started: at(0), now: hemogate::clock::now })
        .unwrap()
}

/// Bytes from `analyser`, as an entry.
pub fn received(number: u64, bytes: &[u8]) -> Entry<'_> {
    Entry { kind: Kind::Received, at: at(number), analyser: "a1", connection: 1, bytes }
}

/// What a journal holds but for the starts of its files.
pub fn read_back(path: &Path) -> (Vec<Record>, Vec<Damage>) {
    let (mut records, mut damages) = (Vec::new(), Vec::new());
    for found in read(path).unwrap() {
        match found {
            Ok(record) if record.kind == Kind::FileStart => {}
            Ok(record) => records.push(record),
            Err(damage) => damages.push(damage),
        }
    }
    (records, damages)
}

/// What a journal holds, and that nothing is wrong with it.
pub fn read_whole(path: &Path) -> Vec<Record> {
    let (records, damages) = read_back(path);
    assert!(damages.is_empty(), "{damages:?}");
    records
}
