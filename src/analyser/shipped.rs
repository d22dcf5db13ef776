//! The profiles that come inside the binary.

/// The text of a profile that we ship, by name.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of the profiles that we ship, in alphabetical order.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

const SHIPPED: [(&str, &str); 11] = [
    ("abbott-alinity-i", include_str!("../../config/analysers/abbott-alinity-i.toml")),
    ("abbott-architect", include_str!("../../config/analysers/abbott-architect.toml")),
    ("diasorin-liaison-xl", include_str!("../../config/analysers/diasorin-liaison-xl.toml")),
    ("mindray-bs", include_str!("../../config/analysers/mindray-bs.toml")),
    ("mindray-cl", include_str!("../../config/analysers/mindray-cl.toml")),
    ("ortho-vision", include_str!("../../config/analysers/ortho-vision.toml")),
    ("roche-cobas-6800", include_str!("../../config/analysers/roche-cobas-6800.toml")),
    ("roche-cobas-e411", include_str!("../../config/analysers/roche-cobas-e411.toml")),
    ("roche-cobas-e601", include_str!("../../config/analysers/roche-cobas-e601.toml")),
    ("siemens-advia-centaur", include_str!("../../config/analysers/siemens-advia-centaur.toml")),
    ("snibe-maglumi", include_str!("../../config/analysers/snibe-maglumi.toml")),
];
