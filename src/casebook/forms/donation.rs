//! Sentences about the donation, its donor, review and release.

use super::super::grammar::Found;
use super::super::sentence::{DonationSaying, ReviewSaying, Sentence};
use super::super::words::Saying;
use super::{Form, test};
use crate::domain::{DonorRecord, HistoricGroup, RhdType};

const fn donor(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: fn(&Found) -> Result<Sentence, String>,
) -> Form {
    Form { topic: "Donor and donation", pattern, example, says, meaning }
}

const fn review(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: fn(&Found) -> Result<Sentence, String>,
) -> Form {
    Form { topic: "Review, signature, release", pattern, example, says, meaning }
}

fn donation(saying: DonationSaying) -> Result<Sentence, String> {
    Ok(Sentence::Donation(saying))
}

fn reviewed(saying: ReviewSaying) -> Result<Sentence, String> {
    Ok(Sentence::Review(saying))
}

fn word(found: &Found) -> Result<String, String> {
    found.word.clone().ok_or_else(|| "a name is missing".to_owned())
}

pub(super) const FORMS: &[Form] = &[
    donor(
        "[donation|it] [is|was] ( not registered | unknown to inventory )",
        "not registered",
        "Inventory does not know the donation.",
        |_| donation(DonationSaying::NotRegistered),
    ),
    donor(
        "collected on <date>",
        "collected on 2026-12-01",
        "The day of collection, for what has an effective date. Unless told: 2026-12-01.",
        |found| donation(DonationSaying::CollectedOn(found.date.ok_or("a date is missing")?)),
    ),
    donor(
        "[donor] [is] first-time|first|new [time] [donor|donation]",
        "first-time donor",
        "No earlier donation, and no group on record.",
        |_| donation(DonationSaying::FirstTime),
    ),
    donor(
        "[donor] [is] known|repeat|returning donor",
        "known donor",
        "Has donated before. So it is unless told.",
        |_| donation(DonationSaying::Known),
    ),
    donor(
        "( <sex> donor | donor is <sex> )",
        "male donor",
        "The donor's sex, where limits differ by it.",
        |found| donation(DonationSaying::Sex(found.sex)),
    ),
    donor(
        "[donor's] sex [of donor] [is] ( unknown | not on record )",
        "sex of the donor is not on record",
        "So it is unless told.",
        |_| donation(DonationSaying::Sex(None)),
    ),
    donor(
        "history|historical|recorded [group] [is|was] <group> <reading>",
        "history is O positive",
        "Group on record from earlier donations.",
        history,
    ),
    donor(
        "( history|historical|recorded ABO [group] [is|was] <group> | ABO history [is|was] <group> \
         | history|historical [is|was] <group> )",
        "ABO history is O",
        "The ABO group on record; RhD as it was told, else positive.",
        |found| match found.readings.as_slice() {
            [Saying::Group(abo)] => donation(DonationSaying::HistoryAbo(*abo)),
            _ => Err("a group is needed: A, B, O or AB".to_owned()),
        },
    ),
    donor(
        "( history|historical|recorded RhD [type] [is|was] <reading> \
         | RhD history [is|was] <reading> )",
        "RhD history is negative",
        "The RhD type on record; ABO as it was told, else A.",
        |found| match found.readings.as_slice() {
            [Saying::Positive] => donation(DonationSaying::HistoryRhd(RhdType::Positive)),
            [Saying::Negative] => donation(DonationSaying::HistoryRhd(RhdType::Negative)),
            _ => Err("positive or negative is needed".to_owned()),
        },
    ),
    donor(
        "( no history | no [historical] group on record | history is not on record )",
        "no history",
        "No group on record. So it is unless told.",
        |_| donation(DonationSaying::History(None)),
    ),
    donor(
        "donor [is|was] [currently] deferred|shielded",
        "donor is deferred",
        "Deferred at registration.",
        |_| donation(DonationSaying::Deferred(true)),
    ),
    donor(
        "donor [is|was] not deferred|shielded",
        "donor is not deferred",
        "So it is unless told.",
        |_| donation(DonationSaying::Deferred(false)),
    ),
    donor(
        "donor [is|was] deferred after registration",
        "donor was deferred after registration",
        "Told after the donation had been registered.",
        |_| donation(DonationSaying::DeferredLater),
    ),
    donor(
        "( donor|donor's record [is|says|was] <record> | donor [is|was] <record> )",
        "donor record: prior reactive",
        "What the donor's record says: flagged (a confirmation is open, or an earlier result \
         bars issue until somebody looked), prior reactive, reinstated, requalified, merged.",
        |found| donation(DonationSaying::Record(found.record)),
    ),
    donor(
        "donor|donor's record [is|says] clear",
        "donor record is clear",
        "Nothing adverse. So it is unless told.",
        |_| donation(DonationSaying::Record(None)),
    ),
    donor(
        "( confirmation of [earlier|previous|last] donation is pending|open \
         | [earlier|previous] result [that] bars issue [is] [on] [file|record] )",
        "confirmation of the earlier donation is pending",
        "The donor's record is flagged.",
        |_| donation(DonationSaying::Record(Some(DonorRecord::Flagged))),
    ),
    donor(
        "[donor's] earlier|previous donation [of donor] [is|was] reactive [and] \
         [not] [requalified]",
        "earlier donation was reactive, not requalified",
        "The donor's record says prior reactive.",
        |_| donation(DonationSaying::Record(Some(DonorRecord::PriorReactive))),
    ),
    donor(
        "[two] donor records [were|are] merged [one] [deferred|reactive]",
        "two donor records were merged, one deferred",
        "Two records, one of them adverse.",
        |_| donation(DonationSaying::Record(Some(DonorRecord::Merged))),
    ),
    donor(
        "( earlier occasion of <assay> | <assay> [was] repeat reactive on earlier occasion \
         | second occasion of <assay> )",
        "earlier occasion of anti-HBc",
        "The marker was repeat reactive on an earlier occasion.",
        |found| donation(DonationSaying::EarlierOccasion(test(found)?.assay)),
    ),
    donor(
        "( supplemental|confirmatory|confirmation|reference [test|laboratory] [of|for|reports] \
         [<assay>] | <assay> supplemental|confirmatory|confirmation [test] ) [is|was] <finding>",
        "supplemental HIV is negative",
        "What the reference laboratory found. Without an assay: of the test that the sentence \
         before spoke of.",
        |found| Ok(Sentence::Supplemental(found.assay, found.supplemental)),
    ),
    donor(
        "no supplemental|confirmatory|further [test] [of|for] [<assay>]",
        "no supplemental test of HIV",
        "So it is unless told.",
        |found| Ok(Sentence::Supplemental(found.assay, None)),
    ),
    donor(
        "[donation] [of|is] <kind>",
        "donation for fractionation only",
        "What is made of it. Unless told: whole blood.",
        |found| donation(DonationSaying::Kind(found.kind.ok_or("no kind is named")?)),
    ),
    donor(
        "autologous [donation|unit|predeposit]",
        "autologous donation",
        "For the donor alone.",
        |_| donation(DonationSaying::Autologous),
    ),
    donor(
        "( extra|additional test required|needed [is] <assay> | <assay> [is] [also] required \
         | needs [also] <assay> )",
        "extra test required: HTLV",
        "A test that this donation needs beyond those of everybody.",
        |found| donation(DonationSaying::Extra(test(found)?.assay)),
    ),
    donor(
        "[typed] number|DIN fails|failed [its] check [character]",
        "typed number fails its check",
        "The check character of the typed number does not agree.",
        |_| donation(DonationSaying::NumberFails),
    ),
    donor(
        "[typed] number|DIN passes|passed [its] check [character]",
        "typed number passes its check",
        "So it is unless told.",
        |_| Ok(Sentence::Nothing),
    ),
    donor(
        "sample|specimen [was|is] ( not received | expected and not found | missing )",
        "sample not received",
        "It was expected and not found.",
        |_| donation(DonationSaying::SampleNotReceived),
    ),
    donor(
        "sample|specimen [was|is] received|found",
        "sample was found",
        "It was received, or found after all.",
        |_| donation(DonationSaying::SampleReceived),
    ),
    donor(
        "( look-back|lookback | look back ) [is|was] <standing>",
        "look-back is overdue",
        "Consignees of earlier units must be told: how that stands.",
        |found| donation(DonationSaying::Lookback(found.lookback.ok_or("no standing is named")?)),
    ),
    review(
        "[all] [results] [reviewed] [and] signed [by] [two] [different] [people]",
        "reviewed and signed",
        "Tested, reviewed and signed by three people, after the last result.",
        |_| reviewed(ReviewSaying::Complete),
    ),
    review(
        "[report|results] [is|was|are] not signed",
        "report not signed",
        "Reviewed and not signed. Without a sentence about it nothing is reviewed or signed.",
        |_| reviewed(ReviewSaying::NotSigned),
    ),
    review(
        "[report|results] [is|was|are] not reviewed",
        "results are not reviewed",
        "Signed and not reviewed.",
        |_| reviewed(ReviewSaying::NotReviewed),
    ),
    review(
        "[report] [was] signed before last result",
        "signed before the last result",
        "A result came after the signature.",
        |_| reviewed(ReviewSaying::BeforeLast),
    ),
    review(
        "( tester reviewer and signer [are|is] [one|same] person | tester is reviewer is signer \
         [same] [user] [id|person] )",
        "tester, reviewer and signer are one person",
        "One person did all.",
        |_| reviewed(ReviewSaying::OnePerson),
    ),
    review(
        "reviewer and signer [are|is] [one|same] person",
        "reviewer and signer are one person",
        "One person reviewed and signed.",
        |_| reviewed(ReviewSaying::ReviewerSigned),
    ),
    review(
        "tester and reviewer [are|is] [one|same] person",
        "tester and reviewer are one person",
        "One person tested and reviewed.",
        |_| reviewed(ReviewSaying::TesterReviewed),
    ),
    review(
        "tester and signer [are|is] [one|same] person",
        "tester and signer are one person",
        "One person tested and signed.",
        |_| reviewed(ReviewSaying::TesterSigned),
    ),
    review("[was] tested by <word>", "tested by Li", "Who ran the tests.", |found| {
        reviewed(ReviewSaying::TestedBy(word(found)?))
    }),
    review("[was] reviewed by <word>", "reviewed by Wang", "Who reviewed.", |found| {
        reviewed(ReviewSaying::ReviewedBy(word(found)?))
    }),
    review("[was] signed by <word>", "signed by Zhao", "Who signed.", |found| {
        reviewed(ReviewSaying::SignedBy(word(found)?))
    }),
    review(
        "( manual path | released outside [of] [this] [program|computer|engine|system] \
         | computer [is|was] out of service | [written] concession [signed] )",
        "manual path",
        "Release goes outside of this program, unit by unit.",
        |_| donation(DonationSaying::ManualPath),
    ),
    review(
        "rule set [was|has] changed",
        "rule set changed",
        "Another rule set decided before, and nobody has looked again.",
        |_| donation(DonationSaying::RuleSetChanged),
    ),
    review(
        "[donation] [was] re-evaluated|reevaluated",
        "re-evaluated",
        "A person looked again since.",
        |_| donation(DonationSaying::Reevaluated),
    ),
];

fn history(found: &Found) -> Result<Sentence, String> {
    donation(DonationSaying::History(Some(group(found)?)))
}

/// A group and a type.
pub(super) fn group(found: &Found) -> Result<HistoricGroup, String> {
    let [Saying::Group(abo), rhd] = found.readings.as_slice() else {
        return Err("a group and positive or negative are needed".to_owned());
    };
    let rhd = match rhd {
        Saying::Positive => RhdType::Positive,
        Saying::Negative => RhdType::Negative,
        Saying::Grey | Saying::Invalid | Saying::Group(_) => {
            return Err("after the group stands positive or negative".to_owned());
        }
    };
    Ok(HistoricGroup { abo: *abo, rhd })
}
