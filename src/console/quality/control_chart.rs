//! A control's series as a chart: what stands on the scale, what in the lane below it, which lines
//! are drawn, where a lot changes.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::chart::{Change, ControlChart, Heading, Line, Mark, Point};
use crate::console::page::Page;
use crate::domain::{ControlTarget, Expected};
use crate::store::{ControlSeries, ControlState, SeriesPoint};

/// What a chart measures: the latest target that is a number says.
#[derive(Clone, Debug)]
enum Measure {
    /// Distances from a mean in standard deviations.
    Deviations(Decimal, Decimal),
    /// Places between two limits: -1 the lower, 1 the upper.
    Limits(Decimal, Decimal),
    /// No target is a number.
    Words,
}

impl Measure {
    fn of(points: &[SeriesPoint]) -> Measure {
        let targets = points.iter().rev().filter_map(|point| point.target.as_ref());
        let number = |target: &ControlTarget| match target.expected {
            Expected::Distribution(mean, sd) => Some(Measure::Deviations(mean, sd)),
            Expected::Between(low, high) => Some(Measure::Limits(low, high)),
            Expected::Reading(_) => None,
        };
        targets.filter_map(number).next().unwrap_or(Measure::Words)
    }

    fn range(&self) -> (f64, f64) {
        match self {
            Measure::Deviations(..) => (-4.5, 4.5),
            Measure::Limits(..) | Measure::Words => (-1.5, 1.5),
        }
    }

    /// Where a point stands, by the target it was judged by.
    fn place(&self, point: &SeriesPoint) -> Option<f64> {
        let target = point.target.as_ref()?;
        match (self, &target.expected) {
            (Measure::Deviations(..), Expected::Distribution(..)) => point.z?.to_f64(),
            (Measure::Limits(..), Expected::Between(low, high)) => {
                between(point.number?, *low, *high)
            }
            (Measure::Deviations(..), Expected::Between(..) | Expected::Reading(_))
            | (Measure::Limits(..), Expected::Distribution(..) | Expected::Reading(_))
            | (Measure::Words, _) => None,
        }
    }

    fn lines(&self, page: &Page) -> Vec<Line> {
        match self {
            Measure::Deviations(mean, sd) => (-3_i32..=3)
                .map(|at| Line {
                    at: f64::from(at),
                    rank: u8::try_from(at.unsigned_abs()).unwrap_or_default(),
                    left: match at {
                        0 => page.say("quality-mean"),
                        _ => page.with("quality-sd", "count", format!("{at:+}")),
                    },
                    right: value(*mean, *sd, at),
                })
                .collect(),
            Measure::Limits(low, high) => {
                let line = |at, left: &str, right: Decimal| Line {
                    at,
                    rank: 3,
                    left: page.say(left),
                    right: right.normalize().to_string(),
                };
                vec![line(-1.0, "quality-low", *low), line(1.0, "quality-high", *high)]
            }
            Measure::Words => Vec::new(),
        }
    }
}

fn value(mean: Decimal, sd: Decimal, at: i32) -> String {
    let found = sd.checked_mul(Decimal::from(at)).and_then(|distance| mean.checked_add(distance));
    found.map_or_else(|| "—".to_owned(), |found| found.normalize().to_string())
}

/// -1 at the lower limit and 1 at the upper one.
fn between(number: Decimal, low: Decimal, high: Decimal) -> Option<f64> {
    let half = high.checked_sub(low)?.to_f64()? / 2.0;
    let from_low = number.checked_sub(low)?.to_f64()?;
    if half > 0.0 { Some(from_low / half - 1.0) } else { Some(from_low) }
}

/// The chart of a control.
pub(super) fn chart(page: &Page, id: &str, title: &str, series: &ControlSeries) -> ControlChart {
    let points = &series.points;
    let measure = Measure::of(points);
    let count = |state: ControlState| {
        points.iter().filter(|point| point.state == state).count().to_string()
    };
    let description = page.text().with_all(
        "quality-chart-description",
        &[
            ("count", points.len().to_string()),
            ("good", count(ControlState::InControl)),
            ("warning", count(ControlState::Warning)),
            ("rejected", count(ControlState::Rejected)),
        ],
    );
    ControlChart {
        heading: Heading { id: id.to_owned(), title: title.to_owned(), description },
        range: measure.range(),
        lines: measure.lines(page),
        points: points.iter().map(|point| drawn(&measure, point)).collect(),
        changes: changes(page, points),
        lane: page.say("quality-lane"),
    }
}

fn drawn(measure: &Measure, point: &SeriesPoint) -> Point {
    Point {
        at: measure.place(point),
        mark: match point.state {
            ControlState::InControl => Mark::Circle,
            ControlState::Warning => Mark::Triangle,
            ControlState::Rejected => Mark::CrossedSquare,
            ControlState::NotJudged => Mark::Diamond,
        },
        label: rules(point),
        day: point.received_at.strftime("%m-%d").to_string(),
    }
}

/// The rules that a point breaks. Where one that rejects ends with it, the warning is said by it.
pub(super) fn rules(point: &SeriesPoint) -> String {
    let mut ids: Vec<&str> = point.violations.iter().map(|rule| rule.id()).collect();
    if ids.len() > 1 {
        ids.retain(|id| *id != "1-2s");
    }
    ids.join(" ")
}

/// Where the lot of the control or of the reagent becomes another.
fn changes(page: &Page, points: &[SeriesPoint]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (before, pair) in (1..).zip(points.windows(2)) {
        let [one, other] = pair else { continue };
        let mut said = Vec::new();
        if one.control_lot != other.control_lot {
            let lot = other.control_lot.as_deref().unwrap_or("?");
            said.push(page.with("quality-control-lot-is", "lot", lot));
        }
        if one.reagent_lot != other.reagent_lot {
            let lot = other.reagent_lot.as_deref().unwrap_or("?");
            said.push(page.with("quality-reagent-lot-is", "lot", lot));
        }
        if !said.is_empty() {
            changes.push(Change { before, label: said.join(" · ") });
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_value_stands_between_its_limits() {
        let place = |text| between(number(text), number("2"), number("4"));
        assert_eq!(place("2"), Some(-1.0));
        assert_eq!(place("3"), Some(0.0));
        assert_eq!(place("4"), Some(1.0));
        assert_eq!(place("5"), Some(2.0));
        assert_eq!(between(number("2"), number("2"), number("2")), Some(0.0));
        assert_eq!(between(Decimal::MAX, Decimal::MIN, number("2")), None, "no number can tell");
    }

    #[test]
    fn the_lines_say_their_values() {
        assert_eq!(value(number("10.50"), number("0.5"), -3), "9");
        assert_eq!(value(number("10.50"), number("0.5"), 1), "11");
        assert_eq!(value(Decimal::MAX, Decimal::MAX, 3), "—");
    }
}
