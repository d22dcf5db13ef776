//! A line of a message as it looks on the wire, with `{placeholders}`: `O|{n}|{id}||{codes}|R`.
//! A placeholder may say how wide it is, as Rust writes it: `{id:>22}`, `{n:0>4}`, `{date:.6}`.
//!
//! Refuses placeholders that are not closed, not known or aligned in no known way. What is put in
//! is escaped, unless it is an echo of a whole field, which keeps its delimiters.

use std::fmt;

use crate::limits;

/// A line, without its terminator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) Vec<Part>);

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Hole(Hole, Fit),
}

/// How a text is fitted into its place: cut, then filled up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fit {
    /// At least so many characters.
    width: Option<Width>,
    /// At most so many characters of the text.
    cut: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Width {
    fill: char,
    align: Align,
    characters: usize,
}

/// Where the text stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Left,
    Middle,
    Right,
}

/// What is put into a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hole {
    /// UTC, 14 digits.
    Time,
    /// UTC, 8 digits.
    Date,
    /// Never the same in two messages.
    ControlId,
    /// The specimen id as it was asked, or the donation number.
    Id,
    Rack,
    Position,
    /// Number of the specimen in the message or of the test of the specimen, and so much more.
    Number(usize),
    /// The codes of all tests, joined.
    Codes,
    Code,
    /// The analyser's own name of the test.
    Name,
    /// How many determinations.
    Count,
    OrderId,
    /// What the query said under this name.
    Echo {
        name: String,
        whole: bool,
    },
    SpecimenEcho {
        name: String,
        whole: bool,
    },
    /// Of an analyser's own messages.
    Told(Told),
}

/// What an analyser tells of a result, in its own messages only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The word for the reading at its first place, its second, and so on, counted from 0.
    Reading(usize),
    /// The number, as this analyser writes numbers.
    Number,
    Unit,
    /// When it was ready, 14 digits; when it was begun.
    Completed,
    Started,
    Replicate,
    /// The reagent's.
    Lot,
    Operator,
    /// What it was ordered by, and the name of that.
    Ordered,
    OrderedName,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Told::Reading(0) => f.write_str("reading"),
            Told::Reading(place) => write!(f, "reading.{}", place + 1),
            Told::Number => f.write_str("number"),
            Told::Unit => f.write_str("unit"),
            Told::Completed => f.write_str("completed"),
            Told::Started => f.write_str("started"),
            Told::Replicate => f.write_str("replicate"),
            Told::Lot => f.write_str("lot"),
            Told::Operator => f.write_str("operator"),
            Told::Ordered => f.write_str("ordered"),
            Told::OrderedName => f.write_str("ordered_name"),
        }
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Hole::Time => "time",
            Hole::Date => "date",
            Hole::ControlId => "control_id",
            Hole::Id => "id",
            Hole::Rack => "rack",
            Hole::Position => "position",
            Hole::Number(_) => "n",
            Hole::Codes => "codes",
            Hole::Code => "code",
            Hole::Name => "name",
            Hole::Count => "count",
            Hole::OrderId => "order_id",
            Hole::Echo { name, .. } | Hole::SpecimenEcho { name, .. } => name,
            Hole::Told(told) => return write!(f, "{{{told}}}"),
        };
        write!(f, "{{{word}}}")
    }
}

/// Words that are no names of echoes.
pub(super) const OWN: [&str; 12] = [
    "time",
    "date",
    "control_id",
    "id",
    "rack",
    "position",
    "n",
    "codes",
    "code",
    "name",
    "count",
    "order_id",
];

impl Hole {
    fn own(word: &str) -> Option<Hole> {
        Some(match word {
            "time" => Hole::Time,
            "date" => Hole::Date,
            "control_id" => Hole::ControlId,
            "id" => Hole::Id,
            "rack" => Hole::Rack,
            "position" => Hole::Position,
            "codes" => Hole::Codes,
            "code" => Hole::Code,
            "name" => Hole::Name,
            "count" => Hole::Count,
            "order_id" => Hole::OrderId,
            _ => return Hole::number(word),
        })
    }

    /// `n` or `n+28`.
    fn number(word: &str) -> Option<Hole> {
        match word.split_once('+') {
            None if word == "n" => Some(Hole::Number(0)),
            Some(("n", more)) => more.parse::<u16>().ok().map(|more| Hole::Number(more.into())),
            None | Some(_) => None,
        }
    }
}

impl Told {
    /// `reading`, `reading.2`, `number` and so on.
    pub(super) fn of(word: &str) -> Option<Told> {
        Some(match word {
            "reading" => Told::Reading(0),
            "number" => Told::Number,
            "unit" => Told::Unit,
            "completed" => Told::Completed,
            "started" => Told::Started,
            "replicate" => Told::Replicate,
            "lot" => Told::Lot,
            "operator" => Told::Operator,
            "ordered" => Told::Ordered,
            "ordered_name" => Told::OrderedName,
            _ => {
                let place: u8 = word.strip_prefix("reading.")?.parse().ok()?;
                Told::Reading(usize::from(place.checked_sub(1)?))
            }
        })
    }
}

impl Fit {
    /// Reads what stands behind the colon: `[[fill]<^>]width`, `.most`, or both.
    fn parse(text: &str) -> Option<Fit> {
        let (place, cut) = match text.split_once('.').filter(|(place, _)| !place.ends_with('.')) {
            Some((place, cut)) => (place, Some(cut)),
            None => (text, None),
        };
        let width = if place.is_empty() { None } else { Some(Width::parse(place)?) };
        let cut = match cut {
            Some(cut) => Some(size(cut)?),
            None => None,
        };
        (width.is_some() || cut.is_some()).then_some(Fit { width, cut })
    }

    /// The text in its place; longer than that where it does not fit.
    pub(crate) fn fitted(self, text: String) -> String {
        let text = match self.cut {
            Some(most) => text.chars().take(most).collect(),
            None => text,
        };
        let Some(Width { fill, align, .. }) = self.width else { return text };
        let missing = self.missing(&text);
        let before = match align {
            Align::Left => 0,
            Align::Middle => missing / 2,
            Align::Right => missing,
        };
        let filled = |count| std::iter::repeat_n(fill, count);
        filled(before).chain(text.chars()).chain(filled(missing - before)).collect()
    }

    /// How wide the place is.
    pub(crate) fn width(self) -> Option<usize> {
        self.width.map(|width| width.characters)
    }

    fn missing(self, text: &str) -> usize {
        let characters = self.width().unwrap_or(0);
        characters.saturating_sub(text.chars().count())
    }

    /// Whether the text is longer than its place.
    pub(crate) fn bursts(self, text: &str) -> bool {
        let length = self.cut.map_or(text.chars().count(), |cut| cut.min(text.chars().count()));
        self.width.is_some_and(|width| length > width.characters)
    }
}

impl Width {
    fn parse(text: &str) -> Option<Width> {
        let mut characters = text.chars();
        let (first, second) = (characters.next()?, characters.next());
        let (fill, align, rest) = match (second.and_then(Align::of), Align::of(first)) {
            (Some(align), _) => (first, align, text.get(first.len_utf8() + 1..)?),
            (None, Some(align)) => (' ', align, text.get(1..)?),
            (None, None) => (' ', Align::Left, text),
        };
        Some(Width { fill, align, characters: size(rest)? })
    }
}

impl Align {
    const fn of(sign: char) -> Option<Align> {
        match sign {
            '<' => Some(Align::Left),
            '^' => Some(Align::Middle),
            '>' => Some(Align::Right),
            _ => None,
        }
    }
}

/// A number of characters, up to the longest field there can be.
fn size(text: &str) -> Option<usize> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|size| digits && (1..=limits::HOLE_WIDTH_MAX).contains(size))
}

impl Line {
    /// Reads a line; `echoed` knows the names of echoes.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn parse(text: &str, echoed: impl Fn(&str) -> Option<Hole>) -> Result<Line, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((word, after)) = after.split_once('}') else {
                return Err(format!("a placeholder is not closed: {{{after}"));
            };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (name, fit) = match word.split_once(':') {
                Some((name, fit)) => (name, Fit::parse(fit).ok_or_else(|| misfit(word))?),
                None => (word, Fit::default()),
            };
            let hole = Hole::own(name).or_else(|| echoed(name));
            parts.push(Part::Hole(hole.ok_or_else(|| unknown(name))?, fit));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let controls = |part: &Part| match part {
            Part::Text(text) => text.chars().any(char::is_control),
            Part::Hole(..) => false,
        };
        if parts.iter().any(controls) {
            return Err("a line holds no control characters; write one text for each".to_owned());
        }
        Ok(Line(parts))
    }

    /// The placeholders in it.
    pub(crate) fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.iter().filter_map(|part| match part {
            Part::Hole(hole, _) => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// What it begins with.
    pub(crate) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            Some(Part::Hole(..)) | None => "",
        }
    }
}

fn unknown(word: &str) -> String {
    format!("{{{word}}} is not a known placeholder, and nothing is echoed under this name")
}

fn misfit(word: &str) -> String {
    let most = limits::HOLE_WIDTH_MAX;
    format!("{{{word}}} is not fitted as {{id:>22}}, {{n:0>4}} or {{date:.6}}, up to {most}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Line, String> {
        Line::parse(text, |name| {
            let echo = || Hole::Echo { name: name.to_owned(), whole: false };
            (name == "sender").then(echo)
        })
    }

    #[test]
    fn a_line_is_text_and_placeholders() {
        let line = parse("O|{n+28}|{id}^{sender}|R").unwrap();
        let text = |text: &str| Part::Text(text.to_owned());
        let sender = Hole::Echo { name: "sender".to_owned(), whole: false };
        let hole = |hole| Part::Hole(hole, Fit::default());
        let parts = [
            text("O|"),
            hole(Hole::Number(28)),
            text("|"),
            hole(Hole::Id),
            text("^"),
            hole(sender),
            text("|R"),
        ];
        assert_eq!(line.0, parts);
        assert_eq!(line.beginning(), "O|");
    }

    #[test]
    fn what_cannot_be_filled_in_is_refused() {
        for wrong in ["{who}", "{id", "{}", "{n+}", "{n+x}", "{n-1}", "a\rb", "{n+70000}"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_are_fitted_as_rust_fits_them() {
        let fitted = |fit: &str, text: &str| {
            Fit::parse(fit).map(|fit| (fit.fitted(text.to_owned()), fit.bursts(text)))
        };
        let cases = [
            (">6", format!("{:>6}", "abc")),
            ("<6", format!("{:<6}", "abc")),
            ("6", format!("{:6}", "abc")),
            ("^6", format!("{:^6}", "abc")),
            ("0>4", format!("{:0>4}", "abc")),
            (".2", format!("{:.2}", "abc")),
            ("*>4.2", format!("{:*>4.2}", "abc")),
            ("<<4", format!("{:<<4}", "abc")),
        ];
        for (fit, expected) in cases {
            assert_eq!(fitted(fit, "abc"), Some((expected, false)), "{fit}");
        }
        assert_eq!(fitted(">2", "abc"), Some(("abc".to_owned(), true)), "it bursts its place");
        let most = limits::HOLE_WIDTH_MAX;
        assert!(Fit::parse(&format!(">{most}")).is_some(), "at the bound");
        for wrong in ["", ">", "x", ">0", ">-1", "ab>4", ".", ">4.", &format!(">{}", most + 1)] {
            assert_eq!(Fit::parse(wrong), None, "{wrong}");
        }
    }
}
