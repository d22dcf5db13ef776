//! The reference of the store: bare SQLite writing the very rows that a daemon wrote, and nothing
//! else.
//!
//! What is fair about it: the same tables, unique keys and indexes, the same bytes in every column,
//! the same durability (WAL, `synchronous=FULL`: one sync of the log for each COMMIT), the same
//! page cache, the same size of log at which it is folded into the database. What makes it bare:
//! one thread with the rows in memory, prepared statements, no foreign keys, no triggers, nothing
//! read, hashed or decided. Rows that messages did not cause (rule set, profiles, registrations and
//! their first verdicts) are written beforehand and not timed on either side.

use std::path::Path;
use std::time::{Duration, Instant};

use hemogate::limits;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

const SCHEMA: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type <> 'trigger' \
                      AND name NOT LIKE 'sqlite%' ORDER BY type DESC";

/// Tables that grow with messages, and which of their rows belong to messages ?1 < number <= ?2.
const OF_MESSAGES: [(&str, &str); 4] = [
    ("message", "id > ?1 AND id <= ?2"),
    ("message_donation", "message > ?1 AND message <= ?2"),
    ("observation", "message > ?1 AND message <= ?2"),
    ("verdict", "cause = 'message' AND cause_id > ?1 AND cause_id <= ?2"),
];

/// Rows that were there before the first message.
const BEFORE: [(&str, &str); 5] = [
    ("rule_set", "true"),
    ("profile", "true"),
    ("rule_use", "true"),
    ("registration", "true"),
    ("verdict", "cause <> 'message'"),
];

/// The ledger's rows of the commits that brought a message.
const LEDGER: &str = "message > 0 ORDER BY n";

/// A transaction: statements and the rows they insert.
type Transaction = Vec<(String, Vec<Vec<Value>>)>;

/// What a daemon wrote, ready to be written again.
pub struct Rows {
    schema: Vec<String>,
    before: Transaction,
    transactions: Vec<Transaction>,
}

impl Rows {
    /// The rows of a store, `messages` of them in each transaction, with one row of the ledger.
    pub fn of(path: &Path, messages: i64) -> Rows {
        let store = Connection::open(path).unwrap();
        let mut select = store.prepare(SCHEMA).unwrap();
        let schema = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let before = BEFORE.iter().map(|(table, rows)| inserts(&store, table, rows, None));
        let last: i64 =
            store.query_row("SELECT max(id) FROM message", [], |row| row.get(0)).unwrap();
        let starts = (0..last).step_by(messages as usize);
        let mut transactions: Vec<Transaction> =
            starts.map(|from| transaction(&store, from, from + messages)).collect();
        let (insert, ledger) = inserts(&store, "ledger", LEDGER, None);
        for (transaction, row) in transactions.iter_mut().zip(ledger) {
            transaction.push((insert.clone(), vec![row]));
        }
        Rows { schema, before: before.collect(), transactions }
    }

    /// A new database with what was there before the first message.
    pub fn database(&self, path: &Path) -> Bare<'_> {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).unwrap();
        connection.pragma_update(None, "cache_size", -limits::STORE_PAGE_CACHE_KIB).unwrap();
        connection.set_prepared_statement_cache_capacity(64);
        for sql in &self.schema {
            connection.execute_batch(sql).unwrap();
        }
        write(&connection, &self.before);
        Bare { connection, next: self.transactions.iter() }
    }
}

/// The log is folded into the database when it holds so many pages, as the daemon does.
const LOG_PAGES: i32 = limits::STORE_LOG_PAGES;

/// A database that is being written.
pub struct Bare<'r> {
    connection: Connection,
    next: std::slice::Iter<'r, Transaction>,
}

impl Bare<'_> {
    /// Writes the next transactions; the time of each, from BEGIN to the end of COMMIT.
    pub fn write(&mut self, transactions: usize) -> Vec<Duration> {
        let next = self.next.by_ref().take(transactions);
        let times: Vec<_> = next.map(|rows| write(&self.connection, rows)).collect();
        assert_eq!(times.len(), transactions, "the daemon wrote fewer rows");
        times
    }
}

fn write(connection: &Connection, transaction: &Transaction) -> Duration {
    let start = Instant::now();
    connection.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
    for (insert, rows) in transaction {
        let mut insert = connection.prepare_cached(insert).unwrap();
        for row in rows {
            insert.execute(params_from_iter(row)).unwrap();
        }
    }
    connection.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
    start.elapsed()
}

fn transaction(store: &Connection, from: i64, to: i64) -> Transaction {
    let tables = OF_MESSAGES.iter();
    let inserts = tables.map(|(table, rows)| inserts(store, table, rows, Some((from, to))));
    inserts.filter(|(_, rows)| !rows.is_empty()).collect()
}

fn inserts(
    store: &Connection,
    table: &str,
    rows: &str,
    messages: Option<(i64, i64)>,
) -> (String, Vec<Vec<Value>>) {
    let sql = format!("SELECT * FROM {table} WHERE {rows}");
    let mut select = store.prepare_cached(&sql).unwrap();
    let columns = select.column_count();
    let bounds = messages.into_iter().flat_map(|(from, to)| [from, to]);
    let found = select
        .query_map(params_from_iter(bounds), |row| (0..columns).map(|at| row.get(at)).collect())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    (format!("INSERT INTO {table} VALUES ({})", vec!["?"; columns].join(",")), found)
}
