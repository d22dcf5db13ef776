//! Profiles and rule sets by name (those we ship) or by path (the site's own).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analyser::{self, Profile};
use crate::document::{self, Fault, Placed, Table};
use crate::domain::DonationNumberScheme;
use crate::manifest::{self, Layout};
use crate::rules::{self, RuleSet, SiteRefused};

/// Reads each named file once and keeps the faults found in it.
pub(super) struct Sources {
    base: PathBuf,
    profiles: RefCell<BTreeMap<String, Result<Arc<Profile>, String>>>,
    faults: RefCell<Vec<Fault>>,
}

impl Sources {
    pub(super) fn new(base: &Path) -> Sources {
        Sources { base: base.to_owned(), profiles: RefCell::default(), faults: RefCell::default() }
    }

    /// What paths are relative to.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// What is wrong with the files themselves, file by file.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }

    /// The profile named at this place, read once however many analysers use it.
    pub(super) fn profile(&self, table: &Table<'_>, name: &Placed<String>) -> Option<Arc<Profile>> {
        let known = self.profiles.borrow().get(&name.value).cloned();
        let read = known.unwrap_or_else(|| self.read_profile(&name.value));
        read.map_err(|wrong| table.fault(&name.place, wrong)).ok()
    }

    fn read_profile(&self, name: &str) -> Result<Arc<Profile>, String> {
        let found = text_of(name, &self.base, "profile", analyser::shipped, || {
            analyser::shipped_names().collect()
        });
        let read = found.and_then(|(file, text)| self.checked(&file, profile(&file, &text)));
        let read = read.map(Arc::new);
        self.profiles.borrow_mut().insert(name.to_owned(), read.clone());
        read
    }

    /// The layout of a sorter's or robot's files named at this place.
    pub(super) fn layout(&self, table: &Table<'_>, name: &Placed<String>) -> Option<Layout> {
        let found = text_of(&name.value, &self.base, "layout", manifest::shipped, || {
            manifest::shipped_names().collect()
        });
        let read = found.and_then(|(file, text)| self.checked(&file, Layout::parse(&file, &text)));
        read.map_err(|wrong| table.fault(&name.place, wrong)).ok()
    }

    /// The rule set named at this place, with what the site chose.
    pub(super) fn rule_set(
        &self,
        table: &Table<'_>,
        name: &Placed<String>,
        choices: &BTreeMap<String, String>,
    ) -> Option<Arc<RuleSet>> {
        let found = text_of(&name.value, &self.base, "rule set", rules::shipped, || {
            rules::shipped_names().collect()
        });
        let chosen = found.and_then(|(file, text)| match RuleSet::with_site(&text, choices) {
            Ok(text) => Ok((file, text)),
            Err(refused) => Err(format!("[switches] and {file}: {refused}")),
        });
        let read =
            chosen.and_then(|(file, text)| self.checked(&file, RuleSet::parse(&file, &text)));
        read.map(Arc::new).map_err(|wrong| table.fault(&name.place, wrong)).ok()
    }

    /// Keeps the file's own faults; the place that names the file is told only how many.
    fn checked<T>(&self, file: &str, read: Result<T, Vec<Fault>>) -> Result<T, String> {
        read.map_err(|faults| {
            let count = faults.len();
            self.faults.borrow_mut().extend(faults);
            format!("{file} is refused for {count} of its own faults, told with it")
        })
    }
}

/// Why a command line has no profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// There is no such name or no such file; in words, with the names that exist.
    NotFound(String),
    /// Every fault of the profile.
    Faulty(Vec<Fault>),
}

/// The profile that a command line names: one that we ship, or a file.
///
/// # Errors
/// What is wrong with the name or with the profile.
pub fn find_profile(name: &str) -> Result<Profile, ProfileError> {
    let found = text_of(name, Path::new(""), "profile", analyser::shipped, || {
        analyser::shipped_names().collect()
    });
    let (file, text) = found.map_err(ProfileError::NotFound)?;
    profile(&file, &text).map_err(ProfileError::Faulty)
}

/// A profile whose families are shipped, or files relative to the one that names them.
fn profile(file: &str, text: &str) -> Result<Profile, Vec<Fault>> {
    Profile::parse_with(file, text, &|above, name| {
        let base = Path::new(above).parent().unwrap_or(Path::new(""));
        text_of(name, base, "profile", analyser::shipped, || analyser::shipped_names().collect())
    })
}

/// The rule set that a command line names: one that we ship, or a file.
///
/// # Errors
/// As one text for each line: what is wrong with the name, or every fault of the file.
pub fn find_rule_set(name: &str) -> Result<RuleSet, String> {
    find_rule_set_of_site(name, &BTreeMap::new())
}

/// The same with what a site chose in it; a file that has its own choices keeps them.
///
/// # Errors
/// As [`find_rule_set`].
pub fn find_rule_set_of_site(
    name: &str,
    choices: &BTreeMap<String, String>,
) -> Result<RuleSet, String> {
    let (file, text) = find_rule_set_text(name)?;
    let text = match RuleSet::with_site(&text, choices) {
        Err(SiteRefused::Twice) => text,
        chosen => chosen.map_err(|refused| format!("{file}: {refused}"))?,
    };
    RuleSet::parse(&file, &text).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

/// How faults name the rule set that a command line names, and its text, read by nobody yet.
///
/// # Errors
/// What is wrong with the name, with the names that there are.
pub fn find_rule_set_text(name: &str) -> Result<(String, String), String> {
    text_of(name, Path::new(""), "rule set", rules::shipped, || rules::shipped_names().collect())
}

/// How donation numbers are written, from a pattern of the site's own.
///
/// # Errors
/// In words: not a regular expression, or one that the empty text matches (every blank specimen
/// id would be a donation).
pub fn donation_numbers(pattern: &str) -> Result<DonationNumberScheme, String> {
    let scheme = DonationNumberScheme::site(pattern)
        .map_err(|error| format!("is not a regular expression: {}", regex_words(&error)))?;
    match &scheme {
        DonationNumberScheme::Site(regex) if regex.is_match("") => {
            Err("matches the empty text: a blank specimen id would be a donation".to_owned())
        }
        DonationNumberScheme::Site(_) | DonationNumberScheme::Isbt128 => Ok(scheme),
    }
}

/// The last line of what the parser says; the others draw the pattern.
fn regex_words(error: &regex::Error) -> String {
    let text = error.to_string();
    let words = text.lines().last().unwrap_or_default();
    words.strip_prefix("error: ").unwrap_or(words).to_owned()
}

fn text_of(
    name: &str,
    base: &Path,
    what: &str,
    shipped: impl Fn(&str) -> Option<&'static str>,
    names: impl Fn() -> Vec<&'static str>,
) -> Result<(String, String), String> {
    if is_path(name) {
        let path = base.join(name);
        let file = path.display().to_string();
        let text = document::load(&file, &path)
            .map_err(|fault| format!("{what} {file}: {}", fault.message))?;
        return Ok((file, text));
    }
    let text = shipped(name).ok_or_else(|| {
        let names = names().join(", ");
        format!(
            "there is no {what} {name:?} among those shipped ({names}); \
             a file of your own is named by a path with \"/\" or ending in \".toml\""
        )
    })?;
    Ok((format!("shipped {what} {name}"), text.to_owned()))
}

/// A path contains `/` or ends in `.toml`; anything else is a name.
fn is_path(name: &str) -> bool {
    name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "toml")
}
