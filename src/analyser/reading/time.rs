//! An analyser's date and time: `YYYYMMDD[HHMM[SS[.SSSS]]][+ZZZZ]` (LIS02-A2 5.6.2, HL7 v2.5.1
//! 2.A.22).

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::domain::InstrumentTime;

/// Reads a time; `None` where it is written otherwise or does not exist in the calendar.
pub(super) fn parse(text: &str) -> Option<InstrumentTime> {
    let text = text.trim();
    let (local, offset) = match text.find(['+', '-']) {
        Some(at) => {
            let (local, offset) = text.split_at_checked(at)?;
            (local, Some(parse_offset(offset)?))
        }
        None => (text, None),
    };
    Some(InstrumentTime { civil: parse_civil(local)?, offset })
}

fn parse_civil(text: &str) -> Option<DateTime> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if fraction.is_some() && whole.len() != 14 || !matches!(whole.len(), 8 | 12 | 14) {
        return None;
    }
    let part = |at: usize, length: usize| match whole.get(at..at + length) {
        Some(digits) => digits_of(digits),
        None => Some(0),
    };
    let nanosecond = fraction.map_or(Some(0), parse_fraction)?;
    let (year, month, day) = (part(0, 4)?, part(4, 2)?, part(6, 2)?);
    let (hour, minute, second) = (part(8, 2)?, part(10, 2)?, part(12, 2)?);
    DateTime::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        nanosecond,
    )
    .ok()
}

fn parse_fraction(text: &str) -> Option<i32> {
    let digits = digits_of(text).filter(|_| (1..=4).contains(&text.len()))?;
    let power = u32::try_from(9 - text.len()).ok()?;
    Some(digits * 10_i32.pow(power))
}

fn parse_offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..).filter(|digits| digits.len() == 4)?;
    let (hours, minutes) = (digits_of(digits.get(..2)?)?, digits_of(digits.get(2..)?)?);
    let real = hours <= 14 && minutes <= 59;
    real.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}

fn digits_of(text: &str) -> Option<i32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
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
            "",
            "２０２６０１０１",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
