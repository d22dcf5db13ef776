//! `[[threshold]]`: from where on, or up to where, a number is reactive.
//!
//! Refuses a limit without unit, date or source, two directions at once, and a grey zone that does
//! not lie below the limit.

use rust_decimal::Decimal;

use super::layout::assays;
use super::tables::Threshold;
use crate::document::Table;
use crate::domain::Measure;

/// Reads one threshold.
pub(super) fn parse(table: &Table<'_>) -> Option<Threshold> {
    let unit = table.required_string("unit");
    let limit = limit(table);
    let since = table.date("since");
    if table.required_string("source").is_some_and(|source| source.value.trim().is_empty()) {
        table.fault(&table.place(), "say where the threshold is from (source)");
    }
    let assays = assays(table, |assay| {
        (assay.measure() != Measure::Marker).then_some("has no threshold here")
    });
    if since.is_none() && !table.has("since") {
        table.fault(&table.place(), "since is missing");
    }
    let (unit, (reactive_from, falls, grey_from), since) = (unit?, limit?, since?);
    if unit.value.trim().is_empty() {
        table.fault(&unit.place, "a threshold without a unit means nothing");
    }
    let (unit, since) = (unit.value, since.value);
    Some(Threshold { assays, unit, reactive_from, falls, grey_from, since })
}

/// Where it is reactive: the limit, whether up to it, and from where on it is grey.
fn limit(table: &Table<'_>) -> Option<(Decimal, bool, Option<Decimal>)> {
    let from = table.decimal("reactive_from");
    let to = table.decimal("reactive_to");
    let grey = table.decimal("grey_from");
    let place = table.place();
    match (table.has("reactive_from"), table.has("reactive_to")) {
        (false, false) => table.fault(&place, "reactive_from is missing (or reactive_to)"),
        (true, true) => table.fault(&place, "give reactive_from or reactive_to, not both"),
        (true, false) | (false, true) => {}
    }
    if let Some(grey) = &grey {
        if to.is_some() {
            table.fault(&grey.place, "a grey zone goes with reactive_from only");
        }
        if from.as_ref().is_some_and(|from| grey.value >= from.value) {
            table.fault(&grey.place, "the grey zone must begin below reactive_from");
        }
    }
    let falls = from.is_none();
    Some((from.or(to)?.value, falls, grey.map(|grey| grey.value)))
}
