//! A number against its limits. One number outside decides for ever; a later one inside does not
//! help. A number without a unit of the rule set is no evidence, whatever it is, and nothing is
//! rounded. Where it is not known which limit applies, all that may must say the same.

use rust_decimal::Decimal;

use crate::domain::{Assay, Observation, ReasonCode, Verdict};

use super::casefile::{CaseFile, each_once};
use super::content::{CheckRule, Limit};
use super::determination::{Bound, Determination, Standing};
use super::docket::{About, Docket, Open};
use super::place::place;
use super::question::Judges;
use super::table::Answers;
use super::{gates, rounds};

/// What one number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    Within,
    Blocked,
    Below,
    Above,
    UnitUnknown,
    LimitUnknown,
    Empty,
    Void(&'static str),
}

/// The numbers of one assay so far.
#[derive(Default)]
struct Numbers<'d, 'f> {
    within: Vec<i64>,
    below: Vec<i64>,
    above: Vec<i64>,
    open: Option<(Finding, &'d Determination<'f>)>,
}

/// Judges the numbers of a check.
pub(super) fn judge(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
    let mut evidence = Vec::new();
    let mut lacking = Vec::new();
    let mut passed = true;
    for assay in each_once(check.evidence.iter().flatten().copied()) {
        let results = case.results(assay);
        if results.is_empty() {
            lacking.push((assay, 0));
            continue;
        }
        let mut numbers = Numbers::default();
        for (index, result) in results.iter().enumerate() {
            numbers.take(find(case, check, result), result, index == 0);
        }
        let before = docket.against();
        tell(case, check, assay, docket);
        passed &= numbers.conclude(check, assay, docket) && docket.against() == before;
        evidence.extend(numbers.within);
    }
    let is_whole = |set: &Vec<Assay>| set.iter().all(|assay| !lacking.contains(&(*assay, 0)));
    let complete = check.evidence.iter().any(is_whole);
    if !complete && case.needs(check) {
        return rounds::ask_for(check, &lacking, docket);
    }
    if passed && !evidence.is_empty() {
        docket.pass(&check.name, evidence);
    }
}

/// Tells the circumstances of the results after the last one that counts.
fn tell(case: &CaseFile<'_>, check: &CheckRule, assay: Assay, docket: &mut Docket) {
    let results = case.results(assay);
    let counts =
        |result: &Determination<'_>| result.standing == Standing::Counts && !result.is_correction();
    let after = results.iter().rposition(counts).map_or(0, |last| last + 1);
    let unsettled = results.iter().skip(after);
    let told = unsettled.filter(|result| result.circumstances > Verdict::Releasable);
    let remarked =
        results.iter().filter(|result| result.remarked && result.standing == Standing::Counts);
    gates::tell(case, check, assay, told, remarked, docket);
}

impl<'d, 'f> Numbers<'d, 'f> {
    fn take(&mut self, finding: Finding, result: &'d Determination<'f>, is_first: bool) {
        match finding {
            Finding::Above => self.above.push(result.id()),
            Finding::Below => self.below.push(result.id()),
            Finding::Within if result.is_correction() && is_first => {
                let why = "the result it corrects is not on record";
                self.open = Some((Finding::Void(why), result));
            }
            Finding::Within if result.is_correction() => {}
            Finding::Within => {
                self.within.push(result.id());
                self.open = None;
            }
            Finding::Blocked
            | Finding::UnitUnknown
            | Finding::LimitUnknown
            | Finding::Empty
            | Finding::Void(_) => {
                self.within.clear();
                self.open = Some((finding, result));
            }
        }
    }

    /// Whether the numbers pass.
    fn conclude(&self, check: &CheckRule, assay: Assay, docket: &mut Docket) -> bool {
        let open_id = self.open.map(|(_, result)| result.id());
        let (value, behind) = match self.open.map(|(finding, _)| finding) {
            _ if !self.above.is_empty() => (place!(Quantity, "value", "above"), &self.above),
            _ if !self.below.is_empty() => (place!(Quantity, "value", "below"), &self.below),
            Some(Finding::UnitUnknown) => (place!(Quantity, "value", "unit_unknown"), &self.within),
            Some(Finding::LimitUnknown) => {
                (place!(Quantity, "value", "limit_unknown"), &self.within)
            }
            Some(_) => (place!(Quantity, "value", "void"), &self.within),
            None if self.within.is_empty() => (place!(Quantity, "value", "void"), &self.within),
            None => (place!(Quantity, "value", "within"), &self.within),
        };
        let mut behind: Vec<i64> = behind.clone();
        let is_outside = !(self.above.is_empty() && self.below.is_empty());
        behind.extend(open_id.filter(|_| !is_outside));
        let open = if is_outside { Open::No } else { self.open() };
        let about = About { assay: Some(assay), observations: &behind, open, ..About::default() };
        docket.judge(&check.table, &Answers::of(Judges::Quantity).put(value), &about)
    }

    /// What the latest number has to say where it does not count.
    fn open(&self) -> Open {
        let Some((finding, result)) = self.open else { return Open::No };
        if result.circumstances > Verdict::Releasable {
            return Open::Told;
        }
        match finding {
            Finding::Blocked => match result.set_aside() {
                Some(why) => Open::Void(result.id(), ReasonCode::Invalid, why),
                None => Open::Told,
            },
            Finding::Empty => Open::Void(result.id(), ReasonCode::Missing, "it holds no number"),
            Finding::Void(why) => Open::Void(result.id(), ReasonCode::Invalid, why),
            Finding::Within
            | Finding::Below
            | Finding::Above
            | Finding::UnitUnknown
            | Finding::LimitUnknown => Open::No,
        }
    }
}

/// What one number says against the limits of a check.
pub(super) fn find(
    case: &CaseFile<'_>,
    check: &CheckRule,
    determination: &Determination<'_>,
) -> Finding {
    let observation = determination.observation();
    if let Standing::Void(why) = determination.standing {
        return Finding::Void(why);
    }
    let Some(number) = observation.number else { return Finding::Empty };
    let unit = observation.unit.as_deref().map(str::trim);
    let mut said: Option<Finding> = None;
    for limit in applying(case, check) {
        let in_unit = unit.and_then(|unit| limit.in_unit(unit, &check.limits));
        let finding = match in_unit {
            Some(limit) => compare(observation, number, limit),
            None => Finding::UnitUnknown,
        };
        match said {
            Some(earlier) if earlier != finding => return Finding::LimitUnknown,
            Some(_) | None => said = Some(finding),
        }
    }
    match said {
        None => Finding::LimitUnknown,
        Some(Finding::Within) if determination.standing == Standing::Blocked => Finding::Blocked,
        Some(finding) => finding,
    }
}

/// The limits that may apply: one, where everything is known that it depends on.
fn applying<'c>(case: &CaseFile<'_>, check: &'c CheckRule) -> Vec<&'c Limit> {
    let details = case.details.cloned().unwrap_or_default();
    let sexes = match details.sex {
        Some(sex) => vec![Some(sex)],
        None if check.limits.iter().any(|limit| limit.sex.is_some()) => {
            crate::domain::Sex::ALL.map(Some).to_vec()
        }
        None => vec![None],
    };
    let mut found: Vec<&Limit> = Vec::new();
    for sex in sexes {
        let of = |limit: &&Limit| match case.collected_on() {
            Some(collected) => limit.applies(collected, sex, details.kind),
            None => limit.applies(limit.from, sex, details.kind),
        };
        let mut fitting = check.limits.iter().filter(of);
        match case.collected_on() {
            Some(_) => found.extend(fitting.next_back()),
            None => found.extend(fitting),
        }
    }
    found
}

fn compare(observation: &Observation, number: Decimal, limit: &Limit) -> Finding {
    if number.is_sign_negative() && !number.is_zero() {
        return Finding::Void("a negative quantity cannot be");
    }
    let above = limit.above.map(|most| (most, number > most || (limit.or_equal && number == most)));
    let below =
        limit.below.map(|least| (least, number < least || (limit.or_equal && number == least)));
    let unclear = Finding::Void("it does not say on which side of the limit it lies");
    match Bound::of(observation) {
        Bound::Exactly if above.is_some_and(|(_, outside)| outside) => Finding::Above,
        Bound::Exactly if below.is_some_and(|(_, outside)| outside) => Finding::Below,
        Bound::Exactly => Finding::Within,
        // The value lies below the number, however near.
        Bound::Below => match (above, below) {
            (_, Some((least, _))) if number <= least => Finding::Below,
            (Some((most, _)), None) if number <= most => Finding::Within,
            (Some(_) | None, Some(_) | None) => unclear,
        },
        Bound::Above => match (above, below) {
            (Some((most, _)), _) if number >= most => Finding::Above,
            (None, Some((least, _))) if number >= least => Finding::Within,
            (Some(_) | None, Some(_) | None) => unclear,
        },
        Bound::Unclear => unclear,
    }
}
