//! Sentences about racks, messages that could not be read, and what two people agree on.

use super::super::grammar::Found;
use super::super::sentence::{AccordSaying, Corrected, Sentence};
use super::donation::group;
use super::results::which;
use super::{Form, answer, test};
use crate::domain::Judgement;

const fn form(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: fn(&Found) -> Result<Sentence, String>,
) -> Form {
    Form { topic: "Racks, and what two people agree on", pattern, example, says, meaning }
}

fn said(saying: AccordSaying) -> Result<Sentence, String> {
    Ok(Sentence::Accord(saying))
}

fn word(found: &Found, at: usize) -> Result<String, String> {
    found.words.get(at).cloned().ok_or_else(|| "a name is missing".to_owned())
}

fn kit(found: &Found) -> Result<char, String> {
    found.kit.ok_or_else(|| "a kit is missing".to_owned())
}

fn people(found: &Found, at: usize) -> Result<[String; 2], String> {
    Ok([word(found, at)?, word(found, at + 1)?])
}

pub(super) const FORMS: &[Form] = &[
    form(
        "proposed by <word> [to] amend <code> [of <assay>]",
        "proposed by Li: amend REPEAT_REACTIVE of HBsAg",
        "Somebody proposes that this reason no longer keeps the donation back, as it stands now: \
         with every result of the assay that is on record here.",
        |found| {
            let code = found.code.ok_or("a reason code is missing")?;
            said(AccordSaying::Amend(word(found, 0)?, code, found.assay))
        },
    ),
    form(
        "proposed by <word> [to] correct day of collection to <date>",
        "proposed by Li: correct the day of collection to 2026-11-30",
        "Somebody proposes that the registration should have said so.",
        |found| {
            let date = found.date.ok_or("a date is missing")?;
            said(AccordSaying::Correct(word(found, 0)?, Corrected::CollectedOn(date)))
        },
    ),
    form(
        "proposed by <word> [to] correct history to <group> <reading>",
        "proposed by Li: correct the history to A positive",
        "The same of the group on record from earlier donations.",
        |found| {
            let group = Corrected::History(group(found)?);
            said(AccordSaying::Correct(word(found, 0)?, group))
        },
    ),
    form(
        "proposed by <word> [to] correct donor to [not] deferred",
        "proposed by Li: correct the donor to not deferred",
        "The same of the donor; that a donor is deferred is never corrected away.",
        |found| {
            let deferred = Corrected::Deferred(!found.says("not"));
            said(AccordSaying::Correct(word(found, 0)?, deferred))
        },
    ),
    form("agreed by <word>", "agreed by Wang", "Somebody agrees to the last proposal.", |found| {
        said(AccordSaying::Agreed(word(found, 0)?))
    }),
    form(
        "turned down by <word>",
        "turned down by Wang",
        "Somebody turns the last proposal down.",
        |found| said(AccordSaying::TurnedDown(word(found, 0)?)),
    ),
    form(
        "tube stood in loading <word> [all [along]]",
        "tube stood in loading L1",
        "It was put into that loading of a rack before its first result.",
        |found| said(AccordSaying::Stands(word(found, 0)?, true)),
    ),
    form(
        "tube [was] put into loading <word>",
        "tube put into loading L2",
        "It stands in that loading of a rack from here on: results told later come from there.",
        |found| said(AccordSaying::Stands(word(found, 0)?, false)),
    ),
    form(
        "analyser of kit <kit> reported [tubes] [of] loading <word> [at] other places",
        "analyser of kit A reported loading L1 at other places",
        "Not the places of its manifest: the rack is in doubt for that analyser.",
        |found| said(AccordSaying::InDoubt(word(found, 0)?, kit(found)?)),
    ),
    form(
        "tubes of loading <word> [were] identified for kit <kit> by <word> and <word>",
        "tubes of loading L1 were identified for kit A by Li and Wang",
        "One proposed and the other agreed that what was reported belongs to its tubes.",
        |found| {
            let (loading, people) = (word(found, 0)?, people(found, 1)?);
            said(AccordSaying::Identified(loading, kit(found)?, people))
        },
    ),
    form(
        "all tests of kit <kit> done again",
        "all tests of kit A done again",
        "Each first result of the kit comes once more, from a run of its own.",
        |found| said(AccordSaying::AllAgain(kit(found)?)),
    ),
    form(
        "message of <result> [was] ( accepted | rejected | read again ) by <word> and <word>",
        "message of HBsAg kit A was accepted by Li and Wang",
        "One proposed and the other agreed what becomes of a message of which something was not \
         understood.",
        |found| {
            let which = Some(which(found)?);
            said(AccordSaying::Judged(which, judgement(found), people(found, 0)?))
        },
    ),
    form(
        "unread message [was] ( accepted | rejected | read again ) by <word> and <word>",
        "unread message was rejected by Li and Wang",
        "The same of every message that could not be read at all.",
        |found| said(AccordSaying::Judged(None, judgement(found), people(found, 0)?)),
    ),
    form(
        "second reading of <test> [is|says] <reading>",
        "second reading of HBsAg kit A is nonreactive",
        "The same bytes as of its last result, in a message of their own and understood.",
        |found| said(AccordSaying::SecondReading(test(found)?, answer(found, 0)?)),
    ),
];

fn judgement(found: &Found) -> Judgement {
    match (found.says("accepted"), found.says("rejected")) {
        (true, _) => Judgement::Accepted,
        (false, true) => Judgement::Rejected,
        (false, false) => Judgement::ReadAgain,
    }
}
