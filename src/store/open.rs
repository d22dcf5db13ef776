//! The way to a store that may be used: refuse, lock, check, prove, migrate, decide again.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use super::book::Book;
use super::chain::Head;
use super::errors::Trouble;
use super::file::{self, HeadFile, Identity};
use super::schema::{self, Table};
use super::shared::Shared;
use super::writer::{self, Open, Writer};
use super::{Admission, OpenError, Options, check, rule_life};
use crate::limits;
use crate::rules::RuleSet;
use crate::rules::life::Approvals;

/// Opens or creates the store and makes its writer, which is ready to run; what is to be known
/// about the rule set, where somebody had to admit it.
pub(super) fn writer(
    options: Options,
    admission: Option<Admission>,
) -> Result<(Writer, Option<String>), OpenError> {
    let path = options.path.as_path();
    let (connection, head, head_file) = claimed(path)?;
    let refused = |trouble: Trouble| check::refused(path, &trouble);
    let now = (options.utc)();
    let rules = Arc::clone(&options.rules);
    let remark = match &admission {
        Some(admission) => admitted(path, &connection, &rules, admission.approvals, now)?,
        None => None,
    };
    let mut book = Book::open(&connection, head, rules, now).map_err(refused)?;
    let stopped = admission.and_then(|admission| admission.release_stopped);
    if let Some(why) = &stopped {
        book.stop.stop(why.clone());
    }
    bring_up_to_rules(&connection, &mut book).map_err(refused)?;
    if stopped.is_some() {
        transaction(&connection, &mut book, Book::owe_decisions).map_err(refused)?;
    }
    let head = *book.journal().head();
    head_file.note(&head);
    let shared = Arc::new(Shared::default());
    shared.set_feed_head(head.marks.of(Table::Verdict));
    shared.set_racks_in_use(book.racks.loadings());
    let proved_file = Identity::at(path).map_err(refused)?;
    let open = Some(Open::new(connection, path).map_err(refused)?);
    let Options { path, utc, .. } = options;
    let writer = Writer {
        path,
        utc,
        shared,
        head_file,
        open,
        proved: proved_file,
        told: head.marks.of(Table::Verdict),
        last_record: head.marks.of(Table::Record),
        told_record: head.marks.of(Table::Record),
        shown_racks: Arc::clone(&book.racks),
        book,
        held: Vec::new(),
    };
    Ok((writer, remark))
}

/// A store that nobody else has, proved and brought to the tables of this version, and whose disk
/// takes writes.
pub(super) fn claimed(path: &Path) -> Result<(Connection, Head, HeadFile), OpenError> {
    file::usable(path)?;
    let head_file = HeadFile::claim(path)?;
    let (connection, head) = proved(path, &head_file)?;
    writer::write_probe(&connection).map_err(|trouble| check::refused(path, &trouble))?;
    Ok((connection, head, head_file))
}

fn admitted(
    path: &Path,
    connection: &Connection,
    rules: &RuleSet,
    approvals: Approvals,
    now: Timestamp,
) -> Result<Option<String>, OpenError> {
    let judged = rule_life::admitted(connection, rules, approvals, now);
    let judged = judged.map_err(|trouble| check::refused(path, &trouble))?;
    judged.map_err(|refused| OpenError::NotAdmitted(refused.0))
}

fn proved(path: &Path, head_file: &HeadFile) -> Result<(Connection, Head), OpenError> {
    let refused = |trouble: Trouble| check::refused(path, &trouble);
    if !file::is_there(path) {
        check::nothing_was_lost(path, head_file)?;
    }
    let connection = file::connect(path, true).map_err(|error| refused(error.into()))?;
    let head = if check::is_new(&connection, path)? {
        check::nothing_was_lost(path, head_file)?;
        file::make_durable(&connection).map_err(refused)?;
        Head::default()
    } else {
        let head = check::prove_at_start(&connection, path, head_file).map_err(refused)?;
        file::make_durable(&connection).map_err(refused)?;
        head
    };
    let version = schema::version(&connection).map_err(|error| refused(error.into()))?;
    schema::migrate(&connection, version, schema::VERSION)
        .map_err(|error| refused(error.into()))?;
    Ok((connection, head))
}

/// Decides again about every registered donation, where another rule set decided last. In
/// transactions of bounded size, each of which notes how far it came: a crash loses nothing.
fn bring_up_to_rules(connection: &Connection, book: &mut Book) -> Result<(), Trouble> {
    let mut after = transaction(connection, book, Book::use_rules)?;
    if after.is_some_and(|after| after > 0) {
        tracing::info!("going on deciding again with the rule set in force");
    }
    while let Some(last) = after {
        after = transaction(connection, book, |book, connection| {
            book.decide_again(connection, last, limits::STORE_REDECIDE_BATCH)
        })?;
    }
    Ok(())
}

fn transaction<T>(
    connection: &Connection,
    book: &mut Book,
    work: impl FnOnce(&mut Book, &Connection) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = work(book, connection)?;
    let head = book.seal(connection)?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    book.continue_after(head);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::domain::{DonationNumber, Donor, DonorKind, Registration};
    use crate::store::{Registered, Store};

    const DONATIONS: usize = 5;

    fn options(path: &Path, rules: &str) -> Options {
        let rules = Arc::new(RuleSet::parse("test.toml", rules).unwrap());
        Options { path: path.to_owned(), rules, utc: || Timestamp::UNIX_EPOCH }
    }

    fn fill(store: &Store) {
        for number in 0..DONATIONS {
            let din = DonationNumber::restored(format!("D{number}"));
            let donor = Donor { kind: DonorKind::First, deferred: true, historic_group: None };
            let (collected_at, site) = (Timestamp::UNIX_EPOCH, String::new());
            let registration = Registration { din, collected_at, site, donor };
            let (sender, answer) = mpsc::channel();
            store.register(registration, Box::new(move |done| sender.send(done).unwrap()));
            assert_eq!(answer.recv().unwrap(), Ok(Registered::New));
        }
    }

    #[test]
    fn a_crash_while_deciding_again_goes_on_where_it_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let before = crate::rules::shipped("cn").unwrap();
        let (rejects, holds) = ("deferred\", then = \"reject\"", "deferred\", then = \"hold\"");
        let after = before.replace(rejects, holds);
        fill(&Store::open(options(&path, before)).unwrap());

        let head_file = HeadFile::claim(&path).unwrap();
        let (connection, head) = proved(&path, &head_file).unwrap();
        let options_after = options(&path, &after);
        let mut book =
            Book::open(&connection, head, options_after.rules, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(transaction(&connection, &mut book, Book::use_rules).unwrap(), Some(0));
        let two = |book: &mut Book, connection: &Connection| book.decide_again(connection, 0, 2);
        assert_eq!(transaction(&connection, &mut book, two).unwrap(), Some(2));
        assert_eq!(book.use_rules(&connection).unwrap(), Some(2));
        drop((connection, head_file));

        let store = Store::open(options(&path, &after)).unwrap();
        let rows = store.feed(0, 100).unwrap();
        let verdicts: Vec<_> = rows.iter().map(|row| row.verdict.as_str()).collect();
        assert_eq!(verdicts, [["reject"; DONATIONS], ["hold"; DONATIONS]].concat());
        assert_eq!(rows.len(), 2 * DONATIONS);
    }
}
