//! The rules for China at a site where results alone count: one kit for each marker, and nothing
//! that people put on record beside them.
#![allow(dead_code)]

use hemogate::rules::{RuleSet, shipped};

/// What a site appends to the set.
pub const RESULTS_ONLY: &str = include_str!("../../fixtures/rules/results-only.toml");

/// The set with what that site chose.
pub fn results_only() -> RuleSet {
    let text = format!("{}{RESULTS_ONLY}", shipped("cn").unwrap());
    RuleSet::parse("cn.toml", &text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The same in a configuration.
pub fn rules_table() -> String {
    let switches = RESULTS_ONLY.replace("[site]", "[switches]");
    format!("[rules]\nfile = \"cn\"\n{switches}")
}
