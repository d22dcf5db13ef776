//! What somebody should look at although a profile has no fault.

use crate::analyser::Profile;
use crate::document::Fault;
use crate::rules::RuleSet;

/// Test codes whose assay none of these rule sets uses, each with its line.
pub fn unused(profile: &Profile, rule_sets: &[RuleSet]) -> Vec<Fault> {
    let checks = || rule_sets.iter().flat_map(RuleSet::checks);
    let mut found = Vec::new();
    for (code, assay) in profile.tests() {
        let used = checks().any(|check| check.looks_at().any(|looked| looked == *assay));
        if used {
            continue;
        }
        let names: Vec<&str> = rule_sets.iter().map(|set| set.identity().name.as_str()).collect();
        let names = names.join(", ");
        found.push(profile.told_of_test(
            code,
            format!("no check of the rule sets {names} uses {assay}: its results judge nothing"),
        ));
    }
    found
}
