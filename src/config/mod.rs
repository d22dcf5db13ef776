//! The administrator's one TOML file: read whole, checked whole, refused whole.
//!
//! Reports every fault of the file and of the profiles and rule set it names at once, each with
//! file, line, column and key. Refuses: unknown keys, two analysers with one id or on one line,
//! a line that is described in two ways or not at all, names that we do not ship.

mod analysers;
mod console;
mod deliveries;
mod evidence;
mod folder;
mod journal;
mod lots;
mod rule_sets;
mod sources;
mod tls;
mod transport;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::analyser::{Analyser, LineKind, Profile};
use crate::document::{self, Fault, Placed, Table};
use crate::domain::DonationNumberScheme;
use crate::manifest::Layout;
use crate::rules::RuleSet;
use crate::rules::life::Approvals;
use analysers::Lines;
use rust_decimal::Decimal;
use sources::Sources;

pub use crate::analyser::Parity;
pub use console::CONSOLE_LISTEN;
pub use rule_sets::RulesConfig;
pub use sources::{
    ProfileError, donation_numbers, find_profile, find_rule_set, find_rule_set_of_site,
    find_rule_set_text,
};
pub use tls::TlsConfig;

/// Where HTTP listens unless told otherwise: loopback, because nothing asks for a password.
pub const HTTP_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8470);

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database file, absolute or relative to the configuration file (already joined).
    pub store_path: PathBuf,
    /// Where HTTP listens; loopback unless told otherwise.
    pub http_listen: SocketAddr,
    /// The rule set that decides, with the site's choices.
    pub rules: Arc<RuleSet>,
    /// What else the administrator says about rule sets.
    pub rule_sets: RulesConfig,
    /// How donation numbers are written here.
    pub scheme: Arc<DonationNumberScheme>,
    /// The analysers.
    pub analysers: Vec<AnalyserConfig>,
    /// The wire journal, where one is kept.
    pub journal: Option<JournalConfig>,
    /// Pages for people at the bench, where they are served.
    pub console: Option<ConsoleConfig>,
    /// When the share of reactive first results of a reagent lot is an alarm.
    pub lot_alarm: Option<LotAlarm>,
    /// The secret key that evidence bundles are signed with (already joined), where one is named.
    pub evidence_key: Option<PathBuf>,
    /// Remarks that are not faults (a profile's confidence, a rule set's confidence, ...).
    pub remarks: Vec<String>,
}

/// One analyser and its line.
#[derive(Clone, Debug)]
pub struct AnalyserConfig {
    /// The analyser.
    pub analyser: Arc<Analyser>,
    /// Its line.
    pub transport: Transport,
    /// Work is ordered without being asked for (an analyser that does not query).
    pub announces: bool,
    /// Nothing heard for so long is an alarm; `None`: silence is usual here.
    pub silence_after: Option<Duration>,
    /// The instrument behind the line, where it has more than one: all of them name it.
    pub instrument: Option<String>,
    /// TLS on its line, where it has any.
    pub tls: Option<TlsConfig>,
}

impl AnalyserConfig {
    /// Its line in words, e.g. `TCP, listening on 0.0.0.0:5001, without TLS`.
    pub fn line(&self) -> String {
        let secured = match (&self.transport, &self.tls) {
            (Transport::Serial(_) | Transport::Folder(_), _) => "",
            (Transport::TcpListen(_) | Transport::TcpConnect(_), Some(_)) => ", with TLS",
            (Transport::TcpListen(_) | Transport::TcpConnect(_), None) => ", without TLS",
        };
        format!("{}{secured}", self.transport)
    }
}

/// Pages for people at the bench.
#[derive(Clone)]
pub struct ConsoleConfig {
    /// Where they are served.
    pub listen: SocketAddr,
    /// How long nobody does anything before they are signed out.
    pub idle: Duration,
    /// How long anybody stays signed in at most.
    pub absolute: Duration,
    /// Whether a reverse proxy with TLS stands in front.
    pub behind_proxy: bool,
    /// TLS of ours.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Layouts of manifests beside those that come with the program.
    pub manifests: Vec<Layout>,
}

/// Keys stay out of every log.
impl std::fmt::Debug for ConsoleConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut told = f.debug_struct("ConsoleConfig");
        told.field("listen", &self.listen).field("tls", &self.tls.is_some());
        told.finish_non_exhaustive()
    }
}

impl ConsoleConfig {
    /// Whether browsers reach it over TLS.
    pub const fn is_secure(&self) -> bool {
        self.tls.is_some() || self.behind_proxy
    }
}

/// When the share of reactive first results of a reagent lot is an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotAlarm {
    /// More than so many in a hundred.
    pub percent: Decimal,
    /// Of at least so many donations.
    pub donations: u64,
}

/// Where the bytes of all lines are kept for diagnosis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalConfig {
    /// The folder, absolute or relative to the configuration file (already joined).
    pub folder: PathBuf,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files kept; the oldest goes when there is one more.
    pub files: u32,
}

/// How an analyser is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// We listen (LIS01-A2 8.2.1.1: the computer is the server).
    TcpListen(SocketAddr),
    /// We dial `host:port`.
    TcpConnect(String),
    /// A serial line.
    Serial(SerialLine),
    /// A folder into which its files are dropped.
    Folder(FolderLine),
}

/// A folder that is looked at for files, and where they go; paths are joined already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderLine {
    /// The folder.
    pub path: PathBuf,
    /// Where a file goes when it is stored.
    pub done: PathBuf,
    /// Where a file goes that could not be read completely, with the reason beside it.
    pub refused: PathBuf,
    /// How often it is looked at.
    pub poll: Duration,
}

/// Settings of a serial line (LIS01-A2 5.1: 8 data bits, no parity, 1 stop bit, 9600 by default).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialLine {
    /// Device, e.g. `/dev/ttyUSB0`.
    pub path: PathBuf,
    /// Bits per second.
    pub baud: u32,
    /// 7 or 8.
    pub data_bits: u8,
    /// Parity.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

impl Config {
    /// Reads the file and everything it names.
    ///
    /// # Errors
    /// Every fault of the configuration and of the profiles and rule set it names, at once.
    pub fn load(path: &Path) -> Result<Config, Vec<Fault>> {
        let file = path.display().to_string();
        let text = document::load(&file, path).map_err(|fault| vec![fault])?;
        let base = path.parent().unwrap_or(Path::new(""));
        Config::parse(&file, &text, base)
    }

    /// Reads a configuration from `text`; paths in it are relative to `base`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(file: &str, text: &str, base: &Path) -> Result<Config, Vec<Fault>> {
        let sources = Sources::new(base);
        let read = document::read(file, text, |root| config(root, base, &sources));
        // A fault of another file is also one of the place that names it, so these come along.
        read.map_err(|mut faults| {
            faults.extend(sources.into_faults());
            faults
        })
    }
}

fn config(root: &Table<'_>, base: &Path, sources: &Sources) -> Option<Config> {
    let store_path = store_path(root, base);
    let http_listen = http_listen(root);
    let rule_sets = rule_sets::read(root, sources);
    let scheme = scheme(root);
    let mut lines = Lines::new(http_listen);
    // Analysers are read even where numbers are at fault, so that their faults are told too.
    let scheme_or_usual = scheme.clone().unwrap_or(Arc::new(DonationNumberScheme::Isbt128));
    let analysers = analysers::read(root, sources, &scheme_or_usual, &mut lines);
    let console = console::read(root, sources, &mut lines);
    let journal = journal::read(root, base);
    let evidence_key = evidence::read(root, base);
    let lot_alarm = lots::read(root);
    let (store_path, http_listen, rule_sets) = (store_path?, http_listen?, rule_sets?);
    let rules = Arc::clone(&rule_sets.active);
    let (scheme, analysers, journal) = (scheme?, analysers?, journal?);
    let (console, evidence_key, lot_alarm) = (console?, evidence_key?, lot_alarm?);
    let mut remarks = remarks(http_listen, &rule_sets, &analysers);
    remarks.extend(console.as_ref().and_then(console_remark));
    remarks.extend(deliveries::remarks(root, &rules, &analysers));
    Some(Config {
        store_path,
        http_listen,
        rules,
        rule_sets,
        scheme,
        analysers,
        journal,
        console,
        lot_alarm,
        evidence_key,
        remarks,
    })
}

fn store_path(root: &Table<'_>, base: &Path) -> Option<PathBuf> {
    let store = root.required_table("store")?;
    let path = store.required_string("path")?;
    let joined = base.join(&path.value);
    let folder = joined.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let wrong = if path.value.trim().is_empty() {
        "is empty: name the database file, e.g. \"hemogate.db\"".to_owned()
    } else if joined.is_dir() {
        format!("{} is a folder: name a file in it", joined.display())
    } else if !folder.is_dir() {
        format!("the folder {} does not exist: create it first", folder.display())
    } else {
        return Some(joined);
    };
    store.fault(&path.place, wrong);
    None
}

fn http_listen(root: &Table<'_>) -> Option<SocketAddr> {
    let Some(http) = root.table("http") else {
        return (!root.has("http")).then_some(HTTP_LISTEN);
    };
    match http.string("listen") {
        Some(listen) => transport::socket_address(&http, &listen),
        None => (!http.has("listen")).then_some(HTTP_LISTEN),
    }
}

fn scheme(root: &Table<'_>) -> Option<Arc<DonationNumberScheme>> {
    let usual = Arc::new(DonationNumberScheme::Isbt128);
    let Some(table) = root.table("donation_number") else {
        return (!root.has("donation_number")).then_some(usual);
    };
    let Some(Placed { value, place }) = table.string("pattern") else {
        return (!table.has("pattern")).then_some(usual);
    };
    donation_numbers(&value).map(Arc::new).map_err(|wrong| table.fault(&place, wrong)).ok()
}

/// What an administrator should know although nothing is wrong.
fn remarks(http: SocketAddr, rules: &RulesConfig, analysers: &[AnalyserConfig]) -> Vec<String> {
    let mut remarks = Vec::new();
    if !http.ip().is_loopback() {
        remarks.push(format!(
            "http.listen {http} can be reached from other machines and asks for no password: \
             let only the inventory system through to it"
        ));
    }
    if analysers.is_empty() {
        remarks.push(
            "there is no [[analyser]]: donations can be registered, no results come in".to_owned(),
        );
    }
    remarks.extend(changing_ports(http, analysers));
    remarks.extend(analysers.iter().filter_map(unusual_line));
    let (identity, status) = (rules.active.identity(), one_line(rules.active.status()));
    remarks.push(format!("rule set {} {}: {status}", identity.name, identity.version));
    if rules.approvals == Approvals::NotUsed {
        remarks.push(
            "rules.approvals is \"not_used\": whatever rule set this file names decides from the \
             next start on, over every donation on record, and nobody signs for it"
                .to_owned(),
        );
    }
    let mut told = BTreeSet::new();
    for line in analysers {
        let profile = line.analyser.profile();
        if told.insert(profile.sha256()) {
            remarks.push(about(profile));
            let weak = profile.remarks().into_iter();
            remarks.extend(weak.map(|weak| format!("profile {}: {weak}", profile.name())));
        }
    }
    remarks
}

/// Behind a proxy everybody on its network side speaks in the clear.
fn console_remark(console: &ConsoleConfig) -> Option<String> {
    let open = console.behind_proxy && !console.listen.ip().is_loopback();
    open.then(|| {
        format!(
            "console.listen {} can be reached from other machines without TLS: let only the \
             reverse proxy through to it",
            console.listen
        )
    })
}

/// Port 0 is another free port with every start: fine for a trial, found by nobody else.
fn changing_ports(http: SocketAddr, analysers: &[AnalyserConfig]) -> Vec<String> {
    let http = (http.port() == 0).then(|| "http.listen".to_owned());
    let lines = analysers.iter().filter_map(|line| match &line.transport {
        Transport::TcpListen(address) if address.port() == 0 => {
            Some(format!("analyser {}", line.analyser.id()))
        }
        Transport::TcpListen(_)
        | Transport::TcpConnect(_)
        | Transport::Serial(_)
        | Transport::Folder(_) => None,
    });
    let told = |who| format!("{who} has port 0: another free port with every start");
    http.into_iter().chain(lines).map(told).collect()
}

/// A line of another kind than the profile says is no fault: there are converters.
fn unusual_line(line: &AnalyserConfig) -> Option<String> {
    let kind = match line.transport {
        Transport::TcpListen(_) => LineKind::TcpListen,
        Transport::TcpConnect(_) => LineKind::TcpConnect,
        Transport::Serial(_) => LineKind::Serial,
        Transport::Folder(_) => LineKind::Folder,
    };
    let (id, profile) = (line.analyser.id(), line.analyser.profile());
    let usual = profile.line().kind.filter(|usual| *usual != kind)?;
    let (name, kind, usual) = (profile.name(), kind.id(), usual.id());
    Some(format!("analyser {id}: its line is {kind}, the profile {name} is of one that is {usual}"))
}

/// How well a profile is founded.
fn about(profile: &Profile) -> String {
    let founded = format!(
        "profile {} {}: not validated at this site; confidence {}, built from {}",
        profile.name(),
        profile.version(),
        profile.confidence().id(),
        one_line(profile.built_from()),
    );
    match profile.missing() {
        [] => founded,
        missing => format!("{founded}; missing: {}", one_line(&missing.join("; "))),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
