//! One MLLP connection, in one role or in both at once.
//!
//! Exists so that orders travel on the connection on which the analyser sends its results: its
//! messages are delivered and acknowledged, ours are sent and answered, and neither waits for the
//! other. It refuses to credit an answer to any message but the one it names, to acknowledge what
//! it was not told is stored, and to go on with a connection on which that can no longer be known:
//! a late answer may still come (FM-41), so it asks to be closed.
//!
//! ```text
//!                    request                   one at a time            answer
//!   bytes -> Blocks ---------> Requests -----> Event::Message ........> CA, AA, ... -.
//!              |                                                                     v
//!              | answer                        AA, AE, CA, ...                     Outlet -> bytes
//!              `-------------> Sends --------> Event::Accepted, GaveUp               ^
//!                                `---------------------------------------------------'
//!                                                own message
//! ```
//!
//! Which blocks are requests and which answers is the role's to say. With both roles, an answer
//! is what carries MSA and is no message that by its type brings something of its own.
//!
//! | state | event | reply | next |
//! |---|---|---|---|
//! | Open | request, none is out | | delivered |
//! | Open | request, one is out | | waits its turn |
//! | Open | answer to the delivered one | as it asked, see `requests` | the next is delivered |
//! | Open | not stored, its sender asked for silence | | delivered again after a pause |
//! | Open | answer to our message | see `sends`; CA if its MSH-15 asks | the next is sent |
//! | Open | answer to no message that waits | | MustClose, stray |
//! | Open | peer's CA for an answer of ours | | no change |
//! | Open | answer or commit is overdue | | MustClose, given up |
//! | Open | too long | CE or AR in its turn | incomplete; an answer: MustClose |
//! | Open | cut off by VT | | incomplete; an answer: malformed |
//! | Open | empty | | malformed |
//! | Open, commits off | block of one byte ACK or NAK | | malformed |
//! | Open, commits on | request stored, answer heard | ACK | |
//! | Open, commits on | request refused, too long, empty | NAK | |
//! | Open, commits on | ACK | | the next block is sent |
//! | Open, commits on | NAK | the block again; at last nothing | MustClose at last |
//! | MustClose | request | | kept for the end |
//! | MustClose | any answer | | stray |
//! | any | line lost | | Open; what came whole is delivered, all of ours is given up |
//!
//! A refusal is said once: with commits on, NAK makes the peer send the block again, so nothing
//! else is said of it. What came whole but was not delivered when the line is lost is delivered
//! then: its sender may have asked for silence, and never send it again.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use super::blocks::{Blocks, Piece, Place};
use super::outlet::{Commit, Outlet};
use super::requests::{Entry, Next, Requests, header, refusal};
use super::roles::{BothWays, ReceiveOnly, Role, SendOnly, SendingRole};
use super::sends::{Begun, Heard, Sends, Silence};
use super::settings::Settings;
use crate::codec::hl7::{AckCode, Answered, answered};
use crate::codec::mllp::{ACK, NAK};
use crate::link::evidence::excerpt;
use crate::link::{
    Answer, Deadline, Event, Interruption, Link, LinkFault, LinkFaultKind, Moment, Sending, Timer,
    Token,
};

const TOO_LONG: &str = "message longer than this system accepts";
const LOST: &str = "the connection was lost";

/// One connection in the role `R`. Takes almost no memory while nothing is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection<R> {
    settings: Settings,
    blocks: Blocks,
    requests: Requests,
    sends: Sends,
    outlet: Outlet,
    must_close: bool,
    events: VecDeque<Event>,
    role: PhantomData<R>,
}

impl Connection<BothWays> {
    /// Both roles on a fresh connection.
    pub fn new(settings: Settings) -> Connection<BothWays> {
        Connection::open(settings)
    }
}

impl Connection<ReceiveOnly> {
    /// A receiver between blocks. `time_text` gives MSH-7 of acknowledgements
    /// (`YYYYMMDDHHMMSS`).
    pub fn new(time_text: fn() -> String) -> Connection<ReceiveOnly> {
        Connection::open(Settings::new(time_text, Duration::MAX))
    }

    /// A receiver with these settings.
    pub fn with(settings: Settings) -> Connection<ReceiveOnly> {
        Connection::open(settings)
    }
}

impl Connection<SendOnly> {
    /// A client on a fresh connection that waits so long for each acknowledgement.
    pub fn new(acknowledgement_wait: Duration) -> Connection<SendOnly> {
        Connection::open(Settings::new(String::new, acknowledgement_wait))
    }
}

impl<R: Role> Connection<R> {
    fn open(settings: Settings) -> Connection<R> {
        Connection {
            settings,
            blocks: Blocks::default(),
            requests: Requests::default(),
            sends: Sends::default(),
            outlet: Outlet::default(),
            must_close: false,
            events: VecDeque::new(),
            role: PhantomData,
        }
    }

    /// Bytes of memory held for this connection, events not yet taken counted without their
    /// contents. Next to nothing while nothing is under way.
    pub fn memory(&self) -> usize {
        let events = self.events.capacity().saturating_mul(size_of::<Event>());
        let parts = [
            self.blocks.memory(),
            self.requests.memory(),
            self.sends.memory(),
            self.outlet.memory(),
        ];
        parts.into_iter().fold(events, usize::saturating_add)
    }

    fn piece(&mut self, now: Moment, place: Place, piece: Piece) {
        match piece {
            Piece::Whole(block) => self.whole(now, place, block),
            Piece::Cut(text) => self.cut(place, text, Interruption::Restarted),
            Piece::Empty(envelope) => self.empty(now, place, envelope),
            Piece::Overlong { beginning, ended } => self.overlong(now, place, beginning, ended),
        }
    }

    fn whole(&mut self, now: Moment, place: Place, block: Vec<u8>) {
        if let [byte @ (ACK | NAK)] = *block.as_slice() {
            self.commit_heard(now, place, byte);
        } else if R::is_answer(&block, self.settings.charsets) {
            self.answer_heard(now, place, &block);
        } else {
            self.requests.push(Entry::Message(block));
            self.work(now);
        }
    }

    fn cut(&mut self, place: Place, text: Vec<u8>, why: Interruption) {
        if R::is_answer(&text, self.settings.charsets) {
            self.fault(place, LinkFaultKind::Malformed, &text);
        } else {
            self.events.push_back(Event::Incomplete { bytes: text, why });
        }
    }

    fn empty(&mut self, now: Moment, place: Place, envelope: &[u8]) {
        self.fault(place, LinkFaultKind::Malformed, envelope);
        if R::is_answer(b"", self.settings.charsets) {
            self.distrust("an empty answer came");
        }
        if self.settings.commit && place.length > 1 {
            self.requests.push(Entry::Commit(false));
            self.work(now);
        }
    }

    fn overlong(&mut self, now: Moment, place: Place, beginning: Vec<u8>, ended: bool) {
        self.fault(place, LinkFaultKind::TooLong, &beginning);
        if R::is_answer(&beginning, self.settings.charsets) {
            return self.distrust("an answer has no end");
        }
        if ended {
            self.requests.push(Entry::Overlong(header(&beginning).to_vec()));
        }
        let why = Interruption::TooLong;
        self.events.push_back(Event::Incomplete { bytes: beginning, why });
        self.work(now);
    }

    /// Does everything that can be done now, in order.
    fn work(&mut self, now: Moment) {
        while !self.must_close
            && let Some(next) = self.requests.next(now, &self.settings)
        {
            match next {
                Next::Deliver(token, bytes) => {
                    self.events.push_back(Event::Message { token, bytes });
                }
                Next::Refuse(_) if self.settings.commit => self.outlet.commit(false),
                Next::Refuse(header) => self.say(now, refusal(&header, TOO_LONG, &self.settings)),
                Next::Commit(good) => self.outlet.commit(good),
            }
        }
        while !self.must_close
            && let Some(begun) = self.sends.begin(&self.settings)
        {
            self.begun(now, begun);
        }
    }

    /// Sends answers.
    fn say(&mut self, now: Moment, messages: Vec<Vec<u8>>) {
        for message in messages {
            self.put(now, &message, None);
        }
    }

    fn begun(&mut self, now: Moment, begun: Begun) {
        match begun {
            Begun::Asks(token, message) if self.settings.commit => {
                self.put(now, &message, Some(token));
            }
            Begun::Asks(token, message) => {
                self.put(now, &message, None);
                self.sends.left(token, now.plus(self.settings.acknowledgement_wait));
            }
            Begun::Silent(token, message) => self.put(now, &message, Some(token)),
            Begun::Unsendable(token) => {
                let why = "it has no control id (MSH-10) that an answer could name".to_owned();
                self.events.push_back(Event::GaveUp { token, why });
            }
        }
    }

    /// `own`: the message of ours that is to be named when it is written or committed.
    fn put(&mut self, now: Moment, message: &[u8], own: Option<Token>) {
        let wait = self.settings.acknowledgement_wait;
        if self.settings.commit {
            self.outlet.send_in_turn(now, wait, message, own);
        } else {
            self.outlet.send(message, own);
        }
    }

    /// MLLP release 2: a block that commits one of ours.
    fn commit_heard(&mut self, now: Moment, place: Place, byte: u8) {
        if !self.settings.commit {
            return self.fault(place, LinkFaultKind::Malformed, &[byte]);
        }
        let wait = self.settings.acknowledgement_wait;
        match self.outlet.hear(now, wait, byte == ACK) {
            Commit::Committed(Some(token)) => self.committed(now, token),
            Commit::Committed(None) | Commit::SentAgain => {}
            Commit::Refused => self.distrust("the peer would not commit a block"),
            Commit::Stray => {
                self.fault(place, LinkFaultKind::StrayAnswer, &[byte]);
                self.distrust("a commit came that nothing waited for");
            }
        }
    }

    /// A message of ours was committed: one that asks for silence is done.
    fn committed(&mut self, now: Moment, token: Token) {
        if self.sends.is_waiting(token) {
            self.sends.left(token, now.plus(self.settings.acknowledgement_wait));
        } else {
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
    }

    fn answer_heard(&mut self, now: Moment, place: Place, block: &[u8]) {
        let said = answered(block, self.settings.charsets);
        let Some(said) = said.filter(|_| !self.must_close) else {
            return self.stray(place, block);
        };
        if self.requests.is_commit(&said) {
            if said.code != Some(AckCode::CommitAccept) {
                self.fault(place, LinkFaultKind::StrayAnswer, block);
            }
            return self.heard(now);
        }
        let wait = self.settings.acknowledgement_wait;
        match self.sends.hear(now, wait, &said, block) {
            Heard::Settled(event) => self.settled(now, &said, block, event),
            Heard::Waits => self.heard(now),
            Heard::Stray => self.stray(place, block),
        }
    }

    /// Tells what became of our message, once: a commit of it that is missing changes nothing.
    fn tell(&mut self, event: Event) {
        if let Event::Accepted { token, .. } | Event::GaveUp { token, .. } = &event {
            self.outlet.settled(*token);
        }
        self.events.push_back(event);
    }

    /// The peer said what became of our message. It is told of that what it asks to be told.
    fn settled(&mut self, now: Moment, said: &Answered, block: &[u8], event: Event) {
        self.tell(event);
        self.heard(now);
        let asks = self.settings.wanted(block).accept().on_success();
        if asks && !said.code.is_some_and(AckCode::is_commit) {
            let commit = AckCode::CommitAccept;
            let message = self.settings.acknowledge(header(block), commit, "", None);
            self.put(now, &message, None);
        }
        self.work(now);
    }

    /// An answer arrived where it belongs: it is committed, in its turn.
    fn heard(&mut self, now: Moment) {
        if self.settings.commit {
            self.requests.push(Entry::Commit(true));
            self.work(now);
        }
    }

    fn stray(&mut self, place: Place, block: &[u8]) {
        self.fault(place, LinkFaultKind::StrayAnswer, block);
        self.distrust("an answer came for another message");
    }

    /// Gives the message in flight up, and the connection with it.
    fn distrust(&mut self, why: &str) {
        self.must_close = true;
        let (mut unsettled, waiting) = (self.outlet.close(), self.sends.give_up());
        unsettled.retain(|token| Some(*token) != waiting);
        for token in unsettled.into_iter().chain(waiting) {
            self.events.push_back(Event::GaveUp { token, why: why.to_owned() });
        }
    }

    fn fault(&mut self, place: Place, kind: LinkFaultKind, bytes: &[u8]) {
        let Place { offset, length } = place;
        let excerpt = excerpt(bytes);
        self.events.push_back(Event::Fault(LinkFault { offset, length, kind, excerpt }));
    }

    fn report_ignored(&mut self) {
        self.events.extend(self.blocks.ignored().into_iter().map(Event::Fault));
    }
}

impl<R: Role> Link for Connection<R> {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        self.expire(now);
        let mut rest = bytes;
        while let Some((place, piece)) = self.blocks.read(&mut rest) {
            self.report_ignored();
            self.piece(now, place, piece);
        }
        self.report_ignored();
    }

    fn expire(&mut self, now: Moment) {
        if self.outlet.until().is_some_and(|until| until <= now) {
            return self.distrust("no commit in time");
        }
        if self.requests.until().is_some_and(|until| until <= now) {
            self.work(now);
        }
        match self.sends.expire(now) {
            Silence::NotYet => {}
            Silence::Accepted(event) => {
                self.tell(event);
                self.work(now);
            }
            Silence::Overdue => self.distrust("no acknowledgement in time"),
        }
    }

    fn answer(&mut self, now: Moment, token: Token, answer: Answer) {
        let good = !matches!(answer, Answer::Refused(_));
        let Some(said) = self.requests.answer(now, token, answer, &self.settings) else { return };
        if self.must_close {
            return;
        }
        if self.settings.commit {
            self.outlet.commit(good);
        }
        if good || !self.settings.commit {
            self.say(now, said);
        }
        self.work(now);
    }

    fn disconnect(&mut self, _now: Moment) {
        while let Some((token, bytes)) = self.requests.undelivered() {
            self.events.push_back(Event::Message { token, bytes });
        }
        let begun = self.blocks.lost();
        self.report_ignored();
        match begun {
            Some((place, Piece::Cut(text))) => self.cut(place, text, Interruption::Disconnected),
            Some((place, Piece::Empty(envelope))) => {
                self.fault(place, LinkFaultKind::Malformed, envelope);
            }
            Some((place, Piece::Overlong { beginning, .. })) => {
                self.fault(place, LinkFaultKind::TooLong, &beginning);
                self.cut(place, beginning, Interruption::TooLong);
            }
            Some((_, Piece::Whole(_))) | None => {}
        }
        self.distrust(LOST);
        for token in self.sends.unbegun() {
            self.events.push_back(Event::GaveUp { token, why: LOST.to_owned() });
        }
        self.requests.reset();
        let (events, requests) = (mem::take(&mut self.events), mem::take(&mut self.requests));
        *self = Connection { events, requests, ..Connection::open(self.settings) };
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        let (bytes, written) = self.outlet.transmit()?;
        for token in written {
            self.events.push_back(Event::Accepted { token, reply: Vec::new() });
        }
        Some(bytes)
    }

    fn event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.events.shrink_to_fit();
        }
        event
    }

    fn deadline(&self) -> Option<Deadline> {
        let answer = self.outlet.until().into_iter().chain(self.sends.until()).min();
        let answer = answer.map(|at| Deadline { timer: Timer::Acknowledgement, at });
        let open = self.requests.until().filter(|_| !self.must_close);
        let again = open.map(|at| Deadline { timer: Timer::Redelivery, at });
        answer.into_iter().chain(again).min_by_key(|deadline| deadline.at)
    }

    fn wants_bytes(&self) -> bool {
        !self.must_close && self.requests.has_room()
    }

    fn must_close(&self) -> bool {
        self.must_close
    }
}

impl<R: SendingRole> Sending for Connection<R> {
    fn send(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        self.sends.push(token, message);
        self.work(now);
    }

    fn withdraw(&mut self, _now: Moment, token: Token) -> bool {
        self.sends.withdraw(token)
    }

    fn is_idle(&self) -> bool {
        self.sends.is_idle() && self.outlet.is_clear()
    }
}
