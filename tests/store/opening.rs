//! What a store refuses to open, and that a restart keeps everything.

use std::fs;
use std::os::unix::fs::FileExt;

use hemogate::domain::{
    Assay, Judgement, Observation, OrderStanding, Placement, Pool, RackPlan, RackRecord, RackStep,
    Reading, Record, SpecimenKind, Statement,
};
use hemogate::store::{
    Acknowledged, OpenError, PutOnRecord, ReadAgainOutcome, Recorded, Store, prove,
};
use rusqlite::Connection;

use crate::bench::*;
use crate::orders::*;

/// Every table of history but those that only a large reach and the life of rule sets fill.
const TABLES: [&str; 26] = [
    "ledger",
    "rule_set",
    "profile",
    "rule_use",
    "message",
    "message_donation",
    "message_resolution",
    "observation",
    "registration",
    "verdict",
    "ledger_2",
    "sighting",
    "answer",
    "work_order",
    "order_reply",
    "ledger_3",
    "record",
    "pool_member",
    "control",
    "verdict_cause",
    "donor_event",
    "donor_event_reply",
    "ledger_4",
    "user_event",
    "rack_tube",
    "reading_again",
];

/// A store with a row in every table, closed.
fn filled() -> Bench {
    let bench = Bench::new();
    let store = bench.open();
    store.keep_profile("roche-cobas-e601", &"ab".repeat(32), "name = \"e601\"").unwrap();
    for number in 0..4 {
        register(&store, registration(number)).unwrap();
        record(&store, message(&format!("m{number}"), full_panel(number)));
    }
    record(&store, cut("P|1", vec![din(1)]));
    record(&store, message("P|1\rL|1", Vec::new()));
    register(&store, registration(9)).unwrap();
    let issued = order(&store, request("e601", &[9]));
    settle(&store, &ids_of(&issued.work)[..2], OrderStanding::Accepted);
    record(&store, seen_twice("Q|1", 3));
    fill_later_tables(&store);
    fill_the_latest_tables(&store);
    bench
}

/// What the fourth version brought.
fn fill_the_latest_tables(store: &Store) {
    user_event(store, "li", "added");
    let (analyser, assays) = (Some("e601".to_owned()), vec![Assay::Hbsag]);
    let (container, positions, file) = (None, 5, None);
    let plan = RackPlan { analyser: analyser.clone(), assays, container, positions, file };
    let (loading, rack) = ("L1".to_owned(), "R1".to_owned());
    let step = RackStep::Opened(plan);
    let opened = RackRecord { loading: loading.clone(), rack: rack.clone(), step };
    put(store, Record::Rack(opened), "li");
    let placement = Placement { loading, rack, position: 1, analyser };
    assert!(matches!(say(store, 2, Statement::Placed(placement), "li"), PutOnRecord::New { .. }));
    let mut unreadable = observation(6, Assay::Hbsag, "0.42");
    unreadable.unaccounted = vec![unaccounted()];
    let Recorded::New { message: number, .. } = record(store, message("u", vec![unreadable]))
    else {
        panic!("it was there already");
    };
    let proposal = propose(store, number, Judgement::ReadAgain, "li");
    let again = message("u", vec![observation(6, Assay::Hbsag, "0.42")]);
    let read = read_again(store, number, again, Some((proposal, "wang")));
    assert!(matches!(read, ReadAgainOutcome::Read { .. }), "{read:?}");
}

/// What the third version brought.
fn fill_later_tables(store: &Store) {
    let members = vec![din(2), din(5)];
    put(store, Record::Pool(Pool { id: "P1".to_owned(), members, made_by: None }), "u1");
    let control = Observation {
        kind: SpecimenKind::Control,
        specimen_id: Some("PC".to_owned()),
        din: None,
        ..observation(0, Assay::Hbsag, "9.0")
    };
    record(store, message("control", vec![control]));
    register(store, registration(5)).unwrap();
    for value in ["7.1", "7.2", "7.3"] {
        let reading = Some(Reading::Reactive);
        let reactive = Observation { reading, ..observation(5, Assay::Hbsag, value) };
        record(store, message(value, vec![reactive]));
    }
    say(store, 5, Statement::Deferred, "u1");
    let (sender, answer) = std::sync::mpsc::channel();
    let tell = move |outcome| sender.send(outcome).unwrap();
    store.acknowledge_donor_event(1, "inventory", Box::new(tell));
    assert_eq!(answer.recv().unwrap(), Ok(Acknowledged::New));
}

#[test]
fn a_restart_keeps_everything() {
    let bench = filled();
    let store = bench.open();
    let before = (feed(&store), store.feed_head(), store.donation(&din(2)).unwrap());
    drop(store);
    let store = bench.open();
    assert_eq!((feed(&store), store.feed_head(), store.donation(&din(2)).unwrap()), before);
    assert!(matches!(record(&store, message("m2", full_panel(2))), Recorded::Duplicate { .. }));
    assert_eq!(store.feed_head(), before.1);
}

#[test]
fn every_table_of_history_is_only_added_to() {
    let bench = filled();
    let raw = bench.raw();
    for table in TABLES {
        let count: i64 =
            raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert!(count > 0, "{table} is empty");
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET rowid = rowid")] {
            let refused = raw.execute(&sql, []).unwrap_err().to_string();
            assert!(refused.contains("history is only added to"), "{table}: {refused}");
        }
    }
}

/// Does to the file what the triggers forbid, and puts the trigger back.
fn tamper(bench: &Bench, table: &str, action: &str, sql: &str) {
    let raw = bench.raw();
    raw.pragma_update(None, "foreign_keys", false).unwrap();
    let trigger = format!("{table}_no_{action}");
    let text: String = raw
        .query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [&trigger], |row| row.get(0))
        .unwrap();
    raw.execute_batch(&format!("DROP TRIGGER {trigger}; {sql}; {text}")).unwrap();
}

#[test]
fn a_row_changed_behind_our_back_is_found() {
    for (table, change) in [
        ("verdict", "UPDATE verdict SET verdict = 'releasable' WHERE seq = 1"),
        ("message", "UPDATE message SET bytes = x'00' WHERE id = 2"),
        ("observation", "UPDATE observation SET number = '1' WHERE id = 3"),
        ("registration", "UPDATE registration SET deferred = 1 WHERE id = 1"),
        ("rule_set", "UPDATE rule_set SET version = 'x'"),
        ("profile", "UPDATE profile SET text = 'x'"),
        ("rule_use", "UPDATE rule_use SET complete = 0"),
        ("message_donation", "UPDATE message_donation SET din = 'x'"),
        ("message_resolution", "UPDATE message_resolution SET why = 'x'"),
        ("sighting", "UPDATE sighting SET din = 'x'"),
        ("answer", "UPDATE answer SET analyser = 'x'"),
        ("work_order", "UPDATE work_order SET order_id = 'x' WHERE id = 1"),
        ("work_order", "UPDATE work_order SET din = 'x' WHERE id = 2"),
        ("order_reply", "UPDATE order_reply SET standing = 'refused'"),
        ("ledger_2", "UPDATE ledger_2 SET work_order = work_order + 1"),
        ("record", "UPDATE record SET made_by = 'x'"),
        ("record", "UPDATE record SET after_verdict = 0"),
        ("pool_member", "UPDATE pool_member SET din = 'x'"),
        ("control", "UPDATE control SET run = 7"),
        ("verdict_cause", "UPDATE verdict_cause SET verdict = 1"),
        ("donor_event", "UPDATE donor_event SET consequence = 'none'"),
        ("donor_event_reply", "UPDATE donor_event_reply SET acknowledged_by = 'x'"),
        ("ledger_3", "UPDATE ledger_3 SET rule_event = rule_event + 1"),
        ("ledger_4", "UPDATE ledger_4 SET rack_tube = rack_tube + 1"),
        ("user_event", "UPDATE user_event SET payload = 'x'"),
        ("rack_tube", "UPDATE rack_tube SET position = 7"),
        ("reading_again", "UPDATE reading_again SET read_as = 1"),
        ("ledger", "UPDATE ledger SET digest = zeroblob(32) WHERE n = 2"),
        ("ledger", "UPDATE ledger SET hash = zeroblob(32) WHERE n = 2"),
    ] {
        let bench = filled();
        tamper(&bench, table, "update", change);
        let refusal = refusal(&bench.path());
        assert!(matches!(refusal, OpenError::Damaged { .. }), "{table}: {refusal}");
        assert!(prove(&bench.path()).is_err(), "{table}");
    }
}

/// SQLite lets REPLACE past the triggers.
#[test]
fn a_row_replaced_behind_our_back_is_found() {
    let bench = filled();
    let sql = "REPLACE INTO verdict SELECT seq, din, version, 'releasable', decision, rule_set,
               decided_at, cause, cause_id, message_to, resolution_to FROM verdict WHERE seq = 1";
    assert_eq!(bench.raw().execute(sql, []).unwrap(), 1);
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("was changed or is missing"), "{words}");
}

#[test]
fn a_row_removed_behind_our_back_is_found() {
    for (table, change) in [
        ("verdict", "DELETE FROM verdict WHERE seq = 2"),
        ("verdict", "DELETE FROM verdict WHERE seq = (SELECT max(seq) FROM verdict)"),
        ("message_donation", "DELETE FROM message_donation"),
        ("observation", "DELETE FROM observation WHERE id = 5"),
        ("ledger_2", "DELETE FROM ledger_2 WHERE n = (SELECT max(n) FROM ledger_2)"),
        ("order_reply", "DELETE FROM order_reply WHERE id = 2"),
        ("ledger_3", "DELETE FROM ledger_3 WHERE n = (SELECT max(n) FROM ledger_3)"),
        ("pool_member", "DELETE FROM pool_member WHERE id = 1"),
        ("donor_event_reply", "DELETE FROM donor_event_reply"),
        ("ledger_4", "DELETE FROM ledger_4 WHERE n = (SELECT max(n) FROM ledger_4)"),
        ("user_event", "DELETE FROM user_event WHERE id = 1"),
        ("rack_tube", "DELETE FROM rack_tube"),
        ("ledger", "DELETE FROM ledger WHERE n = 3"),
        ("ledger", "DELETE FROM ledger WHERE n = (SELECT max(n) FROM ledger)"),
    ] {
        let bench = filled();
        tamper(&bench, table, "delete", change);
        let refusal = refusal(&bench.path());
        assert!(matches!(refusal, OpenError::Damaged { .. }), "{change}: {refusal}");
    }
}

#[test]
fn a_row_added_behind_our_back_is_found() {
    let bench = filled();
    let sql = "INSERT INTO rule_use SELECT max(id) + 1, 1, 0, 1 FROM rule_use";
    bench.raw().execute_batch(sql).unwrap();
    assert!(matches!(refusal(&bench.path()), OpenError::Damaged { .. }));
    // Counts a commit that is yet to come.
    for (ledger, columns) in [
        ("ledger_2", "sighting, answer, work_order, order_reply"),
        (
            "ledger_3",
            "record, pool_member, control, redecision, verdict_cause, donor_event, \
             donor_event_reply, rule_event, shadow_verdict",
        ),
        ("ledger_4", "user_event, rack_tube, reading_again"),
    ] {
        let bench = filled();
        let sql = format!(
            "INSERT INTO {ledger} SELECT (SELECT max(n) + 1 FROM ledger), {columns} \
             FROM {ledger} ORDER BY n DESC LIMIT 1"
        );
        let raw = bench.raw();
        raw.pragma_update(None, "foreign_keys", false).unwrap();
        raw.execute_batch(&sql).unwrap();
        let words = refusal(&bench.path()).to_string();
        assert!(words.contains("damaged"), "{words}");
    }
}

#[test]
fn a_missing_guard_of_history_is_found() {
    let bench = filled();
    bench.raw().execute_batch("DROP TRIGGER verdict_no_delete").unwrap();
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("guards history"), "{words}");
}

#[test]
fn a_flipped_byte_is_found_or_harmless() {
    let bench = filled();
    let (record, rows) = {
        let store = bench.open();
        (store.donation(&din(1)).unwrap(), feed(&store))
    };
    let whole = fs::read(bench.path()).unwrap();
    let mut refused = 0;
    let mut random = fastrand::Rng::with_seed(7);
    let count = 300;
    for _ in 0..count {
        let at = random.usize(..whole.len());
        let copy = Bench::new();
        fs::write(copy.path(), &whole).unwrap();
        let file = fs::OpenOptions::new().write(true).open(copy.path()).unwrap();
        file.write_all_at(&[whole[at] ^ (1 << random.u8(..8))], at as u64).unwrap();
        match open(&copy.path(), cn()) {
            Ok(store) => {
                assert_eq!(store.donation(&din(1)).unwrap(), record, "byte {at}, seed 7");
                assert_eq!(feed(&store), rows, "byte {at}, seed 7");
            }
            Err(error) => {
                refused += 1;
                assert!(!matches!(error, OpenError::Unusable { .. }), "byte {at}: {error}");
            }
        }
    }
    assert!(
        refused > count / 10,
        "only {refused} of {count} were found: the others hit free space"
    );
}

#[test]
fn fm_46_a_damaged_store_is_not_started_and_says_what_to_do() {
    let bench = filled();
    let size = fs::metadata(bench.path()).unwrap().len();
    fs::OpenOptions::new().write(true).open(bench.path()).unwrap().set_len(size / 2).unwrap();
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("restore the latest good copy"), "{words}");
}

/// The files as a process that was killed leaves them: everything still in the log.
fn killed(with_head: bool) -> Bench {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m1", full_panel(1)));
    record(&store, message("m2", full_panel(2)));
    let after = Bench::new();
    for suffix in ["", "-wal", ".head"] {
        let name = format!("hemogate.db{suffix}");
        if with_head || suffix != ".head" {
            fs::copy(bench.folder.path().join(&name), after.folder.path().join(&name)).unwrap();
        }
    }
    after
}

fn cut_log(bench: &Bench, bytes: u64) {
    let path = bench.folder.path().join("hemogate.db-wal");
    let size = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(size - bytes).unwrap();
}

#[test]
fn what_a_killed_process_left_is_whole() {
    let bench = killed(true);
    let store = bench.open();
    assert_eq!(verdict_of(&store, 1), "releasable");
    assert_eq!(store.donation(&din(2)).unwrap().unwrap().observations.len(), 8);
}

#[test]
fn a_log_that_was_cut_is_found_by_the_head_file() {
    let bench = killed(true);
    cut_log(&bench, 1);
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("commits were lost"), "{words}");
    fs::remove_file(bench.folder.path().join("hemogate.db-wal")).unwrap();
    assert!(matches!(refusal(&bench.path()), OpenError::Damaged { .. }));
}

#[test]
fn without_its_head_file_a_cut_log_ends_with_the_last_whole_commit() {
    let bench = killed(false);
    cut_log(&bench, 1);
    let store = bench.open();
    assert_eq!(verdict_of(&store, 1), "releasable");
    assert_eq!(store.donation(&din(2)).unwrap(), None);
}

#[test]
fn an_older_copy_in_its_place_is_found_and_opens_elsewhere() {
    let bench = filled();
    let copy = Bench::new();
    fs::copy(bench.path(), copy.path()).unwrap();
    record(&bench.open(), message("after the copy", full_panel(9)));
    fs::copy(copy.path(), bench.path()).unwrap();
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("old copy") && words.contains(".head file"), "{words}");
    fs::remove_file(bench.folder.path().join("hemogate.db.head")).unwrap();
    assert_eq!(bench.open().feed_head(), 17);
    assert_eq!(copy.open().feed_head(), 17);
}

#[test]
fn another_store_of_the_same_length_in_its_place_is_found() {
    let (bench, other) = (filled(), filled());
    record(&bench.open(), message("ours", full_panel(9)));
    record(&other.open(), message("theirs", full_panel(9)));
    fs::copy(other.path(), bench.path()).unwrap();
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("not the database that its head file belongs to"), "{words}");
}

#[test]
fn a_file_of_another_program_is_refused_and_left_alone() {
    let bench = Bench::new();
    bench.raw().execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
    let before = fs::read(bench.path()).unwrap();
    let refusal_of_database = refusal(&bench.path());
    assert!(matches!(refusal_of_database, OpenError::Foreign { .. }), "{refusal_of_database}");
    assert_eq!(fs::read(bench.path()).unwrap(), before);
    fs::write(bench.path(), "a letter to a friend, not a database at all".repeat(100)).unwrap();
    assert!(matches!(refusal(&bench.path()), OpenError::Foreign { .. }));
}

#[test]
fn a_newer_store_is_refused_with_clear_words() {
    let bench = filled();
    bench.raw().execute_batch("PRAGMA user_version = 99").unwrap();
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("version 99") && words.contains("newer program"), "{words}");
}

#[test]
fn a_second_daemon_on_the_same_file_is_refused() {
    let bench = Bench::new();
    let store = bench.open();
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("another hemogate"), "{words}");
    drop(store);
    bench.open();
}

#[test]
fn a_path_that_cannot_be_written_is_refused() {
    let bench = Bench::new();
    let nowhere = bench.folder.path().join("no such folder").join("hemogate.db");
    for path in [nowhere.as_path(), bench.folder.path()] {
        let refusal = refusal(path);
        assert!(matches!(refusal, OpenError::Unusable { .. }), "{refusal}");
    }
}

#[test]
fn a_database_that_somebody_holds_is_refused() {
    let bench = filled();
    let holder: Connection = bench.raw();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let words = refusal(&bench.path()).to_string();
    assert!(words.contains("another process holds the database"), "{words}");
}

#[test]
fn the_whole_store_is_proved_while_it_is_used() {
    let bench = filled();
    let store = bench.open();
    let before = prove(&bench.path()).unwrap().commits;
    record(&store, message("one more", full_panel(7)));
    assert_eq!(prove(&bench.path()).unwrap().commits, before + 1);
}
