//! Bytes on record read again with a later profile: what would follow, tried and taken back, and
//! the same for good once two people agreed.

use rusqlite::{Connection, OptionalExtension};

use super::book::{Book, Cause, Touched, distinct};
use super::chain::Cell;
use super::errors::Trouble;
use super::judging::{self, Judging};
use super::prepared::{Prepared, PreparedObservation, donation_of};
use super::putting::{PreparedRecord, PutOnRecord};
use super::rows::Until;
use super::schema::Table;
use super::shadow::points;
use super::task::Task;
use super::{Entry, Reply, Store, keys, pools};
use crate::domain::{
    Circumstances, DonationNumber, Facts, Judgement, MessageJudged, MessageRecord, MessageStep,
    Observation, Reading, Record, RecordedObservation, SpecimenKind, Statement,
};
use crate::shape::{DecisionShape, ReasonShape};

/// What became of reading a message again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadAgainOutcome {
    /// This would follow; nothing was written.
    Would(Vec<ReadingChange>),
    /// It is on record as this message, and counts.
    Read {
        /// Number of the message that is the new reading.
        message: i64,
        /// Number of the record that agreed.
        record: i64,
        /// What followed.
        changes: Vec<ReadingChange>,
    },
    /// Nothing was written; why, for people.
    Refused(String),
}

/// A donation before and after a message is read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingChange {
    /// The donation.
    pub din: DonationNumber,
    /// Verdict id now; `None` where the donation is not registered.
    pub verdict: Option<String>,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// What it would be.
    pub would_be: Option<String>,
    /// Why.
    pub would_be_reasons: Vec<ReasonShape>,
    /// The same verdict for the same reasons.
    pub is_same: bool,
}

/// A message to be read again.
pub(super) struct ReadAgain {
    message: i64,
    prepared: Prepared,
    /// Who agrees to which proposal; tried and taken back where nobody does.
    agreed: Option<(i64, String)>,
}

impl ReadAgain {
    /// Bytes of the message that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.prepared.bytes()
    }
}

impl Store {
    /// What would follow for every donation concerned if a message on record were judged
    /// `read_again`, its bytes being read as `entry` says. Nothing is written.
    pub fn what_if_read_again(&self, message: i64, entry: Entry, reply: Reply<ReadAgainOutcome>) {
        self.ask_to_read_again(message, entry, None, reply);
    }

    /// Agrees to the proposal with this record number that a message on record is read again, and
    /// puts that reading on record, in one transaction. `entry` holds the bytes of the message as
    /// the profile of now reads them.
    pub fn read_again(
        &self,
        message: i64,
        entry: Entry,
        proposal: i64,
        by: &str,
        reply: Reply<ReadAgainOutcome>,
    ) {
        self.ask_to_read_again(message, entry, Some((proposal, by.to_owned())), reply);
    }

    fn ask_to_read_again(
        &self,
        message: i64,
        entry: Entry,
        agreed: Option<(i64, String)>,
        reply: Reply<ReadAgainOutcome>,
    ) {
        match Prepared::new(entry) {
            Ok(prepared) => {
                let again = ReadAgain { message, prepared, agreed };
                self.ask(Task::ReadAgain(Box::new(again), reply));
            }
            Err(trouble) => reply(Err(trouble.told(self.handle.readers.path()))),
        }
    }
}

/// Who agrees, and who proposed, while it is only tried.
const TRIED_BY: [&str; 2] = ["who agrees", "who proposes"];

impl Book {
    /// Reads a message again; takes it back where nobody agrees to it, or it may not be.
    pub(super) fn read_again(
        &mut self,
        connection: &Connection,
        again: &ReadAgain,
    ) -> Result<ReadAgainOutcome, Trouble> {
        if let Some(why) = self.reading_met(connection, again)? {
            return Ok(ReadAgainOutcome::Refused(why));
        }
        connection.prepare_cached("SAVEPOINT reading")?.execute([])?;
        let mark = self.mark();
        let outcome = self.read_and_judge(connection, again)?;
        if !matches!(outcome, ReadAgainOutcome::Read { .. }) {
            connection.prepare_cached("ROLLBACK TO reading")?.execute([])?;
            self.go_back(mark);
        }
        connection.prepare_cached("RELEASE reading")?.execute([])?;
        Ok(outcome)
    }

    /// Why a message may not be read again.
    fn reading_met(
        &mut self,
        connection: &Connection,
        again: &ReadAgain,
    ) -> Result<Option<String>, Trouble> {
        let judging = Judging::load(connection, again.message)?;
        if let Some(met) = judging::unread_met(connection, &judging, again.message)? {
            return Ok(Some(why(met)));
        }
        let on_record: Option<(Vec<u8>, String)> = connection
            .prepare_cached(
                "SELECT bytes, analyser FROM message WHERE id = ?1 AND incomplete IS NULL",
            )?
            .query_row([again.message], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let entry = &again.prepared.entry;
        let is_whole = on_record == Some((entry.bytes.clone(), entry.analyser.clone()));
        if !is_whole || entry.incomplete.is_some() {
            let number = again.message;
            return Ok(Some(format!("message {number} was cut short, or these are not its bytes")));
        }
        for din in self.concerned(connection, again)? {
            let case = self.cases.take(connection, &din)?;
            let in_doubt = is_in_doubt(&case.facts, &entry.analyser);
            self.cases.keep(case);
            if let Some(rack) = in_doubt {
                return Ok(Some(format!(
                    "rack {rack} with {din} is in doubt: settle that first, then read again"
                )));
            }
        }
        let Some((of, by)) = &again.agreed else { return Ok(None) };
        let met = judging.agreement_met(*of, by).map(why);
        let is_other = || {
            let proposed = judging.proposal(*of).map(|proposal| proposal.judgement);
            let why = format!("proposal {of} is not that message {} is read again", again.message);
            (proposed != Some(Judgement::ReadAgain)).then_some(why)
        };
        Ok(met.or_else(is_other))
    }

    /// Every donation that the old reading or the new one is about.
    fn concerned(
        &self,
        connection: &Connection,
        again: &ReadAgain,
    ) -> Result<Vec<DonationNumber>, Trouble> {
        let mut found = judging::donations_of(connection, again.message)?;
        let entry = &again.prepared.entry;
        found.extend(entry.donations.iter().cloned());
        for observation in &entry.observations {
            match (donation_of(observation), observation.specimen_id.as_deref()) {
                (Some(din), _) => found.push(din.clone()),
                (None, Some(specimen)) => found.extend(pools::members_in(connection, specimen)?),
                (None, None) => {}
            }
        }
        Ok(distinct(&found))
    }

    fn read_and_judge(
        &mut self,
        connection: &Connection,
        again: &ReadAgain,
    ) -> Result<ReadAgainOutcome, Trouble> {
        let concerned = self.concerned(connection, again)?;
        let before = self.stands(connection, &concerned)?;
        let mut touched = Touched::default();
        let message = match self.new_reading(connection, again, &mut touched)? {
            Ok(message) => message,
            Err(why) => return Ok(ReadAgainOutcome::Refused(why)),
        };
        let record = self.agree(connection, again, message, &mut touched)?;
        self.decide_touched(connection, touched, Cause::Record(record))?;
        let after = self.stands(connection, &concerned)?;
        let changes = concerned.into_iter().zip(before.into_iter().zip(after));
        let changes = changes.map(|(din, (before, after))| change(din, before, after)).collect();
        Ok(match again.agreed {
            Some(_) => ReadAgainOutcome::Read { message, record, changes },
            None => ReadAgainOutcome::Would(changes),
        })
    }

    fn stands(
        &mut self,
        connection: &Connection,
        donations: &[DonationNumber],
    ) -> Result<Vec<Option<DecisionShape>>, Trouble> {
        let mut found = Vec::new();
        for din in donations {
            let case = self.cases.take(connection, din)?;
            found.push(case.last.as_ref().map(|last| last.decision.clone()));
            self.cases.keep(case);
        }
        Ok(found)
    }

    /// The message that is the new reading: one on record already, where the analyser sent it again
    /// meanwhile, or a new one; or why it may not be.
    fn new_reading(
        &mut self,
        connection: &Connection,
        again: &ReadAgain,
        touched: &mut Touched,
    ) -> Result<Result<i64, String>, Trouble> {
        let prepared = &again.prepared;
        let known: Option<i64> = connection
            .prepare_cached("SELECT id FROM message WHERE message_key = ?1 AND incomplete IS NULL")?
            .query_row([prepared.message_key], |row| row.get(0))
            .optional()?;
        match known {
            Some(known) if known == again.message => {
                let why = "the profile reads it as it did: mend the profile, start, and try again";
                return Ok(Err(format!("message {known}: {why}")));
            }
            Some(known) => return Ok(Ok(known)),
            None => {}
        }
        let Some(message) = self.append_message(connection, prepared)? else {
            return Err(Trouble::Entry("a new reading was not stored".to_owned()));
        };
        let entry = &prepared.entry;
        if prepared.unread {
            self.append_donations(connection, entry, message)?;
        }
        if !entry.faults.is_empty() {
            self.block(connection, entry, message, touched)?;
        }
        let cells = again.cells(connection)?;
        let pairs = entry.observations.iter().zip(&cells);
        self.append_observations(connection, entry, message, pairs, touched)?;
        if let Some(why) = self.circumstances_met(connection, again, message)? {
            return Ok(Err(why));
        }
        self.compare_places(connection, entry, message, touched)?;
        Ok(Ok(message))
    }

    /// A result is judged by the kit, the container and the controls of its time. Read again it
    /// comes later, and may not find better ones than it had.
    fn circumstances_met(
        &mut self,
        connection: &Connection,
        again: &ReadAgain,
        message: i64,
    ) -> Result<Option<String>, Trouble> {
        let entry = &again.prepared.entry;
        let (then, _) = judging::observations_of(connection, again.message)?;
        let now = self.journal.marks().of(Table::Observation);
        for observation in entry.observations.iter().filter(|o| o.kind == SpecimenKind::Donor) {
            let said = match donation_of(observation) {
                Some(din) => self.cases.take(connection, din)?.facts.statements,
                None => Vec::new(),
            };
            let mut at = |id: i64, message: i64| {
                let result = RecordedObservation {
                    id,
                    message,
                    analyser: entry.analyser.clone(),
                    profile: entry.profile.clone(),
                    observation: observation.clone(),
                    circumstances: Circumstances::default(),
                };
                let (view, at) = (&mut self.cases.view, entry.received_at);
                view.circumstances(connection, Until::NOW, &said, &result, at)
            };
            let (mut then, mut now) = (at(then, again.message)?, at(now, message)?);
            let (_, spoken) =
                (then.controls.observations.clear(), now.controls.observations.clone());
            let are_own = self.are_of(connection, &spoken, message)?;
            now.controls.observations.clear();
            if are_own && !spoken.is_empty() {
                now.controls = then.controls.clone();
            }
            if then != now {
                return Ok(Some(format!(
                    "other controls, another kit or another container would speak for test {} of \
                     message {} than at its time: test again",
                    observation.test_code, again.message
                )));
            }
        }
        Ok(None)
    }

    fn are_of(
        &self,
        connection: &Connection,
        observations: &[i64],
        message: i64,
    ) -> Result<bool, Trouble> {
        let (from, to) = judging::observations_of(connection, message)?;
        Ok(observations.iter().all(|id| (from..to).contains(id)))
    }

    /// Puts on record that two people agreed, and tells it to every donation of the old reading.
    fn agree(
        &mut self,
        connection: &Connection,
        again: &ReadAgain,
        read_as: i64,
        touched: &mut Touched,
    ) -> Result<i64, Trouble> {
        let judging = Judging::load(connection, again.message)?;
        let [agrees, proposes] = TRIED_BY.map(str::to_owned);
        let (of, by) = again.agreed.clone().unwrap_or((0, agrees));
        let proposed = judging.proposal(of).map(|proposal| proposal.by.clone());
        let about = MessageRecord { message: again.message, step: MessageStep::Agreed(of) };
        let prepared = PreparedRecord::new(Record::Message(about.clone()), by.clone())?;
        let record = self.append_message_step(connection, &prepared, &about)?;
        let cells = [again.message, read_as, record].map(Cell::Integer);
        self.append_always(connection, Table::ReadingAgain, &cells)?;
        let judged = MessageJudged {
            message: again.message,
            judgement: Judgement::ReadAgain,
            proposed_by: proposed.unwrap_or(proposes),
            agreed_by: by,
        };
        self.judge(connection, &judged, touched)?;
        Ok(record)
    }
}

impl ReadAgain {
    /// The cells of the new reading. What the old one had, too, is a fact of its own now, because
    /// nothing good in the old one counts any more; but what was adverse counts there, and one well
    /// never becomes two.
    fn cells(&self, connection: &Connection) -> Result<Vec<PreparedObservation>, Trouble> {
        let sql = "SELECT 1 FROM observation WHERE din = ?1 AND observation_key = ?2 \
                   AND message = ?3";
        let mut of_old = connection.prepare_cached(sql)?;
        let mut cells = Vec::new();
        for (observation, prepared) in self.prepared.observations() {
            let din = donation_of(observation).map_or("", DonationNumber::as_str);
            let is_known = of_old.exists((din, prepared.key, self.message))?;
            let mut own = prepared.clone();
            if is_known && !is_adverse(observation) {
                own.key = keys::key_of_reading_again(&prepared.key, self.message);
            }
            cells.push(own);
        }
        Ok(cells)
    }
}

const fn is_adverse(observation: &Observation) -> bool {
    !matches!(
        observation.reading,
        None | Some(Reading::Nonreactive | Reading::Abo(_) | Reading::Rhd(_))
    )
}

/// The rack of a donation that this analyser reported elsewhere, where nobody settled that.
fn is_in_doubt(facts: &Facts, analyser: &str) -> Option<String> {
    let mut racks: Vec<(&str, &str)> = Vec::new();
    for said in &facts.statements {
        match &said.statement {
            Statement::RackInDoubt(doubt) if doubt.analyser == analyser => {
                racks.push((&doubt.loading, &doubt.rack));
            }
            Statement::RackSettled(settled) if settled.analyser == analyser => {
                racks.retain(|(loading, _)| *loading != settled.loading);
            }
            _ => {}
        }
    }
    racks.first().map(|(_, rack)| (*rack).to_owned())
}

fn change(
    din: DonationNumber,
    before: Option<DecisionShape>,
    after: Option<DecisionShape>,
) -> ReadingChange {
    let is_same = match (&before, &after) {
        (Some(before), Some(after)) => {
            before.verdict == after.verdict && points(&before.reasons) == points(&after.reasons)
        }
        (None, None) => true,
        _ => false,
    };
    let split = |decision: Option<DecisionShape>| {
        decision.map_or((None, Vec::new()), |one| (Some(one.verdict), one.reasons))
    };
    let ((verdict, reasons), (would_be, would_be_reasons)) = (split(before), split(after));
    ReadingChange { din, verdict, reasons, would_be, would_be_reasons, is_same }
}

fn why(met: PutOnRecord) -> String {
    match met {
        PutOnRecord::Conflict { why, .. } => why,
        PutOnRecord::New { .. } | PutOnRecord::Same { .. } | PutOnRecord::Stale { .. } => {
            String::new()
        }
    }
}
