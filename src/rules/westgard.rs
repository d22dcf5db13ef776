//! Control rules after Westgard, over the points of one control chart: exact numbers, and "beyond"
//! is strictly beyond. Which of the rules warn and which reject, a rule set says.
//!
//! What is consecutive is counted in the order of the points, twice: within one level, and over
//! all levels as they were run. Two beyond 2 SD count across levels only within one run, and a
//! range is never taken across runs: between two runs something was done to the analyser.
//! A value on the mean lies on no side.

use rust_decimal::Decimal;

use crate::domain::WestgardRule;
use crate::limits;

/// One result of a control, as a distance from its mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlPoint {
    /// The run it belongs to; points of one run have the same number.
    pub run: u64,
    /// The level of the control.
    pub level: u32,
    /// Distance from the mean in standard deviations.
    pub z: Decimal,
}

impl ControlPoint {
    /// A value beside the mean and the standard deviation that it should have; `None` where the
    /// deviation is not above zero or the distance is no number that can be told.
    pub fn of(
        (run, level): (u64, u32),
        value: Decimal,
        (mean, deviation): (Decimal, Decimal),
    ) -> Option<ControlPoint> {
        if deviation <= Decimal::ZERO {
            return None;
        }
        let z = value.checked_sub(mean)?.checked_div(deviation)?;
        Some(ControlPoint { run, level, z })
    }

    /// Whether it lies on this side of the mean, beyond so many standard deviations.
    fn beyond(&self, side: Side, deviations: u32) -> bool {
        let limit = Decimal::from(deviations);
        match side {
            Side::Above => self.z > limit,
            Side::Below => self.z < -limit,
        }
    }
}

/// A side of the mean.
#[derive(Clone, Copy)]
enum Side {
    Above,
    Below,
}

impl Side {
    const BOTH: [Side; 2] = [Side::Above, Side::Below];

    const fn other(self) -> Side {
        match self {
            Side::Above => Side::Below,
            Side::Below => Side::Above,
        }
    }
}

/// The rules that are broken anywhere in a chart, oldest point first; each once, in the order of
/// the enum.
pub fn violations(series: &[ControlPoint]) -> Vec<WestgardRule> {
    broken(series, |_| true)
}

/// The rules that are broken by what ends in the run of the last point. Of what came before that
/// run, only the last [`limits::CONTROL_POINTS`] are looked at: more need not be kept.
pub fn violations_at_last(series: &[ControlPoint]) -> Vec<WestgardRule> {
    let Some(run) = series.last().map(|point| point.run) else { return Vec::new() };
    let begun = series.iter().position(|point| point.run == run).unwrap_or_default();
    let looked_at = series.get(begun.saturating_sub(limits::CONTROL_POINTS)..);
    broken(looked_at.unwrap_or(series), |point| point.run == run)
}

/// The same, told of each point of that run by itself, in the order of the points.
pub fn marks_at_last(series: &[ControlPoint]) -> Vec<Vec<WestgardRule>> {
    let Some(run) = series.last().map(|point| point.run) else { return Vec::new() };
    let begun = series.iter().position(|point| point.run == run).unwrap_or_default();
    let looked_at = series.get(begun.saturating_sub(limits::CONTROL_POINTS)..).unwrap_or(series);
    let ends = (1..=looked_at.len()).filter_map(|count| looked_at.get(..count)?.split_last());
    let marks = |(last, past): (&ControlPoint, &[ControlPoint])| {
        let falls =
            |rule: &WestgardRule| Side::BOTH.into_iter().any(|side| falls(*rule, last, past, side));
        WestgardRule::ALL.into_iter().filter(falls).collect()
    };
    ends.filter(|(last, _)| last.run == run).map(marks).collect()
}

fn broken(series: &[ControlPoint], asked: impl Fn(&ControlPoint) -> bool) -> Vec<WestgardRule> {
    let ends = || (1..=series.len()).filter_map(|count| series.get(..count)?.split_last());
    let falls = |rule: WestgardRule, last: &ControlPoint, past: &[ControlPoint]| {
        Side::BOTH.into_iter().any(|side| falls(rule, last, past, side))
    };
    let broken =
        |rule: &WestgardRule| ends().any(|(last, past)| asked(last) && falls(*rule, last, past));
    WestgardRule::ALL.into_iter().filter(broken).collect()
}

/// Whether a point, after what came before it, breaks a rule on this side of the mean.
fn falls(rule: WestgardRule, last: &ControlPoint, past: &[ControlPoint], side: Side) -> bool {
    let any = |_: &&ControlPoint| true;
    let in_level = |point: &&ControlPoint| point.level == last.level;
    let in_run = |point: &&ControlPoint| point.run == last.run;
    let row = |before: usize, deviations: u32, among: &dyn Fn(&&ControlPoint) -> bool| {
        let latest = past.iter().rev().filter(among).take(before);
        let such = latest.filter(|point| point.beyond(side, deviations)).count();
        last.beyond(side, deviations) && such == before
    };
    match rule {
        WestgardRule::OneTwoS => last.beyond(side, 2),
        WestgardRule::OneThreeS => last.beyond(side, 3),
        WestgardRule::TwoTwoS => row(1, 2, &in_level) || row(1, 2, &in_run),
        WestgardRule::RangeFourS => {
            let opposite = |point: &ControlPoint| point.beyond(side.other(), 2);
            last.beyond(side, 2) && past.iter().filter(in_run).any(opposite)
        }
        WestgardRule::FourOneS => row(3, 1, &in_level) || row(3, 1, &any),
        WestgardRule::TenX => row(9, 0, &in_level) || row(9, 0, &any),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `1.2 +0.3`: run, level and z, as a laboratory writes them.
    fn chart(points: &str) -> Vec<ControlPoint> {
        let read = |point: &str| {
            let (place, z) = point.trim().split_once(' ').unwrap();
            let (run, level) = place.split_once('.').unwrap();
            let z = z.trim_start_matches('+').parse().unwrap();
            ControlPoint { run: run.parse().unwrap(), level: level.parse().unwrap(), z }
        };
        points.split(',').map(read).collect()
    }

    fn level_one(values: &[&str]) -> Vec<ControlPoint> {
        let points = (1..).zip(values);
        points.map(|(run, z)| ControlPoint { run, level: 1, z: z.parse().unwrap() }).collect()
    }

    fn broken_in(series: &[ControlPoint]) -> String {
        let words: Vec<_> = violations(series).into_iter().map(WestgardRule::id).collect();
        words.join(", ")
    }

    #[test]
    fn w_01_within_two_deviations_breaks_nothing() {
        assert_eq!(broken_in(&chart("1.1 +0.4, 1.2 -0.6")), "");
    }

    #[test]
    fn w_02_one_beyond_two_warns() {
        assert_eq!(broken_in(&chart("1.1 +2.4, 1.2 +0.3")), "1-2s");
    }

    #[test]
    fn w_03_one_beyond_three() {
        assert_eq!(broken_in(&chart("1.1 +3.1, 1.2 +0.2")), "1-2s, 1-3s");
    }

    #[test]
    fn w_04_two_levels_of_one_run_beyond_two_on_one_side() {
        assert_eq!(broken_in(&chart("1.1 +2.2, 1.2 +2.3")), "1-2s, 2-2s");
    }

    #[test]
    fn w_05_one_level_in_two_runs_beyond_two_on_one_side() {
        let series = chart("1.1 +2.1, 1.2 +0.1, 2.1 +2.4, 2.2 +0.2");
        assert_eq!(broken_in(&series), "1-2s, 2-2s");
    }

    #[test]
    fn w_06_two_levels_of_one_run_on_both_sides() {
        assert_eq!(broken_in(&chart("1.1 +2.3, 1.2 -2.2")), "1-2s, R-4s");
    }

    #[test]
    fn w_07_four_in_a_row_beyond_one_over_levels() {
        assert_eq!(broken_in(&chart("1.1 +1.2, 1.2 +1.1, 2.1 +1.3, 2.2 +1.6")), "4-1s");
    }

    #[test]
    fn w_08_ten_on_one_side_of_the_mean() {
        assert_eq!(broken_in(&level_one(&["0.3"; 10])), "10x");
    }

    #[test]
    fn w_09_nine_on_one_side_of_the_mean_break_nothing() {
        assert_eq!(broken_in(&level_one(&["0.3"; 9])), "");
    }

    #[test]
    fn w_10_exactly_two_is_not_beyond_two() {
        assert_eq!(broken_in(&chart("1.1 +2.0, 1.2 0.0")), "");
    }

    #[test]
    fn w_11_a_range_is_not_taken_across_runs() {
        let series = chart("1.1 +2.3, 1.2 +0.1, 2.1 -2.4, 2.2 +0.1");
        assert_eq!(broken_in(&series), "1-2s");
    }

    #[test]
    fn w_12_one_on_the_other_side_begins_the_ten_anew() {
        let values = [["0.3"; 5].as_slice(), &["-0.1"], &["0.3"; 4]].concat();
        assert_eq!(broken_in(&level_one(&values)), "");
    }

    #[test]
    fn limits_are_exact_and_strict() {
        assert_eq!(broken_in(&chart("1.1 2.0000000000000000000000000001")), "1-2s");
        assert_eq!(broken_in(&chart("1.1 -3")), "1-2s");
        assert_eq!(broken_in(&chart("1.1 1, 2.1 1.1, 3.1 1.1, 4.1 1.1")), "");
        let on_the_mean = [["0.3"; 9].as_slice(), &["0"]].concat();
        assert_eq!(broken_in(&level_one(&on_the_mean)), "");
    }

    #[test]
    fn two_levels_of_two_runs_are_no_two_in_a_row() {
        assert_eq!(broken_in(&chart("1.1 0.1, 1.2 2.3, 2.1 2.3, 2.2 0.1")), "1-2s");
    }

    #[test]
    fn a_point_is_its_distance_from_the_mean() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let of = |value, mean, deviation| {
            ControlPoint::of((1, 1), number(value), (number(mean), number(deviation)))
        };
        assert_eq!(of("1.30", "1.00", "0.15").map(|point| point.z), Some(number("2")));
        assert_eq!(of("0.70", "1.00", "0.15").map(|point| point.z), Some(number("-2")));
        assert_eq!(of("1.30", "1.00", "0"), None);
        assert_eq!(of("1.30", "1.00", "-0.15"), None);
        assert_eq!(of(&Decimal::MAX.to_string(), "-1", "0.1"), None);
    }

    /// Nine of the ten lie as far back as the bound lets them, or one place farther.
    #[test]
    fn what_came_before_the_run_counts_up_to_the_bound() {
        let series = |between: usize| {
            let mut points = level_one(&["0.3"; 9]);
            let other = |n: usize| {
                let z = if n.is_multiple_of(2) { "0.1" } else { "-0.1" };
                ControlPoint { run: 20, level: 2, z: z.parse().unwrap() }
            };
            points.extend((0..between).map(other));
            points.extend(chart("30.1 +0.3"));
            points
        };
        let at_the_bound = series(limits::CONTROL_POINTS - 9);
        assert_eq!(violations_at_last(&at_the_bound), [WestgardRule::TenX]);
        let one_past = series(limits::CONTROL_POINTS - 8);
        assert_eq!(violations_at_last(&one_past), []);
        assert_eq!(violations(&one_past), [WestgardRule::TenX]);
        assert_eq!(violations_at_last(&[]), []);
    }

    #[test]
    fn an_earlier_run_does_not_speak_for_the_last() {
        assert_eq!(violations_at_last(&chart("1.1 +3.5, 2.1 +0.2")), []);
        let in_the_run = chart("1.1 +2.5, 2.1 +2.5, 2.2 +0.2");
        assert_eq!(violations_at_last(&in_the_run), [WestgardRule::OneTwoS, WestgardRule::TwoTwoS]);
    }

    prop_compose! {
        fn charts()(points in proptest::collection::vec((0_u64..2, 1_u32..4, -35_i64..36), 0..40))
            -> Vec<ControlPoint>
        {
            let runs = points.iter().scan(1, |run, (step, _, _)| { *run += step; Some(*run) });
            let runs: Vec<u64> = runs.collect();
            let points = runs.into_iter().zip(points);
            let point = |(run, (_, level, z))| ControlPoint { run, level, z: Decimal::new(z, 1) };
            points.map(point).collect()
        }
    }

    proptest! {
        #[test]
        fn what_follows_mends_nothing(series in charts(), kept in 0_usize..40) {
            let earlier = violations(&series[..kept.min(series.len())]);
            let later = violations(&series);
            prop_assert!(earlier.iter().all(|rule| later.contains(rule)));
        }

        #[test]
        fn run_after_run_finds_what_the_whole_chart_has(series in charts()) {
            let mut found: Vec<_> = (0..=series.len())
                .flat_map(|count| violations_at_last(&series[..count]))
                .collect();
            found.sort_unstable();
            found.dedup();
            prop_assert_eq!(found, violations(&series));
        }

        #[test]
        fn the_marks_of_a_run_are_what_it_breaks(series in charts()) {
            let marks = marks_at_last(&series);
            let run = series.last().map(|point| point.run);
            let points = series.iter().rev().take_while(|point| Some(point.run) == run).count();
            prop_assert_eq!(marks.len(), points);
            let mut found: Vec<_> = marks.into_iter().flatten().collect();
            found.sort_unstable();
            found.dedup();
            prop_assert_eq!(found, violations_at_last(&series));
        }

        #[test]
        fn the_order_of_levels_in_a_run_is_nothing_to_a_range(series in charts()) {
            let mut turned = Vec::new();
            for run in series.chunk_by(|a, b| a.run == b.run) {
                turned.extend(run.iter().rev().copied());
            }
            let range = |of: &[ControlPoint]| violations(of).contains(&WestgardRule::RangeFourS);
            prop_assert_eq!(range(&series), range(&turned));
        }

        #[test]
        fn the_two_sides_of_the_mean_are_alike(series in charts()) {
            let mirrored: Vec<_> =
                series.iter().map(|point| ControlPoint { z: -point.z, ..*point }).collect();
            prop_assert_eq!(violations(&series), violations(&mirrored));
        }
    }
}
