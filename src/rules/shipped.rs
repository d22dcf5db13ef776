//! The rule sets that come inside the binary.

/// The text of a rule set that we ship, by name.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of the rule sets that we ship, in alphabetical order.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// Whether a text is one that we ship, with nothing added but what a site chose in it.
pub(super) fn is_ours(text: &str) -> bool {
    SHIPPED.iter().any(|(_, shipped)| text == *shipped || is_chosen_in(shipped, text))
}

/// Whether `text` is what [`RuleSet::with_site`](super::RuleSet::with_site) makes of a shipped one:
/// one table at the end, and nothing in it but choices.
fn is_chosen_in(shipped: &str, text: &str) -> bool {
    let added = text.strip_prefix(shipped.trim_end());
    let choices = added.and_then(|added| added.strip_prefix("\n\n[site]\n"));
    choices.is_some_and(|choices| choices.lines().all(|line| line.starts_with('"')))
}

const SHIPPED: [(&str, &str); 4] = [
    ("cn", include_str!("../../config/rules/cn.toml")),
    ("eu", include_str!("../../config/rules/eu.toml")),
    ("uk", include_str!("../../config/rules/uk.toml")),
    ("us", include_str!("../../config/rules/us.toml")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rules::RuleSet;

    #[test]
    fn a_text_is_ours_with_choices_at_its_end_and_with_nothing_else() {
        for (name, text) in SHIPPED {
            let choices = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
            let chosen = RuleSet::with_site(text, &choices).unwrap();
            assert!(is_ours(text) && is_ours(&chosen), "{name}");
            let others = [
                format!("{text}# a word\n"),
                format!("{chosen}\n[[ignore]]\nassay = \"alt\"\n"),
                text.replacen("reject", "hold", 1),
                format!("{}\n[site]\n", text.trim_end()),
            ];
            assert!(others.iter().all(|other| !is_ours(other)), "{name}");
        }
        assert!(!is_ours(""));
    }
}
