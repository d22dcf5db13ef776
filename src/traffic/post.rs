//! One analyser's post: the session says what happens, and everybody may look.
//!
//! ```text
//!                 connected                      lost
//!   Waiting ------------------> Connected    (any) ------> Lost
//!      ^                          |  ^                      |
//!      +---- last disconnected ---+  +------ connected -----+
//! ```
//!
//! | state | event | next |
//! |---|---|---|
//! | waiting, lost | connected | connected; from lost with a note |
//! | connected | disconnected, others are open | connected |
//! | connected | disconnected, none is open | waiting |
//! | any without a connection | lost | lost |
//! | connected | lost | connected: an attempt beside the open line failed |

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Waker;
use std::time::Duration;

use super::instrument::Instrument;
use super::ring::{Page, PieceKind, Ring};
use super::view::{Alarm, AlarmKind, Counters, Files, LinkState, LinkView, Note, Peer, count};
use super::wakers::{More, Wakers};
use super::{At, Connection, NoteKind, Numbers, OnNote, PostInfo, locked};
use crate::limits;
use crate::link::LinkFaultKind;

/// One analyser's post. Every method costs well under the time that a read of a socket takes.
pub struct Post {
    info: PostInfo,
    instrument: Option<Arc<Instrument>>,
    inner: Mutex<Inner>,
    listener: Arc<OnceLock<OnNote>>,
}

struct Inner {
    state: LinkState,
    since: At,
    why: Option<String>,
    peers: Vec<Peer>,
    last_connection: u64,
    last_received: Option<At>,
    last_message: Option<At>,
    last_sent: Option<At>,
    counters: Counters,
    files: Option<Files>,
    alarms: Vec<Alarm>,
    notes: VecDeque<Note>,
    ring: Ring,
    wakers: Wakers,
    /// Silence is counted from here while no byte came.
    quiet_since: At,
    /// Notes that the listener has not heard yet.
    untold: Vec<Note>,
}

impl Post {
    pub(super) fn new(
        info: PostInfo,
        started: At,
        instrument: Option<Arc<Instrument>>,
        listener: Arc<OnceLock<OnNote>>,
    ) -> Post {
        let inner = Inner {
            state: LinkState::Waiting,
            since: started,
            why: None,
            peers: Vec::new(),
            last_connection: 0,
            last_received: None,
            last_message: None,
            last_sent: None,
            counters: Counters::default(),
            files: None,
            alarms: Vec::new(),
            notes: VecDeque::new(),
            ring: Ring::default(),
            wakers: Wakers::default(),
            quiet_since: started,
            untold: Vec::new(),
        };
        Post { info, instrument, inner: Mutex::new(inner), listener }
    }

    /// What was known before anything happened.
    pub const fn info(&self) -> &PostInfo {
        &self.info
    }

    /// A connection is open; every later word about it carries the number returned.
    pub fn connected(&self, peer: &str, at: At) -> Connection {
        self.change(|inner| inner.connected(&self.info, peer, at))
    }

    /// A connection is closed; `why` in words without bytes of a message.
    pub fn disconnected(&self, connection: Connection, why: &str, at: At) {
        if let Some(instrument) = &self.instrument {
            instrument.closed(&self.info.analyser, connection);
        }
        self.change(|inner| inner.disconnected(connection, why, at));
    }

    /// The line was lost, or could not be opened, and is opened again after a pause.
    pub fn lost(&self, why: &str, at: At) {
        self.change(|inner| {
            inner.counters.reconnects += 1;
            if inner.peers.is_empty() {
                inner.enter(LinkState::Lost, at, Some(why));
            }
        });
    }

    /// Bytes came.
    pub fn received(&self, connection: Connection, bytes: &[u8], at: At) {
        self.change(|inner| {
            inner.counters.bytes_received += bytes.len() as u64;
            inner.last_received = Some(at);
            inner.quiet_since = at;
            inner.ring.push(at, connection, PieceKind::Received, bytes);
            if inner.alarms.iter().any(|alarm| alarm.kind == AlarmKind::Silence) {
                inner.clear(&self.info, AlarmKind::Silence, at);
            }
        });
    }

    /// Bytes were sent.
    pub fn sent(&self, connection: Connection, bytes: &[u8], at: At) {
        self.change(|inner| {
            inner.counters.bytes_sent += bytes.len() as u64;
            inner.last_sent = Some(at);
            inner.ring.push(at, connection, PieceKind::Sent, bytes);
        });
    }

    /// A message from the analyser came to its end; `outcome` is one of a few words, as in the
    /// metrics.
    pub fn message(&self, connection: Connection, outcome: &'static str, at: At) {
        self.change(|inner| {
            count(&mut inner.counters.messages_received, outcome);
            inner.last_message = Some(at);
            inner.ring.push(at, connection, PieceKind::Message, outcome.as_bytes());
        });
        if let Some(instrument) = &self.instrument {
            instrument.message(&self.info.analyser, connection, at.moment);
            self.check_lines(instrument, at);
        }
    }

    /// A message of ours came to its end; `outcome` as in [`Post::message`].
    pub fn message_sent(&self, connection: Connection, outcome: &'static str, at: At) {
        self.change(|inner| {
            count(&mut inner.counters.messages_sent, outcome);
            let text = format!("our message: {outcome}");
            inner.ring.push(at, connection, PieceKind::Message, text.as_bytes());
        });
    }

    /// Bytes were refused or ignored: `length` of them at `offset` of the connection.
    pub fn fault(
        &self,
        connection: Connection,
        kind: LinkFaultKind,
        offset: u64,
        length: usize,
        at: At,
    ) {
        self.change(|inner| {
            count(&mut inner.counters.faults, kind);
            let text = format!("{length} bytes at byte {offset}");
            inner.ring.push(at, connection, PieceKind::Fault(kind), text.as_bytes());
        });
    }

    /// Something people must see; `text` in words without bytes of a message.
    pub fn note(&self, kind: NoteKind, text: &str, at: At) {
        self.change(|inner| inner.note(kind, text, at));
    }

    /// The files in the folder of the line as they were at the last look.
    pub fn files(&self, files: Files) {
        self.change(|inner| inner.files = Some(files));
    }

    /// Something is wrong with the line that only its session can know; told again when the words
    /// for it change.
    pub fn alarm(&self, kind: AlarmKind, text: &str, at: At) {
        self.change(|inner| {
            let told = inner.alarms.iter_mut().find(|alarm| alarm.kind == kind);
            match told {
                None => inner.raise(kind, text.to_owned(), at),
                Some(alarm) if alarm.text == text => {}
                Some(alarm) => {
                    text.clone_into(&mut alarm.text);
                    inner.note(raised(kind), text, at);
                }
            }
        });
    }

    /// It is so no longer.
    pub fn alarm_over(&self, kind: AlarmKind, at: At) {
        self.change(|inner| inner.clear(&self.info, kind, at));
    }

    /// The line as it is now.
    pub fn view(&self) -> LinkView {
        let inner = locked(&self.inner);
        LinkView {
            info: self.info.clone(),
            state: inner.state,
            since: inner.since,
            why: inner.why.clone(),
            peers: inner.peers.clone(),
            last_received: inner.last_received,
            last_message: inner.last_message,
            last_sent: inner.last_sent,
            counters: inner.counters.clone(),
            files: inner.files,
            alarms: inner.alarms.clone(),
            notes: inner.notes.iter().cloned().collect(),
            head: inner.ring.head(),
        }
    }

    /// Recent traffic after a number, at most `limit` pieces; after `None` the oldest there are.
    pub fn traffic(&self, after: Option<u64>, limit: usize) -> Page {
        locked(&self.inner).ring.page(after, limit)
    }

    /// Waits until there is traffic after a number. Costs nothing while there is none.
    pub fn more(self: &Arc<Post>, after: u64) -> More {
        More::new(Arc::clone(self), after)
    }

    pub(super) fn numbers(&self) -> Numbers {
        let inner = locked(&self.inner);
        Numbers {
            analyser: self.info.analyser.clone(),
            open: inner.peers.len(),
            alarms: inner.alarms.iter().map(|alarm| alarm.kind).collect(),
            last_received: inner.last_received,
            counters: inner.counters.clone(),
            files: inner.files,
        }
    }

    pub(super) fn check(&self, at: At) {
        if let Some(silence_after) = self.info.silence_after {
            self.check_silence(silence_after, at);
        }
        if let Some(instrument) = &self.instrument {
            self.check_lines(instrument, at);
        }
    }

    fn check_silence(&self, silence_after: Duration, at: At) {
        self.change(|inner| {
            if inner.quiet_since.moment.plus(silence_after) > at.moment {
                return;
            }
            let text = format!(
                "analyser {}: nothing received for {} (the line is {}): check that it is on, that \
                 it is set to send, and its cable",
                self.info.analyser,
                in_words(silence_after),
                inner.state.id()
            );
            inner.raise(AlarmKind::Silence, text, at);
        });
    }

    fn check_lines(&self, instrument: &Instrument, at: At) {
        let others = instrument.others(&self.info.analyser, at.moment);
        if others.is_empty() {
            self.change(|inner| inner.clear(&self.info, AlarmKind::TwoLines, at));
            return;
        }
        let text = format!(
            "analyser {}: its instrument {} sends on another line too: {}. Results may cross: \
             leave one line plugged in",
            self.info.analyser,
            self.info.instrument.as_deref().unwrap_or_default(),
            others.join(", ")
        );
        self.change(|inner| inner.raise(AlarmKind::TwoLines, text, at));
    }

    /// Changes what is on the board, then tells of notes and wakes who waits for more traffic.
    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = locked(&self.inner);
        let before = inner.ring.head();
        let outcome = change(&mut inner);
        let woken = if inner.ring.head() == before { Vec::new() } else { inner.wakers.take() };
        let notes = std::mem::take(&mut inner.untold);
        drop(inner);
        if let Some(tell) = self.listener.get() {
            notes.iter().for_each(|note| tell(&self.info.analyser, note));
        }
        for (_, waker) in woken {
            waker.wake();
        }
        outcome
    }

    /// `None`: there is traffic after the number. Else the number under which the waker waits.
    pub(super) fn wait(&self, after: u64, number: Option<u64>, waker: &Waker) -> Option<u64> {
        let mut inner = locked(&self.inner);
        if inner.ring.head() > after {
            if let Some(number) = number {
                inner.wakers.remove(number);
            }
            return None;
        }
        Some(inner.wakers.place(number, waker))
    }

    pub(super) fn no_longer_waits(&self, number: u64) {
        locked(&self.inner).wakers.remove(number);
    }
}

impl Inner {
    fn connected(&mut self, info: &PostInfo, peer: &str, at: At) -> Connection {
        self.last_connection += 1;
        let connection = Connection(self.last_connection);
        self.counters.connections += 1;
        self.ring.push(at, connection, PieceKind::Opened, peer.as_bytes());
        if self.state == LinkState::Lost {
            let text = format!("analyser {}: the line is open again", info.analyser);
            self.note(NoteKind::Reopened, &text, at);
        }
        if let Some(earlier) = self.peers.iter().find(|open| host(&open.peer) == host(peer)) {
            let text = format!(
                "analyser {}: {peer} connected while {} of the same machine counts as open since \
                 {}: if the analyser was restarted or unplugged, the earlier one is dead and is \
                 closed soon",
                info.analyser, earlier.peer, earlier.since.utc
            );
            self.note(NoteKind::HalfOpen, &text, at);
        }
        if self.peers.len() < limits::CONNECTIONS_PER_ANALYSER {
            self.peers.push(Peer { connection, peer: peer.to_owned(), since: at });
        }
        if self.state != LinkState::Connected {
            self.enter(LinkState::Connected, at, None);
        }
        connection
    }

    fn disconnected(&mut self, connection: Connection, why: &str, at: At) {
        self.ring.push(at, connection, PieceKind::Closed, why.as_bytes());
        self.peers.retain(|peer| peer.connection != connection);
        if self.peers.is_empty() {
            self.enter(LinkState::Waiting, at, Some(why));
        }
    }

    fn enter(&mut self, state: LinkState, at: At, why: Option<&str>) {
        if self.state != state {
            self.since = at;
        }
        self.state = state;
        self.why = why.map(str::to_owned);
    }

    fn note(&mut self, kind: NoteKind, text: &str, at: At) {
        count(&mut self.counters.notes, kind);
        let text = shortened(text).to_owned();
        self.ring.push(at, Connection(0), PieceKind::Note, text.as_bytes());
        if self.notes.len() >= limits::NOTES_KEPT {
            self.notes.pop_front();
        }
        let note = Note { kind, text, at };
        self.untold.push(note.clone());
        self.notes.push_back(note);
    }

    /// An alarm is told once, however often its cause is seen.
    fn raise(&mut self, kind: AlarmKind, text: String, at: At) {
        if self.alarms.iter().any(|alarm| alarm.kind == kind) {
            return;
        }
        self.note(raised(kind), &text, at);
        self.alarms.push(Alarm { kind, text, since: at });
    }

    fn clear(&mut self, info: &PostInfo, kind: AlarmKind, at: At) {
        if self.alarms.extract_if(.., |alarm| alarm.kind == kind).count() == 0 {
            return;
        }
        let (note, words) = match kind {
            AlarmKind::Silence => (NoteKind::SilenceOver, "bytes come again"),
            AlarmKind::TwoLines => (NoteKind::TwoLinesOver, "its instrument sends on one line"),
            AlarmKind::Folder => (NoteKind::FolderOver, "its folder can be used again"),
            AlarmKind::File => (NoteKind::FileOver, "no file needs a person any more"),
        };
        self.note(note, &format!("analyser {}: {words}", info.analyser), at);
    }
}

/// The note that tells of an alarm.
const fn raised(kind: AlarmKind) -> NoteKind {
    match kind {
        AlarmKind::Silence => NoteKind::Silence,
        AlarmKind::TwoLines => NoteKind::TwoLines,
        AlarmKind::Folder => NoteKind::Folder,
        AlarmKind::File => NoteKind::File,
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the traffic.
        f.debug_struct("Post").field("analyser", &self.info.analyser).finish_non_exhaustive()
    }
}

/// The machine of a peer: its address without the port; a device is its own.
fn host(peer: &str) -> &str {
    peer.rsplit_once(':').map_or(peer, |(host, _port)| host)
}

/// A text of at most [`limits::NOTE_MAX`] bytes.
fn shortened(text: &str) -> &str {
    text.get(..text.floor_char_boundary(limits::NOTE_MAX)).unwrap_or(text)
}

fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}
