//! The layouts inside the binary: every file of `config/manifests`, listed by `build.rs`.

/// The text of a layout that we ship, by name.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of the layouts that we ship, in alphabetical order.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped_manifests.rs"));
