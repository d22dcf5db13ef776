//! Which analyser the command line wants to be played.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analyser::Analyser;
use crate::config::{ProfileError, find_profile};
use crate::domain::DonationNumberScheme;
use crate::simulator::{Model, Played};

/// A make that is written out, or the analyser of a profile that says how it sends.
///
/// # Errors
/// What is wrong with the name or the profile, each fault on a line.
pub(super) fn named(name: &str) -> Result<Played, String> {
    if let Some(model) = Model::from_profile(name) {
        return Ok(Played::Made(model));
    }
    let profile = find_profile(name).map_err(|error| match error {
        ProfileError::NotFound(why) => format!("--profile: {why}"),
        ProfileError::Faulty(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            faults.join("\n")
        }
    })?;
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let analyser = Analyser::new(name.to_owned(), Arc::new(profile), &BTreeMap::new(), scheme);
    Played::profiled(Arc::new(analyser.map_err(|faults| faults.join("\n"))?))
}
