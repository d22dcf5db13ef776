//! Blood groups: all results agree with each other and with the group on record, or a person
//! must look. A conflict never goes away by itself: no majority, no latest result.

use crate::domain::{Assay, Facts, HistoricGroup, Reading, ReasonCode, Verdict};

use super::determination::{Determination, Standing};
use super::docket::Docket;
use super::ruleset::GroupRule;
use super::wording;

/// Judges the groups of one assay; the observations that prove it, where it passed.
pub(super) fn judge(
    assay: Assay,
    determinations: &[Determination<'_>],
    rule: GroupRule,
    facts: &Facts,
    docket: &mut Docket,
) -> Option<Vec<i64>> {
    let typed: Vec<(i64, Reading)> =
        determinations.iter().filter_map(|d| Some((d.id(), group(assay, d)?))).collect();
    let agreed = agree(assay, &typed, docket);
    let confirmed = !rule.compare_history || agree_with_history(assay, &typed, facts, docket);
    let evidence = evidence(assay, determinations, docket);
    evidence.filter(|_| agreed && confirmed)
}

/// The group in a result, where it counts or is blocked for another reason only.
fn group(assay: Assay, determination: &Determination<'_>) -> Option<Reading> {
    if matches!(determination.standing, Standing::Void(_)) {
        return None;
    }
    match determination.observation().reading? {
        group @ Reading::Abo(_) if assay == Assay::Abo => Some(group),
        group @ Reading::Rhd(_) if assay == Assay::Rhd => Some(group),
        Reading::Abo(_)
        | Reading::Rhd(_)
        | Reading::Nonreactive
        | Reading::Reactive
        | Reading::GreyZone
        | Reading::Invalid => None,
    }
}

fn agree(assay: Assay, typed: &[(i64, Reading)], docket: &mut Docket) -> bool {
    let Some((_, first)) = typed.first() else { return true };
    if typed.iter().all(|(_, group)| group == first) {
        return true;
    }
    let ids: Vec<i64> = typed.iter().map(|(id, _)| *id).collect();
    let label = wording::label(assay);
    let text = format!("{label}: results differ ({})", wording::observations(&ids));
    let is_rhd = assay == Assay::Rhd;
    let code = if is_rhd { ReasonCode::RhdDiscrepancy } else { ReasonCode::AboDiscrepancy };
    docket.reason(code, Verdict::Hold, Some(assay), ids, text);
    docket.review(Some(assay));
    false
}

fn agree_with_history(
    assay: Assay,
    typed: &[(i64, Reading)],
    facts: &Facts,
    docket: &mut Docket,
) -> bool {
    let Some(history) = facts.registration.as_ref().and_then(|r| r.donor.historic_group) else {
        return true;
    };
    let (on_record, code) = on_record(assay, history);
    let ids: Vec<i64> =
        typed.iter().filter(|(_, group)| *group != on_record).map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return true;
    }
    let (label, found) = (wording::label(assay), wording::observations(&ids));
    let text = format!("{label}: not the group on record, {} ({found})", on_record.id());
    docket.reason(code, Verdict::Hold, Some(assay), ids, text);
    docket.review(Some(assay));
    false
}

fn on_record(assay: Assay, history: HistoricGroup) -> (Reading, ReasonCode) {
    if assay == Assay::Rhd {
        return (Reading::Rhd(history.rhd), ReasonCode::RhdHistoryMismatch);
    }
    (Reading::Abo(history.abo), ReasonCode::AboHistoryMismatch)
}

/// The results that count since the last one that did not.
fn evidence(
    assay: Assay,
    determinations: &[Determination<'_>],
    docket: &mut Docket,
) -> Option<Vec<i64>> {
    let mut ids = Vec::new();
    let mut open = None;
    for (index, determination) in determinations.iter().enumerate() {
        let corrects_another = determination.is_correction() && index > 0;
        match (group(assay, determination), determination.standing) {
            (Some(_), Standing::Counts) if corrects_another => {}
            (Some(_), Standing::Counts) if !determination.is_correction() => {
                ids.push(determination.id());
                open = None;
            }
            (Some(_), Standing::Blocked) => ids.clear(),
            (Some(_) | None, Standing::Counts | Standing::Blocked | Standing::Void(_)) => {
                ids.clear();
                open = Some(determination);
            }
        }
    }
    if let Some(determination) = open {
        await_another(assay, determination, docket);
        return None;
    }
    (!ids.is_empty()).then_some(ids)
}

fn await_another(assay: Assay, determination: &Determination<'_>, docket: &mut Docket) {
    let (code, why) = match determination.standing {
        Standing::Void(why) => (ReasonCode::Invalid, why),
        Standing::Counts | Standing::Blocked if determination.is_correction() => {
            (ReasonCode::Invalid, "the result it corrects is not on record")
        }
        Standing::Counts | Standing::Blocked => (ReasonCode::Missing, "it names no group"),
    };
    docket.await_another(code, assay, determination.id(), why);
}
