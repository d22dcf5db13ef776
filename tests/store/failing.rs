//! When the disk fails, nobody is told "stored"; when the cause is gone, the store goes on.

use std::fs;
use std::path::PathBuf;

use hemogate::store::{Health, Recorded, Store, StoreError, prove};

use crate::bench::*;

/// Waits until the writer itself has found out, without any message, that it may write.
fn wait_until_writing(store: &Store) {
    while store.health() != Health::Writing {
        std::thread::yield_now();
    }
}

fn refused(store: &Store, content: &str) -> StoreError {
    send(store, message(content, full_panel(1))).recv().unwrap().unwrap_err()
}

#[test]
fn fm_42_a_locked_database_acknowledges_nothing_and_recovers_by_itself() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let holder = bench.raw();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(refused(&store, "m1"), StoreError::Locked);
    assert_eq!(store.health(), Health::Failing(StoreError::Locked));
    assert_eq!(refused(&store, "m1"), StoreError::Locked);
    assert_eq!(store.counters().failures, 2);
    assert_eq!(feed(&store).len(), 1);

    holder.execute_batch("COMMIT").unwrap();
    wait_until_writing(&store);
    let again = record(&store, message("m1", full_panel(1)));
    assert_eq!(again, Recorded::New { message: 1, unread: false });
    assert_eq!(verdict_of(&store, 1), "releasable");
    drop((store, holder));
    prove(&bench.path()).unwrap();
}

#[test]
fn a_message_is_enough_to_find_out_that_the_lock_is_gone() {
    let bench = Bench::new();
    let store = bench.open();
    let holder = bench.raw();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(refused(&store, "m1"), StoreError::Locked);
    holder.execute_batch("ROLLBACK").unwrap();
    record(&store, message("m1", full_panel(1)));
    assert_eq!(store.health(), Health::Writing);
}

#[test]
fn everybody_in_a_failed_batch_is_refused() {
    let bench = Bench::new();
    let store = bench.open();
    let busy = keep_busy(&store);
    let holder = bench.raw();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answers: Vec<_> =
        (0..20).map(|n| send(&store, message(&format!("m{n}"), full_panel(n)))).collect();
    drop(busy);
    for answer in answers {
        assert_eq!(answer.recv().unwrap(), Err(StoreError::Locked));
    }
    assert_eq!(store.counters().messages, 1);
}

fn files(bench: &Bench) -> [PathBuf; 3] {
    ["hemogate.db", "hemogate.db-wal", "hemogate.db-shm"].map(|name| bench.folder.path().join(name))
}

fn move_all(from: &[PathBuf; 3], to: &[PathBuf; 3]) {
    for (from, to) in from.iter().zip(to) {
        fs::rename(from, to).unwrap();
    }
}

#[test]
fn a_moved_file_acknowledges_nothing_until_it_is_back() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", full_panel(1)));
    let away = bench.folder.path().join("away");
    fs::create_dir(&away).unwrap();
    let (here, there) = (files(&bench), files(&bench).map(|p| away.join(p.file_name().unwrap())));
    move_all(&here, &there);
    let read_only = StoreError::ReadOnly(bench.path().display().to_string());
    assert_eq!(refused(&store, "m2"), read_only);
    assert_eq!(refused(&store, "m2"), read_only);
    assert_eq!(store.health(), Health::Failing(read_only.clone()));
    assert_eq!(store.feed(0, 1), Err(read_only));
    assert!(!bench.path().exists(), "no empty database is put in its place");

    move_all(&there, &here);
    wait_until_writing(&store);
    assert_eq!(
        record(&store, message("m2", full_panel(2))),
        Recorded::New { message: 2, unread: false }
    );
    drop(store);
    let store = bench.open();
    assert_eq!(store.donation(&din(1)).unwrap().unwrap().observations.len(), 8);
    assert_eq!(store.donation(&din(2)).unwrap().unwrap().observations.len(), 8);
}

#[test]
fn a_deleted_file_acknowledges_nothing_and_is_not_made_anew() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", full_panel(1)));
    fs::remove_file(bench.path()).unwrap();
    assert!(matches!(refused(&store, "m2"), StoreError::ReadOnly(_)));
    drop(store);
    assert!(!bench.path().exists());
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("damaged") && words.contains("restore"), "{words}");
}

#[test]
fn a_deleted_log_is_noticed() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", full_panel(1)));
    fs::remove_file(&files(&bench)[1]).unwrap();
    assert!(matches!(refused(&store, "m2"), StoreError::ReadOnly(_)));
}

#[test]
fn another_file_in_its_place_is_never_written() {
    let (bench, other) = (Bench::new(), Bench::new());
    record(&bench.open(), message("m1", full_panel(1)));
    let store = bench.open();
    let stranger = other.open();
    record(&stranger, message("m of another", full_panel(2)));
    drop(stranger);
    let before = fs::read(other.path()).unwrap();
    fs::copy(other.path(), bench.folder.path().join("copy")).unwrap();
    fs::rename(bench.folder.path().join("copy"), bench.path()).unwrap();
    assert!(matches!(refused(&store, "m2"), StoreError::ReadOnly(_)));
    assert!(matches!(refused(&store, "m2"), StoreError::Damaged(_)));
    assert_eq!(fs::read(bench.path()).unwrap(), before);
}

#[test]
fn a_damaged_copy_in_its_place_is_never_written() {
    let bench = Bench::new();
    record(&bench.open(), message("m1", full_panel(1)));
    let copy = Bench::new();
    fs::copy(bench.path(), copy.path()).unwrap();
    copy.raw()
        .execute_batch(
            "DROP TRIGGER observation_no_update; \
             UPDATE observation SET number = '7' WHERE id = 1;",
        )
        .unwrap();
    let guard: String = bench
        .raw()
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'observation_no_update'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    copy.raw().execute_batch(&guard).unwrap();
    let store = bench.open();
    fs::rename(copy.path(), bench.path()).unwrap();
    assert!(matches!(refused(&store, "m2"), StoreError::ReadOnly(_)));
    assert!(matches!(refused(&store, "m2"), StoreError::Damaged(_)), "its row 1 was changed");
}

#[test]
fn a_closed_store_finishes_what_waits() {
    let bench = Bench::new();
    let store = bench.open();
    let busy = keep_busy(&store);
    let answers: Vec<_> =
        (0..20).map(|n| send(&store, message(&format!("m{n}"), full_panel(n)))).collect();
    drop(busy);
    drop(store);
    for answer in answers {
        assert!(matches!(answer.recv().unwrap(), Ok(Recorded::New { .. })));
    }
}
