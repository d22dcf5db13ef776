//! Limits of a quantity: from a day on, for a sex, for kinds of donation; exact, with units.

use rust_decimal::Decimal;

use crate::document::Table;
use crate::domain::{DonationKind, Sex};
use crate::limits;

use super::super::content::Limit;
use super::super::question::Judges;
use super::bounded;
use super::known::Known;
use super::words::{named, needed, one};

/// The limits of a check: a quantity has some; a marker may have those that anti-HBs must be above
/// to be an exception.
pub(super) fn read(check: &Table<'_>, known: &Known<'_>, judges: Judges) -> Option<Vec<Limit>> {
    let may_have = matches!(judges, Judges::Quantity | Judges::Marker);
    if !may_have || (judges == Judges::Marker && !check.has("limits")) {
        return Some(Vec::new());
    }
    let tables = check.tables("limits");
    if tables.is_empty() {
        check.fault(&check.place(), "limits must list at least one limit");
    }
    bounded(check, tables.len(), limits::QUANTITY_LIMITS_MAX, "limits");
    let tables = tables.iter().take(limits::QUANTITY_LIMITS_MAX);
    let limits = tables.map(|table| {
        if judges == Judges::Quantity && table.has("within_months") {
            table.fault(&table.place(), "within_months is for anti-HBs beside anti-HBc alone");
        }
        limit(table, known)
    });
    let limits: Vec<Option<Limit>> = limits.collect();
    let limits = limits.into_iter().collect::<Option<Vec<Limit>>>()?;
    let pairs = limits.iter().zip(limits.iter().skip(1));
    if pairs.into_iter().any(|(earlier, later)| later.from < earlier.from) {
        check.fault(
            &check.place(),
            "limits must stand in the order of their days: the last applies",
        );
    }
    Some(limits)
}

fn limit(table: &Table<'_>, known: &Known<'_>) -> Option<Limit> {
    let from = needed(table, "from", table.date("from"));
    let sex = one(table, "sex", Sex::from_id, &Sex::ALL.map(Sex::id));
    let kinds =
        named(table, "kinds", DonationKind::from_id, &DonationKind::ALL.map(DonationKind::id));
    let (above, below) = (number(table, "above", known), number(table, "below", known));
    let or_equal = table.boolean("or_equal").is_some_and(|placed| placed.value);
    let units: Vec<String> = table.strings("units").into_iter().map(|unit| unit.value).collect();
    if units.is_empty() || units.iter().any(|unit| unit.trim().is_empty()) {
        let message = "units must list the units of the limit: a number alone is no limit";
        table.fault(&table.place(), message);
    }
    if !table.has("above") && !table.has("below") {
        table.fault(&table.place(), "above or below is missing");
    }
    if let (Some(above), Some(below)) = (above, below)
        && above <= below
    {
        table.fault(&table.place(), "above must be more than below: nothing lies between");
    }
    let months = table.integer("within_months", 1..=limits::WITHIN_MONTHS_MAX);
    let within_months = months.and_then(|months| u32::try_from(months.value).ok());
    Some(Limit { from: from?.value, sex, kinds, above, below, or_equal, units, within_months })
}

/// A number above zero, or the switch that chooses one.
fn number(table: &Table<'_>, key: &str, known: &Known<'_>) -> Option<Decimal> {
    if table.is_string(key) {
        let read = |word: &str| {
            Decimal::from_str_exact(word).ok().filter(|number| *number > Decimal::ZERO)
        };
        return known.word(table, key, "a decimal number above zero", read);
    }
    let number = table.decimal(key)?;
    if number.value <= Decimal::ZERO {
        table.fault(&number.place, "must be above zero");
    }
    Some(number.value)
}
