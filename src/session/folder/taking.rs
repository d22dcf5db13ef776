//! One file on its way into the store: its messages one after the other, each until it is known
//! what became of it.
//!
//! Refuses to go on after a message that was not stored: the file is read again as a whole, and
//! what is on record already is recognised.

use tokio::sync::oneshot;

use crate::analyser::{Dialect, Profile};
use crate::intake::Outcome;
use crate::limits;
use crate::link::whole::{self, Content};
use crate::link::{Event, LinkFault, LinkFaultKind};
use crate::session::tap::Tap;
use crate::telemetry::{MessageOutcome, fault_id};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// All of it is on record.
    Stored,
    /// So it is, but not all of it could be read; in words without a byte of it.
    Unread(String),
    /// Not all of it is on record, and why.
    NotStored(String),
}

/// Hands over what is in a complete file.
pub(super) async fn take(tap: &Tap, content: &[u8], inside: Vec<Event>) -> Taken {
    for chunk in content.chunks(limits::READ_CHUNK) {
        tap.received(chunk);
    }
    let mut words = Vec::new();
    let mut more: usize = 0;
    for event in inside {
        match of(tap, event).await {
            Ok(None) => {}
            Ok(Some(unread)) if words.len() < limits::WHY_LINES_MAX => words.push(unread),
            Ok(Some(_)) => more += 1,
            Err(NotStored(why)) => return Taken::NotStored(why),
        }
    }
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    match words.as_slice() {
        [] => Taken::Stored,
        [..] => Taken::Unread(words.join("\n")),
    }
}

/// The words of whoever refused it.
struct NotStored(String);

/// What is in a complete file.
pub(super) fn inside(profile: &Profile, content: &[u8]) -> Vec<Event> {
    let inside = match (profile.dialect(), profile.blocks()) {
        (_, Some(parameters)) => Content::Blocks(parameters),
        (Dialect::Lis02, None) => Content::Records,
        (Dialect::Hl7, None) => Content::Segments,
        (Dialect::Blocks | Dialect::Text, None) => Content::Message,
    };
    profile.inside_file(content).map(|content| whole::read(inside, content)).unwrap_or_default()
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
            // A frame that was sent twice says nothing new.
            Ok((fault.kind != LinkFaultKind::Repeated).then(|| fault_words(&fault)))
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
    let outcome =
        outcome.await.map_err(|_gone| NotStored("the store gave no answer".to_owned()))?;
    match outcome {
        Outcome::Stored => {
            tap.message(MessageOutcome::Stored);
            Ok(None)
        }
        Outcome::StoredUnread(why) => {
            tap.message(MessageOutcome::Unread);
            Ok(Some(why))
        }
        Outcome::Refused(why) => {
            tap.message(MessageOutcome::Refused);
            Err(NotStored(why))
        }
        Outcome::Asked(_) => {
            tap.message(MessageOutcome::Unread);
            tap.station().unheard(tap, outcome);
            Ok(Some("it asks what is to be tested, and a file cannot be answered".to_owned()))
        }
    }
}
