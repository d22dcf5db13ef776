//! Result records that are no results: they say something about all results of their order, or
//! nothing at all.
//!
//! ```text
//! OBR  order                            [[order_flags]]  QCSTATE 2: every result is flagged
//!  OBX   result
//!  OBX   result                         [[overall]]      1/1 RR: the worst of the results must
//!  OBX   QCSTATE, 1/1: of the order                      be reactive too, or all are held
//! ```
//!
//! Refuses conditions on anything but the record itself, a row that every result would be, and a
//! row without a reason why the rest of it may be dismissed.

use super::check;
use super::layout::{conditions, field_path, flag_codes, reason, verdict_words};
use super::path::{Dialect, Path, Scope};
use super::tables::{Condition, Dismissal, FlagCodes, Layout, OrderRow, Role};
use crate::document::Table;

/// Reads `[[order_flags]]`, `[[overall]]` and `[[ignore_record]]`.
pub(super) fn parse(table: &Table<'_>, dialect: Dialect, layout: &mut Layout) {
    for row in table.tables("order_flags") {
        let why = reason(&row);
        let Some((when, path)) = row_place(&row, dialect, layout) else { continue };
        let role = Role::Flags(layout.flags.len());
        layout.flags.push(FlagCodes { of_order: true, ..flag_codes(&row, path) });
        layout.order_rows.push(OrderRow { when, path: path.leaf(), role, why });
    }
    for row in table.tables("overall") {
        let why = reason(&row);
        let Some((when, path)) = row_place(&row, dialect, layout) else { continue };
        let role = Role::Overall(layout.overall.len());
        layout.overall.push(verdict_words(&row));
        layout.order_rows.push(OrderRow { when, path: path.leaf(), role, why });
    }
    for record in table.tables("ignore_record") {
        let why = reason(&record);
        let when = conditions(&record, dialect);
        attached(&record, &when, layout);
        layout.ignored_records.push(Dismissal { when, why });
    }
}

fn row_place(row: &Table<'_>, dialect: Dialect, layout: &Layout) -> Option<(Vec<Condition>, Path)> {
    let when = conditions(row, dialect);
    check::ignored_result(row, &when, layout.result_record);
    let text = row.required_string("path")?;
    let path = field_path(row, &text, dialect)?;
    if path.record != layout.result_record {
        let message = format!("must stand in the result record, {}", layout.result_record);
        row.fault(&text.place, message);
    }
    Some((when, path))
}

/// Only what is attached to something else may be dismissed for its content.
fn attached(table: &Table<'_>, when: &[Condition], layout: &Layout) {
    if when.is_empty() {
        table.fault(&table.place(), "when is missing: every record would be ignored");
    }
    let mut records = when.iter().map(|condition| condition.path.record);
    let first = records.next();
    if records.any(|record| Some(record) != first) {
        table.fault(&table.place(), "when can only look at one record");
    }
    let plan = first.and_then(|record| layout.record(record));
    if plan.is_some_and(|plan| plan.scope != Scope::Attached) {
        table.fault(&table.place(), "when can only look at a record that is attached to another");
    }
}
