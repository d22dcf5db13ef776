//! Numbers against limits: the verdict where the analyser sends none, a check where it does.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::profile::tables::{Layout, Threshold};
use super::number::Quantity;
use crate::domain::{Assay, Concern, Effect, Reading};

/// What is asked about one result.
pub(super) struct Question<'q> {
    /// The marker; `None` where the assay is no marker or not known.
    pub(super) assay: Option<Assay>,
    pub(super) quantity: Option<Quantity>,
    pub(super) unit: &'q str,
    pub(super) on: Option<Date>,
}

/// The reading, and what is wrong with it.
pub(super) fn reading(
    layout: &Layout,
    question: &Question<'_>,
    stated: Option<Reading>,
) -> (Option<Reading>, Option<Concern>) {
    if layout.verdicts.is_empty() {
        return by_number(layout, question);
    }
    (stated, stated.and_then(|stated| conflict(layout, question, stated)))
}

/// Why a quantity cannot be compared with a limit from above; `None` where it can, or where it
/// says only that there is very little.
pub(super) const fn beyond_scale(quantity: Option<Quantity>) -> Option<&'static str> {
    match quantity {
        None => Some("is not a number"),
        Some(Quantity::Above(_)) => Some("is beyond the analyser's scale"),
        Some(Quantity::Exactly(_) | Quantity::Below(_)) => None,
    }
}

fn by_number(layout: &Layout, question: &Question<'_>) -> (Option<Reading>, Option<Concern>) {
    let threshold = applicable(layout, question);
    let reading =
        threshold.zip(question.quantity).and_then(|(limits, quantity)| compare(limits, quantity));
    let known = |assay| layout.thresholds.iter().any(|limits| limits.assays.contains(&assay));
    let other_unit = threshold.is_none() && question.assay.is_some_and(known);
    let concern = other_unit.then(|| Concern {
        code: "UNIT_UNKNOWN".to_owned(),
        effect: Effect::Invalidates,
        text: format!("the profile has no threshold for the unit {:?} at that date", question.unit),
    });
    (reading, concern)
}

fn conflict(layout: &Layout, question: &Question<'_>, stated: Reading) -> Option<Concern> {
    let limits = applicable(layout, question)?;
    let computed = compare(limits, question.quantity?)?;
    let contradicts = match stated {
        Reading::Nonreactive | Reading::Reactive => computed != stated,
        Reading::GreyZone => limits.grey_from.is_some() && computed != stated,
        Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => false,
    };
    contradicts.then(|| Concern {
        code: "VALUE_TEXT_CONFLICT".to_owned(),
        effect: Effect::Holds,
        text: format!(
            "the analyser says {}, its number says {} (reactive {} {} {})",
            stated.id(),
            computed.id(),
            if limits.falls { "up to" } else { "from" },
            limits.reactive_from,
            limits.unit
        ),
    })
}

/// The threshold in force: one that names the assay before one for all, the latest that began
/// by the day of the result (by now, where the analyser sent no time).
fn applicable<'l>(layout: &'l Layout, question: &Question<'_>) -> Option<&'l Threshold> {
    let assay = question.assay?;
    let in_force = |limits: &&Threshold| {
        limits.unit == question.unit && question.on.is_none_or(|day| limits.since <= day)
    };
    let mut latest_first = layout.thresholds.iter().rev().filter(in_force);
    let own = latest_first.clone().find(|limits| limits.assays.contains(&assay));
    own.or_else(|| latest_first.find(|limits| limits.assays.is_empty()))
}

/// What a quantity says; `None` where a limit like `< 20` could lie on either side.
fn compare(limits: &Threshold, quantity: Quantity) -> Option<Reading> {
    let reactive = limits.reactive_from;
    match limits.falls {
        false => rising(reactive, limits.grey_from.unwrap_or(reactive), quantity),
        true => falling(reactive, quantity),
    }
}

fn rising(reactive: Decimal, lowest: Decimal, quantity: Quantity) -> Option<Reading> {
    match quantity {
        Quantity::Exactly(number) if number >= reactive => Some(Reading::Reactive),
        Quantity::Exactly(number) if number >= lowest => Some(Reading::GreyZone),
        Quantity::Exactly(_) => Some(Reading::Nonreactive),
        Quantity::Below(number) => (number <= lowest).then_some(Reading::Nonreactive),
        Quantity::Above(number) => (number >= reactive).then_some(Reading::Reactive),
    }
}

/// A competitive assay: the more there is, the lower the number.
fn falling(reactive: Decimal, quantity: Quantity) -> Option<Reading> {
    match quantity {
        Quantity::Exactly(number) if number <= reactive => Some(Reading::Reactive),
        Quantity::Exactly(_) => Some(Reading::Nonreactive),
        Quantity::Below(number) => (number <= reactive).then_some(Reading::Reactive),
        Quantity::Above(number) => (number >= reactive).then_some(Reading::Nonreactive),
    }
}
