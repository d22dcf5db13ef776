//! A message on record, read again with the profile of now: shown first, then, where two people
//! agree, put on record beside the old reading.
//!
//! Orders and queries in it are not acted upon again: the analyser has long gone on.

use crate::domain::Observation;
use crate::store::{MessageOnRecord, ReadAgainOutcome, ReadingChange, StoreError};

use super::Intake;

/// What a message on record says when it is read again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reread {
    /// What is read.
    pub observations: Vec<Observation>,
    /// What still cannot be read: (byte offset, words); that of its observations stands there.
    pub faults: Vec<(usize, String)>,
    /// What would follow, or followed, for every donation concerned.
    pub changes: Vec<ReadingChange>,
    /// Number of the message that is the new reading; `None` where nothing was written.
    pub read_as: Option<i64>,
}

/// Called once, on any thread, with what was read or why it was not; the words are for people.
pub type OnReread = Box<dyn FnOnce(Result<Reread, String>) + Send>;

impl Intake {
    /// What would follow if a message of this analyser that is on record were read again with its
    /// profile of now. Nothing is written.
    pub fn what_if_read_again(&self, message: i64, on_reread: OnReread) {
        self.reread(message, None, on_reread);
    }

    /// Agrees, as `by`, to the proposal with this record number that the message is read again,
    /// and puts that reading on record. `on_reread` is called after COMMIT or refusal.
    pub fn read_again(&self, message: i64, proposal: i64, by: &str, on_reread: OnReread) {
        self.reread(message, Some((proposal, by.to_owned())), on_reread);
    }

    fn reread(&self, message: i64, agreed: Option<(i64, String)>, on_reread: OnReread) {
        let on_record = match self.own_message(message) {
            Ok(on_record) => on_record,
            Err(why) => return on_reread(Err(why)),
        };
        let MessageOnRecord { bytes, received_at, .. } = on_record;
        let mut reading = self.analyser.read(&bytes);
        reading.order_replies.clear();
        let observations = std::mem::take(&mut reading.observations);
        let entry = self.entry(bytes, received_at, reading, None, observations);
        let reread = Reread {
            observations: entry.observations.clone(),
            faults: entry.faults.clone(),
            changes: Vec::new(),
            read_as: None,
        };
        let reply = Box::new(move |outcome| on_reread(shown(reread, outcome)));
        match agreed {
            None => self.store.what_if_read_again(message, entry, reply),
            Some((proposal, by)) => self.store.read_again(message, entry, proposal, &by, reply),
        }
    }

    fn own_message(&self, message: i64) -> Result<MessageOnRecord, String> {
        let found = self.store.message(message).map_err(|error| error.to_string())?;
        let found = found.ok_or_else(|| format!("there is no message {message} on record"))?;
        let own = self.analyser.id();
        match found.analyser == own {
            true => Ok(found),
            false => Err(format!(
                "message {message} is of analyser {}, and this is {own}: read it with the profile \
                 of the analyser that sent it",
                found.analyser
            )),
        }
    }
}

fn shown(reread: Reread, outcome: Result<ReadAgainOutcome, StoreError>) -> Result<Reread, String> {
    match outcome {
        Ok(ReadAgainOutcome::Would(changes)) => Ok(Reread { changes, ..reread }),
        Ok(ReadAgainOutcome::Read { message, changes, .. }) => {
            Ok(Reread { changes, read_as: Some(message), ..reread })
        }
        Ok(ReadAgainOutcome::Refused(why)) => Err(why),
        Err(error) => Err(error.to_string()),
    }
}
