//! How far a record about a test reaches: which donations have a result that it speaks about, found
//! in slices of bounded size.
//!
//! The first slice is decided in the transaction of the record itself, the others in transactions
//! of their own, between other entries; each notes how far it came, so that a crash loses nothing
//! and a start goes on. Verdicts meanwhile see the record. Who put it there is answered at the end.

use std::collections::VecDeque;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::book::{Book, Cause, Touched};
use super::chain::Cell;
use super::controlling::spoken_of;
use super::errors::Trouble;
use super::record_rows;
use super::rows;
use super::schema::Table;
use crate::domain::{DonationNumber, Record};
use crate::limits;

/// A record whose donations are not all decided again yet.
#[derive(Clone, Debug)]
pub(super) struct OpenReach {
    /// The record.
    pub(super) record: i64,
    /// The last observation that was looked at.
    decided_to: i64,
    reach: Reach,
}

/// Which results a record speaks about.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    /// Profile or analyser.
    name: String,
    test_code: String,
    lot: Option<String>,
    /// When their messages were received; then `name` is an analyser.
    window: Option<(Timestamp, Timestamp)>,
    /// The last of them.
    last: i64,
}

/// The donations of a slice, and the last observation that was looked at; `None` at the end.
pub(super) type Slice = (Vec<DonationNumber>, Option<i64>);

impl Reach {
    /// How far a record reaches back that was made after an observation; `None`: nowhere.
    pub(super) fn of(record: &Record, after_observation: i64) -> Option<Reach> {
        let reach = |name: &str, test_code: &str| Reach {
            name: name.to_owned(),
            test_code: test_code.to_owned(),
            lot: None,
            window: None,
            last: after_observation,
        };
        match record {
            Record::Kit(kit) => Some(reach(&kit.profile, &kit.test_code)),
            Record::Lot(lot) => {
                let reach = reach(&lot.profile, &lot.test_code);
                Some(Reach { lot: Some(lot.lot.clone()), ..reach })
            }
            Record::ControlFailure(failure) => {
                let reach = reach(&failure.analyser, &failure.test_code);
                Some(Reach { window: Some((failure.from, failure.to)), ..reach })
            }
            Record::Donation(..)
            | Record::Target(_)
            | Record::Pool(_)
            | Record::Rack(_)
            | Record::Message(_)
            | Record::Run(_)
            | Record::Eqa(_) => None,
        }
    }

    /// The donations of the next results after one, each as often as it has one.
    pub(super) fn slice(&self, connection: &Connection, after: i64) -> Result<Slice, Trouble> {
        let (after, last) = match self.window {
            Some(window) => self.within(connection, window, after)?,
            None => (after, self.last),
        };
        let limit = i64::try_from(limits::REDECISION_SLICE).unwrap_or(i64::MAX);
        let mut statement = connection.prepare_cached(&self.query())?;
        let mut rows = statement.query(params![self.test_code, after, last, limit, self.lot])?;
        let (mut donations, mut seen, mut to) = (Vec::new(), 0_i64, after);
        while let Some(row) = rows.next()? {
            (seen, to) = (seen + 1, row.get(0)?);
            let (analyser, profile): (String, String) = (row.get(4)?, row.get(5)?);
            if self.speaks_of(&analyser, &profile, rows::read_time(row, 6)?) {
                let (din, specimen, kind): (String, Option<String>, String) =
                    (row.get(1)?, row.get(2)?, row.get(3)?);
                donations.extend(spoken_of(connection, din, specimen.as_deref(), &kind)?);
            }
        }
        Ok((donations, (seen == limit).then_some(to)))
    }

    /// Results of the test, and of the lot, between two observations.
    fn query(&self) -> String {
        let (index, lot) = match self.lot {
            Some(_) => ("observation_lot", "json_extract(o.payload, '$.reagent_lot') = ?5"),
            None => ("observation_test", "?5 IS NULL"),
        };
        format!(
            "SELECT o.id, o.din, json_extract(o.payload, '$.specimen_id'), \
             json_extract(o.payload, '$.kind'), m.analyser, m.profile, m.received_at \
             FROM observation o INDEXED BY {index} JOIN message m ON m.id = o.message \
             WHERE json_extract(o.payload, '$.test_code') = ?1 AND {lot} \
             AND o.id > ?2 AND o.id <= ?3 ORDER BY o.id LIMIT ?4"
        )
    }

    fn speaks_of(&self, analyser: &str, profile: &str, received_at: Timestamp) -> bool {
        match self.window {
            Some((from, to)) => analyser == self.name && from <= received_at && received_at <= to,
            None => analyser == self.name || profile == self.name,
        }
    }

    /// The observations of messages received within a window, after one of them; whole seconds are
    /// looked up, the rest is compared row by row.
    fn within(
        &self,
        connection: &Connection,
        (from, to): (Timestamp, Timestamp),
        after: i64,
    ) -> Result<(i64, i64), Trouble> {
        let second = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let found: (Option<i64>, Option<i64>) = connection
            .prepare_cached(
                "SELECT min(id), max(id) FROM message WHERE analyser = ?1 \
                 AND substr(received_at, 1, 19) >= ?2 AND substr(received_at, 1, 19) <= ?3",
            )?
            .query_row((&self.name, second(from), second(to)), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let (Some(first), Some(last)) = found else { return Ok((after, 0)) };
        let begins = first_observation_of(connection, first)?.saturating_sub(1);
        let ends = first_observation_of(connection, last.saturating_add(1))?.saturating_sub(1);
        Ok((after.max(begins), ends.min(self.last)))
    }
}

/// The first observation of a message or, where it has none, of those after it: observations stand
/// in the order of their messages and have no gaps.
pub(super) fn first_observation_of(connection: &Connection, message: i64) -> Result<i64, Trouble> {
    let count: Option<i64> = connection
        .prepare_cached("SELECT max(id) FROM observation")?
        .query_row([], |row| row.get(0))?;
    let mut of = connection.prepare_cached("SELECT message FROM observation WHERE id = ?1")?;
    let (mut low, mut high) = (1, count.unwrap_or_default() + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<i64> = of.query_row([middle], |row| row.get(0)).optional()?;
        match found.is_some_and(|found| found < message) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    Ok(low)
}

impl Book {
    /// Decides about the first donations that a record reaches; the others follow.
    pub(super) fn begin_reach(
        &mut self,
        connection: &Connection,
        record: i64,
        reach: Reach,
    ) -> Result<(), Trouble> {
        let begun = OpenReach { record, decided_to: 0, reach };
        let (touched, to) = self.redecide(connection, &begun)?;
        if let Some(decided_to) = to {
            // What is in memory does not know of the record.
            self.cases.forget();
            let progress = [Cell::Integer(record), Cell::Integer(decided_to), Cell::Integer(0)];
            self.append_always(connection, Table::Redecision, &progress)?;
            self.open_reaches.push_back(OpenReach { decided_to, ..begun });
        }
        self.decide_touched(connection, touched, Cause::Record(record))
    }

    /// Decides about the next donations of the oldest record that is not done.
    pub(super) fn go_on_with_reach(&mut self, connection: &Connection) -> Result<(), Trouble> {
        let Some(open) = self.open_reaches.pop_front() else { return Ok(()) };
        let (touched, to) = self.redecide(connection, &open)?;
        let decided_to = to.unwrap_or(open.reach.last.max(open.decided_to));
        let cells = [
            Cell::Integer(open.record),
            Cell::Integer(decided_to),
            Cell::Integer(i64::from(to.is_none())),
        ];
        self.append_always(connection, Table::Redecision, &cells)?;
        self.decide_touched(connection, touched, Cause::Record(open.record))?;
        if to.is_some() {
            self.open_reaches.push_front(OpenReach { decided_to, ..open });
        }
        Ok(())
    }

    fn redecide(
        &mut self,
        connection: &Connection,
        open: &OpenReach,
    ) -> Result<(Touched, Option<i64>), Trouble> {
        let (donations, to) = open.reach.slice(connection, open.decided_to)?;
        let mut touched = Touched::default();
        touched.all_changed(donations);
        Ok((touched, to))
    }
}

/// Records whose donations were not all decided again when the program ended.
pub(super) fn unfinished(connection: &Connection) -> Result<VecDeque<OpenReach>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT d.record, max(d.decided_to), r.after_observation \
         FROM redecision d JOIN record r ON r.id = d.record \
         GROUP BY d.record HAVING max(d.complete) = 0 ORDER BY d.record",
    )?;
    let mut rows = statement.query([])?;
    let mut open = VecDeque::new();
    while let Some(row) = rows.next()? {
        let (record, decided_to): (i64, i64) = (row.get(0)?, row.get(1)?);
        let Some(found) = record_rows::one(connection, record)? else { continue };
        if let Some(reach) = Reach::of(&found.record, row.get(2)?) {
            open.push_back(OpenReach { record, decided_to, reach });
        }
    }
    Ok(open)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc;
    use std::sync::{Arc, OnceLock};

    use super::*;
    use crate::domain::{LotRecord, LotStanding, SpecimenKind};
    use crate::rules::{self, RuleSet};
    use crate::shape::ObservationShape;
    use crate::store::putting::PreparedRecord;
    use crate::store::{Entry, Options, Store, open, prove};

    fn options(path: &Path) -> Options {
        static READ: OnceLock<Arc<RuleSet>> = OnceLock::new();
        let read = || RuleSet::parse("cn.toml", rules::shipped("cn").unwrap()).unwrap();
        let rules = Arc::clone(READ.get_or_init(|| Arc::new(read())));
        Options { path: path.to_owned(), rules, utc: || Timestamp::UNIX_EPOCH }
    }

    /// One message with a result of the lot for each of so many donations.
    fn message(count: usize) -> Entry {
        let text = r#"{"kind":"donor","specimen_id":null,"din":null,"rack":null,"position":null,
            "test_code":"1","assay":"hbsag","value":null,"number":null,"unit":null,
            "reading":"nonreactive","flags":[],"status":"final","completed_at":null,
            "reagent_lot":"L1","replicate":null,"unaccounted":[],"concerns":[]}"#;
        let shape: ObservationShape = serde_json::from_str(text).unwrap();
        let mut observation = shape.restore(None).unwrap();
        observation.kind = SpecimenKind::Donor;
        let observations = (0..count).map(|number| {
            let din = DonationNumber::restored(format!("D{number}"));
            crate::domain::Observation { din: Some(din), ..observation.clone() }
        });
        Entry {
            analyser: "a1".to_owned(),
            profile: "p1".to_owned(),
            profile_sha256: String::new(),
            received_at: Timestamp::UNIX_EPOCH,
            bytes: Vec::new(),
            content_key: [0; 32],
            body: Vec::new(),
            incomplete: None,
            faults: Vec::new(),
            donations: Vec::new(),
            observations: observations.collect(),
            order_replies: Vec::new(),
            sightings: Vec::new(),
        }
    }

    fn recall() -> Record {
        Record::Lot(LotRecord {
            profile: "p1".to_owned(),
            test_code: "1".to_owned(),
            lot: "L1".to_owned(),
            standing: LotStanding::Recalled,
            expiry: None,
        })
    }

    #[test]
    fn a_crash_between_two_slices_is_gone_on_from_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let count = limits::REDECISION_SLICE + 1;
        let store = Store::open(options(&path)).unwrap();
        let (sender, answer) = mpsc::channel();
        store.record(message(count), Box::new(move |done| sender.send(done).unwrap()));
        answer.recv().unwrap().unwrap();
        drop(store);

        let (mut writer, _) = open::writer(options(&path), None).unwrap();
        let prepared = PreparedRecord::new(recall(), "u1".to_owned()).unwrap();
        let put = writer
            .transaction(|writer, connection| writer.book.put_on_record(connection, &[prepared]));
        assert_eq!(put.unwrap().len(), 1);
        assert_eq!(writer.book.open_reaches.len(), 1);
        drop(writer);

        let (mut writer, _) = open::writer(options(&path), None).unwrap();
        assert_eq!(writer.book.open_reaches.len(), 1, "it is known after the crash");
        assert_eq!(writer.book.open_reaches[0].decided_to, limits::REDECISION_SLICE as i64);
        let go_on = |writer: &mut crate::store::writer::Writer| {
            writer.transaction(|writer, connection| writer.book.go_on_with_reach(connection))
        };
        go_on(&mut writer).unwrap();
        assert!(writer.book.open_reaches.is_empty());
        drop(writer);
        let (writer, _) = open::writer(options(&path), None).unwrap();
        assert!(writer.book.open_reaches.is_empty(), "done is done");
        drop(writer);
        prove(&path).unwrap();
    }

    #[test]
    fn results_of_a_lot_are_found_by_the_index_of_lots() {
        let connection = Connection::open_in_memory().unwrap();
        crate::store::schema::migrate(&connection, 0, crate::store::schema::VERSION).unwrap();
        let plan = |lot: Option<&str>| -> String {
            let reach = Reach::of(&recall(), 7).unwrap();
            let reach = Reach { lot: lot.map(str::to_owned), ..reach };
            let sql = format!("EXPLAIN QUERY PLAN {}", reach.query());
            let key = params!["1", 0, 7, 10, lot];
            connection.query_row(&sql, key, |row| row.get(3)).unwrap()
        };
        assert!(plan(Some("L1")).contains("observation_lot"), "{}", plan(Some("L1")));
        assert!(plan(None).contains("observation_test"), "{}", plan(None));
    }
}
