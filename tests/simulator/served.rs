//! Every analyser that ships, played from its profile on one bench towards the real daemon: over
//! sockets, pseudo-terminals and folders. What each means is what is on record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use hemogate::analyser::{
    Analyser, LineKind, Meant, MeantOutcome, MeantResult, MeantSpecimen, Stamp, shipped,
    shipped_names,
};
use hemogate::clock;
use hemogate::domain::{Assay, Reading, SpecimenKind};
use hemogate::simulator::{
    Asker, Exporter, Faults, Line, Morning, Opened, Played, Player, Setup, Tempo, Turn, Wire,
    donation_numbers,
};
use jiff::civil::datetime;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use tokio_serial::{SerialPort, SerialStream};

use crate::bench::registration;
use crate::profiled::analyser;
use crate::support::process::{Daemon, write_config_text};

const DONORS: usize = 5;
/// Tubes at an analyser that asks.
const TUBES: usize = 2;
const REACTIVE: usize = 1;
const FAILED: usize = 3;
const STAMP: Stamp = Stamp { time: Timestamp::constant(1_767_614_400, 0), serial: 7 };
/// Longest wait for a result that nobody acknowledges; only a failing test takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// An analyser, what it means to tell, and where.
struct Post {
    name: &'static str,
    analyser: Arc<Analyser>,
    meant: Meant,
    way: Way,
}

enum Way {
    Socket,
    /// Both ends: the daemon opens the other by its name.
    Terminal(SerialStream, SerialStream),
    Folder(PathBuf),
}

impl Way {
    fn of(name: &str, analyser: &Arc<Analyser>, folder: &TempDir) -> Way {
        let played = Played::profiled(Arc::clone(analyser)).unwrap();
        if played.wire() == Wire::Files {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            return Way::Folder(path);
        }
        match analyser.profile().line().kind {
            Some(LineKind::Serial) => {
                let (ours, theirs) = SerialStream::pair().unwrap();
                Way::Terminal(ours, theirs)
            }
            _ => Way::Socket,
        }
    }

    fn table(&self, name: &str) -> String {
        let line = match self {
            Way::Socket => "tcp_listen = \"127.0.0.1:0\"".to_owned(),
            Way::Terminal(_, theirs) => format!("serial = \"{}\"", theirs.name().unwrap()),
            Way::Folder(path) => format!("folder = {path:?}\npoll_s = 1"),
        };
        format!("[[analyser]]\nid = \"{name}\"\nprofile = \"{name}\"\n{line}\n")
    }
}

fn outcome(analyser: &Analyser, own: &[MeantOutcome], donor: usize) -> MeantOutcome {
    assert!(!own.is_empty(), "{}", analyser.profile().name());
    let is_reactive =
        |own: &&MeantOutcome| matches!(own, MeantOutcome::Reading(Reading::Reactive, _));
    match donor {
        REACTIVE => *own.iter().find(is_reactive).unwrap_or(&own[1 % own.len()]),
        FAILED => MeantOutcome::Failed,
        _ => own[0],
    }
}

/// A rack: a control, then donors one of whom is reactive and one got no result.
fn rack(analyser: &Analyser, dins: &[String]) -> Meant {
    let results = |donor: usize| {
        let result = |(number, assay): (i64, Assay)| MeantResult {
            assay,
            outcome: outcome(analyser, &analyser.outcomes(assay), donor),
            completed: datetime(2026, 1, 5, 8, 0, 0, 0)
                .saturating_add((donor as i64 * 60 + number).seconds()),
            replicate: Some("1".to_owned()),
            lot: Some("LOT26A".to_owned()),
            operator: Some("OPER01".to_owned()),
            wording: donor,
        };
        (0..).zip(analyser.reports()).map(result).collect()
    };
    let tube = |(donor, id, kind)| {
        let (rack, position) = analyser.place_sent(5, donor as u32 + 2);
        let (rack, position) = (Some(rack), Some(position));
        MeantSpecimen { id, kind, rack, position, results: results(donor) }
    };
    let control = std::iter::once((0, "QC-1".to_owned(), SpecimenKind::Control));
    let donors = dins.iter().cloned().enumerate();
    let donors = donors.map(|(donor, din)| (donor, din, SpecimenKind::Donor));
    Meant { specimens: control.chain(donors).map(tube).collect() }
}

/// Why files were refused.
fn refused(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("refused")).unwrap().map(|file| file.unwrap().path());
    files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Sends the rack, whatever the way.
async fn play(post: Post, daemon: Arc<Daemon>) {
    let messages = post.analyser.upload(&post.meant, STAMP).unwrap();
    let played = Played::profiled(Arc::clone(&post.analyser)).unwrap();
    let tempo = Tempo::real(clock::moment);
    // The daemon keeps the name of the other end open; so do we.
    let mut _theirs = None;
    let line: Line = match post.way {
        Way::Socket => {
            let stream = TcpStream::connect(daemon.address(post.name)).await.unwrap();
            stream.set_nodelay(true).unwrap();
            Box::new(stream)
        }
        Way::Terminal(ours, theirs) => {
            _theirs = Some(theirs);
            Box::new(ours)
        }
        Way::Folder(path) => {
            let place = path.clone();
            let setup = (tempo, Faults::default(), 1);
            let mut exporter = Exporter::new(Arc::clone(&post.analyser), path, setup).unwrap();
            let failed = exporter.play(&messages, &mut |_| {}).await;
            let why = failed.first().map(|_| refused(&place)).unwrap_or_default();
            assert_eq!(failed, [], "{}: {why:?}", post.name);
            return is_on_record(post.name, &post.meant, &daemon).await;
        }
    };
    let mut player = Player::in_time(played, line, tempo);
    let failed = player.play(&messages, &mut |_| {}).await;
    assert_eq!(failed, [], "{}", post.name);
    is_on_record(post.name, &post.meant, &daemon).await;
}

/// What each donor's tube meant is what the daemon has, once.
async fn is_on_record(name: &str, meant: &Meant, daemon: &Daemon) {
    let donors = meant.specimens.iter().filter(|tube| tube.kind == SpecimenKind::Donor);
    for (donor, tube) in donors.enumerate() {
        let deadline = clock::moment().plus(PATIENCE);
        let donation = loop {
            let donation = daemon.donation(&tube.id);
            let count = donation["observations"].as_array().unwrap().len();
            if count >= tube.results.len() {
                break donation;
            }
            assert!(clock::moment() < deadline, "{name}, donor {donor}: {count} results");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let about = format!("{name}, donor {donor}: {donation}");
        let observations = donation["observations"].as_array().unwrap();
        let meant: BTreeMap<_, _> =
            tube.results.iter().map(|result| (result.assay.id(), result)).collect();
        let read: BTreeMap<_, _> =
            observations.iter().map(|own| (own["assay"].as_str().unwrap(), own)).collect();
        assert_eq!(observations.len(), tube.results.len(), "{about}");
        assert!(meant.keys().eq(read.keys()), "{about}");
        for (assay, result) in meant {
            is_as_meant(result, read[assay], &about);
        }
        let is_clean = donor != REACTIVE && donor != FAILED;
        assert!(is_clean || donation["verdict"] != "releasable", "{about}");
    }
}

fn is_as_meant(meant: &MeantResult, read: &Value, about: &str) {
    let nothing = |list: &Value| list.as_array().unwrap().is_empty();
    let reading = read["reading"].as_str();
    match meant.outcome {
        MeantOutcome::Reading(meant, _) => assert_eq!(reading, Some(meant.id()), "{about}"),
        MeantOutcome::Quantity(meant) => {
            let meant: f64 = meant.to_string().parse().unwrap();
            assert_eq!(read["number"].as_f64(), Some(meant), "{about}");
        }
        MeantOutcome::Failed => {
            let says = reading.is_some_and(|reading| reading != "invalid");
            let says = says || reading.is_none() && !read["number"].is_null();
            let is_final = ["final", "corrected"].map(|id| read["status"] == id).contains(&true);
            let counts =
                says && is_final && nothing(&read["concerns"]) && nothing(&read["unaccounted"]);
            assert!(!counts, "a result that failed counts: {about}");
            return;
        }
    }
    assert_eq!(read["status"], "final", "{about}");
    assert!(nothing(&read["unaccounted"]) && nothing(&read["concerns"]), "{about}");
}

/// A donor's tubes at one analyser that asks: what is ordered is run, reported and on record.
async fn ask(post: Asking, daemon: Arc<Daemon>) {
    let Asking { name, analyser, way, dins } = post;
    let played = Played::profiled(Arc::clone(&analyser)).unwrap();
    let morning = Morning::at_one_analyser(played.clone(), 1, dins.clone());
    let tempo = Tempo::real(clock::moment);
    let faults = Faults::default();
    let setup = Setup { model: played, tempo, faults, seed: 1, baud: None, faults_change: false };
    let mut terminal = None;
    let mut _theirs = None;
    if let Way::Terminal(ours, theirs) = way {
        (terminal, _theirs) = (Some(ours), Some(theirs));
    }
    let address = terminal.is_none().then(|| daemon.address(name));
    let mut asker = Asker::new(setup, &morning, async || match address {
        Some(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Opened::plain(Box::new(stream)))
        }
        None => {
            let ours = terminal.take().ok_or(std::io::ErrorKind::NotConnected)?;
            Ok(Opened::plain(Box::new(ours)))
        }
    });
    let mut reported = 0;
    let mut turns = Vec::new();
    asker
        .run(&mut |turn| {
            if let Turn::Reported { results, .. } = &turn {
                reported += results;
            }
            turns.push(turn);
        })
        .await;
    let account = asker.hang_up().await;
    let about = format!("{name}: {}\n{turns:?}", account.line());
    assert_eq!(account.host_faults, [] as [String; 0], "{about}");
    assert_eq!(account.failures, [] as [String; 0], "{about}");
    assert_eq!((account.asked, account.late), (account.in_time, 0), "{about}");
    assert_eq!((account.refused, account.unasked), (0, 0), "{about}");
    assert_eq!(account.ordered, account.run, "{about}");
    assert!(account.without_work >= dins.len() as u64, "asked until all is done: {about}");
    // Nobody in China orders one virus of a nucleic acid test.
    let required = [
        Assay::Hbsag,
        Assay::AntiHcv,
        Assay::Hiv,
        Assay::Tp,
        Assay::Nat,
        Assay::Alt,
        Assay::Abo,
        Assay::Rhd,
    ];
    let is_wanted = required.iter().any(|assay| analyser.assays().contains(assay));
    assert_eq!(account.ordered > 0, is_wanted, "{about}");
    let deadline = clock::moment().plus(PATIENCE);
    let mut on_record = 0;
    while on_record != reported {
        let donations = dins.iter().map(|din| daemon.donation(din));
        on_record = donations.map(|own| own["observations"].as_array().unwrap().len()).sum();
        assert!(clock::moment() < deadline, "{on_record} of {reported} on record: {about}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

struct Asking {
    name: &'static str,
    analyser: Arc<Analyser>,
    way: Way,
    dins: Vec<String>,
}

#[tokio::test]
async fn every_shipped_analyser_that_asks_runs_exactly_what_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let all = shipped_names().map(|name| (name, analyser(name, shipped(name).unwrap())));
    let asking: Vec<_> = all.filter(|(_, analyser)| analyser.profile().asks_us()).collect();
    let numbers = donation_numbers(&mut Rng::with_seed(seed()), asking.len() * TUBES);
    let posts = asking.into_iter().zip(numbers.chunks(TUBES)).map(|((name, analyser), dins)| {
        assert!(analyser.asks(), "{name} asks, and [upload.question] does not say how");
        let way = Way::of(name, &analyser, &folder);
        Asking { name, analyser, way, dins: dins.to_vec() }
    });
    let posts: Vec<Asking> = posts.collect();
    assert!(posts.len() > 15, "{}", posts.len());
    let tables: String = posts.iter().map(|post| post.way.table(post.name)).collect();
    let config = write_config_text(folder.path(), &folder.path().join("test.db"), &tables);
    let daemon = Arc::new(Daemon::start(&config));
    numbers.iter().for_each(|din| daemon.register(&registration(din)));
    all_at_once(posts.into_iter().map(|post| ask(post, Arc::clone(&daemon)))).await;
}

/// Every failure is told, not only the first.
async fn all_at_once(tasks: impl Iterator<Item = impl Future<Output = ()> + 'static>) {
    let bench = LocalSet::new();
    let tasks: Vec<_> = tasks.map(|task| bench.spawn_local(task)).collect();
    bench.await;
    let mut told = Vec::new();
    for task in tasks {
        told.extend(task.await.err().map(|failed| failed.to_string()));
    }
    assert_eq!(told, Vec::<String>::new());
}

fn seed() -> u64 {
    std::env::var("HEMOGATE_SEED").map_or(1, |seed| seed.parse().unwrap())
}

#[tokio::test]
async fn every_shipped_analyser_on_one_bench_is_on_record_as_it_meant() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<&str> = shipped_names().collect();
    let numbers = donation_numbers(&mut Rng::with_seed(seed()), names.len() * DONORS);
    let posts: Vec<Post> = names
        .iter()
        .zip(numbers.chunks(DONORS))
        .map(|(name, dins)| {
            let analyser = analyser(name, shipped(name).unwrap());
            let (meant, way) = (rack(&analyser, dins), Way::of(name, &analyser, &folder));
            Post { name, analyser, meant, way }
        })
        .collect();
    let tables: String = posts.iter().map(|post| post.way.table(post.name)).collect();
    let config = write_config_text(folder.path(), &folder.path().join("test.db"), &tables);
    let daemon = Arc::new(Daemon::start(&config));
    numbers.iter().for_each(|din| daemon.register(&registration(din)));
    all_at_once(posts.into_iter().map(|post| play(post, Arc::clone(&daemon)))).await;
}
