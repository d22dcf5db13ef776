//! The life of rule sets as JSON: what is asked of a daemon, and what it answers.

use serde::{Deserialize, Serialize};

use super::{ReasonShape, RuleSetShape};

/// A rule set on record, with its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLifeShape {
    /// Which one.
    pub rule_set: RuleSetShape,
    /// Its state in words: `draft`, `approved once`, `active from 2026-12-01`, ...
    pub state: String,
    /// Whether it decides, or did when the daemon ran last.
    pub decides: bool,
    /// Its steps, oldest first.
    pub steps: Vec<RuleStepShape>,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStepShape {
    /// `draft`, `checked`, `shadow`, `approved`, `active_from` or `retired`.
    pub step: String,
    /// Who took it.
    pub by: String,
    /// When, UTC.
    pub at: String,
    /// The day from which on it decides, of `active_from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it rests on.
    pub detail: String,
}

/// Every rule set on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLivesShape {
    /// In the order in which they came.
    pub rule_sets: Vec<RuleLifeShape>,
}

/// A rule set that somebody brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDraftShape {
    /// Its text, with the site's choices.
    pub text: String,
    /// Who brings it.
    pub by: String,
}

/// A step that somebody takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleStepTakenShape {
    /// The beginning of the rule set's hash.
    pub sha256: String,
    /// `shadow`, `approved`, `active_from` or `retired`.
    pub step: String,
    /// Who takes it.
    pub by: String,
    /// The day from which on it decides, of `active_from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it rests on.
    #[serde(default)]
    pub detail: String,
}

/// What a rule set in the shadow says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowShape {
    /// Which one; null where none runs.
    pub shadow: Option<RuleSetShape>,
    /// The one in force.
    pub rule_set: RuleSetShape,
    /// Comparisons since the daemon was started.
    pub compared: u64,
    /// Those in which it would have said something else.
    pub differing: u64,
    /// Those that failed.
    pub failed: u64,
    /// Donations left out because too many waited.
    pub left_out: u64,
    /// Donations that wait.
    pub waiting: u64,
    /// Donations about which it says something else now, in the order in which that was found.
    pub differences: Vec<ShadowDifferenceShape>,
    /// What to ask for as `after` next time.
    pub next: i64,
}

/// A donation about which the shadow says something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowDifferenceShape {
    /// Number of the difference; rises.
    pub id: i64,
    /// The donation.
    pub din: String,
    /// Number of the verdict in force.
    pub seq: i64,
    /// What is in force.
    pub verdict: String,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// What the shadow would have said.
    pub would_be: String,
    /// Why.
    pub would_be_reasons: Vec<ReasonShape>,
}
