//! A folder into which an analyser, or the program beside it, drops its results as files.
//!
//! Exists so that a file is worth what a message on a wire is worth: it is taken when it is
//! complete, read whole, handed to the intake message by message, and moved to *done* only after
//! COMMIT. What could not be read completely is on record too, and goes to *refused* with the
//! reason beside it. A crash between commit and move makes the file be read again, and what is on
//! record is recognised. Refuses to delete, to write over, and to take what is half written.
//!
//! ```text
//!  look (poll) -> watch -> read -> link::whole -> intake -> COMMIT of every message -> move
//!    ^                                               |
//!    +-------- pause, doubling: not stored ----------+
//! ```
//!
//! The folder is a line like others: it is open while it can be looked at, lost when it cannot (an
//! unmounted share), and opened again after a pause. A file is a connection on it of its own.

mod disk;
mod taking;
mod watch;
mod worker;

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::Arc;

use fastrand::Rng;

use super::back_off::BackOff;
use super::dial::keep_open;
use super::line::{Closed, Ended};
use super::station::Station;
use super::stop::Stop;
use super::tap::Presence;
use crate::analyser::{FileHabits, Profile};
use crate::config::FolderLine;
use crate::link::{Event, Moment};
use crate::traffic::{AlarmKind, NoteKind};
use crate::{clock, limits};
use disk::{Look, Moved, NotRead, Shelf, Stamp};
use taking::Taken;
use watch::Watch;
use worker::{NoAnswer, Worker};

/// Makes the places for taken files and tries them.
///
/// # Errors
/// In words, with what to do.
pub(super) async fn claim(line: &FolderLine) -> io::Result<()> {
    let line = line.clone();
    let (tell, answer) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("hemogate-folder".to_owned());
    // A share that hangs must not hold up the words about it.
    let _detached = thread.spawn(move || {
        let _unheard = tell.send(disk::claim(&line));
    })?;
    match tokio::time::timeout(limits::FOLDER_CALL_WAIT, answer).await {
        Ok(Ok(claimed)) => claimed.map_err(io::Error::other),
        Ok(Err(_panicked)) => Err(io::Error::other("the folder could not be tried")),
        Err(_elapsed) => Err(io::Error::other("the folder does not answer: is its share there?")),
    }
}

/// Attends the folder until the stop.
pub(super) async fn serve(line: FolderLine, station: Arc<Station>, stop: Stop) {
    let visit = || visit(line.clone(), Arc::clone(&station), stop.clone());
    keep_open(&station, stop.clone(), visit).await;
}

async fn visit(line: FolderLine, station: Arc<Station>, stop: Stop) -> io::Result<Closed> {
    let Some(habits) = station.files() else {
        return Err(io::Error::other("the profile does not say how its files look"));
    };
    let worker = Worker::start(limits::FOLDER_CALL_WAIT)?;
    let watch = Watch::new(habits.settle(), !habits.ends_with().is_empty());
    let mut folder = Folder {
        line,
        habits,
        station,
        stop,
        worker,
        watch,
        move_from: Moment::default(),
        moving: BackOff::new(Rng::new()),
        has_moved: false,
        received: 0,
    };
    let ended = folder.attend().await;
    if let Ended::Failed(error) = &ended {
        folder.alarm(AlarmKind::Folder, &format!("its folder cannot be used: {error}"));
    }
    Ok(Closed { ended, received: folder.received })
}

/// One folder while it can be looked at.
struct Folder {
    line: FolderLine,
    habits: FileHabits,
    station: Arc<Station>,
    stop: Stop,
    worker: Worker,
    watch: Watch,
    /// When what could not be moved is tried again.
    move_from: Moment,
    moving: BackOff,
    /// Something was moved, and may not have reached the disk.
    has_moved: bool,
    /// Bytes of files taken.
    received: u64,
}

/// A file that is complete.
struct Opened {
    content: Vec<u8>,
    inside: Vec<Event>,
}

/// Why a file is not taken yet.
enum NotTaken {
    Read(NotRead),
    Lacks(String),
}

impl Opened {
    fn read(
        path: &Path,
        stamp: Stamp,
        habits: &FileHabits,
        profile: &Profile,
    ) -> Result<Opened, NotTaken> {
        let content = disk::read(path, stamp).map_err(NotTaken::Read)?;
        if let Some(what) = habits.lacks(&content) {
            return Err(NotTaken::Lacks(what));
        }
        let inside = taking::inside(profile, &content);
        Ok(Opened { content, inside })
    }
}

/// A name as it may stand in a log: on one line, whatever is in it.
fn shown(name: &OsStr) -> String {
    name.to_string_lossy().chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

impl Folder {
    async fn attend(&mut self) -> Ended {
        let mut presence = None;
        let ended = loop {
            let look = match self.look().await {
                Ok(look) => look,
                Err(ended) => break ended,
            };
            let name = || format!("folder {}", self.line.path.display());
            presence.get_or_insert_with(|| Presence::new(Arc::clone(&self.station), name()));
            if let Err(ended) = self.round(look).await {
                break ended;
            }
            // Whichever comes first, the loop looks again.
            let _elapsed = tokio::time::timeout(self.line.poll, self.stop.ordered()).await;
        };
        if let Some(presence) = presence {
            presence.end(&ended);
        }
        ended
    }

    async fn look(&mut self) -> Result<Look, Ended> {
        if self.stop.is_ordered() {
            return Err(Ended::Stopped);
        }
        let (line, habits) = (self.line.clone(), self.habits.clone());
        self.call(move || disk::look(&line, &habits)).await?.map_err(Ended::Failed)
    }

    /// Takes what is ready, moves what is stored, and says what is left.
    async fn round(&mut self, look: Look) -> Result<(), Ended> {
        let Look { files, beyond, left_alone } = look;
        self.watch.see(files, clock::moment());
        self.report(beyond, left_alone);
        self.move_settled().await?;
        for (name, stamp) in self.watch.ready(clock::moment()) {
            if self.stop.is_ordered() || !self.may_take() {
                break;
            }
            self.take(name, stamp).await?;
        }
        self.report(beyond, left_alone);
        self.sync().await
    }

    /// One for all that was moved in a round: that is where the speed comes from.
    async fn sync(&mut self) -> Result<(), Ended> {
        if std::mem::take(&mut self.has_moved) {
            let line = self.line.clone();
            self.call(move || disk::sync(&line)).await?;
        }
        Ok(())
    }

    /// While the store takes nothing, nothing is read for it.
    fn may_take(&self) -> bool {
        *self.station.ready().borrow()
    }

    async fn take(&mut self, name: OsString, stamp: Stamp) -> Result<(), Ended> {
        if stamp.is_too_long() {
            let most = limits::FILE_MAX;
            let why = format!(
                "longer than {most} bytes: nothing of it is stored; have it exported in parts"
            );
            let shelf = Shelf::Refused(self.about(&name, &why));
            return self.settle(name, stamp, shelf).await;
        }
        let path = self.line.path.join(&name);
        let (habits, profile) = (self.habits.clone(), Arc::clone(self.station.profile()));
        match self.call(move || Opened::read(&path, stamp, &habits, &profile)).await? {
            Ok(opened) => self.hand_over(name, stamp, opened).await,
            Err(NotTaken::Lacks(what)) => {
                self.watch.lacks(&name, what);
                Ok(())
            }
            Err(NotTaken::Read(NotRead::Changed)) => {
                self.watch.forget(&name);
                Ok(())
            }
            Err(NotTaken::Read(NotRead::Failed(error))) => {
                self.watch.not_taken(&name, error.to_string(), clock::moment());
                Ok(())
            }
        }
    }

    async fn hand_over(
        &mut self,
        name: OsString,
        stamp: Stamp,
        opened: Opened,
    ) -> Result<(), Ended> {
        let Opened { content, inside } = opened;
        self.received += content.len() as u64;
        let presence = Presence::new(Arc::clone(&self.station), format!("file {}", shown(&name)));
        let (ended, shelf) = match taking::take(presence.tap(), &content, inside).await {
            Taken::Stored => ("stored", Shelf::Done),
            Taken::Unread(why) => {
                let why = format!(
                    "it is stored, but could not be read completely. What could be read counts; \
                     the rest is listed at GET /api/v1/messages?state=unread:\n{why}"
                );
                ("stored, but not read completely", Shelf::Refused(self.about(&name, &why)))
            }
            Taken::NotStored(why) => {
                presence.end(&"not stored, it is tried again");
                self.watch.not_taken(&name, why, clock::moment());
                return Ok(());
            }
        };
        presence.end(&ended);
        self.settle(name, stamp, shelf).await
    }

    /// Words about a file, for people.
    fn about(&self, name: &OsStr, what: &str) -> String {
        format!("analyser {}, file {}: {what}", self.station.id(), shown(name))
    }

    /// Nothing more is to be stored of a file: it can go.
    async fn settle(&mut self, name: OsString, stamp: Stamp, shelf: Shelf) -> Result<(), Ended> {
        self.watch.settle(&name, shelf.clone());
        self.shelve(name, stamp, shelf).await
    }

    /// What could not be moved earlier.
    async fn move_settled(&mut self) -> Result<(), Ended> {
        if self.move_from > clock::moment() {
            return Ok(());
        }
        for (name, stamp, shelf) in self.watch.settled() {
            self.shelve(name, stamp, shelf).await?;
        }
        Ok(())
    }

    async fn shelve(&mut self, name: OsString, stamp: Stamp, shelf: Shelf) -> Result<(), Ended> {
        let moving = (self.line.clone(), name.clone(), shelf.clone());
        let moved = self.call(move || disk::shelve(&moving.0, &moving.1, stamp, &moving.2)).await?;
        match moved {
            Ok(Moved::Changed) => self.watch.forget(&name),
            Ok(Moved::To(to)) => {
                self.watch.forget(&name);
                self.moving.reset();
                self.has_moved = true;
                self.tell_refused(&to, &shelf);
            }
            Err(error) => {
                self.watch.not_moved(&name, error.to_string());
                self.move_from = clock::moment().plus(self.moving.pause());
            }
        }
        Ok(())
    }

    fn tell_refused(&self, to: &Path, shelf: &Shelf) {
        match shelf {
            Shelf::Done => {}
            Shelf::Refused(why) => {
                let what = why.lines().next().unwrap_or_default().trim_end_matches(':');
                let text = format!("{what}; it is now {}, with the reason beside it", to.display());
                self.station.post().note(NoteKind::FileRefused, &text, clock::now());
            }
        }
    }

    /// Has the folder's thread do something.
    async fn call<T: Send + 'static>(
        &mut self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Ended> {
        let (station, path) = (&self.station, self.line.path.display());
        let on_slow = || {
            let id = station.id();
            let text =
                format!("analyser {id}: the folder {path} does not answer: is its share up?");
            station.post().alarm(AlarmKind::Folder, &text, clock::now());
        };
        self.worker.call(&mut self.stop, on_slow, call).await.map_err(|none| match none {
            NoAnswer::Stopped => Ended::Stopped,
            NoAnswer::Died => Ended::Failed(io::Error::other("the folder's thread is gone")),
        })
    }

    /// Shows what is left in the folder.
    fn report(&self, beyond: u64, left_alone: u64) {
        let now = clock::now();
        let post = self.station.post();
        post.files(self.watch.count(now.moment, beyond, left_alone));
        post.alarm_over(AlarmKind::Folder, now);
        let stuck = self.watch.stuck(now.moment);
        if stuck.is_empty() {
            return post.alarm_over(AlarmKind::File, now);
        }
        let named = stuck.iter().take(limits::FILES_NAMED);
        let named: Vec<_> =
            named.map(|(name, why)| format!("the file {}: {why}", shown(name))).collect();
        let more = match stuck.len().saturating_sub(named.len()) {
            0 => String::new(),
            more => format!("; and {more} more files"),
        };
        self.alarm(AlarmKind::File, &format!("{}{more}", named.join("; ")));
    }

    fn alarm(&self, kind: AlarmKind, what: &str) {
        let text = format!("analyser {}: {what}", self.station.id());
        self.station.post().alarm(kind, &text, clock::now());
    }
}
