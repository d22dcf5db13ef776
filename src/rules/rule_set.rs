//! A checked rule set: what its file says, with the text it was read from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;
use thiserror::Error;

use crate::document::{self, Fault};
use crate::domain::{RuleSetIdentity, WestgardRule};

use super::content::{CheckRule, Clause, Content, Ignored, Switch};
use super::proof::{self, Proof};
use super::question::Judges;
use super::read;
use super::table::Table;

/// A checked rule set.
#[derive(Clone, Debug)]
pub struct RuleSet {
    identity: RuleSetIdentity,
    text: String,
    content: Content,
}

/// Why a site's choices cannot be added to the text of a rule set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SiteRefused {
    /// The text has choices of a site already.
    #[error("the rule set has a table [site] already: choose there, or take the set without it")]
    Twice,
    /// A name or a choice that no rule set can have.
    #[error("{0:?} is neither the name nor the choice of a switch: letters, digits, _ . - only")]
    NoWord(String),
}

/// What can be shown of a rule set with another choice of a switch.
#[derive(Clone, Debug)]
pub struct OtherChoice {
    /// The switch.
    pub switch: String,
    /// The choice.
    pub choice: String,
    /// The proof, or every fault.
    pub proof: Result<Proof, Vec<Fault>>,
}

/// The proof of what a file says, or everything that it is refused for.
fn proven(file: &str, content: &Content) -> Result<Proof, Vec<Fault>> {
    let proof = proof::prove(content);
    match proof.is_refused() {
        true => Err(proof.faults(file, content)),
        false => Ok(proof),
    }
}

impl RuleSet {
    /// Reads a rule set.
    ///
    /// # Errors
    /// Every fault of the file at once.
    pub fn parse(file: &str, text: &str) -> Result<RuleSet, Vec<Fault>> {
        let content = read::read(file, text)?;
        proven(file, &content)?;
        let identity = RuleSetIdentity {
            name: content.name.clone(),
            version: content.version.clone(),
            sha256: document::sha256(text),
        };
        Ok(RuleSet { identity, text: text.to_owned(), content })
    }

    /// What was shown of it when it was read.
    pub fn proof(&self) -> Proof {
        proof::prove(&self.content)
    }

    /// What can be shown of it with each choice of each switch, one switch at a time. What is
    /// chosen now is shown by [`RuleSet::proof`].
    pub fn with_every_choice(&self, file: &str) -> Vec<OtherChoice> {
        let switches = self.content.switches.iter();
        let choices = switches.flat_map(|(name, switch)| {
            let others = switch.choices.iter().filter(|choice| **choice != switch.value);
            others.map(move |choice| (name, choice))
        });
        let prove = |(switch, choice): (&String, &String)| {
            let content = read::read_choosing(file, &self.text, switch, choice);
            let proof = content.and_then(|content| proven(file, &content));
            OtherChoice { switch: switch.clone(), choice: choice.clone(), proof }
        };
        choices.map(prove).collect()
    }

    /// The keys that the language has for a text like this, dotted, whatever their values: what is
    /// not among them is an unknown key.
    pub fn asked_keys(text: &str) -> BTreeSet<String> {
        read::asked(text)
    }

    /// The text with what a site chose, as its last table: the SHA-256 of the set covers it.
    /// Whether there are such switches, [`RuleSet::parse`] of the result says.
    ///
    /// # Errors
    /// The text has choices already, or one of these could not stand in a file.
    pub fn with_site(
        text: &str,
        choices: &BTreeMap<String, String>,
    ) -> Result<String, SiteRefused> {
        if choices.is_empty() {
            return Ok(text.to_owned());
        }
        let mut has_site = false;
        let _faults_are_found_when_the_result_is_read = document::read("", text, |root| {
            has_site = root.has("site");
            Some(())
        });
        if has_site {
            return Err(SiteRefused::Twice);
        }
        let mut text = text.trim_end().to_owned();
        text.push_str("\n\n[site]\n");
        for (name, choice) in choices {
            if let Some(strange) = [name, choice].into_iter().find(|word| !read::is_word(word)) {
                return Err(SiteRefused::NoWord(strange.clone()));
            }
            let _infallible = writeln!(text, "\"{name}\" = \"{choice}\"");
        }
        Ok(text)
    }

    /// Name, version and SHA-256.
    pub fn identity(&self) -> &RuleSetIdentity {
        &self.identity
    }

    /// The text it was read from, as kept in the store beside its verdicts.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A rule set that says something else: for who asks whether that would be noticed. Name,
    /// version and text stay those of this one.
    pub(super) fn saying(&self, content: Content) -> RuleSet {
        RuleSet { identity: self.identity.clone(), text: self.text.clone(), content }
    }

    /// Everything it says.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// What the set was built from and how far it may be trusted, for the user.
    pub fn status(&self) -> &str {
        &self.content.status
    }

    /// The day it was written for.
    pub fn dated(&self) -> Date {
        self.content.dated
    }

    /// Its checks, in the order of the file.
    pub fn checks(&self) -> &[CheckRule] {
        &self.content.checks
    }

    /// The clause with this id.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.content.clauses.get(id)
    }

    /// Its clauses, by id.
    pub fn clauses(&self) -> &BTreeMap<String, Clause> {
        &self.content.clauses
    }

    /// What a site chooses, by name.
    pub fn switches(&self) -> &BTreeMap<String, Switch> {
        &self.content.switches
    }

    /// The table that judges the donation as a whole in this respect.
    pub fn table(&self, judges: Judges) -> Option<&Table> {
        let name = self.content.decide.get(&judges)?;
        self.content.tables.get(name).map(AsRef::as_ref)
    }

    /// Its tables, in the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.content.tables.values().map(AsRef::as_ref)
    }

    /// Assays whose results it does not judge.
    pub fn ignored(&self) -> &[Ignored] {
        &self.content.ignored
    }

    /// Whether a result counts for which the analyser sent no status at all.
    pub fn without_status_counts(&self) -> bool {
        self.content.without_status_counts
    }

    /// Control rules that only warn.
    pub fn warn(&self) -> &[WestgardRule] {
        &self.content.warn
    }

    /// Control rules that put a run out of control.
    pub fn reject(&self) -> &[WestgardRule] {
        &self.content.reject
    }
}
