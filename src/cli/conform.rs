//! `hemogate conform`: plays analyser or host against any implementation and prints which clauses
//! of LIS01, LIS02, MLLP and IHE LAW it keeps, with the bytes of each that it does not.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio_serial::SerialStream;

use super::say::{complain, say};
use super::simulate::dial;
use super::status;
use crate::clock;
use crate::codec::readable;
use crate::conform::{Failure, Finding, Opener, Opening, Outcome, Plan, Suite, Way, run as play};
use crate::simulator::Line;

/// Arguments of `hemogate conform`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("line").required(true)))]
pub struct Args {
    /// Dial the implementation: tcp:HOST:PORT, or open serial:PATH
    #[arg(long, value_name = "LINE", group = "line", value_parser = place)]
    connect: Option<Place>,
    /// Wait for the implementation to dial us: tcp:HOST:PORT
    #[arg(long, value_name = "LINE", group = "line", value_parser = place)]
    listen: Option<Place>,
    /// What the implementation is
    #[arg(long, value_name = "ROLE")]
    peer: Peer,
    /// What it speaks: lis01 (with LIS02 records) or mllp (with HL7, IHE LAW)
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Protocol,
    /// A specimen id that the host has work for: for the cases in which it must send
    #[arg(long, value_name = "ID")]
    specimen: Option<String>,
    /// How this host expects a query, {specimen} where the id stands (one Q record; for HL7 one QPD
    /// segment, {tag} where the tag stands)
    #[arg(long, value_name = "RECORD")]
    query: Option<String>,
    /// A test that an analyser which asks runs, as it is to be ordered (LIS02: O.5, HL7: OBR-4):
    /// for the cases in which it must take orders
    #[arg(long, value_name = "TEST")]
    test: Option<String>,
    /// Play only the cases whose clause or demand contains this text, e.g. "T5" or "LAB-28"
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Leave out the cases that wait for a timer of the standard
    #[arg(long)]
    quick: bool,
    /// Seconds to wait for what no standard gives a time for
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = patience)]
    patience: u64,
    /// Bits per second of a serial line
    #[arg(long, value_name = "BAUD", default_value_t = 9_600)]
    baud: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Peer {
    /// A host: we play the analyser
    Host,
    /// An analyser: we play the host
    Analyser,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    /// LIS01-A2 (ASTM E1381) with LIS02-A2 records
    Lis01,
    /// MLLP with HL7 v2
    Mllp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Tcp(String),
    Serial(String),
}

/// Runs `hemogate conform`: exit status 0 when nothing failed.
pub fn run(args: &Args) -> ExitCode {
    let runtime = Builder::new_current_thread().enable_all().build();
    let played = runtime.map_err(|error| error.to_string());
    status(played.and_then(|runtime| runtime.block_on(conform(args))))
}

async fn conform(args: &Args) -> Result<bool, String> {
    let plan = plan(args);
    let mut opener = opener(args).await?;
    say(&format!("{:<20} {:<62} result", "clause", "what the implementation must do"));
    let findings = play(&plan, &mut opener, tell).await;
    let findings = findings.map_err(|error| format!("{}: {error}", opener.name()))?;
    Ok(summary(&findings))
}

fn plan(args: &Args) -> Plan {
    let suite = match (args.peer, args.protocol) {
        (Peer::Host, Protocol::Lis01) => Suite::Lis01Host,
        (Peer::Host, Protocol::Mllp) => Suite::MllpHost,
        (Peer::Analyser, Protocol::Lis01) => Suite::Lis01Analyser,
        (Peer::Analyser, Protocol::Mllp) => Suite::MllpAnalyser,
    };
    Plan {
        suite,
        specimen: args.specimen.clone(),
        query: args.query.clone(),
        test: args.test.clone(),
        only: args.only.clone(),
        quick: args.quick,
        patience: Duration::from_secs(args.patience),
        now: clock::moment,
    }
}

/// One row of the table, and below it what shows a failure.
fn tell(finding: &Finding) {
    let Finding { clause, outcome, took } = finding;
    let row = format!("{:<20} {:<62}", clause.source, clause.demand);
    match outcome {
        Outcome::Passed => say(&format!("{row} passed  {} ms", took.as_millis())),
        Outcome::Skipped(why) => say(&format!("{row} skipped ({why})")),
        Outcome::Failed(failure) => {
            say(&format!("{row} FAILED"));
            details(failure);
        }
    }
}

fn details(failure: &Failure) {
    say(&format!("    expected  {}", failure.expected));
    let got = if failure.got.is_empty() { "nothing".to_owned() } else { readable(&failure.got) };
    say(&format!("    got       {got}"));
    for (way, bytes) in &failure.transcript {
        let way = match way {
            Way::Sent => "we sent ",
            Way::Received => "it sent ",
        };
        say(&format!("    {way}  {}", readable(bytes)));
    }
}

fn summary(findings: &[Finding]) -> bool {
    let count = |wanted: fn(&Outcome) -> bool| {
        findings.iter().filter(|finding| wanted(&finding.outcome)).count()
    };
    let passed = count(|outcome| matches!(outcome, Outcome::Passed));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    say(&format!("{passed} passed, {failed} failed, {skipped} skipped"));
    if passed + failed == 0 {
        complain("nothing was tested");
    }
    failed == 0 && passed > 0
}

/// The way to the implementation.
enum Road {
    /// A connection for each case.
    Dial(String),
    /// One connection for as long as the peer keeps it.
    Listen(TcpListener, String),
    /// One line for all cases.
    Serial(String, u32),
}

async fn opener(args: &Args) -> Result<Road, String> {
    match (&args.connect, &args.listen) {
        (Some(Place::Tcp(peer)), _) => Ok(Road::Dial(peer.clone())),
        (Some(Place::Serial(path)), _) => Ok(Road::Serial(path.clone(), args.baud)),
        (None, Some(Place::Tcp(address))) => {
            let listener = TcpListener::bind(address.as_str()).await;
            let listener = listener.map_err(|error| format!("{address}: {error}"))?;
            if let Ok(address) = listener.local_addr() {
                complain(&format!("waiting for the implementation at {address}"));
            }
            Ok(Road::Listen(listener, address.clone()))
        }
        (None, Some(Place::Serial(_)) | None) => {
            Err("listen on tcp:HOST:PORT; a serial line is opened with --connect".to_owned())
        }
    }
}

impl Road {
    fn name(&self) -> &str {
        match self {
            Road::Dial(name) | Road::Listen(_, name) | Road::Serial(name, _) => name,
        }
    }
}

impl Opener for Road {
    fn open(&mut self) -> Opening<'_> {
        Box::pin(async {
            match self {
                Road::Dial(peer) => dial(peer.as_str()).await,
                Road::Listen(listener, _) => accept(listener).await,
                Road::Serial(path, baud) => {
                    let settings = tokio_serial::new(path.as_str(), *baud);
                    Ok(Box::new(SerialStream::open(&settings)?) as Line)
                }
            }
        })
    }

    fn keeps_line(&self) -> bool {
        matches!(self, Road::Listen(..) | Road::Serial(..))
    }

    fn is_serial(&self) -> bool {
        matches!(self, Road::Serial(..))
    }
}

async fn accept(listener: &TcpListener) -> io::Result<Line> {
    let (stream, _peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

fn patience(text: &str) -> Result<u64, String> {
    let seconds = text.parse().ok().filter(|seconds| (1..=600).contains(seconds));
    seconds.ok_or_else(|| "a number of seconds from 1 to 600".to_owned())
}

fn place(text: &str) -> Result<Place, String> {
    match text.split_once(':') {
        Some(("tcp", peer)) if peer.contains(':') => Ok(Place::Tcp(peer.to_owned())),
        Some(("serial", path)) if !path.is_empty() => Ok(Place::Serial(path.to_owned())),
        Some(_) | None => Err("write tcp:HOST:PORT or serial:PATH".to_owned()),
    }
}
