//! What the writer knows between two entries, and how an entry becomes rows and verdicts.
//!
//! Runs inside a transaction that somebody else opens and ends. Entries are decided one by one, in
//! the order in which they came, so that the verdicts do not depend on which entries happened to
//! share a commit. Messages are in `message`, cut transfers in `cut`, rule sets in `rule_use`, what
//! people put on record in `putting`, orders in `ordering`.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use super::case::{Case, Cases};
use super::chain::{Cell, Head, Journal};
use super::errors::Trouble;
use super::racks::Racks;
use super::reach::{self, OpenReach};
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
    /// Records whose donations are not all decided again yet, oldest first.
    pub(super) open_reaches: VecDeque<OpenReach>,
    /// Racks that are in use.
    pub(super) racks: Arc<Racks>,
    now: Timestamp,
}

/// A place in a transaction to go back to.
pub(super) struct Mark {
    journal: Journal,
    cut: HashSet<String>,
    open_reaches: VecDeque<OpenReach>,
    racks: Arc<Racks>,
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
    /// Something that was put on record.
    Record(i64),
}

impl Cause {
    /// A record is not among the causes of the first version: such a verdict says under which use
    /// of the rule set it was concluded again, and `verdict_cause` names the record.
    const fn cells(self, rule_use: i64) -> [Cell<'static>; 2] {
        let (word, id) = match self {
            Cause::Message(id) => ("message", id),
            Cause::Registration(id) => ("registration", id),
            Cause::RuleUse(id) => ("rule_use", id),
            Cause::Record(_) => ("rule_use", rule_use),
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
        let cases = Cases::new(&rules.identity().sha256);
        let (open_reaches, stop) = (reach::unfinished(connection)?, Arc::default());
        let (decided, racks) = (Vec::new(), Arc::new(Racks::load(connection)?));
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
            open_reaches,
            racks,
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
        Mark {
            journal: self.journal.clone(),
            cut: self.cut.clone(),
            open_reaches: self.open_reaches.clone(),
            racks: Arc::clone(&self.racks),
        }
    }

    /// Forgets everything since `mark`; the caller has rolled the tables back.
    pub(super) fn go_back(&mut self, mark: Mark) {
        self.journal = mark.journal;
        self.cut = mark.cut;
        self.open_reaches = mark.open_reaches;
        self.racks = mark.racks;
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
        self.open_reaches = reach::unfinished(connection)?;
        self.racks = Arc::new(Racks::load(connection)?);
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
        mut touched: Touched,
        cause: Cause,
    ) -> Result<(), Trouble> {
        touched.read_again(&mut self.cases, connection)?;
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
        let on_record = case.last.as_ref().map(|last| last.decision.verdict.as_str());
        let decision = self.stop.applied(decision, on_record);
        if !case.is_changed_by(&decision) {
            return Ok(());
        }
        let verdict = self.append_verdict(connection, case, &decision, cause)?;
        if let Cause::Record(record) = cause {
            let cells = [Cell::Integer(verdict), Cell::Integer(record)];
            self.append_always(connection, Table::VerdictCause, &cells)?;
        }
        self.append_donor_events(connection, &case.facts.din, verdict, &decision.donor)?;
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
        let [cause, cause_id] = cause.cells(marks.of(Table::RuleUse));
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
    stale: Vec<DonationNumber>,
    known_stale: HashSet<DonationNumber>,
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

    /// The donations whose case files were taken so far.
    pub(super) fn donations(&self) -> Vec<DonationNumber> {
        self.cases.iter().map(|case| case.facts.din.clone()).collect()
    }

    /// Says that more changed about a donation than its case file in memory shows: it is read from
    /// the tables before it is decided about.
    pub(super) fn more_changed(&mut self, din: DonationNumber) {
        if self.known_stale.insert(din.clone()) {
            self.stale.push(din);
        }
    }

    /// The same of several.
    pub(super) fn all_changed(&mut self, donations: Vec<DonationNumber>) {
        donations.into_iter().for_each(|din| self.more_changed(din));
    }

    fn read_again(&mut self, cases: &mut Cases, connection: &Connection) -> Result<(), Trouble> {
        for din in std::mem::take(&mut self.stale) {
            let case = cases.read_again(connection, &din)?;
            match self.places.get(&din).and_then(|place| self.cases.get_mut(*place)) {
                Some(known) => *known = case,
                None => {
                    self.places.insert(din, self.cases.len());
                    self.cases.push(case);
                }
            }
        }
        Ok(())
    }

    /// Keeps the case files as they are: nothing changed.
    pub(super) fn keep_in(self, cases: &mut Cases) {
        self.cases.into_iter().for_each(|case| cases.keep(case));
    }
}

/// Each donation once, in the order given.
pub(super) fn distinct(donations: &[DonationNumber]) -> Vec<DonationNumber> {
    let mut seen = HashSet::new();
    donations.iter().filter(|din| seen.insert(*din)).cloned().collect()
}
