//! An analyser at its line for a whole morning: opens the line, plays its sessions, and opens it
//! again when it was lost.
//!
//! Refuses to forget: a message that was not acknowledged before the line was lost is sent again
//! on the next one, and what nobody ever acknowledged is named in the end.

use std::io;
use std::time::Duration;

use super::cable::{Laid, SharedFaults, lay};
use super::{Failed, Faults, Line, Opened, Paced, Played, Player, Progress, Tally, Tempo};
use crate::limits;

/// How an analyser is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who is played.
    pub model: Played,
    /// Its time.
    pub tempo: Tempo,
    /// What goes wrong on its line.
    pub faults: Faults,
    /// Decides when.
    pub seed: u64,
    /// Faults may be switched on while the line is open.
    pub faults_change: bool,
    /// A true baud pace.
    pub baud: Option<u32>,
}

/// An analyser that sends what it has.
pub struct Instrument<D> {
    opener: Opener<D>,
    player: Option<Player<Line>>,
}

/// Opens one line after the other, each paced and with its faults.
pub(super) struct Opener<D> {
    pub setup: Setup,
    open: D,
    pub tally: Tally,
    /// What is wrong with the lines from now on; every cable looks here.
    shared: SharedFaults,
    laid: Vec<Laid>,
    lines: u64,
}

/// Pause before a lost line is opened again, times the attempt.
pub(super) const REDIAL_PAUSE: Duration = Duration::from_millis(200);
/// Seeds of one analyser's lines lie so far apart.
const SEED_STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl<D: AsyncFnMut() -> io::Result<Opened>> Opener<D> {
    pub fn new(setup: Setup, open: D) -> Opener<D> {
        let shared = SharedFaults::new(setup.faults.clone());
        Opener { setup, open, tally: Tally::default(), shared, laid: Vec::new(), lines: 0 }
    }

    /// A line that was just opened.
    pub async fn line(&mut self) -> io::Result<Line> {
        let Opened { line, socket } = (self.open)().await?;
        self.lines += 1;
        let line: Line = match self.setup.baud {
            Some(baud) => Box::new(Paced::new(line, baud, self.setup.tempo)),
            None => line,
        };
        if !self.setup.faults.touch_the_line() && !self.setup.faults_change {
            return Ok(line);
        }
        let seed = self.setup.seed.wrapping_add(self.lines.wrapping_mul(SEED_STEP));
        let (faults, tally) = (self.shared.clone(), self.tally.clone());
        let wire = self.setup.model.wire();
        let (line, laid) =
            lay(Opened { line, socket }, wire, faults, seed, tally, self.setup.tempo);
        self.laid.push(laid);
        Ok(line)
    }

    /// What was changed in the setup holds for the open line too.
    pub fn share_faults(&self) {
        self.shared.set(self.setup.faults.clone());
    }

    /// Waits until everything has gone.
    pub async fn close(self) {
        for laid in self.laid {
            laid.take_up().await;
        }
    }
}

impl<D: AsyncFnMut() -> io::Result<Opened>> Instrument<D> {
    /// An analyser that opens its line with this.
    pub fn new(setup: Setup, open: D) -> Instrument<D> {
        Instrument { opener: Opener::new(setup, open), player: None }
    }

    /// How often each fault happened so far.
    pub fn tally(&self) -> Tally {
        self.opener.tally.clone()
    }

    /// Opens the line if it is not open.
    ///
    /// # Errors
    /// Why it can't be opened.
    pub async fn connect(&mut self) -> io::Result<()> {
        if self.player.is_none() {
            let line = self.opener.line().await?;
            let Setup { model, tempo, .. } = &self.opener.setup;
            self.player = Some(Player::in_time(model.clone(), line, *tempo));
        }
        Ok(())
    }

    /// Sends these messages in order and returns what was not acknowledged, on this line or the
    /// next ones: the line is opened again as long as that brings anything, and so often besides
    /// (`limits::SEND_ATTEMPTS_MAX`).
    pub async fn play(
        &mut self,
        messages: &[Vec<u8>],
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Vec<Failed> {
        let mut failed = Vec::new();
        let mut waiting: Vec<usize> = (0..messages.len()).collect();
        let mut fruitless = 0;
        while !waiting.is_empty() {
            let lost = self.play_on_one_line(messages, &waiting, tell, &mut failed).await;
            fruitless = if lost.len() < waiting.len() { 0 } else { fruitless + 1 };
            if fruitless >= limits::SEND_ATTEMPTS_MAX {
                failed.extend(lost);
                break;
            }
            waiting = lost.iter().map(|failed| failed.message).collect();
            if let Some(Failed { why, .. }) = lost.into_iter().next() {
                tell(Progress::LineLost { why });
                self.opener.setup.tempo.sleep(REDIAL_PAUSE * (fruitless + 1)).await;
            }
        }
        failed.sort_by_key(|failed| failed.message);
        failed
    }

    /// Returns what was lost with the line; what failed otherwise is added to `failed`.
    async fn play_on_one_line(
        &mut self,
        messages: &[Vec<u8>],
        waiting: &[usize],
        tell: &mut (dyn FnMut(Progress) + Send),
        failed: &mut Vec<Failed>,
    ) -> Vec<Failed> {
        let place = |message: usize| waiting.get(message).copied().unwrap_or(message);
        let batch: Vec<Vec<u8>> =
            waiting.iter().filter_map(|message| messages.get(*message).cloned()).collect();
        let all_lost = |why: String| {
            let lost =
                |message: &usize| Failed { message: *message, why: why.clone(), line_lost: true };
            waiting.iter().map(lost).collect()
        };
        if let Err(error) = self.connect().await {
            return all_lost(format!("the line can't be opened: {error}"));
        }
        let Some(player) = &mut self.player else { return all_lost("no line".to_owned()) };
        let mut tell = |progress| tell(in_place(progress, place));
        let (lost, refused): (Vec<Failed>, Vec<Failed>) = player
            .play(&batch, &mut tell)
            .await
            .into_iter()
            .map(|failed| Failed { message: place(failed.message), ..failed })
            .partition(|failed| failed.line_lost);
        failed.extend(refused);
        if !lost.is_empty() {
            self.player = None;
        }
        lost
    }

    /// Closes the line when everything has gone.
    pub async fn hang_up(mut self) {
        self.player = None;
        self.opener.close().await;
    }
}

/// The same, by the number that the message has in the whole session.
fn in_place(progress: Progress, place: impl Fn(usize) -> usize) -> Progress {
    match progress {
        Progress::Acknowledged(message) => Progress::Acknowledged(place(message)),
        Progress::SentAgain { message, attempt, why } => {
            Progress::SentAgain { message: place(message), attempt, why }
        }
        Progress::Ordered(_) | Progress::LineLost { .. } => progress,
    }
}
