//! The words of a sentence: how laboratories spell assays, readings, groups and the rest.
//!
//! Refuses nothing by itself: what is no such word here is told by the grammar, with what would be.

use rust_decimal::Decimal;

use crate::domain::{
    AboGroup, Assay, Container, DonationKind, DonorRecord, Lookback, LotStanding, Measure, Reading,
    ResultStatus, RhdType, Sex, Supplemental, WestgardRule,
};

/// A word of a sentence: as written, and as compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// As written, without the punctuation around it.
    pub(super) text: String,
    /// In lower case.
    pub(super) word: String,
}

/// The words of a sentence. Commas, colons and articles are for the reader only.
pub(super) fn tokens(sentence: &str) -> Vec<Token> {
    let pieces =
        sentence.split(|c: char| c.is_whitespace() || matches!(c, '\u{ff0c}' | '\u{ff1a}'));
    let around = |c: char| matches!(c, ',' | ':' | ';' | '(' | ')' | '"' | '\'');
    let trimmed = pieces.map(|piece| piece.trim_matches(around)).map(without_stop);
    trimmed
        .filter(|piece| !piece.is_empty() && !matches!(*piece, "a" | "an" | "An" | "the" | "The"))
        .map(|piece| match piece {
            "=" => Token { text: "is".to_owned(), word: "is".to_owned() },
            _ => Token { text: piece.to_owned(), word: piece.to_lowercase() },
        })
        .collect()
}

fn without_stop(piece: &str) -> &str {
    piece.strip_suffix('.').unwrap_or(piece)
}

/// What a result is said to say, before it is known of which assay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saying {
    /// Reactive, or positive.
    Positive,
    /// Nonreactive, or negative.
    Negative,
    /// In the grey zone.
    Grey,
    /// Without a result that counts.
    Invalid,
    /// An ABO group.
    Group(AboGroup),
}

impl Saying {
    /// What this is as the answer of an assay.
    pub(super) fn reading(self, assay: Assay) -> Result<Reading, String> {
        match (assay.measure(), self) {
            (_, Saying::Invalid) => Ok(Reading::Invalid),
            (Measure::Marker, Saying::Positive) => Ok(Reading::Reactive),
            (Measure::Marker, Saying::Negative) => Ok(Reading::Nonreactive),
            (Measure::Marker, Saying::Grey) => Ok(Reading::GreyZone),
            (Measure::Rhd, Saying::Positive) => Ok(Reading::Rhd(RhdType::Positive)),
            (Measure::Rhd, Saying::Negative) => Ok(Reading::Rhd(RhdType::Negative)),
            (Measure::Abo, Saying::Group(group)) => Ok(Reading::Abo(group)),
            (Measure::Marker, Saying::Group(_)) => {
                Err(format!("{assay} is reactive, nonreactive, in the grey zone or invalid"))
            }
            (Measure::Rhd, Saying::Grey | Saying::Group(_)) => {
                Err(format!("{assay} is positive, negative or invalid"))
            }
            (Measure::Abo, Saying::Positive | Saying::Negative | Saying::Grey) => {
                Err(format!("{assay} is A, B, O, AB or invalid"))
            }
            (
                Measure::Quantity,
                Saying::Positive | Saying::Negative | Saying::Grey | Saying::Group(_),
            ) => Err(format!("{assay} is a number with a unit, or invalid")),
        }
    }
}

/// The sayings that begin at a token: each with the number of tokens.
pub(super) fn sayings(tokens: &[Token]) -> Vec<(Saying, usize)> {
    let one = tokens.first().and_then(saying).map(|saying| (saying, 1));
    let two = phrase(tokens, READING_PHRASES);
    two.into_iter().chain(one).collect()
}

const READING_PHRASES: &[(&str, Saying)] = &[
    ("grey zone", Saying::Grey),
    ("gray zone", Saying::Grey),
    ("in grey zone", Saying::Grey),
    ("in gray zone", Saying::Grey),
    ("not reactive", Saying::Negative),
    ("non reactive", Saying::Negative),
    ("weakly reactive", Saying::Positive),
    ("weakly positive", Saying::Positive),
    ("weak positive", Saying::Positive),
    ("no result", Saying::Invalid),
    ("not valid", Saying::Invalid),
];

fn saying(token: &Token) -> Option<Saying> {
    match token.word.as_str() {
        "reactive" | "positive" | "r" | "pos" | "+" => Some(Saying::Positive),
        "nonreactive" | "non-reactive" | "negative" | "nr" | "neg" | "-" => Some(Saying::Negative),
        "grey-zone" | "gray-zone" | "grey_zone" | "grey" | "gray" | "gz" | "borderline" => {
            Some(Saying::Grey)
        }
        "invalid" | "void" => Some(Saying::Invalid),
        _ => AboGroup::from_id(&token.text.to_uppercase()).map(Saying::Group),
    }
}

/// Several sayings from a token on: `nonreactive, reactive`, `NR/R`, `NR and R`.
pub(super) fn lists_of_sayings(tokens: &[Token]) -> Vec<(Vec<Saying>, usize)> {
    let mut found = Vec::new();
    let (mut list, mut at) = (Vec::new(), 0);
    while let Some((more, taken)) = next_sayings(tokens.get(at..).unwrap_or_default()) {
        list.extend(more);
        at += taken;
        found.push((list.clone(), at));
        let joined = tokens.get(at).is_some_and(|token| matches!(token.word.as_str(), "and" | "/"));
        at += usize::from(joined);
    }
    found.reverse();
    found
}

fn next_sayings(tokens: &[Token]) -> Option<(Vec<Saying>, usize)> {
    if let Some((saying, taken)) = sayings(tokens).into_iter().next() {
        return Some((vec![saying], taken));
    }
    let pieces = tokens.first()?.text.split('/').map(|piece| {
        let token = Token { text: piece.to_owned(), word: piece.to_lowercase() };
        saying(&token)
    });
    Some((pieces.collect::<Option<Vec<Saying>>>()?, 1))
}

/// The longest phrase that begins at a token, with the number of its tokens.
pub(super) fn phrase<T: Clone>(tokens: &[Token], known: &[(&str, T)]) -> Option<(T, usize)> {
    let fits = |phrase: &str| {
        let mut tokens = tokens.iter();
        phrase.split(' ').all(|word| tokens.next().is_some_and(|token| token.word == word))
    };
    let fitting = known.iter().filter(|(phrase, _)| fits(phrase));
    let longest = fitting.max_by_key(|(phrase, _)| phrase.split(' ').count())?;
    Some((longest.1.clone(), longest.0.split(' ').count()))
}

/// The assays that begin at a token, longest spelling first.
pub(super) fn assays(tokens: &[Token]) -> Vec<(Assay, usize)> {
    let named = |count: usize| {
        let words = tokens.get(..count)?;
        let spelt: String = words.iter().map(|token| token.word.as_str()).collect();
        Some((assay(&spelt)?, count))
    };
    (1..=4).rev().filter_map(named).collect()
}

/// The assay that is spelt so, whatever the hyphens, blanks and strokes.
pub(super) fn assay(spelling: &str) -> Option<Assay> {
    let lower = spelling.to_lowercase();
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    SPELLINGS.iter().find(|(_, known)| known.contains(&plain.as_str())).map(|(assay, _)| *assay)
}

const SPELLINGS: [(Assay, &[&str]); 25] = [
    (Assay::Alt, &["alt", "gpt", "alanineaminotransferase"]),
    (Assay::Hbsag, &["hbsag", "hbsantigen", "hepatitisbsurfaceantigen"]),
    (Assay::AntiHcv, &["antihcv", "hcv", "hcvab", "hcvantibody", "hcvantibodies"]),
    (
        Assay::Hiv,
        &[
            "hiv",
            "hiv12",
            "hivagab",
            "hivag",
            "antihiv",
            "antihiv12",
            "hivab",
            "hivantibody",
            "hivantibodies",
            "hivcombo",
        ],
    ),
    (Assay::Tp, &["tp", "antitp", "tpab", "syphilis", "treponemapallidum", "tppa"]),
    (Assay::Nat, &["nat", "multiplexnat", "hbvhcvhivnat", "mpx", "idnat", "triplexnat"]),
    (Assay::HbvDna, &["hbvdna", "hbvnat"]),
    (Assay::HcvRna, &["hcvrna", "hcvnat"]),
    (Assay::HivRna, &["hivrna", "hivnat"]),
    (Assay::WnvRna, &["wnvrna", "wnvnat", "wnv", "westnilevirus"]),
    (Assay::Htlv, &["htlv", "antihtlv", "htlviii", "antihtlviii", "htlvab", "htlvantibody"]),
    (Assay::AntiHbc, &["antihbc", "hbc", "hbcab", "hbcantibody"]),
    (Assay::Abo, &["abo", "abogroup", "bloodgroup"]),
    (Assay::Rhd, &["rhd", "rh", "rhdtype", "antid"]),
    (
        Assay::AntibodyScreen,
        &["antibodyscreen", "antibodyscreening", "irregularantibodyscreen", "irregularantibodies"],
    ),
    (Assay::Hb, &["hb", "haemoglobin", "hemoglobin"]),
    (Assay::AboForward, &["aboforward", "forwardabo", "abocells", "forwardgroup"]),
    (Assay::AboReverse, &["aboreverse", "reverseabo", "aboplasma", "reversegroup"]),
    (Assay::WeakD, &["weakd", "weakdtest", "rhdconfirmation", "dconfirmation", "rhdconfirmed"]),
    (Assay::AntiHbs, &["antihbs", "hbsab", "hbsantibody"]),
    (Assay::AntiCmv, &["anticmv", "cmv", "cmvab", "cmvantibody"]),
    (Assay::HevRna, &["hevrna", "hevnat", "hev"]),
    (Assay::TCruzi, &["tcruzi", "chagas", "antitcruzi", "trypanosomacruzi"]),
    (Assay::Babesia, &["babesia", "babesianat"]),
    (Assay::Malaria, &["malaria", "antimalaria", "malariaantibody"]),
];

/// A number as sent, with its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// The value as an analyser would send it, sign and all.
    pub(super) text: String,
    /// The number in it.
    pub(super) number: Decimal,
    /// The unit; `None` where nothing was said of one.
    pub(super) unit: Option<Unit>,
}

/// What is said of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// This one.
    Named(String),
    /// That there is none.
    Absent,
}

/// The amounts that begin at a token: with its unit first.
pub(super) fn amounts(tokens: &[Token]) -> Vec<(Amount, usize)> {
    let Some((text, number, taken)) = number_at(tokens) else { return Vec::new() };
    let bare = Amount { text, number, unit: None };
    let rest = tokens.get(taken..).unwrap_or_default();
    let unit = unit_at(rest).map(|(unit, more)| {
        let amount = Amount { unit: Some(unit), ..bare.clone() };
        (amount, taken + more)
    });
    unit.into_iter().chain([(bare, taken)]).collect()
}

fn number_at(tokens: &[Token]) -> Option<(String, Decimal, usize)> {
    let first = tokens.first()?;
    let signed = matches!(first.text.as_str(), "<" | ">" | "\u{2264}" | "\u{2265}");
    let (text, taken) = match signed {
        true => (format!("{}{}", first.text, tokens.get(1)?.text), 2),
        false => (first.text.clone(), 1),
    };
    let digits = text.trim_start_matches(['<', '>', '\u{2264}', '\u{2265}']);
    let number = Decimal::from_str_exact(digits).ok()?;
    Some((text, number, taken))
}

fn unit_at(tokens: &[Token]) -> Option<(Unit, usize)> {
    let absent = phrase(tokens, &[("no unit", Unit::Absent), ("without unit", Unit::Absent)]);
    if absent.is_some() {
        return absent;
    }
    let first = tokens.first()?;
    let is_unit = matches!(first.word.as_str(), "coi" | "pei" | "index" | "%" | "iu" | "u");
    let is_ratio = first.text.contains('/') && next_sayings(tokens).is_none();
    (is_unit || is_ratio).then(|| (Unit::Named(first.text.clone()), 1))
}

/// A range `0.80-0.99` or `0.80 to 0.99` from a token on.
pub(super) fn range(tokens: &[Token]) -> Option<(Decimal, Decimal, usize)> {
    let number = |text: &str| Decimal::from_str_exact(text).ok();
    let first = tokens.first()?;
    let inside = first.text.split_once(['-', '\u{2013}']);
    if let Some((low, high)) = inside {
        return Some((number(low)?, number(high)?, 1));
    }
    let between =
        tokens.get(1).is_some_and(|token| matches!(token.word.as_str(), "to" | "-" | "and"));
    let high = tokens.get(2).filter(|_| between)?;
    Some((number(&first.text)?, number(&high.text)?, 3))
}

/// Westgard rules from a token on.
pub(super) fn westgard(tokens: &[Token]) -> Option<(Vec<WestgardRule>, usize)> {
    let mut rules = Vec::new();
    let mut taken = 0;
    for (at, token) in tokens.iter().enumerate() {
        let known = WestgardRule::ALL.into_iter().find(|rule| spells(*rule, &token.word));
        match known {
            Some(rule) => {
                rules.push(rule);
                taken = at + 1;
            }
            None if token.word == "and" => {}
            None => break,
        }
    }
    (!rules.is_empty()).then_some((rules, taken))
}

fn spells(rule: WestgardRule, word: &str) -> bool {
    let plain = |text: &str| -> String {
        text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
    };
    plain(rule.id()) == plain(word)
}

pub(super) const LOTS: &[(&str, LotStanding)] = &[
    ("released", LotStanding::Released),
    ("released for use", LotStanding::Released),
    ("not released", LotStanding::NotReleased),
    ("not released for use", LotStanding::NotReleased),
    ("not released for use by laboratory", LotStanding::NotReleased),
    ("without lot release test", LotStanding::NotReleased),
    ("has no lot release test", LotStanding::NotReleased),
    ("not on record", LotStanding::NotRecorded),
    ("not recorded", LotStanding::NotRecorded),
    ("unknown", LotStanding::NotRecorded),
    ("recalled", LotStanding::Recalled),
    ("recalled by its maker", LotStanding::Recalled),
    ("recalled by maker", LotStanding::Recalled),
];

pub(super) const CONTAINERS: &[(&str, Container)] = &[
    ("serum", Container::Serum),
    ("serum tube", Container::Serum),
    ("edta", Container::Edta),
    ("edta tube", Container::Edta),
    ("edta plasma", Container::Edta),
    ("tube", Container::Edta),
    ("original tube", Container::Edta),
    ("segment", Container::Segment),
    ("bag segment", Container::Segment),
    ("segment of bag", Container::Segment),
    ("bag tubing", Container::Segment),
    ("plasma", Container::Plasma),
    ("bag plasma", Container::Plasma),
    ("aliquot", Container::Plasma),
];

pub(super) const STATUSES: &[(&str, ResultStatus)] = &[
    ("final", ResultStatus::Final),
    ("preliminary", ResultStatus::Preliminary),
    ("pending", ResultStatus::Pending),
    ("partial", ResultStatus::Partial),
    ("questionable", ResultStatus::Questionable),
    ("questioned by analyser", ResultStatus::Questionable),
    ("failed", ResultStatus::Failed),
    ("withdrawn", ResultStatus::Withdrawn),
    ("withdrawn by analyser", ResultStatus::Withdrawn),
];

pub(super) const DONOR_RECORDS: &[(&str, DonorRecord)] = &[
    ("flagged", DonorRecord::Flagged),
    ("prior reactive", DonorRecord::PriorReactive),
    ("reactive before", DonorRecord::PriorReactive),
    ("reactive before and not requalified", DonorRecord::PriorReactive),
    ("reinstated", DonorRecord::Reinstated),
    ("confirmed non-specific", DonorRecord::Reinstated),
    ("confirmed nonspecific", DonorRecord::Reinstated),
    ("requalified", DonorRecord::Requalified),
    ("re-entered", DonorRecord::Requalified),
    ("merged", DonorRecord::Merged),
];

pub(super) const SUPPLEMENTALS: &[(&str, Supplemental)] = &[
    ("negative", Supplemental::Negative),
    ("nonreactive", Supplemental::Negative),
    ("not confirmed", Supplemental::Negative),
    ("non-specific", Supplemental::Negative),
    ("nonspecific", Supplemental::Negative),
    ("indeterminate", Supplemental::Indeterminate),
    ("positive", Supplemental::Positive),
    ("reactive", Supplemental::Positive),
    ("confirmed", Supplemental::Positive),
    ("confirmed positive", Supplemental::Positive),
];

pub(super) const LOOKBACKS: &[(&str, Lookback)] = &[
    ("open", Lookback::Open),
    ("begun", Lookback::Open),
    ("overdue", Lookback::Overdue),
    ("closed", Lookback::Closed),
    ("done", Lookback::Closed),
];

pub(super) const KINDS: &[(&str, DonationKind)] = &[
    ("whole blood", DonationKind::WholeBlood),
    ("platelets", DonationKind::Platelets),
    ("platelets by apheresis", DonationKind::Platelets),
    ("plasma", DonationKind::Plasma),
    ("plasma for transfusion", DonationKind::Plasma),
    ("plasma by apheresis", DonationKind::Plasma),
    ("source plasma", DonationKind::SourcePlasma),
    ("plasma for fractionation only", DonationKind::SourcePlasma),
    ("donation for fractionation only", DonationKind::SourcePlasma),
    ("for fractionation only", DonationKind::SourcePlasma),
];

pub(super) const SEXES: &[(&str, Sex)] =
    &[("male", Sex::Male), ("man", Sex::Male), ("female", Sex::Female), ("woman", Sex::Female)];

#[cfg(test)]
mod tests {
    use super::*;

    fn first_assay(text: &str) -> Option<Assay> {
        assays(&tokens(text)).first().map(|(assay, _)| *assay)
    }

    #[test]
    fn every_assay_is_known_by_its_id_and_by_common_spellings() {
        for assay in Assay::ALL {
            assert_eq!(first_assay(assay.id()), Some(assay), "{assay}");
        }
        assert_eq!(first_assay("HIV Ag/Ab is reactive"), Some(Assay::Hiv));
        assert_eq!(first_assay("HIV RNA is reactive"), Some(Assay::HivRna));
        assert_eq!(first_assay("anti-HIV 1/2 is reactive"), Some(Assay::Hiv));
        assert_eq!(first_assay("ABO forward is A"), Some(Assay::AboForward));
        assert_eq!(first_assay("nobody"), None);
    }

    #[test]
    fn spellings_are_each_of_one_assay() {
        let mut all: Vec<&str> = SPELLINGS.iter().flat_map(|(_, known)| *known).copied().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn amounts_keep_their_sign_and_take_their_unit() {
        let (amount, taken) = amounts(&tokens("< 5 U/L, haemolysed")).remove(0);
        assert_eq!((amount.text.as_str(), taken), ("<5", 3));
        assert_eq!(amount.unit, Some(Unit::Named("U/L".to_owned())));
        let (amount, taken) = amounts(&tokens("51 with no unit")).remove(0);
        assert_eq!((amount.unit, taken), (None, 1));
        let (amount, taken) = amounts(&tokens("51 without unit")).remove(0);
        assert_eq!((amount.unit, taken), (Some(Unit::Absent), 3));
    }

    #[test]
    fn readings_are_listed_by_commas_strokes_and_words() {
        for text in ["NR/R", "nonreactive, reactive", "NR and R", "non reactive / positive"] {
            let (list, _) = lists_of_sayings(&tokens(text)).remove(0);
            assert_eq!(list, [Saying::Negative, Saying::Positive], "{text}");
        }
    }
}
