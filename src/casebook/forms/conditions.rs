//! Sentences about how results came about: flags, kits, lots, controls, specimens, messages.

use super::super::grammar::Found;
use super::super::sentence::{Condition, Expiry, Sentence, Which};
use super::super::words::Saying;
use super::results::which;
use super::{Form, saying};
use crate::domain::{Effect, KitControls, LotStanding, WestgardRule};

type Meaning = fn(&Found) -> Result<Sentence, String>;

const fn doubt(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: Meaning,
) -> Form {
    Form { topic: "Flags, values, messages", pattern, example, says, meaning }
}

const fn reagent(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: Meaning,
) -> Form {
    Form { topic: "Kits, lots, operators", pattern, example, says, meaning }
}

const fn control(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: Meaning,
) -> Form {
    Form { topic: "Controls", pattern, example, says, meaning }
}

const fn specimen(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: Meaning,
) -> Form {
    Form { topic: "Specimens and times", pattern, example, says, meaning }
}

fn on(found: &Found, condition: Condition) -> Result<Sentence, String> {
    Ok(Sentence::On(which(found)?, condition))
}

fn word(found: &Found) -> Result<String, String> {
    found.word.clone().ok_or_else(|| "a word is missing".to_owned())
}

fn count(found: &Found) -> Result<u32, String> {
    found.count.ok_or_else(|| "a number is missing".to_owned())
}

pub(super) const FORMS: &[Form] = &[
    doubt(
        "<result> carries|carry|has <word> flag|alarm|mark [that] holds",
        "HBsAg carries a carry-over flag that holds",
        "The analyser's profile says that a person must look.",
        |found| on(found, Condition::Flag(word(found)?, Effect::Holds)),
    ),
    doubt(
        "<result> carries|carry|has <word> flag|alarm|mark",
        "ALT carries a haemolysis flag",
        "The analyser's profile says that the result does not count.",
        |found| on(found, Condition::Flag(word(found)?, Effect::Invalidates)),
    ),
    doubt(
        "( <result> has|have no value | value of <result> is empty | <result> [is] empty )",
        "HBsAg has no value",
        "Neither a value nor a reading.",
        |found| on(found, Condition::NoValue),
    ),
    doubt(
        "sample|specimen|tube of <result> [is|was] haemolysed|hemolysed|clotted|short|lipaemic|\
         lipemic|icteric|insufficient",
        "sample of ALT is haemolysed",
        "The same as a flag that says so.",
        |found| {
            let flag = found.said.last().cloned().ok_or("a word is missing")?;
            on(found, Condition::Flag(flag, Effect::Invalidates))
        },
    ),
    doubt(
        "internal control of <result> [is|was|has] failed|invalid",
        "internal control of NAT failed",
        "A nonreactive result is invalid by it, a reactive one stays reactive.",
        |found| on(found, Condition::InternalControlFailed),
    ),
    doubt(
        "<result> has|have no unit",
        "ALT has no unit",
        "The analyser sends a number alone.",
        |found| on(found, Condition::Unit(None)),
    ),
    doubt(
        "unit of <result> [is|was] <word>",
        "unit of ALT is ukat/L",
        "The unit that the analyser sends.",
        |found| on(found, Condition::Unit(found.word.clone())),
    ),
    doubt(
        "<result> has|have unknown result code <word>",
        "HBsAg has the unknown result code QX",
        "A result code that the analyser's profile does not know.",
        |found| on(found, Condition::UnknownCode(word(found)?)),
    ),
    doubt(
        "<result> value <amount> with text <reading>",
        "HBsAg value 3.2 with text negative",
        "Number and text contradict each other.",
        |found| {
            let amount = found.amount.clone().ok_or("a number is missing")?;
            on(found, Condition::Contradicts(amount, saying(found)?))
        },
    ),
    doubt(
        "part of <result> [is|was] not understood",
        "part of HBsAg kit A was not understood",
        "Something in the result that the profile neither maps nor ignores.",
        |found| on(found, Condition::NotUnderstood),
    ),
    doubt(
        "test code <word> ( nobody mapped | is unmapped | is not mapped | is mapped to nothing )",
        "test code XYZ is not mapped",
        "A result of the donation under a test code that the site mapped to no assay.",
        |found| Ok(Sentence::Unmapped(word(found)?)),
    ),
    doubt("test code nobody mapped", "a test code nobody mapped", "The same.", |_| {
        Ok(Sentence::Unmapped("XYZ".to_owned()))
    }),
    doubt(
        "( unread message names donation | [unread] message [of] [this] [donation|sample] \
         is|was|sits ( unread | in [error] queue ) | [this] donation has unread message )",
        "an unread message names the donation",
        "A message that names the donation could not be read.",
        |_| Ok(Sentence::Unread(false)),
    ),
    doubt(
        "( message cut short names donation | [transfer|message] [of] [this] [donation] \
         was cut short )",
        "a message cut short names the donation",
        "A transfer that was cut short: not acknowledged, the analyser sends it again.",
        |_| Ok(Sentence::Unread(true)),
    ),
    reagent(
        "[reagent|kit] lot of <result> [is|was|has] <lot> [after release]",
        "lot of HBsAg kit A is not released",
        "How the reagent lot stands. Without a kit: the lots of all kits of the assay.",
        |found| {
            let lot = found.lot.ok_or("it is not said how the lot stands")?;
            let sentence = on(found, Condition::Lot(lot))?;
            Ok(after_release(found, sentence))
        },
    ),
    reagent(
        "[kit] lot of <result> [is|was] recalled [by its maker] after release",
        "lot of HBsAg kit A was recalled by its maker after release",
        "Recalled, and the donation had been releasable.",
        |found| Ok(after_release(found, on(found, Condition::Lot(LotStanding::Recalled))?)),
    ),
    reagent(
        "[this] delivery of [lot of] <result> [is|was] not accepted|assessed",
        "delivery of the lot of HBsAg kit A was not accepted",
        "The lot is known and this delivery was not assessed.",
        |found| on(found, Condition::Lot(LotStanding::DeliveryNotAccepted)),
    ),
    reagent(
        "[reagent|kit] lot of <result> [had|has] expired [before|on] [day of] [run]",
        "lot of anti-HCV kit B expired before the run",
        "The day before the run was its last.",
        |found| on(found, Condition::Expiry(Expiry::DayBefore)),
    ),
    reagent(
        "last day of [lot of] <result> [is|was] <date>",
        "last day of the lot of HBsAg kit A is 2026-12-31",
        "The last day of the lot.",
        |found| {
            let date = found.date.ok_or("a date is missing")?;
            on(found, Condition::Expiry(Expiry::On(date)))
        },
    ),
    reagent(
        "last day of [lot of] <result> [is|was] day of run",
        "last day of the lot of HBsAg kit A is the day of the run",
        "On its last day a lot may still be used.",
        |found| on(found, Condition::Expiry(Expiry::DayOfRun)),
    ),
    reagent(
        "last day of [lot of] <result> [is|was] not on record",
        "last day of the lot of HBsAg kit A is not on record",
        "Neither the analyser nor the laboratory says when the lot expires.",
        |found| on(found, Condition::Expiry(Expiry::NotRecorded)),
    ),
    reagent(
        "( [both] kits of <assay> [are|is] [of|from] [one|same] maker|manufacturer \
         | [both] <assay> kits [are|is] [of|from] [one|same] maker|manufacturer )",
        "kits of HBsAg are of one maker",
        "All kits of the assay are bought from one maker.",
        |found| Ok(Sentence::OneMaker(found.assay.ok_or("no assay is named")?)),
    ),
    reagent(
        "maker of <result> [is|was] not on record",
        "maker of HBsAg kit B is not on record",
        "The kit is not on record.",
        |found| on(found, Condition::KitUnknown),
    ),
    reagent(
        "maker of <result> [is|was] <word>",
        "maker of HBsAg kit B is Wantai",
        "Who makes the kit. Unless told: makers differ by the letters of kits.",
        |found| on(found, Condition::Maker(found.word.clone())),
    ),
    reagent(
        "( kit of <result> [is|was] not on record | <result> kit is not on record )",
        "kit of NAT is not on record",
        "The laboratory did not register the kit.",
        |found| on(found, Condition::KitUnknown),
    ),
    reagent(
        "( kit of <result> | <result> ) [is] validated for <containers>",
        "HBsAg kit A is validated for serum and EDTA",
        "Specimens the kit's leaflet allows. Unless told: serum, EDTA and segments; for nucleic \
         acid tests EDTA, plasma and segments.",
        |found| on(found, Condition::ValidFor(found.containers.clone())),
    ),
    reagent(
        "( kit of <result> | <result> ) [is] validated for pools of [up to] <n>",
        "NAT is validated for pools of 24",
        "Largest pool the kit's leaflet allows. Unless told: 6.",
        |found| on(found, Condition::PoolMax(count(found)?)),
    ),
    reagent(
        "( kit of <result> | <result> ) [is] validated for samples [of] [up] [to] <n> \
         h|hours [old]",
        "NAT is validated for samples up to 72 h old",
        "How old a specimen may be. Unless told: 72 hours.",
        |found| on(found, Condition::Stability(count(found)?)),
    ),
    reagent(
        "[one|same] operator [recorded] ran|did|for [both] [serology] rounds|kits [of <assay>]",
        "one operator ran both rounds",
        "One person ran all kits; of all assays where none is named.",
        |found| Ok(Sentence::OneOperator(found.assay)),
    ),
    reagent(
        "operator of <result> [is|was] not on record",
        "operator of HBsAg kit A is not on record",
        "Nobody says who ran it.",
        |found| on(found, Condition::Operator(None)),
    ),
    reagent(
        "operator of <result> [is|was] <word>",
        "operator of HBsAg kit A is Li",
        "Who ran it. Unless told: operators differ by the letters of kits.",
        |found| on(found, Condition::Operator(found.word.clone())),
    ),
    control(
        "( kit control|controls of <result> | run of <result> ) [is|was|has] failed|invalid|void",
        "kit control of HBsAg failed",
        "A control of the kit is outside its limits. A sentence about controls holds for the \
         results that are on record when it is read, not for what is run afterwards.",
        |found| on(found, Condition::KitControls(KitControls::Failed)),
    ),
    control(
        "kit [negative|positive] [control|controls] [or] [negative|positive] control|controls \
         of <result> [is|are|was] outside [its|their|the] limits",
        "kit negative control of HBsAg is outside its limits",
        "The same.",
        |found| on(found, Condition::KitControls(KitControls::Failed)),
    ),
    control(
        "kit control|controls of <result> [are|is] passed|fine|good",
        "kit controls of HBsAg passed",
        "All controls of the kit passed. So it is unless told.",
        |found| on(found, Condition::KitControls(KitControls::Passed)),
    ),
    control(
        "( kit control|controls of <result> [are|is] not on record \
         | no kit control|controls of <result> [in [this] run] )",
        "no kit control of HBsAg in this run",
        "Not all controls of the kit are on record.",
        |found| on(found, Condition::KitControls(KitControls::NotRecorded)),
    ),
    control(
        "[external] control|controls of <result> breaks|break|violates|violate|warns|warn <rules>",
        "external control of HBsAg breaks 1-3s",
        "Control rules that are broken. Which of them only warn, the rule set says.",
        |found| on(found, Condition::Violations(found.rules.clone())),
    ),
    control(
        "[external] control|controls of <result> [is|are] out of control",
        "external control of HBsAg is out of control",
        "Breaks 1-3s.",
        |found| on(found, Condition::Violations(vec![WestgardRule::OneThreeS])),
    ),
    control(
        "( [external] control|controls of <result> | QC [sample|samples] of <result> ) \
         reads|read|is|are ( wrongly | <reading> )",
        "QC of HBsAg reads nonreactive",
        "An external control reads other than it must. `reactive` is what a positive one must \
         read.",
        |found| {
            let fine = found.readings.first() == Some(&Saying::Positive);
            on(found, if fine { Condition::ExternalFine } else { Condition::ExternalWrong })
        },
    ),
    control(
        "( no external control|controls of <result> \
         | external control|controls of <result> [are|is] not on record ) [in this run]",
        "no external control of HBsAg",
        "No external control is on record for the result.",
        |found| on(found, Condition::NoExternal),
    ),
    control(
        "( no control|controls|check of <result> [in this run] [on|this] [this] [day|run] \
         | <result> [reagent|reagents] [was|is] not checked [on [this] day|this] \
         | <result> [reagent|reagents] without control|check [in this run] [on [this] day] )",
        "no control of HBsAg in this run",
        "Neither a control of the kit nor an external one is on record.",
        |found| on(found, Condition::NoControls),
    ),
    control(
        "no control ( of <result> after result | after <result> )",
        "no control after HBsAg",
        "No control closes the bracket behind the result yet.",
        |found| on(found, Condition::NoControlAfter),
    ),
    control(
        "( control|controls of <result> [was|were] found failed | control failure of <result> \
         [was] found ) ( later | after release | after release of <n> units )",
        "controls of HBsAg found failed after release",
        "A failure found after the run had been accepted; `after release`: the donation had been \
         releasable.",
        |found| Ok(after_release(found, on(found, Condition::FailedLater)?)),
    ),
    specimen(
        "sample|specimen|tube of <result> [is|was] <container>",
        "sample of NAT is serum",
        "What was tested. Unless told: EDTA plasma.",
        |found| on(found, Condition::Container(found.containers.first().copied())),
    ),
    specimen(
        "( container|tube of <result> [is|was] not on record \
         | sample|specimen of <result> [is|was] of unknown container )",
        "container of NAT is not on record",
        "Nobody says what was tested.",
        |found| on(found, Condition::Container(None)),
    ),
    specimen(
        "( sample|specimen|tube of <result> [is|was] <n> h|hours old \
         | <result> [was] tested|run|completed <n> h|hours after collection )",
        "sample of NAT was 80 h old",
        "How long after collection the test was completed.",
        |found| on(found, Condition::Hours(count(found)?)),
    ),
    specimen(
        "sample|specimen|tube of <result> [is|was] ( too old | older than kit allows )",
        "sample of NAT was older than the kit allows",
        "Past what the kit's leaflet allows.",
        |found| on(found, Condition::TooOld),
    ),
    specimen(
        "age of [sample|specimen] [of] <result> [is|was] ( unknown | not on record )",
        "age of the sample of NAT is unknown",
        "The analyser sends no time, and the leaflet says nothing.",
        |found| on(found, Condition::AgeUnknown),
    ),
    specimen(
        "( result of <result> [is|was] [completed] before collection \
         | <result> [is|was] completed before collection )",
        "result of HBsAg was before collection",
        "The analyser completed it before the blood was drawn.",
        |found| on(found, Condition::BeforeCollection),
    ),
    specimen(
        "tube of <result> carries|reads number <word>",
        "tube of HBsAg carries the number =G12349865432107",
        "What was scanned at the analyser: an ISBT 128 donation number with its flags, this \
         donation's or another's. This donation is G1234 98 654321.",
        |found| on(found, Condition::Tube(word(found)?)),
    ),
    specimen(
        "donation|tube|number [number] [was] seen|read|scanned|asked [at|in|for] [at|in] \
         two places",
        "the donation was seen at two places",
        "Asked for at two places in a time in which no tube gets from one to the other.",
        |_| Ok(Sentence::TwoPlaces),
    ),
    specimen(
        "all samples [are|were] <container>",
        "all samples were serum",
        "What was tested, in every result.",
        |found| {
            let container = Condition::Container(found.containers.first().copied());
            Ok(Sentence::On(Which::All, container))
        },
    ),
];

fn after_release(found: &Found, sentence: Sentence) -> Sentence {
    match sentence {
        Sentence::On(which, condition) if found.says("release") => {
            Sentence::OnReleased(which, condition)
        }
        other => other,
    }
}
