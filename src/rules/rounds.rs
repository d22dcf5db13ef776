//! Whether a required check has enough results: every assay of one set of evidence, with as many
//! kits as the check wants, of different makers and run by different people where a table says so.

use crate::domain::{Action, Assay, ReasonCode, Verdict};

use super::casefile::CaseFile;
use super::content::CheckRule;
use super::course::Course;
use super::docket::{About, Docket};
use super::place::{Place, place};
use super::pool::Pools;
use super::question::Judges;
use super::table::Answers;
use super::wording;

type Courses<'c, 'd, 'f> = &'c [(Assay, Course<'d, 'f>)];

/// Judges whether there are enough results; whether there are.
pub(super) fn judge(
    case: &CaseFile<'_>,
    check: &CheckRule,
    courses: Courses<'_, '_, '_>,
    pools: &Pools,
    docket: &mut Docket,
) -> bool {
    let whole = check
        .evidence
        .iter()
        .find(|set| set.iter().all(|assay| counting(courses, *assay) >= u64::from(check.rounds)));
    if !case.needs(check) {
        return true;
    }
    let complete = whole.is_some() || !pools.evidence.is_empty();
    let Some(table) = check.needs.as_deref() else {
        if !complete && !pools.told {
            ask_for(check, &lacking(check, courses), docket);
        }
        return complete;
    };
    let answers = answers(check, courses, whole, complete);
    let behind: Vec<i64> =
        courses.iter().filter_map(|(_, c)| Some(c.first_that_counts()?.id())).collect();
    let assay = check.evidence.iter().flatten().next().copied();
    let about = About { assay, observations: &behind, ..About::default() };
    docket.trace.asked(table, &answers, &about);
    match table.verdict(&answers) {
        None => docket.gap(table, &answers, &about),
        Some(_) => docket.tell(table, &answers, |docket, row| {
            if row.then.code != Some(ReasonCode::Missing) {
                docket.row(row, &answers, &about);
            } else if !pools.told {
                let lacking = lacking(check, courses);
                miss(check, &lacking, row.then.next, &row.then.clause, docket);
            }
        }),
    }
    complete && table.verdict(&answers) == Some(Verdict::Releasable)
}

/// How many kits gave a result of this assay that counts.
fn counting(courses: Courses<'_, '_, '_>, assay: Assay) -> u64 {
    let of_assay = courses.iter().filter(|(of, course)| *of == assay && course.has_result());
    of_assay.map(|_| 1).sum()
}

fn answers(
    check: &CheckRule,
    courses: Courses<'_, '_, '_>,
    whole: Option<&Vec<Assay>>,
    complete: bool,
) -> Answers {
    let any = courses.iter().any(|(_, course)| course.has_result());
    let number = match (complete, any) {
        (true, _) => place!(Rounds, "number", "complete"),
        (false, true) => place!(Rounds, "number", "too_few"),
        (false, false) => place!(Rounds, "number", "none"),
    };
    let (makers, operators) = match (complete || any, check.rounds > 1) {
        (false, _) => {
            (place!(Rounds, "makers", "not_recorded"), place!(Rounds, "operators", "not_recorded"))
        }
        (true, false) => {
            (place!(Rounds, "makers", "different"), place!(Rounds, "operators", "different"))
        }
        (true, true) => (makers(check, courses, whole), operators(check, courses, whole)),
    };
    Answers::of(Judges::Rounds).put(number).put(makers).put(operators)
}

/// What the kits of each assay say of themselves, where they gave a result that counts.
fn each_assay<'d, 'f>(
    check: &CheckRule,
    courses: Courses<'_, 'd, 'f>,
    whole: Option<&Vec<Assay>>,
    ask: impl Fn(&'d super::determination::Determination<'f>) -> Option<&'f str>,
) -> Vec<Vec<Option<&'f str>>> {
    let sets = whole.into_iter().chain(check.evidence.iter().filter(|_| whole.is_none()));
    sets.flatten()
        .map(|assay| {
            let own = courses.iter().filter(|(of, course)| of == assay && course.has_result());
            own.map(|(_, course)| course.first_that_counts().and_then(&ask)).collect()
        })
        .collect()
}

fn makers(check: &CheckRule, courses: Courses<'_, '_, '_>, whole: Option<&Vec<Assay>>) -> Place {
    let makers = each_assay(check, courses, whole, |result| {
        result.recorded.circumstances.kit.as_ref().map(|kit| kit.maker.as_str())
    });
    match makers.iter().map(|makers| spread(makers, check.rounds)).max() {
        Some(Spread::Same) => place!(Rounds, "makers", "same"),
        Some(Spread::Unknown) => place!(Rounds, "makers", "not_recorded"),
        Some(Spread::Different) | None => place!(Rounds, "makers", "different"),
    }
}

fn operators(check: &CheckRule, courses: Courses<'_, '_, '_>, whole: Option<&Vec<Assay>>) -> Place {
    let operators =
        each_assay(check, courses, whole, |result| result.recorded.observation.operator.as_deref());
    match operators.iter().map(|operators| spread(operators, check.rounds)).max() {
        Some(Spread::Same) => place!(Rounds, "operators", "same"),
        Some(Spread::Unknown) => place!(Rounds, "operators", "not_recorded"),
        Some(Spread::Different) | None => place!(Rounds, "operators", "different"),
    }
}

/// Whether names are as many different ones as there are rounds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spread {
    Different,
    Unknown,
    Same,
}

fn spread(names: &[Option<&str>], rounds: u32) -> Spread {
    let known: Vec<&str> = names.iter().copied().flatten().map(str::trim).collect();
    let mut distinct = known.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let wanted = names.len().min(usize::try_from(rounds).unwrap_or(usize::MAX));
    if distinct.len() >= wanted {
        Spread::Different
    } else if distinct.len() < known.len() && known.len() >= wanted {
        Spread::Same
    } else {
        Spread::Unknown
    }
}

/// What the evidence that is nearest to complete still lacks: assays of which nothing is on record
/// with another kit, each with how many kits were seen. What was run and does not count is told
/// where it is judged.
fn lacking(check: &CheckRule, courses: Courses<'_, '_, '_>) -> Vec<(Assay, u32)> {
    let seen = |assay: Assay| {
        let own = courses.iter().filter(|(of, _)| *of == assay).count();
        u32::try_from(own).unwrap_or(u32::MAX)
    };
    let lacking = |set: &Vec<Assay>| -> Vec<(Assay, u32)> {
        let assays = set.iter().map(|assay| (*assay, seen(*assay)));
        assays.filter(|(_, seen)| *seen < check.rounds).collect()
    };
    if let Some(complete) = check.evidence.iter().map(lacking).find(Vec::is_empty) {
        return complete;
    }
    let begun = |set: &&Vec<Assay>| set.iter().filter(|assay| seen(**assay) > 0).count();
    check.evidence.iter().rev().max_by_key(begun).map(lacking).unwrap_or_default()
}

/// Asks for results that are not on record, in the words of the table that judges their number.
pub(super) fn ask_for(check: &CheckRule, lacking: &[(Assay, u32)], docket: &mut Docket) {
    let all = check.evidence.iter().flatten();
    let any = all.clone().any(|assay| !lacking.iter().any(|(missing, _)| missing == assay));
    let number =
        if any { place!(Rounds, "number", "too_few") } else { place!(Rounds, "number", "none") };
    let unknown = place!(Rounds, "makers", "not_recorded");
    let answers = Answers::of(Judges::Rounds).put(number).put(unknown);
    let answers = answers.put(place!(Rounds, "operators", "not_recorded"));
    let about = About { assay: all.clone().next().copied(), ..About::default() };
    let Some(table) = check.needs.as_deref() else {
        return miss(check, lacking, Some(Action::Test), &check.clause, docket);
    };
    docket.trace.asked(table, &answers, &about);
    if table.verdict(&answers).is_none() {
        return docket.gap(table, &answers, &about);
    }
    docket.tell(table, &answers, |docket, row| match row.then.code {
        Some(ReasonCode::Missing) => {
            miss(check, lacking, row.then.next, &row.then.clause, docket);
        }
        Some(_) | None => docket.row(row, &answers, &about),
    });
}

fn miss(
    check: &CheckRule,
    lacking: &[(Assay, u32)],
    next: Option<Action>,
    clause: &str,
    docket: &mut Docket,
) {
    for (assay, seen) in lacking {
        let label = wording::label(*assay);
        let (subject, what) = match *seen {
            0 => (None, format!("{label}: no result on record (check {})", check.name)),
            seen => {
                let number = seen.saturating_add(1);
                let what = format!("{label}: no result of kit {number} (check {})", check.name);
                (Some(wording::numbered_subject(*assay, number)), what)
            }
        };
        docket.missing(*assay, subject, clause, what);
        docket.ask(next.unwrap_or(Action::Test), Some(*assay), None);
    }
}
