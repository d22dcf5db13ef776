//! `hemogate simulate`: plays an analyser's part towards a daemon, over TCP, over a serial line or
//! into a folder of files, and has it go wrong where a rehearsal wants that.

mod asking;
mod played;
mod report;
mod way;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use fastrand::Rng;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use self::report::{Report, counted};
use self::way::{Place, Way, listening_place, place};
use super::say::{complain, say};
use super::{USED_WRONGLY, donation_count, status};
use crate::clock;
use crate::limits;
use crate::simulator::{
    Asker, Exporter, Failed, Fault, Faults, Instrument, Mishap, Morning, Played, Progress, Setup,
    Tempo, Wire, donation_numbers, parse_fault,
};

pub(super) use self::way::dial;

/// Arguments of `hemogate simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hemogate simulate --profile mindray-bs --connect tcp:localhost:4002
  hemogate simulate --profile roche-cobas-e601 --connect serial:/dev/ttyUSB0 --pace 9600
  hemogate simulate --profile abbott-architect --connect tcp:localhost:4003 \\
      --fault bad-checksum=20 --fault lost-ack=1% --haste 10
  hemogate simulate --profile roche-cobas-e601 --connect tcp:localhost:4001 --query
  hemogate simulate --profile roche-cobas-e601 --connect tcp:localhost:4001 --script day.toml
  hemogate simulate --profile procleix-nat2-export --connect folder:/srv/drop/nat2
  hemogate simulate --fault list

Exit status: 0 everything was acknowledged, 1 something was not, 2 used wrongly.")]
pub struct Args {
    /// Profile of the analyser to play: one that ships (`hemogate profile list`), or a file that
    /// says in [upload] how its analyser sends
    #[arg(long, value_name = "NAME|FILE", required_unless_present = "faults")]
    profile: Option<String>,
    /// Where the daemon is: tcp:HOST:PORT or serial:PATH; or the folder that it looks into:
    /// folder:PATH
    #[arg(long, value_name = "LINE", value_parser = place, conflicts_with = "listen",
          required_unless_present_any = ["listen", "faults"])]
    connect: Option<Place>,
    /// Where the daemon is to call: tcp:HOST:PORT
    #[arg(long, value_name = "LINE", value_parser = listening_place)]
    listen: Option<String>,
    /// How many donations, or a file with one donation number a line
    #[arg(long, value_name = "FILE|N", default_value = "20", value_parser = donations)]
    donations: Donations,
    /// Seed of the results and of the faults: the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// A fault, and how often it happens: in 1000, or with % in 100; `list` names them all
    #[arg(long = "fault", value_name = "NAME=RATE", value_parser = fault)]
    faults: Vec<FaultArg>,
    /// Ask the host what to do with each tube, and run what it orders and nothing else
    #[arg(long)]
    query: bool,
    /// Follow a script (TOML): questions, results, waits, refusals, faults and what is expected
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    script: Option<PathBuf>,
    /// Bits per second that a serial line is set to
    #[arg(long, value_name = "BAUD", default_value_t = 9_600)]
    baud: u32,
    /// Send and hear at this true pace, 10 bits a character, whatever the line could do
    #[arg(long, value_name = "BAUD", value_parser = pace)]
    pace: Option<u32>,
    /// Let the analyser's clock run so many times as fast (1 to 100): nobody waits 15 s for a
    /// reply in a rehearsal
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = haste)]
    haste: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Donations {
    Count(usize),
    File(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FaultArg {
    List,
    Rate(Fault, u16),
}

/// Runs `hemogate simulate`: exit status 0 when everything was acknowledged.
pub fn run(args: &Args) -> ExitCode {
    if args.faults.contains(&FaultArg::List) {
        list_faults();
        return ExitCode::SUCCESS;
    }
    let (played, faults) = match wanted(args) {
        Ok(wanted) => wanted,
        Err(why) => {
            complain(&format!("error: {why}"));
            return ExitCode::from(USED_WRONGLY);
        }
    };
    let outcome = numbers(args).and_then(|numbers| {
        let morning = Morning::at_one_analyser(played.clone(), args.seed, numbers);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(play(args, played, faults, morning))
    });
    status(outcome.map(|failures| {
        if !failures.is_empty() {
            complain(&format!("{} not as it must be:", counted(failures.len(), "thing")));
            failures.iter().for_each(|failure| complain(&format!("  {failure}")));
        }
        failures.is_empty()
    }))
}

/// What no single argument can tell: whether they go together.
fn wanted(args: &Args) -> Result<(Played, Faults), String> {
    let Some(name) = &args.profile else { return Err("--profile is missing".to_owned()) };
    let played = played::named(name)?;
    if args.connect.is_none() && args.listen.is_none() {
        return Err("--connect or --listen is missing".to_owned());
    }
    if (args.query || args.script.is_some()) && !played.asks() {
        return Err(format!(
            "{} does not ask what to do with a tube here: leave out --query and --script",
            played.name()
        ));
    }
    let wire = wire(args, &played)?;
    let mut faults = Faults::default();
    for arg in &args.faults {
        match arg {
            FaultArg::List => {}
            FaultArg::Rate(fault, rate) => faults.set(*fault, *rate),
        }
    }
    let is_serial = matches!(args.connect, Some(Place::Serial(_)));
    for fault in faults.switched_on() {
        if fault == Fault::DroppedFlag && !played.has_flags() {
            return Err(format!(
                "{fault}: no flag of {} is known that means nothing",
                played.name()
            ));
        }
        if !fault.is_possible_on(wire) {
            return Err(format!(
                "{fault}: {} has no such thing on its line ({})",
                played.name(),
                on_the_line(wire)
            ));
        }
        let scene = fault.scene();
        let asks = args.query || args.script.is_some();
        if fault.needs_questions() && !asks {
            return Err(format!("{fault}: only an analyser that asks has it: add --query"));
        }
        if asks && !scene.is_line() && !fault.needs_questions() {
            return Err(format!(
                "{fault}: of {}; it can't be had with --query or --script",
                scene.of_what()
            ));
        }
        if is_serial && fault.needs_a_network() {
            return Err(format!("{fault}: a serial line has no connection that could be lost"));
        }
    }
    Ok((played, faults))
}

/// What carries the messages there; an analyser that exports files has no line.
fn wire(args: &Args, played: &Played) -> Result<Wire, String> {
    let name = played.name();
    let exports = played.analyser().is_some_and(|own| own.profile().file().is_some());
    match (&args.connect, played.wire()) {
        (Some(Place::Folder(_)), _) if !exports => {
            Err(format!("{name} exports no files: its profile has no [file]"))
        }
        (Some(Place::Folder(_)), _) if args.query || args.script.is_some() => {
            Err(format!("{name} cannot ask in a folder: leave out --query and --script"))
        }
        (Some(Place::Folder(_)), _) => Ok(Wire::Files),
        (Some(Place::Tcp(_) | Place::Serial(_)) | None, Wire::Files) => {
            Err(format!("{name} exports files and has no line: write --connect folder:PATH"))
        }
        (Some(Place::Tcp(_) | Place::Serial(_)) | None, wire) => Ok(wire),
    }
}

const fn on_the_line(wire: Wire) -> &'static str {
    match wire {
        Wire::Lis01 => "LIS02 records in LIS01 frames",
        Wire::Records => "LIS02 records without frames, which nobody answers",
        Wire::Mllp => "HL7 in MLLP blocks, which have neither checksum nor frames",
        Wire::Files => "files in a folder",
        Wire::Blocks(_) => "texts of one block each, answered with a byte or a text",
    }
}

fn list_faults() {
    for fault in Fault::ALL {
        let of = fault.scene().of_what();
        say(&format!("{:<15} {} (rate: of {of})", fault.name(), fault.what()));
    }
}

/// Plays the morning; returns what was not acknowledged.
async fn play(
    args: &Args,
    played: Played,
    faults: Faults,
    mut morning: Morning,
) -> Result<Vec<String>, String> {
    let tempo = Tempo::hasty(clock::moment, args.haste);
    if let Some(Place::Folder(folder)) = &args.connect {
        return export(folder, &played, (tempo, faults, args.seed), morning).await;
    }
    let mut way = way(args).await?;
    let setup = Setup {
        model: played.clone(),
        tempo,
        faults: faults.clone(),
        seed: args.seed,
        baud: args.pace,
        faults_change: args.script.is_some(),
    };
    let open = async move || way.open().await;
    let named = args.connect.as_ref().map_or("the line".to_owned(), name);
    let refused = |error| format!("{named}: {error}");
    if let Some(path) = &args.script {
        let file = path.display().to_string();
        let script = asking::script(&file, path, &played)?;
        let mut asker = Asker::new(setup, &morning, open);
        asker.connect().await.map_err(refused)?;
        return Ok(asking::follow(asker, &script).await);
    }
    if args.query {
        let mut asker = Asker::new(setup, &morning, open);
        asker.connect().await.map_err(refused)?;
        return Ok(asking::run(asker, &played, &morning).await);
    }
    let mut instrument = Instrument::new(setup, open);
    let mishaps = morning.befall(&faults, args.seed, &instrument.tally());
    instrument.connect().await.map_err(refused)?;
    let report = Report::new(&played, &morning, instrument.tally());
    let send = async |messages: &[Vec<u8>], tell: Tell<'_>| instrument.play(messages, tell).await;
    let failures = run_racks(send, report, &morning, &mishaps).await;
    instrument.hang_up().await;
    Ok(failures)
}

/// Into a folder; returns what was not taken.
async fn export(
    folder: &Path,
    played: &Played,
    (tempo, faults, seed): (Tempo, Faults, u64),
    mut morning: Morning,
) -> Result<Vec<String>, String> {
    let Some(analyser) = played.analyser() else { return Err("it exports no files".to_owned()) };
    let folder = folder.to_path_buf();
    let mut exporter = Exporter::new(Arc::clone(analyser), folder, (tempo, faults.clone(), seed))?;
    let mishaps = morning.befall(&faults, seed, &exporter.tally());
    let report = Report::of_files(played, &morning, exporter.tally());
    let send = async |messages: &[Vec<u8>], tell: Tell<'_>| exporter.play(messages, tell).await;
    Ok(run_racks(send, report, &morning, &mishaps).await)
}

/// Who is told how it goes.
type Tell<'t> = &'t mut (dyn FnMut(Progress) + Send);

async fn run_racks(
    mut send: impl AsyncFnMut(&[Vec<u8>], Tell<'_>) -> Vec<Failed>,
    report: Report,
    morning: &Morning,
    mishaps: &[Mishap],
) -> Vec<String> {
    let mut failures = Vec::new();
    for session in morning.sessions() {
        let mut tell = |progress| report.progress(session, progress);
        let failed = send(&session.messages, &mut tell).await;
        report.session(session, failed.len());
        failures.extend(failed.into_iter().map(|failed| {
            format!("rack {}, message {}: {}", session.load.rack, failed.message + 1, failed.why)
        }));
    }
    report.end(failures.len(), mishaps);
    failures
}

async fn way(args: &Args) -> Result<Way, String> {
    match (&args.listen, &args.connect) {
        (Some(address), _) => {
            let listener = TcpListener::bind(address.as_str()).await;
            let listener = listener.map_err(|error| format!("{address}: {error}"))?;
            let local = listener.local_addr().map_or(address.clone(), |local| local.to_string());
            say(&format!("waiting for a call at tcp:{local}"));
            Ok(Way::Listen(listener))
        }
        (None, Some(Place::Tcp(peer))) => Ok(Way::Dial(peer.clone())),
        (None, Some(Place::Serial(path))) => Ok(Way::Serial(path.clone(), args.baud)),
        (None, Some(Place::Folder(path))) => {
            Err(format!("{} is a folder and no line", path.display()))
        }
        (None, None) => Err("--connect or --listen is missing".to_owned()),
    }
}

fn name(place: &Place) -> String {
    match place {
        Place::Tcp(name) | Place::Serial(name) => name.clone(),
        Place::Folder(path) => path.display().to_string(),
    }
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

fn donations(text: &str) -> Result<Donations, String> {
    match text.parse::<usize>() {
        Ok(_) => donation_count(text).map(Donations::Count),
        Err(_) => Ok(Donations::File(PathBuf::from(text))),
    }
}

fn fault(text: &str) -> Result<FaultArg, String> {
    match text {
        "list" => Ok(FaultArg::List),
        text => parse_fault(text).map(|(fault, rate)| FaultArg::Rate(fault, rate)),
    }
}

fn haste(text: &str) -> Result<u32, String> {
    bounded(text, 1, limits::HASTE_MAX)
}

fn pace(text: &str) -> Result<u32, String> {
    bounded(text, limits::BAUD_MIN, limits::BAUD_MAX)
}

fn bounded(text: &str, least: u32, most: u32) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(format!("a number from {least} to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn donations_are_a_count_within_bounds_or_a_file() {
        assert_eq!(donations("20"), Ok(Donations::Count(20)));
        assert!(donations("0").is_err());
        assert_eq!(donations("dins.txt"), Ok(Donations::File(PathBuf::from("dins.txt"))));
    }

    #[test]
    fn haste_and_pace_have_bounds() {
        let most = limits::HASTE_MAX;
        assert_eq!(haste("1"), Ok(1));
        assert_eq!(haste(&most.to_string()), Ok(most));
        assert!(haste("0").is_err() && haste(&(most + 1).to_string()).is_err());
        let (least, most) = (limits::BAUD_MIN, limits::BAUD_MAX);
        assert_eq!(pace(&least.to_string()), Ok(least));
        assert_eq!(pace(&most.to_string()), Ok(most));
        assert!(pace(&(least - 1).to_string()).is_err() && pace(&(most + 1).to_string()).is_err());
    }
}
