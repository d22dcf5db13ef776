//! A rule set in the shadow: beside each verdict it decides on the same facts, and where it would
//! have said something else, that is put on record.
//!
//! It runs on a thread of its own, after COMMIT, on a connection that only reads: the verdict in
//! force is neither slower nor another for it. A snapshot holds the facts and the verdict that was
//! concluded from them, so both sets have the same before them. What it finds is written as an
//! entry like any other, one at a time; where that fails, or the shadow panics, it is counted and
//! told and nothing else happens. Refuses to hold more than [`limits::SHADOW_WAITING_MAX`]
//! donations: beyond that they are left out and counted, and `rules replay` finds what it would
//! have found.

use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, OptionalExtension, Row};

use super::case::Stand;
use super::chain::{Cell, Journal};
use super::errors::Trouble;
use super::schema::Table;
use super::task::Task;
use super::what_if::{self, Judged};
use super::{OpenError, Store, StoreError, rows, rule_life};
use crate::domain::{DonationNumber, RuleSetIdentity};
use crate::limits;
use crate::rules::RuleSet;
use crate::shape::{DecisionShape, ReasonShape};

/// A running shadow; cheap to clone. It ends when the last one is dropped.
#[derive(Clone)]
pub struct Shadow {
    running: Arc<Running>,
}

struct Running {
    rules: RuleSetIdentity,
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

/// What a shadow has done since it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowCount {
    /// The rule set in the shadow.
    pub rules: RuleSetIdentity,
    /// Comparisons.
    pub compared: u64,
    /// Those in which it would have said something else.
    pub differing: u64,
    /// Those that failed.
    pub failed: u64,
    /// Donations left out because too many waited.
    pub left_out: u64,
    /// Donations that wait.
    pub waiting: u64,
}

/// A donation about which the shadow says something else than the verdict in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowDifference {
    /// Number of the difference; rises.
    pub id: i64,
    /// The donation.
    pub din: DonationNumber,
    /// Number of the verdict in force that it was compared with.
    pub seq: i64,
    /// What is in force.
    pub verdict: String,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// What the shadow would have said.
    pub would_be: String,
    /// Why.
    pub would_be_reasons: Vec<ReasonShape>,
}

/// What the shadow concluded about a donation, to be put on record.
#[derive(Clone, Debug)]
pub(super) struct ShadowVerdict {
    pub(super) rules: (RuleSetIdentity, String),
    pub(super) din: DonationNumber,
    pub(super) seq: i64,
    pub(super) decision: DecisionShape,
}

impl Shadow {
    /// Starts it. Donations decided since it was first put in the shadow are looked at again.
    ///
    /// # Errors
    /// The system refused a thread.
    pub fn start(store: &Store, rules: Arc<RuleSet>) -> Result<Shadow, OpenError> {
        let queue = Arc::new(Queue::default());
        let identity = rules.identity().clone();
        let told = Arc::clone(&queue);
        store.handle.shared.watch(Box::new(move |din| told.push(din.clone())));
        let watcher = Watcher { store: store.clone(), rules, queue: Arc::clone(&queue) };
        let path = store.handle.readers.path().display().to_string();
        let thread = thread::Builder::new()
            .name("shadow".to_owned())
            .spawn(move || watcher.run())
            .map_err(|error| OpenError::Unusable { path, why: error.to_string() })?;
        Ok(Shadow { running: Arc::new(Running { rules: identity, queue, thread: Some(thread) }) })
    }

    /// What it has done since it was started.
    pub fn count(&self) -> ShadowCount {
        let (queue, rules) = (&self.running.queue, self.running.rules.clone());
        let read = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        ShadowCount {
            rules,
            compared: read(&queue.compared),
            differing: read(&queue.differing),
            failed: read(&queue.failed),
            left_out: read(&queue.left_out),
            waiting: u64::try_from(queue.locked().count()).unwrap_or(u64::MAX),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.queue.end();
        let Some(thread) = self.thread.take() else { return };
        if thread.thread().id() != thread::current().id() {
            // A panic was reported on the thread itself.
            let _ = thread.join();
        }
    }
}

/// Donations that wait to be compared, each once.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
    compared: AtomicU64,
    differing: AtomicU64,
    failed: AtomicU64,
    left_out: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    order: VecDeque<DonationNumber>,
    known: HashSet<DonationNumber>,
    is_looking: bool,
    is_ended: bool,
}

impl Waiting {
    fn count(&self) -> usize {
        self.order.len() + usize::from(self.is_looking)
    }
}

impl Queue {
    fn locked(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, din: DonationNumber) {
        self.push_within(din, limits::SHADOW_WAITING_MAX);
    }

    fn push_within(&self, din: DonationNumber, most: usize) {
        let mut waiting = self.locked();
        if waiting.known.contains(&din) {
            return;
        }
        if waiting.order.len() >= most {
            self.left_out.fetch_add(1, Ordering::AcqRel);
            return;
        }
        waiting.known.insert(din.clone());
        waiting.order.push_back(din);
        self.more.notify_one();
    }

    /// The next donation; `None` at the end.
    fn next(&self) -> Option<DonationNumber> {
        let mut waiting = self.locked();
        waiting.is_looking = false;
        let mut waiting = self
            .more
            .wait_while(waiting, |waiting| waiting.order.is_empty() && !waiting.is_ended)
            .unwrap_or_else(PoisonError::into_inner);
        if waiting.is_ended {
            return None;
        }
        let next = waiting.order.pop_front()?;
        waiting.known.remove(&next);
        waiting.is_looking = true;
        Some(next)
    }

    fn is_ended(&self) -> bool {
        self.locked().is_ended
    }

    fn end(&self) {
        self.locked().is_ended = true;
        self.more.notify_one();
    }
}

/// The shadow's thread.
struct Watcher {
    store: Store,
    rules: Arc<RuleSet>,
    queue: Arc<Queue>,
}

impl Watcher {
    fn run(self) {
        if let Err(error) = self.catch_up() {
            tracing::warn!(%error, "what was decided before this start is not compared");
        }
        while let Some(din) = self.queue.next() {
            // A panic of the shadow is its own.
            let look = AssertUnwindSafe(|| self.look(&din));
            let looked = catch_unwind(look).unwrap_or_else(|_| {
                Err(StoreError::Failed("the rule set in the shadow panicked".to_owned()))
            });
            if let Err(error) = looked {
                self.queue.failed.fetch_add(1, Ordering::AcqRel);
                tracing::warn!(%error, "a donation was not compared; its verdict is untouched");
            }
        }
    }

    /// Donations decided since the rule set was first put in the shadow wait again: what was not
    /// compared before the last end is compared now.
    fn catch_up(&self) -> Result<(), StoreError> {
        let sha256 = &self.rules.identity().sha256;
        let readers = &self.store.handle.readers;
        let Some(mut after) = readers.read(|connection| since(connection, sha256))? else {
            return Ok(());
        };
        while !self.queue.is_ended() {
            let page = readers.read(|connection| decided_after(connection, after))?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            page.into_iter().for_each(|(_, din)| self.queue.push(din));
        }
        Ok(())
    }

    fn look(&self, din: &DonationNumber) -> Result<(), StoreError> {
        let readers = &self.store.handle.readers;
        let seen = readers.read(|connection| compared(connection, din, &self.rules))?;
        let Some(seen) = seen else { return Ok(()) };
        self.queue.compared.fetch_add(1, Ordering::AcqRel);
        if seen.differs {
            self.queue.differing.fetch_add(1, Ordering::AcqRel);
        }
        let Some(news) = seen.news else { return Ok(()) };
        let (sender, stored) = mpsc::sync_channel(1);
        let reply = Box::new(move |outcome| drop(sender.send(outcome)));
        self.store.ask(Task::ShadowVerdict(Box::new(news), reply));
        stored.recv().unwrap_or(Err(StoreError::Closed))
    }
}

/// A comparison.
struct Seen {
    differs: bool,
    /// What is to be put on record, where it is not yet.
    news: Option<ShadowVerdict>,
}

/// Decides about a donation as it is on record now, as if it had decided from the beginning; `None`
/// where no verdict is in force.
fn compared(
    connection: &Connection,
    din: &DonationNumber,
    rules: &RuleSet,
) -> Result<Option<Seen>, Trouble> {
    let Some(judged) = what_if::judged(connection, din, rules)? else { return Ok(None) };
    let Judged { stand, seq, decision, .. } = judged;
    let differs = !says_the_same(&decision, &stand);
    let identity = rules.identity();
    let before = last_of(connection, din, &identity.sha256)?;
    let is_news = match before {
        Some(before) => before.decision != decision || before.seq != seq && differs,
        None => differs,
    };
    let rules = (identity.clone(), rules.text().to_owned());
    let news = is_news.then(|| ShadowVerdict { rules, din: din.clone(), seq, decision });
    Ok(Some(Seen { differs, news }))
}

/// The same verdict for the same reasons; words and clauses may be others.
pub(super) fn says_the_same(decision: &DecisionShape, stand: &Stand) -> bool {
    let stand = &stand.decision;
    decision.verdict == stand.verdict && points(&decision.reasons) == points(&stand.reasons)
}

/// What a reason is about.
pub(super) type Point<'r> = (&'r str, Option<&'r str>, Option<&'r str>);

/// What reasons are about, whatever their words and what is behind them.
pub(super) fn points(reasons: &[ReasonShape]) -> HashSet<Point<'_>> {
    reasons.iter().map(point).collect()
}

fn point(reason: &ReasonShape) -> Point<'_> {
    (&reason.code, reason.assay.as_deref(), reason.subject.as_deref())
}

struct Before {
    seq: i64,
    decision: DecisionShape,
}

/// What was put on record last about a donation by this rule set in the shadow.
fn last_of(
    connection: &Connection,
    din: &DonationNumber,
    sha256: &str,
) -> Result<Option<Before>, Trouble> {
    let found: Option<(i64, String)> = connection
        .prepare_cached(
            "SELECT s.verdict, s.decision FROM shadow_verdict s \
             JOIN rule_set r ON r.id = s.rule_set \
             WHERE s.din = ?1 AND r.sha256 = ?2 ORDER BY s.id DESC LIMIT 1",
        )?
        .query_row((din.as_str(), sha256), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((seq, decision)) = found else { return Ok(None) };
    Ok(Some(Before { seq, decision: serde_json::from_str(&decision)? }))
}

/// The last verdict of the commit that first put a rule set in the shadow; `None` where none did.
fn since(connection: &Connection, sha256: &str) -> Result<Option<i64>, Trouble> {
    let sql = "SELECT l.verdict FROM rule_event e \
               JOIN rule_set r ON r.id = e.rule_set \
               JOIN ledger_3 t ON t.rule_event >= e.id JOIN ledger l ON l.n = t.n \
               WHERE r.sha256 = ?1 AND e.event = 'shadow' ORDER BY e.id, l.n LIMIT 1";
    Ok(connection.query_row(sql, [sha256], |row| row.get(0)).optional()?)
}

fn decided_after(
    connection: &Connection,
    after: i64,
) -> Result<Vec<(i64, DonationNumber)>, Trouble> {
    let mut statement = connection
        .prepare_cached("SELECT seq, din FROM verdict WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let found = statement.query_map((after, limits::ARCHIVE_PAGE), |row| {
        Ok((row.get(0)?, DonationNumber::restored(row.get(1)?)))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Puts on record what the shadow concluded.
pub(super) fn append(
    connection: &Connection,
    journal: &mut Journal,
    found: &ShadowVerdict,
    now: &str,
) -> Result<(), Trouble> {
    let (identity, text) = &found.rules;
    let rule_set = rule_life::number_of(connection, journal, identity, text)?;
    let decision = serde_json::to_string(&found.decision)?;
    let cells = [
        Cell::Integer(rule_set),
        Cell::Text(found.din.as_str()),
        Cell::Integer(found.seq),
        Cell::Text(&found.decision.verdict),
        Cell::Text(&decision),
        Cell::Text(now),
    ];
    journal.append(connection, Table::ShadowVerdict, &cells).map(drop)
}

/// Donations about which a rule set in the shadow says something else, after a number.
pub(super) fn differences(
    connection: &Connection,
    sha256: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<ShadowDifference>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, s.din, v.seq, v.verdict, v.decision, s.decision, v.version \
         FROM shadow_verdict s JOIN rule_set r ON r.id = s.rule_set \
         JOIN verdict v ON v.seq = s.verdict \
         WHERE r.sha256 = ?1 AND s.id > ?2 AND NOT EXISTS \
         (SELECT 1 FROM shadow_verdict n \
          WHERE n.din = s.din AND n.rule_set = s.rule_set AND n.id > s.id) \
         ORDER BY s.id",
    )?;
    let mut rows = statement.query((sha256, after))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(read_difference(row)?);
        if u64::try_from(found.len()).is_ok_and(|count| count >= limit) {
            break;
        }
    }
    Ok(found)
}

/// `None` where the shadow came to say the same.
fn read_difference(row: &Row<'_>) -> Result<Option<ShadowDifference>, Trouble> {
    let shadow = rows::read_decision(row, 5)?;
    let stand = Stand { version: row.get(6)?, decision: rows::read_decision(row, 4)? };
    if says_the_same(&shadow, &stand) {
        return Ok(None);
    }
    let stand = stand.decision;
    Ok(Some(ShadowDifference {
        id: row.get(0)?,
        din: DonationNumber::restored(row.get(1)?),
        seq: row.get(2)?,
        verdict: stand.verdict,
        reasons: stand.reasons,
        would_be: shadow.verdict,
        would_be_reasons: shadow.reasons,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn din(number: usize) -> DonationNumber {
        DonationNumber::restored(format!("D{number}"))
    }

    #[test]
    fn a_donation_waits_once_and_no_more_than_the_bound_wait() {
        let queue = Queue::default();
        for number in [1, 1, 2, 3] {
            queue.push_within(din(number), 2);
        }
        assert_eq!(queue.locked().count(), 2);
        assert_eq!(queue.left_out.load(Ordering::Acquire), 1);
        assert_eq!(queue.next(), Some(din(1)));
        assert_eq!(queue.locked().count(), 2, "the one that is looked at counts");
        queue.push_within(din(1), 2);
        assert_eq!((queue.next(), queue.next()), (Some(din(2)), Some(din(1))));
        queue.end();
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn words_and_clauses_make_no_difference_and_a_subject_does() {
        let reason = |subject: Option<&str>, text: &str| ReasonShape {
            code: "MISSING".to_owned(),
            verdict: "pending".to_owned(),
            assay: Some("abo".to_owned()),
            subject: subject.map(str::to_owned),
            clause: Some(text.to_owned()),
            observations: Vec::new(),
            messages: Vec::new(),
            text: text.to_owned(),
        };
        let shadow = |reasons| DecisionShape {
            verdict: "pending".to_owned(),
            reasons,
            passed: Vec::new(),
            next_steps: Vec::new(),
            remarks: Vec::new(),
            labels: Vec::new(),
            donor: Vec::new(),
        };
        let stand = Stand { version: 1, decision: shadow(vec![reason(None, "in force")]) };
        assert!(says_the_same(&shadow(vec![reason(None, "in the shadow")]), &stand));
        assert!(!says_the_same(&shadow(vec![reason(Some("ABO#2"), "in force")]), &stand));
        assert!(!says_the_same(&shadow(Vec::new()), &stand));
    }
}
