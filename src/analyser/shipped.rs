//! The profiles inside the binary: every file of `config/analysers`, listed by `build.rs`.

/// The text of a profile that we ship, by name.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of the profiles that we ship, in alphabetical order.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// File and text of the family of a profile, if we ship it.
pub(super) fn family(name: &str) -> Result<(String, String), String> {
    let text =
        shipped(name).ok_or_else(|| format!("there is no profile {name:?} among those shipped"))?;
    Ok((format!("shipped profile {name}"), text.to_owned()))
}

const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped_profiles.rs"));
