//! The numbers, by name. A name is a promise to dashboards: added, never renamed.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;

use super::{MessageOutcome, OrdersOutcome, fault_id};
use crate::journal;
use crate::link::LinkFaultKind;
use crate::store::{Counters, Health};
use crate::traffic::{AlarmKind, Files, Numbers};

/// What other rooms count, read at the scrape.
pub struct Measured {
    /// The store's numbers.
    pub store: Counters,
    /// Whether it takes entries.
    pub store_health: Health,
    /// The lines' numbers.
    pub lines: Vec<Numbers>,
    /// The wire journal, where one is kept.
    pub journal: Option<MeasuredJournal>,
}

/// What the wire journal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasuredJournal {
    /// Its numbers.
    pub numbers: journal::Numbers,
    /// Whether the last write was good.
    pub is_writing: bool,
}

/// Every number the daemon counts itself.
pub(super) struct Metrics {
    registry: Registry,
    messages: Family<OutcomeLabels, Counter>,
    order_messages: Family<OutcomeLabels, Counter>,
    link_faults: Family<KindLabels, Counter>,
    open: Family<AnalyserLabels, Gauge>,
    connections: Family<AnalyserLabels, Counter>,
    turned_away: Family<AnalyserLabels, Counter>,
    reconnects: Family<AnalyserLabels, Counter>,
    alarms: Family<AlarmLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnalyserLabels {
    analyser: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    analyser: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    analyser: String,
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AlarmLabels {
    source: &'static str,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("hemogate"),
            messages: Family::default(),
            order_messages: Family::default(),
            link_faults: Family::default(),
            open: Family::default(),
            connections: Family::default(),
            turned_away: Family::default(),
            reconnects: Family::default(),
            alarms: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("messages", "Messages by what became of them", self.messages.clone());
        registry.register(
            "order_messages",
            "Messages of ours that carry orders, by what became of them",
            self.order_messages.clone(),
        );
        registry.register(
            "link_faults",
            "Faults on the lines by kind; each is a run of bytes refused or ignored",
            self.link_faults.clone(),
        );
        registry.register("connections_open", "Lines open now", self.open.clone());
        registry.register("connections", "Lines opened since start", self.connections.clone());
        registry.register(
            "turned_away",
            "Connections turned away since start",
            self.turned_away.clone(),
        );
        registry.register(
            "reconnects",
            "Times a lost line was waited for and opened again",
            self.reconnects.clone(),
        );
        registry.register("alarms", "Alarms raised since start", self.alarms.clone());
    }

    pub(super) fn connected(&self, analyser: &str) {
        self.open.get_or_create(&labels(analyser)).inc();
        self.connections.get_or_create(&labels(analyser)).inc();
    }

    pub(super) fn disconnected(&self, analyser: &str) {
        self.open.get_or_create(&labels(analyser)).dec();
    }

    pub(super) fn turned_away(&self, analyser: &str) {
        self.turned_away.get_or_create(&labels(analyser)).inc();
    }

    pub(super) fn reconnecting(&self, analyser: &str) {
        self.reconnects.get_or_create(&labels(analyser)).inc();
    }

    pub(super) fn link_fault(&self, analyser: &str, kind: LinkFaultKind) {
        let labels = KindLabels { analyser: analyser.to_owned(), kind: fault_id(kind) };
        self.link_faults.get_or_create(&labels).inc();
    }

    pub(super) fn message(&self, analyser: &str, outcome: MessageOutcome) {
        let labels = OutcomeLabels { analyser: analyser.to_owned(), outcome: outcome.id() };
        self.messages.get_or_create(&labels).inc();
    }

    pub(super) fn orders(&self, analyser: &str, outcome: OrdersOutcome) {
        let labels = OutcomeLabels { analyser: analyser.to_owned(), outcome: outcome.id() };
        self.order_messages.get_or_create(&labels).inc();
    }

    pub(super) fn alarm(&self, source: &'static str) {
        self.alarms.get_or_create(&AlarmLabels { source }).inc();
    }

    /// OpenMetrics text, with what other rooms count.
    pub(super) fn encode(&self, measured: &Measured) -> String {
        let store = store_registry(&measured.store, &measured.store_health);
        let links = links_registry(&measured.lines);
        let journal = measured.journal.map_or_else(Registry::default, journal_registry);
        let mut out = String::new();
        // Writing to a String cannot fail; a half-written exposition would lack its EOF mark.
        let written = text::encode_registry(&mut out, &self.registry)
            .and_then(|()| text::encode_registry(&mut out, &store))
            .and_then(|()| text::encode_registry(&mut out, &links))
            .and_then(|()| text::encode_registry(&mut out, &journal))
            .and_then(|()| text::encode_eof(&mut out));
        debug_assert!(written.is_ok(), "a String takes everything");
        out
    }
}

fn labels(analyser: &str) -> AnalyserLabels {
    AnalyserLabels { analyser: analyser.to_owned() }
}

/// What the board shows, so that the two never contradict each other.
fn links_registry(lines: &[Numbers]) -> Registry {
    let (alarms, notes) = (Family::<KindLabels, Gauge>::default(), Family::default());
    let files = Family::<KindLabels, Gauge>::default();
    for Numbers { analyser, alarms: raised, counters, files: in_folder, .. } in lines {
        let labels = |kind| KindLabels { analyser: analyser.clone(), kind };
        for kind in AlarmKind::ALL {
            alarms.get_or_create(&labels(kind.id())).set(i64::from(raised.contains(&kind)));
        }
        for (kind, count) in &counters.notes {
            let counted: &Family<KindLabels, Counter> = &notes;
            counted.get_or_create(&labels(kind.id())).inc_by(*count);
        }
        for (kind, count) in in_folder.iter().flat_map(files_by_kind) {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            files.get_or_create(&labels(kind)).set(count);
        }
    }
    let mut registry = Registry::with_prefix("hemogate_link");
    registry.register("alarm", "1 while the alarm is raised", alarms);
    registry.register("notes", "What people must see, by kind, since start", notes);
    registry.register("files", "Files in its folder at the last look", files);
    registry
}

const fn files_by_kind(files: &Files) -> [(&'static str, u64); 3] {
    [("waiting", files.waiting), ("stuck", files.stuck), ("left-alone", files.left_alone)]
}

fn journal_registry(journal: MeasuredJournal) -> Registry {
    let mut registry = Registry::with_prefix("hemogate_journal");
    let numbers = journal.numbers;
    let counted = [
        ("records", "Records of the wire journal written since start", numbers.records),
        ("bytes", "Bytes of the wire journal written since start", numbers.bytes),
        ("lost_records", "Records that were not written since start", numbers.lost_records),
        ("lost_bytes", "Bytes of lines that were not written since start", numbers.lost_bytes),
    ];
    for (name, help, count) in counted {
        registry.register(name, help, ConstCounter::new(count));
    }
    let writing = i64::from(journal.is_writing);
    registry.register("writing", "1 while the journal is written", ConstGauge::new(writing));
    registry
}

fn store_registry(counters: &Counters, health: &Health) -> Registry {
    let mut registry = Registry::with_prefix("hemogate_store");
    let counted = [
        ("messages", "Messages committed since start", counters.messages),
        ("duplicates", "Duplicates acknowledged since start", counters.duplicates),
        ("observations", "Observations committed since start", counters.observations),
        ("verdicts", "Verdicts committed since start", counters.verdicts),
        ("commits", "Transactions committed since start", counters.commits),
        ("failures", "Transactions that failed since start", counters.failures),
    ];
    for (name, help, count) in counted {
        registry.register(name, help, ConstCounter::new(count));
    }
    let waiting = i64::try_from(counters.waiting).unwrap_or(i64::MAX);
    registry.register("waiting", "Entries waiting for the writer", ConstGauge::new(waiting));
    let writing = i64::from(matches!(health, Health::Writing));
    registry.register("writing", "1 while the store takes entries", ConstGauge::new(writing));
    registry
}
