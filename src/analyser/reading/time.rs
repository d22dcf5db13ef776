//! An analyser's date and time: `YYYYMMDD[HHMM[SS[.SSSS]]][+ZZZZ]` (LIS02-A2 5.6.2, HL7 v2.5.1
//! 2.A.22).

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::domain::InstrumentTime;

/// Reads a time; `None` where it is written otherwise or does not exist in the calendar.
pub(super) fn parse(text: &str) -> Option<InstrumentTime> {
    let (digits, rest) = leading_digits(text.trim().as_bytes());
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) if digits.len() == 14 => {
            let (fraction, rest) = leading_digits(rest);
            (Some(fraction), rest)
        }
        Some(_) | None => (None, rest),
    };
    let offset = match rest {
        [] => None,
        [sign, digits @ ..] => Some(parse_offset(*sign, digits)?),
    };
    Some(InstrumentTime { civil: parse_civil(digits, fraction)?, offset })
}

/// The last day of a time to use something: a time as above, `YYYY-MM-DD`, or a month (`YYYYMM`,
/// `YYYY-MM`), of which it is the last. Anything else could be read in two ways.
pub(super) fn last_day(text: &str) -> Option<Date> {
    let text = text.trim();
    let joined = match *text.as_bytes() {
        [_, _, _, _, b'-', _, _] | [_, _, _, _, b'-', _, _, b'-', _, _] => text.replace('-', ""),
        _ => text.to_owned(),
    };
    match joined.len() {
        // Six digits of another century are a day without its century.
        6 if joined.starts_with("20") => {
            Some(parse(&format!("{joined}01"))?.civil.date().last_of_month())
        }
        6 => None,
        _ => Some(parse(&joined)?.civil.date()),
    }
}

fn leading_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

fn parse_civil(digits: &[u8], fraction: Option<&[u8]>) -> Option<DateTime> {
    let (pairs, _) = digits.as_chunks::<2>();
    let [century, year, month, day, time @ ..] = pairs else { return None };
    if !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let nanosecond = fraction.map_or(Some(0), parse_fraction)?;
    let year = i16::from(number(century)) * 100 + i16::from(number(year));
    let mut time = time.iter().map(number);
    let mut next = || time.next().unwrap_or(0);
    let (hour, minute, second) = (next(), next(), next());
    DateTime::new(year, number(month), number(day), hour, minute, second, nanosecond).ok()
}

fn parse_fraction(digits: &[u8]) -> Option<i32> {
    let missing = 9_u32.checked_sub(u32::try_from(digits.len()).ok()?)?;
    let value = digits.iter().fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    (1..=4).contains(&digits.len()).then(|| value * 10_i32.pow(missing))
}

fn parse_offset(sign: u8, digits: &[u8]) -> Option<Offset> {
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let ([hours, minutes], true) = (digits.as_chunks::<2>().0, digits.len() == 4) else {
        return None;
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (hours, minutes) = (i32::from(number(hours)), i32::from(number(minutes)));
    let real = hours <= 14 && minutes <= 59;
    real.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}

/// Two digits as a number.
fn number(digits: &[u8; 2]) -> i8 {
    let [tens, ones] = digits.map(|digit| (digit - b'0') as i8);
    tens * 10 + ones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_zone() {
        let cases = [
            ("20260101120000", "2026-01-01T12:00:00", None),
            ("20260101", "2026-01-01T00:00:00", None),
            ("202601011200", "2026-01-01T12:00:00", None),
            ("20260101131145+0800", "2026-01-01T13:11:45", Some(8 * 3600)),
            ("20260101131145.25-0330", "2026-01-01T13:11:45.25", Some(-12_600)),
        ];
        for (text, civil, offset) in cases {
            let time = parse(text).unwrap();
            assert_eq!(time.civil.to_string(), civil);
            assert_eq!(time.offset.map(Offset::seconds), offset, "{text}");
        }
    }

    #[test]
    fn a_last_day_is_a_day_or_the_last_of_a_month() {
        for (text, day) in [
            ("20260331", Some("2026-03-31")),
            (" 20260331235959+0800", Some("2026-03-31")),
            ("2026-03-31", Some("2026-03-31")),
            ("202602", Some("2026-02-28")),
            ("2028-02", Some("2028-02-29")),
            ("31-03-2026", None),
            ("31/03/2026", None),
            ("260331", None),
            ("260112", None),
            ("20260230", None),
            ("2026-3-31", None),
            ("", None),
        ] {
            assert_eq!(last_day(text).map(|day| day.to_string()).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in [
            "20260230",
            "20261301",
            "20260101250000",
            "2026",
            "20260101+08",
            "yesterday",
            "20260101+9900",
            "2026010112000",
            "20260101.5",
            "202601120ä0",
            "",
            "２０２６０１０１",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
