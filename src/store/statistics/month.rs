//! A month of the calendar, UTC.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use crate::rules::life::day;

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: Date,
}

/// A text that is no month.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no month: write it as 2026-11")]
pub struct NoMonth(pub String);

impl Month {
    /// The month of a moment.
    pub fn of(at: Timestamp) -> Month {
        Month { first: day(at).first_of_month() }
    }

    /// Its first day.
    pub const fn first_day(self) -> Date {
        self.first
    }

    /// The month after it; at the end of time itself.
    pub fn next(self) -> Month {
        let next = self.first.last_of_month().tomorrow();
        Month { first: next.unwrap_or(self.first) }
    }

    /// The month before it; at the beginning of time itself.
    pub fn before(self) -> Month {
        let before = self.first.yesterday();
        Month { first: before.map_or(self.first, Date::first_of_month) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Month, NoMonth> {
        let read = || -> Option<Month> {
            let (year, month) = text.split_once('-')?;
            let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            Some(Month { first }).filter(|month| month.to_string() == text)
        };
        read().ok_or_else(|| NoMonth(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_read_as_it_is_written_and_nothing_else_is() {
        assert_eq!(month("2026-11").to_string(), "2026-11");
        for wrong in ["", "2026", "2026-13", "2026-00", "2026-1", "+026-11", "2026-11-01", "x"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn months_follow_each_other() {
        assert_eq!(month("2026-12").next(), month("2027-01"));
        assert_eq!(month("2027-01").before(), month("2026-12"));
        let end = "2026-11-30T23:59:59.999Z".parse().unwrap();
        assert_eq!(Month::of(end), month("2026-11"));
        assert_eq!(Month::of("2026-12-01T00:00:00Z".parse().unwrap()), month("2026-12"));
    }
}
