//! The rule sets that come inside the binary.

use crate::document;

/// The text of a rule set that we ship, by name.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of the rule sets that we ship, in alphabetical order.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// Whether a text with this SHA-256 is one that we ship, unchanged.
pub(super) fn is_shipped(sha256: &str) -> bool {
    SHIPPED.iter().any(|(_, text)| document::sha256(text) == sha256)
}

const SHIPPED: [(&str, &str); 4] = [
    ("cn", include_str!("../../config/rules/cn.toml")),
    ("eu", include_str!("../../config/rules/eu.toml")),
    ("uk", include_str!("../../config/rules/uk.toml")),
    ("us", include_str!("../../config/rules/us.toml")),
];
