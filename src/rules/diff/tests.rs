//! What a comparison of two rule sets says, on a small set that is changed in one place.

use super::*;
use crate::rules::read::tests::SAMPLE;

fn set(changes: &[(&str, &str)]) -> RuleSet {
    let changed = changes.iter().fold(SAMPLE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is not in the sample");
        text.replacen(from, to, 1)
    });
    RuleSet::parse("s.toml", &changed).unwrap()
}

fn change(changes: &[(&str, &str)]) -> Diff {
    diff(&set(&[]), &set(changes))
}

#[test]
fn a_set_differs_from_itself_in_nothing_and_clauses_are_no_difference() {
    assert!(diff(&set(&[]), &set(&[])).is_empty());
    let clause = "then = \"hold\", reason = \"LOT_RECALLED\", by = \"own\"";
    let other = "then = \"hold\", reason = \"LOT_RECALLED\", by = \"other\"";
    assert!(change(&[(clause, other)]).is_empty());
}

#[test]
fn a_changed_row_is_told_by_verdict_count_and_example() {
    let from = "{ deferral = \"deferred\", then = \"reject\"";
    let found = change(&[(from, "{ deferral = \"deferred\", then = \"hold\"")]);
    assert!(found.values.is_empty());
    let [table] = found.tables.as_slice() else { panic!("{found:?}") };
    assert_eq!((table.names.0.as_str(), table.combinations, table.changed()), ("donor", 16, 8));
    let told: Vec<_> = table
        .changes
        .iter()
        .map(|c| (c.from.unwrap(), c.to.unwrap(), c.combinations, c.words(Tongue::English)))
        .collect();
    let (hold, reject) = (Verdict::Hold, Verdict::Reject);
    let deferred = "the donor is deferred".to_owned();
    let reactive = format!("{deferred}; an earlier donation was reactive, not requalified");
    assert_eq!(told, [(reject, hold, 6, deferred), (reject, reject, 2, reactive)]);
    assert_eq!(table.changes[0].before, ["DONOR_DEFERRED"]);
    assert_eq!(table.changes[1].before, ["DONOR_DEFERRED", "DONOR_PRIOR_REACTIVE"]);
    assert_eq!(table.changes[1].after, ["DONOR_PRIOR_REACTIVE"]);
}

#[test]
fn a_reason_that_differs_is_told_although_the_verdict_is_the_same() {
    let found = change(&[("\"REAGENT_EXPIRED\"", "\"INVALID\"")]);
    let [table] = found.tables.as_slice() else { panic!("{found:?}") };
    assert_eq!(table.checks, ["viruses"]);
    let [change] = table.changes.as_slice() else { panic!("{table:?}") };
    assert_eq!((change.from, change.to), (Some(Verdict::Pending), Some(Verdict::Pending)));
    assert_eq!(
        (change.before.as_slice(), change.after.as_slice()),
        (&["REAGENT_EXPIRED"][..], &["INVALID"][..])
    );
}

#[test]
fn a_table_of_another_name_is_compared_where_it_judges_the_same() {
    let renamed =
        SAMPLE.replace("[table.limit]", "[table.bounds]").replace("\"limit\"", "\"bounds\"");
    let renamed = RuleSet::parse("s.toml", &renamed).unwrap();
    assert!(diff(&set(&[]), &renamed).is_empty());
}

#[test]
fn values_that_differ_are_told_before_and_after() {
    let found = change(&[
        ("not_for = [\"source_plasma\"]", "not_for = []"),
        ("from = 2015-01-01", "from = 2016-01-01"),
        ("until = 2099-12-31\n", ""),
        (
            "evidence = [\"nat\", \"hbv-dna + hcv-rna + hiv-rna\"]",
            "evidence = [\"hbv-dna + hcv-rna + hiv-rna + nat\"]",
        ),
        ("value = \"2\"", "value = \"1\""),
        ("sex = \"female\", below = 115", "sex = \"female\", below = 116"),
        (
            "determinations = { first = 2, repeat = 1 }",
            "determinations = { first = 2, repeat = 2 }",
        ),
        ("reject = [\"1-3s\", ", "reject = ["),
        ("reagent = \"reagent\"\n", ""),
        ("name = \"cmv\"", "name = \"anti-cmv\""),
        ("same_kit = false", "same_kit = true"),
        ("[table.reagent]", "[table.lots]"),
        ("[[check]]\nname = \"nat\"", "[[check]]\nreagent = \"lots\"\nname = \"nat\""),
    ]);
    let said: Vec<_> = found
        .values
        .iter()
        .map(|v| {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
            format!("{}: {} -> {}", v.what, side(&v.before), side(&v.after))
        })
        .collect();
    let expected = [
        "check abo: determinations: 2 first, 1 repeat -> 2 first, 2 repeat",
        "check anti-cmv: none -> not required, label, anti-cmv",
        "check cmv: not required, label, anti-cmv -> none",
        "check haemoglobin: limits: from 2012-07-01 female < 115 g/L; from 2012-07-01 male \
         whole_blood < 120.0 g/L -> from 2012-07-01 female < 116 g/L; from 2012-07-01 male \
         whole_blood < 120.0 g/L",
        "check htlv: same kit: false -> true",
        "check nat: reagent table: none -> lots",
        "check nat: evidence: nat or hbv-dna + hcv-rna + hiv-rna -> hbv-dna + hcv-rna + hiv-rna + \
         nat",
        "check viruses: reagent table: reagent -> none",
        "check viruses: not for: source_plasma -> ",
        "check viruses: from: 2015-01-01 -> 2016-01-01",
        "check viruses: until: 2099-12-31 -> -",
        "check viruses: rounds: 2 -> 1",
        "control rules that reject: 1-3s, 10x, 2-2s, 4-1s, R-4s -> 10x, 2-2s, 4-1s, R-4s",
        "switch rounds: 2 -> 1",
    ];
    assert_eq!(said, expected);
    assert!(found.tables.is_empty());
}

#[test]
fn a_respect_that_is_no_longer_judged_is_told() {
    let unsigned = SAMPLE.replacen("signature = \"signature\"\n", "", 1);
    let (before, rest) = unsigned.split_once("[table.signature]").unwrap();
    let (_, after) = rest.split_once("[table.process]").unwrap();
    let unsigned = format!("{before}[table.process]{after}");
    let found = diff(&set(&[]), &RuleSet::parse("s.toml", &unsigned).unwrap());
    let [value] = found.values.as_slice() else { panic!("{found:?}") };
    assert_eq!(value.what, "judged as a whole: signature");
    assert_eq!((value.before.as_deref(), value.after.as_deref()), (Some("signature"), None));
}
