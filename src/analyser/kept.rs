//! How an analyser was read at this site, as one text: what a site adds to a profile (its donation
//! numbers, its test codes) changes what a message means, so it is kept with the profile's text.
//! With both, the bytes on record can be read again exactly as they were.
//!
//! What a profile extends stands in its text already, so that today's files are never looked at.
//! The additions stand in comment lines at the end, `#@` and a line of TOML, so that the whole is
//! still a profile. Where a site adds nothing, the text is the profile's own, byte for byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Analyser, Profile};
use crate::document::{self, Fault, Placed, read};
use crate::domain::{Assay, DonationNumberScheme};

const MARK: &str = "#@ ";
const TITLE: &str = "\n# What the site of this analyser added:\n";

/// A profile's text with what a site added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The text.
    pub text: String,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
}

impl Analyser {
    /// Its profile's text with what the site added.
    pub fn kept(&self) -> Kept {
        let profile = &self.profile;
        let added = self.added();
        if added.is_empty() {
            let (text, sha256) = (profile.text().to_owned(), profile.sha256().to_owned());
            return Kept { text, sha256 };
        }
        let text = format!("{}{TITLE}{added}", profile.text());
        let sha256 = document::sha256(&text);
        Kept { text, sha256 }
    }

    fn added(&self) -> String {
        let mut lines = String::new();
        if let DonationNumberScheme::Site(pattern) = self.scheme.as_ref() {
            lines += &format!("{MARK}donation_number = {}\n", quoted(pattern.as_str()));
        }
        let own = self.profile.tests();
        for (code, assay) in self.tests.iter().filter(|(code, assay)| own.get(*code) != Some(assay))
        {
            lines += &format!("{MARK}tests.{} = {}\n", quoted(code), quoted(assay.id()));
        }
        lines
    }

    /// The analyser as it was when a text was kept.
    ///
    /// # Errors
    /// Every fault of the text.
    pub fn restored(id: &str, kept: &str) -> Result<Analyser, Vec<Fault>> {
        let none = |_: &str, name: &str| Err(format!("{name:?} was not kept with it"));
        let profile = Arc::new(Profile::parse_with(id, kept, &none)?);
        let added: Vec<&str> = kept.lines().filter_map(|line| line.strip_prefix(MARK)).collect();
        let (scheme, tests) = read(id, &added.join("\n"), |root| {
            let pattern = root.string("donation_number").map(|pattern| pattern.value);
            let tests = root.table("tests").map(|tests| tests.string_entries());
            Some((scheme(pattern.as_deref()), assays(&tests.unwrap_or_default())))
        })?;
        let faults = |words: Vec<String>| -> Vec<Fault> {
            words.into_iter().map(|words| Fault::of_file(id, words)).collect()
        };
        let scheme = scheme.map_err(|error| faults(vec![error.to_string()]))?;
        Analyser::new(id.to_owned(), profile, &tests, Arc::new(scheme)).map_err(faults)
    }
}

/// A text as TOML: what JSON escapes, TOML reads the same.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn scheme(pattern: Option<&str>) -> Result<DonationNumberScheme, regex::Error> {
    match pattern {
        Some(pattern) => DonationNumberScheme::site(pattern),
        None => Ok(DonationNumberScheme::Isbt128),
    }
}

fn assays(tests: &[(Placed<String>, Placed<String>)]) -> BTreeMap<String, Assay> {
    let known = tests.iter().filter_map(|(code, assay)| {
        Assay::from_id(&assay.value).map(|assay| (code.value.clone(), assay))
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyser::shipped;

    fn analyser(site: &[(&str, Assay)], scheme: DonationNumberScheme) -> Analyser {
        let text = shipped("roche-cobas-e601").unwrap();
        let profile = Arc::new(Profile::parse("e601", text).unwrap());
        let site = site.iter().map(|(code, assay)| ((*code).to_owned(), *assay)).collect();
        Analyser::new("e601".to_owned(), profile, &site, Arc::new(scheme)).unwrap()
    }

    #[test]
    fn where_the_site_adds_nothing_the_profile_is_kept_as_it_is() {
        let analyser = analyser(&[], DonationNumberScheme::Isbt128);
        assert_eq!(analyser.kept().text, analyser.profile().text());
        assert_eq!(analyser.kept().sha256, analyser.profile().sha256());
    }

    #[test]
    fn what_the_site_adds_is_kept_and_restored() {
        let pattern = r#"[0-9]{2}-"?\\?[0-9]{7}"#;
        let site = [("286", Assay::Hbsag), ("a\"b", Assay::AntiHcv)];
        let before = analyser(&site, DonationNumberScheme::site(pattern).unwrap());
        let kept = before.kept();
        assert_ne!(kept.sha256, before.profile().sha256());
        let after = Analyser::restored("e601", &kept.text).unwrap();
        assert_eq!(after.tests(), before.tests());
        let number = "26-\"\\0000001";
        assert_eq!(after.scheme.parse(number), before.scheme.parse(number));
        assert!(after.scheme.parse(number).is_ok());
    }
}
