//! The profiles that come inside the binary.

/// The text of a profile that we ship, by name.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of the profiles that we ship, in alphabetical order.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

const SHIPPED: [(&str, &str); 9] = [
    ("abbott-architect", include_str!("../../config/analysers/abbott-architect.toml")),
    ("beckman-au680", include_str!("../../config/analysers/beckman-au680.toml")),
    ("beckman-pk7300", include_str!("../../config/analysers/beckman-pk7300.toml")),
    ("hitachi-7180", include_str!("../../config/analysers/hitachi-7180.toml")),
    ("mindray-bs", include_str!("../../config/analysers/mindray-bs.toml")),
    ("ortho-vision", include_str!("../../config/analysers/ortho-vision.toml")),
    ("roche-cobas-6800", include_str!("../../config/analysers/roche-cobas-6800.toml")),
    ("roche-cobas-e601", include_str!("../../config/analysers/roche-cobas-e601.toml")),
    ("snibe-maglumi", include_str!("../../config/analysers/snibe-maglumi.toml")),
];
