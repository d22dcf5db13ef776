//! One SVG picture, written element by element. Every text is escaped; colours and widths are
//! attributes, because a page may have no style of its own.

use std::fmt::Write as _;

use super::Heading;

/// A picture.
pub(super) struct Svg {
    text: String,
    heading: Heading,
    size: (f64, f64),
}

/// How a line is drawn: its width, and its dashes, `""` for none.
#[derive(Clone, Copy)]
pub(super) struct Stroke(pub(super) f64, pub(super) &'static str);

impl Svg {
    pub(super) fn new(heading: Heading, size: (f64, f64)) -> Svg {
        Svg { text: String::new(), heading, size }
    }

    /// An element that is written out; nothing in it may come from outside.
    pub(super) fn put(&mut self, element: &str) {
        self.text.push_str(element);
        self.text.push('\n');
    }

    pub(super) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), stroke: Stroke) {
        let Stroke(width, dashes) = stroke;
        let dashes = match dashes {
            "" => String::new(),
            dashes => format!(" stroke-dasharray=\"{dashes}\""),
        };
        self.put(&format!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#16202c\" \
             stroke-width=\"{width}\"{dashes}/>"
        ));
    }

    /// A line through points.
    pub(super) fn path(&mut self, points: &[(f64, f64)], Stroke(width, dashes): Stroke) {
        let mut way = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            let _infallible = write!(way, "{letter}{x:.1} {y:.1}");
        }
        let dashes = match dashes {
            "" => String::new(),
            dashes => format!(" stroke-dasharray=\"{dashes}\""),
        };
        self.put(&format!(
            "<path d=\"{way}\" fill=\"none\" stroke=\"#16202c\" stroke-width=\"{width}\"{dashes}/>"
        ));
    }

    /// A text; `anchor` is `start`, `middle` or `end`.
    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        let text = escaped(text);
        self.put(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"13\" \
             fill=\"#16202c\">{text}</text>"
        ));
    }

    /// A text that matters more, readable also across a line.
    pub(super) fn strong(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        let text = escaped(text);
        self.put(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"13\" \
             font-weight=\"bold\" fill=\"#16202c\" stroke=\"#ffffff\" stroke-width=\"4\" \
             paint-order=\"stroke\">{text}</text>"
        ));
    }

    /// The whole picture.
    pub(super) fn finish(self) -> String {
        let Heading { id, title, description } = self.heading;
        let (id, title, description) = (escaped(&id), escaped(&title), escaped(&description));
        let ((width, height), text) = (self.size, self.text);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" aria-labelledby=\"{id}-t {id}-d\">\n\
             <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>\n\
             {text}</svg>"
        )
    }
}

/// A text as it may stand between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_a_tag() {
        let evil = "</svg><script>alert(1)</script>\"'&\u{1}";
        let heading =
            Heading { id: "a".to_owned(), title: evil.to_owned(), description: evil.to_owned() };
        let mut svg = Svg::new(heading, (10.0, 10.0));
        svg.text((1.0, 1.0), "start", evil);
        svg.strong((1.0, 1.0), "start", evil);
        let text = svg.finish();
        assert!(!text.contains("<script") && text.matches("</svg>").count() == 1, "{text}");
        assert!(!text.contains('\u{1}'));
    }
}
