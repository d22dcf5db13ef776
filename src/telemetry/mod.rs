//! Logs and metrics: one event gives both. Never a name or an identity number.
//!
//! Every method of [`Telemetry`] is one event: it counts and it writes one log line. Events take
//! kinds, offsets and lengths, never bytes, because bytes may hold a donor's identity; that is
//! also why there is no way to hand over free text of a message. Refuses: unbounded logs (beyond
//! [`limits::FAULT_LOG_PER_MINUTE`] faults of one analyser are counted, not written).

mod fault_log;
mod logging;
mod metrics;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use logging::start_logging;
pub use metrics::{Measured, MeasuredJournal};

use crate::clock;
use crate::link::LinkFaultKind;
use crate::store::StoreError;
use crate::traffic::{Note, NoteKind};
use fault_log::{FaultLog, Permit};
use metrics::Metrics;

/// Where events go; cheap to clone.
#[derive(Clone, Default)]
pub struct Telemetry {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    metrics: Metrics,
    faults: FaultLog,
}

/// What became of a message, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageOutcome {
    /// Committed and understood, or on record already.
    Stored,
    /// Committed, but something in it could not be read.
    Unread,
    /// Not committed; the analyser will send it again.
    Refused,
    /// The transfer was cut short; what came was kept as evidence.
    Incomplete,
}

impl MessageOutcome {
    /// The word used in logs and metrics.
    pub const fn id(self) -> &'static str {
        match self {
            MessageOutcome::Stored => "stored",
            MessageOutcome::Unread => "unread",
            MessageOutcome::Refused => "refused",
            MessageOutcome::Incomplete => "incomplete",
        }
    }
}

/// What became of a message of ours that carries orders, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrdersOutcome {
    /// The analyser took it.
    Delivered,
    /// It was sent and not taken.
    NotTaken,
    /// It was not sent, because the analyser would not have waited for it.
    Late,
    /// It was not sent, because it was overtaken.
    Withdrawn,
}

impl OrdersOutcome {
    /// The word used in logs and metrics.
    pub const fn id(self) -> &'static str {
        match self {
            OrdersOutcome::Delivered => "delivered",
            OrdersOutcome::NotTaken => "not_taken",
            OrdersOutcome::Late => "late",
            OrdersOutcome::Withdrawn => "withdrawn",
        }
    }

    /// What the administrator makes of it.
    const fn advice(self) -> &'static str {
        match self {
            OrdersOutcome::Delivered => "taken",
            OrdersOutcome::NotTaken => {
                "not taken: the tubes are not tested until the analyser asks again or takes them \
                 at the next try; see whether it is ready to receive"
            }
            OrdersOutcome::Late => {
                "not sent, the analyser would not have waited: have it ask again; if it goes on, \
                 look at the store and at how long the profile says that it waits"
            }
            OrdersOutcome::Withdrawn => {
                "not sent: the query was withdrawn, or one before it failed"
            }
        }
    }
}

/// What the administrator makes of what became of a message.
const fn message_advice(outcome: MessageOutcome) -> &'static str {
    match outcome {
        MessageOutcome::Stored => "committed",
        MessageOutcome::Unread => {
            "committed, but not understood completely: GET /api/v1/messages?state=unread shows it"
        }
        MessageOutcome::Refused => {
            "not committed and not acknowledged: the analyser sends it again, /readyz says more"
        }
        MessageOutcome::Incomplete => {
            "cut short, kept as evidence: have the analyser send it again, it is listed at \
             GET /api/v1/messages?state=unread until then"
        }
    }
}

/// What the administrator makes of a fault on the line.
const fn fault_advice(kind: LinkFaultKind) -> &'static str {
    match kind {
        LinkFaultKind::Noise => {
            "bytes between messages ignored: if it goes on, check the cable, the settings of the \
             serial line and that the profile is this analyser's"
        }
        LinkFaultKind::Malformed | LinkFaultKind::Checksum => {
            "damaged, the analyser must send it again: if it goes on, check the cable and the \
             settings of the serial line"
        }
        LinkFaultKind::FrameNumber => {
            "frame out of turn refused: if it goes on, restart the transmission at the analyser"
        }
        LinkFaultKind::RepeatDiffers => {
            "frame repeated with another text refused: if it goes on, restart the transmission at \
             the analyser"
        }
        LinkFaultKind::Repeated => {
            "frame sent again, counted once: harmless, our acknowledgement was late or lost"
        }
        LinkFaultKind::TooLong => {
            "longer than it may be, refused: check that the profile is this analyser's"
        }
        LinkFaultKind::UnexpectedEnquiry => {
            "the analyser began again in the middle: harmless unless it goes on"
        }
        LinkFaultKind::StrayAnswer => {
            "answer to no message that waits for one, credited to none: if it goes on, check that \
             the analyser answers each message once and in time"
        }
    }
}

/// The word for a kind of link fault, as used in logs, metrics and by `decode`.
pub const fn fault_id(kind: LinkFaultKind) -> &'static str {
    match kind {
        LinkFaultKind::Noise => "noise",
        LinkFaultKind::Malformed => "malformed",
        LinkFaultKind::Checksum => "checksum",
        LinkFaultKind::FrameNumber => "frame_number",
        LinkFaultKind::RepeatDiffers => "repeat_differs",
        LinkFaultKind::Repeated => "repeated",
        LinkFaultKind::TooLong => "too_long",
        LinkFaultKind::UnexpectedEnquiry => "unexpected_enquiry",
        LinkFaultKind::StrayAnswer => "stray_answer",
    }
}

impl Telemetry {
    /// With every number at zero.
    pub fn new() -> Telemetry {
        Telemetry::default()
    }

    /// Something listens: `what` is `http` or an analyser's id.
    pub fn listening(&self, what: &str, address: impl fmt::Display) {
        tracing::info!(what, %address, "listening");
    }

    /// A line to an analyser is open.
    pub fn connected(&self, analyser: &str, peer: impl fmt::Display) {
        self.shared.metrics.connected(analyser);
        tracing::info!(analyser, %peer, "connected");
    }

    /// A line that was [`Telemetry::connected`] is closed; `why` in words without message content.
    pub fn disconnected(&self, analyser: &str, peer: impl fmt::Display, why: impl fmt::Display) {
        self.shared.metrics.disconnected(analyser);
        tracing::info!(analyser, %peer, %why, "disconnected");
    }

    /// A connection was turned away: too many are open, or the address may not connect.
    pub fn turned_away(&self, analyser: &str, peer: impl fmt::Display, why: impl fmt::Display) {
        self.shared.metrics.turned_away(analyser);
        self.permitted(analyser, || tracing::warn!(analyser, %peer, %why, "turned away"));
    }

    /// A line is lost or could not be opened; it is tried again after `pause`.
    pub fn reconnecting(&self, analyser: &str, pause: Duration, why: impl fmt::Display) {
        self.shared.metrics.reconnecting(analyser);
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        let advice = "check that the analyser is on and the line is plugged in";
        tracing::warn!(analyser, pause_ms, %why, "line is down, opening it again: {advice}");
    }

    /// Bytes were refused or ignored: `length` bytes at `offset` of the connection.
    pub fn link_fault(&self, analyser: &str, kind: LinkFaultKind, offset: u64, length: usize) {
        self.shared.metrics.link_fault(analyser, kind);
        let (kind, advice) = (fault_id(kind), fault_advice(kind));
        self.permitted(analyser, || {
            tracing::warn!(analyser, kind, offset, length, "{advice}");
        });
    }

    /// A message was dealt with.
    pub fn message(&self, analyser: &str, outcome: MessageOutcome) {
        self.shared.metrics.message(analyser, outcome);
        let (word, advice) = (outcome.id(), message_advice(outcome));
        match outcome {
            MessageOutcome::Stored => tracing::debug!(analyser, outcome = word, "message {advice}"),
            MessageOutcome::Unread | MessageOutcome::Refused | MessageOutcome::Incomplete => {
                self.permitted(analyser, || {
                    tracing::warn!(analyser, outcome = word, "message {advice}");
                });
            }
        }
    }

    /// A message of ours with orders was dealt with.
    pub fn orders(&self, analyser: &str, outcome: OrdersOutcome) {
        self.shared.metrics.orders(analyser, outcome);
        let (word, advice) = (outcome.id(), outcome.advice());
        match outcome {
            OrdersOutcome::Delivered => {
                tracing::debug!(analyser, outcome = word, "orders {advice}")
            }
            OrdersOutcome::NotTaken | OrdersOutcome::Late | OrdersOutcome::Withdrawn => {
                self.permitted(analyser, || {
                    tracing::warn!(analyser, outcome = word, "orders {advice}");
                });
            }
        }
    }

    /// The store takes nothing: nothing is acknowledged until the cause is gone.
    pub fn store_failing(&self, error: &StoreError) {
        self.shared.metrics.alarm("store");
        tracing::error!(%error, "ALARM: the store takes nothing, nothing is acknowledged");
    }

    /// The store takes entries again.
    pub fn store_recovered(&self) {
        tracing::info!("the store takes entries again");
    }

    /// A known-bad donation came out releasable: release is stopped.
    pub fn release_stopped(&self, why: &str) {
        self.shared.metrics.alarm("release");
        tracing::error!("ALARM: {why}");
    }

    /// More first results of a reagent lot are reactive than the laboratory expects.
    pub fn lot_reactive(&self, why: &str) {
        self.shared.metrics.alarm("lot");
        tracing::error!("ALARM: {why}");
    }

    /// Something people must see was noted about a line; the board counts it.
    pub fn note(&self, analyser: &str, note: &Note) {
        let Note { kind, text, .. } = note;
        match kind {
            NoteKind::Silence | NoteKind::TwoLines | NoteKind::Folder | NoteKind::File => {
                self.shared.metrics.alarm(kind.id());
                tracing::error!(analyser, kind = kind.id(), "ALARM: {text}");
            }
            NoteKind::SilenceOver
            | NoteKind::TwoLinesOver
            | NoteKind::FolderOver
            | NoteKind::FileOver
            | NoteKind::Reopened => {
                tracing::info!(analyser, kind = kind.id(), "{text}");
            }
            NoteKind::HalfOpen | NoteKind::FileRefused => self.permitted(analyser, || {
                tracing::warn!(analyser, kind = kind.id(), "{text}");
            }),
            // Events of their own, which have their lines already.
            NoteKind::TurnedAway
            | NoteKind::AnswerLate
            | NoteKind::OrderGivenUp
            | NoteKind::OrdersRefused => {}
        }
    }

    /// The wire journal is not written; `why` in words, and what to do.
    pub fn journal_failing(&self, why: &str) {
        self.shared.metrics.alarm("journal");
        tracing::error!("ALARM: {why}");
    }

    /// The wire journal is written again.
    pub fn journal_recovered(&self) {
        tracing::info!("the wire journal is written again; what is missing is marked in it");
    }

    /// Everything counted so far, as OpenMetrics text; what other rooms count is read by the
    /// caller at this moment.
    pub fn encode_metrics(&self, measured: &Measured) -> String {
        self.shared.metrics.encode(measured)
    }

    /// Writes a line about an analyser's faults unless it has used up its share of the log.
    fn permitted(&self, analyser: &str, write: impl FnOnce()) {
        match self.shared.faults.permit(analyser, clock::moment()) {
            Permit::Write => write(),
            Permit::LastOne => {
                write();
                tracing::warn!(analyser, "many faults: the rest of this minute is only counted");
            }
            Permit::CountOnly => {}
        }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal;
    use crate::store::{Counters, Health};
    use crate::traffic::{Board, PostInfo};

    fn nothing() -> Measured {
        let (store, store_health) = (Counters::default(), Health::Writing);
        Measured { store, store_health, lines: Vec::new(), journal: None }
    }

    fn encoded(telemetry: &Telemetry) -> String {
        telemetry.encode_metrics(&nothing())
    }

    #[test]
    fn events_are_counted_by_analyser_and_kind() {
        let telemetry = Telemetry::new();
        telemetry.connected("a1", "127.0.0.1:9");
        telemetry.message("a1", MessageOutcome::Stored);
        telemetry.message("a1", MessageOutcome::Stored);
        telemetry.message("a1", MessageOutcome::Refused);
        telemetry.link_fault("a1", LinkFaultKind::Checksum, 12, 250);
        telemetry.reconnecting("b2", Duration::from_millis(500), "refused");
        let text = encoded(&telemetry);
        for line in [
            r#"hemogate_connections_open{analyser="a1"} 1"#,
            r#"hemogate_messages_total{analyser="a1",outcome="stored"} 2"#,
            r#"hemogate_messages_total{analyser="a1",outcome="refused"} 1"#,
            r#"hemogate_link_faults_total{analyser="a1",kind="checksum"} 1"#,
            r#"hemogate_reconnects_total{analyser="b2"} 1"#,
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"), "{text}");
    }

    #[test]
    fn a_closed_connection_is_no_longer_counted_as_open() {
        let telemetry = Telemetry::new();
        telemetry.connected("a1", "peer");
        telemetry.disconnected("a1", "peer", "closed by the peer");
        let text = encoded(&telemetry);
        assert!(text.contains(r#"hemogate_connections_open{analyser="a1"} 0"#), "{text}");
        assert!(text.contains(r#"hemogate_connections_total{analyser="a1"} 1"#), "{text}");
    }

    #[test]
    fn the_stores_numbers_are_read_at_the_scrape() {
        let store = Counters { commits: 7, waiting: 3, ..Counters::default() };
        let store_health = Health::Failing(StoreError::Full);
        let measured = Measured { store, store_health, ..nothing() };
        let text = Telemetry::new().encode_metrics(&measured);
        for line in [
            "hemogate_store_commits_total 7",
            "hemogate_store_waiting 3",
            "hemogate_store_writing 0",
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
        assert_eq!(text.matches("# EOF").count(), 1);
        assert!(!text.contains("hemogate_journal"), "there is none: {text}");
    }

    #[test]
    fn the_journals_numbers_are_read_at_the_scrape() {
        let numbers = journal::Numbers { records: 1, bytes: 2, lost_records: 3, lost_bytes: 4 };
        for (is_writing, number) in [(true, 1), (false, 0)] {
            let journal = Some(MeasuredJournal { numbers, is_writing });
            let text = Telemetry::new().encode_metrics(&Measured { journal, ..nothing() });
            for line in [
                "hemogate_journal_records_total 1".to_owned(),
                "hemogate_journal_bytes_total 2".to_owned(),
                "hemogate_journal_lost_records_total 3".to_owned(),
                "hemogate_journal_lost_bytes_total 4".to_owned(),
                format!("hemogate_journal_writing {number}"),
            ] {
                assert!(text.contains(&line), "{line} not in\n{text}");
            }
        }
    }

    #[test]
    fn every_line_has_its_alarms_raised_or_not_and_its_notes() {
        let board = Board::new(clock::now());
        let telemetry = Telemetry::new();
        let told = telemetry.clone();
        board.on_note(Box::new(move |analyser, note| told.note(analyser, note)));
        let info = |id: &str, silence_after| PostInfo {
            analyser: id.to_owned(),
            profile: "p".to_owned(),
            line: "TCP".to_owned(),
            silence_after,
            instrument: None,
        };
        board.post(info("a1", Some(Duration::ZERO)));
        board.post(info("b2", None));
        board.check(clock::now());
        board.check(clock::now());
        let text = telemetry.encode_metrics(&Measured { lines: board.numbers(), ..nothing() });
        for line in [
            r#"hemogate_link_alarm{analyser="a1",kind="silence"} 1"#,
            r#"hemogate_link_alarm{analyser="a1",kind="two-lines"} 0"#,
            r#"hemogate_link_alarm{analyser="b2",kind="silence"} 0"#,
            r#"hemogate_link_notes_total{analyser="a1",kind="silence"} 1"#,
            r#"hemogate_alarms_total{source="silence"} 1"#,
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
    }
}
