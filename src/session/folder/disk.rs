//! What is done to a folder and its files. Every call here may block, for ever where a share hangs:
//! only the folder's own thread makes them.
//!
//! Nothing here deletes a file that an analyser wrote, and nothing is ever written over: a name that
//! is taken gets an ending. Refuses to follow links, and to take what is no plain file or changes
//! while it is read.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::analyser::FileHabits;
use crate::config::FolderLine;
use crate::{clock, limits};

/// What tells one state of a file from another, without reading it. No inode: shares make them up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: (i64, i64),
    size: u64,
}

/// What stands in a folder.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// Results by their names, the oldest first; at most [`limits::FOLDER_FILES_MAX`].
    pub(super) files: Vec<(OsString, Stamp)>,
    /// Results beyond that bound.
    pub(super) beyond: u64,
    /// What is no result by its name or kind.
    pub(super) left_alone: u64,
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum NotRead {
    /// It is not what was looked at any more.
    Changed,
    /// It cannot be opened or read.
    Failed(io::Error),
}

/// Where a file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    /// Stored.
    Done,
    /// Not read completely, or not stored at all: why.
    Refused(String),
}

/// What became of moving a file.
#[derive(Debug)]
pub(super) enum Moved {
    /// It stands there.
    To(PathBuf),
    /// It is not what was read any more: it stays, and is looked at anew.
    Changed,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Stamp { modified, size: metadata.size() }
    }

    /// Whether it is more than is ever taken.
    pub(super) const fn is_too_long(self) -> bool {
        self.size > limits::FILE_MAX as u64
    }

    fn at(path: &Path) -> io::Result<Option<Stamp>> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(metadata.is_file().then(|| Stamp::of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Makes the places for taken files and tries whether files can be moved there.
///
/// # Errors
/// In words, with what to do.
pub(super) fn claim(line: &FolderLine) -> Result<(), String> {
    let FolderLine { path, done, refused, .. } = line;
    if !path.is_dir() {
        let path = path.display();
        return Err(format!("the folder {path} is not there: create it, or mount the share first"));
    }
    for place in [done, refused] {
        fs::create_dir_all(place).map_err(|error| {
            let place = place.display();
            format!("the folder {place} cannot be made: {error}; let the daemon's user write there")
        })?;
    }
    try_to_move(line)
}

/// A file of our own goes the way of every file: into the folder, and on to both places.
fn try_to_move(line: &FolderLine) -> Result<(), String> {
    let FolderLine { path, done, refused, .. } = line;
    let trial =
        tempfile::Builder::new().prefix(".hemogate-").tempfile_in(path).map_err(|error| {
            let path = path.display();
            format!("nothing can be written to the folder {path}: {error}; let the daemon's user")
        })?;
    let mut trial = trial.into_temp_path();
    for place in [done, refused] {
        let to = place.join(trial.file_name().unwrap_or_default());
        move_without_replacing(&trial, &to).map_err(|error| {
            format!(
                "no file can be moved from {} to {}: {error}; they must be on one file system, \
                 and the daemon's user must be let write there",
                path.display(),
                place.display(),
            )
        })?;
        trial = tempfile::TempPath::try_from_path(to).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Looks at everything in the folder.
///
/// # Errors
/// The folder, or a place for taken files, is not there: an unmounted share perhaps.
pub(super) fn look(line: &FolderLine, habits: &FileHabits) -> io::Result<Look> {
    let entries = fs::read_dir(&line.path).map_err(|error| place_error(&line.path, &error))?;
    let places = [&line.done, &line.refused];
    for place in places {
        if !fs::symlink_metadata(place).is_ok_and(|metadata| metadata.is_dir()) {
            let missing = io::Error::from(io::ErrorKind::NotFound);
            return Err(place_error(place, &missing));
        }
    }
    let mut look = Look::default();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if !places.contains(&&entry.path()) {
            look.add(name, &entry.path(), habits)?;
        }
    }
    let age = |(name, stamp): &(OsString, Stamp)| (stamp.modified, name.clone());
    look.files.sort_by_cached_key(age);
    Ok(look)
}

fn place_error(place: &Path, error: &io::Error) -> io::Error {
    let words = format!("{}: {error}; is the share mounted?", place.display());
    io::Error::new(error.kind(), words)
}

impl Look {
    fn add(&mut self, name: OsString, path: &Path, habits: &FileHabits) -> io::Result<()> {
        if !habits.is_ours(&name.to_string_lossy()) {
            self.left_alone += 1;
            return Ok(());
        }
        let found = fs::symlink_metadata(path);
        match found {
            Ok(metadata) if !metadata.is_file() => self.left_alone += 1,
            Ok(_) if self.files.len() >= limits::FOLDER_FILES_MAX => self.beyond += 1,
            Ok(metadata) => self.files.push((name, Stamp::of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Reads a file that looked like `stamp`, whole.
pub(super) fn read(path: &Path, stamp: Stamp) -> Result<Vec<u8>, NotRead> {
    // Whatever has taken its place meanwhile: no link is followed, and a pipe makes nobody wait.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let flags = i32::try_from(flags).unwrap_or_default();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => NotRead::Changed,
        _ => NotRead::Failed(error),
    })?;
    let is_same = |file: &File| {
        let metadata = file.metadata().map_err(NotRead::Failed)?;
        Ok(metadata.is_file() && Stamp::of(&metadata) == stamp)
    };
    if !is_same(&file)? {
        return Err(NotRead::Changed);
    }
    let mut content = Vec::new();
    let most = limits::FILE_MAX as u64;
    let read = (&file).take(most + 1).read_to_end(&mut content).map_err(NotRead::Failed)?;
    match is_same(&file)? && read as u64 == stamp.size {
        true => Ok(content),
        false => Err(NotRead::Changed),
    }
}

/// Moves a file that looked like `stamp` to its place. [`sync`] lets that reach the disk.
///
/// # Errors
/// What stands in the way; the file stays where it is.
pub(super) fn shelve(
    line: &FolderLine,
    name: &OsStr,
    stamp: Stamp,
    shelf: &Shelf,
) -> io::Result<Moved> {
    let from = line.path.join(name);
    if Stamp::at(&from)? != Some(stamp) {
        return Ok(Moved::Changed);
    }
    let (place, why) = match shelf {
        Shelf::Done => (&line.done, None),
        Shelf::Refused(why) => (&line.refused, Some(why.as_str())),
    };
    let to = move_to_free_name(&from, name, place, why)?;
    // Whoever had it open may have written between the look and the move: then it goes back.
    if Stamp::at(&to)? != Some(stamp) && move_without_replacing(&to, &from).is_ok() {
        return Ok(Moved::Changed);
    }
    Ok(Moved::To(to))
}

/// Lets everything that was moved reach the disk. Some shares refuse it; a move that a power failure
/// undoes is made again: what was stored is recognised.
pub(super) fn sync(line: &FolderLine) {
    for folder in [&line.done, &line.refused, &line.path] {
        let _refused = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// Under its own name, else with an ending.
fn move_to_free_name(
    from: &Path,
    name: &OsStr,
    place: &Path,
    why: Option<&str>,
) -> io::Result<PathBuf> {
    for attempt in 0..limits::FILE_NAMES_TRIED {
        let to = place.join(name_tried(name, attempt));
        match put(from, &to, why) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return done.map(|()| to),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The explanation first: what stands among the refused has one, whenever the power fails.
fn put(from: &Path, to: &Path, why: Option<&str>) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    if let Some(why) = why {
        explain(to, why)?;
    }
    move_without_replacing(from, to)
}

/// One that says the same and explains no file was left by an earlier attempt.
fn explain(to: &Path, why: &str) -> io::Result<()> {
    let mut named = to.as_os_str().to_owned();
    named.push(limits::WHY_ENDING);
    let words = format!("{why}\n");
    match OpenOptions::new().write(true).create_new(true).open(&named) {
        Ok(mut file) => {
            file.write_all(words.as_bytes())?;
            file.sync_all()
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match fs::read(&named).is_ok_and(|before| words.as_bytes().starts_with(&before)) {
                true => fs::write(&named, words),
                false => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// `NAME`, then `NAME.20260105141530`, then `NAME.20260105141530.2`, ...
fn name_tried(name: &OsStr, attempt: usize) -> OsString {
    let kept = name.as_bytes().get(..limits::FILE_NAME_KEPT);
    let mut tried = kept.map_or(name.to_owned(), |kept| OsString::from_vec(kept.to_vec()));
    if attempt > 0 {
        tried.push(clock::utc().strftime(".%Y%m%d%H%M%S").to_string());
    }
    if attempt > 1 {
        tried.push(format!(".{attempt}"));
    }
    tried
}

/// Where the file system cannot promise that, the name is taken first with an empty file of ours.
fn move_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            OpenOptions::new().write(true).create_new(true).open(to)?;
            fs::rename(from, to)
        }
        done => done.map_err(io::Error::from),
    }
}
