//! Which rule set decides, and deciding again when it is another one.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::book::{Book, Cause, Touched};
use super::chain::Cell;
use super::errors::Trouble;
use super::rows;
use super::schema::Table;

impl Book {
    /// Says which rule set decides from now on, as far as it has; returns the last registration
    /// that it has decided about, or `None` when it has decided about all.
    pub(super) fn use_rules(&mut self, connection: &Connection) -> Result<Option<i64>, Trouble> {
        self.rule_set = self.rule_set_number(connection)?;
        let last = connection
            .prepare_cached(
                "SELECT rule_set, decided_to, complete FROM rule_use ORDER BY id DESC LIMIT 1",
            )?
            .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        match last {
            Some((rule_set, _, true)) if rule_set == self.rule_set => Ok(None),
            Some((rule_set, decided_to, false)) if rule_set == self.rule_set => {
                Ok(Some(decided_to))
            }
            Some(_) | None => Ok(Some(0)),
        }
    }

    /// Notes that everything is to be decided again at the next start.
    pub(super) fn owe_decisions(&mut self, connection: &Connection) -> Result<(), Trouble> {
        let cells = [Cell::Integer(self.rule_set), Cell::Integer(0), Cell::Integer(0)];
        self.append_always(connection, Table::RuleUse, &cells).map(drop)
    }

    fn rule_set_number(&mut self, connection: &Connection) -> Result<i64, Trouble> {
        let rules = Arc::clone(&self.rules);
        let identity = rules.identity();
        let known = connection
            // They are few: read themselves, and not through an index that may be damaged.
            .prepare_cached("SELECT id FROM rule_set NOT INDEXED WHERE sha256 = ?1")?
            .query_row([&identity.sha256], |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let cells = [
            Cell::Text(&identity.name),
            Cell::Text(&identity.version),
            Cell::Text(&identity.sha256),
            Cell::Text(rules.text()),
        ];
        self.append_always(connection, Table::RuleSet, &cells)
    }

    /// Decides again about the next registered donations after `after`, at most `limit`; returns
    /// the last one, or `None` when nothing was left.
    pub(super) fn decide_again(
        &mut self,
        connection: &Connection,
        after: i64,
        limit: u64,
    ) -> Result<Option<i64>, Trouble> {
        let donations = rows::registered(connection, after, limit)?;
        let (complete, to) = donations.last().map_or((1, after), |(id, _)| (0, *id));
        let cells = [Cell::Integer(self.rule_set), Cell::Integer(to), Cell::Integer(complete)];
        let rule_use = self.append_always(connection, Table::RuleUse, &cells)?;
        for (_, din) in &donations {
            let mut touched = Touched::default();
            touched.case(&mut self.cases, connection, din)?;
            self.decide_touched(connection, touched, Cause::RuleUse(rule_use))?;
        }
        // Each is decided about once: however many there are, one batch is in memory.
        self.cases.forget();
        Ok(donations.last().map(|(id, _)| *id))
    }
}
