//! The folder of the journal: files numbered on, the current one, and the oldest that go.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{At, OpenError, format};

const PREFIX: &str = "wire-";
const SUFFIX: &str = ".hgj";

/// The folder, claimed for this process, and the file that is written.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    keep: usize,
    last: u64,
    /// Locked for as long as this lives.
    _lock: File,
}

/// The file that is written.
#[derive(Debug)]
pub(super) struct Current {
    file: File,
    /// Its length.
    pub(super) length: u64,
}

impl Files {
    /// Claims the folder, creating it where it does not exist.
    pub(super) fn claim(folder: &Path, keep: usize) -> Result<Files, OpenError> {
        let shown = folder.display().to_string();
        let unusable = |error, advice| OpenError::Unusable { folder: shown.clone(), error, advice };
        let ours = "make it a folder that this user can write";
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| unusable(error, ours))?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(folder.join("lock")).map_err(|error| unusable(error, ours))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(shown)),
            Err(TryLockError::Error(error)) => {
                return Err(unusable(error, "use a disk of this machine"));
            }
        }
        let found = list(folder).map_err(|error| unusable(error, ours))?;
        let last = found.last().map_or(0, |(number, _)| *number);
        Ok(Files { folder: folder.to_owned(), keep: keep.max(1), last, _lock: lock })
    }

    /// Begins the next file and deletes the oldest ones. Leaves nothing behind where that fails.
    pub(super) fn next(&mut self, run: i64, at: At) -> io::Result<Current> {
        let number = self.last + 1;
        let path = self.folder.join(name(number));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let mut current = Current { file, length: 0 };
        if let Err(error) = current.write(&format::header(run, number, at)) {
            // Else a full disk would get one more file with every try.
            fs::remove_file(&path)?;
            return Err(error);
        }
        self.last = number;
        self.delete_oldest()?;
        Ok(current)
    }

    fn delete_oldest(&self) -> io::Result<()> {
        let found = list(&self.folder)?;
        let surplus = found.len().saturating_sub(self.keep);
        for (_, path) in found.into_iter().take(surplus) {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

impl Current {
    /// Writes at the end.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

/// The files of a folder in their order.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| number_of(name.to_str()?));
        files.extend(number.map(|number| (number, path)));
    }
    files.sort_unstable();
    Ok(files)
}

fn name(number: u64) -> String {
    format!("{PREFIX}{number:08}{SUFFIX}")
}

fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
