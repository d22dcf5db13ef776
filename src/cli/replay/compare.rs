//! What the wire said, held against what is on record.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::wire::{Fate, Heard};
use crate::analyser::Analyser;
use crate::limits;
use crate::store::ArchivedMessage;

type Hash = [u8; 32];

/// The messages of a journal, without their bytes.
#[derive(Debug)]
pub(super) struct WireSide {
    /// How many there may be.
    room: usize,
    messages: Vec<Known>,
    by_bytes: HashMap<(Hash, bool), Vec<usize>>,
    by_content: HashMap<Hash, Vec<usize>>,
    spans: Vec<Span>,
}

/// A message of the wire, without its bytes.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Analyser id.
    pub(super) analyser: Arc<str>,
    /// When it was complete, or cut.
    pub(super) at: Timestamp,
    /// Its length.
    pub(super) length: usize,
    /// How it was answered.
    pub(super) fate: Fate,
    /// Whether it was found on record.
    pub(super) is_on_record: bool,
}

/// A stretch of time of which the journal tells everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// About which analyser; `None`: about all.
    pub(super) analyser: Option<String>,
    /// From here on.
    pub(super) from: Timestamp,
    /// Up to here.
    pub(super) to: Timestamp,
}

impl Span {
    fn holds(&self, message: &ArchivedMessage) -> bool {
        let is_meant = self.analyser.as_ref().is_none_or(|id| *id == message.analyser);
        is_meant && self.from <= message.received_at && message.received_at <= self.to
    }
}

/// How a message on record stands to the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is in the journal.
    Heard,
    /// It is not, and should be.
    Missing,
    /// It was received at another time.
    Elsewhere,
}

impl Default for WireSide {
    fn default() -> WireSide {
        WireSide::with_room(limits::REPLAY_MESSAGES_MAX)
    }
}

impl WireSide {
    fn with_room(room: usize) -> WireSide {
        let (by_bytes, by_content) = (HashMap::new(), HashMap::new());
        WireSide { room, messages: Vec::new(), by_bytes, by_content, spans: Vec::new() }
    }

    /// Adds a message. False: there is no room for more.
    pub(super) fn add(&mut self, heard: &Heard, reader: &Analyser) -> bool {
        if self.messages.len() >= self.room {
            return false;
        }
        let number = self.messages.len();
        let is_cut = matches!(heard.fate, Fate::Cut(_));
        let key = (Sha256::digest(&heard.bytes).into(), is_cut);
        self.by_bytes.entry(key).or_default().push(number);
        if !is_cut {
            let content = reader.read(&heard.bytes).content_key;
            self.by_content.entry(content).or_default().push(number);
        }
        self.messages.push(Known {
            analyser: heard.analyser.as_str().into(),
            at: heard.at.utc,
            length: heard.bytes.len(),
            fate: heard.fate,
            is_on_record: false,
        });
        true
    }

    /// The journal tells everything of these times.
    pub(super) fn add_spans(&mut self, spans: impl IntoIterator<Item = Span>) {
        self.spans.extend(spans);
    }

    /// Looks a message on record up. The bytes are the same, or, since a message that is sent again
    /// with another control id is on record once, what they say is.
    pub(super) fn meet(&mut self, on_record: &ArchivedMessage) -> Standing {
        let is_cut = on_record.incomplete.is_some();
        let hash: Hash = Sha256::digest(&on_record.bytes).into();
        let content: Option<Hash> = on_record.content_key.as_slice().try_into().ok();
        let by_bytes = self.by_bytes.get(&(hash, is_cut)).into_iter().flatten();
        let by_content = content.filter(|_| !is_cut).and_then(|key| self.by_content.get(&key));
        let mut standing = Standing::Elsewhere;
        for number in by_bytes.chain(by_content.into_iter().flatten()) {
            if let Some(known) = self.messages.get_mut(*number) {
                known.is_on_record = true;
                standing = Standing::Heard;
            }
        }
        let is_told = self.spans.iter().any(|span| span.holds(on_record));
        if standing == Standing::Elsewhere && is_told {
            standing = Standing::Missing;
        }
        standing
    }

    /// Every message, in the order of the wire.
    pub(super) fn messages(&self) -> &[Known] {
        &self.messages
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::analyser::{Profile, shipped};
    use crate::domain::DonationNumberScheme;
    use crate::link::{At, Moment};

    #[test]
    fn messages_are_taken_up_to_the_bound_and_no_further() {
        let text = shipped("roche-cobas-e601").unwrap();
        let profile = Arc::new(Profile::parse("e601", text).unwrap());
        let scheme = Arc::new(DonationNumberScheme::Isbt128);
        let reader = Analyser::new("a1".to_owned(), profile, &BTreeMap::new(), scheme).unwrap();
        let at = At { moment: Moment::default(), utc: Timestamp::UNIX_EPOCH };
        let analyser = "a1".to_owned();
        let heard = Heard { analyser, at, run: 1, bytes: b"H|".to_vec(), fate: Fate::Refused };
        let mut wire = WireSide::with_room(2);
        assert!(wire.add(&heard, &reader));
        assert!(wire.add(&heard, &reader));
        assert!(!wire.add(&heard, &reader));
        assert_eq!(wire.messages().len(), 2);
        assert_eq!(WireSide::default().room, limits::REPLAY_MESSAGES_MAX);
    }
}
