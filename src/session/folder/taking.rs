//! One file on its way into the store: its messages one after the other, each until it is known
//! what became of it.
//!
//! Refuses to go on after a message that was not stored: the file is read again as a whole, and what
//! is on record already is recognised.

use tokio::sync::oneshot;

use crate::analyser::{Dialect, FileHabits, Profile};
use crate::intake::Outcome;
use crate::limits;
use crate::link::whole::{self, Content};
use crate::link::{Event, LinkFault};
use crate::session::tap::Tap;
use crate::telemetry::{MessageOutcome, fault_id};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// All of it is on record.
    Stored,
    /// So it is, but not all of it could be read; in words without a byte of it.
    Unread(String),
    /// Not all of it is on record.
    NotStored,
}

/// Hands a complete file over.
pub(super) async fn take(tap: &Tap, habits: &FileHabits, content: &[u8]) -> Taken {
    for chunk in content.chunks(limits::READ_CHUNK) {
        tap.received(chunk);
    }
    let mut words = Vec::new();
    for event in messages(tap.station().profile(), habits, content) {
        match of(tap, event).await {
            Ok(None) => {}
            Ok(Some(unread)) => words.push(unread),
            Err(NotStored) => return Taken::NotStored,
        }
    }
    match words.as_slice() {
        [] => Taken::Stored,
        [..] => Taken::Unread(words.join("\n")),
    }
}

struct NotStored;

fn messages(profile: &Profile, habits: &FileHabits, content: &[u8]) -> Vec<Event> {
    let inside = match (profile.dialect(), profile.blocks()) {
        (_, Some(parameters)) => Content::Blocks(parameters),
        (Dialect::Lis02, None) => Content::Records,
        (Dialect::Hl7, None) => Content::Segments,
        (Dialect::Blocks | Dialect::Text, None) => Content::Message,
    };
    // In a table the last line is its own: without it the table was cut off.
    let content = match inside {
        Content::Message if profile.table().is_some() => content,
        Content::Blocks(_) | Content::Records | Content::Segments | Content::Message => {
            habits.without_end(content)
        }
    };
    whole::read(inside, content)
}

/// What could not be read of one piece, if it is on record.
async fn of(tap: &Tap, event: Event) -> Result<Option<String>, NotStored> {
    match event {
        Event::Message { bytes, .. } => stored(tap, tap.station().take(tap, bytes)).await,
        Event::Incomplete { bytes, why } => {
            let outcome = tap.station().take_cut(bytes, why);
            stored(tap, outcome).await.map(|unread| unread.or(Some("a message is cut off".into())))
        }
        Event::Fault(fault) => {
            tap.fault(&fault);
            Ok(Some(fault_words(&fault)))
        }
        // Nothing is ever sent from here.
        Event::Accepted { .. } | Event::GaveUp { .. } => Ok(None),
    }
}

fn fault_words(fault: &LinkFault) -> String {
    let LinkFault { offset, length, kind, .. } = fault;
    format!("byte {offset}: {length} bytes are {} and belong to no message", fault_id(*kind))
}

async fn stored(
    tap: &Tap,
    outcome: oneshot::Receiver<Outcome>,
) -> Result<Option<String>, NotStored> {
    // The store answers everything, and in the end with an error: there is no peer to lose.
    let Ok(outcome) = outcome.await else { return Err(NotStored) };
    match outcome {
        Outcome::Stored => {
            tap.message(MessageOutcome::Stored);
            Ok(None)
        }
        Outcome::StoredUnread(why) => {
            tap.message(MessageOutcome::Unread);
            Ok(Some(why))
        }
        Outcome::Refused(_) => {
            tap.message(MessageOutcome::Refused);
            Err(NotStored)
        }
        Outcome::Asked(_) => {
            tap.message(MessageOutcome::Unread);
            tap.station().unheard(tap, outcome);
            Ok(Some("it asks what is to be tested, and a file cannot be answered".to_owned()))
        }
    }
}
