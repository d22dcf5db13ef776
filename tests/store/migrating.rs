//! A store written by the first version: it opens, gets the tables of this one, and is proved, its
//! old rows with the hashes they always had.

use std::fs;

use hemogate::domain::OrderStanding;
use hemogate::store::{Recorded, StoreError, prove};
use rusqlite::Connection;

use crate::bench::*;
use crate::orders::*;

/// The rows of a store of version 1, as that version's program wrote them, hashes included.
const VERSION_1: &str = include_str!("../../fixtures/store/version_1.sql");

fn old_store() -> Bench {
    let bench = Bench::new();
    bench.raw().execute_batch(VERSION_1).unwrap();
    bench
}

fn version(connection: &Connection) -> i64 {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_store_of_the_first_version_is_proved_as_it_is() {
    let bench = old_store();
    let proof = prove(&bench.path()).unwrap();
    assert_eq!((proof.commits, proof.verdicts), (66, 66));
    let older = &proof.not_concluded_again;
    let named: Vec<_> =
        older.iter().map(|one| (one.rule_set.name.as_str(), one.verdicts)).collect();
    assert_eq!(named, [("cn", 59), ("cn", 7)], "its rule sets are in a language of their time");
    assert_eq!(version(&bench.raw()), 1, "proving changes nothing");
}

#[test]
fn a_store_of_the_first_version_opens_and_goes_on() {
    let bench = old_store();
    let store = open(&bench.path(), cn_with_alt_limit(20)).unwrap();
    assert_eq!(version(&bench.raw()), 4);
    // The set in force decided again; what the old one said stands as it was written.
    assert!(store.feed_head() >= 66);
    for row in feed(&store) {
        match store.recompute(row.seq) {
            Err(StoreError::Failed(why)) if row.seq <= 66 => {
                assert!(why.contains("no longer be read"), "{why}");
            }
            again => {
                let again = again.unwrap().unwrap();
                assert_eq!((again.verdict, again.reasons), (row.verdict, row.reasons));
            }
        }
    }
    let again = record(&store, message("before", full_panel(7)));
    assert!(matches!(again, Recorded::Duplicate { .. }), "keys are what they were: {again:?}");

    register(&store, registration(9)).unwrap();
    let issued = order(&store, request("e601", &[9]));
    settle(&store, &ids_of(&issued.work), OrderStanding::Accepted);
    record(&store, message("m9", full_panel(9)));
    drop(store);
    let proof = prove(&bench.path()).unwrap();
    assert!(proof.commits > 66 && proof.verdicts > 66, "{proof:?}");
    let store = open(&bench.path(), cn_with_alt_limit(20)).unwrap();
    assert_eq!(orders_of(&store, 9).len(), 4);
}

#[test]
fn an_old_row_changed_before_the_migration_is_still_found() {
    for (table, change) in [
        ("observation", "UPDATE observation SET number = '1' WHERE id = 3"),
        ("ledger", "UPDATE ledger SET verdict = verdict + 1 WHERE n = 60"),
    ] {
        let bench = old_store();
        let raw = bench.raw();
        let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
        let trigger = format!("{table}_no_update");
        let guard: String = raw.query_row(sql, [&trigger], |row| row.get(0)).unwrap();
        raw.execute_batch(&format!("DROP TRIGGER {trigger}; {change}; {guard}")).unwrap();
        drop(raw);
        let before = fs::read(bench.path()).unwrap();
        assert!(refusal(&bench.path()).to_string().contains("damaged"), "{change}");
        assert_eq!(fs::read(bench.path()).unwrap(), before, "a damaged store is not migrated");
    }
}

#[test]
fn a_migration_that_was_cut_short_leaves_the_first_version() {
    let bench = old_store();
    // Somebody holds the file at the moment of the migration.
    let holder = bench.raw();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(open(&bench.path(), cn()).is_err());
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(version(&holder), 1);
    drop(holder);
    assert_eq!(prove(&bench.path()).unwrap().commits, 66);
    let store = open(&bench.path(), cn_with_alt_limit(20)).unwrap();
    assert!(store.feed_head() >= 66);
}
