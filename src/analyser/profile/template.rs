//! A line of a message as it looks on the wire, with `{placeholders}`: `O|{n}|{id}||{codes}|R`.
//!
//! Refuses placeholders that are not closed or not known. What is put in is escaped, unless it is
//! an echo of a whole field, which keeps its delimiters.

use std::fmt;

/// A line, without its terminator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) Vec<Part>);

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Hole(Hole),
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
            let hole = Hole::own(word).or_else(|| echoed(word));
            parts.push(Part::Hole(hole.ok_or_else(|| unknown(word))?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let controls = |part: &Part| match part {
            Part::Text(text) => text.chars().any(char::is_control),
            Part::Hole(_) => false,
        };
        if parts.iter().any(controls) {
            return Err("a line holds no control characters; write one text for each".to_owned());
        }
        Ok(Line(parts))
    }

    /// The placeholders in it.
    pub(crate) fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// What it begins with.
    pub(crate) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            Some(Part::Hole(_)) | None => "",
        }
    }
}

fn unknown(word: &str) -> String {
    format!("{{{word}}} is not a known placeholder, and nothing is echoed under this name")
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
        let hole = Part::Hole;
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
}
