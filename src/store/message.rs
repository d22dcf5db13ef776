//! What one message adds: its row, its observations, and a verdict for every donation it touches.

use rusqlite::Connection;

use super::book::{Book, Cause, Touched, distinct};
use super::chain::Cell;
use super::errors::Trouble;
use super::prepared::{Prepared, PreparedObservation, donation_of};
use super::rows::Until;
use super::schema::Table;
use super::{Entry, Recorded, pools, rows};
use crate::domain::{
    Circumstances, DonationNumber, Observation, RecordedObservation, Sighting, SpecimenKind,
    UnreadMessage,
};

impl Book {
    /// Records a message and decides about the donations it touches.
    pub(super) fn record(
        &mut self,
        connection: &Connection,
        prepared: &Prepared,
    ) -> Result<Recorded, Trouble> {
        match &prepared.entry.incomplete {
            None => self.record_complete(connection, prepared),
            Some(why) => self.record_cut(connection, prepared, why),
        }
    }

    fn record_complete(
        &mut self,
        connection: &Connection,
        prepared: &Prepared,
    ) -> Result<Recorded, Trouble> {
        let Some(message) = self.append_message(connection, prepared)? else {
            return self.met_again(connection, prepared);
        };
        let (entry, unread) = (&prepared.entry, prepared.unread);
        let mut touched = Touched::default();
        if unread {
            self.append_donations(connection, entry, message)?;
        }
        if !entry.faults.is_empty() {
            self.block(connection, entry, message, &mut touched)?;
        }
        self.append_observations(
            connection,
            entry,
            message,
            prepared.observations(),
            &mut touched,
        )?;
        self.compare_places(connection, entry, message, &mut touched)?;
        self.sight(connection, entry, message, &mut touched)?;
        self.append_replies(connection, entry, message, false)?;
        self.make_good(connection, entry, message, &mut touched)?;
        self.decide_touched(connection, touched, Cause::Message(message))?;
        Ok(Recorded::New { message, unread })
    }

    /// Adds what was read from a message and is not on record yet.
    pub(super) fn append_observations<'p>(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
        observations: impl Iterator<Item = (&'p Observation, &'p PreparedObservation)>,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let first = self.journal.marks().of(Table::Observation) + 1;
        for (ordinal, (observation, cells)) in (1..).zip(observations) {
            let placed = Placed { entry, message, first, ordinal, cells };
            self.append_observation(connection, &placed, observation, touched)?;
        }
        Ok(())
    }

    /// The same message again: nothing is added, but cut transfers of it are made good, and what it
    /// says of an order that the first one was not about counts.
    fn met_again(
        &mut self,
        connection: &Connection,
        prepared: &Prepared,
    ) -> Result<Recorded, Trouble> {
        let (message, unread) = connection
            .prepare_cached(
                "SELECT id, unread FROM message WHERE message_key = ?1 AND incomplete IS NULL",
            )?
            .query_row([prepared.message_key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut touched = Touched::default();
        self.append_replies(connection, &prepared.entry, message, true)?;
        self.make_good(connection, &prepared.entry, message, &mut touched)?;
        self.decide_touched(connection, touched, Cause::Message(message))?;
        Ok(Recorded::Duplicate { message, unread })
    }

    pub(super) fn append_message(
        &mut self,
        connection: &Connection,
        prepared: &Prepared,
    ) -> Result<Option<i64>, Trouble> {
        let entry = &prepared.entry;
        let body = entry.incomplete.as_ref().map_or(Cell::Null, |_| Cell::Blob(&entry.body));
        let cells = [
            Cell::Text(&prepared.received_at),
            Cell::Text(&entry.analyser),
            Cell::Text(&entry.profile),
            Cell::Text(&entry.profile_sha256),
            Cell::Blob(&entry.content_key),
            Cell::Blob(&prepared.message_key),
            Cell::Integer(i64::from(prepared.unread)),
            Cell::text_or_null(entry.incomplete.as_deref()),
            Cell::Text(&prepared.faults),
            body,
            Cell::Blob(&entry.bytes),
        ];
        self.journal.append(connection, Table::Message, &cells)
    }

    /// Notes which donations an unread message names.
    pub(super) fn append_donations(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
    ) -> Result<(), Trouble> {
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

    /// Holds donations that are asked for at two places at once.
    fn sight(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        for (din, text) in &entry.sightings {
            // Read before the row is written, so that it does not hold the new one already.
            let case = touched.case(&mut self.cases, connection, din)?;
            case.facts.sightings.push(Sighting { message, text: text.clone() });
            let cells = [Cell::Integer(message), Cell::Text(din.as_str()), Cell::Text(text)];
            self.append_always(connection, Table::Sighting, &cells)?;
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
        let din = donation_of(observation);
        let case = match din {
            // Read before the row is written, so that it does not hold the new one already.
            Some(din) => Some(touched.case(&mut self.cases, connection, din)?),
            None => None,
        };
        let cells = [
            Cell::Integer(placed.message),
            Cell::Integer(placed.ordinal),
            Cell::Text(din.map_or("", DonationNumber::as_str)),
            Cell::Blob(&placed.cells.key),
            Cell::text_or_null(placed.cells.number.as_deref()),
            Cell::Text(&placed.cells.payload),
        ];
        let Some(id) = self.journal.append(connection, Table::Observation, &cells)? else {
            return Ok(());
        };
        let mut recorded = placed.recorded(id, observation);
        let Some(case) = case else {
            return self.append_stray(connection, placed, &recorded, touched);
        };
        let (said, received_at) = (&case.facts.statements, placed.entry.received_at);
        recorded.circumstances =
            self.cases.view.circumstances(connection, Until::NOW, said, &recorded, received_at)?;
        let pooled = pools::is_nucleic(observation.assay);
        let pools = case.facts.pools.iter().filter(|_| pooled);
        let others: Vec<DonationNumber> =
            pools.flat_map(|pool| &pool.others).map(|other| other.din.clone()).collect();
        case.facts.observations.push(recorded);
        // What one member gives singly explains the pool for the others.
        touched.all_changed(others);
        Ok(())
    }

    /// Whether it is on record what this specimen must show as a control.
    fn has_target(
        &mut self,
        connection: &Connection,
        stray: &RecordedObservation,
        specimen: &str,
    ) -> Result<bool, Trouble> {
        let (analyser, test_code) = (&stray.analyser, &stray.observation.test_code);
        self.cases.view.catalogue.learn(connection, analyser, test_code)?;
        let records = self.cases.view.catalogue.of(analyser, test_code);
        Ok(records.is_some_and(|records| records.has_target_of(specimen)))
    }

    /// What a result that is no donation's says of donations: a control of those around it, a
    /// pool's tube of its members.
    fn append_stray(
        &mut self,
        connection: &Connection,
        placed: &Placed<'_>,
        stray: &RecordedObservation,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let observation = &stray.observation;
        match (observation.kind, observation.specimen_id.as_deref()) {
            (SpecimenKind::Donor, Some(specimen)) => {
                touched.all_changed(pools::members_in(connection, specimen)?);
                // Not every analyser tells an external control from a donor's specimen.
                match self.has_target(connection, stray, specimen)? {
                    true => self.append_control(connection, stray, specimen, placed.first, touched),
                    false => Ok(()),
                }
            }
            (SpecimenKind::Control, Some(material)) => {
                self.append_control(connection, stray, material, placed.first, touched)
            }
            (
                SpecimenKind::Donor
                | SpecimenKind::Control
                | SpecimenKind::Calibration
                | SpecimenKind::Other,
                _,
            ) => Ok(()),
        }
    }
}

/// Where an observation stands.
struct Placed<'a> {
    entry: &'a Entry,
    message: i64,
    /// Number of the first observation of the message, should it be new.
    first: i64,
    ordinal: i64,
    cells: &'a PreparedObservation,
}

impl Placed<'_> {
    fn recorded(&self, id: i64, observation: &Observation) -> RecordedObservation {
        RecordedObservation {
            id,
            message: self.message,
            analyser: self.entry.analyser.clone(),
            profile: self.entry.profile.clone(),
            observation: observation.clone(),
            circumstances: Circumstances::default(),
        }
    }
}
