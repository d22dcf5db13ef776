//! Results that only sum up others: dismissed where these stand in the same order, as the reader
//! does it.

use super::super::super::profile::{RecordName, Scope};
use super::super::context;
use super::super::gather::{Level, Planned, TestCode};
use super::super::interpret::Context;
use crate::codec::Record;

/// Why the record at a place is dismissed for what stands beside it, if it is.
pub(super) fn dismissal<'r>(
    context: &Context<'r>,
    records: &[Record<'_>],
    at: usize,
) -> Option<&'r str> {
    let rule = context::ignored(context, *records.get(at)?).filter(|rule| rule.beside > 0)?;
    let own = code(context, *records.get(at)?)?;
    let (before, behind) = records.split_at_checked(at)?;
    let goes_on = |record: &&Record<'_>| is_of_order(context, **record);
    let of_order = before.iter().rev().take_while(goes_on).chain(behind.iter().take_while(goes_on));
    let stands_for_itself = |record: &Record<'_>| context::ignored(context, *record).is_none();
    let others = of_order.filter(|record| stands_for_itself(record));
    let others = others.filter(|record| code(context, **record) == Some(own)).count();
    (others >= rule.beside).then_some(rule.why.as_str())
}

/// Whether a record does not begin something else.
fn is_of_order(context: &Context<'_>, record: Record<'_>) -> bool {
    let plan = RecordName::of(record.name()).and_then(|name| context.layout.record(name));
    plan.is_some_and(|plan| match plan.scope {
        Scope::Result | Scope::Attached | Scope::OrderPart => true,
        Scope::Message
        | Scope::Patient
        | Scope::Specimen
        | Scope::Container
        | Scope::Order
        | Scope::OrderControl
        | Scope::Query
        | Scope::Reply => false,
    })
}

/// The code of a result; `None` where the record is none.
fn code<'m>(context: &Context<'_>, record: Record<'m>) -> Option<TestCode<'m>> {
    let plan = context.layout.record(RecordName::of(record.name())?)?;
    if plan.name != context.layout.result_record {
        return None;
    }
    let mut level = Level::default();
    let planned = Planned { plan, record, index: 0, delimiters: context.delimiters };
    level.take(planned);
    Some(level.test_code())
}
