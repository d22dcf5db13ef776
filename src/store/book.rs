//! What the writer knows between two entries, and how an entry becomes rows and verdicts.
//!
//! Runs inside a transaction that somebody else opens and ends. Entries are decided one by one, in
//! the order in which they came, so that the verdicts do not depend on which entries happened to
//! share a commit. Messages are in `message`, cut transfers in `cut`, rule sets in
//! `rule_use`, orders in `ordering`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use super::case::{Case, Cases};
use super::chain::{Cell, Head, Journal};
use super::errors::Trouble;
use super::release_stop::ReleaseStop;
use super::schema::Table;
use super::shadow::{self, ShadowVerdict};
use super::{Registered, RuleStep, StepOutcome, cut, rule_life};
use crate::domain::{DonationNumber, Registration};
use crate::rules::RuleSet;
use crate::shape::DecisionShape;

/// What the writer knows between two entries.
pub(super) struct Book {
    pub(super) journal: Journal,
    pub(super) cases: Cases,
    /// Analysers with a cut transfer that nothing has made good yet.
    pub(super) cut: HashSet<String>,
    pub(super) rules: Arc<RuleSet>,
    pub(super) rule_set: i64,
    /// Whether release is stopped as a whole.
    pub(super) stop: Arc<ReleaseStop>,
    /// Donations decided about since the last COMMIT, where somebody watches.
    decided: Vec<DonationNumber>,
    pub(super) is_watched: bool,
    /// The last order of an earlier start.
    pub(super) orders_before: i64,
    now: Timestamp,
}

/// A place in a transaction to go back to.
pub(super) struct Mark {
    journal: Journal,
    cut: HashSet<String>,
}

/// What made a verdict necessary.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause {
    /// A message.
    Message(i64),
    /// A registration.
    Registration(i64),
    /// Another rule set.
    RuleUse(i64),
}

impl Cause {
    const fn cells(self) -> [Cell<'static>; 2] {
        let (word, id) = match self {
            Cause::Message(id) => ("message", id),
            Cause::Registration(id) => ("registration", id),
            Cause::RuleUse(id) => ("rule_use", id),
        };
        [Cell::Text(word), Cell::Integer(id)]
    }
}

impl Book {
    /// Continues after the last commit of a store that was proved.
    pub(super) fn open(
        connection: &Connection,
        head: Head,
        rules: Arc<RuleSet>,
        now: Timestamp,
    ) -> Result<Book, Trouble> {
        let (journal, cut) = (Journal::after(head), cut::cut_analysers(connection)?);
        let orders_before = head.marks.of(Table::WorkOrder);
        let (cases, stop) = (Cases::default(), Arc::default());
        let decided = Vec::new();
        Ok(Book {
            journal,
            cases,
            cut,
            rules,
            rule_set: 0,
            stop,
            decided,
            is_watched: false,
            orders_before,
            now,
        })
    }

    /// The ledger so far.
    pub(super) const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Says what time the verdicts of the next transaction carry.
    pub(super) const fn set_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// What time it is for this transaction.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// A place to go back to.
    pub(super) fn mark(&self) -> Mark {
        Mark { journal: self.journal.clone(), cut: self.cut.clone() }
    }

    /// Forgets everything since `mark`; the caller has rolled the tables back.
    pub(super) fn go_back(&mut self, mark: Mark) {
        self.journal = mark.journal;
        self.cut = mark.cut;
        self.cases.forget();
    }

    /// Writes the ledger's row for what was added.
    pub(super) fn seal(&mut self, connection: &Connection) -> Result<Head, Trouble> {
        self.journal.seal(connection)
    }

    /// Donations decided about since it was last asked, in transactions that failed too.
    pub(super) fn take_decided(&mut self) -> Vec<DonationNumber> {
        std::mem::take(&mut self.decided)
    }

    /// Takes steps in the life of a rule set.
    pub(super) fn rule_step(
        &mut self,
        connection: &Connection,
        step: &RuleStep,
    ) -> Result<StepOutcome, Trouble> {
        rule_life::take(connection, &mut self.journal, step, self.now)
    }

    /// Puts on record what a rule set in the shadow concluded.
    pub(super) fn keep_shadow(
        &mut self,
        connection: &Connection,
        found: &ShadowVerdict,
    ) -> Result<(), Trouble> {
        shadow::append(connection, &mut self.journal, found, &self.now.to_string())
    }

    /// Goes on after a COMMIT.
    pub(super) fn continue_after(&mut self, head: Head) {
        self.journal = Journal::after(head);
    }

    /// Forgets what was read through a connection that is gone.
    pub(super) fn forget(&mut self, connection: &Connection) -> Result<(), Trouble> {
        self.cut = cut::cut_analysers(connection)?;
        self.cases.forget();
        Ok(())
    }

    /// Keeps a profile's text.
    pub(super) fn keep_profile(
        &mut self,
        connection: &Connection,
        name: &str,
        sha256: &str,
        text: &str,
    ) -> Result<(), Trouble> {
        let cells = [Cell::Text(name), Cell::Text(sha256), Cell::Text(text)];
        self.journal.append(connection, Table::Profile, &cells).map(drop)
    }

    /// Records a registration and decides with everything that waited for it.
    pub(super) fn register(
        &mut self,
        connection: &Connection,
        registration: &Registration,
    ) -> Result<Registered, Trouble> {
        let mut touched = Touched::default();
        let case = touched.case(&mut self.cases, connection, &registration.din)?;
        if let Some(known) = &case.facts.registration {
            let answer = match known == registration {
                true => Registered::Same,
                false => Registered::Conflict(Box::new(known.clone())),
            };
            touched.keep_in(&mut self.cases);
            return Ok(answer);
        }
        case.facts.registration = Some(registration.clone());
        let id = self.append_registration(connection, registration)?;
        self.decide_touched(connection, touched, Cause::Registration(id))?;
        Ok(Registered::New)
    }

    fn append_registration(
        &mut self,
        connection: &Connection,
        registration: &Registration,
    ) -> Result<i64, Trouble> {
        let donor = &registration.donor;
        let (collected_at, now) = (registration.collected_at.to_string(), self.now.to_string());
        let cells = [
            Cell::Text(registration.din.as_str()),
            Cell::Text(&collected_at),
            Cell::Text(&registration.site),
            Cell::Text(donor.kind.id()),
            Cell::Integer(i64::from(donor.deferred)),
            Cell::text_or_null(donor.historic_group.map(|group| group.abo.id())),
            Cell::text_or_null(donor.historic_group.map(|group| group.rhd.id())),
            Cell::Text(&now),
        ];
        self.append_always(connection, Table::Registration, &cells)
    }

    /// Appends a row of a table that has no row twice.
    pub(super) fn append_always(
        &mut self,
        connection: &Connection,
        table: Table,
        cells: &[Cell<'_>],
    ) -> Result<i64, Trouble> {
        let number = self.journal.append(connection, table, cells)?;
        number.ok_or_else(|| Trouble::Entry(format!("table {} took no row", table.name())))
    }

    /// Decides about every case file an entry touched; a verdict that says something else than the
    /// one on record is appended to the feed.
    pub(super) fn decide_touched(
        &mut self,
        connection: &Connection,
        touched: Touched,
        cause: Cause,
    ) -> Result<(), Trouble> {
        for mut case in touched.cases {
            self.decide(connection, &mut case, cause)?;
            self.cases.keep(case);
        }
        Ok(())
    }

    fn decide(
        &mut self,
        connection: &Connection,
        case: &mut Case,
        cause: Cause,
    ) -> Result<(), Trouble> {
        if case.facts.registration.is_none() {
            return Ok(());
        }
        if self.is_watched {
            self.decided.push(case.facts.din.clone());
        }
        let decision = DecisionShape::from(case.decide(&self.rules));
        let on_record = case.last.as_ref().map(|last| last.verdict.as_str());
        let decision = self.stop.applied(decision, on_record);
        if !case.is_changed_by(&decision) {
            return Ok(());
        }
        self.append_verdict(connection, case, &decision, cause)?;
        case.adopt(decision);
        Ok(())
    }

    fn append_verdict(
        &mut self,
        connection: &Connection,
        case: &Case,
        decision: &DecisionShape,
        cause: Cause,
    ) -> Result<i64, Trouble> {
        let (text, now) = (serde_json::to_string(decision)?, self.now.to_string());
        let marks = *self.journal.marks();
        let [cause, cause_id] = cause.cells();
        let cells = [
            Cell::Text(case.facts.din.as_str()),
            Cell::Integer(case.version() + 1),
            Cell::Text(&decision.verdict),
            Cell::Text(&text),
            Cell::Integer(self.rule_set),
            Cell::Text(&now),
            cause,
            cause_id,
            Cell::Integer(marks.of(Table::Message)),
            Cell::Integer(marks.of(Table::MessageResolution)),
        ];
        self.append_always(connection, Table::Verdict, &cells)
    }
}

/// The case files an entry touches, in the order in which it names them. Dropped, and so read
/// from the tables again next time, where the entry fails.
#[derive(Default)]
pub(super) struct Touched {
    cases: Vec<Case>,
    places: HashMap<DonationNumber, usize>,
}

impl Touched {
    /// The case file of a donation, taken out of the cache or read from the tables.
    pub(super) fn case(
        &mut self,
        cases: &mut Cases,
        connection: &Connection,
        din: &DonationNumber,
    ) -> Result<&mut Case, Trouble> {
        let next = self.cases.len();
        let place = *self.places.entry(din.clone()).or_insert(next);
        if place == next {
            self.cases.push(cases.take(connection, din)?);
        }
        let missing = || Trouble::Entry("a case file was lost".to_owned());
        self.cases.get_mut(place).ok_or_else(missing)
    }

    fn keep_in(self, cases: &mut Cases) {
        self.cases.into_iter().for_each(|case| cases.keep(case));
    }
}

/// Each donation once, in the order given.
pub(super) fn distinct(donations: &[DonationNumber]) -> Vec<DonationNumber> {
    let mut seen = HashSet::new();
    donations.iter().filter(|din| seen.insert(*din)).cloned().collect()
}
