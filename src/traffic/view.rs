//! One line as it is now, in values that can be shown.

use super::{At, Connection, NoteKind, PostInfo};
use crate::link::LinkFaultKind;

/// Whether a line is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// No connection; the analyser is waited for.
    Waiting,
    /// At least one connection.
    Connected,
    /// The line was lost or could not be opened; it is opened again.
    Lost,
}

impl LinkState {
    /// The word for it over HTTP.
    pub const fn id(self) -> &'static str {
        match self {
            LinkState::Waiting => "waiting",
            LinkState::Connected => "connected",
            LinkState::Lost => "lost",
        }
    }
}

/// What is wrong with a line now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlarmKind {
    /// Nothing came for as long as the line may be quiet.
    Silence,
    /// One instrument sends on two lines at once (FM-04).
    TwoLines,
    /// A folder for files cannot be used.
    Folder,
    /// A file in it needs a person: it was cut off, or cannot be moved.
    File,
}

impl AlarmKind {
    /// Every kind.
    pub const ALL: [AlarmKind; 4] =
        [AlarmKind::Silence, AlarmKind::TwoLines, AlarmKind::Folder, AlarmKind::File];

    /// The word for it over HTTP and in metrics.
    pub const fn id(self) -> &'static str {
        match self {
            AlarmKind::Silence => "silence",
            AlarmKind::TwoLines => "two-lines",
            AlarmKind::Folder => "folder",
            AlarmKind::File => "file",
        }
    }
}

/// Something that is wrong with a line now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What.
    pub kind: AlarmKind,
    /// In words, and what to do.
    pub text: String,
    /// Since when.
    pub since: At,
}

/// Something people must see, and when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What.
    pub kind: NoteKind,
    /// In words; never bytes of a message.
    pub text: String,
    /// When.
    pub at: At,
}

/// An open connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its number.
    pub connection: Connection,
    /// Address or device.
    pub peer: String,
    /// Since when.
    pub since: At,
}

/// The files in a folder, at the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Results that are not complete yet, or not taken yet.
    pub waiting: u64,
    /// Files that need a person: cut off, unreadable, or stored but not moved.
    pub stuck: u64,
    /// Entries that are no results by their name or kind: never touched.
    pub left_alone: u64,
}

/// Everything counted since start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes from the analyser.
    pub bytes_received: u64,
    /// Bytes to it.
    pub bytes_sent: u64,
    /// Messages from the analyser, by what became of them.
    pub messages_received: Vec<(&'static str, u64)>,
    /// Messages to it, by what became of them.
    pub messages_sent: Vec<(&'static str, u64)>,
    /// Faults by kind.
    pub faults: Vec<(LinkFaultKind, u64)>,
    /// Notes by kind.
    pub notes: Vec<(NoteKind, u64)>,
    /// Connections opened.
    pub connections: u64,
    /// Times the line was lost, or could not be opened, and was tried again.
    pub reconnects: u64,
}

/// One line as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// What was known before anything happened.
    pub info: PostInfo,
    /// Whether it is open.
    pub state: LinkState,
    /// Since when.
    pub since: At,
    /// Why it is not open, where that is known.
    pub why: Option<String>,
    /// Open connections, oldest first.
    pub peers: Vec<Peer>,
    /// When the last byte came.
    pub last_received: Option<At>,
    /// When the last message came to its end.
    pub last_message: Option<At>,
    /// When the last byte was sent.
    pub last_sent: Option<At>,
    /// Everything counted.
    pub counters: Counters,
    /// The files in its folder, where it has one.
    pub files: Option<Files>,
    /// What is wrong now.
    pub alarms: Vec<Alarm>,
    /// The last notes, oldest first; at most [`limits::NOTES_KEPT`](crate::limits::NOTES_KEPT).
    pub notes: Vec<Note>,
    /// Number of the last piece of traffic.
    pub head: u64,
}

impl Counters {
    /// Messages from the analyser, whatever became of them.
    pub fn messages(&self) -> u64 {
        self.messages_received.iter().map(|(_, count)| count).sum()
    }
}

/// Counts one more of a kind; kinds are few.
pub(super) fn count<K: PartialEq>(counts: &mut Vec<(K, u64)>, kind: K) {
    match counts.iter_mut().find(|(other, _)| *other == kind) {
        Some((_, count)) => *count += 1,
        None => counts.push((kind, 1)),
    }
}
