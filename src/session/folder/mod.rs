//! A folder into which an analyser, or the program beside it, drops its results as files.
//!
//! Exists so that a file is worth what a message on a wire is worth: it is taken when it is
//! complete, read whole, handed to the intake message by message, and moved to *done* only after
//! COMMIT. What could not be read completely is on record too, and goes to *refused* with the reason
//! beside it. A crash between commit and move makes the file be read again, and what is on record is
//! recognised. Refuses to delete, to write over, and to take what is half written.
//!
//! ```text
//!  look (poll) -> watch -> read -> link::whole -> intake -> COMMIT of every message -> move
//!    ^                                               |
//!    +-------- pause, doubling: store refuses -------+
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
use std::sync::Arc;

use fastrand::Rng;

use super::back_off::BackOff;
use super::dial::keep_open;
use super::line::{Closed, Ended};
use super::station::Station;
use super::stop::Stop;
use super::tap::Presence;
use crate::analyser::FileHabits;
use crate::config::FolderLine;
use crate::link::Moment;
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
    let pauses = Pauses::new();
    let (has_moved, received) = (false, 0);
    let mut folder =
        Folder { line, habits, station, stop, worker, watch, pauses, has_moved, received };
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
    pauses: Pauses,
    /// Something was moved, and may not have reached the disk.
    has_moved: bool,
    /// Bytes of files taken.
    received: u64,
}

/// When what failed is tried again.
struct Pauses {
    take_from: Moment,
    taking: BackOff,
    move_from: Moment,
    moving: BackOff,
}

impl Pauses {
    fn new() -> Pauses {
        let back_off = || BackOff::new(Rng::new());
        let (take_from, move_from) = (Moment::default(), Moment::default());
        Pauses { take_from, taking: back_off(), move_from, moving: back_off() }
    }
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
        *self.station.ready().borrow() && self.pauses.take_from <= clock::moment()
    }

    async fn take(&mut self, name: OsString, stamp: Stamp) -> Result<(), Ended> {
        if stamp.is_too_long() {
            let most = limits::FILE_MAX;
            let why = format!(
                "longer than {most} bytes: nothing of it is stored; have it exported in parts"
            );
            return self.settle(name, stamp, Shelf::Refused(why)).await;
        }
        let path = self.line.path.join(&name);
        match self.call(move || disk::read(&path, stamp)).await? {
            Ok(content) => self.hand_over(name, stamp, content).await,
            Err(NotRead::Changed) => {
                self.watch.forget(&name);
                Ok(())
            }
            Err(NotRead::Failed(error)) => {
                self.watch.unreadable(&name, error.to_string());
                Ok(())
            }
        }
    }

    async fn hand_over(
        &mut self,
        name: OsString,
        stamp: Stamp,
        content: Vec<u8>,
    ) -> Result<(), Ended> {
        if let Some(what) = self.habits.lacks(&content) {
            self.watch.lacks(&name, what);
            return Ok(());
        }
        self.received += content.len() as u64;
        let presence = Presence::new(Arc::clone(&self.station), format!("file {}", name.display()));
        let taken = taking::take(presence.tap(), &self.habits, &content).await;
        let (ended, shelf) = match taken {
            Taken::Stored => ("stored", Shelf::Done),
            Taken::Unread(why) => ("stored, not read completely", Shelf::Refused(why)),
            Taken::NotStored => {
                presence.end(&"not stored, to be tried again");
                self.pauses.take_from = clock::moment().plus(self.pauses.taking.pause());
                return Ok(());
            }
        };
        presence.end(&ended);
        self.pauses.taking.reset();
        self.settle(name, stamp, shelf).await
    }

    /// Nothing more is to be stored of a file: it can go.
    async fn settle(&mut self, name: OsString, stamp: Stamp, shelf: Shelf) -> Result<(), Ended> {
        self.watch.settle(&name, shelf.clone());
        self.shelve(name, stamp, shelf).await
    }

    /// What could not be moved earlier.
    async fn move_settled(&mut self) -> Result<(), Ended> {
        if self.pauses.move_from > clock::moment() {
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
                self.pauses.moving.reset();
                self.has_moved = true;
                self.tell_refused(&name, &to.display().to_string(), &shelf);
            }
            Err(error) => {
                self.watch.unmoved(&name, error.to_string());
                self.pauses.move_from = clock::moment().plus(self.pauses.moving.pause());
            }
        }
        Ok(())
    }

    fn tell_refused(&self, name: &OsStr, to: &str, shelf: &Shelf) {
        match shelf {
            Shelf::Done => {}
            Shelf::Refused(why) => {
                let (id, name) = (self.station.id(), name.display());
                let text = format!("analyser {id}: the file {name} is now {to}: {why}");
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
            named.map(|(name, why)| format!("the file {}: {why}", name.display())).collect();
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
