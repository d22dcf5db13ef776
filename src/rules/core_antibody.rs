//! What may excuse a reactive hepatitis B core antibody: enough antibody to the surface antigen,
//! and HBV DNA not found in this donation alone.

use jiff::Span;

use crate::domain::Assay;

use super::casefile::CaseFile;
use super::content::CheckRule;
use super::determination::Determination;
use super::marker::{is_adverse, is_proof, last_word};
use super::place::{Place, place};
use super::quantity;

/// Whether anti-HBs is above the limit of the check. One number that is not counts for ever.
pub(super) fn anti_hbs(case: &CaseFile<'_>, check: &CheckRule) -> Place {
    let mut found = place!(Marker, "anti_hbs", "none");
    if check.limits.is_empty() {
        return found;
    }
    for result in case.results(Assay::AntiHbs) {
        match quantity::find(case, check, result) {
            quantity::Finding::Above if is_too_old(case, check, result) => {
                found = place!(Marker, "anti_hbs", "not_enough");
            }
            quantity::Finding::Above => found = place!(Marker, "anti_hbs", "enough"),
            quantity::Finding::Within | quantity::Finding::Below => {
                return place!(Marker, "anti_hbs", "not_enough");
            }
            quantity::Finding::Blocked
            | quantity::Finding::UnitUnknown
            | quantity::Finding::LimitUnknown
            | quantity::Finding::Empty
            | quantity::Finding::Void(_) => found = place!(Marker, "anti_hbs", "none"),
        }
    }
    found
}

/// Whether it was found longer before the donation than the check allows; by the strictest of its
/// limits. What is of no known day was sent for this donation.
fn is_too_old(case: &CaseFile<'_>, check: &CheckRule, result: &Determination<'_>) -> bool {
    let months = check.limits.iter().filter_map(|limit| limit.within_months).min();
    let found = result.observation().completed_at.map(|time| time.civil.date());
    let (Some(months), Some(found), Some(collected)) = (months, found, case.collected_on()) else {
        return false;
    };
    let first = Span::new().try_months(-i64::from(months)).map(|span| collected.checked_add(span));
    !matches!(first, Ok(Ok(first)) if found >= first)
}

/// What HBV DNA says of this donation, tested singly.
pub(super) fn hbv_dna(case: &CaseFile<'_>) -> Place {
    let results = case.results(Assay::HbvDna);
    if results.iter().chain(case.results(Assay::Nat)).any(is_adverse) {
        return place!(Marker, "hbv_dna", "reactive");
    }
    match last_word(results, 0) {
        Some(last) if is_proof(last) => place!(Marker, "hbv_dna", "nonreactive"),
        Some(_) | None => place!(Marker, "hbv_dna", "none"),
    }
}
