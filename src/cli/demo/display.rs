//! What the visitor sees while the morning runs: a live table where standard error is a terminal,
//! one line for each rack where it is not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::inventory::Ledger;
use crate::cli::say::{complain, say};
use crate::domain::Verdict;
use crate::simulator::{Model, Morning, Rack};

/// Shared by everything that has something to show.
#[derive(Clone)]
pub(super) struct Display {
    state: Arc<Mutex<State>>,
    table: Option<Arc<Table>>,
}

struct State {
    racks: usize,
    traffic: BTreeMap<Model, Traffic>,
    verdicts: BTreeMap<Verdict, usize>,
}

#[derive(Clone, Copy, Default)]
struct Traffic {
    sent: usize,
    acknowledged: usize,
}

/// The live table: one line of the terminal each.
struct Table {
    lines: MultiProgress,
    racks: ProgressBar,
    heading: ProgressBar,
    models: BTreeMap<Model, ProgressBar>,
    verdicts: ProgressBar,
}

impl Display {
    pub fn new(morning: &Morning) -> Display {
        let state = State {
            racks: morning.racks.len(),
            traffic: Model::BENCH.map(|model| (model, Traffic::default())).into(),
            verdicts: BTreeMap::new(),
        };
        let lines = MultiProgress::new();
        let table = (!lines.is_hidden()).then(|| Arc::new(Table::new(lines, morning)));
        Display { state: Arc::new(Mutex::new(state)), table }
    }

    /// This rack is now on the bench.
    pub fn rack(&self, rack: &Rack) {
        if let Some(table) = &self.table {
            let when = if rack.registered_late { ", registered after its results" } else { "" };
            table.racks.set_message(format!(
                "rack {}: {} tubes{when}",
                rack.number,
                rack.dins.len()
            ));
        }
    }

    /// Every analyser is through with this rack.
    pub fn rack_done(&self, rack: &Rack) {
        match &self.table {
            Some(table) => table.racks.inc(1),
            None => say(&self.change(|state| state.plain(rack))),
        }
    }

    /// An analyser hands over so many messages.
    pub fn sent(&self, model: Model, messages: usize) {
        self.traffic(model, |traffic| traffic.sent += messages);
    }

    /// One of them was acknowledged.
    pub fn acknowledged(&self, model: Model) {
        self.traffic(model, |traffic| traffic.acknowledged += 1);
    }

    /// The feed moved.
    pub fn verdicts(&self, ledger: &Ledger) {
        let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
        let decided = ledger.latest.values().filter_map(|d| Verdict::from_id(&d.verdict));
        decided.for_each(|verdict| *counts.entry(verdict).or_default() += 1);
        let line = self.change(|state| {
            state.verdicts = counts;
            State::verdict_line(&state.verdicts)
        });
        if let Some(table) = &self.table {
            table.verdicts.set_message(line);
        }
    }

    /// Something worth a line of its own.
    pub fn remark(&self, line: &str) {
        match &self.table {
            Some(table) => table.lines.suspend(|| complain(line)),
            None => complain(line),
        }
    }

    /// Leaves the table as it stands.
    pub fn finish(&self) {
        if let Some(table) = &self.table {
            table.racks.abandon_with_message("every rack is done");
            table.heading.abandon();
            table.models.values().for_each(ProgressBar::abandon);
            table.verdicts.abandon();
            say("");
        }
    }

    fn traffic(&self, model: Model, change: impl FnOnce(&mut Traffic)) {
        let traffic = self.change(|state| {
            let traffic = state.traffic.entry(model).or_default();
            change(traffic);
            *traffic
        });
        if let Some(bar) = self.table.as_ref().and_then(|table| table.models.get(&model)) {
            bar.set_message(traffic.line(model));
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    fn new(lines: MultiProgress, morning: &Morning) -> Table {
        let racks = lines.add(ProgressBar::new(u64::try_from(morning.racks.len()).unwrap_or(0)));
        racks.set_style(style("  racks {pos:>3} of {len} [{bar:30}] {msg}"));
        let text = |message: String| {
            let line = lines.add(ProgressBar::new(0));
            line.set_style(style("{msg}"));
            line.set_message(message);
            line
        };
        let heading =
            text(format!("  {:<18} {:>8} {:>13}", "analyser", "messages", "acknowledged"));
        let models = Model::BENCH.map(|model| (model, text(Traffic::default().line(model)))).into();
        let verdicts = text(State::verdict_line(&BTreeMap::new()));
        Table { racks, heading, models, verdicts, lines }
    }
}

/// The usual style where a template of ours is wrong: a demonstration goes on without it.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Traffic {
    fn line(self, model: Model) -> String {
        format!("  {:<18} {:>8} {:>13}", model.profile(), self.sent, self.acknowledged)
    }
}

impl State {
    /// One rack for whoever reads a log.
    fn plain(&self, rack: &Rack) -> String {
        let (sent, acknowledged) = self
            .traffic
            .values()
            .fold((0, 0), |(sent, acknowledged), t| (sent + t.sent, acknowledged + t.acknowledged));
        let (number, racks, tubes) = (rack.number, self.racks, rack.dins.len());
        let verdicts = State::verdict_line(&self.verdicts);
        format!(
            "  rack {number:>3} of {racks}: {tubes} donations, {acknowledged} of {sent} messages \
             acknowledged so far;{verdicts}"
        )
    }

    fn verdict_line(verdicts: &BTreeMap<Verdict, usize>) -> String {
        let counts = Verdict::ALL.map(|verdict| {
            format!("{verdict} {}", verdicts.get(&verdict).copied().unwrap_or_default())
        });
        format!("  {}", counts.join(", "))
    }
}
