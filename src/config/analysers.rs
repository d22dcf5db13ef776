//! The `[[analyser]]` tables: who is connected, by which line, speaking which dialect.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::sources::Sources;
use super::{AnalyserConfig, FolderLine, Transport, folder, tls, transport};
use crate::analyser::Analyser;
use crate::document::{Placed, Table};
use crate::domain::{Assay, DonationNumberScheme, UnknownAssay};
use crate::limits;

/// Addresses and devices already given away, each with who has it.
pub(super) struct Lines {
    listening: Vec<(SocketAddr, String)>,
    dialled: BTreeMap<String, String>,
    serial: BTreeMap<PathBuf, String>,
    folders: Vec<(FolderLine, String)>,
}

impl Lines {
    pub(super) fn new(http: Option<SocketAddr>) -> Lines {
        let listening = http.map(|address| (address, "http.listen".to_owned()));
        Lines {
            listening: listening.into_iter().collect(),
            dialled: BTreeMap::new(),
            serial: BTreeMap::new(),
            folders: Vec::new(),
        }
    }

    /// Gives a line to an analyser; where it is taken already, says by whom.
    fn take(&mut self, line: &Transport, owner: &str) -> Result<(), String> {
        let taken = match line {
            Transport::TcpListen(address) => self.take_address(*address, owner),
            Transport::TcpConnect(peer) => {
                self.dialled.insert(peer.to_ascii_lowercase(), owner.to_owned())
            }
            Transport::Serial(serial) => {
                let device = serial.path.canonicalize().unwrap_or(serial.path.clone());
                self.serial.insert(device, owner.to_owned())
            }
            Transport::Folder(folder) => self.take_folder(folder, owner),
        };
        taken.map_or(Ok(()), Err)
    }

    fn take_folder(&mut self, folder: &FolderLine, owner: &str) -> Option<String> {
        let taken = self.folders.iter().find(|(other, _)| share_files(other, folder));
        let taken = taken.map(|(_, owner)| owner.clone());
        self.folders.push((folder.clone(), owner.to_owned()));
        taken
    }

    /// Gives an address to listen on; where it is taken already, says by whom.
    pub(super) fn take_address(&mut self, address: SocketAddr, owner: &str) -> Option<String> {
        let taken = self.listening.iter().find(|(other, _)| collide(*other, address));
        let taken = taken.map(|(_, owner)| owner.clone());
        self.listening.push((address, owner.to_owned()));
        taken
    }
}

/// Two analysers of which one would take the other's files, before or after they are stored.
fn share_files(one: &FolderLine, other: &FolderLine) -> bool {
    let takes = |taking: &FolderLine, from: &FolderLine| {
        [&from.path, &from.done, &from.refused].contains(&&taking.path)
    };
    takes(one, other) || takes(other, one)
}

/// Two addresses that cannot both be listened on. Port 0 is a free port each time.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let all = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (all || one.ip() == other.ip())
}

/// Every analyser; `None` where one of them is at fault.
pub(super) fn read(
    root: &Table<'_>,
    sources: &Sources,
    scheme: &Arc<DonationNumberScheme>,
    lines: &mut Lines,
) -> Option<Vec<AnalyserConfig>> {
    let tables = root.tables("analyser");
    if let Some(over) = tables.get(limits::ANALYSERS_MAX) {
        let most = limits::ANALYSERS_MAX;
        root.fault(&over.place(), format!("more than {most} analysers: run a second daemon"));
    }
    let mut ids = BTreeMap::new();
    let read: Vec<_> =
        tables.iter().map(|table| analyser(table, sources, scheme, lines, &mut ids)).collect();
    read.into_iter().collect()
}

fn analyser(
    table: &Table<'_>,
    sources: &Sources,
    scheme: &Arc<DonationNumberScheme>,
    lines: &mut Lines,
    ids: &mut BTreeMap<String, ()>,
) -> Option<AnalyserConfig> {
    let id = id(table, ids);
    let profile = table.required_string("profile").and_then(|name| sources.profile(table, &name));
    let tests = tests(table);
    let usual = profile.as_ref().map(|profile| profile.line()).unwrap_or_default();
    let line = transport::read(table, usual, sources.base());
    let habits = habits(table);
    let tls = tls::read(table, line.as_ref().map(|line| &line.value), sources.base());
    let owner = id.as_deref().map_or("another analyser".to_owned(), |id| format!("analyser {id}"));
    if let Some(line) = &line
        && let Err(taken) = lines.take(&line.value, &owner)
    {
        table.fault(&line.place, format!("is used by {taken} already"));
    }
    let (id, profile, line, tls) = (id?, profile?, line?, tls?);
    let Habits { announces, silence_after, instrument } = habits?;
    let takes_orders = profile.takes_orders();
    let suits = folder::suits(table, &line, &profile, announces);
    let joined = Analyser::new(id, profile, &tests?, Arc::clone(scheme));
    let place = table.table("tests").map_or(table.place(), |tests| tests.place());
    if announces && !takes_orders {
        let place = table.boolean("announce_orders").map_or(table.place(), |said| said.place);
        table.fault(&place, "this profile says of no order message that its analyser takes");
    }
    let joined = joined.map_err(|words| words.iter().for_each(|w| table.fault(&place, w.as_str())));
    let analyser = Arc::new(joined.ok()?);
    suits.then_some(AnalyserConfig {
        analyser,
        transport: line.value,
        announces,
        silence_after,
        instrument,
        tls,
    })
}

/// What is expected of an analyser beside its results.
struct Habits {
    announces: bool,
    silence_after: Option<Duration>,
    instrument: Option<String>,
}

/// `None` where one of them is at fault.
fn habits(table: &Table<'_>) -> Option<Habits> {
    let announces = match table.boolean("announce_orders") {
        Some(announces) => announces.value,
        None => (!table.has("announce_orders")).then_some(false)?,
    };
    let silence = table.integer("silence_alarm_s", 1..=limits::SILENCE_ALARM_S_MAX);
    let silence_after = match silence {
        Some(seconds) => Some(Duration::from_secs(u64::try_from(seconds.value).ok()?)),
        None => (!table.has("silence_alarm_s")).then_some(None)?,
    };
    let instrument = match table.string("instrument") {
        Some(name) => Some(instrument(table, name)?),
        None => (!table.has("instrument")).then_some(None)?,
    };
    Some(Habits { announces, silence_after, instrument })
}

fn instrument(table: &Table<'_>, name: Placed<String>) -> Option<String> {
    let length = name.value.chars().count();
    if name.value.trim() == name.value && (1..=limits::ANALYSER_ID_MAX).contains(&length) {
        return Some(name.value);
    }
    let most = limits::ANALYSER_ID_MAX;
    let wrong = format!("{:?} is not a name: 1 to {most} characters, no blanks around", name.value);
    table.fault(&name.place, wrong);
    None
}

fn id(table: &Table<'_>, ids: &mut BTreeMap<String, ()>) -> Option<String> {
    let Placed { value: id, place } = table.required_string("id")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if id.is_empty() || id.len() > limits::ANALYSER_ID_MAX || !id.chars().all(plain) {
        let most = limits::ANALYSER_ID_MAX;
        let wrong =
            format!("{id:?} is not an id: 1 to {most} letters, digits, \".\", \"_\", \"-\"");
        table.fault(&place, wrong);
        return None;
    }
    if ids.insert(id.clone(), ()).is_some() {
        table.fault(&place, format!("{id:?} names another analyser already: ids are unique"));
        return None;
    }
    Some(id)
}

/// The site's test codes; `None` where one of them is at fault.
fn tests(table: &Table<'_>) -> Option<BTreeMap<String, Assay>> {
    let Some(tests) = table.table("tests") else {
        return (!table.has("tests")).then(BTreeMap::new);
    };
    let whole = tests.keys().len();
    let known: BTreeMap<_, _> = tests
        .string_entries()
        .into_iter()
        .filter_map(|(code, assay)| Some((code.value, known_assay(&tests, &assay)?)))
        .collect();
    (known.len() == whole).then_some(known)
}

fn known_assay(table: &Table<'_>, assay: &Placed<String>) -> Option<Assay> {
    let known = assay.value.parse();
    known.map_err(|error: UnknownAssay| table.fault(&assay.place, error.to_string())).ok()
}
