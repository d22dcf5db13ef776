//! `hemogate rules diff`: which inputs change verdict between two rule sets.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::say::say;
use crate::domain::Verdict;
use crate::rules::{self, Change, Diff, TableDiff, Tongue, ValueDiff};

/// Arguments of `hemogate rules diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Tables that judge the same are compared over every combination of answers that facts can give.

Exit status: 0 both could be read, whether they differ or not, 1 faults, 2 used wrongly.")]
pub struct Args {
    /// The rule set before: one that we ship, or a file
    #[arg(value_name = "NAME|FILE")]
    before: String,
    /// The rule set after
    #[arg(value_name = "NAME|FILE")]
    after: String,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs `hemogate rules diff`.
pub fn run(args: &Args) -> ExitCode {
    let found =
        super::find(&args.before).and_then(|before| Ok((before, super::find(&args.after)?)));
    let ((_, before), (_, after)) = match found {
        Ok(found) => found,
        Err(status) => return status,
    };
    let diff = rules::diff(&before, &after);
    match args.json {
        true => say(&object(&diff).to_string()),
        false => lines(&diff).iter().for_each(|line| say(line)),
    }
    ExitCode::SUCCESS
}

fn lines(diff: &Diff) -> Vec<String> {
    let mut lines: Vec<String> = diff.tables.iter().flat_map(table).collect();
    lines.extend(diff.values.iter().map(value));
    lines.push(match diff.is_empty() {
        true => "the rule sets decide alike".to_owned(),
        false => {
            let changed: usize = diff.tables.iter().map(TableDiff::changed).sum();
            let (tables, values) = (diff.tables.len(), diff.values.len());
            format!("{changed} combinations in {tables} tables and {values} values differ")
        }
    });
    lines
}

fn table(table: &TableDiff) -> Vec<String> {
    let (old, new) = &table.names;
    let names = if old == new { old.clone() } else { format!("{old} and {new}") };
    let of = match table.checks.as_slice() {
        [] => String::new(),
        checks => format!(" of {}", checks.join(", ")),
    };
    let (kind, changed, all) = (table.judges.id(), table.changed(), table.combinations);
    let mut lines = vec![format!("{kind} table {names}{of}: {changed} of {all} combinations")];
    lines.extend(table.changes.iter().map(|change| {
        let (from, to) = (word(change.from), word(change.to));
        let (count, example) = (change.combinations, change.words(Tongue::English));
        let (before, after) = (codes(&change.before), codes(&change.after));
        format!("  {count} from {from}{before} to {to}{after}, e.g. {example}")
    }));
    lines
}

fn codes(codes: &[&str]) -> String {
    if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) }
}

fn word(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("gap", |verdict| match verdict {
        Verdict::Releasable => "pass",
        other => other.id(),
    })
}

fn value(value: &ValueDiff) -> String {
    let say = |side: &Option<String>| side.clone().unwrap_or_else(|| "not there".to_owned());
    format!("{}: {} -> {}", value.what, say(&value.before), say(&value.after))
}

fn object(diff: &Diff) -> Value {
    let tables = diff.tables.iter().map(|table| {
        json!({
            "before": table.names.0,
            "after": table.names.1,
            "judges": table.judges.id(),
            "checks": table.checks,
            "combinations": table.combinations,
            "changes": table.changes.iter().map(change).collect::<Vec<_>>(),
        })
    });
    let values = diff
        .values
        .iter()
        .map(|value| json!({ "what": value.what, "before": value.before, "after": value.after }));
    json!({ "tables": tables.collect::<Vec<_>>(), "values": values.collect::<Vec<_>>() })
}

fn change(change: &Change) -> Value {
    json!({
        "from": word(change.from),
        "to": word(change.to),
        "combinations": change.combinations,
        "example": change.words(Tongue::English),
        "reasons_before": change.before,
        "reasons_after": change.after,
    })
}
