//! An analyser's date and time: `YYYYMMDD[HHMM[SS[.SSSS]]][+ZZZZ]` (LIS02-A2 5.6.2, HL7 v2.5.1
//! 2.A.22); or day, month and year apart, in the order that the profile names:
//! `01/31/2026[ 10:00[:00[.000]][ PM]]`, with `/`, `-` or `.` between.
//!
//! Refuses years of two digits, and a number that cannot be what stands at its place.

use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::super::profile::tables::TimeFormat;
use crate::domain::InstrumentTime;

/// Reads a time; `None` where it is written otherwise or does not exist in the calendar.
pub(super) fn parse(text: &str, format: TimeFormat) -> Option<InstrumentTime> {
    match format {
        TimeFormat::Standard => standard(text),
        TimeFormat::Mdy | TimeFormat::Dmy | TimeFormat::Ymd => {
            apart(text.trim(), format).map(|civil| InstrumentTime { civil, offset: None })
        }
    }
}

/// A date of three numbers, and perhaps a time of day.
fn apart(text: &str, format: TimeFormat) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let between = date.chars().find(|c| !c.is_ascii_digit()).filter(|c| "/-.".contains(*c))?;
    let mut parts = date.split(between);
    let parts = [parts.next()?, parts.next()?, parts.next().filter(|_| parts.next().is_none())?];
    let [year, month, day] = match (format, parts) {
        (TimeFormat::Mdy, [month, day, year]) | (TimeFormat::Dmy, [day, month, year]) => {
            [year, month, day]
        }
        (TimeFormat::Ymd | TimeFormat::Standard, parts) => parts,
    };
    let year: i16 = of_digits(year, 4..=4)?;
    let date = Date::new(year, of_digits(month, 1..=2)?, of_digits(day, 1..=2)?).ok()?;
    Some(date.to_datetime(time_of_day(time.trim())?))
}

/// `10:00`, `10:00:00.5`, `10:00:00 PM`; nothing is midnight.
fn time_of_day(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::midnight());
    }
    let (clock, half) = match text.as_bytes() {
        [.., half @ (b'A' | b'P' | b'a' | b'p'), b'M' | b'm'] => {
            (text.get(..text.len() - 2)?.trim_end(), Some(half.to_ascii_uppercase()))
        }
        _ => (text, None),
    };
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(c, f)| (c, Some(f)));
    let mut parts = clock.split(':');
    let (hour, minute) = (of_digits(parts.next()?, 1..=2)?, of_digits(parts.next()?, 2..=2)?);
    let second = parts.next().map_or(Some(0), |second| of_digits(second, 2..=2))?;
    let nanosecond = fraction.map_or(Some(0), |digits| {
        let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| parse_fraction(digits.as_bytes())).flatten()
    })?;
    if parts.next().is_some() {
        return None;
    }
    Time::new(of_half(hour, half)?, minute, second, nanosecond).ok()
}

/// The hour of the day, where the clock has twelve.
fn of_half(hour: i8, half: Option<u8>) -> Option<i8> {
    match (half, hour) {
        (None, _) => Some(hour),
        (Some(half), 1..=12) => Some(hour % 12 + if half == b'P' { 12 } else { 0 }),
        (Some(_), _) => None,
    }
}

fn of_digits<T: FromStr>(text: &str, length: RangeInclusive<usize>) -> Option<T> {
    let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
    (is_number && length.contains(&text.len())).then(|| text.parse().ok()).flatten()
}

fn standard(text: &str) -> Option<InstrumentTime> {
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
pub(super) fn last_day(text: &str, format: TimeFormat) -> Option<Date> {
    let text = text.trim();
    if format != TimeFormat::Standard
        && let Some(time) = parse(text, format)
    {
        return Some(time.civil.date());
    }
    let joined = match *text.as_bytes() {
        [_, _, _, _, b'-', _, _] | [_, _, _, _, b'-', _, _, b'-', _, _] => text.replace('-', ""),
        _ => text.to_owned(),
    };
    match joined.len() {
        // Six digits of another century are a day without its century.
        6 if joined.starts_with("20") => {
            Some(standard(&format!("{joined}01"))?.civil.date().last_of_month())
        }
        6 => None,
        _ => Some(standard(&joined)?.civil.date()),
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
            let time = parse(text, TimeFormat::Standard).unwrap();
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
            let read = last_day(text, TimeFormat::Standard).map(|day| day.to_string());
            assert_eq!(read.as_deref(), day, "{text}");
        }
    }

    #[test]
    fn the_last_day_is_written_as_the_profile_says() {
        let read = |text, format| last_day(text, format).map(|day| day.to_string());
        assert_eq!(read("12/31/2026", TimeFormat::Mdy).as_deref(), Some("2026-12-31"));
        assert_eq!(read("31/12/2026", TimeFormat::Mdy), None);
        assert_eq!(read("202612", TimeFormat::Mdy).as_deref(), Some("2026-12-31"));
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
            assert_eq!(parse(text, TimeFormat::Standard), None, "{text}");
        }
    }

    #[test]
    fn day_month_and_year_are_read_in_the_order_that_is_named() {
        let cases = [
            (TimeFormat::Mdy, "01/02/2026 10:00:00", "2026-01-02T10:00:00"),
            (TimeFormat::Dmy, "01/02/2026 10:00:00", "2026-02-01T10:00:00"),
            (TimeFormat::Ymd, "2026-02-01T10:00", "2026-02-01T10:00:00"),
            (TimeFormat::Dmy, "1.2.2026", "2026-02-01T00:00:00"),
            (TimeFormat::Mdy, " 1/2/2026  1:05:09.25 PM ", "2026-01-02T13:05:09.25"),
            (TimeFormat::Mdy, "1/2/2026 12:00:00 AM", "2026-01-02T00:00:00"),
            (TimeFormat::Mdy, "1/2/2026 12:30pm", "2026-01-02T12:30:00"),
        ];
        for (format, text, civil) in cases {
            let time = parse(text, format).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((time.civil.to_string().as_str(), time.offset), (civil, None), "{text}");
        }
    }

    #[test]
    fn what_stands_in_another_order_is_no_time() {
        let cases = [
            (TimeFormat::Mdy, "13/01/2026"),
            (TimeFormat::Dmy, "01/13/2026"),
            (TimeFormat::Mdy, "2026-01-02"),
            (TimeFormat::Ymd, "01/02/2026"),
            (TimeFormat::Dmy, "01/02/26"),
            (TimeFormat::Dmy, "20260102"),
            (TimeFormat::Dmy, "01/02-2026"),
            (TimeFormat::Dmy, "01/02/2026/3"),
            (TimeFormat::Dmy, "01/02/2026 10"),
            (TimeFormat::Dmy, "01/02/2026 10:00:00:00"),
            (TimeFormat::Dmy, "01/02/2026 24:00"),
            (TimeFormat::Dmy, "01/02/2026 13:00 PM"),
            (TimeFormat::Dmy, "01/02/2026 0:30 AM"),
            (TimeFormat::Dmy, "01/02/2026 10:00:00.ab"),
            (TimeFormat::Dmy, "+1/02/2026"),
            (TimeFormat::Dmy, "30/02/2026"),
            (TimeFormat::Standard, "01/02/2026"),
            (TimeFormat::Dmy, ""),
        ];
        for (format, text) in cases {
            assert_eq!(parse(text, format), None, "{text}");
        }
    }
}
