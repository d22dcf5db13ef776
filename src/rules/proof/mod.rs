//! Proof that a rule set is safe to decide with: exhaustive over the answers that facts can give,
//! table by table.
//!
//! Refuses a table in which no row fits some answers (gap), in which something passes that must
//! never pass ([`super::danger`]), in which an adverse fact improves a verdict, or in which a row
//! never decides; and a set that requires nothing, leaves an assay unjudged or a donor unasked.
//! Each with an example in laboratory words.
//!
//! ```text
//! facts ── answers ──► table ──► verdict ─┐
//! facts ── answers ──► table ──► verdict ─┼─ worst wins ──► verdict of the donation
//! facts ── answers ──► table ──► verdict ─┘
//! ```
//!
//! *Worst wins* is why tables can be shown one by one: what one table keeps from passing no other
//! lets pass, and what makes no single verdict better makes none of them together better. So what
//! is shown of each holds for every combination of answers to all of them, of which nobody could go
//! through the number ([`Proof::product`]).

mod example;
mod magnitude;
pub(super) mod pair;
mod space;
mod table;
mod wiring;

use std::collections::BTreeMap;

pub use example::Tongue;
pub use magnitude::Magnitude;
pub use table::{Passing, Refusal, TableProof, Tie};
pub(super) use table::{prove as prove_table, word};
pub use wiring::Warning;

use crate::document::Fault;

use super::content::{CheckRule, Content};
use super::question::Judges;

/// What was shown of a rule set.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What was shown of each table, in the order of names.
    pub tables: Vec<TableProof>,
    /// Combinations gone through, of all tables.
    pub combinations: usize,
    /// Steps to a worse answer that were tried, in all tables.
    pub steps: usize,
    /// Combinations of answers to all that the set asks about a donation: what all this holds for.
    pub product: Magnitude,
    /// What the set does not demand.
    pub warnings: Vec<Warning>,
    /// Why the set as a whole is refused, in words; empty in a set that was read.
    pub refusals: Vec<String>,
}

/// Judges a rule set as a whole.
pub(super) fn prove(content: &Content) -> Proof {
    let tables: Vec<TableProof> = content.tables.values().map(|table| prove_table(table)).collect();
    Proof {
        combinations: tables.iter().map(|table| table.combinations).sum(),
        steps: tables.iter().map(|table| table.steps).sum(),
        product: product(content, &tables),
        warnings: wiring::warnings(content, &tables),
        refusals: wiring::refusals(content),
        tables,
    }
}

/// Whether a rule set is refused of which this table, or no table, says something else than before.
pub(super) fn refuses(content: &Content, table: Option<&str>) -> bool {
    let table = table.and_then(|name| content.tables.get(name));
    !wiring::refusals(content).is_empty()
        || table.is_some_and(|table| !prove_table(table).refusals.is_empty())
}

impl Proof {
    /// Whether anything was found that the set is refused for.
    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty() || self.tables.iter().any(|table| !table.refusals.is_empty())
    }

    /// Everything that the set is refused for, as faults of its file.
    pub(super) fn faults(&self, file: &str, content: &Content) -> Vec<Fault> {
        let whole = self.refusals.iter().map(|words| Fault::of_file(file, words.clone()));
        let tables = self.tables.iter().flat_map(|table| {
            let key = format!("table.{}", table.name);
            let rows = content.tables.get(&table.name).map_or(&[][..], |known| &known.rows);
            let first = rows.first().map_or(1, |row| row.line);
            table.refusals.iter().map(move |refusal| Fault {
                file: file.to_owned(),
                line: refusal.line().unwrap_or(first),
                column: 1,
                key: key.clone(),
                message: refusal.words(),
            })
        });
        let mut faults: Vec<Fault> = whole.chain(tables).collect();
        faults.sort();
        faults
    }
}

/// Combinations of the answers to everything that a set asks about a donation: each check asks the
/// questions of each of its tables.
fn product(content: &Content, tables: &[TableProof]) -> Magnitude {
    let sizes: BTreeMap<&str, usize> =
        tables.iter().map(|table| (table.name.as_str(), table.combinations)).collect();
    let whole = content.decide.values().map(String::as_str);
    let checks = content
        .checks
        .iter()
        .flat_map(|check| check.tables().map(|(_, table)| table.name.as_str()).collect::<Vec<_>>());
    let mut product = Magnitude::one();
    for name in whole.chain(checks) {
        let size = sizes.get(name).copied().unwrap_or(1);
        product.multiply(u32::try_from(size).unwrap_or(1));
    }
    product
}

impl CheckRule {
    /// The tables that it is judged by, each with what it judges.
    pub fn tables(&self) -> impl Iterator<Item = (Judges, &super::table::Table)> {
        let others = [&self.needs, &self.reagent, &self.run, &self.specimen, &self.pool];
        let all = [&self.table].into_iter().chain(others.into_iter().flatten());
        all.map(|table| (table.judges, table.as_ref()))
    }
}

#[cfg(test)]
mod tests;
