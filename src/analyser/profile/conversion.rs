//! `[[conversion]]`: from the unit that an analyser sends to the one that is decided in.
//!
//! Refuses a conversion without both units or without a factor above zero, one into the same unit,
//! and two of one unit for one assay: a number has one meaning.

use super::layout::assays;
use super::tables::Conversion;
use crate::document::Table;

/// Reads every conversion of a layout.
pub(super) fn parse(layout: &Table<'_>) -> Vec<Conversion> {
    let mut known: Vec<Conversion> = Vec::new();
    for table in layout.tables("conversion") {
        let Some(conversion) = conversion(&table) else { continue };
        if let Some(assay) = known.iter().find_map(|other| clash(other, &conversion)) {
            let unit = &conversion.unit;
            table.fault(&table.place(), format!("{unit:?} is already converted for {assay}"));
        }
        known.push(conversion);
    }
    known
}

fn conversion(table: &Table<'_>) -> Option<Conversion> {
    let (unit, to) = (table.required_string("unit"), table.required_string("to"));
    let factor = table.required_exact("factor");
    for text in ["source", "why"] {
        table.string(text);
    }
    let assays = assays(table, |_| None);
    let (unit, to, factor) = (unit?, to?, factor?);
    for name in [&unit, &to] {
        if name.value.trim().is_empty() {
            table.fault(&name.place, "a unit without a name means nothing");
        }
    }
    if unit.value == to.value {
        table.fault(&to.place, "is the unit itself");
    }
    if factor.value.is_sign_negative() || factor.value.is_zero() {
        table.fault(&factor.place, format!("{} is not above zero", factor.value));
    }
    Some(Conversion { assays, unit: unit.value, to: to.value, factor: factor.value })
}

/// The assay whose unit both convert.
fn clash(one: &Conversion, other: &Conversion) -> Option<String> {
    if one.unit != other.unit {
        return None;
    }
    let shared = one.assays.intersection(&other.assays).next().map(ToString::to_string);
    let both = one.assays.is_empty() && other.assays.is_empty();
    shared.or_else(|| both.then(|| "every assay".to_owned()))
}
