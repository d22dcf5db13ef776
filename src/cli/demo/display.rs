//! What the visitor sees while the day runs: its chapters as they end, below them a live table
//! where standard error is a terminal.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::inventory::Ledger;
use crate::cli::say::{complain, say};
use crate::domain::Verdict;
use crate::simulator::{Chapter, Day, Model};

/// Shared by everything that has something to show.
#[derive(Clone)]
pub(super) struct Display {
    state: Arc<Mutex<State>>,
    table: Option<Arc<Table>>,
}

struct State {
    chapters: usize,
    told: usize,
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
    chapters: ProgressBar,
    heading: ProgressBar,
    models: BTreeMap<Model, ProgressBar>,
    verdicts: ProgressBar,
}

impl Display {
    pub fn new(day: &Day) -> Display {
        let state = State {
            chapters: day.chapters.len(),
            told: 0,
            traffic: Model::BENCH.map(|model| (model, Traffic::default())).into(),
            verdicts: BTreeMap::new(),
        };
        let lines = MultiProgress::new();
        let table = (!lines.is_hidden()).then(|| Arc::new(Table::new(lines, day)));
        Display { state: Arc::new(Mutex::new(state)), table }
    }

    /// This chapter begins.
    pub fn chapter(&self, chapter: &Chapter) {
        if let Some(table) = &self.table {
            table.chapters.set_message(chapter.title.clone());
        }
    }

    /// This chapter has ended; what became of its donations.
    pub fn chapter_done(&self, chapter: &Chapter, became: &[String]) {
        let heading = self.change(|state| {
            state.told += 1;
            format!("  {:>3}/{} {}", state.told, state.chapters, chapter.title)
        });
        let lines: Vec<String> = [heading]
            .into_iter()
            .chain(became.iter().map(|line| format!("          {line}")))
            .collect();
        match &self.table {
            Some(table) => {
                table.chapters.inc(1);
                table.lines.suspend(|| lines.iter().for_each(|line| say(line)));
            }
            None => lines.iter().for_each(|line| say(line)),
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
            table.chapters.abandon_with_message("the day is done");
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
    fn new(lines: MultiProgress, day: &Day) -> Table {
        let count = u64::try_from(day.chapters.len()).unwrap_or(0);
        let chapters = lines.add(ProgressBar::new(count));
        chapters.set_style(style("  {pos:>3} of {len} [{bar:20}] {msg}"));
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
        Table { chapters, heading, models, verdicts, lines }
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
    fn verdict_line(verdicts: &BTreeMap<Verdict, usize>) -> String {
        let counts = Verdict::ALL.map(|verdict| {
            format!("{verdict} {}", verdicts.get(&verdict).copied().unwrap_or_default())
        });
        format!("  {}", counts.join(", "))
    }
}
