//! What a replay found, in words and numbers, and how far it is.

use std::collections::BTreeSet;

use indicatif::{ProgressBar, ProgressStyle};

use super::compare::Known;
use super::wire::Fate;
use crate::cli::say::{complain, say};
use crate::domain::Observation;
use crate::journal::{Damage, Kind, Record};
use crate::store::{ArchivedMessage, Deviation};

/// Collects what was found; says each thing when it is found.
pub(super) struct Report {
    bar: ProgressBar,
    total: u64,
    records: u64,
    bytes: u64,
    gaps: u64,
    link_faults: u64,
    acknowledged: u64,
    on_record: u64,
    others: u64,
    differences: u64,
    /// The journal does not tell everything.
    is_incomplete: bool,
    unread: BTreeSet<String>,
}

impl Report {
    pub(super) fn new() -> Report {
        Report {
            bar: ProgressBar::hidden(),
            total: 0,
            records: 0,
            bytes: 0,
            gaps: 0,
            link_faults: 0,
            acknowledged: 0,
            on_record: 0,
            others: 0,
            differences: 0,
            is_incomplete: false,
            unread: BTreeSet::new(),
        }
    }

    /// Something of this length is read from now on.
    pub(super) fn begin(&mut self, what: &'static str, total: u64) {
        self.bar.finish_and_clear();
        self.bar = ProgressBar::new(total);
        self.total = total;
        let style = ProgressStyle::with_template("{msg} [{bar:40}] {percent} %");
        self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.bar.set_message(what);
    }

    pub(super) fn left(&self, left: u64) {
        self.bar.set_position(self.total.saturating_sub(left));
    }

    pub(super) fn record(&mut self, record: &Record) {
        match record.kind {
            Kind::FileStart => return,
            Kind::Received => self.bytes += record.bytes.len() as u64,
            Kind::Gap { records, bytes } => {
                self.gaps += 1;
                self.wrong(&format!(
                    "the journal has a gap at {}: {records} records with {bytes} bytes were not \
                     written",
                    record.at.utc
                ));
            }
            Kind::Opened | Kind::Closed | Kind::Sent => {}
        }
        self.records += 1;
    }

    /// Expected after a kill: what follows was never acknowledged by this run.
    pub(super) fn torn(&self, damage: &Damage) {
        self.bar.suspend(|| complain(&damage.to_string()));
    }

    pub(super) fn damaged(&mut self, damage: &Damage) {
        self.wrong(&damage.to_string());
    }

    pub(super) fn nobody_reads(&mut self, analyser: &str) {
        if self.unread.insert(analyser.to_owned()) {
            self.wrong(&format!(
                "analyser {analyser}: neither the configuration nor the store says how it is read, \
                 its bytes are passed over: name its profile with --profile {analyser}=NAME"
            ));
        }
    }

    pub(super) const fn link_faults(&mut self, faults: u64) {
        self.link_faults = faults;
    }

    /// A message of the wire, after the store was read.
    pub(super) fn heard(&mut self, known: &Known) {
        let Known { analyser, at, length, fate, is_on_record } = known;
        self.acknowledged += u64::from(*fate == Fate::Acknowledged);
        self.others += u64::from(*fate != Fate::Acknowledged);
        self.on_record += u64::from(*is_on_record);
        if *is_on_record {
            return;
        }
        match fate {
            Fate::Acknowledged => self.difference(&format!(
                "not on record: analyser {analyser}, {at}, {length} bytes, acknowledged: have the \
                 analyser send it again and keep journal and store as they are"
            )),
            Fate::Refused | Fate::Unanswered => {}
            Fate::Cut(_) => self.remark(&format!(
                "a cut transfer is not on record: analyser {analyser}, {at}, {length} bytes"
            )),
        }
    }

    /// A message on record that the journal does not have although it tells of that time.
    pub(super) fn not_on_the_wire(&mut self, message: &ArchivedMessage) {
        let ArchivedMessage { message: number, analyser, received_at, bytes, .. } = message;
        let length = bytes.len();
        self.difference(&format!(
            "not in the journal: message {number}, analyser {analyser}, {received_at}, {length} \
             bytes"
        ));
    }

    pub(super) fn reads_differently(&mut self, message: &ArchivedMessage, deviation: &Deviation) {
        let (words, observation) = match deviation {
            Deviation::OnlyToday(observation) => ("read today and not on record", observation),
            Deviation::OnlyOnRecord(observation) => ("on record and not read today", observation),
        };
        let ArchivedMessage { message: number, analyser, .. } = message;
        let what = shown(observation);
        self.difference(&format!("{words}: message {number}, analyser {analyser}: {what}"));
    }

    /// The summary; whether nothing differs.
    pub(super) fn end(&self) -> bool {
        self.bar.finish_and_clear();
        say(&format!(
            "{} records, {} bytes received, {} faults on the lines, {} gaps; {} messages \
             acknowledged, {} refused, unanswered or cut; {} of all on record; {} differences",
            self.records,
            self.bytes,
            self.link_faults,
            self.gaps,
            self.acknowledged,
            self.others,
            self.on_record,
            self.differences,
        ));
        if self.is_incomplete {
            say(
                "the journal does not tell everything: what is missing there may be the difference",
            );
        }
        self.differences == 0 && !self.is_incomplete
    }

    fn difference(&mut self, line: &str) {
        self.differences += 1;
        self.bar.suspend(|| say(line));
    }

    fn wrong(&mut self, line: &str) {
        self.is_incomplete = true;
        self.remark(line);
    }

    fn remark(&self, line: &str) {
        self.bar.suspend(|| complain(line));
    }
}

fn shown(observation: &Observation) -> String {
    let donation = observation.din.as_ref().map_or("no donation", |din| din.as_str());
    format!(
        "donation {donation}, test {:?}, value {:?}, reading {}, status {}",
        observation.test_code,
        observation.value.as_deref().unwrap_or_default(),
        observation.reading.map_or("none", |reading| reading.id()),
        observation.status.map_or("none", |status| status.id()),
    )
}
