//! Numbers as analysers write them, exact or not at all.
//!
//! Refuses to guess: `161,152` is a number only where the profile says what the comma means, and
//! `< 20` is a limit, not a number.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::super::profile::tables::NumberFormat;

/// What a value says about a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Exactly this.
    Exactly(Decimal),
    /// Less than this (or equal, which no analyser seen tells apart).
    Below(Decimal),
    /// More than this.
    Above(Decimal),
}

impl Quantity {
    /// Reads a value; padding does not matter.
    pub(super) fn parse(text: &str, format: NumberFormat) -> Option<Quantity> {
        let text = text.trim();
        let below = text.strip_prefix("<").map(|rest| rest.strip_prefix("=").unwrap_or(rest));
        let above = text.strip_prefix(">").map(|rest| rest.strip_prefix("=").unwrap_or(rest));
        match (below, above) {
            (Some(rest), _) => number(rest.trim(), format).map(Quantity::Below),
            (None, Some(rest)) => number(rest.trim(), format).map(Quantity::Above),
            (None, None) => number(text, format).map(Quantity::Exactly),
        }
    }

    /// The same in a unit that is `factor` times as large a number; `None` where the product has
    /// more digits than can be kept.
    pub(super) fn times(self, factor: Decimal) -> Option<Quantity> {
        Some(match self {
            Quantity::Exactly(number) => Quantity::Exactly(product(number, factor)?),
            Quantity::Below(number) => Quantity::Below(product(number, factor)?),
            Quantity::Above(number) => Quantity::Above(product(number, factor)?),
        })
    }

    /// The number, where there is exactly one.
    pub(super) const fn exactly(self) -> Option<Decimal> {
        match self {
            Quantity::Exactly(number) => Some(number),
            Quantity::Below(_) | Quantity::Above(_) => None,
        }
    }
}

/// Exact or not at all: [`Decimal`] itself would round.
fn product(one: Decimal, other: Decimal) -> Option<Decimal> {
    let (one, other) = (one.normalize(), other.normalize());
    let digits = one.mantissa().checked_mul(other.mantissa())?;
    let product = Decimal::try_from_i128_with_scale(digits, one.scale() + other.scale()).ok()?;
    Some(product.normalize())
}

fn number(text: &str, format: NumberFormat) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once(format.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let whole = ungrouped(whole, format.thousands)?;
    if !is_digits(&whole) || fraction.is_some_and(|fraction| !is_digits(fraction)) {
        return None;
    }
    let as_written = matches!(whole, Cow::Borrowed(_)) && format.decimal == '.';
    let plain = match as_written {
        true => Cow::Borrowed(text.strip_prefix('+').unwrap_or(text)),
        false => Cow::Owned(spelled(text.starts_with('-'), &whole, fraction)),
    };
    Decimal::from_str_exact(&plain).ok()
}

/// The number as Rust writes it.
fn spelled(negative: bool, whole: &str, fraction: Option<&str>) -> String {
    let sign = if negative { "-" } else { "" };
    match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    }
}

/// The digits without separators, if every group but the first has three.
fn ungrouped(text: &str, separator: Option<char>) -> Option<Cow<'_, str>> {
    let Some(separator) = separator.filter(|separator| text.contains(*separator)) else {
        return Some(Cow::Borrowed(text));
    };
    let mut groups = text.split(separator);
    let first = groups.next().filter(|group| (1..=3).contains(&group.len()))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    Some(Cow::Owned(digits))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: NumberFormat = NumberFormat { decimal: '.', thousands: None };

    fn read(text: &str, format: NumberFormat) -> Option<String> {
        Quantity::parse(text, format).map(|quantity| match quantity {
            Quantity::Exactly(number) => number.to_string(),
            Quantity::Below(number) => format!("below {number}"),
            Quantity::Above(number) => format!("above {number}"),
        })
    }

    #[test]
    fn numbers_are_exact_and_signs_make_limits() {
        let cases = [
            ("0.188", Some("0.188")),
            ("  32.400000 ", Some("32.400000")),
            ("-1", Some("-1")),
            ("+7", Some("7")),
            ("< 20", Some("below 20")),
            ("<0.01", Some("below 0.01")),
            ("> 250.0", Some("above 250.0")),
            (">=3", Some("above 3")),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, POINT).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_no_number() {
        for text in [
            "161,152",
            "2598,88",
            "1e5",
            "1_000",
            "0x1F",
            ".",
            "5.",
            ".5",
            "--1",
            "",
            "<",
            "1 000",
            "1.2.3",
            "NaN",
            "No Result",
        ] {
            assert_eq!(read(text, POINT), None, "{text}");
        }
        let too_long = "9".repeat(40);
        assert_eq!(read(&too_long, POINT), None);
    }

    #[test]
    fn the_profile_says_what_a_comma_means() {
        let thousands = NumberFormat { decimal: '.', thousands: Some(',') };
        assert_eq!(read("161,152", thousands).as_deref(), Some("161152"));
        assert_eq!(read("1,161,152.5", thousands).as_deref(), Some("1161152.5"));
        assert_eq!(read("16,15", thousands), None);
        assert_eq!(read("1615,152", thousands), None);
        let comma = NumberFormat { decimal: ',', thousands: None };
        assert_eq!(read("2598,88", comma).as_deref(), Some("2598.88"));
        assert_eq!(read("2598.88", comma), None);
    }
}
