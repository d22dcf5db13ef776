//! The analyser that a command reads with: a profile and what the site adds to it.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use super::say::complain;
use super::{FOUND_WRONG, USED_WRONGLY, check};
use crate::analyser::Analyser;
use crate::config::{self, ProfileError};
use crate::domain::{Assay, DonationNumberScheme, UnknownAssay};

/// What a site adds to a profile.
#[derive(Debug, clap::Args)]
pub struct Site {
    /// The site's own donation numbers, as a regular expression; ISBT 128 without it
    #[arg(long, value_name = "REGEX", value_parser = config::donation_numbers)]
    donation_number_pattern: Option<DonationNumberScheme>,
    /// A test code of this site and the assay it means; may be given many times
    #[arg(long, value_name = "CODE=ASSAY", value_parser = site_test)]
    tests: Vec<(String, Assay)>,
}

impl Site {
    /// The analyser to read with; else the exit status, what is wrong being said already.
    pub fn analyser(&self, profile: &str) -> Result<Analyser, ExitCode> {
        let profile = config::find_profile(profile).map_err(|error| match error {
            ProfileError::NotFound(words) => refused(&words),
            ProfileError::Faulty(faults) => {
                check::report(&faults);
                ExitCode::from(FOUND_WRONG)
            }
        })?;
        let scheme = self.donation_number_pattern.clone();
        let scheme = Arc::new(scheme.unwrap_or(DonationNumberScheme::Isbt128));
        let tests: BTreeMap<_, _> = self.tests.iter().cloned().collect();
        Analyser::new("decode".to_owned(), Arc::new(profile), &tests, scheme)
            .map_err(|words| refused(&words.join("\n")))
    }
}

/// The command line names something that is not there.
pub fn refused(words: &str) -> ExitCode {
    complain(words);
    ExitCode::from(USED_WRONGLY)
}

fn site_test(text: &str) -> Result<(String, Assay), String> {
    let (code, assay) = text.rsplit_once('=').ok_or("write CODE=ASSAY, e.g. 704=hbsag")?;
    let assay = assay.parse().map_err(|error: UnknownAssay| error.to_string())?;
    Ok((code.to_owned(), assay))
}
