//! What a form or an address brings: read field by field, refused at the first that cannot be what
//! it says, with the field's own name. Nothing is guessed and nothing is filled in.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::console::text::{Text, text};
use crate::console::trouble::Trouble;
use crate::console::visitor::Visitor;
use crate::limits;

/// Fields by name; of one that comes twice the last.
pub(super) struct Filled {
    fields: BTreeMap<String, String>,
    text: &'static Text,
}

impl Filled {
    /// What somebody sent who reads this language.
    pub(super) fn new(visitor: &Visitor, pairs: Vec<(String, String)>) -> Filled {
        Filled { fields: pairs.into_iter().collect(), text: text(visitor.lang) }
    }

    fn refused(&self, key: &'static str, field: &str) -> Trouble {
        Trouble::Refused(key, self.text.word("quality-field", field))
    }

    /// What stands in a field, spaces around it taken away; empty where nothing does.
    pub(super) fn raw(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", |text| text.trim())
    }

    /// What stands in a field, to the letter.
    pub(super) fn as_typed(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// A text that may be empty, of a bounded length and on one line where it is short.
    pub(super) fn optional(&self, field: &str) -> Result<Option<String>, Trouble> {
        let found = self.raw(field);
        if found.chars().count() > limits::QUALITY_TEXT_MAX {
            return Err(self.refused("quality-refused-long", field));
        }
        if found.chars().any(|character| character.is_control() && character != '\n') {
            let kept: String = found.chars().filter(|c| !c.is_control() || *c == '\n').collect();
            return Ok(Some(kept).filter(|kept| !kept.is_empty()));
        }
        Ok(Some(found.to_owned()).filter(|found| !found.is_empty()))
    }

    /// A text that says something.
    pub(super) fn text(&self, field: &str) -> Result<String, Trouble> {
        let found = self.optional(field)?;
        found.ok_or_else(|| self.refused("quality-refused-blank", field))
    }

    /// One of a closed list.
    pub(super) fn word<T>(
        &self,
        field: &str,
        known: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Trouble> {
        match self.raw(field) {
            "" => Err(self.refused("quality-refused-blank", field)),
            found => known(found).ok_or_else(|| self.refused("quality-refused-word", field)),
        }
    }

    /// Anything that is read from a text.
    fn parsed<T: FromStr>(&self, field: &str, key: &'static str) -> Result<T, Trouble> {
        match self.raw(field) {
            "" => Err(self.refused("quality-refused-blank", field)),
            found => found.parse().map_err(|_| self.refused(key, field)),
        }
    }

    /// An exact number.
    pub(super) fn decimal(&self, field: &str) -> Result<Decimal, Trouble> {
        self.parsed(field, "quality-refused-number")
    }

    /// A whole number.
    pub(super) fn whole<T: FromStr>(&self, field: &str) -> Result<T, Trouble> {
        self.parsed(field, "quality-refused-number")
    }

    /// A day.
    pub(super) fn day(&self, field: &str) -> Result<Date, Trouble> {
        self.parsed(field, "quality-refused-day")
    }

    /// Every value of fields whose name begins so; for boxes that are ticked.
    pub(super) fn ticked<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.keys().filter_map(move |field| field.strip_prefix(prefix))
    }

    /// Refuses with the words of a key, about a field.
    pub(super) fn refuse<T>(&self, key: &'static str, field: &str) -> Result<T, Trouble> {
        Err(self.refused(key, field))
    }
}

/// An address with what is asked for.
pub(super) fn address(path: &str, asked: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (at, (name, value)) in asked.iter().enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        for byte in value.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    address.push(char::from(byte));
                }
                other => address.push_str(&format!("%{other:02X}")),
            }
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::words::Lang;

    fn filled(pairs: &[(&str, &str)]) -> Filled {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Filled { fields: pairs.collect(), text: text(Lang::En) }
    }

    #[test]
    fn a_text_has_a_bound_and_says_something() {
        let at_the_bound = "x".repeat(limits::QUALITY_TEXT_MAX);
        let one_past = format!("{at_the_bound}x");
        let form = filled(&[("lot", &at_the_bound), ("text", &one_past), ("blank", "  ")]);
        assert_eq!(form.text("lot").unwrap(), at_the_bound);
        assert!(matches!(form.text("text"), Err(Trouble::Refused("quality-refused-long", _))));
        assert!(matches!(form.text("blank"), Err(Trouble::Refused("quality-refused-blank", _))));
        assert!(matches!(form.optional("blank"), Ok(None)));
        assert!(matches!(form.decimal("lot"), Err(Trouble::Refused("quality-refused-number", _))));
        assert!(matches!(form.day("lot"), Err(Trouble::Refused("quality-refused-day", _))));
        assert_eq!(filled(&[("lot", "a\tb\u{0}")]).text("lot").unwrap(), "ab");
    }

    #[test]
    fn an_address_keeps_what_is_asked_for() {
        let asked = address("/quality", &[("test", "a&b=c d"), ("lot", "质控")]);
        assert_eq!(asked, "/quality?test=a%26b%3Dc%20d&lot=%E8%B4%A8%E6%8E%A7");
    }
}
