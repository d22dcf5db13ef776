//! A check of a marker: every course of testing must pass, and one set of evidence must be there
//! with as many kits as the check wants, or a pool that speaks for the donation.

use crate::domain::{Assay, Reading, Supplemental, Verdict};

use super::casefile::{CaseFile, each_once};
use super::content::CheckRule;
use super::course::{Course, Terms, courses};
use super::determination::{Determination, Standing};
use super::docket::{About, Docket};
use super::place::{Place, place};
use super::question::Judges;
use super::table::Answers;
use super::{core_antibody, gates, pool, rounds};

/// Judges everything that speaks of the markers of a check.
pub(super) fn judge(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
    let terms = Terms { repeats: check.repeats, same_kit: check.same_kit };
    let mut all: Vec<(Assay, Course<'_, '_>)> = Vec::new();
    for assay in each_once(check.evidence.iter().flatten().copied()) {
        let found = courses(case.results(assay), check.rounds, terms);
        all.extend(found.into_iter().map(|course| (assay, course)));
    }
    let mut passed = true;
    for (assay, course) in &all {
        passed &= conclude(case, check, *assay, course, terms, docket);
    }
    let pools = pool::judge(case, check, docket);
    let complete = rounds::judge(case, check, &all, &pools, docket);
    let mut evidence: Vec<i64> = all.iter().flat_map(|(_, course)| course.evidence()).collect();
    evidence.extend(&pools.evidence);
    if passed && pools.passed && complete && !evidence.is_empty() {
        docket.pass(&check.name, evidence);
    }
}

/// One course of testing; whether it passes.
fn conclude(
    case: &CaseFile<'_>,
    check: &CheckRule,
    assay: Assay,
    course: &Course<'_, '_>,
    terms: Terms,
    docket: &mut Docket,
) -> bool {
    let before = docket.against();
    gates::tell(case, check, assay, course.unsettled(), course.remarked(), docket);
    let answers = course.answers(terms).put(donation(case)).put(supplemental(case, assay));
    let answers = match course.initial_id() {
        Some(_) => adverse(case, check, assay, course, answers),
        None => answers,
    };
    let behind = course.behind();
    let about = About {
        assay: Some(assay),
        observations: &behind,
        repeat: course.wanted(terms),
        again: course.last().filter(|_| check.rounds > 1),
        open: course.open(),
        ..About::default()
    };
    let passed = docket.judge(&check.table, &answers, &about);
    passed && docket.against() == before && course.is_settled(terms)
}

fn donation(case: &CaseFile<'_>) -> Place {
    if case.is_autologous() {
        place!(Marker, "donation", "autologous")
    } else {
        place!(Marker, "donation", "allogeneic")
    }
}

/// What a reference laboratory found, whatever was found here.
fn supplemental(case: &CaseFile<'_>, assay: Assay) -> Place {
    match case.supplemental(assay) {
        None => place!(Marker, "supplemental", "none"),
        Some(Supplemental::Negative) => place!(Marker, "supplemental", "negative"),
        Some(Supplemental::Indeterminate) => place!(Marker, "supplemental", "indeterminate"),
        Some(Supplemental::Positive) => place!(Marker, "supplemental", "positive"),
    }
}

/// What is asked of a marker that was reactive once.
fn adverse(
    case: &CaseFile<'_>,
    check: &CheckRule,
    assay: Assay,
    course: &Course<'_, '_>,
    answers: Answers,
) -> Answers {
    let occasion = if case.is_later_occasion(assay) {
        place!(Marker, "occasion", "again")
    } else {
        place!(Marker, "occasion", "first")
    };
    let answers = answers.put(occasion).put(discrimination(case, check, assay, course));
    let anti_hbs = core_antibody::anti_hbs(case, check);
    answers.put(anti_hbs).put(core_antibody::hbv_dna(case))
}

/// What tests found that tell apart what a reactive multiplex test saw, run after it.
fn discrimination(
    case: &CaseFile<'_>,
    check: &CheckRule,
    assay: Assay,
    course: &Course<'_, '_>,
) -> Place {
    let Some(first) = course.initial_id().filter(|_| !check.discriminatory.contains(&assay)) else {
        return place!(Marker, "discrimination", "none");
    };
    let results = check.discriminatory.iter().map(|assay| case.results(*assay));
    let mut found = place!(Marker, "discrimination", "none");
    let mut is_void = false;
    for results in results {
        if results.iter().any(|result| result.id() > first && is_adverse(result)) {
            return place!(Marker, "discrimination", "reactive");
        }
        let Some(last) = last_word(results, first) else { continue };
        is_void |= !is_proof(last);
        found = place!(Marker, "discrimination", "nonreactive");
    }
    if is_void { place!(Marker, "discrimination", "void") } else { found }
}

/// Reactive or in the grey zone, in a result whose adverse side counts.
pub(super) fn is_adverse(result: &Determination<'_>) -> bool {
    !matches!(result.standing, Standing::Void(_)) && reads_adverse(result)
}

/// Reactive or in the grey zone, whether the result counts or not.
pub(super) fn reads_adverse(result: &Determination<'_>) -> bool {
    matches!(result.observation().reading, Some(Reading::Reactive | Reading::GreyZone))
}

/// A result that counts, says nonreactive, and corrects no other.
pub(super) fn is_proof(result: &Determination<'_>) -> bool {
    result.standing == Standing::Counts
        && !result.is_correction()
        && result.observation().reading == Some(Reading::Nonreactive)
}

/// The last of these results that came after another one. A correction that says nonreactive is
/// passed over: it never helps.
pub(super) fn last_word<'d, 'f>(
    results: &'d [Determination<'f>],
    after: i64,
) -> Option<&'d Determination<'f>> {
    let says = |result: &&Determination<'_>| {
        let good = result.observation().reading == Some(Reading::Nonreactive)
            && !matches!(result.standing, Standing::Void(_));
        result.id() > after && !(result.is_correction() && good)
    };
    results.iter().rfind(says)
}

/// Judges markers that only label components.
pub(super) fn label(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
    for assay in each_once(check.evidence.iter().flatten().copied()) {
        let results = case.results(assay);
        let unsettled = results.iter().rev().take_while(|found| found.standing != Standing::Counts);
        let told = unsettled.filter(|found| found.circumstances > Verdict::Releasable);
        gates::tell(case, check, assay, told, std::iter::empty(), docket);
        let answer = match results.last() {
            None => place!(Label, "first", "none"),
            Some(_) if results.iter().any(reads_adverse) => place!(Label, "first", "reactive"),
            Some(_) if last_word(results, 0).is_some_and(is_proof) => {
                place!(Label, "first", "nonreactive")
            }
            Some(_) => place!(Label, "first", "void"),
        };
        let observations: Vec<i64> = results.iter().map(Determination::id).collect();
        let about = About { assay: Some(assay), observations: &observations, ..About::default() };
        let passed = docket.judge(&check.table, &Answers::of(Judges::Label).put(answer), &about);
        if observations.is_empty() && case.needs(check) {
            rounds::ask_for(check, &[(assay, 0)], docket);
        } else if passed && !observations.is_empty() {
            docket.pass(&check.name, observations);
        }
    }
}
