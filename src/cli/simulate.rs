//! `hemogate simulate`: plays an analyser's part towards a daemon, over TCP or a serial line.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fastrand::Rng;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::runtime::Builder;
use tokio_serial::SerialStream;

use super::say::{complain, say};
use super::{donation_count, status};
use crate::clock;
use crate::simulator::{Line, Model, Morning, Player, Progress, Session, donation_numbers};

/// Arguments of `hemogate simulate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profile of the analyser to play: roche-cobas-e601, abbott-architect, snibe-maglumi,
    /// roche-cobas-6800, mindray-bs or ortho-vision
    #[arg(long, value_name = "NAME", value_parser = model)]
    profile: Model,
    /// Where the daemon is: tcp:HOST:PORT or serial:PATH
    #[arg(long, value_name = "LINE", value_parser = connection)]
    connect: Connection,
    /// How many donations, or a file with one donation number a line
    #[arg(long, value_name = "FILE|N", default_value = "20", value_parser = donations)]
    donations: Donations,
    /// Seed of the results: the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Bits per second of a serial line
    #[arg(long, value_name = "BAUD", default_value_t = 9_600)]
    baud: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Connection {
    Tcp(String),
    Serial(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Donations {
    Count(usize),
    File(PathBuf),
}

/// Runs `hemogate simulate`: exit status 0 when everything was acknowledged.
pub fn run(args: &Args) -> ExitCode {
    let played = numbers(args).and_then(|numbers| {
        let morning = Morning::at_one_analyser(args.profile, args.seed, numbers);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(play(args, &morning))
    });
    status(played.map(|failures| {
        if !failures.is_empty() {
            complain(&format!("{} messages were not acknowledged:", failures.len()));
            failures.iter().for_each(|failure| complain(&format!("  {failure}")));
        }
        failures.is_empty()
    }))
}

/// Plays the morning; returns what was not acknowledged.
async fn play(args: &Args, morning: &Morning) -> Result<Vec<String>, String> {
    let line = open(&args.connect, args.baud).await?;
    let mut player = Player::of(args.profile, line, clock::moment);
    let report = Report::new(args.profile, morning);
    let mut failures = Vec::new();
    for session in morning.sessions() {
        let mut tell = |progress| report.progress(session, progress);
        let failed = player.play(&session.messages, &mut tell).await;
        report.session(session, failed.len());
        failures.extend(failed.into_iter().map(|failed| {
            format!("rack {}, message {}: {}", session.load.rack, failed.message + 1, failed.why)
        }));
    }
    report.end(failures.len());
    Ok(failures)
}

async fn open(connection: &Connection, baud: u32) -> Result<Line, String> {
    match connection {
        Connection::Tcp(peer) => {
            dial(peer.as_str()).await.map_err(|error| format!("{peer}: {error}"))
        }
        Connection::Serial(path) => {
            let stream = SerialStream::open(&tokio_serial::new(path.as_str(), baud));
            Ok(Box::new(stream.map_err(|error| format!("{path}: {error}"))?))
        }
    }
}

/// The analyser's end of a TCP line. Its replies are small and awaited: each leaves at once.
pub(super) async fn dial(peer: impl ToSocketAddrs) -> io::Result<Line> {
    let stream = TcpStream::connect(peer).await?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

fn numbers(args: &Args) -> Result<Vec<String>, String> {
    match &args.donations {
        Donations::Count(count) => Ok(donation_numbers(&mut Rng::with_seed(args.seed), *count)),
        Donations::File(path) => read_numbers(path),
    }
}

/// One number a line; blank lines are nothing.
fn read_numbers(path: &Path) -> Result<Vec<String>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let numbers: Vec<String> = lines.map(str::to_owned).collect();
    if let Some(number) = numbers.iter().find(|n| !n.chars().all(|c| c.is_ascii_graphic())) {
        let path = path.display();
        return Err(format!("{path}: {number:?} is not a number that an analyser can send"));
    }
    if numbers.is_empty() {
        return Err(format!("{}: no donation number in it", path.display()));
    }
    Ok(numbers)
}

fn model(name: &str) -> Result<Model, String> {
    Model::from_profile(name).ok_or_else(|| {
        let known = Model::ALL.map(Model::profile);
        format!("no such analyser can be played; known are {}", known.join(", "))
    })
}

fn connection(text: &str) -> Result<Connection, String> {
    match text.split_once(':') {
        Some(("tcp", peer)) if peer.contains(':') => Ok(Connection::Tcp(peer.to_owned())),
        Some(("serial", path)) if !path.is_empty() => Ok(Connection::Serial(path.to_owned())),
        Some(_) | None => Err("write tcp:HOST:PORT or serial:PATH".to_owned()),
    }
}

fn donations(text: &str) -> Result<Donations, String> {
    match text.parse::<usize>() {
        Ok(_) => donation_count(text).map(Donations::Count),
        Err(_) => Ok(Donations::File(PathBuf::from(text))),
    }
}

/// Progress: a bar where standard error is a terminal, lines where it is not.
struct Report {
    bar: ProgressBar,
    total: usize,
}

impl Report {
    fn new(model: Model, morning: &Morning) -> Report {
        let total = morning.sessions().map(|session| session.messages.len()).sum();
        say(&format!(
            "{}: {} in {}, {}",
            model.profile(),
            counted(morning.donations.len(), "donation"),
            counted(morning.racks.len(), "rack"),
            counted(total, "message"),
        ));
        for (code, assay) in model.site_tests() {
            say(&format!("  test code {code} is {assay}: the configuration must name it"));
        }
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("[{bar:40}] {pos} of {len} acknowledged {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Report { bar, total }
    }

    fn progress(&self, session: &Session, progress: Progress) {
        match progress {
            Progress::Acknowledged(_) => self.bar.inc(1),
            Progress::SentAgain { message, attempt, why } => self.bar.suspend(|| {
                let rack = session.load.rack;
                complain(&format!(
                    "rack {rack}, message {}, attempt {attempt}: {why}",
                    message + 1
                ));
            }),
        }
    }

    fn session(&self, session: &Session, failed: usize) {
        if !self.bar.is_hidden() {
            return;
        }
        let again = if session.sent_before { " (sent before)" } else { "" };
        let messages = session.messages.len();
        say(&format!(
            "rack {}: {}, {} of {} acknowledged{again}",
            session.load.rack,
            counted(session.load.tubes.len(), "tube"),
            messages.saturating_sub(failed),
            counted(messages, "message"),
        ));
    }

    fn end(&self, failed: usize) {
        self.bar.finish_and_clear();
        let acknowledged = self.total.saturating_sub(failed);
        say(&format!("{acknowledged} of {} acknowledged", counted(self.total, "message")));
    }
}

/// A number of things, in the singular or the plural.
fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_named_by_kind() {
        assert_eq!(connection("tcp:lab:4001"), Ok(Connection::Tcp("lab:4001".to_owned())));
        assert_eq!(connection("tcp:[::1]:4001"), Ok(Connection::Tcp("[::1]:4001".to_owned())));
        let serial = Connection::Serial("/dev/ttyUSB0".to_owned());
        assert_eq!(connection("serial:/dev/ttyUSB0"), Ok(serial));
        for wrong in ["", "tcp:lab", "serial:", "udp:lab:1", "lab:4001"] {
            assert!(connection(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_thing_is_not_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "rack")), ["0 racks", "1 rack", "2 racks"]);
    }

    #[test]
    fn donations_are_a_count_within_bounds_or_a_file() {
        assert_eq!(donations("20"), Ok(Donations::Count(20)));
        assert!(donations("0").is_err());
        assert_eq!(donations("dins.txt"), Ok(Donations::File(PathBuf::from("dins.txt"))));
    }
}
