//! Words of the trade: what texts are verdicts whoever writes them, and which assay a test's name
//! makes one think of.

use std::collections::BTreeSet;

use super::census::Place;
use crate::domain::{Assay, Reading};

/// The reading that this text means wherever it is written; `None` in any doubt.
pub(super) fn reading(text: &str) -> Option<Reading> {
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    Some(match plain.to_lowercase().as_str() {
        "nonreactive" | "nonreac" | "nr" | "negative" | "neg" | "notdetected" | "阴性"
        | "无反应性" => Reading::Nonreactive,
        "reactive" | "reac" | "rr" | "positive" | "pos" | "detected" | "阳性" | "有反应性" => {
            Reading::Reactive
        }
        "grayzone" | "greyzone" | "gray" | "grey" | "borderline" | "equivocal" | "灰区" => {
            Reading::GreyZone
        }
        "invalid" | "failed" | "noresult" => Reading::Invalid,
        _ => return None,
    })
}

/// The word that says the opposite of this one, in the same spelling; not seen, only likely.
pub(super) fn opposite(word: &str) -> Option<String> {
    let pairs = [
        ("Nonreactive", "Reactive"),
        ("NonReactive", "Reactive"),
        ("Non-Reactive", "Reactive"),
        ("NONREACTIVE", "REACTIVE"),
        ("NR", "RR"),
        ("Negative", "Positive"),
        ("NEGATIVE", "POSITIVE"),
        ("NEG", "POS"),
        ("Not Detected", "Detected"),
        ("阴性", "阳性"),
        ("无反应性", "有反应性"),
        ("-1", "1"),
    ];
    let (no, yes) = pairs.into_iter().find(|(no, yes)| *no == word || *yes == word)?;
    Some(if no == word { yes } else { no }.to_owned())
}

/// The assay that a code or name makes one think of. Never more than a thought: an antibody and a
/// nucleic acid test may have the same name.
pub(super) fn assay(code: &str, name: &str) -> Option<Assay> {
    let text = format!("{code} {name}").to_uppercase();
    let thoughts = [
        ("HBSAG", Assay::Hbsag),
        ("HBC", Assay::AntiHbc),
        ("HCV RNA", Assay::HcvRna),
        ("HIV RNA", Assay::HivRna),
        ("HIV-1 RNA", Assay::HivRna),
        ("HBV DNA", Assay::HbvDna),
        ("HBV", Assay::HbvDna),
        ("HCV", Assay::AntiHcv),
        ("HIV", Assay::Hiv),
        ("SYPH", Assay::Tp),
        ("TPHA", Assay::Tp),
        ("TP", Assay::Tp),
        ("HTLV", Assay::Htlv),
        ("WNV", Assay::WnvRna),
        ("ULTRIO", Assay::Nat),
        ("MPX", Assay::Nat),
        ("ALT", Assay::Alt),
        ("GPT", Assay::Alt),
        ("ABO", Assay::Abo),
        ("RH", Assay::Rhd),
        ("SCREEN", Assay::AntibodyScreen),
    ];
    thoughts.into_iter().find(|(part, _)| text.contains(part)).map(|(_, assay)| assay)
}

/// What a place that the standard leaves open makes one think of; of what stands there and where.
/// Never more than a thought: it goes beside the place, for a person.
pub(super) fn role(place: &Place, texts: &BTreeSet<String>) -> Option<&'static str> {
    let all = |is: fn(&str) -> bool| !texts.is_empty() && texts.iter().all(|text| is(text));
    let is_day = |text: &str| is_time(text) && text.len() == 8;
    let is_small = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_digit());
    let is_short = |text: &str| text.len() <= 6 && text.bytes().any(|b| b.is_ascii_digit());
    match (place.record.as_str(), place.field, place.component) {
        _ if all(is_day) => Some("a day: reagent_expiry?"),
        _ if all(is_time) => Some("a time: started_at, completed_at?"),
        ("INV", 16, _) => Some("reagent_lot?"),
        ("R" | "OBX", 3, 5..) if all(is_small) => Some("replicate?"),
        ("O", 3 | 4, 2) if all(is_short) => Some("rack?"),
        ("O", 3 | 4, 3..) if all(is_short) => Some("position?"),
        ("R" | "OBX", 11 | 16, _) => Some("operator?"),
        _ => None,
    }
}

/// Whether it is a date with or without time, as both standards write it.
pub(super) fn is_time(text: &str) -> bool {
    let (digits, zone) =
        text.split_at_checked(text.find(['+', '-']).unwrap_or(text.len())).unwrap_or((text, ""));
    let plausible = digits.starts_with("19") || digits.starts_with("20");
    matches!(digits.len(), 8 | 12 | 14)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && plausible
        && (zone.is_empty() || zone.len() == 5)
}

/// Whether it is a number, with or without a sign before it.
pub(super) fn is_number(text: &str) -> bool {
    let bare = text.trim_start_matches(['<', '>', '=', '+', '-', ' ']);
    bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}
