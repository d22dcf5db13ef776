//! The line of an analyser that drops files: `folder` with `poll_s`, `done` and `refused`.
//!
//! Paths are absolute or relative to the configuration file. Refuses a folder that is not there,
//! places for taken files from which they would be taken again, places inside one another, a
//! profile that does not say how its files look, and one of files on any other line.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::{FolderLine, Transport};
use crate::analyser::{Dialect, Profile};
use crate::document::{Placed, Table};
use crate::limits;

/// How a folder is attended.
pub(super) struct Habits {
    poll: Duration,
    done: Option<Placed<String>>,
    refused: Option<Placed<String>>,
}

/// What is said beside `folder`; each is a fault where the line is not one.
pub(super) fn habits(table: &Table<'_>, is_folder: bool) -> Option<Habits> {
    let poll = table.integer("poll_s", 1..=limits::FOLDER_POLL_S_MAX);
    let (done, refused) = (table.string("done"), table.string("refused"));
    if !is_folder {
        let places = [poll.map(|poll| poll.place), done.map(|done| done.place)];
        let places = places.into_iter().chain([refused.map(|refused| refused.place)]);
        for place in places.flatten() {
            table.fault(&place, "belongs to a folder: name it with folder = \"...\"");
        }
        return None;
    }
    let poll = match poll {
        Some(seconds) => Duration::from_secs(u64::try_from(seconds.value).ok()?),
        None => limits::FOLDER_POLL,
    };
    Some(Habits { poll, done, refused })
}

impl Habits {
    pub(super) fn line(
        self,
        table: &Table<'_>,
        folder: &Placed<String>,
        base: &Path,
    ) -> Option<Transport> {
        let path = existing(table, folder, base)?;
        let place = |named: &Option<Placed<String>>, usual: &str| match named {
            Some(named) => plain(&base.join(&named.value)),
            None => path.join(usual),
        };
        let (done, refused) = (place(&self.done, "done"), place(&self.refused, "refused"));
        let poll = self.poll;
        let line = FolderLine { path, done, refused, poll };
        match misplaced(&line) {
            None => Some(Transport::Folder(line)),
            Some(wrong) => {
                let at = self.refused.or(self.done).map_or(folder.place.clone(), |key| key.place);
                table.fault(&at, wrong);
                None
            }
        }
    }
}

fn existing(table: &Table<'_>, folder: &Placed<String>, base: &Path) -> Option<PathBuf> {
    let joined = base.join(&folder.value);
    let wrong = if folder.value.trim().is_empty() {
        "is empty: name a folder, e.g. \"/srv/drop/evolis\"".to_owned()
    } else if !joined.exists() {
        format!("{} is not there: create it, or mount the share first", joined.display())
    } else if !joined.is_dir() {
        format!("{} is not a folder", joined.display())
    } else {
        return Some(plain(&joined));
    };
    table.fault(&folder.place, wrong);
    None
}

/// The path as the system knows it; of what does not exist yet, what does, and the rest without
/// detours.
fn plain(path: &Path) -> PathBuf {
    if let Ok(known) = path.canonicalize() {
        return known;
    }
    let (Some(parent), Some(last)) = (path.parent(), path.components().next_back()) else {
        return path.to_owned();
    };
    let around = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    match last {
        Component::ParentDir => plain(around).parent().unwrap_or(Path::new("/")).to_owned(),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => plain(around),
        Component::Normal(name) => plain(around).join(name),
    }
}

/// Why files would be taken twice, or end where nobody looks for them.
fn misplaced(line: &FolderLine) -> Option<String> {
    let FolderLine { path, done, refused, .. } = line;
    let is = |name: &str, what: &str| Some(format!("{name} {what}"));
    if done == refused {
        return is("done and refused", "are one folder: what was not read must stand apart");
    }
    for (name, own, other) in [("done", done, refused), ("refused", refused, done)] {
        if path.starts_with(own) {
            return is(name, "holds the folder itself: files in it would be taken again");
        }
        if own.starts_with(other) {
            return is(name, "is inside the other one: put them beside each other");
        }
    }
    None
}

/// Whether the line can be that of an analyser with this profile: files come through a folder, and
/// through nothing else.
pub(super) fn suits(
    table: &Table<'_>,
    line: &Placed<Transport>,
    profile: &Profile,
    announces: bool,
) -> bool {
    let wrong = match &line.value {
        Transport::TcpListen(_) | Transport::TcpConnect(_) | Transport::Serial(_) => {
            is_of_files(profile).then(|| {
                format!(
                    "the profile {} reads files, which come on no line: name the folder into \
                     which the analyser exports them, e.g. folder = \"/srv/drop\"",
                    profile.name()
                )
            })
        }
        Transport::Folder(_) if profile.file().is_none() => Some(format!(
            "the profile {} does not say how its files look: it needs [file] names = [\"*.txt\"]",
            profile.name()
        )),
        Transport::Folder(_) if announces => {
            Some("nothing can be ordered through a folder: leave announce_orders out".to_owned())
        }
        Transport::Folder(_) => None,
    };
    if let Some(wrong) = &wrong {
        table.fault(&line.place, wrong.as_str());
    }
    wrong.is_none()
}

/// Whether its analyser's results are files of text, without anything that could be framed.
fn is_of_files(profile: &Profile) -> bool {
    match profile.dialect() {
        Dialect::Text => true,
        Dialect::Lis02 | Dialect::Hl7 | Dialect::Blocks => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str, done: &str, refused: &str) -> FolderLine {
        let poll = limits::FOLDER_POLL;
        FolderLine { path: path.into(), done: done.into(), refused: refused.into(), poll }
    }

    #[test]
    fn places_for_taken_files_are_beside_each_other_and_not_around_the_folder() {
        for (done, refused) in [
            ("/d/done", "/d/refused"),
            ("/e/done", "/e/refused"),
            ("/d/a/b", "/d/a/c"),
            ("/done", "/d/refused"),
        ] {
            assert_eq!(misplaced(&line("/d", done, refused)), None, "{done} {refused}");
        }
        for (done, refused) in [
            ("/d/x", "/d/x"),
            ("/d", "/d/refused"),
            ("/d/done", "/d"),
            ("/", "/d/refused"),
            ("/d/done", "/d/done/refused"),
            ("/d/refused/done", "/d/refused"),
        ] {
            assert!(misplaced(&line("/d", done, refused)).is_some(), "{done} {refused}");
        }
    }

    #[test]
    fn a_path_is_told_without_detours_also_where_its_end_does_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert_eq!(plain(&link.join("new").join(".").join("x")), real.join("new").join("x"));
        assert_eq!(plain(&link.join("new").join("..").join("x")), real.join("x"));
    }
}
