//! The ledger: one row for each commit, hashed onto the one before.
//!
//! A ledger row counts the rows of every table as they were after the commit, carries a digest of
//! the rows that the commit added, and the hash of all that together with the hash before it. So a
//! row that is missing, added or changed behind our back is found, and so is a commit that is gone.
//!
//! Tables of a later version cannot have columns in the ledger without changing the hashes of all
//! that was written before. `ledger_2` to `ledger_4` count those of the second to the fourth: each
//! has a row for each commit that added to any of its tables, and the hash of such a commit covers
//! that row too. A commit without one has the hash it had in the version before.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};
use sha2::{Digest, Sha256};

use super::errors::Trouble;
use super::keys::Key;
use super::schema::{self, Table};

const TABLES: usize = Table::ALL.len();

const INSERT: &str = "INSERT INTO ledger VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)";

const INSERT_2: &str = "INSERT INTO ledger_2 VALUES (?1,?2,?3,?4,?5)";

const INSERT_3: &str = "INSERT INTO ledger_3 VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";

const INSERT_4: &str = "INSERT INTO ledger_4 VALUES (?1,?2,?3,?4)";

/// Every row of the ledger after one, with what is counted beside it; by the version of the tables.
const AFTER: [&str; 4] = [
    "SELECT * FROM ledger WHERE n > ?1 ORDER BY n",
    "SELECT l.*, s.sighting, s.answer, s.work_order, s.order_reply \
     FROM ledger l LEFT JOIN ledger_2 s ON s.n = l.n WHERE l.n > ?1 ORDER BY l.n",
    "SELECT l.*, s.sighting, s.answer, s.work_order, s.order_reply, \
     t.record, t.pool_member, t.control, t.redecision, t.verdict_cause, t.donor_event, \
     t.donor_event_reply, t.rule_event, t.shadow_verdict \
     FROM ledger l LEFT JOIN ledger_2 s ON s.n = l.n LEFT JOIN ledger_3 t ON t.n = l.n \
     WHERE l.n > ?1 ORDER BY l.n",
    "SELECT l.*, s.sighting, s.answer, s.work_order, s.order_reply, \
     t.record, t.pool_member, t.control, t.redecision, t.verdict_cause, t.donor_event, \
     t.donor_event_reply, t.rule_event, t.shadow_verdict, \
     u.user_event, u.rack_tube, u.reading_again \
     FROM ledger l LEFT JOIN ledger_2 s ON s.n = l.n LEFT JOIN ledger_3 t ON t.n = l.n \
     LEFT JOIN ledger_4 u ON u.n = l.n WHERE l.n > ?1 ORDER BY l.n",
];

/// Who counts which tables: the first, the first past the last, and how a row is written.
const LATER: [(usize, usize, &str); 3] = [
    (Table::FIRST, Table::SECOND, INSERT_2),
    (Table::SECOND, Table::THIRD, INSERT_3),
    (Table::THIRD, TABLES, INSERT_4),
];

/// The last number of every table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks([i64; TABLES]);

impl Marks {
    /// The last number of a table.
    pub(super) fn of(&self, table: Table) -> i64 {
        self.0.get(table as usize).copied().unwrap_or_default()
    }

    fn set(&mut self, table: Table, number: i64) {
        if let Some(mark) = self.0.get_mut(table as usize) {
            *mark = number;
        }
    }

    /// Those of the tables from one on, up to another.
    fn part(&self, from: usize, to: usize) -> &[i64] {
        self.0.get(from..to).unwrap_or_default()
    }

    /// Those that the ledger itself counts.
    fn first(&self) -> &[i64] {
        self.part(0, Table::FIRST)
    }
}

/// The last row of the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the commit; 0 before the first.
    pub(super) n: i64,
    /// Its hash; zeroes before the first.
    pub(super) hash: Key,
    /// The last number of every table.
    pub(super) marks: Marks,
}

impl Head {
    fn next(&self, marks: Marks, digest: &Key) -> Head {
        let mut hasher = Sha256::new();
        hasher.update(self.hash);
        self.counted(&marks, digest, |bytes| hasher.update(bytes));
        Head { n: self.n + 1, hash: hasher.finalize().into(), marks }
    }

    /// What the next commit's hash covers beside the hash before it, piece by piece.
    fn counted(&self, marks: &Marks, digest: &Key, mut tell: impl FnMut(&[u8])) {
        tell(&(self.n + 1).to_be_bytes());
        marks.first().iter().for_each(|mark| tell(&mark.to_be_bytes()));
        tell(digest);
        for (from, to, _) in LATER {
            if marks.part(from, to) != self.marks.part(from, to) {
                marks.part(from, to).iter().for_each(|mark| tell(&mark.to_be_bytes()));
            }
        }
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// NULL.
    Null,
    /// An integer.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// A text or NULL.
    pub(super) fn text_or_null(text: Option<&'a str>) -> Cell<'a> {
        text.map_or(Cell::Null, Cell::Text)
    }

    fn absorb(self, hasher: &mut Sha256) {
        match self {
            Cell::Null => hasher.update([0]),
            Cell::Integer(number) => {
                hasher.update([1]);
                hasher.update(number.to_be_bytes());
            }
            Cell::Text(text) => absorb_bytes(hasher, 2, text.as_bytes()),
            Cell::Blob(bytes) => absorb_bytes(hasher, 3, bytes),
        }
    }
}

fn absorb_bytes(hasher: &mut Sha256, kind: u8, bytes: &[u8]) {
    hasher.update([kind]);
    hasher.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    hasher.update(bytes);
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Integer(number) => ValueRef::Integer(*number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The ledger while it is being written: the last commit, and what was added since.
#[derive(Clone)]
pub(super) struct Journal {
    head: Head,
    marks: Marks,
    added: [Option<Sha256>; TABLES],
}

impl Journal {
    /// Continues after a commit.
    pub(super) fn after(head: Head) -> Journal {
        Journal { head, marks: head.marks, added: Default::default() }
    }

    /// The last commit.
    pub(super) const fn head(&self) -> &Head {
        &self.head
    }

    /// The last number of every table, with what was added since the last commit.
    pub(super) const fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Appends a row, whose number comes in front of `cells`. `None` where the same is on record.
    pub(super) fn append(
        &mut self,
        connection: &Connection,
        table: Table,
        cells: &[Cell<'_>],
    ) -> Result<Option<i64>, Trouble> {
        let number = self.marks.of(table) + 1;
        let row = || std::iter::once(Cell::Integer(number)).chain(cells.iter().copied());
        let added = connection.prepare_cached(table.insert())?.execute(params_from_iter(row()))?;
        if added == 0 {
            return Ok(None);
        }
        self.marks.set(table, number);
        if let Some(hasher) = self.added.get_mut(table as usize) {
            let hasher = hasher.get_or_insert_with(Sha256::new);
            row().for_each(|cell| cell.absorb(hasher));
        }
        Ok(Some(number))
    }

    /// Ends a transaction: writes the ledger's row, if anything was added. The head it returns
    /// counts once COMMIT has.
    pub(super) fn seal(&mut self, connection: &Connection) -> Result<Head, Trouble> {
        if self.marks == self.head.marks {
            return Ok(self.head);
        }
        let digest = digest(std::mem::take(&mut self.added));
        let head = self.head.next(self.marks, &digest);
        let row = |marks: &[i64]| -> Vec<Cell<'_>> {
            std::iter::once(&head.n).chain(marks).copied().map(Cell::Integer).collect()
        };
        let hashes = [Cell::Blob(&digest), Cell::Blob(&head.hash)];
        let cells = row(head.marks.first()).into_iter().chain(hashes);
        connection.prepare_cached(INSERT)?.execute(params_from_iter(cells))?;
        for (from, to, insert) in LATER {
            let part = head.marks.part(from, to);
            if part != self.head.marks.part(from, to) {
                connection.prepare_cached(insert)?.execute(params_from_iter(row(part)))?;
            }
        }
        Ok(head)
    }
}

/// The tables of a later version count where something was added to any of them.
fn digest(added: [Option<Sha256>; TABLES]) -> Key {
    let mut whole = Sha256::new();
    let is_added = |from: usize| added.iter().skip(from).any(Option::is_some);
    let counted = LATER.iter().rev().find(|(from, ..)| is_added(*from));
    let counted = counted.map_or(Table::FIRST, |(_, to, _)| *to);
    for hasher in added.into_iter().take(counted) {
        whole.update(hasher.unwrap_or_default().finalize());
    }
    whole.finalize().into()
}

/// The hash of a commit, if the ledger has it.
pub(super) fn hash_of(connection: &Connection, n: i64) -> rusqlite::Result<Option<Key>> {
    connection.query_row("SELECT hash FROM ledger WHERE n = ?1", [n], |row| row.get(0)).optional()
}

/// The commit that added a row; `None` where there is no such row.
pub(super) fn commit_of(
    connection: &Connection,
    table: Table,
    number: i64,
) -> Result<Option<i64>, Trouble> {
    let last: Option<i64> =
        connection.query_row("SELECT max(n) FROM ledger", [], |row| row.get(0))?;
    let (mut low, mut high) = (1, last.unwrap_or_default() + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match counted(connection, table, middle)? < number {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    Ok(last.filter(|last| low <= *last).map(|_| low))
}

/// The last number of a table after a commit.
fn counted(connection: &Connection, table: Table, n: i64) -> rusqlite::Result<i64> {
    let ledger = match table.since() {
        1 => "ledger",
        2 => "ledger_2",
        3 => "ledger_3",
        _ => "ledger_4",
    };
    let name = table.name();
    let sql = format!("SELECT {name} FROM {ledger} WHERE n <= ?1 ORDER BY n DESC LIMIT 1");
    Ok(connection.prepare_cached(&sql)?.query_row([n], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// A commit: the hash before it, the digest of its rows, and the head that it made.
pub(super) fn link(connection: &Connection, n: i64) -> Result<Link, Trouble> {
    let before = Head {
        n: n - 1,
        hash: hash_of(connection, n - 1)?.unwrap_or_default(),
        marks: marks_after(connection, n - 1)?,
    };
    let sql = "SELECT digest, hash FROM ledger WHERE n = ?1";
    let (digest, hash) = connection.query_row(sql, [n], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let after = Head { n, hash, marks: marks_after(connection, n)? };
    let mut hashed = Vec::new();
    before.counted(&after.marks, &digest, |bytes| hashed.extend_from_slice(bytes));
    Ok(Link { before, hashed, digest, after })
}

/// One commit, and what its hash covers.
pub(super) struct Link {
    /// The commit before it.
    pub(super) before: Head,
    /// What is hashed after the hash before it.
    pub(super) hashed: Vec<u8>,
    /// Digest of the rows that it added.
    pub(super) digest: Key,
    /// The commit.
    pub(super) after: Head,
}

fn marks_after(connection: &Connection, n: i64) -> Result<Marks, Trouble> {
    let (mut marks, version) = (Marks::default(), schema::version(connection)?);
    for table in Table::ALL.into_iter().filter(|table| table.since() <= version) {
        marks.set(table, counted(connection, table, n)?);
    }
    Ok(marks)
}

/// Follows the ledger from `head` to its end and proves the chain; of the commits after
/// `rows_after`, the rows as well. A streaming pass: nothing is held but one row.
pub(super) fn walk(connection: &Connection, head: Head, rows_after: i64) -> Result<Head, Trouble> {
    let version = usize::try_from(schema::version(connection)?).unwrap_or_default();
    let after = AFTER.get(version.saturating_sub(1)).or(AFTER.last()).copied().unwrap_or_default();
    let mut statement = connection.prepare(after)?;
    let mut rows = statement.query([head.n])?;
    let mut head = head;
    while let Some(row) = rows.next()? {
        head = follow(connection, head, row, rows_after)?;
    }
    Ok(head)
}

fn follow(
    connection: &Connection,
    head: Head,
    row: &Row<'_>,
    rows_after: i64,
) -> Result<Head, Trouble> {
    let n: i64 = row.get(0)?;
    if n != head.n + 1 {
        return Err(Trouble::Damaged(format!("commit {} is missing from the ledger", head.n + 1)));
    }
    let (digest, hash): (Key, Key) = (row.get("digest")?, row.get("hash")?);
    let mut marks = head.marks;
    count(row, &mut marks, 0, Table::FIRST)?;
    let mut adds_nothing = false;
    for (from, to, _) in LATER {
        let counted = count(row, &mut marks, from, to)?;
        adds_nothing |= counted && marks.part(from, to) == head.marks.part(from, to);
    }
    let next = head.next(marks, &digest);
    if next.hash != hash || adds_nothing {
        return Err(Trouble::Damaged(format!("commit {n} of the ledger was changed")));
    }
    if n > rows_after && digest_of_rows(connection, &head.marks, &next.marks)? != digest {
        return Err(Trouble::Damaged(format!("a row of commit {n} was changed or is missing")));
    }
    Ok(next)
}

/// Reads what is counted of the tables from one on, up to another; whether it is: the columns of
/// later versions come after the two hashes, and are empty where nothing was added.
fn count(row: &Row<'_>, marks: &mut Marks, from: usize, to: usize) -> rusqlite::Result<bool> {
    let hashes = if from == 0 { 0 } else { 2 };
    for (place, table) in Table::ALL.into_iter().enumerate().take(to).skip(from) {
        let column = place + 1 + hashes;
        if column >= row.as_ref().column_count() {
            return Ok(false);
        }
        let Some(mark) = row.get(column)? else { return Ok(false) };
        marks.set(table, mark);
    }
    Ok(true)
}

fn digest_of_rows(connection: &Connection, from: &Marks, to: &Marks) -> rusqlite::Result<Key> {
    let mut added: [Option<Sha256>; TABLES] = Default::default();
    for (table, hasher) in Table::ALL.into_iter().zip(&mut added) {
        // A table that does not exist yet has no number either.
        if to.of(table) != from.of(table) {
            *hasher = Some(hash_rows(connection, table, from.of(table), to.of(table))?);
        }
    }
    Ok(digest(added))
}

fn hash_rows(
    connection: &Connection,
    table: Table,
    after: i64,
    to: i64,
) -> rusqlite::Result<Sha256> {
    let mut hasher = Sha256::new();
    let mut statement = connection.prepare_cached(table.range())?;
    let columns = statement.column_count();
    let mut rows = statement.query([after, to])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            absorb_value(&mut hasher, row.get_ref(column)?);
        }
    }
    Ok(hasher)
}

fn absorb_value(hasher: &mut Sha256, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => Cell::Null.absorb(hasher),
        ValueRef::Integer(number) => Cell::Integer(number).absorb(hasher),
        ValueRef::Text(text) => absorb_bytes(hasher, 2, text),
        ValueRef::Blob(bytes) => Cell::Blob(bytes).absorb(hasher),
        // No column holds one; a row that does was changed.
        ValueRef::Real(number) => absorb_bytes(hasher, 4, &number.to_be_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    fn tables() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, 0, schema::VERSION).unwrap();
        connection
    }

    fn commit(connection: &Connection, journal: Journal, name: &str) -> Journal {
        let mut journal = journal;
        let cells = [Cell::Text(name), Cell::Text("sha"), Cell::Text("text")];
        assert!(journal.append(connection, Table::Profile, &cells).unwrap().is_some());
        Journal::after(journal.seal(connection).unwrap())
    }

    #[test]
    fn the_chain_is_followed_to_its_end() {
        let connection = tables();
        let mut journal = Journal::after(Head::default());
        for name in ["a", "b", "c"] {
            journal = commit(&connection, journal, name);
        }
        assert_eq!(walk(&connection, Head::default(), 0).unwrap(), *journal.head());
        assert_eq!(journal.head().n, 3);
        assert_eq!(journal.marks().of(Table::Profile), 3);
    }

    #[test]
    fn the_same_row_again_is_not_counted() {
        let connection = tables();
        let mut journal = commit(&connection, Journal::after(Head::default()), "a");
        let cells = [Cell::Text("a"), Cell::Text("sha"), Cell::Text("text")];
        assert_eq!(journal.append(&connection, Table::Profile, &cells).unwrap(), None);
        assert_eq!(journal.seal(&connection).unwrap().n, 1);
    }

    #[test]
    fn a_changed_row_is_found_unless_only_the_chain_is_asked() {
        let connection = tables();
        commit(&connection, Journal::after(Head::default()), "a");
        connection
            .execute_batch("DROP TRIGGER profile_no_update; UPDATE profile SET text = 'other'")
            .unwrap();
        assert!(walk(&connection, Head::default(), 1).is_ok());
        let found = walk(&connection, Head::default(), 0).unwrap_err();
        assert!(matches!(found, Trouble::Damaged(why) if why.contains("commit 1")));
    }

    #[test]
    fn a_changed_chain_is_found_even_where_no_row_is_asked() {
        for (change, words) in [
            ("UPDATE ledger SET hash = zeroblob(32) WHERE n = 2", "commit 2"),
            ("UPDATE ledger SET digest = zeroblob(32) WHERE n = 2", "commit 2"),
            ("UPDATE ledger SET verdict = 7 WHERE n = 2", "commit 2"),
            ("DELETE FROM ledger WHERE n = 2", "commit 2 is missing"),
        ] {
            let connection = tables();
            let mut journal = Journal::after(Head::default());
            for name in ["a", "b", "c"] {
                journal = commit(&connection, journal, name);
            }
            let unguarded = "DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete;";
            connection.execute_batch(&format!("{unguarded} {change}")).unwrap();
            let found = walk(&connection, Head::default(), i64::MAX).unwrap_err();
            assert!(matches!(found, Trouble::Damaged(why) if why.contains(words)), "{change}");
        }
    }
    /// Three commits, of which the second one adds to a later table.
    fn commits_with_a_later_table() -> Connection {
        let connection = tables();
        let journal = commit(&connection, Journal::after(Head::default()), "a");
        let mut journal = journal;
        let cells = [Cell::Text("i2000"), Cell::Null, Cell::Text("2026-11-28T12:00:00Z")];
        assert_eq!(journal.append(&connection, Table::Answer, &cells).unwrap(), Some(1));
        commit(&connection, Journal::after(journal.seal(&connection).unwrap()), "c");
        connection
    }

    #[test]
    fn later_tables_are_counted_where_they_were_added_to_and_only_there() {
        let connection = commits_with_a_later_table();
        let head = walk(&connection, Head::default(), 0).unwrap();
        assert_eq!((head.n, head.marks.of(Table::Answer)), (3, 1));
        let sql = "SELECT group_concat(n) FROM ledger_2";
        let counted: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(counted, "2");
        let first = walk_to_the_first(&connection);
        assert_eq!(walk(&connection, first, 0).unwrap(), head, "from the middle on it is the same");
    }

    fn walk_to_the_first(connection: &Connection) -> Head {
        let mut statement = connection.prepare(AFTER[2]).unwrap();
        let mut rows = statement.query([0]).unwrap();
        follow(connection, Head::default(), rows.next().unwrap().unwrap(), 0).unwrap()
    }

    /// Three commits, of which the second one adds to a table of the third version and to no other.
    fn commits_with_a_table_of_the_third_version() -> Connection {
        let connection = tables();
        let mut journal = commit(&connection, Journal::after(Head::default()), "a");
        let texts = ["pool", "", "P1", "", "{}", "u1", "2026-11-28T12:00:00Z"].map(Cell::Text);
        let cells: Vec<Cell<'_>> = texts.into_iter().chain([0, 0, 0].map(Cell::Integer)).collect();
        assert_eq!(journal.append(&connection, Table::Record, &cells).unwrap(), Some(1));
        commit(&connection, Journal::after(journal.seal(&connection).unwrap()), "c");
        connection
    }

    #[test]
    fn each_version_counts_its_own_tables() {
        let connection = commits_with_a_table_of_the_third_version();
        let head = walk(&connection, Head::default(), 0).unwrap();
        assert_eq!((head.n, head.marks.of(Table::Record)), (3, 1));
        for (ledger, counted) in [("ledger_2", None), ("ledger_3", Some("2".to_owned()))] {
            let sql = format!("SELECT group_concat(n) FROM {ledger}");
            let found: Option<String> = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(found, counted, "{ledger}");
        }
        assert_eq!(commit_of(&connection, Table::Record, 1).unwrap(), Some(2));
        assert_eq!(commit_of(&connection, Table::Profile, 2).unwrap(), Some(3));
        assert_eq!(commit_of(&connection, Table::Profile, 3).unwrap(), None);
        let third = link(&connection, 3).unwrap();
        assert_eq!(Some(third.before.hash), hash_of(&connection, 2).unwrap());
        assert_eq!(third.after, head);
    }

    #[test]
    fn a_changed_count_of_the_third_version_is_found_even_where_no_row_is_asked() {
        for change in [
            "UPDATE ledger_3 SET record = 7",
            "UPDATE ledger_3 SET redecision = 1",
            "DELETE FROM ledger_3",
            "UPDATE ledger_3 SET n = 3",
            "INSERT INTO ledger_2 VALUES (2, 0, 0, 0, 1)",
        ] {
            let connection = commits_with_a_table_of_the_third_version();
            let unguarded = "DROP TRIGGER ledger_3_no_update; DROP TRIGGER ledger_3_no_delete;";
            connection.execute_batch(&format!("{unguarded} {change}")).unwrap();
            let found = walk(&connection, Head::default(), i64::MAX).unwrap_err();
            assert!(matches!(&found, Trouble::Damaged(_)), "{change}: {found:?}");
        }
        let connection = commits_with_a_table_of_the_third_version();
        let sql = "DROP TRIGGER record_no_update; UPDATE record SET made_by = 'x'";
        connection.execute_batch(sql).unwrap();
        assert!(walk(&connection, Head::default(), 0).is_err(), "a row of it");
    }

    #[test]
    fn a_changed_count_of_later_tables_is_found_even_where_no_row_is_asked() {
        for change in [
            "UPDATE ledger_2 SET answer = 7",
            "UPDATE ledger_2 SET work_order = 1",
            "DELETE FROM ledger_2",
            "UPDATE ledger_2 SET n = 3",
            "INSERT INTO ledger_2 VALUES (3, 0, 1, 0, 0)",
            "INSERT INTO ledger_2 VALUES (1, 0, 0, 0, 0)",
        ] {
            let connection = commits_with_a_later_table();
            let unguarded = "DROP TRIGGER ledger_2_no_update; DROP TRIGGER ledger_2_no_delete;";
            connection.execute_batch(&format!("{unguarded} {change}")).unwrap();
            let found = walk(&connection, Head::default(), i64::MAX).unwrap_err();
            let damaged = matches!(&found, Trouble::Damaged(why) if why.contains("was changed"));
            assert!(damaged, "{change}: {found:?}");
        }
    }
}
