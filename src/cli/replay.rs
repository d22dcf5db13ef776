//! `hemogate replay`: the bytes of a wire journal through link and decoder again, held against what
//! is on record.
//!
//! Exists to answer, after a complaint, who lost what: the analyser, the line, or we. Reads the
//! store only, beside a daemon that may be running. Refuses to call a journal with a gap or with
//! damage the same as the store.

mod compare;
mod files;
mod report;
mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;

use super::say::complain;
use super::{USED_WRONGLY, check, status};
use crate::analyser::Analyser;
use crate::config::{self, Config, ProfileError};
use crate::domain::DonationNumberScheme;
use crate::journal::{self, Damage, Kind, Record};
use crate::limits;
use crate::store::{Archive, ArchivedMessage};
use compare::{Span, Standing, WireSide};
use report::Report;
use wire::{Heard, Lines};

/// Arguments of `hemogate replay`.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("record").required(true)),
    after_help = "\
Analysers are read as the configuration says; with --store alone, as their last message on record
was read. Standard output gets one line for each difference, then a summary; standard error what is
wrong with the journal. Both may name donations.

Exit status: 0 no difference, 1 differences, 2 used wrongly."
)]
pub struct Args {
    /// A folder of the wire journal, or one file of it
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
    /// The configuration file; its store is compared
    #[arg(long, value_name = "FILE", group = "record")]
    config: Option<PathBuf>,
    /// The database to compare
    #[arg(long, value_name = "DB", group = "record")]
    store: Option<PathBuf>,
    /// Read an analyser with this profile instead; may be given many times
    #[arg(long, value_name = "ID=NAME|FILE", value_parser = profile)]
    profile: Vec<(String, String)>,
}

/// Runs `hemogate replay`.
pub fn run(args: &Args) -> ExitCode {
    let replayed = Replay::new(args).and_then(|mut replay| {
        replay.read_journal(&args.journal)?;
        replay.read_store()?;
        Ok(replay.report.end())
    });
    match replayed {
        Ok(is_same) => status(Ok(is_same)),
        Err(words) => {
            complain(&words);
            ExitCode::from(USED_WRONGLY)
        }
    }
}

fn profile(text: &str) -> Result<(String, String), String> {
    let (id, name) = text.split_once('=').ok_or("write ID=NAME, e.g. serology=roche-cobas-e601")?;
    Ok((id.to_owned(), name.to_owned()))
}

/// How each analyser of the journal is read.
struct Readers {
    known: BTreeMap<String, Option<Arc<Analyser>>>,
}

impl Readers {
    /// Those of the configuration, and those that the command line names.
    fn new(args: &Args, config: Option<&Config>) -> Result<Readers, String> {
        let mut known = BTreeMap::new();
        for line in config.iter().flat_map(|config| &config.analysers) {
            known.insert(line.analyser.id().to_owned(), Some(Arc::clone(&line.analyser)));
        }
        let isbt = Arc::new(DonationNumberScheme::Isbt128);
        let scheme = config.map_or(isbt, |config| Arc::clone(&config.scheme));
        for (id, name) in &args.profile {
            let profile = config::find_profile(name).map_err(|error| match error {
                ProfileError::NotFound(words) => words,
                ProfileError::Faulty(faults) => {
                    check::report(&faults);
                    format!("{name} has faults")
                }
            })?;
            let (profile, scheme) = (Arc::new(profile), Arc::clone(&scheme));
            let analyser = Analyser::new(id.clone(), profile, &BTreeMap::new(), scheme)
                .map_err(|words| words.join("\n"))?;
            known.insert(id.clone(), Some(Arc::new(analyser)));
        }
        Ok(Readers { known })
    }

    /// The analyser with this id; else as its last message on record was read.
    fn of(&mut self, id: &str, archive: &Archive) -> Result<Option<Arc<Analyser>>, String> {
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let kept = archive.kept_profile(id).map_err(|error| error.to_string())?;
        let restored = kept.and_then(|text| Analyser::restored(id, &text).ok()).map(Arc::new);
        self.known.insert(id.to_owned(), restored.clone());
        Ok(restored)
    }
}

struct Replay {
    archive: Archive,
    readers: Readers,
    lines: Lines,
    wire: WireSide,
    told: Told,
    report: Report,
}

/// Of which times the run that is being read tells everything.
#[derive(Default)]
struct Told {
    run: i64,
    /// Of all analysers, where the run is read from its first record on.
    from_the_start: Option<Timestamp>,
    /// Else of each from its first opening or first whole message on: what was under way when the
    /// first file that is left begins cannot be told.
    from: BTreeMap<String, Timestamp>,
    to: Timestamp,
}

impl Told {
    /// Notes a record; gives what an earlier run told where another one begins.
    fn take(&mut self, record: &Record) -> Vec<Span> {
        let earlier = if record.run == self.run { Vec::new() } else { self.end() };
        self.run = record.run;
        self.to = record.at.utc;
        if record.number == 1 {
            self.from_the_start = Some(record.at.utc);
        }
        if record.kind == Kind::Opened {
            self.begin(&record.analyser, record.at.utc);
        }
        earlier
    }

    fn begin(&mut self, analyser: &str, from: Timestamp) {
        if !self.from.contains_key(analyser) {
            self.from.insert(analyser.to_owned(), from);
        }
    }

    /// The last moments are left out: two lines hand their bytes over side by side, and of what was
    /// on its way when the daemon was killed the later may be written and the earlier not.
    fn end(&mut self) -> Vec<Span> {
        let Told { from_the_start, from, to, .. } = std::mem::take(self);
        let to = to.saturating_sub(limits::JOURNAL_PACE).unwrap_or(to);
        let whole = from_the_start.map(|from| Span { analyser: None, from, to });
        let each = from.into_iter().map(|(id, from)| Span { analyser: Some(id), from, to });
        whole.into_iter().chain(each).collect()
    }
}

impl Replay {
    fn new(args: &Args) -> Result<Replay, String> {
        let config = match &args.config {
            Some(file) => Some(Config::load(file).map_err(|faults| {
                check::report(&faults);
                format!("{} has faults", file.display())
            })?),
            None => None,
        };
        let configured = config.as_ref().map(|config| config.store_path.clone());
        let path = args.store.clone().or(configured).ok_or("name --config or --store")?;
        let archive = Archive::open(&path).map_err(|error| error.to_string())?;
        let readers = Readers::new(args, config.as_ref())?;
        Ok(Replay {
            archive,
            readers,
            lines: Lines::default(),
            wire: WireSide::default(),
            told: Told::default(),
            report: Report::new(),
        })
    }

    fn read_journal(&mut self, path: &Path) -> Result<(), String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut reader = journal::read(path).map_err(wrong)?;
        self.report.begin("journal", reader.bytes_left());
        let mut last = None;
        while let Some(found) = reader.next() {
            match found {
                Ok(record) => {
                    last = Some(record.at);
                    self.take(record)?;
                }
                Err(damage @ Damage::Torn { .. }) => self.report.torn(&damage),
                Err(damage) => self.report.damaged(&damage),
            }
            self.report.left(reader.bytes_left());
        }
        let Some(last) = last else {
            return Err(format!("{}: no wire journal is there", path.display()));
        };
        let heard = self.lines.end(last);
        self.add(heard)?;
        self.report.link_faults(self.lines.faults);
        self.wire.add_spans(self.told.end());
        Ok(())
    }

    fn take(&mut self, record: Record) -> Result<(), String> {
        let heard = self.lines.begin_run(record.run, record.at);
        self.add(heard)?;
        self.wire.add_spans(self.told.take(&record));
        self.report.record(&record);
        match record.kind {
            Kind::FileStart | Kind::Gap { .. } => return Ok(()),
            Kind::Opened | Kind::Closed | Kind::Received | Kind::Sent => {}
        }
        let Some(reader) = self.readers.of(&record.analyser, &self.archive)? else {
            self.report.nobody_reads(&record.analyser);
            return Ok(());
        };
        let heard = self.lines.take(&record, reader.profile());
        self.add(heard)
    }

    fn add(&mut self, heard: Vec<Heard>) -> Result<(), String> {
        for heard in heard {
            let Some(reader) = self.readers.of(&heard.analyser, &self.archive)? else { continue };
            self.told.begin(&heard.analyser, heard.at.utc);
            if !self.wire.add(&heard, &reader) {
                return Err("the journal holds too many messages: replay it file by file".into());
            }
        }
        Ok(())
    }

    fn read_store(&mut self) -> Result<(), String> {
        let told = |error: crate::store::StoreError| error.to_string();
        let last = self.archive.last_message().map_err(told)?;
        self.report.begin("store", u64::try_from(last).unwrap_or(0));
        loop {
            let page = self.archive.next_page().map_err(told)?;
            let Some(newest) = page.last().map(|message| message.message) else { break };
            for message in &page {
                self.compare(message)?;
            }
            self.report.left(u64::try_from(last.saturating_sub(newest)).unwrap_or(0));
        }
        for known in self.wire.messages() {
            self.report.heard(known);
        }
        Ok(())
    }

    fn compare(&mut self, message: &ArchivedMessage) -> Result<(), String> {
        match self.wire.meet(message) {
            Standing::Elsewhere => return Ok(()),
            Standing::Missing => self.report.not_on_the_wire(message),
            Standing::Heard => {}
        }
        let reader = self.readers.of(&message.analyser, &self.archive)?;
        let Some(reader) = reader.filter(|_| message.incomplete.is_none()) else { return Ok(()) };
        let today = reader.read(&message.bytes).observations;
        let deviations = self.archive.deviations(message, &today);
        for deviation in deviations.map_err(|error| error.to_string())? {
            self.report.reads_differently(message, &deviation);
        }
        Ok(())
    }
}
