//! Every row of the decision tables that the rule sets were written after is a case with its id,
//! verdict and reason, and is decided so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hemogate::casebook::{self, Outcome};
use hemogate::rules::{RuleSet, shipped};

/// Rows: id, verdict, reason.
const ROWS: [(&str, &str, &str); 95] = [
    ("CN-01", "RELEASABLE", "ALL_OK"),
    ("CN-02", "RELEASABLE", "ALL_OK"),
    ("CN-03", "REJECT", "ALT_HIGH"),
    ("CN-06", "PENDING", "INVALID:ALT"),
    ("CN-08", "RELEASABLE", "ALL_OK (IR recorded)"),
    ("CN-09", "REJECT", "REPEAT_REACTIVE:HBsAg"),
    ("CN-10", "REJECT", "REPEAT_REACTIVE:HBsAg"),
    ("CN-11", "PENDING", "RETEST_INCOMPLETE:HBsAg"),
    ("CN-12", "REJECT", "REPEAT_REACTIVE:HBsAg"),
    ("CN-13", "PENDING", "GREY_ZONE:anti-HCV"),
    ("CN-15", "PENDING", "INITIAL_REACTIVE:HIV"),
    ("CN-17", "REJECT", "REPEAT_REACTIVE:TP"),
    ("CN-19", "HOLD", "SAME_MANUFACTURER:HBsAg"),
    ("CN-20", "RELEASABLE", "WARN:SAME_OPERATOR"),
    ("CN-21", "PENDING", "MISSING:NAT"),
    ("CN-22", "RELEASABLE", "ALL_OK"),
    ("CN-23", "PENDING", "POOL_REACTIVE_UNRESOLVED"),
    ("CN-25", "RELEASABLE", "ALL_OK (POOL_RESOLVED)"),
    ("CN-26", "HOLD", "POOL_NOT_RESOLVED"),
    ("CN-32", "REJECT", "REPEAT_REACTIVE:anti-HCV"),
    ("CN-37", "RELEASABLE", "LABEL:RHD_POSITIVE"),
    ("CN-39", "PENDING", "REAGENT_EXPIRED"),
    ("CN-40", "HOLD", "REAGENT_NOT_RELEASED"),
    ("CN-41", "PENDING", "RUN_INVALID"),
    ("CN-42", "HOLD", "QC_FAIL_EXTERNAL"),
    ("CN-47", "HOLD", "HB_BELOW_LIMIT"),
    ("CN-48", "PENDING", "NOT_SIGNED"),
    ("CN-49", "HOLD", "DUAL_REVIEW_MISSING"),
    ("UK-01", "RELEASABLE", "ALL_OK"),
    ("UK-02", "PENDING", "INITIAL_REACTIVE:HBsAg"),
    ("UK-03", "RELEASABLE", "ALL_OK (IR recorded)"),
    ("UK-06", "REJECT", "REPEAT_REACTIVE"),
    ("UK-07", "HOLD", "DONOR_FLAGGED"),
    ("UK-08", "RELEASABLE", "ALL_OK (REINSTATED)"),
    ("UK-10", "REJECT", "HBC_EXCEPTION_NOT_MET"),
    ("UK-14", "PENDING", "MISSING"),
    ("UK-16", "HOLD", "MANUAL_PATH"),
    ("UK-18", "PENDING", "MISSING:ABO#2"),
    ("UK-22", "HOLD", "RHD_DISCREPANCY"),
    ("UK-25", "HOLD", "REAGENT_NOT_RELEASED"),
    ("UK-26", "HOLD", "DELIVERY_NOT_ACCEPTED"),
    ("UK-27", "PENDING", "RUN_INVALID"),
    ("UK-28", "HOLD", "HB_BELOW_LIMIT"),
    ("UK-29", "RELEASABLE", "ALL_OK (POOL_RESOLVED)"),
    ("UK-30", "HOLD", "DONOR_FLAGGED"),
    ("US-01", "RELEASABLE", "ALL_OK"),
    ("US-03", "RELEASABLE", "ALL_OK (IR recorded)"),
    ("US-04", "REJECT", "REPEAT_REACTIVE"),
    ("US-05", "REJECT", "REPEAT_REACTIVE:anti-HBc"),
    ("US-06", "REJECT", "REPEAT_REACTIVE:anti-HBc"),
    ("US-09", "REJECT", "NAT_REACTIVE"),
    ("US-10", "HOLD", "LOOKBACK_OVERDUE"),
    ("US-11", "REJECT", "REPEAT_REACTIVE"),
    ("US-12", "REJECT", "DONOR_PRIOR_REACTIVE"),
    ("US-15", "REJECT", "REACTIVE:SYPHILIS"),
    ("US-18", "HOLD", "AUTOLOGOUS_BIOHAZARD"),
    ("US-19", "REJECT", "DONOR_DEFERRED"),
    ("US-20", "HOLD", "ABO_DISCREPANCY"),
    ("US-21", "PENDING", "MISSING:ABO#2"),
    ("US-22", "RELEASABLE", "LABEL:RHD_POSITIVE"),
    ("US-24", "RELEASABLE", "LABEL:RHD_NEGATIVE"),
    ("US-25", "PENDING", "RUN_INVALID"),
    ("US-26", "HOLD", "QC_MISSING"),
    ("US-30", "PENDING", "POOL_SIZE_EXCEEDED"),
    ("US-31", "PENDING", "MISSING:HBsAg"),
    ("EU-01", "RELEASABLE", "ALL_OK"),
    ("EU-03", "REJECT", "REPEAT_REACTIVE"),
    ("EU-05", "RELEASABLE", "ALL_OK"),
    ("EU-06", "PENDING", "MISSING:anti-HCV"),
    ("EU-07", "RELEASABLE", "ALL_OK"),
    ("EU-08", "PENDING", "MISSING:SAMPLE"),
    ("X-01", "HOLD", "UNMATCHED_SAMPLE"),
    ("X-02", "RELEASABLE", "ALL_OK"),
    ("X-03", "HOLD", "DUPLICATE_ID_CONFLICT"),
    ("X-04", "PENDING", "WRONG_TUBE"),
    ("X-05", "HOLD", "DIN_CHECK_FAILED"),
    ("X-07", "REJECT", "CORRECTED"),
    ("X-09", "RECALL", "CORRECTED_AFTER_RELEASE"),
    ("X-10", "HOLD", "TIME_IMPLAUSIBLE"),
    ("X-11", "PENDING", "SAMPLE_TOO_OLD"),
    ("X-12", "HOLD", "VALUE_TEXT_CONFLICT"),
    ("X-14", "PENDING", "MISSING"),
    ("X-15", "PENDING", "POOL_MEMBERS_UNKNOWN"),
    ("X-17", "PENDING", "MISSING:NAT"),
    ("X-18", "RECALL", "QC_FAIL_RETRO"),
    ("X-19", "PENDING", "RETEST_INCOMPLETE"),
    ("X-20", "REJECT", "REPEAT_REACTIVE"),
    ("X-21", "PENDING", "RETEST_WRONG_ASSAY"),
    ("X-22", "RELEASABLE", "ALL_OK (IR recorded)"),
    ("X-24", "PENDING", "UNPROCESSED_MESSAGE"),
    ("X-25", "HOLD", "RULESET_CHANGED"),
    ("X-26", "REJECT", "REPEAT_REACTIVE"),
    ("X-27", "HOLD", "ABO_HISTORY_MISMATCH"),
    ("X-28", "HOLD", "DONOR_MERGE"),
    ("X-29", "RECALL", "LOT_RECALLED"),
];

fn rule_set(name: &str) -> RuleSet {
    let text = shipped(name).unwrap_or_else(|| panic!("no rule set {name}"));
    RuleSet::parse(name, text).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"))
}

/// Every shipped case under every rule set it is of.
static OUTCOMES: LazyLock<Vec<Outcome>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (name, text) in casebook::shipped_cases() {
        let book = casebook::read(name, text).unwrap_or_else(|faults| panic!("{faults:#?}"));
        for rules in &book.rules {
            all.extend(casebook::run(&book, &rule_set(rules)));
        }
    }
    all
});

#[test]
fn every_shipped_case_is_decided_as_expected() {
    let failed: Vec<String> = OUTCOMES
        .iter()
        .filter(|outcome| !outcome.passed())
        .map(|outcome| {
            let decided = outcome.decided.as_ref().map(|(_, decision)| {
                let codes = decision.reasons.iter().map(|reason| reason.code.id());
                (decision.verdict.id(), codes.collect::<Vec<_>>())
            });
            format!("{} under {}: {:?}, {decided:?}", outcome.id, outcome.rules, outcome.complaints)
        })
        .collect();
    assert!(failed.is_empty(), "{} cases: {failed:#?}", failed.len());
}

/// What a case file says of a case, as written.
fn written() -> BTreeMap<String, (String, Vec<String>)> {
    let mut all = BTreeMap::new();
    for (_, text) in casebook::shipped_cases() {
        let file: toml::Table = text.parse().unwrap();
        for case in file["case"].as_array().unwrap() {
            let reasons = match case.get("reason") {
                None => Vec::new(),
                Some(toml::Value::String(reason)) => vec![reason.clone()],
                Some(list) => {
                    let texts = list.as_array().unwrap().iter();
                    texts.map(|text| text.as_str().unwrap().to_owned()).collect()
                }
            };
            let verdict = case["verdict"].as_str().unwrap().to_owned();
            all.insert(case["id"].as_str().unwrap().to_owned(), (verdict, reasons));
        }
    }
    all
}

#[test]
fn every_row_is_a_case_with_its_verdict_and_reason() {
    let written = written();
    for (id, verdict, reason) in ROWS {
        let (said, reasons) = written.get(id).unwrap_or_else(|| panic!("row {id} is no case"));
        assert_eq!(said, verdict, "{id}");
        assert!(reasons.iter().any(|said| said == reason), "{id}: {reason}, not {reasons:?}");
    }
}

/// A case cannot pass because nobody runs it.
#[test]
fn every_row_is_run_under_the_rule_sets_of_its_table() {
    let mut run: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for outcome in OUTCOMES.iter() {
        run.entry(&outcome.id).or_default().push(&outcome.rules);
    }
    for (id, _, _) in ROWS {
        let under = run.get(id).unwrap_or_else(|| panic!("row {id} is never run"));
        let of_table = match id.split_once('-').unwrap().0 {
            "X" => under.len() >= 3,
            table => under.contains(&table.to_lowercase().as_str()),
        };
        assert!(of_table, "{id} is run under {under:?}");
    }
}
