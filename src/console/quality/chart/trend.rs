//! Rates over time, one line for each series; every series has its own dashes and its own shape.

use super::Heading;
use super::scale::{Scale, steps, told};
use super::svg::{Stroke, Svg};

/// The chart.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct Trend {
    pub(in crate::console::quality) heading: Heading,
    /// The days or weeks, in order.
    pub(in crate::console::quality) times: Vec<String>,
    pub(in crate::console::quality) series: Vec<Series>,
    /// What is measured, e.g. `%`.
    pub(in crate::console::quality) unit: String,
}

/// One series: a value for each time, where there is one.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct Series {
    pub(in crate::console::quality) name: String,
    pub(in crate::console::quality) values: Vec<Option<f64>>,
}

const SIZE_X: f64 = 960.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 930.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 260.0;
const TIMES: f64 = 282.0;
const LEGEND: f64 = 306.0;
const LEGEND_STEP: f64 = 22.0;
/// Times that are written below, at most.
const TIMES_MAX: usize = 8;
const DASHES: [&str; 6] = ["", "8 4", "2 3", "12 3 2 3", "16 6", "4 2 1 2"];

impl Trend {
    /// Series that can be told apart; a page leaves the others to its table.
    pub(in crate::console::quality) const SERIES_MAX: usize = DASHES.len();

    /// The picture.
    pub(in crate::console::quality) fn svg(self) -> String {
        let shown = self.series.len().min(Trend::SERIES_MAX);
        let rows = u32::try_from(shown).unwrap_or_default();
        let height = LEGEND + LEGEND_STEP * f64::from(rows);
        let mut svg = Svg::new(self.heading.clone(), (SIZE_X, height));
        let values = self.series.iter().flat_map(|series| &series.values).flatten();
        let steps = steps(values.copied().fold(0.0, f64::max), 5);
        let greatest = steps.last().copied().unwrap_or(1.0);
        let step = steps.get(1).copied().unwrap_or(1.0);
        let y = Scale::new((0.0, greatest), (BOTTOM, TOP));
        for value in steps {
            let dashes = if value > 0.0 { "1 4" } else { "" };
            svg.line((LEFT, y.at(value)), (RIGHT, y.at(value)), Stroke(0.8, dashes));
            let label = format!("{}{}", told(value, step), self.unit);
            svg.text((LEFT - 8.0, y.at(value) + 4.0), "end", &label);
        }
        let count = self.times.len();
        for (at, time) in self.times.iter().enumerate() {
            if at.is_multiple_of(count.div_ceil(TIMES_MAX).max(1)) {
                svg.text((across(at, count), TIMES), "middle", time);
            }
        }
        for ((number, dashes), series) in DASHES.into_iter().enumerate().zip(&self.series) {
            drawn(&mut svg, number, dashes, series, &y);
        }
        svg.finish()
    }
}

fn across(at: usize, count: usize) -> f64 {
    let (at, count) = (u32::try_from(at), u32::try_from(count.max(1)));
    let share = f64::from(at.unwrap_or_default()) + 0.5;
    LEFT + (RIGHT - LEFT) * share / f64::from(count.unwrap_or(1))
}

fn drawn(svg: &mut Svg, number: usize, dashes: &'static str, series: &Series, y: &Scale) {
    let count = series.values.len();
    let places: Vec<(f64, f64)> = (0..)
        .zip(&series.values)
        .filter_map(|(at, value)| Some((across(at, count), y.at((*value)?))))
        .collect();
    if places.len() > 1 {
        svg.path(&places, Stroke(1.6, dashes));
    }
    for place in places {
        svg.put(&shape(number, place));
    }
    let row = u32::try_from(number).unwrap_or_default();
    let at = LEGEND + LEGEND_STEP * f64::from(row);
    svg.line((LEFT, at), (LEFT + 44.0, at), Stroke(1.6, dashes));
    svg.put(&shape(number, (LEFT + 22.0, at)));
    svg.text((LEFT + 54.0, at + 4.0), "start", &series.name);
}

fn shape(number: usize, (x, y): (f64, f64)) -> String {
    let way = match number {
        0 => return format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#16202c\"/>"),
        1 => format!("M{:.1} {:.1}h8v8h-8Z", x - 4.0, y - 4.0),
        2 => format!("M{:.1} {:.1}l5 9h-10Z", x, y - 5.0),
        3 => format!("M{:.1} {:.1}l5 5l-5 5l-5 -5Z", x, y - 5.0),
        4 => format!("M{:.1} {:.1}h10m-5 -5v10", x - 5.0, y),
        _ => format!("M{:.1} {:.1}l8 8m0 -8l-8 8", x - 4.0, y - 4.0),
    };
    let fill = if number == 1 { "#16202c" } else { "#ffffff" };
    format!("<path d=\"{way}\" fill=\"{fill}\" stroke=\"#16202c\" stroke-width=\"1.8\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(count: usize) -> Trend {
        let series = |number: usize| Series {
            name: format!("L{number}"),
            values: vec![Some(number as f64 / 2.0), None, Some(1.5)],
        };
        Trend {
            heading: Heading {
                id: "trend".to_owned(),
                title: "HBsAg".to_owned(),
                description: "Rates".to_owned(),
            },
            times: ["11-19", "11-20", "11-21"].map(str::to_owned).to_vec(),
            series: (0..count).map(series).collect(),
            unit: " %".to_owned(),
        }
    }

    #[test]
    fn a_trend_is_drawn_as_before() {
        insta::with_settings!({ snapshot_path => "../../../../tests/console/snapshots" }, {
            insta::assert_snapshot!("trend", trend(2).svg());
        });
    }

    #[test]
    fn so_many_series_can_be_told_apart_and_no_more() {
        let shapes: std::collections::BTreeSet<String> =
            (0..Trend::SERIES_MAX).map(|number| shape(number, (0.0, 0.0))).collect();
        assert_eq!(shapes.len(), Trend::SERIES_MAX);
        let last = format!(">L{}<", Trend::SERIES_MAX - 1);
        assert!(trend(Trend::SERIES_MAX).svg().contains(&last));
        let one_past = format!(">L{}<", Trend::SERIES_MAX);
        assert!(!trend(Trend::SERIES_MAX + 1).svg().contains(&one_past));
        assert!(trend(0).svg().contains("<title"));
    }
}
