//! What one message adds: its row, its observations, and a verdict for every donation it touches.

use rusqlite::Connection;

use super::book::{Book, Cause, Touched, distinct};
use super::chain::Cell;
use super::errors::Trouble;
use super::keys::{self, Key};
use super::schema::Table;
use super::{Entry, Recorded, rows};
use crate::domain::{
    DonationNumber, Observation, RecordedObservation, SpecimenKind, UnreadMessage,
};
use crate::shape::ObservationShape;

impl Book {
    /// Records a message and decides about the donations it touches.
    pub(super) fn record(
        &mut self,
        connection: &Connection,
        entry: &Entry,
    ) -> Result<Recorded, Trouble> {
        match &entry.incomplete {
            None => self.record_complete(connection, entry),
            Some(why) => self.record_cut(connection, entry, why),
        }
    }

    fn record_complete(
        &mut self,
        connection: &Connection,
        entry: &Entry,
    ) -> Result<Recorded, Trouble> {
        let observation_keys: Vec<Key> =
            entry.observations.iter().map(keys::observation_key).collect();
        let message_key = keys::message_key(entry, &observation_keys);
        let unread = is_unread(entry);
        let Some(message) = self.append_message(connection, entry, &message_key, unread)? else {
            return self.met_again(connection, entry, &message_key);
        };
        let mut touched = Touched::default();
        self.append_donations(connection, entry, message, unread)?;
        if !entry.faults.is_empty() {
            self.block(connection, entry, message, &mut touched)?;
        }
        for (ordinal, (observation, key)) in
            (1..).zip(entry.observations.iter().zip(&observation_keys))
        {
            let placed = Placed { entry, message, ordinal, key };
            self.append_observation(connection, &placed, observation, &mut touched)?;
        }
        self.make_good(connection, entry, message, &mut touched)?;
        self.decide_touched(connection, touched, Cause::Message(message))?;
        Ok(Recorded::New { message, unread })
    }

    /// The same message again: nothing is added, but cut transfers of it are made good.
    fn met_again(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message_key: &Key,
    ) -> Result<Recorded, Trouble> {
        let (message, unread) = connection
            .prepare_cached(
                "SELECT id, unread FROM message WHERE message_key = ?1 AND incomplete IS NULL",
            )?
            .query_row([message_key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut touched = Touched::default();
        self.make_good(connection, entry, message, &mut touched)?;
        self.decide_touched(connection, touched, Cause::Message(message))?;
        Ok(Recorded::Duplicate { message, unread })
    }

    pub(super) fn append_message(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message_key: &Key,
        unread: bool,
    ) -> Result<Option<i64>, Trouble> {
        let (received_at, faults) = (entry.received_at.to_string(), faults_text(entry)?);
        let body = entry.incomplete.as_ref().map_or(Cell::Null, |_| Cell::Blob(&entry.body));
        let cells = [
            Cell::Text(&received_at),
            Cell::Text(&entry.analyser),
            Cell::Text(&entry.profile),
            Cell::Text(&entry.profile_sha256),
            Cell::Blob(&entry.content_key),
            Cell::Blob(message_key),
            Cell::Integer(i64::from(unread)),
            Cell::text_or_null(entry.incomplete.as_deref()),
            Cell::Text(&faults),
            body,
            Cell::Blob(&entry.bytes),
        ];
        self.journal.append(connection, Table::Message, &cells)
    }

    pub(super) fn append_donations(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
        unread: bool,
    ) -> Result<(), Trouble> {
        if !unread {
            return Ok(());
        }
        let blocks = i64::from(entry.incomplete.is_some() || !entry.faults.is_empty());
        for din in &distinct(&entry.donations) {
            let cells = [Cell::Integer(message), Cell::Text(din.as_str()), Cell::Integer(blocks)];
            self.journal.append(connection, Table::MessageDonation, &cells)?;
        }
        Ok(())
    }

    pub(super) fn block(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let why = rows::why_unread(entry.incomplete.as_deref(), &entry.faults);
        let cut_short = entry.incomplete.is_some();
        for din in distinct(&entry.donations) {
            // A case read from the tables has the message already.
            let case = touched.case(&mut self.cases, connection, &din)?;
            if case.facts.unread.iter().all(|unread| unread.message != message) {
                case.facts.unread.push(UnreadMessage { message, why: why.clone(), cut_short });
            }
        }
        Ok(())
    }

    fn append_observation(
        &mut self,
        connection: &Connection,
        placed: &Placed<'_>,
        observation: &Observation,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let din = match observation.kind {
            SpecimenKind::Donor => observation.din.as_ref(),
            SpecimenKind::Control | SpecimenKind::Calibration | SpecimenKind::Other => None,
        };
        let number = observation.number.map(|number| number.to_string());
        let payload = serde_json::to_string(&ObservationShape::from(observation))?;
        let case = match din {
            // Read before the row is written, so that it does not hold the new one already.
            Some(din) => Some(touched.case(&mut self.cases, connection, din)?),
            None => None,
        };
        let cells = [
            Cell::Integer(placed.message),
            Cell::Integer(placed.ordinal),
            Cell::text_or_null(din.map(DonationNumber::as_str)),
            Cell::Blob(placed.key),
            Cell::text_or_null(number.as_deref()),
            Cell::Text(&payload),
        ];
        let id = self.journal.append(connection, Table::Observation, &cells)?;
        if let (Some(id), Some(case)) = (id, case) {
            case.facts.observations.push(placed.recorded(id, observation));
        }
        Ok(())
    }
}

/// Where an observation stands.
struct Placed<'a> {
    entry: &'a Entry,
    message: i64,
    ordinal: i64,
    key: &'a Key,
}

impl Placed<'_> {
    fn recorded(&self, id: i64, observation: &Observation) -> RecordedObservation {
        RecordedObservation {
            id,
            message: self.message,
            analyser: self.entry.analyser.clone(),
            profile: self.entry.profile.clone(),
            observation: observation.clone(),
        }
    }
}

fn is_unread(entry: &Entry) -> bool {
    let unaccounted = || entry.observations.iter().any(|o| !o.unaccounted.is_empty());
    entry.incomplete.is_some() || !entry.faults.is_empty() || unaccounted()
}

/// What could not be read: the message's own faults first, then those of its observations.
fn faults_text(entry: &Entry) -> Result<String, Trouble> {
    let pieces = entry.observations.iter().flat_map(|observation| &observation.unaccounted);
    let pieces = pieces.map(|u| (u.offset, format!("{} {:?}: {}", u.path, u.text, u.why)));
    let faults: Vec<_> = entry.faults.iter().cloned().chain(pieces).collect();
    Ok(serde_json::to_string(&faults)?)
}
