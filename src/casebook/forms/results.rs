//! Sentences about results.

use super::super::grammar::Found;
use super::super::sentence::{Answer, Condition, Earlier, Gone, Repeats, Sentence, Test, Which};
use super::super::words::Saying;
use super::{Form, answer, saying, test};

const RESULTS: &str = "Results";

const fn form(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: fn(&Found) -> Result<Sentence, String>,
) -> Form {
    Form { topic: RESULTS, pattern, example, says, meaning }
}

pub(super) const FORMS: &[Form] = &[
    form(
        "<test> [is|was|were] ( repeat reactive|positive | repeatedly reactive|positive )",
        "anti-HCV kit A is repeat reactive",
        "Reactive first, and in both repeats. Of a result that is reactive already: in a repeat.",
        |found| Ok(Sentence::RepeatReactive(test(found)?)),
    ),
    form(
        "<test> [first|initial] [test|result|results|determination] [is|was|reads|tests] \
         [initially] <reading> [once]",
        "HBsAg kit A is reactive",
        "The first result of a test. Replaces what the baseline says of it. Without a kit: the \
         first kit on record, for ABO and RhD all of them.",
        |found| Ok(Sentence::Result(test(found)?, answer(found, 0)?)),
    ),
    form(
        "<test> [S/CO|COI|ratio|value|level|result] [is|was|reads] <amount> [with] [<reading>] \
         [ <n> months ago ]",
        "anti-HCV kit A is 0.92 S/CO, grey zone",
        "The same by a number. Without a word a marker is reactive from 1.0 on, unless a grey \
         zone was told.",
        |found| Ok(Sentence::Result(test(found)?, answer(found, 0)?)),
    ),
    form(
        "ABO forward [is] <group> [and|but] [ABO] reverse [is] <group>",
        "ABO forward is A, reverse is B",
        "Forward and reverse typing.",
        |found| match found.readings.as_slice() {
            [Saying::Group(forward), Saying::Group(reverse)] => {
                Ok(Sentence::ForwardReverse(*forward, *reverse))
            }
            _ => Err("two groups are needed".to_owned()),
        },
    ),
    form(
        "no <test> [result|results] [on|at] [record|all]",
        "no HBsAg kit B",
        "The test is not on record, in no pool either. Without a kit: none of its kits. What a \
         multiplex NAT covers (HBV DNA, HCV RNA, HIV RNA) goes with it.",
        |found| Ok(Sentence::Without(Gone::Test(test(found)?))),
    ),
    form(
        "<test> [result|results] [is|was|are] ( absent | missing | not tested|done|run )",
        "NAT is absent",
        "The same.",
        |found| Ok(Sentence::Without(Gone::Test(test(found)?))),
    ),
    form("no results [on record]", "no results", "Nothing is on record, no pool either.", |_| {
        Ok(Sentence::Without(Gone::Everything))
    }),
    form(
        "[<assay>] [kit|assay] [<kit>] repeat|repeated|repeats|duplicate [in duplicate] \
         [ with kit|assay <other> ] [ from [fresh] <container> ] [is|are|gives|gave] <readings>",
        "HBsAg kit A repeated: nonreactive, reactive",
        "Repeats, one reading each, after the first result and with its own kit unless another \
         is named. Without an assay: of the result that the sentence before spoke of.",
        repeats,
    ),
    form(
        "<test> tested|run again [is] <reading>",
        "HBsAg kit A tested again: nonreactive",
        "Another result of the same test, in a run and of a specimen of its own.",
        |found| Ok(Sentence::Again(test(found)?, answer(found, 0)?)),
    ),
    form(
        "<test> tested|run again [is] <amount> [<reading>]",
        "ALT tested again: 45 U/L",
        "The same by a number.",
        |found| Ok(Sentence::Again(test(found)?, answer(found, 0)?)),
    ),
    form(
        "<assay> reagent 1 [is] <reading> [and|but] [<assay>] reagent 2 [is] <reading>",
        "anti-D reagent 1 is positive, reagent 2 is negative",
        "Two determinations, each with reagents of its own.",
        two_reagents,
    ),
    form(
        "second <assay> [determination|test|result] [is|was] <reading>",
        "second ABO determination is B",
        "A second determination with other reagents.",
        |found| Ok(Sentence::Second(test(found)?.assay, Some(answer(found, 0)?))),
    ),
    form(
        "( two|second <assay> determinations|determination|tests|test|reagents|results \
         | <assay> reagents|results ) disagree|disagrees|differ|differs",
        "anti-D reagents differ",
        "The second determination says something else than the first.",
        |found| Ok(Sentence::Second(test(found)?.assay, None)),
    ),
    form(
        "( one|single <assay> determination|test|result only | only one <assay> \
         determination|test|result | no second <assay> determination|test|result )",
        "one ABO determination only",
        "No second determination.",
        |found| Ok(Sentence::OnlyOne(test(found)?.assay)),
    ),
    form(
        "<assay> singly|individually|alone [is|was] <reading>",
        "HBV DNA singly: nonreactive",
        "A test of this donation alone, after its pool.",
        |found| Ok(Sentence::Singly(found.assay, answer(found, 0)?)),
    ),
    form(
        "<test> [is|was] corrected to <reading> [after release]",
        "HBsAg kit A corrected to reactive",
        "The analyser corrects its result; `after release`: the donation had been releasable.",
        |found| Ok(Sentence::Corrected(test(found)?, answer(found, 0)?, found.says("release"))),
    ),
    form(
        "[same|one] run gives|gave <test> <readings>",
        "same run gives HBsAg kit A nonreactive and reactive",
        "One run, one time, two values.",
        two_answers,
    ),
    form(
        "<result> [is|was] <status>",
        "HBsAg kit A result is preliminary",
        "The status with which the analyser sent it.",
        |found| {
            let status = found.status.ok_or("no status is named")?;
            Ok(Sentence::On(which(found)?, Condition::Status(status)))
        },
    ),
    form(
        "<result> has|have no status",
        "HBsAg kit A has no status",
        "The analyser sent no status at all.",
        |found| Ok(Sentence::On(which(found)?, Condition::NoStatus)),
    ),
    form(
        "grey|gray zone of <assay> [is|lies] [from|between] <range>",
        "grey zone of anti-HCV is 0.80-0.99",
        "For numbers told without a word, from here on.",
        |found| {
            let (low, high) = found.range.ok_or("no range is named")?;
            Ok(Sentence::GreyZone(test(found)?.assay, low, high))
        },
    ),
    form(
        "no repeat|repeats [of <test>] [yet]",
        "no repeats of HBsAg yet",
        "So it is unless told.",
        |_| Ok(Sentence::Nothing),
    ),
    form(
        "[baseline] nothing ( changed | is different )",
        "baseline, nothing changed",
        "What the baseline says.",
        |_| Ok(Sentence::Nothing),
    ),
    form(
        "[same] message|messages [is|was|were] sent twice|again",
        "message sent twice",
        "Every result arrives a second time, unchanged.",
        |_| Ok(Sentence::SentTwice),
    ),
    form(
        "[donation] [was] released before",
        "was released before",
        "An earlier verdict was releasable.",
        |_| Ok(Sentence::Release(Earlier::Released)),
    ),
    form(
        "[donation] [was] recalled before",
        "was recalled before",
        "An earlier verdict withdrew the donation.",
        |_| Ok(Sentence::Release(Earlier::Recalled)),
    ),
    form(
        "[donation] [was] never released [before]",
        "was never released",
        "No earlier verdict was releasable. So it is unless told.",
        |_| Ok(Sentence::Release(Earlier::NeverReleased)),
    ),
];

fn two_reagents(found: &Found) -> Result<Sentence, String> {
    let [first, second] = found.readings.as_slice() else {
        return Err("two readings are needed".to_owned());
    };
    let (assay, first, second) = (test(found)?.assay, Answer::of(*first), Answer::of(*second));
    first.reading(assay)?;
    second.reading(assay)?;
    Ok(Sentence::TwoReagents(assay, first, second))
}

fn repeats(found: &Found) -> Result<Sentence, String> {
    let of = found.assay.map(|assay| Test { assay, kit: found.kit });
    if let Some(test) = of {
        for saying in &found.readings {
            saying.reading(test.assay)?;
        }
    }
    let from = found.containers.first().copied();
    let sayings = found.readings.clone();
    Ok(Sentence::Repeats(Repeats { of, with: found.other, from, sayings }))
}

fn two_answers(found: &Found) -> Result<Sentence, String> {
    let [first, second] = found.readings.as_slice() else {
        return Err("two readings are needed".to_owned());
    };
    let (test, first, second) = (test(found)?, Answer::of(*first), Answer::of(*second));
    first.reading(test.assay)?;
    second.reading(test.assay)?;
    Ok(Sentence::TwoAnswers(test, first, second))
}

/// Which results a sentence about results on record means.
pub(super) fn which(found: &Found) -> Result<Which, String> {
    if found.assay.is_none() {
        return Ok(Which::Pool(found.pool.clone()));
    }
    let test = test(found)?;
    let repeats = found.says("repeat") || found.says("repeats");
    Ok(if repeats { Which::RepeatsOf(test) } else { Which::Of(test) })
}

/// The one reading of a pool or a member.
pub(super) fn one(found: &Found) -> Result<Saying, String> {
    let saying = saying(found)?;
    match saying {
        Saying::Positive | Saying::Negative | Saying::Grey | Saying::Invalid => Ok(saying),
        Saying::Group(_) => {
            Err("a pool or a member is reactive, nonreactive or invalid".to_owned())
        }
    }
}
