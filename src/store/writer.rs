//! The one thread that writes.
//!
//! It takes whatever waits, up to [`limits::COMMIT_BATCH_MAX`], into one transaction and answers
//! after COMMIT; a lone entry waits for nobody (see `company`). When the disk fails, nobody of the
//! batch is told "stored"; the next entries are tried again, on a new connection where the old one
//! is spoilt, and while no entry comes a small write is tried now and then, so that the store is
//! found well again when the cause is gone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, DEFAULT_NAME};

use super::book::Book;
use super::chain::Head;
use super::company::Company;
use super::errors::Trouble;
use super::file::{self, HeadFile, Identity};
use super::racks::Racks;
use super::schema::Table;
use super::shared::Shared;
use super::task::{Done, Task, refuse, reply};
use super::{Recorded, StoreError, check};
use crate::limits;

/// The writer, before and while its thread runs.
pub(super) struct Writer {
    pub(super) path: PathBuf,
    pub(super) utc: fn() -> Timestamp,
    pub(super) shared: Arc<Shared>,
    pub(super) head_file: HeadFile,
    pub(super) open: Option<Open>,
    pub(super) proved: Identity,
    pub(super) told: i64,
    /// The last record on the disk, and the last that who listens was told of.
    pub(super) last_record: i64,
    pub(super) told_record: i64,
    /// The racks in use as everybody sees them.
    pub(super) shown_racks: Arc<Racks>,
    pub(super) book: Book,
    /// Answered once every donation that their records touch is decided again.
    pub(super) held: Vec<(Task, Result<Done, StoreError>)>,
}

/// A connection, which files it opened, and how many pages its log has.
pub(super) struct Open {
    connection: Connection,
    identity: Identity,
    log_pages: Arc<AtomicI32>,
}

impl Open {
    /// Remembers which files stand behind a connection that has written already. From now on a
    /// COMMIT does not fold the log into the database: see [`Open::fold_log`].
    pub(super) fn new(mut connection: Connection, path: &Path) -> Result<Open, Trouble> {
        let identity = Identity::at(path)?;
        let log_pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&log_pages);
        connection.wal_hook(Some(move |_: &mut Wal, pages| {
            seen.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Open { connection, identity, log_pages })
    }

    /// Folds the log into the database once it is long. What is committed is safe without; a
    /// failure leaves the log longer, and is met again by the next commit.
    fn fold_log(&self) {
        if self.log_pages.load(Ordering::Relaxed) < limits::STORE_LOG_PAGES {
            return;
        }
        let mode = CheckpointMode::PASSIVE;
        if let Err(error) = self.connection.wal_checkpoint_v2(DEFAULT_NAME, mode) {
            tracing::warn!(%error, "the log of the store could not be folded into the database");
        }
    }
}

impl Writer {
    /// Writes until nobody can ask any more.
    pub(super) fn run(mut self, queue: &Receiver<Task>) {
        let mut company = Company::default();
        while let Some(first) = self.next(queue) {
            let batch = company.gather(first, queue);
            batch.iter().for_each(|task| self.shared.one_less_waits(task.bytes()));
            self.write(batch);
            self.go_on_with_reach();
        }
        // What is not decided yet is on record, and goes on at the next start.
        self.held.drain(..).for_each(|(task, _)| refuse(task, &StoreError::Closed));
    }

    fn next(&mut self, queue: &Receiver<Task>) -> Option<Task> {
        loop {
            if self.shared.is_failing() {
                match queue.recv_timeout(limits::STORE_PROBE_EVERY) {
                    Ok(task) => return Some(task),
                    Err(RecvTimeoutError::Disconnected) => return None,
                    Err(RecvTimeoutError::Timeout) => self.probe(),
                }
            } else if self.book.open_reaches.is_empty() {
                return queue.recv().ok();
            } else {
                match queue.try_recv() {
                    Ok(task) => return Some(task),
                    Err(TryRecvError::Disconnected) => return None,
                    Err(TryRecvError::Empty) => self.go_on_with_reach(),
                }
            }
        }
    }

    /// Decides about the next donations that a record touches, in a transaction of its own.
    fn go_on_with_reach(&mut self) {
        if self.book.open_reaches.is_empty() || self.shared.is_failing() {
            return;
        }
        self.book.set_time((self.utc)());
        match self.transaction(|writer, connection| writer.book.go_on_with_reach(connection)) {
            Ok(()) => self.tell(),
            Err(trouble) => drop(self.note_failure(&trouble)),
        }
        if self.book.open_reaches.is_empty() {
            self.held.drain(..).for_each(|(task, outcome)| reply(task, outcome));
        }
    }

    fn write(&mut self, batch: Vec<Task>) {
        match self.commit(&batch) {
            Ok(outcomes) => {
                self.answer(batch, outcomes);
                self.tell();
                // While it lasts, nobody waits for an answer.
                self.open.iter().for_each(Open::fold_log);
            }
            Err(trouble) => {
                let error = self.fail(&trouble);
                batch.into_iter().for_each(|task| refuse(task, &error));
            }
        }
    }

    /// Everything in one transaction; where one entry cannot be stored, once more with a savepoint
    /// around each, so that it fails alone.
    fn commit(&mut self, batch: &[Task]) -> Result<Vec<Result<Done, StoreError>>, Trouble> {
        self.book.set_time((self.utc)());
        self.book.is_watched = self.shared.is_watched();
        match self.transaction(|writer, connection| writer.all(connection, batch)) {
            Err(trouble) if trouble.concerns_one_entry() => {
                self.transaction(|writer, connection| writer.one_by_one(connection, batch))
            }
            whole => whole,
        }
    }

    fn all(
        &mut self,
        connection: &Connection,
        batch: &[Task],
    ) -> Result<Vec<Result<Done, StoreError>>, Trouble> {
        batch.iter().map(|task| self.apply(connection, task).map(Ok)).collect()
    }

    fn one_by_one(
        &mut self,
        connection: &Connection,
        batch: &[Task],
    ) -> Result<Vec<Result<Done, StoreError>>, Trouble> {
        batch.iter().map(|task| self.apply_apart(connection, task)).collect()
    }

    fn apply_apart(
        &mut self,
        connection: &Connection,
        task: &Task,
    ) -> Result<Result<Done, StoreError>, Trouble> {
        connection.prepare_cached("SAVEPOINT entry")?.execute([])?;
        let mark = self.book.mark();
        let done = match self.apply(connection, task) {
            Ok(done) => Ok(done),
            Err(trouble) if trouble.concerns_one_entry() => {
                connection.prepare_cached("ROLLBACK TO entry")?.execute([])?;
                self.book.go_back(mark);
                let error = trouble.told(&self.path);
                tracing::error!(%error, "an entry was not stored; the analyser keeps it");
                Err(error)
            }
            Err(trouble) => return Err(trouble),
        };
        connection.prepare_cached("RELEASE entry")?.execute([])?;
        Ok(done)
    }

    fn apply(&mut self, connection: &Connection, task: &Task) -> Result<Done, Trouble> {
        let book = &mut self.book;
        let apply = AssertUnwindSafe(|| match task {
            Task::Record(prepared, _) => book.record(connection, prepared).map(Done::Recorded),
            Task::Register(registration, _) => {
                book.register(connection, registration).map(Done::Registered)
            }
            Task::KeepProfile([name, sha256, text], _) => {
                book.keep_profile(connection, name, sha256, text).map(|()| Done::Kept)
            }
            Task::Order(slice, _) => book.order(connection, slice).map(Done::Ordered),
            Task::Settle(orders, standing, text, _) => {
                book.settle(connection, orders, *standing, text).map(|()| Done::Settled)
            }
            Task::PutOnRecord(seen, records, _) => {
                book.put_seen(connection, seen.as_ref(), records).map(Done::OnRecord)
            }
            Task::UserEvent(event, _) => {
                book.put_user_event(connection, event).map(Done::UserEvent)
            }
            Task::ReadAgain(again, _) => book.read_again(connection, again).map(Done::ReadAgain),
            Task::Acknowledge(number, by, _) => {
                book.acknowledge(connection, *number, by).map(Done::Acknowledged)
            }
            Task::RuleStep(step, _) => book.rule_step(connection, step).map(Done::RuleStep),
            Task::OweDecisions(_) => book.owe_decisions(connection).map(|()| Done::Settled),
            Task::ShadowVerdict(found, _) => {
                book.keep_shadow(connection, found).map(|()| Done::Settled)
            }
        });
        // A panic is our bug; it must not take the other entries with it.
        let panicked = |_| Err(Trouble::Entry("deciding about it panicked".to_owned()));
        catch_unwind(apply).unwrap_or_else(panicked)
    }

    /// Runs `work` in a transaction. What it returns counts: it is committed, and the files are
    /// still where they were. Otherwise nothing in memory or on the disk was changed.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Writer, &Connection) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let open = self.opened()?;
        let mark = self.book.mark();
        let outcome = self.committed(&open, work);
        match outcome {
            Ok((done, head)) => {
                self.open = Some(open);
                self.recover();
                self.adopt(head);
                Ok(done)
            }
            Err(trouble) => {
                self.book.go_back(mark);
                let spoilt = trouble.spoils_connection() || roll_back(&open.connection).is_err();
                self.open = (!spoilt).then_some(open);
                Err(trouble)
            }
        }
    }

    fn committed<T>(
        &mut self,
        open: &Open,
        work: impl FnOnce(&mut Writer, &Connection) -> Result<T, Trouble>,
    ) -> Result<(T, Head), Trouble> {
        self.is_in_place(open)?;
        let connection = &open.connection;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        if self.shared.is_failing() {
            // Only a write shows that the disk takes writes again.
            write_probe_row(connection)?;
        }
        let done = work(self, connection)?;
        let head = self.book.seal(connection)?;
        connection.prepare_cached("COMMIT")?.execute([])?;
        // What was written to a file that is gone is not stored.
        self.is_in_place(open)?;
        Ok((done, head))
    }

    fn is_in_place(&self, open: &Open) -> Result<(), Trouble> {
        if Identity::at(&self.path)? == open.identity { Ok(()) } else { Err(Trouble::Moved) }
    }

    fn opened(&mut self) -> Result<Open, Trouble> {
        match self.open.take() {
            Some(open) => Ok(open),
            None => self.open_again(),
        }
    }

    fn open_again(&mut self) -> Result<Open, Trouble> {
        let identity = Identity::at(&self.path)?;
        let connection = file::connect(&self.path, false)?;
        let head = check::continues(&connection, self.book.journal().head())?;
        if !identity.is_same_database(&self.proved) {
            // A copy was put in its place. It goes on where we stopped, but is it whole?
            check::prove_at_start(&connection, &self.path, &self.head_file)?;
            self.proved = identity;
        }
        file::make_durable(&connection)?;
        write_probe(&connection)?;
        let open = Open::new(connection, &self.path)?;
        self.book.forget(&open.connection)?;
        self.adopt(head);
        Ok(open)
    }

    /// Goes on after a commit: counts it and shows what it added.
    fn adopt(&mut self, head: Head) {
        self.shared.tell_watchers(&self.book.take_decided());
        let before = *self.book.journal().head();
        self.book.continue_after(head);
        if !Arc::ptr_eq(&self.shown_racks, &self.book.racks) {
            self.shown_racks = Arc::clone(&self.book.racks);
            self.shared.set_racks_in_use(self.shown_racks.loadings());
        }
        if head.n != before.n {
            self.head_file.note(&head);
            self.shared.count(&before.marks, &head.marks);
            self.shared.set_feed_head(head.marks.of(Table::Verdict));
            self.last_record = head.marks.of(Table::Record);
        }
    }

    /// Tells who listens to the feed and to records, once everybody is answered.
    fn tell(&mut self) {
        let head = self.shared.feed_head();
        if head != self.told {
            self.told = head;
            self.shared.tell_listeners(head);
        }
        if self.last_record != self.told_record {
            self.told_record = self.last_record;
            self.shared.tell_of_record(self.last_record);
        }
    }

    fn answer(&mut self, batch: Vec<Task>, outcomes: Vec<Result<Done, StoreError>>) {
        for (task, outcome) in batch.into_iter().zip(outcomes) {
            if let Ok(Done::Recorded(Recorded::Duplicate { .. })) = outcome {
                self.shared.count_duplicate();
            }
            match &outcome {
                Ok(Done::OnRecord(_)) if !self.book.open_reaches.is_empty() => {
                    self.held.push((task, outcome));
                }
                _ => reply(task, outcome),
            }
        }
    }

    /// An empty transaction: while the store is failing it writes the probe.
    fn probe(&mut self) {
        match self.transaction(|_, _| Ok(())) {
            Ok(()) => self.tell(),
            Err(trouble) => drop(self.note_failure(&trouble)),
        }
    }

    fn fail(&mut self, trouble: &Trouble) -> StoreError {
        self.shared.count_failure();
        if trouble.concerns_one_entry() {
            return trouble.told(&self.path);
        }
        self.note_failure(trouble)
    }

    fn note_failure(&mut self, trouble: &Trouble) -> StoreError {
        let error = trouble.told(&self.path);
        let before = self.shared.fails_with(&error);
        if before.as_ref() != Some(&error) {
            tracing::error!(%error, "the store does not take entries; nothing is acknowledged");
        }
        self.wait_for_locks(limits::STORE_BUSY_WAIT_FAILING);
        error
    }

    fn recover(&mut self) {
        if self.shared.recovers() {
            tracing::info!("the store takes entries again");
            self.wait_for_locks(limits::STORE_BUSY_WAIT);
        }
    }

    fn wait_for_locks(&self, wait: Duration) {
        let Some(open) = &self.open else { return };
        if let Err(error) = open.connection.busy_timeout(wait) {
            tracing::warn!(%error, "the wait for locks could not be set");
        }
    }
}

/// Writes something that is not history, so that the disk has to take it.
pub(super) fn write_probe(connection: &Connection) -> Result<(), Trouble> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let written = write_probe_row(connection)
        .and_then(|()| connection.prepare_cached("COMMIT")?.execute([]).map(drop));
    if written.is_err() {
        roll_back(connection)?;
    }
    Ok(written?)
}

fn write_probe_row(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE probe SET writes = writes + 1")?.execute([]).map(drop)
}

/// Ends a transaction that failed; SQLite may have ended it already.
pub(super) fn roll_back(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_autocommit() {
        return Ok(());
    }
    connection.prepare_cached("ROLLBACK")?.execute([]).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::domain::{DonationNumber, Donor, DonorKind, Registration};
    use crate::rules::{self, RuleSet};
    use crate::store::{Options, Registered, open};

    type Answer = Receiver<Result<Registered, StoreError>>;

    fn registrations(count: usize) -> (Vec<Task>, Vec<Answer>) {
        let task = |number| {
            let din = DonationNumber::restored(format!("D{number}"));
            let donor = Donor { kind: DonorKind::First, deferred: false, historic_group: None };
            let (collected_at, site) = (Timestamp::UNIX_EPOCH, String::new());
            let (sender, answer) = channel();
            let registration = Box::new(Registration { din, collected_at, site, donor });
            let reply = Box::new(move |outcome| sender.send(outcome).unwrap());
            (Task::Register(registration, reply), answer)
        };
        (0..count).map(task).unzip()
    }

    #[test]
    fn nobody_is_told_stored_where_commit_itself_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let rules = RuleSet::parse("cn.toml", rules::shipped("cn").unwrap()).unwrap();
        let options =
            Options { path: path.clone(), rules: Arc::new(rules), utc: || Timestamp::UNIX_EPOCH };
        let (mut writer, _) = open::writer(options, None).unwrap();
        let (refuses, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicI32::new(0)));
        let (refusing, counted) = (Arc::clone(&refuses), Arc::clone(&asked));
        let commit = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            refusing.load(Ordering::Relaxed)
        };
        writer.open.as_mut().unwrap().connection.commit_hook(Some(commit)).unwrap();
        let before = check::prove(&path).unwrap();

        let (batch, answers) = registrations(3);
        writer.write(batch);
        assert!(asked.load(Ordering::Relaxed) > 0, "every row was written, COMMIT was reached");
        assert!(answers.iter().all(|answer| answer.recv().unwrap().is_err()));
        assert_eq!((writer.shared.feed_head(), writer.shared.counters().commits), (0, 0));
        assert_eq!(check::prove(&path).unwrap(), before, "nothing is on record either");

        refuses.store(false, Ordering::Relaxed);
        let (batch, answers) = registrations(3);
        writer.write(batch);
        assert!(answers.iter().all(|answer| answer.recv().unwrap() == Ok(Registered::New)));
        assert_eq!((writer.shared.feed_head(), writer.shared.counters().commits), (3, 1));
        assert_eq!(check::prove(&path).unwrap().commits, before.commits + 1);
    }

    #[test]
    fn the_log_is_folded_at_its_bound_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let connection = file::connect(&path, true).unwrap();
        file::make_durable(&connection).unwrap();
        connection.execute_batch("CREATE TABLE filler (bytes BLOB)").unwrap();
        let open = Open::new(connection, &path).unwrap();
        let folded = |pages: i32| {
            let before = std::fs::metadata(&path).unwrap().len();
            let fill = "INSERT INTO filler VALUES (zeroblob(65536))";
            while open.log_pages.load(Ordering::Relaxed) < pages {
                open.connection.execute_batch(fill).unwrap();
            }
            open.log_pages.store(pages, Ordering::Relaxed);
            open.fold_log();
            std::fs::metadata(&path).unwrap().len() > before
        };
        assert!(!folded(limits::STORE_LOG_PAGES - 1));
        assert!(folded(limits::STORE_LOG_PAGES));
    }
}
