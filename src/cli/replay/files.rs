//! Files that a folder's line took, as the journal has them: each is a connection of its own.
//!
//! Refuses to call a message lost of a file that was not stored as a whole: it stayed where it was,
//! and was read again.

use std::sync::Arc;

use super::wire::Fate;
use crate::analyser::{Dialect, Profile};
use crate::link::Event;
use crate::link::whole::{self, Content};

/// How a folder's line names a connection that is a file.
const NAMED: &[u8] = b"file ";
/// Why it ends where the file stays.
const NOT_STORED: &[u8] = b"not stored";

/// A file that is being taken.
pub(super) struct Taken {
    profile: Arc<Profile>,
    content: Vec<u8>,
}

impl Taken {
    /// Where a connection with this name is a file.
    pub(super) fn begin(name: &[u8], profile: &Arc<Profile>) -> Option<Taken> {
        let is_one = name.starts_with(NAMED) && profile.file().is_some();
        is_one.then(|| Taken { profile: Arc::clone(profile), content: Vec::new() })
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.content.extend_from_slice(bytes);
    }

    /// The messages in it, and how many faults its envelope has. `why`: why it ended; `None`, where
    /// the daemon was killed.
    pub(super) fn end(self, why: Option<&[u8]>) -> (Vec<(Vec<u8>, Fate)>, u64) {
        let is_stored = why.is_some_and(|why| !why.starts_with(NOT_STORED));
        let fate = if is_stored { Fate::NoReply } else { Fate::Unanswered };
        let (mut messages, mut faults) = (Vec::new(), 0);
        for event in self.inside() {
            match event {
                Event::Message { bytes, .. } => messages.push((bytes, fate)),
                Event::Incomplete { bytes, why } => messages.push((bytes, Fate::Cut(why))),
                Event::Fault(_) => faults += 1,
                // Nothing is ever sent into a folder.
                Event::Accepted { .. } | Event::GaveUp { .. } => {}
            }
        }
        (messages, faults)
    }

    fn inside(&self) -> Vec<Event> {
        let profile = &self.profile;
        let inside = match (profile.dialect(), profile.blocks()) {
            (_, Some(parameters)) => Content::Blocks(parameters),
            (Dialect::Lis02, None) => Content::Records,
            (Dialect::Hl7, None) => Content::Segments,
            (Dialect::Blocks | Dialect::Text, None) => Content::Message,
        };
        let content = profile.inside_file(&self.content);
        content.map(|content| whole::read(inside, content)).unwrap_or_default()
    }
}
