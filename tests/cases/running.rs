//! Cases run under rule sets: what they start from, switches, what cannot be told, and how closely
//! a decision is compared.

use hemogate::casebook::{self, Outcome};
use hemogate::limits;
use hemogate::rules::{RuleSet, shipped};

fn cn() -> RuleSet {
    RuleSet::parse("cn", shipped("cn").unwrap()).unwrap()
}

fn run(text: &str) -> Vec<Outcome> {
    let book = casebook::read("cases.toml", text).unwrap_or_else(|faults| panic!("{faults:#?}"));
    casebook::run(&book, &cn())
}

fn complaints(body: &str) -> String {
    let outcomes = run(&format!("rules = \"cn\"\n[[case]]\nid = \"a\"\n{body}\n"));
    let complaints: Vec<String> = outcomes.into_iter().flat_map(|o| o.complaints).collect();
    complaints.join("\n")
}

#[test]
fn a_case_that_is_decided_otherwise_says_what_was_expected() {
    let said = complaints(
        "change = \"ALT is 51 U/L\"\nverdict = \"RELEASABLE\"\nreason = \"ALL_OK\"\n\
         labels = \"RHD_NEGATIVE\"\nnext = \"test:ALT\"\ndonor = \"permanent\"",
    );
    for part in [
        "expected releasable, decided reject",
        "expected the reason ALL_OK",
        "expected the label RHD_NEGATIVE",
        "expected the next step test:ALT",
        "expected for the donor: permanent, decided: temporary",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_reason_counts_only_where_it_gives_the_verdict_unless_its_own_is_told() {
    let both = "change = [\"ALT is 51 U/L\", \"no HIV\"]\nverdict = \"REJECT\"\n";
    assert_eq!(complaints(&format!("{both}reason = \"ALT_HIGH\"")), "");
    let said = complaints(&format!("{both}reason = \"MISSING:HIV\""));
    assert_eq!(said, "expected the reason MISSING:HIV");
    assert_eq!(complaints(&format!("{both}reason = \"MISSING:HIV -> PENDING\"")), "");
}

#[test]
fn exactly_means_every_reason_as_often_as_it_is_there_and_the_donor_too() {
    let case = |reason: &str| {
        complaints(&format!(
            "exactly = true\nchange = [\"ALT is 51 U/L\", \"lot of HIV expired\"]\n\
             verdict = \"REJECT\"\ndonor = \"temporary\"\nreason = {reason}"
        ))
    };
    let one = r#""REAGENT_EXPIRED:HIV -> PENDING""#;
    assert_eq!(case(&format!("[\"ALT_HIGH\", {one}, {one}]")), "");
    let said = case(&format!("[\"ALT_HIGH\", {one}]"));
    assert_eq!(said, "unexpected reason REAGENT_EXPIRED:hiv -> pending");
    let silent = "exactly = true\nchange = \"ALT is 51 U/L\"\nverdict = \"REJECT\"\n\
                  reason = \"ALT_HIGH\"";
    assert_eq!(complaints(silent), "expected for the donor: none, decided: temporary");
}

#[test]
fn each_makes_one_case_of_many() {
    let outcomes = run(
        "rules = \"cn\"\n[[case]]\nid = \"no {}\"\neach = [\"HIV\", \"TP\"]\nchange = \"no {}\"\n\
         verdict = \"PENDING\"\nreason = \"MISSING:{}\"",
    );
    let ids: Vec<&str> = outcomes.iter().map(|outcome| outcome.id.as_str()).collect();
    assert_eq!(ids, ["no HIV", "no TP"]);
    assert!(outcomes.iter().all(Outcome::passed), "{outcomes:#?}");
}

#[test]
fn a_baseline_of_ones_own_starts_from_nothing_or_from_a_shipped_one() {
    let bare = "rules = \"cn\"\n[baseline]\nfacts = [\"ALT is 22 U/L\"]\n[[case]]\nid = \"a\"\n\
                verdict = \"PENDING\"\nreason = [\"MISSING:HBsAg\", \"MISSING:NAT\"]";
    assert!(run(bare).iter().all(Outcome::passed));
    let on_cn = "rules = \"cn\"\n[baseline]\nfrom = \"cn\"\nfacts = [\"ALT is 51 U/L\"]\n[[case]]\n\
                 id = \"a\"\nverdict = \"REJECT\"\nreason = \"ALT_HIGH\"";
    assert!(run(on_cn).iter().all(Outcome::passed));
}

#[test]
fn a_switch_of_a_case_goes_over_that_of_its_file() {
    let text = "rules = \"cn\"\nswitches = { nonresolved_pool = \"reject\" }\n\
                [[case]]\nid = \"a\"\n\
                change = [\"pool P1 is reactive\", \"all members singly: nonreactive\"]\n\
                verdict = \"REJECT\"\n[[case]]\nid = \"b\"\n\
                change = [\"pool P1 is reactive\", \"all members singly: nonreactive\"]\n\
                switches = { nonresolved_pool = \"hold\" }\nverdict = \"HOLD\"";
    let outcomes = run(text);
    assert!(outcomes.iter().all(Outcome::passed), "{outcomes:#?}");
    let said = complaints("switches = { no_such = \"x\" }\nverdict = \"HOLD\"");
    assert!(said.contains("no_such"), "{said}");
}

#[test]
fn a_case_of_another_rule_set_is_not_run() {
    let text = "rules = [\"cn\", \"us\"]\n[[case]]\nid = \"a\"\nrules = \"us\"\nverdict = \"HOLD\"";
    assert!(run(text).is_empty());
}

#[test]
fn what_is_not_there_cannot_be_spoken_of() {
    for (sentences, why) in [
        (r#""HTLV repeated: nonreactive""#, "there is no result of htlv kit A to repeat"),
        (r#""kit control of HTLV failed""#, "there is no result of htlv on record"),
        (r#""HTLV corrected to reactive""#, "there is no result of htlv kit A to correct"),
        (r#""pool P9 members unknown""#, "there is no such pool on record"),
        (r#""pool P1 member 7 singly: reactive""#, "pool P1 has 6 members, no member 7"),
    ] {
        let said = complaints(&format!("change = {sentences}\nverdict = \"HOLD\""));
        assert_eq!(said, why, "{sentences}");
    }
}

#[test]
fn pools_and_hours_are_told_up_to_their_bounds() {
    let most = limits::CASE_POOL_MAX;
    let pool = |size: u32| {
        let change = format!("change = \"pool P1 of {size} is nonreactive\"");
        complaints(&format!("{change}\nverdict = \"PENDING\"\nreason = \"POOL_SIZE_EXCEEDED\""))
    };
    assert_eq!(pool(most), "");
    assert_eq!(pool(most + 1), format!("{} is not between 1 and {most}", most + 1));
    let most = limits::CASE_HOURS_MAX;
    let hours = |hours: u32| {
        let change = format!("change = \"sample of ALT was {hours} h old\"");
        complaints(&format!("{change}\nverdict = \"PENDING\"\nreason = \"SAMPLE_TOO_OLD\""))
    };
    assert!(!hours(most).contains("between"), "{}", hours(most));
    assert_eq!(hours(most + 1), format!("{} is not between 1 and {most}", most + 1));
}
