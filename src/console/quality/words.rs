//! States of quality control as words, shapes and colours together (FM-50), and times as they are
//! shown.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::console::page::Page;
use crate::domain::{Assay, LotStanding};
use crate::limits;
use crate::rules::words;
use crate::store::ControlState;

/// A state as it is shown: its colour, its shape, its word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) kind: &'static str,
    pub(super) mark: &'static str,
    pub(super) word: String,
}

impl Shown {
    pub(super) fn control(page: &Page, state: ControlState) -> Shown {
        let (kind, mark) = match state {
            ControlState::InControl => ("good", "●"),
            ControlState::Warning => ("warn", "▲"),
            ControlState::Rejected => ("bad", "⊠"),
            ControlState::NotJudged => ("wait", "◇"),
        };
        Shown { kind, mark, word: page.word("quality-state", state.id()) }
    }

    pub(super) fn lot(page: &Page, standing: LotStanding) -> Shown {
        let (kind, mark) = match standing {
            LotStanding::Released => ("good", "✔"),
            LotStanding::NotReleased => ("wait", "…"),
            LotStanding::DeliveryNotAccepted => ("warn", "▲"),
            LotStanding::NotRecorded => ("warn", "?"),
            LotStanding::Recalled => ("bad", "✖"),
        };
        Shown { kind, mark, word: page.word("quality-lot", standing.id()) }
    }

    pub(super) fn expiry(page: &Page, expiry: Option<Date>, today: Date) -> Shown {
        let (kind, mark, id) = match Expiry::of(expiry, today) {
            Expiry::Unknown => ("wait", "?", "unknown"),
            Expiry::Over => ("bad", "✖", "over"),
            Expiry::Soon => ("warn", "▲", "soon"),
            Expiry::Far => ("good", "✔", "far"),
        };
        Shown { kind, mark, word: page.word("quality-expiry", id) }
    }

    pub(super) fn of(page: &Page, kind: &'static str, mark: &'static str, key: &str) -> Shown {
        Shown { kind, mark, word: page.say(key) }
    }
}

/// How far a last day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    Unknown,
    Over,
    Soon,
    Far,
}

impl Expiry {
    /// A last day is one on which the lot may still be used.
    pub(super) fn of(expiry: Option<Date>, today: Date) -> Expiry {
        let Some(last) = expiry else { return Expiry::Unknown };
        let days = today.until(last).map_or(0, |span| span.get_days());
        match days {
            ..0 => Expiry::Over,
            0..=limits::EXPIRES_SOON_DAYS => Expiry::Soon,
            _ => Expiry::Far,
        }
    }
}

/// A moment, UTC, to the minute.
pub(super) fn when(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// An assay in the words of the trade.
pub(super) fn assay(page: &Page, assay: Assay) -> &'static str {
    page.lang().of(words::assay(assay))
}

/// So many of so many, in a hundred, with two places.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    format!("{:.2} %", share(part, whole))
}

/// The same as a number; 0 of nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) * 100.0 / number(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_over_the_day_after_its_last_and_soon_before_it() {
        let today: Date = "2026-11-21".parse().unwrap();
        let in_days =
            |days: i32| Expiry::of(today.checked_add(jiff::Span::new().days(days)).ok(), today);
        assert_eq!(in_days(-1), Expiry::Over);
        assert_eq!(in_days(0), Expiry::Soon, "its last day");
        assert_eq!(in_days(limits::EXPIRES_SOON_DAYS), Expiry::Soon, "at the bound");
        assert_eq!(in_days(limits::EXPIRES_SOON_DAYS + 1), Expiry::Far, "one past");
        assert_eq!(Expiry::of(None, today), Expiry::Unknown);
    }

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!(percent(0, 0), "—");
        assert_eq!(percent(1, 8), "12.50 %");
    }
}
