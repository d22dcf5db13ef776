//! What people and other systems put on record, and the verdicts it makes necessary.
//!
//! Nothing is ever taken back: a later record stands beside an earlier one. The same once more is
//! recognised and added once, so that whoever is unsure whether it arrived may send it again. What
//! would make a record say two things is refused: a pool's members are said once.

use rusqlite::Connection;

use super::book::{Book, Cause, Touched};
use super::chain::Cell;
use super::errors::Trouble;
use super::judging::accord_met;
use super::reach::Reach;
use super::record_rows::{self, RecordRow};
use super::schema::Table;
use crate::domain::{DonationNumber, Facts, Pool, Record, RecordedStatement, Statement};
use crate::limits;
use crate::shape::RecordShape;

/// What became of a record, after COMMIT of the last verdict that it made necessary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOnRecord {
    /// Stored; every donation that it touches is decided again.
    New {
        /// Its number.
        record: i64,
    },
    /// The same is on record already; nothing changed.
    Same {
        /// Number of the one on record.
        record: i64,
    },
    /// It contradicts what is on record; nothing changed.
    Conflict {
        /// Number of the one on record.
        record: i64,
        /// What is the matter, for people.
        why: String,
    },
    /// The donation was looked at under another version of its verdict than the one in force;
    /// nothing changed.
    Stale {
        /// The version in force.
        version: i64,
    },
}

impl PutOnRecord {
    /// The record it is about; 0 where it is about none.
    pub const fn record(&self) -> i64 {
        match self {
            PutOnRecord::New { record }
            | PutOnRecord::Same { record }
            | PutOnRecord::Conflict { record, .. } => *record,
            PutOnRecord::Stale { .. } => 0,
        }
    }
}

/// A record with its row, made ready on the thread of whoever brings it.
pub(super) struct PreparedRecord {
    record: Record,
    by: String,
    payload: String,
}

impl PreparedRecord {
    /// Makes a record ready; refused where nobody made it, or it holds too much.
    pub(super) fn new(record: Record, by: String) -> Result<PreparedRecord, Trouble> {
        if by.trim().is_empty() {
            return Err(Trouble::Entry("a record must say who made it".to_owned()));
        }
        if let Record::Pool(pool) = &record
            && pool.members.len() > limits::POOL_MEMBERS_MAX
        {
            let why = format!(
                "pool {:?} has {} members, more than {}",
                pool.id,
                pool.members.len(),
                limits::POOL_MEMBERS_MAX
            );
            return Err(Trouble::Entry(why));
        }
        let payload = serde_json::to_string(&RecordShape::from(&record))?;
        Ok(PreparedRecord { record, by, payload })
    }

    /// Who made it.
    pub(super) fn by(&self) -> &str {
        &self.by
    }

    /// What it holds, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.payload.len() + self.by.len()
    }
}

impl Book {
    /// Puts records on record, one after the other; nothing where somebody looked at a donation
    /// under another version of its verdict than the one in force.
    pub(super) fn put_seen(
        &mut self,
        connection: &Connection,
        seen: Option<&(DonationNumber, i64)>,
        records: &[PreparedRecord],
    ) -> Result<Vec<PutOnRecord>, Trouble> {
        if let Some((din, version)) = seen {
            let mut touched = Touched::default();
            let in_force = touched.case(&mut self.cases, connection, din)?.version();
            touched.keep_in(&mut self.cases);
            if in_force != *version {
                return Ok(vec![PutOnRecord::Stale { version: in_force }; records.len()]);
            }
        }
        self.put_on_record(connection, records)
    }

    /// Puts records on record, one after the other.
    pub(super) fn put_on_record(
        &mut self,
        connection: &Connection,
        records: &[PreparedRecord],
    ) -> Result<Vec<PutOnRecord>, Trouble> {
        records.iter().map(|prepared| self.put_one(connection, prepared)).collect()
    }

    fn put_one(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
    ) -> Result<PutOnRecord, Trouble> {
        match &prepared.record {
            Record::Donation(din, statement) => {
                self.put_statement(connection, prepared, din, statement)
            }
            Record::Pool(pool) => self.put_pool(connection, prepared, pool),
            Record::Kit(kit) => {
                self.put_of_test(connection, prepared, &kit.profile, &kit.test_code)
            }
            Record::Lot(lot) => {
                self.put_of_test(connection, prepared, &lot.profile, &lot.test_code)
            }
            Record::Target(target) => {
                self.put_of_test(connection, prepared, &target.analyser, &target.test_code)
            }
            Record::ControlFailure(failure) => {
                self.put_of_test(connection, prepared, &failure.analyser, &failure.test_code)
            }
            Record::Rack(rack) => self.put_rack(connection, prepared, rack),
            Record::Message(about) => self.put_message(connection, prepared, about),
            Record::Run(run) => {
                self.put_note(connection, prepared, [&run.analyser, &run.test_code])
            }
            Record::Eqa(round) => {
                self.put_note(connection, prepared, [&round.scheme, &round.round])
            }
        }
    }

    fn put_statement(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        din: &DonationNumber,
        statement: &Statement,
    ) -> Result<PutOnRecord, Trouble> {
        let mut touched = Touched::default();
        let case = touched.case(&mut self.cases, connection, din)?;
        let facts = &case.facts;
        let met = match statement {
            Statement::Placed(placement) => self.placing_met(facts, placement, &prepared.by),
            Statement::TakenOut(loading) => self.taking_out_met(din, loading),
            other => accord_met(&facts.statements, other, &prepared.by)
                .or_else(|| said_before(facts, other, &prepared.by)),
        };
        if let Some(met) = met {
            touched.keep_in(&mut self.cases);
            return Ok(met);
        }
        let marks = *self.journal.marks();
        let subject = [loading_of(statement).unwrap_or_default(), ""];
        let record = self.append_record(connection, prepared, din.as_str(), subject)?;
        if let Statement::Placed(placement) = statement {
            self.append_tube(connection, record, din, placement)?;
        }
        let said = RecordedStatement {
            id: record,
            by: prepared.by.clone(),
            at: self.now(),
            after_observation: marks.of(Table::Observation),
            statement: statement.clone(),
        };
        touched.case(&mut self.cases, connection, din)?.hear(said, marks.of(Table::Verdict));
        self.decide_touched(connection, touched, Cause::Record(record))?;
        if let Some(loading) = loading_of(statement) {
            self.racks_changed(connection, loading)?;
        }
        Ok(PutOnRecord::New { record })
    }

    fn put_pool(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        pool: &Pool,
    ) -> Result<PutOnRecord, Trouble> {
        let known = record_rows::about_pool(connection, &pool.id)?;
        if let Some(met) = pool_met(&known, pool) {
            return Ok(met);
        }
        let record = self.append_record(connection, prepared, "", [&pool.id, ""])?;
        for (ordinal, din) in (1..).zip(&pool.members) {
            let cells = [
                Cell::Integer(record),
                Cell::Text(&pool.id),
                Cell::Text(din.as_str()),
                Cell::Integer(ordinal),
            ];
            self.append_always(connection, Table::PoolMember, &cells)?;
        }
        let mut touched = Touched::default();
        touched.all_changed(pool.members.clone());
        self.decide_touched(connection, touched, Cause::Record(record))?;
        Ok(PutOnRecord::New { record })
    }

    fn put_of_test(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        name: &str,
        test_code: &str,
    ) -> Result<PutOnRecord, Trouble> {
        let known = record_rows::about_test(connection, name, test_code)?;
        let latest = known.iter().rev().find(|row| is_of_the_same(&row.record, &prepared.record));
        if let Some(same) = latest.filter(|row| row.record == prepared.record) {
            return Ok(PutOnRecord::Same { record: same.id });
        }
        // A later kit speaks for later results; the first one also for those that had none.
        let is_later_kit = matches!(prepared.record, Record::Kit(_)) && latest.is_some();
        let after = self.journal.marks().of(Table::Observation);
        let record = self.append_record(connection, prepared, "", [name, test_code])?;
        self.cases.view.catalogue.forget(name, test_code);
        let reach = Reach::of(&prepared.record, after).filter(|_| !is_later_kit);
        if let Some(reach) = reach {
            self.begin_reach(connection, record, reach)?;
        }
        Ok(PutOnRecord::New { record })
    }

    /// What is kept and decides nothing.
    fn put_note(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        subject: [&str; 2],
    ) -> Result<PutOnRecord, Trouble> {
        let record = self.append_record(connection, prepared, "", subject)?;
        Ok(PutOnRecord::New { record })
    }

    pub(super) fn append_record(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        din: &str,
        [subject, test_code]: [&str; 2],
    ) -> Result<i64, Trouble> {
        let (marks, now) = (*self.journal.marks(), self.now().to_string());
        let cells = [
            Cell::Text(kind(&prepared.record)),
            Cell::Text(din),
            Cell::Text(subject),
            Cell::Text(test_code),
            Cell::Text(&prepared.payload),
            Cell::Text(&prepared.by),
            Cell::Text(&now),
            Cell::Integer(marks.of(Table::Message)),
            Cell::Integer(marks.of(Table::Observation)),
            Cell::Integer(marks.of(Table::Verdict)),
        ];
        self.append_always(connection, Table::Record, &cells)
    }
}

/// The word in the row.
const fn kind(record: &Record) -> &'static str {
    match record {
        Record::Donation(..) => "donation",
        Record::Kit(_) => "kit",
        Record::Lot(_) => "lot",
        Record::Target(_) => "control_target",
        Record::ControlFailure(_) => "control_failure",
        Record::Pool(_) => "pool",
        Record::Rack(_) => "rack",
        Record::Message(_) => "message",
        Record::Run(_) => "run",
        Record::Eqa(_) => "eqa",
    }
}

/// It contradicts what is on record, or may not be said.
pub(super) const fn refused(record: i64, why: String) -> PutOnRecord {
    PutOnRecord::Conflict { record, why }
}

/// The loading that somebody puts a tube into, or takes it out of.
fn loading_of(statement: &Statement) -> Option<&str> {
    match statement {
        Statement::Placed(placement) => Some(&placement.loading),
        Statement::TakenOut(loading) => Some(loading),
        _ => None,
    }
}

/// The same was said by the same person, and nothing since took its place.
fn said_before(facts: &Facts, statement: &Statement, by: &str) -> Option<PutOnRecord> {
    if matches!(statement, Statement::Proposed(_)) {
        return None;
    }
    let latest_result = facts.observations.last().map_or(0, |found| found.id);
    let same_kind = |said: &&RecordedStatement| is_about_the_same(&said.statement, statement);
    let latest = facts.statements.iter().rev().find(same_kind);
    // Who signs once more after another result signs for that one too.
    let signs = matches!(statement, Statement::Signature(_) | Statement::Reevaluated(_));
    let same = latest.filter(|said| {
        said.statement == *statement
            && said.by == by
            && (!signs || said.after_observation >= latest_result)
    });
    same.map(|said| PutOnRecord::Same { record: said.id })
}

/// Whether the later of two statements would take the place of the earlier one.
fn is_about_the_same(earlier: &Statement, later: &Statement) -> bool {
    match (earlier, later) {
        (
            Statement::SampleReceived | Statement::SampleNotReceived,
            Statement::SampleReceived | Statement::SampleNotReceived,
        ) => true,
        (Statement::EarlierOccasion(one), Statement::EarlierOccasion(other)) => one == other,
        (Statement::Supplemental(one, _), Statement::Supplemental(other, _)) => one == other,
        (Statement::Signature(one), Statement::Signature(other)) => one == other,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// Whether the later of two records about a test would take the place of the earlier one.
fn is_of_the_same(earlier: &Record, later: &Record) -> bool {
    match (earlier, later) {
        (Record::Kit(_), Record::Kit(_)) => true,
        (Record::Lot(one), Record::Lot(other)) => one.lot == other.lot,
        (Record::Target(one), Record::Target(other)) => {
            one.material == other.material && one.control_lot == other.control_lot
        }
        // Each failure is one of its own; the same again is none.
        (Record::ControlFailure(one), Record::ControlFailure(other)) => one == other,
        (
            Record::Donation(..)
            | Record::Kit(_)
            | Record::Lot(_)
            | Record::Target(_)
            | Record::ControlFailure(_)
            | Record::Pool(_)
            | Record::Rack(_)
            | Record::Message(_)
            | Record::Run(_)
            | Record::Eqa(_),
            _,
        ) => false,
    }
}

/// What the records of a pool make of another one of the same id.
fn pool_met(known: &[RecordRow], pool: &Pool) -> Option<PutOnRecord> {
    let pools = || {
        known.iter().filter_map(|row| match &row.record {
            Record::Pool(pool) => Some((row.id, pool)),
            Record::Donation(..)
            | Record::Kit(_)
            | Record::Lot(_)
            | Record::Target(_)
            | Record::ControlFailure(_)
            | Record::Rack(_)
            | Record::Message(_)
            | Record::Run(_)
            | Record::Eqa(_) => None,
        })
    };
    if let Some((record, _)) = pools().find(|(_, known)| *known == pool) {
        return Some(PutOnRecord::Same { record });
    }
    // Where nobody had said who is in it, whoever says so now contradicts nothing.
    let (record, said) = pools().find(|(_, known)| !known.members.is_empty())?;
    let members: Vec<&str> = said.members.iter().map(DonationNumber::as_str).collect();
    let why = format!(
        "pool {:?} is on record with other members or another maker ({}): give the new pool \
         another id",
        pool.id,
        members.join(", ")
    );
    Some(PutOnRecord::Conflict { record, why })
}
