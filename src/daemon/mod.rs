//! Wires the rooms together: store, intake, sessions, HTTP. Starts, runs, stops.
//!
//! Refuses to start unless every address is ours and the store is proven whole: a daemon that
//! runs half would look alive while an analyser finds nobody. All addresses are bound before the
//! store is touched, so that a second daemon started by mistake never opens the first one's.

mod console;
mod doorway;
mod guard;
mod health;
mod http;
mod lots;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{AnalyserConfig, Config, JournalConfig, Transport};
use crate::console as pages;
use crate::console::{ConsoleState, Door, DoorPlan};
use crate::intake::{Intake, Sightings};
use crate::journal::{self, Journal};
use crate::people::Lifetimes;
use crate::rules::RuleSet;
use crate::rules::life::{State, Step, told};
use crate::session::{Claim, Session, Stop, StopOrder, Surroundings, stop_order};
use crate::store::{
    Admission, OpenError, Options, RuleStep, Shadow, StepOutcome, Store, StoreError, Which,
};
use crate::telemetry::Telemetry;
use crate::traffic::{Board, PostInfo};
use crate::{clock, limits};
use guard::Guard;
use health::Watching;
use lots::Lots;

/// A running daemon. Dropping it stops it without waiting; [`Daemon::shutdown`] waits.
#[derive(Debug)]
pub struct Daemon {
    http_addr: SocketAddr,
    console_addr: Option<SocketAddr>,
    analyser_addrs: BTreeMap<String, SocketAddr>,
    tasks: Tasks,
    sessions_order: StopOrder,
    http_order: StopOrder,
}

/// Everything that runs.
#[derive(Debug)]
struct Tasks {
    sessions: Vec<Session>,
    http: JoinHandle<()>,
    console: Option<JoinHandle<()>>,
    health: JoinHandle<()>,
}

/// Why a daemon did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Addresses that could not be bound, each with what to do.
    #[error("{}", .0.join("\n"))]
    Addresses(Vec<String>),
    /// The store was not opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The profiles could not be kept beside the messages.
    #[error("the profiles in use cannot be recorded: {0}")]
    Profiles(#[from] StoreError),
    /// Who has an account cannot be read.
    #[error("the accounts of the console cannot be read: {0}")]
    Accounts(StoreError),
    /// The wire journal cannot be kept.
    #[error(transparent)]
    Journal(#[from] journal::OpenError),
    /// The system refused a thread.
    #[error("the system refused a thread: {0}")]
    Thread(String),
}

/// Everything claimed before anything runs.
struct Places {
    http: TcpListener,
    http_addr: SocketAddr,
    console: Option<(TcpListener, SocketAddr)>,
    lines: Vec<(AnalyserConfig, Claim)>,
}

/// One analyser, ready to be attended.
struct Desk {
    config: AnalyserConfig,
    intake: Intake,
    claim: Claim,
}

/// The runtime of the daemon: few threads, named, with modest stacks.
///
/// # Errors
/// What the system says when it refuses threads.
pub fn runtime() -> io::Result<Runtime> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    Builder::new_multi_thread()
        .worker_threads(workers.clamp(2, limits::WORKERS_MAX))
        .max_blocking_threads(limits::BLOCKING_THREADS_MAX)
        .thread_stack_size(limits::STACK_SIZE)
        .thread_name_fn(thread_name)
        .enable_all()
        .build()
}

fn thread_name() -> String {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    format!("hemogate-{}", STARTED.fetch_add(1, Ordering::Relaxed))
}

impl Daemon {
    /// Starts everything the configuration names; when this returns, every listening line and
    /// HTTP take connections. Must be called on a [`runtime`].
    ///
    /// # Errors
    /// See [`StartError`]; nothing runs then.
    pub async fn start(config: Config) -> Result<Daemon, StartError> {
        let places = claim(&config).await?;
        let telemetry = Telemetry::new();
        let journal = journal(&config)?;
        let (guard, stopped) = Guard::first(&config.rules, clock::now());
        stopped.iter().for_each(|why| telemetry.release_stopped(why));
        let (store, stations) = open(&config, places.lines, stopped).await?;
        let shadow = shadow(&config, &store)?;
        let (sessions_order, sessions_stop) = stop_order();
        let (http_order, http_stop) = stop_order();
        let (ready, is_ready) = watch::channel(true);
        let board = board(&telemetry);
        let news = news_of_work(&store);
        let watching = Watching {
            store,
            telemetry: telemetry.clone(),
            board: board.clone(),
            journal: journal.clone(),
        };
        let router = http::router(&watching, &config, shadow);
        let console_addr = places.console.as_ref().map(|(_, address)| *address);
        let console =
            open_console(&config, places.console, &watching, &stations, &http_stop).await?;
        let lots = Lots::new(config.lot_alarm, clock::now().moment);
        let looking = health::Looking { guard, lots };
        let health = tokio::spawn(health::watch(watching, looking, ready, http_stop.clone()));
        let http = tokio::spawn(http::serve(places.http, router, http_stop));
        telemetry.listening("http", places.http_addr);
        console_addr.iter().for_each(|address| telemetry.listening("console", address));
        let analyser_addrs = addresses(&stations);
        for (id, address) in &analyser_addrs {
            telemetry.listening(id, address);
        }
        let surroundings = Surroundings { telemetry, news, ready: is_ready, journal };
        let sessions = attend(stations, &board, &surroundings, &sessions_stop);
        let http_addr = places.http_addr;
        let tasks = Tasks { sessions, http, console, health };
        Ok(Daemon { http_addr, console_addr, analyser_addrs, tasks, sessions_order, http_order })
    }

    /// Where HTTP listens.
    pub const fn http_addr(&self) -> SocketAddr {
        self.http_addr
    }

    /// Where the console listens, where there is one.
    pub const fn console_addr(&self) -> Option<SocketAddr> {
        self.console_addr
    }

    /// Where an analyser is awaited; `None` for one that is dialled, serial or unknown.
    pub fn analyser_addr(&self, id: &str) -> Option<SocketAddr> {
        self.analyser_addrs.get(id).copied()
    }

    /// Every analyser that is awaited, with its address, by id.
    pub const fn analyser_addrs(&self) -> &BTreeMap<String, SocketAddr> {
        &self.analyser_addrs
    }

    /// Stops: lines are read no further, messages handed over are committed and acknowledged,
    /// then HTTP ends and the store is closed. Takes a few seconds at most.
    pub async fn shutdown(self) {
        self.sessions_order.give();
        for session in self.tasks.sessions {
            session.ended().await;
        }
        self.http_order.give();
        http::ended(self.tasks.http).await;
        if let Some(console) = self.tasks.console {
            http::ended(console).await;
        }
        // A panic in it was logged where it happened.
        let _panicked = self.tasks.health.await;
    }
}

/// Binds every address, or says everything that stands in the way.
async fn claim(config: &Config) -> Result<Places, StartError> {
    let mut faults = Vec::new();
    let http = match TcpListener::bind(config.http_listen).await {
        Ok(listener) => listener.local_addr().ok().map(|address| (listener, address)),
        Err(error) => {
            faults.push(address_fault("http", config.http_listen, &error));
            None
        }
    };
    let console = match &config.console {
        None => None,
        Some(console) => match bind(console.listen).await {
            Ok(bound) => Some(bound),
            Err(error) => {
                faults.push(address_fault("console", console.listen, &error));
                None
            }
        },
    };
    let mut lines = Vec::new();
    for line in &config.analysers {
        match Claim::new(&line.transport).await {
            Ok(claim) => lines.push((line.clone(), claim.secured(line.tls.clone()))),
            Err(error) => {
                faults.push(line_fault(line, &error));
            }
        }
    }
    match http {
        Some((http, http_addr)) if faults.is_empty() => {
            Ok(Places { http, http_addr, console, lines })
        }
        Some(_) | None => Err(StartError::Addresses(faults)),
    }
}

async fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A folder says itself what to do.
fn line_fault(line: &AnalyserConfig, error: &io::Error) -> String {
    let what = format!("analyser {}", line.analyser.id());
    match &line.transport {
        Transport::Folder(_) => format!("{what}: {error}"),
        Transport::TcpListen(_) | Transport::TcpConnect(_) | Transport::Serial(_) => {
            address_fault(&what, &line.transport, error)
        }
    }
}

fn address_fault(what: &str, place: impl std::fmt::Display, error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => "another program uses it: is a daemon running already?",
        io::ErrorKind::AddrNotAvailable => "this machine has no such address",
        io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege: choose another",
        _ => "choose another address",
    };
    format!("{what}: cannot listen on {place}: {error}; {advice}")
}

/// Opens the store, where its rule set may decide in it, and records the profiles in use.
async fn open(
    config: &Config,
    lines: Vec<(AnalyserConfig, Claim)>,
    release_stopped: Option<String>,
) -> Result<(Store, Vec<Desk>), StartError> {
    let path = config.store_path.clone();
    let options = Options { path, rules: config.rules.clone(), utc: clock::utc };
    let admission = Admission { approvals: config.rule_sets.approvals, release_stopped };
    let opening = tokio::task::spawn_blocking(move || {
        let (store, remark) = Store::open_admitted(options, admission)?;
        remark.iter().for_each(|remark| tracing::warn!("{remark}"));
        let sightings = Sightings::default();
        let mut stations = Vec::with_capacity(lines.len());
        for (config, claim) in lines {
            let intake =
                Intake::new(Arc::clone(&config.analyser), store.clone(), sightings.clone())?;
            stations.push(Desk { config, intake, claim });
        }
        Ok((store, stations))
    });
    opening.await.map_err(|error| StartError::Thread(error.to_string()))?
}

/// Serves the console, where the configuration has one.
async fn open_console(
    config: &Config,
    place: Option<(TcpListener, SocketAddr)>,
    watching: &Watching,
    stations: &[Desk],
    stop: &Stop,
) -> Result<Option<JoinHandle<()>>, StartError> {
    let (Some(settings), Some((listener, _))) = (config.console.clone(), place) else {
        return Ok(None);
    };
    let plan = DoorPlan {
        lifetimes: Lifetimes { idle: settings.idle, absolute: settings.absolute },
        secure: settings.is_secure(),
        now: Arc::new(clock::now),
    };
    let store = watching.store.clone();
    let opening = tokio::task::spawn_blocking(move || Door::open(&store, plan));
    let door = opening.await.map_err(|error| StartError::Thread(error.to_string()))?;
    let door = door.map_err(StartError::Accounts)?;
    let desk = |station: &Desk| {
        let (analyser, intake) = (Arc::clone(&station.config.analyser), station.intake.clone());
        (analyser.id().to_owned(), pages::Desk { analyser, intake })
    };
    let state = ConsoleState::new(
        watching.store.clone(),
        Arc::clone(&config.scheme),
        Arc::clone(&config.rules),
        watching.board.clone(),
        stations.iter().map(desk).collect(),
        door.clone(),
    )
    .with_layouts(settings.manifests.clone());
    let router = pages::router(state);
    let serving = console::serve(listener, settings, router, door, stop.clone());
    Ok(Some(tokio::spawn(serving)))
}

/// Starts the rule set in the shadow, where there is one.
fn shadow(config: &Config, store: &Store) -> Result<Option<Shadow>, StartError> {
    let Some(rules) = &config.rule_sets.shadow else { return Ok(None) };
    let shadow = Shadow::start(store, Arc::clone(rules))?;
    let known = store.rule_sets()?.into_iter().find(|set| set.identity == *rules.identity());
    let state = known.map_or(State::Unknown, |set| set.life.state());
    let name = told(rules.identity());
    match state {
        State::Checked => step_into_shadow(config, store, rules),
        State::Unknown | State::Draft | State::Retired => tracing::warn!(
            "the rule set {name} runs in the shadow, but it is {state}, so that is no step in its \
             life: hemogate rules draft --shadow"
        ),
        State::Shadow | State::ApprovedOnce | State::Approved | State::Active(_) => {
            tracing::info!("the rule set {name} runs in the shadow");
        }
    }
    Ok(Some(shadow))
}

fn step_into_shadow(config: &Config, store: &Store, rules: &RuleSet) {
    let by = format!("hemogate {}", env!("CARGO_PKG_VERSION"));
    let beside = told(config.rules.identity());
    let detail = format!("runs beside {beside} on all traffic from here on");
    let step = RuleStep { which: Which::of(rules), steps: vec![(Step::Shadow, by, detail)] };
    let name = told(rules.identity());
    let reply = move |outcome: Result<StepOutcome, StoreError>| match outcome {
        Ok(Ok(_)) => tracing::info!("the rule set {name} runs in the shadow from here on"),
        Ok(Err(refused)) => tracing::warn!("{name} runs in the shadow: {refused}"),
        Err(error) => tracing::warn!(%error, "that {name} runs in the shadow is not stored"),
    };
    store.rule_step(step, Box::new(reply));
}

/// Moves with the head of the feed: a donation that is registered or decided anew may be work.
fn news_of_work(store: &Store) -> watch::Receiver<i64> {
    let (tell, news) = watch::channel(store.feed_head());
    store.on_feed(Box::new(move |head| {
        tell.send_replace(head);
    }));
    news
}

fn addresses(desks: &[Desk]) -> BTreeMap<String, SocketAddr> {
    let listening = desks.iter().filter_map(|desk| {
        let id = desk.intake.analyser().id().to_owned();
        desk.claim.address().map(|address| (id, address))
    });
    listening.collect()
}

/// Opens the wire journal, where one is wanted.
fn journal(config: &Config) -> Result<Option<Journal>, journal::OpenError> {
    let Some(JournalConfig { folder, file_bytes, files }) = &config.journal else {
        return Ok(None);
    };
    let (folder, file_bytes, files) = (folder.clone(), *file_bytes, *files as usize);
    Journal::open(journal::Options {
        folder,
        file_bytes,
        files,
        started: clock::now(),
        now: clock::now,
    })
    .map(Some)
}

/// A board of which every note is logged.
fn board(telemetry: &Telemetry) -> Board {
    let (board, telemetry) = (Board::new(clock::now()), telemetry.clone());
    board.on_note(Box::new(move |analyser, note| telemetry.note(analyser, note)));
    board
}

fn attend(
    desks: Vec<Desk>,
    board: &Board,
    surroundings: &Surroundings,
    stop: &Stop,
) -> Vec<Session> {
    let start = |Desk { config, intake, claim }| {
        let analyser = intake.analyser();
        let post = board.post(PostInfo {
            analyser: analyser.id().to_owned(),
            profile: analyser.profile().name().to_owned(),
            line: config.line(),
            silence_after: config.silence_after,
            instrument: config.instrument,
        });
        claim.start(intake, config.announces, post, surroundings.clone(), stop.clone())
    };
    desks.into_iter().map(start).collect()
}
