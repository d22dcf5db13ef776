//! `hemogate tap`: what passed over an analyser's line lately, both ways, timed; and what passes
//! from now on.
//!
//! What it prints may hold donors' identity: it goes to standard output and nowhere else.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use super::ask::{Daemon, Unanswered, path_piece};
use super::say::complain;
use super::{USED_WRONGLY, status};
use crate::config::HTTP_LISTEN;
use crate::limits;
use crate::shape::{PieceShape, TrafficShape};

/// Arguments of `hemogate tap`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line: UTC, milliseconds since the line before, connection, direction (<- from the analyser,
-> to it, -- neither), bytes with control characters named. What is shown may hold donors'
identity.

Exit status: 0 shown, 1 no daemon there, 2 no such analyser.")]
pub struct Args {
    /// Analyser id
    #[arg(value_name = "ANALYSER")]
    analyser: String,
    /// Where the daemon's HTTP listens
    #[arg(long, value_name = "HOST:PORT", default_value_t = HTTP_LISTEN.to_string())]
    http: String,
    /// Show the bytes in hexadecimal too
    #[arg(long)]
    hex: bool,
    /// Go on until interrupted, over restarts of the daemon
    #[arg(long)]
    follow: bool,
}

/// Seconds of one long poll.
const POLL_SECONDS: u32 = 20;
/// Pause before a daemon that is away is asked again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// Bytes on one line of a hexadecimal dump.
const HEX_LINE: usize = 32;

/// Runs `hemogate tap`.
pub fn run(args: &Args) -> ExitCode {
    let mut tap = Tap::new(args);
    match tap.show_what_is_there() {
        Ok(()) if args.follow => tap.follow(),
        Ok(()) | Err(Ended::ReaderGone) => status(Ok(true)),
        Err(ended) => ended.told(),
    }
}

/// Why nothing more is shown.
enum Ended {
    /// Whoever read our output has seen enough.
    ReaderGone,
    Unanswered(Unanswered),
}

struct Tap<'a> {
    args: &'a Args,
    daemon: Daemon,
    /// Number of the last piece shown.
    next: Option<u64>,
    running_since: String,
    last_ms: Option<u64>,
}

impl<'a> Tap<'a> {
    fn new(args: &'a Args) -> Tap<'a> {
        let daemon = Daemon::at(&args.http);
        Tap { args, daemon, next: None, running_since: String::new(), last_ms: None }
    }

    fn show_what_is_there(&mut self) -> Result<(), Ended> {
        loop {
            let page = self.page(0)?;
            let (shown, head) = (page.next, page.head);
            self.show(page)?;
            if shown >= head {
                return Ok(());
            }
        }
    }

    /// Goes on until the reader is gone or the analyser is.
    fn follow(&mut self) -> ExitCode {
        let mut is_away = false;
        loop {
            match self.page(POLL_SECONDS).and_then(|page| self.show(page)) {
                Ok(()) => is_away = false,
                Err(Ended::Unanswered(Unanswered::Away(words))) => {
                    if !is_away {
                        complain(&format!("{words}\nasking again until it answers"));
                    }
                    is_away = true;
                    std::thread::sleep(RETRY_PAUSE);
                }
                Err(ended) => return ended.told(),
            }
        }
    }

    fn page(&self, wait: u32) -> Result<TrafficShape, Ended> {
        let analyser = path_piece(&self.args.analyser);
        let limit = limits::TRAFFIC_PIECES_MAX;
        let mut path = format!("/api/v1/links/{analyser}/traffic?limit={limit}&wait={wait}");
        if let Some(next) = self.next {
            path += &format!("&after={next}");
        }
        self.daemon.get(&path).map_err(Ended::Unanswered)
    }

    fn show(&mut self, page: TrafficShape) -> Result<(), Ended> {
        let mut out = io::stdout().lock();
        let shown = self.write(&mut out, page).and_then(|()| out.flush());
        shown.map_err(|_| Ended::ReaderGone)
    }

    fn write(&mut self, out: &mut impl Write, page: TrafficShape) -> io::Result<()> {
        if !self.running_since.is_empty() && self.running_since != page.running_since {
            // Its numbers begin anew, and this page was asked for with an old one.
            writeln!(out, "-- the daemon was started again at {}", page.running_since)?;
            self.running_since = page.running_since;
            (self.next, self.last_ms) = (Some(0), None);
            return Ok(());
        }
        self.running_since = page.running_since;
        if page.missed > 0 {
            writeln!(out, "-- {} pieces are missing here: too many at once", page.missed)?;
        }
        for piece in &page.pieces {
            self.write_piece(out, piece)?;
        }
        self.next = Some(page.next);
        Ok(())
    }

    fn write_piece(&mut self, out: &mut impl Write, piece: &PieceShape) -> io::Result<()> {
        let before = self.last_ms.replace(piece.monotonic_ms);
        let since = before.map_or(0, |before| piece.monotonic_ms.saturating_sub(before));
        let (arrow, word) = match piece.kind.as_str() {
            "received" => ("<-", String::new()),
            "sent" => ("->", String::new()),
            kind => ("--", format!("{kind}: ")),
        };
        let PieceShape { at, connection, text, .. } = piece;
        let shown = piece.hex.len() / 2;
        let cut = if !piece.hex.is_empty() && shown < piece.length {
            format!(" ... ({shown} of {} bytes)", piece.length)
        } else {
            String::new()
        };
        writeln!(out, "{at:<27} {since:>+7} ms  c{connection:<3} {arrow} {word}{text}{cut}")?;
        if self.args.hex {
            write_hex(out, &piece.hex)?;
        }
        Ok(())
    }
}

fn write_hex(out: &mut impl Write, hex: &str) -> io::Result<()> {
    let pairs: Vec<_> = hex.as_bytes().chunks(2).map(String::from_utf8_lossy).collect();
    for line in pairs.chunks(HEX_LINE) {
        writeln!(out, "        {}", line.join(" "))?;
    }
    Ok(())
}

impl Ended {
    fn told(&self) -> ExitCode {
        match self {
            Ended::ReaderGone => status(Ok(true)),
            Ended::Unanswered(Unanswered::Refused(refusal)) => {
                complain(&refusal.words);
                ExitCode::from(USED_WRONGLY)
            }
            Ended::Unanswered(Unanswered::Away(words)) => status(Err(words.clone())),
        }
    }
}
