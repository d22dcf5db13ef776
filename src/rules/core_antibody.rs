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

/// Whether anti-HBs is above the limit of the check, in a number that is not too old. One number
/// that is not above it counts for ever.
pub(super) fn anti_hbs(case: &CaseFile<'_>, check: &CheckRule) -> Place {
    let mut found = AntiHbs::None;
    for result in case.results(Assay::AntiHbs).iter().filter(|_| !check.limits.is_empty()) {
        found = match (quantity::find(case, check, result), found) {
            (quantity::Finding::Within | quantity::Finding::Below, _) => {
                return place!(Marker, "anti_hbs", "not_enough");
            }
            (quantity::Finding::Above, _) if is_recent(case, check, result) => AntiHbs::Enough,
            (quantity::Finding::Above, AntiHbs::None | AntiHbs::TooOld) => AntiHbs::TooOld,
            (quantity::Finding::Above, AntiHbs::Enough) => AntiHbs::Enough,
            (
                quantity::Finding::Blocked
                | quantity::Finding::UnitUnknown
                | quantity::Finding::LimitUnknown
                | quantity::Finding::Empty
                | quantity::Finding::Void(_),
                _,
            ) => AntiHbs::None,
        };
    }
    match found {
        AntiHbs::None => place!(Marker, "anti_hbs", "none"),
        AntiHbs::TooOld => place!(Marker, "anti_hbs", "not_enough"),
        AntiHbs::Enough => place!(Marker, "anti_hbs", "enough"),
    }
}

/// What the numbers say so far.
#[derive(Clone, Copy)]
enum AntiHbs {
    None,
    TooOld,
    Enough,
}

/// Whether a number was measured so short before collection, or after it, that it counts. One of
/// which nobody says when it was measured does not.
fn is_recent(case: &CaseFile<'_>, check: &CheckRule, result: &Determination<'_>) -> bool {
    let (Some(collected), Some(measured)) =
        (case.collected_on(), result.observation().completed_at.map(|time| time.civil.date()))
    else {
        return false;
    };
    let limit = check.limits.iter().rfind(|limit| limit.from <= collected);
    let months = limit.and_then(|limit| limit.within_months).unwrap_or_default();
    let oldest = Span::new().try_months(months).and_then(|months| collected.checked_sub(months));
    oldest.is_ok_and(|oldest| measured >= oldest)
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
