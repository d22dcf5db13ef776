//! What the peer sends of its own accord: delivered one at a time, in order, and answered as its
//! sender asked.
//!
//! | the message asks (MSH-15, MSH-16) | stored | stored unread | stored, with a reply | refused |
//! |---|---|---|---|---|
//! | original mode | AA | AE | the reply | AR |
//! | AL, AL | CA, AA | CA, AE | CA, the reply | CE |
//! | AL, NE | CA | CA | CA, the reply | CE |
//! | NE, AL (IHE LAW) | AA | AE | the reply | AR |
//! | ER, ER | | AE | the reply | CE |
//! | SU, SU | CA, AA | CA | CA, the reply | |
//! | NE, NE | | | the reply | |
//!
//! The four kinds of wish combine freely; a message that was not stored gets CE if its MSH-15 lets
//! us say so, else AR if its MSH-16 does, never both. A message that asks for silence waits for
//! its answer like any other, so that order and back-pressure hold. An application
//! acknowledgement that follows on CA is a message of its own, with its own MSH-10.

use std::collections::VecDeque;

use super::settings::Settings;
use crate::codec::hl7::{AckCode, AckHeader, Answered, When};
use crate::codec::mllp::CR;
use crate::limits;
use crate::link::{Answer, Token};

/// Messages of the peer: the delivered one, and those behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Requests {
    delivered: Option<Delivered>,
    waiting: VecDeque<Entry>,
    waiting_bytes: usize,
    tokens: u64,
    control_ids: u64,
    /// MSH-10 of what we answered lately and the peer may commit with CA.
    committable: VecDeque<String>,
}

/// What must be dealt with in the order in which it came: a peer may take our answers in that
/// order and look no further.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Entry {
    /// A message to deliver.
    Message(Vec<u8>),
    /// The beginning of a message that was too long, to be refused.
    Overlong(Vec<u8>),
    /// MLLP release 2: a block to be committed, or not.
    Commit(bool),
}

/// What to do now.
#[derive(Debug)]
pub(super) enum Next {
    /// Deliver this and wait for its answer.
    Deliver(Token, Vec<u8>),
    /// Refuse what begins like this.
    Refuse(Vec<u8>),
    /// Commit a block, or not.
    Commit(bool),
}

/// A delivered message until it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Delivered {
    token: Token,
    /// Its beginning, to build acknowledgements from.
    header: Vec<u8>,
}

impl Entry {
    /// What it costs to keep.
    fn bytes(&self) -> usize {
        let text = match self {
            Entry::Message(text) | Entry::Overlong(text) => text.len(),
            Entry::Commit(_) => 0,
        };
        text.saturating_add(size_of::<Entry>())
    }
}

impl Requests {
    /// Something came.
    pub(super) fn push(&mut self, entry: Entry) {
        self.waiting_bytes = self.waiting_bytes.saturating_add(entry.bytes());
        self.waiting.push_back(entry);
    }

    /// What is next in order, unless a message is out.
    pub(super) fn next(&mut self) -> Option<Next> {
        if self.delivered.is_some() {
            return None;
        }
        Some(match self.pop()? {
            Entry::Message(message) => {
                let token = self.token();
                self.delivered = Some(Delivered { token, header: header(&message).to_vec() });
                Next::Deliver(token, message)
            }
            Entry::Overlong(beginning) => Next::Refuse(beginning),
            Entry::Commit(good) => Next::Commit(good),
        })
    }

    /// The connection is lost: a whole message that was never delivered.
    pub(super) fn undelivered(&mut self) -> Option<(Token, Vec<u8>)> {
        loop {
            match self.pop()? {
                Entry::Message(message) => return Some((self.token(), message)),
                Entry::Overlong(_) | Entry::Commit(_) => {}
            }
        }
    }

    fn pop(&mut self) -> Option<Entry> {
        let entry = self.waiting.pop_front()?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(entry.bytes());
        if self.waiting.is_empty() {
            self.waiting.shrink_to_fit();
        }
        Some(entry)
    }

    fn token(&mut self) -> Token {
        self.tokens = self.tokens.wrapping_add(1);
        Token(self.tokens)
    }

    /// The messages in which the answer to the delivered one is said, in order; `None` where this
    /// token is not out.
    pub(super) fn answer(
        &mut self,
        token: Token,
        answer: Answer,
        settings: &Settings,
    ) -> Option<Vec<Vec<u8>>> {
        let delivered = self.delivered.take_if(|delivered| delivered.token == token)?;
        Some(match answer {
            Answer::Refused(text) => refusal(&delivered.header, &text, settings),
            Answer::Stored => self.stored(&delivered.header, settings, AckCode::Accept, ""),
            Answer::StoredUnread(text) => {
                self.stored(&delivered.header, settings, AckCode::Error, &text)
            }
            Answer::StoredReply(reply) => {
                self.expect_commit(&reply, settings);
                let mut said: Vec<_> = commit(&delivered.header, settings).into_iter().collect();
                said.push(reply);
                said
            }
        })
    }

    /// CA, and AA or AE, each if it is wanted.
    fn stored(
        &mut self,
        header: &[u8],
        settings: &Settings,
        code: AckCode,
        text: &str,
    ) -> Vec<Vec<u8>> {
        let application = settings.wanted(header).application();
        let is_wanted = match code {
            AckCode::Accept => application.on_success(),
            _error => application.on_error(),
        };
        let mut said: Vec<_> = commit(header, settings).into_iter().collect();
        if is_wanted {
            let own = (!said.is_empty()).then(|| self.own_control_id(settings));
            said.push(settings.acknowledge(header, code, text, own.as_deref()));
        }
        said
    }

    /// MSH-10 of an application acknowledgement that follows on an accept acknowledgement.
    fn own_control_id(&mut self, settings: &Settings) -> String {
        self.control_ids = self.control_ids.wrapping_add(1) % CONTROL_IDS;
        let control_id = format!("{}{:05}", (settings.time_text)(), self.control_ids);
        self.remember(control_id.clone());
        control_id
    }

    /// A reply of our driver's may ask for CA itself.
    fn expect_commit(&mut self, reply: &[u8], settings: &Settings) {
        let read = AckHeader::read(reply, settings.charsets);
        if let Some(read) = read.filter(|read| read.wanted.accept() != When::Never) {
            self.remember(read.control_id);
        }
    }

    fn remember(&mut self, control_id: String) {
        if self.committable.len() >= limits::COMMITS_REMEMBERED {
            self.committable.pop_front();
        }
        self.committable.push_back(control_id);
    }

    /// Whether this is the peer's CA, CE or CR for an answer of ours.
    pub(super) fn is_commit(&mut self, said: &Answered) -> bool {
        let commits = said.code.is_some_and(AckCode::is_commit);
        let place = self.committable.iter().position(|id| commits && *id == said.control_id);
        place.is_some_and(|place| self.committable.remove(place).is_some())
    }

    /// Whether another message may come: false while too many wait.
    pub(super) const fn has_room(&self) -> bool {
        self.waiting_bytes < limits::LINK_BACKLOG_MAX
    }

    /// A fresh connection; tokens go on.
    pub(super) fn reset(&mut self) {
        *self =
            Requests { tokens: self.tokens, control_ids: self.control_ids, ..Requests::default() };
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        let header = self.delivered.as_ref().map_or(0, |delivered| delivered.header.capacity());
        let places = self.waiting.capacity().saturating_mul(size_of::<Entry>());
        header.saturating_add(places).saturating_add(self.waiting_bytes)
    }
}

/// Five digits behind the 14 of a time: MSH-10 has room for 20 characters.
const CONTROL_IDS: u64 = 100_000;

/// CA, if it is wanted.
fn commit(header: &[u8], settings: &Settings) -> Option<Vec<u8>> {
    let wanted = settings.wanted(header).accept().on_success();
    wanted.then(|| settings.acknowledge(header, AckCode::CommitAccept, "", None))
}

/// What is said of a message that was not stored: CE or else AR or else nothing.
pub(super) fn refusal(header: &[u8], text: &str, settings: &Settings) -> Vec<Vec<u8>> {
    let wanted = settings.wanted(header);
    let code = if wanted.accept().on_error() {
        AckCode::CommitError
    } else if wanted.application().on_error() {
        AckCode::Reject
    } else {
        return Vec::new();
    };
    vec![settings.acknowledge(header, code, text, None)]
}

/// What an acknowledgement is built from: everything up to the end of the first MSH segment
/// (batch segments may stand before it).
pub(super) fn header(message: &[u8]) -> &[u8] {
    let beginning = message.get(..limits::OVERLONG_EVIDENCE_MAX).unwrap_or(message);
    let mut from = 0;
    while let Some(rest) = beginning.get(from..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr2(CR, b'\n', rest).map_or(rest.len(), |end| end + 1);
        from += length;
        if rest.starts_with(b"MSH") {
            return beginning.get(..from).unwrap_or(beginning);
        }
    }
    beginning
}
