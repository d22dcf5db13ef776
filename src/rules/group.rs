//! Blood groups: all results agree with each other and with the group on record, or a person
//! must look. A conflict never goes away by itself: no majority, no latest result.
//!
//! The group of the red cells and what the plasma shows are results of one group. A weak D after a
//! negative RhD is its confirmation and contradicts nothing: the type concluded is positive.

use crate::domain::{Action, Assay, HistoricGroup, Measure, Reading, ReasonCode, RhdType, Verdict};

use super::casefile::{CaseFile, each_once};
use super::content::{CheckRule, Determinations};
use super::determination::{Determination, Standing};
use super::docket::{About, Docket, Open};
use super::place::{Place, place};
use super::question::Judges;
use super::table::{Answers, Row};
use super::{gates, rounds, wording};

/// What the results of one assay say.
#[derive(Default)]
struct Typing<'d, 'f> {
    /// Every group said by a result that counts or is blocked for another reason only.
    said: Vec<(i64, Reading)>,
    /// The results that count since the last one that did not.
    evidence: Vec<i64>,
    /// The latest result, where it does not count.
    open: Option<&'d Determination<'f>>,
    /// Whether there is any result.
    has_run: bool,
}

/// Judges the ABO group.
pub(super) fn abo(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
    let typings = typings(case, check, docket);
    let said: Vec<(i64, Reading)> = said(&typings);
    let is_void = is_void(&typings);
    let results = if differ(&said) {
        place!(Abo, "results", "differ")
    } else if is_void {
        place!(Abo, "results", "void")
    } else {
        place!(Abo, "results", "agree")
    };
    let typed: usize = typings
        .iter()
        .filter(|(assay, _)| *assay != Assay::AboReverse)
        .map(|(_, typing)| typing.evidence.len())
        .sum();
    let determinations = if !is_void && enough(case, check, typed) {
        place!(Abo, "determinations", "enough")
    } else {
        place!(Abo, "determinations", "too_few")
    };
    let history = match on_record(case, check).map(|group| Reading::Abo(group.abo)) {
        None => place!(Abo, "history", "none"),
        Some(group) if said.iter().all(|(_, said)| *said == group) => {
            place!(Abo, "history", "agrees")
        }
        Some(_) => place!(Abo, "history", "differs"),
    };
    let answers = Answers::of(Judges::Abo).put(results).put(determinations).put(history);
    conclude(case, check, &typings, &answers, typed, docket);
}

/// Judges the RhD type.
pub(super) fn rhd(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
    let typings = typings(case, check, docket);
    let said: Vec<(i64, Reading)> = said(&typings);
    let is_void = is_void(&typings);
    let weak = check.confirms.map(|assay| read(assay, case.results(assay)));
    let weak_said: &[(i64, Reading)] = weak.as_ref().map_or(&[], |weak| &weak.said);
    let positive = Reading::Rhd(RhdType::Positive);
    let results = if differ(&said) || differ(weak_said) {
        place!(Rhd, "results", "differ")
    } else if is_void {
        place!(Rhd, "results", "void")
    } else if said.iter().any(|(_, said)| *said == positive) {
        place!(Rhd, "results", "positive")
    } else {
        place!(Rhd, "results", "negative")
    };
    let typed: usize = typings.iter().map(|(_, typing)| typing.evidence.len()).sum();
    let determinations = if !is_void && enough(case, check, typed) {
        place!(Rhd, "determinations", "enough")
    } else {
        place!(Rhd, "determinations", "too_few")
    };
    let is_positive = said.iter().chain(weak_said).any(|(_, said)| *said == positive);
    let concluded = if is_positive { RhdType::Positive } else { RhdType::Negative };
    let history = match on_record(case, check) {
        None => place!(Rhd, "history", "none"),
        Some(_) if said.is_empty() => place!(Rhd, "history", "agrees"),
        Some(group) if group.rhd == concluded => place!(Rhd, "history", "agrees"),
        Some(_) => place!(Rhd, "history", "differs"),
    };
    let answers = Answers::of(Judges::Rhd).put(results).put(determinations).put(history);
    let answers = answers.put(confirmation(weak.as_ref()));
    let mut all = typings;
    if let (Some(assay), Some(weak)) = (check.confirms, weak)
        && weak.has_run
    {
        tell(case, check, assay, docket);
        all.push((assay, weak));
    }
    conclude(case, check, &all, &answers, typed, docket);
}

fn confirmation(weak: Option<&Typing<'_, '_>>) -> Place {
    let Some(weak) = weak.filter(|weak| weak.has_run) else {
        return place!(Rhd, "confirmation", "none");
    };
    let positive = Reading::Rhd(RhdType::Positive);
    if weak.open.is_some() || weak.evidence.is_empty() {
        place!(Rhd, "confirmation", "void")
    } else if weak.said.iter().any(|(_, said)| *said == positive) {
        place!(Rhd, "confirmation", "positive")
    } else {
        place!(Rhd, "confirmation", "negative")
    }
}

type Typings<'d, 'f> = Vec<(Assay, Typing<'d, 'f>)>;

/// The results of every assay of the check that was run.
fn typings<'d, 'f>(
    case: &'d CaseFile<'f>,
    check: &CheckRule,
    docket: &mut Docket,
) -> Typings<'d, 'f> {
    let mut found = Vec::new();
    for assay in each_once(check.evidence.iter().flatten().copied()) {
        let typing = read(assay, case.results(assay));
        if typing.has_run {
            tell(case, check, assay, docket);
            found.push((assay, typing));
        }
    }
    found
}

fn said(typings: &Typings<'_, '_>) -> Vec<(i64, Reading)> {
    let mut said: Vec<_> = typings.iter().flat_map(|(_, typing)| &typing.said).copied().collect();
    said.sort_unstable_by_key(|(id, _)| *id);
    said
}

fn is_void(typings: &Typings<'_, '_>) -> bool {
    typings.iter().all(|(_, typing)| typing.evidence.is_empty())
        || typings.iter().any(|(_, typing)| typing.open.is_some() || typing.evidence.is_empty())
}

fn differ(said: &[(i64, Reading)]) -> bool {
    said.first().is_some_and(|(_, first)| said.iter().any(|(_, group)| group != first))
}

fn wanted(case: &CaseFile<'_>, check: &CheckRule) -> u32 {
    let Determinations { first, repeat } = check.determinations;
    if case.is_first_donation() { first } else { repeat }
}

fn enough(case: &CaseFile<'_>, check: &CheckRule, typed: usize) -> bool {
    u32::try_from(typed).is_ok_and(|typed| typed >= wanted(case, check))
}

fn on_record(case: &CaseFile<'_>, check: &CheckRule) -> Option<HistoricGroup> {
    case.donor().and_then(|donor| donor.historic_group).filter(|_| check.history)
}

/// The group in a result, where it counts or is blocked for another reason only.
fn group(assay: Assay, determination: &Determination<'_>) -> Option<Reading> {
    if matches!(determination.standing, Standing::Void(_)) {
        return None;
    }
    match (determination.observation().reading?, assay.measure()) {
        (group @ Reading::Abo(_), Measure::Abo) | (group @ Reading::Rhd(_), Measure::Rhd) => {
            Some(group)
        }
        (
            Reading::Abo(_)
            | Reading::Rhd(_)
            | Reading::Nonreactive
            | Reading::Reactive
            | Reading::GreyZone
            | Reading::Invalid,
            Measure::Abo | Measure::Rhd | Measure::Marker | Measure::Quantity,
        ) => None,
    }
}

fn read<'d, 'f>(assay: Assay, determinations: &'d [Determination<'f>]) -> Typing<'d, 'f> {
    let mut typing = Typing { has_run: !determinations.is_empty(), ..Typing::default() };
    for (index, determination) in determinations.iter().enumerate() {
        let group = group(assay, determination);
        typing.said.extend(group.map(|group| (determination.id(), group)));
        let corrects_another = determination.is_correction() && index > 0;
        match (group, determination.standing) {
            (Some(_), Standing::Counts) if corrects_another => {}
            (Some(_), Standing::Counts) if !determination.is_correction() => {
                typing.evidence.push(determination.id());
                typing.open = None;
            }
            (Some(_) | None, Standing::Counts | Standing::Blocked | Standing::Void(_)) => {
                typing.evidence.clear();
                typing.open = Some(determination);
            }
        }
    }
    typing
}

/// Tells the circumstances of the results after the last one that counts.
fn tell(case: &CaseFile<'_>, check: &CheckRule, assay: Assay, docket: &mut Docket) {
    let results = case.results(assay);
    let counts =
        |result: &Determination<'_>| result.standing == Standing::Counts && !result.is_correction();
    let after = results.iter().rposition(counts).map_or(0, |last| last + 1);
    let told = results.iter().skip(after);
    let told = told.filter(|result| result.circumstances > Verdict::Releasable);
    let remarked =
        results.iter().filter(|result| result.remarked && result.standing == Standing::Counts);
    gates::tell(case, check, assay, told, remarked, docket);
}

fn conclude(
    case: &CaseFile<'_>,
    check: &CheckRule,
    typings: &Typings<'_, '_>,
    answers: &Answers,
    typed: usize,
    docket: &mut Docket,
) {
    let run: Vec<Assay> = typings.iter().map(|(assay, _)| *assay).collect();
    let lacking = lacking(check, &run);
    if !lacking.is_empty() && case.needs(check) {
        rounds::ask_for(check, &lacking, docket);
    }
    if !run.iter().any(|assay| check.evidence.iter().flatten().any(|known| known == assay)) {
        return;
    }
    let before = docket.against();
    let passed = tell_rows(case, check, typings, answers, typed, docket);
    let is_settled = typings.iter().all(|(_, typing)| typing.open.is_none());
    let evidence: Vec<i64> =
        typings.iter().flat_map(|(_, typing)| &typing.evidence).copied().collect();
    let is_clear = passed && docket.against() == before && is_settled;
    if is_clear && (lacking.is_empty() || !case.needs(check)) && !evidence.is_empty() {
        docket.pass(&check.name, evidence);
    }
}

/// What the evidence that is nearest to complete still lacks.
fn lacking(check: &CheckRule, run: &[Assay]) -> Vec<(Assay, u32)> {
    let lacking = |set: &Vec<Assay>| -> Vec<(Assay, u32)> {
        set.iter().filter(|assay| !run.contains(assay)).map(|assay| (*assay, 0)).collect()
    };
    if let Some(complete) = check.evidence.iter().map(lacking).find(Vec::is_empty) {
        return complete;
    }
    let begun = |set: &&Vec<Assay>| set.iter().filter(|assay| run.contains(assay)).count();
    check.evidence.iter().rev().max_by_key(begun).map(lacking).unwrap_or_default()
}

/// What the table says, each row about the results that it rests on.
fn tell_rows(
    case: &CaseFile<'_>,
    check: &CheckRule,
    typings: &Typings<'_, '_>,
    answers: &Answers,
    typed: usize,
    docket: &mut Docket,
) -> bool {
    let assay = check.evidence.iter().flatten().next().copied();
    let mut behind: Vec<i64> = said(typings).into_iter().map(|(id, _)| id).collect();
    let open = open(typings);
    if let Open::Void(id, ..) = open {
        behind.push(id);
    }
    let about = About { assay, observations: &behind, open, ..About::default() };
    docket.trace.asked(&check.table, answers, &about);
    let Some((verdict, speaks)) = check.table.summary(answers) else {
        docket.gap(&check.table, answers, &about);
        return false;
    };
    if speaks || verdict > Verdict::Releasable {
        docket.tell(&check.table, answers, |docket, row| match (row.then.code, assay) {
            (Some(ReasonCode::Missing), Some(assay)) => {
                miss(case, check, row, assay, typed, docket);
            }
            (Some(_) | None, Some(_) | None) => docket.row(row, answers, &about),
        });
    }
    verdict == Verdict::Releasable
}

/// A determination is missing, or the confirmation of a negative type.
fn miss(
    case: &CaseFile<'_>,
    check: &CheckRule,
    row: &Row,
    assay: Assay,
    typed: usize,
    docket: &mut Docket,
) {
    let confirms = place!(Rhd, "confirmation", "none").question();
    let asks = check.table.judges == Judges::Rhd
        && row.given.iter().any(|(question, _)| *question == confirms);
    let (assay, subject) = match check.confirms.filter(|_| asks) {
        Some(confirms) => (confirms, None),
        None => {
            let next = u32::try_from(typed).unwrap_or(u32::MAX).saturating_add(1);
            let number = next.min(wanted(case, check));
            (assay, Some(wording::numbered_subject(assay, number)))
        }
    };
    let whom = subject.as_deref().unwrap_or_else(|| wording::label(assay));
    let text = format!("{whom}: no result on record (check {})", check.name);
    docket.missing(assay, subject, &row.then.clause, text);
    docket.ask(row.then.next.unwrap_or(Action::Test), Some(assay), None);
}

/// What the latest result that does not count has to say.
fn open(typings: &Typings<'_, '_>) -> Open {
    let Some(result) = typings.iter().find_map(|(_, typing)| typing.open) else {
        return Open::No;
    };
    if result.circumstances > Verdict::Releasable {
        return Open::Told;
    }
    match result.standing {
        Standing::Void(why) => Open::Void(result.id(), ReasonCode::Invalid, why),
        Standing::Counts if result.is_correction() => {
            let why = "the result it corrects is not on record";
            Open::Void(result.id(), ReasonCode::Invalid, why)
        }
        Standing::Counts => Open::Void(result.id(), ReasonCode::Missing, "it names no group"),
        Standing::Blocked => match result.set_aside() {
            Some(why) => Open::Void(result.id(), ReasonCode::Invalid, why),
            None => Open::Told,
        },
    }
}
