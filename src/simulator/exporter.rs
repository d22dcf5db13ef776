//! An analyser that exports files instead of sending: writes them into a folder as its program
//! does, piece by piece, and sees them taken.
//!
//! ```text
//!   written in pieces ---> whole ---> gone from the folder: taken
//!                                     a word why beside it in `refused`: refused
//!                                     still there: given up
//! ```
//!
//! Exists so that a folder's line can be rehearsed with what goes wrong with files: cut off,
//! half written for a while, written twice, under a name that was there before. Refuses to take a
//! file away itself, and to write over one that is still to be taken.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use super::{Failed, Fault, Faults, Progress, Tally, Tempo};
use crate::analyser::{Analyser, FileHabits};
use crate::limits;

/// An analyser at its folder.
pub struct Exporter {
    analyser: Arc<Analyser>,
    folder: PathBuf,
    tempo: Tempo,
    faults: Faults,
    rng: Rng,
    tally: Tally,
    /// Files named so far.
    count: u64,
    last: Option<String>,
}

/// A file that was written, and how many of its name had been refused before.
struct Written {
    name: String,
    refused_before: usize,
}

/// A file grows so many times.
const PIECES: usize = 6;
/// The program's pause from one piece to the next.
const PIECE_PAUSE: Duration = Duration::from_millis(60);
/// A half-written file stands still for so long at most, and less than makes it look complete.
const HALF_FOR: Duration = Duration::from_secs(4);
/// A host that looks into the folder has taken a complete file by then.
const TAKEN_WITHIN: Duration = Duration::from_secs(90);
/// How often the analyser looks whether it is gone.
const LOOK: Duration = Duration::from_millis(100);

impl Exporter {
    /// An analyser that exports into this folder.
    ///
    /// # Errors
    /// The profile does not say how its files look, or the folder is not there.
    pub fn new(
        analyser: Arc<Analyser>,
        folder: PathBuf,
        (tempo, faults, seed): (Tempo, Faults, u64),
    ) -> Result<Exporter, String> {
        let name = analyser.profile().name();
        let Some(habits) = analyser.profile().file() else {
            return Err(format!("{name} has no [file]: it exports no files"));
        };
        if faults.rate(Fault::CutFile) > 0 && habits.ends_with().is_empty() {
            let fault = Fault::CutFile;
            return Err(format!(
                "{fault}: no line ends the files of {name}: one that is cut off looks complete"
            ));
        }
        if !folder.is_dir() {
            return Err(format!("{} is not a folder", folder.display()));
        }
        let (rng, tally) = (Rng::with_seed(seed ^ 0x66_69_6C_65), Tally::default());
        Ok(Exporter { analyser, folder, tempo, faults, rng, tally, count: 0, last: None })
    }

    /// How often each fault happened so far.
    pub fn tally(&self) -> Tally {
        self.tally.clone()
    }

    /// Writes a file for each of these messages and waits until each is taken; returns those that
    /// were not, with the reason.
    pub async fn play(
        &mut self,
        messages: &[Vec<u8>],
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Vec<Failed> {
        let failed = |message, why| Failed { message, why, line_lost: false };
        let mut failures = Vec::new();
        let mut open = Vec::new();
        for (message, text) in messages.iter().enumerate() {
            match self.export(text).await {
                Ok(files) => open.push((message, files)),
                Err(why) => failures.push(failed(message, why)),
            }
        }
        for (message, files) in open {
            match self.all_taken(&files).await {
                Ok(()) => tell(Progress::Acknowledged(message)),
                Err(why) => failures.push(failed(message, why)),
            }
        }
        failures.sort_by_key(|failed| failed.message);
        failures
    }

    /// One file, or more where something goes wrong; those that must be taken.
    async fn export(&mut self, text: &[u8]) -> Result<Vec<Written>, String> {
        let content = self.whole(text)?;
        let kinds = [Fault::CutFile, Fault::HalfFile, Fault::FileTwice, Fault::SameName];
        let fault = self.faults.roll(&mut self.rng, &kinds);
        let again = self.last.clone().filter(|_| fault == Some(Fault::SameName));
        if fault.is_some_and(|fault| fault != Fault::SameName) || again.is_some() {
            fault.into_iter().for_each(|fault| self.tally.count(fault));
        }
        let half = content.len() / 2;
        let pause = match fault {
            Some(Fault::HalfFile) => HALF_FOR.min(self.habits()?.settle() / 2),
            _ => PIECE_PAUSE,
        };
        if fault == Some(Fault::CutFile) {
            let name = self.new_name()?;
            self.write(&name, content.get(..half).unwrap_or_default(), PIECE_PAUSE).await?;
        }
        let name = again.map_or_else(|| self.new_name(), Ok)?;
        let mut files = vec![self.write(&name, &content, pause).await?];
        if fault == Some(Fault::FileTwice) {
            let name = self.new_name()?;
            files.push(self.write(&name, &content, pause).await?);
        }
        self.last = Some(name);
        Ok(files)
    }

    fn habits(&self) -> Result<&FileHabits, String> {
        self.analyser.profile().file().ok_or_else(|| "no files are exported".to_owned())
    }

    /// The message with the line that ends its file.
    fn whole(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        let habits = self.habits()?;
        let mut content = text.to_vec();
        if let Some(mark) = habits.ends_with().first().filter(|_| habits.lacks(text).is_some()) {
            content.extend_from_slice(mark.as_bytes());
            content.extend_from_slice(b"\r\n");
        }
        Ok(content)
    }

    /// A name that no file has had here, where the analyser's names differ at all.
    fn new_name(&mut self) -> Result<String, String> {
        let mut before = None;
        loop {
            self.count += 1;
            let name = self.habits()?.example(self.count);
            let is_used = [".", "done", "refused"].map(|beside| self.folder.join(beside));
            let is_used = is_used.iter().any(|folder| folder.join(&name).exists());
            if !is_used || before.as_ref() == Some(&name) {
                return Ok(name);
            }
            before = Some(name);
        }
    }

    async fn write(&self, name: &str, content: &[u8], pause: Duration) -> Result<Written, String> {
        let path = self.folder.join(name);
        self.gone(&path).await.map_err(|why| format!("{name}: the one before {why}"))?;
        let refused_before = self.refused(name);
        self.grow(&path, content, pause).await.map_err(|error| format!("{name}: {error}"))?;
        Ok(Written { name: name.to_owned(), refused_before })
    }

    /// Piece by piece; the longest pause is in the middle.
    async fn grow(&self, path: &Path, content: &[u8], pause: Duration) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let length = content.len().div_ceil(PIECES).max(1);
        for (number, piece) in content.chunks(length).enumerate() {
            let pause = if number == PIECES / 2 { pause } else { PIECE_PAUSE };
            if number > 0 {
                self.tempo.sleep(pause).await;
            }
            file.write_all(piece)?;
        }
        file.sync_all()
    }

    async fn all_taken(&self, files: &[Written]) -> Result<(), String> {
        for Written { name, refused_before } in files {
            self.gone(&self.folder.join(name)).await.map_err(|why| format!("{name} {why}"))?;
            if self.refused(name) > *refused_before {
                return Err(format!("{name} was refused: read {name}.why.txt in refused"));
            }
        }
        Ok(())
    }

    /// Waits until a file was taken, in the host's time.
    async fn gone(&self, path: &Path) -> Result<(), String> {
        let patience = self.habits()?.settle() + TAKEN_WITHIN;
        let gone = async {
            while path.exists() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let waited = tokio::time::timeout(patience, gone).await;
        waited.map_err(|_| format!("was not taken within {} s", patience.as_secs()))
    }

    /// How many files of this name were refused so far, where the host tells it beside them.
    fn refused(&self, name: &str) -> usize {
        let Ok(entries) = fs::read_dir(self.folder.join("refused")) else { return 0 };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let is_why = |own: &String| own.starts_with(name) && own.ends_with(limits::WHY_ENDING);
        names.filter(is_why).count()
    }
}
