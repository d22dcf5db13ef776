//! A number against a limit. One number above it rejects; a later lower one does not help. A
//! number without a unit of the rule set is no evidence, whatever it is.

use rust_decimal::Decimal;

use crate::domain::{Assay, Observation, ReasonCode, Verdict};

use super::determination::{Bound, Determination, Standing};
use super::docket::Docket;
use super::ruleset::QuantityRule;
use super::wording;

/// What one number says.
enum Finding {
    Within,
    Blocked,
    Above,
    UnitUnknown,
    Empty,
    Void(&'static str),
}

/// Judges the numbers of one assay; the observations that prove it, where it passed.
pub(super) fn judge(
    assay: Assay,
    determinations: &[Determination<'_>],
    rule: &QuantityRule,
    docket: &mut Docket,
) -> Option<Vec<i64>> {
    let mut above = Vec::new();
    let mut within = Vec::new();
    let mut open = None;
    for (index, determination) in determinations.iter().enumerate() {
        let finding = find(determination, rule);
        let corrects_nothing = determination.is_correction() && index == 0;
        match finding {
            Finding::Above => above.push(determination.id()),
            Finding::Within if corrects_nothing => {
                open =
                    Some((Finding::Void("the result it corrects is not on record"), determination));
            }
            Finding::Within if determination.is_correction() => {}
            Finding::Within => {
                within.push(determination.id());
                open = None;
            }
            Finding::Blocked => within.clear(),
            Finding::UnitUnknown | Finding::Empty | Finding::Void(_) => {
                within.clear();
                open = Some((finding, determination));
            }
        }
    }
    let clear = above.is_empty() && open.is_none();
    if !above.is_empty() {
        reject(assay, above, rule, docket);
    }
    if let Some((finding, determination)) = open {
        await_another(assay, &finding, determination, docket);
    }
    (clear && !within.is_empty()).then_some(within)
}

fn find(determination: &Determination<'_>, rule: &QuantityRule) -> Finding {
    let observation = determination.observation();
    if let Standing::Void(why) = determination.standing {
        return Finding::Void(why);
    }
    let Some(number) = observation.number else { return Finding::Empty };
    if !observation.unit.as_deref().is_some_and(|unit| rule.units.iter().any(|u| u == unit.trim()))
    {
        return Finding::UnitUnknown;
    }
    match compare(observation, number, rule) {
        Finding::Within if determination.standing == Standing::Blocked => Finding::Blocked,
        finding => finding,
    }
}

fn compare(observation: &Observation, number: Decimal, rule: &QuantityRule) -> Finding {
    if number.is_sign_negative() && !number.is_zero() {
        return Finding::Void("a negative quantity cannot be");
    }
    match Bound::of(observation) {
        Bound::Exactly if rule.unqualified.fails(number, rule.limit) => Finding::Above,
        Bound::Exactly => Finding::Within,
        Bound::Below if number <= rule.limit => Finding::Within,
        Bound::Above if number >= rule.limit => Finding::Above,
        Bound::Below | Bound::Above | Bound::Unclear => {
            Finding::Void("it does not say on which side of the limit it lies")
        }
    }
}

fn reject(assay: Assay, above: Vec<i64>, rule: &QuantityRule, docket: &mut Docket) {
    let text = format!(
        "{}: unqualified ({} {} {}; {})",
        wording::label(assay),
        rule.unqualified.sign(),
        rule.limit,
        rule.units.first().map_or("", String::as_str),
        wording::observations(&above),
    );
    docket.reason(ReasonCode::AltHigh, Verdict::Reject, Some(assay), above, text);
}

fn await_another(
    assay: Assay,
    finding: &Finding,
    determination: &Determination<'_>,
    docket: &mut Docket,
) {
    let (code, why) = match finding {
        Finding::UnitUnknown => (ReasonCode::UnitUnknown, "its unit is not one of the rule set"),
        Finding::Empty => (ReasonCode::Missing, "it holds no number"),
        Finding::Void(why) => (ReasonCode::Invalid, *why),
        Finding::Within | Finding::Blocked | Finding::Above => return,
    };
    docket.await_another(code, assay, determination.id(), why);
}
