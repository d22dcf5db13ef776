//! The reference of the store: bare SQLite writing the very rows that a daemon wrote, into the same
//! tables, with the same durability, and nothing else.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

const SCHEMA: &str = "SELECT type, name, sql FROM sqlite_schema \
                      WHERE sql IS NOT NULL AND type <> 'trigger' AND name NOT LIKE 'sqlite%'";

/// The rows of a store, table by table.
pub struct Rows {
    schema: Vec<String>,
    tables: Vec<(String, Vec<Vec<Value>>)>,
}

impl Rows {
    /// Every row of the tables that grow with messages.
    pub fn of(store: &Path) -> Rows {
        let store = Connection::open(store).unwrap();
        let mut select = store.prepare(SCHEMA).unwrap();
        let entries: Vec<(String, String, String)> = select
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let names = entries.iter().filter(|(kind, ..)| kind == "table");
        let tables = names.map(|(_, name, _)| (name.clone(), rows(&store, name))).collect();
        let schema = entries
            .iter()
            .filter(|(_, name, _)| !name.starts_with("sqlite"))
            .map(|(.., sql)| sql.clone());
        Rows { schema: schema.collect(), tables }
    }

    /// Writes all rows in `transactions` equal parts; the time of each COMMIT-to-COMMIT step.
    pub fn write(&self, path: &Path, transactions: usize) -> Vec<Duration> {
        let store = Connection::open(path).unwrap();
        store.pragma_update(None, "journal_mode", "WAL").unwrap();
        store.pragma_update(None, "synchronous", "FULL").unwrap();
        store.set_prepared_statement_cache_capacity(64);
        for sql in &self.schema {
            store.execute_batch(sql).unwrap();
        }
        (0..transactions).map(|part| self.write_part(&store, part, transactions)).collect()
    }

    fn write_part(&self, store: &Connection, part: usize, parts: usize) -> Duration {
        let start = Instant::now();
        store.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
        for (table, rows) in &self.tables {
            let (from, to) = (rows.len() * part / parts, rows.len() * (part + 1) / parts);
            for row in &rows[from..to] {
                let marks = vec!["?"; row.len()].join(",");
                let sql = format!("INSERT INTO {table} VALUES ({marks})");
                let mut insert = store.prepare_cached(&sql).unwrap();
                insert.execute(params_from_iter(row)).unwrap();
            }
        }
        store.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
        start.elapsed()
    }
}

fn rows(store: &Connection, table: &str) -> Vec<Vec<Value>> {
    let mut select = store.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = select.column_count();
    select
        .query_map([], |row| (0..columns).map(|at| row.get(at)).collect())
        .unwrap()
        .map(Result::unwrap)
        .collect()
}
