//! What another rule set would have said of what is on record: each donation's history once more,
//! verdict by verdict, with its own memory of what it would have released.
//!
//! Reads only, beside a daemon that may be writing. A donation is judged at every verdict on record
//! and as it stands now; what it would have been in between, by facts that changed no verdict, is
//! not asked. A rule set is taken as if it had decided from the beginning.

use jiff::civil::Date;
use rusqlite::Connection;

use super::archive::Archive;
use super::case::{Case, Stand};
use super::errors::Trouble;
use super::replay;
use super::shadow::says_the_same;
use super::view::View;
use super::{StoreError, rows};
use crate::domain::{DonationNumber, ReleaseHistory, RuleSetStanding, Verdict};
use crate::limits;
use crate::rules::life::day;
use crate::rules::{self, RuleSet};
use crate::shape::{DecisionShape, ReasonShape};

/// A donation under the verdicts on record, and under another rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// The donation.
    pub din: DonationNumber,
    /// The verdict in force.
    pub verdict: String,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// What it would be.
    pub would_be: String,
    /// Why.
    pub would_be_reasons: Vec<ReasonShape>,
    /// Whether any verdict on record let it go.
    pub was_releasable: bool,
    /// Whether the other rule set would have let it go at any of these moments.
    pub would_have_been_releasable: bool,
    /// The same verdict for the same reasons.
    pub is_same: bool,
}

/// Registered donations that were collected in a range of days (UTC), in order of registration.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    after: i64,
}

impl Collected {
    /// From the first registration on.
    pub const fn between(from: Date, to: Date) -> Collected {
        Collected { from, to, after: 0 }
    }
}

impl Archive {
    /// How many registrations there are.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn registrations(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM registration";
        self.told(self.connection.query_row(sql, [], |row| row.get(0)).map_err(Trouble::from))
    }

    /// The next donations of a range, and how many registrations were looked at; `None` at the end.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn next_collected(
        &self,
        range: &mut Collected,
    ) -> Result<Option<(Vec<DonationNumber>, u64)>, StoreError> {
        self.told(next_collected(&self.connection, range))
    }

    /// A donation's history by another rule set; `None` where no verdict is in force.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn what_if(
        &self,
        din: &DonationNumber,
        rules: &RuleSet,
    ) -> Result<Option<WhatIf>, StoreError> {
        let seen = self.connection.execute_batch("BEGIN").map_err(Trouble::from);
        let found = seen.and_then(|()| what_if(&self.connection, din, rules));
        let ended = super::writer::roll_back(&self.connection).map_err(Trouble::from);
        self.told(found.and_then(|found| ended.map(|()| found)))
    }
}

fn next_collected(
    connection: &Connection,
    range: &mut Collected,
) -> Result<Option<(Vec<DonationNumber>, u64)>, Trouble> {
    let page = rows::registered(connection, range.after, u64::from(limits::ARCHIVE_PAGE))?;
    let Some((last, _)) = page.last() else { return Ok(None) };
    range.after = *last;
    let looked_at = u64::try_from(page.len()).unwrap_or(u64::MAX);
    let mut found = Vec::new();
    for (_, din) in page {
        let Some(registration) = rows::registration(connection, &din)? else { continue };
        let collected = day(registration.collected_at);
        if range.from <= collected && collected <= range.to {
            found.push(din);
        }
    }
    Ok(Some((found, looked_at)))
}

/// What another rule set says of a donation now, after its own history.
pub(super) struct Judged {
    /// The case file as it is on record.
    case: Case,
    /// The verdict in force.
    pub(super) stand: Stand,
    /// Its number.
    pub(super) seq: i64,
    /// What the other rule set says.
    pub(super) decision: DecisionShape,
    /// What it remembers then.
    memory: ReleaseHistory,
}

/// `None` where no verdict is in force.
pub(super) fn judged(
    connection: &Connection,
    din: &DonationNumber,
    rules: &RuleSet,
) -> Result<Option<Judged>, Trouble> {
    let mut view = View::new(&rules.identity().sha256);
    let mut case = Case::load(connection, &mut view, din.clone())?;
    let Some(stand) = case.last.clone() else { return Ok(None) };
    let (mut memory, mut last) = (ReleaseHistory::NeverReleased, 0);
    for seq in verdicts_of(connection, din)? {
        let Some(mut then) = replay::case_at(connection, &mut view, seq)? else { continue };
        memory = after(memory, &decided(&mut then, rules, memory));
        last = seq;
    }
    let decision = decided(&mut case, rules, memory);
    let memory = after(memory, &decision);
    Ok(Some(Judged { case, stand, seq: last, decision, memory }))
}

fn what_if(
    connection: &Connection,
    din: &DonationNumber,
    rules: &RuleSet,
) -> Result<Option<WhatIf>, Trouble> {
    let Some(judged) = judged(connection, din, rules)? else { return Ok(None) };
    let Judged { case, stand, decision, memory, .. } = judged;
    let is_same = says_the_same(&decision, &stand);
    Ok(Some(WhatIf {
        din: din.clone(),
        verdict: stand.decision.verdict,
        reasons: stand.decision.reasons,
        would_be: decision.verdict,
        would_be_reasons: decision.reasons,
        was_releasable: case.past.ever_releasable,
        would_have_been_releasable: memory != ReleaseHistory::NeverReleased,
        is_same,
    }))
}

fn decided(case: &mut Case, rules: &RuleSet, memory: ReleaseHistory) -> DecisionShape {
    case.facts.release = memory;
    case.facts.rule_set = RuleSetStanding::Unchanged;
    DecisionShape::from(rules::decide(&case.facts, rules))
}

/// What a rule set remembers after a verdict of its own.
fn after(memory: ReleaseHistory, decision: &DecisionShape) -> ReleaseHistory {
    match (memory, decision.verdict.as_str()) {
        (_, word) if word == Verdict::Recalled.id() => ReleaseHistory::Recalled,
        (ReleaseHistory::Recalled, _) => ReleaseHistory::Recalled,
        (_, word) if word == Verdict::Releasable.id() => ReleaseHistory::Released,
        (known, _) => known,
    }
}

fn verdicts_of(connection: &Connection, din: &DonationNumber) -> Result<Vec<i64>, Trouble> {
    let mut statement =
        connection.prepare_cached("SELECT seq FROM verdict WHERE din = ?1 ORDER BY version")?;
    let found = statement.query_map([din.as_str()], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}
