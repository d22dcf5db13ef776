//! An entry made ready for its rows, on the thread of whoever brings it: many lines do that side
//! by side, while the one writer only binds, inserts and decides.

use super::Entry;
use super::errors::Trouble;
use super::keys::{self, Key};
use crate::domain::{DonationNumber, Observation, SpecimenKind};
use crate::shape::ObservationShape;

/// An entry with everything that its rows hold and that needs no table to be known.
pub(super) struct Prepared {
    /// The entry.
    pub(super) entry: Entry,
    /// Makes it the same message as another; zeroes for a cut transfer.
    pub(super) message_key: Key,
    /// Whether anything in it could not be read.
    pub(super) unread: bool,
    /// What could not be read, as JSON: the message's own faults first, then those of its
    /// observations.
    pub(super) faults: String,
    /// When it was received.
    pub(super) received_at: String,
    /// One for each observation of the entry, in order.
    pub(super) observations: Vec<PreparedObservation>,
}

/// The cells of an observation.
#[derive(Clone)]
pub(super) struct PreparedObservation {
    /// Makes it the same fact as another.
    pub(super) key: Key,
    /// Its number, exact.
    pub(super) number: Option<String>,
    /// The observation as JSON.
    pub(super) payload: String,
}

impl Prepared {
    /// Makes an entry ready.
    pub(super) fn new(entry: Entry) -> Result<Prepared, Trouble> {
        let of_message = |found| PreparedObservation::new(found, &entry.content_key);
        let observations = entry.observations.iter().map(of_message);
        let observations: Vec<_> = observations.collect::<Result<_, _>>()?;
        let message_key = match entry.incomplete {
            None => keys::message_key(&entry, observations.iter().map(|o| &o.key)),
            Some(_) => Key::default(),
        };
        Ok(Prepared {
            message_key,
            unread: is_unread(&entry),
            faults: faults_text(&entry)?,
            received_at: entry.received_at.to_string(),
            observations,
            entry,
        })
    }

    /// The observations with their cells.
    pub(super) fn observations(
        &self,
    ) -> impl Iterator<Item = (&Observation, &PreparedObservation)> {
        self.entry.observations.iter().zip(&self.observations)
    }

    /// Bytes of the message that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.entry.bytes.len() + self.entry.body.len()
    }
}

impl PreparedObservation {
    fn new(observation: &Observation, content_key: &[u8]) -> Result<PreparedObservation, Trouble> {
        Ok(PreparedObservation {
            key: keys::fact_key(observation, content_key),
            number: observation.number.map(|number| number.to_string()),
            payload: serde_json::to_string(&ObservationShape::from(observation))?,
        })
    }
}

/// The donation an observation speaks about, if it is a donor's.
pub(super) const fn donation_of(observation: &Observation) -> Option<&DonationNumber> {
    match observation.kind {
        SpecimenKind::Donor => observation.din.as_ref(),
        SpecimenKind::Control | SpecimenKind::Calibration | SpecimenKind::Other => None,
    }
}

fn is_unread(entry: &Entry) -> bool {
    let unaccounted = || entry.observations.iter().any(|o| !o.unaccounted.is_empty());
    entry.incomplete.is_some() || !entry.faults.is_empty() || unaccounted()
}

fn faults_text(entry: &Entry) -> Result<String, Trouble> {
    let pieces = entry.observations.iter().flat_map(|observation| &observation.unaccounted);
    let pieces = pieces.map(|u| (u.offset, format!("{} {:?}: {}", u.path, u.text, u.why)));
    let faults: Vec<_> = entry.faults.iter().cloned().chain(pieces).collect();
    Ok(serde_json::to_string(&faults)?)
}
