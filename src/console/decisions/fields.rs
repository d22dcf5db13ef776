//! What a form brought: text, nothing more, until it is read as what it must be.

use serde::Deserialize;

use crate::console::trouble::Trouble;
use crate::domain::{Ground, Grounds};
use crate::limits;

/// The fields of a form, in the order they came.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(in crate::console) struct Fields(Vec<(String, String)>);

impl Fields {
    /// What stands in a field, without blanks around it; empty where it did not come.
    pub(in crate::console) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The same of a field that may come several times.
    pub(in crate::console) fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, text)| text.trim())
    }

    /// A number.
    pub(in crate::console) fn number(&self, name: &str) -> Result<i64, Trouble> {
        let text = self.text(name);
        text.parse().map_err(|_| Trouble::Refused("decision-not-a-number", text.to_owned()))
    }

    /// The password, as it was typed.
    pub(in crate::console) fn password(&self) -> &str {
        let typed = self.0.iter().find(|(name, _)| name == "password");
        typed.map_or("", |(_, text)| text.as_str())
    }

    /// One word of a list.
    pub(in crate::console) fn word<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
        missing: &'static str,
    ) -> Result<T, Trouble> {
        read(self.text(name)).ok_or_else(|| Trouble::Refused(missing, self.text(name).to_owned()))
    }

    /// Why: one of the list and in words, both of them.
    pub(in crate::console) fn grounds(&self) -> Result<Grounds, Trouble> {
        let ground = self.word("ground", Ground::from_id, "decision-no-ground")?;
        let text = self.text("text");
        if text.is_empty() {
            return Err(Trouble::Refused("decision-no-text", String::new()));
        }
        if text.chars().count() > limits::CONSOLE_GROUNDS_MAX {
            let most = limits::CONSOLE_GROUNDS_MAX.to_string();
            return Err(Trouble::Refused("decision-text-long", most));
        }
        Ok(Grounds { ground, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
    }

    #[test]
    fn grounds_need_one_of_the_list_and_words() {
        assert!(fields(&[("ground", "wrong_entry")]).grounds().is_err());
        assert!(fields(&[("ground", ""), ("text", "typed")]).grounds().is_err());
        assert!(fields(&[("ground", "wrong_entry"), ("text", "  ")]).grounds().is_err());
        let both = fields(&[("ground", "wrong_entry"), ("text", " typed wrongly ")]);
        assert_eq!(both.grounds().unwrap().text, "typed wrongly");
    }

    #[test]
    fn grounds_are_bounded() {
        let most = "字".repeat(limits::CONSOLE_GROUNDS_MAX);
        let with = |text: &str| fields(&[("ground", "other"), ("text", text)]).grounds();
        assert!(with(&most).is_ok());
        assert!(with(&format!("{most}字")).is_err());
    }
}
