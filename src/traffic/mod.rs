//! What the lines are doing, for people: state, counters, alarms and the last bytes of each.
//!
//! Exists because an analyser that is silent, half open or plugged in twice looks like one that
//! has nothing to say. The sessions post here what happens; HTTP reads it. No I/O and no clock:
//! who posts says when. Everything is bounded and nothing is kept beyond the process, so this is no
//! record: the store is. Refuses nothing and never fails: a line must not suffer from being
//! watched.
//!
//! Recent traffic holds what analysers send, a donor's identity perhaps: it leaves the process
//! over HTTP on loopback alone, and never goes into a log.

mod instrument;
mod post;
mod ring;
mod view;
mod wakers;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::link::At;
use instrument::Instrument;

pub use post::Post;
pub use ring::{Page, Piece, PieceKind};
pub use view::{Alarm, AlarmKind, Counters, Files, LinkState, LinkView, Note, Peer};
pub use wakers::More;

/// One connection of one analyser: a number from 1 on, never used again by that analyser while
/// the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connection(pub u64);

/// What is known of a line before anything happens on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostInfo {
    /// Analyser id.
    pub analyser: String,
    /// Profile name.
    pub profile: String,
    /// The line in words, e.g. `TCP, listening on 0.0.0.0:5001`.
    pub line: String,
    /// How long the line may be quiet before that is an alarm; `None`: for ever.
    pub silence_after: Option<Duration>,
    /// The instrument behind the line. Two analysers with the same name here are two lines of one
    /// instrument (FM-04); with a name, two connections of the analyser itself count as two lines
    /// as well, without one they are expected.
    pub instrument: Option<String>,
}

/// What people must see although the line goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// Nothing came for as long as the line may be quiet.
    Silence,
    /// Bytes came after an alarm of silence.
    SilenceOver,
    /// One instrument sends on two lines at once (FM-04).
    TwoLines,
    /// It sends on one line again.
    TwoLinesOver,
    /// A peer connected again while its earlier connection counts as open (FM-47).
    HalfOpen,
    /// A line that was lost is open again.
    Reopened,
    /// A connection was turned away.
    TurnedAway,
    /// An answer to a query was not sent because it would have come too late.
    AnswerLate,
    /// An order message was given up.
    OrderGivenUp,
    /// The analyser refused orders.
    OrdersRefused,
    /// A folder for files cannot be used.
    Folder,
    /// It can be used again.
    FolderOver,
    /// A file needs a person.
    File,
    /// No file does any more.
    FileOver,
    /// A file was put among those refused.
    FileRefused,
}

impl NoteKind {
    /// The word for it over HTTP and in metrics.
    pub const fn id(self) -> &'static str {
        match self {
            NoteKind::Silence => "silence",
            NoteKind::SilenceOver => "silence-over",
            NoteKind::TwoLines => "two-lines",
            NoteKind::TwoLinesOver => "two-lines-over",
            NoteKind::HalfOpen => "half-open",
            NoteKind::Reopened => "reopened",
            NoteKind::TurnedAway => "turned-away",
            NoteKind::AnswerLate => "answer-late",
            NoteKind::OrderGivenUp => "order-given-up",
            NoteKind::OrdersRefused => "orders-refused",
            NoteKind::Folder => "folder",
            NoteKind::FolderOver => "folder-over",
            NoteKind::File => "file",
            NoteKind::FileOver => "file-over",
            NoteKind::FileRefused => "file-refused",
        }
    }
}

/// Numbers of one line, for the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Analyser id.
    pub analyser: String,
    /// Connections open now.
    pub open: usize,
    /// Alarms raised now.
    pub alarms: Vec<AlarmKind>,
    /// When the last byte came.
    pub last_received: Option<At>,
    /// Everything counted since start.
    pub counters: Counters,
    /// The files in its folder, where it has one.
    pub files: Option<Files>,
}

/// Hears every note with the analyser's id, when nothing is locked any more.
pub type OnNote = Box<dyn Fn(&str, &Note) + Send + Sync>;

/// All lines; cheap to clone.
#[derive(Clone)]
pub struct Board {
    shared: Arc<Shared>,
}

struct Shared {
    started: At,
    posts: Mutex<BTreeMap<String, Arc<Post>>>,
    instruments: Mutex<BTreeMap<String, Arc<Instrument>>>,
    listener: Arc<OnceLock<OnNote>>,
}

impl Board {
    /// With no line yet. Silence is counted from here on.
    pub fn new(started: At) -> Board {
        let (posts, instruments) = (Mutex::default(), Mutex::default());
        let listener = Arc::default();
        Board { shared: Arc::new(Shared { started, posts, instruments, listener }) }
    }

    /// Has somebody told of every note from now on; a second listener is not heard.
    pub fn on_note(&self, listener: OnNote) {
        let _there_is_one = self.shared.listener.set(listener);
    }

    /// When it was made: sequence numbers of recent traffic begin here.
    pub fn started(&self) -> At {
        self.shared.started
    }

    /// The post of one analyser. A second one under the same id takes the place of the first.
    pub fn post(&self, info: PostInfo) -> Arc<Post> {
        let instrument = info.instrument.as_ref().map(|name| {
            Arc::clone(locked(&self.shared.instruments).entry(name.clone()).or_default())
        });
        let analyser = info.analyser.clone();
        let post = Arc::new(self.new_post(info, instrument));
        locked(&self.shared.posts).insert(analyser, Arc::clone(&post));
        post
    }

    fn new_post(&self, info: PostInfo, instrument: Option<Arc<Instrument>>) -> Post {
        let listener = Arc::clone(&self.shared.listener);
        Post::new(info, self.shared.started, instrument, listener)
    }

    /// Raises and clears the alarms that come with time. To be called about once a second.
    pub fn check(&self, at: At) {
        for post in self.posts() {
            post.check(at);
        }
    }

    /// The post of an analyser.
    pub fn link(&self, analyser: &str) -> Option<Arc<Post>> {
        locked(&self.shared.posts).get(analyser).cloned()
    }

    /// Every line as it is now, by analyser id.
    pub fn links(&self) -> Vec<LinkView> {
        self.posts().iter().map(|post| post.view()).collect()
    }

    /// Every line's numbers, by analyser id.
    pub fn numbers(&self) -> Vec<Numbers> {
        self.posts().iter().map(|post| post.numbers()).collect()
    }

    /// Nobody waits for a post while the list is locked.
    fn posts(&self) -> Vec<Arc<Post>> {
        locked(&self.shared.posts).values().cloned().collect()
    }
}

/// A panic elsewhere leaves numbers that may be one short: better than no numbers.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
