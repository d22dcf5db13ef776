//! Bars in groups, each series hatched in its own way.

use super::Heading;
use super::scale::{Scale, steps, told};
use super::svg::{Stroke, Svg};

/// The chart.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct Bars {
    pub(in crate::console::quality) heading: Heading,
    /// What the series are called.
    pub(in crate::console::quality) series: Vec<String>,
    pub(in crate::console::quality) groups: Vec<Group>,
    /// What is measured, e.g. `%`.
    pub(in crate::console::quality) unit: String,
}

/// Bars that stand together, one of each series.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct Group {
    pub(in crate::console::quality) name: String,
    pub(in crate::console::quality) values: Vec<f64>,
}

const SIZE_X: f64 = 960.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 930.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 260.0;
const NAMES: f64 = 282.0;
const LEGEND: f64 = 300.0;
const LEGEND_STEP: f64 = 24.0;
/// Widest bar.
const WIDTH_MAX: f64 = 60.0;
/// Names of groups that are written below, at most.
const NAMES_MAX: usize = 13;
/// What fills the bars of each series: dots, strokes one way, strokes the other way, nothing.
const HATCHES: [&str; 4] = [
    "<circle cx=\"3\" cy=\"3\" r=\"1.4\" fill=\"#16202c\"/>",
    "<path d=\"M-1 1l2 -2M0 6l6 -6M5 7l2 -2\" stroke=\"#16202c\" stroke-width=\"1.3\"/>",
    "<path d=\"M-1 5l2 2M0 0l6 6M5 -1l2 2\" stroke=\"#16202c\" stroke-width=\"1.3\"/>",
    "",
];

impl Bars {
    /// Series that can be told apart.
    pub(in crate::console::quality) const SERIES_MAX: usize = HATCHES.len();

    /// The picture.
    pub(in crate::console::quality) fn svg(self) -> String {
        let rows = u32::try_from(self.series.len().min(Bars::SERIES_MAX)).unwrap_or_default();
        let height = LEGEND + LEGEND_STEP * f64::from(rows);
        let mut svg = Svg::new(self.heading.clone(), (SIZE_X, height));
        for (number, hatch) in HATCHES.into_iter().enumerate() {
            svg.put(&format!(
                "<pattern id=\"{}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
                 <rect width=\"6\" height=\"6\" fill=\"#ffffff\"/>{hatch}</pattern>",
                self.pattern(number)
            ));
        }
        let values = self.groups.iter().flat_map(|group| &group.values);
        let steps = steps(values.copied().fold(0.0, f64::max), 5);
        let step = steps.get(1).copied().unwrap_or(1.0);
        let y = Scale::new((0.0, steps.last().copied().unwrap_or(1.0)), (BOTTOM, TOP));
        for value in steps {
            let dashes = if value > 0.0 { "1 4" } else { "" };
            svg.line((LEFT, y.at(value)), (RIGHT, y.at(value)), Stroke(0.8, dashes));
            let label = format!("{}{}", told(value, step), self.unit);
            svg.text((LEFT - 8.0, y.at(value) + 4.0), "end", &label);
        }
        for (at, group) in self.groups.iter().enumerate() {
            self.drawn_group(&mut svg, at, group, &y);
        }
        for (number, name) in self.series.iter().take(Bars::SERIES_MAX).enumerate() {
            let at = LEGEND + LEGEND_STEP * f64::from(u32::try_from(number).unwrap_or_default());
            svg.put(&self.bar(number, (LEFT, at), (28.0, 14.0)));
            svg.text((LEFT + 38.0, at + 12.0), "start", name);
        }
        svg.finish()
    }

    fn pattern(&self, number: usize) -> String {
        super::svg::escaped(&format!("{}-hatch-{number}", self.heading.id))
    }

    fn bar(&self, number: usize, (x, y): (f64, f64), (width, height): (f64, f64)) -> String {
        format!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             fill=\"url(#{})\" stroke=\"#16202c\" stroke-width=\"1\"/>",
            self.pattern(number)
        )
    }

    fn drawn_group(&self, svg: &mut Svg, at: usize, group: &Group, y: &Scale) {
        let whole = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let room = (RIGHT - LEFT) / whole(self.groups.len().max(1));
        let count = whole(self.series.len().clamp(1, Bars::SERIES_MAX));
        let width = (room * 0.8 / count).min(WIDTH_MAX);
        let middle = LEFT + room * (whole(at) + 0.5);
        let begins = middle - width * count / 2.0;
        for (number, value) in group.values.iter().take(Bars::SERIES_MAX).enumerate() {
            let top = y.at(*value);
            let place = (begins + width * whole(number), top);
            svg.put(&self.bar(number, place, (width, BOTTOM - top)));
        }
        if at.is_multiple_of(self.groups.len().div_ceil(NAMES_MAX).max(1)) {
            svg.text((middle, NAMES), "middle", &group.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars() -> Bars {
        let group =
            |name: &str, values: [f64; 2]| Group { name: name.to_owned(), values: values.to_vec() };
        Bars {
            heading: Heading {
                id: "bars".to_owned(),
                title: "Reactive".to_owned(),
                description: "By month".to_owned(),
            },
            series: ["first", "repeat"].map(str::to_owned).to_vec(),
            groups: vec![group("2026-10", [0.9, 0.4]), group("2026-11", [1.2, 0.0])],
            unit: " %".to_owned(),
        }
    }

    #[test]
    fn bars_are_drawn_as_before() {
        insta::with_settings!({ snapshot_path => "../../../../tests/console/snapshots" }, {
            insta::assert_snapshot!("bars", bars().svg());
        });
    }

    #[test]
    fn every_series_is_hatched_in_its_own_way() {
        let different: std::collections::BTreeSet<&str> = HATCHES.into_iter().collect();
        assert_eq!(different.len(), Bars::SERIES_MAX);
        let none = Bars { groups: Vec::new(), ..bars() };
        assert!(none.svg().contains("<title"));
    }
}
