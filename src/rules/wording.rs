//! The words of reasons and next steps, for people. Never a name or an identity number of a
//! person, and nothing of a message beyond a short excerpt of a test code or an alarm code.

use crate::domain::{Action, Assay, Correction};
use crate::limits;

use super::docket::About;
use super::table::{Answers, Row};

/// The assay as laboratories write it.
pub(super) const fn label(assay: Assay) -> &'static str {
    match assay {
        Assay::Alt => "ALT",
        Assay::Hbsag => "HBsAg",
        Assay::AntiHcv => "anti-HCV",
        Assay::Hiv => "HIV antigen/antibody",
        Assay::Tp => "syphilis (TP)",
        Assay::Nat => "HBV/HCV/HIV NAT",
        Assay::HbvDna => "HBV DNA",
        Assay::HcvRna => "HCV RNA",
        Assay::HivRna => "HIV RNA",
        Assay::WnvRna => "WNV RNA",
        Assay::Htlv => "HTLV-I/II antibody",
        Assay::AntiHbc => "anti-HBc",
        Assay::Abo => "ABO group",
        Assay::Rhd => "RhD type",
        Assay::AntibodyScreen => "antibody screen",
        Assay::Hb => "haemoglobin",
        Assay::AboForward => "ABO forward typing",
        Assay::AboReverse => "ABO reverse typing",
        Assay::WeakD => "weak D",
        Assay::AntiHbs => "anti-HBs",
        Assay::AntiCmv => "CMV antibody",
        Assay::HevRna => "HEV RNA",
        Assay::TCruzi => "T. cruzi antibody",
        Assay::Babesia => "Babesia NAT",
        Assay::Malaria => "malaria antibody",
    }
}

/// One of several determinations of an assay: `ABO#2`.
pub(super) fn numbered_subject(assay: Assay, number: u32) -> String {
    format!("{}#{number}", assay.id().to_uppercase())
}

/// What the laboratory should do.
pub(super) const fn action(action: Action) -> &'static str {
    match action {
        Action::Test => "test",
        Action::TestAgain => "test again",
        Action::RepeatInDuplicate => "repeat in duplicate with the same kit",
        Action::Review => "a person must look",
        Action::Register => "register the donation",
        Action::TestSingly => "test the members singly",
        Action::RunControls => "run the controls",
        Action::PutOnRecord => "put kit, lot, control or pool on record",
        Action::NewSpecimen => "take a new specimen, or a segment",
        Action::Sign => "review and sign",
        Action::Confirm => "send to the reference laboratory",
        Action::IdentifyTubes => "identify the tubes of the rack again",
    }
}

/// Why a row decides: what was answered to the questions that it asks.
pub(super) fn row(row: &Row, answers: &Answers, about: &About<'_>) -> String {
    let asked = row.given.iter().filter_map(|(question, _)| answer(answers, *question));
    let mut said: Vec<&str> = asked.collect();
    said.extend((!about.detail.is_empty()).then_some(about.detail));
    let whom = match (about.assay, about.subject) {
        (_, Some(subject)) => format!("{subject}: "),
        (Some(assay), None) => format!("{}: ", label(assay)),
        (None, None) => String::new(),
    };
    let found = match about.observations {
        [] => String::new(),
        ids => format!(" ({})", observations(ids)),
    };
    format!("{whom}{}{found}", said.join("; "))
}

/// Every answer.
pub(super) fn answers(answers: &Answers) -> String {
    let places = 0..answers.judges().questions().len();
    let said: Vec<&str> = places.filter_map(|place| answer(answers, place)).collect();
    said.join("; ")
}

fn answer(answers: &Answers, question: usize) -> Option<&'static str> {
    let known = answers.judges().questions().get(question)?;
    known.answers.get(answers.get(question)).map(|answer| answer.words[0])
}

/// What a registration says now instead of what it said.
pub(super) fn correction(correction: &Correction) -> String {
    let Correction { collected_at, site, donor } = correction;
    let mut said = Vec::new();
    said.extend(collected_at.map(|time| format!("collected at {time}")));
    said.extend(site.as_ref().map(|site| format!("at site {site}")));
    said.extend(donor.map(|donor| {
        let group = donor.historic_group;
        let group = group.map_or("no group on record".to_owned(), |group| {
            format!("{} {} on record", group.abo.id(), group.rhd.id())
        });
        let deferred = if donor.deferred { ", deferred" } else { "" };
        format!("{} donor{deferred}, {group}", donor.kind.id())
    }));
    format!("the registration was corrected: {}", said.join("; "))
}

/// `observation 12` or `observations 12, 15`.
pub(super) fn observations(ids: &[i64]) -> String {
    numbered("observation", ids)
}

/// `message 3` or `messages 3, 4`.
pub(super) fn messages(ids: &[i64]) -> String {
    numbered("message", ids)
}

fn numbered(noun: &str, ids: &[i64]) -> String {
    let numbers: Vec<String> = ids.iter().map(i64::to_string).collect();
    let plural = if ids.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", numbers.join(", "))
}

/// A code from a message, short enough for a reason.
pub(super) fn excerpt(text: &str) -> &str {
    text.get(..text.floor_char_boundary(limits::FAULT_EXCERPT_MAX)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_at_its_bound_and_never_inside_a_character() {
        let bound = limits::FAULT_EXCERPT_MAX;
        assert_eq!(excerpt(&"a".repeat(bound)).len(), bound);
        assert_eq!(excerpt(&"a".repeat(bound + 1)).len(), bound);
        assert_eq!(excerpt(&"混".repeat(bound)).len(), bound / 3 * 3);
    }

    #[test]
    fn numbers_are_listed() {
        assert_eq!(observations(&[12]), "observation 12");
        assert_eq!(messages(&[3, 4]), "messages 3, 4");
    }
}
