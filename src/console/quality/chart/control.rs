//! A control chart after Levey and Jennings: distances from the mean in standard deviations, one
//! point beside the other. In control is a circle, a warning a triangle, rejected a square with a
//! cross; what counts as no control is a hollow diamond. Where the lot changes, a line says so.

use super::Heading;
use super::scale::Scale;
use super::svg::{Stroke, Svg};

/// The chart.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct ControlChart {
    pub(in crate::console::quality) heading: Heading,
    /// From the lowest to the highest that is shown.
    pub(in crate::console::quality) range: (f64, f64),
    pub(in crate::console::quality) lines: Vec<Line>,
    /// Oldest first.
    pub(in crate::console::quality) points: Vec<Point>,
    pub(in crate::console::quality) changes: Vec<Change>,
    /// What the lane below is for: points that have no place on the scale.
    pub(in crate::console::quality) lane: String,
}

/// A line across the chart.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct Line {
    pub(in crate::console::quality) at: f64,
    /// How far from the mean: 0 is the mean itself, 3 the limit.
    pub(in crate::console::quality) rank: u8,
    pub(in crate::console::quality) left: String,
    pub(in crate::console::quality) right: String,
}

/// A point.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct Point {
    /// Where it stands on the scale; `None`: in the lane below.
    pub(in crate::console::quality) at: Option<f64>,
    pub(in crate::console::quality) mark: Mark,
    /// The rules it breaks; may be empty.
    pub(in crate::console::quality) label: String,
    pub(in crate::console::quality) day: String,
}

/// How a point is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console::quality) enum Mark {
    Circle,
    Triangle,
    CrossedSquare,
    Diamond,
}

/// A change before a point.
#[derive(Clone, Debug)]
pub(in crate::console::quality) struct Change {
    pub(in crate::console::quality) before: usize,
    pub(in crate::console::quality) label: String,
}

const SIZE: (f64, f64) = (960.0, 380.0);
const LEFT: f64 = 90.0;
const RIGHT: f64 = 840.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 290.0;
const LANE: f64 = 320.0;
const DAYS: f64 = 350.0;
/// Days that are written below, at most.
const DAYS_MAX: usize = 8;

impl ControlChart {
    /// The picture.
    pub(in crate::console::quality) fn svg(self) -> String {
        let mut svg = Svg::new(self.heading.clone(), SIZE);
        let y = Scale::new(self.range, (BOTTOM, TOP));
        self.lines.iter().for_each(|line| drawn_line(&mut svg, y.at(line.at), line));
        let count = self.points.len();
        let place = |at: usize| across(at, count);
        let mut rows = [f64::MIN; 2];
        for change in &self.changes {
            let x = place(change.before) - gap(count) / 2.0;
            svg.line((x, TOP - 12.0), (x, LANE + 8.0), Stroke(1.0, "2 3"));
            // Where changes are close, one label stands above the other; a third has no room.
            let free = rows.iter_mut().zip([TOP - 16.0, TOP - 32.0]).find(|(end, _)| **end < x);
            if let Some((end, y)) = free {
                *end = x + width(&change.label);
                svg.text((x + 3.0, y), "start", &change.label);
            }
        }
        self.way(&mut svg, &y);
        if self.points.iter().any(|point| point.at.is_none()) {
            svg.text((LEFT - 8.0, LANE + 4.0), "end", &self.lane);
        }
        for (at, point) in self.points.iter().enumerate() {
            let at = (place(at), point.at.map_or(LANE, |value| y.at(value)));
            drawn_point(&mut svg, at, point, self.range);
        }
        for (at, point) in self.points.iter().enumerate() {
            if is_dated(at, count) {
                svg.text((place(at), DAYS), "middle", &point.day);
            }
        }
        svg.finish()
    }

    /// Joins neighbours that both have a place.
    fn way(&self, svg: &mut Svg, y: &Scale) {
        let count = self.points.len();
        let placed: Vec<Option<(f64, f64)>> = (0..)
            .zip(&self.points)
            .map(|(at, point)| Some((across(at, count), y.at(point.at?))))
            .collect();
        for part in placed.split(Option::is_none) {
            let part: Vec<(f64, f64)> = part.iter().flatten().copied().collect();
            if part.len() > 1 {
                svg.path(&part, Stroke(1.0, ""));
            }
        }
    }
}

fn gap(count: usize) -> f64 {
    let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
    (RIGHT - LEFT) / f64::from(count)
}

/// The room that a text takes, at most.
fn width(text: &str) -> f64 {
    let wide = |letter: char| if letter.is_ascii() { 9.0 } else { 16.0 };
    6.0 + text.chars().map(wide).sum::<f64>()
}

fn across(at: usize, count: usize) -> f64 {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    LEFT + gap(count) * (f64::from(at) + 0.5)
}

/// So many days are written that they have room.
fn is_dated(at: usize, count: usize) -> bool {
    at.is_multiple_of(count.div_ceil(DAYS_MAX).max(1))
}

fn drawn_line(svg: &mut Svg, y: f64, line: &Line) {
    let stroke = match line.rank {
        0 => Stroke(2.0, ""),
        1 => Stroke(0.6, "1 4"),
        2 => Stroke(1.2, "8 4"),
        _ => Stroke(1.8, "12 3 2 3"),
    };
    svg.line((LEFT, y), (RIGHT, y), stroke);
    svg.text((LEFT - 8.0, y + 4.0), "end", &line.left);
    svg.text((RIGHT + 8.0, y + 4.0), "start", &line.right);
}

fn drawn_point(svg: &mut Svg, (x, y): (f64, f64), point: &Point, range: (f64, f64)) {
    let shape = match point.mark {
        Mark::Circle => {
            format!("<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#16202c\"/>")
        }
        Mark::Triangle => format!(
            "<path class=\"mark\" d=\"M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z\" fill=\"#ffe0a3\" \
             stroke=\"#16202c\" stroke-width=\"2\"/>",
            x,
            y - 8.0,
            x + 7.5,
            y + 6.0,
            x - 7.5,
            y + 6.0
        ),
        Mark::CrossedSquare => format!(
            "<g class=\"mark\" stroke=\"#16202c\" stroke-width=\"2\"><rect x=\"{:.1}\" \
             y=\"{:.1}\" width=\"14\" height=\"14\" fill=\"#f9c9cc\"/>\
             <path d=\"M{:.1} {:.1}l14 14m0 -14l-14 14\"/></g>",
            x - 7.0,
            y - 7.0,
            x - 7.0,
            y - 7.0
        ),
        Mark::Diamond => format!(
            "<path class=\"mark\" d=\"M{:.1} {:.1}l6 6l-6 6l-6 -6Z\" fill=\"#ffffff\" \
             stroke=\"#16202c\" stroke-width=\"1.2\" stroke-dasharray=\"2 2\"/>",
            x,
            y - 6.0
        ),
    };
    svg.put(&shape);
    let value = point.at.unwrap_or_default();
    let arrow = match (value > range.1, value < range.0) {
        (true, _) => "↑",
        (false, true) => "↓",
        (false, false) => "",
    };
    let below = if value < 0.0 { 22.0 } else { -12.0 };
    if !point.label.is_empty() || !arrow.is_empty() {
        svg.strong((x, y + below), "middle", format!("{} {arrow}", point.label).trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: Option<f64>, mark: Mark, label: &str) -> Point {
        Point { at, mark, label: label.to_owned(), day: "11-21".to_owned() }
    }

    fn line(at: f64, rank: u8, left: &str) -> Line {
        Line { at, rank, left: left.to_owned(), right: format!("{}", 10.0 + at) }
    }

    fn chart() -> ControlChart {
        let lines = [(-3.0, 3), (-2.0, 2), (-1.0, 1), (0.0, 0), (1.0, 1), (2.0, 2), (3.0, 3)];
        ControlChart {
            heading: Heading {
                id: "lj".to_owned(),
                title: "QC <1>".to_owned(),
                description: "Five points".to_owned(),
            },
            range: (-4.5, 4.5),
            lines: lines.map(|(at, rank)| line(at, rank, &format!("{at:+} SD"))).to_vec(),
            points: vec![
                point(None, Mark::Diamond, ""),
                point(Some(0.5), Mark::Circle, ""),
                point(Some(2.4), Mark::Triangle, "1-2s"),
                point(Some(-3.2), Mark::CrossedSquare, "1-3s"),
                point(Some(7.0), Mark::CrossedSquare, "1-3s"),
            ],
            changes: vec![Change { before: 3, label: "C1 → C2".to_owned() }],
            lane: "no target".to_owned(),
        }
    }

    #[test]
    fn a_control_chart_is_drawn_as_before() {
        insta::with_settings!({ snapshot_path => "../../../../tests/console/snapshots" }, {
            insta::assert_snapshot!("control_chart", chart().svg());
        });
    }

    #[test]
    fn labels_of_changes_that_are_close_do_not_cover_each_other() {
        let change = |before| Change { before, label: format!("lot K{before:05}") };
        let points = vec![point(Some(0.0), Mark::Circle, ""); 30];
        let svg =
            ControlChart { points, changes: vec![change(3), change(4), change(5)], ..chart() };
        let svg = svg.svg();
        assert!(svg.contains("lot K00003") && svg.contains("lot K00004"), "{svg}");
        assert!(!svg.contains("lot K00005"), "there is no room for it");
        assert_eq!(svg.matches("stroke-dasharray=\"2 3\"").count(), 3, "every change has its line");
    }

    #[test]
    fn each_state_has_a_shape_of_its_own_without_any_colour() {
        let shapes = |mark| {
            let chart = ControlChart { points: vec![point(Some(0.0), mark, "")], ..chart() };
            let svg = chart.svg();
            let mark = svg.lines().find(|line| line.contains("class=\"mark\"")).unwrap();
            let colour = regex::Regex::new("#[0-9a-f]{6}").unwrap();
            colour.replace_all(mark, "").into_owned()
        };
        let marks = [Mark::Circle, Mark::Triangle, Mark::CrossedSquare, Mark::Diamond];
        let mut all = marks.map(shapes).to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), marks.len());
    }

    #[test]
    fn what_is_beyond_the_paper_stands_at_its_edge_and_says_so() {
        let svg = chart().svg();
        assert!(svg.contains(">1-3s ↑<"), "{svg}");
        let none = ControlChart { points: Vec::new(), changes: Vec::new(), ..chart() };
        assert!(none.svg().contains("<title"), "a chart without points is one");
    }
}
