//! Donation identification numbers: ISBT 128 (ST-001, data structure 001) or a site's own pattern.
//!
//! A wrong number joins results to somebody else's blood, so nothing is guessed here: no letter is
//! put into upper case, no `O` becomes a `0`, and a check character or check flags that are present
//! must hold. Refuses: everything that is not exactly one of the forms below.
//!
//! | form | example | check |
//! |---|---|---|
//! | scanned: `=`, 13 characters, 2 flags | `=G12349865432177` | flags 60 to 96 are a check value |
//! | the same with `=` stripped by an analyser | `G12349865432177` | the same |
//! | 13 characters | `G123498654321` | none |
//! | typed: 13 characters and the check character | `G1234 98 654321 H` | ISO/IEC 7064 mod 37-2 |
//!
//! In the typed form single blanks may stand between the groups, as the number is printed. Lower
//! case is refused in every form: it is not in the alphabet of ST-001.

use std::fmt;

use regex::Regex;
use thiserror::Error;

use crate::limits;

/// A donation number in its canonical form (ISBT 128: the 13 characters without flags).
/// It is the only key by which facts are joined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DonationNumber(String);

/// A number as a scanner or analyser gave it: the number, and the flags kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedNumber {
    /// The number.
    pub din: DonationNumber,
    /// The two flag characters, where they were sent.
    pub flags: Option<String>,
}

/// How this site writes its donation numbers.
#[derive(Clone, Debug)]
pub enum DonationNumberScheme {
    /// ISBT 128, 13 characters; scanned with `=` and flags, or typed with the check character.
    Isbt128,
    /// The site's own pattern; the whole text must match.
    Site(Regex),
}

/// Why a text is not a donation number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DonationNumberError {
    /// Not of the shape the site uses.
    #[error("{text:?} is not a donation number: {expected}")]
    Shape {
        /// What was given.
        text: String,
        /// What was expected.
        expected: String,
    },
    /// The check character does not hold: most likely a typing or reading error.
    #[error("the check character of {text:?} does not hold (expected {expected}): type it again")]
    CheckCharacter {
        /// What was given.
        text: String,
        /// The character or flags that would be right.
        expected: String,
    },
}

impl DonationNumber {
    /// A number read back from the store, where only parsed numbers are kept.
    pub const fn restored(text: String) -> DonationNumber {
        DonationNumber(text)
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DonationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl DonationNumberScheme {
    /// The site's own pattern, anchored at both ends.
    ///
    /// # Errors
    /// The pattern is not a regular expression.
    pub fn site(pattern: &str) -> Result<DonationNumberScheme, regex::Error> {
        // Alone first: a pattern like `a)|(b` would break out of the anchors.
        Regex::new(pattern)?;
        Regex::new(&format!("^(?:{pattern})$")).map(DonationNumberScheme::Site)
    }

    /// Reads a number as scanned, sent by an analyser, or typed. Blanks around it are no part
    /// of it.
    ///
    /// # Errors
    /// See [`DonationNumberError`].
    pub fn parse(&self, text: &str) -> Result<ScannedNumber, DonationNumberError> {
        let trimmed = text.trim();
        match self {
            DonationNumberScheme::Isbt128 => parse_isbt(trimmed),
            DonationNumberScheme::Site(pattern) => parse_site(trimmed, pattern),
        }
    }
}

/// Characters of a number without flags (ST-001, structure 001).
const LENGTH: usize = 13;
/// Where blanks may stand in a typed number: `a pppp`, `yy`, `nnnnnn`, check character.
const GROUPS: [usize; 4] = [5, 2, 6, 1];

fn parse_isbt(text: &str) -> Result<ScannedNumber, DonationNumberError> {
    if let Some(scanned) = text.strip_prefix('=') {
        return match scanned.len() {
            15 => parse_flagged(text, scanned),
            _ => Err(isbt_shape(text)),
        };
    }
    match text.len() {
        13 => numbered(text, text, None),
        14 => parse_typed(text, text),
        15 if !text.contains(' ') => parse_flagged(text, text),
        15..=17 => parse_spaced(text),
        _ => Err(isbt_shape(text)),
    }
}

/// 13 characters and two flags; `seen` is what faults quote.
fn parse_flagged(seen: &str, scanned: &str) -> Result<ScannedNumber, DonationNumberError> {
    let Some((number, flags)) = scanned.split_at_checked(LENGTH) else {
        return Err(isbt_shape(seen));
    };
    if !flags.bytes().all(is_flag) {
        return Err(isbt_shape(seen));
    }
    let scanned = numbered(seen, number, Some(flags))?;
    let right = check_value(number.as_bytes());
    match flags_check_value(flags.as_bytes()) {
        Some(value) if value != right => Err(wrong_check(seen, check_flags(right))),
        Some(_) | None => Ok(scanned),
    }
}

/// 13 characters and the check character.
fn parse_typed(seen: &str, typed: &str) -> Result<ScannedNumber, DonationNumberError> {
    let Some((number, check)) = typed.split_at_checked(LENGTH) else {
        return Err(isbt_shape(seen));
    };
    if !check.bytes().all(|byte| character_value(byte).is_some()) {
        return Err(isbt_shape(seen));
    }
    let scanned = numbered(seen, number, None)?;
    let right = check_character(check_value(number.as_bytes()));
    if check.chars().next() == right {
        return Ok(scanned);
    }
    Err(wrong_check(seen, right.into_iter().collect()))
}

/// The typed form with single blanks between its groups.
fn parse_spaced(text: &str) -> Result<ScannedNumber, DonationNumberError> {
    let mut rest = text;
    let mut typed = String::with_capacity(LENGTH + 1);
    for length in GROUPS {
        let group = rest.strip_prefix(' ').filter(|_| !typed.is_empty()).unwrap_or(rest);
        let Some((group, after)) = group.split_at_checked(length) else {
            return Err(isbt_shape(text));
        };
        typed.push_str(group);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(isbt_shape(text));
    }
    parse_typed(text, &typed)
}

fn parse_site(text: &str, pattern: &Regex) -> Result<ScannedNumber, DonationNumberError> {
    let whole = pattern.find(text).is_some_and(|found| found.range() == (0..text.len()));
    if !whole || text.is_empty() || text.len() > limits::DONATION_NUMBER_MAX {
        let expected = format!("a text that matches {pattern} as a whole");
        return Err(DonationNumberError::Shape { text: text.to_owned(), expected });
    }
    Ok(ScannedNumber { din: DonationNumber(text.to_owned()), flags: None })
}

fn numbered(
    seen: &str,
    number: &str,
    flags: Option<&str>,
) -> Result<ScannedNumber, DonationNumberError> {
    if !is_isbt(number.as_bytes()) {
        return Err(isbt_shape(seen));
    }
    let din = DonationNumber(number.to_owned());
    Ok(ScannedNumber { din, flags: flags.map(str::to_owned) })
}

fn isbt_shape(text: &str) -> DonationNumberError {
    let expected = "13 characters like G123498654321 in upper case, as they are, with `=` and two \
                    flags as scanned, or with the check character as typed";
    DonationNumberError::Shape { text: text.to_owned(), expected: expected.to_owned() }
}

fn wrong_check(text: &str, expected: String) -> DonationNumberError {
    DonationNumberError::CheckCharacter { text: text.to_owned(), expected }
}

/// `a`: A-N, P-Z, 1-9; two of A-N, P-Z, 0-9; ten digits (ST-001, structure 001).
fn is_isbt(bytes: &[u8]) -> bool {
    let [first, second, third, digits @ ..] = bytes else { return false };
    let letter = |byte: &u8| byte.is_ascii_uppercase() && *byte != b'O';
    (letter(first) || matches!(first, b'1'..=b'9'))
        && [second, third].into_iter().all(|byte| letter(byte) || byte.is_ascii_digit())
        && digits.len() == LENGTH - 3
        && digits.iter().all(u8::is_ascii_digit)
}

/// 0-9, A-H, J-N, P, R-Y.
const fn is_flag(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'H' | b'J'..=b'N' | b'P' | b'R'..=b'Y')
}

/// The check value in flags of type 3: 60 to 96 less 60.
fn flags_check_value(flags: &[u8]) -> Option<u8> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = flags else { return None };
    let number = (tens - b'0') * 10 + (ones - b'0');
    matches!(number, 60..=96).then(|| number - 60)
}

fn check_flags(value: u8) -> String {
    (u32::from(value) + 60).to_string()
}

/// ISO/IEC 7064 mod 37-2 over characters that [`character_value`] knows.
fn check_value(bytes: &[u8]) -> u8 {
    let sum = bytes.iter().fold(0_u32, |sum, byte| {
        (sum + u32::from(character_value(*byte).unwrap_or_default())) * 2 % 37
    });
    u8::try_from((38 - sum) % 37).unwrap_or_default()
}

const fn character_value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        b'*' => Some(36),
        _ => None,
    }
}

fn check_character(value: u8) -> Option<char> {
    match value {
        0..=9 => Some(char::from(b'0' + value)),
        10..=35 => Some(char::from(b'A' + value - 10)),
        36 => Some('*'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number, check character, check flags: rules 7.2, from ST-001, the Red Book and computed.
    const VECTORS: [(&str, char, &str); 7] = [
        ("G123498654321", 'H', "77"),
        ("G123417654321", 'A', "70"),
        ("A999921123456", '3', "63"),
        ("A999818123456", 'N', "83"),
        ("W000014123456", 'U', "90"),
        ("A000000000000", '*', "96"),
        ("G123498654312", 'J', "79"),
    ];
    const TYPED: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

    fn isbt(text: &str) -> Result<ScannedNumber, DonationNumberError> {
        DonationNumberScheme::Isbt128.parse(text)
    }

    fn is_check_fault(text: &str) -> bool {
        matches!(isbt(text), Err(DonationNumberError::CheckCharacter { .. }))
    }

    #[test]
    fn every_form_of_every_vector_is_the_same_number() {
        for (number, check, flags) in VECTORS {
            let forms = [
                number.to_owned(),
                format!("={number}00"),
                format!("={number}{flags}"),
                format!("{number}07"),
                format!("{number}{flags}"),
                format!("{number}{check}"),
                format!("  {number}{check}\t"),
            ];
            for form in forms {
                assert_eq!(isbt(&form).map(|n| n.din.0), Ok(number.to_owned()), "{form}");
            }
            let value = check_value(number.as_bytes());
            assert_eq!(check_character(value), Some(check));
            assert_eq!(check_flags(value), flags);
        }
    }

    #[test]
    fn every_substitution_in_a_typed_number_is_refused() {
        for (number, check, _) in VECTORS {
            let typed = format!("{number}{check}").into_bytes();
            for (place, wrong) in (0..typed.len()).flat_map(|at| TYPED.iter().map(move |w| (at, w)))
            {
                let mut wrongly = typed.clone();
                wrongly[place] = *wrong;
                let text = String::from_utf8(wrongly.clone()).unwrap();
                assert_eq!(isbt(&text).is_ok(), wrongly == typed, "{text}");
            }
        }
    }

    #[test]
    fn every_transposition_in_a_typed_number_is_refused() {
        for (number, check, _) in VECTORS {
            let typed = format!("{number}{check}").into_bytes();
            for place in 1..typed.len() {
                let mut wrongly = typed.clone();
                wrongly.swap(place - 1, place);
                let text = String::from_utf8(wrongly.clone()).unwrap();
                assert_eq!(isbt(&text).is_ok(), wrongly == typed, "{text}");
            }
        }
    }

    #[test]
    fn fm_09_a_check_character_that_does_not_hold_says_what_would() {
        let error = isbt("G123498654312H").unwrap_err();
        let expected = "J".to_owned();
        let text = "G123498654312H".to_owned();
        assert_eq!(error, DonationNumberError::CheckCharacter { text, expected });
        let error = isbt("=G12349865431277").unwrap_err();
        assert!(error.to_string().contains("expected 79"), "{error}");
    }

    #[test]
    fn fm_09_every_wrong_check_flag_is_refused() {
        for (number, _, flags) in VECTORS {
            for wrong in (60..=96).map(|n: u32| n.to_string()).filter(|wrong| wrong != flags) {
                assert!(is_check_fault(&format!("={number}{wrong}")), "{number} {wrong}");
                assert!(is_check_fault(&format!("{number}{wrong}")), "{number} {wrong}");
            }
        }
    }

    #[test]
    fn flags_are_kept_apart_and_only_type_3_is_interpreted() {
        for flags in ["00", "07", "09", "15", "20", "59", "97", "99", "A0", "6A", "PY", "NR"] {
            let scanned = isbt(&format!("=G123498654321{flags}")).unwrap();
            assert_eq!(scanned.din.as_str(), "G123498654321");
            assert_eq!(scanned.flags.as_deref(), Some(flags));
        }
        for flags in ["0I", "O0", "Q0", "0Z", "0*", "a0"] {
            assert!(isbt(&format!("=G123498654321{flags}")).is_err(), "{flags}");
        }
    }

    #[test]
    fn blanks_may_stand_between_the_groups_of_a_typed_number_only() {
        for typed in ["G1234 98 654321 H", "G1234 98654321 H", "G123498 654321H", "G123498654321 H"]
        {
            assert_eq!(isbt(typed).unwrap().din.as_str(), "G123498654321", "{typed}");
        }
        for wrong in [
            "G12 3498654321 H",
            "G1234  98 654321H",
            "G1234 98 654321",
            "=G123498654321 77",
            "=G1234 98 65432177",
            "G1234 98 654321 J",
            "G1234 98 654321 H1",
        ] {
            assert!(isbt(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_in_the_alphabet_is_refused() {
        for wrong in [
            "",
            "=",
            "g123498654321",
            "g123498654321H",
            "G123498654321h",
            "O123498654321",
            "0123498654321",
            "GO23498654321",
            "G12A498654321",
            "G12349865432A",
            "=G123498654321",
            "=G123498654321H",
            "==G12349865432100",
            "G12349865432",
            "G123498654321001",
            "\u{ff27}1234986543",
            "G12349865432\u{e9}",
            "G123498654321\u{e9}",
            "=G123498654321\u{e9}",
            "\u{4e2d}G12349865432",
        ] {
            assert!(isbt(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_site_pattern_must_match_the_whole_text() {
        let site = DonationNumberScheme::site("[0-9]{4}|[0-9]{8}").unwrap();
        for right in ["1234", " 12345678 "] {
            assert_eq!(site.parse(right).unwrap().din.as_str(), right.trim());
        }
        for wrong in ["", "12345", "=1234", "1234\n5678", "G123498654321"] {
            assert!(site.parse(wrong).is_err(), "{wrong:?}");
        }
        let scanned = DonationNumberScheme::site("=?[0-9]{4}").unwrap();
        assert_eq!(scanned.parse("=1234").unwrap().din.as_str(), "=1234");
        let loose = DonationNumberScheme::Site(Regex::new("[0-9]{4}").unwrap());
        assert!(loose.parse("12345").is_err());
        assert!(DonationNumberScheme::site("a)|(b").is_err());
        assert!(DonationNumberScheme::site("[0-9").is_err());
    }

    #[test]
    fn a_site_number_is_bounded() {
        let site = DonationNumberScheme::site("[0-9]*").unwrap();
        assert!(site.parse(&"7".repeat(limits::DONATION_NUMBER_MAX)).is_ok());
        assert!(site.parse(&"7".repeat(limits::DONATION_NUMBER_MAX + 1)).is_err());
        assert!(site.parse("").is_err());
    }
}
