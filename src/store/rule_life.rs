//! The life of rule sets on record: reading it, taking steps in it, and asking it at a start.
//!
//! The texts are rows of `rule_set`, the steps rows of `rule_event`; what they come to, and which
//! step may follow, `rules::life` says. Refuses to take a rule set out of use while it decides.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::chain::{Cell, Journal};
use super::errors::Trouble;
use super::file::HeadFile;
use super::schema::{self, Table};
use super::{OpenError, StoreError, check, open, rows};
use crate::domain::RuleSetIdentity;
use crate::limits;
use crate::rules::RuleSet;
use crate::rules::life::{Application, Approvals, Life, Refused, Step, Taken, day, short};
use crate::shape::{RuleLifeShape, RuleSetShape, RuleStepShape};

/// A rule set on record, with its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetRecord {
    /// Its name, version and hash.
    pub identity: RuleSetIdentity,
    /// Its text.
    pub text: String,
    /// Its steps.
    pub life: Life,
    /// Whether it decides, or did when the daemon ran last.
    pub decides: bool,
}

/// A step that somebody wants to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleStep {
    /// With which rule set.
    pub which: Which,
    /// The steps, taken together or not at all: who, and what each rests on.
    pub steps: Vec<(Step, String, String)>,
}

/// The rule set that a step is taken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one, on record from now on if it was not.
    Text(RuleSetIdentity, String),
    /// The one on record whose hash begins so.
    Named(String),
}

impl Which {
    /// A rule set that was read.
    pub fn of(rules: &RuleSet) -> Which {
        Which::Text(rules.identity().clone(), rules.text().to_owned())
    }
}

impl From<&RuleSetRecord> for RuleLifeShape {
    fn from(record: &RuleSetRecord) -> Self {
        let step = |taken: &Taken| RuleStepShape {
            step: taken.step.id().to_owned(),
            by: taken.by.clone(),
            at: taken.at.to_string(),
            from: taken.step.from().map(|day| day.to_string()),
            detail: taken.detail.clone(),
        };
        RuleLifeShape {
            rule_set: RuleSetShape::from(&record.identity),
            state: record.life.state().to_string(),
            decides: record.decides,
            steps: record.life.steps().iter().map(step).collect(),
        }
    }
}

impl RuleStep {
    /// A rule set is brought; what was read of it was proved by this version of the program.
    pub fn draft(rules: &RuleSet, by: &str, program: &str) -> RuleStep {
        let proved = format!("read whole and proved by hemogate {program}");
        let draft = (Step::Draft, by.to_owned(), String::new());
        let check = (Step::Check, format!("hemogate {program}"), proved);
        RuleStep { which: Which::of(rules), steps: vec![draft, check] }
    }

    /// What it carries of a text.
    pub(super) fn bytes(&self) -> usize {
        match &self.which {
            Which::Text(_, text) => text.len(),
            Which::Named(_) => 0,
        }
    }
}

/// What became of a step: the rule set as it is now, or why it was not taken.
pub type StepOutcome = Result<RuleSetRecord, Refused>;

/// Every rule set on record, in the order in which they came.
pub(super) fn all(connection: &Connection) -> Result<Vec<RuleSetRecord>, Trouble> {
    let decides = last_used(connection)?;
    let mut statement = connection
        .prepare_cached("SELECT id, name, version, sha256, text FROM rule_set ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_rule_set(connection, row, decides)?);
    }
    Ok(found)
}

/// The rule set with this hash.
fn known(connection: &Connection, sha256: &str) -> Result<Option<RuleSetRecord>, Trouble> {
    let decides = last_used(connection)?;
    let mut statement = connection
        .prepare_cached("SELECT id, name, version, sha256, text FROM rule_set WHERE sha256 = ?1")?;
    let mut rows = statement.query([sha256])?;
    rows.next()?.map(|row| read_rule_set(connection, row, decides)).transpose()
}

fn read_rule_set(
    connection: &Connection,
    row: &Row<'_>,
    decides: Option<i64>,
) -> Result<RuleSetRecord, Trouble> {
    let id = row.get(0)?;
    let identity = RuleSetIdentity { name: row.get(1)?, version: row.get(2)?, sha256: row.get(3)? };
    let (text, life) = (row.get(4)?, life(connection, id)?);
    Ok(RuleSetRecord { identity, text, life, decides: decides == Some(id) })
}

/// The number of the rule set that decided last.
fn last_used(connection: &Connection) -> Result<Option<i64>, Trouble> {
    Ok(connection
        .prepare_cached("SELECT rule_set FROM rule_use ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?)
}

fn life(connection: &Connection, rule_set: i64) -> Result<Life, Trouble> {
    let mut life = Life::default();
    if schema::version(connection)? < Table::RuleEvent.since() {
        return Ok(life);
    }
    let mut statement = connection.prepare_cached(
        "SELECT event, made_by, made_at, payload FROM rule_event WHERE rule_set = ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([rule_set])?;
    while let Some(row) = rows.next()? {
        let taken = read_step(row)?;
        let damaged = |refused: Refused| {
            Trouble::Damaged(format!("a step of rule set {rule_set} cannot have been: {refused}"))
        };
        life.take(taken).map_err(damaged)?;
    }
    Ok(life)
}

/// What a step has beside its word.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    detail: String,
}

fn read_step(row: &Row<'_>) -> Result<Taken, Trouble> {
    let (word, payload): (String, String) = (row.get(0)?, row.get(3)?);
    let Payload { from, detail } = serde_json::from_str(&payload)?;
    let from: Option<Date> = from.map(|day| day.parse()).transpose()?;
    let unknown = || Trouble::Entry(format!("this version does not know the step {word:?}"));
    let step = Step::restored(&word, from).ok_or_else(unknown)?;
    Ok(Taken { step, by: row.get(1)?, at: rows::read_time(row, 2)?, detail })
}

/// Takes steps: all of them, or none.
pub(super) fn take(
    connection: &Connection,
    journal: &mut Journal,
    order: &RuleStep,
    now: Timestamp,
) -> Result<StepOutcome, Trouble> {
    let mut record = match found(connection, &order.which)? {
        Ok(found) => found,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut cells = Vec::new();
    for (step, by, detail) in &order.steps {
        let taken = Taken { step: *step, by: by.clone(), at: now, detail: detail.clone() };
        if *step == Step::Retire && record.decides {
            return Ok(Err(decides_now(&record.identity)));
        }
        if let Err(refused) = record.life.take(taken.clone()) {
            return Ok(Err(refused));
        }
        cells.push(taken);
    }
    let id = number_of(connection, journal, &record.identity, &record.text)?;
    cells.iter().try_for_each(|taken| append_step(connection, journal, id, taken))?;
    Ok(Ok(record))
}

fn decides_now(identity: &RuleSetIdentity) -> Refused {
    let name = crate::rules::life::told(identity);
    Refused(format!("{name} decides now: let another one take its place first, then retire it"))
}

type Found = Result<RuleSetRecord, Refused>;

fn found(connection: &Connection, which: &Which) -> Result<Found, Trouble> {
    match which {
        Which::Text(identity, text) => Ok(Ok(match known(connection, &identity.sha256)? {
            Some(record) => record,
            None => {
                let (identity, text) = (identity.clone(), text.clone());
                RuleSetRecord { identity, text, life: Life::default(), decides: false }
            }
        })),
        Which::Named(beginning) => named(connection, beginning),
    }
}

fn named(connection: &Connection, beginning: &str) -> Result<Found, Trouble> {
    let too_short = beginning.len() < limits::SHA_SHOWN.min(8);
    if too_short || !beginning.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let why = format!(
            "{beginning:?} is not the beginning of a hash: take it from hemogate rules list, at \
             least 8 characters"
        );
        return Ok(Err(Refused(why)));
    }
    let beginning = beginning.to_ascii_lowercase();
    let all = all(connection)?;
    let mut fits = all.into_iter().filter(|set| set.identity.sha256.starts_with(&beginning));
    match (fits.next(), fits.next()) {
        (Some(only), None) => Ok(Ok(only)),
        (None, _) => Ok(Err(Refused(format!(
            "no rule set on record has a hash that begins with {beginning}: hemogate rules list"
        )))),
        (Some(one), Some(other)) => Ok(Err(Refused(format!(
            "{beginning} fits {} and {}: give more of it",
            short(&one.identity.sha256),
            short(&other.identity.sha256)
        )))),
    }
}

/// The number of a rule set, which is on record from now on if it was not.
pub(super) fn number_of(
    connection: &Connection,
    journal: &mut Journal,
    identity: &RuleSetIdentity,
    text: &str,
) -> Result<i64, Trouble> {
    let RuleSetIdentity { name, version, sha256 } = identity;
    let known = connection
        .prepare_cached("SELECT id FROM rule_set WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let cells = [Cell::Text(name), Cell::Text(version), Cell::Text(sha256), Cell::Text(text)];
    let number = journal.append(connection, Table::RuleSet, &cells)?;
    number.ok_or_else(|| Trouble::Entry("the rule set was not stored".to_owned()))
}

fn append_step(
    connection: &Connection,
    journal: &mut Journal,
    rule_set: i64,
    taken: &Taken,
) -> Result<(), Trouble> {
    let from = taken.step.from().map(|day| day.to_string());
    let payload = serde_json::to_string(&Payload { from, detail: taken.detail.clone() })?;
    let at = taken.at.to_string();
    let cells = [
        Cell::Integer(rule_set),
        Cell::Text(taken.step.id()),
        Cell::Text(&taken.by),
        Cell::Text(&at),
        Cell::Text(&payload),
    ];
    journal.append(connection, Table::RuleEvent, &cells).map(drop)
}

/// Whether a rule set may decide in this store from now on, and what to know about it.
pub(super) fn admitted(
    connection: &Connection,
    rules: &RuleSet,
    approvals: Approvals,
    now: Timestamp,
) -> Result<Result<Option<String>, Refused>, Trouble> {
    let (rules, text) = (rules.identity(), rules.text());
    let life = known(connection, &rules.sha256)?.map(|record| record.life);
    let before = all(connection)?.into_iter().find(|set| set.decides).map(|set| set.identity);
    let (life, before) = (&life.unwrap_or_default(), before.as_ref());
    Ok(Application { rules, text, life, before, approvals, today: day(now) }.judged())
}

/// A store opened for steps in the life of rule sets alone, where no daemon has it. Nothing is
/// decided meanwhile, by whatever rule set.
pub struct RuleDesk {
    connection: Connection,
    path: PathBuf,
    head_file: HeadFile,
    journal: Journal,
    utc: fn() -> Timestamp,
}

impl RuleDesk {
    /// Opens or creates a store, proved as for a daemon.
    ///
    /// # Errors
    /// See [`OpenError`]; [`OpenError::InUse`] where a daemon has it.
    pub fn open(path: &Path, utc: fn() -> Timestamp) -> Result<RuleDesk, OpenError> {
        let (connection, head, head_file) = open::claimed(path)?;
        let (path, journal) = (path.to_owned(), Journal::after(head));
        Ok(RuleDesk { connection, path, head_file, journal, utc })
    }

    /// Takes steps; what they come to is on the disk when this returns.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was changed.
    pub fn take(&mut self, order: &RuleStep) -> Result<StepOutcome, StoreError> {
        let before = self.journal.clone();
        let taken = self.taken(order);
        taken.map_err(|trouble| {
            self.journal = before;
            let _ended_already = super::writer::roll_back(&self.connection);
            trouble.told(&self.path)
        })
    }

    fn taken(&mut self, order: &RuleStep) -> Result<StepOutcome, Trouble> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let outcome = take(&self.connection, &mut self.journal, order, (self.utc)())?;
        let head = self.journal.seal(&self.connection)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.journal = Journal::after(head);
        self.head_file.note(&head);
        Ok(outcome)
    }

    /// Every rule set on record.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn rule_sets(&self) -> Result<Vec<RuleSetRecord>, StoreError> {
        all(&self.connection).map_err(|trouble| trouble.told(&self.path))
    }
}

/// Every rule set on record of a store that a daemon may be using.
///
/// # Errors
/// See [`OpenError`].
pub fn rule_sets(path: &Path) -> Result<Vec<RuleSetRecord>, OpenError> {
    let refused = |trouble: Trouble| check::refused(path, &trouble);
    let connection = super::file::connect_reader(path).map_err(|error| refused(error.into()))?;
    if check::is_new(&connection, path)? {
        return Ok(Vec::new());
    }
    all(&connection).map_err(refused)
}
