//! `[lots]`: when the share of reactive first results of a reagent lot is an alarm.

use rust_decimal::Decimal;

use super::LotAlarm;
use crate::document::{Placed, Table};
use crate::limits;

/// Donations that a lot must have been used for, where the file does not say.
const LEAST_USUAL: i64 = 100;

/// The alarm; `Some(None)` where there is none, `None` where the table is at fault.
pub(super) fn read(root: &Table<'_>) -> Option<Option<LotAlarm>> {
    let Some(table) = root.table("lots") else {
        return (!root.has("lots")).then_some(None);
    };
    let percent = table.decimal("reactive_percent");
    if percent.is_none() && !table.has("reactive_percent") {
        table.fault(&table.place(), "reactive_percent is missing: the share that is an alarm");
    }
    let usual = (!table.has("donations")).then_some(LEAST_USUAL);
    let least = table.integer("donations", 1..=i64::from(limits::LOT_RESULTS));
    let least = least.map(|least| least.value).or(usual);
    let Placed { value: percent, place } = percent?;
    if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        table.fault(&place, "must be from 0 to 100");
        return None;
    }
    Some(Some(LotAlarm { percent, donations: u64::try_from(least?).ok()? }))
}
