//! `[link]`: how an analyser behaves on the line, where that is not what the standards say.
//!
//! Refuses a habit that the framing cannot have, and waits beyond any use.

use std::time::Duration;

use super::path::Dialect;
use crate::document::{Placed, Table};
use crate::limits;

/// How the analyser behaves on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHabits {
    /// What carries its messages.
    pub framing: Framing,
    /// LIS01: bytes of text in a frame that we send at most.
    pub frame_text_max: usize,
    /// LIS01: a frame that we send holds as many records as fit, or parts of them; otherwise one
    /// record each.
    pub packed: bool,
    /// LIS01: it takes an ACK of the ENQ that crossed ours, and sends at once (the standard: no
    /// reply, it bids again).
    pub acknowledge_contention: bool,
    /// LIS01: an ENQ inside a frame is a new session (the standard is silent; otherwise refused).
    pub restart_on_enquiry: bool,
    /// LIS01: it gives the line away when a frame is answered with EOT (receiver interrupt).
    pub yields_to_interrupt: bool,
    /// LIS01: we give the line away when it answers a frame of ours with EOT.
    pub honours_interrupt: bool,
    /// LIS01, T5: how long we wait for its next frame.
    pub next_frame_wait: Duration,
    /// MLLP: how long we wait for its acknowledgement.
    pub acknowledgement_wait: Duration,
}

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// LIS01-A2 frames.
    Lis01,
    /// LIS02 records without a link layer: a message ends with its L record. Nothing protects the
    /// bytes, and nothing is acknowledged.
    BareRecords,
    /// LIS02 records between STX and ETX, without number or checksum.
    StxEtx,
    /// MLLP.
    Mllp,
    /// MLLP release 2: each block is committed with one byte before it is acknowledged.
    MllpCommit,
    /// Texts in blocks; [`Profile::blocks`](super::Profile::blocks) has the rest.
    Blocks,
    /// Whole files; nothing is said on a line.
    Files,
}

impl Framing {
    const ALL: [Framing; 7] = [
        Framing::Lis01,
        Framing::BareRecords,
        Framing::StxEtx,
        Framing::Mllp,
        Framing::MllpCommit,
        Framing::Blocks,
        Framing::Files,
    ];

    /// The word used in profiles.
    pub const fn id(self) -> &'static str {
        match self {
            Framing::Lis01 => "lis01",
            Framing::BareRecords => "records",
            Framing::StxEtx => "stx-etx",
            Framing::Mllp => "mllp",
            Framing::MllpCommit => "mllp-commit",
            Framing::Blocks => "blocks",
            Framing::Files => "files",
        }
    }

    const fn carries(self, dialect: Dialect) -> bool {
        match self {
            Framing::Lis01 | Framing::BareRecords | Framing::StxEtx => {
                matches!(dialect, Dialect::Lis02)
            }
            Framing::Mllp | Framing::MllpCommit => matches!(dialect, Dialect::Hl7),
            Framing::Blocks => matches!(dialect, Dialect::Blocks),
            Framing::Files => matches!(dialect, Dialect::Text),
        }
    }
}

impl LinkHabits {
    /// What the standards say, where a profile says nothing (LIS01-A2 6.5.2.4: 30 s).
    const fn usual(dialect: Dialect) -> LinkHabits {
        LinkHabits {
            framing: match dialect {
                Dialect::Lis02 => Framing::Lis01,
                Dialect::Hl7 => Framing::Mllp,
                Dialect::Blocks => Framing::Blocks,
                Dialect::Text => Framing::Files,
            },
            frame_text_max: limits::FRAME_TEXT_SENT,
            packed: false,
            acknowledge_contention: false,
            restart_on_enquiry: false,
            yields_to_interrupt: false,
            honours_interrupt: false,
            next_frame_wait: Duration::from_secs(30),
            acknowledgement_wait: Duration::from_secs(10),
        }
    }

    /// What is weak in this way of sending, for the user.
    pub(super) fn remarks(&self) -> Vec<&'static str> {
        let unprotected = match self.framing {
            Framing::BareRecords => Some(
                "records come without a link layer: nothing protects the bytes, and nothing is \
                 acknowledged; what is lost or changed on the line is not noticed",
            ),
            Framing::StxEtx => Some(
                "records come between STX and ETX without a checksum: nothing protects the \
                 bytes; what is changed on the line is not noticed",
            ),
            Framing::Lis01
            | Framing::Mllp
            | Framing::MllpCommit
            | Framing::Blocks
            | Framing::Files => None,
        };
        let habits = [
            (
                self.acknowledge_contention,
                "an ENQ that crosses ours is acknowledged at once, against LIS01-A2 6.2.7.1",
            ),
            (
                self.restart_on_enquiry,
                "an ENQ inside a session begins a new one: what came before it is kept as a cut \
                 transfer",
            ),
        ];
        let habits = habits.into_iter().filter_map(|(is_so, remark)| is_so.then_some(remark));
        unprotected.into_iter().chain(habits).collect()
    }
}

/// Reads `[link]`.
pub(super) fn parse(root: &Table<'_>, dialect: Dialect) -> LinkHabits {
    let mut habits = LinkHabits::usual(dialect);
    let Some(table) = root.table("link") else { return habits };
    if let Some(framing) = framing(&table, dialect) {
        habits.framing = framing;
    }
    frames(&table, &mut habits);
    let switches = [
        ("acknowledge_contention", &mut habits.acknowledge_contention),
        ("restart_on_enquiry", &mut habits.restart_on_enquiry),
        ("yields_to_interrupt", &mut habits.yields_to_interrupt),
        ("honours_interrupt", &mut habits.honours_interrupt),
    ];
    for (key, habit) in switches {
        *habit = table.boolean(key).map_or(*habit, |switch| switch.value);
    }
    let waits = [
        ("next_frame_wait_s", &mut habits.next_frame_wait),
        ("acknowledgement_wait_s", &mut habits.acknowledgement_wait),
    ];
    for (key, wait) in waits {
        *wait = seconds(&table, key, limits::LINK_WAIT_MAX).unwrap_or(*wait);
    }
    possible(&table, habits.framing);
    habits
}

/// A wait in whole seconds, if the key is there.
pub(super) fn seconds(table: &Table<'_>, key: &str, longest: Duration) -> Option<Duration> {
    let longest = i64::try_from(longest.as_secs()).unwrap_or(i64::MAX);
    let seconds = table.integer(key, 1..=longest)?;
    u64::try_from(seconds.value).ok().map(Duration::from_secs)
}

fn framing(table: &Table<'_>, dialect: Dialect) -> Option<Framing> {
    let Placed { value, place } = table.string("framing")?;
    let fitting = || Framing::ALL.into_iter().filter(|framing| framing.carries(dialect));
    let known = fitting().find(|framing| framing.id() == value);
    if known.is_none() {
        let words: Vec<_> = fitting().map(Framing::id).collect();
        let message =
            format!("{value:?} does not carry {}: one of {}", dialect.id(), words.join(", "));
        table.fault(&place, message);
    }
    known
}

fn frames(table: &Table<'_>, habits: &mut LinkHabits) {
    let longest = i64::try_from(limits::FRAME_TEXT_MAX).unwrap_or(i64::MAX);
    let size = table.integer("frame_text", 1..=longest);
    if let Some(size) = size.and_then(|size| usize::try_from(size.value).ok()) {
        habits.frame_text_max = size;
    }
    if let Some(habit) = table.string("records_per_frame") {
        match habit.value.as_str() {
            "one" => habits.packed = false,
            "many" => habits.packed = true,
            _ => table.fault(&habit.place, "must be \"one\" or \"many\""),
        }
    }
}

/// Keys that mean something on one kind of line only.
fn possible(table: &Table<'_>, framing: Framing) {
    const LIS01: [&str; 7] = [
        "frame_text",
        "records_per_frame",
        "acknowledge_contention",
        "restart_on_enquiry",
        "yields_to_interrupt",
        "honours_interrupt",
        "next_frame_wait_s",
    ];
    const MLLP: [&str; 1] = ["acknowledgement_wait_s"];
    let wrong: &[&[&str]] = match framing {
        Framing::Lis01 => &[&MLLP],
        Framing::BareRecords | Framing::StxEtx => &[&LIS01, &MLLP],
        Framing::Mllp | Framing::MllpCommit => &[&LIS01],
        Framing::Blocks | Framing::Files => &[&LIS01, &MLLP],
    };
    for key in wrong.iter().copied().flatten().filter(|key| table.has(key)) {
        let message = format!("{key} means nothing where the framing is {}", framing.id());
        table.fault(&table.place(), message);
    }
}
