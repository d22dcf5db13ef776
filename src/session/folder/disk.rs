//! What is done to a folder and its files. Every call here may block, for ever where a share hangs:
//! only the folder's own thread makes them.
//!
//! Nothing here deletes a file that an analyser wrote, and nothing is ever written over: a name
//! that is taken gets an ending. Refuses to follow links, and to take what is no plain file or
//! changes while it is read.

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

/// Lets everything that was moved reach the disk. Some shares refuse it; a move that a power
/// failure undoes is made again: what was stored is recognised.
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

fn move_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => move_to_reserved(from, to),
        done => done.map_err(io::Error::from),
    }
}

/// Where the file system cannot promise to replace nothing: the name is taken first, with an empty
/// file of ours.
fn move_to_reserved(from: &Path, to: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(to)?;
    fs::rename(from, to).inspect_err(|_error| {
        // Still empty, and ours; one that stays costs no more than a name.
        let _stays = fs::remove_file(to);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        _around: tempfile::TempDir,
        line: FolderLine,
    }

    impl Bench {
        fn new() -> Bench {
            let around = tempfile::tempdir().unwrap();
            let path = around.path().to_owned();
            let (done, refused) = (path.join("done"), path.join("refused"));
            let line = FolderLine { path, done, refused, poll: limits::FOLDER_POLL };
            claim(&line).unwrap();
            Bench { _around: around, line }
        }

        fn write(&self, name: &str, content: &str) -> Stamp {
            let path = self.line.path.join(name);
            fs::write(&path, content).unwrap();
            Stamp::at(&path).unwrap().unwrap()
        }

        fn shelve(&self, name: &str, stamp: Stamp, shelf: &Shelf) -> io::Result<Moved> {
            shelve(&self.line, OsStr::new(name), stamp, shelf)
        }

        fn path(&self, name: &str) -> PathBuf {
            self.line.path.join(name)
        }
    }

    impl Stamp {
        pub(in super::super) const fn made_up(size: u64) -> Stamp {
            Stamp { modified: (0, 0), size }
        }
    }

    fn refused(why: &str) -> Shelf {
        Shelf::Refused(why.to_owned())
    }

    fn habits() -> FileHabits {
        let shipped = crate::analyser::shipped("roche-cobas-e601").unwrap();
        let text = format!("{shipped}\n[file]\nnames = [\"*.txt\"]\n");
        crate::analyser::Profile::parse("p", &text).unwrap().file().unwrap().clone()
    }

    #[test]
    fn a_file_that_is_not_what_was_looked_at_is_neither_read_nor_moved() {
        let bench = Bench::new();
        let stamp = bench.write("a.txt", "one");
        assert_eq!(read(&bench.path("a.txt"), stamp).unwrap(), b"one");
        bench.write("a.txt", "longer");
        assert!(matches!(read(&bench.path("a.txt"), stamp), Err(NotRead::Changed)));
        let moved = bench.shelve("a.txt", stamp, &Shelf::Done).unwrap();
        assert!(matches!(moved, Moved::Changed));
        assert_eq!(fs::read_to_string(bench.path("a.txt")).unwrap(), "longer");
        let gone = read(&bench.path("b.txt"), stamp);
        assert!(matches!(gone, Err(NotRead::Changed)), "{gone:?}");
    }

    #[test]
    fn no_link_is_followed_and_no_pipe_waited_for_that_took_the_place_of_a_file() {
        let bench = Bench::new();
        let stamp = bench.write("real.txt", "one");
        std::os::unix::fs::symlink(bench.path("real.txt"), bench.path("link.txt")).unwrap();
        let link = read(&bench.path("link.txt"), stamp);
        assert!(matches!(link, Err(NotRead::Failed(_))), "{link:?}");
        let made = std::process::Command::new("mkfifo").arg(bench.path("pipe.txt")).status();
        assert!(made.unwrap().success());
        let pipe = read(&bench.path("pipe.txt"), stamp);
        assert!(matches!(pipe, Err(NotRead::Changed)), "{pipe:?}");
    }

    #[test]
    fn nothing_is_written_over_whatever_stands_there_and_the_tries_are_counted() {
        let bench = Bench::new();
        fs::create_dir(bench.line.done.join("a.txt")).unwrap();
        for _ in 1..limits::FILE_NAMES_TRIED {
            let stamp = bench.write("a.txt", "one");
            let moved = bench.shelve("a.txt", stamp, &Shelf::Done).unwrap();
            assert!(matches!(moved, Moved::To(_)), "{moved:?}");
        }
        let names = fs::read_dir(&bench.line.done).unwrap().count();
        assert_eq!(names, limits::FILE_NAMES_TRIED);
    }

    #[test]
    fn a_file_system_that_would_replace_is_kept_from_it() {
        let bench = Bench::new();
        bench.write("a.txt", "one");
        let (from, to) = (bench.path("a.txt"), bench.line.done.join("a.txt"));
        move_to_reserved(&from, &to).unwrap();
        bench.write("a.txt", "two");
        let taken = move_to_reserved(&from, &to).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "one");
        assert_eq!(fs::read_to_string(&from).unwrap(), "two");
        let nothing = move_to_reserved(&bench.path("none"), &bench.line.done.join("none"));
        assert!(nothing.is_err() && !bench.line.done.join("none").exists());
    }

    #[test]
    fn names_are_tried_in_turn_and_long_ones_keep_their_beginning() {
        let tried = |attempt| name_tried(OsStr::new("a.txt"), attempt).into_string().unwrap();
        assert_eq!(tried(0), "a.txt");
        assert!(tried(1).starts_with("a.txt.20") && tried(1).len() == 20, "{}", tried(1));
        assert!(tried(2).ends_with(".2") && tried(2).len() == 22, "{}", tried(2));
        let kept = |length: usize| name_tried(OsStr::new(&"x".repeat(length)), 0).len();
        assert_eq!(kept(limits::FILE_NAME_KEPT), limits::FILE_NAME_KEPT);
        assert_eq!(kept(limits::FILE_NAME_KEPT + 1), limits::FILE_NAME_KEPT);
    }

    #[test]
    fn the_explanation_stands_beside_its_file_and_one_left_by_a_crash_is_used() {
        let bench = Bench::new();
        let why = bench.line.refused.join("a.txt.why.txt");
        fs::write(&why, "byte 7: unkn").unwrap();
        let stamp = bench.write("a.txt", "one");
        bench.shelve("a.txt", stamp, &refused("byte 7: unknown")).unwrap();
        assert_eq!(fs::read_to_string(&why).unwrap(), "byte 7: unknown\n");
        assert!(bench.line.refused.join("a.txt").is_file());
        fs::write(bench.line.refused.join("b.txt.why.txt"), "another's").unwrap();
        let stamp = bench.write("b.txt", "two");
        let Moved::To(to) = bench.shelve("b.txt", stamp, &refused("why")).unwrap() else {
            panic!("it did not change");
        };
        assert_ne!(to, bench.line.refused.join("b.txt"), "the other one explains something else");
        assert!(to.is_file());
    }

    #[test]
    fn a_look_takes_in_files_up_to_the_bound_and_counts_the_others() {
        let bench = Bench::new();
        for number in 0..limits::FOLDER_FILES_MAX {
            bench.write(&format!("{number}.txt"), "");
        }
        let counts = |look: Look| (look.files.len(), look.beyond, look.left_alone);
        let at = counts(look(&bench.line, &habits()).unwrap());
        assert_eq!(at, (limits::FOLDER_FILES_MAX, 0, 0));
        bench.write("one more.txt", "");
        bench.write("other.pdf", "");
        let past = counts(look(&bench.line, &habits()).unwrap());
        assert_eq!(past, (limits::FOLDER_FILES_MAX, 1, 1));
    }

    #[test]
    fn a_folder_without_its_places_is_not_looked_at() {
        let bench = Bench::new();
        fs::remove_dir(&bench.line.refused).unwrap();
        let error = look(&bench.line, &habits()).unwrap_err();
        assert!(error.to_string().contains("is the share mounted?"), "{error}");
        assert!(!bench.line.refused.exists(), "it is made at the start only");
    }
}
